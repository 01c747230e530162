//! The register is lost or damaged: bring back what a backup, the ledger files or the folders hold.

use crate::vault::{open_folder, target_code};
use crate::{Failure, Station, Surroundings, second};
use ledger::{RegisterRebuilt, RegisterRestored};
use model::{Actor, ErrorCode, Problem};
use register::{LedgerCopy, Places, Register, RegisterError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What came back.
#[derive(Debug)]
pub struct Rebuilt {
    /// From the ledger files.
    pub events: u64,
    /// From originals that the ledger files do not know.
    pub adopted: u64,
    pub problems: Vec<Problem>,
    /// Where a register that was still there has been put.
    pub set_aside: Option<PathBuf>,
    /// Drafts taken over from it, or why they could not be.
    pub drafts: Result<usize, String>,
}

/// Makes the register anew from the ledger files, then takes over originals that those do not know.
///
/// Nothing is touched while the ledger files cannot be replayed. A register that is still there is set aside under
/// `backup/`, never deleted; where it can still be opened, the ledger files are brought up to it first. Without ledger
/// files the unit's name and rules are lost; `unit` and `rule_pack` then stand in.
pub fn rebuild(
    vault: &Path,
    unit: &str,
    rule_pack: &str,
    actor: &Actor,
    around: Surroundings,
) -> Result<(Arc<Station>, Rebuilt), Failure> {
    let (facts, lock) = open_folder(vault)?;
    let places = Places::below(vault);
    if let Err(error) = Register::open(&places) {
        // Why it is rebuilt: what the ledger files hold is all there is.
        eprintln!("rebuild: {}", Failure::from(error).chain());
    }
    let fresh = register::rebuild(&places)?;
    let events = fresh.events;
    let pack = rules::pack(rule_pack);
    if events == 0 && (pack.is_none() || unit.trim().is_empty()) {
        return Err(Failure::invalid(if pack.is_none() { "rule_pack" } else { "unit" }));
    }
    let set_aside = set_aside(vault, &places, &around.ids.next())?;
    let drafts = fresh.install(set_aside.as_deref())?;
    let register = Register::open(&places)?;
    let station = Station::assemble(vault, facts, lock, register, around)?;
    if let (0, Some(pack)) = (events, pack) {
        station.name_unit(unit.trim(), pack, actor)?;
    }
    let settled = intake::adopt(&station.desk()?)?;
    let kept = set_aside.as_deref().map(|kept| kept.strip_prefix(vault).unwrap_or(kept).display().to_string());
    let record = RegisterRebuilt { events, adopted: settled.adopted, set_aside: kept.unwrap_or_default() };
    station.register.write::<_, Failure>(&station.author(actor, ""), |_| Ok((vec![record.into()], ())))?;
    let station = station.start()?;
    let rebuilt = Rebuilt { events, adopted: settled.adopted, problems: settled.problems, set_aside, drafts };
    Ok((station, rebuilt))
}

fn set_aside(vault: &Path, places: &Places, stamp: &str) -> Result<Option<PathBuf>, Failure> {
    if !places.register.exists() {
        return Ok(None);
    }
    let kept = vault.join("backup").join(format!("register-{stamp}"));
    let failed =
        |error: std::io::Error| Failure::new(ErrorCode::TargetFailed).with("path", kept.display()).because(error);
    fixity::create_folders(&vault.join("backup")).map_err(failed)?;
    fixity::publish(&places.register, &kept).map_err(failed)?;
    Ok(Some(kept))
}

/// What came back from a backup.
#[derive(Debug)]
pub struct Restored {
    /// Events that the register holds now.
    pub events: u64,
    /// Events among them that are newer than the backup and came from the ledger files.
    pub replayed: u64,
    /// Where the register that was there has been put.
    pub set_aside: Option<PathBuf>,
    /// Drafts taken over from it, or why they could not be.
    pub drafts: Result<usize, String>,
}

/// Puts a backup of the register in its place and brings it up to the ledger files.
///
/// Nothing is touched while the backup does not fit: [`ErrorCode::BackupUnfit`] for one that is not whole, of another
/// vault or of a later program, or that has a log beside it; [`ErrorCode::RegisterDamaged`] where the ledger files
/// contradict it, and then [`rebuild`] is the way. The register that is there is set aside under `backup/`, never
/// deleted.
pub fn restore_register(
    vault: &Path,
    backup: &Path,
    actor: &Actor,
    around: Surroundings,
) -> Result<(Arc<Station>, Restored), Failure> {
    let (facts, lock) = open_folder(vault)?;
    let places = Places::below(vault);
    let fresh = register::restore(&places, backup, &facts.id).map_err(|error| match error {
        RegisterError::Unfit { .. } => {
            Failure::new(ErrorCode::BackupUnfit).with("path", backup.display()).because(error)
        }
        other => Failure::from(other).with("vault", vault.display()),
    })?;
    let (events, replayed) = (fresh.events, fresh.replayed);
    let set_aside = set_aside(vault, &places, &around.ids.next())?;
    let drafts = fresh.install(set_aside.as_deref())?;
    let register = Register::open(&places)?;
    let station = Station::assemble(vault, facts, lock, register, around)?;
    let kept = set_aside.as_deref().map(|kept| kept.strip_prefix(vault).unwrap_or(kept).display().to_string());
    let record =
        RegisterRestored { from: backup.display().to_string(), events, replayed, set_aside: kept.unwrap_or_default() };
    station.register.write::<_, Failure>(&station.author(actor, ""), |_| Ok((vec![record.into()], ())))?;
    Ok((station.start()?, Restored { events, replayed, set_aside, drafts }))
}

/// Brings the vault's ledger files up to those beside its second copies, for [`rebuild`]: the vault's own are lost, or
/// lag behind.
///
/// Refused where the folder is not this vault's place for second copies, or its ledger contradicts the vault's.
pub fn fetch_ledger(vault: &Path, place: &Path) -> Result<(), Failure> {
    let (facts, _lock) = open_folder(vault)?;
    let unfit = |why: &str| second::unfit(place, why);
    match second::vault_of_place(place) {
        Ok(Some(id)) if id == facts.id => {}
        Ok(Some(_)) => return Err(unfit("other_vault")),
        Ok(None) => return Err(unfit("missing")),
        Err(error) => {
            return Err(Failure::new(target_code(&error)).with("path", place.display()).because(error));
        }
    }
    let theirs = Places { register: place.join("register"), ledger: place.join("ledger") };
    LedgerCopy::new(&theirs, &Places::below(vault).ledger).bring_up().map_err(Failure::from)
}
