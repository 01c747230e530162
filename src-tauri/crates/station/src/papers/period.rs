//! The period that a paper of the unit speaks of.

use super::words::{fill, words};
use chrono::{Datelike as _, NaiveDate};

/// Days, both of them within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Period {
    /// Reads `2026`, `2026-07-01/2026-09-30`, or empty text: the year of `today`.
    pub fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let year = |year: i32| {
            (1..=9999).contains(&year).then_some(())?;
            Some(Self { from: NaiveDate::from_ymd_opt(year, 1, 1)?, to: NaiveDate::from_ymd_opt(year, 12, 31)? })
        };
        match text.split_once('/') {
            Some((from, to)) => {
                let period = Self { from: day(from)?, to: day(to)? };
                (period.from <= period.to).then_some(period)
            }
            None if text.is_empty() => year(today.year()),
            None if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) => year(text.parse().ok()?),
            None => None,
        }
    }

    pub fn holds(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Returns `2026-07-01 至 2026-09-30`.
    pub fn show(self) -> String {
        fill(&words().period, &[("from", &self.from.to_string()), ("to", &self.to.to_string())])
    }
}

/// Reads `2026-07-01`, of the years that are written.
fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    ((1..=9999).contains(&day.year()) && text.len() == 10).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::Period;
    use chrono::NaiveDate;

    #[test]
    fn periods_are_years_or_days() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
        for (text, shown) in [
            ("", Some("2026-01-01 至 2026-12-31")),
            ("2025", Some("2025-01-01 至 2025-12-31")),
            ("2026-07-01/2026-09-30", Some("2026-07-01 至 2026-09-30")),
            ("2026-07-01/2026-07-01", Some("2026-07-01 至 2026-07-01")),
            ("2026-09-30/2026-07-01", None),
            ("2026-7-1/2026-9-30", None),
            ("26", None),
            ("0000", None),
            ("+262", None),
            ("2026-02-30/2026-03-01", None),
            ("2026-07-01", None),
        ] {
            let read = Period::parse(text, today).map(Period::show);
            assert_eq!(read.as_deref(), shown, "{text:?}");
        }
        let period = Period::parse("2026-07-01/2026-07-02", today).expect("a period");
        let holds = |d: u32| period.holds(NaiveDate::from_ymd_opt(2026, 7, d).expect("a day"));
        assert_eq!((holds(1), holds(2), holds(3)), (true, true, false), "both ends are within");
    }
}
