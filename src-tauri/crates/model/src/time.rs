//! Time as the station keeps it: UTC to the millisecond, shown in one fixed zone.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, TimeZone, Utc};
use std::ops::RangeInclusive;

/// Years that RFC 3339 can write.
const WRITTEN_YEARS: RangeInclusive<i32> = 0..=9999;

/// A point in time, UTC.
pub type Instant = DateTime<Utc>;

/// Tells the time. Implemented in `station`; tests give a fixed one.
pub trait Clock: Send + Sync {
    /// Returns the present, cut to the millisecond.
    fn now(&self) -> Instant;
}

/// Returns the one written form of an instant in register, ledger and JSON: `2026-11-21T01:02:05.123Z`.
///
/// What [`parse_instant`] makes of it is the instant, cut to the millisecond. One that [`is_written`] denies has no
/// form of its own and is written as the nearest that has; who takes times from outside asks first.
pub fn format_instant(at: Instant) -> String {
    let first = |year| NaiveDate::from_yo_opt(year, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).map(|t| t.and_utc());
    let bound = if is_written(at) {
        None
    } else if utc_year(at) < *WRITTEN_YEARS.start() {
        first(*WRITTEN_YEARS.start())
    } else {
        first(WRITTEN_YEARS.end() + 1).and_then(|next| shifted(next, -1))
    };
    bound.unwrap_or(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the instant written in RFC 3339 with any offset, or `None`.
pub fn parse_instant(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc)).filter(|at| is_written(*at))
}

/// Tells whether an instant has a written form: years 0 to 9999.
pub fn is_written(at: Instant) -> bool {
    WRITTEN_YEARS.contains(&utc_year(at))
}

/// Returns the calendar year in UTC.
pub fn utc_year(at: Instant) -> i32 {
    at.year()
}

/// Returns the instant this many milliseconds later, or earlier when negative; `None` beyond the calendar.
pub fn shifted(at: Instant, millis: i64) -> Option<Instant> {
    at.checked_add_signed(TimeDelta::try_milliseconds(millis)?)
}

/// The zone in which the unit reads and prints times: an offset from UTC in minutes. Fixed in `vault.toml`, so
/// that a paper is the same whatever the machine is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StationZone(FixedOffset);

impl StationZone {
    /// Returns the zone, or `None` beyond ±18 hours.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        if minutes.unsigned_abs() > 18 * 60 {
            return None;
        }
        FixedOffset::east_opt(minutes * 60).map(Self)
    }

    /// Returns 北京时间, +08:00.
    pub fn beijing() -> Self {
        Self::from_minutes(480).expect("eight hours lie within the range")
    }

    /// Returns the offset in minutes east of UTC.
    pub fn minutes(self) -> i32 {
        self.0.local_minus_utc() / 60
    }

    /// Returns the instant in RFC 3339 with this zone's offset, to the second: `2026-11-21T09:02:05+08:00`.
    pub fn written(self, at: Instant) -> String {
        self.local(at).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Returns the instant as it is read in this zone.
    pub fn local(self, at: Instant) -> DateTime<FixedOffset> {
        at.with_timezone(&self.0)
    }

    /// Returns `2026-11-21 09:02:05`.
    pub fn show(self, at: Instant) -> String {
        self.local(at).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Returns the calendar year.
    pub fn year(self, at: Instant) -> i32 {
        self.local(at).year()
    }

    /// Returns `2026/11/21`, as the vault's folders go.
    pub fn day_folder(self, at: Instant) -> String {
        self.local(at).format("%Y/%m/%d").to_string()
    }

    /// Returns the instant of a wall-clock time in this zone, or `None` outside the written years. A fixed offset has
    /// neither gaps nor repeats.
    pub fn instant(self, wall: chrono::NaiveDateTime) -> Option<Instant> {
        self.0.from_local_datetime(&wall).single().map(|t| t.with_timezone(&Utc)).filter(|at| is_written(*at))
    }

    /// Returns the instant of `2026-11-21 09:02` or `2026-11-21 09:02:05` or RFC 3339 text, or `None`.
    pub fn parse(self, text: &str) -> Option<Instant> {
        let text = text.trim();
        parse_instant(text).or_else(|| {
            ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
                .iter()
                .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())
                .and_then(|wall| self.instant(wall))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> Instant {
        DateTime::from_timestamp(seconds, nanos).expect("a row's instant exists")
    }

    #[test]
    fn what_is_written_reads_back() {
        let rows = [
            ("the epoch", at(0, 0)),
            ("before it", at(-1, 999_000_000)),
            ("the first of all", at(-62_167_219_200, 0)),
            ("the last of all", at(253_402_300_799, 999_000_000)),
            ("a leap second", parse_instant("2016-12-31T23:59:60.500Z").expect("it existed")),
        ];
        for (what, instant) in rows {
            assert!(is_written(instant), "{what} has a form");
            assert_eq!(parse_instant(&format_instant(instant)), Some(instant), "{what}");
        }
        // Every 37th day and a bit over all written years.
        for seconds in (-62_167_219_200..=253_402_300_799_i64).step_by(3_199_907) {
            let instant = at(seconds, 123_000_000);
            assert_eq!(parse_instant(&format_instant(instant)), Some(instant), "{seconds} s");
        }
    }

    #[test]
    fn what_has_no_form_becomes_the_nearest_that_has() {
        let (first, last) = ("0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z");
        let rows = [
            ("just before year 0", at(-62_167_219_201, 0), first),
            ("the calendar's begin", Instant::MIN_UTC, first),
            ("just after year 9999", at(253_402_300_800, 0), last),
            ("the calendar's end", Instant::MAX_UTC, last),
        ];
        for (what, instant, form) in rows {
            assert!(!is_written(instant), "{what} has no form of its own");
            assert_eq!(format_instant(instant), form, "{what}");
            assert!(parse_instant(form).is_some(), "{what}: which reads back");
        }
    }

    #[test]
    fn no_text_gives_an_instant_without_a_form() {
        let beijing = StationZone::beijing();
        for text in [
            "0000-01-01T00:00:00+08:00",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01 00:00:00",
            "+262142-12-31 23:59:59",
            "+10000-01-01 08:00:00",
            "-0001-06-01 00:00:00",
        ] {
            assert_eq!(beijing.parse(text), None, "{text}");
        }
        assert!(beijing.parse("9999-12-31 23:59:59").is_some(), "the last day is a day");
    }

    #[test]
    fn shifting_ends_where_the_calendar_does() {
        let now = at(1_800_000_000, 0);
        for millis in [i64::MAX, i64::MIN, i64::MIN + 1, 292_000 * 31_556_952_000] {
            assert_eq!(shifted(now, millis), None, "{millis} ms lead beyond");
        }
        assert_eq!(shifted(now, -1_000), Some(at(1_799_999_999, 0)), "a second earlier");
    }

    #[test]
    fn a_zone_lies_within_eighteen_hours() {
        for minutes in [i32::MIN, i32::MAX, 1081, -1081] {
            assert_eq!(StationZone::from_minutes(minutes), None, "{minutes} minutes");
        }
        assert_eq!(StationZone::from_minutes(-1080).map(StationZone::minutes), Some(-1080), "the last allowed");
    }
}
