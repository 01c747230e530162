//! A vault, a dock folder and a run between them. Digests are taken by strangers' programs.

use dock::{Entry, Inventory, InventoryLimits, Profiles, RecogniseLimits, SourceError};
use dock::{SourceFacts, SourceFile};
use fixity::{Disk, LocalDisk};
use fixtures::{Drive, Layout};
use intake::{Desk, IntakeError, IntakePlan, Memory, Meter, Opening, Outcome, Recognised, open, plan, run};
use ledger::VolumeRecord;
use media::Prober;
use model::{Actor, Clock, IdSource, Instant, JobId, Problem, SessionRules, Sighting, StationZone, parse_instant};
use register::{ClipRow, JobRow, Places, Register, RegisterError};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

/// 18:00 on the day of the drives.
pub struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        parse_instant("2026-11-21T10:00:00Z").unwrap()
    }
}

#[derive(Default)]
pub struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next(&self) -> String {
        format!("01K{:023}", self.0.fetch_add(1, Relaxed))
    }
}

pub fn officer() -> Actor {
    Actor::Account { name: "tester".into() }
}

/// The real probe, built when it is not.
pub fn real_probe() -> Prober {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "media"]).status();
        assert!(built.unwrap().success(), "evidock-probe is built");
    });
    Prober::beside_this_program().expect("evidock-probe lies beside the tests")
}

/// A program that says nothing of any file: for runs whose subject is custody, not footage.
pub fn mute_probe() -> Prober {
    Prober::at("/bin/true".into())
}

pub struct Bench {
    place: TempDir,
    pub vault: PathBuf,
    pub register: Register,
    prober: Prober,
    pub ids: Counter,
    publishing: Mutex<()>,
    disk: LocalDisk,
    /// Whether runs read the drive a second time.
    pub second_read: bool,
    /// Bytes that other runs may still write.
    pub promised: AtomicU64,
}

impl Bench {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let vault = place.path().join("vault");
        Self::over(place, vault)
    }

    /// Builds a bench whose vault lies where the test wants it.
    pub fn over(place: TempDir, vault: PathBuf) -> Self {
        fs::create_dir_all(&vault).unwrap();
        let register = Register::create(&Places::below(&vault)).unwrap();
        Self {
            place,
            vault,
            register,
            prober: mute_probe(),
            ids: Counter::default(),
            publishing: Mutex::default(),
            disk: LocalDisk::default(),
            second_read: false,
            promised: AtomicU64::default(),
        }
    }

    pub fn probing(self, prober: Prober) -> Self {
        Self { prober, ..self }
    }

    /// Closes the register and opens it again, as a further start of the program does.
    pub fn reopened(self) -> Self {
        let Self { place, vault, register, prober, ids, publishing, disk, second_read, promised } = self;
        drop(register);
        let register = Register::open(&Places::below(&vault)).unwrap();
        Self { place, vault, register, prober, ids, publishing, disk, second_read, promised }
    }

    /// Lends the desk to `work`.
    pub fn at_desk<T>(&self, work: impl FnOnce(&Desk<'_>) -> T) -> T {
        self.at_desk_over(&self.disk, work)
    }

    /// Lends a desk whose vault lies on another disk than it should.
    pub fn at_desk_over<T>(&self, disk: &dyn Disk, work: impl FnOnce(&Desk<'_>) -> T) -> T {
        let promised = || self.promised.load(Relaxed);
        work(&Desk {
            vault: &self.vault,
            register: &self.register,
            prober: &self.prober,
            clock: &FixedClock,
            ids: &self.ids,
            zone: StationZone::beijing(),
            rules: SessionRules::default(),
            disk,
            second_read: self.second_read,
            damage_article: "某制度 第一条".to_owned(),
            publishing: &self.publishing,
            promised: &promised,
        })
    }

    pub fn place(&self) -> &Path {
        self.place.path()
    }

    /// Makes an empty drive in the dock.
    pub fn drive(&self, name: &str, layout: Layout) -> Drive {
        Drive::new(&self.place().join("dock").join(name), layout).unwrap()
    }

    /// Returns a drive of `count` recordings of seeded bytes, of about `bytes` each.
    pub fn noise_drive(&self, name: &str, count: u32, bytes: u64) -> Drive {
        let mut drive = self.drive(name, Layout::DsjA);
        for n in 0..count {
            drive.noise_clip(&format!("2026-11-21 09:{:02}:{:02}", n / 60, n % 60), 1, bytes + u64::from(n)).unwrap();
        }
        drive
    }

    /// Docks a drive: plans with what the register remembers of its volume, and resumes what was interrupted.
    pub fn dock(&self, root: &Path) -> Docking<'_> {
        let volume = format!("label:{}", root.file_name().unwrap().to_string_lossy());
        let resumable = self.read(|view| view.resumable_job(&volume));
        let resumes = resumable.is_some();
        let job = resumable.map_or_else(|| JobId::fresh(&self.ids), |row| row.id);
        let profiles = Profiles::builtin();
        let who = dock::recognise(root, &profiles, &RecogniseLimits::default()).unwrap();
        let profile = who.profile.as_str().to_owned();
        let (inventory, problems) = list(root, &profile);
        let plan = plan(inventory, problems, &Held { bench: self, job: &job, resumes, volume: &volume }).unwrap();
        Docking { bench: self, root: root.to_owned(), volume, profile, job, resumes, plan }
    }

    /// Takes a drive in that nothing happens to.
    pub fn intake(&self, drive: &Drive) -> Outcome {
        self.dock(drive.root()).run().unwrap()
    }

    pub fn read<T>(&self, ask: impl FnOnce(&register::View<'_>) -> Result<T, RegisterError>) -> T {
        self.register.read(ask).unwrap()
    }

    /// Returns every clip by its number.
    pub fn clips(&self) -> Vec<ClipRow> {
        let mut rows = self.read(|view| view.clips_after(None, u32::MAX));
        rows.sort_by(|a, b| a.clip.number.cmp(&b.clip.number));
        rows
    }

    pub fn sightings(&self, row: &ClipRow) -> Vec<Sighting> {
        self.read(|view| view.sightings(&row.clip.id))
    }

    pub fn job(&self, id: &JobId) -> JobRow {
        self.read(|view| view.job(id)).unwrap()
    }

    /// Returns files below the originals: what a run stored.
    pub fn stored_files(&self) -> Vec<PathBuf> {
        files_below(&self.vault.join("originals"))
    }

    pub fn staged(&self) -> Vec<PathBuf> {
        fs::read_dir(self.vault.join("staging")).map_or(vec![], |dir| dir.map(|entry| entry.unwrap().path()).collect())
    }
}

struct Held<'a> {
    bench: &'a Bench,
    job: &'a JobId,
    resumes: bool,
    volume: &'a str,
}

impl Memory for Held<'_> {
    type Error = RegisterError;

    fn met_by_this_job(&self, entry: &dock::Entry) -> Result<bool, RegisterError> {
        let met = |view: &register::View<'_>| {
            view.job_has_met(self.job, &entry.shown, entry.size, (entry.mtime, entry.mtime_nanos))
        };
        if self.resumes { self.bench.register.read(met) } else { Ok(false) }
    }

    fn suggests_held(&self, entry: &dock::Entry) -> Result<bool, RegisterError> {
        self.bench
            .register
            .read(|view| view.suggests_held(self.volume, &entry.shown, entry.size, (entry.mtime, entry.mtime_nanos)))
    }
}

fn list(root: &Path, profile: &str) -> (dock::Inventory, Vec<model::Problem>) {
    let profiles = Profiles::builtin();
    let profile = profiles.get(profile).unwrap_or_else(|| profiles.other());
    dock::inventory(root, profile, StationZone::beijing(), &InventoryLimits::default())
}

/// A docked drive with its plan, before the run.
pub struct Docking<'a> {
    bench: &'a Bench,
    root: PathBuf,
    volume: String,
    profile: String,
    pub job: JobId,
    pub resumes: bool,
    pub plan: IntakePlan,
}

impl Docking<'_> {
    pub fn run(self) -> Result<Outcome, IntakeError> {
        self.run_beside(&Meter::default(), &|_| {})
    }

    /// Runs; `beside` is called with a count after the last byte of each file was read and before it is taken, and before
    /// each further listing.
    pub fn run_beside(self, meter: &Meter, beside: &(dyn Fn(u64) + Sync)) -> Result<Outcome, IntakeError> {
        let shelf = Shelf::new(&self.root, &self.profile, beside);
        let bench = self.bench;
        bench.at_desk(|desk| self.run_at(desk, &shelf, meter))
    }

    /// Runs at a desk and from a drive of the test's choice.
    pub fn run_at(self, desk: &Desk<'_>, drive: &dyn dock::Drive, meter: &Meter) -> Result<Outcome, IntakeError> {
        let opening = self.opening();
        let recognised = Recognised {
            recorder_name: opening.recorder_name.clone(),
            profile: self.profile.clone(),
            ..Recognised::default()
        };
        open(desk, &opening, &officer())?;
        run(self.plan, desk, drive, &opening, &recognised, &officer(), meter)
    }

    /// Returns the drive as it is, for tests that put something before it.
    pub fn shelf(&self) -> Shelf<'static> {
        Shelf::new(&self.root, &self.profile, &|_| {})
    }

    pub fn opening(&self) -> Opening {
        let label = self.volume.trim_start_matches("label:").to_owned();
        Opening {
            job: self.job.clone(),
            resumes: self.resumes,
            volume: VolumeRecord {
                key: self.volume.clone(),
                label: label.clone(),
                capacity: u64::MAX,
                ..Default::default()
            },
            recorder: None,
            recorder_name: label,
            source: self.root.display().to_string(),
            admitted: "once".into(),
            declared: "asked".into(),
            software: "tests".into(),
        }
    }
}

/// A folder that stands for a drive.
pub struct Shelf<'a> {
    pub root: PathBuf,
    profile: String,
    beside: &'a (dyn Fn(u64) + Sync),
    count: Mutex<u64>,
}

impl<'a> Shelf<'a> {
    fn new(root: &Path, profile: &str, beside: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { root: root.to_owned(), profile: profile.to_owned(), beside, count: Mutex::new(0) }
    }

    /// Two readers may come at once: each is answered before the next is counted.
    fn count(&self) {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        (self.beside)(*count);
    }
}

impl dock::Drive for Shelf<'_> {
    fn list(&self) -> (Inventory, Vec<Problem>) {
        self.count();
        list(&self.root, &self.profile)
    }

    fn open(&self, entry: &Entry) -> Result<Box<dyn SourceFile + '_>, SourceError> {
        Ok(Box::new(Shelved { file: dock::open_source(&self.root, entry)?, shelf: self }))
    }

    fn is_docked(&self) -> bool {
        self.root.is_dir()
    }
}

struct Shelved<'a> {
    file: File,
    shelf: &'a Shelf<'a>,
}

impl Read for Shelved<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl SourceFile for Shelved<'_> {
    fn facts(&self) -> io::Result<SourceFacts> {
        self.shelf.count();
        self.file.facts()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        SourceFile::read_at(&self.file, buffer, offset)
    }

    fn system_file(&self) -> Option<&File> {
        Some(&self.file)
    }
}

/// Returns the regular files below a folder, sorted; links are not followed.
pub fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// A mount of the test's own, taken off when dropped.
pub struct Mounted(PathBuf);

impl Mounted {
    /// Mounts a tmpfs at a new folder; `None`, with a word on standard error, where we may not mount.
    pub fn tmpfs(point: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir_all(point).unwrap();
        let size = format!("size={mebibytes}m");
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "intake-test"]).arg(point).output();
        let output = output.unwrap();
        if !output.status.success() {
            eprintln!("SKIPPED: cannot mount here (root needed): {}", String::from_utf8_lossy(&output.stderr).trim());
            return None;
        }
        Some(Self(point.to_owned()))
    }

    /// Makes what lies below a folder read-only for whoever opens it from now on, as a failing disk does; files that
    /// are open already stay writable. `None`, with a word on standard error, where we may not mount.
    pub fn seal(folder: &Path) -> Option<Self> {
        let mount = |options: &[&str]| {
            let mut mount = Command::new("mount");
            mount.args(options).arg(folder).arg(folder).stderr(Stdio::null()).status().unwrap()
        };
        if !mount(&["--bind"]).success() {
            eprintln!("SKIPPED: cannot mount here (root needed)");
            return None;
        }
        let sealed = Self(folder.to_owned());
        // Busy while the run has a file open for writing that it opened since: it soon closes it.
        let turned = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            mount(&["-o", "remount,bind,ro"]).success()
        });
        assert!(turned, "the test's own mount becomes read-only");
        Some(sealed)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let status = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(status.is_ok_and(|status| status.success()), "the test's own mount comes off again");
    }
}
