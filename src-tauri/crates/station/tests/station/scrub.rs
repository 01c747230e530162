//! The scrub reads everything back in idle time, makes way, and says what it finds.

use crate::bench::{Asked, Bench, clerk};
use model::{Actor, AlarmKind, ClipState, Clock, ErrorCode, Instant, ProblemCode, parse_instant};
use register::ClipRow;
use station::{Declared, JobState, ScrubState, ScrubStatus, Settings, Station, Surroundings};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant as Moment};

/// Longest time that a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A clock that a test sets: milliseconds since 18:00 on the day of the drives.
#[derive(Default)]
struct Hand(AtomicI64);

impl Hand {
    fn days(days: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(days * 24 * 3600 * 1000)))
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        let begin = parse_instant("2026-11-21T10:00:00Z").unwrap();
        model::shifted(begin, self.0.fetch_add(1, Relaxed)).unwrap()
    }
}

/// Opens the bench's vault as a program would that runs so many days later.
fn open_later(bench: &Bench, days: i64) -> Arc<Station> {
    crate::bench::reopen(&bench.vault(), || Surroundings { clock: Hand::days(days), ..bench.around() })
}

fn path_of(station: &Station, row: &ClipRow) -> PathBuf {
    station.vault().join(&row.clip.stored_path)
}

fn rewrite(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

/// Waits until the scrub's picture is as it should be.
#[track_caller]
fn wait_for(station: &Arc<Station>, what: &str, is_so: impl Fn(&ScrubStatus) -> bool) -> ScrubStatus {
    let begin = Moment::now();
    loop {
        let status = station.scrub_status().unwrap();
        if is_so(&status) {
            return status;
        }
        assert!(begin.elapsed() < PATIENCE, "{what} does not come: {status:?}");
        sleep(Duration::from_millis(1));
    }
}

fn round_is_through(status: &ScrubStatus) -> bool {
    status.round > 0 && status.state == ScrubState::Idle && status.clips_done == status.clips_total
}

/// Spoils one original of five, and fails unless the scrub names exhibit and event, raises one alarm, and takes the
/// clip for good again once its bytes are back.
fn check_found(what: &str, spoil: fn(&Path), code: ProblemCode) {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 5, 9_000));
    let first = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!((first.clips, first.findings_total), (5, 0), "{what}: clean before");
    let row = station.clips().remove(1);
    let path = path_of(&station, &row);
    let kept = fs::read(&path).unwrap();
    spoil(&path);

    let report = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!((report.round, report.clips), (2, 5), "{what}: a round takes all of them");
    assert_eq!(report.findings.iter().map(|f| f.code).collect::<Vec<_>>(), [code], "{what}: found, and nothing else");
    let finding = &report.findings[0];
    assert_eq!(finding.path, row.clip.stored_path, "{what}: the file is named");
    let (number, event) = finding.detail.split_once(" #").unwrap_or_else(|| panic!("{what}: {}", finding.detail));
    assert_eq!(number, row.clip.number, "{what}: the exhibit is named");
    let seq: u64 = event.split(':').next().unwrap().parse().unwrap();
    let bytes = String::from_utf8(station.ask(|view| view.event_bytes(seq - 1, 1)).remove(0).1).unwrap();
    assert!(
        bytes.contains(r#""clip.registered""#) && bytes.contains(row.clip.id.as_str()),
        "{what}: the event is the one that registered it: {bytes}"
    );
    assert_eq!(station.clips()[1].clip.state, ClipState::Mismatch, "{what}: 校验不符");
    let alarms = station.alarms().unwrap();
    assert_eq!(alarms.len(), 1, "{what}: {alarms:?}");
    assert_eq!((alarms[0].kind, alarms[0].subject.as_str()), (AlarmKind::OriginalBad, row.clip.id.as_str()), "{what}");
    assert!(alarms[0].detail.contains(code.code()) && alarms[0].detail.contains(&row.clip.number), "{what}");

    station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!(station.alarms().unwrap().len(), 1, "{what}: an alarm that stands is not raised again");
    rewrite(&path, &kept);
    let mended = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!(mended.findings_total, 0, "{what}: right again");
    assert_eq!(station.clips()[1].clip.state, ClipState::Verified, "{what}: and it says so");
    assert_eq!(station.alarms().unwrap().len(), 1, "{what}: the alarm waits for a person all the same");
    assert_eq!(station.checked(false).findings, [], "{what}: tables and ledger agree");
}

#[test]
fn row_55_a_swapped_original_is_found_and_named() {
    let swap: fn(&Path) = |path| rewrite(path, &vec![7; fs::metadata(path).unwrap().len() as usize]);
    check_found("swapped for one of the same size", swap, ProblemCode::OriginalChanged);
}

#[test]
fn row_55_a_deleted_original_is_found_and_named() {
    check_found("deleted", |path| fs::remove_file(path).unwrap(), ProblemCode::OriginalMissing);
}

#[test]
fn row_55_a_truncated_original_is_found_and_named() {
    let cut: fn(&Path) = |path| {
        let bytes = fs::read(path).unwrap();
        rewrite(path, &bytes[..bytes.len() - 1]);
    };
    check_found("truncated", cut, ProblemCode::OriginalChanged);
}

#[test]
fn an_edited_sidecar_is_found_and_its_clip_stays_good() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 3, 9_000));
    let row = station.clips().remove(1);
    let sidecar = path_of(&station, &row).with_file_name("clip.json");
    let text = fs::read_to_string(&sidecar).unwrap().replace(&row.clip.digests.sm3.to_string(), &"0".repeat(64));
    rewrite(&sidecar, text.as_bytes());
    let report = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!(report.findings.iter().map(|f| f.code).collect::<Vec<_>>(), [ProblemCode::SidecarDiffers]);
    assert_eq!(station.clips()[1].clip.state, ClipState::Verified, "its bytes are right");
    assert_eq!(station.alarms().unwrap()[0].kind, AlarmKind::RegisterUnsound, "but somebody has to look");
}

#[test]
fn it_yields_to_an_intake_within_a_second_in_the_middle_of_a_file_and_goes_on_after_it() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 3, 256 << 20));
    let card = bench.noise_drive("NEXT", 40, 1 << 20);
    let id = loop {
        let drives = station.drives().unwrap();
        if let Some(drive) = drives.iter().find(|drive| drive.docked.root == card.root()) {
            break drive.docked.id.to_string();
        }
        sleep(Duration::from_millis(10));
    };
    station.admit_once(&clerk(), &id).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let listening = station.listen(move |topic| {
        if topic == station::Topic::Scrub {
            heard.lock().unwrap().push(Moment::now());
        }
    });

    station.scrub_now(&clerk()).unwrap();
    wait_for(&station, "the first bytes", |status| status.state == ScrubState::Running && status.bytes_done > 0);
    let begun = station.start_intake(&clerk(), &id, Declared::Asked).unwrap();
    let asked = Moment::now();
    let yielded = wait_for(&station, "yielding", |status| status.state == ScrubState::Yielding);
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(1), "it made way after {took:?}");
    assert_eq!(yielded.current, None, "nothing is being read");
    assert!(yielded.clips_done < 3, "it stopped in the middle: {yielded:?}");
    let whole = station.clips()[..yielded.clips_done as usize].iter().map(|row| row.clip.size).sum::<u64>();
    assert_eq!(yielded.bytes_done, whole, "what was cut off does not count");
    assert_eq!(station.ended(&begun.job).state, JobState::Done, "the intake went first");

    let through = wait_for(&station, "the end of the round", round_is_through);
    assert_eq!((through.round, through.findings, through.clips_done), (1, 0, 43), "all of it, also what came since");
    assert_eq!(station.ask(|view| view.last_scrub()).unwrap().clips, 43, "each once");
    eprintln!("yielded after {took:?}");
    drop(listening);
    let told = told.lock().unwrap();
    let (first, last) = (told.first().unwrap(), told.last().unwrap());
    // Five notices a second for progress, and one for each step, state and wish.
    let most = last.duration_since(*first).as_millis() / 200 + 12;
    assert!(told.len() as u128 <= most, "{} notices, at most {most}", told.len());
    station.close();
}

#[test]
fn pausing_keeps_what_was_read_and_letting_go_reads_the_rest_once() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 40, 8 << 20));
    station.scrub_now(&clerk()).unwrap();
    wait_for(&station, "some clips", |status| status.clips_done >= 3);
    station.pause_scrub(&clerk(), true).unwrap();
    let paused = wait_for(&station, "the pause", |status| status.current.is_none());
    assert_eq!(paused.state, ScrubState::Paused, "it says so");
    assert!((3..40).contains(&paused.clips_done), "in the middle of the round: {paused:?}");
    let written = station.ask(|view| view.last_scrub()).unwrap();
    assert_eq!((written.clips, written.ended_at), (paused.clips_done, None), "what was read is written down");
    sleep(Duration::from_millis(300));
    assert_eq!(station.scrub_status().unwrap().clips_done, paused.clips_done, "it stands still");

    station.pause_scrub(&clerk(), false).unwrap();
    let through = wait_for(&station, "the end of the round", round_is_through);
    let row = station.ask(|view| view.last_scrub()).unwrap();
    assert_eq!((through.round, row.clips), (1, 40), "the same round, and no clip twice");
    let sizes: u64 = station.clips().iter().map(|row| row.clip.size).sum();
    assert_eq!((row.bytes, through.bytes_done, through.bytes_total), (sizes, sizes, sizes), "every byte once");
    station.close();
}

#[test]
fn closing_stops_it_at_once_and_the_next_start_goes_on_where_it_was() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 40, 8 << 20));
    station.scrub_now(&clerk()).unwrap();
    wait_for(&station, "some clips", |status| status.clips_done >= 3);
    let asked = Moment::now();
    station.close();
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(1), "closed after {took:?}");
    let before = station.ask(|view| view.last_scrub()).unwrap();
    assert!((3..40).contains(&before.clips) && before.ended_at.is_none(), "broken off in the middle: {before:?}");
    drop(station);

    let station = bench.open();
    wait_for(&station, "the end of the round", round_is_through);
    let after = station.ask(|view| view.last_scrub()).unwrap();
    assert_eq!((after.round, after.clips), (before.round, 40), "the same round, no clip twice");
    assert_eq!(station.checked(false).findings, [], "tables and ledger agree");
    station.close();
}

#[test]
fn a_round_begins_when_an_original_has_waited_long_enough() {
    let bench = Bench::mute();
    bench.create().take_in(&bench.noise_drive("CARD", 4, 9_000));
    let bench = bench.watching();

    let station = open_later(&bench, 29);
    let early = wait_for(&station, "the first look", |status| status.next_due.is_some());
    sleep(Duration::from_millis(300));
    assert_eq!((early.state, station.scrub_status().unwrap().round), (ScrubState::Idle, 0), "not yet");
    let taken = station.clips()[0].clip.taken_in_at;
    assert_eq!(early.next_due, model::shifted(taken, 30 * 24 * 3600 * 1000), "thirty days after it was taken in");
    station.close();
    drop(station);

    let station = open_later(&bench, 31);
    let done = wait_for(&station, "the round", round_is_through);
    assert_eq!((done.round, done.clips_done), (1, 4), "all of them");
    assert!(done.last_complete.is_some() && done.next_due > done.last_complete, "and the next one has a day");
    let by = station.ask(|view| view.clips_after(None, 9));
    assert!(by.iter().all(|row| row.checked_at > Some(taken)), "each says when it was read back");
    station.close();
}

#[test]
fn switched_off_it_reads_nothing_until_a_person_asks() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 4, 9_000));
    let settings = Settings { scrub_days: 0, ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    drop(station);
    let bench = bench.watching();
    let station = open_later(&bench, 400);
    sleep(Duration::from_millis(300));
    let off = station.scrub_status().unwrap();
    assert_eq!((off.state, off.round, off.next_due), (ScrubState::Off, 0, None), "off is off");
    let somebody = station.person("李娜", "53030036012");
    station.scrub_now(&somebody).unwrap();
    let through = wait_for(&station, "the round", |status| status.round == 1 && status.last_complete.is_some());
    assert_eq!(through.clips_done, 4, "a person asked");
    wait_for(&station, "off again", |status| status.state == ScrubState::Off);
    let events = station.ask(|view| view.event_bytes(0, u32::MAX));
    let begun = events.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).find(|e| e.contains("scrub.advanced"));
    assert!(begun.unwrap().contains("李娜"), "and the ledger says who");
    station.close();
}

/// Takes the whole store away in one way, and fails unless that is one alarm and no clip is called bad for it.
fn check_lost(what: &str, lose: fn(&Path)) {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 150, 3_000));
    let kept = bench.place().join("kept");
    let copied = std::process::Command::new("cp").arg("-a").arg(bench.vault().join("originals")).arg(&kept).status();
    assert!(copied.unwrap().success(), "{what}: the originals are kept aside");
    lose(&bench.vault());
    for go in 1..=2 {
        let failure = station.scrub_and_wait(&clerk()).err().unwrap_or_else(|| panic!("{what}: go {go} says nothing"));
        assert_eq!(failure.code, ErrorCode::TargetFailed, "{what}: go {go}");
        let alarms: Vec<AlarmKind> = station.alarms().unwrap().iter().map(|alarm| alarm.kind).collect();
        assert_eq!(alarms, [AlarmKind::TargetFailed], "{what}: go {go}: one alarm");
        assert!(station.clips().iter().all(|row| row.clip.state == ClipState::Verified), "{what}: go {go}: none bad");
    }
    let findings = station.checked(true).findings;
    assert!(
        findings.iter().filter(|f| f.code == ProblemCode::OriginalMissing).count() == 150,
        "{what}: fsck lists all"
    );
    assert!(station.clips().iter().all(|row| row.clip.state == ClipState::Verified), "{what}: and judges none");
    assert_eq!(station.alarms().unwrap().len(), 1, "{what}: still one alarm");

    let originals = bench.vault().join("originals");
    if originals.exists() {
        fs::remove_dir_all(&originals).unwrap();
    }
    fs::rename(&kept, &originals).unwrap();
    let back = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!((back.round, back.clips, back.findings_total), (1, 150, 0), "{what}: the same round, once it is back");
    assert_eq!(station.alarms().unwrap().len(), 1, "{what}: a person still has to say so");
}

#[test]
fn a_store_that_is_gone_is_one_alarm() {
    check_lost("the folder is gone", |vault| fs::remove_dir_all(vault.join("originals")).unwrap());
    check_lost("an empty disk stands in its place", |vault| {
        fs::remove_dir_all(vault.join("originals")).unwrap();
        fs::create_dir(vault.join("originals")).unwrap();
    });
    check_lost("the folders are there and nothing in them", |vault| {
        for file in crate::bench::files_below(&vault.join("originals")) {
            fs::remove_file(file).unwrap();
        }
    });
}

#[test]
fn many_lost_originals_among_good_ones_are_findings_each() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 30, 3_000));
    for row in &station.clips()[10..20] {
        fs::remove_file(path_of(&station, row)).unwrap();
    }
    let report = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!(report.findings_total, 10, "ten in a row, while others are there");
    let bad = station.clips().iter().filter(|row| row.clip.state == ClipState::Mismatch).count();
    assert_eq!((bad, station.alarms().unwrap().len()), (10, 10), "each is bad and has its alarm");
}

#[test]
fn one_reads_at_a_time_and_an_empty_store_is_read_in_no_time() {
    let bench = Bench::mute();
    let station = bench.create();
    let empty = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!((empty.round, empty.clips, empty.findings_total), (1, 0, 0), "nothing to read");
    station.take_in(&bench.noise_drive("CARD", 6, 64 << 20));
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| station.scrub_and_wait(&clerk()));
        wait_for(&station, "the reading", |status| status.state == ScrubState::Running);
        let second = station.scrub_and_wait(&clerk());
        assert_eq!(second.err().map(|failure| failure.code), Some(ErrorCode::JobRunning), "a second one is refused");
        assert_eq!(reading.join().unwrap().unwrap().clips, 6, "the first comes to its end");
    });
    let gone = station.person("王强", "53030036015");
    let Actor::Person { id, .. } = &gone else { panic!("a person") };
    let left = station::SavePerson { id: Some(id.clone()), name: "王强".into(), ..Default::default() };
    station.save_person(&clerk(), &left).unwrap();
    let refused = station.scrub_and_wait(&gone).err().map(|failure| failure.code);
    assert_eq!(refused, Some(ErrorCode::NotAllowed), "who has left may not");
}

#[test]
fn asking_where_it_stands_is_cheap() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 400, 1_000));
    station.scrub_and_wait(&clerk()).unwrap();
    let begin = Moment::now();
    for _ in 0..50 {
        station.scrub_status().unwrap();
    }
    let each = begin.elapsed() / 50;
    eprintln!("a status takes {each:?}");
    assert!(each < Duration::from_millis(20), "asked five times a second it must cost next to nothing: {each:?}");
}

#[test]
fn second_copies_are_read_back_too_and_a_bad_one_leaves_its_original_good() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 4, 200_000));
    let disk = crate::second::other_disk();
    station.use_copy_place(&clerk(), Some(disk.path())).unwrap();
    assert_eq!(station.bring_copies_up(&clerk()).unwrap().copied, 4, "each has its copy");
    assert_eq!(station.scrub_and_wait(&clerk()).unwrap().findings_total, 0, "all of it is good");
    let row = station.clips().remove(2);
    let checked = |row: &ClipRow| station.ask(|view| view.copies_of(&row.clip.id)).remove(0);
    assert!(checked(&row).checked_at.is_some(), "the copy was read back, not its original alone");

    let copy = disk.path().join(&checked(&row).path);
    let mut bytes = fs::read(&copy).unwrap();
    bytes[100_000] ^= 1;
    rewrite(&copy, &bytes);
    let report = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!(report.findings.iter().map(|f| f.code).collect::<Vec<_>>(), [ProblemCode::CopyChanged]);
    assert!(!checked(&row).good, "the copy is known to be bad");
    assert_eq!(station.clips()[2].clip.state, ClipState::Verified, "the original is not");
    let alarms = station.alarms().unwrap();
    assert_eq!((alarms.len(), alarms[0].kind), (1, AlarmKind::CopyBad), "{alarms:?}");

    fs::rename(disk.path().join("originals"), disk.path().join("away")).unwrap();
    fs::remove_file(disk.path().join("evidock-copy.json")).unwrap();
    let without = station.scrub_and_wait(&clerk()).unwrap();
    assert_eq!((without.clips, without.findings_total), (4, 0), "a place that is away makes no copy bad");
}

#[test]
fn a_running_station_says_that_its_store_is_out_of_reach_and_goes_on_when_it_is_back() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 6, 9_000));
    let (originals, away) = (bench.vault().join("originals"), bench.place().join("away"));
    fs::rename(&originals, &away).unwrap();
    station.scrub_now(&clerk()).unwrap();
    let failed = wait_for(&station, "the failure", |status| status.state == ScrubState::Failed);
    assert_eq!(failed.error.map(|failure| failure.code), Some(ErrorCode::TargetFailed), "it says why");
    assert_eq!(failed.clips_done, 0, "nothing was read");
    fs::rename(&away, &originals).unwrap();
    // The thread looks again every minute; a person need not wait for that.
    station.scrub_now(&clerk()).unwrap();
    let through = wait_for(&station, "the round", round_is_through);
    assert_eq!((through.round, through.clips_done, through.findings), (1, 6, 0), "none was called bad");
    assert!(through.error.is_none(), "it is over");
    let alarms: Vec<AlarmKind> = station.alarms().unwrap().iter().map(|alarm| alarm.kind).collect();
    assert_eq!(alarms, [AlarmKind::TargetFailed], "one alarm, and it stays");
    station.close();
}
