//! A docked drive, as far as taking it in needs it: the mounted one, and the seam for sources of another kind.

use crate::SourceError;
use crate::inventory::{Entry, Inventory, InventoryLimits, inventory};
use crate::look::{Docked, SystemPaths, still_docked};
use crate::profile::Profile;
use crate::source::open_source;
use model::{Problem, StationZone};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};

/// A drive that is only ever read.
pub trait Drive: Sync {
    /// Lists every file, and what is to be said of the drive; see [`inventory`].
    fn list(&self) -> (Inventory, Vec<Problem>);

    /// Opens a listed file for reading, through a new descriptor; what is not the file that was listed is refused.
    fn open(&self, entry: &Entry) -> Result<Box<dyn SourceFile + '_>, SourceError>;

    /// Tells whether the same drive still stands in the dock, without reading it.
    fn is_docked(&self) -> bool;
}

/// An open file of a drive.
pub trait SourceFile: Read + Send {
    /// Returns what the drive says of the open file now.
    fn facts(&self) -> io::Result<SourceFacts>;

    /// Reads at a place, wherever reading in order stands; may give less than was asked for, and 0 behind the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Returns the system's file, so that it can be read past the system's cache. `None`: it is none, and nothing is
    /// known of caches on the way.
    fn system_file(&self) -> Option<&File>;
}

/// Size and modification time; equal to the listed ones while a file holds still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFacts {
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970 as the mount gives it.
    pub mtime: i64,
    pub mtime_nanos: u32,
}

impl From<&Entry> for SourceFacts {
    fn from(entry: &Entry) -> Self {
        Self { size: entry.size, mtime: entry.mtime, mtime_nanos: entry.mtime_nanos }
    }
}

impl SourceFile for File {
    fn facts(&self) -> io::Result<SourceFacts> {
        let found = self.metadata()?;
        let mtime_nanos = u32::try_from(found.mtime_nsec()).unwrap_or(0);
        Ok(SourceFacts { size: found.len(), mtime: found.mtime(), mtime_nanos })
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn system_file(&self) -> Option<&File> {
        Some(self)
    }
}

/// A drive that the system has mounted.
#[derive(Clone, Copy, Debug)]
pub struct MountedDrive<'a> {
    pub docked: &'a Docked,
    pub system: &'a SystemPaths,
    pub profile: &'a Profile,
    pub zone: StationZone,
    pub limits: InventoryLimits,
}

impl Drive for MountedDrive<'_> {
    fn list(&self) -> (Inventory, Vec<Problem>) {
        inventory(&self.docked.root, self.profile, self.zone, &self.limits)
    }

    fn open(&self, entry: &Entry) -> Result<Box<dyn SourceFile + '_>, SourceError> {
        Ok(Box::new(open_source(&self.docked.root, entry)?))
    }

    fn is_docked(&self) -> bool {
        still_docked(self.docked, self.system)
    }
}
