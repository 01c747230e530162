//! Packages: making one, and verifying any without a vault.

use super::Outcome;
use super::vault::{listen, running_task, verdict};
use crate::context::{Desk, absolute};
use crate::documents::VerifyDocument;
use crate::follow::{Interrupt, follow, stage_line};
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{explanations, facts, size};
use crate::status::Status;
use crate::words::{refusal, say, state};
use archive::{Stage, Watch};
use model::{CaseId, ErrorCode};
use station::{Blocker, Destination, Failure};
use std::path::Path;
use std::sync::Mutex;

/// `package`
pub fn package(desk: &Desk, case: &str, out: &Path, iso: Option<&Path>) -> Outcome {
    let case = desk.case(case)?;
    refuse_unless_ready(desk, &case)?;
    let destination = Destination::Elsewhere { folder: absolute(out)?, image: iso.map(absolute).transpose()? };
    let interrupt = listen()?;
    let made = follow(
        &interrupt,
        || running_task(&desk.station),
        || desk.station.close(),
        || desk.station.package_and_wait(&desk.actor, &case, destination),
    )?;
    let view = wire::view::package(&made);
    let findings = view.verified.as_ref().map(|report| report.findings.clone()).unwrap_or_default();
    let told = facts(&[
        ("number", view.number.clone()),
        ("case_number", view.case_number.clone()),
        ("folder", view.folder.clone()),
        ("image", view.image.clone().unwrap_or_default()),
        ("files", format!("{}　{}", view.files, size(view.bytes))),
        ("made_by", view.made_by.clone()),
        ("root", view.root.clone()),
    ]);
    let status = Status::clean_unless(!findings.is_empty());
    Ok(Answer::new(&view, told + &verdict(&findings)).noting(explanations(&findings)).ending(status))
}

/// Refuses a case that cannot be packaged yet, and says everything that is in the way.
fn refuse_unless_ready(desk: &Desk, case: &CaseId) -> Result<(), Refusal> {
    let blockers = desk.station.package_draft(case)?.blockers;
    if blockers.is_empty() {
        return Ok(());
    }
    let (mut failure, mut lines) = (Failure::new(ErrorCode::PackageIncomplete), Vec::new());
    for blocker in &blockers {
        match blocker {
            Blocker::NoSessions => {
                failure = failure.with("no_sessions", true);
                lines.push(refusal("no_sessions", &[]));
            }
            Blocker::StatementsMissing(sessions) => {
                let ids: Vec<&str> = sessions.iter().map(|id| id.as_str()).collect();
                failure = failure.with("statements_missing", ids.join(","));
                lines.extend(ids.iter().map(|id| refusal("statements_missing", &[("session", id)])));
            }
            Blocker::ClipsMismatch(clips) => {
                failure = failure.with("clips_mismatch", clips.join(","));
                lines.extend(clips.iter().map(|clip| refusal("clips_mismatch", &[("clip", clip)])));
            }
            Blocker::StateSecrets(clips) => {
                failure = failure.with("state_secrets", clips.join(","));
                lines.extend(clips.iter().map(|clip| refusal("state_secrets", &[("clip", clip)])));
            }
            Blocker::CaseNumberDiffers(statements) => {
                failure = failure.with("case_number_differs", statements.join(","));
                lines.extend(statements.iter().map(|number| refusal("case_number_differs", &[("statement", number)])));
            }
        }
    }
    Err(Refusal::from(failure).saying(lines))
}

/// Follows a verification from the thread that shows it.
struct Progress<'a> {
    interrupt: &'a Interrupt,
    at: Mutex<Option<(Stage, u64, u64)>>,
}

impl Progress<'_> {
    fn line(&self) -> Option<String> {
        let (stage, done, total) = (*self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner))?;
        let code = match stage {
            Stage::Copy => "copying",
            Stage::WriteImage => "imaging",
            Stage::CheckImage | Stage::Verify | Stage::Fingerprint => "reading_back",
        };
        Some(stage_line(state("task_stage", code), done, total))
    }
}

impl Watch for Progress<'_> {
    fn progress(&self, stage: Stage, done: u64, total: u64) {
        *self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((stage, done, total));
    }

    fn cancelled(&self) -> bool {
        self.interrupt.is_set()
    }
}

/// `verify`
pub fn verify(path: &Path) -> Outcome {
    if !path.exists() {
        return Err(Refusal::usage("no_such_path", &[("path", &path.display().to_string())]));
    }
    let interrupt = listen()?;
    let progress = Progress { interrupt: &interrupt, at: Mutex::default() };
    // The watch itself asks the flag.
    let verified = follow(&interrupt, || progress.line(), || {}, || archive::verify(path, &progress));
    let report = verified.map_err(Failure::from)?;
    let findings: Vec<_> = report.findings.iter().map(wire::view::problem).collect();
    let document = VerifyDocument {
        path: absolute(path)?.display().to_string(),
        ours: report.ours,
        root: report.root.map(|root| root.to_string()),
        checked: report.checked,
        bytes: report.bytes,
        unchecked: report.unchecked,
        clean: findings.is_empty(),
        findings,
    };
    let (files, bytes) = (document.checked.to_string(), size(document.bytes));
    let mut lines = vec![say("verified", &[("files", &files), ("bytes", &bytes)])];
    if !document.ours {
        lines.push(say("foreign", &[]));
    }
    if !document.unchecked.is_empty() {
        lines.push(say("unchecked", &[("names", &document.unchecked.join("、"))]));
    }
    lines.push(facts(&[("root", document.root.clone().unwrap_or_default())]) + &verdict(&document.findings));
    let (notes, status) = (explanations(&document.findings), Status::clean_unless(!document.clean));
    Ok(Answer::new(&document, lines.join("\n")).noting(notes).ending(status))
}
