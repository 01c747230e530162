//! Why clips were stored late; the newest reason stands.

use crate::error::{Doing, RegisterError};
use crate::tables::clips::{ClipRow, SELECT, clip};
use crate::view::{View, instant_at};
use ledger::ClipLateExplained;
use model::{ClipId, Instant};
use rusqlite::{Connection, OptionalExtension as _};

pub(crate) const DDL: &str = "
CREATE TABLE late_reason (
    clip_id TEXT PRIMARY KEY REFERENCES clip(id),
    reason  TEXT NOT NULL,
    at      TEXT NOT NULL,
    by      TEXT NOT NULL
) STRICT;
";

pub(crate) fn explained(db: &Connection, at: &str, actor: &str, l: &ClipLateExplained) -> rusqlite::Result<()> {
    let mut set = db.prepare_cached(
        "INSERT INTO late_reason VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (clip_id) DO UPDATE SET reason = excluded.reason, at = excluded.at, by = excluded.by",
    )?;
    l.clips.iter().try_for_each(|clip| set.execute((clip, &l.reason, at, actor)).map(drop))
}

/// Why a clip was stored late, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateReason {
    pub reason: String,
    pub at: Instant,
    pub by: String,
}

impl View<'_> {
    /// Returns why a clip was stored late; `None` while nobody has said.
    pub fn late_reason(&self, id: &ClipId) -> Result<Option<LateReason>, RegisterError> {
        self.db
            .query_row("SELECT reason, at, by FROM late_reason WHERE clip_id = ?1", [id.as_str()], |row| {
                Ok(LateReason { reason: row.get(0)?, at: instant_at(row, 1)?, by: row.get(2)? })
            })
            .optional()
            .doing("read why a clip was stored late")
    }

    /// Returns footage without such a reason that was stored more than so many seconds after its recording ended: what
    /// may be late, and all that is.
    pub fn clips_stored_after(&self, seconds: i64) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!(
            "{SELECT} WHERE k.footage = 1 AND k.recorded_to IS NOT NULL
                 AND unixepoch(k.taken_in_at) - unixepoch(k.recorded_to) >= ?1
                 AND NOT EXISTS (SELECT 1 FROM late_reason l WHERE l.clip_id = k.id)
             ORDER BY k.job_id, k.number"
        );
        self.rows(&sql, [seconds], clip, "read the clips that may be late")
    }

    /// Returns footage recorded before a moment: what may have been kept long enough.
    pub fn clips_recorded_before(&self, moment: Instant) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE k.footage = 1 AND k.recorded_from < ?1 ORDER BY k.recorded_from, k.number");
        self.rows(&sql, [model::format_instant(moment)], clip, "read the clips recorded before a day")
    }

    /// Returns the event that registered a clip: its place in the order of the ledger.
    pub fn registered_seq(&self, id: &ClipId) -> Result<u64, RegisterError> {
        self.db
            .query_row("SELECT min(seq) FROM event_subject WHERE subject = ?1", [id.as_str()], |row| row.get(0))
            .doing("ask which event registered a clip")
    }

    /// Tells whether a signed statement names a clip: it serves as evidence.
    pub fn is_evidence(&self, id: &ClipId) -> Result<bool, RegisterError> {
        self.db
            .query_row("SELECT EXISTS (SELECT 1 FROM statement_clip WHERE clip_id = ?1)", [id.as_str()], |row| {
                row.get(0)
            })
            .doing("ask whether a statement names a clip")
    }
}
