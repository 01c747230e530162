//! A drive to read from, as its script wants it.

use crate::bucket::Bucket;
use crate::script::{After, Fault, Gone, Script, Trouble};
use crate::tree::{Content, ROOT, Tree, moved, read_content};
use fuser::{Errno, FileAttr, FileType};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Entries handed to the kernel in one answer; it asks again.
const LISTED_AT_ONCE: usize = 512;

/// A read-only drive with faults. Clones are the same drive, mounted or not.
///
/// Reads bypass the kernel's cache (`FOPEN_DIRECT_IO`), so that each one counts and costs, unless it is [`cached`].
///
/// [`cached`]: Self::cached
#[derive(Clone, Debug)]
pub struct Card(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    resumed: Condvar,
    /// Whether the kernel may keep what was read.
    cached: bool,
}

#[derive(Debug)]
struct State {
    tree: Tree,
    handles: HashMap<u64, Handle>,
    next_handle: u64,
    counts: HashMap<PathBuf, Count>,
    faults: Vec<Live>,
    gone: Option<(Gone, Option<Instant>)>,
    bucket: Option<Bucket>,
    /// Counts the calls of `resume`.
    resumes: u64,
    /// Reads that wait.
    stalled: usize,
}

/// What happened to a path, or to the whole card: the empty path.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    bytes: u64,
    opens: u64,
    listings: u64,
}

/// A fault with what is left of it.
#[derive(Debug)]
struct Live {
    fault: Fault,
    path: PathBuf,
    /// What its `after` counts over.
    counted: PathBuf,
    left: Option<u32>,
    base: Count,
    /// Readings of the place that a `Flip` is about.
    readings: u32,
}

#[derive(Debug)]
struct Handle {
    inode: u64,
    real: Option<Arc<File>>,
    listed: Vec<(u64, FileType, OsString)>,
    ended: bool,
}

/// Where a stalled read waits.
pub(crate) struct Wait {
    until: Instant,
    resumes: u64,
}

/// What became of a read.
pub(crate) enum Answer {
    Bytes(Vec<u8>, Option<Instant>),
    Stalled(Wait),
}

impl Card {
    /// Returns the drive that a real folder holds, as it is now. Its files are read when asked for.
    pub fn over(folder: &Path) -> io::Result<Self> {
        Ok(Self::of(Tree::of(folder)?, false))
    }

    /// Returns a drive without files.
    pub fn empty() -> Self {
        Self::of(Tree::empty(), false)
    }

    fn of(tree: Tree, cached: bool) -> Self {
        let state = State {
            tree,
            handles: HashMap::new(),
            next_handle: 0,
            counts: HashMap::new(),
            faults: Vec::new(),
            gone: None,
            bucket: None,
            resumes: 0,
            stalled: 0,
        };
        Self(Arc::new(Shared { state: Mutex::new(state), resumed: Condvar::new(), cached }))
    }

    /// Returns the same drive, its reads kept in the kernel's cache. Faults then happen page by page, when the kernel
    /// reads ahead, and no longer at exact bytes.
    pub fn cached(self) -> Self {
        let state = Arc::try_unwrap(self.0).expect("a card is set up before it is shared").state;
        Self::of(state.into_inner().unwrap_or_else(PoisonError::into_inner).tree, true)
    }

    /// Puts a file on the drive; `size` may be any, whatever the content.
    pub fn put(&self, path: &str, content: Content, size: u64, modified: SystemTime) {
        self.state().tree.put(Path::new(path), content, size, modified);
    }

    /// Follows this script from now on, and no other. What an earlier one changed in files stays.
    pub fn play(&self, script: Script) {
        let mut state = self.state();
        state.bucket = script.throttle.map(|speed| Bucket::new(speed, Instant::now()));
        state.faults.clear();
        for fault in script.faults {
            let path = PathBuf::from(&fault.path);
            if let Some(inode) = state.tree.find(&path) {
                let node = state.tree.node_mut(inode);
                node.hidden |= fault.trouble == Trouble::Appear;
                node.endless |= fault.trouble == Trouble::Endless;
            }
            let counted = fault.counting.as_ref().map_or_else(|| path.clone(), PathBuf::from);
            let (base, left) = (state.count(&fault, &counted), fault.times);
            state.faults.push(Live { fault, path, counted, left, base, readings: 0 });
        }
    }

    /// Goes away at once, for good.
    pub fn vanish(&self, answer: Gone) {
        self.state().gone = Some((answer, None));
        self.resume();
    }

    /// Is there again.
    pub fn come_back(&self) {
        self.state().gone = None;
    }

    /// Ends all stalls; reads that wait are answered.
    pub fn resume(&self) {
        self.state().resumes += 1;
        self.0.resumed.notify_all();
    }

    /// Returns how many reads wait in a stall now.
    pub fn stalled(&self) -> usize {
        self.state().stalled
    }

    /// Returns how many bytes of a path, or of the whole card (empty), have been read.
    pub fn bytes_read(&self, path: &str) -> u64 {
        self.state().counts.get(Path::new(path)).copied().unwrap_or_default().bytes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_cached(&self) -> bool {
        self.0.cached
    }

    /// Waits for the end of a stall.
    pub(crate) fn wait(&self, wait: &Wait) {
        let mut state = self.state();
        state.stalled += 1;
        while state.resumes == wait.resumes {
            let left = wait.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.0.resumed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.stalled -= 1;
    }

    /// Returns the state as the script wants it now, or how the card answers that is not there.
    fn turn(&self) -> Result<MutexGuard<'_, State>, Errno> {
        let mut state = self.state();
        state.turn();
        match state.gone {
            Some((answer, _)) => Err(answer.errno()),
            None => Ok(state),
        }
    }

    pub(crate) fn lookup(&self, parent: u64, name: &OsStr) -> Result<FileAttr, Errno> {
        let mut state = self.turn()?;
        let inode = state.tree.child(parent, name).ok_or(Errno::ENOENT)?;
        Ok(state.tree.node(inode).attributes(inode))
    }

    pub(crate) fn attributes(&self, inode: u64) -> Result<FileAttr, Errno> {
        let state = self.turn()?;
        state.tree.knows(inode).then(|| state.tree.node(inode).attributes(inode)).ok_or(Errno::ENOENT)
    }

    pub(crate) fn link(&self, inode: u64) -> Result<Content, Errno> {
        Ok(self.turn()?.tree.node(inode).content.clone())
    }

    pub(crate) fn open(&self, inode: u64) -> Result<u64, Errno> {
        let mut state = self.turn()?;
        let node = state.tree.node(inode);
        let real = match &node.content {
            Content::Real(path) => Some(Arc::new(File::open(path)?)),
            _ => None,
        };
        let path = node.path.clone();
        state.add(&path, |count| count.opens += 1);
        Ok(state.handle(Handle { inode, real, listed: Vec::new(), ended: false }))
    }

    pub(crate) fn open_folder(&self, inode: u64) -> Result<u64, Errno> {
        let mut state = self.turn()?;
        let once = state.tree.listing(inode);
        let again = |live: &Live| match live.fault.trouble {
            Trouble::Again { rounds } => Some(rounds as usize),
            _ => None,
        };
        let path = &state.tree.node(inode).path;
        let rounds = state.faults.iter().filter(|live| live.path == *path).find_map(again).unwrap_or(1);
        let listed = std::iter::repeat_n(once, rounds).flatten().collect();
        Ok(state.handle(Handle { inode, real: None, listed, ended: false }))
    }

    /// Returns what a listing has from this place on.
    pub(crate) fn list(&self, handle: u64, from: usize) -> Result<Vec<(u64, FileType, OsString)>, Errno> {
        let mut state = self.turn()?;
        let open = state.handles.get_mut(&handle).ok_or(Errno::EBADF)?;
        let rest = open.listed.get(from..).unwrap_or_default();
        let rest = rest[..rest.len().min(LISTED_AT_ONCE)].to_vec();
        if rest.is_empty() && !std::mem::replace(&mut open.ended, true) {
            let inode = open.inode;
            let path = state.tree.node(inode).path.clone();
            state.add(&path, |count| count.listings += 1);
        }
        Ok(rest)
    }

    pub(crate) fn close(&self, handle: u64) {
        self.state().handles.remove(&handle);
    }

    pub(crate) fn read(&self, handle: u64, offset: u64, size: u32) -> Result<Answer, Errno> {
        let asked = Instant::now();
        let mut state = self.turn()?;
        let open = state.handles.get(&handle).ok_or(Errno::EBADF)?;
        let (inode, real) = (open.inode, open.real.clone());
        let node = state.tree.node(inode).clone();
        let there = node.size.saturating_sub(offset).min(size.into());
        let read = match state.disturb(&node.path, offset, there, !self.0.cached)? {
            Disturbed::Read(read) => read,
            Disturbed::Stalled(wait) => return Ok(Answer::Stalled(wait)),
        };
        state.add(&node.path, |count| count.bytes += read.length);
        let done = state.bucket.as_mut().map(|bucket| bucket.take(read.length, asked));
        drop(state);
        let mut bytes = vec![0; read.length as usize];
        read_content(&node.content, real.as_deref(), offset, &mut bytes)?;
        for at in read.flipped {
            bytes[(at - offset) as usize] ^= 1;
        }
        Ok(Answer::Bytes(bytes, done))
    }
}

/// What the script makes of a read.
enum Disturbed {
    Read(Read),
    Stalled(Wait),
}

struct Read {
    length: u64,
    flipped: Vec<u64>,
}

impl State {
    fn handle(&mut self, handle: Handle) -> u64 {
        self.next_handle += 1;
        self.handles.insert(self.next_handle, handle);
        self.next_handle
    }

    /// Counts for a path and for the whole card.
    fn add(&mut self, path: &Path, more: impl Fn(&mut Count)) {
        more(self.counts.entry(path.to_owned()).or_default());
        if !path.as_os_str().is_empty() {
            more(self.counts.entry(PathBuf::new()).or_default());
        }
    }

    /// Returns what a fault counts over: its path; for listings of a file, the file's folder.
    fn count(&self, fault: &Fault, path: &Path) -> Count {
        let of_file = matches!(fault.after, After::Listings(_))
            && self.tree.find(path).is_some_and(|inode| self.tree.node(inode).kind != FileType::Directory);
        let path = if of_file { path.parent().unwrap_or(path) } else { path };
        self.counts.get(path).copied().unwrap_or_default()
    }

    /// Returns how many bytes may still be read before a fault is due; none when it does not wait for bytes.
    fn bytes_before(&self, live: &Live) -> Option<u64> {
        let After::Bytes(bytes) = live.fault.after else { return None };
        Some((live.base.bytes + bytes).saturating_sub(self.count(&live.fault, &live.counted).bytes))
    }

    fn is_due(&self, live: &Live) -> bool {
        let count = self.count(&live.fault, &live.counted);
        live.left != Some(0)
            && match live.fault.after {
                After::Nothing => true,
                After::Bytes(bytes) => count.bytes >= live.base.bytes + bytes,
                After::Opens(opens) => count.opens >= live.base.opens + opens,
                After::Listings(listings) => count.listings >= live.base.listings + listings,
            }
    }

    /// Notes that a fault happened.
    fn happened(&mut self, index: usize) {
        let base = self.count(&self.faults[index].fault, &self.faults[index].counted);
        let live = &mut self.faults[index];
        live.base = base;
        live.left = live.left.map(|left| left.saturating_sub(1));
    }

    /// Lets happen what changes the card itself.
    fn turn(&mut self) {
        if matches!(self.gone, Some((_, Some(back))) if back <= Instant::now()) {
            self.gone = None;
        }
        for index in 0..self.faults.len() {
            if self.is_due(&self.faults[index]) && self.change(index) {
                self.happened(index);
            }
        }
    }

    /// Changes the card; `false` for troubles of single reads and listings.
    fn change(&mut self, index: usize) -> bool {
        let (path, trouble) = (self.faults[index].path.clone(), self.faults[index].fault.trouble.clone());
        if let Trouble::Vanish { answer, back_after_ms } = trouble {
            self.gone = Some((answer, back_after_ms.map(|ms| Instant::now() + Duration::from_millis(ms))));
            return true;
        }
        let Some(inode) = self.tree.find(&path) else { return false };
        let node = self.tree.node_mut(inode);
        match trouble {
            Trouble::Resize { by } => node.size = node.size.saturating_add_signed(by),
            Trouble::Touch { by } => node.modified = moved(node.modified, by),
            Trouble::Appear => node.hidden = false,
            Trouble::Replace { seed, size } => {
                let modified = moved(node.modified, 60);
                self.tree.put(&path, Content::Noise { seed }, size, modified);
            }
            Trouble::Remove => {
                let parent = path.parent().and_then(|parent| self.tree.find(parent)).unwrap_or(ROOT);
                let name = path.file_name().expect("a file that was found has a name");
                self.tree.node_mut(parent).children.remove(name);
            }
            _ => return false,
        }
        true
    }

    /// Lets happen to one read what is due.
    fn disturb(&mut self, path: &Path, offset: u64, there: u64, exact: bool) -> Result<Disturbed, Errno> {
        let mut length = there;
        let mut flips = Vec::new();
        for index in 0..self.faults.len() {
            let live = &self.faults[index];
            let concerns = |named: &Path| named.as_os_str().is_empty() || named == path;
            if live.left == Some(0) {
                continue;
            }
            if let Some(before) = self.bytes_before(live).filter(|before| *before > 0) {
                // It begins at its very byte, whoever is read there.
                length = if exact && concerns(&live.counted) { length.min(before) } else { length };
                continue;
            }
            if !concerns(&live.path) {
                continue;
            }
            if !self.is_due(live) {
                continue;
            }
            match live.fault.trouble {
                Trouble::Bad { from, to } if offset < to && from < offset + length => {
                    if exact && offset < from {
                        length = from - offset;
                        continue;
                    }
                    self.happened(index);
                    return Err(Errno::EIO);
                }
                Trouble::Stall { seconds } => {
                    self.happened(index);
                    let until = Instant::now() + Duration::from_secs(seconds);
                    return Ok(Disturbed::Stalled(Wait { until, resumes: self.resumes }));
                }
                Trouble::Short { max } => length = length.min(max.into()),
                Trouble::Interrupted => {
                    self.happened(index);
                    return Err(Errno::EINTR);
                }
                Trouble::Flip { at } => flips.push((index, at)),
                _ => {}
            }
        }
        let mut flipped = Vec::new();
        for (index, at) in flips {
            if (offset..offset + length).contains(&at) {
                self.faults[index].readings += 1;
                if self.faults[index].readings > 1 {
                    self.happened(index);
                    flipped.push(at);
                }
            }
        }
        Ok(Disturbed::Read(Read { length, flipped }))
    }
}
