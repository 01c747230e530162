//! Unit, rule pack and every other setting: key and value.

use crate::error::{Doing, RegisterError};
use crate::view::View;
use ledger::{SettingChanged, UnitNamed};
use rusqlite::{Connection, OptionalExtension as _};

pub(crate) const DDL: &str = "
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE setting_change (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL) STRICT;
";

pub(crate) fn unit_named(db: &Connection, unit: &UnitNamed) -> rusqlite::Result<()> {
    set(db, "unit", &unit.unit)?;
    set(db, "rule_pack", &unit.rule_pack)?;
    set(db, "zone_minutes", &unit.zone_minutes.to_string())
}

pub(crate) fn changed(db: &Connection, seq: u64, setting: &SettingChanged) -> rusqlite::Result<()> {
    db.execute("INSERT INTO setting_change VALUES (?1, ?2, ?3)", (seq, &setting.key, &setting.value))?;
    set(db, &setting.key, &setting.value)
}

fn set(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute((key, value))
        .map(drop)
}

impl View<'_> {
    /// Returns a setting's value.
    pub fn setting(&self, key: &str) -> Result<Option<String>, RegisterError> {
        self.db
            .query_row("SELECT value FROM setting WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .doing("read a setting")
    }

    /// Returns each value that a setting was given, with the event that gave it, the oldest first.
    pub fn setting_changes(&self, key: &str) -> Result<Vec<(u64, String)>, RegisterError> {
        self.rows(
            "SELECT seq, value FROM setting_change WHERE key = ?1 ORDER BY seq",
            [key],
            |row| Ok((row.get(0)?, row.get(1)?)),
            "read the changes of a setting",
        )
    }
}
