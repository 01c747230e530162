//! One process at a time, and a register that was lost.

use crate::bench::{Bench, text, texts};
use crate::journey::{CASE, packaged};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};

#[test]
fn row_50_a_second_process_is_refused() {
    let bench = Bench::new();
    let mut serving = bench.start(&["serve", "--port", "0"]);
    let mut address = String::new();
    BufReader::new(serving.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    for words in [["clips", "--limit=5"], ["fsck", "--metadata-only"], ["serve", "--port=0"]] {
        let refused = bench.document(&words, 3);
        assert_eq!(refused["error"]["code"], "vault_locked", "{words:?}: {refused}");
    }
    serving.kill().unwrap();
    serving.wait().unwrap();
    bench.clean(&["clips"]);
}

#[test]
fn a_lost_register_comes_back_from_the_folders() {
    let bench = Bench::new();
    packaged(&bench);
    let number = texts(&bench.document(&["clips"], 0)["clips"], "number").remove(0);
    let lists: [&[&str]; 6] = [
        &["clips", "--json"],
        &["clips", "--query", "网吧", "--json"],
        &["session", "list", "--json"],
        &["case", "show", CASE, "--json"],
        &["people", "list", "--json"],
        &["clip", &number, "--json"],
    ];
    let read = || lists.map(|words| bench.clean(words).out);
    let before = read();
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    assert_eq!(bench.document(&["clips"], 4)["error"]["code"], "register_missing", "nothing is made up");
    let rebuilt = bench.document(&["rebuild"], 0);
    assert!(rebuilt["events"].as_u64().unwrap() > 10, "the ledger files hold everything: {rebuilt}");
    for ((words, before), after) in lists.iter().zip(before).zip(read()) {
        assert_eq!(after, before, "`evidock {}` says the same as before", words.join(" "));
    }
    bench.clean(&["fsck"]);
}

#[test]
fn without_register_and_ledger_the_originals_come_back() {
    let bench = Bench::new();
    packaged(&bench);
    let contents =
        || texts(&bench.document(&["clips"], 0)["clips"], "blake3").into_iter().collect::<BTreeSet<String>>();
    let before = contents();
    for name in ["register", "ledger"] {
        fs::remove_dir_all(bench.vault().join(name)).unwrap();
    }
    let rebuilt = bench.document(&["rebuild", "--unit", "麒麟区文化和旅游局", "--rules", "qj-qilin"], 0);
    assert_eq!((&rebuilt["events"], &rebuilt["adopted"]), (&0.into(), &before.len().into()), "{rebuilt}");
    assert_eq!(contents(), before, "every original speaks for itself");
    let found = bench.document(&["fsck"], 1);
    let papers = found["findings"].as_array().unwrap().iter();
    let nobodys: Vec<_> = papers.map(|one| (text(one, "code"), text(one, "path").starts_with("papers/"))).collect();
    assert!(
        !nobodys.is_empty() && nobodys.iter().all(|one| *one == ("not_registered", true)),
        "papers that no statement names any more are there, and nothing else: {found}"
    );
}
