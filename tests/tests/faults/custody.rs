//! What must hold after every fault: nothing lost that was called verified, nothing doubled, ledger and store agree.

use crate::bench::{Bench, text};
use crate::strangers::{digests, files_below};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Digests of contents, by b3sum.
pub type Contents = BTreeSet<String>;

/// Returns the digests of files.
pub fn contents(files: &[PathBuf]) -> Contents {
    digests("b3sum", files).into_values().collect()
}

/// Returns the digests that a document calls verified. A document that is none says nothing.
pub fn called_verified(document: &Value) -> Contents {
    let clips = document["clips"].as_array().map(Vec::as_slice).unwrap_or_default();
    let verified = clips.iter().filter(|clip| clip["state"] == "verified");
    verified.map(|clip| text(clip, "blake3").to_owned()).collect()
}

/// What a vault says it holds.
#[derive(Debug)]
pub struct Held {
    pub clips: Vec<Value>,
    pub verified: Contents,
}

impl Held {
    /// Returns the clip of a name.
    pub fn named(&self, name: &Path) -> &Value {
        let name = name.file_name().and_then(|name| name.to_str()).expect("names of these tests are text");
        let found = self.clips.iter().find(|clip| clip["original_name"] == name);
        found.unwrap_or_else(|| panic!("a clip is called {name}: {:?}", self.clips))
    }
}

/// Asks the three questions; `said` is what was called verified before.
pub fn ask(bench: &Bench, said: &Contents, when: &str) -> Held {
    let checked = bench.run(&["fsck", "--json"]);
    assert_eq!(checked.status, 0, "{when}: ledger and store agree\n{}\n{}", checked.out, checked.err);
    let listed = bench.document(&["clips", "--limit", "1000"], 0);
    let clips = listed["clips"].as_array().unwrap().clone();
    let all: Contents = clips.iter().map(|clip| text(clip, "blake3").to_owned()).collect();
    assert_eq!(all.len(), clips.len(), "{when}: no content is held twice: {clips:?}");
    let verified: Vec<&Value> = clips.iter().filter(|clip| clip["state"] == "verified").collect();
    let stored: Vec<PathBuf> = verified.iter().map(|clip| bench.vault().join(text(clip, "stored_path"))).collect();
    let read = digests("b3sum", &stored);
    for (clip, file) in verified.iter().zip(&stored) {
        assert_eq!(read[file], text(clip, "blake3"), "{when}: {} has its bytes", file.display());
    }
    let verified = verified.iter().map(|clip| text(clip, "blake3").to_owned()).collect();
    let lost: Vec<_> = said.difference(&verified).collect();
    assert!(lost.is_empty(), "{when}: called verified and lost: {lost:?}");
    Held { clips, verified }
}

/// Asks the three questions and whether the vault holds exactly these contents, all verified.
pub fn holds_all(bench: &Bench, wanted: &Contents, when: &str) -> Held {
    let held = ask(bench, wanted, when);
    assert_eq!(held.verified, *wanted, "{when}: nothing else is held");
    assert_eq!(held.clips.len(), wanted.len(), "{when}: and nothing unverified");
    held
}

/// Returns the codes of a job's problems.
pub fn problems(document: &Value) -> Vec<&str> {
    let problems = document["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    problems.iter().map(|problem| text(problem, "code")).collect()
}

/// Returns everything the ledger's files say.
pub fn ledger(bench: &Bench) -> String {
    below(bench, "ledger").iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// Returns the files below a folder of the vault; of one that is not there yet, none.
pub fn below(bench: &Bench, folder: &str) -> Vec<PathBuf> {
    let folder = bench.vault().join(folder);
    if folder.is_dir() { files_below(&folder) } else { Vec::new() }
}
