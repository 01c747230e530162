//! Tables that go out and come in: the checklist, and a case in open form. Python's own readers are the strangers.

use crate::bench::{Bench, text, texts};
use crate::journey::{CASE, FIELDS, filed};
use crate::strangers::{digests, files_below, tool};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Reads a CSV file with Python's reader.
const READ_CSV: &str = "
import csv, json, sys
print(json.dumps(list(csv.reader(open(sys.argv[1], encoding='utf-8-sig', newline='')))))";

/// Writes a CSV file in GB18030, and a workbook by hand: nothing of ours has seen either.
const WRITE: &str = r#"
import csv, sys, zipfile
from xml.sax.saxutils import escape
rows = [['序号', '执法类别', '记录内容', '存储期限'], ['1', '行政检查', '䶮㛃𬱖𠮷\n第二行', '五年'], ['2', '', '', '']]
csv.writer(open(sys.argv[1], 'w', encoding='gb18030', newline='')).writerows(rows)
main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
cell = lambda text: f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
sheet = ''.join('<row>' + ''.join(map(cell, row)) + '</row>' for row in rows)
parts = {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    '_rels/.rels': f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml': f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
}
with zipfile.ZipFile(sys.argv[2], 'w') as book:
    for name, content in parts.items():
        book.writestr(name, content)"#;

/// Returns the texts of a workbook's first sheet by Python's own ZIP and XML.
const READ_XLSX: &str = "
import json, sys, zipfile
import xml.etree.ElementTree as tree
book = zipfile.ZipFile(sys.argv[1])
assert book.testzip() is None
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
strings = [''.join(t.text or '' for t in s.iter(n + 't')) for s in tree.fromstring(book.read('xl/sharedStrings.xml'))]
rows = tree.fromstring(book.read('xl/worksheets/sheet1.xml')).iter(n + 'row')
assert b'<f>' not in book.read('xl/worksheets/sheet1.xml'), 'no formula'
print(json.dumps([[strings[int(c.find(n + 'v').text)] for c in row if c.get('t') == 's'] for row in rows]))";

fn python(program: &str, files: &[&Path]) -> String {
    let words: Vec<&str> = ["-c", program].into_iter().chain(files.iter().map(|file| file.to_str().unwrap())).collect();
    tool("python3", &words, Path::new("."))
}

fn rows(program: &str, file: &Path) -> Vec<Vec<String>> {
    serde_json::from_str(&python(program, &[file])).unwrap()
}

#[test]
fn a_checklist_is_shown_taken_out_and_taken_in() {
    let bench = Bench::new();
    let shown = bench.document(&["checklist", "show"], 0);
    assert_eq!((&shown["version"], &shown["borrowed"]), (&Value::Null, &Value::Bool(true)), "nobody has saved one");
    assert!(bench.clean(&["checklist", "show"]).out.contains("平顶山"), "and it says whose columns these are");

    python(WRITE, &[&bench.path("gb.csv"), &bench.path("foreign.xlsx")]);
    let plan = bench.document(&["checklist", "import", "gb.csv"], 0);
    assert_eq!(plan["written"], Value::Null, "only the plan");
    let column =
        |title: &str| plan["columns"].as_array().unwrap().iter().find(|c| c["title"] == title).unwrap()["new"].clone();
    assert_eq!((column("记录内容"), column("存储期限")), (Value::Bool(false), Value::Bool(true)));
    assert_eq!(plan["rows"], serde_json::json!(["new", "new"]), "an empty row is one too");
    let words = ["checklist", "import", "gb.csv", "--yes", "--published", "2026-11-21"];
    assert_eq!(bench.document(&words, 0)["written"], 1);
    let same = bench.document(&["checklist", "import", "foreign.xlsx"], 0);
    assert_eq!(same["same"], true, "the workbook that Python wrote says the same: {same}");

    fs::write(bench.path("two.csv"), "执法类别,记录内容\n=行政处罚,\"a\"\"b\"\n").unwrap();
    bench.clean(&["checklist", "import", "two.csv", "--yes"]);
    let shown = bench.document(&["checklist", "show"], 0);
    assert_eq!((shown["version"]["version"].as_u64(), shown["versions"].as_array().unwrap().len()), (Some(2), 2));
    let first = bench.document(&["checklist", "show", "--edition", "1"], 0);
    assert!(
        first["table"]["rows"][0].as_array().unwrap().contains(&"䶮㛃𬱖𠮷\n第二行".into()),
        "the first stays: {first}"
    );

    for (format, edition, program) in
        [("csv", "1", READ_CSV), ("xlsx", "1", READ_XLSX), ("csv", "2", READ_CSV), ("xlsx", "2", READ_XLSX)]
    {
        let file = bench.path(&format!("out-{edition}.{format}"));
        let words = ["checklist", "export", "--format", format, "--edition", edition, "--out", file.to_str().unwrap()];
        let made = bench.document(&words, 0);
        assert_eq!(text(&made, "sha256"), digests("sha256sum", std::slice::from_ref(&file))[&file], "its digest");
        let read = rows(program, &file);
        let held: BTreeSet<&str> = read.iter().flatten().map(String::as_str).collect();
        let wanted = if edition == "1" {
            ["䶮㛃𬱖𠮷\n第二行", "五年", "存储期限"]
        } else {
            ["记录内容", "a\"b", "1"]
        };
        assert!(wanted.iter().all(|cell| held.contains(cell)), "{format} {edition}, as Python reads it: {read:?}");
        let formula = if format == "csv" { "'=行政处罚" } else { "=行政处罚" };
        assert_eq!(held.contains(formula), edition == "2", "{format}: text, and nothing to calculate");
        assert_eq!(bench.document(&words, 3)["error"]["code"], "output_exists", "nothing is overwritten");
    }
    fs::write(bench.path("bad.csv"), "执法类别\n1\n1,2\n").unwrap();
    let refused = bench.document(&["checklist", "import", "bad.csv", "--yes"], 2);
    assert_eq!(refused["error"]["code"], "table_refused");
    assert!(text(&refused["error"]["params"], "reason").contains("第 3 行"), "{refused}");
    bench.document(&["checklist", "import", "bad.txt"], 2);
    assert_eq!(bench.document(&["checklist", "show"], 0)["version"]["version"], 2, "and nothing was written");
    assert_eq!(bench.document(&["fsck"], 0)["clean"], true);
}

#[test]
fn a_case_goes_out_for_strangers() {
    let bench = Bench::new();
    let session = filed(&bench);
    bench.clean(&[&["--actor", "李娜", "statement", "sign", &session], FIELDS.as_slice()].concat());
    let made = bench.document(&["case", "export", CASE, "--out", "out"], 0);
    let folder = bench.path("out");
    tool("sha256sum", &["--check", "--strict", "--quiet", "manifest-sha256.txt"], &folder);
    let root = tool("sha256sum", &["manifest-sha256.txt"], &folder);
    assert_eq!(text(&made, "root"), &root[..64], "the digest of the list is in the ledger");
    assert_eq!(files_below(&folder).len() as u64, made["files"].as_u64().unwrap() + 1);
    let clips = rows(READ_CSV, &folder.join("clips.csv"));
    let at = |title: &str| clips[0].iter().position(|known| known == title).unwrap();
    for clip in &clips[1..] {
        let file = folder.join(&clip[at("文件")]);
        assert_eq!(
            digests("sha256sum", std::slice::from_ref(&file))[&file],
            clip[at("SHA-256")],
            "{}",
            clip[at("片段编号")]
        );
    }
    assert_eq!(clips.len(), 3, "two clips below the headings");
    for name in ["case.csv", "sessions.csv", "statements.csv", "ledger.csv"] {
        let read = rows(READ_CSV, &folder.join(name));
        assert!(read.len() > 1 && read.iter().all(|row| row.len() == read[0].len()), "{name}: {read:?}");
    }
    assert_eq!(bench.document(&["case", "export", CASE, "--out", "out"], 3)["error"]["code"], "output_exists");
    bench.clean(&["case", "export", CASE, "--out", "bare", "--without-footage"]);
    assert!(!bench.path("bare/originals").exists(), "no footage where none is wanted");

    let refused = bench.document(&["case", "deliver", CASE, "--day", "2020-01-02"], 3);
    assert_eq!(refused["error"]["code"], "operator_missing", "an account hands nothing in");
    let delivered =
        bench.document(&["--actor", "李娜", "case", "deliver", CASE, "--day", "2020-01-02", "--note", "全部"], 0);
    assert_eq!((text(&delivered, "platform"), text(&delivered, "day")), ("全省行政执法信息平台", "2020-01-02"));
    let kinds = texts(&bench.document(&["case", "show", CASE], 0)["sessions"], "id");
    assert_eq!(kinds, [session], "the case is what it was");
}
