//! The drive as a run reads it: every call is counted, so that a hanging one is seen from outside.

use crate::meter::Meter;
use crate::pulse::Pulse;
use dock::{Drive, Entry, SourceError, SourceFacts, SourceFile};
use rustix::io::Errno;
use std::io::{self, Read};

/// Bytes asked for to see whether a drive still answers.
const SIGN_BYTES: u64 = 4096;
/// Bytes read after which the cache is told to forget them.
const FORGET_BYTES: u64 = 8 << 20;
/// Other files asked for a sign of life.
const SIGN_FILES: usize = 4;

/// What the system says when the device itself is gone, whatever the mount table shows.
const GONE: [Errno; 6] =
    [Errno::NODEV, Errno::NXIO, Errno::NOTCONN, Errno::CONNABORTED, Errno::SHUTDOWN, Errno::NOMEDIUM];

/// A drive during a run.
pub(crate) struct Source<'a> {
    pub drive: &'a dyn Drive,
    pub meter: &'a Meter,
    pub pulse: &'a Pulse,
}

/// An open file of it.
pub(crate) struct Reading<'a> {
    file: Box<dyn SourceFile + 'a>,
    meter: &'a Meter,
    /// Bytes read in order, and how many of them the cache was told to forget.
    read: u64,
    forgotten: u64,
}

impl<'a> Source<'a> {
    pub fn open(&self, entry: &Entry) -> Result<Reading<'a>, SourceError> {
        self.meter.turn_to(&entry.shown);
        let file = self.meter.at_source(|| self.drive.open(entry))?;
        Ok(Reading { file, meter: self.meter, read: 0, forgotten: 0 })
    }

    /// Asks anew whether the drive stands in the dock.
    pub fn is_docked(&self) -> bool {
        self.meter.asking_source(|| self.drive.is_docked())
    }

    /// Tells whether a read error means that the drive is gone rather than that a place on it is bad.
    ///
    /// It is gone when it does not stand in the dock, when the system says so, or when it gives no byte any more: none
    /// of this file, and none of the first few `others` that it should give. Pages left in the cache are dropped
    /// before: they outlive their drive.
    pub fn gone(&self, error: &io::Error, entry: &Entry, others: &[Entry]) -> Option<Gone> {
        if self.pulse.is_lost() || !self.is_docked() || says_gone(error) {
            return Some(Gone::Undocked);
        }
        let last = entry.size.saturating_sub(SIGN_BYTES);
        let answers = |entry: &Entry, places: &[u64]| {
            self.open(entry).is_ok_and(|file| file.drop_cached() && places.iter().any(|at| file.gives_bytes(*at)))
        };
        let mut others = others.iter().filter(|other| other.size > 0 && other.path != entry.path).take(SIGN_FILES);
        let alive = answers(entry, &[0, entry.size / 2, last]) || others.any(|other| answers(other, &[0]));
        (!alive).then_some(Gone::Silent)
    }
}

/// How a drive is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It does not stand in the dock any more, or the system has let go of it.
    Undocked,
    /// It stands there and gives no byte.
    Silent,
}

/// Tells whether the system says that there is no device any more.
pub(crate) fn says_gone(error: &io::Error) -> bool {
    Errno::from_io_error(error).is_some_and(|errno| GONE.contains(&errno))
}

/// Tells whether the medium failed, or the way to it; other errors are of the file: it may not be read, say.
pub(crate) fn is_of_medium(error: &io::Error) -> bool {
    says_gone(error) || Errno::from_io_error(error) == Some(Errno::IO)
}

impl Reading<'_> {
    pub fn facts(&self) -> io::Result<SourceFacts> {
        self.meter.at_source(|| self.file.facts())
    }

    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.meter.at_source(|| self.file.read_at(buffer, offset))
    }

    /// Reads the whole file a second time, past the system's cache where it has one.
    pub fn reread(&self, size: u64, watch: &dyn fixity::Watch) -> Result<fixity::Reread, fixity::RereadError> {
        match self.file.system_file() {
            Some(file) => self.meter.at_source(|| fixity::reread_file(file, watch)),
            None => fixity::reread_by(size, watch, |buffer, offset| self.read_at(buffer, offset)),
        }
    }

    /// Drops what the cache holds of the file; `false` when not even that goes.
    fn drop_cached(&self) -> bool {
        self.file.system_file().is_none_or(|file| fixity::drop_cached(file).is_ok())
    }

    fn gives_bytes(&self, offset: u64) -> bool {
        let mut block = [0; SIGN_BYTES as usize];
        self.read_at(&mut block, offset).is_ok_and(|count| count > 0)
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.meter.at_source(|| self.file.read(buffer))?;
        self.read += count as u64;
        if self.read - self.forgotten >= FORGET_BYTES
            && let Some(file) = self.file.system_file()
        {
            // Nobody reads it again from the cache: filling all of memory with it only slows the machine down. Where
            // the system does not forget, the copy is right all the same.
            fixity::drop_cached_range(file, self.forgotten, self.read - self.forgotten).ok();
            self.forgotten = self.read;
        }
        Ok(count)
    }
}

/// Stops a reading when the run was asked to stop or the drive went away, and counts its bytes.
pub(crate) struct Following<'a> {
    pub meter: &'a Meter,
    pub pulse: &'a Pulse,
}

impl fixity::Watch for Following<'_> {
    fn copied(&self, bytes: u64) {
        self.meter.copied(bytes);
        self.meter.moved();
    }

    fn cancelled(&self) -> bool {
        self.meter.is_cancelled() || self.pulse.is_lost()
    }
}
