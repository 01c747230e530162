//! The tree keeps its own rules: direction between rooms, where heavy packages live, clocks, sizes, words, and that
//! every invariant of ARCHITECTURE.md names a test. Each rule shows here that it can fail.
#![allow(clippy::unwrap_used)]

mod code;
mod coverage;
mod invariants;
mod manifests;
mod prose;
mod sizes;
mod tree;

use tree::Tree;

/// Fails with every violation on a line of its own.
fn check(rule: &str, violations: Vec<String>) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}

#[test]
fn rooms_use_only_lower_rooms() {
    let tree = Tree::of_the_checkout();
    check("a room uses rooms of lower tiers only", manifests::Workspace::read(&tree).directions());
}

#[test]
fn heavy_packages_stay_in_their_rooms() {
    let tree = Tree::of_the_checkout();
    check("a heavy package has one room", manifests::Workspace::read(&tree).strays());
}

#[test]
fn dependencies_are_declared_once_with_a_reason() {
    let tree = Tree::of_the_checkout();
    let workspace = manifests::Workspace::read(&tree);
    check("versions stand in the root manifest", workspace.own_versions());
    check("what is declared is used", workspace.unused());
    check("a package beyond the card says why", manifests::without_reason(tree.text("Cargo.toml")));
}

#[test]
fn nothing_below_station_asks_for_time_or_chance() {
    let tree = Tree::of_the_checkout();
    check("time, ids and chance enter as arguments", code::clocks(&tree, &manifests::Workspace::read(&tree)));
}

#[test]
fn functions_and_files_stay_short() {
    let tree = Tree::of_the_checkout();
    check("a function has at most 70 lines", sizes::long_functions(&tree));
    check("a file has at most 500 lines, a test 800", sizes::long_files(&tree));
}

#[test]
fn tauri_is_imported_in_one_folder() {
    check("only ui/src/host knows Tauri", prose::tauri_imports(&Tree::of_the_checkout()));
}

#[test]
fn nothing_is_left_for_later() {
    check("no marker of unfinished work", prose::unfinished(&Tree::of_the_checkout()));
}

#[test]
fn no_path_of_one_machine() {
    check("no absolute path of the machine it was written on", prose::machine_paths(&Tree::of_the_checkout()));
}

#[test]
fn every_invariant_has_its_test() {
    let tree = Tree::of_the_checkout();
    check("ARCHITECTURE.md names a test for each invariant", invariants::unheld(&tree));
}

#[test]
fn every_article_says_where_it_is_met_and_what_proves_it() {
    let tree = Tree::of_the_checkout();
    check("each article of each regulation is answered for", coverage::faults(&tree));
    check("what is said to be met has its test", coverage::unproven(&tree));
}

/// Writes the page anew where `EVIDOCK_BLESS` is set.
#[test]
fn the_coverage_page_is_what_the_table_says() {
    let page = coverage::page(&Tree::of_the_checkout()).unwrap();
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(coverage::PAGE);
    if std::env::var_os("EVIDOCK_BLESS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "{} differs from its table; EVIDOCK_BLESS=1 writes it anew", coverage::PAGE);
}
