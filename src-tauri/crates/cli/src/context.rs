//! What every command starts from: the vault that is meant, who does the act, and the open station.

use crate::arguments::Common;
use crate::refusal::Refusal;
use media::Prober;
use model::{Actor, CaseId, ClipId, ErrorCode, SessionId};
use register::ClipRow;
use station::{Failure, Ids, Station, Surroundings, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names the vault when the command line does not.
const VAULT: &str = "EVIDOCK_VAULT";

/// An open station and whoever acts on it.
pub struct Desk {
    pub station: Arc<Station>,
    pub actor: Actor,
}

impl Common {
    /// Returns the vault that is meant.
    pub fn vault_path(&self) -> Result<PathBuf, Refusal> {
        let set = || std::env::var_os(VAULT).filter(|value| !value.is_empty()).map(PathBuf::from);
        self.vault.clone().or_else(set).ok_or_else(|| Refusal::usage("vault_missing", &[]))
    }

    /// Opens the station. Drives are looked for when asked, not watched.
    pub fn open(&self) -> Result<Desk, Refusal> {
        let station = Station::open(&self.vault_path()?, self.surroundings()?)?;
        let actor = match &self.actor {
            Some(text) => station.actor_named(text)?,
            None => wire::account(),
        };
        Ok(Desk { station, actor })
    }

    /// Returns the account as author, before there is a register that knows people.
    pub fn account_only(&self, command: &str) -> Result<Actor, Refusal> {
        match &self.actor {
            Some(_) => Err(Refusal::usage("actor_unavailable", &[("command", command)])),
            None => Ok(wire::account()),
        }
    }

    /// Returns the folders whose subfolders stand for docked drives.
    pub fn dock_folders(&self) -> Result<Vec<PathBuf>, Failure> {
        self.dock.iter().map(|folder| absolute(folder)).collect()
    }

    /// Returns what a station needs from this machine.
    pub fn surroundings(&self) -> Result<Surroundings, Failure> {
        let prober = Prober::beside_this_program()
            .ok_or_else(|| Failure::new(ErrorCode::ToolMissing).with("tool", "evidock-probe"))?;
        Ok(Surroundings {
            prober,
            clock: Arc::new(SystemClock),
            ids: Arc::new(Ids::default()),
            dock_folders: self.dock_folders()?,
            watch_dock: false,
            system: Default::default(),
            patience: Default::default(),
        })
    }
}

impl Desk {
    /// Returns the session of an id or of the beginning of one.
    pub fn session(&self, text: &str) -> Result<SessionId, Refusal> {
        let wanted = text.to_ascii_uppercase();
        let rows = self.station.read(|view| view.sessions())?;
        let mut found = rows.into_iter().map(|row| row.session.id).filter(|id| id.as_str().starts_with(&wanted));
        match (found.next(), found.next()) {
            (Some(id), None) if !wanted.is_empty() => Ok(id),
            (Some(_), Some(_)) => Err(Refusal::usage("session_ambiguous", &[("text", text)])),
            _ => Err(Failure::not_found(text).into()),
        }
    }

    /// Returns the sessions of ids or beginnings.
    pub fn sessions(&self, texts: &[String]) -> Result<Vec<SessionId>, Refusal> {
        texts.iter().map(|text| self.session(text)).collect()
    }

    /// Returns the case of a 案号 or an id.
    pub fn case(&self, text: &str) -> Result<CaseId, Refusal> {
        Ok(self.station.case_named(text)?.case.id)
    }

    /// Returns the clip of a 片段编号 or an id.
    pub fn clip(&self, text: &str) -> Result<ClipRow, Refusal> {
        let row = self.station.read(|view| match ClipId::parse(text) {
            Some(id) => view.clip(&id),
            None => view.clip_by_number(text),
        })?;
        Ok(row.ok_or_else(|| Failure::not_found(text))?)
    }
}

/// Returns a path that means the same wherever it is read later.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::invalid("path").with("path", path.display()).because(error))
}
