//! Rust source without comments, words and tests, and the rule on clocks that needs it.

use crate::manifests::{Tier, Workspace};
use crate::tree::Tree;

/// Asks for time, ids or chance.
const ASKS: &[&str] =
    &["SystemTime::now", "Utc::now", "Local::now", "Ulid::new", "Uuid::new_v4", "thread_rng", "getrandom", "rand::"];
const MONOTONIC: &str = "Instant::now";

/// Files below `station` that measure a lapse of time; none of it is ever recorded.
const LAPSES: &[(&str, &str)] = &[("src-tauri/crates/media/src/child.rs", "ends a decoder that hangs")];

/// Returns calls below `station` that ask for time, ids or chance.
pub fn clocks(tree: &Tree, workspace: &Workspace) -> Vec<String> {
    let station = workspace.rooms.iter().find(|room| room.name == "station").expect("there is a station").tier;
    let below = workspace.rooms.iter().filter(|room| room.tier < station && room.tier != Tier::Workshop);
    let folders: Vec<String> = below.map(|room| format!("{}/src/", room.folder)).collect();
    let mut found = vec![];
    for (path, text) in tree.ending(&[".rs"]).filter(|(path, _)| folders.iter().any(|f| path.starts_with(f.as_str()))) {
        if path.ends_with("/tests.rs") {
            continue;
        }
        let lapse = LAPSES.iter().any(|(listed, _)| *listed == path);
        for (number, line) in without_tests(&plain(text)).lines().enumerate() {
            let asks = ASKS.iter().any(|call| line.contains(call)) || (line.contains(MONOTONIC) && !lapse);
            if asks {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    let stale = LAPSES.iter().filter(|(path, _)| !tree.get(path).is_some_and(|text| text.contains(MONOTONIC)));
    found.extend(stale.map(|(path, _)| format!("{path} measures nothing any more; take it off the list")));
    found
}

/// Returns the source with comments, string and character contents as spaces; lines stay where they are.
pub fn plain(source: &str) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = opaque(&bytes, at);
        if end > at {
            out.extend(bytes[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// Returns where the comment, string or character that begins here ends; `at` when none begins.
fn opaque(text: &[char], at: usize) -> usize {
    let starts = |word: &str| word.chars().enumerate().all(|(i, c)| text.get(at + i) == Some(&c));
    let identifier = at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    if starts("//") {
        return text[at..].iter().position(|c| *c == '\n').map_or(text.len(), |n| at + n);
    }
    if starts("/*") {
        return (at + 2..text.len())
            .find(|i| text[*i] == '*' && text.get(i + 1) == Some(&'/'))
            .map_or(text.len(), |i| i + 2);
    }
    if !identifier && (starts("r\"") || starts("r#")) {
        return raw_string(text, at);
    }
    match text[at] {
        '"' => quoted(text, at, '"'),
        // A lifetime has no second quote within two characters, or within an escape.
        '\'' if text.get(at + 1) == Some(&'\\') || text.get(at + 2) == Some(&'\'') => quoted(text, at, '\''),
        _ => at,
    }
}

fn raw_string(text: &[char], at: usize) -> usize {
    let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
    if text.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let closes = |i: &usize| text[*i] == '"' && text[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    (at + 2 + hashes..text.len()).find(closes).map_or(text.len(), |i| i + 1 + hashes)
}

fn quoted(text: &[char], at: usize, quote: char) -> usize {
    let mut i = at + 1;
    while i < text.len() && text[i] != quote {
        i += if text[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(text.len())
}

/// Returns plain source with every item under `#[cfg(test)]` or `#[test]` as blank lines.
pub fn without_tests(plain: &str) -> String {
    let mut out = plain.to_owned();
    for mark in ["#[cfg(test)]", "#[test]"] {
        while let Some(start) = out.find(mark) {
            let end = item_end(&out, start + mark.len());
            let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            out.replace_range(start..end, &blank);
        }
    }
    out
}

/// Returns where the item that begins here ends: at its `;`, or behind its braces.
pub fn item_end(plain: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (i, c) in plain[from..].char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if c == '}' && depth == 0 {
                    return from + i + 1;
                }
            }
            ';' if depth == 0 => return from + i + 1,
            _ => {}
        }
    }
    plain.len()
}

#[test]
fn only_code_is_left_of_source() {
    let source = "let a = \"now() \\\" }\"; // now() {\nlet b = r#\"\"now()\" {\"#; /* now()\n */ let c: &'a str = '{'; f('\\'')";
    let left = plain(source);
    assert!(!left.contains("now") && !left.contains('{'), "words and comments are blank: {left}");
    assert!(left.contains("let c: &'a str") && left.contains("f("), "code and lifetimes stay: {left}");
    assert_eq!(left.lines().count(), source.lines().count(), "lines keep their numbers");
}

#[test]
fn a_clock_is_found_where_it_counts() {
    let root = "[workspace]\nmembers = [\n# Tier 2: a\n\"dock\",\n# Tier 4: b\n\"station\",\n]\n";
    let rows = [
        ("dock/src/a.rs", "fn a() { let t = Utc::now(); }", 1, "time below station"),
        ("dock/src/a.rs", "fn a() { std::time::Instant::now(); }", 1, "a lapse without a listed reason"),
        ("dock/src/a.rs", "fn a() { let id = ulid::Ulid::new(); }", 1, "chance below station"),
        ("dock/src/a.rs", "// Utc::now is forbidden\nfn a() {}", 0, "a comment asks nothing"),
        ("dock/src/a.rs", "#[cfg(test)]\nmod tests { fn a() { Utc::now(); } }", 0, "tests may"),
        ("dock/src/a.rs", "#[cfg(test)]\nmod tests { }\nfn a() { Utc::now(); }", 1, "code behind the tests may not"),
        ("dock/tests/a.rs", "fn a() { Utc::now(); }", 0, "tests may"),
        ("station/src/a.rs", "fn a() { Utc::now(); }", 0, "station may"),
    ];
    for (path, text, wanted, why) in rows {
        let tree = Tree::of(&[
            ("Cargo.toml", root),
            ("dock/Cargo.toml", "[package]\nname = \"dock\""),
            ("station/Cargo.toml", "[package]\nname = \"station\""),
            (path, text),
        ]);
        let found = clocks(&tree, &Workspace::read(&tree));
        let asked = found.iter().filter(|line| line.starts_with(path)).count();
        assert_eq!(asked, wanted, "{why}: {found:?}");
        assert_eq!(found.len() - asked, LAPSES.len(), "a listed file that measures nothing is told");
    }
}
