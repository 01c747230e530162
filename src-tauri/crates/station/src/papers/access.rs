//! 调阅、复制、对外提供: the request, and the register of those that were issued.

use super::content::{PaperContent, Suggestions, row};
use super::filling::{Filling, numbers};
use super::words::{fill, mark_word, words};
use super::{kind, record};
use crate::Failure;
use forms::{ListRow, PaperValues};
use model::{ErrorCode, Mark};
use register::{PaperFilter, PaperRow};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of the requests that the register lists.
const REQUEST: &str = "access_request";

/// 使用审批表 for a case or a clip.
pub(super) fn request(
    filling: &Filling<'_>,
    content: &mut PaperContent,
    suggestions: &mut Suggestions,
) -> Result<(), Failure> {
    if let Some(case) = filling.case()? {
        content.set("case_number", case.case.draft.number);
        content.set("cause", case.case.draft.cause);
    }
    let clips = numbers(&filling.clips()?);
    let scope = match &clips[..] {
        [] => String::new(),
        [only] => fill(&words().clip_one, &[("first", only)]),
        [first, .., last] => {
            let count = clips.len().to_string();
            fill(&words().clip_run, &[("first", first), ("last", last), ("count", &count)])
        }
    };
    content.set("scope", scope);
    content.set("secrecy", secrecy(filling)?);
    let named = filling.pack().approvals.iter().map(|approval| approval.by.clone()).filter(|by| !by.is_empty());
    let posts: BTreeSet<String> = named.collect();
    if let (1, Some(only)) = (posts.len(), posts.first()) {
        content.set("approver_post", only.clone());
    }
    suggestions.insert("approver_post".to_owned(), posts.into_iter().collect());
    Ok(())
}

/// Returns which of the clips hold secrets or private matters.
fn secrecy(filling: &Filling<'_>) -> Result<String, Failure> {
    let mut by_mark: BTreeMap<Mark, Vec<String>> = BTreeMap::new();
    for row in filling.clips()? {
        for held in filling.station.read(|view| view.marks(&row.clip.id))? {
            if matches!(held.mark, Mark::StateSecret | Mark::TradeSecret | Mark::Privacy) {
                by_mark.entry(held.mark).or_default().push(row.clip.number.clone());
            }
        }
    }
    let line = |(mark, clips): (&Mark, &Vec<String>)| {
        fill(&words().marked, &[("mark", mark_word(*mark)), ("clips", &clips.join("、"))])
    };
    Ok(by_mark.iter().map(line).collect::<Vec<_>>().join("；"))
}

/// 使用登记簿: the requests issued within the period, the oldest first; void ones are left out.
pub(super) fn register(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let period = filling.period()?;
    let asked = PaperFilter { kind: Some(REQUEST.to_owned()), ..PaperFilter::default() };
    let mut rows = Vec::new();
    for paper in filling.station.read(|view| view.papers(&asked))?.into_iter().rev() {
        let day = filling.zone.local(paper.issued_at).date_naive();
        if paper.voided.is_none() && period.holds(day) {
            rows.push(entry(filling, &paper)?);
        }
    }
    content.set("period", period.show());
    content.set("department", filling.department()?);
    content.set("keeper", filling.operator_name());
    content.set("count", rows.len().to_string());
    content.lists.insert("entries".to_owned(), rows);
    content.sign("keeper", [filling.operator_name()]);
    Ok(())
}

fn entry(filling: &Filling<'_>, paper: &PaperRow) -> Result<ListRow, Failure> {
    let text = filling.station.read(|view| view.paper_values(&paper.id))?;
    let values = text.as_deref().and_then(record::read);
    let values: PaperValues = values.ok_or_else(|| {
        Failure::new(ErrorCode::RegisterDamaged).because(format!("the record of {} cannot be read", paper.number))
    })?;
    let said = |key: &str| values.fields.get(key).map_or("", |text| text.trim());
    let both = |template: &str, first: &str, second: &str| match (said(first), said(second)) {
        ("", only) | (only, "") => only.to_owned(),
        (one, other) => fill(template, &[(first, one), (second, other)]),
    };
    let keys = kind(REQUEST)?.keys();
    let choices = keys.iter().find(|key| key.key == "variant").map_or(&[][..], |key| key.choices);
    let variant = choices.iter().find(|(code, _)| code == said("variant")).map_or("", |(_, word)| word);
    let approver =
        fill(&words().register_row_approver, &[("approver", said("approver")), ("post", said("approver_post"))]);
    let applicant = match said("applicant_unit") {
        "" => said("applicant").to_owned(),
        unit => fill(&words().register_row_applicant, &[("applicant", said("applicant")), ("unit", unit)]),
    };
    Ok(row(&[
        ("at", &filling.zone.show(paper.issued_at)),
        ("request", &paper.number),
        ("variant", variant),
        ("applicant", &applicant),
        ("identity", said("identity")),
        ("scope", &both(&words().register_row_scope, "case_number", "scope")),
        ("purpose", said("purpose")),
        ("approver", approver.trim()),
        ("period", said("period")),
        ("copies", said("copies")),
        ("handler", &paper.issued_by),
    ]))
}
