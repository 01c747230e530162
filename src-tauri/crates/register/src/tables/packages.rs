//! Archive packages, and checks of the whole store.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{PackageMade, PackageVerified, ProblemRecord, StoreChecked};
use model::{CaseId, Digest, Instant, PackageId, Problem};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE package (
    id           TEXT PRIMARY KEY,
    number       TEXT NOT NULL UNIQUE,
    case_id      TEXT NOT NULL REFERENCES \"case\"(id),
    made_at      TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    folder       TEXT NOT NULL,
    image        TEXT,
    files        INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    image_bytes  INTEGER,
    image_sha256 TEXT,
    root         TEXT NOT NULL CHECK (length(root) = 64),
    verified_at  TEXT,
    checked      INTEGER,
    checked_bytes INTEGER,
    findings     TEXT
) STRICT;
CREATE TABLE store_check (
    seq           INTEGER PRIMARY KEY,
    at            TEXT NOT NULL,
    metadata_only INTEGER NOT NULL,
    clips         INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    findings      TEXT NOT NULL
) STRICT;
";

pub(crate) fn made(db: &Connection, at: &str, actor: &str, p: &PackageMade) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO package (id, number, case_id, made_at, made_by, folder, image, files, bytes, image_bytes,
             image_sha256, root)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            p.id,
            p.number,
            p.case,
            at,
            actor,
            p.folder,
            p.image,
            p.files,
            p.bytes,
            p.image_bytes,
            p.image_sha256,
            p.root
        ],
    )
    .map(drop)
}

pub(crate) fn verified(db: &Connection, at: &str, p: &PackageVerified) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE package SET verified_at = ?2, checked = ?3, checked_bytes = ?4, findings = ?5 WHERE id = ?1",
        params![p.package, at, p.checked, p.bytes, to_json(&p.findings)?],
    )
    .map(drop)
}

pub(crate) fn store_checked(db: &Connection, seq: u64, at: &str, c: &StoreChecked) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO store_check VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![seq, at, c.metadata_only, c.clips, c.bytes, to_json(&c.findings)?],
    )
    .map(drop)
}

fn to_json(findings: &[ProblemRecord]) -> rusqlite::Result<String> {
    serde_json::to_string(findings).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

fn from_json(text: &str) -> Option<Vec<Problem>> {
    let records: Vec<ProblemRecord> = serde_json::from_str(text).ok()?;
    records.into_iter().map(ProblemRecord::problem).collect()
}

/// What a check found, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    pub at: Instant,
    pub metadata_only: bool,
    pub checked: u64,
    pub bytes: u64,
    pub findings: Vec<Problem>,
}

/// An archive package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageRow {
    pub id: PackageId,
    pub number: String,
    pub case: CaseId,
    pub case_number: String,
    pub made_at: Instant,
    pub made_by: String,
    /// Path below the vault, or absolute where it was written elsewhere.
    pub folder: String,
    pub image: Option<String>,
    pub files: u64,
    pub bytes: u64,
    pub image_bytes: Option<u64>,
    pub root: Digest,
    /// The newest read-back.
    pub verified: Option<CheckRow>,
}

const SELECT: &str = "
SELECT p.id, p.number, p.case_id, c.number, p.made_at, p.made_by, p.folder, p.image, p.files, p.bytes, p.image_bytes,
    p.root, p.verified_at, p.checked, p.checked_bytes, p.findings
FROM package p JOIN \"case\" c ON c.id = p.case_id";

fn package(row: &Row<'_>) -> rusqlite::Result<PackageRow> {
    let verified = match maybe_instant_at(row, 12)? {
        None => None,
        Some(at) => Some(CheckRow {
            at,
            metadata_only: false,
            checked: row.get(13)?,
            bytes: row.get(14)?,
            findings: id_at(row, 15, from_json)?,
        }),
    };
    Ok(PackageRow {
        id: id_at(row, 0, PackageId::parse)?,
        number: row.get(1)?,
        case: id_at(row, 2, CaseId::parse)?,
        case_number: row.get(3)?,
        made_at: instant_at(row, 4)?,
        made_by: row.get(5)?,
        folder: row.get(6)?,
        image: row.get(7)?,
        files: row.get(8)?,
        bytes: row.get(9)?,
        image_bytes: row.get(10)?,
        root: id_at(row, 11, Digest::from_hex)?,
        verified,
    })
}

impl View<'_> {
    /// Returns every package, the newest first.
    pub fn packages(&self) -> Result<Vec<PackageRow>, RegisterError> {
        self.rows(&format!("{SELECT} ORDER BY p.id DESC"), [], package, "read the packages")
    }

    /// Returns one package.
    pub fn package(&self, id: &PackageId) -> Result<Option<PackageRow>, RegisterError> {
        self.db
            .query_row(&format!("{SELECT} WHERE p.id = ?1"), [id.as_str()], package)
            .optional()
            .doing("read a package")
    }

    /// Returns the newest check of the whole store.
    pub fn last_store_check(&self) -> Result<Option<CheckRow>, RegisterError> {
        self.db
            .query_row(
                "SELECT at, metadata_only, clips, bytes, findings FROM store_check ORDER BY seq DESC LIMIT 1",
                [],
                |row| {
                    Ok(CheckRow {
                        at: instant_at(row, 0)?,
                        metadata_only: row.get(1)?,
                        checked: row.get(2)?,
                        bytes: row.get(3)?,
                        findings: id_at(row, 4, from_json)?,
                    })
                },
            )
            .optional()
            .doing("read the last check")
    }
}
