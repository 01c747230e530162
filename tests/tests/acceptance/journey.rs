//! From a card to a package that strangers verify, by `evidock` alone.

use crate::bench::{Bench, text, texts};
use crate::strangers::{accept_package, digests, extract, files_below, pdf_words, sm3, tool};
use fixtures::{ClipSpec, Drive, Layout};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub const CASE: &str = "麒文旅罚〔2026〕12号";
/// What an officer has to add to the proposal.
pub const FIELDS: [&str; 14] = [
    "--officer",
    "李娜=53030036012",
    "--officer",
    "王强=53030036015",
    "--place",
    "麒麟区文化路18号",
    "--maker",
    "李娜",
    "--purpose",
    "证明经营场所现场情况",
    "--cause",
    "未核对身份证件",
    "--party",
    "某某网吧",
];

/// Builds a card with two H.264 segments of one act, bound to a recorder with a Chinese name.
pub fn card(folder: &Path) -> Vec<PathBuf> {
    let mut drive = Drive::new(folder, Layout::DsjA).unwrap().unit("036012");
    drive.bind("DSJA036012", "执法一队03号").unwrap();
    let first = ClipSpec { seconds: 3, seed: 41, ..ClipSpec::default() };
    let second = ClipSpec { seconds: 2, seed: 42, ..ClipSpec::default() };
    [("2026-11-21 09:02:05", first), ("2026-11-21 09:02:08", second)]
        .map(|(began, spec)| drive.clip(began, &spec).unwrap())
        .to_vec()
}

/// Takes a card in and files its session under a case; returns the session.
pub fn filed(bench: &Bench) -> String {
    card(&bench.path("drives/DSJ-A8-03"));
    let taken = bench.document(&["intake", &bench.text("drives/DSJ-A8-03")], 0);
    let session = taken["awaiting_sessions"][0].as_str().expect("two segments are one act").to_owned();
    bench.clean(&["people", "add", "李娜", "--certificate", "53030036012"]);
    bench.clean(&["people", "add", "王强", "--certificate", "53030036015"]);
    bench.clean(&["case", "add", CASE, "--cause", "未核对身份证件", "--party", "某某网吧"]);
    bench.clean(&["session", "assign", &session, "--case", CASE]);
    session
}

/// Makes a package with an image; returns the two.
pub fn packaged(bench: &Bench) -> (PathBuf, PathBuf) {
    let session = filed(bench);
    bench.clean(&[&["--actor", "李娜", "statement", "sign", &session], FIELDS.as_slice()].concat());
    bench.clean(&["package", CASE, "--out", "package", "--iso", "package.iso"]);
    (bench.path("package"), bench.path("package.iso"))
}

#[test]
fn a_card_becomes_a_package_that_strangers_verify() {
    let bench = Bench::new();
    let footage = card(&bench.path("drives/DSJ-A8-03"));
    stands_in_the_dock(&bench);
    let session = is_taken_in(&bench, &footage);
    bench.clean(&["people", "add", "李娜", "--certificate", "53030036012", "--duty", "执法队员"]);
    bench.clean(&["people", "add", "王强", "--certificate", "53030036015"]);
    bench.clean(&["case", "add", CASE, "--cause", "未核对身份证件"]);
    bench.clean(&["session", "assign", &session[..20], "--case", CASE]);
    let number = is_stated(&bench, &session);
    has_a_paper(&bench, &number);
    is_packaged(&bench, &footage);
    let checked = bench.document(&["fsck"], 0);
    assert_eq!((checked["clean"].as_bool(), checked["clips"].as_u64()), (Some(true), Some(2)), "{checked}");
}

fn stands_in_the_dock(bench: &Bench) {
    let docked = bench.document(&["--dock", "drives", "dock"], 0);
    let label = |drive: &&Value| drive["label"] == "DSJ-A8-03";
    let drive = docked["drives"].as_array().unwrap().iter().find(label).expect("the folder stands for a drive");
    assert_eq!(drive["standing"], "unknown", "nobody has registered it");
    assert_eq!(text(drive, "path"), bench.text("drives/DSJ-A8-03"), "the path that intake takes");
}

fn is_taken_in(bench: &Bench, footage: &[PathBuf]) -> String {
    let taken = bench.document(&["intake", &bench.text("drives/DSJ-A8-03")], 0);
    assert_eq!(taken["problems"], Value::Array(vec![]), "a sound card has no problems");
    assert_eq!(taken["summary"]["state"], "done");
    let (blake3, sha256) = (digests("b3sum", footage), digests("sha256sum", footage));
    for file in footage {
        let name = file.file_name().unwrap().to_str().unwrap();
        let clips = taken["clips"].as_array().unwrap();
        let clip = clips.iter().find(|clip| clip["original_name"] == name).expect(name);
        assert_eq!(text(clip, "blake3"), blake3[file], "b3sum of {name}");
        assert_eq!(text(clip, "sha256"), sha256[file], "sha256sum of {name}");
        assert_eq!(text(clip, "sm3"), sm3(file), "openssl's SM3 of {name}");
        assert_eq!((text(clip, "state"), clip["playable"].as_bool()), ("verified", Some(true)), "{name}");
        assert!(text(clip, "level").starts_with("V2"), "our own disk was read back: {clip}");
        let stored = bench.vault().join(text(clip, "stored_path"));
        tool("cmp", &[file.to_str().unwrap(), stored.to_str().unwrap()], Path::new("."));
    }
    let found = bench.document(&["clips", "--query", "一队"], 0);
    assert_eq!(found["total"], 2, "a word of two characters finds the recorder's files: {found}");
    let again = bench.document(&["intake", &bench.text("drives/DSJ-A8-03")], 0);
    assert_eq!((&again["summary"]["stored"], &again["summary"]["already_held"]), (&0.into(), &2.into()), "已入库");
    assert!(again["clips"].as_array().unwrap().iter().all(|clip| clip["already_held"] == true), "{again}");
    taken["awaiting_sessions"][0].as_str().unwrap().to_owned()
}

fn is_stated(bench: &Bench, session: &str) -> String {
    let drafted = bench.document(&["statement", "draft", session, "--place", "麒麟区文化路18号"], 0);
    let missing: BTreeSet<&str> =
        drafted["missing"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    let wanted = BTreeSet::from(["officers", "party", "maker", "purpose"]);
    assert_eq!(missing, wanted, "times come from the clips, the cause from the case, the place from the officer");

    let refused = bench.run(&["statement", "sign", session, "--officer", "李娜=53030036012", "--json"]).ending(3);
    assert_eq!(refused.document()["error"]["code"], "statement_incomplete");
    for words in ["取证人员", "《行政处罚法》第四十二条", "证明对象", "第十二条"] {
        assert!(refused.err.contains(words), "what is missing is named with its article, {words}: {}", refused.err);
    }
    std::fs::write(bench.path("fields.json"), r#"{"party": "某某网吧", "emphasis": "收银台登记簿"}"#).unwrap();
    bench.clean(&["statement", "draft", session, "--file", "fields.json"]);
    let words = [&["--actor", "53030036012", "statement", "sign", session], &FIELDS[..10]].concat();
    let signed = bench.document(&words, 0);
    assert_eq!(text(&signed["fields"], "emphasis"), "收银台登记簿", "the draft kept what the file said");
    assert!(text(&signed, "signed_by").contains("李娜"), "the actor is who was named: {signed}");
    text(&signed, "number").to_owned()
}

fn has_a_paper(bench: &Bench, number: &str) {
    bench.clean(&["statement", "pdf", number, "--out", "paper.pdf"]);
    let words = pdf_words(&bench.path("paper.pdf"));
    for expected in ["李娜", "53030036015", "2026-11-2109:02:05", "麒麟区文化路18号", "收银台登记簿", number]
    {
        assert!(words.contains(expected), "the paper says {expected}: {words}");
    }
    let again = bench.document(&["statement", "pdf", number, "--out", "paper.pdf"], 3);
    assert_eq!(again["error"]["code"], "output_exists", "nothing is overwritten");
}

fn is_packaged(bench: &Bench, footage: &[PathBuf]) {
    let made = bench.document(&["package", CASE, "--out", "package", "--iso", "package.iso"], 0);
    let (folder, image) = (bench.path("package"), bench.path("package.iso"));
    assert_eq!((text(&made, "folder"), text(&made, "image")), (folder.to_str().unwrap(), image.to_str().unwrap()));
    let root = tool("sha256sum", &["tagmanifest-sha256.txt"], &folder);
    for place in ["package", "package.iso"] {
        let verified = bench.document(&["verify", place], 0);
        assert_eq!(verified["clean"], true, "{verified}");
        assert_eq!(text(&verified, "root"), &root[..64], "the root hash is sha256sum's of the tag manifest");
        assert_eq!(verified["root"], made["root"], "and the one the register holds");
    }
    accept_package(&folder);
    let out = bench.path("extracted");
    extract(&image, &out);
    accept_package(&out);
    tool("diff", &["-r", folder.to_str().unwrap(), out.to_str().unwrap()], &folder);
    let originals: BTreeSet<String> =
        digests("sha256sum", &files_below(&out.join("data/originals"))).into_values().collect();
    for (file, digest) in digests("sha256sum", footage) {
        assert!(originals.contains(&digest), "{} lies untouched in the image", file.display());
    }
    let papers: Vec<PathBuf> =
        files_below(&out).into_iter().filter(|file| file.extension().is_some_and(|e| e == "pdf")).collect();
    assert!(papers.len() >= 2, "the statement and the file list: {papers:?}");
    assert!(papers.iter().any(|paper| pdf_words(paper).contains("麒麟区文化路18号")), "the statement goes with it");
    let case = bench.document(&["case", "show", CASE], 0);
    assert_eq!(texts(&case["packages"], "number"), [text(&made, "number")], "the case knows its package");
}

#[test]
fn a_session_is_split_and_put_together_again() {
    let bench = Bench::new();
    let session = filed(&bench);
    let clips = texts(&bench.document(&["session", "show", &session], 0)["clips"], "number");
    let split = bench.document(&["session", "split", &session, "--at", &clips[1], "--reason", "到了第二家"], 0);
    let fresh = text(&split["row"], "id").to_owned();
    assert_eq!(texts(&split["clips"], "number"), clips[1..], "the clip and all after it left");
    assert_eq!(text(&split["row"], "case_number"), CASE, "the case stays");
    let rest = bench.document(&["session", "show", &session], 0);
    assert_eq!(texts(&rest["clips"], "number"), clips[..1], "what was before it stayed");
    let merged = bench.document(&["session", "merge", &session, &fresh, "--reason", "同一次检查"], 0);
    assert_eq!(texts(&merged["clips"], "number"), clips, "as it was");
    assert_eq!(texts(&bench.document(&["session", "list"], 0)["sessions"], "id"), [&*session], "nothing is left over");
    bench.clean(&[&["statement", "sign", &session], FIELDS.as_slice()].concat());
    let refused = bench.document(&["session", "split", &session, "--at", &clips[1]], 3);
    assert_eq!(refused["error"]["code"], "not_allowed", "a paper speaks of these clips");
    let refused = bench.document(&["statement", "sign", &session, "--place", "文化路20号"], 2);
    assert_eq!(refused["error"]["params"]["field"], "reason", "a revision says why");
    let words = ["statement", "sign", &session, "--place", "文化路20号", "--reason", "地点写错"];
    assert_eq!(bench.document(&words, 0)["revision"], 2, "the first one stays as it is");
}
