//! Footage in custody.

use crate::{ClipId, Digests, Instant, JobId, SessionId};

/// How far a clip's bytes were checked. Recorded, shown and printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Digests from the copy stream only.
    V1,
    /// Re-read from our disk and equal, but the page cache could not be ruled out.
    V2Cached,
    /// Re-read from our disk past the cache and equal.
    V2,
    /// V2, and the source read a second time and equal, but a cache could not be ruled out there.
    V3Cached,
    /// V2, and the source read a second time past the cache and equal.
    V3,
}

impl Level {
    /// Returns the code used in register, ledger and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2Cached => "V2-cached",
            Self::V2 => "V2",
            Self::V3Cached => "V3-cached",
            Self::V3 => "V3",
        }
    }

    /// Returns the level of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::V1, Self::V2Cached, Self::V2, Self::V3Cached, Self::V3].into_iter().find(|level| level.code() == code)
    }
}

/// What the register says of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipState {
    /// 已校验: our disk was re-read and gave the digests of the copy stream.
    Verified,
    /// 校验不符: a later check found the stored bytes changed or gone.
    Mismatch,
    /// 残损: only part of the file could be read; what was readable is kept with a map of what was not.
    Damaged,
    /// 存疑: the recorder gave other bytes when it was read a second time.
    Suspect,
}

impl ClipState {
    /// Returns the code used in register, ledger and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Mismatch => "mismatch",
            Self::Damaged => "damaged",
            Self::Suspect => "suspect",
        }
    }

    /// Returns the state of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Verified, Self::Mismatch, Self::Damaged, Self::Suspect].into_iter().find(|state| state.code() == code)
    }
}

/// Where a clip's recording time was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// The recorder's file name.
    Name,
    /// Creation time inside the container.
    Container,
    /// Modification time on the recorder's file system.
    FileTime,
}

impl TimeSource {
    /// Returns the code used in register, ledger and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Container => "container",
            Self::FileTime => "file-time",
        }
    }

    /// Returns the source of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Name, Self::Container, Self::FileTime].into_iter().find(|source| source.code() == code)
    }
}

/// One piece of footage in custody. Its identity is its content: one clip per BLAKE3 digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    pub id: ClipId,
    /// 片段编号, such as `P2026-000012`: unbroken within a year.
    pub number: String,
    /// Name on the recorder, escaped for display.
    pub original_name: String,
    /// Bytes.
    pub size: u64,
    pub digests: Digests,
    pub state: ClipState,
    pub level: Level,
    /// Path below the vault, with `/`.
    pub stored_path: String,
    pub job: JobId,
    pub session: Option<SessionId>,
    /// Name of the recorder, or of the volume where no recorder is registered.
    pub recorder: String,
    pub taken_in_at: Instant,
    /// Begin of the recording as the recorder's clock had it.
    pub recorded_from: Option<Instant>,
    pub recorded_to: Option<Instant>,
    pub time_source: Option<TimeSource>,
}

/// One meeting with a content on a drive. A second docking of the same card adds sightings, never clips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub clip: ClipId,
    pub job: JobId,
    /// Path on the drive, escaped for display.
    pub path: String,
    /// Volume label and serial at that time.
    pub volume: String,
    /// Modification time on the drive, seconds since 1970 as the mount gave it; raw, never corrected.
    pub source_mtime: i64,
    /// The same time as the fields that FAT or exFAT stores; empty where the file system stores UTC.
    pub local: String,
    pub seen_at: Instant,
}
