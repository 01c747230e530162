//! 第二份: the place for second copies, a folder on another disk that a marker binds to this vault.
//!
//! ```text
//! evidock-copy.json   whose copies these are
//! originals/…         every clip with its sidecar, under the path it has in the vault
//! papers/…            signed statements and issued papers
//! ledger/             the ledger files
//! register/           backups of the register
//! staging/            copies not yet verified: cleared before each catching up
//! quarantine/         copies that were found bad: never deleted
//! ```

use crate::copying::Progress;
use crate::vault::target_code;
use crate::{Act, Failure, Settings, Station, authorise};
use ledger::SettingChanged;
use model::{Actor, ErrorCode, Instant, format_instant};
use register::{LedgerCopy, View};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Name of the marker in the place.
const MARKER: &str = "evidock-copy.json";
/// Longest marker that is read.
const MARKER_BYTES_MAX: u64 = 4096;
/// Under which the register keeps the id of the place that is in use.
const PLACE_SETTING: &str = "second_copy_id";
/// What systems put on a disk by themselves: a place that holds nothing else is empty.
const OF_THE_SYSTEM: [&str; 3] = ["lost+found", "System Volume Information", "$RECYCLE.BIN"];
/// Where Linux tells which disk a partition is on.
const SYS_BLOCK: &str = "/sys/dev/block";

/// Content of the marker.
#[derive(Serialize, Deserialize)]
struct Marker {
    /// Version of this form: 1.
    evidock_copy: u32,
    /// Id of the vault.
    vault: String,
    /// Id of the place.
    place: String,
    made_at: String,
}

/// The place that is in use, found where it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CopyPlace {
    pub id: String,
    pub path: PathBuf,
}

/// The place for second copies with everything its line shows.
#[derive(Clone, Debug)]
pub struct CopyStatus {
    /// As set; `None`: there is none.
    pub place: Option<PathBuf>,
    /// Id in its marker; empty where there is none.
    pub id: String,
    /// Whether it was there when it was last looked at.
    pub reachable: bool,
    /// Clips with a good copy there.
    pub copied: u64,
    /// Clips without one yet, as far as their originals are good.
    pub missing: u64,
    /// Of the catching up that is under way; both 0 while none is.
    pub bytes_done: u64,
    pub bytes_total: u64,
    /// Of its disk, when it was last looked at.
    pub disk_free: u64,
    pub disk_total: u64,
    /// When it was last seen whole: everything copied, the ledger brought up.
    pub caught_up_at: Option<Instant>,
    /// Why it cannot be reached or written.
    pub last_error: Option<Arc<Failure>>,
}

/// What is known of the place and its thread.
#[derive(Default)]
pub(crate) struct Second {
    state: Mutex<State>,
    pub(crate) bell: Condvar,
    /// Held by whoever makes copies: one at a time.
    pub(crate) at_work: Mutex<Work>,
    /// Held by whoever makes a backup, which waits for no copies. Whether the last one failed: that is said again only
    /// after one went well.
    pub(crate) backup_failed: Mutex<bool>,
}

#[derive(Default)]
pub(crate) struct State {
    /// Something changed that may call for copies or a backup.
    pub rung: bool,
    pub stop: bool,
    pub progress: Progress,
    pub caught_up_at: Option<Instant>,
    looked: bool,
    space: (u64, u64),
    pub error: Option<Arc<Failure>>,
    /// How many clips have a good copy and how many have none, at the place with this id and this head of the ledger.
    totals: Option<(String, u64, (u64, u64))>,
    pub thread: Option<JoinHandle<()>>,
}

/// What whoever is at work knows from the time before.
#[derive(Default)]
pub(crate) struct Work {
    /// The ledger's copy at the place with this id.
    pub ledger: Option<(String, LedgerCopy)>,
    /// The place and the head of the ledger at which everything was done: nothing is to do until either changes.
    pub done_at: Option<(CopyPlace, u64)>,
    /// Whether it was said that the ledger's copy contradicts ours; said again only after it agreed in between.
    pub ledger_differs: bool,
}

impl Second {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the thread.
    pub(crate) fn ring(&self) {
        self.state().rung = true;
        self.bell.notify_all();
    }

    /// Tells whether the station closes.
    pub(crate) fn stops(&self) -> bool {
        self.state().stop
    }
}

impl Station {
    /// 设置第二份的位置, or none. What was copied elsewhere before stays there.
    ///
    /// Refused with [`ErrorCode::CopyPlaceUnfit`]: a folder on the vault's own disk, below or above the vault, of
    /// another vault, not empty, or not writable.
    pub fn use_copy_place(&self, actor: &Actor, place: Option<&Path>) -> Result<Settings, Failure> {
        let settings = Settings { second_copy: place.map(Path::to_owned), ..self.settings()? };
        self.save_settings(actor, &settings)
    }

    /// Checks a folder that is to hold the second copies, marks it as this vault's, and remembers its mark.
    pub(crate) fn fit_copy_place(&self, actor: &Actor, path: &Path) -> Result<(), Failure> {
        authorise(self, actor, Act::Administer)?;
        let unfit = |why: &str| unfit(path, why);
        let failed = |error: io::Error| unfit("not_writable").because(error);
        let place = path.canonicalize().map_err(|error| unfit("missing").because(error))?;
        if !place.is_dir() {
            return Err(unfit("no_folder"));
        }
        if place.starts_with(&self.place) || self.place.starts_with(&place) {
            return Err(unfit("inside_vault"));
        }
        if same_disk(&place, &self.place).map_err(failed)? {
            return Err(unfit("same_disk"));
        }
        let marker = match read_marker(&place).map_err(|error| unfit("marker_unreadable").because(error))? {
            Some(marker) if marker.vault == self.facts.id => marker,
            Some(_) => return Err(unfit("other_vault")),
            None if !is_empty(&place).map_err(failed)? => return Err(unfit("not_empty")),
            None => self.mark(&place).map_err(failed)?,
        };
        try_writing(&place).map_err(failed)?;
        let key = PLACE_SETTING.to_owned();
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let known = view.setting(PLACE_SETTING)?.as_ref() == Some(&marker.place);
            let remembered = SettingChanged { key, value: marker.place };
            Ok((if known { Vec::new() } else { vec![remembered.into()] }, ()))
        })
    }

    fn mark(&self, place: &Path) -> io::Result<Marker> {
        let marker = Marker {
            evidock_copy: 1,
            vault: self.facts.id.clone(),
            place: self.around.ids.next(),
            made_at: format_instant(self.now()),
        };
        let mut bytes = serde_json::to_vec_pretty(&marker)?;
        bytes.push(b'\n');
        fixity::write_new(&place.join(MARKER), &bytes)?;
        Ok(marker)
    }

    /// Returns the place in use when it is there: the very folder that was marked, still on another disk. A mount
    /// point without its disk is not it.
    pub(crate) fn copy_place(&self) -> Result<Option<CopyPlace>, Failure> {
        let (Some(path), id) = self.place_set()? else { return Ok(None) };
        let failed = |error: io::Error| Failure::new(target_code(&error)).with("path", path.display()).because(error);
        let unfit = |why: &str| unfit(&path, why);
        let found = read_marker(&path).map_err(failed).and_then(|marker| match marker {
            Some(marker) if marker.vault == self.facts.id && marker.place == id => Ok(()),
            Some(_) => Err(unfit("other_place")),
            None => Err(failed(io::ErrorKind::NotFound.into())),
        });
        let found = found.and_then(|()| match same_disk(&path, &self.place).map_err(failed)? {
            true => Err(unfit("same_disk")),
            false => fixity::disk_space(&path).map_err(failed),
        });
        let mut state = self.second.state();
        state.looked = true;
        match found {
            Ok(space) => {
                state.space = space;
                Ok(Some(CopyPlace { id, path }))
            }
            Err(failure) => Err(failure),
        }
    }

    fn place_set(&self) -> Result<(Option<PathBuf>, String), Failure> {
        let place = self.settings()?.second_copy;
        let id = self.read(|view: &View<'_>| view.setting(PLACE_SETTING))?.unwrap_or_default();
        Ok((place, id))
    }

    /// 第二份的状况. Cheap: asks the register, and the disk only where nobody has looked yet.
    pub fn copy_status(&self) -> Result<CopyStatus, Failure> {
        let (place, id) = self.place_set()?;
        let id = if place.is_some() { id } else { String::new() };
        if place.is_some() && !self.second.state().looked {
            let found = self.copy_place();
            self.note_place(found.err());
        }
        let (copied, missing) = if place.is_some() { self.copy_totals(&id)? } else { (0, 0) };
        let state = self.second.state();
        Ok(CopyStatus {
            reachable: place.is_some() && state.looked && state.error.is_none(),
            place,
            id,
            copied,
            missing,
            bytes_done: state.progress.bytes_done,
            bytes_total: state.progress.bytes_total,
            disk_free: state.space.0,
            disk_total: state.space.1,
            caught_up_at: state.caught_up_at,
            last_error: state.error.clone(),
        })
    }

    fn copy_totals(&self, id: &str) -> Result<(u64, u64), Failure> {
        let (head, _) = self.read(|view| view.ledger_head())?;
        if let Some((known, at, totals)) = &self.second.state().totals
            && (known.as_str(), *at) == (id, head)
        {
            return Ok(*totals);
        }
        let totals = self.read(|view| view.copy_totals(id))?;
        self.second.state().totals = Some((id.to_owned(), head, totals));
        Ok(totals)
    }

    /// Remembers why the place cannot be used, or that it can. Tells whether that is news.
    pub(crate) fn note_place(&self, failure: Option<Failure>) -> bool {
        let mut state = self.second.state();
        let news = state.error.is_some() != failure.is_some();
        state.error = failure.map(Arc::new);
        news
    }
}

/// Returns the refusal of a folder; `why` is a code, and the log has it in words.
pub(crate) fn unfit(path: &Path, why: &str) -> Failure {
    let words = match why {
        "missing" => "there is no such folder, or it has no marker",
        "no_folder" => "it is no folder",
        "inside_vault" => "it lies below or above the vault",
        "same_disk" => "it lies on the vault's own disk",
        "not_empty" => "it holds other things",
        "other_vault" => "it is marked as another vault's",
        "other_place" => "it is marked as another place than the one that was set",
        "marker_unreadable" => "its marker cannot be read",
        _ => "it cannot be written",
    };
    Failure::new(ErrorCode::CopyPlaceUnfit).with("path", path.display()).with("why", why).because(words)
}

/// Returns the id of the vault whose copies lie in a folder, and `None` where there is no marker.
pub(crate) fn vault_of_place(place: &Path) -> io::Result<Option<String>> {
    Ok(read_marker(place)?.map(|marker| marker.vault))
}

fn read_marker(place: &Path) -> io::Result<Option<Marker>> {
    let path = place.join(MARKER);
    let bytes = match fs::symlink_metadata(&path) {
        Ok(facts) if facts.is_file() && facts.len() <= MARKER_BYTES_MAX => fs::read(&path)?,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "the marker is not as this program writes it")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let marker: Marker = serde_json::from_slice(&bytes)?;
    match marker.evidock_copy {
        1 => Ok(Some(marker)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the marker is of a later program")),
    }
}

fn is_empty(place: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(place)? {
        let name = entry?.file_name();
        if !OF_THE_SYSTEM.iter().any(|theirs| name == *theirs) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Creates, syncs and removes a file.
fn try_writing(place: &Path) -> io::Result<()> {
    let path = place.join(".evidock-writable");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
    let written = file.write_all(b"1").and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    written
}

/// Tells whether two folders lie on the same disk: on one file system, or on two partitions of one device.
fn same_disk(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (fs::metadata(one)?.dev(), fs::metadata(other)?.dev());
    let on_one_device = match (device_of(one), device_of(other)) {
        (Some(one), Some(other)) => one == other,
        // Shares and file systems in memory are on no block device.
        _ => false,
    };
    Ok(one == other || on_one_device)
}

/// Returns the whole device that a file system is on, as the system names it.
fn device_of(dev: u64) -> Option<PathBuf> {
    let number = format!("{}:{}", rustix::fs::major(dev), rustix::fs::minor(dev));
    let device = Path::new(SYS_BLOCK).join(number).canonicalize().ok()?;
    let is_partition = device.join("partition").exists();
    if is_partition { device.parent().map(Path::to_owned) } else { Some(device) }
}
