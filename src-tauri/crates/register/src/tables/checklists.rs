//! Versions of the checklist (音像记录事项清单). The table knows that they are there; what they say stands in their
//! events alone.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at};
use ledger::{Change, ChecklistRecorded, Event};
use model::{Checklist, Instant};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE checklist (
    version      INTEGER PRIMARY KEY CHECK (version > 0),
    seq          INTEGER NOT NULL REFERENCES event(seq),
    recorded_at  TEXT NOT NULL,
    recorded_by  TEXT NOT NULL,
    published_on TEXT,
    columns      INTEGER NOT NULL,
    rows         INTEGER NOT NULL
) STRICT;
";

pub(crate) fn recorded(
    db: &Connection,
    seq: u64,
    at: &str,
    actor: &str,
    c: &ChecklistRecorded,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO checklist VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![c.version, seq, at, actor, c.published_on, c.columns.len(), c.rows.len()],
    )
    .map(drop)
}

/// A version as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecklistVersion {
    /// Counts from 1.
    pub version: u32,
    pub recorded_at: Instant,
    pub recorded_by: String,
    /// A day, `2026-11-21`; `None` while it is not published.
    pub published_on: Option<String>,
    pub columns: u64,
    pub rows: u64,
}

/// A version with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecklistRow {
    pub version: ChecklistVersion,
    pub checklist: Checklist,
}

const COLUMNS: &str = "c.version, c.recorded_at, c.recorded_by, c.published_on, c.columns, c.rows";

fn version(row: &Row<'_>) -> rusqlite::Result<ChecklistVersion> {
    Ok(ChecklistVersion {
        version: row.get(0)?,
        recorded_at: instant_at(row, 1)?,
        recorded_by: row.get(2)?,
        published_on: row.get(3)?,
        columns: row.get(4)?,
        rows: row.get(5)?,
    })
}

fn whole(row: &Row<'_>) -> rusqlite::Result<ChecklistRow> {
    let bytes: Vec<u8> = row.get(6)?;
    let said = match Event::parse(&bytes).map(|event| event.change) {
        Ok(Change::ChecklistRecorded(said)) => said,
        // Some other event's bytes: what the table points to is not what it was made from.
        _ => return id_at(row, 1, |_| None),
    };
    Ok(ChecklistRow { version: version(row)?, checklist: said.into() })
}

impl View<'_> {
    /// Returns the versions of the checklist, the newest first.
    pub fn checklist_versions(&self) -> Result<Vec<ChecklistVersion>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM checklist c ORDER BY c.version DESC");
        self.rows(&sql, [], version, "read the versions of the checklist")
    }

    /// Returns the checklist that is in force: the newest version. `None` while the unit has saved none.
    pub fn checklist_in_force(&self) -> Result<Option<ChecklistRow>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS}, e.bytes FROM checklist c JOIN event e ON e.seq = c.seq ORDER BY c.version DESC LIMIT 1"
        );
        self.db.query_row(&sql, [], whole).optional().doing("read the checklist")
    }

    /// Returns one version of the checklist.
    pub fn checklist(&self, version: u32) -> Result<Option<ChecklistRow>, RegisterError> {
        let sql =
            format!("SELECT {COLUMNS}, e.bytes FROM checklist c JOIN event e ON e.seq = c.seq WHERE c.version = ?1");
        self.db.query_row(&sql, [version], whole).optional().doing("read a version of the checklist")
    }
}
