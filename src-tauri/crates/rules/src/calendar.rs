//! Which days are worked: Monday to Friday, save for the days that the State Council's notices turn round.
//!
//! A calendar is a file, described in `assets/calendar/README.md`: one is built in, and a newer one takes its place
//! when the next notice is out.

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

/// The one format of the file.
const FORMAT: u64 = 1;
/// Longest name, version or number of a notice, in characters.
const TEXT_MAX: usize = 100;

/// Why a calendar is refused. The source names line and reason.
#[derive(Debug, thiserror::Error)]
#[error("the calendar {file} is refused")]
pub struct CalendarError {
    pub file: String,
    #[source]
    pub source: serde_json::Error,
}

/// The working days of the years that are known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    #[serde(rename = "calendar", deserialize_with = "format")]
    _format: (),
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "text")]
    name: String,
    #[serde(deserialize_with = "text")]
    version: String,
    #[serde(deserialize_with = "years")]
    years: BTreeMap<i32, Year>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    notices: Vec<String>,
    /// Days that are the other way than their day of the week says: the file's `off` and `on` together.
    turned: BTreeSet<NaiveDate>,
}

/// What a calendar says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub working: bool,
    /// False in a year without an entry: then Monday to Friday is all that is known.
    pub known: bool,
}

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::parse("cn.json", include_str!("../../../../assets/calendar/cn.json"))
        .expect("the built-in calendar is read by a test")
});

impl Calendar {
    /// Reads a calendar. Refuses unknown and missing keys, a day outside its year, twice in a list, or on a side of
    /// the week that the list says nothing of.
    pub fn parse(file: &str, text: &str) -> Result<Self, CalendarError> {
        serde_json::from_str(text).map_err(|source| CalendarError { file: file.to_owned(), source })
    }

    /// Returns the calendar of the State Council's notices, 2004 to 2026.
    pub fn builtin() -> &'static Self {
        &BUILT_IN
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns id and version, as a verdict records which calendar judged: `cn 2026-1`.
    pub fn edition(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// Returns the years with an entry, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.keys().copied()
    }

    /// Returns the numbers of the notices that set days of a year.
    pub fn notices(&self, year: i32) -> &[String] {
        self.years.get(&year).map_or(&[], |year| &year.notices)
    }

    /// Returns what is known of a day.
    pub fn day(&self, date: NaiveDate) -> Day {
        let year = self.years.get(&date.year());
        let turned = year.is_some_and(|year| year.turned.contains(&date));
        Day { working: is_weekend(date) == turned, known: year.is_some() }
    }

    /// Returns the days that `other` judges differently, in order: the day, whether it is worked here, whether there.
    ///
    /// A year that one of them does not know adds the days that are turned round in the other.
    pub fn differences(&self, other: &Self) -> Vec<(NaiveDate, bool, bool)> {
        let turned = self.years.values().chain(other.years.values()).flat_map(|year| &year.turned);
        let days: BTreeSet<NaiveDate> = turned.copied().collect();
        let both = days.into_iter().map(|date| (date, self.day(date).working, other.day(date).working));
        both.filter(|(_, here, there)| here != there).collect()
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn format<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
    let format = u64::deserialize(from)?;
    if format == FORMAT { Ok(()) } else { Err(D::Error::custom(format!("format {format} is not {FORMAT}"))) }
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Text(plain).deserialize(from)
}

fn plain(text: &str) -> Result<String, String> {
    let fits = (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(format!("a text has 1 to {TEXT_MAX} characters on one line")) }
}

fn years<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<i32, Year>, D::Error> {
    from.deserialize_map(Years)
}

/// Reads the entries of all years.
struct Years;

impl<'de> Visitor<'de> for Years {
    type Value = BTreeMap<i32, Year>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an entry for each year")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut years = BTreeMap::new();
        while let Some(year) = map.next_key_seed(Text(|text: &str| fresh_year(&years, text)))? {
            years.insert(year, map.next_value_seed(Entry(year))?);
        }
        if years.is_empty() { Err(A::Error::custom("there is no year")) } else { Ok(years) }
    }
}

fn fresh_year(years: &BTreeMap<i32, Year>, text: &str) -> Result<i32, String> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse().ok().filter(|_| digits).ok_or_else(|| format!("{text:?} is no year of four digits"))?;
    if years.contains_key(&year) { Err(format!("{year} stands here a second time")) } else { Ok(year) }
}

/// Reads the entry of one year.
struct Entry(i32);

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Year;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Year, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry {
    type Value = Year;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the lists of a year")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Year, A::Error> {
        let mut year = Year { notices: vec![], turned: BTreeSet::new() };
        let mut open = vec!["notices", "off", "on"];
        while let Some(key) = map.next_key_seed(Text(|text: &str| take(&mut open, text)))? {
            match key {
                "notices" => {
                    map.next_value_seed(Each(|text: &str| plain(text).map(|notice| year.notices.push(notice))))?
                }
                list => map.next_value_seed(Each(|text: &str| turn(&mut year.turned, list, self.0, text)))?,
            }
        }
        open.first().map_or(Ok(year), |key| Err(A::Error::missing_field(key)))
    }
}

fn take(open: &mut Vec<&'static str>, text: &str) -> Result<&'static str, String> {
    let place = open.iter().position(|key| *key == text);
    place
        .map(|at| open.remove(at))
        .ok_or_else(|| format!("unknown or repeated key `{text}`; a year has notices, off, on"))
}

/// Adds a day of a list: `on` has days of the weekend, `off` the others.
fn turn(turned: &mut BTreeSet<NaiveDate>, list: &str, year: i32, text: &str) -> Result<(), String> {
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text);
    let date = read.ok_or_else(|| format!("{text:?} is no day; one is written 2026-01-04"))?;
    if date.year() != year {
        Err(format!("{date} is no day of {year}"))
    } else if is_weekend(date) != (list == "on") {
        Err(format!("{date} is a {} and has no place in `{list}`", date.format("%A")))
    } else if turned.insert(date) {
        Ok(())
    } else {
        Err(format!("{date} stands here a second time"))
    }
}

/// Makes something of a text while it is read, so that a refusal carries the line on which the text stands.
struct Text<F>(F);

impl<'de, T, F: FnOnce(&str) -> Result<T, String>> DeserializeSeed<'de> for Text<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

/// Hands on each text of a list.
struct Each<F>(F);

impl<'de, F: FnMut(&str) -> Result<(), String>> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&str) -> Result<(), String>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Text(&mut self.0))?.is_some() {}
        Ok(())
    }
}
