//! Cases.

use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{CaseRecorded, SessionAssigned};
use model::{Actor, CaseDraft, CaseId, SessionId};
use register::CaseRow;

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// A case to be opened (`id` none) or changed.
#[derive(Clone, Debug, Default)]
pub struct SaveCase {
    pub id: Option<CaseId>,
    pub draft: CaseDraft,
}

impl Station {
    /// Opens a case, or changes what was entered of one.
    pub fn save_case(&self, actor: &Actor, save: &SaveCase) -> Result<CaseRow, Failure> {
        authorise(self, actor, Act::Archive)?;
        let text = |field: &str, value: &str| {
            let value = value.trim();
            let plain = value.chars().count() <= TEXT_CHARS_MAX && !value.chars().any(char::is_control);
            if plain { Ok(value.to_owned()) } else { Err(Failure::invalid(field)) }
        };
        let draft = &save.draft;
        let id = save.id.clone().unwrap_or_else(|| CaseId::fresh(self.around.ids.as_ref()));
        let recorded = CaseRecorded {
            id: id.to_string(),
            number: text("number", &draft.number)?,
            cause: text("cause", &draft.cause)?,
            party: text("party", &draft.party)?,
            department: text("department", &draft.department)?,
        };
        if recorded.number.is_empty() {
            return Err(Failure::invalid("number"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            if save.id.is_some() && view.case(&id)?.is_none() {
                return Err(Failure::not_found(&id));
            }
            if view.case_by_number(&recorded.number)?.is_some_and(|other| other.case.id != id) {
                return Err(Failure::invalid("number"));
            }
            Ok((vec![recorded.into()], ()))
        })?;
        self.tell(&[Topic::Cases, Topic::Sessions]);
        self.read(|view| view.case(&id))?.ok_or_else(|| Failure::not_found(&id))
    }

    /// 归入案件: puts sessions under a case, or takes them out of any.
    pub fn assign_case(&self, actor: &Actor, sessions: &[SessionId], case: Option<&CaseId>) -> Result<(), Failure> {
        authorise(self, actor, Act::Statement)?;
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            if let Some(case) = case
                && view.case(case)?.is_none()
            {
                return Err(Failure::not_found(case));
            }
            let mut changes = Vec::new();
            for id in sessions {
                let row = view.session(id)?.ok_or_else(|| Failure::not_found(id))?;
                if row.session.case.as_ref() != case {
                    let assigned = SessionAssigned { session: id.to_string(), case: case.map(ToString::to_string) };
                    changes.push(assigned.into());
                }
            }
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Sessions, Topic::Cases, Topic::Clips]);
        Ok(())
    }

    /// Returns the case that a person means: by 案号 or id.
    pub fn case_named(&self, text: &str) -> Result<CaseRow, Failure> {
        self.read(|view| match CaseId::parse(text) {
            Some(id) => view.case(&id),
            None => view.case_by_number(text),
        })?
        .ok_or_else(|| Failure::not_found(text))
    }
}
