//! Working-day calendars that took the built-in one's place; the newest is in force.

use crate::error::{Doing, RegisterError};
use crate::view::{View, instant_at};
use ledger::CalendarRecorded;
use model::Instant;
use rusqlite::Connection;

pub(crate) const DDL: &str = "
CREATE TABLE calendar (
    seq     INTEGER PRIMARY KEY,
    edition TEXT NOT NULL,
    at      TEXT NOT NULL,
    by      TEXT NOT NULL,
    text    TEXT NOT NULL
) STRICT;
";

pub(crate) fn recorded(db: &Connection, seq: u64, at: &str, actor: &str, c: &CalendarRecorded) -> rusqlite::Result<()> {
    db.execute("INSERT INTO calendar VALUES (?1, ?2, ?3, ?4, ?5)", (seq, &c.edition, at, actor, &c.text)).map(drop)
}

/// A calendar and when it was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarRow {
    /// The event that took it over.
    pub seq: u64,
    /// Id and version: `cn 2027-1`.
    pub edition: String,
    pub at: Instant,
    pub by: String,
}

impl View<'_> {
    /// Returns the calendars that were taken over, the oldest first.
    pub fn calendars(&self) -> Result<Vec<CalendarRow>, RegisterError> {
        self.rows(
            "SELECT seq, edition, at, by FROM calendar ORDER BY seq",
            [],
            |row| Ok(CalendarRow { seq: row.get(0)?, edition: row.get(1)?, at: instant_at(row, 2)?, by: row.get(3)? }),
            "read the calendars",
        )
    }

    /// Returns the whole file of a calendar that an event took over.
    pub fn calendar_text(&self, seq: u64) -> Result<String, RegisterError> {
        self.db.query_row("SELECT text FROM calendar WHERE seq = ?1", [seq], |row| row.get(0)).doing("read a calendar")
    }
}
