//! Reading connections: lent one by one, kept for reuse, and called in when the register is opened again.

use crate::error::{Doing, RegisterError};
use crate::{Places, lock};
use rusqlite::{Connection, OpenFlags};
use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Reading connections kept for reuse.
const KEPT_MAX: usize = 4;
/// Longest wait for readings under way when all connections are called in.
const CALL_IN: Duration = Duration::from_secs(5);

/// The reading connections of a register.
#[derive(Default)]
pub(crate) struct Readers {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    kept: Vec<Connection>,
    lent: usize,
    called_in: bool,
}

/// A connection that goes back when it is dropped.
pub(crate) struct Lent<'a> {
    readers: &'a Readers,
    db: Option<Connection>,
}

/// While this is held no connection for reading is open, and none is lent.
pub(crate) struct CalledIn<'a>(&'a Readers);

impl Readers {
    /// Lends a connection; waits while all are called in.
    pub fn lend(&self, places: &Places) -> Result<Lent<'_>, RegisterError> {
        let mut held = lock(&self.held);
        while held.called_in {
            held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        held.lent += 1;
        let kept = held.kept.pop();
        drop(held);
        let mut lent = Lent { readers: self, db: kept };
        if lent.db.is_none() {
            lent.db = Some(open(places)?);
        }
        Ok(lent)
    }

    /// Closes every connection and lends none until the answer is dropped. `None`: a reading did not end in time.
    pub fn call_in(&self) -> Option<CalledIn<'_>> {
        let mut held = lock(&self.held);
        held.called_in = true;
        held.kept.clear();
        let called_in = CalledIn(self);
        let waited = self.changed.wait_timeout_while(held, CALL_IN, |held| held.lent > 0);
        let (held, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(held);
        (!timeout.timed_out()).then_some(called_in)
    }
}

impl Drop for CalledIn<'_> {
    fn drop(&mut self) {
        lock(&self.0.held).called_in = false;
        self.0.changed.notify_all();
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db.as_ref().expect("a lent connection is there until it goes back")
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.db.as_mut().expect("a lent connection is there until it goes back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut held = lock(&self.readers.held);
        if !held.called_in && held.kept.len() < KEPT_MAX {
            held.kept.extend(self.db.take());
        }
        // Closed before it counts as back: whoever called it in relies on that.
        self.db = None;
        held.lent -= 1;
        drop(held);
        self.readers.changed.notify_all();
    }
}

/// Opens a connection that can read, and nothing else.
pub(crate) fn open(places: &Places) -> Result<Connection, RegisterError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(places.database(), flags).doing("open for reading")?;
    db.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;").doing("configure reading")?;
    let index = places.register.join("search.sqlite");
    db.execute("ATTACH ?1 AS found", [index.to_string_lossy()]).doing("open the search index for reading")?;
    Ok(db)
}
