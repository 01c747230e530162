//! 设备台账: recorders, and the volumes that belong to them.

use crate::error::{Doing, RegisterError};
use crate::tables::checkouts::CheckoutRow;
use crate::tables::services::FaultRow;
use crate::view::{View, id_at, instant_at, maybe_id_at};
use ledger::{RecorderRecorded, VolumeRecorded};
use model::{Instant, PersonId, Recorder, RecorderId, RecorderState, RecorderStatus, VolumeKey};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE recorder (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    profile     TEXT NOT NULL,
    serial      TEXT NOT NULL,
    keeper      TEXT NOT NULL,
    keeper_id   TEXT REFERENCES person(id),
    kind        TEXT NOT NULL,
    maker       TEXT NOT NULL,
    model       TEXT NOT NULL,
    acquired_on TEXT NOT NULL,
    cost        TEXT NOT NULL,
    place       TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('in_use', 'standby', 'in_repair', 'retired')),
    recorded_at TEXT NOT NULL
) STRICT;
CREATE TABLE volume (
    key         TEXT PRIMARY KEY,
    label       TEXT NOT NULL,
    serial      TEXT NOT NULL,
    fstype      TEXT NOT NULL,
    capacity    INTEGER NOT NULL,
    recorder_id TEXT NOT NULL REFERENCES recorder(id)
) STRICT;
";

pub(crate) fn recorder_recorded(db: &Connection, at: &str, r: &RecorderRecorded) -> rusqlite::Result<()> {
    let status = if r.status.is_empty() { RecorderStatus::InUse.code() } else { &r.status };
    db.execute(
        "INSERT INTO recorder VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, profile = excluded.profile,
             serial = excluded.serial, keeper = excluded.keeper, keeper_id = excluded.keeper_id,
             kind = excluded.kind, maker = excluded.maker, model = excluded.model,
             acquired_on = excluded.acquired_on, cost = excluded.cost, place = excluded.place,
             status = excluded.status",
        params![
            r.id,
            r.name,
            r.profile,
            r.serial,
            r.keeper,
            r.keeper_id,
            r.kind,
            r.maker,
            r.model,
            r.acquired_on,
            r.cost,
            r.place,
            status,
            at
        ],
    )
    .map(drop)
}

pub(crate) fn volume_recorded(db: &Connection, v: &VolumeRecorded) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO volume VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key) DO UPDATE SET label = excluded.label, serial = excluded.serial, fstype = excluded.fstype,
             capacity = excluded.capacity, recorder_id = excluded.recorder_id",
        (&v.volume.key, &v.volume.label, &v.volume.serial, &v.volume.fstype, v.volume.capacity, &v.recorder),
    )
    .map(drop)
}

const COLUMNS: &str =
    "r.id, r.name, r.profile, r.serial, r.keeper, r.keeper_id, r.kind, r.maker, r.model, r.acquired_on,
    r.cost, r.place, r.status";

fn recorder(row: &Row<'_>) -> rusqlite::Result<Recorder> {
    Ok(Recorder {
        id: id_at(row, 0, RecorderId::parse)?,
        name: row.get(1)?,
        profile: row.get(2)?,
        serial: row.get(3)?,
        keeper: row.get(4)?,
        keeper_id: maybe_id_at(row, 5, PersonId::parse)?,
        kind: row.get(6)?,
        maker: row.get(7)?,
        model: row.get(8)?,
        acquired_on: row.get(9)?,
        cost: row.get(10)?,
        place: row.get(11)?,
        status: id_at(row, 12, RecorderStatus::from_code)?,
    })
}

/// A line of the 设备台账: a recorder, who has it now, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderRow {
    pub recorder: Recorder,
    /// When it was entered first.
    pub recorded_at: Instant,
    /// Its keeper works here no more.
    pub keeper_left: bool,
    pub state: RecorderState,
    /// Who has it now.
    pub out: Option<CheckoutRow>,
    /// Faults that stand, the oldest first.
    pub faults: Vec<FaultRow>,
}

impl RecorderRow {
    /// Tells whether somebody who works here answers for it.
    pub fn is_kept(&self) -> bool {
        !self.recorder.keeper.is_empty() && !self.keeper_left
    }
}

impl View<'_> {
    /// Returns every recorder.
    pub fn recorders(&self) -> Result<Vec<Recorder>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM recorder r ORDER BY name, id");
        self.rows(&sql, [], recorder, "read the recorders")
    }

    /// Returns the recorder that a volume was registered for.
    pub fn recorder_of(&self, volume: &VolumeKey) -> Result<Option<Recorder>, RegisterError> {
        let sql = format!("SELECT {COLUMNS} FROM recorder r JOIN volume v ON v.recorder_id = r.id WHERE v.key = ?1");
        self.db.query_row(&sql, [volume.as_str()], recorder).optional().doing("read a volume's recorder")
    }

    /// Returns the recorder that an origin of clips stands for: `recorder:<id>`, or the key of a volume that was
    /// registered for one, then or later.
    pub fn recorder_of_origin(&self, origin: &str) -> Result<Option<RecorderId>, RegisterError> {
        if let Some(id) = origin.strip_prefix("recorder:") {
            return Ok(RecorderId::parse(id));
        }
        self.db
            .query_row("SELECT recorder_id FROM volume WHERE key = ?1", [origin], |row| {
                id_at(row, 0, RecorderId::parse)
            })
            .optional()
            .doing("read an origin's recorder")
    }

    /// Returns the 设备台账: every recorder with where it stands, those retired at the end.
    pub fn recorder_rows(&self) -> Result<Vec<RecorderRow>, RegisterError> {
        let sql = format!(
            "SELECT {COLUMNS}, r.recorded_at, coalesce(p.active = 0, 0) FROM recorder r
             LEFT JOIN person p ON p.id = r.keeper_id ORDER BY r.status = 'retired', r.name, r.id"
        );
        let held = self.rows(
            &sql,
            [],
            |row| Ok((recorder(row)?, instant_at(row, 13)?, row.get(14)?)),
            "read the ledger of recorders",
        )?;
        let mut out = self.open_checkouts()?;
        let mut faults = self.standing_faults()?;
        let row = |(recorder, recorded_at, keeper_left): (Recorder, Instant, bool)| {
            let out = out.iter().position(|one| one.recorder == recorder.id).map(|at| out.swap_remove(at));
            let (own, others) = faults.drain(..).partition::<Vec<_>, _>(|one| one.recorder == recorder.id);
            faults = others;
            let state = RecorderState::of(recorder.status, !own.is_empty(), out.is_some());
            RecorderRow { recorder, recorded_at, keeper_left, state, out, faults: own }
        };
        Ok(held.into_iter().map(row).collect())
    }

    /// Returns one line of the 设备台账.
    pub fn recorder_row(&self, id: &RecorderId) -> Result<Option<RecorderRow>, RegisterError> {
        Ok(self.recorder_rows()?.into_iter().find(|row| row.recorder.id == *id))
    }
}
