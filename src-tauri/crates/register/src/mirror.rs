//! The ledger's events as plain files beside the register: one canonical event a line, ten thousand a file.
//!
//! Whoever loses the register rebuilds it from these; whoever rolls the register back to an older copy is found out.
//! Lines are only ever appended. A last line without its line break is the trace of a power cut and is written anew.

use crate::Places;
use crate::error::RegisterError;
use crate::view::View;
use std::cmp::Ordering;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Events in one file.
const SEGMENT_EVENTS: u64 = 10_000;

/// The ledger files of a vault.
pub(crate) struct Mirror {
    folder: PathBuf,
    /// Newest event that is surely on disk.
    pub last_seq: u64,
}

impl Mirror {
    /// Opens the files and finds the newest whole event.
    ///
    /// `durable`: the newest event known to be on disk after a failed sync. What follows it may stand in the page cache
    /// alone, where a second sync would not see it as unwritten any more: it is cut off and appended anew.
    pub fn open(folder: &Path, durable: Option<u64>) -> Result<Self, RegisterError> {
        fs::create_dir_all(folder).map_err(RegisterError::io("create the ledger folder", folder))?;
        let all = segments(folder)?;
        // What failed may have reached from one file into the next.
        let looked_at = all.len().saturating_sub(1 + usize::from(durable.is_some()));
        let mut last_seq = 0;
        for (n, (first, path)) in all[looked_at..].iter().enumerate() {
            let whole = cut(path, durable.map_or(u64::MAX, |seq| (seq + 1).saturating_sub(*first)))?;
            if n == 0 || whole > 0 {
                last_seq = first + whole - 1;
            }
        }
        Ok(Self { folder: folder.to_owned(), last_seq })
    }

    /// Appends events that follow `last_seq` without a gap; they survive a power cut once this returns.
    pub fn append(&mut self, events: &[(u64, Vec<u8>)]) -> Result<(), RegisterError> {
        for run in events.chunk_by(|a, b| segment_of(a.0) == segment_of(b.0)) {
            let first = segment_of(run[0].0);
            let path = self.folder.join(segment_name(first));
            let failed = |doing| RegisterError::io(doing, path.clone());
            let fresh = !path.exists();
            let mut file =
                OpenOptions::new().create(true).append(true).open(&path).map_err(failed("open the ledger file"))?;
            let (mut lines, mut last_seq) = (Vec::new(), self.last_seq);
            for (seq, bytes) in run {
                last_seq = *seq;
                lines.extend_from_slice(bytes);
                lines.push(b'\n');
            }
            let written = file.write_all(&lines).and_then(|()| file.sync_data());
            if let Err(source) = written {
                // What reached the disk is not known: the next opening looks.
                return Err(RegisterError::Io { doing: "append to the ledger file", path, source });
            }
            self.last_seq = last_seq;
            if fresh {
                sync_folder(&self.folder)?;
            }
        }
        Ok(())
    }
}

/// Returns every event line of the ledger files, in order.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Vec<u8>>, RegisterError> {
    let mut lines = Vec::new();
    if !folder.is_dir() {
        return Ok(lines);
    }
    for (_, path) in segments(folder)? {
        let bytes = fs::read(&path).map_err(RegisterError::io("read the ledger file", &path))?;
        lines.extend(
            bytes.split_inclusive(|b| *b == b'\n').filter_map(|line| line.strip_suffix(b"\n")).map(<[u8]>::to_vec),
        );
    }
    Ok(lines)
}

/// Returns the newest event line.
pub(crate) fn read_last(folder: &Path) -> Result<Option<Vec<u8>>, RegisterError> {
    let Some((_, path)) = segments(folder)?.pop() else { return Ok(None) };
    let bytes = fs::read(&path).map_err(RegisterError::io("read the ledger file", &path))?;
    Ok(bytes.split(|b| *b == b'\n').rfind(|line| !line.is_empty()).map(<[u8]>::to_vec))
}

fn segment_of(seq: u64) -> u64 {
    (seq - 1) / SEGMENT_EVENTS * SEGMENT_EVENTS + 1
}

fn segment_name(first: u64) -> String {
    format!("events-{first:012}.jsonl")
}

/// Returns the files with the number of their first event, in order.
fn segments(folder: &Path) -> Result<Vec<(u64, PathBuf)>, RegisterError> {
    let mut found = Vec::new();
    let listing = fs::read_dir(folder).map_err(RegisterError::io("list the ledger folder", folder))?;
    for entry in listing {
        let path = entry.map_err(RegisterError::io("list the ledger folder", folder))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let first = name.strip_prefix("events-").and_then(|n| n.strip_suffix(".jsonl")).and_then(|n| n.parse().ok());
        if let Some(first) = first.filter(|first| segment_of(1.max(*first)) == *first) {
            found.push((first, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Cuts off what stands behind the first `keep` lines, a last line without line break, and what a power cut left half
/// written; returns how many lines remain. What is cut off here and the register holds is appended anew.
fn cut(path: &Path, keep: u64) -> Result<u64, RegisterError> {
    let failed = |doing| RegisterError::io(doing, path.to_owned());
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed("open the ledger file"))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed("read the ledger file"))?;
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    // A power cut may keep a later part of the last append and not an earlier one; zeros stand for that, and no event
    // holds any.
    let sound = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let ends = bytes[..sound].iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let (lines, whole) = ends.take(keep).fold((0, 0), |(lines, _), end| (lines + 1, end));
    if whole < bytes.len() {
        file.set_len(whole as u64).map_err(failed("cut the torn line of the ledger file"))?;
        file.seek(SeekFrom::End(0)).map_err(failed("seek in the ledger file"))?;
        file.sync_all().map_err(failed("sync the ledger file"))?;
    }
    Ok(lines)
}

/// Compares every line of the ledger files with the register's events; the files may lag behind.
pub(crate) fn compare(folder: &Path, view: &View<'_>) -> Result<(), RegisterError> {
    for (first, path) in segments(folder)? {
        let bytes = fs::read(&path).map_err(RegisterError::io("read the ledger file", &path))?;
        let mut lines = bytes.split_inclusive(|b| *b == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
        let held = view.event_bytes(first - 1, u32::try_from(SEGMENT_EVENTS).expect("a small number"))?;
        for (seq, event) in held {
            match lines.next() {
                Some(line) if line == event => {}
                Some(_) => {
                    let why = format!("event {seq} is another one");
                    return Err(RegisterError::MirrorDiffers { path, why });
                }
                None => break,
            }
        }
        if lines.next().is_some() {
            let why = "it knows events that the register does not".to_owned();
            return Err(RegisterError::MirrorDiffers { path, why });
        }
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), RegisterError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(RegisterError::io("sync the folder", folder))
}

/// Keeps a copy of the ledger files elsewhere: only ever appended to, and only behind what was found equal.
pub struct LedgerCopy {
    ours: PathBuf,
    theirs: PathBuf,
    /// First event of the file that was compared last, and its bytes that are equal.
    equal: (u64, u64),
}

impl LedgerCopy {
    /// Returns a copy below `theirs`, of which nothing is known yet.
    pub fn new(places: &Places, theirs: &Path) -> Self {
        Self { ours: places.ledger.clone(), theirs: theirs.to_owned(), equal: (0, 0) }
    }

    /// Appends what the copy lacks; it survives a power cut once this returns.
    ///
    /// The first call compares every byte that is there already, later ones go on from where the last one ended. A copy
    /// that holds other bytes, or more, is left as it is: [`RegisterError::MirrorDiffers`].
    pub fn bring_up(&mut self) -> Result<(), RegisterError> {
        fs::create_dir_all(&self.theirs).map_err(RegisterError::io("create the folder", &self.theirs))?;
        let ours = segments(&self.ours)?;
        let newest = ours.last().map_or(0, |(first, _)| *first);
        for (first, path) in segments(&self.theirs)? {
            if first > newest {
                return Err(RegisterError::MirrorDiffers { path, why: "the vault has no such file".into() });
            }
        }
        for (first, path) in ours {
            let from = match first.cmp(&self.equal.0) {
                Ordering::Less => continue,
                Ordering::Equal => self.equal.1,
                Ordering::Greater => 0,
            };
            self.equal = (first, append_behind(&path, &self.theirs.join(segment_name(first)), from)?);
        }
        Ok(())
    }
}

/// Appends to `theirs` the whole lines of `ours` that it lacks; up to `equal` they are known to be the same. Returns
/// the length that both have in common then.
fn append_behind(ours: &Path, theirs: &Path, equal: u64) -> Result<u64, RegisterError> {
    let fresh = !theirs.exists();
    let their_error = |doing| RegisterError::io(doing, theirs.to_owned());
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(theirs)
        .map_err(their_error("open the ledger's copy"))?;
    let mut source = File::open(ours).map_err(RegisterError::io("open the ledger file", ours))?;
    let (mut behind, mut held) = (Vec::new(), Vec::new());
    let read = |file: &mut File, into: &mut Vec<u8>| {
        file.seek(SeekFrom::Start(equal)).and_then(|_| file.read_to_end(into)).map(drop)
    };
    read(&mut source, &mut behind).map_err(RegisterError::io("read the ledger file", ours))?;
    read(&mut file, &mut held).map_err(their_error("read the ledger's copy"))?;
    behind.truncate(behind.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1));
    let Some(lacking) = behind.strip_prefix(held.as_slice()) else {
        let why = if held.starts_with(&behind) { "more events than" } else { "other events than" };
        let why = format!("it holds {why} {}", ours.display());
        return Err(RegisterError::MirrorDiffers { path: theirs.to_owned(), why });
    };
    if !lacking.is_empty() {
        file.write_all(lacking).and_then(|()| file.sync_data()).map_err(their_error("append to the ledger's copy"))?;
    }
    if fresh && let Some(folder) = theirs.parent() {
        sync_folder(folder)?;
    }
    Ok(equal + behind.len() as u64)
}
