//! Cases in open form, and that they were handed in to a platform.

use super::Outcome;
use super::vault::{listen, running_task};
use crate::context::{Desk, absolute};
use crate::follow::follow;
use crate::output::Answer;
use crate::render::{facts, size};
use station::CaseDelivery;
use std::path::Path;

/// `case export`
pub fn export(desk: &Desk, case: &str, out: &Path, without_footage: bool) -> Outcome {
    let (case, out) = (desk.case(case)?, absolute(out)?);
    let interrupt = listen()?;
    let made = follow(
        &interrupt,
        || running_task(&desk.station),
        || desk.station.close(),
        || desk.station.export_case_and_wait(&desk.actor, &case, &out, !without_footage),
    )?;
    let view = wire::view::export_row(&made);
    let told = facts(&[
        ("folder", view.folder.clone()),
        ("files", format!("{}　{}", view.files, size(view.bytes))),
        ("made_by", view.by.clone()),
        ("root", view.root.clone()),
    ]);
    Ok(Answer::new(&view, told))
}

/// `case deliver`
pub fn deliver(desk: &Desk, case: &str, delivery: &CaseDelivery) -> Outcome {
    let row = desk.station.deliver_case(&desk.actor, &desk.case(case)?, delivery)?;
    let view = wire::view::delivery(&row);
    let told = facts(&[
        ("platform", view.platform.clone()),
        ("delivered_on", view.day.clone()),
        ("delivered_by", view.by.clone()),
        ("delivery_note", view.note.clone()),
    ]);
    Ok(Answer::new(&view, told))
}
