//! The register is lost: bring back what the folders hold.

use crate::vault::open_folder;
use crate::{Failure, Station, Surroundings};
use ledger::RegisterRebuilt;
use model::{Actor, ErrorCode, Problem};
use register::{Places, Register};
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
