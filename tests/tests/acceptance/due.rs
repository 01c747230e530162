//! What is due, the unit's own rules and its calendar, at a terminal.

use crate::bench::{Bench, texts};
use fixtures::{ClipSpec, Drive, Layout};
use serde_json::json;
use std::fs;

/// A vault of a bureau whose limit is 24 hours, with two clips of long ago.
fn late() -> Bench {
    let bench = Bench::empty();
    bench.clean(&["init", "--unit", "柳林镇人民政府", "--rules", "gx-liulin"]);
    let mut drive = Drive::new(&bench.path("drives/DSJ-03"), Layout::DsjA).unwrap();
    for (began, seed) in [("2025-03-03 09:00:00", 1), ("2025-03-03 10:00:00", 2)] {
        drive.clip(began, &ClipSpec { seconds: 1, seed, ..ClipSpec::default() }).unwrap();
    }
    bench.document(&["intake", &bench.text("drives/DSJ-03")], 0);
    bench
}

#[test]
fn what_is_late_wants_a_reason_and_then_nothing_is_due() {
    let bench = late();
    let due = bench.document(&["due"], 0);
    let line = &due["due"][0];
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["article", "detail", "due", "job", "level", "provisional", "stricter", "subject", "title", "what"]
    );
    assert_eq!(
        (&line["what"], &line["level"], &line["due"]),
        (&json!("late_reason"), &json!("overdue"), &json!("2025-03-04T01:00:01.000Z"))
    );
    let numbers = texts(&due["due"], "title");
    assert_eq!(numbers.len(), 2, "one for each clip: {due}");
    let said = bench.clean(&["due"]).out;
    assert!(said.contains("迟存原因待说明") && said.contains("第十六条第一款"), "{said}");

    let why = ["late", &numbers[0], &numbers[1], "--reason"];
    bench.run(&[&why[..], &["忙"]].concat()).ending(2);
    bench.clean(&[&why[..], &["记录仪送修"]].concat());
    assert_eq!(bench.clean(&["due"]).out, "没有到期事项。\n", "and the status is clean");
    let clip = bench.clean(&["clip", &numbers[0]]).out;
    assert!(clip.contains("迟存原因") && clip.contains("记录仪送修"), "the reason stays with the clip: {clip}");
    assert!(clip.contains("保存期限") && clip.contains("第十八条"), "and how long it is kept: {clip}");
}

#[test]
fn a_pack_of_the_units_own_and_a_further_calendar_move_what_is_open() {
    let bench = late();
    let shown = bench.document(&["rules", "show", "wenguanglv"], 0);
    let own = shown["text"].as_str().unwrap().replacen("version = 1", "version = 2", 1);
    let own = own.replacen("working_days = 30", "working_days = 20", 1);
    fs::write(bench.path("own.toml"), own.replacen("bureau", "buro", 1)).unwrap();
    let adopt = ["rules", "adopt", "own.toml", "--from"];
    let refused = bench.document(&[&adopt[..], &["2024-01-01"]].concat(), 2);
    assert_eq!(refused["error"]["code"], "rules_refused", "a bad file is refused: {refused}");
    fs::write(bench.path("own.toml"), own).unwrap();
    bench.run(&[&adopt[..], &["1 March"]].concat()).ending(2);
    let adopted = bench.document(&[&adopt[..], &["2024-01-01"]].concat(), 0);
    assert_eq!(adopted["adoptions"][0]["reference"], "wenguanglv@2", "{adopted}");
    assert_eq!(adopted["adoptions"][0]["in_force"], true, "{adopted}");
    let vault = bench.text("vault");
    let listed = bench.clean(&["--vault", &vault, "rules", "list"]).out;
    assert!(listed.contains("wenguanglv@2"), "the unit's own stand with the others: {listed}");
    assert!(!bench.clean(&["rules", "list"]).out.contains('@'), "without a vault they do not");

    bench.clean(&["case", "add", "第1号"]);
    let concluded = bench.document(&["case", "conclude", "第1号", "--closed", "2024-11-01 10:00"], 0);
    assert_eq!(concluded["archive_clock"]["due"], "2024-11-29T15:59:59.000Z", "20 working days: {concluded}");

    let text = include_str!("../../../assets/calendar/cn.json").replace("\"2026-1\"", "\"2026-2\"");
    let begin = text.find("\"2024\": {").unwrap();
    let off = begin + text[begin..].find("\"off\": [").unwrap() + "\"off\": [".len();
    fs::write(bench.path("new.json"), format!("{}\"2024-11-04\", {}", &text[..off], &text[off..])).unwrap();
    let imported = bench.document(&["rules", "calendar", "import", "new.json"], 0);
    assert_eq!(imported["days"], json!([{ "day": "2024-11-04", "worked": false }]), "{imported}");
    let moved = &imported["moved"][0];
    assert_eq!(
        (&moved["what"], &moved["before"], &moved["after"]),
        (&json!("archive"), &json!("2024-11-29T15:59:59.000Z"), &json!("2024-12-02T15:59:59.000Z")),
        "a day less of work, and a weekend in between"
    );
    bench.document(&["rules", "calendar", "import", "new.json"], 2);
    let calendar = |words: &[&str]| bench.document(words, 0)["edition"].clone();
    assert_eq!(calendar(&["--vault", &vault, "rules", "calendar", "show"]), "cn 2026-2");
    assert_eq!(calendar(&["rules", "calendar", "show"]), "cn 2026-1", "the built-in one is as it was");
    assert_eq!(bench.document(&["fsck"], 0)["clean"], true);
}
