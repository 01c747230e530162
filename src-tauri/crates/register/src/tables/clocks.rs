//! How far recorders' clocks were off, each time it was measured or read off.

use crate::error::{Doing, RegisterError};
use crate::view::{View, instant_at, maybe_instant_at};
use ledger::RecorderClocked;
use model::{Instant, JobId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE recorder_clock (
    seq         INTEGER PRIMARY KEY,
    recorder_id TEXT REFERENCES recorder(id),
    volume      TEXT NOT NULL,
    job_id      TEXT REFERENCES job(id),
    method      TEXT NOT NULL CHECK (method IN ('newest_file', 'entered')),
    error_ms    INTEGER NOT NULL,
    bound_ms    INTEGER,
    newest_path TEXT NOT NULL,
    newest_at   TEXT,
    station_at  TEXT NOT NULL
) STRICT;
CREATE INDEX recorder_clock_by_job ON recorder_clock (job_id);
CREATE INDEX recorder_clock_by_recorder ON recorder_clock (recorder_id);
";

pub(crate) fn clocked(db: &Connection, seq: u64, c: &RecorderClocked) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO recorder_clock VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            seq,
            c.recorder,
            c.volume,
            c.job,
            c.method,
            c.error_ms,
            c.bound_ms,
            c.newest_path,
            c.newest_at,
            c.station_at
        ],
    )
    .map(drop)
}

/// How far a recorder's clock was off at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// Key of the volume that was docked.
    pub volume: String,
    pub job: Option<String>,
    /// `newest_file` or `entered`.
    pub method: String,
    /// The recorder's time minus the station's, in milliseconds.
    pub error_ms: i64,
    /// The true error lies within this of it; `None`: the newest file only shows that it is no less.
    pub bound_ms: Option<u64>,
    pub newest_path: String,
    pub newest_at: Option<Instant>,
    pub station_at: Instant,
}

const COLUMNS: &str = "volume, job_id, method, error_ms, bound_ms, newest_path, newest_at, station_at";

fn clock(row: &Row<'_>) -> rusqlite::Result<ClockRow> {
    Ok(ClockRow {
        volume: row.get(0)?,
        job: row.get(1)?,
        method: row.get(2)?,
        error_ms: row.get(3)?,
        bound_ms: row.get(4)?,
        newest_path: row.get(5)?,
        newest_at: maybe_instant_at(row, 6)?,
        station_at: instant_at(row, 7)?,
    })
}

impl View<'_> {
    /// Returns what is known of a recorder's clock from one intake; what was entered by hand outranks what was measured.
    pub fn clock_of_job(&self, job: &JobId) -> Result<Option<ClockRow>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM recorder_clock WHERE job_id = ?1 ORDER BY method = 'entered' DESC, seq DESC LIMIT 1"
        );
        self.db.query_row(&sql, [job.as_str()], clock).optional().doing("read a recorder's clock")
    }

    /// Returns what was noted of a recorder's clock, the newest first.
    pub fn clocks_of_recorder(&self, recorder: &str, limit: u32) -> Result<Vec<ClockRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM recorder_clock WHERE recorder_id = ?1 ORDER BY seq DESC LIMIT ?2");
        self.rows(&sql, (recorder, limit), clock, "read a recorder's clocks")
    }
}
