//! The run: every file of the plan, then a second look at the drive, then a second reading of it, then what the new
//! clips are.

use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::Errand;
use crate::job::{Opening, Recognised, abandon, ended, planned, said_as};
use crate::meter::{Meter, Stage};
use crate::plan::IntakePlan;
use crate::probe::complete_until;
use crate::pulse::Pulse;
use crate::source::Source;
use dock::{Drive, Entry};
use model::{Actor, ErrorCode, Instant, JobId, Problem, ProblemCode, is_written, parse_instant, shifted};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Copies of one file that our own disk may spoil before the run fails.
const TRIES_MAX: u32 = 3;
/// Copies in a row that it may spoil.
const SPOILED_IN_A_ROW_MAX: u32 = 8;
/// Files kept in mind as readable, to ask whether the drive still answers.
const WITNESSES: usize = 3;
/// No recorder of this kind is older; an earlier time is a clock that was never set.
const EARLIEST: &str = "2010-01-01T00:00:00Z";
/// A clock may run ahead by this without being implausible: a day.
const AHEAD_MAX_MS: i64 = 24 * 3600 * 1000;

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// Every listed file is verified or has a listed exception.
    Done,
    /// The drive went away, or the run was closed down; docking the drive again continues.
    Interrupted {
        /// What it was closed down for, or `source_failed` for a drive that stands there and gives no byte.
        because: Option<ErrorCode>,
    },
    Cancelled,
    Failed(IntakeError),
}

impl End {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Interrupted { .. } => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// What a run did. The register counts a resumed job over all its dockings; this is one of them.
#[derive(Debug)]
pub struct Outcome {
    pub job: JobId,
    pub end: End,
    pub stored: u64,
    pub stored_bytes: u64,
    pub already_held: u64,
    /// Things on the drive that were not taken in, or not whole. A copy that failed and was made again is said, and is
    /// none.
    pub refused: u64,
    pub problems: Vec<Problem>,
}

#[derive(Default)]
pub(crate) struct Tally {
    problems: Vec<Problem>,
    /// What `problems` says already: the second look meets most of it again.
    said: HashSet<(ProblemCode, String)>,
    /// What was not taken in, by code and path.
    refused: HashSet<(ProblemCode, String)>,
    /// To be tried again in the next pass, with what was wrong.
    pub again: Vec<(Entry, Problem)>,
    /// Tries that came to nothing.
    tries: HashMap<PathBuf, Tries>,
    spoiled_in_a_row: u32,
    witnesses: VecDeque<Entry>,
    pub failure: Option<IntakeError>,
}

/// Tries at one file that came to nothing, by whose fault.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    /// The drive gave an error.
    pub read: u32,
    /// Our own disk did.
    pub spoiled: u32,
}

impl Tally {
    pub fn say(&mut self, problem: Problem) {
        if self.said.insert(said_as(&problem)) {
            self.problems.push(problem);
        }
    }
}

pub(crate) struct Run<'d> {
    pub errand: Errand<'d>,
    pub source: &'d Source<'d>,
    pub meter: &'d Meter,
    pub tally: Mutex<Tally>,
}

/// Carries out the plan of a job that [`crate::open`] opened. Refuses, and closes the job as failed, before any file is
/// written when the disk cannot hold the drive.
///
/// The outcome is a value even when the run failed: what is registered by then stays registered. A run that was given
/// up is an error: its job was closed for it.
pub fn run(
    plan: IntakePlan,
    desk: &Desk<'_>,
    drive: &dyn Drive,
    opening: &Opening,
    recognised: &Recognised,
    actor: &Actor,
    meter: &Meter,
) -> Result<Outcome, IntakeError> {
    {
        // It may have been given up while the drive was listed.
        let _permit = meter.permit().ok_or(IntakeError::Abandoned)?;
        planned(desk, opening, recognised, actor, &plan)?;
        if let Err(refusal) = reserve(desk, &plan) {
            if matches!(refusal, IntakeError::TargetReadOnly) {
                // Nothing can be written any more; the job is settled at the next start.
                return Err(refusal);
            }
            abandon(desk, opening, actor, "failed", Some(refusal.code()))?;
            return Err(refusal);
        }
    }
    Pulse::beside(drive, meter, |pulse| {
        let source = Source { drive, meter, pulse };
        let errand = Errand { desk, opening, recognised, actor, meter };
        let run = Run { errand, source: &source, meter, tally: Mutex::default() };
        run.carry_out(plan)
    })
}

fn reserve(desk: &Desk<'_>, plan: &IntakePlan) -> Result<(), IntakeError> {
    /// Kept free for register, ledger files and sidecars.
    const RESERVE_BYTES: u64 = 256 << 20;
    let failed = || IntakeError::target("measure the disk of", desk.vault);
    if fixity::is_read_only(desk.vault).map_err(failed())? {
        return Err(IntakeError::TargetReadOnly);
    }
    let (free, _) = fixity::disk_space(desk.vault).map_err(failed())?;
    // Files expected to be held are not counted: they are written only when that proves wrong, and a disk that fills
    // up then stops the run without harm.
    let needed = plan.new_bytes().saturating_add(RESERVE_BYTES);
    let free = free.saturating_sub((desk.promised)());
    if needed > free { Err(IntakeError::TargetFull { needed, free }) } else { Ok(()) }
}

impl Run<'_> {
    fn carry_out(self, plan: IntakePlan) -> Result<Outcome, IntakeError> {
        let Errand { desk, actor, opening, .. } = self.errand;
        plan.problems.iter().for_each(|problem| self.note(problem.clone()));
        let end = self.read_drive(plan).unwrap_or_else(End::Failed);
        if let Some(_permit) = self.meter.permit() {
            // Empty unless something failed; what cannot be removed is cleared at the next start.
            drop(desk.disk.remove(&desk.staging_of(&opening.job)));
        }
        if self.meter.is_abandoned() {
            return Err(IntakeError::Abandoned);
        }
        self.meter.enter(Stage::Probing);
        // A run that failed in our own disk or register touches neither again.
        let completed = match end {
            End::Failed(_) => Ok(()),
            _ => complete_until(desk, actor, Some(&opening.job), &|| self.meter.is_closing_down()),
        };
        let end = completed.map_or_else(End::Failed, |()| end);
        let meter = self.meter;
        let outcome = self.close(end);
        meter.enter(Stage::Ended);
        outcome
    }

    fn read_drive(&self, plan: IntakePlan) -> Result<End, IntakeError> {
        let (end, listed) = self.passes(plan)?;
        if matches!(end, End::Done) && self.errand.desk.second_read {
            return self.second_read(&listed);
        }
        Ok(end)
    }

    /// Returns how a run ends that was asked to stop.
    pub fn stopped(&self) -> End {
        if self.meter.is_closing_down() {
            End::Interrupted { because: self.meter.closes_for() }
        } else {
            End::Cancelled
        }
    }

    /// Returns how a run ends whose drive is gone; `silent`: it stands there and gives nothing.
    pub fn lost(&self, silent: Option<Problem>) -> End {
        let because = silent.map(|problem| {
            self.note(problem);
            ErrorCode::SourceFailed
        });
        End::Interrupted { because }
    }

    pub fn try_again(&self, entry: Entry, problem: Problem) {
        self.tally().again.push((entry, problem));
        self.meter.file_done();
    }

    /// Notes that the drive gave an error for this file, to be tried again.
    pub fn unreadable(&self, entry: Entry, problem: Problem) {
        self.tally().tries.entry(entry.path.clone()).or_default().read += 1;
        self.try_again(entry, problem);
    }

    /// Notes that our own disk spoiled a copy, to be made again from the drive; an error once that makes no sense: the
    /// disk is full or takes nothing more, or has spoiled too many.
    pub fn spoiled(&self, entry: Entry, error: IntakeError) -> Result<(), IntakeError> {
        if !error.may_pass() {
            return Err(error);
        }
        let mut tally = self.tally();
        tally.spoiled_in_a_row += 1;
        let tries = tally.tries.entry(entry.path.clone()).or_default();
        tries.spoiled += 1;
        if tries.spoiled >= TRIES_MAX || tally.spoiled_in_a_row >= SPOILED_IN_A_ROW_MAX {
            return Err(error);
        }
        let problem = Problem::new(ProblemCode::CopyNotDurable, &entry.shown).because(error.chain());
        tally.say(problem.clone());
        drop(tally);
        self.try_again(entry, problem);
        Ok(())
    }

    /// Notes that a file is in custody; `whole`: without a hole.
    pub fn is_in(&self, entry: &Entry, whole: bool) {
        let mut tally = self.tally();
        tally.spoiled_in_a_row = 0;
        if entry.size > 0 {
            tally.witnesses.push_front(entry.clone());
            tally.witnesses.truncate(WITNESSES);
        }
        let read = tally.tries.get(&entry.path).map_or(0, |tries| tries.read);
        if read > 0 && whole {
            tally.say(Problem::new(ProblemCode::ReadRetried, &entry.shown).because(read));
        }
        drop(tally);
        self.meter.file_done();
    }

    pub fn tries(&self, entry: &Entry) -> Tries {
        self.tally().tries.get(&entry.path).copied().unwrap_or_default()
    }

    /// Returns files of this drive that were readable, the latest first.
    pub fn witnesses(&self) -> Vec<Entry> {
        self.tally().witnesses.iter().cloned().collect()
    }

    /// Says something; what was not taken in counts as refused.
    pub fn note(&self, problem: Problem) {
        let mut tally = self.tally();
        if !problem.code.is_note() {
            tally.refused.insert((problem.code, problem.path.clone()));
        }
        tally.say(problem);
    }

    /// Says so where a file's times cannot be right; it is taken in all the same, and found by the station's time.
    pub fn note_clock(&self, entry: &Entry) {
        let desk = self.errand.desk;
        let now = desk.clock.now();
        let earliest = parse_instant(EARLIEST).expect("a date of ours");
        let latest = shifted(now, AHEAD_MAX_MS).unwrap_or(now);
        let implausible = |at: Instant| at < earliest || at > latest;
        let written = Instant::from_timestamp(entry.mtime, 0).filter(|at| is_written(*at));
        let shown = match (entry.recorded_from.filter(|at| implausible(*at)), written) {
            (Some(at), _) => desk.zone.show(at),
            (None, Some(at)) if implausible(at) => desk.zone.show(at),
            (None, Some(_)) => return,
            // Beyond any calendar.
            (None, None) => format!("{} s", entry.mtime),
        };
        self.note(Problem::new(ProblemCode::ClockImplausible, &entry.shown).because(shown));
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down how the job ended and everything that had to be said.
    fn close(self, end: End) -> Result<Outcome, IntakeError> {
        let untried = std::mem::take(&mut self.tally().again);
        untried.into_iter().for_each(|(_, problem)| self.note(problem));
        let tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        let done = self.meter.progress();
        let outcome = Outcome {
            job: self.errand.opening.job.clone(),
            end,
            stored: done.stored,
            stored_bytes: done.stored_bytes,
            already_held: done.already_held,
            refused: tally.refused.len() as u64,
            problems: tally.problems,
        };
        let _permit = self.meter.permit().ok_or(IntakeError::Abandoned)?;
        let written = ended(self.errand.desk, self.errand.actor, &outcome);
        match (&outcome.end, written) {
            // The disk is why it failed; the job stays open and is settled at the next start.
            (End::Failed(_), _) | (_, Ok(())) => Ok(outcome),
            (_, Err(error)) => Err(error),
        }
    }
}
