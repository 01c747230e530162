//! The five built-in packs against the regulations' matrix, packs that are refused, and packs side by side.
#![allow(clippy::unwrap_used)]

use model::StationZone;
use rules::{
    ApprovedAct, Calendar, Carrier, Circumstance, Compared, DayEnd, EntryValue, FileTerm, KeepFacts, Limit, Reckoning,
    RuleFault, RulePack, Term, Until, compare, pack, packs, retention, stored,
};
use std::collections::BTreeSet;

fn built_in(id: &str) -> &'static RulePack {
    pack(id).unwrap_or_else(|| panic!("{id} is built in"))
}

#[test]
fn each_regulation_says_what_the_matrix_says() {
    let none = || (None, "");
    // Store within and its article; after the return and its article; file the case within and its article.
    let rows = [
        ("qj-qilin", ("7wd", "第十九条"), (Some("7wd"), "第十九条"), none()),
        ("gs-guangdian", ("24h", "第二十二条"), none(), none()),
        ("pds-minzong", ("24h", "第十条"), none(), none()),
        ("wenguanglv", ("2wd", "第十五条"), (Some("2wd"), "第十五条"), (Some("30wd"), "第十六条")),
        ("gx-liulin", ("24h", "第十六条第一款"), (Some("24h"), "第十六条第二款"), none()),
    ];
    for (id, (within, article), (away, away_article), (archive, archive_article)) in rows {
        let pack = built_in(id);
        assert_eq!((&*pack.store.within.to_string(), &*pack.store.article), (within, article), "{id}: store");
        let told = pack.store.away.as_ref().map(|away| (away.within.to_string(), away.article.as_str()));
        assert_eq!(told, away.map(|limit| (limit.to_owned(), away_article)), "{id}: after the return");
        let filed = pack.archive.as_ref().and_then(|a| Some((a.within?.to_string(), a.article.as_str())));
        assert_eq!(filed, archive.map(|limit| (limit.to_owned(), archive_article)), "{id}: the case file");
    }
}

#[test]
fn evidence_reports_and_approvals_are_those_of_each_regulation() {
    let carrier = |id| built_in(id).evidence.as_ref().map(|evidence| (evidence.carrier, evidence.article.as_str()));
    assert_eq!(carrier("qj-qilin"), Some((Carrier::Disc, "第二十条")));
    assert_eq!(carrier("gs-guangdian"), Some((Carrier::Disc, "第二十三条")));
    assert_eq!(carrier("pds-minzong"), None, "its text asks for no statement");
    assert_eq!(carrier("wenguanglv"), Some((Carrier::Medium, "第十七条")));
    assert_eq!(carrier("gx-liulin"), None);
    // Number of reasons, whom a stop is reported to, whether in writing.
    let rows = [
        ("qj-qilin", 6, Some("行政执法机关负责人"), true),
        ("gs-guangdian", 6, Some("局主要负责人"), true),
        ("pds-minzong", 6, None, false),
        ("wenguanglv", 3, None, true),
        ("gx-liulin", 5, Some("执法机构负责人"), true),
    ];
    for (id, reasons, report_to, written) in rows {
        let stop = &built_in(id).interruption;
        let found = (stop.reasons.len(), stop.report_to.as_deref(), stop.written);
        assert_eq!(found, (reasons, report_to, written), "{id}: 中止");
    }
    let by = |id, act| {
        let found = built_in(id).approvals.iter().find(|approval| approval.act == act);
        found.map(|approval| (approval.by.as_str(), approval.article.as_str()))
    };
    assert_eq!(by("gs-guangdian", ApprovedAct::Release), Some(("局主要负责人", "第二十五条第一款")));
    assert_eq!(by("gx-liulin", ApprovedAct::Copy), Some(("采集管理资料的部门负责人", "第十九条")));
    assert_eq!(by("qj-qilin", ApprovedAct::Publish), Some(("", "第二十二条第一款")), "the text names nobody");
    let lists = |id| {
        let pack = built_in(id);
        (pack.key_content.len(), pack.opening.len(), pack.situations.len(), pack.must_record.len(), pack.matters.len())
    };
    assert_eq!(lists("qj-qilin"), (6, 4, 5, 3, 22));
    assert_eq!(lists("gs-guangdian"), (6, 5, 5, 2, 20));
    assert_eq!(lists("pds-minzong"), (7, 0, 7, 0, 0));
    assert_eq!(lists("wenguanglv"), (7, 6, 5, 4, 5));
    assert_eq!(lists("gx-liulin"), (6, 0, 7, 3, 21));
    let checklist = built_in("pds-minzong").checklist.as_ref().unwrap();
    assert_eq!((checklist.columns.len(), checklist.rows.len()), (12, 2), "the annex");
}

#[test]
fn the_longest_term_wins_and_the_others_are_told() {
    let day = |text: &str| text.parse().unwrap();
    let facts = |circumstances: &[Circumstance]| KeepFacts {
        recorded: Some(day("2020-02-29")),
        circumstances: BTreeSet::from_iter(circumstances.iter().copied()),
        ..KeepFacts::default()
    };
    let check = |id: &str, facts: KeepFacts, until: Until, won: Option<&str>, lost: &[&str]| {
        let found = retention(built_in(id), &facts);
        assert_eq!(found.until, until, "{id} {facts:?}");
        assert_eq!(found.won.map(|one| one.rule.id.as_str()), won, "{id} {facts:?}");
        let others: Vec<&str> = found.lost.iter().map(|one| one.rule.id.as_str()).collect();
        assert_eq!(others, lost, "{id} {facts:?}");
    };
    use Circumstance::{Enforcement, Evidence, Obstruction};
    // Five years at least: the anniversary of a leap day is the last of February, and it is still kept.
    check("wenguanglv", facts(&[]), Until::Day(day("2025-03-01")), Some("others"), &[]);
    check("wenguanglv", facts(&[Evidence]), Until::Open, Some("evidence"), &["others"]);
    check(
        "wenguanglv",
        facts(&[Evidence, Enforcement]),
        Until::Permanent,
        Some("enforcement"),
        &["evidence", "others"],
    );
    check("wenguanglv", facts(&[Obstruction]), Until::Permanent, Some("obstruction"), &["others"]);
    let short = KeepFacts { case_file: Some(FileTerm::Until(day("2021-01-01"))), ..facts(&[Evidence]) };
    check("wenguanglv", short, Until::Day(day("2025-03-01")), Some("others"), &["evidence"]);
    let filed = |term| KeepFacts { case_file: Some(term), ..facts(&[Evidence]) };
    check("qj-qilin", filed(FileTerm::Until(day("2050-01-01"))), Until::Day(day("2050-01-01")), Some("evidence"), &[]);
    check("qj-qilin", filed(FileTerm::Permanent), Until::Permanent, Some("evidence"), &[]);
    check("qj-qilin", facts(&[]), Until::Open, None, &[]);
    check("gs-guangdian", facts(&[Evidence]), Until::Permanent, Some("evidence"), &[]);
    check("pds-minzong", facts(&[]), Until::Open, Some("text_record"), &[]);
    let unit = KeepFacts { unit: Some(FileTerm::Until(day("2030-06-01"))), ..facts(&[]) };
    check("gx-liulin", unit, Until::Day(day("2030-06-01")), Some("unit"), &[]);
    check("wenguanglv", KeepFacts::default(), Until::Open, Some("others"), &[]);
}

#[test]
fn a_pack_comes_back_from_its_own_text() {
    for pack in packs() {
        assert_eq!(RulePack::parse("copy.toml", &pack.to_toml()).as_ref(), Ok(pack), "{}", pack.id);
    }
}

#[test]
fn a_bad_pack_is_refused_with_line_and_reason() {
    let good = built_in("qj-qilin").to_toml();
    let check = |what: &str, from: &str, to: &str, reason: RuleFault, subject: &str| {
        assert!(good.contains(from), "{what}: {from:?} stands in the text");
        let text = good.replacen(from, to, 1);
        let error = RulePack::parse("x.toml", &text).expect_err(what);
        assert_eq!(error.reason, reason, "{what}: {error}");
        assert!(error.subject.contains(subject), "{what}: {error}");
        let line = error.line.unwrap_or_else(|| panic!("{what}: a line is named: {error}"));
        let named = text.lines().nth(line - 1).unwrap_or_default();
        let expected = text.lines().find(|line| !good.lines().any(|same| same == *line)).unwrap_or(named);
        assert_eq!(named, expected, "{what}: the line that was changed");
    };
    check("an unknown key", "bureau =", "buro =", RuleFault::Unreadable, "buro");
    check("a wrong kind", "version = 1", "version = \"one\"", RuleFault::Unreadable, "string");
    check("no version", "version = 1", "version = 0", RuleFault::VersionZero, "");
    check("no title", "title = \"曲靖", "title = \"\" # \"曲靖", RuleFault::Empty, "title");
    check("a bad id", "id = \"penalty\"", "id = \"罚\"", RuleFault::IdUnfit, "acts/罚");
    check("a day that is none", "2019-10-01", "2019-02-30", RuleFault::Unreadable, "");
    check("no limit", "working_days = 7", "working_days = 0", RuleFault::Unreadable, "");
    check("a limit of another kind", "working_days = 7", "weeks = 7", RuleFault::Unreadable, "weeks");
    check("an empty article", "article = \"第十六条\"", "article = \"\"", RuleFault::Empty, "article");
    check("a long text", "name = \"听证\"", &format!("name = \"{}\"", "长".repeat(201)), RuleFault::TextLong, "长");
    check("two lines in one", "name = \"听证\"", "name = \"听\\n证\"", RuleFault::TextControl, "听");
    let numbered = "published = true\nnumbered = \"序号\"";
    check("a column that is not there", "published = true", numbered, RuleFault::ColumnUnknown, "checklist/序号");
    let neither = good.replacen("promptly = true", "promptly = false", 1);
    let error = RulePack::parse("x.toml", &neither).expect_err("neither limit nor promptly");
    assert_eq!(error.reason, RuleFault::ArchiveEither);
    assert_eq!(neither.lines().nth(error.line.unwrap() - 1), Some("[archive]"), "its table is named: {error}");
    let twice = good.replacen("id = \"coercion\"", "id = \"penalty\"", 1);
    let error = RulePack::parse("x.toml", &twice).expect_err("an id twice");
    assert_eq!((error.reason, error.subject.as_str()), (RuleFault::Twice, "acts/penalty"));
    assert_eq!(twice.lines().nth(error.line.unwrap() - 1), Some("id = \"penalty\""), "{error}");
    let twice = good.replacen("act = \"publish\"", "act = \"release\"", 1);
    let error = RulePack::parse("x.toml", &twice).expect_err("two approvals of one act");
    assert_eq!((error.reason, error.subject.as_str()), (RuleFault::Twice, "approvals/release"));
    let no_toml = RulePack::parse("x.toml", "id = 'x'\n[[").expect_err("no TOML");
    assert_eq!((no_toml.reason, no_toml.line), (RuleFault::Unreadable, Some(2)), "{no_toml}");
}

#[test]
fn a_sixth_bureau_needs_no_code() {
    let text = built_in("wenguanglv").to_toml();
    let text =
        text.replacen("id = \"wenguanglv\"", "id = \"sixth\"", 1).replacen("working_days = 30", "working_days = 20", 1);
    let sixth = RulePack::parse("sixth.toml", &text).unwrap();
    let (store, archive) = (sixth.store.within, sixth.archive.as_ref().unwrap().within);
    assert_eq!((store, archive), (Limit::WorkingDays(2), Some(Limit::WorkingDays(20))));
    let lines = compare(&[built_in("wenguanglv"), &sixth]);
    let changed: Vec<&str> = lines.iter().filter(|line| !line.is_same()).map(|line| line.key.as_str()).collect();
    assert_eq!(changed, ["id", "archive.within"], "and laid beside the one it came from, only that differs");
}

#[test]
fn packs_lie_side_by_side() {
    let all: Vec<&RulePack> = packs().iter().collect();
    let lines = compare(&all);
    let line = |key: &str| lines.iter().find(|line| line.key == key).unwrap_or_else(|| panic!("{key} is compared"));
    let told = |line: &Compared| -> Vec<Option<(EntryValue, Option<String>)>> {
        line.values
            .iter()
            .map(|entry| entry.as_ref().map(|entry| (entry.value.clone(), entry.article.clone())))
            .collect()
    };
    let days = |n, article: &str| Some((EntryValue::Limit(Limit::WorkingDays(n)), Some(article.to_owned())));
    let hours = |article: &str| Some((EntryValue::Limit(Limit::Hours(24)), Some(article.to_owned())));
    let store =
        [days(7, "第十九条"), hours("第二十二条"), hours("第十条"), days(2, "第十五条"), hours("第十六条第一款")];
    assert_eq!(told(line("store.within")), store);
    assert_eq!(told(line("archive.within"))[3], days(30, "第十六条"));
    let term = told(line("keep/others"))[3].clone();
    assert_eq!(term, Some((EntryValue::Years(5), Some("第十九条".to_owned()))));
    let keys: BTreeSet<&str> = lines.iter().map(|line| line.key.as_str()).collect();
    assert_eq!(keys.len(), lines.len(), "each key has one line");
    for pack in packs() {
        let entries = pack.entries();
        let uncited: Vec<&str> =
            entries.iter().filter(|entry| entry.article.is_none()).map(|entry| entry.key.as_str()).collect();
        let own = [
            "author",
            "bureau",
            "id",
            "title",
            "version",
            "valid_from",
            "dock.ask_unclassified",
            "continuity.pause_seconds",
            "continuity.late_minutes",
        ];
        assert!(uncited.iter().all(|key| own.contains(key)), "{}: every value has its article: {uncited:?}", pack.id);
    }
}

#[test]
fn footage_is_judged_from_the_day_on_which_the_regulation_holds() {
    let zone = StationZone::beijing();
    let reckoning = Reckoning { zone, calendar: Calendar::builtin(), day_end: DayEnd::usual() };
    let at = |text: &str| zone.parse(text).unwrap();
    let kept = |id, recorded: &str, taken_in: &str| {
        stored(built_in(id), at(recorded), None, at(taken_in), reckoning)
            .map(|found| (found.kept, found.deadline.article.to_owned()))
    };
    let told = |kept: bool, article: &str| Some((kept, article.to_owned()));
    assert_eq!(kept("qj-qilin", "2019-09-30 10:00", "2025-01-01 00:00"), None, "before its first day nobody is late");
    assert_eq!(
        kept("qj-qilin", "2019-10-08 10:00", "2019-10-16 23:59"),
        told(true, "第十九条"),
        "the seventh working day"
    );
    assert_eq!(kept("qj-qilin", "2019-10-08 10:00", "2019-10-17 00:00"), told(false, "第十九条"));
    assert_eq!(
        kept("gx-liulin", "2026-11-20 10:00", "2026-11-21 10:00"),
        told(true, "第十六条第一款"),
        "to the moment"
    );
    assert_eq!(kept("gx-liulin", "2026-11-20 10:00", "2026-11-21 10:00:01"), told(false, "第十六条第一款"));
}

#[test]
fn terms_are_read_and_written() {
    let keep = &built_in("wenguanglv").keep;
    assert_eq!(keep.last().unwrap().term, Term::Years(5));
    assert_eq!(keep[0].term, Term::CaseFile);
}
