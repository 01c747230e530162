//! Nobody is stalled: an intake whose drive hangs is seen, said, and given up, and the others go on.
//!
//! A read that hangs cannot be interrupted. Its thread is left to the kernel and never waited for; what it brings, should
//! it ever wake, is written nowhere. Docking the drive again continues the job.

use crate::intakes::Order;
use crate::{Failure, Station, Topic};
use dock::{Drive, Entry, Inventory, MountedDrive, SourceError, SourceFile};
use intake::{Meter, Waiting};
use model::{Actor, ErrorCode, Instant, Problem, ProblemCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant as Moment};

/// How long something may take before something is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// 无响应 is said of a drive that has not answered for so long.
    pub stalled: Duration,
    /// A drive that has not answered for so long is given up; one of which 无响应 is said, as soon as somebody cancels.
    pub given_up: Duration,
    /// Closing waits so long for an intake that hangs at its drive.
    pub closing: Duration,
    /// Time between two probes of a vault's disk that failed.
    pub probe: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            stalled: Duration::from_secs(10),
            given_up: Duration::from_secs(60),
            closing: Duration::from_secs(1),
            probe: Duration::from_secs(3),
        }
    }
}

/// What is asked of a drive beside the run, and how far a listing has come: both count as signs of life.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    moves: AtomicU64,
    away: AtomicU32,
}

impl Steps {
    /// Does something that only the drive can hold up.
    pub fn at_drive<T>(&self, act: impl FnOnce() -> T) -> T {
        self.away.fetch_add(1, Relaxed);
        let result = act();
        self.away.fetch_sub(1, Relaxed);
        self.moves.fetch_add(1, Relaxed);
        result
    }
}

/// A mounted drive whose listing is followed step by step: a large card takes minutes, and does not hang.
pub(crate) struct Stand<'a> {
    pub mounted: MountedDrive<'a>,
    pub steps: &'a Steps,
}

impl Drive for Stand<'_> {
    fn list(&self) -> (Inventory, Vec<Problem>) {
        let MountedDrive { docked, profile, zone, limits, .. } = &self.mounted;
        let stepped = || {
            self.steps.moves.fetch_add(1, Relaxed);
        };
        dock::inventory_by_steps(&docked.root, profile, *zone, limits, &stepped)
    }

    fn open(&self, entry: &Entry) -> Result<Box<dyn SourceFile + '_>, SourceError> {
        self.mounted.open(entry)
    }

    fn is_docked(&self) -> bool {
        self.mounted.is_docked()
    }
}

/// An intake under way, as the watchdog sees it.
#[derive(Clone)]
pub(crate) struct Running {
    pub order: Arc<Order>,
    pub meter: Arc<Meter>,
    pub steps: Arc<Steps>,
}

impl Running {
    fn waits_for_drive(&self) -> bool {
        match self.meter.waiting() {
            Waiting::Source => true,
            Waiting::Target => false,
            Waiting::Nothing => self.steps.away.load(Relaxed) > 0,
        }
    }

    fn moves(&self) -> u64 {
        self.meter.moves().wrapping_add(self.steps.moves.load(Relaxed))
    }
}

/// Since when an intake has stood still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vigil {
    moves: u64,
    since: Moment,
    /// The same by the station's clock.
    pub since_at: Instant,
}

impl Vigil {
    pub fn begin(at: Instant) -> Self {
        Self { moves: 0, since: Moment::now(), since_at: at }
    }

    /// Looks again; returns how long the drive has owed an answer while nothing moved.
    pub fn look(&mut self, running: &Running, at: Instant) -> Duration {
        self.judge(running.waits_for_drive(), running.moves(), Moment::now(), at)
    }

    fn judge(&mut self, waits: bool, moves: u64, now: Moment, at: Instant) -> Duration {
        if !waits || moves != self.moves {
            *self = Self { moves, since: now, since_at: at };
        }
        now.saturating_duration_since(self.since)
    }
}

impl Station {
    /// Looks after running intakes and the vault's disk. Touches neither drive nor disk itself.
    pub(crate) fn watch_over(self: &Arc<Self>) {
        let (any, hopeless) = self.intakes.sample(self.now(), &self.around.patience);
        for running in hopeless {
            self.give_up(running, &Actor::Station);
        }
        if any {
            self.tell(&[Topic::Jobs]);
        }
        self.probe_target_when_due();
    }

    /// Gives up an intake that was marked for it, on a thread of its own: writing it down waits for our own disk.
    pub(crate) fn give_up(self: &Arc<Self>, running: Running, actor: &Actor) {
        let (station, actor, given_up) = (Arc::clone(self), actor.clone(), running.clone());
        let writing = move || station.close_given_up(&running, &actor);
        if let Err(error) = std::thread::Builder::new().name("giving-up".into()).spawn(writing) {
            eprintln!("intake {}: nobody writes down that it was given up: {error}", given_up.order.job);
            self.intakes.end_given_up(&given_up, self.now(), Vec::new());
        }
    }

    fn close_given_up(&self, running: &Running, actor: &Actor) {
        let Running { order, meter, .. } = running;
        eprintln!("intake {}: given up, {} does not answer", order.job, order.docked.root.display());
        meter.abandon();
        let at = Some(meter.reading()).filter(|path| !path.is_empty()).unwrap_or_else(|| ".".to_owned());
        let problem = Problem::new(ProblemCode::SourceStalled, at);
        let closed = self.desk().and_then(|desk| Ok(intake::give_up(&desk, &order.opening(), actor, &problem)?));
        if let Err(failure) = closed {
            // The job stays open; docking the drive again continues it all the same.
            eprintln!("intake {}: {}", order.job, failure.chain());
        }
        self.intakes.end_given_up(running, self.now(), vec![problem]);
        self.tell(&[Topic::Jobs, Topic::Dock, Topic::Clips, Topic::Sessions]);
    }
}

/// Returns what is shown of an intake that was given up.
pub(crate) fn stalled(order: &Order) -> Failure {
    Failure::new(ErrorCode::SourceStalled).with("path", order.docked.root.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_drive_that_owes_an_answer_stands_still() {
        let at = |second: i64| Instant::from_timestamp(second, 0).unwrap_or_default();
        let begun = Moment::now();
        let mut vigil = Vigil { moves: 0, since: begun, since_at: at(0) };
        // Second, waits for the drive, moves by then, stands still for.
        let rows = [
            ("it reads", 1_i64, true, 5, 0),
            ("nothing comes", 2, true, 5, 1),
            ("still nothing", 59, true, 5, 58),
            ("one block", 60, true, 6, 0),
            ("nothing again", 70, true, 6, 10),
            ("our own disk is slow", 80, false, 6, 0),
            ("and the drive's turn begins anew", 81, true, 6, 1),
        ];
        for (what, second, waits, moves, still) in rows {
            let now = begun + Duration::from_secs(second.unsigned_abs());
            assert_eq!(vigil.judge(waits, moves, now, at(second)).as_secs(), still, "{what}");
            assert_eq!(
                vigil.since_at,
                at(second - i64::try_from(still).unwrap_or(0)),
                "{what}: by the station's clock"
            );
        }
    }
}
