//! `evidock verify` finds every single change, in a folder and in an image, without a vault.

use crate::bench::{Bench, text};
use crate::journey::packaged;
use crate::strangers::{digests, files_below, tool};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const SECTOR: usize = 2048;

/// Returns the findings of a place that has to have some, as pairs of code and path.
fn findings(bench: &Bench, place: &Path) -> BTreeSet<(String, String)> {
    let words = ["verify", place.to_str().unwrap()];
    // Without a vault to lean on.
    let mut command = bench.command(&words);
    let ended = command.env_remove("EVIDOCK_VAULT").arg("--json").output().unwrap();
    let document: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(1), "a changed package has findings: {document}");
    let list = document["findings"].as_array().unwrap();
    assert!(document["clean"] == false && !list.is_empty(), "it says what it found: {document}");
    list.iter().map(|one| (text(one, "code").to_owned(), text(one, "path").to_owned())).collect()
}

/// Fails unless a changed file is named. A changed list may be told by what it lists instead.
fn names(found: &BTreeSet<(String, String)>, file: &str) {
    let named = found.iter().any(|(_, path)| path == file);
    assert!(named || file.ends_with(".txt"), "a bit of {file}: {found:?}");
}

fn copy(from: &Path, to: &Path) {
    tool("cp", &["-a", from.to_str().unwrap(), to.to_str().unwrap()], Path::new("."));
    tool("chmod", &["-R", "u+w", to.to_str().unwrap()], Path::new("."));
}

fn flip(file: &Path, at: u64) {
    let open = fs::OpenOptions::new().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    open.read_exact_at(&mut byte, at).unwrap();
    open.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

fn relative(folder: &Path) -> Vec<PathBuf> {
    files_below(folder).iter().map(|file| file.strip_prefix(folder).unwrap().to_owned()).collect()
}

#[test]
fn row_56_every_change_of_a_folder_is_found() {
    let bench = Bench::new();
    let (package, _) = packaged(&bench);
    let changed = bench.path("changed");
    copy(&package, &changed);
    let files = relative(&package);
    assert!(files.len() > 10, "originals, papers, lists and tag files: {files:?}");
    for name in &files {
        let (file, shown) = (changed.join(name), name.to_str().unwrap());
        let whole = fs::read(&file).unwrap();
        flip(&file, whole.len() as u64 / 2);
        names(&findings(&bench, &changed), shown);
        fs::remove_file(&file).unwrap();
        let found = findings(&bench, &changed);
        let told = found.contains(&("file_missing".to_owned(), shown.to_owned()));
        assert!(told || !shown.starts_with("data/"), "a missing payload file is named: {found:?}");
        fs::write(&file, &whole).unwrap();
    }
    let folders: BTreeSet<&Path> = files.iter().map(|name| name.parent().unwrap()).collect();
    for folder in folders {
        for added in ["stranger.txt", ".hidden", "empty folder/"] {
            let name = folder.join(added);
            let path = changed.join(&name);
            if added.ends_with('/') {
                fs::create_dir(&path).unwrap()
            } else {
                fs::write(&path, "x").unwrap()
            }
            let found = findings(&bench, &changed);
            let shown = name.to_str().unwrap().trim_end_matches('/');
            let told = found.iter().any(|(code, path)| code == "file_added" && path.trim_end_matches('/') == shown);
            assert!(told, "{shown} does not belong there: {found:?}");
            if added.ends_with('/') { fs::remove_dir(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
        }
    }
    bench.clean(&["verify", changed.to_str().unwrap()]);
}

#[test]
fn row_58_a_wrong_blake3_beside_a_right_sha256_is_found() {
    let bench = Bench::new();
    let (package, _) = packaged(&bench);
    let (list, tag_lists) = (package.join("manifest-blake3.txt"), ["tagmanifest-sha256.txt", "tagmanifest-blake3.txt"]);
    tool("chmod", &["-R", "u+w", package.to_str().unwrap()], Path::new("."));
    let lines = fs::read_to_string(&list).unwrap();
    let (digest, path) = lines.lines().find_map(|line| line.split_once("  data/originals/")).unwrap();
    let path = format!("data/originals/{path}");
    let last = if digest.ends_with('0') { "1" } else { "0" };
    fs::write(&list, lines.replace(digest, &(digest[..63].to_owned() + last))).unwrap();
    // Whoever forges the line puts the lists above it right as well.
    for (tag_list, program) in tag_lists.into_iter().zip(["sha256sum", "b3sum"]) {
        let old = fs::read_to_string(package.join(tag_list)).unwrap();
        let held = old.lines().find(|line| line.ends_with("  manifest-blake3.txt")).unwrap()[..64].to_owned();
        let now = digests(program, std::slice::from_ref(&list)).remove(&list).unwrap();
        fs::write(package.join(tag_list), old.replace(&held, &now)).unwrap();
    }
    tool("sha256sum", &["--check", "--strict", "--quiet", "manifest-sha256.txt"], &package);
    tool("sha256sum", &["--check", "--strict", "--quiet", "tagmanifest-sha256.txt"], &package);
    let found = findings(&bench, &package);
    assert_eq!(found, BTreeSet::from([("blake3_differs".to_owned(), path)]), "sha256sum finds nothing wrong here");
}

/// Returns where a file's bytes lie in an image.
fn place_of(image: &[u8], content: &[u8]) -> u64 {
    let sectors = (0..image.len()).step_by(SECTOR);
    let place = sectors.into_iter().find(|at| image[*at..].starts_with(content));
    place.expect("a file begins at a sector and lies in one piece") as u64
}

#[test]
fn row_59_every_change_of_an_image_is_found() {
    let bench = Bench::new();
    let (package, image) = packaged(&bench);
    let (bytes, changed) = (fs::read(&image).unwrap(), bench.path("changed.iso"));
    for name in relative(&package) {
        let content = fs::read(package.join(&name)).unwrap();
        fs::write(&changed, &bytes).unwrap();
        flip(&changed, place_of(&bytes, &content) + content.len() as u64 / 2);
        let found = findings(&bench, &changed);
        names(&found, name.to_str().unwrap());
    }
    // Bytes of the file system itself: names, tables, padding.
    for at in (16 * SECTOR as u64..bytes.len() as u64).step_by(bytes.len() / 40) {
        fs::write(&changed, &bytes).unwrap();
        flip(&changed, at);
        assert!(!findings(&bench, &changed).is_empty(), "a bit at {at}");
    }
    fs::write(&changed, &bytes[..bytes.len() - 64 * SECTOR]).unwrap();
    assert!(!findings(&bench, &changed).is_empty(), "an image that was cut off");
    let original = relative(&package).into_iter().find(|name| name.starts_with("data/originals")).unwrap();
    let (original, stranger) = (format!("/{}", original.display()), bench.text("stranger.txt"));
    fs::write(&stranger, "x").unwrap();
    let edits: [(&[&str], &str, &str); 3] = [
        (&["-rm", &original, "--"], "file_missing", &original),
        (&["-map", &stranger, "/data/stranger.txt"], "file_added", "/data/stranger.txt"),
        (&["-map", &stranger, "/stranger.txt"], "file_added", "/stranger.txt"),
    ];
    for (edit, code, path) in edits {
        fs::write(&changed, &bytes).unwrap();
        let image = ["-dev", changed.to_str().unwrap()];
        tool("xorriso", &[&image, edit, &["-commit"]].concat(), Path::new("."));
        let found = findings(&bench, &changed);
        assert!(found.contains(&(code.to_owned(), path[1..].to_owned())), "{edit:?}: {found:?}");
    }
}
