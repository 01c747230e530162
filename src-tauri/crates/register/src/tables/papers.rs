//! Numbered papers beside the statements: issued, perhaps voided, never changed; and their drafts.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{PaperIssued, PaperVoided};
use model::{Digest, Instant, PaperId, PaperSubject, SubjectKind};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE paper (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    number       TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    basis        TEXT NOT NULL,
    \"values\"     TEXT NOT NULL,
    record       TEXT NOT NULL CHECK (length(record) = 64),
    pdf_path     TEXT NOT NULL,
    pdf_sha256   TEXT NOT NULL CHECK (length(pdf_sha256) = 64),
    sheets       INTEGER NOT NULL CHECK (sheets > 0),
    issued_at    TEXT NOT NULL,
    issued_by    TEXT NOT NULL,
    voided_at    TEXT,
    voided_by    TEXT,
    void_reason  TEXT
) STRICT;
CREATE INDEX paper_by_subject ON paper (subject_kind, subject);
";

/// Drafts of papers: one of a kind about a subject.
pub(crate) const DRAFT_DDL: &str = "
CREATE TABLE IF NOT EXISTS paper_draft (
    kind         TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    body         TEXT NOT NULL,
    saved_at     TEXT NOT NULL,
    saved_by     TEXT NOT NULL,
    PRIMARY KEY (kind, subject_kind, subject)
) STRICT;
";

pub(crate) fn issued(db: &Connection, at: &str, actor: &str, p: &PaperIssued) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO paper VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, NULL, NULL, NULL)",
        params![
            p.id,
            p.kind,
            p.number,
            p.title,
            p.subject_kind,
            p.subject,
            p.basis,
            p.values,
            p.record,
            p.pdf_path,
            p.pdf_sha256,
            p.sheets,
            at,
            actor
        ],
    )?;
    db.execute(
        "DELETE FROM paper_draft WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3",
        (&p.kind, &p.subject_kind, &p.subject),
    )
    .map(drop)
}

pub(crate) fn voided(db: &Connection, at: &str, actor: &str, p: &PaperVoided) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE paper SET voided_at = ?2, voided_by = ?3, void_reason = ?4 WHERE id = ?1",
        (&p.id, at, actor, &p.reason),
    )
    .map(drop)
}

/// An issued paper as its line shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperRow {
    pub id: PaperId,
    /// Code of its template.
    pub kind: String,
    pub number: String,
    pub title: String,
    pub subject: PaperSubject,
    /// The regulations and articles that call for it; empty where none does.
    pub basis: String,
    /// SHA-256 of its values; printed on it.
    pub record: Digest,
    /// Path below the vault.
    pub pdf_path: String,
    pub pdf_sha256: Digest,
    /// Printed pages.
    pub sheets: u32,
    pub issued_at: Instant,
    pub issued_by: String,
    /// `None` while it holds.
    pub voided: Option<Voided>,
}

/// Who took a paper back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    pub at: Instant,
    pub by: String,
    pub reason: String,
}

/// Which papers are asked for; `None` takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaperFilter {
    pub kind: Option<String>,
    pub subject: Option<PaperSubject>,
    /// Of the number.
    pub year: Option<i32>,
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperDraftRow {
    pub kind: String,
    pub subject: PaperSubject,
    pub revision: u32,
    /// JSON, in the station's form.
    pub body: String,
    pub saved_at: Instant,
    pub saved_by: String,
}

const COLUMNS: &str = "id, kind, number, title, subject_kind, subject, basis, record, pdf_path, pdf_sha256, sheets,
    issued_at, issued_by, voided_at, voided_by, void_reason";

fn subject(row: &Row<'_>, column: usize) -> rusqlite::Result<PaperSubject> {
    Ok(PaperSubject { kind: id_at(row, column, SubjectKind::from_code)?, id: row.get(column + 1)? })
}

fn paper(row: &Row<'_>) -> rusqlite::Result<PaperRow> {
    let voided = match maybe_instant_at(row, 13)? {
        None => None,
        Some(at) => Some(Voided { at, by: row.get(14)?, reason: row.get(15)? }),
    };
    Ok(PaperRow {
        id: id_at(row, 0, PaperId::parse)?,
        kind: row.get(1)?,
        number: row.get(2)?,
        title: row.get(3)?,
        subject: subject(row, 4)?,
        basis: row.get(6)?,
        record: id_at(row, 7, Digest::from_hex)?,
        pdf_path: row.get(8)?,
        pdf_sha256: id_at(row, 9, Digest::from_hex)?,
        sheets: row.get(10)?,
        issued_at: instant_at(row, 11)?,
        issued_by: row.get(12)?,
        voided,
    })
}

fn draft(row: &Row<'_>) -> rusqlite::Result<PaperDraftRow> {
    Ok(PaperDraftRow {
        kind: row.get(0)?,
        subject: subject(row, 1)?,
        revision: row.get(3)?,
        body: row.get(4)?,
        saved_at: instant_at(row, 5)?,
        saved_by: row.get(6)?,
    })
}

impl View<'_> {
    /// Returns the papers asked for, the newest first.
    pub fn papers(&self, filter: &PaperFilter) -> Result<Vec<PaperRow>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM paper WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR subject_kind = ?2)
                 AND (?3 IS NULL OR subject = ?3) AND (?4 IS NULL OR instr(number, ?4) > 0) ORDER BY id DESC"
        );
        let subject = filter.subject.as_ref();
        let year = filter.year.map(|year| format!("〔{year}〕"));
        let asked = params![filter.kind, subject.map(|s| s.kind.code()), subject.map(|s| &s.id), year];
        self.rows(&sql, asked, paper, "read the papers")
    }

    /// Returns one paper.
    pub fn paper(&self, id: &PaperId) -> Result<Option<PaperRow>, RegisterError> {
        self.one_paper("id", id.as_str())
    }

    /// Returns the paper with this number.
    pub fn paper_by_number(&self, number: &str) -> Result<Option<PaperRow>, RegisterError> {
        self.one_paper("number", number)
    }

    fn one_paper(&self, column: &str, value: &str) -> Result<Option<PaperRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM paper WHERE {column} = ?1");
        self.db.query_row(&sql, [value], paper).optional().doing("read a paper")
    }

    /// Returns what a paper says, as the ledger holds it.
    pub fn paper_values(&self, id: &PaperId) -> Result<Option<String>, RegisterError> {
        let sql = "SELECT \"values\" FROM paper WHERE id = ?1";
        self.db.query_row(sql, [id.as_str()], |row| row.get(0)).optional().doing("read what a paper says")
    }

    /// Returns the draft of a kind of paper about a subject.
    pub fn paper_draft(&self, kind: &str, subject: &PaperSubject) -> Result<Option<PaperDraftRow>, RegisterError> {
        self.db
            .query_row(
                "SELECT * FROM paper_draft WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3",
                (kind, subject.kind.code(), &subject.id),
                draft,
            )
            .optional()
            .doing("read a paper's draft")
    }

    /// Returns every draft of a paper, the one last saved first.
    pub fn paper_drafts(&self) -> Result<Vec<PaperDraftRow>, RegisterError> {
        let sql = "SELECT * FROM paper_draft ORDER BY saved_at DESC, kind, subject_kind, subject";
        self.rows(sql, [], draft, "read the papers' drafts")
    }
}
