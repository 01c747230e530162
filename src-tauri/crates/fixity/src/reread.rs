//! Reading back from our own disk, past the page cache.

use crate::digest::Identity;
use model::Digest;
use rustix::fs::{Advice, Mode, OFlags, fadvise};
use rustix::io::{Errno, ReadWriteFlags};
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::path::Path;

/// Size of one read; long enough to keep a disk busy without read-ahead.
const BLOCK_BYTES: usize = 4 << 20;
/// What direct reads ask of address and offset on every file system known to us.
const ALIGNMENT: usize = 4096;
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

/// What reading back gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reread {
    pub size: u64,
    pub blake3: Digest,
    pub coldness: Coldness,
}

/// Reads a file of ours from the disk itself and returns its BLAKE3.
///
/// The file must have been synced before: pages not yet written cannot be dropped from the cache.
/// `progress` is told of bytes read since the last call.
pub fn reread(path: &Path, progress: &dyn Fn(u64)) -> io::Result<Reread> {
    match open_direct(path) {
        Ok(file) if !goes_to_disk(&file)? => reread_evicted(path, progress),
        Ok(file) => match read_all(&file, progress) {
            Ok((size, blake3)) => Ok(Reread { size, blake3, coldness: Coldness::Direct }),
            // Some file systems accept the flag and refuse the read.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => reread_evicted(path, progress),
            Err(error) => Err(error),
        },
        Err(Errno::INVAL | Errno::NOTSUP) => reread_evicted(path, progress),
        Err(error) => Err(error.into()),
    }
}

fn open_direct(path: &Path) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::DIRECT;
    let file = rustix::fs::open(path, flags, Mode::empty()).map(File::from)?;
    // Some files are read through the cache all the same (journalled data on ext4, compressed ones on Btrfs).
    fadvise(&file, 0, None, Advice::DontNeed)?;
    Ok(file)
}

fn goes_to_disk(file: &File) -> io::Result<bool> {
    let magic = rustix::fs::fstatfs(file)?.f_type;
    Ok(u32::try_from(magic).is_ok_and(|magic| DISK_MAGICS.contains(&magic)))
}

fn reread_evicted(path: &Path, progress: &dyn Fn(u64)) -> io::Result<Reread> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    fadvise(&file, 0, None, Advice::DontNeed)?;
    let cold = is_evicted(&file)?;
    let (size, blake3) = read_all(&file, progress)?;
    Ok(Reread { size, blake3, coldness: if cold { Coldness::Evicted } else { Coldness::NotExcluded } })
}

/// Probes places over the whole file with reads that may not wait: an answer means that the page is in the cache.
fn is_evicted(file: &File) -> io::Result<bool> {
    let size = file.metadata()?.len();
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

fn read_all(file: &File, progress: &dyn Fn(u64)) -> io::Result<(u64, Digest)> {
    let mut memory = vec![0; BLOCK_BYTES + ALIGNMENT];
    let skip = memory.as_ptr().align_offset(ALIGNMENT);
    let block = &mut memory[skip..skip + BLOCK_BYTES];
    let mut identity = Identity::new();
    let mut size = 0_u64;
    loop {
        // Positioned reads: a short direct read may only be continued at an aligned offset, which only the end lacks.
        let count = match rustix::io::pread(file, &mut *block, size) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        };
        identity.update(&block[..count]);
        size += count as u64;
        progress(count as u64);
        if !count.is_multiple_of(ALIGNMENT) {
            break;
        }
    }
    Ok((size, identity.finish()))
}
