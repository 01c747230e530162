use crate::mounted::Tmpfs;
use crate::put;
use dock::{DockError, DockPlaces, Docked, SystemPaths, look, still_docked};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

const USB: &str =
    "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3/1-2.3:1.0/host6/target6:0:0/6:0:0:0/block/sdb/sdb1";
const CARD: &str = "40 30 8:17 / /media/li/执法\\0403号 ro,nosuid shared:9 - exfat /dev/sdb1 rw\n";

/// A system with one USB card known to udev, one disk known only by its links, and the usual noise.
fn system(place: &Path) -> SystemPaths {
    put(place, &format!("{USB}/size"), "62333952\n");
    put(place, "sys/devices/pci0000:00/ata1/block/sdc/sdc1/size", "2048\n");
    fs::create_dir_all(place.join("sys/dev/block")).unwrap();
    symlink(Path::new("../../..").join(USB), place.join("sys/dev/block/8:17")).unwrap();
    symlink("../../devices/pci0000:00/ata1/block/sdc/sdc1", place.join("sys/dev/block/8:33")).unwrap();
    let record = "I:123\nE:ID_FS_LABEL=执法_3号\nE:ID_FS_LABEL_ENC=执法\\x203号\nE:ID_FS_UUID=A1B2-C3D4\n";
    put(place, "run/udev/data/b8:17", record);
    for (link, target) in
        [("by-uuid/0f0e-11", "../../sdc1"), ("by-uuid/ffff-ff", "../../sdd1"), ("by-label/BODY\\x20CAM", "../../sdc1")]
    {
        let link = place.join("dev/disk").join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    mount_table(
        place,
        &format!(
            "22 30 0:21 / /proc rw - proc proc rw\n\
         23 30 8:1 / / rw - ext4 /dev/sda1 rw\n\
         31 30 0:50 / /media/li/网络 rw - cifs //server/share rw\n\
         32 30 0:51 / /media/li/auto rw - autofs systemd-1 rw\n\
         33 30 8:33 / /media rw - ext4 /dev/sdc1 rw\n\
         {CARD}\
         41 30 8:33 / /media/li/BODY\\040CAM rw - vfat /dev/sdc1 rw\n\
         42 30 8:49 / /media/li/pulled rw - vfat /dev/sdd1 rw\n\
         43 30 0:39 / /mnt/fuse rw - fuse.fusefat card.img rw\n\
         44 30 8:17 / /srv/li/elsewhere rw - exfat /dev/sdb1 rw\n\
         45 30 8:17 / /mnt/twice rw - exfat /dev/sdb1 rw\n\
         46 45 8:33 / /mnt/twice rw - vfat /dev/sdc1 rw\n"
        ),
    );
    let at = |part: &str| place.join(part);
    SystemPaths { proc: at("proc"), sys: at("sys"), udev: at("run/udev"), dev: at("dev") }
}

fn mount_table(place: &Path, text: &str) {
    put(place, "proc/self/mountinfo", text);
}

/// Where desktops mount, and where a person may.
fn with_mnt() -> DockPlaces {
    let mut places = DockPlaces::default();
    places.mount_roots.push("/mnt".into());
    places
}

#[test]
fn drives_are_told_from_the_system_alone() {
    let place = tempfile::tempdir().unwrap();
    let system = system(place.path());
    let drives = look(&with_mnt(), &system).unwrap();
    let seen: Vec<_> = drives
        .iter()
        .map(|d| {
            let f = &d.facts;
            let root = d.root.to_str().unwrap();
            (root, f.label.as_str(), f.serial.as_str(), f.fstype.as_str(), f.capacity, f.read_only, d.port.as_deref())
        })
        .collect();
    // None of these mount points exists: whatever is known of them was not read from a drive.
    let expected = vec![
        ("/media/li/BODY CAM", "BODY CAM", "0f0e-11", "vfat", 1_048_576, false, None),
        ("/media/li/执法 3号", "执法 3号", "A1B2-C3D4", "exfat", 31_914_983_424, true, Some("1-2.3")),
        ("/mnt/fuse", "", "", "fuse.fusefat", 0, false, None),
        ("/mnt/twice", "BODY CAM", "0f0e-11", "vfat", 1_048_576, false, None),
    ];
    assert_eq!(seen, expected, "shares, automounts, pulled and covered drives are not in the dock");
    let mut ids: Vec<_> = drives.iter().map(|d| d.id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each docking has its own id: {ids:?}");
}

#[test]
fn a_drive_is_still_docked_only_as_itself() {
    let place = tempfile::tempdir().unwrap();
    let system = system(place.path());
    let drives = look(&with_mnt(), &system).unwrap();
    let card: &Docked = drives.iter().find(|d| d.facts.serial == "A1B2-C3D4").unwrap();
    let node = place.path().join("sys/dev/block/8:17");
    let udev = "run/udev/data/b8:17";
    let same = CARD.to_owned();
    let rows: [(&str, String, &str, bool); 6] = [
        ("untouched", same.clone(), "E:ID_FS_UUID=A1B2-C3D4\n", true),
        ("remounted read-write", same.replace("ro,nosuid", "rw,nosuid"), "E:ID_FS_UUID=A1B2-C3D4\n", true),
        ("unmounted", String::new(), "E:ID_FS_UUID=A1B2-C3D4\n", false),
        ("mounted anew", same.replace("40 30", "41 30"), "E:ID_FS_UUID=A1B2-C3D4\n", false),
        ("mount point of another device", same.replace("8:17", "8:33"), "E:ID_FS_UUID=A1B2-C3D4\n", false),
        ("another card, all numbers reused", same.clone(), "E:ID_FS_UUID=0000-0001\n", false),
    ];
    for (what, table, record, expected) in rows {
        mount_table(place.path(), &table);
        put(place.path(), udev, record);
        assert_eq!(still_docked(card, &system), expected, "{what}");
    }
    mount_table(place.path(), &same);
    put(place.path(), udev, "E:ID_FS_UUID=A1B2-C3D4\n");
    fs::remove_file(node).unwrap();
    assert!(!still_docked(card, &system), "pulled without unmounting: the line stays, the device is gone");
}

#[test]
fn folders_stand_for_drives() {
    let place = tempfile::tempdir().unwrap();
    let shelf = place.path().join("shelf");
    put(&shelf, "03号/DCIM/a.mp4", "a");
    put(&shelf, "b\u{202e}/a.mp4", "a");
    put(&shelf, ".copying/a.mp4", "a");
    put(&shelf, "loose.mp4", "a");
    symlink("/etc", shelf.join("etc")).unwrap();
    let missing = place.path().join("missing");
    let places = DockPlaces { mount_roots: vec![], folders: vec![shelf.clone(), missing] };
    let system = SystemPaths::default();
    let atime = |path: &Path| fs::symlink_metadata(path).map(|m| (m.atime(), m.atime_nsec())).unwrap();
    let before = atime(&shelf.join("03号"));

    let drives = look(&places, &system).unwrap();
    let labels: Vec<_> = drives.iter().map(|d| (d.facts.label.as_str(), d.facts.fstype.as_str())).collect();
    assert_eq!(labels, [("03号", "folder"), (r"b\u{202e}", "folder")], "files, links and dot names are no drives");
    assert_eq!(atime(&shelf.join("03号")), before, "the drive's own folder was not listed");
    assert!(drives.iter().all(|d| still_docked(d, &system)), "a folder that stays is docked");

    fs::rename(shelf.join("03号"), shelf.join(".old")).unwrap();
    assert!(!still_docked(&drives[0], &system), "taken away");
    put(&shelf, "03号/DCIM/b.mp4", "b");
    assert!(!still_docked(&drives[0], &system), "another folder in its place is another drive");
    symlink(shelf.join(".old"), shelf.join("link")).unwrap();
    fs::remove_dir_all(shelf.join("03号")).unwrap();
    fs::rename(shelf.join("link"), shelf.join("03号")).unwrap();
    assert!(!still_docked(&drives[0], &system), "nor is a link to it");
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let place = tempfile::tempdir().unwrap();
    let at = |part: &str| place.path().join(part);
    let system = SystemPaths { proc: at("proc"), ..SystemPaths::default() };
    let places = with_mnt();
    assert!(matches!(look(&places, &system), Err(DockError::MountTable { .. })), "no mount table");
    mount_table(place.path(), "23 30 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n");
    let refused = look(&places, &system).unwrap_err().to_string();
    assert_eq!(refused, "cannot understand line 2 of the mount table: nonsense");
    put(place.path(), "file", "not a folder");
    let places = DockPlaces { mount_roots: vec![], folders: vec![at("file")] };
    assert!(matches!(look(&places, &SystemPaths::default()), Err(DockError::Folder { .. })), "a file as dock folder");
}

#[test]
fn a_real_mount_is_a_drive_with_a_size() {
    let place = tempfile::tempdir().unwrap();
    let root: PathBuf = fs::canonicalize(place.path()).unwrap();
    let point = root.join("记录仪 1");
    fs::create_dir(&point).unwrap();
    // Also a dock folder: the same drive must not be there twice.
    let places = DockPlaces { mount_roots: vec![root.clone()], folders: vec![root] };
    let system = SystemPaths::default();
    let Some(mount) = Tmpfs::mount(&point, "size=1m,ro") else { return };
    let drives = look(&places, &system).unwrap();
    assert_eq!(drives.len(), 1, "one drive, not a mount and a folder: {drives:?}");
    let facts = &drives[0].facts;
    assert_eq!((facts.fstype.as_str(), facts.capacity, facts.read_only), ("tmpfs", 1 << 20, true));
    assert!(still_docked(&drives[0], &system));
    drop(mount);
    assert!(!still_docked(&drives[0], &system), "the bare folder in its place is not the drive");
}
