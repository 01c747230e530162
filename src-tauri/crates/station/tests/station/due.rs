//! What is due, and what is said about it; own rules and calendars, and what they leave as it was.

use crate::bench::{Asked, Bench, clerk, refusal};
use fixtures::Layout;
use model::{ClipId, ErrorCode, Instant, StationZone};
use register::ConclusionRow;
use rules::{Calendar, DayEnd, DueKind, WarnLevel};
use station::{DueSubject, Settings, Station};
use std::sync::Arc;

fn at(text: &str) -> Instant {
    StationZone::beijing().parse(text).unwrap()
}

/// Two clips of 17 November, late by any pack of hours, and one of the same morning.
fn docked(bench: &Bench, pack: &str) -> Arc<Station> {
    let station = bench.create_with(pack);
    let settings = Settings { ask_unclassified: false, ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    let mut drive = bench.drive("DSJ-03", Layout::DsjA);
    for (began, seed) in [("2026-11-17 09:00:00", 1), ("2026-11-17 10:00:00", 2), ("2026-11-21 09:00:00", 3)] {
        drive.clip(began, &crate::bench::spec(2, seed)).unwrap();
    }
    station.take_in(&drive);
    station
}

fn late(station: &Station) -> Vec<ClipId> {
    let due = station.due().unwrap();
    let late = due.into_iter().filter(|due| due.item.what == DueKind::LateReason);
    late.map(|due| match due.about {
        DueSubject::Clip(row) => row.clip.id,
        other => panic!("a late reason is about a clip: {other:?}"),
    })
    .collect()
}

/// Whether each clip was stored in time, in the order of their numbers.
fn verdicts(station: &Arc<Station>) -> Vec<Option<bool>> {
    let judging = station.judging().unwrap();
    let rows = station.clips();
    let kept = |row: &register::ClipRow| station.ask(|view| judging.stored(view, row)).map(|verdict| verdict.kept);
    rows.iter().map(kept).collect()
}

fn kinds(station: &Arc<Station>) -> Vec<String> {
    let bytes = station.ask(|view| view.event_bytes(0, 10_000));
    bytes.iter().map(|(_, bytes)| ledger::Event::parse(bytes).unwrap().change.kind().to_owned()).collect()
}

#[test]
fn late_storage_asks_for_its_reason_and_keeps_it() {
    let bench = Bench::new();
    let station = docked(&bench, "gx-liulin");
    let clips = station.clips();
    assert_eq!(verdicts(&station), [Some(false), Some(false), Some(true)], "24 hours, from the end of the recording");
    let asked = late(&station);
    assert_eq!(asked.len(), 2, "the two late ones want a reason");
    let in_time = &clips[2].clip.id;
    for (what, ids, reason, code) in [
        ("no words", &asked[..], " 忙 ", ErrorCode::InvalidInput),
        ("words without end", &asked[..], &*"长".repeat(501), ErrorCode::InvalidInput),
        ("no clip", &[][..], "连续在乡镇检查", ErrorCode::InvalidInput),
        ("one that was in time", std::slice::from_ref(in_time), "连续在乡镇检查", ErrorCode::InvalidInput),
    ] {
        assert_eq!(refusal(station.explain_late(&clerk(), ids, reason)), code, "{what}");
        assert_eq!(late(&station).len(), 2, "{what}: they still want it");
    }
    let person = station.person("李娜", "53030036012");
    station.explain_late(&person, &asked, " 连续在乡镇检查 ").unwrap();
    assert_eq!(late(&station), [], "one reason for both");
    station.explain_late(&person, &asked[..1], "记录仪送修").unwrap();
    drop(station);
    let station = bench.open();
    let reasons: Vec<String> =
        asked.iter().filter_map(|id| station.ask(|view| view.late_reason(id))).map(|late| late.reason).collect();
    assert_eq!(reasons, ["记录仪送修", "连续在乡镇检查"], "the newest stands");
    assert!(station.checked(true).findings.is_empty(), "tables and ledger agree");
}

#[test]
fn a_case_is_due_for_filing_from_its_end_until_its_package() {
    let bench = Bench::new();
    let station = bench.create_with("wenguanglv");
    let draft = model::CaseDraft { number: "第1号".into(), ..Default::default() };
    let case = station.save_case(&clerk(), &station::SaveCase { id: None, draft }).unwrap().case.id;
    let archive = || {
        let due = station.due().unwrap();
        due.into_iter().find(|due| due.item.what == DueKind::Archive).map(|due| (due.item.due, due.item.level))
    };
    assert_eq!(archive(), None, "no period runs yet");
    let (none, inspected, closed) = (None, Some(at("2026-09-01 10:00")), Some(at("2026-11-20 10:00")));
    for (what, inspected_at, closed_at) in
        [("in the future", none, Some(at("2026-11-22 00:00"))), ("closed before inspected", closed, inspected)]
    {
        let refused = station.conclude_case(&clerk(), &case, ConclusionRow { inspected_at, closed_at });
        assert_eq!(refusal(refused), ErrorCode::InvalidInput, "{what}");
    }
    let enter = |inspected_at, closed_at| {
        station.conclude_case(&clerk(), &case, ConclusionRow { inspected_at, closed_at }).unwrap();
    };
    enter(inspected, None);
    assert_eq!(archive().map(|(_, level)| level), Some(WarnLevel::Overdue), "thirty working days from the inspection");
    enter(inspected, closed);
    assert_eq!(archive().map(|(_, level)| level), Some(WarnLevel::Upcoming), "the closing moves it");
    let before = kinds(&station).len();
    enter(inspected, closed);
    assert_eq!(kinds(&station).len(), before, "the same again is no event");
    enter(None, None);
    assert_eq!(archive(), None, "what was entered is taken back");
}

/// The built-in calendar, with a version of its own and days that are not worked.
fn calendar_with(off: &str) -> String {
    let text = include_str!("../../../../../assets/calendar/cn.json")
        .replace("\"version\": \"2026-1\"", "\"version\": \"2026-2\"");
    let from = text.find("\"2026\": {").unwrap();
    let list = from + text[from..].find("\"off\": [").unwrap() + "\"off\": [".len();
    format!("{}\"{off}\", {}", &text[..list], &text[list..])
}

#[test]
fn a_further_calendar_moves_what_is_open_and_nothing_that_is_closed() {
    let bench = Bench::new();
    // Two working days: what was recorded on Tuesday is late on Saturday.
    let station = docked(&bench, "wenguanglv");
    let before = verdicts(&station);
    assert_eq!(before, [Some(false), Some(false), Some(true)]);
    let draft = model::CaseDraft { number: "第1号".into(), ..Default::default() };
    let case = station.save_case(&clerk(), &station::SaveCase { id: None, draft }).unwrap().case.id;
    let closed_at = Some(at("2026-11-10 10:00"));
    station.conclude_case(&clerk(), &case, ConclusionRow { inspected_at: None, closed_at }).unwrap();
    let archive = || station.due().unwrap().into_iter().find(|due| due.item.what == DueKind::Archive).unwrap().item.due;
    let old = archive();

    let refused = station.import_calendar(&clerk(), "{\n}");
    assert_eq!(refusal(refused), ErrorCode::CalendarRefused, "no calendar");
    let same = include_str!("../../../../../assets/calendar/cn.json");
    assert_eq!(refusal(station.import_calendar(&clerk(), same)), ErrorCode::CalendarRefused, "in force already");

    // Had these been holidays, the clips of the 17th would have been in time until the 23rd.
    let moved = station.import_calendar(&clerk(), &calendar_with("2026-11-18\", \"2026-11-19")).unwrap();
    assert_eq!(moved.len(), 1, "the case's period runs: {moved:?}");
    let one = &moved[0];
    assert_eq!((one.what, one.subject.as_str(), one.before), (DueKind::Archive, case.as_str(), old));
    assert_eq!(archive(), one.after, "and ends two working days later");
    assert!(one.after > old, "{one:?}");
    assert_eq!(
        &kinds(&station)[kinds(&station).len() - 2..],
        ["calendar.recorded", "deadline.recomputed"],
        "old and new stand in the same write"
    );
    assert_eq!(verdicts(&station), before, "what was stored was judged then");
    let (judging, clip) = (station.judging().unwrap(), &station.clips()[0].clip);
    let end = clip.recorded_to.unwrap();
    let anew = rules::stored(judging.pack_at(end), end, None, clip.taken_in_at, judging.reckoning()).unwrap();
    assert!(anew.kept, "though by the new calendar it would have been in time");
    assert_eq!(station.calendar().unwrap().0.edition(), "cn 2026-2");
    drop(station);
    let station = bench.open();
    assert_eq!(station.calendar().unwrap().1.map(|row| row.edition).as_deref(), Some("cn 2026-2"), "over a restart");
    assert_eq!(verdicts(&station), before, "and so do the verdicts");
    assert!(station.checked(true).findings.is_empty(), "tables and ledger agree");
    assert_ne!(Calendar::builtin().edition(), "cn 2026-2");
}

#[test]
fn the_hour_that_ends_a_day_is_a_setting_and_leaves_verdicts_alone() {
    let bench = Bench::new();
    let station = bench.create_with("wenguanglv");
    // A Thursday: the last of two working days is Monday the 23rd.
    let mut drive = bench.drive("DSJ-03", Layout::DsjA);
    drive.clip("2026-11-19 09:00:00", &crate::bench::spec(2, 1)).unwrap();
    station.take_in(&drive);
    assert_eq!(verdicts(&station), [Some(true)], "until Monday, 24:00");
    let due_before = |text: &str| {
        let settings = Settings { day_end: DayEnd::parse(true, text).unwrap(), ..station.settings().unwrap() };
        station.save_settings(&clerk(), &settings).unwrap();
        let judging = station.judging().unwrap();
        let pack = judging.pack_at(at("2026-11-19 09:00"));
        rules::store_deadline(pack, at("2026-11-19 09:00"), None, judging.reckoning()).unwrap().due.at
    };
    assert_eq!(due_before("17:30"), at("2026-11-23 17:30"), "the office's hour judges");
    assert_eq!(due_before("00:00"), at("2026-11-23 00:00"), "whatever it is");
    let clip = &station.clips()[0];
    let judging = station.judging().unwrap();
    let verdict = station.ask(|view| judging.stored(view, clip).map(|found| found.map(|found| found.deadline.due.at)));
    assert_eq!(verdict, Some(at("2026-11-23 23:59:59")), "what was stored before is judged as it was then");
    assert_eq!(DayEnd::parse(true, "25:00"), None, "no time of the day");
}

/// A pack of the unit's own: 2 hours instead of 24, from a day on.
fn own(version: u32, hours: u32, valid_from: &str) -> String {
    let pack = rules::pack("gx-liulin").unwrap();
    let own = rules::RulePack { version, valid_from: Some(valid_from.parse().unwrap()), ..pack.clone() };
    own.to_toml().replacen("hours = 24", &format!("hours = {hours}"), 1)
}

#[test]
fn a_pack_of_the_units_own_judges_from_its_day_and_the_old_one_what_was_before() {
    let bench = Bench::new();
    let station = docked(&bench, "gx-liulin");
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(verdicts(&station), [Some(false), Some(false), Some(true)], "24 hours");
    for (what, text, from, code) in [
        ("no rule file", "id = 1".to_owned(), "2026-11-21", ErrorCode::RulesRefused),
        ("before its own first day", own(2, 2, "2026-11-21"), "2026-11-20", ErrorCode::InvalidInput),
        ("the built-in version in other words", own(1, 2, "2026-11-21"), "2026-11-21", ErrorCode::InvalidInput),
    ] {
        assert_eq!(refusal(station.adopt_rules(&clerk(), &text, day(from))), code, "{what}");
        assert_eq!(station.rule_adoptions().unwrap().len(), 0, "{what}: nothing is adopted");
    }
    station.adopt_rules(&clerk(), &own(2, 2, "2026-11-21"), day("2026-11-21")).unwrap();
    assert_eq!(station.rule_pack().unwrap().version, 2, "it judges today");
    assert_eq!(station.judging_at(at("2026-11-20 23:59")).unwrap().version, 1, "the old one judges yesterday");
    assert_eq!(verdicts(&station), [Some(false), Some(false), Some(false)], "two hours for the clip of today");
    let other_words = station.adopt_rules(&clerk(), &own(2, 3, "2026-11-21"), day("2026-11-21"));
    assert_eq!(refusal(other_words), ErrorCode::InvalidInput, "a version is never written down twice");
    station.adopt_rules(&clerk(), &own(3, 5000, "2026-11-01"), day("2026-11-17")).unwrap();
    assert_eq!(
        verdicts(&station),
        [Some(true), Some(true), Some(false)],
        "a day's pack is that of the newest first day"
    );
    station.adopt_rules(&clerk(), &own(2, 2, "2026-11-21"), day("2026-12-01")).unwrap();
    assert_eq!(station.own_rules().unwrap().len(), 2, "the same words again are only adopted");
    drop(station);
    let station = bench.open();
    assert_eq!(verdicts(&station), [Some(true), Some(true), Some(false)], "over a restart");
    assert_eq!(station.rules_named("gx-liulin@3").unwrap().version, 3);
    assert_eq!(refusal(station.rules_named("gx-liulin@9")), ErrorCode::NotFound);
    assert!(station.checked(true).findings.is_empty(), "tables and ledger agree");
}

#[test]
fn what_was_recorded_before_the_first_pack_held_is_not_judged() {
    let bench = Bench::new();
    let station = bench.create_with("qj-qilin");
    let mut drive = bench.drive("DSJ-03", Layout::DsjA);
    drive.clip("2019-09-30 09:00:00", &crate::bench::spec(2, 1)).unwrap();
    station.take_in(&drive);
    assert_eq!(verdicts(&station), [None], "麒麟区 第二十六条: from 2019-10-01");
    assert_eq!(late(&station), [], "and nobody is asked for a reason");
}
