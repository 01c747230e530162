//! Reading: one handle over a connection or a transaction. The tables' modules add what can be asked of it.

use crate::error::{Doing, RegisterError};
use model::{Digest, Instant, parse_instant};
use rusqlite::types::Type;
use rusqlite::{Connection, Params, Row};

/// What can be asked of the register.
pub struct View<'a> {
    pub(crate) db: &'a Connection,
}

/// One ledger event as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub seq: u64,
    pub at: Instant,
    pub kind: String,
    pub actor: String,
    pub reason: String,
}

impl View<'_> {
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        doing: &'static str,
    ) -> Result<Vec<T>, RegisterError> {
        self.db.prepare_cached(sql).and_then(|mut rows| rows.query_map(params, read)?.collect()).doing(doing)
    }

    /// Returns the number of events and the leaf hash of the newest.
    pub fn ledger_head(&self) -> Result<(u64, Digest), RegisterError> {
        let head = self.rows(
            "SELECT seq, leaf FROM event ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, id_at(row, 1, Digest::from_hex)?)),
            "read the ledger's head",
        )?;
        Ok(head.first().copied().unwrap_or((0, ledger::ZERO_HASH)))
    }

    /// Returns the time of the newest event.
    pub(crate) fn last_event_at(&self) -> Result<Option<Instant>, RegisterError> {
        let last = self.rows(
            "SELECT at FROM event ORDER BY seq DESC LIMIT 1",
            [],
            |row| instant_at(row, 0),
            "read the time of the newest event",
        )?;
        Ok(last.first().copied())
    }

    /// Returns the events that concern any of these ids or numbers, the oldest first.
    pub fn history(&self, subjects: &[&str]) -> Result<Vec<EventRow>, RegisterError> {
        let marks = vec!["?"; subjects.len()].join(", ");
        let sql = format!(
            "SELECT seq, at, kind, actor, reason FROM event
             WHERE seq IN (SELECT seq FROM event_subject WHERE subject IN ({marks})) ORDER BY seq"
        );
        self.rows(&sql, rusqlite::params_from_iter(subjects), event, "read a history")
    }

    /// Returns the bytes of events behind `after`, in order.
    pub fn event_bytes(&self, after: u64, limit: u32) -> Result<Vec<(u64, Vec<u8>)>, RegisterError> {
        self.rows(
            "SELECT seq, bytes FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            (after, limit),
            |row| Ok((row.get(0)?, row.get(1)?)),
            "read the ledger",
        )
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: row.get(0)?,
        at: instant_at(row, 1)?,
        kind: row.get(2)?,
        actor: row.get(3)?,
        reason: row.get(4)?,
    })
}

/// Returns a column of text as what it stands for.
pub(crate) fn id_at<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| {
        let what = RegisterError::Malformed { what: "value", value: text };
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(what))
    })
}

/// Returns a column of text or NULL as what it stands for.
pub(crate) fn maybe_id_at<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    match row.get::<_, Option<String>>(column)? {
        None => Ok(None),
        Some(_) => id_at(row, column, parse).map(Some),
    }
}

pub(crate) fn instant_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Instant> {
    id_at(row, column, parse_instant)
}

pub(crate) fn maybe_instant_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Instant>> {
    maybe_id_at(row, column, parse_instant)
}
