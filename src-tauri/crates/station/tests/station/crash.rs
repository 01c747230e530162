//! kill −9 during intake, again and again: nothing lost, nothing doubled, nothing half.

use crate::bench::{Asked, Bench, check_holds, clerk, files_below, mute_probe, reopen};
use station::{Declared, Ids, JobState, Station, Surroundings, SystemClock};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const VAULT: &str = "EVIDOCK_TEST_VAULT";
const DRIVE: &str = "EVIDOCK_TEST_DRIVE";
/// Times the process is killed.
const ROUNDS: u32 = 24;

fn around() -> Surroundings {
    Surroundings {
        prober: mute_probe(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(Ids::default()),
        dock_folders: vec![],
        watch_dock: false,
        system: Default::default(),
        patience: Default::default(),
    }
}

/// Is run by the test below in a process of its own.
#[test]
#[ignore = "the victim of the next test"]
fn victim() {
    let place = |name| PathBuf::from(env::var_os(name).expect("started by the test below"));
    let station = reopen(&place(VAULT), around);
    let status = station.intake_path(&clerk(), &place(DRIVE), Declared::Command).unwrap();
    assert_eq!(status.state, JobState::Done, "{:?}", status.error);
}

/// Starts an intake in a process of its own and kills it; tells whether it was still running.
fn killed(vault: &Path, drive: &Path, after: Duration) -> bool {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::victim", "--ignored"])
        .env(VAULT, vault)
        .env(DRIVE, drive)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// Fails unless the register and the folders say the same, file by file.
fn check_sound(station: &Arc<Station>, round: &str) {
    let rows = station.clips();
    let contents: BTreeSet<_> = rows.iter().map(|row| row.clip.digests.blake3).collect();
    assert_eq!(contents.len(), rows.len(), "{round}: nothing twice");
    assert_eq!(files_below(&station.vault().join("originals")).len(), 2 * rows.len(), "{round}: each with its sidecar");
    assert_eq!(files_below(&station.vault().join("staging")), Vec::<PathBuf>::new(), "{round}: nothing staged");
    for (n, row) in (1..).zip(&rows) {
        assert!(row.clip.number.ends_with(&format!("-{n:06}")), "{round}: {} is number {n}", row.clip.number);
    }
    assert_eq!(station.checked(false).findings, [], "{round}: fsck");
    assert!(station.ask(|view| view.open_jobs()).is_empty(), "{round}: no job is left open");
}

#[test]
fn row_43_killing_an_intake_at_any_moment_loses_and_doubles_nothing() {
    let bench = Bench::mute();
    let mut drive = bench.noise_drive("CARD", 1, 1_000);
    drop(Station::create(&bench.vault(), "某局", "qj-qilin", &clerk(), around()).unwrap());
    let (mut killed_running, mut killed_midway) = (0, 0);
    let mut chance = 0x2026_1121_u64;
    for round in 0..ROUNDS {
        // Small files, where most steps are about names and rows, and one whose bytes take their time.
        for n in 0..12_u32 {
            drive.noise_clip(&format!("2026-11-21 {:02}:{n:02}:00", round % 24), 1, 20_000 + u64::from(n)).unwrap();
        }
        drive.noise_clip(&format!("2026-11-21 {:02}:30:00", round % 24), 1, 12 << 20).unwrap();
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis(5 + (chance >> 33) % 396);
        killed_running += u32::from(killed(&bench.vault(), drive.root(), after));
        let staged = !files_below(&bench.vault().join("staging")).is_empty();
        killed_midway += u32::from(staged);

        let station = reopen(&bench.vault(), around);
        check_sound(&station, &format!("round {round}, killed after {after:?}"));
    }
    assert!(killed_running >= ROUNDS / 2, "the kills hit running processes: {killed_running}");
    assert!(killed_midway >= 3, "some of them in the middle of a copy: {killed_midway}");

    let station = reopen(&bench.vault(), around);
    let adopted = station.ask(|view| view.event_bytes(0, u32::MAX)).into_iter();
    let adopted = adopted.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(r#""adopted":true"#)).count();
    eprintln!(
        "{ROUNDS} kills: {killed_running} while running, {killed_midway} with a copy staged, {adopted} taken over"
    );
    let files = files_below(drive.root()).len();
    let status = station.take_in(&drive);
    check_sound(&station, "in the end");
    assert_eq!(station.clips().len(), files, "every file of the card, once");
    assert_eq!(station.job_status(&status.job).unwrap().state, JobState::Done);
    check_holds(&station, drive.root());
    for row in station.clips() {
        let seen = station.ask(|view| view.sightings(&row.clip.id));
        let places: BTreeSet<_> = seen.iter().map(|s| (&s.job, &s.path)).collect();
        assert_eq!(places.len(), seen.len(), "{}: one job meets one file once", row.clip.number);
    }
    assert!(fs::read_dir(bench.vault().join("originals")).unwrap().count() > 0, "and it lies there");
}
