//! Second copies of clips on another disk.

use crate::error::{Doing, RegisterError};
use crate::tables::clips::{self, ClipRow};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{CopiesRead, CopyChecked, CopyMade};
use model::{ClipId, Instant};
use rusqlite::{Connection, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE copy (
    clip_id    TEXT NOT NULL REFERENCES clip(id),
    place      TEXT NOT NULL,
    path       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('good', 'bad')),
    coldness   TEXT NOT NULL,
    made_at    TEXT NOT NULL,
    checked_at TEXT,
    PRIMARY KEY (clip_id, place)
) STRICT;
";

/// Making a copy again replaces what was known of the one before: it was bad or gone.
pub(crate) fn made(db: &Connection, at: &str, c: &CopyMade) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO copy VALUES (?1, ?2, ?3, 'good', ?4, ?5, NULL)")?
        .execute(params![c.clip, c.place, c.path, c.coldness, at])
        .map(drop)
}

/// One that was found bad meanwhile stays bad until it is made again.
pub(crate) fn read(db: &Connection, at: &str, c: &CopiesRead) -> rusqlite::Result<()> {
    let mut read =
        db.prepare_cached("UPDATE copy SET checked_at = ?3 WHERE clip_id = ?1 AND place = ?2 AND state = 'good'")?;
    c.clips.iter().try_for_each(|clip| read.execute((clip, &c.place, at)).map(drop))
}

pub(crate) fn checked(db: &Connection, at: &str, c: &CopyChecked) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE copy SET state = ?3, coldness = ?4, checked_at = ?5 WHERE clip_id = ?1 AND place = ?2")?
        .execute(params![c.clip, c.place, c.state, c.coldness, at])
        .map(drop)
}

/// A second copy of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyRow {
    pub clip: ClipId,
    /// Id in the marker of the place.
    pub place: String,
    /// Path below the place, with `/`.
    pub path: String,
    /// Whether it was as it should be when it was last read back.
    pub good: bool,
    pub made_at: Instant,
    pub checked_at: Option<Instant>,
}

fn copy(row: &Row<'_>) -> rusqlite::Result<CopyRow> {
    Ok(CopyRow {
        clip: id_at(row, 0, ClipId::parse)?,
        place: row.get(1)?,
        path: row.get(2)?,
        good: row.get::<_, String>(3)? == "good",
        made_at: instant_at(row, 4)?,
        checked_at: maybe_instant_at(row, 5)?,
    })
}

impl View<'_> {
    /// Returns the second copies of a clip.
    pub fn copies_of(&self, clip: &ClipId) -> Result<Vec<CopyRow>, RegisterError> {
        self.rows(
            "SELECT clip_id, place, path, state, made_at, checked_at FROM copy WHERE clip_id = ?1 ORDER BY place",
            [clip.as_str()],
            copy,
            "read a clip's copies",
        )
    }

    /// Returns clips that are as they should be but have no good copy at a place, behind `after`, the oldest first.
    pub fn clips_without_copy(
        &self,
        place: &str,
        after: Option<&ClipId>,
        limit: u32,
    ) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!(
            "{} WHERE k.id > ?2 AND k.state <> 'mismatch' AND NOT EXISTS
                 (SELECT 1 FROM copy p WHERE p.clip_id = k.id AND p.place = ?1 AND p.state = 'good')
             ORDER BY k.id LIMIT ?3",
            clips::SELECT
        );
        let params = (place, after.map_or("", ClipId::as_str), limit);
        self.rows(&sql, params, clips::clip, "read the clips without a copy")
    }

    /// Returns how many clips have a good copy at a place, and how many have none yet.
    pub fn copy_totals(&self, place: &str) -> Result<(u64, u64), RegisterError> {
        self.db
            .query_row(
                "SELECT count(*) FILTER (WHERE p.state = 'good'),
                     count(*) FILTER (WHERE p.state IS NOT 'good' AND k.state <> 'mismatch')
                 FROM clip k LEFT JOIN copy p ON p.clip_id = k.id AND p.place = ?1",
                [place],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .doing("count the copies")
    }
}
