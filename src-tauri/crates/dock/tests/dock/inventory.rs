use crate::mounted::{ExfatCard, Tmpfs};
use crate::put;
use dock::{Entry, EntryKind, Inventory, InventoryLimits, Profiles, SourceError, inventory, open_source};
use model::{Problem, ProblemCode, StationZone};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn take(root: &Path, profile: &str, limits: InventoryLimits) -> (Inventory, Vec<Problem>) {
    let profiles = Profiles::builtin();
    inventory(root, profiles.get(profile).unwrap(), StationZone::beijing(), &limits)
}

fn shown(inventory: &Inventory) -> Vec<&str> {
    inventory.entries.iter().map(|entry| entry.shown.as_str()).collect()
}

fn said(problems: &[Problem]) -> Vec<(ProblemCode, &str)> {
    problems.iter().map(|problem| (problem.code, problem.path.as_str())).collect()
}

#[test]
fn every_regular_file_is_listed_with_its_time() {
    let drive = tempfile::tempdir().unwrap();
    for (path, content) in [
        ("VIDEO/2026-11-21/09-02-05_00042_001.mp4", "film"),
        ("PHOTO/2026-11-21/09-03-00_00042_002.jpg", "photo"),
        ("AUDIO/2026-11-21/site.wav", "sound"),
        ("LOG/2026-11-21.txt", "log"),
        ("LOG.old", "before a slash by raw bytes, after a folder by components"),
        (".hidden/System Volume Information/x", "hidden"),
        ("a.txt", "loose"),
        ("evidock-recorder.toml", "serial = \"1\"\nname = \"1\""),
        ("VIDEO/evidock-recorder.toml", "not at the root, so not ours"),
    ] {
        put(drive.path(), path, content);
    }
    let (inventory, problems) = take(drive.path(), "yzx-v", InventoryLimits::default());
    assert_eq!(problems, [], "nothing is wrong with this drive");
    use EntryKind::{Companion, Footage};
    let zone = StationZone::beijing();
    let rows: Vec<_> = inventory
        .entries
        .iter()
        .map(|e| (e.shown.as_str(), e.size, e.kind, e.recorded_from.map(|at| zone.show(at))))
        .collect();
    let at = |time: &str| Some(time.to_owned());
    assert_eq!(
        rows,
        [
            (".hidden/System Volume Information/x", 6, Companion, None),
            ("AUDIO/2026-11-21/site.wav", 5, Footage, None),
            ("LOG.old", 57, Companion, None),
            ("LOG/2026-11-21.txt", 3, Companion, None),
            ("PHOTO/2026-11-21/09-03-00_00042_002.jpg", 5, Footage, at("2026-11-21 09:03:00")),
            ("VIDEO/2026-11-21/09-02-05_00042_001.mp4", 4, Footage, at("2026-11-21 09:02:05")),
            ("VIDEO/evidock-recorder.toml", 28, Companion, None),
            ("a.txt", 5, Companion, None),
        ],
        "all but our own binding file, by raw path"
    );
    assert_eq!(inventory.total_bytes(), 113);

    put(drive.path(), "evidock-recorder.toml", vec![0; 5000]);
    let (inventory, _) = take(drive.path(), "yzx-v", InventoryLimits::default());
    assert!(shown(&inventory).contains(&"evidock-recorder.toml"), "footage cannot hide behind the binding's name");
}

/// Builds a drive of everything that has ever hurt, beside a file that is none of its business.
fn hostile_drive(place: &Path) -> PathBuf {
    let root = place.join("drive");
    put(&root, "DCIM/good.mp4", "good");
    put(&root, "DCIM/Good.MP4", "another");
    put(&root, "DCIM/empty.mp4", "");
    put(&root, "DCIM/a\nb.mp4", "newline");
    put(&root, "DCIM/gpj\u{202e}4pm.exe", "direction mark");
    put(&root, "DCIM/back\\slash.mp4", "backslash");
    put(&root, &format!("DCIM/{}.mp4", "x".repeat(251)), "255 bytes");
    for name in [&b"\xff\xfe.avi"[..], b"\xff\xfd.avi"] {
        fs::write(root.join("DCIM").join(OsStr::from_bytes(name)), "no UTF-8").unwrap();
    }
    symlink("/etc/passwd", root.join("DCIM/passwd.mp4")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("..", root.join("up")).unwrap();
    mknodat(CWD, root.join("DCIM/pipe.mp4"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    drop(std::os::unix::net::UnixListener::bind(root.join("socket.mp4")).unwrap());
    put(place, "outside.mp4", "outside");
    root
}

#[test]
fn row_24_26_a_hostile_drive_is_listed_whole_and_touches_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let root = hostile_drive(place.path());
    let (inventory, problems) = take(&root, "other", InventoryLimits::default());
    let long = format!("DCIM/{}.mp4", "x".repeat(251));
    assert_eq!(
        shown(&inventory),
        [
            "DCIM/Good.MP4",
            r"DCIM/a\nb.mp4",
            r"DCIM/back\\slash.mp4",
            "DCIM/empty.mp4",
            "DCIM/good.mp4",
            r"DCIM/gpj\u{202e}4pm.exe",
            long.as_str(),
            r"DCIM/\xff\xfd.avi",
            r"DCIM/\xff\xfe.avi",
        ],
        "every regular file, none of the links, pipes and sockets"
    );
    use ProblemCode::{NameEscaped, NamesDifferOnlyInCase, SpecialFileRefused, SymlinkRefused, ZeroLength};
    assert_eq!(
        said(&problems),
        [
            (NameEscaped, r"DCIM/\xff\xfd.avi"),
            (NameEscaped, r"DCIM/\xff\xfe.avi"),
            (NameEscaped, r"DCIM/a\nb.mp4"),
            (NameEscaped, r"DCIM/back\\slash.mp4"),
            (ZeroLength, "DCIM/empty.mp4"),
            (NamesDifferOnlyInCase, "DCIM/good.mp4"),
            (NameEscaped, r"DCIM/gpj\u{202e}4pm.exe"),
            (SymlinkRefused, "DCIM/passwd.mp4"),
            (SpecialFileRefused, "DCIM/pipe.mp4"),
            (SymlinkRefused, "loop"),
            (SpecialFileRefused, "socket.mp4"),
            (SymlinkRefused, "up"),
        ],
        "each peculiarity under its code"
    );
    let detail = |path: &str| problems.iter().find(|p| p.path == path).unwrap().detail.clone();
    assert_eq!(detail("DCIM/passwd.mp4"), "→ /etc/passwd", "the target is told, not opened");
    assert_eq!(detail("DCIM/pipe.mp4"), "named pipe");
    for entry in &inventory.entries {
        let mut content = String::new();
        open_source(&root, entry).unwrap().read_to_string(&mut content).unwrap();
        assert_eq!(content.len() as u64, entry.size, "{} opens and reads to its end", entry.shown);
    }
}

/// Times of everything below a folder; access times of files only, for a listing may move a folder's.
fn times(root: &Path) -> BTreeMap<PathBuf, [i64; 6]> {
    let mut all = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.unwrap();
        let m = entry.metadata().unwrap();
        let read = if m.is_file() { [m.atime(), m.atime_nsec()] } else { [0, 0] };
        let [atime, atime_ns] = read;
        all.insert(entry.into_path(), [m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec(), atime, atime_ns]);
    }
    all
}

#[test]
fn listing_and_reading_leave_no_trace() {
    let place = tempfile::tempdir().unwrap();
    let root = hostile_drive(place.path());
    let before = times(place.path());
    let (inventory, _) = take(&root, "other", InventoryLimits::default());
    for entry in &inventory.entries {
        open_source(&root, entry).unwrap().read_to_end(&mut Vec::new()).unwrap();
    }
    assert_eq!(times(place.path()), before, "no time of any file, inside or outside, has moved");
}

#[test]
fn another_file_under_a_listed_name_is_refused() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "outside.mp4", "film");
    let root = place.path().join("drive");
    type Swap = fn(&Path);
    let rows: [(&str, Swap, ProblemCode); 6] = [
        (
            "another file",
            |clip| fs::rename(clip.with_file_name("b.mp4"), clip).unwrap(),
            ProblemCode::ChangedWhileReading,
        ),
        ("nothing", |clip| fs::remove_file(clip).unwrap(), ProblemCode::Vanished),
        (
            "a link to itself",
            |clip| {
                fs::rename(clip, clip.with_file_name("moved")).unwrap();
                symlink("moved", clip).unwrap();
            },
            ProblemCode::SymlinkRefused,
        ),
        (
            "a pipe",
            |clip| {
                fs::remove_file(clip).unwrap();
                mknodat(CWD, clip, FileType::Fifo, Mode::RUSR, 0).unwrap();
            },
            ProblemCode::SpecialFileRefused,
        ),
        (
            "a folder",
            |clip| {
                fs::remove_file(clip).unwrap();
                fs::create_dir(clip).unwrap();
            },
            ProblemCode::SpecialFileRefused,
        ),
        (
            "a link above it",
            |clip| {
                let folder = clip.parent().unwrap();
                fs::rename(folder, folder.with_file_name("moved")).unwrap();
                symlink("moved", folder).unwrap();
            },
            ProblemCode::SymlinkRefused,
        ),
    ];
    for (what, swap, expected) in rows {
        put(&root, "DCIM/a.mp4", "film");
        put(&root, "DCIM/b.mp4", "film");
        let (inventory, _) = take(&root, "other", InventoryLimits::default());
        let entry = &inventory.entries[0];
        open_source(&root, entry).unwrap();
        swap(&root.join(&entry.path));
        let refused = open_source(&root, entry).expect_err(what);
        assert_eq!(refused.code(), expected, "{what} in its place: {refused}");
        fs::remove_dir_all(&root).unwrap();
    }
}

#[test]
fn row_30_an_exfat_card_is_read_whole_and_stays_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let Some(mut card) = ExfatCard::format(place.path()) else { return };
    let Some(()) = card.mount("rw") else { return };
    for n in 1..=20 {
        put(&card.point, &format!("DCIM/20261121/DSJA_000123_20261121090205_{n:04}.MP4"), format!("film {n}"));
    }
    card.unmount();
    let before = fs::read(&card.image).unwrap();
    card.mount("ro").unwrap();
    let (first, problems) = take(&card.point, "dsj-a", InventoryLimits::default());
    assert_eq!((first.entries.len(), problems.len()), (20, 0));
    // exFAT has no inode numbers; the driver deals them out in the order of asking, also anew when memory is short.
    card.unmount();
    card.mount("ro").unwrap();
    for entry in first.entries.iter().rev() {
        fs::metadata(card.point.join(&entry.path)).unwrap();
    }
    let (second, _) = take(&card.point, "dsj-a", InventoryLimits::default());
    let renumbered = first.entries.iter().zip(&second.entries).filter(|(a, b)| a.inode != b.inode).count();
    assert!(renumbered > 0, "the driver has dealt out other numbers, or this test shows nothing");
    for entry in &first.entries {
        let mut content = String::new();
        open_source(&card.point, entry).unwrap().read_to_string(&mut content).unwrap();
        assert_eq!(content.len() as u64, entry.size, "{} is the listed file under another number", entry.shown);
    }
    card.unmount();
    assert!(fs::read(&card.image).unwrap() == before, "not one byte of the card has changed");
}

#[test]
fn limits_are_told_not_silently_kept() {
    let drive = tempfile::tempdir().unwrap();
    put(drive.path(), "1/2/3/deep.mp4", "x");
    put(drive.path(), "1/2/at.mp4", "x");
    put(drive.path(), "top.mp4", "x");
    type Row = (usize, usize, &'static [(ProblemCode, &'static str)], usize);
    let rows: &[Row] = &[
        (16, 6, &[], 3),
        (4, 6, &[], 3),
        (3, 6, &[(ProblemCode::TooDeep, "1/2/3")], 2),
        (2, 6, &[(ProblemCode::TooDeep, "1/2")], 1),
        (16, 5, &[(ProblemCode::TooMany, ".")], 2),
    ];
    for (depth_max, entries_max, expected, count) in rows {
        let limits = InventoryLimits { depth_max: *depth_max, entries_max: *entries_max };
        let (inventory, problems) = take(drive.path(), "other", limits);
        assert_eq!(said(&problems), *expected, "with {limits:?}");
        // Which entries fit into a count is up to the file system's order; how many is not.
        let fits = if *entries_max < 6 { inventory.entries.len() <= 3 } else { inventory.entries.len() == *count };
        assert!(fits, "{} files with {limits:?}", inventory.entries.len());
    }
}

#[test]
fn a_drive_that_cannot_be_listed_is_a_problem() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "drive/good.mp4", "x");
    symlink("drive", place.path().join("link")).unwrap();
    for (root, code) in [
        ("gone", ProblemCode::Vanished),
        ("link", ProblemCode::SymlinkRefused),
        ("drive/good.mp4", ProblemCode::FolderUnreadable),
    ] {
        let (inventory, problems) = take(&place.path().join(root), "other", InventoryLimits::default());
        assert_eq!((inventory.entries.len(), said(&problems)), (0, vec![(code, ".")]), "root is {root}");
    }
}

#[test]
fn a_folder_that_cannot_be_listed_does_not_stop_the_walk() {
    let drive = tempfile::tempdir().unwrap();
    put(drive.path(), "good.mp4", "x");
    // Not even root can list a path beyond PATH_MAX (4096 bytes): 15 folders of 255 bytes fit, 16 do not.
    let name = "深".repeat(85);
    let mut at = open_folder(CWD, drive.path());
    for _ in 0..17 {
        rustix::fs::mkdirat(&at, &name, Mode::RWXU).unwrap();
        at = open_folder(&at, name.as_ref());
    }
    let limits = InventoryLimits { depth_max: 64, ..InventoryLimits::default() };
    let (inventory, problems) = take(drive.path(), "other", limits);
    assert_eq!(shown(&inventory), ["good.mp4"], "the readable part is listed");
    assert_eq!(problems.len(), 1, "one folder, one problem");
    let problem = &problems[0];
    assert_eq!(problem.code, ProblemCode::FolderUnreadable, "{} {}", problem.path, problem.detail);
    assert!(problem.path.starts_with(&name) && problem.detail.contains("too long"), "said {:?}", problem.detail);
}

fn open_folder(at: impl rustix::fd::AsFd, path: &Path) -> rustix::fd::OwnedFd {
    rustix::fs::openat(at, path, rustix::fs::OFlags::DIRECTORY, Mode::empty()).unwrap()
}

#[test]
fn another_file_system_inside_the_drive_is_not_entered() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "a.mp4", "x");
    put(place.path(), "inner/b.mp4", "x");
    let (listed, _) = take(place.path(), "other", InventoryLimits::default());
    let inner: &Entry = listed.entries.iter().find(|e| e.shown == "inner/b.mp4").unwrap();
    let Some(_mount) = Tmpfs::mount(&place.path().join("inner"), "size=1m") else { return };
    put(place.path(), "inner/b.mp4", "y");
    let (inventory, problems) = take(place.path(), "other", InventoryLimits::default());
    assert_eq!(shown(&inventory), ["a.mp4"], "only the drive's own files");
    assert_eq!(said(&problems), [(ProblemCode::FolderUnreadable, "inner")], "and the mount is told");
    let refused = open_source(place.path(), inner).expect_err("a mount hides the listed file");
    assert!(matches!(refused, SourceError::Open { .. }), "refused as {refused:?}");
}

#[test]
fn row_28_a_hundred_thousand_files_are_listed_quickly_in_little_memory() {
    const FILES: usize = 100_000;
    // In memory where there is such a folder: what is measured is the listing, not the test's own disk.
    let drive = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let folder = drive.path().join("DCIM/20261121");
    fs::create_dir_all(&folder).unwrap();
    for n in 0..FILES {
        let name = format!("DSJA_{:06}_20261121090205_{:04}.MP4", n / 10_000, n % 10_000);
        fs::File::create(folder.join(name)).unwrap().set_len(1).unwrap();
    }
    let peak_kb = || -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    let before_kb = peak_kb();
    let begun = Instant::now();
    let (inventory, problems) = take(drive.path(), "dsj-a", InventoryLimits::default());
    let elapsed = begun.elapsed();
    let grown_kb = peak_kb().saturating_sub(before_kb);
    eprintln!("{FILES} files listed in {elapsed:?}, peak memory grew by {grown_kb} kB");
    assert_eq!((inventory.entries.len(), problems.len()), (FILES, 0));
    assert!(inventory.entries.iter().all(|e| e.recorded_from.is_some()), "each with its time");
    assert!(elapsed.as_secs() < 20, "listing took {elapsed:?}");
    assert!(grown_kb < 150_000, "listing took {grown_kb} kB");
}
