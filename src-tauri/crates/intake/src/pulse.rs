//! A thread beside the copying ones that asks whether the drive still stands, so that no file waits for the answer.

use crate::meter::Meter;
use dock::Drive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Time between two beats.
const BEAT: Duration = Duration::from_millis(200);
/// Beats in a second.
pub(crate) const BEATS_PER_SECOND: u64 = 5;

/// Beats as long as a run goes on. It also stands for time, which nobody below `station` asks for.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    stopped: Mutex<bool>,
    wake: Condvar,
    beats: AtomicU64,
    lost: AtomicBool,
}

impl Pulse {
    /// Runs `work` with a pulse beside it.
    pub(crate) fn beside<T>(drive: &dyn Drive, meter: &Meter, work: impl FnOnce(&Self) -> T) -> T {
        let pulse = Self::default();
        std::thread::scope(|scope| {
            scope.spawn(|| pulse.beat(drive, meter));
            let _stops = Stops(&pulse);
            work(&pulse)
        })
    }

    fn beat(&self, drive: &dyn Drive, meter: &Meter) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let waited = self.wake.wait_timeout_while(stopped, BEAT, |stopped| !*stopped);
            stopped = waited.unwrap_or_else(PoisonError::into_inner).0;
            if *stopped {
                return;
            }
            drop(stopped);
            self.beats.fetch_add(1, Relaxed);
            // A drive that is back is another docking.
            if !meter.asking_source(|| drive.is_docked()) {
                self.lost.store(true, Relaxed);
            }
            stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns the beats since the run began, five a second.
    pub(crate) fn beats(&self) -> u64 {
        self.beats.load(Relaxed)
    }

    /// Tells whether the drive was found gone, at most one beat ago.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }
}

/// Stops the pulse also when the work panics: the scope waits for it.
struct Stops<'a>(&'a Pulse);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        *self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.wake.notify_all();
    }
}
