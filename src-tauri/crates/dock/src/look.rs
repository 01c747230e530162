use crate::device::{self, Presence};
use crate::mounts::{self, Mount};
use crate::{DockError, Lookout};
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
    /// Each direct subfolder of these stands for a docked drive, and what is mounted on one is that drive. Links and names that begin with a dot do not
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

    fn is_folder(&self) -> bool {
        self.0.starts_with("folder:")
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
    /// Mount options that shift the times of its files, such as `tz=UTC`; empty when none.
    pub time_options: String,
}

#[cfg(test)]
impl Docked {
    pub(crate) fn example(fstype: &str, time_options: &str) -> Self {
        let facts = VolumeFacts { fstype: fstype.to_owned(), ..VolumeFacts::default() };
        let (id, root) = (DockedId("mount:1:8:17:".to_owned()), PathBuf::from("/media/card"));
        Self { id, root, facts, port: None, time_options: time_options.to_owned() }
    }
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

/// Returns what is docked, sorted by root: one [`Lookout::look`] for those who look only once.
///
/// A dock folder that does not exist holds no drives; one that cannot be listed, or does not answer in time, is an
/// error.
pub fn look(places: &DockPlaces, system: &SystemPaths) -> Result<Vec<Docked>, DockError> {
    let looked = Lookout::default().look(places, system)?;
    match looked.unlisted.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(looked.drives.into_iter().map(|found| found.docked).collect()),
    }
}

/// Returns the drive whose files begin at a path without links: what is mounted there, or the folder itself. It takes as
/// long as the place takes to answer.
pub fn docked_at(root: &Path, system: &SystemPaths) -> Result<Option<Docked>, DockError> {
    let mount = mounts::read(&system.proc)?.into_iter().find(|mount| mount.point == root);
    match mount.filter(|mount| !NOT_DRIVES.contains(&mount.fstype.as_str())) {
        None => Ok(docked_folder(root).filter(|_| !is_hidden(root))),
        Some(mount) => Ok(docked_mount(mount, system).and_then(|mut mount| {
            if !mount.sized {
                mount.docked.facts.capacity = size_of_mount(root)?;
            }
            Some(mount.docked)
        })),
    }
}

/// A drive that is being copied into place stands under such a name until it is complete.
fn is_hidden(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."))
}

/// Tells whether the same volume is still docked where it was.
///
/// A volume on a block device is asked of the system alone. For any other (FUSE, a folder) the place itself is looked
/// at, which takes as long as the place takes to answer: ask on the thread that reads the drive.
pub fn still_docked(docked: &Docked, system: &SystemPaths) -> bool {
    let present = match mounts::read(&system.proc) {
        // A share mounted in a dock folder is no drive of its own: it docked as the folder that it stands on.
        Ok(mounts) => mounts.into_iter().find(|mount| mount.point == docked.root && !docked.id.is_folder()),
        // Without the mount table nobody can say so.
        Err(_) => return false,
    };
    match present {
        Some(mount) => docked_mount(mount, system).is_some_and(|present| {
            present.docked.id == docked.id && (present.sized || size_of_mount(&docked.root).is_some())
        }),
        None => docked_folder(&docked.root).is_some_and(|present| present.id == docked.id),
    }
}

pub(crate) fn counts(mount: &Mount, places: &DockPlaces) -> bool {
    !NOT_DRIVES.contains(&mount.fstype.as_str())
        && (places.mount_roots.iter().any(|root| mount.point != *root && mount.point.starts_with(root))
            || places.folders.iter().any(|folder| mount.point.parent() == Some(folder)))
}

/// A mount as the system alone tells of it.
pub(crate) struct OnMount {
    pub docked: Docked,
    /// Whether the system knows its size. Where it does not, only the mount itself can be asked.
    pub sized: bool,
}

/// Returns the drive of a mount, or `None` when its device is gone.
pub(crate) fn docked_mount(mount: Mount, system: &SystemPaths) -> Option<OnMount> {
    let device = match device::presence(mount.device, system) {
        Presence::Gone => return None,
        Presence::Present | Presence::Unknown => device::describe(mount.device, system),
    };
    let (major, minor) = mount.device;
    // Mount ids and device numbers are reused at once; the serial tells the next card from this one.
    let id = DockedId(format!("mount:{}:{major}:{minor}:{}", mount.id, device.serial));
    let facts = VolumeFacts {
        label: device.label,
        serial: device.serial,
        fstype: mount.fstype,
        capacity: device.capacity.unwrap_or(0),
        read_only: mount.read_only,
    };
    let docked = Docked { id, root: mount.point, facts, port: device.port, time_options: mount.time_options };
    Some(OnMount { docked, sized: device.capacity.is_some() })
}

/// Returns the size in bytes, 0 when the system does not tell, or `None` when nobody answers for the mount: the
/// FUSE process behind it died.
pub(crate) fn size_of_mount(point: &Path) -> Option<u64> {
    match rustix::fs::statvfs(point) {
        Ok(stat) => Some(stat.f_blocks.saturating_mul(stat.f_frsize)),
        Err(rustix::io::Errno::NOTCONN) => None,
        Err(_) => Some(0),
    }
}

/// Returns the drives that a dock folder's subfolders stand for.
pub(crate) fn subfolders(folder: &Path) -> io::Result<Vec<Docked>> {
    let mut drives = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !is_hidden(&path) {
            drives.extend(docked_folder(&path));
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
    Some(Docked { id, root: root.to_owned(), facts, port: None, time_options: String::new() })
}
