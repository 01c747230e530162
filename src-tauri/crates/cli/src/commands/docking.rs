//! Drives in the dock, the unit's recorders, and taking a drive in.

use super::Outcome;
use super::vault::listen;
use crate::arguments::Common;
use crate::context::Desk;
use crate::documents::{DriveDocument, IntakeDocument, IntakeSummary, MetClip};
use crate::follow::{follow, intake_line};
use crate::output::{Answer, tell};
use crate::refusal::{self, Refusal};
use crate::render::{code, explanations, problems, size, table};
use crate::status::Status;
use crate::words::{say, state, words};
use model::ErrorCode;
use station::{Declared, Failure, IntakeStatus, JobState, Station};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use wire::dto::RecorderView;

/// Problems that a status carries; a longer list stands in the register.
const STATUS_PROBLEMS_MAX: usize = 500;
/// Jobs looked through for the running one.
const JOBS_LOOKED_AT: u32 = 50;

/// `dock`
pub fn dock(desk: &Desk) -> Outcome {
    let document = |status: &station::DriveStatus| DriveDocument {
        drive: wire::view::drive(status),
        path: status.docked.root.display().to_string(),
    };
    let drives: Vec<DriveDocument> = desk.station.drives()?.iter().map(document).collect();
    let row = |DriveDocument { drive, path }: &DriveDocument| {
        vec![
            drive.label.clone(),
            drive.serial.clone(),
            drive.fstype.clone(),
            if drive.capacity == 0 { String::new() } else { size(drive.capacity) },
            state("drive_standing", &code(&drive.standing)).to_owned(),
            drive.recorder.as_ref().map(|recorder| recorder.name.clone()).unwrap_or_default(),
            drive.port.clone(),
            path.clone(),
        ]
    };
    let text = table(&words().tables.drives, &drives.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("drives", &drives, text))
}

/// `recorders list`
pub fn recorders(desk: &Desk) -> Outcome {
    let list: Vec<RecorderView> =
        desk.station.read(|view| view.recorders())?.iter().map(wire::view::recorder).collect();
    let row = |one: &RecorderView| vec![one.name.clone(), one.profile.clone(), one.serial.clone(), one.keeper.clone()];
    let text = table(&words().tables.recorders, &list.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("recorders", &list, text))
}

/// `intake`
pub fn intake(common: &Common, path: &Path) -> Outcome {
    if !path.is_dir() {
        return Err(Refusal::usage("no_such_folder", &[("path", &path.display().to_string())]));
    }
    let desk = common.open()?;
    let declared = declare(&desk.station)?;
    let (interrupt, began) = (listen()?, Instant::now());
    let status = follow(
        &interrupt,
        || running_job(&desk.station).map(|job| intake_line(&job, began)),
        || cancel_running(&desk),
        || desk.station.intake_path(&desk.actor, path, declared),
    )?;
    super::copies::after_intake(&desk, &interrupt);
    answer(&desk, &status)
}

/// Gets the declaration that nothing on the drive is 涉密 (柳林镇 第十七条): by running the command, or by asking
/// whoever sits at the terminal where the unit wants that.
fn declare(station: &Station) -> Result<Declared, Refusal> {
    if !(station.settings()?.ask_unclassified && io::stdin().is_terminal()) {
        tell(&say("declared", &[]));
        return Ok(Declared::Command);
    }
    let refused = |error: io::Error| Failure::new(ErrorCode::NotDeclaredUnclassified).because(error);
    let mut to = io::stderr();
    write!(to, "{}", say("ask_unclassified", &[])).and_then(|()| to.flush()).map_err(refused)?;
    let mut said = String::new();
    io::stdin().read_line(&mut said).map_err(refused)?;
    match said.trim() {
        "y" | "Y" => Ok(Declared::Asked),
        _ => Err(Failure::new(ErrorCode::NotDeclaredUnclassified).into()),
    }
}

/// Ctrl-C is a person's decision, not the station's closing: the intake ends as cancelled.
fn cancel_running(desk: &Desk) {
    let Some(job) = running(&desk.station) else { return };
    if let Err(failure) = desk.station.cancel_intake(&desk.actor, &job.job) {
        // It ended by itself meanwhile; what else fails must not keep the command from stopping.
        tell(&failure.to_string());
        desk.station.close();
    }
}

fn running(station: &Arc<Station>) -> Option<IntakeStatus> {
    // Progress that cannot be read is not shown; the intake itself reports what is wrong.
    let jobs = station.jobs(JOBS_LOOKED_AT).ok()?;
    jobs.into_iter().find(|job| job.state == JobState::Running)
}

fn running_job(station: &Arc<Station>) -> Option<wire::dto::JobView> {
    running(station).as_ref().map(wire::view::job)
}

fn answer(desk: &Desk, status: &IntakeStatus) -> Outcome {
    let job = wire::view::job(status);
    let (rows, held) = desk.station.read(|view| Ok((view.clips_seen_by_job(&status.job)?, view.job(&status.job)?)))?;
    let mut told = job.problems;
    if told.len() >= STATUS_PROBLEMS_MAX {
        let all = desk.station.read(|view| view.job_problems(&status.job, u32::MAX))?;
        told = all.iter().map(wire::view::problem).collect();
    }
    let document = IntakeDocument {
        job: job.id,
        clips: rows.iter().map(|row| MetClip { clip: row.into(), already_held: row.clip.job != status.job }).collect(),
        summary: IntakeSummary {
            state: job.state,
            source: job.source,
            recorder: job.recorder,
            files: held.map_or(job.files_total, |row| row.files),
            stored: job.stored,
            stored_bytes: job.stored_bytes,
            already_held: job.already_held,
            unreadable_media: job.unreadable_media,
            refused: job.refused,
        },
        problems: told,
        awaiting_sessions: job.awaiting_sessions,
        error: job.error,
    };
    let mut notes = explanations(&document.problems);
    let ended = match &status.error {
        Some(failure) => {
            notes.extend(refusal::lines(failure));
            Status::of(failure.code)
        }
        None => Status::clean_unless(status.state != JobState::Done || document.summary.refused > 0),
    };
    let text = text(&document);
    Ok(Answer::new(&document, text).noting(notes).ending(ended))
}

fn text(document: &IntakeDocument) -> String {
    let sum = &document.summary;
    let word = code(&sum.state);
    let mut text = say("intake", &[("state", state("job_state", &word)), ("source", &sum.source)]) + "\n";
    let number = |n: u64| n.to_string();
    text += &say(
        "intake_sum",
        &[
            ("stored", &number(sum.stored)),
            ("bytes", &size(sum.stored_bytes)),
            ("held", &number(sum.already_held)),
            ("unreadable", &number(sum.unreadable_media)),
            ("refused", &number(sum.refused)),
        ],
    );
    let row = |met: &MetClip| {
        let clip = &met.clip.row;
        vec![
            clip.number.clone(),
            clip.original_name.clone(),
            size(clip.size),
            state("clip_state", &clip.state).to_owned(),
            state("level", &clip.level).to_owned(),
            if met.already_held { say("held", &[]) } else { say("stored", &[]) },
        ]
    };
    text += "\n\n";
    text += &table(&words().tables.met, &document.clips.iter().map(row).collect::<Vec<_>>());
    if !document.problems.is_empty() {
        text.push('\n');
        text += &problems(&document.problems);
    }
    if !document.awaiting_sessions.is_empty() {
        text.push('\n');
        text += &say("intake_awaiting", &[("sessions", &document.awaiting_sessions.join(" "))]);
        text.push('\n');
    }
    text
}
