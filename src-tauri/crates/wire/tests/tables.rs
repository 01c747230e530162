//! A file that is chosen in the page comes to the station as text, and comes back as a plan or as a refusal.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::path::Path;
use wire::{Host, HostOptions};

/// `执法类别,期限` and a row, in GB18030, as base64.
const GB18030: &str = "1rS3qMDgsfAsxtrP3gr+nyzO5cTqCg==";

fn plan(file: &str, content: &str) -> Result<Value, (String, Value)> {
    let vault = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no vault");
    let host = Host::open(HostOptions { vault, dock_folders: vec![] });
    let column = |id: &str, title: &str, kind: &str, hidden: bool| json!({ "id": id, "title": title, "kind": kind, "hidden": hidden });
    let columns = [
        column("c1", "序号", "auto", false),
        column("c2", "执法类别", "choice", false),
        column("c3", "备注", "text", true),
    ];
    let current = json!({ "columns": columns, "rows": [["", "䶮", "一"], ["", "送达", "二"]] });
    let request = json!({ "file": file, "content": content, "current": current });
    host.call("plan_checklist_import", request).map_err(|error| (error.code, json!(error.params)))
}

#[test]
fn a_file_is_laid_beside_the_table_without_a_vault() {
    let told = plan("清单.CSV", GB18030).unwrap();
    let expected = json!([{ "title": "执法类别", "new": false }, { "title": "期限", "new": true }]);
    assert_eq!(told["columns"], expected, "titles of a GB18030 file");
    assert_eq!(told["kept"], json!(["序号", "备注"]));
    assert_eq!(told["rows"], json!([{ "changed": { "was": 1, "columns": ["期限"] } }]), "places count from 1");
    assert_eq!((&told["gone"], &told["same"]), (&json!([2]), &json!(false)));
    assert_eq!(told["table"]["rows"], json!([["", "䶮", "一", "五年"]]), "what the file lacks is kept");
    assert_eq!(told["table"]["columns"][2], json!({ "id": "c3", "title": "备注", "kind": "text", "hidden": true }));
}

#[test]
fn a_file_that_is_none_is_refused_with_its_reason() {
    let rows = [
        ("a.csv", "YSxiCjEsMgoxLDIsMwo=", "table_refused", "第 3 行：有内容没有对应的栏目"),
        ("a.xlsx", "YSxiCg==", "table_refused", "不是能读的 XLSX 工作簿（已损坏，或者有密码）"),
        ("a.csv", "", "table_refused", "第一行应当是栏目名称"),
        ("a.txt", "YSxiCg==", "invalid_input", ""),
        ("a.csv", "no base64", "invalid_input", ""),
    ];
    for (file, content, code, reason) in rows {
        let (told, params) = plan(file, content).expect_err(file);
        assert_eq!(told, code, "{file} {content}");
        assert_eq!(params["reason"].as_str().unwrap_or_default(), reason, "{file} {content}");
    }
}
