//! Drives that hang: seen, given up, continued, and nobody else's trouble.

use crate::bench::{Asked, Bench, check_holds, clerk, files_below};
use faultfs::{After, Card, Fault, Mount, Script, Trouble};
use fixtures::{Drive, Layout};
use model::{ErrorCode, JobId, ProblemCode};
use station::{Declared, DriveStatus, IntakeStatus, JobState, Patience, Settings, Station, Surroundings};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What anything that is not stalled may take here.
const SOON: Duration = Duration::from_secs(1);
const CLIP: u64 = 700_000;

/// A card behind FUSE, below the bench's mount root.
pub struct FuseCard {
    pub card: Card,
    pub mount: Option<Mount>,
    pub files: PathBuf,
    point: PathBuf,
}

impl FuseCard {
    /// Docks a card of recordings with content of its own.
    pub fn dock(bench: &Bench, name: &str, clips: u32) -> Self {
        let files = bench.place().join("cards").join(name);
        let mut drive = Drive::new(&files, Layout::DsjA).unwrap();
        let own = name.bytes().map(u64::from).sum::<u64>();
        for n in 0..clips {
            drive.noise_clip(&format!("2026-11-21 09:{n:02}:00"), 1, CLIP + own * 100 + u64::from(n)).unwrap();
        }
        let point = bench.place().join("mnt").join(name);
        fs::create_dir_all(&point).unwrap();
        let card = Card::over(&files).unwrap();
        let mount = Some(Mount::start(&point, &card).unwrap());
        Self { card, mount, files, point }
    }

    pub fn hang(&self, after: u64) {
        let stall = Fault::new("", After::Bytes(after), Trouble::Stall { seconds: 3600 });
        self.card.play(Script { faults: vec![stall], ..Script::default() });
    }

    /// Takes it out and docks it again, sound.
    pub fn dock_again(&mut self) {
        self.card.play(Script::default());
        self.mount = None;
        self.mount = Some(Mount::start(&self.point, &self.card).unwrap());
    }

    /// Waits until the station sees it.
    pub fn seen(&self, station: &Station) -> DriveStatus {
        until("the drive is seen", || {
            station.drives().unwrap().into_iter().find(|status| status.docked.root == self.point)
        })
    }

    pub fn begin(&self, station: &Arc<Station>) -> JobId {
        let id = self.seen(station).docked.id.to_string();
        station.admit_once(&clerk(), &id).unwrap();
        station.start_intake(&clerk(), &id, Declared::Asked).unwrap().job
    }
}

pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}, some time");
        sleep(Duration::from_millis(5));
    }
}

/// Opens a station that watches mounts below the bench's `mnt`, and has little patience.
pub fn watching(bench: &Bench, patience: Patience) -> Arc<Station> {
    let around = Surroundings { watch_dock: true, patience, ..bench.around() };
    let station = Station::create(&bench.vault(), "某局", "qj-qilin", &clerk(), around).unwrap();
    let mount_roots = vec![bench.place().canonicalize().unwrap().join("mnt")];
    station.save_settings(&clerk(), &Settings { mount_roots, ..station.settings().unwrap() }).unwrap();
    station
}

fn impatient() -> Patience {
    let ms = Duration::from_millis;
    Patience { stalled: ms(300), given_up: ms(1500), closing: ms(300), probe: ms(100) }
}

fn stalled(station: &Station, job: &JobId) -> IntakeStatus {
    until("无响应 is said", || {
        Some(station.job_status(job).unwrap()).filter(|status| status.stalled_since.is_some())
    })
}

fn quickly<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = act();
    assert!(begun.elapsed() < SOON, "{what} took {:?}", begun.elapsed());
    result
}

#[test]
fn row_32_a_drive_that_hangs_is_given_up_and_continued_when_it_is_docked_again() {
    let bench = Bench::mute();
    let station = watching(&bench, impatient());
    let mut hanging = FuseCard::dock(&bench, "HANGS", 3);
    let other = FuseCard::dock(&bench, "OTHER", 3);
    hanging.hang(CLIP * 3 / 2);
    let job = hanging.begin(&station);
    let seen = stalled(&station, &job);
    assert_eq!(seen.state, JobState::Running, "said while it is waited for");

    quickly("looking at the dock", || station.drives().unwrap());
    let beside = quickly("starting another", || other.begin(&station));
    assert_eq!(station.ended(&beside).state, JobState::Done, "the other goes on");

    let ended = station.ended(&job);
    let error = ended.error.as_ref().map(|error| error.code);
    assert_eq!((ended.state, error), (JobState::Interrupted, Some(ErrorCode::SourceStalled)), "given up by itself");
    assert_eq!(ended.problems[0].code, ProblemCode::SourceStalled, "{:?}", ended.problems);
    assert!(ended.problems[0].path.starts_with("DCIM/"), "which file it was: {:?}", ended.problems);
    let row = station.ask(|view| view.job(&job)).unwrap();
    assert_eq!((row.state.as_str(), row.error), ("interrupted", Some(ErrorCode::SourceStalled)), "written down");

    let events = station.ask(|view| view.ledger_head()).0;
    hanging.card.resume();
    sleep(Duration::from_millis(300));
    assert_eq!(station.ask(|view| view.ledger_head()).0, events, "what wakes later writes nothing");
    assert_eq!(files_below(&bench.vault().join("staging")), Vec::<PathBuf>::new(), "and leaves nothing");

    hanging.dock_again();
    assert_eq!(hanging.begin(&station), job, "the same job goes on");
    assert_eq!(station.ended(&job).state, JobState::Done, "to its end");
    for card in [&hanging, &other] {
        check_holds(&station, &card.files);
    }
    assert_eq!(station.clips().len(), 6, "nothing twice");
    assert_eq!(station.checked(false).findings, [], "and the store is sound");
    station.close();
}

#[test]
fn row_32_a_hanging_drive_is_given_up_at_once_when_somebody_cancels() {
    let bench = Bench::mute();
    let station = watching(&bench, Patience { given_up: Duration::from_secs(3600), ..impatient() });
    let hanging = FuseCard::dock(&bench, "HANGS", 2);
    hanging.hang(100_000);
    let job = hanging.begin(&station);
    stalled(&station, &job);
    quickly("cancelling", || station.cancel_intake(&clerk(), &job).unwrap());
    let ended = quickly("giving it up", || station.ended(&job));
    let error = ended.error.map(|error| error.code);
    assert_eq!((ended.state, error), (JobState::Interrupted, Some(ErrorCode::SourceStalled)), "not waited for");
    assert_eq!(hanging.card.stalled(), 1, "the drive has not answered by then");
    station.close();
}

#[test]
fn row_32_closing_leaves_a_hanging_drive_behind() {
    let bench = Bench::mute();
    let station = watching(&bench, Patience { stalled: Duration::from_secs(3600), ..impatient() });
    let mut hanging = FuseCard::dock(&bench, "HANGS", 2);
    hanging.hang(100_000);
    let job = hanging.begin(&station);
    until("it hangs", || (hanging.card.stalled() > 0).then_some(()));
    let begun = Instant::now();
    station.close();
    assert!(begun.elapsed() < 2 * SOON, "closing took {:?}", begun.elapsed());

    // The old station is still held by the thread that hangs; the vault is free all the same.
    let again = bench.open();
    assert_eq!(again.ask(|view| view.job(&job)).unwrap().state, "interrupted", "settled on opening");
    let events = again.ask(|view| view.ledger_head()).0;
    hanging.card.resume();
    sleep(Duration::from_millis(300));
    assert_eq!(again.ask(|view| view.ledger_head()).0, events, "what wakes later writes nothing");
    hanging.dock_again();
    let status = again.intake_path(&clerk(), hanging.mount.as_ref().unwrap().at(), Declared::Command).unwrap();
    assert_eq!((status.job, status.state, status.stored), (job, JobState::Done, 2), "and the job goes on");
    check_holds(&again, &hanging.files);
}

#[test]
fn row_33_of_four_drives_two_are_pulled_and_continued() {
    let bench = Bench::mute();
    let station = watching(&bench, impatient());
    let mut cards: Vec<FuseCard> = ["A", "B", "C", "D"].iter().map(|name| FuseCard::dock(&bench, name, 3)).collect();
    for card in &cards {
        card.card.play(Script { throttle: Some(CLIP), ..Script::default() });
    }
    let jobs: Vec<JobId> = cards.iter().map(|card| card.begin(&station)).collect();
    for card in &mut cards[..2] {
        card.card.vanish(faultfs::Gone::Enodev);
        card.mount.as_ref().unwrap().pull().unwrap();
    }
    for job in &jobs[2..] {
        assert_eq!(station.ended(job).state, JobState::Done, "the others end verified");
    }
    for (n, job) in jobs[..2].iter().enumerate() {
        let row = until("it ends", || station.ask(|view| view.job(job)).filter(|row| row.state != "open"));
        assert_eq!(row.state, "interrupted", "a pulled drive's job waits");
        cards[n].card.come_back();
        cards[n].dock_again();
        assert_eq!(cards[n].begin(&station), *job, "docked again, the same job goes on");
        assert_eq!(station.ended(job).state, JobState::Done, "to its end");
    }
    cards.iter().for_each(|card| check_holds(&station, &card.files));
    assert_eq!(station.clips().len(), 12, "nothing twice");
    station.close();
}
