//! The rule on ARCHITECTURE.md: every numbered invariant names tests that are there.
//!
//! An invariant is a paragraph or list item that begins with `**I3**`; what follows the word `Test:` or `Tests:` up to
//! its end names tests in backticks: the last part of a Rust path, or the file of a window test.

use std::collections::BTreeSet;

use crate::code::plain;
use crate::tree::Tree;

const DOCUMENT: &str = "src-tauri/ARCHITECTURE.md";

/// Returns invariants without a test, names without a test behind them, and gaps in the numbers.
pub fn unheld(tree: &Tree) -> Vec<String> {
    let Some(text) = tree.get(DOCUMENT) else { return vec![format!("{DOCUMENT} is missing")] };
    let tests = tests(tree);
    let invariants = invariants(text);
    let mut found = vec![];
    if invariants.is_empty() {
        found.push(format!("{DOCUMENT} has no invariant that begins with **I1**"));
    }
    for (place, (number, body)) in invariants.iter().enumerate() {
        if *number != place + 1 {
            found.push(format!("I{number} stands where I{} is due", place + 1));
        }
        let named = named(body);
        if named.is_empty() {
            found.push(format!("I{number} names no test"));
        }
        for name in named {
            let function = name.rsplit("::").next().unwrap_or(name);
            if !tests.contains(function) && tree.get(name).is_none() {
                found.push(format!("I{number} names `{name}`, and there is no such test"));
            }
        }
    }
    found
}

/// Returns number and text of each invariant.
fn invariants(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = vec![];
    let mut open = false;
    for line in text.lines() {
        let start = line.trim_start_matches(['-', '*', ' ', '|']).strip_prefix('I').filter(|_| line.contains("**I"));
        let number = start.and_then(|rest| rest.split("**").next()).and_then(|digits| digits.parse().ok());
        if let Some(number) = number {
            found.push((number, line.to_owned()));
            open = true;
        } else if line.trim().is_empty() || line.starts_with('#') {
            open = false;
        } else if open && let Some((_, body)) = found.last_mut() {
            body.push(' ');
            body.push_str(line);
        }
    }
    found
}

fn named(body: &str) -> Vec<&str> {
    let told = body.split_once("Test:").or_else(|| body.split_once("Tests:")).map_or("", |(_, rest)| rest);
    told.split('`').skip(1).step_by(2).collect()
}

/// Returns the names of all functions under `#[test]`, also inside `proptest!`.
fn tests(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in tree.ending(&[".rs"]) {
        let plain = plain(text);
        for (at, _) in plain.match_indices("#[test]") {
            let Some((_, rest)) = plain[at..].split_once("fn ") else { continue };
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn an_invariant_without_a_test_is_found() {
    let rows = [
        ("- **I1** Bytes are re-read.\n  Test: `fixity::bytes_are_reread`.", 0, "a test that is there"),
        ("- **I1** Bytes are re-read. Tests: `bytes_are_reread`, `tests/e2e/a.mjs`", 0, "several, also a window test"),
        ("- **I1** Bytes are re-read.", 1, "no test named"),
        ("- **I1** `bytes_are_reread` is a function.", 1, "a name outside the list of tests is none"),
        ("- **I1** Bytes. Test: `bytes_are_guessed`.", 1, "a test that is not there"),
        ("- **I1** Bytes. Test: `helper`.", 1, "a function that is no test"),
        ("- **I2** Bytes. Test: `bytes_are_reread`.", 1, "a gap in the numbers"),
        ("Nothing numbered.", 1, "a document without invariants"),
    ];
    for (document, wanted, why) in rows {
        let tree = Tree::of(&[
            (DOCUMENT, document),
            ("a/src/lib.rs", "fn helper() {}\n#[test]\nfn bytes_are_reread() {}"),
            ("tests/e2e/a.mjs", ""),
        ]);
        let found = unheld(&tree);
        assert_eq!(found.len(), wanted, "{why}: {found:?}");
    }
    assert_eq!(unheld(&Tree::of(&[])).len(), 1, "a missing document is told");
}
