//! Rounds of the rolling check, and which clips it comes to next.

use crate::error::{Doing, RegisterError};
use crate::tables::clips::{self, ClipRow};
use crate::view::{View, instant_at, maybe_instant_at};
use ledger::ScrubAdvanced;
use model::{ClipId, Instant};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE scrub_round (
    round    INTEGER PRIMARY KEY,
    begun_at TEXT NOT NULL,
    last_at  TEXT NOT NULL,
    ended_at TEXT,
    clips    INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    not_cold INTEGER NOT NULL,
    findings INTEGER NOT NULL
) STRICT;
CREATE TABLE scrub_clip (
    clip_id TEXT PRIMARY KEY REFERENCES clip(id),
    round   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

pub(crate) fn advanced(db: &Connection, at: &str, s: &ScrubAdvanced) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO scrub_round VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (round) DO UPDATE SET last_at = excluded.last_at, ended_at = excluded.ended_at,
             clips = clips + excluded.clips, bytes = bytes + excluded.bytes, not_cold = not_cold + excluded.not_cold,
             findings = findings + excluded.findings",
    )?
    .execute(params![
        s.round,
        at,
        s.complete.then_some(at),
        s.clips.len() as u64,
        s.bytes,
        s.not_cold,
        s.findings.len() as u64
    ])?;
    let mut checked = db.prepare_cached("UPDATE clip SET checked_at = ?2 WHERE id = ?1")?;
    // Which clips a round has come to is told by the round, not by the time: the clock may go back.
    let mut reached = db.prepare_cached("INSERT OR REPLACE INTO scrub_clip VALUES (?1, ?2)")?;
    for clip in &s.clips {
        checked.execute((clip, at))?;
        reached.execute((clip, s.round))?;
    }
    Ok(())
}

/// A round of the rolling check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrubRow {
    pub round: u64,
    pub begun_at: Instant,
    /// When it last came further.
    pub last_at: Instant,
    /// `None` while it is under way.
    pub ended_at: Option<Instant>,
    pub clips: u64,
    pub bytes: u64,
    /// Clips that a cache may have answered for.
    pub not_cold: u64,
    pub findings: u64,
}

const ROUND: &str = "SELECT round, begun_at, last_at, ended_at, clips, bytes, not_cold, findings FROM scrub_round";

fn round(row: &Row<'_>) -> rusqlite::Result<ScrubRow> {
    Ok(ScrubRow {
        round: row.get(0)?,
        begun_at: instant_at(row, 1)?,
        last_at: instant_at(row, 2)?,
        ended_at: maybe_instant_at(row, 3)?,
        clips: row.get(4)?,
        bytes: row.get(5)?,
        not_cold: row.get(6)?,
        findings: row.get(7)?,
    })
}

impl View<'_> {
    /// Returns the newest round of the rolling check.
    pub fn last_scrub(&self) -> Result<Option<ScrubRow>, RegisterError> {
        let sql = format!("{ROUND} ORDER BY round DESC LIMIT 1");
        self.db.query_row(&sql, [], round).optional().doing("read the last round of the rolling check")
    }

    /// Returns the newest round that came to its end.
    pub fn last_complete_scrub(&self) -> Result<Option<ScrubRow>, RegisterError> {
        let sql = format!("{ROUND} WHERE ended_at IS NOT NULL ORDER BY round DESC LIMIT 1");
        self.db.query_row(&sql, [], round).optional().doing("read the last complete round of the rolling check")
    }

    /// Returns clips that a round has not come to: the longest ago read back, or taken in, first.
    pub fn scrub_next(&self, round: u64, limit: u32) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!(
            "{} WHERE NOT EXISTS (SELECT 1 FROM scrub_clip r WHERE r.clip_id = k.id AND r.round = ?1)
             ORDER BY coalesce(k.checked_at, k.taken_in_at), k.id LIMIT ?2",
            clips::SELECT
        );
        self.rows(&sql, (round, limit), clips::clip, "read the clips to be checked next")
    }

    /// Returns how many clips, of how many bytes, a round has not come to.
    pub fn scrub_left(&self, round: u64) -> Result<(u64, u64), RegisterError> {
        self.db
            .query_row(
                "SELECT count(*), coalesce(sum(size), 0) FROM clip k
                 WHERE NOT EXISTS (SELECT 1 FROM scrub_clip r WHERE r.clip_id = k.id AND r.round = ?1)",
                [round],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .doing("count the clips to be checked")
    }

    /// Returns when the clip was read back, or taken in, that has waited longest; `None` in an empty store.
    pub fn oldest_reading(&self) -> Result<Option<Instant>, RegisterError> {
        self.db
            .query_row(
                "SELECT coalesce(checked_at, taken_in_at) FROM clip ORDER BY coalesce(checked_at, taken_in_at) LIMIT 1",
                [],
                |row| instant_at(row, 0),
            )
            .optional()
            .doing("read which clip has waited longest")
    }

    /// Returns some clips that hold bytes, spread evenly over all of them.
    pub fn clips_spread(&self, about: u32) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!(
            "{} WHERE k.id IN (
                 SELECT id FROM (
                     SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS clips FROM clip WHERE size > 0
                 ) WHERE n % max(clips / ?1, 1) = 0)
             ORDER BY k.id",
            clips::SELECT
        );
        self.rows(&sql, [about], clips::clip, "pick clips from everywhere")
    }

    /// Tells whether a recorder ever gave other bytes for this clip when it was read a second time.
    pub fn is_in_doubt(&self, clip: &ClipId) -> Result<bool, RegisterError> {
        self.db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM source_reading WHERE clip_id = ?1 AND same = 0)",
                [clip.as_str()],
                |row| row.get(0),
            )
            .doing("ask whether a second reading differed")
    }
}
