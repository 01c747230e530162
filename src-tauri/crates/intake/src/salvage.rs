//! Reading what can be read of a damaged file: zeros stand for the rest, and a map says where.

use crate::meter::Meter;
use crate::pulse::{BEATS_PER_SECOND, Pulse};
use crate::source::{Reading, says_gone};
use ledger::RangeRecord;
use std::io::{self, ErrorKind, Read};

/// Sizes of pieces, each tried where the one before failed.
const PIECES: [usize; 3] = [1 << 20, 64 << 10, 4 << 10];
/// Tries at a smallest piece.
const TRIES: u32 = 2;
/// Failed reads after which bad places are no longer narrowed down: the rest is read in the largest pieces.
const NARROWED_MAX: u32 = 2048;
/// Failed reads after which the rest counts as unreadable.
const FAILED_MAX: u32 = 4096;
/// Seconds that one file may take once something in it has failed.
const SECONDS_MAX: u64 = 20 * 60;

/// Gives every byte of a file in order, zeros where the drive gives none.
///
/// Around a bad place it reads 1 MiB, then 64 KiB, then 4 KiB at a time, the last twice. Reads and time are bounded; what
/// was not come to by then counts as unreadable. Errors other than of the medium, and a wish to stop, end the reading.
pub(crate) struct Salvage<'a> {
    file: Reading<'a>,
    meter: &'a Meter,
    pulse: &'a Pulse,
    size: u64,
    at: u64,
    unreadable: Vec<RangeRecord>,
    failed: u32,
    /// Beat at which something failed for the first time.
    since: Option<u64>,
    /// The last thing the drive said about a bad place.
    why: Option<io::Error>,
}

impl<'a> Salvage<'a> {
    /// Begins with a file that was listed with `size` bytes.
    pub fn new(file: Reading<'a>, size: u64, meter: &'a Meter, pulse: &'a Pulse) -> Self {
        Self { file, meter, pulse, size, at: 0, unreadable: Vec::new(), failed: 0, since: None, why: None }
    }

    /// Returns the file, the ranges that could not be read, in order, and what the drive said of the last of them.
    pub fn finish(self) -> (Reading<'a>, Vec<RangeRecord>, Option<io::Error>) {
        (self.file, self.unreadable, self.why)
    }

    fn gave_up(&self) -> bool {
        let slow = self.since.is_some_and(|since| self.pulse.beats() - since > SECONDS_MAX * BEATS_PER_SECOND);
        slow || self.failed >= FAILED_MAX
    }

    /// Fills a piece as far as it can be read; gives less only where the file ends.
    fn rescue(&mut self, piece: &mut [u8], at: u64, depth: usize) -> io::Result<usize> {
        let last = depth + 1 == PIECES.len();
        for _ in 0..if last { TRIES } else { 1 } {
            if self.meter.is_cancelled() || self.pulse.is_lost() {
                return Err(io::Error::other("stopped while reading around a bad place"));
            }
            match self.read_whole(piece, at) {
                Ok(count) => return Ok(count),
                Err(error) if says_gone(&error) => return Err(error),
                Err(error) => {
                    self.failed += 1;
                    self.since.get_or_insert_with(|| self.pulse.beats());
                    self.why = Some(error);
                }
            }
            if self.gave_up() {
                break;
            }
        }
        let narrow = !last && self.failed < NARROWED_MAX;
        if !narrow || self.gave_up() {
            return Ok(self.lose(piece, at));
        }
        let mut done = 0;
        while done < piece.len() {
            let end = piece.len().min(done + PIECES[depth + 1]);
            let part = &mut piece[done..end];
            let count = if self.gave_up() {
                self.lose(part, at + done as u64)
            } else {
                self.rescue(part, at + done as u64, depth + 1)?
            };
            done += count;
            if done < end {
                return Ok(done);
            }
        }
        Ok(done)
    }

    fn read_whole(&self, piece: &mut [u8], at: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < piece.len() {
            match self.file.read_at(&mut piece[done..], at + done as u64) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Puts zeros in a piece's place and notes it.
    fn lose(&mut self, piece: &mut [u8], at: u64) -> usize {
        piece.fill(0);
        let to = at + piece.len() as u64;
        match self.unreadable.last_mut() {
            Some(last) if last.to == at => last.to = to,
            _ => self.unreadable.push(RangeRecord { from: at, to }),
        }
        piece.len()
    }
}

impl Read for Salvage<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.at);
        if left == 0 {
            // One byte behind the listed end shows that the file grew; that there is none may be said by an error.
            let wanted = buffer.len().min(usize::from(self.at == self.size));
            let count = self.file.read_at(&mut buffer[..wanted], self.at).unwrap_or(0);
            self.at += count as u64;
            return Ok(count);
        }
        let wanted = buffer.len().min(PIECES[0]).min(usize::try_from(left).unwrap_or(usize::MAX));
        let piece = &mut buffer[..wanted];
        let at = self.at;
        let count = if self.gave_up() { self.lose(piece, at) } else { self.rescue(piece, at, 0)? };
        self.at += count as u64;
        Ok(count)
    }
}
