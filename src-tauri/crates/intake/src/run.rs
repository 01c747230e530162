//! The run: every file of the plan, then a second look at the drive, then what the new clips are.

use crate::copy::{StagedClip, Taken, take};
use crate::desk::{Desk, Meter, Stage};
use crate::error::IntakeError;
use crate::finish::{Finished, finish, sight};
use crate::plan::{Expected, IntakePlan, Step};
use crate::probe::complete;
use dock::{Entry, Inventory};
use ledger::{Change, JobClosed, JobOpened, JobProblems, JobResumed, VolumeRecord};
use model::{Actor, JobId, Problem, ProblemCode};
use register::ClipRow;
use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Passes over the drive: the plan, then what appeared or failed meanwhile.
const PASSES_MAX: u32 = 3;
/// Staged copies waiting to be read back while the next file is copied.
const FINISHING_CLIPS: usize = 1;
/// Problems in one ledger event.
const EVENT_PROBLEMS_MAX: usize = 1000;

/// The drive, as far as a run may use it.
pub struct Source<'a> {
    pub root: &'a Path,
    /// Tells whether the same drive still stands in the dock. Asked after every file.
    pub is_docked: &'a (dyn Fn() -> bool + Sync),
    /// Lists the drive again.
    pub list: &'a (dyn Fn() -> (Inventory, Vec<Problem>) + Sync),
}

/// What is recorded of a job as it opens.
#[derive(Clone, Debug)]
pub struct Opening {
    pub job: JobId,
    /// Whether this docking continues an interrupted job.
    pub resumes: bool,
    pub volume: VolumeRecord,
    pub recorder: Option<String>,
    pub recorder_name: String,
    pub source: String,
    pub profile: String,
    /// How the volume came to be read: `registered`, `once` or `command`.
    pub admitted: String,
    /// How it was declared that nothing on it is 涉密: `asked`, `not_asked` or `command`.
    pub declared: String,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// Every listed file is verified or has a listed exception.
    Done,
    /// The drive went away; docking it again continues.
    Interrupted,
    Cancelled,
    Failed(IntakeError),
}

impl End {
    fn code(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Outcome {
    pub job: JobId,
    pub end: End,
    pub stored: u64,
    pub stored_bytes: u64,
    pub already_held: u64,
    pub problems: Vec<Problem>,
}

#[derive(Default)]
struct Tally {
    stored: u64,
    stored_bytes: u64,
    already_held: u64,
    problems: Vec<Problem>,
    /// To be tried again in the next pass, with what was wrong.
    again: Vec<(Entry, Problem)>,
    failure: Option<IntakeError>,
}

struct Run<'a> {
    desk: &'a Desk<'a>,
    source: &'a Source<'a>,
    opening: &'a Opening,
    actor: &'a Actor,
    meter: &'a Meter,
    tally: Mutex<Tally>,
}

/// Carries a plan out. Refuses before anything is written when the disk cannot hold the drive.
///
/// The outcome is a value even when the run failed: what is registered by then stays registered.
pub fn run(
    plan: IntakePlan,
    desk: &Desk<'_>,
    source: &Source<'_>,
    opening: &Opening,
    actor: &Actor,
    meter: &Meter,
) -> Result<Outcome, IntakeError> {
    reserve(desk, &plan)?;
    open_job(desk, opening, actor, &plan)?;
    let tally = Mutex::new(Tally { problems: plan.problems.clone(), ..Tally::default() });
    let run = Run { desk, source, opening, actor, meter, tally };
    let end = run.passes(plan).unwrap_or_else(End::Failed);
    meter.enter(Stage::Probing);
    // A run that failed in our own disk or register touches neither again.
    let completed = if matches!(end, End::Failed(_)) { Ok(()) } else { complete(desk, actor) };
    let end = completed.map_or_else(End::Failed, |()| end);
    let outcome = run.close(end);
    meter.enter(Stage::Ended);
    outcome
}

fn reserve(desk: &Desk<'_>, plan: &IntakePlan) -> Result<(), IntakeError> {
    /// Kept free for register, ledger files and sidecars.
    const RESERVE_BYTES: u64 = 256 << 20;
    let failed = || IntakeError::target("measure the disk of", desk.vault);
    if fixity::is_read_only(desk.vault).map_err(failed())? {
        return Err(IntakeError::TargetReadOnly);
    }
    let (free, _) = fixity::disk_space(desk.vault).map_err(failed())?;
    let needed = plan.new_bytes().saturating_add(RESERVE_BYTES);
    if needed > free { Err(IntakeError::TargetFull { needed, free }) } else { Ok(()) }
}

fn open_job(desk: &Desk<'_>, o: &Opening, actor: &Actor, plan: &IntakePlan) -> Result<(), IntakeError> {
    let (files, bytes) = (plan.steps.len() as u64, plan.bytes());
    let id = o.job.to_string();
    let change: Change = if o.resumes {
        JobResumed {
            id,
            source: o.source.clone(),
            admitted: o.admitted.clone(),
            declared: o.declared.clone(),
            files,
            bytes,
        }
        .into()
    } else {
        JobOpened {
            id,
            volume: o.volume.clone(),
            recorder: o.recorder.clone(),
            recorder_name: o.recorder_name.clone(),
            source: o.source.clone(),
            profile: o.profile.clone(),
            admitted: o.admitted.clone(),
            declared: o.declared.clone(),
            files,
            bytes,
        }
        .into()
    };
    desk.register.write::<_, IntakeError>(&desk.author(actor), |_| Ok((vec![change], ())))
}

impl Run<'_> {
    fn passes(&self, plan: IntakePlan) -> Result<End, IntakeError> {
        let mut seen: HashSet<std::path::PathBuf> = plan.steps.iter().map(|s| s.entry.path.clone()).collect();
        let mut steps = plan.steps;
        for pass in 1..=PASSES_MAX {
            self.meter.enter(Stage::Copying);
            if let Some(end) = self.pass(&steps)? {
                return Ok(end);
            }
            steps = self.second_look(&mut seen, pass == PASSES_MAX);
            if steps.is_empty() {
                return Ok(if (self.source.is_docked)() { End::Done } else { End::Interrupted });
            }
        }
        Ok(End::Done)
    }

    /// Lists the drive again: what is new, and what failed and deserves another try.
    fn second_look(&self, seen: &mut HashSet<std::path::PathBuf>, last: bool) -> Vec<Step> {
        let again = std::mem::take(&mut self.tally().again);
        let (inventory, _) = (self.source.list)();
        let mut steps = Vec::new();
        for entry in &inventory.entries {
            if seen.insert(entry.path.clone()) {
                self.note(Problem::new(ProblemCode::AppearedDuringIntake, &entry.shown));
                steps.push(Step { entry: entry.clone(), expected: Expected::New });
            }
        }
        for (entry, problem) in again {
            // As it is now: its size or time may be what changed.
            match inventory.entries.iter().find(|now| now.path == entry.path) {
                Some(now) if !last => steps.push(Step { entry: now.clone(), expected: Expected::New }),
                Some(_) => self.note(problem),
                None => self.note(Problem::new(ProblemCode::Vanished, &entry.shown)),
            }
        }
        if last {
            // What kept appearing is left to the next docking, and said.
            steps.iter().for_each(|step| self.note(Problem::new(ProblemCode::ChangedWhileReading, &step.entry.shown)));
            steps.clear();
        }
        steps
    }

    /// Copies on this thread, reads back and registers on another. `Some` ends the run.
    fn pass(&self, steps: &[Step]) -> Result<Option<End>, IntakeError> {
        let bytes = steps.iter().filter(|s| s.expected != Expected::Done).map(|s| s.entry.size).sum();
        self.meter.expect(steps.len() as u64, bytes);
        let ended = thread::scope(|scope| {
            let (staged, waiting) = sync_channel(FINISHING_CLIPS);
            let finishing = scope.spawn(|| self.finish_all(waiting));
            let ended = self.copy_all(steps, &staged);
            drop(staged);
            self.meter.enter(Stage::Finishing);
            finishing.join().expect("the finishing thread does not panic");
            ended
        });
        match self.tally().failure.take() {
            Some(failure) => Err(failure),
            None => ended,
        }
    }

    fn copy_all(&self, steps: &[Step], staged: &SyncSender<StagedClip>) -> Result<Option<End>, IntakeError> {
        for step in steps {
            if self.meter.is_cancelled() {
                return Ok(Some(End::Cancelled));
            }
            if step.expected == Expected::Done {
                self.meter.file_done();
                continue;
            }
            match take(self.desk, self.source, step, self.meter)? {
                Taken::Cancelled => return Ok(Some(End::Cancelled)),
                Taken::Lost => return Ok(Some(End::Interrupted)),
                Taken::Held(row) => self.already_held(&row, &step.entry)?,
                Taken::Refused(problem) => self.try_again(step.entry.clone(), problem),
                // The finishing thread only stops receiving when it failed; its failure is reported.
                Taken::Staged(clip) => {
                    if staged.send(*clip).is_err() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(None)
    }

    fn finish_all(&self, waiting: Receiver<StagedClip>) {
        for clip in waiting {
            let (entry, size) = (clip.entry.clone(), clip.staged.size);
            match finish(self.desk, self.opening, self.actor, clip) {
                Ok(Finished::Registered) => {
                    let mut tally = self.tally();
                    tally.stored += 1;
                    tally.stored_bytes += size;
                    drop(tally);
                    self.meter.file_done();
                }
                Ok(Finished::Held(row)) => {
                    if let Err(failure) = self.already_held(&row, &entry) {
                        self.tally().failure = Some(failure);
                        return;
                    }
                }
                Ok(Finished::ReadBackDiffers { kept }) => {
                    let kept = kept.strip_prefix(self.desk.vault).unwrap_or(&kept).display().to_string();
                    self.try_again(
                        entry.clone(),
                        Problem::new(ProblemCode::ReadBackMismatch, &entry.shown).because(kept),
                    );
                }
                Err(failure) => {
                    self.tally().failure = Some(failure);
                    return;
                }
            }
        }
    }

    fn already_held(&self, held: &ClipRow, entry: &Entry) -> Result<(), IntakeError> {
        sight(self.desk, self.opening, self.actor, held, entry)?;
        self.tally().already_held += 1;
        self.meter.file_done();
        Ok(())
    }

    fn try_again(&self, entry: Entry, problem: Problem) {
        self.tally().again.push((entry, problem));
        self.meter.file_done();
    }

    fn note(&self, problem: Problem) {
        self.tally().problems.push(problem);
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down how the job ended and everything that had to be said.
    fn close(self, end: End) -> Result<Outcome, IntakeError> {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        tally.problems.extend(tally.again.drain(..).map(|(_, problem)| problem));
        let outcome = Outcome {
            job: self.opening.job.clone(),
            end,
            stored: tally.stored,
            stored_bytes: tally.stored_bytes,
            already_held: tally.already_held,
            problems: tally.problems,
        };
        let written = write_closing(self.desk, self.actor, &outcome);
        match (&outcome.end, written) {
            // The disk is why it failed; the job stays open and is settled at the next start.
            (End::Failed(_), _) | (_, Ok(())) => Ok(outcome),
            (_, Err(error)) => Err(error),
        }
    }
}

fn write_closing(desk: &Desk<'_>, actor: &Actor, outcome: &Outcome) -> Result<(), IntakeError> {
    let job = outcome.job.to_string();
    let mut changes: Vec<Change> = outcome
        .problems
        .chunks(EVENT_PROBLEMS_MAX)
        .map(|chunk| JobProblems { job: job.clone(), problems: chunk.iter().map(Into::into).collect() }.into())
        .collect();
    changes.push(
        JobClosed {
            id: job,
            state: outcome.end.code().to_owned(),
            error: match &outcome.end {
                End::Failed(error) => Some(error.code().code().to_owned()),
                _ => None,
            },
            stored: outcome.stored,
            stored_bytes: outcome.stored_bytes,
            already_held: outcome.already_held,
            refused: outcome.problems.iter().filter(|p| !p.code.is_note()).count() as u64,
        }
        .into(),
    );
    desk.register.write::<_, IntakeError>(&desk.author(actor), |_| Ok((changes, ())))
}
