//! The run: every file of the plan, then a second look at the drive, then what the new clips are.

use crate::copy::{StagedClip, Taken, listed, take};
use crate::desk::{Desk, Meter, Stage};
use crate::error::IntakeError;
use crate::finish::{Errand, Finished, finish, sight};
use crate::job::{Opening, Recognised, abandon, ended, planned, said_as};
use crate::plan::{Expected, IntakePlan, Step, bytes_of};
use crate::probe::complete_until;
use dock::{Entry, Inventory};
use model::{Actor, JobId, Problem, ProblemCode};
use register::ClipRow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Passes over the drive: the plan, then what appeared or failed meanwhile.
const PASSES_MAX: u32 = 3;
/// Staged copies waiting to be read back while the next file is copied.
const FINISHING_CLIPS: usize = 1;

/// The drive, as far as a run may use it.
pub struct Source<'a> {
    pub root: &'a Path,
    /// Tells whether the same drive still stands in the dock. Asked after every file.
    pub is_docked: &'a (dyn Fn() -> bool + Sync),
    /// Lists the drive again.
    pub list: &'a (dyn Fn() -> (Inventory, Vec<Problem>) + Sync),
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// Every listed file is verified or has a listed exception.
    Done,
    /// The drive went away or the station closes down; docking it again continues.
    Interrupted,
    Cancelled,
    Failed(IntakeError),
}

impl End {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Interrupted => "interrupted",
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
    /// Things on the drive that were not taken in. A copy that failed and was made again is said, and is none.
    pub refused: u64,
    pub problems: Vec<Problem>,
}

#[derive(Default)]
struct Tally {
    problems: Vec<Problem>,
    /// What `problems` says already: the second look meets most of it again.
    said: HashSet<(ProblemCode, String)>,
    /// What was not taken in, by code and path.
    refused: HashSet<(ProblemCode, String)>,
    /// To be tried again in the next pass, with what was wrong.
    again: Vec<(Entry, Problem)>,
    failure: Option<IntakeError>,
}

impl Tally {
    fn say(&mut self, problem: Problem) {
        if self.said.insert(said_as(&problem)) {
            self.problems.push(problem);
        }
    }
}

/// The steps of a pass, shared by its readers.
struct Queue<'a> {
    steps: &'a [Step],
    next: AtomicUsize,
    /// What ended the pass early; the first reason stands, save that trouble of our own outranks a drive's.
    ended: Mutex<Option<Result<End, IntakeError>>>,
}

impl Queue<'_> {
    fn next(&self) -> Option<&Step> {
        self.steps.get(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn stop(&self) {
        self.next.store(self.steps.len(), Ordering::Relaxed);
    }

    fn end(&self, how: Result<End, IntakeError>) {
        self.stop();
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!((&*ended, &how), (None, _) | (Some(Ok(_)), Err(_))) {
            *ended = Some(how);
        }
    }
}

struct Run<'a> {
    errand: Errand<'a>,
    source: &'a Source<'a>,
    meter: &'a Meter,
    tally: Mutex<Tally>,
}

/// Carries out the plan of a job that [`crate::open`] opened. Refuses, and closes the job as failed, before any file is
/// written when the disk cannot hold the drive.
///
/// The outcome is a value even when the run failed: what is registered by then stays registered.
pub fn run(
    plan: IntakePlan,
    desk: &Desk<'_>,
    source: &Source<'_>,
    opening: &Opening,
    recognised: &Recognised,
    actor: &Actor,
    meter: &Meter,
) -> Result<Outcome, IntakeError> {
    planned(desk, opening, recognised, actor, &plan)?;
    if let Err(refusal) = reserve(desk, &plan) {
        if matches!(refusal, IntakeError::TargetReadOnly) {
            // Nothing can be written any more; the job is settled at the next start.
            return Err(refusal);
        }
        abandon(desk, opening, actor, "failed", Some(refusal.code()))?;
        return Err(refusal);
    }
    let errand = Errand { desk, opening, recognised, actor };
    let run = Run { errand, source, meter, tally: Mutex::default() };
    plan.problems.iter().for_each(|problem| run.note(problem.clone()));
    let end = run.passes(plan).unwrap_or_else(End::Failed);
    meter.enter(Stage::Probing);
    // A run that failed in our own disk or register touches neither again.
    let completed = match end {
        End::Failed(_) => Ok(()),
        _ => complete_until(desk, actor, &|| meter.is_closing_down()),
    };
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
    // Files expected to be held are not counted: they are written only when that proves wrong, and a disk that fills
    // up then stops the run without harm.
    let needed = plan.new_bytes().saturating_add(RESERVE_BYTES);
    let free = free.saturating_sub((desk.promised)());
    if needed > free { Err(IntakeError::TargetFull { needed, free }) } else { Ok(()) }
}

/// Files as they were last listed.
type Known = HashMap<PathBuf, (u64, i64, i64)>;

impl Run<'_> {
    fn passes(&self, plan: IntakePlan) -> Result<End, IntakeError> {
        let mut known: Known = plan.steps.iter().map(|s| (s.entry.path.clone(), listed(&s.entry))).collect();
        let mut steps = plan.steps;
        for pass in 1..=PASSES_MAX {
            self.meter.enter(Stage::Copying);
            if let Some(end) = self.pass(&steps)? {
                return Ok(end);
            }
            let (inventory, problems) = (self.source.list)();
            if !(self.source.is_docked)() {
                // What a vanishing drive lists says nothing of its files.
                return Ok(End::Interrupted);
            }
            problems.into_iter().for_each(|problem| self.note(problem));
            steps = self.second_look(inventory, &mut known, pass == PASSES_MAX);
            if steps.is_empty() {
                break;
            }
        }
        Ok(End::Done)
    }

    /// Lays a second listing beside what was taken in: what is new, what changed since, and what failed and deserves
    /// another try. After the `last` pass that is left to the next docking, and said.
    fn second_look(&self, inventory: Inventory, known: &mut Known, last: bool) -> Vec<Step> {
        let again = std::mem::take(&mut self.tally().again);
        let mut again: BTreeMap<PathBuf, Problem> = again.into_iter().map(|(entry, why)| (entry.path, why)).collect();
        let mut steps = Vec::new();
        for entry in inventory.entries {
            let before = known.insert(entry.path.clone(), listed(&entry));
            let problem = match again.remove(&entry.path) {
                Some(problem) => problem,
                None if before == Some(listed(&entry)) => continue,
                None => {
                    let appeared = Problem::new(ProblemCode::AppearedDuringIntake, &entry.shown);
                    self.note(appeared.because(before.map_or("", |_| "changed after it was taken in")));
                    Problem::new(ProblemCode::ChangedWhileReading, &entry.shown)
                }
            };
            if last {
                self.note(problem);
            } else {
                // As it is now: its size or time may be what changed.
                steps.push(Step { entry, expected: Expected::New });
            }
        }
        for (path, problem) in again {
            let gone = fs::symlink_metadata(self.source.root.join(path))
                .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            self.note(if gone { Problem::new(ProblemCode::Vanished, problem.path) } else { problem });
        }
        steps
    }

    /// Copies on this thread, reads back and registers on another. `Some` ends the run.
    fn pass(&self, steps: &[Step]) -> Result<Option<End>, IntakeError> {
        let bytes = bytes_of(steps, |step| step.expected != Expected::Done);
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

    /// Copies one file after the other. Where the slow digest is what a copy waits for, the source is faster than one
    /// processor core: then a second reader works beside the first. A card never is.
    fn copy_all(&self, steps: &[Step], staged: &SyncSender<StagedClip>) -> Result<Option<End>, IntakeError> {
        let queue = Queue { steps, next: AtomicUsize::new(0), ended: Mutex::new(None) };
        thread::scope(|scope| {
            let mut beside = None;
            while let Some(step) = queue.next() {
                let digest_bound = self.copy_step(step, staged, &queue);
                if digest_bound && beside.is_none() {
                    beside = Some(scope.spawn(|| {
                        while let Some(step) = queue.next() {
                            self.copy_step(step, staged, &queue);
                        }
                    }));
                }
            }
        });
        queue.ended.into_inner().unwrap_or_else(PoisonError::into_inner).transpose()
    }

    /// Deals with one file; tells whether its copy waited for the slow digest.
    fn copy_step(&self, step: &Step, staged: &SyncSender<StagedClip>, queue: &Queue<'_>) -> bool {
        if self.meter.is_cancelled() {
            queue.end(Ok(self.stopped()));
            return false;
        }
        if step.expected == Expected::Done {
            self.meter.file_done();
            return false;
        }
        match take(self.errand.desk, self.source, step, self.meter) {
            Err(failure) => queue.end(Err(failure)),
            Ok(Taken::Cancelled) => queue.end(Ok(self.stopped())),
            Ok(Taken::Lost) => queue.end(Ok(End::Interrupted)),
            Ok(Taken::Refused(problem)) => self.try_again(step.entry.clone(), problem),
            Ok(Taken::Held(row)) => {
                if let Err(failure) = self.already_held(&row, &step.entry) {
                    queue.end(Err(failure));
                }
            }
            Ok(Taken::Staged(clip)) => {
                let digest_bound = clip.staged.digest_bound;
                // The finishing thread only stops receiving when it failed; its failure is reported.
                if staged.send(*clip).is_err() {
                    queue.stop();
                }
                return digest_bound;
            }
        }
        false
    }

    fn finish_all(&self, waiting: Receiver<StagedClip>) {
        for clip in waiting {
            let (entry, size) = (clip.entry.clone(), clip.staged.size);
            match finish(&self.errand, clip) {
                Ok(Finished::Registered) => {
                    self.meter.stored(size);
                    self.meter.file_done();
                }
                Ok(Finished::Held(row)) => {
                    if let Err(failure) = self.already_held(&row, &entry) {
                        self.tally().failure = Some(failure);
                        return;
                    }
                }
                Ok(Finished::ReadBackDiffers { kept }) => {
                    let kept = kept.strip_prefix(self.errand.desk.vault).unwrap_or(&kept).display().to_string();
                    let problem = Problem::new(ProblemCode::ReadBackMismatch, &entry.shown).because(kept);
                    // Said even if the next copy is right: the disk gave other bytes back than were written.
                    self.tally().say(problem.clone());
                    self.try_again(entry, problem);
                }
                Err(failure) => {
                    self.tally().failure = Some(failure);
                    return;
                }
            }
        }
    }

    fn already_held(&self, held: &ClipRow, entry: &Entry) -> Result<(), IntakeError> {
        // A file that an earlier docking of this job met is counted there.
        if sight(&self.errand, held, entry)? {
            self.meter.held();
        }
        self.meter.file_done();
        Ok(())
    }

    /// Returns how a run ends that was asked to stop.
    fn stopped(&self) -> End {
        if self.meter.is_closing_down() { End::Interrupted } else { End::Cancelled }
    }

    fn try_again(&self, entry: Entry, problem: Problem) {
        self.tally().again.push((entry, problem));
        self.meter.file_done();
    }

    /// Says something; what was not taken in counts as refused.
    fn note(&self, problem: Problem) {
        let mut tally = self.tally();
        if !problem.code.is_note() {
            tally.refused.insert((problem.code, problem.path.clone()));
        }
        tally.say(problem);
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
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
        let written = ended(self.errand.desk, self.errand.actor, &outcome);
        match (&outcome.end, written) {
            // The disk is why it failed; the job stays open and is settled at the next start.
            (End::Failed(_), _) | (_, Ok(())) => Ok(outcome),
            (_, Err(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_our_own_outranks_a_drives() {
        let failed = || Err(IntakeError::TargetReadOnly);
        type Hows = Vec<Result<End, IntakeError>>;
        let rows: Vec<(&str, Hows, &str)> = vec![
            ("the first of two reasons stands", vec![Ok(End::Interrupted), Ok(End::Cancelled)], "interrupted"),
            ("a failure outranks a lost drive", vec![Ok(End::Interrupted), failed()], "failed"),
            ("whichever comes first", vec![failed(), Ok(End::Interrupted)], "failed"),
        ];
        for (what, hows, expected) in rows {
            let queue = Queue { steps: &[], next: AtomicUsize::new(0), ended: Mutex::new(None) };
            hows.into_iter().for_each(|how| queue.end(how));
            let ended = queue.ended.into_inner().ok().flatten();
            let end = ended.map(|how| how.unwrap_or_else(End::Failed));
            assert_eq!(end.map(|end| end.code()), Some(expected), "{what}");
        }
    }
}
