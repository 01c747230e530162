//! 外出: when officers were away with recorders.

use crate::error::RegisterError;
use crate::tables::people::{NamedPerson, named_person};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{TripClosed, TripOpened, TripWithdrawn};
use model::{Instant, RecorderId, TripId};
use rusqlite::{Connection, Params, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE trip (
    id               TEXT PRIMARY KEY,
    reason           TEXT NOT NULL,
    reason_name      TEXT NOT NULL,
    place            TEXT NOT NULL,
    left_at          TEXT NOT NULL,
    proof            TEXT NOT NULL,
    opened_at        TEXT NOT NULL,
    opened_by        TEXT NOT NULL,
    returned_at      TEXT,
    return_proof     TEXT,
    closed_by        TEXT,
    withdrawn_at     TEXT,
    withdrawn_by     TEXT,
    withdrawn_reason TEXT
) STRICT;
CREATE TABLE trip_person (
    trip_id        TEXT NOT NULL REFERENCES trip(id),
    position       INTEGER NOT NULL,
    person_id      TEXT NOT NULL REFERENCES person(id),
    person_name    TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    PRIMARY KEY (trip_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE trip_recorder (
    trip_id     TEXT NOT NULL REFERENCES trip(id),
    position    INTEGER NOT NULL,
    recorder_id TEXT NOT NULL REFERENCES recorder(id),
    PRIMARY KEY (trip_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX trip_by_recorder ON trip_recorder (recorder_id);
";

pub(crate) fn opened(db: &Connection, at: &str, actor: &str, t: &TripOpened) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO trip (id, reason, reason_name, place, left_at, proof, opened_at, opened_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![t.id, t.reason, t.reason_name, t.place, t.from, t.proof, at, actor],
    )?;
    for (position, person) in t.people.iter().enumerate() {
        db.execute(
            "INSERT INTO trip_person VALUES (?1, ?2, ?3, ?4, ?5)",
            params![t.id, position, person.id, person.name, person.certificate_no],
        )?;
    }
    for (position, recorder) in t.recorders.iter().enumerate() {
        db.execute("INSERT INTO trip_recorder VALUES (?1, ?2, ?3)", params![t.id, position, recorder])?;
    }
    Ok(())
}

pub(crate) fn closed(db: &Connection, actor: &str, t: &TripClosed) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE trip SET returned_at = ?2, return_proof = ?3, closed_by = ?4 WHERE id = ?1",
        (&t.id, &t.returned_at, &t.proof, actor),
    )
    .map(drop)
}

pub(crate) fn withdrawn(
    db: &Connection,
    at: &str,
    actor: &str,
    reason: &str,
    t: &TripWithdrawn,
) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE trip SET withdrawn_at = ?2, withdrawn_by = ?3, withdrawn_reason = ?4 WHERE id = ?1",
        (&t.id, at, actor, reason),
    )
    .map(drop)
}

/// 外出 of officers with recorders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripRow {
    pub id: TripId,
    pub people: Vec<NamedPerson>,
    pub recorders: Vec<TripRecorder>,
    /// Id of a reason in the rules; empty where the rules know none.
    pub reason: String,
    /// What the reason was called, or what was entered instead.
    pub reason_name: String,
    pub place: String,
    pub from: Instant,
    /// What shows it: 派遣单号.
    pub proof: String,
    pub opened_at: Instant,
    pub opened_by: String,
    /// `None` while they are away.
    pub returned: Option<TripReturn>,
    /// It was entered wrongly and counts no more.
    pub withdrawn: Option<Withdrawn>,
}

/// A recorder that was taken along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripRecorder {
    pub id: RecorderId,
    pub name: String,
}

/// 归队
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripReturn {
    pub at: Instant,
    pub proof: String,
    pub closed_by: String,
}

/// Why something that was entered counts no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    pub at: Instant,
    pub by: String,
    pub reason: String,
}

impl TripRow {
    /// Tells whether it covers a recording of one of its recorders: begun after they left and ended before they were
    /// back. A recording of which only one end is known is judged by that.
    pub fn covers(&self, recorder: &RecorderId, begun: Option<Instant>, ended: Option<Instant>) -> bool {
        let (Some(first), Some(last)) = (begun.or(ended), ended.or(begun)) else { return false };
        self.withdrawn.is_none()
            && self.recorders.iter().any(|one| one.id == *recorder)
            && first >= self.from
            && self.returned.as_ref().is_none_or(|returned| last <= returned.at)
    }

    /// Tells whether it overlaps with another stretch of time; `until` is open where it is `None`.
    pub fn overlaps(&self, from: Instant, until: Option<Instant>) -> bool {
        self.withdrawn.is_none()
            && until.is_none_or(|until| self.from < until)
            && self.returned.as_ref().is_none_or(|returned| from < returned.at)
    }
}

const SELECT: &str = "SELECT id, reason, reason_name, place, left_at, proof, opened_at, opened_by, returned_at,
    return_proof, closed_by, withdrawn_at, withdrawn_by, withdrawn_reason FROM trip";

/// Reads a trip without those who went and what they took along.
fn trip(row: &Row<'_>) -> rusqlite::Result<TripRow> {
    let returned = match maybe_instant_at(row, 8)? {
        None => None,
        Some(at) => Some(TripReturn { at, proof: row.get(9)?, closed_by: row.get(10)? }),
    };
    let withdrawn = match maybe_instant_at(row, 11)? {
        None => None,
        Some(at) => Some(Withdrawn { at, by: row.get(12)?, reason: row.get(13)? }),
    };
    Ok(TripRow {
        id: id_at(row, 0, TripId::parse)?,
        people: Vec::new(),
        recorders: Vec::new(),
        reason: row.get(1)?,
        reason_name: row.get(2)?,
        place: row.get(3)?,
        from: instant_at(row, 4)?,
        proof: row.get(5)?,
        opened_at: instant_at(row, 6)?,
        opened_by: row.get(7)?,
        returned,
        withdrawn,
    })
}

impl View<'_> {
    fn whole_trips(&self, sql: &str, params: impl Params) -> Result<Vec<TripRow>, RegisterError> {
        let mut trips = self.rows(sql, params, trip, "read the trips")?;
        for trip in &mut trips {
            trip.people = self.rows(
                "SELECT person_id, person_name, certificate_no FROM trip_person WHERE trip_id = ?1 ORDER BY position",
                [trip.id.as_str()],
                |row| named_person(row, 0),
                "read who went",
            )?;
            trip.recorders = self.rows(
                "SELECT r.id, r.name FROM trip_recorder t JOIN recorder r ON r.id = t.recorder_id
                 WHERE t.trip_id = ?1 ORDER BY t.position",
                [trip.id.as_str()],
                |row| Ok(TripRecorder { id: id_at(row, 0, RecorderId::parse)?, name: row.get(1)? }),
                "read what was taken along",
            )?;
        }
        Ok(trips)
    }

    /// Returns every trip: those that are open first, then the newest.
    pub fn trips(&self) -> Result<Vec<TripRow>, RegisterError> {
        let order = "ORDER BY returned_at IS NOT NULL OR withdrawn_at IS NOT NULL, left_at DESC, id DESC";
        self.whole_trips(&format!("{SELECT} {order}"), [])
    }

    /// Returns one trip.
    pub fn trip(&self, id: &TripId) -> Result<Option<TripRow>, RegisterError> {
        Ok(self.whole_trips(&format!("{SELECT} WHERE id = ?1"), [id.as_str()])?.pop())
    }

    /// Returns the trips on which a recorder was taken along, the newest first.
    pub fn trips_of_recorder(&self, recorder: &RecorderId) -> Result<Vec<TripRow>, RegisterError> {
        let sql = format!(
            "{SELECT} WHERE id IN (SELECT trip_id FROM trip_recorder WHERE recorder_id = ?1) ORDER BY left_at DESC, id DESC"
        );
        self.whole_trips(&sql, [recorder.as_str()])
    }
}
