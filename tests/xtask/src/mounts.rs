//! What is mounted, and taking away what a run before left mounted when it was killed.

use crate::{Outcome, failed, process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tells whether something is mounted at this very place.
pub fn is_mounted(at: &Path) -> Outcome<bool> {
    Ok(mounts()?.iter().any(|mount| mount == at))
}

/// Takes everything mounted below a folder out of sight, the innermost first; a folder that is not there has none.
pub fn unmount_below(folder: &Path) -> Outcome {
    let Ok(folder) = folder.canonicalize() else { return Ok(()) };
    for mount in mounts()?.into_iter().rev().filter(|mount| mount.starts_with(&folder)) {
        process::finish(Command::new("umount").arg("--lazy").arg(&mount))?;
    }
    Ok(())
}

fn mounts() -> Outcome<Vec<PathBuf>> {
    let lines = fs::read_to_string("/proc/self/mountinfo").map_err(failed("读挂载表"))?;
    Ok(lines.lines().filter_map(|line| line.split(' ').nth(4)).map(PathBuf::from).collect())
}
