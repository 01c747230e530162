//! The layout: the ledger's own table, and the tables that are a view of it.
//!
//! A register of an earlier layout is not altered table by table: its view is dropped and made anew from its own
//! ledger, in one transaction. So there is one definition of every table, and one way to fill it.

use crate::apply;
use crate::error::{Doing, RegisterError};
use crate::tables;
use crate::view::View;
use ledger::{Event, leaf_hash, sha256};
use rusqlite::Connection;

/// Version of the tables below; goes up with every change of them.
const LAYOUT: u32 = 3;
/// Events replayed at a time.
const PAGE_EVENTS: u32 = 1000;

/// Tables that are nothing but a view of the ledger.
const VIEW: &[&str] = &[
    SUBJECT,
    tables::settings::DDL,
    tables::people::DDL,
    tables::recorders::DDL,
    tables::jobs::DDL,
    tables::cases::DDL,
    tables::sessions::DDL,
    tables::clips::DDL,
    tables::statements::DDL,
    tables::packages::DDL,
    tables::numbers::DDL,
    tables::scrub::DDL,
    tables::copies::DDL,
    tables::alarms::DDL,
    tables::backups::DDL,
    tables::clocks::DDL,
    tables::answers::DDL,
    tables::papers::DDL,
    tables::checklists::DDL,
    tables::exports::DDL,
    tables::checkouts::DDL,
    tables::services::DDL,
    tables::trips::DDL,
    tables::conclusions::DDL,
    tables::late::DDL,
    tables::calendars::DDL,
    tables::rules::DDL,
];

/// Tables that hold what nothing else does.
const KEPT: &[&str] = &[EVENT, tables::sessions::DRAFT_DDL, tables::papers::DRAFT_DDL];
/// Those of them that earlier layouts did not have yet.
const KEPT_SINCE: &[&str] = &[tables::papers::DRAFT_DDL];

/// The ledger. Triggers refuse to change or delete what was written.
const EVENT: &str = "
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    reason  TEXT NOT NULL,
    bytes   BLOB NOT NULL,
    leaf    TEXT NOT NULL CHECK (length(leaf) = 64)
) STRICT;
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER event_remains BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END;
";

/// Under which ids and numbers an event is found again.
const SUBJECT: &str = "
CREATE TABLE event_subject (
    subject TEXT NOT NULL,
    seq     INTEGER NOT NULL REFERENCES event(seq),
    PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_subject_by_seq ON event_subject (seq);
";

/// Sets what every connection must have; nothing is left to defaults.
pub(crate) fn configure(db: &Connection) -> Result<(), RegisterError> {
    // The waiting time comes first: switching to WAL may already have to wait.
    db.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )
    .doing("configure the connection")
}

/// Brings the layout up to date, or refuses one that this program does not know. All of it happens, or nothing.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), RegisterError> {
    db.execute_batch("CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT;")
        .doing("prepare the layout")?;
    let held: Option<(u32, String)> = db
        .prepare("SELECT step, checksum FROM migration ORDER BY step DESC LIMIT 1")
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.next().transpose())
        .doing("read the layout")?;
    let checksum = sha256([KEPT.concat(), VIEW.concat()].concat().as_bytes()).to_string();
    match held {
        Some((found, _)) if found > LAYOUT => return Err(RegisterError::Newer { found, known: LAYOUT }),
        Some((LAYOUT, recorded)) if recorded == checksum => return Ok(()),
        Some((LAYOUT, _)) => return Err(RegisterError::ForeignMigration(LAYOUT)),
        _ => {}
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).doing("begin a new layout")?;
    if held.is_some() {
        drop_view(&tx).doing("drop the tables of the earlier layout")?;
        tx.execute_batch(&KEPT_SINCE.concat()).doing("make the tables that earlier layouts did not have")?;
    } else {
        tx.execute_batch(&KEPT.concat()).doing("make the ledger's table")?;
    }
    tx.execute_batch(&VIEW.concat()).doing("make the tables")?;
    project_all(&tx)?;
    tx.execute("INSERT INTO migration VALUES (?1, ?2)", (LAYOUT, checksum)).doing("record the layout")?;
    tx.commit().doing("commit the new layout")
}

/// Drops every table but those that hold what nothing else does.
fn drop_view(db: &Connection) -> rusqlite::Result<()> {
    // Tables name each other; at the end of the transaction all of them stand again.
    db.execute_batch("PRAGMA defer_foreign_keys = ON;")?;
    let tables: Vec<String> = db
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                 AND name NOT IN ('event', 'draft', 'paper_draft', 'migration')",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    tables.iter().try_for_each(|table| db.execute_batch(&format!("DROP TABLE \"{table}\";")))
}

/// Fills the tables from the ledger.
fn project_all(db: &Connection) -> Result<(), RegisterError> {
    let mut after = 0;
    loop {
        let page = View { db }.event_bytes(after, PAGE_EVENTS)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (seq, bytes) in page {
            let event = Event::parse(&bytes).map_err(|error| RegisterError::LedgerBroken {
                seq,
                why: format!("{} ({error})", leaf_hash(&bytes)),
            })?;
            apply::project(db, &event).doing("fill the tables from the ledger")?;
        }
    }
}
