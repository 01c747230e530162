//! A drive and a disk that fail as a script says: before the real ones, act by act.

use crate::bench::Shelf;
use dock::{Drive, Entry, Inventory, SourceError, SourceFacts, SourceFile};
use fixity::{Disk, DiskFile, LocalDisk, Published, Reread, RereadError, Watch};
use model::Problem;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

pub const EIO: i32 = 5;
pub const ENODEV: i32 = 19;
pub const ENOSPC: i32 = 28;
pub const EROFS: i32 = 30;
pub const EDQUOT: i32 = 122;

pub fn error(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

/// What one act of the drive does instead.
#[derive(Clone, Copy, Debug)]
pub enum DriveFault {
    /// Fails this once.
    Eio,
    /// Reads one byte; other acts are as they should be.
    Short,
    /// Is interrupted by a signal.
    Interrupted,
    /// From here on every act fails, and the drive is gone.
    Pulled,
    /// From here on every act fails, and the drive stands where it stood.
    Silent,
}

/// A drive that fails at the acts of its script: openings, readings and looks at a file, counted from 0.
pub struct FaultyDrive<'a> {
    pub shelf: Shelf<'a>,
    pub script: BTreeMap<u64, DriveFault>,
    /// Ranges that never can be read, of files whose path ends with the name.
    pub bad: Vec<(&'static str, Range<u64>)>,
    /// From its n-th opening on, counted from 1, a file gives its first byte turned.
    pub turned: Option<(&'static str, u64)>,
    /// The drive is pulled at the n-th opening of any file.
    pub pulled_at_opening: Option<u64>,
    /// Whether the system's file is handed out, so that the cache can be ruled out.
    pub by_system: bool,
    pub acts: AtomicU64,
    pub openings: AtomicU64,
    pub opened: Mutex<BTreeMap<PathBuf, u64>>,
    pub pulled: AtomicBool,
    pub silent: AtomicBool,
    /// Readings wait here while it is true.
    pub hangs: (Mutex<bool>, Condvar),
}

impl<'a> FaultyDrive<'a> {
    pub fn new(shelf: Shelf<'a>) -> Self {
        Self {
            shelf,
            script: BTreeMap::new(),
            bad: Vec::new(),
            turned: None,
            pulled_at_opening: None,
            by_system: false,
            acts: AtomicU64::new(0),
            openings: AtomicU64::new(0),
            opened: Mutex::default(),
            pulled: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            hangs: (Mutex::new(false), Condvar::new()),
        }
    }

    fn act(&self) -> io::Result<Option<DriveFault>> {
        let act = self.acts.fetch_add(1, SeqCst);
        match self.script.get(&act) {
            Some(DriveFault::Pulled) => self.pulled.store(true, SeqCst),
            Some(DriveFault::Silent) => self.silent.store(true, SeqCst),
            Some(DriveFault::Eio) => return Err(error(EIO)),
            Some(DriveFault::Interrupted) => return Err(io::ErrorKind::Interrupted.into()),
            fault => {
                if !self.pulled.load(SeqCst) && !self.silent.load(SeqCst) {
                    return Ok(fault.copied());
                }
            }
        }
        Err(error(if self.pulled.load(SeqCst) { ENODEV } else { EIO }))
    }

    pub fn hang(&self, hangs: bool) {
        *self.hangs.0.lock().unwrap() = hangs;
        self.hangs.1.notify_all();
    }
}

impl Drive for FaultyDrive<'_> {
    fn list(&self) -> (Inventory, Vec<Problem>) {
        if self.pulled.load(SeqCst) { Default::default() } else { self.shelf.list() }
    }

    fn open(&self, entry: &Entry) -> Result<Box<dyn SourceFile + '_>, SourceError> {
        let opening = self.openings.fetch_add(1, SeqCst) + 1;
        if self.pulled_at_opening.is_some_and(|at| opening >= at) {
            self.pulled.store(true, SeqCst);
        }
        // An opening that a signal interrupts is opened again by whoever called.
        match self.act() {
            Err(source) if source.kind() != io::ErrorKind::Interrupted => {
                return Err(SourceError::Open { path: entry.shown.clone(), source });
            }
            _ => {}
        }
        let mut opened = self.opened.lock().unwrap();
        let count = opened.entry(entry.path.clone()).or_default();
        *count += 1;
        let name = entry.shown.clone();
        let turned = self.turned.is_some_and(|(of, from)| name.ends_with(of) && *count >= from);
        let bad = self.bad.iter().filter(|(of, _)| name.ends_with(of)).map(|(_, range)| range.clone()).collect();
        let file = dock::open_source(&self.shelf.root, entry)?;
        Ok(Box::new(FaultyFile { file, drive: self, at: 0, bad, turned }))
    }

    fn is_docked(&self) -> bool {
        !self.pulled.load(SeqCst) && self.shelf.is_docked()
    }
}

struct FaultyFile<'a> {
    file: File,
    drive: &'a FaultyDrive<'a>,
    at: u64,
    bad: Vec<Range<u64>>,
    turned: bool,
}

impl Read for FaultyFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl SourceFile for FaultyFile<'_> {
    fn facts(&self) -> io::Result<SourceFacts> {
        // No signal interrupts a look.
        match self.drive.act() {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
            _ => self.file.facts(),
        }
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let hangs = self.drive.hangs.0.lock().unwrap();
        drop(self.drive.hangs.1.wait_while(hangs, |hangs| *hangs).unwrap());
        let most = match self.drive.act()? {
            Some(DriveFault::Short) => 1,
            _ => buffer.len(),
        };
        let mut most = most.min(buffer.len());
        for bad in &self.bad {
            if bad.contains(&offset) {
                return Err(error(EIO));
            }
            if offset < bad.start {
                most = most.min((bad.start - offset) as usize);
            }
        }
        let count = SourceFile::read_at(&self.file, &mut buffer[..most], offset)?;
        if self.turned && offset == 0 && count > 0 {
            buffer[0] ^= 1;
        }
        Ok(count)
    }

    fn system_file(&self) -> Option<&File> {
        let plain = self.bad.is_empty() && !self.turned;
        (self.drive.by_system && plain).then_some(&self.file)
    }
}

/// An act of a disk of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    CreateFolder,
    CreateFolders,
    Create,
    Write,
    Seal,
    SyncData,
    Reread,
    WriteBeside,
    Publish,
    SyncFolder,
    Remove,
}

/// When an act fails, and how.
#[derive(Clone, Copy, Debug)]
pub struct DiskFault {
    /// `None`: any act.
    pub act: Option<Act>,
    /// Of the acts it speaks of, how many are spared before.
    pub after: u64,
    /// And how many fail then.
    pub times: u64,
    /// Error number; 0: the disk turns a byte of the copy behind the sync.
    pub number: i32,
}

/// The real disk behind faults; its bytes are where they should be.
pub struct FaultyDisk {
    pub disk: LocalDisk,
    pub faults: Vec<DiskFault>,
    /// Says that names were given without the call that refuses to replace.
    pub plainly: bool,
    met: Mutex<Vec<u64>>,
    pub acts: AtomicU64,
}

impl FaultyDisk {
    pub fn new(faults: &[DiskFault]) -> Self {
        let met = Mutex::new(vec![0; faults.len()]);
        Self { disk: LocalDisk::default(), faults: faults.to_vec(), plainly: false, met, acts: AtomicU64::new(0) }
    }

    /// Returns the number of the fault that this act meets; every fault counts it.
    fn meet(&self, act: Act) -> Option<i32> {
        self.acts.fetch_add(1, SeqCst);
        let mut met = self.met.lock().unwrap();
        let mut number = None;
        for (fault, met) in self.faults.iter().zip(met.iter_mut()) {
            if fault.act.is_none_or(|of| of == act) {
                if *met >= fault.after && *met - fault.after < fault.times {
                    number = number.or(Some(fault.number));
                }
                *met += 1;
            }
        }
        number
    }

    fn act(&self, act: Act) -> io::Result<()> {
        match self.meet(act) {
            None | Some(0) => Ok(()),
            Some(number) => Err(error(number)),
        }
    }
}

impl Disk for FaultyDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.act(Act::CreateFolder)?;
        self.disk.create_folder(folder)
    }

    fn create_folders(&self, folder: &Path) -> io::Result<()> {
        self.act(Act::CreateFolders)?;
        self.disk.create_folders(folder)
    }

    fn create<'a>(&'a self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile + 'a>> {
        self.act(Act::Create)?;
        Ok(Box::new(FaultyCopy { file: self.disk.create(path, bytes)?, disk: self, path: path.to_owned() }))
    }

    fn reread(&self, path: &Path, watch: &dyn Watch) -> Result<Reread, RereadError> {
        self.act(Act::Reread).map_err(RereadError::Read)?;
        self.disk.reread(path, watch)
    }

    fn write_beside(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.act(Act::WriteBeside)?;
        self.disk.write_beside(path, bytes)
    }

    fn publish(&self, staged: &Path, last: &Path) -> io::Result<Published> {
        self.act(Act::Publish)?;
        let published = self.disk.publish(staged, last)?;
        Ok(if self.plainly { Published::Plainly } else { published })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.act(Act::SyncFolder)?;
        self.disk.sync_folder(folder)
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        self.act(Act::Remove)?;
        self.disk.remove(folder)
    }
}

struct FaultyCopy<'a> {
    file: Box<dyn DiskFile + 'a>,
    disk: &'a FaultyDisk,
    path: PathBuf,
}

impl Write for FaultyCopy<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.act(Act::Write)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for FaultyCopy<'_> {
    fn seal(&self, modified_s: i64, modified_ns: u32) -> io::Result<()> {
        self.disk.act(Act::Seal)?;
        self.file.seal(modified_s, modified_ns)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.disk.meet(Act::SyncData) {
            Some(0) => {
                self.file.sync_data()?;
                let mut bytes = fs::read(&self.path)?;
                if let Some(byte) = bytes.last_mut() {
                    *byte ^= 1;
                }
                fs::set_permissions(&self.path, fs::Permissions::from_mode(0o644))?;
                fs::write(&self.path, bytes)?;
                File::open(&self.path)?.sync_all()
            }
            Some(number) => Err(error(number)),
            None => self.file.sync_data(),
        }
    }

    fn went_buffered(&self) -> bool {
        self.file.went_buffered()
    }
}
