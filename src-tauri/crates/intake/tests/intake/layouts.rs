//! A whole drive, of every layout.

use crate::bench::{Bench, files_below};
use fixtures::{Layout, sample_drive};
use intake::{End, Meter, Stage};
use model::ProblemCode;
use std::fs;
use std::time::UNIX_EPOCH;

#[test]
fn a_whole_drive_of_each_layout_comes_into_custody() {
    for layout in Layout::ALL {
        let bench = Bench::new();
        let root = bench.place().join("dock").join(layout.id());
        let drive = sample_drive(&root, layout).unwrap();
        let before: Vec<_> = files_below(&root).iter().map(|file| fs::read(file).unwrap()).collect();
        let meter = Meter::default();
        let docking = bench.dock(drive.root());
        let (files, bytes) = (before.len() as u64, before.iter().map(|b| b.len() as u64).sum::<u64>());
        assert_eq!(docking.plan.new_bytes(), bytes, "{}: everything is new", layout.id());
        let outcome = docking.run_beside(&meter, &|_| {}).unwrap();

        assert!(matches!(outcome.end, End::Done), "{}: {:?}", layout.id(), outcome.end);
        assert_eq!((outcome.stored, outcome.stored_bytes), (files, bytes), "{}: all of it", layout.id());
        assert_eq!((outcome.already_held, outcome.problems.as_slice()), (0, &[][..]), "{}", layout.id());
        bench.check_custody();
        bench.check_holds(&root);
        let after: Vec<_> = files_below(&root).iter().map(|file| fs::read(file).unwrap()).collect();
        assert!(before == after, "{}: the drive is as it was", layout.id());

        let job = bench.job(&outcome.job);
        assert_eq!(
            (job.state.as_str(), job.files, job.bytes, job.stored, job.stored_bytes, job.already_held, job.refused),
            ("done", files, bytes, files, bytes, 0, 0),
            "{}: the register says the same of the job",
            layout.id()
        );
        let end = meter.progress();
        assert_eq!(
            (end.stage, end.files_done, end.files_total, end.bytes_done, end.bytes_total),
            (Stage::Ended, files, files, bytes, bytes),
            "{}: progress ends where the whole is",
            layout.id()
        );
    }
}

#[test]
fn an_original_keeps_the_time_of_its_source() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 1, 100);
    bench.intake(&drive);
    let clip = &bench.clips()[0].clip;
    let stored = fs::metadata(bench.vault.join(&clip.stored_path)).unwrap().modified().unwrap();
    // 09:00:01 at +08:00.
    assert_eq!(stored.duration_since(UNIX_EPOCH).unwrap().as_secs(), 1_795_222_801, "for those who browse the folder");
    assert!(clip.stored_path.starts_with("originals/2026/11/21/CARD/"), "day and recorder: {}", clip.stored_path);
    assert!(clip.stored_path.ends_with("/DSJA_036012_20261121090000_0001.MP4"), "its own name: {}", clip.stored_path);
}

#[test]
fn an_empty_card_is_done_at_once() {
    let bench = Bench::new();
    let drive = bench.drive("EMPTY", Layout::DsjA);
    let outcome = bench.intake(&drive);
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.already_held, outcome.problems.len()), (0, 0, 0), "there is nothing on it");
    assert_eq!(bench.job(&outcome.job).state, "done", "and that is written down");
    bench.check_custody();
}

#[test]
fn sizes_around_the_reading_block_are_whole() {
    let bench = Bench::new();
    let mut drive = bench.drive("CARD", Layout::DsjA);
    // The reader works in blocks of 1 MiB, direct reads in pages of 4 KiB.
    for (n, bytes) in [0, 1, 4095, 4096, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (9 << 20) + 7].iter().enumerate()
    {
        drive.noise_clip(&format!("2026-11-21 09:00:{n:02}"), 1, *bytes).unwrap();
    }
    let outcome = bench.intake(&drive);
    assert_eq!(outcome.stored, 9, "every size is taken in: {:?}", outcome.problems);
    let codes: Vec<_> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::ZeroLength], "the empty one is noted");
    assert_eq!(bench.job(&outcome.job).refused, 0, "a note is no refusal");
    bench.check_custody();
    bench.check_holds(drive.root());
}
