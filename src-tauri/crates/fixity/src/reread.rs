//! Reading a file again, past the page cache: our copy after it was written, the card's file a second time.

use crate::aligned::{ALIGNMENT, AlignedBlock, BLOCK_BYTES};
use crate::digest::Identity;
use crate::lanes::Watch;
use model::Digest;
use rustix::fs::{Advice, Mode, OFlags, fadvise, fcntl_getfl, fcntl_setfl};
use rustix::io::{Errno, ReadWriteFlags};
use std::fs::File;
use std::io::{self, ErrorKind, IoSliceMut};
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

/// File systems on which a direct read comes from a disk: ext2/3/4, XFS, Btrfs, exFAT, FAT, NTFS, F2FS, by the magic
/// numbers of `statfs(2)`. Others take the flag too and mean nothing by it: tmpfs has no disk, and an overlay or FUSE
/// passes it on or answers from a cache of its own.
const DISK_MAGICS: [u32; 7] = [0xef53, 0x5846_5342, 0x9123_683e, 0x2011_bab0, 0x4d44, 0x7366_746e, 0xf2f5_2010];
/// Places probed for pages left in the cache.
const RESIDENCY_PROBES: u64 = 64;

/// How it was made sure that the bytes came from the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coldness {
    /// Read with `O_DIRECT`, on a file system known to go to the disk for it.
    Direct,
    /// Dropped from the cache, and none of the probed places was found there.
    Evicted,
    /// The file system allows neither; the cache may have answered.
    NotExcluded,
}

impl Coldness {
    /// Returns the code used in the ledger.
    pub fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Evicted => "evicted",
            Self::NotExcluded => "not_excluded",
        }
    }
}

/// What reading again gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reread {
    pub size: u64,
    pub blake3: Digest,
    pub coldness: Coldness,
}

/// Why reading again came to no end.
#[derive(Debug, thiserror::Error)]
pub enum RereadError {
    #[error("reading again was cancelled")]
    Cancelled,
    #[error("cannot read again")]
    Read(#[source] io::Error),
}

impl From<Errno> for RereadError {
    fn from(error: Errno) -> Self {
        Self::Read(error.into())
    }
}

/// Reads a file of ours from the disk itself and returns its BLAKE3.
///
/// The file must have been synced before: pages not yet written cannot be dropped from the cache. `watch` is told of
/// the bytes of each block of 2 MiB, and asked after it whether to stop.
pub fn reread(path: &Path, watch: &dyn Watch) -> Result<Reread, RereadError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    reread_file(&rustix::fs::open(path, flags, Mode::empty())?.into(), watch)
}

/// Does what [`reread`] does with a file that is already open for reading, such as a listed file of a card.
///
/// Its position is left alone. Nobody else may read it meanwhile: it is switched to direct reads and back.
pub fn reread_file(file: &File, watch: &dyn Watch) -> Result<Reread, RereadError> {
    // Also before direct reads: some files are read through the cache all the same (journalled data on ext4,
    // compressed ones on Btrfs).
    fadvise(file, 0, None, Advice::DontNeed)?;
    if goes_to_disk(file)? && set_direct(file, true)? {
        let read = read_direct(file, watch);
        set_direct(file, false)?;
        if let Some((size, blake3)) = read? {
            return Ok(Reread { size, blake3, coldness: Coldness::Direct });
        }
        fadvise(file, 0, None, Advice::DontNeed)?;
    }
    let cold = is_evicted(file)?;
    let (size, blake3) = read_all(length(file)?, watch, |block, at| Ok(rustix::io::pread(file, block, at)?))?;
    Ok(Reread { size, blake3, coldness: if cold { Coldness::Evicted } else { Coldness::NotExcluded } })
}

/// Reads again what is no file of the system's, by its own way of reading at a place; nothing is known of its caches.
pub fn reread_by(
    size: u64,
    watch: &dyn Watch,
    read_at: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> Result<Reread, RereadError> {
    let (size, blake3) = read_all(size, watch, read_at)?;
    Ok(Reread { size, blake3, coldness: Coldness::NotExcluded })
}

/// Drops what the page cache holds of a file, as far as it can be dropped.
pub fn drop_cached(file: &File) -> io::Result<()> {
    Ok(fadvise(file, 0, None, Advice::DontNeed)?)
}

/// Drops what the page cache holds of `bytes` bytes of a file, as far as it can be dropped.
pub fn drop_cached_range(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    Ok(fadvise(file, from, NonZeroU64::new(bytes), Advice::DontNeed)?)
}

fn length(file: &File) -> Result<u64, RereadError> {
    file.metadata().map(|facts| facts.len()).map_err(RereadError::Read)
}

/// Switches direct reads on or off; `false` where the file system has none.
fn set_direct(file: &File, on: bool) -> Result<bool, RereadError> {
    let flags = fcntl_getfl(file)?;
    match fcntl_setfl(file, if on { flags | OFlags::DIRECT } else { flags - OFlags::DIRECT }) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn goes_to_disk(file: &File) -> Result<bool, RereadError> {
    let magic = rustix::fs::fstatfs(file)?.f_type;
    Ok(u32::try_from(magic).is_ok_and(|magic| DISK_MAGICS.contains(&magic)))
}

/// Reads with the flag set. `None`: some file systems accept the flag and refuse the read, or stop at an odd place.
fn read_direct(file: &File, watch: &dyn Watch) -> Result<Option<(u64, Digest)>, RereadError> {
    let length = length(file)?;
    let mut ended = false;
    let read = read_all(length, watch, |block, at| {
        // Only the end may lie at a place that is not aligned; to read there is refused.
        if ended {
            return Ok(0);
        }
        let count = rustix::io::pread(file, block, at)?;
        ended = !count.is_multiple_of(ALIGNMENT);
        Ok(count)
    });
    match read {
        Ok((size, _)) if size < length => Ok(None),
        Ok(read) => Ok(Some(read)),
        Err(RereadError::Read(error)) if Errno::from_io_error(&error) == Some(Errno::INVAL) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Probes places over the whole file with reads that may not wait: an answer means that the page is in the cache.
fn is_evicted(file: &File) -> Result<bool, RereadError> {
    let size = length(file)?;
    let mut byte = [0];
    for i in 0..RESIDENCY_PROBES {
        let offset = size / RESIDENCY_PROBES * i;
        if offset >= size {
            break;
        }
        match rustix::io::preadv2(file, &mut [IoSliceMut::new(&mut byte)], offset, ReadWriteFlags::NOWAIT) {
            Err(Errno::AGAIN) => {}
            // An answer at once, or a file system that does not know the question: not proven cold.
            Ok(_) | Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Reads to the end. Beyond one block a thread of its own hashes one block while the next is read.
fn read_all(
    length: u64,
    watch: &dyn Watch,
    read_at: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> Result<(u64, Digest), RereadError> {
    let mut identity = Identity::new();
    let block = AlignedBlock::for_file(length);
    if length < BLOCK_BYTES as u64 {
        let size = read_blocks(read_at, watch, block, |block, count| {
            identity.update(&block.bytes()[..count]);
            Some(block)
        })?;
        return Ok((size, identity.finish()));
    }
    thread::scope(|scope| {
        let (to_hash, filled) = channel::<(AlignedBlock, usize)>();
        let (to_read, empty) = channel();
        let hashing = scope.spawn(move || {
            for (block, count) in filled {
                identity.update(&block.bytes()[..count]);
                // The reader has ended when nobody takes it.
                drop(to_read.send(block));
            }
            identity.finish()
        });
        let mut spare = Some(AlignedBlock::for_file(length));
        let size = read_blocks(read_at, watch, block, |block, count| {
            to_hash.send((block, count)).ok()?;
            spare.take().or_else(|| empty.recv().ok())
        });
        drop(to_hash);
        let digest = hashing.join().expect("hashing does not panic");
        Ok((size?, digest))
    })
}

/// Fills blocks up to the end, and returns how many bytes it were. `next` takes a filled block and gives another.
fn read_blocks(
    mut read_at: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
    watch: &dyn Watch,
    mut block: AlignedBlock,
    mut next: impl FnMut(AlignedBlock, usize) -> Option<AlignedBlock>,
) -> Result<u64, RereadError> {
    let mut size = 0_u64;
    loop {
        if watch.cancelled() {
            return Err(RereadError::Cancelled);
        }
        let count = match read_at(block.bytes_mut(), size) {
            Ok(0) => return Ok(size),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(RereadError::Read(error)),
        };
        block = next(block, count).expect("the hashing thread lives as long as the reading");
        size += count as u64;
        watch.copied(count as u64);
    }
}
