//! What the ledger says of an intake as a whole: it opens before the first byte is read, and it always closes.

use crate::desk::Desk;
use crate::error::IntakeError;
use crate::plan::IntakePlan;
use crate::run::{End, Outcome};
use crate::settle::adopt;
use ledger::{Change, JobClosed, JobOpened, JobPlanned, JobProblems, JobResumed, TimeBasis, VolumeRecord};
use model::{Actor, ErrorCode, JobId, Problem, ProblemCode};
use register::{JobRow, RegisterError, View};
use std::collections::HashSet;
use std::sync::PoisonError;

/// Problems in one ledger event.
const EVENT_PROBLEMS_MAX: usize = 1000;
/// Greatest number in a ledger record. A corrupt card may claim more; what it claims beyond means nothing.
const RECORDED_MAX: u64 = (1 << 53) - 1;

/// Returns a number from outside as a ledger record can hold it: cut at 2^53 - 1.
pub(crate) fn recorded(number: u64) -> u64 {
    number.min(RECORDED_MAX)
}

/// Returns a signed number from outside as a ledger record can hold it: cut at ±(2^53 - 1).
pub(crate) fn recorded_signed(number: i64) -> i64 {
    let max = RECORDED_MAX.cast_signed();
    number.clamp(-max, max)
}

/// What is known of a job before its drive is read.
#[derive(Clone, Debug)]
pub struct Opening {
    pub job: JobId,
    /// Whether this docking continues an interrupted job.
    pub resumes: bool,
    pub volume: VolumeRecord,
    /// Id of the registered recorder.
    pub recorder: Option<String>,
    /// The registered recorder's name, else the volume's.
    pub recorder_name: String,
    pub source: String,
    /// How the volume came to be read: `registered`, `once` or `command`.
    pub admitted: String,
    /// How it was declared that nothing on it is 涉密: `asked`, `not_asked` or `command`.
    pub declared: String,
    /// Name and version of the program.
    pub software: String,
}

impl Opening {
    /// Returns what this drive's clips are grouped by: `recorder:<id>`, or the key of the volume.
    pub fn origin(&self) -> String {
        self.recorder.as_ref().map_or_else(|| self.volume.key.clone(), |id| format!("recorder:{id}"))
    }

    fn change(&self) -> Change {
        let volume = VolumeRecord { capacity: recorded(self.volume.capacity), ..self.volume.clone() };
        let id = self.job.to_string();
        let (recorder, recorder_name) = (self.recorder.clone(), self.recorder_name.clone());
        let (source, software) = (self.source.clone(), self.software.clone());
        let (admitted, declared) = (self.admitted.clone(), self.declared.clone());
        if self.resumes {
            JobResumed { id, volume, recorder, recorder_name, source, admitted, declared, software }.into()
        } else {
            JobOpened { id, volume, recorder, recorder_name, source, admitted, declared, software }.into()
        }
    }
}

/// What the drive turned out to be.
#[derive(Clone, Debug, Default)]
pub struct Recognised {
    /// Name under which the clips are registered and filed.
    pub recorder_name: String,
    pub profile: String,
    /// What the card's binding file says; empty without one.
    pub bound_serial: String,
    pub bound_name: String,
    /// How the drive's times are to be read.
    pub time_basis: Option<dock::TimeBasis>,
}

/// Writes down that a drive is about to be read. Nothing is written, and nothing may be read, when the vault's disk is
/// read-only.
pub fn open(desk: &Desk<'_>, opening: &Opening, actor: &Actor) -> Result<(), IntakeError> {
    let failed = IntakeError::target("measure the disk of", desk.vault);
    if fixity::is_read_only(desk.vault).map_err(failed)? {
        return Err(IntakeError::TargetReadOnly);
    }
    take_over_what_a_failure_left(desk, &opening.job)?;
    desk.register.write(&desk.author(actor), |_| Ok((vec![opening.change()], ())))
}

/// A run that failed in our disk or register may have published what it could not register; within the same run of the
/// program no [`settle`](crate::settle) has come by since.
fn take_over_what_a_failure_left(desk: &Desk<'_>, job: &JobId) -> Result<(), IntakeError> {
    let failed = desk.register.read::<_, IntakeError>(|view| {
        let newest = view.jobs(1)?.into_iter().next();
        Ok(newest.into_iter().chain(view.job(job)?).any(|row| row.state == "failed"))
    })?;
    if failed {
        // What other runs publish at this moment they register themselves.
        let _alone = desk.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        // What cannot be taken over stays as it is and is found by the next check of the store.
        adopt(desk)?;
    }
    Ok(())
}

/// Closes a job that came to no run: recognising or listing the drive failed, or our own disk refused. `state`:
/// `interrupted`, `cancelled` or `failed`.
pub fn abandon(
    desk: &Desk<'_>,
    opening: &Opening,
    actor: &Actor,
    state: &str,
    error: Option<ErrorCode>,
) -> Result<(), IntakeError> {
    let closing = Closing { state, error, ..Closing::default() };
    close(desk, actor, &opening.job, closing)
}

/// Writes down what the drive turned out to be and to hold.
pub(crate) fn planned(
    desk: &Desk<'_>,
    opening: &Opening,
    recognised: &Recognised,
    actor: &Actor,
    plan: &IntakePlan,
) -> Result<(), IntakeError> {
    let time_basis = recognised.time_basis.as_ref().map(|basis| TimeBasis {
        fstype: basis.fstype.clone(),
        options: basis.options.clone(),
        offset_minutes: basis.offset_minutes,
    });
    let planned = JobPlanned {
        job: opening.job.to_string(),
        recorder_name: recognised.recorder_name.clone(),
        profile: recognised.profile.clone(),
        bound_serial: recognised.bound_serial.clone(),
        bound_name: recognised.bound_name.clone(),
        files: plan.steps.len() as u64,
        bytes: recorded(plan.bytes()),
        time_basis,
    };
    desk.register.write(&desk.author(actor), |_| Ok((vec![planned.into()], ())))
}

/// Closes the job of a run that was given up by [`Meter::abandon`](crate::Meter::abandon): its drive does not answer. It
/// is interrupted and says so, with what the run had registered by then; docking the drive again continues it. Whatever
/// the run had staged is cleared away.
pub fn give_up(desk: &Desk<'_>, opening: &Opening, actor: &Actor, problem: &Problem) -> Result<(), IntakeError> {
    let job = &opening.job;
    desk.register.write::<_, IntakeError>(&desk.author(actor), |view| {
        let mut changes: Vec<Change> = Vec::new();
        let said: Vec<_> = view.job_problems(job, u32::MAX)?.iter().map(said_as).collect();
        if !said.contains(&said_as(problem)) {
            changes.push(JobProblems { job: job.to_string(), problems: vec![problem.into()] }.into());
        }
        if let Some(row) = view.job(job)? {
            let error = Some(ErrorCode::SourceStalled.code().to_owned());
            changes.push(JobClosed { error, ..cut_off(view, &row)? }.into());
        }
        Ok((changes, ()))
    })?;
    let staged = desk.staging_of(job);
    match desk.disk.remove(&staged) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IntakeError::target("remove what was staged in", staged)(error))
        }
        _ => Ok(()),
    }
}

/// Returns how a job ends whose run cannot say so itself, counted from what it registered and met.
pub(crate) fn cut_off(view: &View<'_>, job: &JobRow) -> Result<JobClosed, RegisterError> {
    let stored = view.clips_of_job(&job.id)?;
    let mut met = 0;
    for row in view.clips_seen_by_job(&job.id)? {
        met += view.sightings(&row.clip.id)?.iter().filter(|seen| seen.job == job.id).count();
    }
    Ok(JobClosed {
        id: job.id.to_string(),
        state: "interrupted".into(),
        stored: stored.len() as u64,
        stored_bytes: stored.iter().map(|row| row.clip.size).sum(),
        already_held: met.saturating_sub(stored.len()) as u64,
        refused: job.refused,
        ..Default::default()
    })
}

/// Writes down how a run ended and everything that had to be said.
pub(crate) fn ended(desk: &Desk<'_>, actor: &Actor, outcome: &Outcome) -> Result<(), IntakeError> {
    let closing = Closing {
        state: outcome.end.code(),
        error: match &outcome.end {
            End::Failed(error) => Some(error.code()),
            End::Interrupted { because } => *because,
            End::Done | End::Cancelled => None,
        },
        stored: outcome.stored,
        stored_bytes: outcome.stored_bytes,
        already_held: outcome.already_held,
        refused: Some(outcome.refused),
        problems: &outcome.problems,
    };
    close(desk, actor, &outcome.job, closing)
}

/// What one docking adds to its job.
#[derive(Default)]
struct Closing<'a> {
    state: &'a str,
    error: Option<ErrorCode>,
    stored: u64,
    stored_bytes: u64,
    already_held: u64,
    /// `None`: this docking did not come to the files, what the one before counted stands. Whatever was not taken in
    /// is tried again by each docking, so the last one that did knows.
    refused: Option<u64>,
    problems: &'a [Problem],
}

fn close(desk: &Desk<'_>, actor: &Actor, id: &JobId, closing: Closing<'_>) -> Result<(), IntakeError> {
    let job = id.to_string();
    desk.register.write::<_, IntakeError>(&desk.author(actor), |view| {
        // An earlier docking of this job stored and said something too.
        let before = view.job(id)?;
        let (stored, stored_bytes, already_held, refused) =
            before.map_or((0, 0, 0, 0), |row| (row.stored, row.stored_bytes, row.already_held, row.refused));
        // What was taken over after a failure no docking has counted.
        let clips = view.clips_of_job(id)?;
        let bytes = clips.iter().map(|row| row.clip.size).sum();
        let stored = (stored + closing.stored).max(clips.len() as u64);
        let stored_bytes = stored_bytes.saturating_add(closing.stored_bytes).max(bytes);
        let said: HashSet<(ProblemCode, String)> = view.job_problems(id, u32::MAX)?.iter().map(said_as).collect();
        let unsaid: Vec<&Problem> = closing.problems.iter().filter(|p| !said.contains(&said_as(p))).collect();
        let mut changes: Vec<Change> = unsaid
            .chunks(EVENT_PROBLEMS_MAX)
            .map(|chunk| JobProblems { job: job.clone(), problems: chunk.iter().map(|p| (*p).into()).collect() }.into())
            .collect();
        let closed = JobClosed {
            id: job,
            state: closing.state.to_owned(),
            error: closing.error.map(|code| code.code().to_owned()),
            stored,
            stored_bytes: recorded(stored_bytes),
            already_held: already_held + closing.already_held,
            refused: closing.refused.unwrap_or(refused),
        };
        changes.push(closed.into());
        Ok((changes, ()))
    })
}

/// Returns what a problem is known by. A copy that read back differently is known by where it was put aside: each one
/// is evidence of its own against the disk.
pub(crate) fn said_as(problem: &Problem) -> (ProblemCode, String) {
    match problem.code {
        ProblemCode::ReadBackMismatch => (problem.code, problem.detail.clone()),
        _ => (problem.code, problem.path.clone()),
    }
}
