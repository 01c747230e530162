//! The legal clock on worked examples: when a period ends, what is left of it, and which calendars are refused.
#![allow(clippy::unwrap_used)]

use chrono::{NaiveDate, NaiveTime};
use model::{Instant, StationZone, format_instant, parse_instant};
use rules::{Calendar, DayEnd, Due, Ending, Limit, default_warnings, due, left, warnings};
use serde::Deserialize;
use std::error::Error as _;

const H24: Limit = Limit::Hours(24);
const WD2: Limit = Limit::WorkingDays(2);
const WD7: Limit = Limit::WorkingDays(7);
const WD30: Limit = Limit::WorkingDays(30);

fn day_end(judges: Ending) -> DayEnd {
    DayEnd { office_close: NaiveTime::from_hms_opt(17, 30, 0).unwrap(), judges }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn beijing(text: &str) -> Instant {
    StationZone::beijing().parse(text).unwrap()
}

/// The end at midnight in 北京时间 by the built-in calendar.
fn ends(limit: Limit, start: &str) -> Due {
    due(limit, beijing(start), StationZone::beijing(), Calendar::builtin(), day_end(Ending::Midnight)).unwrap()
}

fn check(rows: &[(&str, Limit, &str, &str)]) {
    for (why, limit, start, end) in rows {
        let due = ends(*limit, start);
        assert_eq!(StationZone::beijing().show(due.at), *end, "{limit} from {start}: {why}");
        assert!(!due.provisional, "{limit} from {start} lies within the calendar: {why}");
    }
}

#[test]
fn the_worked_examples_hold() {
    check(&[
        ("a holiday does not stop hours", H24, "2020-09-30 16:00", "2020-10-01 16:00:00"),
        ("the second day is a Saturday that is worked", WD2, "2020-09-30 16:00", "2020-10-10 23:59:59"),
        ("over National Day", WD7, "2020-09-30 16:00", "2020-10-16 23:59:59"),
        ("over National Day and six weeks", WD30, "2020-09-30 16:00", "2020-11-18 23:59:59"),
        ("back at the unit on a worked Saturday", WD2, "2020-10-10 09:00", "2020-10-13 23:59:59"),
        ("back at the unit on a worked Saturday", WD7, "2020-10-10 09:00", "2020-10-20 23:59:59"),
    ]);
}

#[test]
fn hours_run_on_and_days_are_counted_from_the_next() {
    check(&[
        ("the leap day has 24 hours", H24, "2024-02-28 10:00", "2024-02-29 10:00:00"),
        ("there is no leap day", H24, "2023-02-28 10:00", "2023-03-01 10:00:00"),
        ("over the year's end", H24, "2019-12-31 23:30", "2020-01-01 23:30:00"),
        ("seconds count", Limit::Hours(1), "2020-01-01 00:00:01", "2020-01-01 01:00:01"),
        ("the leap day is worked", WD2, "2024-02-27 10:00", "2024-02-29 23:59:59"),
        ("over the leap day", WD2, "2024-02-28 10:00", "2024-03-01 23:59:59"),
        ("over the year's end", WD2, "2019-12-31 10:00", "2020-01-03 23:59:59"),
        ("a worked Saturday, then New Year", WD2, "2018-12-28 10:00", "2019-01-02 23:59:59"),
        ("New Year on a Sunday, its Monday off", WD2, "2022-12-30 10:00", "2023-01-04 23:59:59"),
        ("a notice of the year that follows", Limit::WorkingDays(1), "2005-12-30 10:00", "2005-12-31 23:59:59"),
        ("the festival that was prolonged", WD2, "2020-01-23 10:00", "2020-02-04 23:59:59"),
        ("the festival that was prolonged", WD7, "2020-01-23 10:00", "2020-02-11 23:59:59"),
        ("a festival that ends on a worked Sunday", WD2, "2024-02-09 10:00", "2024-02-19 23:59:59"),
        ("a festival of nine days", WD2, "2026-02-14 10:00", "2026-02-25 23:59:59"),
        ("begins on a holiday", WD2, "2020-10-03 10:00", "2020-10-10 23:59:59"),
        ("begins at a weekend", WD2, "2020-03-07 10:00", "2020-03-10 23:59:59"),
        ("begins on a worked Sunday", WD2, "2020-09-27 10:00", "2020-09-29 23:59:59"),
        ("the first second of a day is of that day", WD2, "2020-03-11 00:00:00", "2020-03-13 23:59:59"),
        ("and the last one of the day before is not", WD2, "2020-03-10 23:59:59", "2020-03-12 23:59:59"),
    ]);
}

#[test]
fn a_year_without_a_calendar_makes_the_answer_provisional() {
    let rows = [
        (WD2, "2026-12-29 10:00", "2026-12-31", false, "the last days that are known"),
        (WD2, "2026-12-30 10:00", "2027-01-01", true, "a Friday of 2027 counts as worked until a notice is out"),
        (WD7, "2027-03-01 10:00", "2027-03-10", true, "Monday to Friday is all that is known"),
        (WD2, "2003-12-30 10:00", "2004-01-02", true, "a day on the way is not known"),
        (WD2, "2003-12-31 10:00", "2004-01-05", false, "the day of the beginning is not looked at"),
    ];
    for (limit, start, last, provisional, why) in rows {
        let due = ends(limit, start);
        assert_eq!((due.last_day, due.provisional), (Some(date(last)), provisional), "{limit} from {start}: {why}");
    }
    let hours = ends(H24, "2026-12-31 10:00");
    assert_eq!((hours.last_day, hours.provisional), (None, false), "hours need no calendar");
}

#[test]
fn the_day_is_that_of_the_stations_zone() {
    let rows = [
        ("2020-03-10T17:00:00Z", 480, "2020-03-13T15:59:59.000Z", "in Beijing it is the 11th already"),
        ("2020-03-10T17:00:00Z", 0, "2020-03-12T23:59:59.000Z", "in UTC it is still the 10th"),
        ("2020-03-10T03:00:00Z", -300, "2020-03-12T04:59:59.000Z", "five hours west it is still the 9th"),
        ("2020-03-11T01:00:00+08:00", 0, "2020-03-12T23:59:59.000Z", "the offset of the written time does not matter"),
    ];
    for (start, minutes, end, why) in rows {
        let zone = StationZone::from_minutes(minutes).unwrap();
        let start = parse_instant(start).unwrap();
        let due = due(WD2, start, zone, Calendar::builtin(), day_end(Ending::Midnight)).unwrap();
        assert_eq!(format_instant(due.at), end, "{why}");
    }
}

#[test]
fn the_end_of_the_day_is_a_setting_and_the_stricter_one_is_told() {
    let zone = StationZone::beijing();
    let by = |limit, judges, close: &str| {
        let day_end = DayEnd { office_close: close.parse().unwrap(), judges };
        due(limit, beijing("2020-09-30 16:00"), zone, Calendar::builtin(), day_end).unwrap()
    };
    let rows = [
        (WD2, Ending::Midnight, "17:30:00", "2020-10-10 23:59:59", "2020-10-10 17:30:00"),
        (WD2, Ending::OfficeClose, "17:30:00", "2020-10-10 17:30:00", "2020-10-10 17:30:00"),
        (WD2, Ending::OfficeClose, "23:59:59.9", "2020-10-10 23:59:59", "2020-10-10 23:59:59"),
        (H24, Ending::OfficeClose, "15:00:00", "2020-10-01 16:00:00", "2020-10-01 16:00:00"),
    ];
    for (limit, judges, close, at, stricter) in rows {
        let due = by(limit, judges, close);
        let told = (zone.show(due.at), zone.show(due.stricter));
        assert_eq!(told, (at.to_owned(), stricter.to_owned()), "{limit} by {judges:?}, close of business {close}");
        assert!(due.stricter <= due.at, "the stricter end is never the later one");
    }
}

#[test]
fn a_thing_done_within_the_last_second_is_in_time() {
    let zone = StationZone::beijing();
    let office =
        due(WD2, beijing("2020-09-30 16:00"), zone, Calendar::builtin(), day_end(Ending::OfficeClose)).unwrap();
    let (midnight, hours) = (ends(WD2, "2020-09-30 16:00"), ends(H24, "2020-09-30 16:00"));
    let rows = [
        (midnight, "2020-10-10T23:59:59.000+08:00", true),
        (midnight, "2020-10-10T23:59:59.999+08:00", true),
        (midnight, "2020-10-10T23:59:60.500+08:00", true),
        (midnight, "2020-10-11T00:00:00.000+08:00", false),
        (office, "2020-10-10T17:30:00.999+08:00", true),
        (office, "2020-10-10T17:30:01.000+08:00", false),
        (hours, "2020-10-01T16:00:00.000+08:00", true),
        (hours, "2020-10-01T16:00:00.001+08:00", false),
        (hours, "2020-09-30T16:00:00.000+08:00", true),
    ];
    for (due, done, kept) in rows {
        assert_eq!(due.is_kept(parse_instant(done).unwrap()), kept, "{done} for an end at {}", zone.show(due.at));
    }
    assert!(midnight.is_kept(Instant::MIN_UTC) && !midnight.is_kept(Instant::MAX_UTC), "no moment is too far");
}

#[test]
fn warnings_come_before_the_end_and_within_the_period() {
    let zone = StationZone::beijing();
    let rows: &[(Limit, &[u32], &[&str], &str)] = &[
        (H24, &[12, 2], &["2020-10-01 04:00:00", "2020-10-01 14:00:00"], "hours before"),
        (H24, &[24, 30, 23], &["2020-09-30 17:00:00"], "what comes before the beginning is left out"),
        (WD2, &[1, 0], &["2020-10-09 00:00:00", "2020-10-10 00:00:00"], "one day left, then the last day"),
        (WD7, &[3, 0], &["2020-10-13 00:00:00", "2020-10-16 00:00:00"], "half way and the last day"),
        (WD7, &[0, 5, 0, 7], &["2020-10-10 00:00:00", "2020-10-16 00:00:00"], "in order, without doubles"),
        (WD30, &[10, 3, 0], &["2020-11-04 00:00:00", "2020-11-13 00:00:00", "2020-11-18 00:00:00"], "over weekends"),
        (WD30, &[], &[], "none asked for"),
        (WD30, &[u32::MAX], &[], "beyond any period"),
    ];
    for (limit, before, moments, why) in rows {
        let due = ends(*limit, "2020-09-30 16:00");
        let given = warnings(*limit, &due, before, zone, Calendar::builtin());
        let shown: Vec<String> = given.into_iter().map(|at| zone.show(at)).collect();
        assert_eq!(shown, *moments, "{limit} warned of {before:?} before: {why}");
    }
}

#[test]
fn a_rule_that_names_no_warnings_has_its_own() {
    let rows: &[(Limit, &[u32])] = &[
        (H24, &[12, 2]),
        (Limit::Hours(12), &[2]),
        (Limit::Hours(2), &[]),
        (Limit::WorkingDays(1), &[0]),
        (WD2, &[1, 0]),
        (WD7, &[3, 0]),
        (WD30, &[15, 0]),
    ];
    for (limit, before) in rows {
        assert_eq!(default_warnings(*limit), *before, "{limit}");
    }
}

#[test]
fn what_is_left_counts_down_and_then_up() {
    let (days, hours) = (ends(WD7, "2020-09-30 16:00"), ends(H24, "2020-09-30 16:00"));
    const HOUR: i64 = 3_600_000;
    let rows = [
        (days, "2020-09-30T16:00:00+08:00", (16 * 24 + 8) * HOUR - 1000, Some(7), "all of it"),
        (days, "2020-10-05T16:00:00+08:00", (11 * 24 + 8) * HOUR - 1000, Some(7), "holidays take none of it"),
        (days, "2020-10-10T00:00:00+08:00", 7 * 24 * HOUR - 1000, Some(5), "today does not count"),
        (days, "2020-10-16T22:59:59+08:00", HOUR, Some(0), "the last day"),
        (days, "2020-10-16T23:59:59.500+08:00", 0, Some(0), "the last second"),
        (days, "2020-10-17T00:00:00+08:00", -1000, Some(0), "over, at a weekend"),
        (days, "2020-10-19T00:59:59+08:00", -(2 * 24 + 1) * HOUR, Some(-1), "the first working day since"),
        (hours, "2020-10-01T15:00:00+08:00", HOUR, None, "hours"),
        (hours, "2020-10-01T16:00:00.001+08:00", -1, None, "hours that are over"),
    ];
    for (due, now, millis, working_days, why) in rows {
        let left = left(&due, parse_instant(now).unwrap(), StationZone::beijing(), Calendar::builtin()).unwrap();
        assert_eq!((left.millis, left.working_days), (millis, working_days), "at {now}: {why}");
    }
}

#[test]
fn moments_beyond_the_calendar_have_no_end() {
    let zone = StationZone::beijing();
    let last = parse_instant("9999-12-31T12:00:00Z").unwrap();
    for (start, why) in
        [(Instant::MIN_UTC, "before all years"), (Instant::MAX_UTC, "behind all years"), (last, "at the end")]
    {
        for limit in [H24, WD2, Limit::Hours(u16::MAX), Limit::WorkingDays(u16::MAX)] {
            for judges in [Ending::Midnight, Ending::OfficeClose] {
                let due = due(limit, start, zone, Calendar::builtin(), day_end(judges));
                assert_eq!(due, None, "{limit} {why}, by {judges:?}");
            }
        }
    }
    let first = parse_instant("0000-01-01T00:00:00Z").unwrap();
    let due = due(WD2, first, zone, Calendar::builtin(), day_end(Ending::Midnight)).unwrap();
    assert_eq!(warnings(WD2, &due, &[1, 0], zone, Calendar::builtin()).len(), 2, "the first day has its warnings");
    for now in [Instant::MIN_UTC, Instant::MAX_UTC] {
        assert_eq!(left(&due, now, zone, Calendar::builtin()), None, "a clock that tells {now} tells nothing");
    }
}

#[test]
fn the_built_in_calendar_knows_its_years() {
    let calendar = Calendar::builtin();
    let years: Vec<i32> = calendar.years().collect();
    assert_eq!(years, (2004..=2026).collect::<Vec<i32>>(), "no year is missing");
    assert!(years.iter().all(|year| !calendar.notices(*year).is_empty()), "every year names its notices");
    assert_eq!(calendar.notices(2020), ["国办发明电〔2019〕16号", "国办发明电〔2020〕1号"], "2020 had two");
    assert!(calendar.notices(2027).is_empty(), "a year without an entry has none");
    assert_eq!(calendar.edition(), format!("{} {}", calendar.id(), calendar.version()), "a verdict names the calendar");
    let rows = [
        ("2020-01-31", false, true, "prolonged by the second notice"),
        ("2020-02-01", false, true, "worked by the first notice, not by the second"),
        ("2020-02-03", true, true, "the first working day after it"),
        ("2020-10-10", true, true, "a worked Saturday"),
        ("2020-10-11", false, true, "a Sunday"),
        ("2020-10-12", true, true, "a Monday"),
        ("2015-09-03", false, true, "a holiday of one year only"),
        ("2018-12-31", false, true, "by the notice of 2019"),
        ("2027-01-01", true, false, "a Friday that nobody has arranged"),
        ("2027-01-02", false, false, "a Saturday"),
    ];
    for (day, working, known, why) in rows {
        let told = calendar.day(date(day));
        assert_eq!((told.working, told.known), (working, known), "{day}: {why}");
    }
}

/// Returns a calendar of 2020 as it stood before the second notice.
fn before_the_second_notice() -> Calendar {
    let text = include_str!("../../../../assets/calendar/cn.json");
    let text = text.replace(", \"2020-01-31\"", "").replace("\"2020-04-26\"", "\"2020-02-01\", \"2020-04-26\"");
    Calendar::parse("cn-2019.json", &text).unwrap()
}

/// One year with one day.
const SHORT: &str = r#"{
  "calendar": 1, "id": "x", "name": "x", "version": "1",
  "years": { "2024": { "notices": [], "off": [], "on": ["2024-05-11"] } }
}"#;

#[test]
fn a_calendar_that_is_replaced_tells_the_days_that_changed() {
    let (old, new) = (before_the_second_notice(), Calendar::builtin());
    let changed = [(date("2020-01-31"), true, false), (date("2020-02-01"), true, false)];
    assert_eq!(old.differences(new), changed, "the days that the second notice prolonged");
    assert_eq!(new.differences(&old), changed.map(|(day, old, new)| (day, new, old)), "and the other way round");
    assert_eq!(new.differences(new), [], "a calendar agrees with itself");

    let last = |calendar: &Calendar| {
        let start = beijing("2020-01-23 10:00");
        due(WD2, start, StationZone::beijing(), calendar, day_end(Ending::Midnight)).unwrap().last_day
    };
    let days = (last(&old), last(new));
    assert_eq!(days, (Some(date("2020-02-01")), Some(date("2020-02-04"))), "a period that is open moves with it");

    let short = Calendar::parse("x.json", SHORT).unwrap();
    let changed = short.differences(new);
    assert!(changed.contains(&(date("2020-10-10"), false, true)), "a year that is new brings its days");
    assert!(!changed.iter().any(|(day, ..)| *day == date("2024-05-11")), "what both know alike is no change");
}

/// A sound calendar with the year on line 6, `notices` on 7, `off` on 9 and 10, `on` on 13.
const SOUND: &str = r#"{
  "calendar": 1,
  "id": "cn",
  "name": "通知",
  "version": "2026-1", "years": {
    "2020": {
      "notices": ["国办发明电〔2019〕16号"],
      "off": [
        "2020-01-01",
        "2020-01-24"
      ],
      "on": [
        "2020-01-19"
      ]
    }
  }
}
"#;

#[test]
fn a_hostile_calendar_is_refused_with_line_and_reason() {
    assert!(Calendar::parse("cn.json", SOUND).is_ok(), "the calendar that the rows below spoil is sound");
    let long = format!("\"version\": \"{}\"", "1".repeat(101));
    let rows = [
        ("\"calendar\": 1", "\"calendar\": 2", 2, "format 2 is not 1"),
        ("\"calendar\": 1,", "", 17, "missing field `calendar`"),
        ("\"id\": \"cn\"", "\"id\": \"\"", 3, "1 to 100 characters"),
        ("\"version\": \"2026-1\"", "\"version\": \"a\\nb\"", 5, "on one line"),
        ("\"version\": \"2026-1\"", long.as_str(), 5, "1 to 100 characters"),
        ("\"version\": \"2026-1\",", "", 17, "missing field `version`"),
        ("\"name\": \"通知\"", "\"title\": \"通知\"", 4, "unknown field `title`"),
        ("\"name\": \"通知\"", "\"id\": \"通知\"", 4, "duplicate field `id`"),
        ("\"2020\": {", "\"20\": {", 6, "\"20\" is no year of four digits"),
        ("\"2020\": {", "\"+202\": {", 6, "\"+202\" is no year of four digits"),
        (
            "\"2020\": {",
            "\"2020\": {\"notices\":[],\"off\":[],\"on\":[]},\n\"2020\": {",
            7,
            "2020 stands here a second time",
        ),
        ("\"2020\": {", "\"2021\": {", 9, "2020-01-01 is no day of 2021"),
        ("\"notices\":", "\"notice\":", 7, "unknown or repeated key `notice`"),
        ("\"on\":", "\"off\":", 12, "unknown or repeated key `off`"),
        (",\n      \"on\": [\n        \"2020-01-19\"\n      ]", "", 12, "missing field `on`"),
        ("[\"国办发明电〔2019〕16号\"]", "\"国办发明电\"", 7, "a list of texts"),
        ("[\"国办发明电〔2019〕16号\"]", "[16]", 7, "a text"),
        ("\"2020-01-24\"", "\"2020-02-30\"", 10, "\"2020-02-30\" is no day"),
        ("\"2020-01-24\"", "\"2020-1-24\"", 10, "\"2020-1-24\" is no day"),
        ("\"2020-01-24\"", "\"2019-12-31\"", 10, "2019-12-31 is no day of 2020"),
        ("\"2020-01-24\"", "\"2020-01-01\"", 10, "2020-01-01 stands here a second time"),
        ("\"2020-01-24\"", "\"2020-01-25\"", 10, "2020-01-25 is a Saturday and has no place in `off`"),
        ("\"2020-01-24\"", "\"2020-01-19\"", 10, "2020-01-19 is a Sunday and has no place in `off`"),
        ("\"2020-01-19\"", "\"2020-01-24\"", 13, "2020-01-24 is a Friday and has no place in `on`"),
        ("\"2020-01-19\"", "\"2020-01-19\",\n\"2020-01-19\"", 14, "2020-01-19 stands here a second time"),
        ("\"2020-01-19\"", "null", 13, "a text"),
        ("\"on\": [", "\"on\": {", 12, "a list of texts"),
    ];
    for (sound, spoilt, line, reason) in rows {
        assert_eq!(SOUND.matches(sound).count(), 1, "{sound} stands once in the sound calendar");
        let error = Calendar::parse("new.json", &SOUND.replace(sound, spoilt)).expect_err(spoilt);
        assert_eq!(error.to_string(), "the calendar new.json is refused", "it names the file");
        let told = error.source().map(ToString::to_string).unwrap_or_default();
        let place = format!("at line {line} column");
        assert!(told.contains(reason) && told.contains(&place), "{spoilt}: {reason}, {place}; told: {told}");
    }
    for text in ["", "[]", "{\"calendar\":1,\"id\":\"a\",\"name\":\"a\",\"version\":\"1\",\"years\":{}}", "\u{feff}{}"]
    {
        assert!(Calendar::parse("new.json", text).is_err(), "no calendar: {text:?}");
    }
}

#[derive(Debug, Deserialize)]
struct Rule {
    within: Limit,
}

#[test]
fn a_limit_is_hours_or_working_days() {
    let read = |text: &str| toml::from_str::<Rule>(&format!("# a rule\nwithin = {text}\n")).map(|rule| rule.within);
    let sound = [
        ("{ hours = 24 }", H24, "24h"),
        ("{ hours = 8784 }", Limit::Hours(8784), "8784h"),
        ("{ working_days = 7 }", WD7, "7wd"),
        ("{ working_days = 366 }", Limit::WorkingDays(366), "366wd"),
    ];
    for (text, limit, code) in sound {
        assert_eq!(read(text).unwrap(), limit, "{text}");
        assert_eq!(limit.to_string(), code, "its code");
        assert_eq!(limit.count().to_string(), code.trim_end_matches(char::is_alphabetic), "its count");
    }
    let refused = [
        ("{ hours = 0 }", "1 to 8784"),
        ("{ hours = 8785 }", "1 to 8784"),
        ("{ working_days = 0 }", "1 to 366"),
        ("{ working_days = 367 }", "1 to 366"),
        ("{ working_days = -1 }", "1 to 366"),
        ("{ working_days = 65537 }", "1 to 366"),
        ("{ working_days = 1.5 }", "floating point"),
        ("{ hours = 24, working_days = 2 }", "one of hours and working_days"),
        ("{ }", "one of hours and working_days"),
        ("{ days = 2 }", "unknown field `days`"),
        ("24", "expected struct"),
    ];
    for (text, reason) in refused {
        let told = read(text).expect_err(text).to_string();
        assert!(told.contains(reason) && told.contains("line 2"), "{text} is refused for {reason}: {told}");
    }
}
