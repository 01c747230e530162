//! What the system tells of drives, told by a system of the test's own: ports, serials, mount options.

use crate::bench::{Asked, Bench, check_holds, clerk, files_below};
use dock::SystemPaths;
use fixtures::{Drive, Layout};
use model::JobId;
use station::{Declared, DriveStatus, JobState, Settings, Station, Surroundings};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// A mounted card as the system tells of it.
#[derive(Clone, Copy)]
struct Told {
    name: &'static str,
    mount: u32,
    minor: u32,
    port: &'static str,
    serial: &'static str,
    options: &'static str,
}

struct System {
    bench: Bench,
    paths: SystemPaths,
    drives: Vec<Drive>,
}

impl System {
    fn with(names: &[&str]) -> Self {
        let bench = Bench::mute();
        let at = |part: &str| bench.place().join("system").join(part);
        let paths = SystemPaths { proc: at("proc"), sys: at("sys"), udev: at("udev"), dev: at("dev") };
        fs::create_dir_all(paths.proc.join("self")).unwrap();
        fs::create_dir_all(paths.sys.join("dev/block")).unwrap();
        let card = |(n, name): (usize, &&str)| {
            let mut drive = Drive::new(&bench.place().join("media").join(name), Layout::DsjA).unwrap();
            drive.noise_clip("2026-11-21 09:02:04", 1, 5_000 + n as u64).unwrap();
            drive.noise_clip("2026-11-21 09:10:00", 1, 7_000 + n as u64).unwrap();
            drive
        };
        let drives = names.iter().enumerate().map(card).collect();
        Self { bench, paths, drives }
    }

    /// Lets the system tell of these cards and no others.
    fn tells(&self, cards: &[Told]) {
        let mut table = String::new();
        for card in cards {
            let (point, minor) = (self.bench.place().join("media").join(card.name), card.minor);
            table += &format!(
                "{} 30 8:{minor} / {} {} - vfat /dev/sdx{minor} {}\n",
                card.mount,
                point.display(),
                "rw",
                card.options
            );
            let home = self.paths.sys.join(format!("devices/usb1/{0}/{0}:1.0/host/block/sdx{minor}", card.port));
            fs::create_dir_all(&home).unwrap();
            fs::write(home.join("size"), "65536\n").unwrap();
            let link = self.paths.sys.join(format!("dev/block/8:{minor}"));
            drop(fs::remove_file(&link));
            symlink(&home, link).unwrap();
            let record = self.paths.udev.join("data");
            fs::create_dir_all(&record).unwrap();
            let text = format!("E:ID_FS_LABEL=DSJ\nE:ID_FS_UUID={}\n", card.serial);
            fs::write(record.join(format!("b8:{minor}")), if card.serial.is_empty() { "" } else { &text }).unwrap();
        }
        fs::write(self.paths.proc.join("self/mountinfo"), table).unwrap();
    }

    fn station(&self) -> Arc<Station> {
        let around = Surroundings { system: self.paths.clone(), ..self.bench.around() };
        let station = Station::create(&self.bench.vault(), "某局", "qj-qilin", &clerk(), around).unwrap();
        let mount_roots = vec![self.bench.place().join("media")];
        station.save_settings(&clerk(), &Settings { mount_roots, ..station.settings().unwrap() }).unwrap();
        station
    }
}

fn begin(station: &Arc<Station>, drive: &DriveStatus) -> JobId {
    let id = drive.docked.id.as_str();
    station.admit_once(&clerk(), id).unwrap();
    station.start_intake(&clerk(), id, Declared::Asked).unwrap().job
}

fn events(station: &Arc<Station>, kind: &str) -> Vec<String> {
    let all = station.ask(|view| view.event_bytes(0, u32::MAX)).into_iter();
    let texts = all.map(|(_, bytes)| String::from_utf8(bytes).unwrap());
    texts.filter(|text| text.contains(&format!("\"{kind}\""))).collect()
}

fn touch(files: &[PathBuf], at: &str) {
    let status = Command::new("touch").args(["-m", "-d", at]).args(files).status();
    assert!(status.unwrap().success(), "times are set");
}

const A: Told = Told { name: "A", mount: 40, minor: 17, port: "1-2.3", serial: "4E21-00FF", options: "rw" };

#[test]
fn row_22_the_same_card_mounted_in_another_zone_is_the_same() {
    let system = System::with(&["A"]);
    let files = files_below(system.drives[0].root());
    // The fields on the card say 09:05:00; the mount makes of them what it likes.
    let rows = [
        (40, "rw,tz=UTC", "2026-11-21T09:05:00Z", r#""offset_minutes":0,"options":"tz=UTC""#, 0),
        (41, "rw,time_offset=480", "2026-11-21T01:05:00Z", r#""offset_minutes":480,"options":"time_offset=480""#, 2),
    ];
    system.tells(&[A]);
    let station = system.station();
    for (mount, options, mtime, basis, held) in rows {
        touch(&files, mtime);
        system.tells(&[Told { mount, options, ..A }]);
        let drives = station.drives().unwrap();
        let ended = station.ended(&begin(&station, &drives[0]));
        assert_eq!((ended.state, ended.already_held), (JobState::Done, held), "{options}: {:?}", ended.problems);
        let planned = events(&station, "job.planned");
        assert!(planned.last().unwrap().contains(basis), "{options}: how its times are to be read: {planned:?}");
    }
    assert_eq!(station.clips().len(), 2, "nothing is taken in again");
    for row in station.clips() {
        let seen = station.ask(|view| view.sightings(&row.clip.id));
        let fields: BTreeSet<&str> = seen.iter().map(|sighting| sighting.local.as_str()).collect();
        let mounted: BTreeSet<i64> = seen.iter().map(|sighting| sighting.source_mtime).collect();
        assert_eq!(
            (fields.len(), mounted.len()),
            (1, 2),
            "the raw fields are equal, though the mounts differ: {seen:?}"
        );
        assert!(fields.contains("2026-11-21T09:05:00"), "{fields:?}");
    }
    assert_eq!(station.checked(false).findings, [], "and the store is sound");
}

#[test]
fn row_30_how_a_card_was_mounted_is_written_down_and_it_stays_as_it_was() {
    for (options, read_only) in [("rw", false), ("ro", true)] {
        let system = System::with(&["A"]);
        system.tells(&[Told { options, ..A }]);
        let station = system.station();
        let drives = station.drives().unwrap();
        assert_eq!(drives[0].docked.facts.read_only, read_only, "{options}: shown before anything is read");
        let state = || {
            let facts = |path: &Path| fs::metadata(path).map(|m| (m.len(), m.modified().unwrap())).unwrap();
            files_below(system.drives[0].root())
                .into_iter()
                .map(|p| (facts(&p), fs::read(&p).unwrap(), p))
                .collect::<Vec<_>>()
        };
        let before = state();
        assert_eq!(station.ended(&begin(&station, &drives[0])).state, JobState::Done, "{options}");
        let opened = events(&station, "job.opened");
        assert!(opened[0].contains(&format!("\"read_only\":{read_only}")), "{options}: in the ledger: {opened:?}");
        assert!(state() == before, "{options}: not one byte, name or time of the card changed");
    }
}

#[test]
fn row_31_cards_with_one_serial_and_luns_of_one_dock_are_told_apart() {
    let system = System::with(&["A", "B", "C"]);
    // B is a clone of A in another port; C stands in the same reader as A.
    let b = Told { name: "B", mount: 41, minor: 33, port: "1-2.4", ..A };
    let c = Told { name: "C", mount: 42, minor: 18, serial: "0000-0003", ..A };
    system.tells(&[A, b, c]);
    let station = system.station();
    let drives = station.drives().unwrap();
    let ids: BTreeSet<&str> = drives.iter().map(|status| status.docked.id.as_str()).collect();
    assert_eq!((drives.len(), ids.len()), (3, 3), "three dockings: {drives:?}");
    let ports: Vec<_> = drives.iter().map(|status| status.docked.port.as_deref()).collect();
    assert_eq!(ports, [Some("1-2.3"), Some("1-2.4"), Some("1-2.3")], "by their ports");
    let jobs: Vec<JobId> = drives.iter().map(|drive| begin(&station, drive)).collect();
    assert_eq!(jobs.iter().collect::<BTreeSet<_>>().len(), 3, "no card goes on with another's job");
    for job in &jobs {
        assert_eq!(station.ended(job).state, JobState::Done, "each to its end");
    }
    system.drives.iter().for_each(|drive| check_holds(&station, drive.root()));
    let opened = events(&station, "job.opened");
    let at = |port: &str| opened.iter().filter(|text| text.contains(&format!("\"port\":\"{port}\""))).count();
    assert_eq!((at("1-2.3"), at("1-2.4")), (2, 1), "the ledger knows where each stood: {opened:?}");
}

#[test]
fn row_31_a_card_that_udev_learns_of_late_is_not_lost() {
    let system = System::with(&["A"]);
    system.tells(&[Told { serial: "", ..A }]);
    let station = system.station();
    let early = station.drives().unwrap();
    assert_eq!((early.len(), early[0].docked.facts.serial.as_str()), (1, ""), "there at once, not yet known");
    system.tells(&[A]);
    let late = station.drives().unwrap();
    assert_eq!((late.len(), late[0].docked.facts.serial.as_str()), (1, "4E21-00FF"), "once, and then as itself");
    assert_eq!(station.ended(&begin(&station, &late[0])).stored, 2, "and is taken in");
    check_holds(&station, system.drives[0].root());
}
