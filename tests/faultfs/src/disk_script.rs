//! What goes wrong with a disk, and when its power is cut.

use fuser::Errno;

/// The course of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskScript {
    /// Bytes that all files together may have.
    pub capacity: u64,
    /// Free bytes told by `statfs`; none: what is free.
    pub told_free: Option<u64>,
    /// A full disk answers `EDQUOT` instead of `ENOSPC`.
    pub quota: bool,
    pub names: Names,
    /// `O_DIRECT` is answered with `EINVAL`, on opening and on writing.
    pub refuse_direct: bool,
    /// `RENAME_NOREPLACE` is answered with `EINVAL`.
    pub refuse_noreplace: bool,
    /// `fallocate` is answered with `EINVAL`.
    pub refuse_fallocate: bool,
    pub power_cut: Option<PowerCut>,
    pub faults: Vec<DiskFault>,
}

impl Default for DiskScript {
    /// Returns the course of a disk of 8 GiB without faults, on which a name is durable once its folder was synced.
    fn default() -> Self {
        Self {
            capacity: 8 << 30,
            told_free: None,
            quota: false,
            names: Names::default(),
            refuse_direct: false,
            refuse_noreplace: false,
            refuse_fallocate: false,
            power_cut: None,
            faults: Vec::new(),
        }
    }
}

/// When a name survives a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// Once its folder was synced: all that POSIX promises.
    #[default]
    OnFolderSync,
    /// Once anything was synced, as a journal commits all of its names: ext4.
    Journalled,
    /// At once, whatever became of the content.
    AtOnce,
}

/// Power goes at the n-th sync, of files and folders together, counted from 1 from the begin of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut {
    pub sync: u64,
    pub side: Side,
}

/// Which side of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The sync has no effect and fails.
    Before,
    /// The sync has its effect and succeeds; nothing after it does.
    After,
}

/// What is left of bytes that were written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing.
    Clean,
    /// Of each file the earlier writes, the last of them up to some sector. The seed decides where.
    Torn(u64),
    /// Of each file some sectors, later ones without earlier ones. The seed decides which.
    Reordered(u64),
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFault {
    /// Part of the path of the file or folder; empty fits all.
    pub path: String,
    /// How many fitting calls go well before.
    pub skip: u32,
    /// How often it happens; none: without end.
    pub times: Option<u32>,
    pub trouble: DiskTrouble,
}

impl DiskFault {
    /// Returns a fault that happens once, at the first fitting call.
    pub fn once(path: &str, trouble: DiskTrouble) -> Self {
        Self { path: path.to_owned(), skip: 0, times: Some(1), trouble }
    }

    /// Returns a fault that happens at every fitting call.
    pub fn always(path: &str, trouble: DiskTrouble) -> Self {
        Self { times: None, ..Self::once(path, trouble) }
    }

    /// Returns the same after so many calls that go well.
    pub fn skipping(self, skip: u32) -> Self {
        Self { skip, ..self }
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskTrouble {
    /// A write fails with `EIO`.
    Write,
    /// A write fails with `ENOSPC`, whatever is free.
    Full,
    /// Whatever would change the disk fails with `EROFS`.
    ReadOnly,
    /// A sync of a file fails with `EIO`. What was written since the last one is lost, and the next sync succeeds, as
    /// Linux marks the pages clean; only the kernel's cache still has the bytes.
    Sync,
    /// A sync of a folder fails with `EIO`, and its names are not durable.
    FolderSync,
    /// After a sync of a file one bit at this place is another. The kernel's cache still has the right byte.
    Flip { at: u64 },
}

/// Kinds of calls, as far as faults tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Write,
    Change,
    Sync,
    FolderSync,
    Synced,
}

impl DiskTrouble {
    pub(crate) fn meets(self, call: Call) -> bool {
        match self {
            Self::Write | Self::Full => call == Call::Write,
            Self::ReadOnly => matches!(call, Call::Write | Call::Change),
            Self::Sync => call == Call::Sync,
            Self::FolderSync => call == Call::FolderSync,
            Self::Flip { .. } => call == Call::Synced,
        }
    }

    pub(crate) fn errno(self) -> Errno {
        match self {
            Self::Full => Errno::ENOSPC,
            Self::ReadOnly => Errno::EROFS,
            Self::Write | Self::Sync | Self::FolderSync | Self::Flip { .. } => Errno::EIO,
        }
    }
}
