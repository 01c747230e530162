//! How long a rule gives: hours, or working days.

use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A year of hours: longer periods are counted in days.
const HOURS_MAX: u16 = 366 * 24;
/// More than any year has.
const WORKING_DAYS_MAX: u16 = 366;

/// A period. In a rule file `{ hours = 24 }` or `{ working_days = 7 }`: one of the two, at least 1 and at most a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "Written")]
pub enum Limit {
    Hours(u16),
    WorkingDays(u16),
}

/// What stands in the file; read by its fields, so that a refusal names the line of the field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, deserialize_with = "hours")]
    hours: Option<u16>,
    #[serde(default, deserialize_with = "working_days")]
    working_days: Option<u16>,
}

impl TryFrom<Written> for Limit {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.hours, written.working_days) {
            (Some(hours), None) => Ok(Self::Hours(hours)),
            (None, Some(days)) => Ok(Self::WorkingDays(days)),
            _ => Err("one of hours and working_days"),
        }
    }
}

impl Limit {
    /// Returns how many of its unit it has.
    pub fn count(self) -> u32 {
        match self {
            Self::Hours(count) | Self::WorkingDays(count) => count.into(),
        }
    }
}

/// Writes `24h` or `7wd`.
impl fmt::Display for Limit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(count) => write!(to, "{count}h"),
            Self::WorkingDays(count) => write!(to, "{count}wd"),
        }
    }
}

fn hours<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    within(from, HOURS_MAX).map(Some)
}

fn working_days<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    within(from, WORKING_DAYS_MAX).map(Some)
}

fn within<'de, D: Deserializer<'de>>(from: D, most: u16) -> Result<u16, D::Error> {
    let count = i64::deserialize(from)?;
    let fits = u16::try_from(count).ok().filter(|count| (1..=most).contains(count));
    fits.ok_or_else(|| D::Error::invalid_value(Unexpected::Signed(count), &format!("1 to {most}").as_str()))
}
