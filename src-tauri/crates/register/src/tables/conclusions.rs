//! When the inspection of a case ended and the case was closed: from then on the period for filing runs.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, maybe_instant_at};
use ledger::CaseConcluded;
use model::{CaseId, Instant};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const DDL: &str = "
CREATE TABLE conclusion (
    case_id      TEXT PRIMARY KEY REFERENCES \"case\"(id),
    inspected_at TEXT,
    closed_at    TEXT
) STRICT;
";

pub(crate) fn concluded(db: &Connection, c: &CaseConcluded) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO conclusion VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id) DO UPDATE SET inspected_at = excluded.inspected_at, closed_at = excluded.closed_at",
        (&c.case, &c.inspected_at, &c.closed_at),
    )
    .map(drop)
}

/// When a case came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConclusionRow {
    /// 检查结束.
    pub inspected_at: Option<Instant>,
    /// 结案.
    pub closed_at: Option<Instant>,
}

impl ConclusionRow {
    /// Returns from when the period for filing runs: the closing, or the end of an inspection that led to nothing more.
    pub fn ended(&self) -> Option<Instant> {
        self.closed_at.or(self.inspected_at)
    }
}

/// A case whose period for filing has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    pub case: CaseId,
    pub number: String,
    pub party: String,
    pub conclusion: ConclusionRow,
    /// When its newest package was made.
    pub packaged_at: Option<Instant>,
}

fn conclusion(row: &Row<'_>, at: usize) -> rusqlite::Result<ConclusionRow> {
    Ok(ConclusionRow { inspected_at: maybe_instant_at(row, at)?, closed_at: maybe_instant_at(row, at + 1)? })
}

impl View<'_> {
    /// Returns when a case came to its end, as far as it was entered.
    pub fn conclusion(&self, case: &CaseId) -> Result<ConclusionRow, RegisterError> {
        self.db
            .query_row("SELECT inspected_at, closed_at FROM conclusion WHERE case_id = ?1", [case.as_str()], |row| {
                conclusion(row, 0)
            })
            .optional()
            .map(Option::unwrap_or_default)
            .doing("read a case's conclusion")
    }

    /// Returns the cases that came to an end and have no package made since.
    pub fn cases_to_file(&self) -> Result<Vec<OpenCase>, RegisterError> {
        self.rows(
            "SELECT * FROM (
                 SELECT c.id, c.number, c.party, e.inspected_at, e.closed_at,
                     (SELECT max(made_at) FROM package p WHERE p.case_id = c.id) AS packaged_at
                 FROM conclusion e JOIN \"case\" c ON c.id = e.case_id)
             WHERE coalesce(closed_at, inspected_at) > coalesce(packaged_at, '') ORDER BY id",
            [],
            |row| {
                Ok(OpenCase {
                    case: id_at(row, 0, CaseId::parse)?,
                    number: row.get(1)?,
                    party: row.get(2)?,
                    conclusion: conclusion(row, 3)?,
                    packaged_at: maybe_instant_at(row, 5)?,
                })
            },
            "read the cases to be filed",
        )
    }
}
