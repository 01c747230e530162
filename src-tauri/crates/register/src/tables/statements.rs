//! Signed statements: appended, never changed.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at};
use ledger::{StatementRecord, StatementSigned};
use model::{ClipId, Digest, Instant, SessionId, StatementFields};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE statement (
    number      TEXT PRIMARY KEY,
    session_id  TEXT NOT NULL,
    revision    INTEGER NOT NULL CHECK (revision > 0),
    fields      TEXT NOT NULL,
    case_number TEXT NOT NULL,
    root        TEXT NOT NULL CHECK (length(root) = 64),
    pdf_path    TEXT NOT NULL,
    pdf_sha256  TEXT NOT NULL CHECK (length(pdf_sha256) = 64),
    signed_at   TEXT NOT NULL,
    signed_by   TEXT NOT NULL,
    reason      TEXT NOT NULL,
    UNIQUE (session_id, revision)
) STRICT;
CREATE TABLE statement_clip (
    number   TEXT NOT NULL REFERENCES statement(number),
    position INTEGER NOT NULL,
    clip_id  TEXT NOT NULL REFERENCES clip(id),
    PRIMARY KEY (number, position)
) STRICT;
CREATE INDEX statement_clip_by_clip ON statement_clip (clip_id);
";

pub(crate) fn signed(
    db: &Connection,
    at: &str,
    actor: &str,
    reason: &str,
    s: &StatementSigned,
) -> rusqlite::Result<()> {
    let fields = serde_json::to_string(&s.fields).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.execute(
        "INSERT INTO statement VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            s.number,
            s.session,
            s.revision,
            fields,
            s.case_number,
            s.root,
            s.pdf_path,
            s.pdf_sha256,
            at,
            actor,
            reason
        ],
    )?;
    let mut insert = db.prepare_cached("INSERT INTO statement_clip VALUES (?1, ?2, ?3)")?;
    for (position, clip) in s.clips.iter().enumerate() {
        insert.execute(params![s.number, position as u64, clip])?;
    }
    db.execute("DELETE FROM draft WHERE session_id = ?1", [&s.session]).map(drop)
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    pub number: String,
    pub session: SessionId,
    pub revision: u32,
    pub fields: StatementFields,
    pub case_number: String,
    pub root: Digest,
    /// Path below the vault.
    pub pdf_path: String,
    pub pdf_sha256: Digest,
    pub signed_at: Instant,
    pub signed_by: String,
    pub reason: String,
}

fn statement(row: &Row<'_>) -> rusqlite::Result<StatementRow> {
    Ok(StatementRow {
        number: row.get(0)?,
        session: id_at(row, 1, SessionId::parse)?,
        revision: row.get(2)?,
        fields: id_at(row, 3, |text| serde_json::from_str::<StatementRecord>(text).ok().map(Into::into))?,
        case_number: row.get(4)?,
        root: id_at(row, 5, Digest::from_hex)?,
        pdf_path: row.get(6)?,
        pdf_sha256: id_at(row, 7, Digest::from_hex)?,
        signed_at: instant_at(row, 8)?,
        signed_by: row.get(9)?,
        reason: row.get(10)?,
    })
}

impl View<'_> {
    /// Returns a session's statements, the newest revision first.
    pub fn statements(&self, session: &SessionId) -> Result<Vec<StatementRow>, RegisterError> {
        self.rows(
            "SELECT * FROM statement WHERE session_id = ?1 ORDER BY revision DESC",
            [session.as_str()],
            statement,
            "read a session's statements",
        )
    }

    /// Returns one statement by its number.
    pub fn statement(&self, number: &str) -> Result<Option<StatementRow>, RegisterError> {
        self.db
            .query_row("SELECT * FROM statement WHERE number = ?1", [number], statement)
            .optional()
            .doing("read a statement")
    }

    /// Returns the statement last signed for footage of this recorder: what it says suggests the next.
    pub fn last_statement_of_recorder(&self, recorder: &str) -> Result<Option<StatementRow>, RegisterError> {
        self.db
            .query_row(
                "SELECT t.* FROM statement t JOIN session s ON s.id = t.session_id WHERE s.recorder = ?1
                 ORDER BY t.signed_at DESC, t.revision DESC LIMIT 1",
                [recorder],
                statement,
            )
            .optional()
            .doing("read a recorder's last statement")
    }

    /// Returns every statement, by number.
    pub fn all_statements(&self) -> Result<Vec<StatementRow>, RegisterError> {
        self.rows("SELECT * FROM statement ORDER BY number", [], statement, "read the statements")
    }

    /// Returns the clips a statement speaks of, in its order.
    pub fn statement_clips(&self, number: &str) -> Result<Vec<ClipId>, RegisterError> {
        self.rows(
            "SELECT clip_id FROM statement_clip WHERE number = ?1 ORDER BY position",
            [number],
            |row| id_at(row, 0, ClipId::parse),
            "read a statement's clips",
        )
    }
}
