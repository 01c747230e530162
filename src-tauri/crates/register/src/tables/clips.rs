//! Clips, what their containers say, and where they were met.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at, maybe_id_at, maybe_instant_at};
use ledger::{
    ClipChecked, ClipProbed, ClipRegistered, ClipRestored, ClipSighted, RangeRecord, SightingRecord, SourceReread,
};
use model::{
    Clip, ClipId, ClipState, Digest, Digests, Instant, JobId, Level, MediaFacts, MediaOutcome, SessionId, Sighting,
    TimeSource,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE clip (
    id            TEXT PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    original_name TEXT NOT NULL,
    size          INTEGER NOT NULL CHECK (size >= 0),
    blake3        TEXT NOT NULL UNIQUE CHECK (length(blake3) = 64),
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    sm3           TEXT NOT NULL CHECK (length(sm3) = 64),
    state         TEXT NOT NULL CHECK (state IN ('verified', 'mismatch', 'damaged', 'suspect')),
    level         TEXT NOT NULL CHECK (level IN ('V1', 'V2-cached', 'V2', 'V3-cached', 'V3')),
    coldness      TEXT NOT NULL,
    stored_path   TEXT NOT NULL UNIQUE,
    job_id        TEXT NOT NULL REFERENCES job(id),
    session_id    TEXT REFERENCES session(id),
    recorder      TEXT NOT NULL,
    origin        TEXT NOT NULL,
    footage       INTEGER NOT NULL CHECK (footage IN (0, 1)),
    adopted       INTEGER NOT NULL CHECK (adopted IN (0, 1)),
    taken_in_at   TEXT NOT NULL,
    recorded_from TEXT,
    recorded_to   TEXT,
    time_source   TEXT,
    checked_at    TEXT,
    unreadable    TEXT NOT NULL
) STRICT;
CREATE INDEX clip_by_check ON clip (coalesce(checked_at, taken_in_at), id);
CREATE INDEX clip_by_session ON clip (session_id);
CREATE INDEX clip_by_job ON clip (job_id);
CREATE TABLE media (
    clip_id          TEXT PRIMARY KEY REFERENCES clip(id),
    readable         INTEGER NOT NULL CHECK (readable IN (0, 1)),
    reason           TEXT NOT NULL,
    container        TEXT NOT NULL,
    duration_ms      INTEGER,
    video_codec      TEXT,
    width            INTEGER NOT NULL,
    height           INTEGER NOT NULL,
    frame_rate_milli INTEGER NOT NULL,
    audio_codec      TEXT,
    created          TEXT
) STRICT;
CREATE TABLE sighting (
    seq     INTEGER PRIMARY KEY,
    clip_id TEXT NOT NULL REFERENCES clip(id),
    job_id  TEXT NOT NULL REFERENCES job(id),
    path    TEXT NOT NULL,
    volume  TEXT NOT NULL,
    mtime   INTEGER NOT NULL,
    mtime_nanos INTEGER NOT NULL,
    local   TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX sighting_by_job ON sighting (job_id, path);
CREATE INDEX sighting_by_clip ON sighting (clip_id);
CREATE INDEX sighting_by_place ON sighting (volume, path);
CREATE TABLE source_reading (
    seq      INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    clip_id  TEXT NOT NULL REFERENCES clip(id),
    job_id   TEXT NOT NULL REFERENCES job(id),
    path     TEXT NOT NULL,
    same     INTEGER NOT NULL CHECK (same IN (0, 1)),
    blake3   TEXT NOT NULL,
    coldness TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT;
CREATE INDEX source_reading_by_clip ON source_reading (clip_id);
";

pub(crate) fn registered(db: &Connection, seq: u64, at: &str, c: &ClipRegistered) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO clip VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?19, ?8, ?9, ?10, ?11, NULL, ?12, ?13, ?14, ?15,
             ?16, ?17, NULL, ?18, NULL, ?20)",
    )?
    .execute(params![
        c.id,
        c.number,
        c.original_name,
        c.size,
        c.blake3,
        c.sha256,
        c.sm3,
        c.level,
        c.coldness,
        c.stored_path,
        c.job,
        c.recorder,
        c.origin,
        c.footage,
        c.adopted,
        at,
        c.recorded_from,
        c.time_source,
        if c.state.is_empty() { ClipState::Verified.code() } else { &c.state },
        ranges_json(&c.unreadable)?
    ])?;
    sighting(db, seq, at, &c.id, &c.job, &c.sighting)
}

fn ranges_json(ranges: &[RangeRecord]) -> rusqlite::Result<String> {
    serde_json::to_string(ranges).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

fn ranges_from(text: &str) -> Option<Vec<(u64, u64)>> {
    let ranges: Vec<RangeRecord> = serde_json::from_str(text).ok()?;
    Some(ranges.into_iter().map(|range| (range.from, range.to)).collect())
}

pub(crate) fn sighted(db: &Connection, seq: u64, at: &str, c: &ClipSighted) -> rusqlite::Result<()> {
    sighting(db, seq, at, &c.clip, &c.job, &c.sighting)
}

fn sighting(db: &Connection, seq: u64, at: &str, clip: &str, job: &str, s: &SightingRecord) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO sighting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
        .execute(params![seq, clip, job, s.path, s.volume, s.mtime, s.mtime_nanos, s.local, at])
        .map(drop)
}

pub(crate) fn probed(db: &Connection, p: &ClipProbed) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO media VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?.execute(
        params![
            p.clip,
            p.readable,
            p.reason,
            p.container,
            p.duration_ms,
            p.video_codec,
            p.width,
            p.height,
            p.frame_rate_milli,
            p.audio_codec,
            p.created
        ],
    )?;
    db.prepare_cached("UPDATE clip SET recorded_from = ?2, recorded_to = ?3, time_source = ?4 WHERE id = ?1")?
        .execute(params![p.clip, p.recorded_from, p.recorded_to, p.time_source])
        .map(drop)
}

pub(crate) fn restored(db: &Connection, seq: u64, at: &str, c: &ClipRestored) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE clip SET state = 'verified', stored_path = ?2, level = ?3, coldness = ?4 WHERE id = ?1",
        (&c.clip, &c.stored_path, &c.level, &c.coldness),
    )?;
    sighting(db, seq, at, &c.clip, &c.job, &c.sighting)
}

pub(crate) fn checked(db: &Connection, at: &str, c: &ClipChecked) -> rusqlite::Result<()> {
    db.execute("UPDATE clip SET state = ?2, checked_at = ?3 WHERE id = ?1", (&c.clip, &c.state, at)).map(drop)
}

/// A second reading lifts the level, or puts the clip in doubt; what a check found outranks it.
pub(crate) fn reread(db: &Connection, seq: u64, at: &str, r: &SourceReread) -> rusqlite::Result<()> {
    let mut reading = db.prepare_cached("INSERT INTO source_reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    let mut same = db.prepare_cached("UPDATE clip SET level = ?2 WHERE id = ?1")?;
    let mut differs = db.prepare_cached("UPDATE clip SET state = 'suspect' WHERE id = ?1 AND state = 'verified'")?;
    for (n, r2) in r.readings.iter().enumerate() {
        reading.execute(params![seq, n as u64, r2.clip, r.job, r2.path, r2.same, r2.blake3, r2.coldness, at])?;
        if r2.same {
            same.execute((&r2.clip, &r2.level))?;
        } else {
            differs.execute([&r2.clip])?;
        }
    }
    Ok(())
}

/// A clip with what its list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipRow {
    pub clip: Clip,
    /// What clips are grouped by: the registered recorder, or the volume.
    pub origin: String,
    /// Footage of its own, or a companion file of the recorder.
    pub footage: bool,
    /// Ranges of bytes that could not be read, ends exclusive; zeros stand in their place. Empty unless damaged.
    pub unreadable: Vec<(u64, u64)>,
    /// When it was last read back, after it was taken in.
    pub checked_at: Option<Instant>,
    /// `None` before the probe has run.
    pub media: Option<MediaOutcome>,
    pub case_number: Option<String>,
}

pub(crate) const SELECT: &str = "
SELECT k.id, k.number, k.original_name, k.size, k.blake3, k.sha256, k.sm3, k.state, k.level, k.stored_path, k.job_id,
    k.session_id, k.recorder, k.footage, k.taken_in_at, k.recorded_from, k.recorded_to, k.time_source,
    m.readable, m.reason, m.container, m.duration_ms, m.video_codec, m.width, m.height, m.frame_rate_milli,
    m.audio_codec, m.created, c.number, k.origin, k.unreadable, k.checked_at
FROM clip k
LEFT JOIN media m ON m.clip_id = k.id
LEFT JOIN session s ON s.id = k.session_id
LEFT JOIN \"case\" c ON c.id = s.case_id";

pub(crate) fn clip(row: &Row<'_>) -> rusqlite::Result<ClipRow> {
    let clip = Clip {
        id: id_at(row, 0, ClipId::parse)?,
        number: row.get(1)?,
        original_name: row.get(2)?,
        size: row.get(3)?,
        digests: Digests {
            blake3: id_at(row, 4, Digest::from_hex)?,
            sha256: id_at(row, 5, Digest::from_hex)?,
            sm3: id_at(row, 6, Digest::from_hex)?,
        },
        state: id_at(row, 7, ClipState::from_code)?,
        level: id_at(row, 8, Level::from_code)?,
        stored_path: row.get(9)?,
        job: id_at(row, 10, JobId::parse)?,
        session: maybe_id_at(row, 11, SessionId::parse)?,
        recorder: row.get(12)?,
        taken_in_at: instant_at(row, 14)?,
        recorded_from: maybe_instant_at(row, 15)?,
        recorded_to: maybe_instant_at(row, 16)?,
        time_source: maybe_id_at(row, 17, TimeSource::from_code)?,
    };
    Ok(ClipRow {
        clip,
        origin: row.get(29)?,
        footage: row.get(13)?,
        unreadable: id_at(row, 30, ranges_from)?,
        checked_at: maybe_instant_at(row, 31)?,
        media: media(row)?,
        case_number: row.get(28)?,
    })
}

fn media(row: &Row<'_>) -> rusqlite::Result<Option<MediaOutcome>> {
    Ok(match row.get::<_, Option<bool>>(18)? {
        None => None,
        Some(false) => Some(MediaOutcome::Unreadable { reason: row.get(19)? }),
        Some(true) => Some(MediaOutcome::Readable(MediaFacts {
            container: row.get(20)?,
            duration_ms: row.get(21)?,
            video_codec: row.get(22)?,
            width: row.get(23)?,
            height: row.get(24)?,
            frame_rate_milli: row.get(25)?,
            audio_codec: row.get(26)?,
            created: maybe_instant_at(row, 27)?,
        })),
    })
}

impl View<'_> {
    /// Returns one clip.
    pub fn clip(&self, id: &ClipId) -> Result<Option<ClipRow>, RegisterError> {
        self.one_clip("k.id", id.as_str())
    }

    /// Returns the clip with this content.
    pub fn clip_by_content(&self, blake3: &Digest) -> Result<Option<ClipRow>, RegisterError> {
        self.one_clip("k.blake3", &blake3.to_string())
    }

    /// Returns the clip with this 片段编号.
    pub fn clip_by_number(&self, number: &str) -> Result<Option<ClipRow>, RegisterError> {
        self.one_clip("k.number", number)
    }

    fn one_clip(&self, column: &str, value: &str) -> Result<Option<ClipRow>, RegisterError> {
        self.db.query_row(&format!("{SELECT} WHERE {column} = ?1"), [value], clip).optional().doing("read a clip")
    }

    /// Returns a session's clips in the order of recording.
    pub fn clips_of_session(&self, session: &SessionId) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE k.session_id = ?1 ORDER BY k.recorded_from, k.number");
        self.rows(&sql, [session.as_str()], clip, "read a session's clips")
    }

    /// Returns what a job stored.
    pub fn clips_of_job(&self, job: &JobId) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE k.job_id = ?1 ORDER BY k.number");
        self.rows(&sql, [job.as_str()], clip, "read a job's clips")
    }

    /// Returns every clip that a job met, stored by it or before.
    pub fn clips_seen_by_job(&self, job: &JobId) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE k.id IN (SELECT clip_id FROM sighting WHERE job_id = ?1) ORDER BY k.number");
        self.rows(&sql, [job.as_str()], clip, "read what a job met")
    }

    /// Returns clips that no probe has looked at yet: those of a job, and those that one left whose job is over. Without
    /// a job, all of them.
    pub fn clips_unprobed(&self, job: Option<&JobId>) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!(
            "{SELECT} WHERE m.clip_id IS NULL AND (?1 IS NULL OR k.job_id = ?1 OR k.job_id NOT IN
                 (SELECT id FROM job WHERE state = 'open')) ORDER BY k.id"
        );
        self.rows(&sql, [job.map(JobId::as_str)], clip, "read the clips not yet probed")
    }

    /// Returns probed clips that belong to no session.
    pub fn clips_without_session(&self) -> Result<Vec<ClipRow>, RegisterError> {
        let sql =
            format!("{SELECT} WHERE k.session_id IS NULL AND m.clip_id IS NOT NULL ORDER BY k.recorded_from, k.id");
        self.rows(&sql, [], clip, "read the clips without a session")
    }

    /// Tells whether the register holds a clip of this id.
    pub fn holds_clip(&self, id: &ClipId) -> Result<bool, RegisterError> {
        self.db
            .query_row("SELECT EXISTS (SELECT 1 FROM clip WHERE id = ?1)", [id.as_str()], |row| row.get(0))
            .doing("ask whether a clip is registered")
    }

    /// Returns clips in the order of their ids, behind `after`: for walking over all of them.
    pub fn clips_after(&self, after: Option<&ClipId>, limit: u32) -> Result<Vec<ClipRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE k.id > ?1 ORDER BY k.id LIMIT ?2");
        self.rows(&sql, (after.map_or("", ClipId::as_str), limit), clip, "walk over the clips")
    }

    /// Returns where and when a clip was met, the first meeting first.
    pub fn sightings(&self, id: &ClipId) -> Result<Vec<Sighting>, RegisterError> {
        self.rows(
            "SELECT clip_id, job_id, path, volume, mtime, seen_at, local FROM sighting WHERE clip_id = ?1 ORDER BY seq",
            [id.as_str()],
            |row| {
                Ok(Sighting {
                    clip: id_at(row, 0, ClipId::parse)?,
                    job: id_at(row, 1, JobId::parse)?,
                    path: row.get(2)?,
                    volume: row.get(3)?,
                    source_mtime: row.get(4)?,
                    local: row.get(6)?,
                    seen_at: instant_at(row, 5)?,
                })
            },
            "read a clip's sightings",
        )
    }

    /// Tells whether a job has met a file of this path, size and time, whose content is held and verified: a resumed
    /// job goes on behind it. `mtime` is seconds and nanoseconds.
    pub fn job_has_met(&self, job: &JobId, path: &str, size: u64, mtime: (i64, u32)) -> Result<bool, RegisterError> {
        self.db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM sighting s JOIN clip k ON k.id = s.clip_id
                     WHERE s.job_id = ?1 AND s.path = ?2 AND k.size = ?3 AND s.mtime = ?4 AND s.mtime_nanos = ?5
                         AND k.state = 'verified')",
                params![job.as_str(), path, size, mtime.0, mtime.1],
                |row| row.get(0),
            )
            .doing("ask whether a job met a file")
    }

    /// Tells whether a file of this place, size and time was met on this volume before. Suggests that its content
    /// is held; only the digest decides.
    pub fn suggests_held(&self, volume: &str, path: &str, size: u64, mtime: (i64, u32)) -> Result<bool, RegisterError> {
        self.db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM sighting s JOIN clip k ON k.id = s.clip_id
                     WHERE s.volume = ?1 AND s.path = ?2 AND k.size = ?3 AND s.mtime = ?4 AND s.mtime_nanos = ?5)",
                params![volume, path, size, mtime.0, mtime.1],
                |row| row.get(0),
            )
            .doing("ask whether a file was met before")
    }

    /// Returns the number of clips and their bytes.
    pub fn clip_totals(&self) -> Result<(u64, u64), RegisterError> {
        self.db
            .query_row("SELECT count(*), coalesce(sum(size), 0) FROM clip", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .doing("count the clips")
    }
}
