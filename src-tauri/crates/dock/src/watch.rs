use crate::lookout::PATIENCE;
use crate::{DockError, DockPlaces};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A dock folder that was quiet for this long is announced, so that a folder created and filled in one go is one
/// change.
const QUIET_MS: i64 = 200;
/// A dock folder that never falls quiet is announced after this many changes.
const UNQUIET_ROUNDS_MAX: u32 = 25;

const FOLDER_CHANGED: u8 = b'f';
const STOP: u8 = b's';

/// One for each dock folder: a folder that hangs takes its watcher's thread with it, and no other.
type Watchers = Mutex<Vec<RecommendedWatcher>>;

/// A watch on the dock, for as long as the value lives.
///
/// It says only *that* something may have changed, never what: the caller marks the dock dirty and calls
/// [`look`](crate::look) when it comes to it. Mounts are told within milliseconds, by the kernel; folders after a
/// short quiet.
pub struct Watch {
    _folders: Arc<Watchers>,
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts watching; start before the first look, or a drive docked in between goes unnoticed.
    ///
    /// `on_change` runs on the watch's own thread and must not wait for long. A dock folder that cannot be
    /// watched (most often: it does not exist) is an error; one that does not answer is watched once it does.
    pub fn start(places: &DockPlaces, on_change: impl Fn() + Send + 'static) -> Result<Self, DockError> {
        let fault = |source: io::Error| DockError::WatchMounts { source };
        let mounts = File::open("/proc/self/mountinfo").map_err(fault)?;
        // Non-blocking: a full pipe already says all there is to say.
        let (wake, stop) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).map_err(|e| fault(e.into()))?;
        let stop = Arc::new(stop);
        let folders = watch_folders(places, &stop)?;
        let thread = thread::Builder::new()
            .name("dock-watch".to_owned())
            .spawn(move || attend(&mounts, &wake, on_change))
            .map_err(fault)?;
        Ok(Self { _folders: folders, stop, thread: Some(thread) })
    }

    /// Tells whether the watch still watches; `false` after `on_change` panicked or the system refused to wait.
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        signal(&self.stop, STOP);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // A panic of on_change was printed when it happened, and `is_alive` has said so since.
            drop(thread.join());
        }
    }
}

fn watch_folders(places: &DockPlaces, wake: &Arc<OwnedFd>) -> Result<Arc<Watchers>, DockError> {
    let watchers = Arc::new(Watchers::default());
    let (told, begun) = channel();
    for folder in places.folders.clone() {
        let (told, wake, kept) = (told.clone(), Arc::clone(wake), Arc::downgrade(&watchers));
        let begin = move || {
            let watcher = watch_folder(&folder, wake).map(|watcher| {
                // Nobody keeps it when the watch was dropped meanwhile.
                if let Some(kept) = kept.upgrade() {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
                }
            });
            // Nobody waits for it any more when the folder took too long.
            drop(told.send(watcher.map_err(|source| DockError::WatchFolder { path: folder, source })));
        };
        let spawned = thread::Builder::new().name("dock-folder".to_owned()).spawn(begin);
        spawned.map_err(|source| DockError::WatchMounts { source })?;
    }
    drop(told);
    let mut patience = PATIENCE;
    for _ in &places.folders {
        match begun.recv_timeout(patience) {
            Ok(begun) => begun?,
            // They were all asked together.
            Err(_) => patience = Duration::ZERO,
        }
    }
    Ok(watchers)
}

fn watch_folder(folder: &Path, wake: Arc<OwnedFd>) -> Result<RecommendedWatcher, notify::Error> {
    let on_event = move |event: notify::Result<notify::Event>| {
        // An error (such as an overflow of the kernel's queue) may hide a change, so it counts as one.
        if event.map_or(true, |event| event.need_rescan() || concerns(event.kind)) {
            signal(&wake, FOLDER_CHANGED);
        }
    };
    let mut watcher = notify::recommended_watcher(on_event)?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Subfolders come and go by these; reading, writing and attributes are none of the dock's business.
fn concerns(kind: EventKind) -> bool {
    use notify::event::ModifyKind;
    matches!(kind, EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
}

fn signal(pipe: &OwnedFd, what: u8) {
    while rustix::io::write(pipe, &[what]) == Err(Errno::INTR) {}
}

/// Waits for the kernel and for the pipe until told to stop.
fn attend(mounts: &File, wake: &OwnedFd, on_change: impl Fn()) {
    let quiet = Timespec { tv_sec: 0, tv_nsec: QUIET_MS * 1_000_000 };
    let mut unquiet_rounds: Option<u32> = None;
    loop {
        let mut fds = [PollFd::new(mounts, PollFlags::PRI | PollFlags::ERR), PollFd::new(wake, PollFlags::IN)];
        match poll(&mut fds, unquiet_rounds.map(|_| &quiet)) {
            Ok(0) => {
                unquiet_rounds = None;
                on_change();
                continue;
            }
            Ok(_) => {}
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(_) => return,
        }
        if !fds[0].revents().is_empty() {
            on_change();
        }
        if !fds[1].revents().is_empty() {
            let Some(FOLDER_CHANGED) = drain(wake) else { return };
            let rounds = unquiet_rounds.map_or(1, |rounds| rounds + 1);
            unquiet_rounds = (rounds < UNQUIET_ROUNDS_MAX).then_some(rounds);
            if unquiet_rounds.is_none() {
                on_change();
            }
        }
    }
}

/// Empties the pipe and returns what it says: [`STOP`] outweighs all, `None` when nobody can write any more.
fn drain(wake: &OwnedFd) -> Option<u8> {
    let mut said = None;
    let mut buffer = [0; 64];
    loop {
        match rustix::io::read(wake, &mut buffer) {
            Ok(0) | Err(Errno::AGAIN) => return said,
            Ok(n) if buffer[..n].contains(&STOP) => return Some(STOP),
            Ok(_) => said = Some(FOLDER_CHANGED),
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}
