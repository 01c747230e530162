//! Sessions: their list, their gaps, and putting right how clips were grouped.

use crate::inquiry::{answers, carried_over};
use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{SessionAnswered, SessionChanged, SessionFormed};
use model::{Actor, ClipId, ErrorCode, Field, Gap, SessionId};
use register::{ClipRow, SessionRow, View};
use rules::{Course, Missing};

/// A session with everything its page shows.
#[derive(Clone, Debug)]
pub struct SessionStatus {
    pub row: SessionRow,
    pub clips: Vec<ClipRow>,
    /// Pauses longer than the rules let pass.
    pub gaps: Vec<Gap>,
    /// What the register knows of it without asking.
    pub course: Course,
    /// What it lacks before it can be filed, the worst first.
    pub lacking: Vec<Missing>,
    /// What its statement still lacks; empty once one is signed.
    pub missing: Vec<Field>,
}

impl Station {
    /// Returns sessions: those without a statement, or all.
    pub fn sessions(&self, awaiting_only: bool) -> Result<Vec<SessionStatus>, Failure> {
        let rows = self.read(|view| if awaiting_only { view.sessions_awaiting() } else { view.sessions() })?;
        rows.into_iter().map(|row| self.session_status(row)).collect()
    }

    /// Returns one session.
    pub fn session(&self, id: &SessionId) -> Result<SessionStatus, Failure> {
        let row = self.read(|view| view.session(id))?.ok_or_else(|| Failure::not_found(id))?;
        self.session_status(row)
    }

    pub(crate) fn session_status(&self, row: SessionRow) -> Result<SessionStatus, Failure> {
        let clips = self.read(|view| view.clips_of_session(&row.session.id))?;
        let judging = self.judging()?;
        let course = self.course(&judging, &row, &clips)?;
        let pack = judging.pack_of(&row.session);
        let answers = answers(&self.read(|view| view.answers(&row.session.id))?);
        let gaps = rules::unexplained_pauses(pack, &course);
        let lacking = judging.lacking(&row.session, &course, &answers);
        let missing = if row.statement_number.is_some() { Vec::new() } else { self.draft_of(&row, &clips)?.missing() };
        Ok(SessionStatus { row, clips, gaps, course, lacking, missing })
    }

    /// 合并场次: the later ones join the first. Signed sessions stay as they are.
    pub fn merge_sessions(
        &self,
        actor: &Actor,
        sessions: &[SessionId],
        reason: &str,
    ) -> Result<SessionStatus, Failure> {
        authorise(self, actor, Act::Statement)?;
        let [first, others @ ..] = sessions else { return Err(Failure::invalid("sessions")) };
        if others.is_empty() || others.contains(first) {
            return Err(Failure::invalid("sessions"));
        }
        self.register.write::<_, Failure>(&self.author(actor, reason.trim()), |view| {
            let mut clips = unsigned_clips(view, first)?;
            let case = view.session(first)?.and_then(|row| row.session.case);
            let mut changes = Vec::new();
            for id in others {
                let row = view.session(id)?.ok_or_else(|| Failure::not_found(id))?;
                // Dissolving it would silently take it out of its case, or throw away what was written.
                if row.drafted || row.session.case.is_some() && row.session.case != case {
                    return Err(Failure::invalid("sessions"));
                }
                clips.extend(unsigned_clips(view, id)?);
                changes.push(SessionChanged { id: id.to_string(), clips: Vec::new() }.into());
            }
            let records = carried_over(view, first, others)?;
            if !records.is_empty() {
                changes.push(SessionAnswered { session: first.to_string(), answers: records }.into());
            }
            clips.sort_by_key(|row| (row.clip.recorded_from, row.clip.number.clone()));
            changes.push(SessionChanged { id: first.to_string(), clips: ids(&clips) }.into());
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Sessions, Topic::Clips, Topic::Cases]);
        self.session(first)
    }

    /// 拆分场次: this clip and all after it form a session of their own, under the same case.
    pub fn split_session(
        &self,
        actor: &Actor,
        session: &SessionId,
        clip: &ClipId,
        reason: &str,
    ) -> Result<SessionStatus, Failure> {
        authorise(self, actor, Act::Statement)?;
        let fresh = SessionId::fresh(self.around.ids.as_ref());
        self.register.write::<_, Failure>(&self.author(actor, reason.trim()), |view| {
            let clips = unsigned_clips(view, session)?;
            let at = clips.iter().position(|row| row.clip.id == *clip).ok_or_else(|| Failure::not_found(clip))?;
            if at == 0 {
                return Err(Failure::invalid("clip"));
            }
            let SessionRow { session: held, origin, .. } =
                view.session(session)?.ok_or_else(|| Failure::not_found(session))?;
            let (stay, leave) = clips.split_at(at);
            let mut changes = vec![
                SessionChanged { id: session.to_string(), clips: ids(stay) }.into(),
                SessionFormed { id: fresh.to_string(), recorder: held.recorder, origin, clips: ids(leave) }.into(),
            ];
            if let Some(case) = held.case {
                let assigned = ledger::SessionAssigned { session: fresh.to_string(), case: Some(case.to_string()) };
                changes.push(assigned.into());
            }
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Sessions, Topic::Clips, Topic::Cases]);
        self.session(&fresh)
    }
}

fn ids(clips: &[ClipRow]) -> Vec<String> {
    clips.iter().map(|row| row.clip.id.to_string()).collect()
}

/// Returns a session's clips, or the refusal that its statement is signed: a paper speaks of these clips.
fn unsigned_clips(view: &View<'_>, id: &SessionId) -> Result<Vec<ClipRow>, Failure> {
    let row = view.session(id)?.ok_or_else(|| Failure::not_found(id))?;
    if row.statement_number.is_some() {
        return Err(Failure::new(ErrorCode::NotAllowed).with("act", "signed"));
    }
    Ok(view.clips_of_session(id)?)
}
