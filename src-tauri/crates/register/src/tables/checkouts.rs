//! 领用登记: who had which recorder when.

use crate::error::RegisterError;
use crate::tables::people::{NamedPerson, named_person};
use crate::view::{View, id_at, instant_at, maybe_instant_at};
use ledger::{RecorderCheckedOut, RecorderReturned};
use model::{CheckoutId, Instant, RecorderId, UseCheck};
use rusqlite::{Connection, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE checkout (
    id              TEXT PRIMARY KEY,
    recorder_id     TEXT NOT NULL REFERENCES recorder(id),
    person_id       TEXT NOT NULL REFERENCES person(id),
    person_name     TEXT NOT NULL,
    certificate_no  TEXT NOT NULL,
    at              TEXT NOT NULL,
    battery_percent INTEGER,
    free_mb         INTEGER,
    clock_right     INTEGER CHECK (clock_right IN (0, 1)),
    performance_ok  INTEGER CHECK (performance_ok IN (0, 1)),
    also_checked    TEXT NOT NULL,
    unchecked       TEXT NOT NULL,
    unfit           TEXT NOT NULL,
    article         TEXT NOT NULL,
    remark          TEXT NOT NULL,
    handed_out_by   TEXT NOT NULL,
    returned_at     TEXT,
    returned_by_id  TEXT REFERENCES person(id),
    returned_by     TEXT,
    returned_certificate_no TEXT,
    taken_back_by   TEXT,
    sound           INTEGER CHECK (sound IN (0, 1)),
    return_remark   TEXT
) STRICT;
CREATE UNIQUE INDEX checkout_open ON checkout (recorder_id) WHERE returned_at IS NULL;
CREATE INDEX checkout_by_recorder ON checkout (recorder_id, at);
";

pub(crate) fn checked_out(db: &Connection, actor: &str, c: &RecorderCheckedOut) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO checkout (id, recorder_id, person_id, person_name, certificate_no, at, battery_percent, free_mb,
             clock_right, performance_ok, also_checked, unchecked, unfit, article, remark, handed_out_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            c.id,
            c.recorder,
            c.person.id,
            c.person.name,
            c.person.certificate_no,
            c.at,
            c.battery_percent,
            c.free_mb,
            c.clock_right,
            c.performance_ok,
            c.also_checked.join("\n"),
            c.unchecked.join("\n"),
            c.unfit.join("\n"),
            c.article,
            c.remark,
            actor
        ],
    )
    .map(drop)
}

pub(crate) fn returned(db: &Connection, actor: &str, r: &RecorderReturned) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE checkout SET returned_at = ?2, returned_by_id = ?3, returned_by = ?4, returned_certificate_no = ?5,
             taken_back_by = ?6, sound = ?7, return_remark = ?8 WHERE id = ?1",
        params![r.checkout, r.at, r.person.id, r.person.name, r.person.certificate_no, actor, r.sound, r.remark],
    )
    .map(drop)
}

/// A line of the 领用登记.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutRow {
    pub id: CheckoutId,
    pub recorder: RecorderId,
    pub recorder_name: String,
    /// Serial number of the recorder; empty when unknown.
    pub serial: String,
    /// Who has or had it.
    pub person: NamedPerson,
    pub at: Instant,
    /// 使用前检查; `None`: not looked at.
    pub battery_percent: Option<u32>,
    pub free_mb: Option<u64>,
    pub clock_right: Option<bool>,
    pub performance_ok: Option<bool>,
    /// Further things that the rules ask for and that were in order.
    pub also_checked: Vec<String>,
    /// What the rules ask for and nobody checked.
    pub unchecked: Vec<String>,
    /// What was found wanting.
    pub unfit: Vec<UseCheck>,
    /// The rule that asks for the check; empty where none does.
    pub article: String,
    pub remark: String,
    /// The actor who handed it out.
    pub handed_out_by: String,
    /// `None` while it is out.
    pub returned: Option<Returned>,
}

/// 归还
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    pub at: Instant,
    pub person: NamedPerson,
    /// The actor who took it back.
    pub taken_back_by: String,
    /// Nothing was found wrong with it.
    pub sound: bool,
    pub remark: String,
}

const SELECT: &str = "SELECT c.id, c.recorder_id, r.name, r.serial, c.person_id, c.person_name, c.certificate_no, c.at,
    c.battery_percent, c.free_mb, c.clock_right, c.performance_ok, c.also_checked, c.unchecked, c.unfit, c.article,
    c.remark, c.handed_out_by, c.returned_at, c.returned_by_id, c.returned_by, c.returned_certificate_no,
    c.taken_back_by, c.sound, c.return_remark
    FROM checkout c JOIN recorder r ON r.id = c.recorder_id";

fn lines(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn checkout(row: &Row<'_>) -> rusqlite::Result<CheckoutRow> {
    let returned = match maybe_instant_at(row, 18)? {
        None => None,
        Some(at) => Some(Returned {
            at,
            person: named_person(row, 19)?,
            taken_back_by: row.get(22)?,
            sound: row.get(23)?,
            remark: row.get(24)?,
        }),
    };
    Ok(CheckoutRow {
        id: id_at(row, 0, CheckoutId::parse)?,
        recorder: id_at(row, 1, RecorderId::parse)?,
        recorder_name: row.get(2)?,
        serial: row.get(3)?,
        person: named_person(row, 4)?,
        at: instant_at(row, 7)?,
        battery_percent: row.get(8)?,
        free_mb: row.get(9)?,
        clock_right: row.get(10)?,
        performance_ok: row.get(11)?,
        also_checked: lines(row, 12)?,
        unchecked: lines(row, 13)?,
        unfit: id_at(row, 14, |text| text.lines().map(UseCheck::from_code).collect())?,
        article: row.get(15)?,
        remark: row.get(16)?,
        handed_out_by: row.get(17)?,
        returned,
    })
}

impl View<'_> {
    /// Returns the 领用登记 of one recorder, or of all, the newest first.
    pub fn checkouts(&self, recorder: Option<&RecorderId>) -> Result<Vec<CheckoutRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE ?1 IS NULL OR c.recorder_id = ?1 ORDER BY c.at DESC, c.id DESC");
        self.rows(&sql, [recorder.map(RecorderId::as_str)], checkout, "read who had recorders")
    }

    /// Returns who has recorders now, the longest first.
    pub fn open_checkouts(&self) -> Result<Vec<CheckoutRow>, RegisterError> {
        let sql = format!("{SELECT} WHERE c.returned_at IS NULL ORDER BY c.at, c.id");
        self.rows(&sql, [], checkout, "read who has recorders")
    }
}
