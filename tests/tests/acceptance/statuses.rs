//! Exit status and error document of each kind.

use crate::bench::Bench;
use crate::journey::{CASE, card, filed};
use std::fs;
use std::process::Stdio;

#[test]
fn every_exit_status_is_met() {
    let bench = Bench::new();
    let session = filed(&bench);
    fs::create_dir_all(bench.path("somewhere")).unwrap();
    fs::write(bench.path("somewhere/file"), "x").unwrap();
    std::os::unix::fs::symlink("nowhere", bench.path("somewhere/link")).unwrap();
    let draft = |words: &[&str]| [&["statement", "draft", &session], words].concat().join("\n");
    let rows: Vec<(i32, &str, String)> = vec![
        (0, "", "rules\nlist".into()),
        (0, "", "fsck".into()),
        (1, "", "intake\nsomewhere".into()),
        (1, "", "verify\nsomewhere".into()),
        (2, "invalid_input", "ruels".into()),
        (2, "invalid_input", "intake\nnowhere".into()),
        (2, "invalid_input", draft(&["--from", "昨天"])),
        (2, "invalid_input", draft(&["--officer", "李娜"])),
        (2, "invalid_input", draft(&["--file", "somewhere/file"])),
        (2, "invalid_input", format!("case\nadd\n{CASE}")),
        (2, "not_found", "clip\nP2026-999999".into()),
        (2, "not_found", "--actor\n赵六\nclips".into()),
        (2, "vault_missing", "--vault\nnowhere\nclips".into()),
        (3, "vault_exists", "init\n--unit\n甲\n--rules\nqj-qilin".into()),
        (3, "vault_exists", "--vault\nsomewhere\ninit\n--unit\n甲\n--rules\nqj-qilin".into()),
        (3, "statement_incomplete", format!("statement\nsign\n{session}")),
        (3, "package_incomplete", format!("package\n{CASE}\n--out\npackage")),
    ];
    for (status, code, words) in rows {
        let words: Vec<&str> = words.lines().collect();
        let document = bench.document(&words, status);
        assert_eq!(document["error"]["code"].as_str().unwrap_or_default(), code, "{words:?}: {document}");
    }
    assert!(!bench.path("package").exists(), "a refused package leaves nothing behind");
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    let fault = bench.run(&["clips", "--json"]).ending(4);
    assert_eq!(fault.document()["error"]["code"], "register_missing");
    assert!(fault.err.contains("rebuild"), "a fault says what to do: {}", fault.err);
}

#[test]
fn row_55_a_damaged_original_is_found_and_its_case_held_back() {
    let bench = Bench::new();
    let session = filed(&bench);
    let clip = bench.document(&["clips"], 0)["clips"][0].clone();
    let stored = bench.vault().join(clip["stored_path"].as_str().unwrap());
    let mut bytes = fs::read(&stored).unwrap();
    bytes[7] ^= 1;
    fs::remove_file(&stored).unwrap();
    fs::write(&stored, bytes).unwrap();
    bench.clean(&["fsck", "--metadata-only"]);
    let found = bench.document(&["fsck"], 1);
    assert_eq!(found["findings"][0]["code"], "original_changed", "{found}");
    let words = [&["statement", "sign", &session], crate::journey::FIELDS.as_slice()].concat();
    let refused = bench.document(&words, 1);
    assert_eq!(refused["error"]["code"], "verify_failed", "nobody signs for changed bytes");
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let bench = Bench::new();
    let mut running = bench.command(&["rules", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(running.stdout.take());
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "as with `| head -0`: {}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_declaration_is_written_down() {
    let bench = Bench::empty();
    bench.clean(&["init", "--unit", "柳林镇人民政府", "--rules", "gx-liulin"]);
    card(&bench.path("drives/DSJ-A8-03"));
    let ran = bench.clean(&["intake", &bench.text("drives/DSJ-A8-03")]);
    assert!(ran.err.contains("第十七条"), "running the command declares it, and says so: {}", ran.err);
    let ledger = crate::strangers::files_below(&bench.vault().join("ledger"));
    let events: String = ledger.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert!(events.contains(r#""declared":"command""#), "the ledger says how it was declared");
}
