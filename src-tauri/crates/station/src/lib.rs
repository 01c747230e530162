//! The station: the use cases. Who may do what, what time it is, how the unit has set things up, which jobs run.
//!
//! Every use case takes the [`Actor`](model::Actor) who asks for it and passes [`authorise`]. Hosts (window, browser,
//! command line) reach the station through `wire` and decide nothing themselves.

mod alarms;
mod authorise;
mod backup;
mod case_exports;
mod case_tables;
mod cases;
mod checklist_plan;
mod checklists;
mod checks;
mod clocks;
mod copying;
mod devices;
mod docking;
mod due;
mod failure;
mod footage;
mod inquiry;
mod intakes;
mod judging;
mod keeping;
mod notices;
mod originals;
mod own_rules;
mod packages;
mod papers;
mod people;
mod rebuild;
mod restore;
mod rounds;
mod scrub;
mod second;
mod sessions;
mod settings;
mod statements;
mod tasks;
mod time;
mod tracks;
mod trips;
mod trouble;
mod vault;
mod watchdog;

pub use authorise::{Act, authorise};
pub use backup::BackupStatus;
pub use case_exports::{CaseDelivery, ExportDraft};
pub use cases::SaveCase;
pub use checklist_plan::{ImportPlan, PlannedColumn, RowStanding, plan_import};
pub use checklists::{ChecklistStanding, SaveChecklist, checklist_file, checklist_file_name};
pub use checks::CheckReport;
pub use copying::CaughtUp;
pub use devices::{
    CheckOut, RecorderHistory, ReportFault, ReturnRecorder, SaveRecorder, Service, UseChecks, keeper_wanted,
};
pub use docking::{DriveStanding, DriveStatus, NewRecorder, recorder_profiles};
pub use due::{Due, DueSubject};
pub use failure::Failure;
pub use footage::FootageFrame;
pub use inquiry::{Inquiry, NewAnswer, light_of};
pub use intakes::Declared;
pub use judging::{Held, Judging};
pub use keeping::keep_facts;
pub use notices::{Subscription, Topic};
pub use own_rules::{Moved, OwnRules};
pub use packages::{Blocker, Destination, PackageDraft};
pub use papers::{IssuedPaper, PaperContent, PaperDraft, PrintJob, Printer, Suggestions, subject_kinds};
pub use people::SavePerson;
pub use rebuild::{Rebuilt, Restored, fetch_ledger, rebuild, restore_register};
pub use restore::RestorePlan;
pub use scrub::{ScrubFile, ScrubReport, ScrubState, ScrubStatus};
pub use second::CopyStatus;
pub use sessions::SessionStatus;
pub use settings::Settings;
pub use statements::{Draft, DraftFields, Shown, SignedStatement};
pub use tasks::{TaskKind, TaskStage, TaskState, TaskStatus};
pub use time::{Ids, SystemClock};
pub use tracks::{IntakeStatus, JobState};
pub use trips::{Away, OpenTrip, moves_clock, trip_of};
pub use trouble::TargetTrouble;
pub use vault::VaultFacts;
pub use watchdog::Patience;

use media::Prober;
use model::{Clock, IdSource, StationZone};
use notices::Notices;
use register::Register;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tasks::Tasks;
use tracks::Intakes;
use vault::VaultLock;

/// What a desk is told when no other job may write.
const NOTHING_PROMISED: &(dyn Fn() -> u64 + Sync) = &|| 0;

/// Names this program and its version, as ledger and packages do.
pub(crate) fn software() -> String {
    format!("{} {}", archive::SOFTWARE, env!("CARGO_PKG_VERSION"))
}

/// What a station needs from the machine it runs on.
pub struct Surroundings {
    /// The program that looks into footage.
    pub prober: Prober,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    /// Docked folders beside those in the settings.
    pub dock_folders: Vec<PathBuf>,
    /// Whether drives are watched for. The command line looks only when asked.
    pub watch_dock: bool,
    /// Where the system tells of its devices.
    pub system: dock::SystemPaths,
    /// How long things may take before something is done about it.
    pub patience: Patience,
}

/// An open vault and everything that goes on in it.
pub struct Station {
    vault: PathBuf,
    /// The vault without links on the way.
    place: PathBuf,
    facts: VaultFacts,
    register: Register,
    around: Surroundings,
    /// One for all intakes: they take turns at writing.
    disk: fixity::LocalDisk,
    publishing: Mutex<()>,
    /// Held from asking for a statement's or paper's number until it is signed or issued.
    signing: Mutex<()>,
    /// Held from asking for a package's number until it is made.
    packaging: Mutex<()>,
    notices: Notices,
    parsed: judging::Parsed,
    docking: Mutex<docking::Docking>,
    lookout: Mutex<dock::Lookout>,
    intakes: Intakes,
    target: trouble::Target,
    tasks: Tasks,
    scrub: scrub::Scrub,
    second: Arc<second::Second>,
    fonts: OnceLock<forms::Fonts>,
    pulse: Mutex<Option<docking::Pulse>>,
    /// Dropped last: until then no other process may open the vault.
    lock: Mutex<Option<VaultLock>>,
}

impl Station {
    /// Makes a vault with an empty register.
    pub fn create(
        vault: &Path,
        unit: &str,
        rule_pack: &str,
        actor: &model::Actor,
        around: Surroundings,
    ) -> Result<Arc<Self>, Failure> {
        let unit = unit.trim();
        if unit.is_empty() {
            return Err(Failure::invalid("unit"));
        }
        let pack = rules::pack(rule_pack).ok_or_else(|| Failure::invalid("rule_pack"))?;
        let (facts, lock, register) = vault::create(vault, around.ids.as_ref())?;
        let station = Self::assemble(vault, facts, lock, register, around)?;
        station.name_unit(unit, pack, actor)?;
        vault::finish(vault, unit, &station.facts)?;
        station.start()
    }

    /// Opens a vault: takes its lock, opens the register, and settles what a crash left behind.
    pub fn open(vault: &Path, around: Surroundings) -> Result<Arc<Self>, Failure> {
        let (facts, lock, register) = vault::open(vault)?;
        Self::assemble(vault, facts, lock, register, around)?.start()
    }

    fn assemble(
        vault: &Path,
        facts: VaultFacts,
        lock: VaultLock,
        register: Register,
        around: Surroundings,
    ) -> Result<Arc<Self>, Failure> {
        let place = vault
            .canonicalize()
            .map_err(|error| Failure::new(vault::target_code(&error)).with("path", vault.display()).because(error))?;
        Ok(Arc::new(Self {
            vault: vault.to_owned(),
            place,
            facts,
            register,
            around,
            disk: fixity::LocalDisk::default(),
            publishing: Mutex::default(),
            signing: Mutex::default(),
            packaging: Mutex::default(),
            notices: Notices::default(),
            parsed: judging::Parsed::default(),
            docking: Mutex::default(),
            lookout: Mutex::default(),
            intakes: Intakes::default(),
            target: trouble::Target::default(),
            tasks: Tasks::default(),
            scrub: scrub::Scrub::default(),
            second: Arc::default(),
            fonts: OnceLock::new(),
            pulse: Mutex::default(),
            lock: Mutex::new(Some(lock)),
        }))
    }

    fn start(self: Arc<Self>) -> Result<Arc<Self>, Failure> {
        let settled = intake::settle(&self.desk()?)?;
        for problem in settled.problems {
            // It lies in the store as it was; the next check of the store finds it too.
            eprintln!("settling: {} {} {}", problem.code.code(), problem.path, problem.detail);
        }
        if self.around.watch_dock {
            self.watch_dock()?;
            self.start_scrub()?;
            self.watch_second()?;
            let station = Arc::clone(&self);
            // Looking into many clips takes its time, and nobody waits for it. What closing cuts off, the next
            // opening finishes.
            let completing = std::thread::Builder::new().name("completing".into()).spawn(move || {
                if let Err(failure) = station.complete() {
                    eprintln!("completing: {}", failure.chain());
                }
                station.tell(&[Topic::Clips, Topic::Sessions]);
            });
            completing.map_err(|error| Failure::new(model::ErrorCode::Internal).because(error))?;
        } else {
            self.complete()?;
        }
        Ok(self)
    }

    /// Looks into the clips that no probe has seen yet and groups them.
    fn complete(&self) -> Result<(), Failure> {
        match intake::complete(&self.desk()?, &model::Actor::Station) {
            // Without the probe new clips stay unseen until it is back; the vault is open all the same.
            Err(failure @ intake::IntakeError::Probe(_)) => eprintln!("{}", Failure::from(failure).chain()),
            completed => completed?,
        }
        Ok(())
    }

    /// Stops watching, asks running work to stop, and waits for it. An intake that hangs at its drive is left behind: it
    /// writes nothing any more, and the vault is let go of though its thread still holds the station.
    pub fn close(&self) {
        self.scrub.stop();
        drop(self.pulse.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        let all_ended = self.intakes.stop_all(self.now(), self.around.patience.closing);
        self.tasks.stop_all();
        self.close_second();
        if !all_ended {
            drop(self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        }
    }

    /// Returns where the vault lies.
    pub fn vault(&self) -> &Path {
        &self.vault
    }

    /// Returns what `vault.toml` says.
    pub fn facts(&self) -> &VaultFacts {
        &self.facts
    }

    /// Returns the zone in which times are shown and printed.
    pub fn zone(&self) -> StationZone {
        self.facts.zone
    }

    /// Returns the present.
    pub fn now(&self) -> model::Instant {
        self.around.clock.now()
    }

    /// Reads from the register at the last commit.
    pub fn read<T>(
        &self,
        ask: impl FnOnce(&register::View<'_>) -> Result<T, register::RegisterError>,
    ) -> Result<T, Failure> {
        self.register.read(ask).map_err(Failure::from)
    }

    /// Returns free and total bytes of the vault's disk.
    pub fn disk_space(&self) -> Result<(u64, u64), Failure> {
        fixity::disk_space(&self.vault).map_err(|error| {
            Failure::new(model::ErrorCode::TargetFailed).with("path", self.vault.display()).because(error)
        })
    }

    fn author(&self, actor: &model::Actor, reason: &str) -> register::Author {
        register::Author { at: self.now(), actor: actor.clone(), reason: reason.to_owned() }
    }

    fn desk(&self) -> Result<intake::Desk<'_>, Failure> {
        let settings = self.settings()?;
        let pack = match self.rule_pack() {
            // Footage is taken in though nobody knows the rules: those of a later program, or none yet.
            Err(failure) if failure.code == model::ErrorCode::NotFound => None,
            known => Some(known?),
        };
        let damage_article = pack.and_then(|pack| Some(pack.cite(pack.damage.as_ref()?.report_to.article.as_deref()?)));
        Ok(intake::Desk {
            vault: &self.vault,
            register: &self.register,
            prober: &self.around.prober,
            clock: self.around.clock.as_ref(),
            ids: self.around.ids.as_ref(),
            zone: self.facts.zone,
            rules: settings.session_rules,
            second_read: settings.second_read,
            disk: &self.disk,
            damage_article: damage_article.unwrap_or_default(),
            publishing: &self.publishing,
            promised: NOTHING_PROMISED,
        })
    }

    /// Loads the typefaces on first use: they are large.
    fn fonts(&self) -> Result<&forms::Fonts, Failure> {
        if let Some(fonts) = self.fonts.get() {
            return Ok(fonts);
        }
        let fonts = forms::Fonts::system()?;
        Ok(self.fonts.get_or_init(|| fonts))
    }
}
