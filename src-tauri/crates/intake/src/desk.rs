//! What a run works with, and how it is followed and stopped.

use media::Prober;
use model::{Actor, Clock, IdSource, SessionRules, StationZone};
use register::{Author, Register};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// The vault and everything a run needs beside the drive. Several runs share one.
pub struct Desk<'a> {
    pub vault: &'a Path,
    pub register: &'a Register,
    pub prober: &'a Prober,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn IdSource,
    pub zone: StationZone,
    pub rules: SessionRules,
    /// Held from asking whether a content is known until it is registered: two drives may bring the same content.
    pub publishing: &'a Mutex<()>,
    /// Returns the bytes that other running jobs may still write to the vault's disk.
    pub promised: &'a (dyn Fn() -> u64 + Sync),
}

impl Desk<'_> {
    pub(crate) fn staging(&self) -> PathBuf {
        self.vault.join("staging")
    }

    pub(crate) fn author(&self, actor: &Actor) -> Author {
        Author::new(self.clock.now(), actor.clone())
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Listing,
    Copying,
    /// The last copies are read back and registered.
    Finishing,
    Probing,
    Ended,
}

/// A picture of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    pub files_done: u64,
    pub files_total: u64,
    /// Bytes read from the drive.
    pub bytes_done: u64,
    pub bytes_total: u64,
    /// Files that are verified and registered by now.
    pub stored: u64,
    pub stored_bytes: u64,
    /// Files whose content the register held.
    pub already_held: u64,
}

/// Follows a run from another thread, and stops it.
#[derive(Debug, Default)]
pub struct Meter {
    stage: AtomicU8,
    files_done: AtomicU64,
    files_total: AtomicU64,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    stored: AtomicU64,
    stored_bytes: AtomicU64,
    already_held: AtomicU64,
    cancel: AtomicBool,
    closing_down: AtomicBool,
}

const STAGES: [Stage; 5] = [Stage::Listing, Stage::Copying, Stage::Finishing, Stage::Probing, Stage::Ended];

impl Meter {
    /// Returns where the run stands.
    pub fn progress(&self) -> Progress {
        Progress {
            stage: STAGES[usize::from(self.stage.load(Relaxed))],
            files_done: self.files_done.load(Relaxed),
            files_total: self.files_total.load(Relaxed),
            bytes_done: self.bytes_done.load(Relaxed),
            bytes_total: self.bytes_total.load(Relaxed),
            stored: self.stored.load(Relaxed),
            stored_bytes: self.stored_bytes.load(Relaxed),
            already_held: self.already_held.load(Relaxed),
        }
    }

    /// Asks the run to stop. Copying does so within one block; what is copied whole by then is still verified.
    pub fn cancel(&self) {
        self.cancel.store(true, Relaxed);
    }

    /// Asks the run to stop because the station does. The job is interrupted, not cancelled: docking the drive again
    /// continues it. What was cancelled before stays cancelled.
    pub fn close_down(&self) {
        self.closing_down.store(true, Relaxed);
    }

    /// Tells whether somebody asked the run to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Relaxed) || self.closing_down.load(Relaxed)
    }

    /// Tells whether the run stops because the station does, and for no other reason.
    pub(crate) fn is_closing_down(&self) -> bool {
        self.closing_down.load(Relaxed) && !self.cancel.load(Relaxed)
    }

    pub(crate) fn enter(&self, stage: Stage) {
        let place = STAGES.iter().position(|s| *s == stage).expect("every stage is in the list");
        self.stage.store(u8::try_from(place).expect("five stages"), Relaxed);
    }

    pub(crate) fn expect(&self, files: u64, bytes: u64) {
        self.files_total.fetch_add(files, Relaxed);
        self.bytes_total.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn stored(&self, bytes: u64) {
        self.stored.fetch_add(1, Relaxed);
        self.stored_bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn held(&self) {
        self.already_held.fetch_add(1, Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Relaxed);
    }
}

impl fixity::Watch for Meter {
    fn copied(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }
}
