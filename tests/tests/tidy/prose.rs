//! Rules on words: imports, markers of unfinished work, paths of one machine.

use crate::tree::Tree;

/// Written in pieces, so that this file does not break its own rule.
const MARKERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
];
const MACHINE: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Returns lines outside `ui/src/host` that import from Tauri.
pub fn tauri_imports(tree: &Tree) -> Vec<String> {
    let pages = tree.ending(&[".ts", ".vue", ".js", ".mjs"]);
    let outside = pages.filter(|(path, _)| path.starts_with("ui/") && !path.starts_with("ui/src/host/"));
    lines(outside, |line| line.contains("@tauri-apps/"))
}

/// Returns lines with a marker of unfinished work.
pub fn unfinished(tree: &Tree) -> Vec<String> {
    lines(tree.files(), |line| MARKERS.iter().any(|marker| line.contains(marker)))
}

/// Returns lines with an absolute path that only one machine has.
pub fn machine_paths(tree: &Tree) -> Vec<String> {
    lines(tree.files(), |line| {
        MACHINE.iter().any(|path| {
            line.match_indices(path).any(|(at, _)| {
                // Behind a letter, a variable or a dot it is part of a longer path or address.
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-})~*".contains(c))
            })
        })
    })
}

fn lines<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in files {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| bad(line)) {
            found.push(format!("{path}:{}: {}", number + 1, line.trim().chars().take(120).collect::<String>()));
        }
    }
    found
}

#[cfg(test)]
fn count(rule: fn(&Tree) -> Vec<String>, path: &str, line: &str) -> usize {
    rule(&Tree::of(&[(path, line)])).len()
}

#[test]
fn a_tauri_import_is_found() {
    let import = "import { invoke } from \"@tauri-apps/api/core\";";
    assert_eq!(count(tauri_imports, "ui/src/docking/DriveCard.vue", import), 1, "a page that knows Tauri");
    assert_eq!(count(tauri_imports, "ui/src/host/tauri.ts", import), 0, "the one folder that may");
}

#[test]
fn a_marker_is_found() {
    for marker in MARKERS {
        assert_eq!(count(unfinished, "a/src/lib.rs", &format!("// {marker} later")), 1, "{marker}");
    }
    assert_eq!(count(unfinished, "a/src/lib.rs", "let method_overridden = true;"), 0, "letters inside a word are none");
}

#[test]
fn a_path_of_one_machine_is_found() {
    for path in MACHINE {
        assert_eq!(count(machine_paths, "a.md", &format!("see {path}main")), 1, "{path}");
        assert_eq!(count(machine_paths, "a.md", &format!("see https://example.org{path}main")), 0, "an address");
        assert_eq!(count(machine_paths, "a.md", &format!("\"$DIR{path}main\"")), 0, "below a variable folder: {path}");
    }
}
