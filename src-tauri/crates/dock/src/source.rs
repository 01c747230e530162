use crate::{Entry, SourceError};
use model::escape_bytes;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fcntl_getfl, fcntl_setfl, fstat, fstatfs, openat, openat2};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};

/// Opens a listed file for reading.
///
/// No component of its path may be a link or lie on another file system, and what is opened must be a regular
/// file: a named pipe put in its place neither blocks nor is read. It must also be the file that was listed: the
/// same device and inode. FAT, exFAT and FUSE number their inodes anew when memory runs short, so there a file of
/// the listed size and modification time is the same too. Whether the file stays as it was listed *while* it is
/// copied is for the copier to watch. Access times stay as they are where the system lets us (`O_NOATIME`).
pub fn open_source(root: &Path, entry: &Entry) -> Result<File, SourceError> {
    let (file, found) = open_below(root, &entry.path)?;
    let same_inode = found.ino() == entry.inode;
    let same_facts =
        (found.len(), found.mtime(), found.mtime_nsec()) == (entry.size, entry.mtime, i64::from(entry.mtime_nanos));
    if found.dev() != entry.device || !(same_inode || same_facts && numbers_inodes_anew(&file)) {
        return Err(SourceError::Replaced { path: entry.shown.clone() });
    }
    Ok(file)
}

/// Opens a regular file below a drive's root, following no link, and returns it with its facts.
pub(crate) fn open_below(root: &Path, path: &Path) -> Result<(File, Metadata), SourceError> {
    let opened = open_root(root).and_then(|root| open_in_one(&root, path));
    check_opened(path, opened)
}

/// `linux/magic.h`
const NUMBERING_ANEW: [rustix::fs::FsWord; 3] = [
    0x4d44,      // FAT
    0x2011_bab0, // exFAT
    0x6573_5546, // FUSE
];

fn numbers_inodes_anew(file: &File) -> bool {
    fstatfs(file).is_ok_and(|fs| NUMBERING_ANEW.contains(&fs.f_type))
}

/// `NONBLOCK` so that a named pipe cannot hold us, `NOCTTY` so that a terminal cannot take us.
fn reading() -> OFlags {
    OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

fn open_root(root: &Path) -> Result<OwnedFd, Errno> {
    openat(CWD, root, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn open_in_one(root: &OwnedFd, path: &Path) -> Result<OwnedFd, Errno> {
    let confined =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
    match sparing_atime(|flags| openat2(root, path, flags, Mode::empty(), confined)) {
        // Linux before 5.6 does not have it; some sandboxes forbid what they do not know.
        Err(Errno::NOSYS | Errno::PERM) => open_by_components(root, path),
        opened => opened,
    }
}

/// Does what `openat2` does, one component at a time.
fn open_by_components(root: &OwnedFd, path: &Path) -> Result<OwnedFd, Errno> {
    let device = fstat(root)?.st_dev;
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            _ => return Err(Errno::XDEV),
        }
    }
    let (name, folders): (&&OsStr, _) = parts.split_last().ok_or(Errno::ISDIR)?;
    let mut at: Option<OwnedFd> = None;
    for folder in folders {
        let here = at.as_ref().unwrap_or(root);
        // PATH with NOFOLLOW opens a link itself, so that it can be told from a file.
        let next = openat(here, *folder, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        let found = fstat(&next)?;
        if rustix::fs::FileType::from_raw_mode(found.st_mode).is_symlink() {
            return Err(Errno::LOOP);
        }
        if found.st_dev != device {
            return Err(Errno::XDEV);
        }
        at = Some(next);
    }
    sparing_atime(|flags| openat(at.as_ref().unwrap_or(root), *name, flags, Mode::empty()))
}

/// Only a file's owner may leave its access time alone; others open it all the same.
fn sparing_atime(open: impl Fn(OFlags) -> Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
    match open(reading() | OFlags::NOATIME) {
        Err(Errno::PERM) => open(reading()),
        opened => opened,
    }
}

fn check_opened(path: &Path, opened: Result<OwnedFd, Errno>) -> Result<(File, Metadata), SourceError> {
    let shown = escape_bytes(path.as_os_str().as_bytes());
    let file = match opened {
        Ok(fd) => File::from(fd),
        Err(Errno::LOOP) => return Err(SourceError::Link { path: shown }),
        Err(Errno::NOENT) => return Err(SourceError::Gone { path: shown }),
        // A socket, or a device node without a driver.
        Err(Errno::NXIO) => return Err(SourceError::Special { path: shown }),
        Err(errno) => return Err(SourceError::Open { path: shown, source: errno.into() }),
    };
    let found = match file.metadata() {
        Ok(found) if found.is_file() => found,
        Ok(_) => return Err(SourceError::Special { path: shown }),
        Err(source) => return Err(SourceError::Open { path: shown, source }),
    };
    // A regular file never blocks as a pipe does; the flag has done its work.
    fcntl_getfl(&file)
        .and_then(|flags| fcntl_setfl(&file, flags - OFlags::NONBLOCK))
        .map_err(|errno| SourceError::Open { path: shown, source: errno.into() })?;
    Ok((file, found))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn both_ways_of_opening_refuse_the_same() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("drive");
        fs::create_dir_all(root.join("DCIM/1")).unwrap();
        fs::write(place.path().join("outside.mp4"), "outside").unwrap();
        fs::write(root.join("DCIM/1/a.mp4"), "inside").unwrap();
        symlink("../..", root.join("DCIM/up")).unwrap();
        symlink("1", root.join("DCIM/link")).unwrap();
        symlink("a.mp4", root.join("DCIM/1/link.mp4")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let fifo = root.join("DCIM/1/fifo.mp4");
        rustix::fs::mknodat(CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        let listener = std::os::unix::net::UnixListener::bind(root.join("socket.mp4")).unwrap();
        let rows = [
            ("DCIM/1/a.mp4", "opened"),
            ("DCIM/1/link.mp4", "link"),
            ("DCIM/link/a.mp4", "link"),
            ("DCIM/up/outside.mp4", "link"),
            ("loop", "link"),
            ("DCIM/1/fifo.mp4", "special"),
            ("socket.mp4", "special"),
            ("DCIM/1", "special"),
            ("DCIM/1/b.mp4", "gone"),
            ("../outside.mp4", "error"),
            ("/etc/passwd", "error"),
            ("DCIM/1/a.mp4/x", "error"),
        ];
        let root = open_root(&root).unwrap();
        for (path, expected) in rows {
            let path = Path::new(path);
            for (way, opened) in
                [("openat2", open_in_one(&root, path)), ("components", open_by_components(&root, path))]
            {
                let outcome = match check_opened(path, opened) {
                    Ok(_) => "opened",
                    Err(SourceError::Link { .. }) => "link",
                    Err(SourceError::Special { .. }) => "special",
                    Err(SourceError::Gone { .. }) => "gone",
                    Err(SourceError::Replaced { .. } | SourceError::Open { .. }) => "error",
                };
                assert_eq!(outcome, expected, "{} by {way}", path.display());
            }
        }
        drop(listener);
    }
}
