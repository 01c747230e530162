//! What is due: each kind of matter, each level, each reason not to be on the list.
#![allow(clippy::unwrap_used)]

use model::{Instant, StationZone};
use rules::{Calendar, Circumstance, DayEnd, DueKind, Fact, KeepFacts, Matter, Reckoning, WarnLevel, due_list, pack};

fn at(text: &str) -> Instant {
    StationZone::beijing().parse(text).unwrap()
}

fn matter<'a>(id: &str, subject: &str, fact: Fact) -> Matter<'a> {
    let reckoning = Reckoning { zone: StationZone::beijing(), calendar: Calendar::builtin(), day_end: DayEnd::usual() };
    Matter { subject: subject.into(), fact, pack: pack(id).unwrap(), reckoning }
}

fn stored(recorded: &str, returned: Option<&str>, taken_in: &str, explained: bool) -> Fact {
    let returned = returned.map(at);
    Fact::Stored { recorded_end: at(recorded), returned, stored_at: at(taken_in), explained }
}

fn concluded(ended: &str, packaged: Option<&str>) -> Fact {
    Fact::Concluded { ended: at(ended), packaged_at: packaged.map(at) }
}

fn unfinished(earliest: &str) -> Fact {
    Fact::Unfinished { earliest_end: at(earliest) }
}

fn kept(recorded: &str, of: &[Circumstance]) -> Fact {
    let recorded = Some(recorded.parse().unwrap());
    Fact::Kept(KeepFacts { recorded, circumstances: of.iter().copied().collect(), ..KeepFacts::default() })
}

/// Asks of each row what is due by a pack at a moment: its level, or nothing. What is due and by which article is the
/// same for all rows.
fn check(id: &str, kind: DueKind, article: &str, rows: &[(&str, Fact, &str, Option<WarnLevel>)]) {
    let pack = pack(id).unwrap();
    for (what, fact, now, level) in rows {
        let found = due_list(&[matter(id, "x", fact.clone())], at(now));
        let told: Vec<_> = found.iter().map(|item| (item.what, item.level, item.article.clone())).collect();
        let expected: Vec<_> = level.iter().map(|level| (kind, *level, pack.cite(article))).collect();
        assert_eq!(told, expected, "{id}, {what}");
    }
}

#[test]
fn a_clip_stored_late_wants_its_reason() {
    let monday = "2026-11-23 00:00";
    // 2026-11-20 is a Friday.
    let away = Some("2026-11-20 18:00");
    let rows = [
        ("kept", stored("2026-11-20 10:00", None, "2026-11-21 10:00", false), monday, None),
        ("late", stored("2026-11-20 10:00", None, "2026-11-21 10:01", false), monday, Some(WarnLevel::Overdue)),
        ("late and explained", stored("2026-11-20 10:00", None, "2026-11-21 10:01", true), monday, None),
        ("back from a trip", stored("2026-11-18 10:00", away, "2026-11-21 10:01", false), monday, None),
    ];
    check("gx-liulin", DueKind::LateReason, "第十六条第一款", &rows);
    let trip = ("no trip counts here", stored("2026-11-18 10:00", away, "2026-11-21 10:01", false));
    check("gs-guangdian", DueKind::LateReason, "第二十二条", &[(trip.0, trip.1, monday, Some(WarnLevel::Overdue))]);
    let before = ("before the rules held", stored("2019-09-30 10:00", None, "2026-11-21 10:01", false), monday, None);
    check("qj-qilin", DueKind::LateReason, "第十九条", &[before]);
}

#[test]
fn footage_left_on_a_card_is_due_by_the_earliest_recording() {
    let recorded = || unfinished("2026-11-20 10:00");
    let rows = [
        ("13 hours left", recorded(), "2026-11-20 21:00", Some(WarnLevel::Upcoming)),
        ("12 hours left", recorded(), "2026-11-20 22:00", Some(WarnLevel::Warned)),
        ("2 hours left", recorded(), "2026-11-21 08:00", Some(WarnLevel::Last)),
        ("the moment itself", recorded(), "2026-11-21 10:00", Some(WarnLevel::Last)),
        ("a millisecond over", recorded(), "2026-11-21T10:00:00.001+08:00", Some(WarnLevel::Overdue)),
    ];
    check("gx-liulin", DueKind::Store, "第十六条第一款", &rows);
    let rows = [
        ("half of two working days", recorded(), "2026-11-23 09:00", Some(WarnLevel::Warned)),
        ("the last of two", recorded(), "2026-11-24 23:59", Some(WarnLevel::Last)),
        ("a day over", recorded(), "2026-11-25 00:00", Some(WarnLevel::Overdue)),
    ];
    check("wenguanglv", DueKind::Store, "第十五条", &rows);
}

#[test]
fn a_case_is_due_from_its_end_until_a_package_made_since() {
    let ended = |packaged| concluded("2020-09-30 16:00", packaged);
    let rows = [
        ("it runs", ended(None), "2020-10-10 09:00", Some(WarnLevel::Upcoming)),
        ("ten working days left, as this pack warns", ended(None), "2020-11-04 00:00", Some(WarnLevel::Warned)),
        ("the last day", ended(None), "2020-11-18 09:00", Some(WarnLevel::Last)),
        ("a day over", ended(None), "2020-11-19 00:00", Some(WarnLevel::Overdue)),
        ("filed since", ended(Some("2020-10-01 09:00")), "2020-11-19 00:00", None),
        ("filed before it ended", ended(Some("2020-09-01 09:00")), "2020-11-19 00:00", Some(WarnLevel::Overdue)),
    ];
    check("wenguanglv", DueKind::Archive, "第十六条", &rows);
    let promptly = ("promptly, without a number", ended(None), "2026-11-19 00:00", None);
    check("qj-qilin", DueKind::Archive, "第十九条", &[promptly]);
}

#[test]
fn what_was_kept_long_enough_is_proposed_and_no_more() {
    let of = |circumstances: &[Circumstance]| kept("2020-11-21", circumstances);
    let rows = [
        ("five years not over", of(&[]), "2025-10-20 00:00", None),
        ("soon over", of(&[]), "2025-10-24 00:00", Some(WarnLevel::Upcoming)),
        ("over", of(&[]), "2025-11-22 00:00", Some(WarnLevel::Overdue)),
        ("for good", of(&[Circumstance::Objection]), "2055-11-22 00:00", None),
        ("with the case file, whose term is open", of(&[Circumstance::Evidence]), "2055-11-22 00:00", None),
    ];
    check("wenguanglv", DueKind::Appraisal, "第十九条", &rows);
}

#[test]
fn the_most_urgent_comes_first_and_proposals_last() {
    let matters = [
        matter("wenguanglv", "expired", kept("2020-11-21", &[])),
        matter("wenguanglv", "far", concluded("2026-11-20 10:00", None)),
        matter("gx-liulin", "near", unfinished("2026-11-20 10:00")),
        matter("gx-liulin", "late, newer", stored("2026-11-18 10:00", None, "2026-11-20 10:00", false)),
        matter("gx-liulin", "late, older", stored("2026-11-17 10:00", None, "2026-11-20 10:00", false)),
    ];
    let items = due_list(&matters, at("2026-11-20 23:00"));
    let order: Vec<&str> = items.iter().map(|item| item.subject.as_str()).collect();
    assert_eq!(order, ["late, older", "late, newer", "near", "far", "expired"], "{items:?}");
    let far = &items[3];
    assert_eq!(
        far.stricter,
        at(&StationZone::beijing().show(far.due).replace("23:59:59", "17:30:00")),
        "the stricter end"
    );
}

#[test]
fn a_year_without_a_calendar_makes_a_deadline_provisional_and_says_so() {
    let now = at("2031-05-07 00:00");
    let items = due_list(&[matter("wenguanglv", "x", unfinished("2031-05-06 10:00"))], now);
    assert!(items[0].provisional, "nobody knows the holidays of that year: {items:?}");
}
