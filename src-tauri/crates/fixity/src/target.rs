//! The new file on our disk that a copy goes into, written past the page cache where the file system lets us.
//!
//! A direct write spares the kernel a copy of every byte and leaves nothing to evict before reading back. It needs
//! whole aligned blocks, so the end of a file, which has none, is written the ordinary way; so is a file that is
//! shorter than one block.

use crate::aligned::{AlignedBlock, BLOCK_BYTES};
use crate::disk::{DiskFile, Turn, TurnGuard};
use crate::publish::seal;
use rustix::fs::{CWD, Mode, OFlags, fcntl_getfl, fcntl_setfl, openat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// A file that did not exist before and is being filled from its beginning.
pub struct NewFile<'a> {
    file: File,
    direct: Option<Pending>,
    /// The turns of the disk, for whom it is worth waiting: files of a block and more.
    turn: Option<&'a Turn>,
    refused_direct: bool,
}

/// Bytes that wait for a direct write.
struct Pending {
    block: AlignedBlock,
    filled: usize,
}

impl Pending {
    fn bytes(&self) -> &[u8] {
        &self.block.bytes()[..self.filled]
    }

    /// Takes as much as there is room for and returns how much that was.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(BLOCK_BYTES - self.filled);
        self.block.bytes_mut()[self.filled..self.filled + count].copy_from_slice(&bytes[..count]);
        self.filled += count;
        count
    }
}

impl NewFile<'static> {
    /// Creates the file; one that exists is refused, a link is not followed.
    pub fn create(path: &Path) -> io::Result<Self> {
        Self::open(path, u64::MAX, None)
    }
}

impl<'a> NewFile<'a> {
    /// Creates a file for `bytes` bytes, written in turn with others on the same disk.
    pub(crate) fn create_in_turn(path: &Path, bytes: u64, turn: &'a Turn) -> io::Result<Self> {
        Self::open(path, bytes, Some(turn))
    }

    fn open(path: &Path, bytes: u64, turn: Option<&'a Turn>) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = File::from(openat(CWD, path, flags, mode)?);
        if bytes < BLOCK_BYTES as u64 {
            return Ok(Self { file, direct: None, turn: None, refused_direct: false });
        }
        // Asked of the open file: a file system that refuses must not leave a file that then exists.
        let direct = match fcntl_setfl(&file, fcntl_getfl(&file)? | OFlags::DIRECT) {
            Ok(()) => Some(Pending { block: AlignedBlock::for_file(u64::MAX), filled: 0 }),
            Err(Errno::INVAL | Errno::NOTSUP) => None,
            Err(error) => return Err(error.into()),
        };
        let refused_direct = direct.is_none();
        Ok(Self { file, direct, turn, refused_direct })
    }

    /// Returns the file once everything was flushed.
    pub fn into_file(self) -> File {
        self.file
    }

    fn turn(&self) -> Option<TurnGuard<'a>> {
        self.turn.map(Turn::take)
    }

    /// Goes on without direct writes.
    fn go_buffered(&self) -> io::Result<()> {
        fcntl_setfl(&self.file, fcntl_getfl(&self.file)? - OFlags::DIRECT)?;
        Ok(())
    }

    /// Writes a whole block. Tells whether direct writes go on: some file systems accept the flag and refuse the
    /// write, and after a short write the rest lies at an odd place.
    fn write_block(&mut self, mut rest: &[u8]) -> io::Result<bool> {
        let _turn = self.turn();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => {
                    self.refused_direct = true;
                    self.go_buffered()?;
                    self.file.write_all(rest)?;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn write_buffered(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _turn = self.turn();
        self.file.write(bytes)
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(mut pending) = self.direct.take() else { return self.write_buffered(bytes) };
        if pending.filled == BLOCK_BYTES {
            if !self.write_block(pending.bytes())? {
                return self.write_buffered(bytes);
            }
            pending.filled = 0;
        }
        let count = pending.take(bytes);
        self.direct = Some(pending);
        Ok(count)
    }

    /// Writes what is left, the ordinary way, and goes on so from here.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(pending) = self.direct.take() {
            let _turn = self.turn();
            self.go_buffered()?;
            self.file.write_all(pending.bytes())?;
        }
        self.file.flush()
    }
}

impl DiskFile for NewFile<'_> {
    fn seal(&self, modified_s: i64, modified_ns: u32) -> io::Result<()> {
        seal(&self.file, modified_s, modified_ns)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn went_buffered(&self) -> bool {
        self.refused_direct
    }
}
