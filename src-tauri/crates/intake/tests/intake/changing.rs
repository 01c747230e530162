//! Files that do not hold still between being listed and being copied.

use crate::bench::Bench;
use fixtures::{Layout, noise};
use intake::{End, Meter, Outcome};
use model::ProblemCode;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, UNIX_EPOCH};

fn append(path: &Path, bytes: &[u8]) {
    File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

/// Two recordings; something happens to the first one at the given counts.
fn run(bench: &Bench, bytes: u64, spoil: &(dyn Fn(u64, &Path) + Sync)) -> (Outcome, PathBuf) {
    let mut drive = bench.drive("CARD", Layout::DsjA);
    let file = drive.noise_clip("2026-11-21 09:00:00", 1, bytes).unwrap();
    drive.noise_clip("2026-11-21 09:10:00", 1, bytes + 1).unwrap();
    let outcome = bench.dock(drive.root()).run_beside(&Meter::default(), &|ask| spoil(ask, &file)).unwrap();
    (outcome, file)
}

/// Files made just now carry this machine's time, of which the bench's day knows nothing.
fn said(outcome: &Outcome) -> impl Iterator<Item = &model::Problem> {
    outcome.problems.iter().filter(|problem| problem.code != ProblemCode::ClockImplausible)
}

fn codes(outcome: &Outcome) -> Vec<ProblemCode> {
    said(outcome).map(|problem| problem.code).collect()
}

#[test]
fn a_file_that_changes_while_it_is_copied_is_tried_again() {
    type Spoil = fn(u64, &Path);
    // Count 1 falls between the first file's last byte and its acceptance.
    let rows: &[(&str, Spoil)] = &[
        ("it grew once", |ask, file| {
            if ask == 1 {
                append(file, b"more")
            }
        }),
        ("it shrank once", |ask, file| {
            if ask == 1 {
                File::options().write(true).open(file).unwrap().set_len(70).unwrap();
            }
        }),
        ("its time moved", |ask, file| {
            if ask == 1 {
                let time = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
                File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
            }
        }),
        ("it changed after it was taken in", |ask, file| {
            if ask == 2 {
                append(file, b"more")
            }
        }),
        ("it changed in place after it was taken in", |ask, file| {
            if ask == 2 {
                let length = fs::metadata(file).unwrap().len();
                fixtures::zero_run(file, 10..length.min(60)).unwrap();
            }
        }),
    ];
    for bytes in [5_000, 2_500_000] {
        for (what, spoil) in rows {
            let bench = Bench::new();
            let (outcome, file) = run(&bench, bytes, spoil);
            assert!(matches!(outcome.end, End::Done), "{what}: {:?}", outcome.end);
            assert_eq!(bench.job(&outcome.job).refused, 0, "{what}: it came in in the end: {:?}", outcome.problems);
            bench.check_custody();
            bench.check_holds(file.parent().unwrap().parent().unwrap().parent().unwrap());
        }
    }
}

#[test]
fn a_file_that_never_holds_still_is_a_problem_and_never_a_clip() {
    for bytes in [5_000, 2_500_000] {
        let bench = Bench::new();
        let (outcome, file) = run(&bench, bytes, &|_, file| append(file, b"more"));
        assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
        let shown = format!("DCIM/20261121/{}", file.file_name().unwrap().to_string_lossy());
        let listed: Vec<_> = said(&outcome).map(|p| (p.code, p.path.clone())).collect();
        assert_eq!(listed, [(ProblemCode::ChangedWhileReading, shown)], "said once");
        assert_eq!(outcome.stored, 1, "the other file is none the worse");
        assert_eq!(bench.job(&outcome.job).refused, 1, "and the job counts it");
        bench.check_custody();
    }
}

#[test]
fn a_recorder_that_goes_on_writing_gives_no_wrong_digest() {
    let bench = Bench::new();
    let mut drive = bench.drive("CARD", Layout::DsjA);
    let file = drive.noise_clip("2026-11-21 09:00:00", 1, 6_000_000).unwrap();
    let done = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                append(&file, &[7; 4096]);
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        let outcome = bench.dock(drive.root()).run();
        done.store(true, Relaxed);
        outcome.unwrap()
    });
    assert_eq!(codes(&outcome), [ProblemCode::ChangedWhileReading], "it never stood still");
    assert_eq!(outcome.stored, 0, "so there is no clip of it");
    bench.check_custody();
    // Once the recorder has stopped, the next docking brings the whole of it.
    let outcome = bench.intake(&drive);
    assert_eq!((outcome.stored, codes(&outcome).len()), (1, 0), "now it stands still");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn what_took_the_place_of_a_listed_file_is_said() {
    type Swap = fn(&Path);
    let rows: &[(&str, Swap, &[ProblemCode], u64)] = &[
        ("it is gone", |file| fs::remove_file(file).unwrap(), &[ProblemCode::Vanished], 1),
        (
            "a link out of the drive",
            |file| {
                fs::remove_file(file).unwrap();
                symlink("/etc/passwd", file).unwrap();
            },
            &[ProblemCode::SymlinkRefused],
            1,
        ),
        (
            "a folder",
            |file| {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            },
            &[ProblemCode::SpecialFileRefused],
            1,
        ),
        (
            "another file under its name",
            |file| {
                let other = file.with_extension("tmp");
                noise(&other, 5_000, 99).unwrap();
                fs::rename(other, file).unwrap();
            },
            &[ProblemCode::AppearedDuringIntake],
            2,
        ),
        (
            "a further file appears",
            |file| noise(&file.with_file_name("NEW.MP4"), 5_000, 98).unwrap(),
            &[ProblemCode::AppearedDuringIntake],
            3,
        ),
        (
            "a link appears",
            |file| symlink("/etc/passwd", file.with_file_name("LINK.MP4")).unwrap(),
            &[ProblemCode::SymlinkRefused],
            2,
        ),
    ];
    for (what, swap, expected, stored) in rows {
        let bench = Bench::new();
        let mut drive = bench.drive("CARD", Layout::DsjA);
        let file = drive.noise_clip("2026-11-21 09:00:00", 1, 5_000).unwrap();
        drive.noise_clip("2026-11-21 09:10:00", 1, 5_001).unwrap();
        let docking = bench.dock(drive.root());
        swap(&file);
        let outcome = docking.run().unwrap();
        assert!(matches!(outcome.end, End::Done), "{what}: {:?}", outcome.end);
        assert_eq!(codes(&outcome), *expected, "{what}: {:?}", outcome.problems);
        assert_eq!(outcome.stored, *stored, "{what}: the rest goes on");
        bench.check_custody();
        bench.check_holds(drive.root());
    }
}
