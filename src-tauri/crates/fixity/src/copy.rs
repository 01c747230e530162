//! A whole verified copy of one file: stage, sync, read back.

use crate::lanes::{StageError, Watch, stage};
use crate::reread::{Coldness, RereadError, reread};
use crate::target::NewFile;
use model::Digests;
use std::io::{self, Read};
use std::path::Path;

/// A copy whose bytes were read back and matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    pub size: u64,
    pub digests: Digests,
    pub coldness: Coldness,
}

/// Why there is no verified copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A failed sync is final: the copy is worthless and is made again from the source.
    #[error("cannot make the copy durable")]
    Sync(#[source] io::Error),
    #[error("cannot read the copy back")]
    ReadBack(#[source] io::Error),
    #[error("the copy read back differs from what was written")]
    Mismatch,
}

/// Copies `source` to the new file `target`, syncs it, reads it back cold and compares.
///
/// On error the target may remain; it holds no verified bytes. The name is durable only after the caller syncs the
/// folder or publishes it.
pub fn copy_verified(source: impl Read, target: &Path, watch: &dyn Watch) -> Result<Copied, CopyError> {
    let mut file = NewFile::create(target).map_err(StageError::Target)?;
    let staged = stage(source, &mut file, watch)?;
    file.into_file().sync_data().map_err(CopyError::Sync)?;
    let back = reread(target, &StopsOnly(watch)).map_err(|error| match error {
        RereadError::Cancelled => StageError::Cancelled.into(),
        RereadError::Read(error) => CopyError::ReadBack(error),
    })?;
    if (back.size, back.blake3) != (staged.size, staged.digests.blake3) {
        return Err(CopyError::Mismatch);
    }
    Ok(Copied { size: staged.size, digests: staged.digests, coldness: back.coldness })
}

/// Passes on the wish to stop and no bytes: those of the source are counted, once.
struct StopsOnly<'a>(&'a dyn Watch);

impl Watch for StopsOnly<'_> {
    fn copied(&self, _bytes: u64) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
