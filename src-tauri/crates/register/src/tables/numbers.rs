//! Numbers given out: unbroken per kind and year, never given twice.

use crate::error::{Doing, RegisterError};
use crate::view::View;
use model::NumberKind;
use rusqlite::Connection;

pub(crate) const DDL: &str = "
CREATE TABLE number (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    n    INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (kind, year, n)
) STRICT, WITHOUT ROWID;
";

/// Takes a number; one that was given before breaks the transaction.
pub(crate) fn taken(db: &Connection, kind: NumberKind<'_>, text: &str) -> rusqlite::Result<()> {
    let (year, n) = kind.parse(text).ok_or_else(|| rusqlite::Error::InvalidParameterName(text.to_owned()))?;
    db.execute("INSERT INTO number VALUES (?1, ?2, ?3)", (kind.code(), year, n)).map(drop)
}

impl View<'_> {
    /// Returns the next free number of a year. Only holds within the write that uses it.
    pub fn next_number(&self, kind: NumberKind<'_>, year: i32) -> Result<String, RegisterError> {
        self.db
            .query_row(
                "SELECT coalesce(max(n), 0) + 1 FROM number WHERE kind = ?1 AND year = ?2",
                (kind.code(), year),
                |row| row.get(0),
            )
            .map(|n| kind.format(year, n))
            .doing("find the next number")
    }
}
