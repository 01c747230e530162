//! Between copying and registering: what waits to be read back and committed, in groups.

use crate::copy::StagedClip;
use dock::Entry;
use register::ClipRow;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Files committed together.
const GROUP_FILES: usize = 32;
/// Bytes committed together, unless one file has more.
const GROUP_BYTES: u64 = 64 << 20;
/// Longest time that a file waits for others to be committed with it.
const GROUP_WAIT: Duration = Duration::from_millis(250);
/// Files that may wait while a group is committed.
const WAITING_FILES: usize = 2 * GROUP_FILES;

/// What copying hands on.
pub(crate) enum Arrival<'d> {
    Staged(Box<StagedClip<'d>>),
    /// A content that the register holds was met.
    Met(Box<ClipRow>, Entry),
}

impl Arrival<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Staged(clip) => clip.staged.size,
            Self::Met(..) => 0,
        }
    }
}

/// Holds a bounded number of files and bytes: the copies run ahead of the commits, but not away from them.
#[derive(Default)]
pub(crate) struct WaitingRoom<'d> {
    state: Mutex<Waiting<'d>>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting<'d> {
    arrivals: VecDeque<Arrival<'d>>,
    bytes: u64,
    /// Nobody comes any more, or nobody is called any more.
    closed: bool,
}

impl Waiting<'_> {
    /// A file larger than a group still lets one wait.
    fn is_full(&self) -> bool {
        self.arrivals.len() >= WAITING_FILES || self.bytes >= GROUP_BYTES
    }

    fn makes_a_group(&self) -> bool {
        self.arrivals.len() >= GROUP_FILES || self.bytes >= GROUP_BYTES
    }
}

impl<'d> WaitingRoom<'d> {
    /// Waits for room and hands on. `false`: it is closed; what was handed on is dropped.
    pub fn enter(&self, arrival: Arrival<'d>) -> bool {
        let waited = self.changed.wait_while(self.state(), |waiting| waiting.is_full() && !waiting.closed);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return false;
        }
        waiting.bytes += arrival.bytes();
        waiting.arrivals.push_back(arrival);
        drop(waiting);
        self.changed.notify_all();
        true
    }

    /// Returns the next to be committed together; empty once the room is closed and empty.
    pub fn next_group(&self) -> Vec<Arrival<'d>> {
        let there = |waiting: &mut Waiting<'d>| waiting.arrivals.is_empty() && !waiting.closed;
        let waiting = self.changed.wait_while(self.state(), there).unwrap_or_else(PoisonError::into_inner);
        let more = |waiting: &mut Waiting<'d>| !waiting.makes_a_group() && !waiting.closed;
        let waited = self.changed.wait_timeout_while(waiting, GROUP_WAIT, more);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        let (mut group, mut bytes) = (Vec::new(), 0);
        while group.len() < GROUP_FILES && bytes < GROUP_BYTES {
            let Some(next) = waiting.arrivals.pop_front() else { break };
            bytes += next.bytes();
            group.push(next);
        }
        waiting.bytes -= bytes;
        drop(waiting);
        self.changed.notify_all();
        group
    }

    /// Says that nobody comes any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Says that nobody is called any more; who waits is dropped.
    pub fn shut(&self) {
        let waiting = std::mem::replace(&mut *self.state(), Waiting { closed: true, ..Waiting::default() });
        self.changed.notify_all();
        drop(waiting);
    }

    fn state(&self) -> MutexGuard<'_, Waiting<'d>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
