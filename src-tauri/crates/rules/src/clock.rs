//! When a period ends, and what is left of it.
//!
//! Hours run on from the moment, through nights and holidays. Of days, that of the beginning does not count (民法典
//! 第二百零一条), and the last one ends at midnight or, where business hours are kept, at their end (第二百零三条): which of
//! the two judges is a setting, and the earlier is always told as well. Days are those of the station's zone.

use crate::{Calendar, Limit};
use chrono::{NaiveDate, NaiveTime};
use model::{Instant, StationZone, is_written, shifted};
use std::collections::BTreeSet;

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;

/// Which moment of the last day is its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Midnight,
    OfficeClose,
}

/// When a day ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayEnd {
    pub office_close: NaiveTime,
    pub judges: Ending,
}

impl DayEnd {
    /// Returns the end of the day unless a unit sets another: midnight judges, and 17:30 is told as the stricter one.
    pub fn usual() -> Self {
        let office_close = NaiveTime::from_hms_opt(17, 30, 0).expect("a time of the day");
        Self { office_close, judges: Ending::Midnight }
    }

    /// Returns the end of the day as a unit sets it, or `None` where `close` is no time of the day such as `17:30`.
    pub fn parse(at_close: bool, close: &str) -> Option<Self> {
        let office_close = NaiveTime::parse_from_str(close.trim(), "%H:%M").ok()?;
        Some(Self { office_close, judges: if at_close { Ending::OfficeClose } else { Ending::Midnight } })
    }

    /// Tells whether the office's hour judges.
    pub fn at_close(&self) -> bool {
        self.judges == Ending::OfficeClose
    }

    /// Returns the office's hour as it is set: `17:30`.
    pub fn close(&self) -> String {
        self.office_close.format("%H:%M").to_string()
    }
}

/// The end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The end. Midnight is written as the last second of the last day, so that it carries that day's date.
    pub at: Instant,
    /// The earlier of the two ends of the last day; equal to `at` for hours.
    pub stricter: Instant,
    /// The last of the working days; `None` for hours.
    pub last_day: Option<NaiveDate>,
    /// One of the days that were looked at lies in a year that the calendar does not know.
    pub provisional: bool,
}

/// What is left of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Milliseconds to the end; negative when it is past, 0 within the last second.
    pub millis: i64,
    /// Working days from tomorrow to the last day. When that is past: minus the working days since, with today.
    /// `None` for hours.
    pub working_days: Option<i64>,
}

/// Returns the end of a period that begins at `start`, or `None` beyond the years that can be written.
///
/// ```
/// use rules::{Calendar, DayEnd, Ending, Limit, due};
/// let zone = model::StationZone::beijing();
/// let day_end = DayEnd { office_close: "17:30:00".parse().expect("a time"), judges: Ending::Midnight };
/// let start = zone.parse("2020-09-30 16:00").expect("a moment");
/// let due = due(Limit::WorkingDays(2), start, zone, Calendar::builtin(), day_end).expect("within the calendar");
/// assert_eq!(zone.show(due.at), "2020-10-10 23:59:59");
/// ```
pub fn due(limit: Limit, start: Instant, zone: StationZone, calendar: &Calendar, day_end: DayEnd) -> Option<Due> {
    if !is_written(start) {
        return None;
    }
    match limit {
        Limit::Hours(hours) => {
            let at = shifted(start, i64::from(hours) * HOUR_MS).filter(|at| is_written(*at))?;
            Some(Due { at, stricter: at, last_day: None, provisional: false })
        }
        Limit::WorkingDays(days) => {
            let (last, known) = nth_working_day(calendar, zone.local(start).date_naive(), days)?;
            let close = zone.instant(last.and_time(day_end.office_close))?;
            let midnight = zone.instant(last.and_hms_opt(23, 59, 59)?)?;
            let at = match day_end.judges {
                Ending::Midnight => midnight,
                Ending::OfficeClose => close,
            };
            Some(Due { at, stricter: midnight.min(close), last_day: Some(last), provisional: !known })
        }
    }
}

impl Due {
    /// Tells whether a thing done at this moment was done in time. Working days hold through the second in which
    /// they end, hours to the moment.
    pub fn is_kept(&self, done: Instant) -> bool {
        match self.last_day {
            None => done <= self.at,
            Some(_) => shifted(self.at, SECOND_MS).is_some_and(|over| done < over),
        }
    }
}

/// Returns when to warn, in order and without doubles.
///
/// `before` counts in the limit's unit: hours before the end, or working days that are left behind the day on which
/// the warning is given at 0:00 (0: the last day itself). What would come before the period begins is left out.
pub fn warnings(limit: Limit, due: &Due, before: &[u32], zone: StationZone, calendar: &Calendar) -> Vec<Instant> {
    let moment = |left: u32| match due.last_day {
        None => shifted(due.at, -i64::from(left) * HOUR_MS),
        Some(last) => zone.instant(working_days_before(calendar, last, left)?.and_time(NaiveTime::MIN)),
    };
    let inside = before.iter().copied().filter(|left| *left < limit.count());
    inside.filter_map(moment).collect::<BTreeSet<Instant>>().into_iter().collect()
}

/// Returns the warnings of a rule that names none: 12 and 2 hours before, or half way and on the last day.
pub fn default_warnings(limit: Limit) -> Vec<u32> {
    let mut before = match limit {
        Limit::Hours(_) => vec![12, 2],
        Limit::WorkingDays(days) => vec![u32::from(days) / 2, 0],
    };
    before.retain(|left| *left < limit.count());
    before.dedup();
    before
}

/// Returns what is left of a period, or how long it is over; `None` at a moment that cannot be written.
pub fn left(due: &Due, now: Instant, zone: StationZone, calendar: &Calendar) -> Option<Left> {
    if !is_written(now) {
        return None;
    }
    let millis = due.at.signed_duration_since(now).num_milliseconds();
    let millis = if due.is_kept(now) { millis.max(0) } else { millis };
    let today = zone.local(now).date_naive();
    let working_days = due
        .last_day
        .map(|last| if today <= last { worked(calendar, today, last) } else { -worked(calendar, last, today) });
    Some(Left { millis, working_days })
}

/// Returns the n-th working day behind a day, and whether the year of each day on the way is known.
fn nth_working_day(calendar: &Calendar, day: NaiveDate, n: u16) -> Option<(NaiveDate, bool)> {
    let (mut date, mut known, mut left) = (day, true, n);
    while left > 0 {
        date = date.succ_opt()?;
        let day = calendar.day(date);
        known &= day.known;
        left -= u16::from(day.working);
    }
    Some((date, known))
}

/// Returns the day behind which so many working days are left up to `last`.
fn working_days_before(calendar: &Calendar, last: NaiveDate, mut left: u32) -> Option<NaiveDate> {
    let mut date = last;
    while left > 0 {
        date = date.pred_opt()?;
        left -= u32::from(calendar.day(date).working);
    }
    Some(date)
}

/// Returns the working days behind `after` up to and with `until`.
fn worked(calendar: &Calendar, after: NaiveDate, until: NaiveDate) -> i64 {
    let days = after.iter_days().skip(1).take_while(|date| *date <= until);
    days.map(|date| i64::from(calendar.day(date).working)).sum()
}
