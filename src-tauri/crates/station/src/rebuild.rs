//! The register is lost: bring back what the folders hold.

use crate::vault::open_folder;
use crate::{Failure, Station, Surroundings};
use model::{Actor, ErrorCode, Problem};
use register::Places;
use std::path::Path;
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
    pub set_aside: Option<std::path::PathBuf>,
}

/// Makes the register anew from the ledger files, then takes over originals that those do not know.
///
/// A register that is still there is set aside under `backup/`, never deleted. Without ledger files the unit's name
/// and rules are lost; `unit` and `rule_pack` then stand in.
pub fn rebuild(
    vault: &Path,
    unit: &str,
    rule_pack: &str,
    actor: &Actor,
    around: Surroundings,
) -> Result<(Arc<Station>, Rebuilt), Failure> {
    let (facts, lock) = open_folder(vault)?;
    let places = Places::below(vault);
    let stamp = around.ids.next();
    let set_aside = set_aside(vault, &places, &stamp)?;
    let events = register::rebuild(&places)?;
    let register = register::Register::open(&places)?;
    let station = Station::assemble(vault, facts, lock, register, around);
    if events == 0 {
        let pack = rules::pack(rule_pack).ok_or_else(|| Failure::invalid("rule_pack"))?;
        station.name_unit(unit, pack, actor)?;
    }
    let settled = intake::adopt(&station.desk()?)?;
    let station = station.start()?;
    let rebuilt = Rebuilt { events, adopted: settled.adopted, problems: settled.problems, set_aside };
    Ok((station, rebuilt))
}

fn set_aside(vault: &Path, places: &Places, stamp: &str) -> Result<Option<std::path::PathBuf>, Failure> {
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
