//! Drives that go away, and people who stop a run.

use crate::bench::Bench;
use intake::{End, Expected, Meter};
use model::ErrorCode;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[test]
fn a_drive_that_goes_away_is_resumed_by_the_same_job() {
    // When it is pulled: after the first file was read, and so on, after the last, at the second look.
    for gone_at in 1..=7 {
        for bytes in [3_000, 1_500_000] {
            let bench = Bench::new();
            let drive = bench.noise_drive("CARD", 6, bytes);
            let away = bench.place().join("pulled");
            let pull = |ask| {
                if ask == gone_at {
                    fs::rename(drive.root(), &away).unwrap();
                }
            };
            let first = bench.dock(drive.root()).run_beside(&Meter::default(), &pull).unwrap();
            let what = format!("pulled at count {gone_at}, {bytes} bytes");
            assert!(matches!(first.end, End::Interrupted { because: None }), "{what}: {:?}", first.end);
            assert_eq!(first.stored, gone_at.min(6), "{what}: what was read whole is verified");
            assert_eq!(first.problems, [], "{what}: files that were not reached are no problem yet");
            let job = bench.job(&first.job);
            assert_eq!((job.state.as_str(), job.stored), ("interrupted", first.stored), "{what}: the job stays open");
            bench.check_custody();

            fs::rename(&away, drive.root()).unwrap();
            let docking = bench.dock(drive.root());
            assert_eq!((docking.job.clone(), docking.resumes), (first.job.clone(), true), "{what}: the same job");
            let done = docking.plan.steps.iter().filter(|s| s.expected == Expected::Done).count() as u64;
            assert_eq!(done, first.stored, "{what}: it goes on behind what it has");
            let second = docking.run().unwrap();
            assert!(matches!(second.end, End::Done), "{what}: {:?}", second.end);
            assert_eq!((first.stored + second.stored, second.already_held), (6, 0), "{what}: all, and nothing twice");
            let job = bench.job(&second.job);
            assert_eq!((job.state.as_str(), job.stored), ("done", 6), "{what}: the job counts both dockings");
            assert_eq!(job.stored_bytes, (0..6).map(|n| bytes + n).sum::<u64>(), "{what}: and their bytes");
            for row in bench.clips() {
                assert_eq!(bench.sightings(&row).len(), 1, "{what}: {} was met once", row.clip.number);
            }
            bench.check_custody();
            bench.check_holds(drive.root());
        }
    }
}

#[test]
fn a_problem_is_said_once_however_often_the_job_resumes() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    let link = drive.root().join("DCIM/link.MP4");
    std::os::unix::fs::symlink("/etc/passwd", link).unwrap();
    let away = bench.place().join("pulled");
    let pull = |ask| {
        if ask == 1 {
            fs::rename(drive.root(), &away).unwrap()
        }
    };
    let first = bench.dock(drive.root()).run_beside(&Meter::default(), &pull).unwrap();
    fs::rename(&away, drive.root()).unwrap();
    let second = bench.dock(drive.root()).run().unwrap();
    assert_eq!((first.problems.len(), second.problems.len()), (1, 1), "each docking meets the link");
    assert_eq!(bench.read(|view| view.job_problems(&second.job, 9)).len(), 1, "the job lists it once");
    assert_eq!(bench.job(&second.job).refused, 1, "and counts it once");
    bench.check_custody();
}

#[test]
fn another_drive_is_another_job() {
    let bench = Bench::new();
    let (left, right) = (bench.noise_drive("LEFT", 3, 3_000), bench.noise_drive("RIGHT", 3, 9_000));
    let away = bench.place().join("pulled");
    let pull = |ask| {
        if ask == 2 {
            fs::rename(left.root(), &away).unwrap()
        }
    };
    let first = bench.dock(left.root()).run_beside(&Meter::default(), &pull).unwrap();
    assert!(matches!(first.end, End::Interrupted { because: None }), "{:?}", first.end);
    let other = bench.intake(&right);
    assert_ne!(other.job, first.job, "the other card does not continue this one's job");
    assert_eq!(bench.job(&first.job).state, "interrupted", "which goes on waiting");
    bench.check_custody();
}

#[test]
fn a_cancelled_run_keeps_what_is_verified_and_nothing_else() {
    for cancel_at in [1, 3, 6] {
        let bench = Bench::new();
        let drive = bench.noise_drive("CARD", 6, 1_200_000);
        let meter = Meter::default();
        let outcome = bench
            .dock(drive.root())
            .run_beside(&meter, &|ask| {
                if ask == cancel_at {
                    meter.cancel()
                }
            })
            .unwrap();
        // The sixth is the last: there is nothing left to stop but the second look.
        assert!(matches!(outcome.end, End::Cancelled | End::Done), "{:?}", outcome.end);
        assert!(matches!(outcome.end, End::Cancelled) || cancel_at == 6, "asked at {cancel_at}: it stops");
        let stored = outcome.stored;
        // A second reader may have been behind its last block.
        assert!((cancel_at..=cancel_at + 1).contains(&stored), "whole copies are verified and stay: {stored}");
        bench.check_custody();
        let again = bench.intake(&drive);
        assert_eq!((again.stored, again.already_held), (6 - stored, stored), "the rest comes next time");
        bench.check_custody();
        bench.check_holds(drive.root());
    }
}

#[test]
fn cancelling_stops_within_a_file() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 1, 64 << 20);
    let (meter, ended) = (Meter::default(), AtomicBool::new(false));
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while meter.progress().bytes_done == 0 && !ended.load(Relaxed) {
                std::thread::yield_now();
            }
            meter.cancel();
        });
        let outcome = bench.dock(drive.root()).run_beside(&meter, &|_| {});
        ended.store(true, Relaxed);
        outcome.unwrap()
    });
    assert!(matches!(outcome.end, End::Cancelled), "{:?}", outcome.end);
    assert!(meter.progress().bytes_done < 64 << 20, "not after the whole file");
    assert_eq!(outcome.stored, 0, "half a file is nothing");
    assert_eq!(bench.job(&outcome.job).state, "cancelled", "and it is written down");
    bench.check_custody();
}

#[test]
fn a_job_that_a_crash_left_open_is_interrupted_and_resumes() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 3_000);
    let job = bench.dock(drive.root()).job;
    let opened = ledger::JobOpened {
        id: job.to_string(),
        volume: ledger::VolumeRecord { key: "label:CARD".into(), ..Default::default() },
        recorder_name: "CARD".into(),
        ..Default::default()
    };
    let author = register::Author::new(model::Clock::now(&crate::bench::FixedClock), crate::bench::officer());
    bench.register.write::<_, register::RegisterError>(&author, |_| Ok((vec![opened.into()], ()))).unwrap();
    let bench = bench.reopened();
    let settled = bench.at_desk(intake::settle).unwrap();
    assert_eq!((settled.interrupted, settled.adopted, settled.discarded), (1, 0, 0), "{settled:?}");
    assert_eq!(bench.job(&job).state, "interrupted", "it waits for its drive");
    let docking = bench.dock(drive.root());
    assert_eq!((docking.job.clone(), docking.resumes), (job, true), "and goes on with it");
    assert_eq!(docking.run().unwrap().stored, 3, "from the start");
    bench.check_custody();
    let nothing = bench.at_desk(intake::settle).unwrap();
    assert_eq!(nothing, intake::Settled::default(), "settling a settled vault does nothing");
}

#[test]
fn a_volume_that_only_its_label_names_is_read_again_and_noted_once() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 6, 3_000);
    let away = bench.place().join("pulled");
    let pull = |ask| {
        if ask == 4 {
            fs::rename(drive.root(), &away).unwrap()
        }
    };
    let first = bench.dock(drive.root()).run_beside(&Meter::default(), &pull).unwrap();
    assert_eq!(first.stored, 4, "the better part of it");
    fs::rename(&away, drive.root()).unwrap();
    let mut docking = bench.dock(drive.root());
    // Any card may bear the label: what is remembered of it is a reason to compare, none to pass over.
    for step in docking.plan.steps.iter_mut().filter(|step| step.expected == Expected::Done) {
        step.expected = Expected::AlreadyHeld;
    }
    let second = docking.run().unwrap();
    assert!(matches!(second.end, End::Done), "{:?}", second.end);
    assert_eq!((second.stored, second.already_held), (2, 0), "what the job met before is not counted again");
    let job = bench.job(&second.job);
    assert_eq!((job.stored, job.already_held), (6, 0), "six files, six clips");
    for row in bench.clips() {
        assert_eq!(bench.sightings(&row).len(), 1, "{} was met once by this job", row.clip.number);
    }
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn a_station_that_closes_down_interrupts_and_does_not_cancel() {
    type Stop = fn(&Meter);
    let rows: &[(&str, Stop, &str)] = &[
        ("closing down", Meter::close_down, "interrupted"),
        ("cancelled", Meter::cancel, "cancelled"),
        (
            "cancelled, then closing down",
            |meter| {
                meter.cancel();
                meter.close_down();
            },
            "cancelled",
        ),
    ];
    for (what, stop, state) in rows {
        let bench = Bench::new();
        let drive = bench.noise_drive("CARD", 6, 3_000);
        let meter = Meter::default();
        let beside = |ask| {
            if ask == 2 {
                stop(&meter)
            }
        };
        let outcome = bench.dock(drive.root()).run_beside(&meter, &beside).unwrap();
        assert_eq!(bench.job(&outcome.job).state, *state, "{what}: {:?}", outcome.end);
        assert!(outcome.stored < 6, "{what}: it stops");
        bench.check_custody();
        let docking = bench.dock(drive.root());
        assert_eq!(docking.resumes, *state == "interrupted", "{what}: what was interrupted goes on");
        docking.run().unwrap();
        bench.check_custody();
        bench.check_holds(drive.root());
    }
}

#[test]
fn a_job_that_came_to_no_run_is_closed() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 3, 3_000);
    let docking = bench.dock(drive.root());
    let opening = docking.opening();
    let officer = crate::bench::officer();
    bench.at_desk(|desk| intake::open(desk, &opening, &officer)).unwrap();
    assert_eq!(bench.job(&docking.job).state, "open", "it is written down before anything is read");
    let error = Some(ErrorCode::SourceFailed);
    bench.at_desk(|desk| intake::abandon(desk, &opening, &officer, "failed", error)).unwrap();
    let row = bench.job(&docking.job);
    assert_eq!((row.state.as_str(), row.error, row.stored), ("failed", error, 0), "and says why it ended");
    assert_eq!(bench.intake(&drive).stored, 3, "the next docking is another job");
    bench.check_custody();
}
