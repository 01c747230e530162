//! Recorders and the volumes that belong to them.

use crate::error::{Doing, RegisterError};
use crate::view::{View, id_at};
use ledger::{RecorderRecorded, VolumeRecorded};
use model::{Recorder, RecorderId, VolumeKey};
use rusqlite::{Connection, OptionalExtension as _, Row};

pub(crate) const DDL: &str = "
CREATE TABLE recorder (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    profile TEXT NOT NULL,
    serial  TEXT NOT NULL,
    keeper  TEXT NOT NULL
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

pub(crate) fn recorder_recorded(db: &Connection, r: &RecorderRecorded) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO recorder VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, profile = excluded.profile,
             serial = excluded.serial, keeper = excluded.keeper",
        (&r.id, &r.name, &r.profile, &r.serial, &r.keeper),
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

fn recorder(row: &Row<'_>) -> rusqlite::Result<Recorder> {
    Ok(Recorder {
        id: id_at(row, 0, RecorderId::parse)?,
        name: row.get(1)?,
        profile: row.get(2)?,
        serial: row.get(3)?,
        keeper: row.get(4)?,
    })
}

impl View<'_> {
    /// Returns every recorder.
    pub fn recorders(&self) -> Result<Vec<Recorder>, RegisterError> {
        self.rows("SELECT * FROM recorder ORDER BY name, id", [], recorder, "read the recorders")
    }

    /// Returns the recorder that a volume was registered for.
    pub fn recorder_of(&self, volume: &VolumeKey) -> Result<Option<Recorder>, RegisterError> {
        self.db
            .query_row(
                "SELECT r.* FROM recorder r JOIN volume v ON v.recorder_id = r.id WHERE v.key = ?1",
                [volume.as_str()],
                recorder,
            )
            .optional()
            .doing("read a volume's recorder")
    }
}
