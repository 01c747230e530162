//! The dock as the station sees it: which drives stand in it, and what may be done with each.

use crate::tracks::IntakeStatus;
use crate::{Act, Declared, Failure, Station, Topic, authorise, devices};
use dock::{DockPlaces, Docked, Looked, Watch};
use ledger::{RecorderRecorded, VolumeAdmitted, VolumeRecord, VolumeRecorded};
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
    /// Drives that arrived and may yet start by themselves.
    pending: HashSet<String>,
    /// What was said of dock folders that could not be read at the last look.
    unlisted: HashSet<String>,
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

    /// Asks the system, and the dock folders, for what is docked. Whatever place hangs holds up no other; a folder that
    /// is not there now (a share not mounted yet) or cannot be read hides no other either, and is found once it can be.
    fn looked(&self) -> Result<Looked, Failure> {
        let settings = self.settings()?;
        let mut folders = settings.dock_folders;
        folders.extend(self.around.dock_folders.iter().cloned());
        let places = DockPlaces { mount_roots: settings.mount_roots, folders };
        let mut lookout = self.lookout.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = lookout
            .look(&places, &self.around.system)
            .map_err(|error| Failure::new(ErrorCode::SourceFailed).because(error))?;
        let unlisted: HashSet<String> = looked.unlisted.iter().map(why).collect();
        let before = std::mem::replace(&mut self.docking().unlisted, unlisted.clone());
        for why in unlisted.difference(&before) {
            eprintln!("dock: {why}");
        }
        Ok(looked)
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
        if status.standing != DriveStanding::Unknown {
            return Ok(status);
        }
        let admitted = VolumeAdmitted { volume: volume_of(&status.docked) };
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((vec![admitted.into()], ())))?;
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
        let volume = volume_of(&status.docked);
        if VolumeKind::of(&volume.key) == VolumeKind::Place {
            // Nothing on it tells it from the next one that stands there.
            return Err(Failure::invalid("volume"));
        }
        let fresh = RecorderId::fresh(self.around.ids.as_ref());
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            // A further card of a known recorder joins it.
            let known = view.recorders()?.into_iter().find(|r| {
                r.name == new.name.trim() || (!new.serial.trim().is_empty() && r.serial == new.serial.trim())
            });
            let keeper_id = devices::keeper_named(&view.people()?, new.keeper.trim());
            let blank = || RecorderRecorded { id: fresh.to_string(), ..RecorderRecorded::default() };
            let recorder = RecorderRecorded {
                name: new.name.trim().to_owned(),
                serial: new.serial.trim().to_owned(),
                keeper: new.keeper.trim().to_owned(),
                keeper_id: keeper_id.map(|id| id.to_string()),
                ..known.as_ref().map_or_else(blank, RecorderRecorded::from)
            };
            let volume = VolumeRecorded { volume, recorder: recorder.id.clone() };
            Ok((vec![recorder.into(), volume.into()], ()))
        })?;
        self.tell(&[Topic::Dock, Topic::Settings, Topic::Devices]);
        self.drive(drive)
    }

    /// Returns the drive that a path is the root of: a docked one, or any folder, which then stands for a drive.
    pub(crate) fn drive_at(&self, path: &Path) -> Result<Docked, Failure> {
        let gone =
            |error: std::io::Error| Failure::new(ErrorCode::DriveGone).with("path", path.display()).because(error);
        let root = path.canonicalize().map_err(gone)?;
        if !root.is_dir() || self.overlaps(&root) {
            return Err(Failure::invalid("path").with("path", root.display()));
        }
        dock::docked_at(&root, &self.around.system)
            .map_err(|error| Failure::new(ErrorCode::SourceFailed).because(error))?
            .ok_or_else(|| Failure::new(ErrorCode::DriveGone).with("path", root.display()))
    }

    /// Looks at the dock and tells what changed.
    pub(crate) fn look(&self) -> Result<(), Failure> {
        let mut found = self.looked()?.drives;
        // The disk that holds the vault is no recorder, wherever it is mounted, and no folder of ours is one; a dock
        // folder may be a way round.
        found.retain(|found| !self.overlaps(&found.resolved) && !self.overlaps(&found.docked.root));
        let found: Vec<Docked> = found.into_iter().map(|found| found.docked).collect();
        let changed = {
            let mut docking = self.docking();
            let arrived: Vec<String> = found
                .iter()
                .filter(|new| !docking.drives.iter().any(|old| old.id == new.id))
                .map(|docked| docked.id.to_string())
                .collect();
            let changed = docking.drives != found;
            // Admission ends with the docking.
            let stands = |id: &String| found.iter().any(|docked| docked.id.as_str() == id);
            docking.admitted.retain(stands);
            docking.pending.retain(stands);
            docking.pending.extend(arrived);
            docking.drives.clone_from(&found);
            changed
        };
        self.intakes.forget_undocked(&found);
        if changed {
            self.tell(&[Topic::Dock]);
        }
        Ok(())
    }

    pub(crate) fn watch_dock(self: &Arc<Self>) -> Result<(), Failure> {
        let failed = |error| Failure::new(ErrorCode::SourceFailed).because(error);
        let (hint, hints) = channel();
        let waker = hint.clone();
        // Mounts are watched wherever they are.
        let places = DockPlaces { mount_roots: Vec::new(), folders: self.looked()?.listed };
        let watch = Watch::start(&places, move || {
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
                    station.watch_over();
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
        if let Err(failure) = self.look().and_then(|()| self.begin_pending()) {
            // The next look tries again; the window shows the last known dock.
            eprintln!("dock: {}", failure.chain());
        }
    }

    /// Starts what arrived and may start by itself. What fails is tried again at the next look, while it stands here.
    fn begin_pending(self: &Arc<Self>) -> Result<(), Failure> {
        let settings = self.settings()?;
        if !settings.intake_at_once || settings.ask_unclassified {
            self.docking().pending.clear();
            return Ok(());
        }
        let pending: Vec<Docked> = {
            let docking = self.docking();
            docking.drives.iter().filter(|docked| docking.pending.contains(docked.id.as_str())).cloned().collect()
        };
        for docked in pending {
            let begun = match self.may_begin(&docked) {
                Ok(true) => self.start_intake(&Actor::Station, docked.id.as_str(), Declared::NotAsked).map(drop),
                Ok(false) => Ok(()),
                Err(failure) => Err(failure),
            };
            match begun {
                // One that somebody started by hand meanwhile needs no second start.
                Err(failure) if failure.code != ErrorCode::JobRunning => {
                    eprintln!("dock: {} does not start: {}", docked.root.display(), failure.chain());
                }
                _ => {
                    self.docking().pending.remove(docked.id.as_str());
                }
            }
        }
        Ok(())
    }

    /// Tells whether a drive may start by itself: it is a registered recorder's, and known by its serial. Anybody can
    /// give a card a label.
    fn may_begin(&self, docked: &Docked) -> Result<bool, Failure> {
        let known = VolumeKind::of(&volume_of(docked).key) == VolumeKind::Serial;
        Ok(known && self.recorder_of(&docked.facts)?.is_some())
    }

    /// Tells whether a place lies in the vault or holds it.
    fn overlaps(&self, root: &Path) -> bool {
        self.place.starts_with(root) || root.starts_with(&self.place)
    }
}

/// Returns an error of the dock in one line.
fn why(error: &dock::DockError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}

/// Returns the recorder profiles: id, maker, model.
pub fn recorder_profiles() -> Vec<(String, String, String)> {
    let profiles = dock::Profiles::builtin();
    profiles.iter().map(|p| (p.id.as_str().to_owned(), p.maker.clone(), p.model.clone())).collect()
}

/// What a volume is remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumeKind {
    /// Its serial: this very volume.
    Serial,
    /// Its label, which any other may bear.
    Label,
    /// Only where it stands.
    Place,
}

impl VolumeKind {
    pub fn of(key: &str) -> Self {
        match key.split_once(':') {
            Some(("serial", _)) => Self::Serial,
            Some(("label", _)) => Self::Label,
            _ => Self::Place,
        }
    }
}

/// Returns a volume as the ledger writes it. One without serial and label is named by where it stands.
pub(crate) fn volume_of(docked: &Docked) -> VolumeRecord {
    /// Largest number that the ledger's form holds.
    const NUMBER_MAX: u64 = (1 << 53) - 1;
    let facts = &docked.facts;
    let key = VolumeKey::of(facts).map(|key| key.as_str().to_owned());
    VolumeRecord {
        key: key.unwrap_or_else(|| format!("place:{}", docked.root.display())),
        label: facts.label.clone(),
        serial: facts.serial.clone(),
        fstype: facts.fstype.clone(),
        // A broken device may claim any size.
        capacity: facts.capacity.min(NUMBER_MAX),
        read_only: facts.read_only,
        port: docked.port.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Ids, JobState, Patience, Settings, Surroundings, SystemClock};
    use dock::SystemPaths;
    use std::fs;

    fn station(place: &Path) -> Arc<Station> {
        let around = Surroundings {
            prober: media::Prober::at("/bin/true".into()),
            clock: Arc::new(SystemClock),
            ids: Arc::new(Ids::default()),
            dock_folders: vec![place.join("dock")],
            watch_dock: false,
            system: SystemPaths::default(),
            patience: Patience::default(),
        };
        let station = Station::create(&place.join("vault"), "某局", "qj-qilin", &Actor::Station, around).unwrap();
        let settings = Settings { mount_roots: vec![], intake_at_once: true, ..station.settings().unwrap() };
        station.save_settings(&Actor::Station, &settings).unwrap();
        station
    }

    #[test]
    fn a_registered_drive_known_by_its_serial_starts_by_itself_once() {
        for (serial, registered, starts) in [("4E21-00FF", true, true), ("4E21-00FF", false, false), ("", true, false)]
        {
            let what = format!("serial {serial:?}, registered {registered}");
            let place = tempfile::tempdir().unwrap();
            let card = place.path().join("dock/CARD");
            fs::create_dir_all(&card).unwrap();
            fs::write(card.join("note.txt"), "content").unwrap();
            let station = station(place.path());
            station.look().unwrap();
            // A folder has no serial; the system would have told it of a card.
            station.docking().drives[0].facts.serial = serial.into();
            let id = station.docking().drives[0].id.to_string();
            if registered {
                let docked = station.docking().drives[0].clone();
                let recorder = RecorderRecorded { id: "01K00000000000000000000001".into(), ..Default::default() };
                let volume = VolumeRecorded { volume: volume_of(&docked), recorder: recorder.id.clone() };
                let author = station.author(&Actor::Station, "");
                let changes = vec![recorder.into(), volume.into()];
                station.register.write::<_, Failure>(&author, |_| Ok((changes, ()))).unwrap();
            }
            assert!(station.docking().pending.contains(&id), "{what}: it arrived");
            station.begin_pending().unwrap();
            assert!(station.docking().pending.is_empty(), "{what}: decided");
            station.begin_pending().unwrap();
            let begun: Vec<_> = station.intakes.tracks().iter().map(|track| track.status.job.clone()).collect();
            assert_eq!(begun.len(), usize::from(starts), "{what}");
            for job in begun {
                while station.job_status(&job).unwrap().state == JobState::Running {
                    std::thread::sleep(Duration::from_millis(5));
                }
                let ended = station.job_status(&job).unwrap();
                assert_eq!((ended.state, ended.stored), (JobState::Done, 1), "{what}: {:?}", ended.error);
            }
        }
    }
}
