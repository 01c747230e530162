//! Looking at the dock again and again, though single places may never answer.

use crate::look::{counts, docked_mount, size_of_mount, subfolders};
use crate::{DockError, DockPlaces, Docked, SystemPaths, mounts};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread;
use std::time::Duration;

/// How long a place is waited for, once; while it goes on being silent nobody waits for it again.
pub(crate) const PATIENCE: Duration = Duration::from_millis(800);

/// A drive that was found, and where it really lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub docked: Docked,
    /// Its root without links on the way. Mounts stand where the system says.
    pub resolved: PathBuf,
}

/// What a look gave.
#[derive(Debug, Default)]
pub struct Looked {
    /// Sorted by root.
    pub drives: Vec<Found>,
    /// Dock folders that gave a list; one that is not there holds no drives and is said nothing of.
    pub listed: Vec<PathBuf>,
    /// Those that could not be listed, or did not answer in time: then their drives are the last known.
    pub unlisted: Vec<DockError>,
}

/// Looks at the dock without waiting for what does not answer.
///
/// Mount table, udev and sysfs answer at once. Dock folders, and mounts without a block device, may lie on a share or a
/// FUSE file system that hangs: each is asked on a thread of its own. One that hangs keeps that one thread, for as long
/// as the kernel does not let go of it, holds up a look once by less than a second, and later ones not at all.
#[derive(Default)]
pub struct Lookout {
    folders: HashMap<PathBuf, Place<io::Result<Vec<Found>>, Vec<Found>>>,
    /// By mount point and id of the docking.
    sizes: HashMap<(PathBuf, String), Place<Option<u64>, Option<u64>>>,
}

impl Lookout {
    /// Returns what is docked.
    ///
    /// Reads not one byte and not one directory entry of the drives: what they are comes from the mount table, udev's
    /// database and sysfs. Only a mount without a block device (FUSE, tmpfs) is asked for its size, by `statvfs`. A
    /// pulled drive whose line is still in the mount table is not docked.
    pub fn look(&mut self, places: &DockPlaces, system: &SystemPaths) -> Result<Looked, DockError> {
        let mounted: Vec<_> = mounts::read(&system.proc)?
            .into_iter()
            .filter(|mount| counts(mount, places))
            .filter_map(|mount| docked_mount(mount, system))
            .collect();
        let key = |docked: &Docked| (docked.root.clone(), docked.id.to_string());
        let unsized_mounts: Vec<_> = mounted.iter().filter(|m| !m.sized).map(|m| key(&m.docked)).collect();
        self.folders.retain(|folder, place| place.is_waiting() || places.folders.contains(folder));
        self.sizes.retain(|mount, place| place.is_waiting() || unsized_mounts.contains(mount));
        // All are asked before any is waited for.
        for folder in &places.folders {
            let asked = folder.clone();
            self.folders.entry(folder.clone()).or_default().ask(move || list(&asked));
        }
        for mount in unsized_mounts {
            let point = mount.0.clone();
            self.sizes.entry(mount).or_default().ask(move || size_of_mount(&point));
        }

        let mut patience = PATIENCE;
        let mut looked = Looked::default();
        for mut mount in mounted {
            if let Some(place) = self.sizes.get_mut(&key(&mount.docked)) {
                match place.answer(&mut patience) {
                    Some(size) => place.known = size,
                    // Silence does not say that the drive is gone.
                    None => place.known = Some(place.known.unwrap_or(0)),
                }
                let Some(size) = place.known else { continue };
                mount.docked.facts.capacity = size;
            }
            looked.drives.push(Found { resolved: mount.docked.root.clone(), docked: mount.docked });
        }
        for folder in &places.folders {
            self.take_answer(folder, &mut patience, &mut looked);
        }
        looked.drives.sort_by(|a, b| a.docked.root.as_os_str().cmp(b.docked.root.as_os_str()));
        Ok(looked)
    }

    fn take_answer(&mut self, folder: &Path, patience: &mut Duration, looked: &mut Looked) {
        let Some(place) = self.folders.get_mut(folder) else { return };
        let fault = |source| DockError::Folder { path: folder.to_owned(), source };
        match place.answer(patience) {
            Some(Ok(drives)) => {
                place.known = drives;
                looked.listed.push(folder.to_owned());
            }
            Some(Err(error)) => {
                place.known.clear();
                if error.kind() != io::ErrorKind::NotFound {
                    looked.unlisted.push(fault(error));
                }
            }
            None => looked.unlisted.push(fault(io::ErrorKind::TimedOut.into())),
        }
        for found in &place.known {
            // A real mount inside a dock folder is already there, with better facts.
            if !looked.drives.iter().any(|known| known.docked.root == found.docked.root) {
                looked.drives.push(found.clone());
            }
        }
    }
}

/// Lists a dock folder. Its subfolders are no links, so only the way to it may be one.
fn list(folder: &Path) -> io::Result<Vec<Found>> {
    let drives = subfolders(folder)?;
    if drives.is_empty() {
        return Ok(Vec::new());
    }
    let really = folder.canonicalize()?;
    let resolved = |docked: &Docked| docked.root.file_name().map_or_else(|| really.clone(), |name| really.join(name));
    Ok(drives.into_iter().map(|docked| Found { resolved: resolved(&docked), docked }).collect())
}

/// One place, its last answer, and the question that is still open.
struct Place<A, K> {
    open: Option<Open<A>>,
    known: K,
}

struct Open<A> {
    answer: Receiver<A>,
    /// Asked by the present look: worth waiting for.
    fresh: bool,
}

impl<A, K: Default> Default for Place<A, K> {
    fn default() -> Self {
        Self { open: None, known: K::default() }
    }
}

impl<A: Send + 'static, K> Place<A, K> {
    fn is_waiting(&self) -> bool {
        self.open.is_some()
    }

    /// Asks, unless the last question is still open.
    fn ask(&mut self, question: impl FnOnce() -> A + Send + 'static) {
        if let Some(open) = &mut self.open {
            open.fresh = false;
            return;
        }
        let (told, answer) = channel();
        let asking = thread::Builder::new().name("dock-place".into()).spawn(move || {
            // Nobody waits for the answer any more once the lookout is gone.
            drop(told.send(question()));
        });
        match asking {
            Ok(_) => self.open = Some(Open { answer, fresh: true }),
            // Without a thread the place stays as it was known; the next look asks again.
            Err(error) => eprintln!("dock: cannot ask a place: {error}"),
        }
    }

    /// Returns the answer, or `None` while there is none. Places are asked together: once one has used up the
    /// patience, the others have had as long.
    fn answer(&mut self, patience: &mut Duration) -> Option<A> {
        let open = self.open.as_ref()?;
        let wait = if open.fresh { *patience } else { Duration::ZERO };
        let answered = match wait {
            Duration::ZERO => open.answer.try_recv().map_err(|e| e == TryRecvError::Empty),
            wait => open.answer.recv_timeout(wait).map_err(|e| e == RecvTimeoutError::Timeout),
        };
        match answered {
            Err(true) => {
                if open.fresh {
                    *patience = Duration::ZERO;
                }
                None
            }
            // A thread that panicked has said so on standard error.
            answered => {
                self.open = None;
                answered.ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_silent_place_is_asked_once_and_waited_for_once() {
        let mut place: Place<u32, ()> = Place::default();
        let (release, held) = channel::<()>();
        let asked = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&asked);
        let mut patience = Duration::from_millis(50);
        place.ask(move || {
            counts.fetch_add(1, Ordering::SeqCst);
            held.recv().unwrap();
            7
        });
        assert_eq!(place.answer(&mut patience), None, "it is silent");
        assert_eq!(patience, Duration::ZERO, "whoever was asked beside it has waited as long");
        for _ in 0..3 {
            let counts = Arc::clone(&asked);
            place.ask(move || counts.fetch_add(1, Ordering::SeqCst));
            let mut patience = Duration::from_secs(60);
            assert_eq!(place.answer(&mut patience), None, "still silent");
            assert_eq!(patience, Duration::from_secs(60), "and nobody waits for it again");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "one thread hangs, not one for each look");
        release.send(()).unwrap();
        let late = loop {
            if let Some(answer) = place.answer(&mut Duration::from_millis(0)) {
                break answer;
            }
            thread::yield_now();
        };
        assert_eq!(late, 7, "what it says in the end is heard");
        place.ask(|| 9);
        assert_eq!(place.answer(&mut Duration::from_secs(60)), Some(9), "and it is asked again");
    }
}
