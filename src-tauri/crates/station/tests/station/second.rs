//! Second copies on another disk: made, checked, missed, and restored from.

use crate::bench::{Asked, Bench, clerk, files_below, refusal, sessions};
use model::{AlarmKind, ClipState, ErrorCode, PaperSubject, ProblemCode, SubjectKind};
use station::{Ids, Station, Surroundings};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A folder on another disk than the benches.
pub fn other_disk() -> TempDir {
    let disk = tempfile::tempdir_in("/dev/shm").expect("the machine has a second file system");
    let (here, there) = (fs::metadata(std::env::temp_dir()).unwrap(), fs::metadata(disk.path()).unwrap());
    assert_ne!(here.dev(), there.dev(), "it is another disk than the benches'");
    disk
}

/// Another unit's vault. Benches count their ids from the same number; this one has ids of its own.
pub fn stranger() -> (Bench, Arc<Station>) {
    let bench = Bench::mute();
    let around = Surroundings { ids: Arc::new(Ids::default()), ..bench.around() };
    let station = Station::create(&bench.vault(), "某某局", "qj-qilin", &clerk(), around).unwrap();
    (bench, station)
}

/// A station with the usual card in custody and a place for second copies, nothing copied yet.
fn with_place(bench: &Bench) -> (Arc<Station>, TempDir) {
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 5, 300_000));
    let disk = other_disk();
    station.use_copy_place(&clerk(), Some(disk.path())).unwrap();
    (station, disk)
}

fn overwrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Returns kind and subject of the alarms that stand.
fn alarms(station: &Arc<Station>) -> Vec<(AlarmKind, String)> {
    station.alarms().unwrap().into_iter().map(|alarm| (alarm.kind, alarm.subject)).collect()
}

fn relative(root: &Path, paths: Vec<PathBuf>) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(root).unwrap().display().to_string()).collect()
}

#[test]
fn a_place_that_is_no_second_disk_is_refused() {
    let bench = Bench::mute();
    let station = bench.create();
    let disk = other_disk();
    let make = |name: &str| {
        let path = disk.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let (full, other, alien) = (make("full"), make("other"), make("alien"));
    fs::write(full.join("holiday.jpg"), "private").unwrap();
    let (_theirs, stranger) = stranger();
    stranger.use_copy_place(&clerk(), Some(&other)).unwrap();
    fs::write(alien.join("evidock-copy.json"), "{").unwrap();
    fs::write(disk.path().join("file"), "").unwrap();
    let same_disk = bench.place().join("copies");
    fs::create_dir(&same_disk).unwrap();
    let rows = [
        ("not there", disk.path().join("none"), "missing"),
        ("a file", disk.path().join("file"), "no_folder"),
        ("the vault itself", bench.vault(), "inside_vault"),
        ("below the vault", bench.vault().join("originals"), "missing"),
        ("above the vault", bench.place().to_owned(), "inside_vault"),
        ("the same disk", same_disk, "same_disk"),
        ("somebody's folder", full, "not_empty"),
        ("another vault's", other, "other_vault"),
        ("a marker that is none", alien, "marker_unreadable"),
    ];
    for (what, path, why) in rows {
        let refused = station.use_copy_place(&clerk(), Some(&path)).expect_err(what);
        assert_eq!((refused.code, refused.params["why"].as_str()), (ErrorCode::CopyPlaceUnfit, why), "{what}");
        assert_eq!(station.settings().unwrap().second_copy, None, "{what}: nothing is set");
    }
    let good = make("good");
    fs::create_dir(good.join("lost+found")).unwrap();
    station.use_copy_place(&clerk(), Some(&good)).unwrap();
    let id = station.copy_status().unwrap().id;
    station.use_copy_place(&clerk(), None).unwrap();
    assert_eq!(station.copy_status().unwrap().place, None, "and given up again");
    station.use_copy_place(&clerk(), Some(&good)).unwrap();
    assert_eq!(station.copy_status().unwrap().id, id, "its own marker is known again");
}

#[test]
fn every_clip_gets_a_second_copy_that_was_read_back() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    station.signed(&sessions(&station)[0]);
    let unit = PaperSubject { kind: SubjectKind::Unit, id: String::new() };
    let (draft, _) = station.paper_draft("checklist", &unit).unwrap();
    station.issue_paper(&clerk(), "checklist", &unit, draft.revision, &draft.content).unwrap();
    let disk = other_disk();
    station.use_copy_place(&clerk(), Some(disk.path())).unwrap();
    let before = station.copy_status().unwrap();
    assert_eq!((before.copied, before.missing, before.reachable), (0, 4, true), "{before:?}");
    let done = station.bring_copies_up(&clerk()).unwrap();
    assert_eq!((done.copied, done.papers, done.bad_originals), (4, 2, 0), "{done:?}");
    for folder in ["originals", "papers"] {
        let (ours, theirs) = (bench.vault().join(folder), disk.path().join(folder));
        let (mine, copied) = (files_below(&ours), files_below(&theirs));
        assert_eq!(relative(&ours, mine.clone()), relative(&theirs, copied.clone()), "{folder}: under the same paths");
        for (one, other) in mine.iter().zip(&copied) {
            assert!(fs::read(one).unwrap() == fs::read(other).unwrap(), "the same bytes: {}", other.display());
        }
    }
    let mut names: Vec<String> =
        fs::read_dir(disk.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["evidock-copy.json", "ledger", "originals", "papers", "register", "staging"], "nothing else");
    assert_eq!(files_below(&disk.path().join("staging")), Vec::<PathBuf>::new(), "nothing is left unfinished");
    let ledger = fs::read(bench.vault().join("ledger/events-000000000001.jsonl")).unwrap();
    assert!(fs::read(disk.path().join("ledger/events-000000000001.jsonl")).unwrap() == ledger, "the whole ledger");
    for row in station.clips() {
        let copies = station.ask(|view| view.copies_of(&row.clip.id));
        assert!(copies.len() == 1 && copies[0].good && copies[0].path == row.clip.stored_path, "{copies:?}");
    }
    let again = station.bring_copies_up(&clerk()).unwrap();
    assert_eq!((again.copied, again.papers), (0, 0), "what is there is not copied twice");
    assert_eq!(station.check_copies(&clerk()).unwrap(), [], "and reads back as it should");
    assert_eq!(station.checked(false).findings, [], "the vault agrees with itself");
}

#[test]
fn a_bad_original_is_not_copied_and_raises_an_alarm() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    let (bad, gone) = (station.clips()[1].clip.clone(), station.clips()[3].clip.clone());
    overwrite(&bench.vault().join(&bad.stored_path), |bytes| bytes[77] ^= 1);
    fs::remove_file(bench.vault().join(&gone.stored_path)).unwrap();
    let done = station.bring_copies_up(&clerk()).unwrap();
    assert_eq!((done.copied, done.bad_originals), (3, 2), "{done:?}");
    for clip in [&bad, &gone] {
        let row = station.ask(|view| view.clip(&clip.id)).unwrap();
        assert_eq!(row.clip.state, ClipState::Mismatch, "the register says so");
        assert!(!disk.path().join(&clip.stored_path).exists(), "what is wrong is not spread");
        assert!(alarms(&station).contains(&(AlarmKind::OriginalBad, clip.id.to_string())), "and an alarm stands");
    }
}

#[test]
fn a_bad_copy_raises_an_alarm_and_is_made_anew() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    let clips = station.clips();
    let copy = |n: usize| disk.path().join(&clips[n].clip.stored_path);
    overwrite(&copy(0), |bytes| bytes[1000] ^= 1);
    overwrite(&copy(1), |bytes| bytes.truncate(9));
    fs::remove_file(copy(2)).unwrap();
    let found: Vec<ProblemCode> = station.check_copies(&clerk()).unwrap().into_iter().map(|one| one.code).collect();
    assert_eq!(found, [ProblemCode::CopyChanged, ProblemCode::CopyChanged, ProblemCode::CopyMissing]);
    assert_eq!(alarms(&station).len(), 3, "one for each: {:?}", alarms(&station));
    assert!(alarms(&station).iter().all(|(kind, _)| *kind == AlarmKind::CopyBad));
    assert_eq!(station.copy_status().unwrap().missing, 3, "they count as missing");
    assert_eq!(refusal(station.restore_plan(&clips[0].clip.id)), ErrorCode::CopyMissing, "nobody restores from one");
    let done = station.bring_copies_up(&clerk()).unwrap();
    assert_eq!(done.copied, 3, "made anew from the originals");
    let kept = files_below(&disk.path().join("quarantine"));
    assert!(kept.iter().any(|path| path.metadata().unwrap().len() == 9), "the bad ones are kept: {kept:?}");
    assert_eq!(station.check_copies(&clerk()).unwrap(), [], "and good");
    assert_eq!(alarms(&station).len(), 3, "an alarm stands until a person has dealt with it");
}

#[test]
fn the_scrub_tells_of_good_copies_together_and_of_a_bad_one_by_itself() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    let clips = station.clips();
    overwrite(&disk.path().join(&clips[2].clip.stored_path), |bytes| bytes[1000] ^= 1);
    let before = station.ask(|view| view.event_bytes(0, u32::MAX)).len();
    station.scrub_and_wait(&clerk()).unwrap();
    let events = station.ask(|view| view.event_bytes(0, u32::MAX));
    let lines: Vec<_> = events[before..].iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    let count = |kind: &str| lines.iter().filter(|line| line.contains(&format!("\"kind\":\"{kind}\""))).count();
    assert_eq!((count("copies.read"), count("copy.checked")), (1, 1), "a round does not flood the ledger: {lines:#?}");
    for (n, row) in clips.iter().enumerate() {
        let copies = station.ask(|view| view.copies_of(&row.clip.id));
        assert_eq!((copies[0].good, copies[0].checked_at.is_some()), (n != 2, true), "each was read: {copies:?}");
    }
    assert_eq!(station.checked(false).findings.len(), 0, "ledger and tables agree");
}

#[test]
fn a_copy_that_the_register_did_not_live_to_hear_of_is_taken_over() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    let clip = station.clips()[0].clip.clone();
    let (ours, theirs) = (bench.vault().join(&clip.stored_path), disk.path().join(&clip.stored_path));
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::copy(&ours, &theirs).unwrap();
    fs::copy(ours.with_file_name("clip.json"), theirs.with_file_name("clip.json")).unwrap();
    let inode = fs::metadata(&theirs).unwrap().ino();
    assert_eq!(station.bring_copies_up(&clerk()).unwrap().copied, 5);
    assert_eq!(fs::metadata(&theirs).unwrap().ino(), inode, "it was read back and is not written twice");
    assert!(!disk.path().join("quarantine").exists(), "nothing was wrong with it");
}

#[test]
fn a_place_that_is_gone_is_said_once_and_catches_up_by_itself() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    let away = disk.path().with_extension("away");
    fs::rename(disk.path(), &away).unwrap();
    // The empty mount point of a disk that is not there.
    fs::create_dir(disk.path()).unwrap();
    station.take_in(&bench.noise_drive("CARD 2", 3, 200_000));
    for _ in 0..3 {
        assert_eq!(refusal(station.bring_copies_up(&clerk())), ErrorCode::TargetFailed, "it says so");
    }
    let expected = (AlarmKind::CopyUnreachable, disk.path().display().to_string());
    assert_eq!(alarms(&station), [expected], "one alarm, however often it was tried");
    let status = station.copy_status().unwrap();
    assert!(!status.reachable && status.last_error.is_some(), "{status:?}");
    assert_eq!((status.copied, status.missing), (5, 3), "what was copied stays known");
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0, "nothing is written into the mount point");
    fs::remove_dir(disk.path()).unwrap();
    fs::rename(&away, disk.path()).unwrap();
    assert_eq!(station.bring_copies_up(&clerk()).unwrap().copied, 3, "back again");
    let status = station.copy_status().unwrap();
    assert!(status.reachable && status.last_error.is_none() && status.missing == 0, "{status:?}");
}

#[test]
fn a_ledger_that_contradicts_ours_is_left_alone() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    drop(station);
    let theirs = disk.path().join("ledger/events-000000000001.jsonl");
    let spoilt = fs::read_to_string(&theirs).unwrap().replacen("麒麟", "麒鳞", 1);
    fs::write(&theirs, &spoilt).unwrap();
    let station = bench.open();
    station.take_in(&bench.noise_drive("CARD 2", 2, 200_000));
    assert_eq!(station.bring_copies_up(&clerk()).unwrap().copied, 2, "clips are copied all the same");
    assert_eq!(fs::read_to_string(&theirs).unwrap(), spoilt, "not a byte is written to it");
    let expected = (AlarmKind::RegisterUnsound, disk.path().display().to_string());
    assert_eq!(alarms(&station), [expected], "and it is said");
}

#[test]
fn a_damaged_original_is_restored_from_its_copy() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    let clip = station.clips()[2].clip.clone();
    let original = bench.vault().join(&clip.stored_path);
    assert_eq!(station.restore_plan(&clip.id).unwrap().problem, None, "nothing is wrong with it yet");
    assert_eq!(refusal(station.restore_clip(&clerk(), &clip.id)), ErrorCode::InvalidInput, "so nothing is restored");
    overwrite(&original, |bytes| bytes[1] ^= 4);
    let damaged = fs::read(&original).unwrap();
    station.checked(false);
    let plan = station.restore_plan(&clip.id).unwrap();
    assert_eq!(plan.problem.unwrap().code, ProblemCode::OriginalChanged, "what is wrong");
    assert_eq!((plan.from, plan.bytes), (disk.path().join(&clip.stored_path), clip.size), "from where, and how much");
    let restored = station.restore_clip(&clerk(), &clip.id).unwrap().clip;
    assert!(restored.stored_path.starts_with(&plan.into), "where the plan said: {}", restored.stored_path);
    assert_ne!(restored.stored_path, clip.stored_path, "beside the damaged one");
    assert_eq!((restored.state, restored.digests, restored.number), (ClipState::Verified, clip.digests, clip.number));
    assert!(fs::read(&original).unwrap() == damaged, "which stays as it is");
    let kinds: Vec<String> =
        station.ask(|view| view.history(&[clip.id.as_str()])).into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds.last().map(String::as_str), Some("clip.restored"), "{kinds:?}");
    assert_eq!(station.checked(false).findings, [], "store, register and ledger agree");
    drop(station);
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    fs::remove_dir_all(bench.vault().join("ledger")).unwrap();
    let (station, _) = crate::rebuild::brought_back(&bench, "某局", "qj-qilin").unwrap();
    let back = station.ask(|view| view.clip(&clip.id)).unwrap().clip;
    assert_eq!(back.stored_path, restored.stored_path, "the folders alone tell which of the two is good");
}

#[test]
fn a_copy_that_went_bad_unnoticed_restores_nothing() {
    let bench = Bench::mute();
    let (station, disk) = with_place(&bench);
    station.bring_copies_up(&clerk()).unwrap();
    let clip = station.clips()[2].clip.clone();
    fs::remove_file(bench.vault().join(&clip.stored_path)).unwrap();
    overwrite(&disk.path().join(&clip.stored_path), |bytes| bytes[5] ^= 1);
    assert_eq!(refusal(station.restore_clip(&clerk(), &clip.id)), ErrorCode::CopyMissing, "its digests are wrong");
    assert_eq!(files_below(&bench.vault().join("staging")), Vec::<PathBuf>::new(), "nothing is left behind");
    let row = station.ask(|view| view.clip(&clip.id)).unwrap();
    assert_eq!(row.clip.stored_path, clip.stored_path, "the register says what it said");
}

#[test]
fn an_open_station_copies_and_backs_up_by_itself() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    let disk = other_disk();
    station.use_copy_place(&clerk(), Some(disk.path())).unwrap();
    station.take_in(&bench.noise_drive("CARD", 4, 200_000));
    let until = |what: &str, done: &dyn Fn() -> bool| {
        for _ in 0..3000 {
            if done() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{what}: {:?}", station.copy_status());
    };
    until("copies", &|| station.copy_status().unwrap().copied == 4);
    until("backups", &|| {
        let backups = station.backups().unwrap();
        backups.len() >= 2 && backups.iter().all(|backup| backup.present)
    });
    station.person("李娜", "53030036012");
    let before = station.backups().unwrap().len();
    station.close();
    assert_eq!(station.backups().unwrap().len(), before + 2, "closing backs up what came after, here and there");
    station.close();
    assert_eq!(station.backups().unwrap().len(), before + 2, "once");
}
