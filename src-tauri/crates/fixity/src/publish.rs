//! Names on our own disk: made durable, never replaced.

use rustix::fs::{
    CWD, Mode, RenameFlags, StatVfsMountFlags, Timespec, Timestamps, fchmod, futimens, renameat_with, statvfs,
};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Gives a staged file or folder its final name.
///
/// After return the name survives a power cut; the content must have been synced before. An existing name is
/// never replaced: the error is `AlreadyExists` and the staged one stays. Both must lie on one file system.
pub fn publish(staged: &Path, last: &Path) -> io::Result<()> {
    rename_new(staged, last)?;
    sync_folder(parent(last))?;
    sync_folder(parent(staged))
}

/// How a last name was given without replacing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// By one call that refuses to replace.
    NoReplace,
    /// The file system has none: by a hard link, or by renaming onto a folder just made, which must be empty.
    Plainly,
}

/// Gives a staged file or folder its last name; durable only once both parents are synced.
pub(crate) fn rename_new(staged: &Path, last: &Path) -> io::Result<Published> {
    match renameat_with(CWD, staged, CWD, last, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Published::NoReplace),
        // Old or foreign file systems: a hard link cannot replace, nor can renaming a folder onto a filled one.
        Err(Errno::INVAL | Errno::NOSYS) => publish_plainly(staged, last).map(|()| Published::Plainly),
        Err(error) => Err(error.into()),
    }
}

fn publish_plainly(staged: &Path, last: &Path) -> io::Result<()> {
    if staged.is_dir() {
        fs::create_dir(last)?;
        return fs::rename(staged, last);
    }
    fs::hard_link(staged, last)?;
    fs::remove_file(staged)
}

/// Makes a folder and its ancestors durable.
pub fn create_folders(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(parent(folder)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.parent().is_some() => {
            create_folders(parent(folder))?;
            create_folders(folder)
        }
        Err(error) => Err(error),
    }
}

/// Writes a small new file; content and name survive a power cut once this returns. An existing one is refused.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(parent(path))
}

/// Marks a finished copy as what it is: read-only, with the modification time of its source.
///
/// The time is for people who browse the folders; custody never relies on it. A damaged file system may give more
/// nanoseconds than a second has, which ours would not take: they are cut.
pub fn seal(file: &File, modified_s: i64, modified_ns: u32) -> io::Result<()> {
    let time = Timespec { tv_sec: modified_s, tv_nsec: modified_ns.min(999_999_999).into() };
    futimens(file, &Timestamps { last_access: time, last_modification: time })?;
    fchmod(file, Mode::RUSR | Mode::RGRP | Mode::ROTH)?;
    Ok(())
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Returns free and total bytes of the disk that holds `path`.
pub fn disk_space(path: &Path) -> io::Result<(u64, u64)> {
    let disk = statvfs(path)?;
    Ok((disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize))
}

/// Tells whether the disk that holds `path` is mounted read-only.
pub fn is_read_only(path: &Path) -> io::Result<bool> {
    Ok(statvfs(path)?.f_flag.contains(StatVfsMountFlags::RDONLY))
}
