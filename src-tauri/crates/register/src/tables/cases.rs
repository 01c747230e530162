//! Cases.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at};
use ledger::CaseRecorded;
use model::{Case, CaseDraft, CaseId};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const DDL: &str = "
CREATE TABLE \"case\" (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL UNIQUE,
    cause      TEXT NOT NULL,
    party      TEXT NOT NULL,
    department TEXT NOT NULL,
    opened_at  TEXT NOT NULL
) STRICT;
";

pub(crate) fn recorded(db: &Connection, at: &str, c: &CaseRecorded) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO \"case\" VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET number = excluded.number, cause = excluded.cause, party = excluded.party,
             department = excluded.department",
        (&c.id, &c.number, &c.cause, &c.party, &c.department, at),
    )
    .map(drop)
}

/// A case with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub case: Case,
    pub sessions: u32,
    /// Sessions without a signed statement.
    pub awaiting: u32,
    pub clips: u32,
    pub bytes: u64,
    pub packages: u32,
}

const SELECT: &str = "
SELECT c.id, c.number, c.cause, c.party, c.department, c.opened_at,
    (SELECT count(*) FROM session s WHERE s.case_id = c.id),
    (SELECT count(*) FROM session s WHERE s.case_id = c.id
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.session_id = s.id)),
    (SELECT count(*) FROM clip k JOIN session s ON k.session_id = s.id WHERE s.case_id = c.id),
    (SELECT coalesce(sum(k.size), 0) FROM clip k JOIN session s ON k.session_id = s.id WHERE s.case_id = c.id),
    (SELECT count(*) FROM package p WHERE p.case_id = c.id)
FROM \"case\" c";

fn case(row: &Row<'_>) -> rusqlite::Result<CaseRow> {
    Ok(CaseRow {
        case: Case {
            id: id_at(row, 0, CaseId::parse)?,
            draft: CaseDraft { number: row.get(1)?, cause: row.get(2)?, party: row.get(3)?, department: row.get(4)? },
            opened_at: instant_at(row, 5)?,
        },
        sessions: row.get(6)?,
        awaiting: row.get(7)?,
        clips: row.get(8)?,
        bytes: row.get(9)?,
        packages: row.get(10)?,
    })
}

impl View<'_> {
    /// Returns every case, the newest first.
    pub fn cases(&self) -> Result<Vec<CaseRow>, RegisterError> {
        self.rows(&format!("{SELECT} ORDER BY c.id DESC"), [], case, "read the cases")
    }

    /// Returns one case.
    pub fn case(&self, id: &CaseId) -> Result<Option<CaseRow>, RegisterError> {
        self.db.query_row(&format!("{SELECT} WHERE c.id = ?1"), [id.as_str()], case).optional().doing("read a case")
    }

    /// Returns the case with this 案号.
    pub fn case_by_number(&self, number: &str) -> Result<Option<CaseRow>, RegisterError> {
        self.db
            .query_row(&format!("{SELECT} WHERE c.number = ?1"), [number], case)
            .optional()
            .doing("read a case by its number")
    }
}
