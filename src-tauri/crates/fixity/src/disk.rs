//! A disk of ours, as far as taking footage in needs it: the real one, and the seam where tests put a faulty one.

use crate::lanes::Watch;
use crate::publish::{self, Published};
use crate::reread::{Reread, RereadError, reread};
use crate::target::NewFile;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What taking a clip in does to a disk of ours, one act each, so that each can fail on its own.
///
/// The order of the acts is the guarantee: the copy's bytes ([`DiskFile::sync_data`]), read back cold and equal
/// ([`Disk::reread`]), the sidecar's bytes ([`Disk::write_beside`]), the names of both in the clip's folder
/// ([`Disk::sync_folder`]), the folder's last name ([`Disk::publish`]), that name in its parent
/// ([`Disk::sync_folder`]). A sync that failed is final: the kernel has forgotten the lost pages and the next one
/// would report success. The copy is dropped and made again through new descriptors.
pub trait Disk: Sync {
    /// Creates the folder of a staged copy and what is missing above it. Durability: none; until it is published
    /// nothing in it counts.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Creates a folder and what is missing above it; each new name survives a power cut once this returns.
    fn create_folders(&self, folder: &Path) -> io::Result<()>;

    /// Creates a file that did not exist, for about `bytes` bytes. Durability: none, neither name nor content.
    fn create<'a>(&'a self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile + 'a>>;

    /// Reads a synced file from the disk itself; see [`reread`].
    fn reread(&self, path: &Path, watch: &dyn Watch) -> Result<Reread, RereadError>;

    /// Writes a small new file; its content survives a power cut once this returns, its name only when the folder is
    /// synced.
    fn write_beside(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Gives a staged folder its last name, never replacing one. The name survives a power cut only when both
    /// parents are synced.
    fn publish(&self, staged: &Path, last: &Path) -> io::Result<Published>;

    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Removes a folder of staged copies with all that is in it.
    fn remove(&self, folder: &Path) -> io::Result<()>;
}

/// A new file on a disk of ours, filled from its beginning.
pub trait DiskFile: Write + Send {
    /// Marks the finished copy as what it is; see [`seal`](crate::seal).
    fn seal(&self, modified_s: i64, modified_ns: u32) -> io::Result<()>;

    /// Makes the content survive a power cut. Called once: a failure is final.
    fn sync_data(&self) -> io::Result<()>;

    /// Tells whether the disk refused direct writes and the file was written through the page cache.
    fn went_buffered(&self) -> bool;
}

/// The real disk.
///
/// Several intakes write to one disk at once; they take turns block by block (2 MiB), in the order they asked, so that
/// no head jumps between small writes and nobody waits longer than a block of each of the others.
#[derive(Debug, Default)]
pub struct LocalDisk {
    turn: Turn,
}

impl Disk for LocalDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        match fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(folder),
            made => made,
        }
    }

    fn create_folders(&self, folder: &Path) -> io::Result<()> {
        publish::create_folders(folder)
    }

    fn create<'a>(&'a self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile + 'a>> {
        Ok(Box::new(NewFile::create_in_turn(path, bytes, &self.turn)?))
    }

    fn reread(&self, path: &Path, watch: &dyn Watch) -> Result<Reread, RereadError> {
        reread(path, watch)
    }

    fn write_beside(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn publish(&self, staged: &Path, last: &Path) -> io::Result<Published> {
        publish::rename_new(staged, last)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }
}

/// Turns at writing to one disk, given in the order they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    tickets: Mutex<Tickets>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    /// The next to be drawn.
    drawn: u64,
    /// The one whose turn it is.
    served: u64,
}

impl Turn {
    /// Waits for a turn; it ends when the guard is dropped.
    pub(crate) fn take(&self) -> TurnGuard<'_> {
        let mut tickets = self.tickets();
        let mine = tickets.drawn;
        tickets.drawn += 1;
        while tickets.served != mine {
            tickets = self.moved.wait(tickets).unwrap_or_else(PoisonError::into_inner);
        }
        TurnGuard(self)
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct TurnGuard<'a>(&'a Turn);

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        self.0.tickets().served += 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[test]
    fn turns_are_taken_one_at_a_time_and_in_order() {
        let (turn, writing) = (Turn::default(), AtomicUsize::new(0));
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = turn.take();
            for n in 0..4 {
                let (turn, writing, order) = (&turn, &writing, &order);
                scope.spawn(move || {
                    let _turn = turn.take();
                    assert_eq!(writing.fetch_add(1, SeqCst), 0, "nobody else writes during a turn");
                    order.lock().expect("no test thread panicked").push(n);
                    writing.fetch_sub(1, SeqCst);
                });
                while turn.tickets().drawn < n + 2 {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(order.into_inner().expect("no test thread panicked"), [0, 1, 2, 3], "first come, first served");
    }
}
