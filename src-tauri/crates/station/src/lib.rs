//! The station: the use cases. Who may do what, what time it is, how the unit has set things up, which jobs run.
//!
//! Every use case takes the [`Actor`](model::Actor) who asks for it and passes [`authorise`]. Hosts (window, browser,
//! command line) reach the station through `wire` and decide nothing themselves.

mod authorise;
mod cases;
mod checks;
mod docking;
mod failure;
mod footage;
mod intakes;
mod notices;
mod packages;
mod people;
mod rebuild;
mod sessions;
mod settings;
mod statements;
mod tasks;
mod time;
mod vault;

pub use authorise::{Act, authorise};
pub use cases::SaveCase;
pub use checks::CheckReport;
pub use docking::{DriveStanding, DriveStatus, NewRecorder, recorder_profiles};
pub use failure::Failure;
pub use footage::FootageFrame;
pub use intakes::{Declared, IntakeStatus, JobState};
pub use notices::{Subscription, Topic};
pub use packages::{Blocker, Destination, PackageDraft};
pub use people::SavePerson;
pub use rebuild::{Rebuilt, rebuild};
pub use sessions::SessionStatus;
pub use settings::Settings;
pub use statements::{Draft, DraftFields, SignedStatement};
pub use tasks::{TaskKind, TaskStage, TaskState, TaskStatus};
pub use time::{Ids, SystemClock};
pub use vault::VaultFacts;

use intakes::Intakes;
use media::Prober;
use model::{Clock, IdSource, StationZone};
use notices::Notices;
use register::Register;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tasks::Tasks;
use vault::VaultLock;

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
}

/// An open vault and everything that goes on in it.
pub struct Station {
    vault: PathBuf,
    facts: VaultFacts,
    register: Register,
    around: Surroundings,
    publishing: Mutex<()>,
    drafts: Mutex<()>,
    notices: Notices,
    docking: Mutex<docking::Docking>,
    intakes: Intakes,
    tasks: Tasks,
    fonts: OnceLock<forms::Fonts>,
    pulse: Mutex<Option<docking::Pulse>>,
    /// Dropped last: until then no other process may open the vault.
    _lock: VaultLock,
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
        let (facts, lock, register) = vault::create(vault, unit, around.ids.as_ref())?;
        let station = Self::assemble(vault, facts, lock, register, around);
        station.name_unit(unit, pack, actor)?;
        station.start()
    }

    /// Opens a vault: takes its lock, opens the register, and settles what a crash left behind.
    pub fn open(vault: &Path, around: Surroundings) -> Result<Arc<Self>, Failure> {
        let (facts, lock, register) = vault::open(vault)?;
        Self::assemble(vault, facts, lock, register, around).start()
    }

    fn assemble(
        vault: &Path,
        facts: VaultFacts,
        lock: VaultLock,
        register: Register,
        around: Surroundings,
    ) -> Arc<Self> {
        Arc::new(Self {
            vault: vault.to_owned(),
            facts,
            register,
            around,
            publishing: Mutex::default(),
            drafts: Mutex::default(),
            notices: Notices::default(),
            docking: Mutex::default(),
            intakes: Intakes::default(),
            tasks: Tasks::default(),
            fonts: OnceLock::new(),
            pulse: Mutex::default(),
            _lock: lock,
        })
    }

    fn start(self: Arc<Self>) -> Result<Arc<Self>, Failure> {
        intake::settle(&self.desk()?)?;
        match intake::complete(&self.desk()?, &model::Actor::Station) {
            // Without the probe new clips stay unseen until it is back; the vault is open all the same.
            Err(failure @ intake::IntakeError::Probe { .. }) => eprintln!("{}", Failure::from(failure).chain()),
            completed => completed?,
        }
        if self.around.watch_dock {
            self.watch_dock()?;
        }
        Ok(self)
    }

    /// Stops watching, asks running work to stop, and waits for it.
    pub fn close(&self) {
        drop(self.pulse.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        self.intakes.stop_all();
        self.tasks.stop_all();
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
        Ok(intake::Desk {
            vault: &self.vault,
            register: &self.register,
            prober: &self.around.prober,
            clock: self.around.clock.as_ref(),
            ids: self.around.ids.as_ref(),
            zone: self.facts.zone,
            rules: self.settings()?.session_rules,
            publishing: &self.publishing,
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
