//! A disk to write to: its files as programs see them, and as they would be after a power cut.

use crate::disk_script::{Call, Cut, DiskFault, DiskScript, DiskTrouble, Names, Side};
use crate::durable::{Bytes, Pending, SECTOR_BYTES};
use fuser::{Errno, FileAttr, FileType, INodeNo};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

const ROOT: u64 = 1;

/// A disk in memory. Clones are the same disk, mounted or not.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Debug)]
pub(crate) struct State {
    nodes: HashMap<u64, Node>,
    next_inode: u64,
    script: DiskScript,
    /// Calls met and troubles made, by fault.
    met: Vec<(u32, u32)>,
    used: u64,
    /// Paths synced since the script began.
    synced: Vec<String>,
    power: bool,
}

#[derive(Clone, Debug)]
struct Node {
    body: Body,
    permissions: u16,
    modified: SystemTime,
    /// Where it was last put; for its path.
    parent: u64,
    name: OsString,
    links: u32,
    opens: u32,
}

#[derive(Clone, Debug)]
enum Body {
    File(Bytes),
    Folder { entries: Entries, kept: Entries },
}

type Entries = BTreeMap<OsString, u64>;

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl Disk {
    /// Returns an empty disk without faults.
    pub fn new() -> Self {
        let mut state = State {
            nodes: HashMap::new(),
            next_inode: ROOT,
            script: DiskScript::default(),
            met: Vec::new(),
            used: 0,
            synced: Vec::new(),
            power: true,
        };
        state.add(ROOT, OsStr::new(""), Body::Folder { entries: Entries::new(), kept: Entries::new() }, 0o755);
        Self(Arc::new(Mutex::new(state)))
    }

    /// Returns another disk with the same content, durable and not.
    pub fn duplicate(&self) -> Self {
        Self(Arc::new(Mutex::new(self.state().clone())))
    }

    /// Follows this script from now on, and no other. Syncs are counted anew.
    pub fn play(&self, script: DiskScript) {
        let mut state = self.state();
        state.met = vec![(0, 0); script.faults.len()];
        state.script = script;
        state.synced.clear();
    }

    /// Returns what was synced since the script began, in order: a folder's path ends with a slash.
    pub fn synced(&self) -> Vec<String> {
        self.state().synced.clone()
    }

    /// Returns how often each fault of the script has happened.
    pub fn happened(&self) -> Vec<u32> {
        self.state().met.iter().map(|(_, made)| *made).collect()
    }

    /// Cuts the power now: whatever is asked from here on fails with `EIO`.
    pub fn cut_power(&self) {
        self.state().power = false;
    }

    /// Tells whether the power is gone.
    pub fn is_off(&self) -> bool {
        !self.state().power
    }

    /// Brings back what survived, without any script. The disk must not be mounted.
    pub fn power_on(&self, cut: Cut) {
        self.state().power_on(cut);
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the state, if there is power.
    pub(crate) fn powered(&self) -> Result<MutexGuard<'_, State>, Errno> {
        let state = self.state();
        if state.power { Ok(state) } else { Err(Errno::EIO) }
    }
}

impl State {
    fn add(&mut self, parent: u64, name: &OsStr, body: Body, permissions: u16) -> u64 {
        let inode = self.next_inode;
        self.next_inode += 1;
        let modified = SystemTime::now();
        self.nodes
            .insert(inode, Node { body, permissions, modified, parent, name: name.to_owned(), links: 1, opens: 0 });
        inode
    }

    fn node(&self, inode: u64) -> Result<&Node, Errno> {
        self.nodes.get(&inode).ok_or(Errno::ENOENT)
    }

    fn node_mut(&mut self, inode: u64) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&inode).ok_or(Errno::ENOENT)
    }

    fn entries(&self, folder: u64) -> Result<&Entries, Errno> {
        match &self.node(folder)?.body {
            Body::Folder { entries, .. } => Ok(entries),
            Body::File(_) => Err(Errno::ENOTDIR),
        }
    }

    /// Puts a name into a folder or takes it out; a disk that keeps names at once keeps these.
    fn rename_in(&mut self, folder: u64, change: impl FnOnce(&mut Entries) -> Option<u64>) -> Result<(), Errno> {
        let at_once = self.script.names == Names::AtOnce;
        match &mut self.node_mut(folder)?.body {
            Body::Folder { entries, kept } => {
                change(entries);
                if at_once {
                    kept.clone_from(entries);
                }
                Ok(())
            }
            Body::File(_) => Err(Errno::ENOTDIR),
        }
    }

    fn file(&mut self, inode: u64) -> Result<&mut Bytes, Errno> {
        match &mut self.node_mut(inode)?.body {
            Body::File(bytes) => Ok(bytes),
            Body::Folder { .. } => Err(Errno::EISDIR),
        }
    }

    fn path(&self, inode: u64) -> String {
        let mut parts = Vec::new();
        let mut at = inode;
        while at != ROOT {
            let Some(node) = self.nodes.get(&at) else { break };
            parts.push(node.name.to_string_lossy().into_owned());
            at = node.parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// Returns the trouble that a call meets, if any.
    fn trouble(&mut self, inode: u64, call: Call) -> Option<DiskTrouble> {
        if !self.script.faults.iter().any(|fault| fault.trouble.meets(call)) {
            return None;
        }
        let path = self.path(inode);
        for (fault, (met, made)) in self.script.faults.iter().zip(&mut self.met) {
            let DiskFault { path: part, skip, times, trouble } = fault;
            if !trouble.meets(call) || !path.contains(part.as_str()) || times.is_some_and(|times| *made >= times) {
                continue;
            }
            *met += 1;
            if *met > *skip {
                *made += 1;
                return Some(*trouble);
            }
        }
        None
    }

    fn allow(&mut self, inode: u64, call: Call) -> Result<(), Errno> {
        self.trouble(inode, call).map_or(Ok(()), |trouble| Err(trouble.errno()))
    }

    pub fn attributes(&self, inode: u64) -> Result<FileAttr, Errno> {
        let node = self.node(inode)?;
        let (kind, size) = match &node.body {
            Body::File(bytes) => (FileType::RegularFile, bytes.now.len() as u64),
            Body::Folder { .. } => (FileType::Directory, 0),
        };
        Ok(FileAttr {
            ino: INodeNo(inode),
            size,
            blocks: size.div_ceil(SECTOR_BYTES as u64),
            atime: node.modified,
            mtime: node.modified,
            ctime: node.modified,
            crtime: node.modified,
            kind,
            perm: node.permissions,
            nlink: node.links,
            uid: rustix::process::getuid().as_raw(),
            gid: rustix::process::getgid().as_raw(),
            rdev: 0,
            blksize: 4096,
            flags: 0,
        })
    }

    pub fn child(&self, folder: u64, name: &OsStr) -> Result<u64, Errno> {
        self.entries(folder)?.get(name).copied().ok_or(Errno::ENOENT)
    }

    pub fn listing(&self, folder: u64) -> Result<Vec<(u64, FileType, OsString)>, Errno> {
        let kind = |inode: &u64| match self.nodes.get(inode).map(|node| &node.body) {
            Some(Body::Folder { .. }) => FileType::Directory,
            _ => FileType::RegularFile,
        };
        Ok(self.entries(folder)?.iter().map(|(name, inode)| (*inode, kind(inode), name.clone())).collect())
    }

    pub fn make(&mut self, folder: u64, name: &OsStr, is_folder: bool, permissions: u16) -> Result<u64, Errno> {
        self.allow(folder, Call::Change)?;
        if self.entries(folder)?.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        let body = if is_folder {
            Body::Folder { entries: Entries::new(), kept: Entries::new() }
        } else {
            Body::File(Bytes::default())
        };
        let inode = self.add(folder, name, body, permissions);
        self.rename_in(folder, |entries| entries.insert(name.to_owned(), inode))?;
        Ok(inode)
    }

    pub fn opened(&mut self, inode: u64) -> Result<(), Errno> {
        self.node_mut(inode)?.opens += 1;
        Ok(())
    }

    pub fn closed(&mut self, inode: u64) -> Result<(), Errno> {
        let node = self.node_mut(inode)?;
        node.opens = node.opens.saturating_sub(1);
        self.free(inode)
    }

    /// Frees the space of a file that has neither name nor reader. What survives a power cut is another matter.
    fn free(&mut self, inode: u64) -> Result<(), Errno> {
        let node = self.node_mut(inode)?;
        let (unused, Body::File(bytes)) = (node.links == 0 && node.opens == 0, &mut node.body) else { return Ok(()) };
        if unused {
            let size = bytes.now.len() as u64;
            *bytes = Bytes { kept: std::mem::take(&mut bytes.kept), ..Bytes::default() };
            self.used -= size;
        }
        Ok(())
    }

    /// Takes a name out of a folder.
    pub fn remove(&mut self, folder: u64, name: &OsStr, is_folder: bool) -> Result<(), Errno> {
        self.allow(folder, Call::Change)?;
        let inode = self.child(folder, name)?;
        match &self.node(inode)?.body {
            Body::Folder { .. } if !is_folder => return Err(Errno::EISDIR),
            Body::File(_) if is_folder => return Err(Errno::ENOTDIR),
            Body::Folder { entries, .. } if !entries.is_empty() => return Err(Errno::ENOTEMPTY),
            _ => {}
        }
        self.rename_in(folder, |entries| entries.remove(name))?;
        let node = self.node_mut(inode)?;
        node.links = node.links.saturating_sub(1);
        self.free(inode)
    }

    pub fn rename(&mut self, from: (u64, &OsStr), to: (u64, &OsStr), noreplace: bool) -> Result<(), Errno> {
        if noreplace && self.script.refuse_noreplace {
            return Err(Errno::EINVAL);
        }
        self.allow(from.0, Call::Change)?;
        self.allow(to.0, Call::Change)?;
        let inode = self.child(from.0, from.1)?;
        if let Ok(replaced) = self.child(to.0, to.1) {
            if noreplace {
                return Err(Errno::EEXIST);
            }
            if replaced == inode {
                return Ok(());
            }
            let is_folder = matches!(self.node(inode)?.body, Body::Folder { .. });
            self.remove(to.0, to.1, is_folder)?;
        }
        self.rename_in(from.0, |entries| entries.remove(from.1))?;
        self.rename_in(to.0, |entries| entries.insert(to.1.to_owned(), inode))?;
        let node = self.node_mut(inode)?;
        (node.parent, node.name) = (to.0, to.1.to_owned());
        Ok(())
    }

    pub fn link(&mut self, inode: u64, folder: u64, name: &OsStr) -> Result<(), Errno> {
        self.allow(folder, Call::Change)?;
        if self.entries(folder)?.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        self.file(inode)?;
        self.rename_in(folder, |entries| entries.insert(name.to_owned(), inode))?;
        let node = self.node_mut(inode)?;
        node.links += 1;
        (node.parent, node.name) = (folder, name.to_owned());
        Ok(())
    }

    pub fn read(&mut self, inode: u64, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let held = self.file(inode)?.now.get(offset as usize..).unwrap_or_default();
        Ok(held[..held.len().min(size as usize)].to_vec())
    }

    pub fn write(&mut self, inode: u64, offset: u64, bytes: &[u8], direct: bool) -> Result<(), Errno> {
        if direct && self.script.refuse_direct {
            return Err(Errno::EINVAL);
        }
        self.allow(inode, Call::Write)?;
        let at = usize::try_from(offset).map_err(|_| Errno::EFBIG)?;
        let size = self.file(inode)?.now.len();
        self.grow(size, size.max(at + bytes.len()))?;
        self.pend(inode, Pending::Write { at, bytes: bytes.to_vec() })
    }

    pub fn resize(&mut self, inode: u64, size: u64) -> Result<(), Errno> {
        self.allow(inode, Call::Change)?;
        let size = usize::try_from(size).map_err(|_| Errno::EFBIG)?;
        let before = self.file(inode)?.now.len();
        self.grow(before, size)?;
        self.pend(inode, Pending::Resize(size))
    }

    pub fn allocate(&mut self, inode: u64, to: u64) -> Result<(), Errno> {
        if self.script.refuse_fallocate {
            return Err(Errno::EINVAL);
        }
        let size = self.file(inode)?.now.len() as u64;
        if to > size { self.resize(inode, to) } else { Ok(()) }
    }

    fn grow(&mut self, before: usize, after: usize) -> Result<(), Errno> {
        let used = self.used - before as u64 + after as u64;
        if after > before && used > self.script.capacity {
            return Err(if self.script.quota { Errno::EDQUOT } else { Errno::ENOSPC });
        }
        self.used = used;
        Ok(())
    }

    fn pend(&mut self, inode: u64, pending: Pending) -> Result<(), Errno> {
        let bytes = self.file(inode)?;
        pending.apply(&mut bytes.now);
        bytes.pending.push(pending);
        self.node_mut(inode)?.modified = SystemTime::now();
        Ok(())
    }

    pub fn mark(&mut self, inode: u64, permissions: Option<u16>, modified: Option<SystemTime>) -> Result<(), Errno> {
        self.allow(inode, Call::Change)?;
        let node = self.node_mut(inode)?;
        node.permissions = permissions.unwrap_or(node.permissions);
        node.modified = modified.unwrap_or(node.modified);
        Ok(())
    }

    pub fn refuses_direct(&self) -> bool {
        self.script.refuse_direct
    }

    /// Returns size and free bytes as they are told.
    pub fn space(&self) -> (u64, u64) {
        let free = self.script.capacity.saturating_sub(self.used);
        (self.script.capacity, self.script.told_free.unwrap_or(free))
    }

    /// Makes a file's content or a folder's names durable.
    pub fn sync(&mut self, inode: u64) -> Result<(), Errno> {
        let is_folder = matches!(self.node(inode)?.body, Body::Folder { .. });
        self.synced.push(self.path(inode) + if is_folder { "/" } else { "" });
        let now = self.script.power_cut.filter(|cut| cut.sync == self.synced.len() as u64).map(|cut| cut.side);
        if now.is_some() {
            self.power = false;
        }
        if now == Some(Side::Before) {
            return Err(Errno::EIO);
        }
        if let Some(trouble) = self.trouble(inode, if is_folder { Call::FolderSync } else { Call::Sync }) {
            if !is_folder {
                self.file(inode)?.lose();
            }
            return Err(trouble.errno());
        }
        match &mut self.node_mut(inode)?.body {
            Body::File(bytes) => bytes.sync(),
            Body::Folder { entries, kept } => kept.clone_from(entries),
        }
        if self.script.names == Names::Journalled {
            self.keep_names();
        }
        if let Some(DiskTrouble::Flip { at }) = self.trouble(inode, Call::Synced) {
            let bytes = self.file(inode)?;
            for content in [&mut bytes.now, &mut bytes.kept] {
                content.get_mut(at as usize).map(|byte| *byte ^= 1).ok_or(Errno::EIO)?;
            }
        }
        Ok(())
    }

    fn keep_names(&mut self) {
        for node in self.nodes.values_mut() {
            if let Body::Folder { entries, kept } = &mut node.body {
                kept.clone_from(entries);
            }
        }
    }

    fn power_on(&mut self, cut: Cut) {
        let mut survivors: HashMap<u64, Node> = HashMap::new();
        let mut folders = VecDeque::from([ROOT]);
        while let Some(inode) = folders.pop_front() {
            let Some(mut node) = self.nodes.get(&inode).cloned() else { continue };
            if let Body::Folder { entries, kept } = &mut node.body {
                // A folder that was moved has one place: where it was put last, if that name survived.
                kept.retain(|name, child| self.stands(inode, name, *child));
                entries.clone_from(kept);
                for (name, child) in kept {
                    self.survive(&mut survivors, &mut folders, (inode, name), *child, cut);
                }
            }
            node.opens = 0;
            survivors.insert(inode, node);
        }
        self.nodes = survivors;
        let size = |node: &Node| if let Body::File(bytes) = &node.body { bytes.now.len() as u64 } else { 0 };
        self.used = self.nodes.values().map(size).sum();
        self.power = true;
        let names = self.script.names;
        self.script = DiskScript { names, capacity: self.script.capacity, ..DiskScript::default() };
        self.met.clear();
        self.synced.clear();
    }

    fn survive(
        &self,
        survivors: &mut HashMap<u64, Node>,
        folders: &mut VecDeque<u64>,
        (parent, name): (u64, &OsStr),
        child: u64,
        cut: Cut,
    ) {
        if let Some(known) = survivors.get_mut(&child) {
            known.links += 1;
            return;
        }
        let Some(mut node) = self.nodes.get(&child).cloned() else { return };
        (node.parent, node.name, node.links, node.opens) = (parent, name.to_owned(), 1, 0);
        match &mut node.body {
            Body::File(bytes) => bytes.cut(cut, child),
            Body::Folder { .. } => folders.push_back(child),
        }
        survivors.insert(child, node);
    }

    /// Tells whether a durable name is the one to keep.
    fn stands(&self, folder: u64, name: &OsStr, child: u64) -> bool {
        let Some(node) = self.nodes.get(&child) else { return false };
        if matches!(node.body, Body::File(_)) || (node.parent, node.name.as_os_str()) == (folder, name) {
            return true;
        }
        let last = self.nodes.get(&node.parent).map(|parent| &parent.body);
        !matches!(last, Some(Body::Folder { kept, .. }) if kept.get(&node.name) == Some(&child))
    }
}
