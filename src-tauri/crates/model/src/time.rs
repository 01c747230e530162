//! Time as the station keeps it: UTC to the millisecond, shown in one fixed zone.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeZone, Utc};

/// A point in time, UTC.
pub type Instant = DateTime<Utc>;

/// Tells the time. Implemented in `station`; tests give a fixed one.
pub trait Clock: Send + Sync {
    /// Returns the present, cut to the millisecond.
    fn now(&self) -> Instant;
}

/// Returns the one written form of an instant in register, ledger and JSON: `2026-11-21T01:02:05.123Z`.
pub fn format_instant(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the instant written in RFC 3339 with any offset, or `None`.
pub fn parse_instant(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc))
}

/// The zone in which the unit reads and prints times: an offset from UTC in minutes. Fixed in `vault.toml`, so
/// that a paper is the same whatever the machine is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StationZone(FixedOffset);

impl StationZone {
    /// Returns the zone, or `None` beyond ±18 hours.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        if minutes.abs() > 18 * 60 {
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
        use chrono::Datelike as _;
        self.local(at).year()
    }

    /// Returns `2026/11/21`, as the vault's folders go.
    pub fn day_folder(self, at: Instant) -> String {
        self.local(at).format("%Y/%m/%d").to_string()
    }

    /// Returns the instant of a wall-clock time in this zone. A fixed offset has neither gaps nor repeats.
    pub fn instant(self, wall: chrono::NaiveDateTime) -> Option<Instant> {
        self.0.from_local_datetime(&wall).single().map(|t| t.with_timezone(&Utc))
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
