use crate::profile::Profile;
use crate::recognise::{BINDING_BYTES_MAX, BINDING_FILE};
use model::{ClipName, Instant, Problem, ProblemCode, StationZone, escape_bytes};
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// How far a walk goes. What lies beyond is a problem of the drive, never left out in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InventoryLimits {
    /// Longest path in components; a corrupt FAT may contain itself.
    pub depth_max: usize,
    /// Files and folders in all; a hundred thousand take about 30 MB.
    pub entries_max: usize,
}

impl Default for InventoryLimits {
    fn default() -> Self {
        Self { depth_max: 16, entries_max: 1_000_000 }
    }
}

/// Every file of a drive that is to be taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Sorted by raw path.
    pub entries: Vec<Entry>,
}

impl Inventory {
    /// Returns the sum of all sizes. A sparse or corrupt file may claim any size; the sum then stops at the top.
    pub fn total_bytes(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.size))
    }
}

/// One file of a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the drive, as the drive has it.
    pub path: PathBuf,
    /// The whole path, escaped for display.
    pub shown: String,
    /// The last component.
    pub name: ClipName,
    /// Bytes.
    pub size: u64,
    /// Modification time in seconds since 1970 as the mount gives it; raw, never corrected.
    pub mtime: i64,
    /// The part of `mtime` below a second.
    pub mtime_nanos: u32,
    /// `st_dev`
    pub device: u64,
    /// `st_ino`; see [`open_source`](crate::open_source) for how far it can be relied on.
    pub inode: u64,
    pub kind: EntryKind,
    /// Begin of the recording by the file's name, the recorder's clock taken to be set to the unit's zone.
    pub recorded_from: Option<Instant>,
}

/// Footage, or what lies beside it. Both are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Video, photo or sound.
    Footage,
    /// Logs, thumbnails, indices and whatever else is on the card.
    Companion,
}

/// Returns every regular file of the drive, and what is to be said of it.
///
/// All or none (平顶山 第八条): each regular file is listed, hidden or not, footage or not, save our own binding
/// file. Links are not followed, special files not opened, other file systems mounted inside not entered. Nothing
/// is written; a drive that is mounted writable may itself move the access times of its folders. Problems are
/// sorted by path and never stop the walk, except for [`ProblemCode::TooMany`].
pub fn inventory(
    root: &Path,
    profile: &Profile,
    zone: StationZone,
    limits: &InventoryLimits,
) -> (Inventory, Vec<Problem>) {
    inventory_by_steps(root, profile, zone, limits, &|| ())
}

/// Does as [`inventory`] and calls `step` after each file and folder, so that a long walk can be told from a drive that
/// hangs.
pub fn inventory_by_steps(
    root: &Path,
    profile: &Profile,
    zone: StationZone,
    limits: &InventoryLimits,
    step: &dyn Fn(),
) -> (Inventory, Vec<Problem>) {
    let (folders, entries, problems) = Default::default();
    let mut walk = Walk { root, profile, zone, limits, stepped: step, device: 0, folders, entries, problems };
    walk.run();
    let Walk { mut entries, mut problems, .. } = walk;
    entries.sort_unstable_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
    note_case_pairs(&entries, &mut problems);
    problems.sort_by(|a, b| (&a.path, a.code).cmp(&(&b.path, b.code)));
    (Inventory { entries }, problems)
}

struct Walk<'a> {
    root: &'a Path,
    profile: &'a Profile,
    zone: StationZone,
    limits: &'a InventoryLimits,
    /// Told of each step.
    stepped: &'a dyn Fn(),
    /// `st_dev` of the root.
    device: u64,
    /// The folders the walk is in, outermost first: walkdir does not say where a listing broke off.
    folders: Vec<PathBuf>,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let walk =
            WalkDir::new(self.root).follow_root_links(false).same_file_system(true).max_depth(self.limits.depth_max);
        for (count, step) in walk.into_iter().enumerate() {
            // The root itself is the first step.
            if count > self.limits.entries_max {
                let detail = format!("more than {} files and folders", self.limits.entries_max);
                self.problems.push(Problem::new(ProblemCode::TooMany, ".").because(detail));
                return;
            }
            match step {
                Ok(entry) => self.meet(&entry),
                Err(e) => self.broken(&e),
            }
            (self.stepped)();
        }
    }

    fn meet(&mut self, entry: &DirEntry) {
        let path = entry.path().strip_prefix(self.root).expect("walkdir gives paths below its root");
        let kind = entry.file_type();
        if kind.is_symlink() {
            let target =
                std::fs::read_link(entry.path()).map(|t| format!("→ {}", escape_bytes(t.as_os_str().as_bytes())));
            return self.say(ProblemCode::SymlinkRefused, path, target.unwrap_or_default());
        }
        if !kind.is_dir() && !kind.is_file() {
            return self.say(ProblemCode::SpecialFileRefused, path, special(kind).to_owned());
        }
        let found = match entry.metadata() {
            Ok(found) => found,
            Err(e) => {
                let code = if is_gone(&e) { ProblemCode::Vanished } else { ProblemCode::Unreadable };
                return self.say(code, path, reason(&e));
            }
        };
        if kind.is_dir() {
            self.enter(entry.depth(), path, &found);
        } else if entry.depth() == 0 {
            self.say(ProblemCode::FolderUnreadable, path, "not a folder".to_owned());
        } else if !is_binding(path, &found) {
            self.take(path, &found);
        }
    }

    fn enter(&mut self, depth: usize, path: &Path, found: &Metadata) {
        if depth == 0 {
            self.device = found.dev();
        }
        self.folders.truncate(depth);
        self.folders.push(path.to_owned());
        if found.dev() != self.device {
            self.say(ProblemCode::FolderUnreadable, path, "another file system is mounted here".to_owned());
        } else if depth == self.limits.depth_max {
            self.say(ProblemCode::TooDeep, path, format!("more than {depth} folders deep"));
        }
    }

    fn take(&mut self, path: &Path, found: &Metadata) {
        let raw = path.as_os_str().as_bytes();
        let name = path.file_name().unwrap_or_default().as_bytes();
        let shown = escape_bytes(raw);
        if shown.as_bytes() != raw {
            self.problems.push(Problem::new(ProblemCode::NameEscaped, shown.clone()));
        }
        if found.len() == 0 {
            self.problems.push(Problem::new(ProblemCode::ZeroLength, shown.clone()));
        }
        self.entries.push(Entry {
            path: path.to_owned(),
            shown,
            name: ClipName::from_bytes(name.to_vec()),
            size: found.len(),
            mtime: found.mtime(),
            mtime_nanos: u32::try_from(found.mtime_nsec()).unwrap_or(0),
            device: found.dev(),
            inode: found.ino(),
            kind: self.profile.kind_of(name),
            recorded_from: self.profile.read(raw).filter(|r| r.full).and_then(|r| r.instant(self.zone)),
        });
    }

    /// Reports a folder that is gone, could not be opened, or whose listing broke off.
    fn broken(&mut self, e: &walkdir::Error) {
        let folder = match e.path() {
            Some(path) => path.strip_prefix(self.root).unwrap_or(path).to_owned(),
            None => self.folders.get(e.depth().saturating_sub(1)).cloned().unwrap_or_default(),
        };
        self.say(if is_gone(e) { ProblemCode::Vanished } else { ProblemCode::FolderUnreadable }, &folder, reason(e));
    }

    fn say(&mut self, code: ProblemCode, path: &Path, detail: String) {
        let shown = match path.as_os_str().as_bytes() {
            b"" => ".".to_owned(),
            raw => escape_bytes(raw),
        };
        self.problems.push(Problem::new(code, shown).because(detail));
    }
}

fn is_gone(e: &walkdir::Error) -> bool {
    e.io_error().is_some_and(|e| e.kind() == io::ErrorKind::NotFound)
}

/// Returns what the system said, without walkdir's repetition of the path.
fn reason(e: &walkdir::Error) -> String {
    e.io_error().map_or_else(|| e.to_string(), ToString::to_string)
}

fn special(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "named pipe"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_block_device() || kind.is_char_device() {
        "device node"
    } else {
        "unknown kind of file"
    }
}

/// Footage cannot hide behind the binding file's name: only one small enough to be a binding is passed over.
fn is_binding(path: &Path, found: &Metadata) -> bool {
    path == Path::new(BINDING_FILE) && found.len() <= BINDING_BYTES_MAX
}

/// Notes each file whose path another one's equals but for case: a Windows machine could not hold both.
fn note_case_pairs(entries: &[Entry], problems: &mut Vec<Problem>) {
    // Hashes first: folded paths of a million files need not stand in memory at once.
    let mut folded: Vec<(u64, usize)> = entries.iter().enumerate().map(|(i, e)| (hash_of(&fold(e)), i)).collect();
    folded.sort_unstable();
    for alike in folded.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let (_, first) = alike[0];
        for &(_, later) in &alike[1..] {
            if fold(&entries[first]) == fold(&entries[later]) {
                let note = Problem::new(ProblemCode::NamesDifferOnlyInCase, entries[later].shown.clone());
                problems.push(note.because(&entries[first].shown));
            }
        }
    }
}

/// Returns the path without its case. What is no UTF-8 is folded byte by byte: replacement characters would make
/// different names equal.
fn fold(entry: &Entry) -> Vec<u8> {
    let raw = entry.path.as_os_str().as_bytes();
    std::str::from_utf8(raw).map_or_else(|_| raw.to_ascii_lowercase(), |text| text.to_lowercase().into_bytes())
}

fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
