//! Rule packs and the legal clock at a terminal, without a vault.

use crate::bench::Bench;
use serde_json::{Value, json};
use std::fs;

/// Asks when footage of this pack is due.
fn clock(bench: &Bench, pack: &str, words: &[&str]) -> Value {
    let line = [&["rules", "clock", "--pack", pack, "--recorded-end", "2020-09-30T16:00:00+08:00"], words].concat();
    bench.document(&line, 0)
}

#[test]
fn the_clock_says_when_and_by_which_article() {
    let bench = Bench::empty();
    let back = ["--returned", "2020-10-10T09:30:00+08:00"];
    let archive = ["--kind", "archive"];
    // A holiday does not stop hours; 10 October 2020 was a Saturday that was worked.
    for (pack, words, due, article, from) in [
        ("gs-guangdian", &[][..], "2020-10-01T16:00:00+08:00", "第二十二条", "recording_end"),
        ("pds-minzong", &[], "2020-10-01T16:00:00+08:00", "第十条", "recording_end"),
        ("gx-liulin", &[], "2020-10-01T16:00:00+08:00", "第十六条第一款", "recording_end"),
        ("gx-liulin", &back, "2020-10-11T09:30:00+08:00", "第十六条第二款", "return"),
        ("wenguanglv", &[], "2020-10-10T23:59:59+08:00", "第十五条", "recording_end"),
        ("wenguanglv", &back, "2020-10-13T23:59:59+08:00", "第十五条", "return"),
        ("wenguanglv", &archive, "2020-11-18T23:59:59+08:00", "第十六条", "closing"),
        ("qj-qilin", &[], "2020-10-16T23:59:59+08:00", "第十九条", "recording_end"),
        ("qj-qilin", &back, "2020-10-20T23:59:59+08:00", "第十九条", "return"),
    ] {
        let told = clock(&bench, pack, words);
        assert_eq!((&told["due"], &told["from"]), (&json!(due), &json!(from)), "{pack} {words:?}");
        assert_eq!(
            (&told["rule"]["article"], &told["provisional"]),
            (&json!(article), &json!(false)),
            "{pack} {words:?}"
        );
    }
    let uncounted = clock(&bench, "gs-guangdian", &back);
    assert_eq!(uncounted["return_not_counted"], true, "this pack has no such exception");
    assert_eq!(uncounted["due"], "2020-10-01T16:00:00+08:00", "and its clock does not move");
    let line = ["rules", "clock", "--pack", "qj-qilin", "--recorded-end", "2031-05-06 09:00"];
    let provisional = bench.document(&line, 0);
    assert_eq!(provisional["provisional"], true, "nobody knows the holidays of that year: {provisional}");
    assert!(bench.clean(&line).err.contains("暂定"), "which is said aloud");
    let none = ["rules", "clock", "--pack", "gx-liulin", "--kind", "archive", "--recorded-end", "2020-09-30 16:00"];
    assert_eq!(bench.document(&none, 2)["error"]["code"], "not_found", "a pack without that period gives none");
}

#[test]
fn a_sixth_bureau_is_one_file() {
    let bench = Bench::empty();
    let shown = bench.document(&["rules", "show", "wenguanglv"], 0);
    let own = shown["text"].as_str().unwrap().replacen("\"wenguanglv\"", "\"sixth\"", 1);
    let own = own.replacen("working_days = 30", "working_days = 20", 1);
    fs::write(bench.path("sixth.toml"), &own).unwrap();
    let file = bench.text("sixth.toml");
    assert_eq!(bench.document(&["rules", "check", &file], 0)["accepted"], true);
    let told = clock(&bench, &file, &["--kind", "archive"]);
    assert_eq!((&told["due"], &told["rule"]["pack"]), (&json!("2020-11-04T23:59:59+08:00"), &json!("sixth")));
    let beside = bench.clean(&["rules", "compare", "wenguanglv", &file]).out;
    assert!(beside.contains("30个工作日（第十六条）") && beside.contains("20个工作日（第十六条）"), "{beside}");
    assert!(!beside.contains("储存期限"), "what is the same is left out: {beside}");

    fs::write(bench.path("sixth.toml"), own.replacen("working_days = 20", "working_days = -1", 1)).unwrap();
    let refused = bench.document(&["rules", "check", &file], 1);
    let line = own.lines().position(|line| line.contains("working_days = 20")).unwrap() + 1;
    assert_eq!((&refused["accepted"], &refused["line"]), (&json!(false), &json!(line)), "{refused}");
    let used = bench.document(&["rules", "show", &file], 2);
    assert_eq!(used["error"]["code"], "rules_refused", "and nothing is reckoned by it: {used}");
}
