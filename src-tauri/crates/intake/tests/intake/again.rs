//! The same content again: on the same card, on another, under another name, on two at once.

use crate::bench::Bench;
use fixtures::Layout;
use intake::{End, Expected};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// Returns what lies below the originals: path, inode, change time. Equal means that nothing was written.
fn state(bench: &Bench) -> Vec<(PathBuf, u64, i64, i64)> {
    let facts = |path: PathBuf| {
        let found = fs::metadata(&path).unwrap();
        (path, found.ino(), found.ctime(), found.ctime_nsec())
    };
    bench.stored_files().into_iter().map(facts).collect()
}

#[test]
fn row_17_the_same_card_twice_stores_nothing_twice() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 4, 50_000);
    bench.intake(&drive);
    let before = state(&bench);
    let docking = bench.dock(drive.root());
    assert!(docking.plan.steps.iter().all(|s| s.expected == Expected::AlreadyHeld), "the plan expects them");
    assert_eq!(docking.plan.new_bytes(), 0, "nothing has to be written");
    let outcome = docking.run().unwrap();
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.stored_bytes, outcome.already_held), (0, 0, 4), "已入库");
    assert_eq!(state(&bench), before, "not one byte or inode is new");
    for row in bench.clips() {
        let seen = bench.sightings(&row);
        assert_eq!(seen.len(), 2, "{}: two meetings", row.clip.number);
        assert_ne!(seen[0].job, seen[1].job, "{}: in two jobs", row.clip.number);
        assert_eq!(row.clip.job, seen[0].job, "{}: the first one stored it", row.clip.number);
    }
    assert_eq!(bench.job(&outcome.job).already_held, 4, "and the job says so");
    bench.check_custody();
}

#[test]
fn row_18_19_content_is_the_identity_and_nothing_else() {
    type Spoil = fn(&std::path::Path, &std::path::Path);
    // What the second card holds in place of the first card's file, and clips, held, sightings after it.
    let rows: &[(&str, Spoil, u64, u64, usize)] = &[
        (
            "the same content under another name",
            |from, to| assert!(fs::copy(from, to.join("OTHER.MP4")).is_ok()),
            0,
            1,
            2,
        ),
        (
            "the same name, size and time with other content",
            |from, to| {
                let mut bytes = fs::read(from).unwrap();
                bytes[777] ^= 1;
                let place = to.join(from.file_name().unwrap());
                fs::write(&place, bytes).unwrap();
                let time = fs::metadata(from).unwrap().modified().unwrap();
                fs::File::options().write(true).open(place).unwrap().set_modified(time).unwrap();
            },
            1,
            0,
            1,
        ),
        (
            "one byte longer",
            |from, to| {
                let longer = [fs::read(from).unwrap().as_slice(), b"x"].concat();
                fs::write(to.join(from.file_name().unwrap()), longer).unwrap();
            },
            1,
            0,
            1,
        ),
    ];
    for same_card in [false, true] {
        for (what, spoil, stored, held, sightings) in rows {
            let bench = Bench::new();
            let mut drive = bench.drive("CARD", Layout::DsjA);
            let file = drive.noise_clip("2026-11-21 09:00:00", 1, 2_000_000).unwrap();
            bench.intake(&drive);
            let kept = bench.place().join("kept.MP4");
            fs::copy(&file, &kept).unwrap();
            let time = fs::metadata(&file).unwrap().modified().unwrap();
            let source = bench.place().join(file.file_name().unwrap());
            fs::rename(&kept, &source).unwrap();
            fs::File::options().write(true).open(&source).unwrap().set_modified(time).unwrap();
            let second = if same_card { "CARD" } else { "OTHER-CARD" };
            let folder = bench.place().join("dock").join(second).join("DCIM/20261121");
            fs::create_dir_all(&folder).unwrap();
            if same_card {
                fs::remove_file(&file).unwrap();
            }
            spoil(&source, &folder);
            let root = bench.place().join("dock").join(second);
            let outcome = bench.dock(&root).run().unwrap();
            let what = format!("{what}, on {second}");
            assert_eq!((outcome.stored, outcome.already_held), (*stored, *held), "{what}");
            assert_eq!(bench.clips().len() as u64, 1 + stored, "{what}: clips");
            assert_eq!(bench.sightings(&bench.clips()[0]).len(), *sightings, "{what}: sightings of the first");
            bench.check_custody();
            bench.check_holds(&root);
        }
    }
}

#[test]
fn two_identical_files_on_one_card_are_one_clip() {
    for bytes in [0, 300, 3_000_000] {
        let bench = Bench::new();
        let mut drive = bench.drive("CARD", Layout::DsjA);
        let first = drive.noise_clip("2026-11-21 09:00:00", 1, bytes).unwrap();
        fs::copy(&first, first.with_file_name("COPY.MP4")).unwrap();
        let outcome = bench.intake(&drive);
        assert_eq!((outcome.stored, outcome.already_held), (1, 1), "{bytes} bytes: the second is held by then");
        let rows = bench.clips();
        let mut seen: Vec<String> = bench.sightings(&rows[0]).into_iter().map(|s| s.path).collect();
        seen.sort();
        assert_eq!(rows.len(), 1, "{bytes} bytes: one content");
        assert_eq!(
            seen,
            ["DCIM/20261121/COPY.MP4", "DCIM/20261121/DSJA_036012_20261121090000_0001.MP4"],
            "{bytes} bytes: met in two places"
        );
        bench.check_custody();
    }
}

#[test]
fn two_drives_at_once_bring_the_same_content_once() {
    for round in 0..5 {
        let bench = Bench::new();
        // The generator is seeded by place on the drive: both cards hold the same recordings.
        let drives = ["LEFT", "RIGHT"].map(|name| bench.noise_drive(name, 12, 40_000));
        let outcomes = std::thread::scope(|scope| {
            let runs: Vec<_> = drives.iter().map(|drive| scope.spawn(|| bench.intake(drive))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
        });
        let stored: u64 = outcomes.iter().map(|outcome| outcome.stored).sum();
        let held: u64 = outcomes.iter().map(|outcome| outcome.already_held).sum();
        assert_eq!((stored, held), (12, 12), "round {round}: each content once, each file met");
        assert!(outcomes.iter().all(|o| matches!(o.end, End::Done)), "round {round}: both come to their end");
        for row in bench.clips() {
            assert_eq!(bench.sightings(&row).len(), 2, "round {round}: {} was met on both", row.clip.number);
        }
        bench.check_custody();
        drives.iter().for_each(|drive| bench.check_holds(drive.root()));
    }
}
