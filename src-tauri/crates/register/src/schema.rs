//! The layout, step by step. Each table's own module holds its definition; a step is recorded with its checksum and
//! checked on every opening.

use crate::error::{Doing, RegisterError};
use crate::tables;
use ledger::sha256;
use rusqlite::Connection;

/// A step from one layout to the next. Steps are never edited once released.
const STEPS: &[&[&str]] = &[&[
    EVENT,
    tables::settings::DDL,
    tables::people::DDL,
    tables::recorders::DDL,
    tables::jobs::DDL,
    tables::cases::DDL,
    tables::sessions::DDL,
    tables::clips::DDL,
    tables::statements::DDL,
    tables::packages::DDL,
    tables::numbers::DDL,
]];

/// The ledger. Triggers refuse to change or delete what was written.
const EVENT: &str = "
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    reason  TEXT NOT NULL,
    bytes   BLOB NOT NULL,
    leaf    TEXT NOT NULL CHECK (length(leaf) = 64)
) STRICT;
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER event_remains BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END;
CREATE TABLE event_subject (
    subject TEXT NOT NULL,
    seq     INTEGER NOT NULL REFERENCES event(seq),
    PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_subject_by_seq ON event_subject (seq);
";

/// Sets what every connection must have; nothing is left to defaults.
pub(crate) fn configure(db: &Connection) -> Result<(), RegisterError> {
    // The waiting time comes first: switching to WAL may already have to wait.
    db.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )
    .doing("configure the connection")
}

/// Brings the layout up to date, or refuses one that this program does not know.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), RegisterError> {
    db.execute_batch("CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT;")
        .doing("prepare the layout")?;
    let done: Vec<(u32, String)> = db
        .prepare("SELECT step, checksum FROM migration ORDER BY step")
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing("read the layout")?;
    let known = u32::try_from(STEPS.len()).expect("few steps");
    if let Some((found, _)) = done.last().filter(|(found, _)| *found > known) {
        return Err(RegisterError::Newer { found: *found, known });
    }
    for (step, ddl) in (1_u32..).zip(STEPS) {
        let sql = ddl.concat();
        let checksum = sha256(sql.as_bytes()).to_string();
        match done.iter().find(|(done, _)| *done == step) {
            Some((_, recorded)) if *recorded == checksum => {}
            Some(_) => return Err(RegisterError::ForeignMigration(step)),
            None => {
                let tx = db.transaction().doing("begin a layout step")?;
                tx.execute_batch(&sql).doing("take a layout step")?;
                tx.execute("INSERT INTO migration VALUES (?1, ?2)", (step, checksum)).doing("record a layout step")?;
                tx.commit().doing("commit a layout step")?;
            }
        }
    }
    Ok(())
}
