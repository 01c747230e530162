//! Work that goes on while something else happens.

use crate::bench::{Asked, Bench, Counter, check_holds, clerk, reopen};
use media::Prober;
use model::{ErrorCode, IdSource};
use station::{Declared, JobState, Station, Surroundings};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

#[test]
fn closing_while_an_intake_runs_leaves_a_sound_vault() {
    for wait_ms in [0, 20, 120, 300] {
        let bench = Bench::mute();
        let station = bench.create();
        let drive = bench.noise_drive("CARD", 12, 6 << 20);
        let id = station.drives().unwrap()[0].docked.id.to_string();
        station.admit_once(&clerk(), &id).unwrap();
        let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        station.close();
        let ended = station.job_status(&begun.job).unwrap();
        assert!(matches!(ended.state, JobState::Interrupted | JobState::Done), "after {wait_ms} ms: {:?}", ended.state);
        let stored = station.clips().len() as u64;
        drop(station);
        let station = bench.open();
        assert_eq!(station.checked(false).findings, [], "after {wait_ms} ms: what came in is whole");
        let again = station.take_in(&drive);
        // A job that goes on counts what it stored before.
        let expected = if ended.state == JobState::Done { (stored, 12 - stored) } else { (0, 12) };
        assert_eq!((again.already_held, again.stored), expected, "after {wait_ms} ms: the rest comes now");
        assert_eq!(again.job == begun.job, ended.state != JobState::Done, "after {wait_ms} ms: the same job goes on");
        check_holds(&station, drive.root());
    }
}

#[test]
fn a_check_beside_a_running_intake_finds_nothing_wrong() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 150, 2_000);
    let mut checks = 0;
    std::thread::scope(|scope| {
        let intake = scope.spawn(|| station.take_in(&drive));
        while !intake.is_finished() {
            assert_eq!(station.checked(true).findings, [], "check {checks}: a step half done is no damage");
            checks += 1;
        }
    });
    assert!(checks > 5, "the checks ran beside the intake: {checks}");
    assert_eq!(station.checked(false).findings, []);
}

#[test]
fn a_missing_probe_locks_nobody_out() {
    let bench = Bench::new();
    let without = || Surroundings { prober: Prober::at("/nonexistent/evidock-probe".into()), ..bench.around() };
    let station = Station::create(&bench.vault(), "某局", "qj-qilin", &clerk(), without()).unwrap();
    let drive = bench.usual_drive();
    let status = station.intake_path(&clerk(), drive.root(), Declared::Command).unwrap();
    assert_eq!(status.state, JobState::Failed, "loud");
    assert_eq!(status.error.unwrap().code, ErrorCode::ToolMissing, "and it says what is missing");
    drop(station);
    // Evidence stays within reach.
    let station = reopen(&bench.vault(), without);
    assert_eq!(station.clips().len(), 4, "all of it");
    assert_eq!(station.checked(false).findings, [], "and whole");
    drop(station);
    let station = bench.open();
    assert!(station.clips().iter().all(|row| row.media.is_some() && row.clip.session.is_some()), "looked at by now");
}

/// Ids that run out: the panic of a fault nobody thought of.
struct Brittle(Counter, AtomicI64);

impl IdSource for Brittle {
    fn next(&self) -> String {
        assert!(self.1.fetch_sub(1, Relaxed) > 0, "the test's own ids run out");
        self.0.next()
    }
}

#[test]
fn row_51_an_intake_that_panics_has_failed_and_the_station_goes_on() {
    let bench = Bench::mute();
    let ids = Arc::new(Brittle(Counter::default(), AtomicI64::new(i64::MAX)));
    let around = Surroundings { ids: ids.clone(), ..bench.around() };
    let station = Station::create(&bench.vault(), "某局", "qj-qilin", &clerk(), around).unwrap();
    let drive = bench.noise_drive("CARD", 6, 3_000);
    let docked = station.drives().unwrap().into_iter().find(|status| status.docked.root == drive.root()).unwrap();
    let id = docked.docked.id.as_str();
    station.admit_once(&clerk(), id).unwrap();

    // One for the job, two for clips; the third clip breaks it.
    ids.1.store(3, Relaxed);
    let begun = station.start_intake(&clerk(), id, Declared::Asked).unwrap();
    let broken = station.ended(&begun.job);
    assert_eq!(broken.state, JobState::Failed, "it is not shown as running for ever");
    assert_eq!(broken.error.unwrap().code, ErrorCode::Internal, "and says that it was our fault");
    assert_eq!(station.clips().len(), 2, "what was taken in is in custody");

    ids.1.store(i64::MAX, Relaxed);
    let again = station.take_in(&drive);
    assert_eq!((again.job, again.stored), (begun.job, 6), "the same job goes on where it was");
    assert_eq!(station.checked(false).findings, [], "and the store is sound");
    check_holds(&station, drive.root());
}
