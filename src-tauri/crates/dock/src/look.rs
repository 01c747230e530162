use crate::DockError;
use crate::device::{self, Presence};
use crate::mounts::{self, Mount};
use model::{VolumeFacts, escape_bytes};
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where drives dock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockPlaces {
    /// A mount anywhere below one of these is a docked drive; a mount on one of these is not.
    pub mount_roots: Vec<PathBuf>,
    /// Each direct subfolder of these stands for a docked drive. Links and names that begin with a dot do not
    /// count: a drive that is being copied into place stands under such a name until it is complete.
    pub folders: Vec<PathBuf>,
}

impl Default for DockPlaces {
    /// Returns where Linux desktops mount removable drives, and no folders.
    fn default() -> Self {
        Self { mount_roots: ["/media", "/run/media"].map(PathBuf::from).to_vec(), folders: Vec::new() }
    }
}

/// Where the system tells of its devices; tests put a tree of their own in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemPaths {
    /// `/proc`
    pub proc: PathBuf,
    /// `/sys`
    pub sys: PathBuf,
    /// `/run/udev`
    pub udev: PathBuf,
    /// `/dev`
    pub dev: PathBuf,
}

impl Default for SystemPaths {
    fn default() -> Self {
        Self { proc: "/proc".into(), sys: "/sys".into(), udev: "/run/udev".into(), dev: "/dev".into() }
    }
}

/// Names one docking of one drive. Opaque; stays the same while the drive is docked, and another volume in the
/// same place has another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DockedId(String);

impl DockedId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DockedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A drive in the dock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docked {
    pub id: DockedId,
    /// Absolute; where the drive's files begin.
    pub root: PathBuf,
    pub facts: VolumeFacts,
    /// USB port chain such as `1-2.3`; `None` for what hangs on no USB port.
    pub port: Option<String>,
}

/// File systems that are no drive: the system's own, and shares of other machines.
const NOT_DRIVES: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "cifs",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fuse.gvfsd-fuse",
    "fuse.portal",
    "fuse.sshfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nfs",
    "nfs4",
    "nsfs",
    "overlay",
    "proc",
    "pstore",
    "ramfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "smb3",
    "squashfs",
    "sysfs",
    "tracefs",
];

/// Returns what is docked, sorted by root.
///
/// Reads not one byte and not one directory entry of the drives: what they are comes from the mount table, udev's
/// database and sysfs. Only a mount without a block device (FUSE, tmpfs) is asked for its size, by `statvfs`.
/// A pulled drive whose line is still in the mount table is not docked. A dock folder that does not exist holds
/// no drives; [`Watch::start`](crate::Watch::start) is where a wrong folder is refused.
pub fn look(places: &DockPlaces, system: &SystemPaths) -> Result<Vec<Docked>, DockError> {
    let mut drives: Vec<Docked> = mounts::read(&system.proc)?
        .into_iter()
        .filter(|mount| counts(mount, places))
        .filter_map(|mount| docked_mount(mount, system))
        .collect();
    for folder in &places.folders {
        for drive in subfolders(folder)? {
            // A real mount inside a dock folder is already there, with better facts.
            if !drives.iter().any(|known| known.root == drive.root) {
                drives.push(drive);
            }
        }
    }
    drives.sort_by(|a, b| a.root.as_os_str().cmp(b.root.as_os_str()));
    Ok(drives)
}

/// Tells whether the same volume is still docked where it was. Asks the system, not the drive.
pub fn still_docked(docked: &Docked, system: &SystemPaths) -> bool {
    let present = match mounts::read(&system.proc) {
        Ok(mounts) => mounts.into_iter().find(|mount| mount.point == docked.root),
        // Without the mount table nobody can say so.
        Err(_) => return false,
    };
    match present {
        Some(mount) => docked_mount(mount, system),
        None => docked_folder(&docked.root),
    }
    .is_some_and(|present| present.id == docked.id)
}

fn counts(mount: &Mount, places: &DockPlaces) -> bool {
    !NOT_DRIVES.contains(&mount.fstype.as_str())
        && places.mount_roots.iter().any(|root| mount.point != *root && mount.point.starts_with(root))
}

/// Returns the drive of a mount, or `None` when its device is gone.
fn docked_mount(mount: Mount, system: &SystemPaths) -> Option<Docked> {
    let device = match device::presence(mount.device, system) {
        Presence::Gone => return None,
        Presence::Present | Presence::Unknown => device::describe(mount.device, system),
    };
    let capacity = match device.capacity {
        Some(bytes) => bytes,
        None => size_of_mount(&mount.point)?,
    };
    let (major, minor) = mount.device;
    // Mount ids and device numbers are reused at once; the serial tells the next card from this one.
    let id = DockedId(format!("mount:{}:{major}:{minor}:{}", mount.id, device.serial));
    let facts = VolumeFacts {
        label: device.label,
        serial: device.serial,
        fstype: mount.fstype,
        capacity,
        read_only: mount.read_only,
    };
    Some(Docked { id, root: mount.point, facts, port: device.port })
}

/// Returns the size in bytes, 0 when the system does not tell, or `None` when nobody answers for the mount: the
/// FUSE process behind it died.
fn size_of_mount(point: &Path) -> Option<u64> {
    match rustix::fs::statvfs(point) {
        Ok(stat) => Some(stat.f_blocks.saturating_mul(stat.f_frsize)),
        Err(rustix::io::Errno::NOTCONN) => None,
        Err(_) => Some(0),
    }
}

fn subfolders(folder: &Path) -> Result<Vec<Docked>, DockError> {
    let fault = |source| DockError::Folder { path: folder.to_owned(), source };
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(fault(e)),
    };
    let mut drives = Vec::new();
    for entry in listing {
        let entry = entry.map_err(fault)?;
        if !entry.file_name().as_bytes().starts_with(b".") {
            drives.extend(docked_folder(&entry.path()));
        }
    }
    Ok(drives)
}

/// Returns the drive a folder stands for, or `None` when no folder answers under that name.
fn docked_folder(root: &Path) -> Option<Docked> {
    let found = fs::symlink_metadata(root).ok().filter(fs::Metadata::is_dir)?;
    let name = root.file_name().unwrap_or(root.as_os_str());
    let facts = VolumeFacts {
        label: escape_bytes(name.as_bytes()),
        serial: String::new(),
        fstype: "folder".to_owned(),
        // The size of the disk beneath would say nothing of the drive.
        capacity: 0,
        read_only: rustix::fs::statvfs(root).is_ok_and(|s| s.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY)),
    };
    // A folder put in the place of another has another inode.
    let id = DockedId(format!("folder:{}:{}:{}", found.dev(), found.ino(), escape_bytes(root.as_os_str().as_bytes())));
    Some(Docked { id, root: root.to_owned(), facts, port: None })
}
