//! The documents of `--json` keep their shape: scripts depend on it.

use crate::bench::Bench;
use crate::devices::equip;
use crate::journey::{CASE, FIELDS, filed};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Set to write the shapes anew after a change that is meant.
const BLESS: &str = "EVIDOCK_BLESS";

/// Collects `path: kind` of every value; what stands in lists counts once.
fn shape(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(list) => return list.iter().for_each(|one| shape(one, &format!("{path}[]"), into)),
        Value::Object(map) => {
            return map.iter().for_each(|(key, one)| shape(one, &format!("{path}.{key}"), into));
        }
    };
    into.insert(format!("{path}: {kind}"));
}

/// What is told once a case is filed, without a name of its own in it.
const FILED: [&[&str]; 16] = [
    &["case", "export", CASE, "--out", "case"],
    &["--actor", "李娜", "case", "deliver", CASE, "--day", "2026-01-05"],
    &["checklist", "show"],
    &["checklist", "import", "list.csv", "--yes"],
    &["checklist", "export", "--format", "csv", "--out", "list-out.csv"],
    &["rules", "calendar", "show"],
    &["case", "conclude", "第2号", "--closed", "2020-01-02 10:00"],
    &["due"],
    &["paper", "issue", "--kind", "checklist"],
    &["papers"],
    &["fsck"],
    &["scrub"],
    &["alarms"],
    &["copies"],
    &["backup"],
    &["rebuild"],
];

#[test]
fn documents_keep_their_shape() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("other")).unwrap();
    std::os::unix::fs::symlink("nowhere", bench.path("other/link")).unwrap();
    std::fs::write(bench.path("other/a.txt"), "甲").unwrap();
    std::fs::write(bench.path("list.csv"), "执法类别,期限\n行政检查,五年\n").unwrap();
    let session = filed(&bench);
    equip(&bench);
    let sign = [&["statement", "sign", &session], FIELDS.as_slice()].concat();
    let rows: Vec<(Vec<&str>, i32)> = vec![
        (vec!["rules", "list"], 0),
        (vec!["rules", "show", "wenguanglv"], 0),
        (vec!["rules", "compare", "qj-qilin", "gx-liulin"], 0),
        (vec!["rules", "check", "other/a.txt"], 1),
        (vec!["rules", "clock", "--pack", "wenguanglv", "--recorded-end", "2020-09-30 16:00"], 0),
        (vec!["--vault", "second", "init", "--unit", "甲", "--rules", "qj-qilin"], 0),
        (vec!["--dock", "drives", "dock"], 0),
        (vec!["intake", "other"], 1),
        (vec!["clips", "--query", "一队"], 0),
        (vec!["case", "add", "第2号"], 0),
        (vec!["case", "list"], 0),
        (vec!["session", "list"], 0),
        (vec!["session", "assign", &session, "--case", CASE], 0),
        (vec!["statement", "draft", &session], 0),
        (sign, 0),
        (vec!["session", "show", &session], 0),
        (vec!["people", "add", "赵六"], 0),
        (vec!["people", "list"], 0),
        (vec!["recorders", "list"], 0),
        (vec!["devices"], 0),
        (vec!["trips"], 0),
        (vec!["package", CASE, "--out", "package", "--iso", "package.iso"], 0),
        (vec!["case", "show", CASE], 0),
        (vec!["verify", "package.iso"], 0),
        (vec!["verify", "other"], 1),
        (vec!["clip", "no such"], 2),
    ];
    let mut lines = Vec::new();
    let filed = FILED.iter().map(|words| (words.to_vec(), 0));
    let mut add = |words: &[&str], status: i32| {
        let mut found = BTreeSet::new();
        let document = bench.document(words, status);
        shape(&document, "", &mut found);
        let name: Vec<&str> = words.iter().copied().take_while(|word| *word != session).take(5).collect();
        let name = name.join(" ");
        lines.extend(found.into_iter().map(|line| format!("{name}  {line}")));
        document
    };
    for (words, status) in rows.into_iter().chain(filed) {
        add(&words, status);
    }
    let number = bench.document(&["clips"], 0)["clips"][0]["number"].as_str().unwrap().to_owned();
    add(&["clip", &number], 0);
    let statement = bench.document(&["session", "show", &session], 0)["row"]["statement_number"].clone();
    add(&["statement", "show", statement.as_str().unwrap()], 0);
    add(&["statement", "pdf", statement.as_str().unwrap(), "--out", "paper.pdf"], 0);
    let paper = bench.document(&["papers"], 0)["papers"][0]["number"].as_str().unwrap().to_owned();
    add(&["paper", "show", &paper], 0);
    let text =
        lines.join("\n").replace(&paper, "N").replace(&number, "P").replace(statement.as_str().unwrap(), "S") + "\n";
    compare(&text);
}

/// Fails unless the shapes are those that were kept.
fn compare(text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance/documents.txt");
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), text.lines().collect());
    let (gone, new): (Vec<_>, Vec<_>) = (kept.difference(&now).collect(), now.difference(&kept).collect());
    assert!(gone.is_empty() && new.is_empty(), "shapes changed; {BLESS}=1 keeps them\n- {gone:#?}\n+ {new:#?}");
}
