//! Whether register, ledger and ledger files agree, event by event and table by table.

use crate::error::RegisterError;
use crate::view::View;
use crate::{mirror, open_in_memory, rebuild, tables};
use rusqlite::Connection;
use std::path::Path;

/// Checks a register's ledger against itself, the ledger files, and the tables that it must give.
///
/// Returns findings as (place, what is wrong); none means that all agree. Without `files` those are not looked at.
pub(crate) fn audit(db: &Connection, files: Option<&Path>) -> Result<Vec<(&'static str, String)>, RegisterError> {
    let mut found = Vec::new();
    let view = View { db };
    let lines: Vec<Vec<u8>> = view.event_bytes(0, u32::MAX)?.into_iter().map(|(_, bytes)| bytes).collect();
    let replayed = open_in_memory()?;
    if let Err(error) = rebuild::replay(&replayed, &lines) {
        found.push(("ledger", error.to_string()));
        return Ok(found);
    }
    if let Some(files) = files {
        let mirrored = mirror::read_all(files)?;
        if mirrored != lines {
            let equal = mirrored.iter().zip(&lines).take_while(|(theirs, ours)| theirs == ours).count();
            let why = format!("the ledger files hold other events than the register, from event {} on", equal + 1);
            found.push(("mirror", why));
        }
    }
    if layout(db)? != layout(&replayed)? {
        found.push(("register", "tables, indices or triggers are not as this program made them".into()));
    }
    let (expected, held) = (dump(&replayed)?, dump(db)?);
    for ((table, expected), (_, held)) in expected.iter().zip(&held) {
        if expected != held {
            found.push(("register", format!("table {table} differs from what the ledger gives")));
        }
    }
    Ok(found)
}

/// Returns the definition of every table, index and trigger.
fn layout(db: &Connection) -> Result<Vec<String>, RegisterError> {
    View { db }.rows(
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM main.sqlite_master
         WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
        [],
        |row| row.get(0),
        "read the layout",
    )
}

/// Returns every projected table as text, row by row.
pub(crate) fn dump(db: &Connection) -> Result<Vec<(&'static str, Vec<String>)>, RegisterError> {
    tables::PROJECTED
        .iter()
        .map(|(table, order)| {
            let rows = View { db }.rows(
                &format!("SELECT * FROM {table} ORDER BY {order}"),
                [],
                |row| {
                    let columns = row.as_ref().column_count();
                    let values: Result<Vec<rusqlite::types::Value>, _> = (0..columns).map(|i| row.get(i)).collect();
                    Ok(format!("{:?}", values?))
                },
                "compare tables",
            )?;
            Ok((*table, rows))
        })
        .collect()
}
