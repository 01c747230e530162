//! One process's station, or the reason why there is none yet.

use crate::account::account;
use crate::dto::{CreateVault, HostState, Notice, RulePack, WireError};
use crate::handlers;
use crate::view;
use media::Prober;
use model::ErrorCode;
use serde_json::Value;
use station::{Failure, Ids, Station, Surroundings, SystemClock};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What a host is opened with.
pub struct HostOptions {
    pub vault: PathBuf,
    /// Docked folders beside those in the settings.
    pub dock_folders: Vec<PathBuf>,
}

/// What the loopback server may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A clip's original, by clip id.
    Footage,
    /// A key frame, by clip id and number from 1.
    Frame(u32),
    /// A statement's paper, by number.
    Statement,
    /// Another paper's PDF, by number.
    Paper,
}

type Listener = dyn Fn(Notice) + Send + Sync;

/// Keeps a listener listening; dropping it ends that.
pub struct Subscription {
    _listener: Arc<Listener>,
}

type Listeners = Arc<Mutex<Vec<Weak<Listener>>>>;

/// The station behind a window or a browser page. Opening never fails: a vault that cannot be opened is a state that
/// the page shows.
pub struct Host {
    options: HostOptions,
    /// Held while a vault is opened or made: one at a time.
    opening: Mutex<()>,
    state: Mutex<State>,
    listeners: Listeners,
    media_base: Mutex<String>,
}

struct State {
    station: Result<Arc<Station>, WireError>,
    _notices: Option<station::Subscription>,
}

impl Host {
    /// Opens the vault and watches the dock.
    pub fn open(options: HostOptions) -> Arc<Self> {
        let opened = surroundings(&options).and_then(|around| Station::open(&options.vault, around));
        let host = Self {
            options,
            opening: Mutex::default(),
            state: Mutex::new(State {
                station: Err(view::failure(&Failure::new(ErrorCode::Internal))),
                _notices: None,
            }),
            listeners: Arc::default(),
            media_base: Mutex::default(),
        };
        host.install(opened);
        Arc::new(host)
    }

    fn install(&self, opened: Result<Arc<Station>, Failure>) {
        let notices = opened.as_ref().ok().map(|station| {
            let listeners = Arc::clone(&self.listeners);
            station.listen(move |topic| {
                let notice = Notice { topic: view::topic(topic) };
                let held: Vec<Arc<Listener>> = lock(&listeners).iter().filter_map(Weak::upgrade).collect();
                held.iter().for_each(|listener| listener(notice.clone()));
            })
        });
        if let Err(failure) = &opened {
            eprintln!("vault: {}", failure.chain());
        }
        *lock(&self.state) = State { station: opened.map_err(|failure| view::failure(&failure)), _notices: notices };
    }

    /// Answers one command.
    pub fn call(&self, command: &str, request: Value) -> Result<Value, WireError> {
        handlers::dispatch(self, command, request)
    }

    /// Calls `each` with every notice until the subscription is dropped.
    pub fn listen(&self, each: impl Fn(Notice) + Send + Sync + 'static) -> Subscription {
        let listener: Arc<Listener> = Arc::new(each);
        let mut held = lock(&self.listeners);
        held.retain(|weak| weak.strong_count() > 0);
        held.push(Arc::downgrade(&listener));
        Subscription { _listener: listener }
    }

    /// Returns the open station, or why there is none.
    pub fn station(&self) -> Result<Arc<Station>, WireError> {
        lock(&self.state).station.clone()
    }

    /// Tells where the loopback server serves footage: an address that ends with a slash.
    pub fn set_media_base(&self, base: &str) {
        base.clone_into(&mut lock(&self.media_base));
    }

    pub(crate) fn media_base(&self) -> String {
        lock(&self.media_base).clone()
    }

    /// Returns a file that the loopback server may send, found by id.
    pub fn file(&self, kind: FileKind, id: &str) -> Option<PathBuf> {
        let station = self.station().ok()?;
        let clip = || model::ClipId::parse(id);
        match kind {
            FileKind::Footage => station.footage(&clip()?).ok(),
            FileKind::Frame(n) => Some(station.frame(&clip()?, n)),
            FileKind::Statement => station.statement(id).ok().map(|signed| signed.pdf),
            FileKind::Paper => station.paper(id).ok().map(|issued| issued.pdf),
        }
    }

    /// Returns how many intakes are running: closing the window then asks first.
    pub fn running_jobs(&self) -> usize {
        self.station().map_or(0, |station| station.running_intakes())
    }

    /// Stops running work and waits for it. What is verified stays.
    pub fn close(&self) {
        if let Ok(station) = self.station() {
            station.close();
        }
    }

    /// Tells whether a vault is open. Asked while none is, it tries again: whoever held the lock may be gone.
    pub(crate) fn host_state(&self) -> HostState {
        if self.station().is_err() {
            let _alone = lock(&self.opening);
            // Another question may have opened it meanwhile; an open station is never replaced.
            if self.station().is_err() {
                self.install(surroundings(&self.options).and_then(|around| Station::open(&self.options.vault, around)));
            }
        }
        HostState {
            ready: self.station().is_ok(),
            vault: self.options.vault.display().to_string(),
            error: self.station().err(),
            rule_packs: built_in_packs(),
        }
    }

    pub(crate) fn create_vault(&self, request: &CreateVault) -> Result<HostState, Failure> {
        let alone = lock(&self.opening);
        if self.station().is_ok() {
            return Err(Failure::new(ErrorCode::VaultExists).with("vault", self.options.vault.display()));
        }
        let actor = account();
        let around = surroundings(&self.options)?;
        let made = Station::create(&self.options.vault, &request.unit, &request.rule_pack, &actor, around)?;
        self.install(Ok(made));
        drop(alone);
        Ok(self.host_state())
    }
}

pub(crate) fn built_in_packs() -> Vec<RulePack> {
    rules::packs().iter().map(view::rule_pack).collect()
}

fn surroundings(options: &HostOptions) -> Result<Surroundings, Failure> {
    let prober = Prober::beside_this_program()
        .ok_or_else(|| Failure::new(ErrorCode::ToolMissing).with("tool", "evidock-probe"))?;
    Ok(Surroundings {
        prober,
        clock: Arc::new(SystemClock),
        ids: Arc::new(Ids::default()),
        dock_folders: options.dock_folders.clone(),
        watch_dock: true,
        system: Default::default(),
        patience: Default::default(),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
