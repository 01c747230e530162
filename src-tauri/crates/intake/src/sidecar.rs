//! `clip.json` beside every original: what the register knew when it took the clip in, so that a folder explains
//! itself when the register is gone.

use ledger::ClipRegistered;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// The sidecar's name; no original is stored under it.
pub const SIDECAR_FILE: &str = "clip.json";
/// Longest sidecar that is read.
const SIDECAR_BYTES_MAX: u64 = 1 << 20;

/// Content of the sidecar. `clip.number` is empty: the number is given in the transaction that follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Version of this form: 1.
    pub evidock_clip: u32,
    pub taken_in_at: String,
    pub taken_in_by: String,
    pub clip: ClipRegistered,
}

impl Sidecar {
    /// Returns the file's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a sidecar holds only text, numbers and lists");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the sidecar of a clip's folder.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SIDECAR_FILE);
        if fs::symlink_metadata(&path)?.len() > SIDECAR_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the sidecar is too long"));
        }
        let sidecar: Self = serde_json::from_slice(&fs::read(&path)?)?;
        if sidecar.evidock_clip != 1 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the sidecar is of another version"));
        }
        Ok(sidecar)
    }
}
