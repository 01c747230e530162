//! Trouble with the vault's disk: all intakes pause, the disk is probed, and they go on by themselves when it is back.

use crate::intakes::Order;
use crate::{Declared, DriveStanding, Failure, Station, Topic};
use intake::IntakeError;
use model::{Actor, AlarmKind, ErrorCode, Instant};
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant as Moment;

/// A disk with less free than this is still full: register, ledger files and sidecars need room beside the clips.
const FREE_BYTES_MIN: u64 = 256 << 20;
/// What is written to see whether the disk takes anything.
const PROBE_BYTES: &[u8] = &[0x55; 4096];

/// Why an intake came to no end of its own, and whether the vault's disk is to blame.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub failure: Failure,
    pub trouble: Option<ErrorCode>,
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self { failure, trouble: None }
    }
}

impl From<IntakeError> for Stopped {
    fn from(error: IntakeError) -> Self {
        let trouble = trouble_of(&error);
        Self { failure: error.into(), trouble }
    }
}

/// Tells whether a code speaks of the vault's disk.
fn is_target(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TargetFull | ErrorCode::TargetReadOnly | ErrorCode::TargetFailed)
}

/// Returns the code of a trouble that every intake would meet. A drive that is too large for what is free is refused
/// alone.
fn trouble_of(error: &IntakeError) -> Option<ErrorCode> {
    match error {
        IntakeError::TargetFull { .. } => None,
        // It lies in the vault.
        IntakeError::Register(cause) if cause.is_disk() => {
            Some(Some(error.code()).filter(|code| is_target(*code)).unwrap_or(ErrorCode::TargetFailed))
        }
        _ => Some(error.code()).filter(|code| is_target(*code)),
    }
}

/// Trouble with the vault's disk, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTrouble {
    /// `target_full`, `target_read_only` or `target_failed`.
    pub code: ErrorCode,
    pub since: Instant,
}

/// The vault's disk, as far as it failed.
#[derive(Default)]
pub(crate) struct Target(Mutex<Option<Trouble>>);

struct Trouble {
    shown: TargetTrouble,
    /// What the system said.
    detail: String,
    alarmed: bool,
    paused: Vec<Paused>,
    /// Whether a thread probes the disk: one that hangs is not joined by a second.
    probing: bool,
    probed: Moment,
    /// What the last probe met.
    last: String,
}

/// An intake that goes on by itself.
struct Paused {
    drive: String,
    declared: Declared,
}

impl Target {
    fn held(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn trouble(&self) -> Option<TargetTrouble> {
        self.held().as_ref().map(|trouble| trouble.shown.clone())
    }
}

impl Station {
    /// Returns the trouble with the vault's disk; `None` while there is none.
    pub fn target_trouble(&self) -> Option<TargetTrouble> {
        self.target.trouble()
    }

    /// Refuses to begin while the vault's disk is in trouble. Where no pulse probes it, this does.
    pub(crate) fn refuse_in_trouble(self: &Arc<Self>) -> Result<(), Failure> {
        if !self.around.watch_dock && self.target.trouble().is_some() {
            self.probe_target();
        }
        let Some(trouble) = self.target.trouble() else { return Ok(()) };
        Err(Failure::new(trouble.code).with("path", self.vault.display()))
    }

    /// Returns why an intake was closed down: its own drive, or the vault's disk under another one.
    pub(crate) fn stopped_for(&self, code: ErrorCode) -> Stopped {
        let failure = Failure::new(code).with("path", self.vault.display());
        Stopped { failure, trouble: Some(code).filter(|code| is_target(*code)) }
    }

    /// Notes that the disk failed under one intake, and pauses the others before they fail too.
    pub(crate) fn note_trouble(&self, code: ErrorCode, failure: &Failure) {
        {
            let mut held = self.target.held();
            held.get_or_insert_with(|| Trouble {
                shown: TargetTrouble { code, since: self.now() },
                detail: failure.chain(),
                alarmed: false,
                paused: Vec::new(),
                probing: false,
                probed: Moment::now(),
                last: String::new(),
            });
        }
        self.intakes.pause_all(code);
        self.raise_trouble();
    }

    /// Notes that an intake was paused; tells whether it goes on by itself.
    pub(crate) fn note_paused(&self, order: &Order) -> bool {
        let drive = order.docked.id.to_string();
        let admitted = self.drive(&drive).is_ok_and(|status| status.standing != DriveStanding::Unknown);
        if let (true, Some(trouble)) = (admitted, self.target.held().as_mut())
            && !trouble.paused.iter().any(|paused| paused.drive == drive)
        {
            trouble.paused.push(Paused { drive, declared: order.declared });
        }
        admitted
    }

    /// Raises the alarm where the register can still be written; else the next probe does.
    fn raise_trouble(&self) {
        let Some(detail) = self.target.held().as_ref().filter(|t| !t.alarmed).map(|t| t.detail.clone()) else { return };
        let subject = self.vault.display().to_string();
        match self.raise_alarm(AlarmKind::TargetFailed, &subject, &detail, "") {
            Ok(()) => {
                if let Some(trouble) = self.target.held().as_mut() {
                    trouble.alarmed = true;
                }
            }
            Err(failure) => eprintln!("alarm of the vault's disk: {}", failure.chain()),
        }
    }

    /// Probes a failed disk on a thread of its own, which may hang as the disk does.
    pub(crate) fn probe_target_when_due(self: &Arc<Self>) {
        {
            let mut held = self.target.held();
            let Some(trouble) = held.as_mut() else { return };
            if trouble.probing || trouble.probed.elapsed() < self.around.patience.probe {
                return;
            }
            trouble.probing = true;
        }
        let station = Arc::clone(self);
        let probing = std::thread::Builder::new().name("probing".into()).spawn(move || station.probe_target());
        if let Err(error) = probing {
            self.note_probed(&error.to_string());
        }
    }

    /// Sees whether the disk is back; then everything is put in order and what was paused goes on.
    fn probe_target(self: &Arc<Self>) {
        // What still runs has been asked to stop; its copies must not be cleared away under it.
        if self.running_intakes() > 0 || self.tasks.are_running() {
            return self.note_probed("");
        }
        match self.recover_target() {
            Err(failure) => self.note_probed(&failure.chain()),
            Ok(()) => {
                self.raise_trouble();
                let Some(trouble) = self.target.held().take() else { return };
                eprintln!("the vault's disk is back: {} {} can be written", trouble.shown.code, self.vault.display());
                self.tell(&[Topic::Jobs, Topic::Dock, Topic::Clips]);
                trouble.paused.iter().for_each(|paused| self.go_on(paused));
            }
        }
    }

    fn note_probed(&self, met: &str) {
        if let Some(trouble) = self.target.held().as_mut() {
            (trouble.probing, trouble.probed) = (false, Moment::now());
            if !met.is_empty() && trouble.last != met {
                eprintln!("the vault's disk is not back: {met}");
                met.clone_into(&mut trouble.last);
            }
        }
    }

    /// Writes to the disk, opens the register again, and settles what was left half done: a copy that was cut off is
    /// never gone on with, one that was published without being registered is taken over.
    fn recover_target(&self) -> Result<(), Failure> {
        self.try_disk()?;
        if self.register.is_poisoned() {
            self.register.recover()?;
        }
        let settled = intake::settle(&self.desk()?)?;
        for problem in settled.problems {
            eprintln!("settling: {} {} {}", problem.code.code(), problem.path, problem.detail);
        }
        Ok(())
    }

    fn try_disk(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(crate::vault::target_code(&error)).with("path", self.vault.display()).because(error)
        };
        if fixity::is_read_only(&self.vault).map_err(failed)? {
            return Err(Failure::new(ErrorCode::TargetReadOnly));
        }
        let (free, _) = fixity::disk_space(&self.vault).map_err(failed)?;
        if free < FREE_BYTES_MIN {
            return Err(Failure::new(ErrorCode::TargetFull).with("free", free).with("needed", FREE_BYTES_MIN));
        }
        let staging = self.vault.join("staging");
        fixity::create_folders(&staging).map_err(failed)?;
        let probe = staging.join(format!("probe-{}", self.around.ids.next()));
        let written = fixity::write_new(&probe, PROBE_BYTES);
        let removed = fs::remove_file(&probe);
        written.and(removed).and_then(|()| fixity::sync_folder(&staging)).map_err(failed)
    }

    /// Begins a paused intake anew, if its drive still stands here and may be read.
    fn go_on(self: &Arc<Self>, paused: &Paused) {
        match self.start_intake(&Actor::Station, &paused.drive, paused.declared) {
            // It left; docking it again continues the job.
            Err(failure) if failure.code == ErrorCode::DriveGone => {}
            Err(failure) => eprintln!("intake of {} does not go on: {}", paused.drive, failure.chain()),
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use register::RegisterError;
    use std::io;

    #[test]
    fn what_every_intake_would_meet_is_trouble() {
        let target =
            |kind: io::ErrorKind| IntakeError::Target { doing: "write", path: "x".into(), source: kind.into() };
        let register =
            |kind: io::ErrorKind| RegisterError::Io { doing: "write", path: "x".into(), source: kind.into() }.into();
        let rows: Vec<(&str, IntakeError, Option<ErrorCode>)> = vec![
            ("this drive is too large", IntakeError::TargetFull { needed: 2, free: 1 }, None),
            ("full", target(io::ErrorKind::StorageFull), Some(ErrorCode::TargetFull)),
            ("quota", target(io::ErrorKind::QuotaExceeded), Some(ErrorCode::TargetFull)),
            ("read-only", IntakeError::TargetReadOnly, Some(ErrorCode::TargetReadOnly)),
            ("unplugged", target(io::ErrorKind::NotFound), Some(ErrorCode::TargetFailed)),
            ("the ledger file's disk is full", register(io::ErrorKind::StorageFull), Some(ErrorCode::TargetFull)),
            ("the ledger file's disk fails", register(io::ErrorKind::Other), Some(ErrorCode::TargetFailed)),
            ("closed after a disk error", RegisterError::Poisoned.into(), Some(ErrorCode::TargetFailed)),
            ("a damaged register", RegisterError::Damaged("x".into()).into(), None),
        ];
        for (what, error, expected) in rows {
            assert_eq!(trouble_of(&error), expected, "{what}");
        }
    }
}
