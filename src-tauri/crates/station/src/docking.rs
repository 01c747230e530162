//! The dock as the station sees it: which drives stand in it, and what may be done with each.

use crate::intakes::IntakeStatus;
use crate::{Act, Declared, Failure, Station, Topic, authorise};
use dock::{DockPlaces, Docked, SystemPaths, Watch};
use ledger::{RecorderRecorded, VolumeRecord, VolumeRecorded};
use model::{Actor, ErrorCode, Recorder, RecorderId, VolumeFacts, VolumeKey};
use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two looks at running jobs, and the longest wait for a change of the dock: about 5 Hz.
const PULSE: Duration = Duration::from_millis(200);
/// Pulses between two looks at the dock without any hint: a missed hint costs no more than this.
const UNHINTED_PULSES: u32 = 25;

/// What may be done with a docked drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriveStanding {
    /// Never seen: nothing has been read, and nothing is until the custodian decides.
    Unknown,
    /// The custodian allowed reading it while it stands here.
    AdmittedOnce,
    /// A volume of a registered recorder.
    Registered,
}

/// A docked drive with everything its card shows.
#[derive(Clone, Debug)]
pub struct DriveStatus {
    pub docked: Docked,
    pub standing: DriveStanding,
    pub recorder: Option<Recorder>,
    pub job: Option<IntakeStatus>,
}

/// 登记此设备: what is entered of a recorder.
#[derive(Clone, Debug, Default)]
pub struct NewRecorder {
    pub name: String,
    pub serial: String,
    pub keeper: String,
}

#[derive(Default)]
pub(crate) struct Docking {
    drives: Vec<Docked>,
    admitted: HashSet<String>,
    hint: Option<Sender<Hint>>,
}

enum Hint {
    Look,
    Stop,
}

/// The thread that looks after dock and running jobs, and what wakes it.
pub(crate) struct Pulse {
    hint: Sender<Hint>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Pulse {
    fn drop(&mut self) {
        // The thread is gone already when nobody receives.
        if self.hint.send(Hint::Stop).is_ok()
            && let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            eprintln!("the dock thread panicked");
        }
    }
}

impl Station {
    fn docking(&self) -> MutexGuard<'_, Docking> {
        self.docking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self) -> Result<DockPlaces, Failure> {
        let settings = self.settings()?;
        let mut folders = settings.dock_folders;
        folders.extend(self.around.dock_folders.iter().cloned());
        // A folder that is not there now (a share not mounted yet) must not hide the others; the regular look finds it.
        folders.retain(|folder| folder.is_dir());
        Ok(DockPlaces { mount_roots: settings.mount_roots, folders })
    }

    /// Returns the drives in the dock. Reads nothing from them.
    pub fn drives(&self) -> Result<Vec<DriveStatus>, Failure> {
        if !self.around.watch_dock {
            self.look()?;
        }
        let drives = self.docking().drives.clone();
        drives.into_iter().map(|docked| self.status(docked)).collect()
    }

    fn status(&self, docked: Docked) -> Result<DriveStatus, Failure> {
        let recorder = self.recorder_of(&docked.facts)?;
        let standing = if recorder.is_some() {
            DriveStanding::Registered
        } else if self.docking().admitted.contains(docked.id.as_str()) {
            DriveStanding::AdmittedOnce
        } else {
            DriveStanding::Unknown
        };
        let job = self.intake_of(docked.id.as_str())?;
        Ok(DriveStatus { docked, standing, recorder, job })
    }

    pub(crate) fn recorder_of(&self, facts: &VolumeFacts) -> Result<Option<Recorder>, Failure> {
        let Some(key) = VolumeKey::of(facts) else { return Ok(None) };
        self.read(|view| view.recorder_of(&key))
    }

    pub(crate) fn drive(&self, id: &str) -> Result<DriveStatus, Failure> {
        let docked = self.docking().drives.iter().find(|docked| docked.id.as_str() == id).cloned();
        self.status(docked.ok_or_else(|| Failure::new(ErrorCode::DriveGone))?)
    }

    /// 这次允许读取: allows reading an unknown drive while it stands here.
    pub fn admit_once(&self, actor: &Actor, drive: &str) -> Result<DriveStatus, Failure> {
        authorise(self, actor, Act::Intake)?;
        let status = self.drive(drive)?;
        self.docking().admitted.insert(status.docked.id.as_str().to_owned());
        self.tell(&[Topic::Dock]);
        self.drive(drive)
    }

    /// 登记此设备: remembers the volume as this recorder's.
    pub fn register_drive(&self, actor: &Actor, drive: &str, new: &NewRecorder) -> Result<DriveStatus, Failure> {
        authorise(self, actor, Act::Administer)?;
        if new.name.trim().is_empty() {
            return Err(Failure::invalid("name"));
        }
        let status = self.drive(drive)?;
        let volume = volume_record(&status.docked.facts).ok_or_else(|| Failure::invalid("volume"))?;
        let fresh = RecorderId::fresh(self.around.ids.as_ref());
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            // A further card of a known recorder joins it.
            let known = view.recorders()?.into_iter().find(|r| {
                r.name == new.name.trim() || (!new.serial.trim().is_empty() && r.serial == new.serial.trim())
            });
            let id = known.as_ref().map_or(fresh, |recorder| recorder.id.clone()).to_string();
            let recorder = RecorderRecorded {
                id: id.clone(),
                name: new.name.trim().to_owned(),
                profile: known.map(|recorder| recorder.profile).unwrap_or_default(),
                serial: new.serial.trim().to_owned(),
                keeper: new.keeper.trim().to_owned(),
            };
            Ok((vec![recorder.into(), VolumeRecorded { volume, recorder: id }.into()], ()))
        })?;
        self.tell(&[Topic::Dock, Topic::Settings]);
        self.drive(drive)
    }

    /// Returns the drive that a path is the root of: a docked one, or any folder, which then stands for a drive.
    pub(crate) fn drive_at(&self, path: &Path) -> Result<Docked, Failure> {
        let gone =
            |error: std::io::Error| Failure::new(ErrorCode::DriveGone).with("path", path.display()).because(error);
        let root = path.canonicalize().map_err(gone)?;
        if !root.is_dir() {
            return Err(Failure::invalid("path").with("path", root.display()));
        }
        let parent = root.parent().unwrap_or(&root).to_owned();
        let places = DockPlaces { mount_roots: vec![parent.clone()], folders: vec![parent] };
        let found = dock::look(&places, &SystemPaths::default())
            .map_err(|error| Failure::new(ErrorCode::SourceFailed).because(error))?;
        let mut here: Vec<Docked> = found.into_iter().filter(|docked| docked.root == root).collect();
        // A real mount knows more of itself than the folder it stands on.
        here.sort_by_key(|docked| docked.facts.fstype == "folder");
        here.into_iter().next().ok_or_else(|| Failure::new(ErrorCode::DriveGone).with("path", root.display()))
    }

    /// Looks at the dock and tells what changed. Registered drives may start by themselves.
    pub(crate) fn look(&self) -> Result<Vec<Docked>, Failure> {
        let mut found = dock::look(&self.places()?, &SystemPaths::default())
            .map_err(|error| Failure::new(ErrorCode::SourceFailed).because(error))?;
        // The disk that holds the vault is no recorder, wherever it is mounted.
        found.retain(|docked| !self.vault.starts_with(&docked.root));
        let (arrived, changed) = {
            let mut docking = self.docking();
            let arrived: Vec<Docked> =
                found.iter().filter(|new| !docking.drives.iter().any(|old| old.id == new.id)).cloned().collect();
            let changed = docking.drives != found;
            // Admission ends with the docking.
            docking.admitted.retain(|id| found.iter().any(|docked| docked.id.as_str() == id));
            docking.drives.clone_from(&found);
            (arrived, changed)
        };
        self.intakes.forget_undocked(&found);
        if changed {
            self.tell(&[Topic::Dock]);
        }
        Ok(arrived)
    }

    pub(crate) fn watch_dock(self: &Arc<Self>) -> Result<(), Failure> {
        let failed = |error| Failure::new(ErrorCode::SourceFailed).because(error);
        let (hint, hints) = channel();
        let waker = hint.clone();
        let watch = Watch::start(&self.places()?, move || {
            // Nobody waits for hints any more once the station closes.
            drop(waker.send(Hint::Look));
        })
        .map_err(failed)?;
        self.docking().hint = Some(hint.clone());
        let weak = Arc::downgrade(self);
        let thread = std::thread::Builder::new()
            .name("dock".into())
            .spawn(move || {
                let _watch = watch;
                let mut unhinted = UNHINTED_PULSES;
                loop {
                    let hinted = match hints.recv_timeout(PULSE) {
                        Ok(Hint::Look) => true,
                        Err(RecvTimeoutError::Timeout) => false,
                        Ok(Hint::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    };
                    let Some(station) = weak.upgrade() else { return };
                    unhinted += 1;
                    if hinted || unhinted >= UNHINTED_PULSES {
                        unhinted = 0;
                        station.look_and_begin();
                    }
                    if station.intakes.sample() {
                        station.tell(&[Topic::Jobs]);
                    }
                }
            })
            .map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
        *self.pulse.lock().unwrap_or_else(PoisonError::into_inner) = Some(Pulse { hint, thread: Some(thread) });
        self.mark_dock_dirty();
        Ok(())
    }

    pub(crate) fn mark_dock_dirty(&self) {
        if let Some(hint) = &self.docking().hint {
            // Nobody waits for hints any more once the station closes.
            drop(hint.send(Hint::Look));
        }
    }

    fn look_and_begin(self: &Arc<Self>) {
        let begun = self.look().and_then(|arrived| {
            let settings = self.settings()?;
            if !settings.intake_at_once || settings.ask_unclassified {
                return Ok(());
            }
            for docked in arrived {
                if self.recorder_of(&docked.facts)?.is_some() {
                    self.start_intake(&Actor::Station, docked.id.as_str(), Declared::NotAsked)?;
                }
            }
            Ok(())
        });
        if let Err(failure) = begun {
            // The next look tries again; the window shows the last known dock.
            eprintln!("dock: {}", failure.chain());
        }
    }
}

/// Returns the recorder profiles: id, maker, model.
pub fn recorder_profiles() -> Vec<(String, String, String)> {
    let profiles = dock::Profiles::builtin();
    profiles.iter().map(|p| (p.id.as_str().to_owned(), p.maker.clone(), p.model.clone())).collect()
}

/// Returns a volume as the ledger writes it, or `None` when nothing names it.
pub(crate) fn volume_record(facts: &VolumeFacts) -> Option<VolumeRecord> {
    let key = VolumeKey::of(facts)?;
    Some(VolumeRecord {
        key: key.as_str().to_owned(),
        label: facts.label.clone(),
        serial: facts.serial.clone(),
        fstype: facts.fstype.clone(),
        capacity: facts.capacity,
        read_only: facts.read_only,
    })
}
