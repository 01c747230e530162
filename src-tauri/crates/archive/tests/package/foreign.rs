//! Bags of other makers are held to RFC 8493, not to our own rules.

use crate::bench::{finding, findings, verify};
use model::ProblemCode::{self, *};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

/// A bag as bagit-python makes it, with one payload file and spellings that only RFC 8493 allows.
fn bag() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("data/sub/empty")).unwrap();
    fs::write(at.join("data/sub/a\nb%.txt"), b"hello").unwrap();
    fs::write(at.join("bagit.txt"), "BagIt-Version: 0.97\r\nTag-File-Character-Encoding: UTF-8\r\n").unwrap();
    fs::write(at.join("bag-info.txt"), "Bag-Software-Agent: bagit.py v1.9.0\nPayload-Oxum: 5.1\n").unwrap();
    fs::write(at.join("extra-tag.txt"), "unlisted tag files are allowed").unwrap();
    let sha256 = fixity::sha256_of(b"hello").to_string().to_uppercase();
    fs::write(at.join("manifest-sha256.txt"), format!("{sha256} *data/sub/a%0ab%25.txt\n")).unwrap();
    fs::write(at.join("manifest-md5.txt"), "5d41402abc4b2a76b9719d911017c592\tdata/sub/a%0Ab%25.txt").unwrap();
    folder
}

#[test]
fn a_valid_bag_of_another_maker_passes() {
    let folder = bag();
    let report = verify(folder.path());
    assert_eq!(report.findings, [], "RFC 8493 is met");
    assert!(!report.ours, "it is not taken for ours");
    assert_eq!(report.unchecked, ["manifest-md5.txt"], "what was not computed is said");
    assert_eq!((report.checked, report.bytes, report.root), (1, 5, None), "one file, no tag manifest");
}

#[test]
fn an_invalid_bag_of_another_maker_is_found() {
    type Spoil = fn(&Path);
    let rows: Vec<(&str, Spoil, ProblemCode, &str)> = vec![
        (
            "changed",
            |f| fs::write(f.join("data/sub/a\nb%.txt"), b"hellO").unwrap(),
            Sha256Differs,
            "data/sub/a\nb%.txt",
        ),
        ("missing", |f| fs::remove_file(f.join("data/sub/a\nb%.txt")).unwrap(), FileMissing, "data/sub/a\nb%.txt"),
        ("unlisted", |f| fs::write(f.join("data/x"), b"").unwrap(), FileAdded, "data/x"),
        ("a link", |f| symlink("/etc/hostname", f.join("data/x")).unwrap(), SymlinkRefused, "data/x"),
        (
            "only MD5",
            |f| fs::remove_file(f.join("manifest-sha256.txt")).unwrap(),
            ManifestMissing,
            "manifest-sha256.txt",
        ),
        ("oxum", |f| fs::write(f.join("bag-info.txt"), "Payload-Oxum: 6.1\n").unwrap(), OxumDiffers, "bag-info.txt"),
        ("no declaration", |f| fs::remove_file(f.join("bagit.txt")).unwrap(), BagDeclarationWrong, "bagit.txt"),
        (
            "garbage",
            |f| fs::write(f.join("manifest-md5.txt"), [0xff, 0xfe]).unwrap(),
            ManifestMalformed,
            "manifest-md5.txt",
        ),
        (
            "tag list",
            |f| {
                let line = format!("{}  bagit.txt\n", "0".repeat(64));
                fs::write(f.join("tagmanifest-sha256.txt"), line).unwrap();
            },
            Sha256Differs,
            "bagit.txt",
        ),
        (
            "BLAKE3",
            |f| {
                let line = format!("{}  data/sub/a%0Ab%25.txt\n", "0".repeat(64));
                fs::write(f.join("manifest-blake3.txt"), line).unwrap();
            },
            Blake3Differs,
            "data/sub/a\nb%.txt",
        ),
        ("fetch", |f| fs::write(f.join("fetch.txt"), "http://x/ - ../x\n").unwrap(), PathRefused, "../x"),
        (
            "tag path",
            |f| {
                let line = format!("{}  ../secret\n", "0".repeat(64));
                fs::write(f.join("tagmanifest-sha256.txt"), line).unwrap();
            },
            PathRefused,
            "../secret",
        ),
    ];
    for (what, spoil, code, path) in rows {
        let folder = bag();
        spoil(folder.path());
        let found = findings(folder.path());
        assert!(found.contains(&finding(code, path)), "{what}: found {found:?}");
    }
}
