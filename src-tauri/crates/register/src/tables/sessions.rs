//! Sessions, and drafts of their statements.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, maybe_id_at, maybe_instant_at};
use ledger::{SessionAssigned, SessionChanged, SessionFormed};
use model::{CaseId, JobId, Session, SessionId, Span};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const DDL: &str = "
CREATE TABLE session (
    id       TEXT PRIMARY KEY,
    recorder TEXT NOT NULL,
    origin   TEXT NOT NULL,
    case_id  TEXT REFERENCES \"case\"(id)
) STRICT;
CREATE INDEX session_by_case ON session (case_id);
";

pub(crate) const DRAFT_DDL: &str = "
CREATE TABLE draft (
    session_id TEXT PRIMARY KEY,
    revision   INTEGER NOT NULL,
    body       TEXT NOT NULL,
    saved_at   TEXT NOT NULL,
    saved_by   TEXT NOT NULL
) STRICT;
";

pub(crate) fn formed(db: &Connection, s: &SessionFormed) -> rusqlite::Result<()> {
    db.execute("INSERT INTO session (id, recorder, origin) VALUES (?1, ?2, ?3)", (&s.id, &s.recorder, &s.origin))?;
    hold(db, &s.id, &s.clips)
}

pub(crate) fn changed(db: &Connection, s: &SessionChanged) -> rusqlite::Result<()> {
    db.execute("UPDATE clip SET session_id = NULL WHERE session_id = ?1", [&s.id])?;
    hold(db, &s.id, &s.clips)?;
    if s.clips.is_empty() {
        super::answers::forgotten(db, &s.id)?;
        db.execute("DELETE FROM session WHERE id = ?1", [&s.id])?;
    }
    Ok(())
}

fn hold(db: &Connection, session: &str, clips: &[String]) -> rusqlite::Result<()> {
    let mut update = db.prepare_cached("UPDATE clip SET session_id = ?1 WHERE id = ?2")?;
    clips.iter().try_for_each(|clip| update.execute((session, clip)).map(drop))
}

pub(crate) fn assigned(db: &Connection, s: &SessionAssigned) -> rusqlite::Result<()> {
    db.execute("UPDATE session SET case_id = ?2 WHERE id = ?1", (&s.session, &s.case)).map(drop)
}

/// A session with what its list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub session: Session,
    /// What its clips have in common: the registered recorder, or the volume.
    pub origin: String,
    pub case_number: Option<String>,
    pub clips: u32,
    pub duration_ms: u64,
    /// Number of the newest signed statement.
    pub statement_number: Option<String>,
    pub drafted: bool,
}

/// A draft as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    pub revision: u32,
    /// JSON, in the station's form.
    pub body: String,
    pub saved_at: String,
}

const SELECT: &str = "
SELECT s.id, s.recorder, s.case_id, c.number,
    (SELECT min(k.recorded_from) FROM clip k WHERE k.session_id = s.id AND k.footage = 1),
    (SELECT max(coalesce(k.recorded_to, k.recorded_from)) FROM clip k WHERE k.session_id = s.id AND k.footage = 1),
    (SELECT count(*) FROM clip k WHERE k.session_id = s.id),
    (SELECT coalesce(sum(m.duration_ms), 0) FROM clip k JOIN media m ON m.clip_id = k.id WHERE k.session_id = s.id),
    (SELECT t.number FROM statement t WHERE t.session_id = s.id ORDER BY t.revision DESC LIMIT 1),
    EXISTS (SELECT 1 FROM draft d WHERE d.session_id = s.id), s.origin
FROM session s LEFT JOIN \"case\" c ON c.id = s.case_id";

fn session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    let span = match (maybe_instant_at(row, 4)?, maybe_instant_at(row, 5)?) {
        (Some(from), Some(to)) => Some(Span { from, to }),
        _ => None,
    };
    Ok(SessionRow {
        session: Session {
            id: id_at(row, 0, SessionId::parse)?,
            recorder: row.get(1)?,
            span,
            case: maybe_id_at(row, 2, CaseId::parse)?,
        },
        origin: row.get(10)?,
        case_number: row.get(3)?,
        clips: row.get(6)?,
        duration_ms: row.get(7)?,
        statement_number: row.get(8)?,
        drafted: row.get(9)?,
    })
}

impl View<'_> {
    /// Returns every session, the newest recording first.
    pub fn sessions(&self) -> Result<Vec<SessionRow>, RegisterError> {
        self.rows(&format!("{SELECT} ORDER BY 5 DESC, s.id DESC"), [], session, "read the sessions")
    }

    /// Returns the sessions without a signed statement.
    pub fn sessions_awaiting(&self) -> Result<Vec<SessionRow>, RegisterError> {
        let sql = format!(
            "{SELECT} WHERE NOT EXISTS (SELECT 1 FROM statement t WHERE t.session_id = s.id) ORDER BY 5 DESC, s.id DESC"
        );
        self.rows(&sql, [], session, "read the sessions awaiting a statement")
    }

    /// Returns the sessions without a signed statement among those that a job's clips belong to.
    pub fn sessions_awaiting_of_job(&self, job: &JobId) -> Result<Vec<SessionId>, RegisterError> {
        self.rows(
            "SELECT DISTINCT k.session_id FROM clip k WHERE k.job_id = ?1 AND k.session_id IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.session_id = k.session_id) ORDER BY 1",
            [job.as_str()],
            |row| id_at(row, 0, SessionId::parse),
            "read a job's sessions awaiting a statement",
        )
    }

    /// Returns the sessions of a case, the oldest recording first.
    pub fn sessions_of_case(&self, case: &CaseId) -> Result<Vec<SessionRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE s.case_id = ?1 ORDER BY 5, s.id");
        self.rows(&sql, [case.as_str()], session, "read a case's sessions")
    }

    /// Returns one session.
    pub fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, RegisterError> {
        self.db
            .query_row(&format!("{SELECT} WHERE s.id = ?1"), [id.as_str()], session)
            .optional()
            .doing("read a session")
    }

    /// Returns the draft kept for a session.
    pub fn draft(&self, id: &SessionId) -> Result<Option<DraftRow>, RegisterError> {
        self.db
            .query_row("SELECT revision, body, saved_at FROM draft WHERE session_id = ?1", [id.as_str()], |row| {
                Ok(DraftRow { revision: row.get(0)?, body: row.get(1)?, saved_at: row.get(2)? })
            })
            .optional()
            .doing("read a draft")
    }
}
