//! Following a long act, and stopping it.

use std::sync::atomic::{AtomicU64, Ordering};

/// What an act is busy with; each stage counts from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Originals go into the package and are read back.
    Copy,
    /// The tool writes the image.
    WriteImage,
    /// Every block of the image against the checksums inside it.
    CheckImage,
    /// Every file against the lists.
    Verify,
    /// The image as a whole gets its fingerprint and is read past the cache.
    Fingerprint,
}

/// Follows an act and may stop it.
pub trait Watch: Sync {
    /// Is told how far a stage is: in bytes, [`Stage::WriteImage`] in hundredths of a per cent. Begins with 0.
    fn progress(&self, stage: Stage, done: u64, total: u64);
    /// Says whether to stop; asked at least once per megabyte or tenth of a second.
    fn cancelled(&self) -> bool;
}

/// Adds up the bytes of one stage over many files.
pub(crate) struct Meter<'a> {
    watch: &'a dyn Watch,
    stage: Stage,
    done: AtomicU64,
    total: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(watch: &'a dyn Watch, stage: Stage, total: u64) -> Self {
        watch.progress(stage, 0, total);
        Self { watch, stage, done: AtomicU64::new(0), total }
    }

    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watch.progress(self.stage, done, self.total);
    }
}

impl fixity::Watch for Meter<'_> {
    fn copied(&self, bytes: u64) {
        self.add(bytes);
    }

    fn cancelled(&self) -> bool {
        self.watch.cancelled()
    }
}
