//! 巡检: every original is read back, round by round, in idle time.
//!
//! A round begins when an original has waited as many days as the unit has set, or when a person asks. It takes every
//! original, the longest unread first, and is written down step by step: what was read is never forgotten, and a round
//! that was broken off goes on where it was. Between two blocks it makes way for whatever else the station does.

use crate::rounds::{Ended, Run};
use crate::{Act, Failure, Station, Topic, authorise};
use model::{Actor, ClipId, ErrorCode, Instant, Problem, shifted};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Moment};

/// Time between two looks whether a round is due, or a lost store is back.
const LOOK: Duration = Duration::from_secs(60);
/// Time between two looks whether the station is idle again, and between two notices: 5 Hz.
const PULSE: Duration = Duration::from_millis(200);
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What the scrub does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrubState {
    /// Switched off in the settings.
    Off,
    /// Everything was read back in time.
    Idle,
    Running,
    /// Something else goes first.
    Yielding,
    /// A person stopped it until it is let go on, or the program starts again.
    Paused,
    /// The store or the register is out of reach; looked for again every minute.
    Failed,
}

/// The file that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrubFile {
    pub clip: ClipId,
    pub number: String,
    pub original_name: String,
}

/// The scrub with everything its line shows. Numbers are of the round under way, or else of the last.
#[derive(Clone, Debug)]
pub struct ScrubStatus {
    pub state: ScrubState,
    /// 0 before the first.
    pub round: u64,
    pub clips_done: u64,
    pub clips_total: u64,
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub current: Option<ScrubFile>,
    pub began: Option<Instant>,
    /// When a round last came to its end.
    pub last_complete: Option<Instant>,
    /// When the next round begins by itself; `None` when it does not, or one is under way.
    pub next_due: Option<Instant>,
    pub findings: u64,
    /// Clips that a cache may have answered for.
    pub not_cold: u64,
    /// Days within which every original is read back; 0: not at all.
    pub days: u32,
    /// Why it failed.
    pub error: Option<Arc<Failure>>,
}

/// What a round came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrubReport {
    pub round: u64,
    pub began: Instant,
    pub ended: Instant,
    pub clips: u64,
    pub bytes: u64,
    pub not_cold: u64,
    /// Of the whole round, also of the part before it was broken off.
    pub findings_total: u64,
    /// Of the part that was read now.
    pub findings: Vec<Problem>,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub round: u64,
    pub clips_done: u64,
    pub clips_total: u64,
    /// Of clips that were read whole.
    pub bytes_done: u64,
    pub bytes_total: u64,
    /// Of the clip that is being read.
    pub bytes_current: u64,
    pub findings: u64,
    pub not_cold: u64,
}

/// What the thread does.
#[derive(Clone, Default)]
pub(crate) enum Doing {
    #[default]
    Resting,
    Reading,
    Yielding,
    Failed(Arc<Failure>),
}

/// What the thread is told, and what it shows.
#[derive(Default)]
pub(crate) struct Held {
    pub stop: bool,
    pub paused: bool,
    /// Who asked for a round at once, until it is through.
    pub wanted: Option<Actor>,
    /// Something changed that the thread should look at.
    rung: bool,
    pub doing: Doing,
    /// `None` before anybody asked.
    pub progress: Option<Progress>,
    pub current: Option<ScrubFile>,
    /// Round and clip whose copies were read last: its original may have been cut off.
    pub copies_read: Option<(u64, ClipId)>,
    /// When its progress was last told.
    told: Option<Moment>,
}

#[derive(Default)]
pub(crate) struct Desk {
    held: Mutex<Held>,
    bell: Condvar,
}

impl Desk {
    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let mut held = self.held();
        change(&mut held);
        held.rung = true;
        self.bell.notify_all();
    }

    /// Rests until the time is over or somebody rings; `false` when it is to end.
    fn rest(&self, time: Duration) -> bool {
        let waited = self.bell.wait_timeout_while(self.held(), time, |held| !held.rung && !held.stop);
        let (mut held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        held.rung = false;
        !held.stop
    }
}

/// The station's scrub: its thread, and what it is told.
#[derive(Default)]
pub(crate) struct Scrub {
    pub desk: Arc<Desk>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Held by whoever reads: one round at a time.
    reading: Mutex<()>,
}

impl Scrub {
    /// Stops reading, keeps what was read, and waits for it.
    pub fn stop(&self) {
        self.desk.change(|held| held.stop = true);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            eprintln!("the scrub thread panicked");
        }
    }
}

impl Drop for Scrub {
    fn drop(&mut self) {
        // The thread may be the one that drops the station: it is told, and nobody waits.
        self.desk.change(|held| held.stop = true);
    }
}

impl Station {
    /// Begins to scrub in idle time, on a thread of its own.
    pub(crate) fn start_scrub(self: &Arc<Self>) -> Result<(), Failure> {
        let mut thread = self.scrub.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_some() {
            return Ok(());
        }
        let (weak, desk) = (Arc::downgrade(self), Arc::clone(&self.scrub.desk));
        let begun = std::thread::Builder::new().name("scrub".into()).spawn(move || keep_scrubbing(&weak, &desk));
        *thread = Some(begun.map_err(|error| Failure::new(ErrorCode::Internal).because(error))?);
        Ok(())
    }

    /// 巡检: returns where it stands.
    pub fn scrub_status(&self) -> Result<ScrubStatus, Failure> {
        let days = self.settings()?.scrub_days;
        let (last, complete) = self.read(|view| Ok((view.last_scrub()?, view.last_complete_scrub()?)))?;
        let progress = self.scrub_progress()?;
        let due = self.scrub_due(days)?;
        let held = self.scrub.desk.held();
        let state = match &held.doing {
            Doing::Failed(_) => ScrubState::Failed,
            _ if held.paused => ScrubState::Paused,
            Doing::Reading => ScrubState::Running,
            Doing::Yielding => ScrubState::Yielding,
            Doing::Resting if days == 0 => ScrubState::Off,
            Doing::Resting => ScrubState::Idle,
        };
        let error = if let Doing::Failed(failure) = &held.doing { Some(Arc::clone(failure)) } else { None };
        let under_way = last.is_some_and(|round| round.ended_at.is_none());
        Ok(ScrubStatus {
            state,
            round: progress.round,
            clips_done: progress.clips_done,
            clips_total: progress.clips_total,
            bytes_done: progress.bytes_done + progress.bytes_current,
            bytes_total: progress.bytes_total,
            current: held.current.clone(),
            began: last.map(|round| round.begun_at),
            last_complete: complete.and_then(|round| round.ended_at),
            next_due: due.filter(|_| !under_way),
            findings: progress.findings,
            not_cold: progress.not_cold,
            days,
            error,
        })
    }

    /// Stops the scrub until it is let go on, or the program starts again. What was read is kept.
    pub fn pause_scrub(&self, actor: &Actor, paused: bool) -> Result<ScrubStatus, Failure> {
        authorise(self, actor, Act::Check)?;
        self.scrub.desk.change(|held| held.paused = paused);
        self.tell(&[Topic::Scrub]);
        self.scrub_status()
    }

    /// 立即巡检: reads every original back now, whatever the dates say. A round that was broken off goes on.
    pub fn scrub_now(self: &Arc<Self>, actor: &Actor) -> Result<ScrubStatus, Failure> {
        authorise(self, actor, Act::Check)?;
        self.start_scrub()?;
        self.scrub.desk.change(|held| {
            held.wanted = Some(actor.clone());
            held.paused = false;
        });
        self.tell(&[Topic::Scrub]);
        self.scrub_status()
    }

    /// Reads every original back and returns when it is done. A round that was broken off goes on.
    pub fn scrub_and_wait(self: &Arc<Self>, actor: &Actor) -> Result<ScrubReport, Failure> {
        authorise(self, actor, Act::Check)?;
        let Ok(_alone) = self.scrub.reading.try_lock() else { return Err(Failure::new(ErrorCode::JobRunning)) };
        let mut run = Run::new(self.round_to_read(actor)?, actor, false);
        // A failure is the caller's to tell; nothing goes on any more.
        let ended = |_: &Failure| self.scrub_does(Doing::Resting);
        while self.read_round(&mut run).inspect_err(ended)? == Ended::BrokenOff {
            if !self.scrub.desk.rest(PULSE) {
                self.scrub_does(Doing::Resting);
                return Err(Failure::new(ErrorCode::Cancelled));
            }
        }
        let row = self.read(|view| view.last_scrub())?.ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        Ok(ScrubReport {
            round: row.round,
            began: row.begun_at,
            ended: row.ended_at.unwrap_or(row.last_at),
            clips: row.clips,
            bytes: row.bytes,
            not_cold: row.not_cold,
            findings_total: row.findings,
            findings: run.findings,
        })
    }

    /// Returns when the clip that has waited longest is to be read back; `None` when none is.
    fn scrub_due(&self, days: u32) -> Result<Option<Instant>, Failure> {
        let Some(oldest) = self.read(|view| view.oldest_reading())?.filter(|_| days > 0) else { return Ok(None) };
        let now = self.now();
        // A reading that is dated beyond tomorrow is of a clock that was wrong: it says nothing.
        let dated = shifted(now, DAY_MS).is_none_or(|tomorrow| oldest <= tomorrow);
        Ok(if dated { shifted(oldest, i64::from(days) * DAY_MS) } else { Some(now) })
    }

    /// Looks whether there is something to read, reads it, and returns how long to rest.
    fn scrub_step(self: &Arc<Self>) -> Result<Duration, Failure> {
        let (paused, wanted) = {
            let held = self.scrub.desk.held();
            (held.paused, held.wanted.clone())
        };
        let days = self.settings()?.scrub_days;
        let open = self.read(|view| view.last_scrub())?.is_some_and(|round| round.ended_at.is_none());
        let due = open || self.scrub_due(days)?.is_some_and(|due| due <= self.now());
        if paused || !(wanted.is_some() || (days > 0 && due)) {
            self.scrub_does(Doing::Resting);
            return Ok(LOOK);
        }
        if self.is_busy() {
            self.scrub_does(Doing::Yielding);
            return Ok(PULSE);
        }
        let Ok(_alone) = self.scrub.reading.try_lock() else { return Ok(LOOK) };
        let round = self.round_to_read(wanted.as_ref().unwrap_or(&Actor::Station))?;
        let mut run = Run::new(round, &Actor::Station, true);
        if self.read_round(&mut run)? == Ended::BrokenOff {
            return Ok(Duration::ZERO);
        }
        self.scrub.desk.held().wanted = None;
        Ok(LOOK)
    }

    /// Tells whether something goes on that the scrub would be in the way of.
    fn is_busy(&self) -> bool {
        self.running_intakes() > 0 || self.tasks.are_running()
    }

    /// Tells whether a reading is to stop now. The thread's own also stops when nobody else holds the station.
    pub(crate) fn scrub_makes_way(self: &Arc<Self>, background: bool) -> bool {
        let called = {
            let held = self.scrub.desk.held();
            held.stop || held.paused
        };
        called || self.is_busy() || (background && Arc::strong_count(self) == 1)
    }

    /// Says what the scrub does from now on.
    pub(crate) fn scrub_does(&self, doing: Doing) {
        let before = std::mem::replace(&mut self.scrub.desk.held().doing, doing.clone());
        if std::mem::discriminant(&before) != std::mem::discriminant(&doing) {
            self.tell(&[Topic::Scrub]);
        }
        if let (Doing::Failed(failure), false) = (&doing, matches!(before, Doing::Failed(_))) {
            eprintln!("scrub: {}", failure.chain());
        }
    }

    /// Tells how far it is, no more often than anybody can look.
    pub(crate) fn tell_scrub_progress(&self) {
        let due = {
            let mut held = self.scrub.desk.held();
            let due = held.told.is_none_or(|told| told.elapsed() >= PULSE);
            if due {
                held.told = Some(Moment::now());
            }
            due
        };
        if due {
            self.tell(&[Topic::Scrub]);
        }
    }
}

/// Scrubs for as long as somebody holds the station.
fn keep_scrubbing(station: &Weak<Station>, desk: &Desk) {
    loop {
        let Some(station) = station.upgrade() else { return };
        let step = catch_unwind(AssertUnwindSafe(|| station.scrub_step()))
            .unwrap_or_else(|_| Err(Failure::new(ErrorCode::Internal)));
        let rest = step.unwrap_or_else(|failure| {
            station.scrub_does(Doing::Failed(Arc::new(failure)));
            LOOK
        });
        drop(station);
        if !desk.rest(rest) {
            return;
        }
    }
}
