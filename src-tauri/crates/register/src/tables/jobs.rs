//! Intakes and what was to be said of single files.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{JobClosed, JobOpened, JobPlanned, JobProblems, JobResumed};
use model::{ErrorCode, Instant, JobId, Problem, ProblemCode};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE job (
    id            TEXT PRIMARY KEY,
    volume_key    TEXT NOT NULL,
    volume_label  TEXT NOT NULL,
    recorder_id   TEXT REFERENCES recorder(id),
    recorder_name TEXT NOT NULL,
    source        TEXT NOT NULL,
    profile       TEXT NOT NULL DEFAULT '',
    admitted      TEXT NOT NULL,
    declared      TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'done', 'interrupted', 'cancelled', 'failed')),
    error         TEXT,
    opened_at     TEXT NOT NULL,
    closed_at     TEXT,
    files         INTEGER NOT NULL DEFAULT 0,
    bytes         INTEGER NOT NULL DEFAULT 0,
    stored        INTEGER NOT NULL DEFAULT 0,
    stored_bytes  INTEGER NOT NULL DEFAULT 0,
    already_held  INTEGER NOT NULL DEFAULT 0,
    refused       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_by_volume ON job (volume_key, state);
CREATE TABLE job_problem (
    seq    INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    job_id TEXT NOT NULL REFERENCES job(id),
    code   TEXT NOT NULL,
    path   TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT;
CREATE INDEX job_problem_by_job ON job_problem (job_id);
";

pub(crate) fn opened(db: &Connection, at: &str, j: &JobOpened) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO job (id, volume_key, volume_label, recorder_id, recorder_name, source, admitted, declared, state,
             opened_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9)",
        params![j.id, j.volume.key, j.volume.label, j.recorder, j.recorder_name, j.source, j.admitted, j.declared, at],
    )
    .map(drop)
}

pub(crate) fn resumed(db: &Connection, j: &JobResumed) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE job SET state = 'open', closed_at = NULL, error = NULL, recorder_id = ?2, recorder_name = ?3,
             source = ?4, admitted = ?5, declared = ?6 WHERE id = ?1",
        params![j.id, j.recorder, j.recorder_name, j.source, j.admitted, j.declared],
    )
    .map(drop)
}

pub(crate) fn planned(db: &Connection, j: &JobPlanned) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE job SET recorder_name = ?2, profile = ?3, files = ?4, bytes = ?5 WHERE id = ?1",
        params![j.job, j.recorder_name, j.profile, j.files, j.bytes],
    )
    .map(drop)
}

pub(crate) fn closed(db: &Connection, at: &str, j: &JobClosed) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE job SET state = ?2, error = ?3, closed_at = ?4, stored = ?5, stored_bytes = ?6, already_held = ?7,
             refused = ?8 WHERE id = ?1",
        params![j.id, j.state, j.error, at, j.stored, j.stored_bytes, j.already_held, j.refused],
    )
    .map(drop)
}

pub(crate) fn problems(db: &Connection, seq: u64, p: &JobProblems) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO job_problem VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (n, problem) in p.problems.iter().enumerate() {
        insert.execute(params![seq, n as u64, p.job, problem.code, problem.path, problem.detail])?;
    }
    Ok(())
}

/// An intake as the register holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    pub id: JobId,
    pub volume_key: String,
    pub volume_label: String,
    /// Id of the registered recorder, if any.
    pub recorder: Option<String>,
    pub recorder_name: String,
    pub source: String,
    /// `open`, `done`, `interrupted`, `cancelled` or `failed`.
    pub state: String,
    pub error: Option<ErrorCode>,
    pub opened_at: Instant,
    pub closed_at: Option<Instant>,
    pub files: u64,
    pub bytes: u64,
    pub stored: u64,
    pub stored_bytes: u64,
    pub already_held: u64,
    pub refused: u64,
}

const COLUMNS: &str = "id, volume_key, volume_label, recorder_name, source, state, error, opened_at, closed_at, files,
    bytes, stored, stored_bytes, already_held, refused, recorder_id";

fn job(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: id_at(row, 0, JobId::parse)?,
        volume_key: row.get(1)?,
        volume_label: row.get(2)?,
        recorder_name: row.get(3)?,
        source: row.get(4)?,
        state: row.get(5)?,
        error: row.get::<_, Option<String>>(6)?.as_deref().and_then(ErrorCode::from_code),
        opened_at: instant_at(row, 7)?,
        closed_at: maybe_instant_at(row, 8)?,
        files: row.get(9)?,
        bytes: row.get(10)?,
        stored: row.get(11)?,
        stored_bytes: row.get(12)?,
        already_held: row.get(13)?,
        refused: row.get(14)?,
        recorder: row.get(15)?,
    })
}

impl View<'_> {
    /// Returns the newest intakes first.
    pub fn jobs(&self, limit: u32) -> Result<Vec<JobRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM job ORDER BY id DESC LIMIT ?1");
        self.rows(&sql, [limit], job, "read the jobs")
    }

    /// Returns one intake.
    pub fn job(&self, id: &JobId) -> Result<Option<JobRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM job WHERE id = ?1");
        self.db.query_row(&sql, [id.as_str()], job).optional().doing("read a job")
    }

    /// Returns the intake of a volume that a further docking continues: open after a crash, interrupted, or failed in the
    /// vault's disk and not made up for by a later one.
    pub fn resumable_job(&self, volume_key: &str) -> Result<Option<JobRow>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM job AS held WHERE volume_key = ?1 AND (
                 state IN ('open', 'interrupted')
                 OR state = 'failed' AND error IN ('target_full', 'target_read_only', 'target_failed')
                     AND NOT EXISTS (SELECT 1 FROM job WHERE volume_key = ?1 AND state = 'done' AND id > held.id)
             ) ORDER BY id DESC LIMIT 1"
        );
        self.db.query_row(&sql, [volume_key], job).optional().doing("read a job to resume")
    }

    /// Returns intakes that a crash left open.
    pub fn open_jobs(&self) -> Result<Vec<JobRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM job WHERE state = 'open' ORDER BY id");
        self.rows(&sql, [], job, "read the open jobs")
    }

    /// Returns the intakes that did not come to their end and were not made up for by a later one of their volume, each
    /// with the earliest end of a recording that they met.
    pub fn unfinished_jobs(&self) -> Result<Vec<(JobRow, Option<Instant>)>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS}, (SELECT min(coalesce(k.recorded_to, k.recorded_from)) FROM sighting s
                 JOIN clip k ON k.id = s.clip_id WHERE s.job_id = held.id AND k.footage = 1)
             FROM job AS held WHERE state <> 'done' AND NOT EXISTS
                 (SELECT 1 FROM job later WHERE later.volume_key = held.volume_key AND later.state = 'done'
                     AND later.id > held.id)
             ORDER BY id"
        );
        self.rows(&sql, [], |row| Ok((job(row)?, maybe_instant_at(row, 16)?)), "read the unfinished jobs")
    }

    /// Returns what was said of a job's files, in order, and at most `limit` of it.
    pub fn job_problems(&self, id: &JobId, limit: u32) -> Result<Vec<Problem>, RegisterError> {
        self.rows(
            "SELECT code, path, detail FROM job_problem WHERE job_id = ?1 ORDER BY seq, n LIMIT ?2",
            (id.as_str(), limit),
            |row| Ok(Problem { code: id_at(row, 0, ProblemCode::from_code)?, path: row.get(1)?, detail: row.get(2)? }),
            "read a job's problems",
        )
    }
}
