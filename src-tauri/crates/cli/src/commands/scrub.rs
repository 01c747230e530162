//! Reading the whole store back.

use super::Outcome;
use super::vault::{listen, verdict};
use crate::context::Desk;
use crate::documents::ScrubDocument;
use crate::follow::follow;
use crate::output::Answer;
use crate::render::{explanations, size};
use crate::status::Status;
use crate::words::say;
use model::format_instant;
use station::{ScrubState, Station};
use std::sync::Arc;

/// `scrub`
pub fn scrub(desk: &Desk) -> Outcome {
    let interrupt = listen()?;
    let report = follow(
        &interrupt,
        || progress_line(&desk.station),
        || desk.station.close(),
        || desk.station.scrub_and_wait(&desk.actor),
    )?;
    let document = ScrubDocument {
        round: report.round,
        began: format_instant(report.began),
        ended: format_instant(report.ended),
        clips: report.clips,
        bytes: report.bytes,
        not_cold: report.not_cold,
        findings_total: report.findings_total,
        findings: report.findings.iter().map(wire::view::problem).collect(),
        clean: report.findings_total == 0,
    };
    let (round, clips) = (document.round.to_string(), document.clips.to_string());
    let mut text = say("scrubbed", &[("round", &round), ("clips", &clips), ("bytes", &size(document.bytes))]) + "\n";
    if document.not_cold > 0 {
        text += &say("scrub_not_cold", &[("count", &document.not_cold.to_string())]);
        text.push('\n');
    }
    let before = document.findings_total - document.findings.len() as u64;
    if before > 0 {
        text += &say("scrub_before", &[("count", &before.to_string())]);
        text.push('\n');
    }
    if document.clean || !document.findings.is_empty() {
        text += &verdict(&document.findings);
    }
    let (notes, status) = (explanations(&document.findings), Status::clean_unless(!document.clean));
    Ok(Answer::new(&document, text).noting(notes).ending(status))
}

/// Words how far the round is; nothing while it is not read.
fn progress_line(station: &Arc<Station>) -> Option<String> {
    // What cannot be asked now is asked again in a moment.
    let status = station.scrub_status().ok().filter(|status| status.state == ScrubState::Running)?;
    Some(say(
        "progress_files",
        &[
            ("stage", &say("scrubbing", &[])),
            ("files_done", &status.clips_done.to_string()),
            ("files_total", &status.clips_total.to_string()),
            ("bytes_done", &size(status.bytes_done)),
            ("bytes_total", &size(status.bytes_total)),
        ],
    ))
}
