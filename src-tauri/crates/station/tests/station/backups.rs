//! Backups of the register, and what comes back from them, from the ledger's copy, and from the folders alone.

use crate::bench::{Asked, Bench, clerk, refusal};
use crate::rebuild::{brought_back, everything, lived_in};
use crate::second::{other_disk, stranger};
use model::{AlarmKind, ErrorCode};
use register::{Places, Register};
use station::{Failure, Restored, Station, fetch_ledger, restore_register};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Restores the register of a vault that was closed just now; see [`crate::bench::reopen`] for the lock.
fn restored(bench: &Bench, backup: &Path) -> Result<(Arc<Station>, Restored), Failure> {
    for _ in 0..200 {
        match restore_register(&bench.vault(), backup, &clerk(), bench.around()) {
            Err(failure) if failure.code == ErrorCode::VaultLocked => thread::sleep(Duration::from_millis(10)),
            ended => return ended,
        }
    }
    panic!("the vault stays locked");
}

fn backup_files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

/// Returns every table that the ledger gives, up to an event.
fn tables(vault: &Path) -> Vec<(&'static str, Vec<String>)> {
    for _ in 0..200 {
        if let Ok(register) = Register::open(&Places::below(vault)) {
            return register.content().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the register does not open");
}

/// Fails unless two registers differ in nothing but the event that tells of the bringing back.
fn check_same(before: &[(&str, Vec<String>)], after: &[(&str, Vec<String>)], events: usize) {
    for ((table, before), (_, after)) in before.iter().zip(after) {
        let after = if *table == "event" { &after[..events] } else { &after[..] };
        assert!(before == after, "table {table} differs: {} rows, then {}", before.len(), after.len());
    }
}

fn rows(tables: &[(&str, Vec<String>)], name: &str) -> usize {
    tables.iter().find(|(table, _)| *table == name).unwrap().1.len()
}

/// A station that has lived, with second copies and backups, and one alarm.
fn lived_in_twice(bench: &Bench, place: &Path) -> Arc<Station> {
    let station = lived_in(bench);
    station.use_copy_place(&clerk(), Some(place)).unwrap();
    station.bring_copies_up(&clerk()).unwrap();
    let clip = station.clips()[0].clip.clone();
    fs::remove_file(place.join(&clip.stored_path)).unwrap();
    assert_eq!(station.check_copies(&clerk()).unwrap().len(), 1, "a copy is missed, and an alarm stands");
    station.back_up(&clerk()).unwrap();
    station.bring_copies_up(&clerk()).unwrap();
    station
}

#[test]
fn backups_are_made_kept_and_thinned() {
    let bench = Bench::mute();
    let station = bench.create();
    let disk = other_disk();
    assert_eq!(station.bring_copies_up(&clerk()).unwrap(), Default::default(), "no place, no job: nothing to do");
    assert_eq!(station.backups().unwrap(), [], "naming the unit is no job");
    station.use_copy_place(&clerk(), Some(disk.path())).unwrap();
    station.take_in(&bench.noise_drive("CARD", 2, 100_000));
    station.bring_copies_up(&clerk()).unwrap();
    let first = station.backups().unwrap();
    assert_eq!(first.len(), 2, "after the job, here and there: {first:?}");
    assert!(first.iter().all(|backup| backup.present), "{first:?}");
    let bytes = |n: usize| fs::read(first[n].path.as_ref().unwrap()).unwrap();
    assert!(bytes(0) == bytes(1) && bytes(0).len() as u64 == first[0].row.bytes, "the same bytes in both places");
    station.bring_copies_up(&clerk()).unwrap();
    assert_eq!(station.backups().unwrap().len(), 2, "none without another job");
    let ours = bench.vault().join("backup");
    fs::write(ours.join("register-notes.sqlite"), "somebody's").unwrap();
    for _ in 0..9 {
        assert_eq!(station.back_up(&clerk()).unwrap().len(), 2);
    }
    assert_eq!(backup_files(&ours).len(), 7 + 1, "the last seven, and what is not ours");
    assert_eq!(backup_files(&disk.path().join("register")).len(), 7, "there too");
    let listed = station.backups().unwrap();
    assert_eq!(listed.len(), 20, "the register remembers all of them");
    assert_eq!(listed.iter().filter(|backup| backup.present).count(), 14, "and which are still there");
    let newest = listed.iter().max_by_key(|backup| backup.row.events).unwrap();
    assert!(newest.present, "the newest is");
    assert_eq!(station.checked(false).findings, []);
}

#[test]
fn a_backup_that_cannot_be_made_raises_an_alarm_and_stops_nothing() {
    let bench = Bench::mute();
    let station = bench.create();
    fs::write(bench.vault().join("backup"), "no folder").unwrap();
    station.take_in(&bench.noise_drive("CARD", 2, 100_000));
    station.bring_copies_up(&clerk()).unwrap();
    station.bring_copies_up(&clerk()).unwrap();
    let alarms = station.alarms().unwrap();
    assert_eq!(alarms.len(), 1, "said once: {alarms:?}");
    assert_eq!(alarms[0].kind, AlarmKind::BackupFailed);
    fs::remove_file(bench.vault().join("backup")).unwrap();
    station.bring_copies_up(&clerk()).unwrap();
    assert_eq!(station.backups().unwrap().len(), 1, "and made once it can be");
}

#[test]
fn row_48_a_register_comes_back_from_a_backup_and_the_ledger_files() {
    let bench = Bench::new();
    let disk = other_disk();
    let station = lived_in_twice(&bench, disk.path());
    let backup = station.backups().unwrap().into_iter().find(|one| one.row.place.is_empty()).unwrap();
    station.person("王强", "53030036015");
    let (before, events) = (everything(&station), station.ask(|view| view.ledger_head()).0);
    drop(station);
    let held = tables(&bench.vault());
    let database = bench.vault().join("register/register.sqlite");
    let spoilt = vec![0; 9000];
    fs::write(&database, &spoilt).unwrap();
    assert_eq!(refusal(Station::open(&bench.vault(), bench.around())), ErrorCode::RegisterDamaged, "said on opening");
    let path = backup.path.unwrap();
    let (station, restored) = restored(&bench, &path).unwrap();
    assert_eq!(restored.events, events, "every event is there");
    assert_eq!(restored.replayed, events - backup.row.events, "the newer ones from the ledger files");
    let kept = restored.set_aside.unwrap().join("register.sqlite");
    assert!(fs::read(kept).unwrap() == spoilt, "the damaged one is set aside as it was");
    assert_eq!(everything(&station), before, "everything is back");
    let newest = station.ask(|view| view.event_bytes(events, 9));
    let told = String::from_utf8(newest[0].1.clone()).unwrap();
    assert!(told.contains(r#""register.restored""#) && told.contains("tester"), "and who did it: {told}");
    drop(station);
    check_same(&held, &tables(&bench.vault()), events as usize);
    assert_eq!(bench.open().checked(false).findings, [], "and all of it agrees with the store");
}

#[test]
fn row_48_a_backup_that_does_not_fit_is_refused() {
    let bench = Bench::mute();
    let made = |station: Arc<Station>| {
        station.back_up(&clerk()).unwrap();
        station.backups().unwrap()[0].path.clone().unwrap()
    };
    let (_theirs, strangers) = stranger();
    let (ours, theirs) = (made(bench.create()), made(strangers));
    let database = bench.vault().join("register/register.sqlite");
    assert_eq!(refusal(restored(&bench, &theirs)), ErrorCode::BackupUnfit, "of another vault");
    assert_eq!(refusal(restored(&bench, &bench.vault().join("none.sqlite"))), ErrorCode::BackupUnfit, "not there");
    let beside = ours.with_extension("sqlite-wal");
    fs::write(&beside, [1; 64]).unwrap();
    assert_eq!(refusal(restored(&bench, &ours)), ErrorCode::BackupUnfit, "a log beside it");
    fs::remove_file(beside).unwrap();
    assert!(!bench.vault().join("backup").read_dir().unwrap().any(|e| e.unwrap().path().is_dir()), "nothing set aside");
    let ledger = bench.vault().join("ledger/events-000000000001.jsonl");
    let whole = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, whole.replacen("麒麟", "麒鳞", 1)).unwrap();
    assert_eq!(refusal(restored(&bench, &ours)), ErrorCode::RegisterDamaged, "the ledger files contradict it");
    fs::write(&ledger, whole).unwrap();
    assert!(database.exists(), "the register was not touched");
    let (station, back) = restored(&bench, &ours).unwrap();
    assert_eq!(back.replayed, 1, "the event of the backup itself is newer than the backup");
    assert_eq!(station.checked(true).findings, []);
}

#[test]
fn everything_comes_back_from_the_folders_alone() {
    let bench = Bench::new();
    let disk = other_disk();
    let station = lived_in_twice(&bench, disk.path());
    let before = everything(&station);
    drop(station);
    let held = tables(&bench.vault());
    for table in ["clip", "sighting", "session", "statement", "\"case\"", "copy", "alarm", "backup", "event", "package"]
    {
        assert!(rows(&held, table) > 0, "{table} holds something, so that its return means something");
    }
    let events = rows(&held, "event");

    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    let (station, rebuilt) = brought_back(&bench, "不用", "qj-qilin").unwrap();
    assert_eq!((rebuilt.events, rebuilt.problems.len()), (events as u64, 0), "from the vault's own ledger files");
    assert_eq!(everything(&station), before);
    drop(station);
    check_same(&held, &tables(&bench.vault()), events);

    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    fs::remove_dir_all(bench.vault().join("ledger")).unwrap();
    let (theirs, _) = stranger();
    assert_eq!(refusal(fetch(&theirs, disk.path())), ErrorCode::CopyPlaceUnfit, "only into the vault it is of");
    fetch(&bench, disk.path()).unwrap();
    let (station, rebuilt) = brought_back(&bench, "不用", "qj-qilin").unwrap();
    assert_eq!((rebuilt.events, rebuilt.problems.len()), (events as u64, 0), "from the ledger beside the copies");
    assert_eq!(everything(&station), before);
    drop(station);
    check_same(&held, &tables(&bench.vault()), events);
    assert_eq!(bench.open().checked(false).findings, [], "and all of it agrees with the store");
}

fn fetch(bench: &Bench, place: &Path) -> Result<(), Failure> {
    for _ in 0..200 {
        match fetch_ledger(&bench.vault(), place) {
            Err(failure) if failure.code == ErrorCode::VaultLocked => thread::sleep(Duration::from_millis(10)),
            ended => return ended,
        }
    }
    panic!("the vault stays locked");
}
