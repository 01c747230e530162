//! Whatever is changed in a package is found.

use crate::bench::{Bench, files, finding, findings, verify};
use model::ProblemCode::{self, *};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::process::Command;

/// Replaces a payload file and everything that speaks of it, as a forger would who forgets nothing.
pub fn replace_and_relist(folder: &Path, path: &str, bytes: &[u8]) {
    let before = fs::metadata(folder.join(path)).map_or(0, |facts| facts.len());
    let added = u64::from(!folder.join(path).exists());
    fs::write(folder.join(path), bytes).unwrap();
    let (size, digests) = fixity::digest(bytes).unwrap();
    relist(&folder.join("manifest-sha256.txt"), path, &digests.sha256.to_string());
    relist(&folder.join("manifest-blake3.txt"), path, &digests.blake3.to_string());
    let info = fs::read_to_string(folder.join("bag-info.txt")).unwrap();
    let oxum = info.lines().find_map(|line| line.strip_prefix("Payload-Oxum: ")).unwrap();
    let (octets, count) = oxum.split_once('.').unwrap();
    let octets = octets.parse::<u64>().unwrap() + size - before;
    let count = count.parse::<u64>().unwrap() + added;
    let oxum = format!("Payload-Oxum: {oxum}\n");
    fs::write(folder.join("bag-info.txt"), info.replace(&oxum, &format!("Payload-Oxum: {octets}.{count}\n"))).unwrap();
    relist_tags(folder);
}

/// Makes the tag manifests agree with the tag files again.
pub fn relist_tags(folder: &Path) {
    for tag in ["bag-info.txt", "bagit.txt", "index.html", "VERIFY.txt", "manifest-blake3.txt", "manifest-sha256.txt"] {
        let bytes = fs::read(folder.join(tag)).unwrap();
        relist(&folder.join("tagmanifest-sha256.txt"), tag, &fixity::sha256_of(&bytes).to_string());
        relist(&folder.join("tagmanifest-blake3.txt"), tag, &fixity::blake3_of(&bytes).to_string());
    }
}

fn relist(list: &Path, path: &str, digest: &str) {
    let text = fs::read_to_string(list).unwrap();
    let mut lines: Vec<(&str, &str)> =
        text.lines().map(|line| (&line[66..], &line[..64])).filter(|(held, _)| *held != path).collect();
    lines.push((path, digest));
    lines.sort_unstable();
    fs::write(list, lines.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect::<String>()).unwrap();
}

/// Flips one bit of a file, looks, and flips it back.
fn flip(path: &Path, offset: u64, bit: u32, look: impl FnOnce()) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    let flipped = [byte[0] ^ (1 << bit)];
    file.write_all_at(&flipped, offset).unwrap();
    look();
    file.write_all_at(&byte, offset).unwrap();
}

#[test]
fn row_56_every_flipped_bit_is_found() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    for path in files(&folder) {
        let size = fs::metadata(folder.join(&path)).unwrap().len();
        // Files that no digest covers from outside: every bit. Lists and declarations: every byte. The rest: samples.
        let (step, bits) = match path.as_str() {
            "tagmanifest-sha256.txt" | "tagmanifest-blake3.txt" | "bagit.txt" => (1, 0..8),
            "manifest-sha256.txt" | "manifest-blake3.txt" | "bag-info.txt" => (1, 0..1),
            _ => (size / 24 + 1, 3..4),
        };
        for offset in (0..size).step_by(usize::try_from(step).unwrap()).chain(size.checked_sub(1)) {
            for bit in bits.clone() {
                flip(&folder.join(&path), offset, (bit + offset as u32) % 8, || {
                    assert!(!findings(&folder).is_empty(), "bit {bit} of byte {offset} of {path} went unseen");
                });
            }
        }
    }
    assert_eq!(findings(&folder), Vec::<String>::new(), "and with all bits back nothing is found");
}

#[test]
fn one_changed_original_is_named_once_per_digest() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    let path = &bench.plan().originals[0][0];
    flip(&folder.join(path), 100, 0, || {
        let expected = [Sha256Differs, Blake3Differs, Sm3Differs].map(|code| finding(code, path));
        assert_eq!(findings(&folder), expected, "three digests, three findings, one file");
    });
}

#[test]
fn row_56_every_removed_added_or_resized_file_is_found() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    for path in files(&folder) {
        let whole = folder.join(&path);
        let bytes = fs::read(&whole).unwrap();
        fs::remove_file(&whole).unwrap();
        let found = findings(&folder);
        let told = found.iter().any(|f| f.ends_with(&format!(" {path}")));
        assert!(told, "removed {path}: {found:?}");
        for (what, changed) in [("longer", [&bytes[..], b"\n"].concat()), ("empty", Vec::new())] {
            fs::write(&whole, &changed).unwrap();
            let seen = changed == bytes || !findings(&folder).is_empty();
            assert!(seen, "{path} made {what} went unseen");
        }
        fs::write(&whole, &bytes).unwrap();
    }
    for below in ["", "data", "data/originals", "data/originals/01", "data/originals/02", "data/statements"] {
        for name in ["x.mp4", ".hidden", "manifest-md5.txt", "Thumbs.db"] {
            let added = Path::new(below).join(name);
            fs::write(folder.join(&added), b"").unwrap();
            let expected = finding(FileAdded, added.to_str().unwrap());
            let found = findings(&folder);
            assert!(found.contains(&expected), "added {}: {found:?}", added.display());
            fs::remove_file(folder.join(&added)).unwrap();
        }
        let empty = Path::new(below).join("empty");
        fs::create_dir(folder.join(&empty)).unwrap();
        assert_eq!(findings(&folder), [finding(FileAdded, &format!("{}/", empty.display()))], "an empty folder");
        fs::remove_dir(folder.join(&empty)).unwrap();
    }
}

#[test]
fn row_57_links_and_special_files_are_told_and_not_followed() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    let odd = folder.join("data/odd");
    symlink("/etc/hostname", &odd).unwrap();
    assert_eq!(findings(&folder), [finding(SymlinkRefused, "data/odd")], "a link to outside");
    fs::remove_file(&odd).unwrap();
    assert!(Command::new("mkfifo").arg(&odd).status().unwrap().success(), "a pipe can be made");
    assert_eq!(findings(&folder), [finding(SpecialFileRefused, "data/odd")], "a pipe is not opened");
    fs::remove_file(&odd).unwrap();
    // The very bytes, but through a link.
    let path = bench.plan().originals[0][0].clone();
    fs::rename(folder.join(&path), bench.path("moved")).unwrap();
    symlink(bench.path("moved"), folder.join(&path)).unwrap();
    let report = verify(&folder);
    assert_eq!(report.checked, 0, "nothing was read once a path leads through a link");
    let found: Vec<String> = report.findings.iter().map(crate::bench::told).collect();
    assert_eq!(found, [finding(SymlinkRefused, &path), finding(PathRefused, &path)], "link and listed path");
    // The same for a folder.
    fs::remove_file(folder.join(&path)).unwrap();
    fs::rename(bench.path("moved"), folder.join(&path)).unwrap();
    fs::rename(folder.join("data/originals"), bench.path("elsewhere")).unwrap();
    symlink(bench.path("elsewhere"), folder.join("data/originals")).unwrap();
    let report = verify(&folder);
    assert_eq!(report.checked, 0, "nothing was read");
    assert!(report.findings.iter().any(|p| p.code == PathRefused && p.path == path), "every path below is refused");
}

#[test]
fn row_57_paths_that_lead_out_stop_verification() {
    for path in ["../x", "data/../../x", "/etc/passwd", "~/x", r"C:\x", "C:/x", r"\\host\share\x", "data//x", "x"] {
        let bench = Bench::new();
        let (folder, _) = bench.bag();
        for name in ["manifest-sha256.txt", "manifest-blake3.txt"] {
            relist(&folder.join(name), path, &"0".repeat(64));
        }
        relist_tags(&folder);
        let report = verify(&folder);
        assert_eq!(report.checked, 0, "no file is touched for {path}");
        let found: Vec<String> = report.findings.iter().map(crate::bench::told).collect();
        assert_eq!(found, [finding(PathRefused, path.replace('\\', r"\\").as_str())], "only the refusal of {path}");
    }
}

/// What is forged, how, and the finding that tells; an empty path stands for the first original.
type Forgery = (&'static str, fn(&Path, &str), ProblemCode, &'static str);

/// Originals and lists of the payload; manifests and tag manifests agree with them.
fn payload_forgeries() -> Vec<Forgery> {
    vec![
        (
            "wrong BLAKE3 beside right SHA-256",
            |f, p| {
                relist(&f.join("manifest-blake3.txt"), p, &"0".repeat(64));
                relist_tags(f);
            },
            Blake3Differs,
            "",
        ),
        (
            "wrong SHA-256 beside right BLAKE3",
            |f, p| {
                relist(&f.join("manifest-sha256.txt"), p, &"0".repeat(64));
                relist_tags(f);
            },
            Sha256Differs,
            "",
        ),
        ("another original, all manifests rewritten", |f, p| replace_and_relist(f, p, b"other"), Sm3Differs, ""),
        (
            "a further original",
            |f, _| replace_and_relist(f, "data/originals/01/new.mp4", b"new"),
            ListDiffers,
            "data/originals/01/new.mp4",
        ),
        (
            "a further file in data",
            |f, _| replace_and_relist(f, "data/statements/09.pdf", b"new"),
            ListDiffers,
            "data/statements/09.pdf",
        ),
        (
            "a statement's list",
            |f, _| replace_and_relist(f, "data/statements/01.sha256", b"new"),
            ListDiffers,
            "data/statements/01.sha256",
        ),
        ("no table", |f, _| replace_and_relist(f, "data/file-list.csv", b""), ListDiffers, "data/file-list.csv"),
    ]
}

/// Tag files; tag manifests agree with them.
fn tag_forgeries() -> Vec<Forgery> {
    vec![
        (
            "wrong size",
            |f, _| {
                let info = fs::read_to_string(f.join("bag-info.txt")).unwrap();
                fs::write(f.join("bag-info.txt"), info.replace("Payload-Oxum: ", "Payload-Oxum: 1")).unwrap();
                relist_tags(f);
            },
            OxumDiffers,
            "bag-info.txt",
        ),
        (
            "other declaration",
            |f, _| {
                fs::write(f.join("bagit.txt"), "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n").unwrap();
                relist_tags(f);
            },
            BagDeclarationWrong,
            "bagit.txt",
        ),
        (
            "a further tag file",
            |f, _| {
                fs::write(f.join("note.txt"), "x").unwrap();
                relist(&f.join("tagmanifest-sha256.txt"), "note.txt", &fixity::sha256_of(b"x").to_string());
                relist(&f.join("tagmanifest-blake3.txt"), "note.txt", &fixity::blake3_of(b"x").to_string());
            },
            FileAdded,
            "note.txt",
        ),
        (
            "one manifest less",
            |f, _| {
                fs::remove_file(f.join("tagmanifest-blake3.txt")).unwrap();
            },
            ManifestMissing,
            "tagmanifest-blake3.txt",
        ),
        (
            "a manifest out of order",
            |f, _| {
                let list = f.join("manifest-sha256.txt");
                let text = fs::read_to_string(&list).unwrap();
                fs::write(&list, text.lines().rev().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
                relist_tags(f);
            },
            ManifestMalformed,
            "manifest-sha256.txt",
        ),
        (
            "a path twice",
            |f, _| {
                let list = f.join("manifest-sha256.txt");
                let text = fs::read_to_string(&list).unwrap();
                fs::write(&list, format!("{}\n{text}", text.lines().next().unwrap())).unwrap();
                relist_tags(f);
            },
            ManifestMalformed,
            "manifest-sha256.txt",
        ),
    ]
}

#[test]
fn row_56_58_a_forger_who_relists_is_found_by_the_other_lists() {
    for (what, forge, code, path) in payload_forgeries().into_iter().chain(tag_forgeries()) {
        let bench = Bench::new();
        let (folder, bag) = bench.bag();
        let original = bench.plan().originals[0][0].clone();
        forge(&folder, &original);
        let expected = finding(code, if path.is_empty() { &original } else { path });
        let report = verify(&folder);
        let found: Vec<String> = report.findings.iter().map(crate::bench::told).collect();
        assert!(found.contains(&expected), "{what}: expected {expected}, found {found:?}");
        let root_tells = report.root != Some(bag.root) || what == "one manifest less";
        assert!(root_tells, "{what}: the root hash on the paper tells too");
    }
}

#[test]
fn what_is_no_package_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let expected = [finding(BagDeclarationWrong, "bagit.txt"), finding(ManifestMissing, "manifest-sha256.txt")];
    assert_eq!(findings(folder.path()), expected, "an empty folder");
    let missing = archive::verify(&folder.path().join("nothing"), &crate::bench::Silent);
    assert!(matches!(missing, Err(archive::ArchiveError::Read { .. })), "no such path is an error: {missing:?}");
}
