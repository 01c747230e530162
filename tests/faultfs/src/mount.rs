//! Mounting and unmounting.

use crate::card::Card;
use crate::card_fuse::CardFuse;
use crate::disk::Disk;
use crate::disk_fuse::DiskFuse;
use fuser::{BackgroundSession, Config, MountOption, Session};
use rustix::mount::{UnmountFlags, unmount};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Threads that answer the kernel: a throttled read keeps one waiting.
const THREADS: usize = 4;
/// How long an unmount may take before the mount is only taken out of sight.
const UNMOUNT_PATIENCE: Duration = Duration::from_secs(2);

/// What is mounted.
#[derive(Clone, Debug)]
pub enum Backing {
    Card(Card),
    Disk(Disk),
}

impl From<&Card> for Backing {
    fn from(card: &Card) -> Self {
        Self::Card(card.clone())
    }
}

impl From<&Disk> for Backing {
    fn from(disk: &Disk) -> Self {
        Self::Disk(disk.clone())
    }
}

/// A mounted card or disk; unmounted when dropped. Where somebody still uses it, it is taken out of sight and ends
/// with its last user.
#[derive(Debug)]
pub struct Mount {
    at: PathBuf,
    backing: Backing,
    session: Option<BackgroundSession>,
}

impl Mount {
    /// Mounts at an existing folder. Needs `/dev/fuse` and, without root, `fusermount3`.
    pub fn start(at: &Path, backing: impl Into<Backing>) -> io::Result<Self> {
        let at = at.canonicalize()?;
        let backing = backing.into();
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("faultfs".into()), MountOption::NoDev, MountOption::NoSuid];
        config.n_threads = Some(THREADS);
        let session = match backing.clone() {
            Backing::Card(card) => {
                config.mount_options.push(MountOption::RO);
                Session::new(CardFuse(card), &at, &config)?.spawn()?
            }
            Backing::Disk(disk) => Session::new(DiskFuse(disk), &at, &config)?.spawn()?,
        };
        Ok(Self { at, backing, session: Some(session) })
    }

    /// Returns where it is mounted.
    pub fn at(&self) -> &Path {
        &self.at
    }

    /// Takes the mount out of sight while somebody may still use it: a drive pulled out of its dock.
    pub fn pull(&self) -> io::Result<()> {
        match unmount(&self.at, UnmountFlags::DETACH) {
            // Not root: the system's helper may.
            Err(rustix::io::Errno::PERM) => {
                let ended = Command::new("fusermount3").arg("-uz").arg("--").arg(&self.at).status()?;
                if ended.success() { Ok(()) } else { Err(io::Error::other(format!("fusermount3: {ended}"))) }
            }
            done => Ok(done?),
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Backing::Card(card) = &self.backing {
            card.resume();
        }
        let Some(session) = self.session.take() else { return };
        let (ended, end) = channel();
        thread::spawn(move || {
            let ending = session.umount_and_join();
            // Nobody waits any more once the patience is over.
            drop(ended.send(ending));
        });
        match end.recv_timeout(UNMOUNT_PATIENCE) {
            Ok(Ok(())) => {}
            // Busy, pulled already, or a reader that does not let go.
            Ok(Err(_)) | Err(_) => drop(self.pull()),
        }
    }
}
