//! The unit's own rule packs, and which version judges from which day.

use crate::error::{Doing, RegisterError};
use crate::view::{View, instant_at};
use ledger::{RulesAdopted, RulesRecorded};
use model::Instant;
use rusqlite::Connection;

pub(crate) const DDL: &str = "
CREATE TABLE rule_text (
    seq     INTEGER PRIMARY KEY,
    pack    TEXT NOT NULL,
    version INTEGER NOT NULL,
    at      TEXT NOT NULL,
    by      TEXT NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (pack, version)
) STRICT;
CREATE TABLE rule_adoption (
    seq      INTEGER PRIMARY KEY,
    pack     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    from_day TEXT NOT NULL,
    at       TEXT NOT NULL,
    by       TEXT NOT NULL,
    FOREIGN KEY (pack, version) REFERENCES rule_text (pack, version)
) STRICT;
";

pub(crate) fn recorded(db: &Connection, seq: u64, at: &str, actor: &str, r: &RulesRecorded) -> rusqlite::Result<()> {
    db.execute("INSERT INTO rule_text VALUES (?1, ?2, ?3, ?4, ?5, ?6)", (seq, &r.pack, r.version, at, actor, &r.text))
        .map(drop)
}

pub(crate) fn adopted(db: &Connection, seq: u64, at: &str, actor: &str, r: &RulesAdopted) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO rule_adoption VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (seq, &r.pack, r.version, &r.from, at, actor),
    )
    .map(drop)
}

/// A version of a rule pack that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTextRow {
    /// The event that wrote it down.
    pub seq: u64,
    pub pack: String,
    pub version: u32,
    pub at: Instant,
    pub by: String,
}

/// From which day a version of a rule pack judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptionRow {
    /// The event that adopted it.
    pub seq: u64,
    /// The event that wrote its text down.
    pub text_seq: u64,
    pub pack: String,
    pub version: u32,
    /// `2026-01-01`.
    pub from: String,
    pub at: Instant,
    pub by: String,
}

impl View<'_> {
    /// Returns the versions of rule packs that were written down, the oldest first.
    pub fn rule_texts(&self) -> Result<Vec<RuleTextRow>, RegisterError> {
        self.rows(
            "SELECT seq, pack, version, at, by FROM rule_text ORDER BY seq",
            [],
            |row| {
                Ok(RuleTextRow {
                    seq: row.get(0)?,
                    pack: row.get(1)?,
                    version: row.get(2)?,
                    at: instant_at(row, 3)?,
                    by: row.get(4)?,
                })
            },
            "read the rule packs written down",
        )
    }

    /// Returns the rule file that an event wrote down.
    pub fn rule_text(&self, seq: u64) -> Result<String, RegisterError> {
        self.db
            .query_row("SELECT text FROM rule_text WHERE seq = ?1", [seq], |row| row.get(0))
            .doing("read a rule file")
    }

    /// Returns the adoptions in the order of their first days; of one day the last decided comes last.
    pub fn rule_adoptions(&self) -> Result<Vec<AdoptionRow>, RegisterError> {
        self.rows(
            "SELECT a.seq, t.seq, a.pack, a.version, a.from_day, a.at, a.by
             FROM rule_adoption a JOIN rule_text t ON t.pack = a.pack AND t.version = a.version
             ORDER BY a.from_day, a.seq",
            [],
            |row| {
                Ok(AdoptionRow {
                    seq: row.get(0)?,
                    text_seq: row.get(1)?,
                    pack: row.get(2)?,
                    version: row.get(3)?,
                    from: row.get(4)?,
                    at: instant_at(row, 5)?,
                    by: row.get(6)?,
                })
            },
            "read the adoptions of rule packs",
        )
    }
}
