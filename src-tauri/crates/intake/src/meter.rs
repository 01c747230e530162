//! How a run is followed from another thread, and stopped.

use model::ErrorCode;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Listing,
    Copying,
    /// The last copies are read back and registered.
    Finishing,
    /// The drive is read a second time, past the cache.
    SecondRead,
    Probing,
    Ended,
}

/// A picture of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub files_done: u64,
    pub files_total: u64,
    /// Bytes read from the drive.
    pub bytes_done: u64,
    /// Bytes to be read from it; grows when the second reading begins.
    pub bytes_total: u64,
    /// Files that are verified and registered by now.
    pub stored: u64,
    pub stored_bytes: u64,
    /// Files whose content the register held.
    pub already_held: u64,
}

/// What a run waits for at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// It works, or looks into footage.
    Nothing,
    /// The drive owes it an answer, and our own disk does not.
    Source,
    /// Our own disk owes it an answer.
    Target,
}

/// Follows a run from another thread, and stops it.
#[derive(Debug, Default)]
pub struct Meter {
    stage: AtomicU8,
    files_done: AtomicU64,
    files_total: AtomicU64,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    stored: AtomicU64,
    stored_bytes: AtomicU64,
    already_held: AtomicU64,
    cancel: AtomicBool,
    closing_down: AtomicBool,
    closing_for: Mutex<Option<ErrorCode>>,
    /// Calls to the drive and to our disk that have not come back.
    at_source: AtomicU32,
    at_target: AtomicU32,
    /// Calls to either that have come back.
    moves: AtomicU64,
    reading: Mutex<String>,
    abandoned: AtomicBool,
    /// Held for reading by every write to vault or register.
    writing: RwLock<()>,
}

const STAGES: [Stage; 6] =
    [Stage::Listing, Stage::Copying, Stage::Finishing, Stage::SecondRead, Stage::Probing, Stage::Ended];

impl Meter {
    /// Returns where the run stands.
    pub fn progress(&self) -> Progress {
        Progress {
            stage: STAGES[usize::from(self.stage.load(Relaxed))],
            files_done: self.files_done.load(Relaxed),
            files_total: self.files_total.load(Relaxed),
            bytes_done: self.bytes_done.load(Relaxed),
            bytes_total: self.bytes_total.load(Relaxed),
            stored: self.stored.load(Relaxed),
            stored_bytes: self.stored_bytes.load(Relaxed),
            already_held: self.already_held.load(Relaxed),
        }
    }

    /// Returns what the run waits for at this moment.
    pub fn waiting(&self) -> Waiting {
        match (self.at_source.load(Relaxed), self.at_target.load(Relaxed)) {
            (_, 1..) => Waiting::Target,
            (1.., 0) => Waiting::Source,
            (0, 0) => Waiting::Nothing,
        }
    }

    /// Returns how many acts of drive and disk have come back, also in vain: a block read, a block written, a sync. A
    /// run that waits for its drive while this number stands still hangs.
    pub fn moves(&self) -> u64 {
        self.moves.load(Relaxed)
    }

    /// Returns the path on the drive that was last turned to, escaped for display; empty before the first.
    pub fn reading(&self) -> String {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the run to stop. Copying does so within one block; what is copied whole by then is still verified.
    pub fn cancel(&self) {
        self.cancel.store(true, Relaxed);
    }

    /// Asks the run to stop because the station does. The job is interrupted, not cancelled: docking the drive again
    /// continues it. What was cancelled before stays cancelled.
    pub fn close_down(&self) {
        self.closing_down.store(true, Relaxed);
    }

    /// Asks the run to stop because something failed elsewhere that it depends on, such as the target disk under another
    /// job. As [`Meter::close_down`], and the job says why; the first reason stands.
    pub fn close_down_for(&self, why: ErrorCode) {
        self.closing_for.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.close_down();
    }

    /// Gives the run up: once this returns, its threads, should they ever wake, write nothing more to vault or register
    /// and end with [`IntakeError::Abandoned`](crate::IntakeError::Abandoned). Waits for a write in progress, so not to
    /// be called while the run waits for [`Waiting::Target`]. [`give_up`](crate::give_up) then closes the job.
    pub fn abandon(&self) {
        self.abandoned.store(true, SeqCst);
        drop(self.writing.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Tells whether the run was given up.
    pub fn is_abandoned(&self) -> bool {
        self.abandoned.load(SeqCst)
    }

    /// Tells whether somebody asked the run to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Relaxed) || self.closing_down.load(Relaxed) || self.is_abandoned()
    }

    /// Tells whether the run stops because the station does, and for no other reason.
    pub(crate) fn is_closing_down(&self) -> bool {
        self.closing_down.load(Relaxed) && !self.cancel.load(Relaxed)
    }

    pub(crate) fn closes_for(&self) -> Option<ErrorCode> {
        *self.closing_for.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Allows one write to vault or register, or a few that belong together; `None` once the run was given up. Not to
    /// be asked for again while it is held.
    pub(crate) fn permit(&self) -> Option<Permit<'_>> {
        let writing = self.writing.read().unwrap_or_else(PoisonError::into_inner);
        (!self.is_abandoned()).then_some(Permit(writing))
    }

    /// Does something that only the drive can hold up.
    pub(crate) fn at_source<T>(&self, act: impl FnOnce() -> T) -> T {
        let _away = Away::begin(&self.at_source);
        let result = act();
        self.moved();
        result
    }

    /// As [`Meter::at_source`], for a question whose answer does not show that the drive still gives bytes.
    pub(crate) fn asking_source<T>(&self, act: impl FnOnce() -> T) -> T {
        let _away = Away::begin(&self.at_source);
        act()
    }

    /// Does something that our own disk can hold up.
    pub(crate) fn at_target<T>(&self, act: impl FnOnce() -> T) -> T {
        let _away = Away::begin(&self.at_target);
        let result = act();
        self.moved();
        result
    }

    /// Notes that an act came back that is part of a longer one.
    pub(crate) fn moved(&self) {
        self.moves.fetch_add(1, Relaxed);
    }

    pub(crate) fn turn_to(&self, shown: &str) {
        shown.clone_into(&mut self.reading.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn enter(&self, stage: Stage) {
        let place = STAGES.iter().position(|s| *s == stage).expect("every stage is in the list");
        self.stage.store(u8::try_from(place).expect("six stages"), Relaxed);
    }

    pub(crate) fn expect(&self, files: u64, bytes: u64) {
        self.files_total.fetch_add(files, Relaxed);
        self.bytes_total.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn copied(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn stored(&self, bytes: u64) {
        self.stored.fetch_add(1, Relaxed);
        self.stored_bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn held(&self) {
        self.already_held.fetch_add(1, Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Relaxed);
    }
}

/// Leave to write while the run is not given up.
pub(crate) struct Permit<'a>(#[expect(dead_code, reason = "held, never asked")] RwLockReadGuard<'a, ()>);

/// A call that has not come back.
struct Away<'a>(&'a AtomicU32);

impl<'a> Away<'a> {
    fn begin(calls: &'a AtomicU32) -> Self {
        calls.fetch_add(1, Relaxed);
        Self(calls)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_told() {
        let meter = Meter::default();
        assert_eq!(meter.waiting(), Waiting::Nothing, "nothing yet");
        meter.at_source(|| {
            assert_eq!(meter.waiting(), Waiting::Source, "the drive");
            meter.at_target(|| assert_eq!(meter.waiting(), Waiting::Target, "our own disk goes first"));
            assert_eq!((meter.waiting(), meter.moves()), (Waiting::Source, 1), "which has answered");
            meter.asking_source(|| ());
            assert_eq!(meter.moves(), 1, "a question gives no bytes");
        });
        assert_eq!((meter.waiting(), meter.moves()), (Waiting::Nothing, 2), "and so has the drive");
    }

    #[test]
    fn an_abandoned_run_gets_no_leave_to_write() {
        let meter = Meter::default();
        assert!(meter.permit().is_some() && !meter.is_cancelled(), "as long as nobody gave it up");
        let permit = meter.permit();
        std::thread::scope(|scope| {
            let giving_up = scope.spawn(|| meter.abandon());
            std::thread::sleep(std::time::Duration::from_millis(30));
            assert!(!giving_up.is_finished(), "a write in progress is waited for");
            drop(permit);
        });
        assert!(meter.permit().is_none() && meter.is_cancelled(), "then there is none");
    }

    #[test]
    fn the_first_reason_to_close_down_stands() {
        let meter = Meter::default();
        meter.close_down_for(ErrorCode::TargetFull);
        meter.close_down_for(ErrorCode::TargetFailed);
        assert_eq!((meter.closes_for(), meter.is_closing_down()), (Some(ErrorCode::TargetFull), true), "the first");
    }
}
