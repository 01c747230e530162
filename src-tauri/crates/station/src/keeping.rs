//! 保存期限: what retention depends on, as far as the register knows.

use crate::inquiry::answers;
use model::StationZone;
use register::{ClipRow, RegisterError, View};
use rules::{Answers, KeepFacts};

/// Returns what is known of a clip that decides how long it is kept: the day of its recording, whether a signed
/// statement names it, and what was answered of its session. The terms of case files and of the unit are fixed nowhere
/// yet, so what hangs on them stays open.
pub fn keep_facts(view: &View<'_>, zone: StationZone, row: &ClipRow) -> Result<KeepFacts, RegisterError> {
    let answers = match &row.clip.session {
        Some(session) => answers(&view.answers(session)?),
        None => Answers::default(),
    };
    Ok(KeepFacts {
        recorded: row.clip.recorded_to.or(row.clip.recorded_from).map(|at| zone.local(at).date_naive()),
        circumstances: rules::circumstances(view.is_evidence(&row.clip.id)?, &answers),
        ..KeepFacts::default()
    })
}
