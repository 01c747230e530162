//! Working days as another calendar counts them: every day, and every day of eight years as the beginning of a period.
#![allow(clippy::unwrap_used)]

use chrono::{NaiveDate, NaiveTime};
use model::StationZone;
use rules::{Calendar, DayEnd, Ending, Limit, due};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const PACKAGE: &str = "chinesecalendar 1.11.0";
const PERIODS: [u16; 3] = [2, 7, 30];

/// Days on which the package is wrong, and what says so.
const WRONG: &[(&str, &str)] = &[("2005-12-31", "国办发明电〔2005〕35号 has this Saturday worked")];

/// Prints the package's name and version, then each day with its kind, then each beginning with the last day of each
/// period. `-` stands for an answer beyond the years that the package knows.
const PYTHON: &str = r#"
import chinese_calendar
import importlib.metadata
import sys
from datetime import date, timedelta

DAY = timedelta(days=1)

def days(first, last):
    while first <= last:
        yield first
        first += DAY

def last_day(beginning, working_days):
    try:
        return chinese_calendar.find_workday(working_days - 1, beginning + DAY)
    except NotImplementedError:
        return "-"

print("chinesecalendar", importlib.metadata.version("chinesecalendar"))
for day in days(date(2004, 1, 1), date(2026, 12, 31)):
    print(day, "on" if chinese_calendar.is_workday(day) else "off")
for day in days(date(2019, 1, 1), date(2026, 12, 31)):
    print(day, *(last_day(day, int(period)) for period in sys.argv[1:]))
"#;

/// What the package says.
struct Peer {
    /// Whether a day is worked.
    days: BTreeMap<NaiveDate, bool>,
    /// The last day of each of the periods that begin on a day; `None` beyond its years.
    periods: BTreeMap<NaiveDate, Vec<Option<NaiveDate>>>,
}

/// Asks the package once for all tests.
fn peer() -> &'static Peer {
    static PEER: OnceLock<Peer> = OnceLock::new();
    PEER.get_or_init(|| {
        let told = ask();
        let mut lines = told.lines();
        assert_eq!(lines.next(), Some(PACKAGE), "the reference is pinned; `cargo xtask setup` installs it");
        let mut peer = Peer { days: BTreeMap::new(), periods: BTreeMap::new() };
        for line in lines {
            let (day, answers) = line.split_once(' ').unwrap();
            let day = day.parse().unwrap();
            let told_before = match answers {
                "on" | "off" => peer.days.insert(day, answers == "on").is_some(),
                dates => {
                    let dates = dates.split(' ').map(|date| (date != "-").then(|| date.parse().unwrap())).collect();
                    peer.periods.insert(day, dates).is_some()
                }
            };
            assert!(!told_before, "{day} is told once");
        }
        peer
    })
}

/// Returns what the package prints, from the environment of the tests.
fn ask() -> String {
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).expect("a test program lies in <profile>/deps of the build").to_owned();
    let python = target.join("venv/bin/python");
    assert!(python.is_file(), "{} is missing: `cargo xtask setup` makes it", python.display());
    let periods = PERIODS.map(|period| period.to_string());
    let mut command = Command::new(&python);
    // Alone: without the user's packages and settings.
    command.args(["-I", "-c", PYTHON]).args(periods).stdin(Stdio::null());
    let ended = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{PACKAGE} does not answer: `cargo xtask setup` installs it\n{complaint}");
    String::from_utf8(ended.stdout).unwrap()
}

/// Returns the days from one to another, both with it.
fn days(first: &str, last: &str) -> impl Iterator<Item = NaiveDate> {
    let (first, last): (NaiveDate, NaiveDate) = (first.parse().unwrap(), last.parse().unwrap());
    first.iter_days().take_while(move |day| *day <= last)
}

#[test]
fn every_day_is_worked_or_not_as_the_reference_has_it() {
    let mut differing = vec![];
    for date in days("2004-01-01", "2026-12-31") {
        let ours = Calendar::builtin().day(date);
        assert!(ours.known, "{date} lies in a year with an entry");
        if peer().days[&date] != ours.working {
            differing.push(date.to_string());
        }
    }
    let known: Vec<&str> = WRONG.iter().map(|(day, _)| *day).collect();
    assert_eq!(differing, known, "they differ where a notice says that the reference is wrong, and nowhere else");
    assert_eq!(peer().days.len(), 8401, "every day of 23 years was compared");
}

#[test]
fn every_period_from_every_day_ends_as_the_reference_has_it() {
    let zone = StationZone::beijing();
    let close = NaiveTime::from_hms_opt(17, 30, 0).unwrap();
    let (mut same, mut provisional) = (0, 0);
    for date in days("2019-01-01", "2026-12-31") {
        for (period, theirs) in PERIODS.into_iter().zip(&peer().periods[&date]) {
            // Midnight is the first moment of this day, and the second before the next one still of it.
            for (time, judges) in [("00:00:00", Ending::Midnight), ("23:59:59.999", Ending::OfficeClose)] {
                let start = zone.instant(date.and_time(time.parse().unwrap())).unwrap();
                let day_end = DayEnd { office_close: close, judges };
                let ours = due(Limit::WorkingDays(period), start, zone, Calendar::builtin(), day_end).unwrap();
                let told = format!("{period} working days from {date} {time}");
                assert_eq!(ours.provisional, theirs.is_none(), "{told}: provisional where 2027 is needed, only there");
                assert_eq!(
                    zone.local(ours.at).date_naive(),
                    ours.last_day.unwrap(),
                    "{told}: the end is on the last day"
                );
                if theirs.is_some() {
                    assert_eq!(ours.last_day, *theirs, "{told}");
                    same += 1;
                } else {
                    provisional += 1;
                }
            }
        }
    }
    assert_eq!(peer().periods.len(), 2922, "every day of eight years was a beginning");
    assert_eq!(same + provisional, 2922 * 3 * 2, "with each period, early and late in the day");
    // From 30 December, 23 December and 20 November on, a period of 2, 7 or 30 working days reaches into 2027.
    assert_eq!(provisional, (2 + 9 + 42) * 2, "the end of the last year is not known yet");
}
