//! The ledger's events as plain files beside the register: one canonical event a line, ten thousand a file.
//!
//! Whoever loses the register rebuilds it from these; whoever rolls the register back to an older copy is found out.
//! Lines are only ever appended. A last line without its line break is the trace of a power cut and is written anew.

use crate::error::RegisterError;
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
    pub fn open(folder: &Path) -> Result<Self, RegisterError> {
        fs::create_dir_all(folder).map_err(RegisterError::io("create the ledger folder", folder))?;
        let last_seq = match segments(folder)?.last() {
            None => 0,
            Some((first, path)) => {
                let whole = cut_torn_line(path)?;
                first + whole - 1
            }
        };
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
                File::open(&self.folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(RegisterError::io("sync the ledger folder", &self.folder))?;
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

/// Cuts off a last line without line break and returns how many whole lines remain.
fn cut_torn_line(path: &Path) -> Result<u64, RegisterError> {
    let failed = |doing| RegisterError::io(doing, path.to_owned());
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed("open the ledger file"))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed("read the ledger file"))?;
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        file.set_len(whole as u64).map_err(failed("cut the torn line of the ledger file"))?;
        file.seek(SeekFrom::End(0)).map_err(failed("seek in the ledger file"))?;
        file.sync_all().map_err(failed("sync the ledger file"))?;
    }
    Ok(bytes[..whole].iter().filter(|b| **b == b'\n').count() as u64)
}
