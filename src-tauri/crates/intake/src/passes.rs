//! Passes over the drive: copying on some threads, reading back and registering on others.

use crate::commit::{Committed, Item, commit};
use crate::copy::{StagedClip, Taken, Try};
use crate::error::IntakeError;
use crate::finish::{SoundCopy, Verified, verify};
use crate::meter::Stage;
use crate::plan::{Expected, IntakePlan, Step, bytes_of};
use crate::room::{Arrival, WaitingRoom};
use crate::run::{End, Run};
use dock::{Entry, Inventory, SourceError, SourceFacts};
use model::{ClipState, Problem, ProblemCode};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Passes over the drive: the plan, then what appeared or failed meanwhile.
const PASSES_MAX: u32 = 3;
/// A file below this is small: opening it takes longer than reading it, so several are read at once.
const SMALL_BYTES: u64 = 1 << 20;
/// Readers beside the first while small files are read.
const READERS_BESIDE: usize = 2;
/// Small files in a row that are worth further readers.
const SMALL_ROW: usize = 6;
/// Copies of a group that are synced and read back at once, so that the file system's journal takes their syncs
/// together.
const VERIFIERS: usize = 8;

/// Files as they were last listed.
pub(crate) type Listed = HashMap<PathBuf, Entry>;

/// The steps of a pass, shared by its readers.
struct Queue<'a> {
    steps: &'a [Step],
    next: Mutex<usize>,
    /// What ended the pass early; the first reason stands, save that trouble of our own outranks a drive's.
    ended: Mutex<Option<Result<End, IntakeError>>>,
}

impl<'a> Queue<'a> {
    fn new(steps: &'a [Step]) -> Self {
        Self { steps, next: Mutex::new(0), ended: Mutex::new(None) }
    }

    fn next(&self) -> Option<&'a Step> {
        let mut next = self.position();
        let step = self.steps.get(*next)?;
        *next += 1;
        Some(step)
    }

    /// As `next`, and leaves anything but a small file.
    fn next_small(&self) -> Option<&'a Step> {
        let mut next = self.position();
        let step = self.steps.get(*next).filter(|step| is_small(step))?;
        *next += 1;
        Some(step)
    }

    /// Tells whether a row of small files comes next.
    fn comes_a_small_row(&self) -> bool {
        let next = *self.position();
        self.steps.get(next..next + SMALL_ROW).is_some_and(|row| row.iter().all(is_small))
    }

    /// Returns what is still to come, the next first.
    fn rest(&self) -> &'a [Step] {
        &self.steps[(*self.position()).min(self.steps.len())..]
    }

    fn position(&self) -> MutexGuard<'_, usize> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        *self.position() = self.steps.len();
    }

    fn end(&self, how: Result<End, IntakeError>) {
        self.stop();
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!((&*ended, &how), (None, _) | (Some(Ok(_)), Err(_))) {
            *ended = Some(how);
        }
    }

    fn into_end(self) -> Result<Option<End>, IntakeError> {
        self.ended.into_inner().unwrap_or_else(PoisonError::into_inner).transpose()
    }
}

fn is_small(step: &Step) -> bool {
    step.entry.size < SMALL_BYTES
}

/// One pass: its steps, where its copies wait, and whether it is the last.
struct Pass<'a, 'd> {
    queue: Queue<'a>,
    room: WaitingRoom<'d>,
    last: bool,
}

impl<'d> Run<'d> {
    /// Returns how the passes ended, and the files as they were listed last.
    pub fn passes(&self, plan: IntakePlan) -> Result<(End, Listed), IntakeError> {
        plan.steps.iter().filter(|s| s.expected != Expected::Done).for_each(|s| self.note_clock(&s.entry));
        let mut listed: Listed = plan.steps.iter().map(|s| (s.entry.path.clone(), s.entry.clone())).collect();
        let mut steps = plan.steps;
        for pass in 1..=PASSES_MAX {
            self.meter.enter(Stage::Copying);
            if let Some(end) = self.pass(&steps, pass == PASSES_MAX)? {
                return Ok((end, listed));
            }
            let (inventory, problems) = self.meter.at_source(|| self.source.drive.list());
            if self.meter.is_cancelled() {
                return Ok((self.stopped(), listed));
            }
            if !self.source.is_docked() {
                // What a vanishing drive lists says nothing of its files.
                return Ok((self.lost(None), listed));
            }
            problems.into_iter().for_each(|problem| self.note(problem));
            steps = self.second_look(inventory, &mut listed, pass == PASSES_MAX);
            if steps.is_empty() {
                break;
            }
        }
        Ok((End::Done, listed))
    }

    /// Lays a second listing beside what was taken in: what is new, what changed since, and what failed and deserves
    /// another try. After the `last` pass that is left to the next docking, and said.
    fn second_look(&self, inventory: Inventory, listed: &mut Listed, last: bool) -> Vec<Step> {
        let again = std::mem::take(&mut self.tally().again);
        let mut again: BTreeMap<PathBuf, (Entry, Problem)> =
            again.into_iter().map(|(entry, why)| (entry.path.clone(), (entry, why))).collect();
        let mut steps = Vec::new();
        for entry in inventory.entries {
            let before = listed.insert(entry.path.clone(), entry.clone());
            let same = before.as_ref().is_some_and(|before| SourceFacts::from(before) == SourceFacts::from(&entry));
            let problem = match again.remove(&entry.path) {
                Some((_, problem)) => {
                    if before.as_ref().is_some_and(|before| before.inode != entry.inode) {
                        // It is taken in as what it is now; that another one was listed is said.
                        let appeared = Problem::new(ProblemCode::AppearedDuringIntake, &entry.shown);
                        self.note(appeared.because("another file stands under the listed name"));
                    }
                    problem
                }
                None if same => continue,
                None => {
                    let appeared = Problem::new(ProblemCode::AppearedDuringIntake, &entry.shown);
                    self.note(appeared.because(before.map_or("", |_| "changed after it was taken in")));
                    self.note_clock(&entry);
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
        for (path, (entry, problem)) in again {
            listed.remove(&path);
            let gone = matches!(self.source.open(&entry), Err(SourceError::Gone { .. }));
            self.note(if gone { Problem::new(ProblemCode::Vanished, problem.path) } else { problem });
        }
        steps
    }

    /// Copies on this thread, reads back and registers on another. `Some` ends the run.
    fn pass(&self, steps: &[Step], last: bool) -> Result<Option<End>, IntakeError> {
        let bytes = bytes_of(steps, |step| step.expected != Expected::Done);
        self.meter.expect(steps.len() as u64, bytes);
        let pass = Pass { queue: Queue::new(steps), room: WaitingRoom::default(), last };
        thread::scope(|scope| {
            let finishing = scope.spawn(|| self.finish_all(&pass));
            // Also when copying panics: the scope waits for the finishing thread.
            let _closes = Closes(&pass.room);
            self.copy_all(&pass);
            pass.room.close();
            self.meter.enter(Stage::Finishing);
            finishing.join().expect("the finishing thread does not panic");
        });
        match self.tally().failure.take() {
            Some(failure) => Err(failure),
            None => pass.queue.into_end(),
        }
    }

    /// Copies one file after the other. Where the slow digest is what a copy waits for, the source is faster than one
    /// processor core: then a second reader works beside the first. A card never is; but where files are small, what a
    /// copy waits for is opening and creating them, and some are read at once.
    fn copy_all(&self, pass: &Pass<'_, 'd>) {
        thread::scope(|scope| {
            let mut beside = None;
            let mut small = Vec::new();
            while let Some(step) = pass.queue.next() {
                let digest_bound = self.copy_step(step, pass);
                if digest_bound && beside.is_none() {
                    beside = Some(scope.spawn(|| {
                        while let Some(step) = pass.queue.next() {
                            self.copy_step(step, pass);
                        }
                    }));
                }
                small.retain(|reader: &thread::ScopedJoinHandle<'_, ()>| !reader.is_finished());
                while beside.is_none() && small.len() < READERS_BESIDE && pass.queue.comes_a_small_row() {
                    small.push(scope.spawn(|| {
                        while let Some(step) = pass.queue.next_small() {
                            self.copy_step(step, pass);
                        }
                    }));
                }
            }
        });
    }

    /// Deals with one file; tells whether its copy waited for the slow digest.
    fn copy_step(&self, step: &Step, pass: &Pass<'_, 'd>) -> bool {
        let (queue, room) = (&pass.queue, &pass.room);
        if self.meter.is_cancelled() {
            queue.end(Ok(self.stopped()));
            return false;
        }
        if step.expected == Expected::Done {
            self.meter.file_done();
            return false;
        }
        let witnesses = || {
            let coming = queue.rest().iter().map(|step| step.entry.clone()).take(2);
            self.witnesses().into_iter().chain(coming).collect()
        };
        let job = &self.errand.opening.job;
        let (desk, source, meter) = (self.errand.desk, self.source, self.meter);
        let attempt = Try { desk, source, meter, job, step, salvage: pass.last, witnesses: &witnesses };
        let handed_on = match attempt.take() {
            Err(failure) => {
                if let Err(failure) = self.spoiled(step.entry.clone(), failure) {
                    queue.end(Err(failure));
                }
                return false;
            }
            Ok(Taken::Cancelled) => {
                queue.end(Ok(self.stopped()));
                return false;
            }
            Ok(Taken::Lost(silent)) => {
                queue.end(Ok(self.lost(silent)));
                return false;
            }
            Ok(Taken::Refused(problem)) => {
                self.try_again(step.entry.clone(), problem);
                return false;
            }
            Ok(Taken::Unreadable(problem)) => {
                self.unreadable(step.entry.clone(), problem);
                return false;
            }
            Ok(Taken::Held(row)) => (false, room.enter(Arrival::Met(row, step.entry.clone()))),
            Ok(Taken::Staged(clip)) => (clip.staged.digest_bound, room.enter(Arrival::Staged(clip))),
        };
        // The room is closed early only when finishing failed; that failure is reported.
        if !handed_on.1 {
            queue.stop();
        }
        handed_on.0
    }

    fn finish_all(&self, pass: &Pass<'_, 'd>) {
        // Also when finishing panics: nobody waits at a closed door.
        let _shuts = Closes(&pass.room);
        loop {
            let group = pass.room.next_group();
            if group.is_empty() {
                return;
            }
            if let Err(failure) = self.finish(group) {
                self.tally().failure = Some(failure);
                pass.room.shut();
                return;
            }
        }
    }

    /// Reads a group back and commits it.
    fn finish(&self, group: Vec<Arrival<'d>>) -> Result<(), IntakeError> {
        let mut items = Vec::with_capacity(group.len());
        for (entry, arrived) in self.verify_all(group) {
            match arrived {
                Arrived::Item(item) => items.push(item),
                Arrived::Verified(Err(failure)) => self.spoiled(entry, failure)?,
                Arrived::Verified(Ok(Verified::Sound(copy))) => items.push(Item::Copy(copy)),
                Arrived::Verified(Ok(Verified::ReadBackDiffers { kept })) => {
                    let kept = kept.strip_prefix(self.errand.desk.vault).unwrap_or(&kept).display().to_string();
                    let problem = Problem::new(ProblemCode::ReadBackMismatch, &entry.shown).because(kept);
                    // Said even if the next copy is right: the disk gave other bytes back than were written.
                    self.tally().say(problem.clone());
                    self.try_again(entry, problem);
                }
            }
        }
        if items.is_empty() {
            return Ok(());
        }
        let committed = commit(&self.errand, &items)?;
        let mut failure = None;
        for (item, done) in items.into_iter().zip(committed) {
            let (entry, copy) = match item {
                Item::Met(_, entry) => (entry, None),
                Item::Copy(copy) => (copy.entry.clone(), Some(copy)),
            };
            // One that ends the run does not hide those that were registered with it.
            if let Err(error) = self.take_note(entry, copy.as_deref(), done) {
                failure.get_or_insert(error);
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn take_note(&self, entry: Entry, copy: Option<&SoundCopy>, done: Committed) -> Result<(), IntakeError> {
        let damaged = copy.filter(|copy| !copy.unreadable.is_empty());
        let damage = |copy: &SoundCopy| Problem::new(ProblemCode::FileDamaged, &entry.shown).because(copy.damage());
        match done {
            Committed::Failed(failure) => return self.spoiled(entry, failure),
            Committed::Registered => {
                self.meter.stored(entry.size);
                damaged.map(damage).into_iter().for_each(|problem| self.note(problem));
            }
            Committed::Held { noted, state } => {
                // A file that an earlier docking of this job met is counted there.
                if noted {
                    self.meter.held();
                }
                damaged
                    .filter(|_| state == ClipState::Damaged)
                    .map(damage)
                    .into_iter()
                    .for_each(|problem| self.note(problem));
            }
        }
        self.is_in(&entry, damaged.is_none());
        Ok(())
    }

    /// Verifies the copies of a group, some at once, and returns all in their order.
    fn verify_all(&self, group: Vec<Arrival<'d>>) -> Vec<(Entry, Arrived)> {
        let count = group.len();
        let waiting = Mutex::new(group.into_iter().enumerate());
        let done = Mutex::new(Vec::with_capacity(count));
        let work = || {
            loop {
                let Some((n, next)) = waiting.lock().unwrap_or_else(PoisonError::into_inner).next() else { return };
                let arrived = match next {
                    Arrival::Met(row, entry) => (n, entry.clone(), Arrived::Item(Item::Met(row, entry))),
                    Arrival::Staged(clip) => (n, clip.entry.clone(), Arrived::Verified(self.verify(*clip))),
                };
                done.lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
            }
        };
        thread::scope(|scope| {
            for _ in 1..count.min(VERIFIERS) {
                scope.spawn(work);
            }
            work();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|(n, ..)| *n);
        done.into_iter().map(|(_, entry, arrived)| (entry, arrived)).collect()
    }

    fn verify(&self, clip: StagedClip<'_>) -> Result<Verified, IntakeError> {
        let tries = self.tries(&clip.entry);
        verify(&self.errand, clip, 1 + tries.read + tries.spoiled)
    }
}

enum Arrived {
    Item(Item),
    Verified(Result<Verified, IntakeError>),
}

/// Closes a room when its scope ends, however it ends.
struct Closes<'a, 'd>(&'a WaitingRoom<'d>);

impl Drop for Closes<'_, '_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_our_own_outranks_a_drives() {
        let failed = || Err(IntakeError::TargetReadOnly);
        let gone = || Ok(End::Interrupted { because: None });
        type Hows = Vec<Result<End, IntakeError>>;
        let rows: Vec<(&str, Hows, &str)> = vec![
            ("the first of two reasons stands", vec![gone(), Ok(End::Cancelled)], "interrupted"),
            ("a failure outranks a lost drive", vec![gone(), failed()], "failed"),
            ("whichever comes first", vec![failed(), gone()], "failed"),
        ];
        for (what, hows, expected) in rows {
            let queue = Queue::new(&[]);
            hows.into_iter().for_each(|how| queue.end(how));
            let end = queue.into_end().unwrap_or_else(|error| Some(End::Failed(error)));
            assert_eq!(end.map(|end| end.code()), Some(expected), "{what}");
        }
    }
}
