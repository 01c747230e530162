//! A disk loses what is not durable and nothing else, and each trouble really happens.
#![allow(clippy::unwrap_used)]

use faultfs::{Cut, Disk, DiskFault, DiskScript, DiskTrouble, Mount, Names, PowerCut, Side};
use rustix::fs::{Advice, CWD, FallocateFlags, OFlags, RenameFlags, fadvise, fallocate, fcntl_setfl, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A disk at a place; powered off and on as often as one likes.
struct Shelf {
    disk: Disk,
    mount: Option<Mount>,
    place: TempDir,
}

impl Shelf {
    fn new(script: DiskScript) -> Self {
        let place = TempDir::with_prefix_in("faultfs-", env!("CARGO_TARGET_TMPDIR")).unwrap();
        let disk = Disk::new();
        disk.play(script);
        let mount = Some(Mount::start(place.path(), &disk).unwrap());
        Self { disk, mount, place }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn cut(&mut self, cut: Cut) {
        self.disk.cut_power();
        self.mount = None;
        self.disk.power_on(cut);
        self.mount = Some(Mount::start(self.place.path(), &self.disk).unwrap());
    }

    fn synced(&self, name: &str, bytes: &[u8]) {
        let mut file = File::create(self.path(name)).unwrap();
        file.write_all(bytes).unwrap();
        file.sync_data().unwrap();
    }

    fn sync_folder(&self, name: &str) -> io::Result<()> {
        File::open(self.path(name)).unwrap().sync_all()
    }

    fn names(&self) -> Vec<String> {
        let listed = fs::read_dir(self.place.path()).unwrap();
        let mut names: Vec<_> = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn with(faults: Vec<DiskFault>) -> DiskScript {
    DiskScript { faults, ..DiskScript::default() }
}

fn named(names: Names) -> DiskScript {
    DiskScript { names, ..DiskScript::default() }
}

fn code<T>(result: io::Result<T>) -> Option<Errno> {
    result.err().and_then(|error| Errno::from_io_error(&error))
}

/// Drops a file from the kernel's cache and reads it.
fn cold(path: &Path) -> Vec<u8> {
    let file = File::open(path).unwrap();
    fadvise(&file, 0, None, Advice::DontNeed).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn only_synced_content_under_a_synced_name_survives() {
    let mut shelf = Shelf::new(DiskScript::default());
    shelf.synced("both", b"content");
    shelf.sync_folder("").unwrap();
    shelf.synced("content only", b"content");
    fs::write(shelf.path("nothing"), b"content").unwrap();
    let mut file = File::options().append(true).open(shelf.path("both")).unwrap();
    file.write_all(b", and more").unwrap();
    drop(file);
    shelf.cut(Cut::Clean);
    assert_eq!(shelf.names(), ["both"], "a name without a synced folder is lost");
    assert_eq!(fs::read(shelf.path("both")).unwrap(), b"content", "and what was written after the sync");
    shelf.cut(Cut::Clean);
    assert_eq!(fs::read(shelf.path("both")).unwrap(), b"content", "a second cut costs nothing more");
}

#[test]
fn names_survive_as_the_file_system_promises() {
    let rows: [(Names, &[&str]); 3] = [
        (Names::OnFolderSync, &[]),
        (Names::Journalled, &["moved", "synced", "unsynced"]),
        (Names::AtOnce, &["later", "moved", "synced", "unsynced"]),
    ];
    for (names, wanted) in rows {
        let mut shelf = Shelf::new(named(names));
        fs::write(shelf.path("unsynced"), b"content").unwrap();
        fs::write(shelf.path("before"), b"content").unwrap();
        fs::rename(shelf.path("before"), shelf.path("moved")).unwrap();
        shelf.synced("synced", b"content");
        fs::write(shelf.path("later"), b"content").unwrap();
        shelf.cut(Cut::Clean);
        assert_eq!(shelf.names(), wanted, "{names:?}");
        if names != Names::OnFolderSync {
            assert_eq!(fs::read(shelf.path("moved")).unwrap(), b"", "{names:?}: the name survives without content");
            assert_eq!(fs::read(shelf.path("synced")).unwrap(), b"content", "{names:?}: this one was synced");
        }
    }
}

#[test]
fn a_moved_folder_stands_in_one_place() {
    for (synced, wanted) in
        [(vec!["to"], "to/clip"), (vec!["from"], ""), (vec!["to", "from"], "to/clip"), (vec![], "from/clip")]
    {
        let mut shelf = Shelf::new(DiskScript::default());
        for folder in ["from", "to", "from/clip"] {
            fs::create_dir(shelf.path(folder)).unwrap();
        }
        shelf.synced("from/clip/file", b"content");
        for folder in ["from/clip", "from", ""] {
            shelf.sync_folder(folder).unwrap();
        }
        renameat_with(CWD, shelf.path("from/clip"), CWD, shelf.path("to/clip"), RenameFlags::NOREPLACE).unwrap();
        for folder in &synced {
            shelf.sync_folder(folder).unwrap();
        }
        shelf.cut(Cut::Clean);
        let there: Vec<&str> =
            ["from/clip", "to/clip"].into_iter().filter(|at| shelf.path(at).join("file").exists()).collect();
        let wanted: Vec<&str> = Some(wanted).into_iter().filter(|at| !at.is_empty()).collect();
        assert_eq!(there, wanted, "synced: {synced:?}");
    }
}

#[test]
fn power_goes_at_the_sync_that_was_named() {
    for (side, wanted) in [(Side::Before, &b""[..]), (Side::After, b"one")] {
        let mut shelf = Shelf::new(DiskScript {
            names: Names::AtOnce,
            power_cut: Some(PowerCut { sync: 2, side }),
            ..DiskScript::default()
        });
        shelf.synced("zero", b"zero");
        let mut file = File::create(shelf.path("one")).unwrap();
        file.write_all(b"one").unwrap();
        assert_eq!(file.sync_all().is_ok(), side == Side::After, "{side:?}: what the program is told");
        assert!(shelf.disk.is_off(), "{side:?}: power is gone");
        assert_eq!(code(File::create(shelf.path("two"))), Some(Errno::IO), "{side:?}: nothing works any more");
        assert_eq!(shelf.disk.synced(), ["zero", "one"], "{side:?}: the syncs are told");
        drop(file);
        shelf.cut(Cut::Clean);
        assert_eq!(fs::read(shelf.path("zero")).unwrap(), b"zero", "{side:?}: the first sync stands");
        assert_eq!(fs::read(shelf.path("one")).unwrap(), wanted, "{side:?}");
        shelf.synced("three", b"three");
    }
}

#[test]
fn an_unsynced_write_is_torn_or_reordered() {
    let survived = |cut: Cut| {
        let mut shelf = Shelf::new(named(Names::AtOnce));
        shelf.synced("file", &[1; 8192]);
        let file = File::options().write(true).open(shelf.path("file")).unwrap();
        file.write_all_at(&[2; 4096], 0).unwrap();
        file.write_all_at(&[3; 4096], 4096).unwrap();
        drop(file);
        shelf.cut(cut);
        fs::read(shelf.path("file")).unwrap().chunks(512).map(|sector| sector[0]).collect::<Vec<u8>>()
    };
    let mut torn = std::collections::BTreeSet::new();
    for seed in 0..6 {
        let sectors = survived(Cut::Torn(seed));
        let first = sectors.iter().position(|byte| *byte == 1).unwrap_or(16);
        assert!(sectors[first..].iter().all(|byte| *byte == 1), "seed {seed}: new, then old: {sectors:?}");
        torn.insert(first);
    }
    assert!(torn.len() > 2, "tears lie in different places: {torn:?}");
    let sectors = survived(Cut::Reordered(7));
    let late = sectors.iter().rposition(|byte| *byte != 1);
    let missing = sectors.iter().position(|byte| *byte == 1);
    assert!(missing < late, "a later sector survives without an earlier one: {sectors:?}");
    assert_eq!(sectors, survived(Cut::Reordered(7)), "one seed, one outcome");
}

#[test]
fn a_failed_sync_is_forgotten_by_the_next() {
    let mut shelf = Shelf::new(with(vec![DiskFault::once("file", DiskTrouble::Sync)]));
    let mut file = File::create(shelf.path("file")).unwrap();
    file.write_all(&[7; 8192]).unwrap();
    assert_eq!(code(file.sync_data()), Some(Errno::IO), "the first sync fails");
    assert_eq!(code(file.sync_data()), None, "the second says that all is well");
    shelf.sync_folder("").unwrap();
    assert_eq!(fs::read(shelf.path("file")).unwrap(), [7; 8192], "warm, the bytes are there");
    assert_eq!(cold(&shelf.path("file")), [0; 8192], "cold, they are not");
    assert_eq!(shelf.disk.happened(), [1], "once");
    drop(file);
    shelf.cut(Cut::Clean);
    assert_eq!(fs::read(shelf.path("file")).unwrap(), b"", "nor after a power cut");
}

#[test]
fn a_flipped_bit_is_seen_cold_and_not_warm() {
    let shelf = Shelf::new(with(vec![DiskFault::once("file", DiskTrouble::Flip { at: 5000 })]));
    shelf.synced("file", &[7; 8192]);
    assert_eq!(fs::read(shelf.path("file")).unwrap(), [7; 8192], "the kernel's cache has the right byte");
    let read = cold(&shelf.path("file"));
    assert_eq!((read[4999], read[5000], read[5001]), (7, 6, 7), "the disk has another");
    let direct =
        File::options().read(true).custom_flags(OFlags::DIRECT.bits() as i32).open(shelf.path("file")).unwrap();
    let mut byte = [0];
    direct.read_exact_at(&mut byte, 5000).unwrap();
    assert_eq!(byte, [6], "and a direct read sees it");
}

#[test]
fn a_full_disk_says_so_as_it_is_told_to() {
    for (quota, wanted) in [(false, Errno::NOSPC), (true, Errno::DQUOT)] {
        let shelf =
            Shelf::new(DiskScript { capacity: 1 << 20, quota, told_free: Some(1 << 40), ..DiskScript::default() });
        shelf.synced("first", &[1; 700_000]);
        assert_eq!(code(fs::write(shelf.path("second"), [1; 700_000])), Some(wanted), "the second does not fit");
        assert_eq!(rustix::fs::statvfs(shelf.place.path()).unwrap().f_bavail * 4096, 1 << 40, "though it was promised");
        fs::remove_file(shelf.path("first")).unwrap();
        fs::remove_file(shelf.path("second")).unwrap();
        fs::write(shelf.path("third"), [1; 700_000]).unwrap();
    }
}

#[test]
fn writes_and_syncs_fail_where_the_script_says() {
    let shelf = Shelf::new(with(vec![
        DiskFault::once("bad", DiskTrouble::Write).skipping(1),
        DiskFault::always("folder", DiskTrouble::FolderSync),
        DiskFault::once("full", DiskTrouble::Full),
    ]));
    let mut file = File::create(shelf.path("bad")).unwrap();
    file.write_all(b"one").unwrap();
    assert_eq!(code(file.write_all(b"two")), Some(Errno::IO), "the second write");
    file.write_all(b"three").unwrap();
    assert_eq!(code(fs::write(shelf.path("full"), "x")), Some(Errno::NOSPC), "full for one write");
    fs::create_dir(shelf.path("folder")).unwrap();
    for _ in 0..2 {
        assert_eq!(code(shelf.sync_folder("folder")), Some(Errno::IO), "this folder is never synced");
    }
    assert_eq!(code(shelf.sync_folder("")), None, "another one is");
    shelf.disk.play(with(vec![DiskFault::always("", DiskTrouble::ReadOnly)]));
    assert_eq!(code(file.write_all(b"four")), Some(Errno::ROFS), "read-only for open files");
    assert_eq!(code(fs::create_dir(shelf.path("new"))), Some(Errno::ROFS), "and for new names");
    assert_eq!(fs::read(shelf.path("bad")).unwrap(), b"onethree", "reading goes on");
}

#[test]
fn what_a_file_system_may_lack_is_refused() {
    let plain = Shelf::new(DiskScript::default());
    let poor = Shelf::new(DiskScript {
        refuse_direct: true,
        refuse_noreplace: true,
        refuse_fallocate: true,
        ..DiskScript::default()
    });
    for (shelf, wanted) in [(&plain, None), (&poor, Some(Errno::INVAL))] {
        fs::write(shelf.path("a"), [1; 4096]).unwrap();
        let moved = renameat_with(CWD, shelf.path("a"), CWD, shelf.path("b"), RenameFlags::NOREPLACE);
        assert_eq!(moved.err(), wanted, "RENAME_NOREPLACE");
        let mut file = File::create(shelf.path("c")).unwrap();
        assert_eq!(fallocate(&file, FallocateFlags::empty(), 0, 4096).err(), wanted, "fallocate");
        fcntl_setfl(&file, OFlags::DIRECT).unwrap();
        // Any memory will do: FUSE asks for no alignment.
        assert_eq!(code(file.write_all(&[1; 4096])), wanted, "a direct write");
        let direct = File::options().read(true).custom_flags(OFlags::DIRECT.bits() as i32).open(shelf.path("c"));
        assert_eq!(code(direct), wanted, "opening O_DIRECT");
    }
    fs::write(plain.path("d"), "d").unwrap();
    let onto = renameat_with(CWD, plain.path("d"), CWD, plain.path("b"), RenameFlags::NOREPLACE);
    assert_eq!(onto.err(), Some(Errno::EXIST), "NOREPLACE is honoured");
    assert_eq!(fs::read(plain.path("b")).unwrap(), [1; 4096], "and nothing was replaced");
}
