//! Backups of the register.

use crate::error::RegisterError;
use crate::view::{View, id_at, instant_at};
use ledger::RegisterBackedUp;
use model::{Digest, Instant};
use rusqlite::{Connection, params};

pub(crate) const DDL: &str = "
CREATE TABLE backup (
    seq    INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    place  TEXT NOT NULL,
    file   TEXT NOT NULL,
    events INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT;
";

pub(crate) fn made(db: &Connection, seq: u64, at: &str, b: &RegisterBackedUp) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO backup VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![seq, at, b.place, b.file, b.events, b.bytes, b.sha256],
    )
    .map(drop)
}

/// A backup of the register as it was made. The file may have been removed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRow {
    pub at: Instant,
    /// Empty: in the vault itself; else the id of the place for second copies.
    pub place: String,
    /// File name.
    pub file: String,
    /// Events that it holds.
    pub events: u64,
    pub bytes: u64,
    pub sha256: Digest,
}

impl View<'_> {
    /// Returns the newest backups of the register first.
    pub fn backups(&self, limit: u32) -> Result<Vec<BackupRow>, RegisterError> {
        self.rows(
            "SELECT at, place, file, events, bytes, sha256 FROM backup ORDER BY seq DESC LIMIT ?1",
            [limit],
            |row| {
                Ok(BackupRow {
                    at: instant_at(row, 0)?,
                    place: row.get(1)?,
                    file: row.get(2)?,
                    events: row.get(3)?,
                    bytes: row.get(4)?,
                    sha256: id_at(row, 5, Digest::from_hex)?,
                })
            },
            "read the backups",
        )
    }
}
