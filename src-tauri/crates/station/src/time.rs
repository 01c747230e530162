//! The machine's clock and fresh ids: the only place that asks for either.

use model::{Clock, IdSource, Instant};
use std::sync::Mutex;

/// The machine's clock, cut to the millisecond.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let now = chrono::Utc::now();
        Instant::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }
}

/// ULIDs that grow even within a millisecond and when the clock steps back.
#[derive(Default)]
pub struct Ids(Mutex<ulid::Generator>);

impl IdSource for Ids {
    fn next(&self) -> String {
        let mut generator = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // The generator only refuses after 2^80 ids within one millisecond.
        generator.generate().unwrap_or_else(|_| ulid::Ulid::generate()).to_string()
    }
}
