//! Rows of the fault matrix for which a script stands before the real drive and the real disk.

use crate::bench::{Bench, files_below};
use crate::script::{Act, DiskFault, DriveFault, EDQUOT, EIO, ENOSPC, EROFS, FaultyDisk, FaultyDrive};
use dock::Drive as _;
use intake::{End, IntakeError, Meter, Outcome, Waiting, give_up, settle};
use model::{AlarmKind, ClipState, ErrorCode, Level, Problem, ProblemCode};
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

fn codes(outcome: &Outcome) -> Vec<ProblemCode> {
    outcome.problems.iter().map(|problem| problem.code).collect()
}

/// Takes a drive in that fails as `spoil` says, at a sound disk.
fn from_faulty(bench: &Bench, root: &std::path::Path, spoil: impl FnOnce(&mut FaultyDrive<'_>)) -> Outcome {
    let docking = bench.dock(root);
    let mut drive = FaultyDrive::new(docking.shelf());
    spoil(&mut drive);
    bench.at_desk(|desk| docking.run_at(desk, &drive, &Meter::default())).unwrap()
}

/// Takes a sound drive in at a disk that fails.
fn onto_faulty(bench: &Bench, root: &std::path::Path, disk: &FaultyDisk) -> Outcome {
    let docking = bench.dock(root);
    let shelf = docking.shelf();
    bench.at_desk_over(disk, |desk| docking.run_at(desk, &shelf, &Meter::default())).unwrap()
}

/// Returns a file's name for a script.
fn name_of(path: &std::path::Path) -> &'static str {
    Box::leak(path.file_name().unwrap().to_str().unwrap().to_owned().into_boxed_str())
}

fn fault(act: Act, after: u64, times: u64, number: i32) -> DiskFault {
    DiskFault { act: Some(act), after, times, number }
}

#[test]
fn row_01_a_drive_pulled_within_a_file_is_lost_and_its_file_not_damaged() {
    for silent in [false, true] {
        let bench = Bench::new();
        let drive = bench.noise_drive("CARD", 3, 2_500_000);
        // Open, three readings, the look behind: the second file is half read.
        let how = if silent { DriveFault::Silent } else { DriveFault::Pulled };
        let outcome = from_faulty(&bench, drive.root(), |drive| drive.script = [(7, how)].into());
        let because = silent.then_some(ErrorCode::SourceFailed);
        assert!(matches!(outcome.end, End::Interrupted { because: b } if b == because), "{how:?}: {:?}", outcome.end);
        assert_eq!(outcome.stored, 1, "{how:?}: what was whole is in");
        let said = if silent { vec![ProblemCode::Unreadable] } else { vec![] };
        assert_eq!(codes(&outcome), said, "{how:?}: a silent drive is named, a pulled one was seen");
        assert_eq!(bench.job(&outcome.job).error, because, "{how:?}: the job says why");
        bench.check_custody();
        let again = bench.intake(&drive);
        assert_eq!((again.job, again.stored), (outcome.job, 2), "{how:?}: the same job brings the rest");
        bench.check_custody();
        bench.check_holds(drive.root());
    }
}

#[test]
fn row_04_what_can_be_read_of_a_damaged_file_is_kept_with_a_map() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 4, 3_000_000);
    let files = files_below(&drive.root().join("DCIM"));
    let name = name_of(&files[1]);
    // A place in the middle, across a boundary of pieces, and one at the very end.
    let bad = [5_000..5_001, 1_048_500..1_048_600, 2_999_900..3_000_001];
    let spoil = |drive: &mut FaultyDrive<'_>| drive.bad = bad.iter().map(|range| (name, range.clone())).collect();
    let outcome = from_faulty(&bench, drive.root(), spoil);
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (4, 1), "all are in, one not whole: {:?}", outcome.problems);
    assert_eq!(codes(&outcome), [ProblemCode::FileDamaged], "and that is said: {:?}", outcome.problems);
    let rows = bench.clips();
    let (damaged, sound): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.clip.state == ClipState::Damaged);
    assert_eq!((damaged.len(), sound.len()), (1, 3), "never 已校验, and never in the way of others");
    assert!(sound.iter().all(|row| row.clip.state == ClipState::Verified), "the others are 已校验");
    let clip = &damaged[0].clip;
    let map = [(4096, 8192), (1_044_480, 1_052_672), (2_998_272, 3_000_001)];
    assert_eq!(damaged[0].unreadable, map, "narrowed to blocks of 4 KiB");
    let mut expected = fs::read(&files[1]).unwrap();
    for (from, to) in map {
        expected[from as usize..to as usize].fill(0);
    }
    assert_eq!(fs::read(bench.vault.join(&clip.stored_path)).unwrap(), expected, "every other byte is the card's");
    let alarms = bench.read(|view| view.open_alarms());
    assert_eq!(alarms.len(), 1, "one alarm: {alarms:?}");
    assert_eq!(
        (alarms[0].kind, alarms[0].subject.as_str()),
        (AlarmKind::ClipDamaged, clip.id.as_str()),
        "of this clip"
    );
    assert_eq!(alarms[0].article, "某制度 第一条", "with the rule that calls for it");
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");

    // The same damage is met again, then the file reads whole after all.
    let again = from_faulty(&bench, drive.root(), spoil);
    assert_eq!((again.stored, again.already_held, again.refused), (0, 4, 1), "same content: {:?}", again.problems);
    assert_eq!(bench.clips().len(), 4, "nothing is doubled");
    assert_eq!(bench.read(|view| view.open_alarms()).len(), 1, "nor raised twice");
    let whole = bench.intake(&drive);
    assert_eq!((whole.stored, whole.already_held, whole.refused), (1, 3, 0), "{:?}", whole.problems);
    bench.check_holds(drive.root());
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");
}

#[test]
fn row_04_a_damaged_clip_is_taken_over_as_damaged_after_a_crash() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 300_000);
    let name = name_of(&files_below(&drive.root().join("DCIM"))[0]);
    from_faulty(&bench, drive.root(), |drive| drive.bad = vec![(name, 8_192..8_193)]);
    let before: Vec<_> = bench.clips().into_iter().map(|row| (row.clip.id, row.clip.state, row.unreadable)).collect();
    fs::remove_dir_all(bench.vault.join("register")).unwrap();
    fs::remove_dir_all(bench.vault.join("ledger")).unwrap();
    drop(register::Register::create(&register::Places::below(&bench.vault)).unwrap());
    let bench = bench.reopened();
    let settled = bench.at_desk(intake::adopt).unwrap();
    assert_eq!((settled.adopted, settled.problems.len()), (2, 0), "{settled:?}");
    let mut after: Vec<_> =
        bench.clips().into_iter().map(|row| (row.clip.id, row.clip.state, row.unreadable)).collect();
    after.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    let mut before = before;
    before.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    assert_eq!(after, before, "damaged stays damaged, with its map");
    assert_eq!(bench.read(|view| view.open_alarms()).len(), 1, "and is raised");
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");
}

#[test]
fn row_04_of_a_file_without_a_readable_byte_nothing_is_kept() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 30_000);
    let files = files_below(&drive.root().join("DCIM"));
    let name = name_of(&files[0]);
    let outcome = from_faulty(&bench, drive.root(), |drive| drive.bad = vec![(name, 0..u64::MAX)]);
    assert!(matches!(outcome.end, End::Done), "the drive answers for others: {:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (2, 1), "{:?}", outcome.problems);
    assert_eq!(codes(&outcome), [ProblemCode::Unreadable], "{:?}", outcome.problems);
    bench.check_custody();
}

#[test]
fn row_05_a_passing_read_error_is_retried_and_noted() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 2_500_000);
    let outcome = from_faulty(&bench, drive.root(), |drive| drive.script = [(7, DriveFault::Eio)].into());
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (3, 0), "{:?}", outcome.problems);
    assert_eq!(codes(&outcome), [ProblemCode::ReadRetried], "{:?}", outcome.problems);
    let history = bench.clips().into_iter().map(|row| row.clip.level).collect::<Vec<_>>();
    assert_eq!(history.len(), 3, "every file has its clip");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_07_short_and_interrupted_reads_give_the_same_digests() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 1_300_000);
    let outcome = from_faulty(&bench, drive.root(), |drive| {
        drive.script.extend((0..400).map(|act| (act * 2 + 1, DriveFault::Short)));
        drive.script.extend((0..400).map(|act| (act * 6 + 2, DriveFault::Interrupted)));
    });
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (2, 0), "{:?}", outcome.problems);
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_03_06_a_second_reading_lifts_the_level_or_puts_in_doubt() {
    let mut bench = Bench::new();
    bench.second_read = true;
    let drive = bench.noise_drive("CARD", 4, 50_000);
    let files = files_below(&drive.root().join("DCIM"));
    let name = name_of(&files[2]);
    let outcome = from_faulty(&bench, drive.root(), |drive| {
        drive.by_system = true;
        drive.turned = Some((name, 2));
    });
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!(codes(&outcome), [ProblemCode::SecondReadDiffers], "{:?}", outcome.problems);
    assert_eq!(outcome.refused, 1, "which no program may pass over");
    let rows = bench.clips();
    let states: BTreeMap<&str, (ClipState, Level)> =
        rows.iter().map(|row| (row.clip.original_name.as_str(), (row.clip.state, row.clip.level))).collect();
    for (at, (state, level)) in &states {
        let expected = if *at == name { (ClipState::Suspect, Level::V2) } else { (ClipState::Verified, Level::V3) };
        assert_eq!((*state, *level), expected, "{at}");
    }
    let alarms = bench.read(|view| view.open_alarms());
    assert_eq!(alarms.iter().map(|alarm| alarm.kind).collect::<Vec<_>>(), [AlarmKind::ClipSuspect], "{alarms:?}");
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");

    // Without a system's file nobody can rule a cache out.
    let other = bench.noise_drive("OTHER", 2, 70_000);
    from_faulty(&bench, other.root(), |_| {});
    let cached = bench.clips().into_iter().filter(|row| row.clip.level == Level::V3Cached).count();
    assert_eq!(cached, 2, "and the level says so");
}

#[test]
fn row_03_a_drive_pulled_before_its_second_reading_leaves_v2_and_is_resumed() {
    let mut bench = Bench::new();
    bench.second_read = true;
    let drive = bench.noise_drive("CARD", 5, 50_000);
    // Five are copied, two are read again.
    let first = from_faulty(&bench, drive.root(), |drive| {
        drive.by_system = true;
        drive.pulled_at_opening = Some(8);
    });
    assert!(matches!(first.end, End::Interrupted { because: None }), "{:?}", first.end);
    let levels = |bench: &Bench| {
        let v3 = bench.clips().iter().filter(|row| row.clip.level == Level::V3).count();
        (v3, bench.clips().len() - v3)
    };
    assert_eq!((first.stored, levels(&bench)), (5, (2, 3)), "what was reached is kept");
    let docking = bench.dock(drive.root());
    let mut whole = FaultyDrive::new(docking.shelf());
    whole.by_system = true;
    let second = bench.at_desk(|desk| docking.run_at(desk, &whole, &Meter::default())).unwrap();
    assert!(matches!(second.end, End::Done), "{:?}", second.end);
    assert_eq!((second.job, levels(&bench)), (first.job, (5, 0)), "the same job reads the rest");
    assert_eq!(whole.openings.load(SeqCst), 3, "and nothing that was read twice");
    bench.check_holds(drive.root());
}

#[test]
fn row_34_36_a_disk_that_takes_nothing_more_stops_the_run() {
    for (number, code) in
        [(ENOSPC, ErrorCode::TargetFull), (EDQUOT, ErrorCode::TargetFull), (EROFS, ErrorCode::TargetReadOnly)]
    {
        for act in [Act::Create, Act::Write, Act::SyncData, Act::WriteBeside, Act::Publish] {
            let bench = Bench::new();
            let drive = bench.noise_drive("CARD", 4, 40_000);
            let outcome = onto_faulty(&bench, drive.root(), &FaultyDisk::new(&[fault(act, 2, u64::MAX, number)]));
            let End::Failed(failure) = &outcome.end else { panic!("{act:?} {number}: {:?}", outcome.end) };
            assert_eq!(failure.code(), code, "{act:?} {number}: {failure:?}");
            assert_eq!(bench.job(&outcome.job).state, "failed", "{act:?} {number}: and is written down");
            bench.check_custody();
            bench.intake(&drive);
            bench.check_custody();
            bench.check_holds(drive.root());
        }
    }
}

#[test]
fn row_36_a_disk_whose_every_write_fails_is_not_tried_for_ever() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 30, 4_000);
    let disk = FaultyDisk::new(&[fault(Act::Write, 0, u64::MAX, EIO)]);
    let outcome = onto_faulty(&bench, drive.root(), &disk);
    let End::Failed(failure) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(failure.code(), ErrorCode::TargetFailed, "{failure:?}");
    bench.check_custody();
}

#[test]
fn row_37_a_failed_sync_is_final() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 5, 40_000);
    let outcome = onto_faulty(&bench, drive.root(), &FaultyDisk::new(&[fault(Act::SyncData, 1, 1, EIO)]));
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (5, 0), "{:?}", outcome.problems);
    assert_eq!(codes(&outcome), [ProblemCode::CopyNotDurable], "{:?}", outcome.problems);
    let attempts: Vec<u64> = bench
        .read(|view| view.event_bytes(0, u32::MAX))
        .iter()
        .map(|(_, bytes)| serde_json::from_slice::<serde_json::Value>(bytes).unwrap())
        .filter(|event| event["kind"] == "clip.registered")
        .filter_map(|event| event["body"]["attempts"].as_u64())
        .collect();
    assert_eq!(attempts, [2], "the ledger counts the tries of the one that took more");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_37_three_failed_syncs_of_one_file_stop_the_run() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 1, 40_000);
    let disk = FaultyDisk::new(&[fault(Act::SyncData, 0, 3, EIO)]);
    let outcome = onto_faulty(&bench, drive.root(), &disk);
    let End::Failed(failure) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!((failure.code(), outcome.stored), (ErrorCode::TargetFailed, 0), "{failure:?}");
    bench.check_custody();
    bench.intake(&drive);
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_38_a_folder_that_cannot_be_synced_is_not_committed() {
    // Settled by the next start of the program, or by the next docking.
    [true, false].into_iter().for_each(folder_not_synced);
}

fn folder_not_synced(restarted: bool) {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 40_000);
    // Each copy's own folder is synced first; the fourth is the recorder's.
    let outcome = onto_faulty(&bench, drive.root(), &FaultyDisk::new(&[fault(Act::SyncFolder, 3, 1, EIO)]));
    let End::Failed(failure) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(failure.code(), ErrorCode::TargetFailed, "{failure:?}");
    assert_eq!((outcome.stored, bench.clips().len()), (0, 0), "nothing is registered");
    assert_eq!(bench.job(&outcome.job).state, "failed", "and the job says so");
    let bench = if restarted { bench.reopened() } else { bench };
    if restarted {
        let settled = bench.at_desk(settle).unwrap();
        assert_eq!((settled.adopted, settled.problems.len()), (3, 0), "it takes over what lies there: {settled:?}");
    }
    let again = bench.intake(&drive);
    assert!(matches!(again.end, End::Done), "{:?}", again.end);
    assert_eq!((bench.clips().len(), bench.job(&again.job).stored), (3, 3), "nothing is doubled: {again:?}");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_39_a_byte_turned_behind_the_sync_is_noticed() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 40_000);
    let outcome = onto_faulty(&bench, drive.root(), &FaultyDisk::new(&[fault(Act::SyncData, 1, 1, 0)]));
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!(codes(&outcome), [ProblemCode::ReadBackMismatch], "{:?}", outcome.problems);
    assert_eq!(files_below(&bench.vault.join("quarantine")).len(), 1, "the bad copy is kept aside");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_41_what_the_disk_did_not_offer_is_recorded() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 1, 40_000);
    let mut disk = FaultyDisk::new(&[]);
    disk.plainly = true;
    onto_faulty(&bench, drive.root(), &disk);
    let events = bench.read(|view| view.event_bytes(0, u32::MAX));
    let means = events
        .iter()
        .map(|(_, bytes)| serde_json::from_slice::<serde_json::Value>(bytes).unwrap())
        .find(|event| event["kind"] == "clip.registered")
        .map(|event| event["body"]["means"].clone());
    assert_eq!(means, Some(serde_json::json!(["plain_publish"])), "the ledger says how the name was given");
}

#[test]
fn row_42_a_name_that_is_taken_is_not_replaced() {
    const EEXIST: i32 = 17;
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 40_000);
    let outcome = onto_faulty(&bench, drive.root(), &FaultyDisk::new(&[fault(Act::Publish, 1, 1, EEXIST)]));
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (3, 0), "it is made again: {:?}", outcome.problems);
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_32_a_hanging_drive_is_given_up_and_writes_nothing_when_it_wakes() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 40_000);
    let docking = bench.dock(drive.root());
    let opening = docking.opening();
    let hanging = FaultyDrive::new(docking.shelf());
    hanging.hang(true);
    let meter = Meter::default();
    bench.at_desk(|desk| {
        std::thread::scope(|scope| {
            let run = scope.spawn(|| docking.run_at(desk, &hanging, &meter));
            while meter.waiting() != Waiting::Source || hanging.openings.load(SeqCst) == 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
            assert!(meter.reading().ends_with(".MP4"), "the file is named: {}", meter.reading());
            meter.abandon();
            let problem = Problem::new(ProblemCode::SourceStalled, meter.reading());
            give_up(desk, &opening, &crate::bench::officer(), &problem).unwrap();
            let job = bench.job(&opening.job);
            assert_eq!(
                (job.state.as_str(), job.error),
                ("interrupted", Some(ErrorCode::SourceStalled)),
                "it is closed"
            );
            let written = bench.read(|view| view.ledger_head());
            let vault = files_below(&bench.vault.join("staging"));
            hanging.hang(false);
            let ended = run.join().unwrap();
            assert!(matches!(ended, Err(IntakeError::Abandoned)), "{ended:?}");
            assert_eq!(bench.read(|view| view.ledger_head()), written, "nothing more is written down");
            assert_eq!(files_below(&bench.vault.join("staging")), vault, "nor to the disk");
        });
    });
    let again = bench.intake(&drive);
    assert_eq!((again.job, again.stored), (opening.job, 3), "docking it again goes on with the job");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_36_a_run_closed_down_for_the_target_says_so() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 4, 40_000);
    let meter = Meter::default();
    let close = |count| {
        if count == 2 {
            meter.close_down_for(ErrorCode::TargetFailed);
        }
    };
    let outcome = bench.dock(drive.root()).run_beside(&meter, &close).unwrap();
    assert!(matches!(outcome.end, End::Interrupted { because: Some(ErrorCode::TargetFailed) }), "{:?}", outcome.end);
    assert_eq!(bench.job(&outcome.job).error, Some(ErrorCode::TargetFailed), "and so does the job");
    bench.intake(&drive);
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn row_21_times_that_cannot_be_right_are_noted() {
    let bench = Bench::new();
    let mut drive = bench.drive("CARD", fixtures::Layout::DsjA);
    for at in ["1980-01-01 00:00:00", "2026-11-21 09:00:00", "2026-11-22 17:59:00", "2026-11-22 18:30:00"] {
        drive.noise_clip(at, 1, 400).unwrap();
    }
    let outcome = bench.intake(&drive);
    assert_eq!(codes(&outcome), [ProblemCode::ClockImplausible; 2], "{:?}", outcome.problems);
    assert_eq!((outcome.stored, outcome.refused), (4, 0), "all are taken in: {:?}", outcome.problems);
    assert!(bench.dock(drive.root()).shelf().is_docked(), "the drive is as it was");
}

#[test]
fn copies_of_one_group_with_one_content_are_one_clip() {
    let bench = Bench::new();
    let mut drive = bench.drive("CARD", fixtures::Layout::DsjA);
    let first = drive.noise_clip("2026-11-21 09:00:00", 1, 9_000).unwrap();
    for n in 0..40 {
        fs::copy(&first, first.with_file_name(format!("COPY{n}.MP4"))).unwrap();
        drive.noise_clip(&format!("2026-11-21 10:{n:02}:00"), 1, 300 + n).unwrap();
    }
    let outcome = bench.intake(&drive);
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.already_held), (41, 40), "each content once, each file met");
    bench.check_custody();
    bench.check_holds(drive.root());
}
