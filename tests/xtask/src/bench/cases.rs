//! The cases and their lines.

use std::path::{Path, PathBuf};

use super::card::{self, Load, Throttled};
use super::ceiling::{self, Disk};
use super::report::{Line, PeerRow, Report, Row, median};
use super::station::{self, Order, Ran};
use super::{clear, peers};
use crate::Outcome;

pub const NAMES: &[&str] =
    &["card-40", "card-90", "card-300", "second-read", "four-cards", "eight-cards", "disk", "small-files", "memory"];

const REPETITIONS: usize = 5;
/// Clips on a card: as many as some 64 GB hold of 1–4 GB, so that what is left to do after the last one weighs the same.
const CARD_CLIPS: u64 = 24;
const MEBIBYTE: u64 = 1 << 20;

/// Runs the cases, or the one that is named.
pub fn measure(quick: bool, only: Option<&str>, place: &Path, memory: &Path) -> Outcome<Report> {
    let repetitions = if quick { 1 } else { REPETITIONS };
    let report = Report { repetitions, quick, ..Report::default() };
    let mut bench = Bench { quick, place, memory, report, disk: None, at_90: None, peak: 0 };
    for name in NAMES.iter().filter(|name| only.is_none_or(|only| only == **name)) {
        eprintln!("{name} …");
        bench.case(name)?;
    }
    Ok(bench.report)
}

struct Bench<'a> {
    quick: bool,
    /// On the disk under measure.
    place: &'a Path,
    /// In memory: what lies behind a throttle.
    memory: &'a Path,
    report: Report,
    disk: Option<Disk>,
    /// Our V2 median of the card of 90 MB/s.
    at_90: Option<f64>,
    /// Highest memory of any intake in this run.
    peak: u64,
}

impl Bench<'_> {
    fn case(&mut self, name: &'static str) -> Outcome {
        match name {
            "card-40" => self.card(name, 40, Line::AtLeast(0.97)),
            "card-90" => self.card(name, 90, Line::AtLeast(0.97)),
            "card-300" => self.card(name, 300, Line::AtLeast(0.95)),
            "second-read" => self.second_read(name),
            "four-cards" => self.cards(name, 4, 90),
            "eight-cards" => self.cards(name, 8, 40),
            "disk" => self.disk_to_disk(name),
            "small-files" => self.small_files(name),
            _ => self.memory(name),
        }
    }

    /// What a card of this speed gives in ten seconds.
    fn card_load(&self, megabytes: u64) -> Load {
        let seconds = if self.quick { 2 } else { 10 };
        Load { files: CARD_CLIPS, bytes: megabytes * 1_000_000 * seconds / CARD_CLIPS }
    }

    /// Takes the docked drives in as often as wanted.
    fn repeated(&mut self, dock: &Path, drives: usize, second_read: bool) -> Outcome<Vec<Ran>> {
        let cards = Order { dock, mounted: true, drives, second_read, to_the_end: true };
        (0..self.report.repetitions).map(|_| self.once(&cards)).collect()
    }

    /// Takes the one drive in that is a folder.
    fn folder(&mut self, dock: &Path, to_the_end: bool) -> Outcome<Ran> {
        self.once(&Order { dock, mounted: false, drives: 1, second_read: false, to_the_end })
    }

    fn once(&mut self, order: &Order<'_>) -> Outcome<Ran> {
        let vault = self.place.join("vault");
        let ran = station::intake(&vault, order)?;
        eprintln!("  {:.2} s", ran.verified);
        self.peak = self.peak.max(ran.peak_mib);
        clear(&vault)?;
        Ok(ran)
    }

    /// Returns the ceilings of the disk, measured with files of its own where no case has done so yet.
    fn ceilings(&mut self) -> Outcome<Disk> {
        if let Some(disk) = self.disk {
            return Ok(disk);
        }
        let drive = self.place.join("ceiling");
        card::fill(&drive, self.disk_load(), 900)?;
        let disk = Disk::measure(&drive, self.place)?;
        clear(&drive)?;
        self.tell(disk);
        Ok(disk)
    }

    /// Keeps and words the ceilings of the disk; those measured first stand for the cards.
    fn tell(&mut self, disk: Disk) {
        self.disk.get_or_insert(disk);
        let speed = |seconds: f64| format!("{:.0} MB/s", disk.bytes as f64 / 1e6 / seconds);
        let (source, write, back) = (speed(disk.source), speed(disk.write), speed(disk.back));
        let shared = speed(disk.shared);
        self.report.ceilings.push(format!(
            "disk: reads {source}, writes and syncs {write}, reads that back {back}; each of the three at the same time {shared}"
        ));
    }

    /// Docks `count` cards of a speed; two never hold the same bytes.
    fn dock(&self, name: &str, count: usize, megabytes: u64) -> Outcome<(PathBuf, Vec<Throttled>, u64)> {
        let (dock, load) = (self.place.join(format!("dock-{name}")), self.card_load(megabytes));
        let mounted = (1..=count).map(|n| {
            let drive = self.memory.join(format!("{name}-{n}"));
            card::fill(&drive, load, n as u64)?;
            Throttled::mount(&drive, &dock.join(format!("CARD-{n}")), megabytes)
        });
        Ok((dock.clone(), mounted.collect::<Outcome<_>>()?, load.total() * count as u64))
    }

    fn undock(&self, name: &str, dock: &Path, cards: Vec<Throttled>) -> Outcome {
        let count = cards.len();
        drop(cards);
        (1..=count).try_for_each(|n| clear(&self.memory.join(format!("{name}-{n}"))))?;
        clear(dock)
    }

    /// Reads the cards at their own speed, and returns the floor for that: cards or target, whichever is slower.
    fn card_floor(&mut self, dock: &Path, count: usize, bytes: u64) -> Outcome<(f64, String)> {
        let disk = self.ceilings()?;
        let drives: Vec<PathBuf> = (1..=count).map(|n| dock.join(format!("CARD-{n}"))).collect();
        let (read, target) = (ceiling::cards(&drives)?, disk.target(bytes));
        let whom = if count == 1 { "one read of the card" } else { "one read of all cards at once" };
        let why = if read >= target { whom } else { "one write and one read of the target" };
        Ok((read.max(target), why.to_owned()))
    }

    fn card(&mut self, name: &'static str, megabytes: u64, line: Line) -> Outcome {
        let (dock, cards, bytes) = self.dock(name, 1, megabytes)?;
        let floor = self.card_floor(&dock, 1, bytes)?;
        let ran = self.repeated(&dock, 1, false)?;
        let case = format!("card of {megabytes} MB/s, V2");
        let times = self.score(&case, bytes, &ran, floor, line);
        if megabytes == 90 {
            self.at_90 = Some(median(&times));
            self.processor(&case, bytes as f64 / 1e6 / megabytes as f64, &ran);
            self.peers(&case, &dock.join("CARD-1"), median(&times))?;
        }
        self.undock(name, &dock, cards)
    }

    fn cards(&mut self, name: &'static str, count: usize, megabytes: u64) -> Outcome {
        let (dock, cards, bytes) = self.dock(name, count, megabytes)?;
        let floor = self.card_floor(&dock, count, bytes)?;
        let ran = self.repeated(&dock, count, false)?;
        let case = format!("{count} cards of {megabytes} MB/s at once, V2");
        self.score(&case, bytes, &ran, floor, Line::AtLeast(0.95));
        self.undock(name, &dock, cards)
    }

    /// V3 beside V1, which is one plain read of the card.
    fn second_read(&mut self, name: &'static str) -> Outcome {
        let (dock, cards, bytes) = self.dock(name, 1, 90)?;
        let (read, _) = self.card_floor(&dock, 1, bytes)?;
        let ran = self.repeated(&dock, 1, true)?;
        let times: Vec<f64> = ran.iter().map(|one| one.verified).collect();
        let mut notes = beside(&ran);
        if let Some(second) = self.at_90 {
            notes += &format!("; {:.2} × our V2", median(&times) / second);
        }
        self.report.rows.push(Row {
            case: "card of 90 MB/s, V3".into(),
            amount: amount(bytes, CARD_CLIPS),
            figure: median(&times) / read,
            times,
            floor: Some((2.0 * read, "two reads of the card; V1 is one".into())),
            unit: "×",
            line: Line::AtMost(2.05),
            notes,
        });
        self.undock(name, &dock, cards)
    }

    fn disk_load(&self) -> Load {
        if self.quick { Load { files: 8, bytes: 64 * MEBIBYTE } } else { Load { files: 16, bytes: 128 * MEBIBYTE } }
    }

    /// Source and target on one disk: its ceilings are measured anew before every repetition.
    fn disk_to_disk(&mut self, name: &'static str) -> Outcome {
        let (dock, load) = (self.place.join(format!("dock-{name}")), self.disk_load());
        let drive = dock.join("DRIVE");
        card::fill(&drive, load, 500)?;
        let (mut ran, mut floors, mut plain) = (vec![], vec![], vec![]);
        for _ in 0..self.report.repetitions {
            let disk = Disk::measure(&drive, self.place)?;
            self.tell(disk);
            let formula = disk.source.max(disk.target(disk.bytes));
            floors.push(formula.max(disk.shared));
            plain.push(formula);
            ran.push(self.folder(&dock, true)?);
        }
        let times: Vec<f64> = ran.iter().map(|one| one.verified).collect();
        let scores: Vec<f64> = floors.iter().zip(&times).map(|(floor, time)| floor / time).collect();
        let with_two = median(&plain.iter().zip(&times).map(|(floor, time)| floor / time).collect::<Vec<_>>());
        let case = "disk to the same disk, V2".to_owned();
        let floor = "one disk reads, writes and reads back, all at once".to_owned();
        let notes = format!(
            "{}; by the formula for two disks the floor is {:.2} s, the score {with_two:.2}",
            beside(&ran),
            median(&plain)
        );
        self.peers(&case, &drive, median(&times))?;
        self.report.rows.push(Row {
            case,
            amount: amount(load.total(), load.files),
            times,
            floor: Some((median(&floors), floor)),
            figure: median(&scores),
            unit: "",
            line: Line::AtLeast(0.85),
            notes,
        });
        clear(&dock)
    }

    fn small_files(&mut self, name: &'static str) -> Outcome {
        let load = Load { files: if self.quick { 1000 } else { 20_000 }, bytes: 50_000 };
        let dock = self.place.join(format!("dock-{name}"));
        let drive = dock.join("DRIVE");
        card::fill(&drive, load, 700)?;
        let (mut ran, mut floors) = (vec![], vec![]);
        for _ in 0..self.report.repetitions {
            floors.push(peers::each_synced(&drive, self.place)?);
            ran.push(self.folder(&dock, false)?);
        }
        let times: Vec<f64> = ran.iter().map(|one| one.verified).collect();
        let scores: Vec<f64> = floors.iter().zip(&times).map(|(floor, time)| floor / time).collect();
        let case = format!("{} files of 50 kB, V2", load.files);
        self.report.peers.push(self.peer(&peers::PEERS[0], &case, &drive, median(&times))?);
        let each = median(&times) * 1000.0 / load.files as f64;
        self.report.rows.push(Row {
            case,
            amount: amount(load.total(), load.files),
            times,
            floor: Some((median(&floors), "`cp` and `sync FILE` of every file, 32 in a turn".into())),
            figure: median(&scores),
            unit: "",
            line: Line::AtLeast(0.8),
            notes: format!("{}; {each:.2} ms a file", beside(&ran)),
        });
        clear(&dock)
    }

    /// One long file; the figure is the highest of all intakes of this run.
    fn memory(&mut self, name: &'static str) -> Outcome {
        let (dock, gibibytes) = (self.place.join(format!("dock-{name}")), if self.quick { 1 } else { 8 });
        card::hollow(&dock.join("DRIVE"), gibibytes << 30)?;
        let ran = self.folder(&dock, true)?;
        self.report.rows.push(Row {
            case: "memory, the most of any case".into(),
            amount: format!("and one file of {gibibytes} GiB"),
            times: vec![ran.verified],
            floor: None,
            figure: self.peak as f64,
            unit: "MiB",
            line: Line::AtMost(150.0),
            notes: beside(&[ran]),
        });
        clear(&dock)
    }

    /// Adds a row whose figure is floor over time, and returns the times.
    fn score(&mut self, case: &str, bytes: u64, ran: &[Ran], floor: (f64, String), line: Line) -> Vec<f64> {
        let times: Vec<f64> = ran.iter().map(|one| one.verified).collect();
        let speed = bytes as f64 / 1e6 / floor.0;
        self.report.ceilings.push(format!("{case}: floor {:.2} s is {speed:.1} MB/s", floor.0));
        self.report.rows.push(Row {
            case: case.to_owned(),
            amount: amount(bytes, 0),
            figure: floor.0 / median(&times),
            times: times.clone(),
            floor: Some(floor),
            unit: "",
            line,
            notes: beside(ran),
        });
        times
    }

    /// Adds the share of a core that it takes when the card gives what it can: `seconds` is the time it needs.
    fn processor(&mut self, case: &str, seconds: f64, ran: &[Ran]) {
        let shares: Vec<f64> = ran.iter().map(|one| one.processor / seconds * 100.0).collect();
        self.report.rows.push(Row {
            case: format!("processor, {case}"),
            amount: format!("{seconds:.1} s at that speed"),
            times: vec![],
            floor: None,
            figure: median(&shares),
            unit: "%",
            line: Line::AtMost(40.0),
            notes: "three digests, writing, reading back; 100 % is one core".into(),
        });
    }

    fn peers(&mut self, case: &str, drive: &Path, ours: f64) -> Outcome {
        for peer in peers::PEERS {
            let row = self.peer(peer, case, drive, ours)?;
            self.report.peers.push(row);
        }
        Ok(())
    }

    fn peer(&self, peer: &peers::Peer, case: &str, drive: &Path, ours: f64) -> Outcome<PeerRow> {
        eprintln!("  {} …", peer.name);
        let seconds = peers::measure(peer, drive, self.place)?;
        Ok(PeerRow { case: case.to_owned(), name: peer.name, promises: peer.promises, seconds, ours })
    }
}

fn amount(bytes: u64, files: u64) -> String {
    let gigabytes = bytes as f64 / 1e9;
    if files == 0 { format!("{gigabytes:.2} GB") } else { format!("{gigabytes:.2} GB in {files} files") }
}

/// Words what was seen beside the time.
fn beside(ran: &[Ran]) -> String {
    let of = |each: fn(&Ran) -> f64| median(&ran.iter().map(each).collect::<Vec<_>>());
    let peak = ran.iter().map(|one| one.peak_mib).max().unwrap_or(0);
    let closed: Vec<f64> = ran.iter().filter_map(|one| one.closed).collect();
    let closed = if closed.is_empty() { String::new() } else { format!(", job closed after {:.2} s", median(&closed)) };
    format!("{:.2} s of processor, {peak} MiB{closed}", of(|one| one.processor))
}
