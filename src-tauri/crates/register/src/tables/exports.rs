//! Cases that were copied out in open form, and cases that were handed in to a platform.

use crate::error::RegisterError;
use crate::view::{View, id_at, instant_at};
use ledger::{CaseDelivered, CaseExported};
use model::{CaseId, Digest, Instant};
use rusqlite::{Connection, params};

pub(crate) const DDL: &str = "
CREATE TABLE case_export (
    seq          INTEGER PRIMARY KEY,
    at           TEXT NOT NULL,
    by           TEXT NOT NULL,
    case_id      TEXT NOT NULL REFERENCES \"case\"(id),
    folder       TEXT NOT NULL,
    files        INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    with_footage INTEGER NOT NULL,
    root         TEXT NOT NULL CHECK (length(root) = 64)
) STRICT;
CREATE INDEX case_export_of ON case_export (case_id);
CREATE TABLE case_delivery (
    seq      INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    by       TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES \"case\"(id),
    platform TEXT NOT NULL,
    day      TEXT NOT NULL,
    note     TEXT NOT NULL
) STRICT;
CREATE INDEX case_delivery_of ON case_delivery (case_id);
";

pub(crate) fn exported(db: &Connection, seq: u64, at: &str, actor: &str, e: &CaseExported) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO case_export VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![seq, at, actor, e.case, e.folder, e.files, e.bytes, e.with_footage, e.root],
    )
    .map(drop)
}

pub(crate) fn delivered(db: &Connection, seq: u64, at: &str, actor: &str, d: &CaseDelivered) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO case_delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![seq, at, actor, d.case, d.platform, d.at, d.note],
    )
    .map(drop)
}

/// A case copied out in open form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    pub case: CaseId,
    pub at: Instant,
    pub by: String,
    /// As it was named; it may have been moved since.
    pub folder: String,
    pub files: u64,
    pub bytes: u64,
    pub with_footage: bool,
    /// SHA-256 of the list of digests.
    pub root: Digest,
}

/// A case handed in to a platform (归集).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    pub case: CaseId,
    /// When it was written down.
    pub recorded_at: Instant,
    pub by: String,
    pub platform: String,
    /// The day on which it was handed in, `2026-11-21`.
    pub day: String,
    pub note: String,
}

impl View<'_> {
    /// Returns the exports of a case, the newest first.
    pub fn exports_of_case(&self, case: &CaseId) -> Result<Vec<ExportRow>, RegisterError> {
        self.rows(
            "SELECT case_id, at, by, folder, files, bytes, with_footage, root FROM case_export WHERE case_id = ?1
             ORDER BY seq DESC",
            [case.as_str()],
            |row| {
                Ok(ExportRow {
                    case: id_at(row, 0, CaseId::parse)?,
                    at: instant_at(row, 1)?,
                    by: row.get(2)?,
                    folder: row.get(3)?,
                    files: row.get(4)?,
                    bytes: row.get(5)?,
                    with_footage: row.get(6)?,
                    root: id_at(row, 7, Digest::from_hex)?,
                })
            },
            "read the exports of a case",
        )
    }

    /// Returns when a case was handed in to a platform, the newest first.
    pub fn deliveries_of_case(&self, case: &CaseId) -> Result<Vec<DeliveryRow>, RegisterError> {
        self.rows(
            "SELECT case_id, at, by, platform, day, note FROM case_delivery WHERE case_id = ?1 ORDER BY seq DESC",
            [case.as_str()],
            |row| {
                Ok(DeliveryRow {
                    case: id_at(row, 0, CaseId::parse)?,
                    recorded_at: instant_at(row, 1)?,
                    by: row.get(2)?,
                    platform: row.get(3)?,
                    day: row.get(4)?,
                    note: row.get(5)?,
                })
            },
            "read the deliveries of a case",
        )
    }
}
