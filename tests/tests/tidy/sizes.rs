//! Rules on length: what does not fit on a screen or two is not read.

use crate::code::{item_end, plain};
use crate::tree::Tree;

const FUNCTION_LINES: usize = 70;
const FILE_LINES: usize = 500;
const TEST_FILE_LINES: usize = 800;

/// Files that may be longer, and why.
const TABLES: &[(&str, &str)] = &[
    ("ui/src/text/zh-CN.ts", "every word of the window in one place"),
    ("ui/src/host/generated/wire.ts", "generated"),
];

/// Returns Rust functions with too many lines.
pub fn long_functions(tree: &Tree) -> Vec<String> {
    let mut found = vec![];
    for (path, text) in tree.ending(&[".rs"]) {
        let plain = plain(text);
        for (start, _) in plain.match_indices("fn ") {
            let before = plain[..start].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let lines = plain[start..item_end(&plain, start)].lines().count();
            if lines > FUNCTION_LINES {
                let name: String =
                    plain[start + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                found.push(format!("{path}: {name} has {lines} lines"));
            }
        }
    }
    found
}

/// Returns source files with too many lines.
pub fn long_files(tree: &Tree) -> Vec<String> {
    let sources = tree.ending(&[".rs", ".ts", ".vue", ".mjs", ".css"]);
    let open = sources.filter(|(path, _)| !TABLES.iter().any(|(listed, _)| listed == path));
    let measured = open.map(|(path, text)| (path, text.lines().count()));
    let long = measured.filter(|(path, lines)| *lines > if is_test(path) { TEST_FILE_LINES } else { FILE_LINES });
    long.map(|(path, lines)| format!("{path} has {lines} lines")).collect()
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests") || path.ends_with("tests.rs") || path.contains(".test.")
}

#[test]
fn a_long_function_is_found() {
    let body = |lines: usize| {
        format!("impl A {{\n    fn a(&self) -> u8 {{\n{}        1\n    }}\n}}\n", "        x();\n".repeat(lines))
    };
    for (lines, wanted) in [(67, 0), (68, 1)] {
        let found = long_functions(&Tree::of(&[("a.rs", &body(lines))]));
        assert_eq!(found.len(), wanted, "{lines} lines of body and three around them: {found:?}");
    }
    let hidden = format!("fn a() {{ let s = \"}}\";\n{}}}\n", "x();\n".repeat(70));
    assert_eq!(long_functions(&Tree::of(&[("a.rs", &hidden)])).len(), 1, "a brace in words closes nothing");
}

#[test]
fn a_long_file_is_found() {
    let rows = [
        ("a/src/a.rs", 500, 0),
        ("a/src/a.rs", 501, 1),
        ("ui/src/a.vue", 501, 1),
        ("a/tests/a.rs", 501, 0),
        ("a/tests/a.rs", 801, 1),
        ("a/data.json", 9999, 0),
        ("ui/src/text/zh-CN.ts", 501, 0),
    ];
    for (path, lines, wanted) in rows {
        let text = "x\n".repeat(lines);
        assert_eq!(long_files(&Tree::of(&[(path, &text)])).len(), wanted, "{path} with {lines} lines");
    }
}
