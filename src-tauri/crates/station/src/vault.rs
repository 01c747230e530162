//! The vault's folder: `vault.toml`, the lock, and the places of everything else.

use crate::Failure;
use model::{ErrorCode, IdSource, StationZone};
use register::{Places, Register};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

/// Version of the vault's layout.
const LAYOUT: u32 = 1;
/// Events with which a vault begins: the unit's name, and the setting that its rules call for.
const NAMING_EVENTS: usize = 2;

/// What `vault.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultFacts {
    pub id: String,
    pub zone: StationZone,
}

#[derive(Serialize, Deserialize)]
struct VaultFile {
    layout: u32,
    id: String,
    /// As first named; the register has the present name.
    unit: String,
    /// Whole minutes east of UTC.
    zone_minutes: i32,
}

/// The operating system's lock on a vault. Ends with the process, however it ends.
pub(crate) struct VaultLock {
    _file: File,
}

/// Makes the folder and an empty register. Until [`finish`] it is no vault.
pub(crate) fn create(vault: &Path, ids: &dyn IdSource) -> Result<(VaultFacts, VaultLock, Register), Failure> {
    let failed = |error: std::io::Error| Failure::new(target_code(&error)).with("path", vault.display()).because(error);
    let exists = || Failure::new(ErrorCode::VaultExists).with("vault", vault.display());
    fixity::create_folders(vault).map_err(failed)?;
    if !is_unfinished(vault).map_err(failed)? {
        // Somebody's folder: evidence is not mixed with it.
        return Err(exists());
    }
    let lock = lock(vault)?;
    // Whoever held the lock before may have finished it.
    if !is_unfinished(vault).map_err(failed)? {
        return Err(exists());
    }
    let places = Places::below(vault);
    for folder in [&places.register, &places.ledger] {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(failed)?;
        }
    }
    let register = Register::create(&places)?;
    Ok((VaultFacts { id: ids.next(), zone: StationZone::beijing() }, lock, register))
}

/// Writes `vault.toml`, last of all: a vault without it was never finished.
pub(crate) fn finish(vault: &Path, unit: &str, facts: &VaultFacts) -> Result<(), Failure> {
    let path = vault.join("vault.toml");
    let file =
        VaultFile { layout: LAYOUT, id: facts.id.clone(), unit: unit.to_owned(), zone_minutes: facts.zone.minutes() };
    let text = toml::to_string(&file).map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
    fixity::write_new(&path, text.as_bytes())
        .map_err(|error| Failure::new(target_code(&error)).with("path", path.display()).because(error))
}

/// Tells whether a folder is empty, or holds no more than what a vault's unfinished making leaves: lock, register,
/// and a ledger that only names the unit.
fn is_unfinished(vault: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(vault)? {
        let name = entry?.file_name();
        if ![".lock", "register", "ledger"].iter().any(|ours| name == *ours) {
            return Ok(false);
        }
    }
    let ledger = Places::below(vault).ledger;
    let mut events = 0;
    if ledger.exists() {
        for entry in fs::read_dir(ledger)? {
            events += fs::read(entry?.path())?.iter().filter(|byte| **byte == b'\n').count();
        }
    }
    Ok(events <= NAMING_EVENTS)
}

pub(crate) fn open(vault: &Path) -> Result<(VaultFacts, VaultLock, Register), Failure> {
    let (facts, lock) = open_folder(vault)?;
    let register = Register::open(&Places::below(vault)).map_err(|error| {
        let failure = Failure::from(error);
        failure.with("vault", vault.display())
    })?;
    Ok((facts, lock, register))
}

/// Reads `vault.toml` and takes the lock; the register is left alone.
pub(crate) fn open_folder(vault: &Path) -> Result<(VaultFacts, VaultLock), Failure> {
    let path = vault.join("vault.toml");
    let text = fs::read_to_string(&path).map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCode::VaultMissing,
            _ => target_code(&error),
        };
        Failure::new(code).with("vault", vault.display()).with("path", path.display()).because(error)
    })?;
    let damaged = || Failure::new(ErrorCode::RegisterDamaged).with("path", path.display());
    let file: VaultFile = toml::from_str(&text).map_err(|error| damaged().because(error))?;
    if file.layout > LAYOUT {
        return Err(Failure::new(ErrorCode::VaultNewer).with("version", file.layout));
    }
    let zone = StationZone::from_minutes(file.zone_minutes).ok_or_else(damaged)?;
    Ok((VaultFacts { id: file.id, zone }, lock(vault)?))
}

fn lock(vault: &Path) -> Result<VaultLock, Failure> {
    let path = vault.join(".lock");
    let failed = |error: std::io::Error| Failure::new(target_code(&error)).with("path", path.display()).because(error);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(VaultLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Failure::new(ErrorCode::VaultLocked).with("vault", vault.display())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

pub(crate) fn target_code(error: &std::io::Error) -> ErrorCode {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::TargetFull,
        std::io::ErrorKind::ReadOnlyFilesystem => ErrorCode::TargetReadOnly,
        _ => ErrorCode::TargetFailed,
    }
}
