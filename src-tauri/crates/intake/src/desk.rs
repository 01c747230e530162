//! What a run works with.

use fixity::Disk;
use media::Prober;
use model::{Actor, Clock, IdSource, JobId, SessionRules, StationZone};
use register::{Author, Register};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The vault and everything a run needs beside the drive. Several runs share one.
pub struct Desk<'a> {
    pub vault: &'a Path,
    pub register: &'a Register,
    /// The disk of the vault, one for all runs: they take turns at writing to it.
    pub disk: &'a dyn Disk,
    pub prober: &'a Prober,
    pub clock: &'a dyn Clock,
    pub ids: &'a dyn IdSource,
    pub zone: StationZone,
    pub rules: SessionRules,
    /// Whether every clip is read a second time from its drive while that is docked (V3).
    pub second_read: bool,
    /// The article that calls for reporting a damaged file; empty where the unit's rules have none.
    pub damage_article: String,
    /// Held from asking whether a content is known until it is registered: two drives may bring the same content.
    pub publishing: &'a Mutex<()>,
    /// Returns the bytes that other running jobs may still write to the vault's disk.
    pub promised: &'a (dyn Fn() -> u64 + Sync),
}

impl Desk<'_> {
    pub(crate) fn staging(&self) -> PathBuf {
        self.vault.join("staging")
    }

    /// Returns where a job's copies lie until they are verified.
    pub(crate) fn staging_of(&self, job: &JobId) -> PathBuf {
        self.staging().join(job.as_str())
    }

    pub(crate) fn author(&self, actor: &Actor) -> Author {
        Author::new(self.clock.now(), actor.clone())
    }
}
