//! A unit's vault, its dock folder, and the officers who work at it.

use fixtures::{ClipSpec, Drive, Layout};
use media::Prober;
use model::{
    Actor, ClipId, Clock, ErrorCode, IdSource, Instant, JobId, Officer, SessionId, StatementFields, parse_instant,
};
use register::{ClipRow, RegisterError, View};
use station::{
    CheckReport, Declared, Failure, IntakeStatus, JobState, SavePerson, Settings, Shown, SignedStatement, Station,
    Surroundings,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{fs, thread};
use tempfile::TempDir;

/// 18:00 on the day of the drives.
pub struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        parse_instant("2026-11-21T10:00:00Z").unwrap()
    }
}

/// Survives the station: a reopened vault must not meet its own ids again.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next(&self) -> String {
        format!("01K{:023}", self.0.fetch_add(1, Relaxed))
    }
}

pub fn clerk() -> Actor {
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

/// A program that says nothing of any file: for tests whose subject is not footage.
pub fn mute_probe() -> Prober {
    Prober::at("/bin/true".into())
}

/// A short clip of its own content.
pub fn spec(seconds: u32, seed: u32) -> ClipSpec {
    ClipSpec { seconds, seed, width: 160, height: 120, ..ClipSpec::default() }
}

pub struct Bench {
    place: TempDir,
    ids: Arc<Counter>,
    prober: Prober,
    pub watch_dock: bool,
}

impl Bench {
    /// Returns a bench whose footage is really looked at.
    pub fn new() -> Self {
        Self::with(real_probe())
    }

    /// Returns a bench for bulk bytes.
    pub fn mute() -> Self {
        Self::with(mute_probe())
    }

    fn with(prober: Prober) -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("dock")).unwrap();
        Self { place, ids: Arc::default(), prober, watch_dock: false }
    }

    pub fn watching(self) -> Self {
        Self { watch_dock: true, ..self }
    }

    pub fn place(&self) -> &Path {
        self.place.path()
    }

    pub fn vault(&self) -> PathBuf {
        self.place().join("vault")
    }

    pub fn dock(&self) -> PathBuf {
        self.place().join("dock")
    }

    pub fn around(&self) -> Surroundings {
        Surroundings {
            prober: self.prober.clone(),
            clock: Arc::new(FixedClock),
            ids: self.ids.clone(),
            dock_folders: vec![self.dock()],
            watch_dock: self.watch_dock,
            system: Default::default(),
            patience: Default::default(),
        }
    }

    /// Makes the vault of a bureau that does not ask for 涉密.
    pub fn create(&self) -> Arc<Station> {
        self.create_with("qj-qilin")
    }

    pub fn create_with(&self, rule_pack: &str) -> Arc<Station> {
        let station = Station::create(&self.vault(), "麒麟区文化和旅游局", rule_pack, &clerk(), self.around()).unwrap();
        // What this machine has mounted is none of the tests' business.
        let settings = Settings { mount_roots: vec![], ..station.settings().unwrap() };
        station.save_settings(&clerk(), &settings).unwrap();
        station
    }

    pub fn open(&self) -> Arc<Station> {
        reopen(&self.vault(), || self.around())
    }

    pub fn drive(&self, name: &str, layout: Layout) -> Drive {
        Drive::new(&self.dock().join(name), layout).unwrap()
    }

    /// Returns a drive of `count` recordings of seeded bytes.
    pub fn noise_drive(&self, name: &str, count: u32, bytes: u64) -> Drive {
        let mut drive = self.drive(name, Layout::DsjA);
        for n in 0..count {
            drive.noise_clip(&format!("2026-11-21 09:{:02}:{:02}", n / 60, n % 60), 1, bytes + u64::from(n)).unwrap();
        }
        drive
    }

    /// Docks the usual card: one act in three segments, 90 s missing before the third, and a second act.
    pub fn usual_drive(&self) -> Drive {
        let mut drive = self.drive("DSJ-03", Layout::DsjA);
        for (began, seconds, seed) in [
            ("2026-11-21 09:02:05", 3, 1),
            ("2026-11-21 09:02:08", 2, 2),
            ("2026-11-21 09:03:40", 2, 3),
            ("2026-11-21 14:30:00", 2, 4),
        ] {
            drive.clip(began, &spec(seconds, seed)).unwrap();
        }
        drive
    }
}

/// What tests ask of a station again and again.
pub trait Asked {
    fn take_in(&self, drive: &Drive) -> IntakeStatus;
    fn clips(&self) -> Vec<ClipRow>;
    fn checked(&self, metadata_only: bool) -> CheckReport;
    fn ended(&self, job: &JobId) -> IntakeStatus;
    fn person(&self, name: &str, certificate_no: &str) -> Actor;
    fn signed(&self, session: &SessionId) -> SignedStatement;
    fn sign_as_is(
        &self,
        session: &SessionId,
        revision: u32,
        fields: &StatementFields,
        reason: &str,
    ) -> Result<SignedStatement, Failure>;
    fn ask<T>(&self, ask: impl FnOnce(&View<'_>) -> Result<T, RegisterError>) -> T;
}

impl Asked for Arc<Station> {
    fn take_in(&self, drive: &Drive) -> IntakeStatus {
        let status = self.intake_path(&clerk(), drive.root(), Declared::Command).unwrap();
        assert_eq!(status.state, JobState::Done, "{:?}", status.error);
        status
    }

    fn clips(&self) -> Vec<ClipRow> {
        let mut rows = self.ask(|view| view.clips_after(None, u32::MAX));
        rows.sort_by(|a, b| a.clip.number.cmp(&b.clip.number));
        rows
    }

    fn checked(&self, metadata_only: bool) -> CheckReport {
        self.check_and_wait(&clerk(), metadata_only).unwrap()
    }

    fn ended(&self, job: &JobId) -> IntakeStatus {
        for _ in 0..3000 {
            let status = self.job_status(job).unwrap();
            if status.state != JobState::Running {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the intake does not end");
    }

    fn person(&self, name: &str, certificate_no: &str) -> Actor {
        let new = SavePerson {
            name: name.into(),
            certificate_no: certificate_no.into(),
            active: true,
            ..SavePerson::default()
        };
        self.save_person(&clerk(), &new).unwrap();
        self.actor_named(name).unwrap()
    }

    fn signed(&self, session: &SessionId) -> SignedStatement {
        let draft = self.draft(session).unwrap();
        self.sign_as_is(session, draft.revision, &complete(draft.content.fields), "").unwrap()
    }

    fn sign_as_is(
        &self,
        session: &SessionId,
        revision: u32,
        fields: &StatementFields,
        reason: &str,
    ) -> Result<SignedStatement, Failure> {
        let clips = clip_ids(self, session);
        self.sign_statement(&clerk(), session, &Shown { revision, fields, clips: &clips }, reason)
    }

    fn ask<T>(&self, ask: impl FnOnce(&View<'_>) -> Result<T, RegisterError>) -> T {
        self.read(ask).unwrap()
    }
}

/// Opens a vault that was closed just now. A process that another test is starting holds a copy of the lock until its
/// program takes over: milliseconds.
pub fn reopen(vault: &Path, around: impl Fn() -> Surroundings) -> Arc<Station> {
    for _ in 0..200 {
        match Station::open(vault, around()) {
            Err(failure) if failure.code == ErrorCode::VaultLocked => thread::sleep(Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("the vault stays locked");
}

/// Fills in what an officer has to fill in.
pub fn complete(proposed: StatementFields) -> StatementFields {
    let officer = |name: &str, no: &str| Officer { name: name.into(), certificate_no: no.into() };
    StatementFields {
        officers: vec![officer("李娜", "53030036012"), officer("王强", "53030036015")],
        place: "麒麟区文化路18号".into(),
        cause: "未核对登记上网人员身份".into(),
        party: "某某网吧".into(),
        maker: "李娜".into(),
        purpose: "证明现场检查经过".into(),
        ..proposed
    }
}

/// Returns a session's clips, as its page shows them.
pub fn clip_ids(station: &Station, session: &SessionId) -> Vec<ClipId> {
    station.session(session).unwrap().clips.into_iter().map(|row| row.clip.id).collect()
}

/// Returns the code of a refusal.
#[track_caller]
pub fn refusal<T>(answer: Result<T, Failure>) -> ErrorCode {
    answer.err().expect("it is refused").code
}

/// Returns the session ids, the earliest recording first.
pub fn sessions(station: &Station) -> Vec<SessionId> {
    let mut rows = station.sessions(false).unwrap();
    rows.sort_by_key(|status| status.row.session.span.map(|span| span.from));
    rows.into_iter().map(|status| status.row.session.id).collect()
}

/// Returns the regular files below a folder, sorted.
pub fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// Fails unless each file of the drive is in custody with its bytes, as a program not ours sees them.
pub fn check_holds(station: &Arc<Station>, drive: &Path) {
    let rows = station.clips();
    let digest = |path: &Path| {
        let output = Command::new("b3sum").arg("--no-names").stdin(fs::File::open(path).unwrap()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    for file in files_below(drive) {
        let expected = digest(&file);
        let row = rows.iter().find(|row| row.clip.digests.blake3.to_string() == expected);
        let row = row.unwrap_or_else(|| panic!("{} is registered", file.display()));
        assert_eq!(digest(&station.vault().join(&row.clip.stored_path)), expected, "{}", row.clip.number);
    }
}
