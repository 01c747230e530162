//! 维护记录: faults of recorders, and what was done about them.

use crate::error::RegisterError;
use crate::tables::people::{NamedPerson, named_person};
use crate::view::{View, id_at, instant_at, maybe_id_at};
use ledger::{RecorderFaulted, RecorderServiced};
use model::{FaultId, Instant, RecorderId, RecorderStatus, ServiceId, ServiceKind, ServiceResult};
use rusqlite::{Connection, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE recorder_service (
    id          TEXT PRIMARY KEY,
    recorder_id TEXT NOT NULL REFERENCES recorder(id),
    kind        TEXT NOT NULL CHECK (kind IN ('repair', 'maintenance', 'renewal')),
    at          TEXT NOT NULL,
    what        TEXT NOT NULL,
    done_by     TEXT NOT NULL,
    cost        TEXT NOT NULL,
    result      TEXT NOT NULL CHECK (result IN ('usable', 'sent_away', 'unusable')),
    recorded_by TEXT NOT NULL
) STRICT;
CREATE INDEX recorder_service_by_recorder ON recorder_service (recorder_id, at);
CREATE TABLE recorder_fault (
    id             TEXT PRIMARY KEY,
    recorder_id    TEXT NOT NULL REFERENCES recorder(id),
    at             TEXT NOT NULL,
    what           TEXT NOT NULL,
    person_id      TEXT NOT NULL REFERENCES person(id),
    person_name    TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    recorded_by    TEXT NOT NULL,
    ended_by       TEXT REFERENCES recorder_service(id)
) STRICT;
CREATE INDEX recorder_fault_standing ON recorder_fault (recorder_id) WHERE ended_by IS NULL;
";

pub(crate) fn faulted(db: &Connection, actor: &str, f: &RecorderFaulted) -> rusqlite::Result<()> {
    let by = &f.found_by;
    db.execute(
        "INSERT INTO recorder_fault VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)",
        params![f.id, f.recorder, f.at, f.what, by.id, by.name, by.certificate_no, actor],
    )
    .map(drop)
}

/// A recorder that is usable again has no fault that stands, and one that was sent away is in repair.
pub(crate) fn serviced(db: &Connection, actor: &str, s: &RecorderServiced) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO recorder_service VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![s.id, s.recorder, s.kind, s.at, s.what, s.by, s.cost, s.result, actor],
    )?;
    let status = |from: RecorderStatus, to: RecorderStatus| {
        db.execute(
            "UPDATE recorder SET status = ?3 WHERE id = ?1 AND status = ?2",
            (&s.recorder, from.code(), to.code()),
        )
        .map(drop)
    };
    match ServiceResult::from_code(&s.result) {
        Some(ServiceResult::Usable) => {
            db.execute(
                "UPDATE recorder_fault SET ended_by = ?2 WHERE recorder_id = ?1 AND ended_by IS NULL",
                (&s.recorder, &s.id),
            )?;
            status(RecorderStatus::InRepair, RecorderStatus::InUse)
        }
        Some(ServiceResult::SentAway) => {
            status(RecorderStatus::InUse, RecorderStatus::InRepair)?;
            status(RecorderStatus::StandBy, RecorderStatus::InRepair)
        }
        _ => Ok(()),
    }
}

/// 故障 of a recorder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRow {
    pub id: FaultId,
    pub recorder: RecorderId,
    pub recorder_name: String,
    pub at: Instant,
    pub what: String,
    pub found_by: NamedPerson,
    /// The actor who wrote it down.
    pub recorded_by: String,
    /// What made the recorder usable again; `None` while the fault stands.
    pub ended_by: Option<ServiceId>,
}

/// 维修, 保养 or 更新 of a recorder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRow {
    pub id: ServiceId,
    pub recorder: RecorderId,
    pub recorder_name: String,
    /// Serial number of the recorder; empty when unknown.
    pub serial: String,
    pub kind: ServiceKind,
    pub at: Instant,
    pub what: String,
    /// The person or the workshop.
    pub by: String,
    /// In words; empty when nothing was entered.
    pub cost: String,
    pub result: ServiceResult,
    /// The actor who wrote it down.
    pub recorded_by: String,
}

fn fault(row: &Row<'_>) -> rusqlite::Result<FaultRow> {
    Ok(FaultRow {
        id: id_at(row, 0, FaultId::parse)?,
        recorder: id_at(row, 1, RecorderId::parse)?,
        recorder_name: row.get(2)?,
        at: instant_at(row, 3)?,
        what: row.get(4)?,
        found_by: named_person(row, 5)?,
        recorded_by: row.get(8)?,
        ended_by: maybe_id_at(row, 9, ServiceId::parse)?,
    })
}

fn service(row: &Row<'_>) -> rusqlite::Result<ServiceRow> {
    Ok(ServiceRow {
        id: id_at(row, 0, ServiceId::parse)?,
        recorder: id_at(row, 1, RecorderId::parse)?,
        recorder_name: row.get(2)?,
        serial: row.get(3)?,
        kind: id_at(row, 4, ServiceKind::from_code)?,
        at: instant_at(row, 5)?,
        what: row.get(6)?,
        by: row.get(7)?,
        cost: row.get(8)?,
        result: id_at(row, 9, ServiceResult::from_code)?,
        recorded_by: row.get(10)?,
    })
}

const FAULTS: &str = "SELECT f.id, f.recorder_id, r.name, f.at, f.what, f.person_id, f.person_name, f.certificate_no,
    f.recorded_by, f.ended_by FROM recorder_fault f JOIN recorder r ON r.id = f.recorder_id";

impl View<'_> {
    /// Returns the faults of one recorder, or of all, the newest first.
    pub fn faults(&self, recorder: Option<&RecorderId>) -> Result<Vec<FaultRow>, RegisterError> {
        let sql = format!("{FAULTS} WHERE ?1 IS NULL OR f.recorder_id = ?1 ORDER BY f.at DESC, f.id DESC");
        self.rows(&sql, [recorder.map(RecorderId::as_str)], fault, "read the faults")
    }

    /// Returns the faults that stand, the oldest first.
    pub fn standing_faults(&self) -> Result<Vec<FaultRow>, RegisterError> {
        let sql = format!("{FAULTS} WHERE f.ended_by IS NULL ORDER BY f.at, f.id");
        self.rows(&sql, [], fault, "read the faults that stand")
    }

    /// Returns the repairs and maintenance of one recorder, or of all, the newest first.
    pub fn services(&self, recorder: Option<&RecorderId>) -> Result<Vec<ServiceRow>, RegisterError> {
        self.rows(
            "SELECT s.id, s.recorder_id, r.name, r.serial, s.kind, s.at, s.what, s.done_by, s.cost, s.result,
                 s.recorded_by FROM recorder_service s JOIN recorder r ON r.id = s.recorder_id
             WHERE ?1 IS NULL OR s.recorder_id = ?1 ORDER BY s.at DESC, s.id DESC",
            [recorder.map(RecorderId::as_str)],
            service,
            "read the repairs",
        )
    }
}
