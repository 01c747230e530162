//! The vault's folder: `vault.toml`, the lock, and the places of everything else.

use crate::Failure;
use model::{ErrorCode, IdSource, StationZone};
use register::{Places, Register};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

/// Version of the vault's layout.
const LAYOUT: u32 = 1;

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

pub(crate) fn create(
    vault: &Path,
    unit: &str,
    ids: &dyn IdSource,
) -> Result<(VaultFacts, VaultLock, Register), Failure> {
    let path = vault.join("vault.toml");
    let failed = |error: std::io::Error| Failure::new(target_code(&error)).with("path", vault.display()).because(error);
    if path.exists() {
        return Err(Failure::new(ErrorCode::VaultExists).with("vault", vault.display()));
    }
    fixity::create_folders(vault).map_err(failed)?;
    if fs::read_dir(vault).map_err(failed)?.next().is_some() {
        // Somebody's folder: evidence is not mixed with it.
        return Err(Failure::new(ErrorCode::VaultExists).with("vault", vault.display()));
    }
    let zone = StationZone::beijing();
    let file = VaultFile { layout: LAYOUT, id: ids.next(), unit: unit.to_owned(), zone_minutes: zone.minutes() };
    let text = toml::to_string(&file).map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
    let lock = lock(vault)?;
    let register = Register::create(&Places::below(vault))?;
    // Written last: a vault without it was never finished.
    fixity::write_new(&path, text.as_bytes()).map_err(failed)?;
    Ok((VaultFacts { id: file.id, zone }, lock, register))
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
