//! The dock against real folders, real mounts (as root) and a system tree of our own.
#![allow(clippy::unwrap_used)]

mod inventory;
mod look;
mod mounted;
mod recognise;
mod watch;

use std::fs;
use std::path::Path;

/// Writes a file and the folders above it.
fn put(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
