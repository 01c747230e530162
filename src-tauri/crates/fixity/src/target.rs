//! The new file on our disk that a copy goes into, written past the page cache where the file system lets us.
//!
//! A direct write spares the kernel a copy of every byte and leaves nothing to evict before reading back. It needs
//! whole aligned blocks, so the end of a file, which has none, is written the ordinary way.

use rustix::fs::{CWD, Mode, OFlags, fcntl_getfl, fcntl_setfl, openat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Size of one direct write.
const BLOCK_BYTES: usize = 4 << 20;
/// What direct writes ask of address, length and offset on every file system known to us.
const ALIGNMENT: usize = 4096;

/// A file that did not exist before and is being filled from its beginning.
pub struct NewFile {
    file: File,
    direct: Option<AlignedBlock>,
}

struct AlignedBlock {
    memory: Vec<u8>,
    /// Where the aligned part begins.
    begin: usize,
    filled: usize,
}

impl AlignedBlock {
    fn new() -> Self {
        let memory = vec![0; BLOCK_BYTES + ALIGNMENT];
        let begin = memory.as_ptr().align_offset(ALIGNMENT);
        Self { memory, begin, filled: 0 }
    }

    fn bytes(&self) -> &[u8] {
        &self.memory[self.begin..self.begin + self.filled]
    }

    /// Takes as much as there is room for and returns how much that was.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(BLOCK_BYTES - self.filled);
        let at = self.begin + self.filled;
        self.memory[at..at + count].copy_from_slice(&bytes[..count]);
        self.filled += count;
        count
    }
}

impl NewFile {
    /// Creates the file; one that exists is refused, a link is not followed.
    pub fn create(path: &Path) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = File::from(openat(CWD, path, flags, mode)?);
        // Asked of the open file: a file system that refuses must not leave a file that then exists.
        let direct = match fcntl_setfl(&file, fcntl_getfl(&file)? | OFlags::DIRECT) {
            Ok(()) => Some(AlignedBlock::new()),
            Err(Errno::INVAL | Errno::NOTSUP) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { file, direct })
    }

    /// Returns the file once everything was flushed.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Goes on without direct writes.
    fn go_buffered(&self) -> io::Result<()> {
        fcntl_setfl(&self.file, fcntl_getfl(&self.file)? - OFlags::DIRECT)?;
        Ok(())
    }

    /// Writes a whole block. Tells whether direct writes go on: some file systems accept the flag and refuse the
    /// write, and after a short write the rest lies at an odd place.
    fn write_block(&mut self, mut rest: &[u8]) -> io::Result<bool> {
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => {
                    self.go_buffered()?;
                    self.file.write_all(rest)?;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(mut block) = self.direct.take() else { return self.file.write(bytes) };
        if block.filled == BLOCK_BYTES {
            if !self.write_block(block.bytes())? {
                return self.file.write(bytes);
            }
            block.filled = 0;
        }
        let count = block.take(bytes);
        self.direct = Some(block);
        Ok(count)
    }

    /// Writes what is left, the ordinary way, and goes on so from here.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(block) = self.direct.take() {
            self.go_buffered()?;
            self.file.write_all(block.bytes())?;
        }
        self.file.flush()
    }
}
