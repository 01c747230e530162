//! The dock: nothing is read before somebody allowed it.

use crate::bench::{Asked, Bench, check_holds, clerk, refusal};
use fixtures::Layout;
use model::ErrorCode;
use station::{Declared, DriveStanding, DriveStatus, JobState, NewRecorder, Settings, Station, Topic};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Sets every access time below a folder to a day long gone: reading a folder then moves its own, also on mounts that
/// note only the first reading.
fn forget_reading(root: &Path) {
    let status = Command::new("find").arg(root).args(["-exec", "touch", "-a", "-d", "2020-01-01", "{}", "+"]).status();
    assert!(status.unwrap().success(), "access times are set");
}

/// Returns the access times of the folders, outermost first; looking at a folder's facts reads nothing of it.
fn read_times(folders: &[PathBuf]) -> BTreeMap<PathBuf, i64> {
    folders.iter().map(|folder| (folder.clone(), fs::metadata(folder).unwrap().atime())).collect()
}

fn only(station: &Station) -> DriveStatus {
    let mut drives = station.drives().unwrap();
    assert_eq!(drives.len(), 1, "{drives:?}");
    drives.remove(0)
}

/// Returns how the newest opened or resumed job says it came about.
fn last_opening(station: &Arc<Station>) -> String {
    let events = station.ask(|view| view.event_bytes(0, u32::MAX));
    let mut texts = events.into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap());
    texts.rfind(|text| text.contains("\"job.opened\"") || text.contains("\"job.resumed\"")).unwrap()
}

#[test]
fn an_unknown_drive_is_not_read_before_it_is_admitted() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    let folders: Vec<PathBuf> = ["", "DCIM", "DCIM/20261121"].map(|folder| drive.root().join(folder)).to_vec();
    forget_reading(drive.root());
    let unread = read_times(&folders);

    let seen = only(&station);
    assert_eq!((seen.standing, seen.docked.facts.label.as_str()), (DriveStanding::Unknown, "CARD"), "seen by its name");
    let id = seen.docked.id.to_string();
    for declared in [Declared::Asked, Declared::NotAsked, Declared::Command] {
        assert_eq!(
            refusal(station.start_intake(&clerk(), &id, declared)),
            ErrorCode::DriveNotAdmitted,
            "{declared:?}: nobody allowed it"
        );
    }
    assert_eq!(read_times(&folders), unread, "not one folder of it was read");
    assert_eq!(station.jobs(9).unwrap().len(), 0, "no job was opened");
    assert_eq!(refusal(station.start_intake(&clerk(), "folder:0:0:/x", Declared::Asked)), ErrorCode::DriveGone);

    assert_eq!(station.admit_once(&clerk(), &id).unwrap().standing, DriveStanding::AdmittedOnce);
    assert_eq!(read_times(&folders), unread, "allowing reads nothing either");
    let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    assert_eq!(begun.state, JobState::Running, "it runs on a thread of its own");
    let ended = station.ended(&begun.job);
    assert_eq!((ended.state, ended.stored, ended.already_held), (JobState::Done, 2, 0), "{:?}", ended.error);
    // Shows that the access times above would have told.
    assert!(read_times(&folders).iter().all(|(folder, time)| *time != unread[folder]), "reading leaves its trace here");
    let opening = last_opening(&station);
    assert!(opening.contains(r#""admitted":"once""#) && opening.contains(r#""declared":"asked""#), "{opening}");
    check_holds(&station, drive.root());
}

#[test]
fn admission_ends_when_the_drive_leaves() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let id = only(&station).docked.id.to_string();
    station.admit_once(&clerk(), &id).unwrap();
    assert_eq!(only(&station).standing, DriveStanding::AdmittedOnce, "while it stands there");
    let away = bench.place().join("away");
    fs::rename(drive.root(), &away).unwrap();
    assert_eq!(station.drives().unwrap().len(), 0, "it left");
    assert_eq!(refusal(station.admit_once(&clerk(), &id)), ErrorCode::DriveGone, "what is gone is not admitted");
    fs::rename(&away, drive.root()).unwrap();
    assert_eq!(only(&station).standing, DriveStanding::Unknown, "and is asked about again");
}

#[test]
fn a_registered_drive_is_known_by_its_recorder() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let id = only(&station).docked.id.to_string();
    let named =
        |name: &str, serial: &str| NewRecorder { name: name.into(), serial: serial.into(), keeper: "李娜".into() };
    assert_eq!(refusal(station.register_drive(&clerk(), &id, &named("  ", ""))), ErrorCode::InvalidInput);
    let status = station.register_drive(&clerk(), &id, &named(" DSJ-A8 03号 ", "036012")).unwrap();
    assert_eq!(status.standing, DriveStanding::Registered, "it needs no further admission");
    let ended = station.ended(&station.start_intake(&clerk(), &id, Declared::NotAsked).unwrap().job);
    assert_eq!((ended.state, ended.recorder.as_str()), (JobState::Done, "DSJ-A8 03号"), "{:?}", ended.error);
    assert_eq!(station.clips()[0].clip.recorder, "DSJ-A8 03号", "its footage is that recorder's");
    assert!(last_opening(&station).contains(r#""admitted":"registered""#), "and the job says how it was admitted");

    // A second card of the same recorder, and the same recorder under its serial.
    let mut other = bench.drive("CARD-2", Layout::DsjA);
    other.noise_clip("2026-11-21 10:00:00", 1, 4_000).unwrap();
    let second = station.drives().unwrap().into_iter().find(|d| d.docked.root == other.root()).unwrap();
    assert_eq!(second.standing, DriveStanding::Unknown, "another volume is another question");
    station.register_drive(&clerk(), second.docked.id.as_str(), &named("03号机", "036012")).unwrap();
    let recorders = station.ask(|view| view.recorders());
    assert_eq!(recorders.len(), 1, "one recorder with two cards: {recorders:?}");
    drop((station, drive));
    let station = bench.open();
    assert!(station.drives().unwrap().iter().all(|d| d.standing == DriveStanding::Registered), "remembered");
}

#[test]
fn nothing_is_read_before_it_is_declared_unclassified() {
    let bench = Bench::mute();
    let station = bench.create_with("gx-liulin");
    assert!(station.settings().unwrap().ask_unclassified, "柳林镇 第十七条");
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let folders = vec![drive.root().to_owned(), drive.root().join("DCIM")];
    let id = only(&station).docked.id.to_string();
    station.admit_once(&clerk(), &id).unwrap();
    forget_reading(drive.root());
    let unread = read_times(&folders);
    assert_eq!(
        refusal(station.start_intake(&clerk(), &id, Declared::NotAsked)),
        ErrorCode::NotDeclaredUnclassified,
        "nobody said so"
    );
    assert_eq!(read_times(&folders), unread, "nothing was read");
    let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    assert_eq!(station.ended(&begun.job).state, JobState::Done, "the custodian said so");
    assert!(last_opening(&station).contains(r#""declared":"asked""#), "and it is written down");
}

#[test]
fn a_second_start_on_the_same_drive_is_refused() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 96 << 20);
    let id = only(&station).docked.id.to_string();
    station.admit_once(&clerk(), &id).unwrap();
    let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    assert_eq!(refusal(station.start_intake(&clerk(), &id, Declared::Asked)), ErrorCode::JobRunning);
    assert_eq!(refusal(station.intake_path(&clerk(), drive.root(), Declared::Command)), ErrorCode::JobRunning);
    assert_eq!(station.running_intakes(), 1, "one runs");
    station.cancel_intake(&clerk(), &begun.job).unwrap();
    assert_eq!(station.ended(&begun.job).state, JobState::Cancelled, "and can be stopped");
    assert_eq!(station.running_intakes(), 0, "then none does");
    let again = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    assert_eq!(station.ended(&again.job).state, JobState::Done, "and may be started again");
    assert_eq!(station.checked(false).findings, [], "a stopped one leaves nothing");
}

#[test]
fn row_31_two_cards_of_one_label_are_taken_in_side_by_side() {
    let bench = Bench::mute();
    let station = bench.create();
    let mut roots = Vec::new();
    for (place, first) in [("left", 1), ("right", 2)] {
        let root = bench.place().join(place).join("NO NAME");
        let mut drive = fixtures::Drive::new(&root, Layout::Dcim).unwrap();
        for _ in 0..first {
            drive.noise_clip("2026-11-21 09:00:00", 1, 48 << 20).unwrap();
        }
        roots.push(root);
    }
    let ended = std::thread::scope(|scope| {
        let first = scope.spawn(|| station.intake_path(&clerk(), &roots[0], Declared::Command));
        while station.running_intakes() == 0 || station.ask(|view| view.open_jobs()).is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let second = scope.spawn(|| station.intake_path(&clerk(), &roots[1], Declared::Command));
        [first.join().unwrap(), second.join().unwrap()]
    });
    let [first, second] = ended.map(|status| status.unwrap());
    assert_ne!(first.job, second.job, "a card without a serial does not continue the job that runs");
    assert_eq!((first.state, second.state), (JobState::Done, JobState::Done));
    roots.iter().for_each(|root| check_holds(&station, root));
    assert_eq!(station.checked(false).findings, []);
}

#[test]
fn a_drive_that_arrives_is_announced() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    let (told, notices) = channel();
    // The station may outlive the receiver.
    let _listening = station.listen(move |topic| told.send(topic).unwrap_or_default());
    // The first look of a watching station comes by itself; what follows is due to the drive.
    while notices.recv_timeout(Duration::from_millis(700)).is_ok() {}
    assert_eq!(station.drives().unwrap().len(), 0, "nothing stands there yet");
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let dock = || loop {
        match notices.recv_timeout(Duration::from_secs(3)) {
            Ok(Topic::Dock) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    };
    assert!(dock(), "a notice says where to look");
    assert_eq!(only(&station).docked.root, drive.root(), "and there it is, without anybody asking");
    fs::rename(drive.root(), bench.place().join("away")).unwrap();
    assert!(dock(), "a drive that leaves is announced too");
    assert_eq!(station.drives().unwrap().len(), 0, "and gone");
    station.close();
}

#[test]
fn a_drive_known_only_by_its_label_never_starts_by_itself() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    let (drive, away) = (bench.noise_drive("CARD", 2, 3_000), bench.place().join("away"));
    let settle = || std::thread::sleep(Duration::from_millis(600));
    settle();
    let id = only(&station).docked.id.to_string();
    station.register_drive(&clerk(), &id, &NewRecorder { name: "03号".into(), ..NewRecorder::default() }).unwrap();
    let settings = Settings { intake_at_once: true, ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    fs::rename(drive.root(), &away).unwrap();
    settle();
    fs::rename(&away, drive.root()).unwrap();
    settle();
    let seen = only(&station);
    assert_eq!(seen.recorder.map(|recorder| recorder.name), Some("03号".into()), "its recorder is shown");
    assert_eq!(station.jobs(9).unwrap().len(), 0, "anybody can give a card that label");
    let begun = station.start_intake(&clerk(), seen.docked.id.as_str(), Declared::Asked).unwrap();
    assert_eq!(station.ended(&begun.job).state, JobState::Done, "a person starts it");
    station.close();
}

#[test]
fn admission_is_written_down_with_who_gave_it() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let li = station.person("李娜", "53030036012");
    let id = only(&station).docked.id.to_string();
    for _ in 0..2 {
        station.admit_once(&li, &id).unwrap();
    }
    let told = station.ask(|view| view.history(&["label:CARD"]));
    let admitted: Vec<_> = told.iter().filter(|event| event.kind == "volume.admitted").collect();
    assert_eq!(admitted.len(), 1, "once: {told:?}");
    assert!(admitted[0].actor.contains("李娜"), "by whom: {}", admitted[0].actor);
    // It is written down that the drive was to be read even when it cannot be.
    fs::remove_dir_all(drive.root()).unwrap();
    let begun = station.start_intake(&li, &id, Declared::Asked).unwrap();
    let ended = station.ended(&begun.job);
    assert_eq!(ended.state, JobState::Interrupted, "nothing is there to be read");
    assert_eq!(ended.error.unwrap().code, ErrorCode::SourceFailed, "and it says why");
    let job = station.ask(|view| view.job(&begun.job)).expect("the job was opened before the first byte");
    assert_eq!(job.state, "interrupted", "and its end is written down");
}

#[test]
fn what_lies_in_the_vault_or_holds_it_is_no_drive() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    station.take_in(&drive);
    let link = bench.place().join("link");
    std::os::unix::fs::symlink(bench.vault(), &link).unwrap();
    let originals = bench.vault().join("originals");
    for (what, path) in [
        ("the vault", bench.vault()),
        ("its originals", originals.clone()),
        ("what holds it", bench.place().to_owned()),
        ("a way round", link.join("originals")),
    ] {
        let failure = station.intake_path(&clerk(), &path, Declared::Command).expect_err(what);
        assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, "path"), "{what}");
    }
    let settings =
        Settings { dock_folders: vec![originals, link, bench.place().to_owned()], ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    let seen: Vec<PathBuf> = station.drives().unwrap().into_iter().map(|status| status.docked.root).collect();
    assert!(seen.contains(&drive.root().to_owned()), "a drive is one: {seen:?}");
    let vault = bench.vault();
    let ours = |root: &PathBuf| vault.starts_with(root) || root.canonicalize().unwrap().starts_with(&vault);
    assert!(!seen.iter().any(ours), "ours is none: {seen:?}");
}

#[test]
fn a_dock_folder_that_cannot_be_listed_hides_no_other() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let broken = bench.place().join("broken");
    fs::write(&broken, "no folder").unwrap();
    let settings = Settings { dock_folders: vec![broken], ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    assert_eq!(only(&station).docked.root, drive.root(), "the other is still looked at");
}

#[test]
fn a_pulled_folder_is_interrupted_and_goes_on_where_it_was() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 150, 1 << 20);
    let id = only(&station).docked.id.to_string();
    station.admit_once(&clerk(), &id).unwrap();
    let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    while station.job_status(&begun.job).unwrap().progress.files_done < 3 {
        std::thread::sleep(Duration::from_millis(2));
    }
    let away = bench.place().join("away");
    fs::rename(drive.root(), &away).unwrap();
    let ended = station.ended(&begun.job);
    assert_eq!(ended.state, JobState::Interrupted, "{:?}", ended.error);
    assert!((1..150).contains(&ended.stored), "some came in: {}", ended.stored);
    assert_eq!(station.checked(false).findings, [], "and is whole");
    fs::rename(&away, drive.root()).unwrap();
    station.drives().unwrap();
    let again = station.take_in(&drive);
    assert_eq!(again.job, begun.job, "the same job goes on");
    assert_eq!((again.stored, again.already_held), (150, 0), "both dockings are counted, nothing is kept twice");
    assert_eq!(station.clips().len(), 150, "nothing lost");
    check_holds(&station, drive.root());
    station.close();
}
