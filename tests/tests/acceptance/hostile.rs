//! Bad cards: everything is either taken in or listed with its reason, and nothing else happens.

use crate::bench::{Bench, text, texts};
use crate::strangers::digests;
use fixtures::{Drive, Layout};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn row_11_24_25_26_a_hostile_card_is_taken_in_and_told_of() {
    let bench = Bench::new();
    let drive = Drive::new(&bench.path("drives/HOSTILE"), Layout::DsjA).unwrap();
    let made = drive.hostile_names().unwrap();
    let ran = bench.run(&["intake", &bench.text("drives/HOSTILE"), "--json"]).ending(1);
    let taken = ran.document();
    let clips = taken["clips"].as_array().unwrap();
    assert_eq!(clips.len(), made.files.len(), "every regular file is evidence, whatever its name");
    let passwd: PathBuf = "/etc/passwd".into();
    let outside = digests("sha256sum", std::slice::from_ref(&passwd)).remove(&passwd).unwrap();
    assert!(clips.iter().all(|clip| text(clip, "sha256") != outside), "no link was followed off the card");

    let problems = taken["problems"].as_array().unwrap();
    let refused: BTreeSet<&str> = problems
        .iter()
        .filter(|one| text(one, "code").ends_with("_refused"))
        .map(|one| Path::new(text(one, "path")).file_name().unwrap().to_str().unwrap())
        .collect();
    let wanted: BTreeSet<&str> = made.refused.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(refused, wanted, "links and pipes are listed, each by its name");
    let codes: BTreeSet<&str> = problems.iter().map(|one| text(one, "code")).collect();
    let expected =
        ["symlink_refused", "special_file_refused", "zero_length", "names_differ_only_in_case", "name_escaped"];
    for code in expected {
        assert!(codes.contains(code), "{code} is told of: {codes:?}");
        assert!(ran.err.contains(code), "and explained on standard error: {}", ran.err);
    }
    assert!(ran.err.contains("影响：") && ran.err.contains("办法："), "{}", ran.err);
    for name in texts(&taken["clips"], "original_name") {
        assert!(!name.chars().any(char::is_control), "a shown name cannot steer a terminal: {name:?}");
    }
    let checked = bench.document(&["fsck"], 0);
    assert_eq!(checked["clips"], made.files.len(), "{checked}");
}

#[test]
fn an_empty_card_is_done_at_once() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("drives/EMPTY")).unwrap();
    let taken = bench.document(&["intake", &bench.text("drives/EMPTY")], 0);
    assert_eq!((&taken["summary"]["files"], &taken["summary"]["state"]), (&0.into(), &"done".into()), "{taken}");
}
