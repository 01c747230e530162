//! Alarms: what calls for a person and stays until somebody has acknowledged it.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{AlarmAcknowledged, AlarmRaised, Change};
use model::{AlarmId, AlarmKind, IdSource, Instant};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE alarm (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    article   TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    acknowledged_at TEXT,
    acknowledged_by TEXT,
    note      TEXT
) STRICT;
CREATE INDEX alarm_open ON alarm (kind, subject) WHERE acknowledged_at IS NULL;
";

pub(crate) fn raised(db: &Connection, at: &str, a: &AlarmRaised) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO alarm (id, kind, subject, detail, article, raised_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![a.id, a.kind, a.subject, a.detail, a.article, at],
    )
    .map(drop)
}

pub(crate) fn acknowledged(db: &Connection, at: &str, actor: &str, a: &AlarmAcknowledged) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE alarm SET acknowledged_at = ?2, acknowledged_by = ?3, note = ?4 WHERE id = ?1",
        params![a.id, at, actor, a.note],
    )
    .map(drop)
}

/// An alarm as its line shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    pub id: AlarmId,
    pub kind: AlarmKind,
    /// An id, a number or a place.
    pub subject: String,
    pub detail: String,
    /// The rule that calls for it; empty where none does.
    pub article: String,
    pub raised_at: Instant,
    /// `None` while it stands.
    pub acknowledged: Option<Acknowledged>,
}

/// Who has dealt with an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub at: Instant,
    pub by: String,
    pub note: String,
}

const COLUMNS: &str = "id, kind, subject, detail, article, raised_at, acknowledged_at, acknowledged_by, note";

fn alarm(row: &Row<'_>) -> rusqlite::Result<AlarmRow> {
    let acknowledged = match maybe_instant_at(row, 6)? {
        None => None,
        Some(at) => Some(Acknowledged { at, by: row.get(7)?, note: row.get(8)? }),
    };
    Ok(AlarmRow {
        id: id_at(row, 0, AlarmId::parse)?,
        kind: id_at(row, 1, AlarmKind::from_code)?,
        subject: row.get(2)?,
        detail: row.get(3)?,
        article: row.get(4)?,
        raised_at: instant_at(row, 5)?,
        acknowledged,
    })
}

impl View<'_> {
    /// Returns the alarms that stand, the oldest first.
    pub fn open_alarms(&self) -> Result<Vec<AlarmRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM alarm WHERE acknowledged_at IS NULL ORDER BY id");
        self.rows(&sql, [], alarm, "read the alarms that stand")
    }

    /// Returns the newest alarms, acknowledged or not.
    pub fn alarms(&self, limit: u32) -> Result<Vec<AlarmRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM alarm ORDER BY id DESC LIMIT ?1");
        self.rows(&sql, [limit], alarm, "read the alarms")
    }

    /// Returns one alarm.
    pub fn alarm(&self, id: &AlarmId) -> Result<Option<AlarmRow>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM alarm WHERE id = ?1");
        self.db.query_row(&sql, [id.as_str()], alarm).optional().doing("read an alarm")
    }

    /// Tells whether such an alarm stands already: one is enough.
    pub fn alarm_stands(&self, kind: AlarmKind, subject: &str) -> Result<bool, RegisterError> {
        self.db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM alarm WHERE kind = ?1 AND subject = ?2 AND acknowledged_at IS NULL)",
                (kind.code(), subject),
                |row| row.get(0),
            )
            .doing("ask whether an alarm stands")
    }

    /// Returns the change that raises an alarm, or `None` while one of its kind and subject stands. It belongs into
    /// the write of its cause, so that neither is there without the other.
    pub fn raised(
        &self,
        ids: &dyn IdSource,
        kind: AlarmKind,
        subject: &str,
        detail: &str,
        article: &str,
    ) -> Result<Option<Change>, RegisterError> {
        if self.alarm_stands(kind, subject)? {
            return Ok(None);
        }
        let alarm = AlarmRaised {
            id: AlarmId::fresh(ids).to_string(),
            kind: kind.code().to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
            article: article.to_owned(),
        };
        Ok(Some(alarm.into()))
    }
}
