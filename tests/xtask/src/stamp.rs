//! Stamps below `target/xtask`: remember for which input a step was last done.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::{Outcome, failed, root};

/// Folders that are made from the input and never part of it.
const MADE: &[&str] = &["node_modules", "dist", ".vite"];

/// Returns a number for names and contents of all files below the places.
pub fn of(places: &[PathBuf]) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for place in places {
        feed(&mut hasher, place)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Tells whether the step was done for this input.
pub fn current(step: &str, input: &str) -> bool {
    fs::read_to_string(file(step)).is_ok_and(|kept| kept == input)
}

/// Remembers that the step was done for this input.
pub fn keep(step: &str, input: &str) -> Outcome {
    let file = file(step);
    let folder = file.parent().expect("a stamp lies in a folder");
    fs::create_dir_all(folder).map_err(failed(format!("无法建立 {}", folder.display())))?;
    fs::write(&file, input).map_err(failed(format!("无法写入 {}", file.display())))
}

fn file(step: &str) -> PathBuf {
    root().join("target/xtask").join(step)
}

fn feed(hasher: &mut DefaultHasher, place: &Path) -> Outcome {
    let name = place.file_name().unwrap_or_default();
    if MADE.iter().any(|made| name == *made) {
        return Ok(());
    }
    hasher.write(name.as_encoded_bytes());
    hasher.write_u8(0);
    if !place.is_dir() {
        let bytes = fs::read(place).map_err(failed(format!("无法读取 {}", place.display())))?;
        hasher.write_usize(bytes.len());
        hasher.write(&bytes);
        return Ok(());
    }
    let entries = fs::read_dir(place).map_err(failed(format!("无法读取 {}", place.display())))?;
    let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    below.sort();
    below.iter().try_for_each(|entry| feed(hasher, entry))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn print(folder: &Path) -> String {
        of(&[folder.to_owned()]).ok().unwrap()
    }

    #[test]
    fn a_stamp_follows_names_and_contents_and_nothing_made() {
        let folder = root().join("target/xtask-test-stamp");
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        fs::write(folder.join("src/a.ts"), "a").unwrap();
        let first = print(&folder);
        fs::write(folder.join("node_modules/x.js"), "installed").unwrap();
        assert_eq!(print(&folder), first, "what npm installs is no source");
        fs::write(folder.join("src/a.ts"), "b").unwrap();
        let second = print(&folder);
        assert_ne!(second, first, "a changed file asks for a new build");
        fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        assert_ne!(print(&folder), second, "a renamed file asks for a new build");
        fs::remove_dir_all(&folder).unwrap();
    }
}
