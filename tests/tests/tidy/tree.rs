//! The files of the checkout: everything that `.gitignore` does not name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Kinds of files that people write; others are data.
const WRITTEN: &[&str] =
    &["rs", "ts", "vue", "mjs", "js", "css", "html", "toml", "json", "md", "svg", "yml", "yaml", "sh", "sql"];

/// Text of every written file by its path from the root.
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    pub fn of_the_checkout() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
        let mut skipped: Vec<PathBuf> = ignored
            .lines()
            .filter(|line| line.starts_with('/'))
            .map(|line| root.join(line.trim_matches('/')))
            .collect();
        skipped.push(root.join(".git"));
        let mut files = BTreeMap::new();
        gather(root, root, &skipped, &mut files);
        assert!(files.contains_key("Cargo.toml"), "the walk starts at the root");
        Self(files)
    }

    /// Makes a tree of samples.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    pub fn text(&self, path: &str) -> &str {
        self.get(path).unwrap_or_else(|| panic!("{path} is part of the tree"))
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Returns the files with one of the endings.
    pub fn ending(&self, endings: &'static [&'static str]) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| endings.iter().any(|ending| path.ends_with(ending)))
    }
}

fn gather(root: &Path, folder: &Path, skipped: &[PathBuf], files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if skipped.contains(&path) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            gather(root, &path, skipped, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().expect("names in the tree are plain").to_owned();
        let written = path.extension().is_none_or(|kind| WRITTEN.iter().any(|known| kind == *known));
        if written && let Ok(text) = fs::read_to_string(&path) {
            files.insert(name, text);
        }
    }
}
