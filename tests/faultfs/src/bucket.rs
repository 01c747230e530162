//! Speed limit.

use std::time::{Duration, Instant};

/// A reader that is late by no more than this loses nothing, as a device reads ahead: late wake-ups would slow the
/// whole otherwise. One that pauses for longer has lost all of that time.
const READ_AHEAD: Duration = Duration::from_millis(50);

/// Gives each read its time on a device that does one thing after another at a fixed speed.
#[derive(Debug)]
pub struct Bucket {
    bytes_per_second: u64,
    free_at: Instant,
}

impl Bucket {
    pub fn new(bytes_per_second: u64, now: Instant) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), free_at: now }
    }

    /// Returns when a read of this length, asked for now, is done.
    pub fn take(&mut self, bytes: u64, now: Instant) -> Instant {
        let idle = now.saturating_duration_since(self.free_at) > READ_AHEAD;
        let begin = if idle { now } else { self.free_at };
        self.free_at = begin + Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        self.free_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_readers_catch_up_and_idle_time_is_lost() {
        let begun = Instant::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let mut bucket = Bucket::new(1_000_000, begun);
        let mut done = begun;
        for _ in 0..100 {
            // Each comes a little late, as sleeping threads do.
            done = bucket.take(10_000, done + Duration::from_millis(2));
        }
        assert_eq!(done.duration_since(begun).as_millis(), 1000, "a megabyte takes its second all the same");
        assert!(bucket.take(10_000, at(3000)) >= at(3010), "two idle seconds are not caught up");
    }
}
