use crate::put;
use dock::{BINDING_FILE, Binding, DockError, Profiles, RecogniseLimits, recognise};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn the_deepest_evidence_wins() {
    let dsj = "DCIM/20261121/DSJA_000123_20261121090205_0001.MP4";
    let yzx = "VIDEO/2026-11-21/09-02-05_00042_001.mp4";
    let hb = "FILE/261121/REC0007_261121_090205.AVI";
    let dcf = "DCIM/100ABCDE/ABCD0001.MP4";
    let rows: &[(&str, &[&str], &str, &[&str])] = &[
        ("dsj-a", &[dsj, "DCIM/20261121/thumbs.db"], "dsj-a", &["000123"]),
        ("yzx-v", &[yzx, "LOG/2026-11-21.txt"], "yzx-v", &["00042"]),
        ("hb-cam", &[hb], "hb-cam", &[]),
        ("lower case", &[&dsj.to_ascii_lowercase()], "dsj-a", &["000123"]),
        ("any camera", &[dcf], "dcim", &[]),
        ("one maker's clip among a camera's", &[dcf, "DCIM/100ABCDE/ABCD0002.MP4", dsj], "dsj-a", &["000123"]),
        ("a camera's clip beside a maker's empty folder", &[dcf, "DCIM/20261121/"], "dcim", &[]),
        ("a maker's dated folder", &["DCIM/20261121/"], "dsj-a", &[]),
        ("only the maker's logs", &["LOG/2026-11-21.txt"], "yzx-v", &[]),
        ("DCIM alone", &["DCIM/"], "dcim", &[]),
        ("a first folder that could be anyone's", &["FILE/report.doc", "VIDEO/"], "other", &[]),
        ("a folder named like a clip", &["FILE/261121/REC0007_261121_090205.AVI/"], "hb-cam", &[]),
        ("a file named like a folder", &["FILE/261121"], "other", &[]),
        (
            "two recorders' clips",
            &[dsj, "DCIM/20261121/DSJA_000999_20261121090205_0001.MP4"],
            "dsj-a",
            &["000123", "000999"],
        ),
        ("nothing", &[], "other", &[]),
        ("office files", &["通知.docx", "a/b/c.pdf"], "other", &[]),
    ];
    let profiles = Profiles::builtin();
    for (what, files, expected, serials) in rows {
        let drive = tempfile::tempdir().unwrap();
        for file in *files {
            match file.strip_suffix('/') {
                Some(folder) => fs::create_dir_all(drive.path().join(folder)).unwrap(),
                None => put(drive.path(), file, "x"),
            }
        }
        let found = recognise(drive.path(), &profiles, &RecogniseLimits::default()).unwrap();
        assert_eq!(found.profile.as_str(), *expected, "{what}");
        assert_eq!(found.serials.iter().map(String::as_str).collect::<Vec<_>>(), *serials, "serials of: {what}");
    }
}

#[test]
fn recognising_stays_within_its_limits_and_follows_no_link() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "outside/20261121/DSJA_000123_20261121090205_0001.MP4", "x");
    let drive = place.path().join("drive");
    fs::create_dir(&drive).unwrap();
    symlink(place.path().join("outside"), drive.join("DCIM")).unwrap();
    let profiles = Profiles::builtin();
    let of = |limits| recognise(&drive, &profiles, &limits).unwrap().profile.to_string();
    assert_eq!(of(RecogniseLimits::default()), "other", "a link named DCIM is no evidence");

    for n in 0..600 {
        put(&drive, &format!("{n}.txt"), "x");
        put(&drive, &format!("VIDEO/2026-11-21/{n}.txt"), "x");
        put(&drive, &format!("FILE/261121/{n}.txt"), "x");
    }
    put(&drive, "FILE/261121/REC0007_261121_090205.AVI", "x");
    let tight = RecogniseLimits { folder_files_max: 10_000, entries_max: 10_000 };
    assert_eq!(of(tight), "hb-cam", "files in other folders do not hide a clip");
    assert_eq!(of(RecogniseLimits { entries_max: 0, ..tight }), "other", "nothing looked at, nothing found");
}

#[test]
fn the_binding_file_is_read_with_suspicion() {
    let good = "serial = \"DSJA000123\"\nname = \"DSJ-A 03号\"\n";
    let bound = Binding::Bound { serial: "DSJA000123".into(), name: "DSJ-A 03号".into() };
    let rows: &[(&[u8], Result<&Binding, &str>)] = &[
        (good.as_bytes(), Ok(&bound)),
        (b"serial = \"DSJA000123\"", Err("missing field `name`")),
        (b"serial = \"1\"\nname = \"x\"\nkey = 1", Err("unknown field `key`")),
        (b"serial = \"\"\nname = \"x\"", Err("the serial is not")),
        (b"serial = \"../1\"\nname = \"x\"", Err("the serial is not")),
        ("serial = \"1\"\nname = \"a\u{202e}b\"".as_bytes(), Err("the name is not")),
        (b"serial = ", Err(BINDING_FILE)),
        (b"\xff\xfe", Err("cannot read")),
        (&[b'#'; 5000], Err("longer than 4096 bytes")),
    ];
    let profiles = Profiles::builtin();
    let drive = tempfile::tempdir().unwrap();
    let binding = || recognise(drive.path(), &profiles, &RecogniseLimits::default()).unwrap().binding;
    assert_eq!(binding(), Binding::None, "no file, no binding");
    let check = |got: Binding, expected: &Result<&Binding, &str>, what: &str| match (&got, expected) {
        (got, Ok(expected)) => assert_eq!(got, *expected, "{what}"),
        (Binding::Malformed { reason }, Err(expected)) => {
            assert!(reason.contains(expected), "{what} was refused for {reason:?}");
        }
        (got, Err(expected)) => panic!("{what} gave {got:?}, not malformed for {expected}"),
    };
    let file = drive.path().join(BINDING_FILE);
    for (text, expected) in rows {
        fs::write(&file, text).unwrap();
        check(binding(), expected, &String::from_utf8_lossy(text));
    }
    fs::remove_file(&file).unwrap();
    symlink("/etc/hostname", &file).unwrap();
    check(binding(), &Err("leads through a link"), "a link");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    check(binding(), &Err("no regular file"), "a folder");
}

#[test]
fn a_drive_that_cannot_be_listed_is_an_error() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "file", "x");
    symlink(place.path(), place.path().join("link")).unwrap();
    for name in ["gone", "file", "link"] {
        let found = recognise(&place.path().join(name), &Profiles::builtin(), &RecogniseLimits::default());
        assert!(matches!(found, Err(DockError::Drive { .. })), "{name} gave {found:?}");
    }
}
