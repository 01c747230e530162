//! By when footage is stored and a case filed, by the article that says so.

use crate::clock::{DayEnd, Due, default_warnings, due, warnings};
use crate::pack::RulePack;
use crate::{Calendar, Limit};
use model::{Instant, StationZone};

/// What days are reckoned with.
#[derive(Clone, Copy, Debug)]
pub struct Reckoning<'a> {
    pub zone: StationZone,
    pub calendar: &'a Calendar,
    pub day_end: DayEnd,
}

/// From where a period runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    RecordingEnd,
    /// 返回单位: the officers were away, and the pack lets that count.
    Return,
    /// The end of the inspection or the closing of the case.
    Closing,
}

impl Start {
    /// Returns the code used in documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::RecordingEnd => "recording_end",
            Self::Return => "return",
            Self::Closing => "closing",
        }
    }
}

/// A period of a pack that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline<'a> {
    pub from: Start,
    pub limit: Limit,
    pub article: &'a str,
    pub due: Due,
    /// When to warn, in order.
    pub warnings: Vec<Instant>,
}

/// Returns by when footage is stored whose recording ended at `recorded_end`; `None` beyond the calendar.
///
/// `returned` is when the officers came back to their unit, after the recording. It counts only where the pack has
/// that exception.
pub fn store_deadline<'a>(
    pack: &'a RulePack,
    recorded_end: Instant,
    returned: Option<Instant>,
    reckoning: Reckoning<'_>,
) -> Option<Deadline<'a>> {
    let store = &pack.store;
    let returned = returned.filter(|returned| *returned > recorded_end);
    let (from, limit, start, article) = match (&store.away, returned) {
        (Some(away), Some(returned)) => (Start::Return, away.within, returned, &away.article),
        _ => (Start::RecordingEnd, store.within, recorded_end, &store.article),
    };
    deadline(from, limit, article, start, &store.warn, reckoning)
}

/// Whether footage was stored in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    pub deadline: Deadline<'a>,
    pub kept: bool,
}

/// Judges when footage was stored; `None` where the pack did not yet hold on the day of the recording. `returned` as in
/// [`store_deadline`].
pub fn stored<'a>(
    pack: &'a RulePack,
    recorded_end: Instant,
    returned: Option<Instant>,
    stored_at: Instant,
    reckoning: Reckoning<'_>,
) -> Option<Stored<'a>> {
    if !pack.judges(reckoning.zone.local(recorded_end).date_naive()) {
        return None;
    }
    let deadline = store_deadline(pack, recorded_end, returned, reckoning)?;
    let kept = deadline.due.is_kept(stored_at);
    Some(Stored { deadline, kept })
}

/// Returns by when the case is filed that ended at `ended`; `None` where the pack sets no number, or beyond the
/// calendar.
pub fn archive_deadline<'a>(pack: &'a RulePack, ended: Instant, reckoning: Reckoning<'_>) -> Option<Deadline<'a>> {
    let archive = pack.archive.as_ref()?;
    deadline(Start::Closing, archive.within?, &archive.article, ended, &archive.warn, reckoning)
}

fn deadline<'a>(
    from: Start,
    limit: Limit,
    article: &'a str,
    start: Instant,
    warn: &[u32],
    reckoning: Reckoning<'_>,
) -> Option<Deadline<'a>> {
    let Reckoning { zone, calendar, day_end } = reckoning;
    let due = due(limit, start, zone, calendar, day_end)?;
    let usual = default_warnings(limit);
    let before = if warn.is_empty() { &usual } else { warn };
    Some(Deadline { from, limit, article, due, warnings: warnings(limit, &due, before, zone, calendar) })
}
