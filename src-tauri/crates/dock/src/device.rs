//! What the system knows of a block device, without asking the device: udev's database, the `by-*` links, sysfs.

use crate::SystemPaths;
use model::escape_bytes;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A record of udev's database is a few kilobytes; more is not read.
const UDEV_RECORD_BYTES_MAX: u64 = 64 * 1024;
/// sysfs counts in sectors of 512 bytes, whatever the device's own are.
const SECTOR_BYTES: u64 = 512;

/// Facts of a block device; what the system does not tell stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockDevice {
    pub label: String,
    pub serial: String,
    /// Bytes.
    pub capacity: Option<u64>,
    /// USB port chain, such as `1-2.3`: port 3 of the hub at port 2 of bus 1.
    pub port: Option<String>,
}

/// Whether sysfs still has the device. A pulled drive leaves a stale line in the mount table but not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Gone,
    /// No block device (FUSE, tmpfs), or no sysfs to ask.
    Unknown,
}

pub(crate) fn presence(device: (u32, u32), system: &SystemPaths) -> Presence {
    let devices = system.sys.join("dev/block");
    if device.0 == 0 || !devices.is_dir() {
        Presence::Unknown
    } else if devices.join(numbers(device)).exists() {
        Presence::Present
    } else {
        Presence::Gone
    }
}

/// Returns what the system knows of the device.
pub(crate) fn describe(device: (u32, u32), system: &SystemPaths) -> BlockDevice {
    let node = system.sys.join("dev/block").join(numbers(device));
    let home = fs::canonicalize(&node).ok();
    let record = udev_record(device, system);
    let from_record = |keys: [&str; 2]| keys.iter().find_map(|key| property(&record, key));
    let device_name = home.as_deref().and_then(Path::file_name);
    let from_links = |folder: &str| device_name.and_then(|name| link_to(&system.dev.join("disk").join(folder), name));
    BlockDevice {
        label: from_record(["ID_FS_LABEL_ENC", "ID_FS_LABEL"]).or_else(|| from_links("by-label")).unwrap_or_default(),
        serial: from_record(["ID_FS_UUID_ENC", "ID_FS_UUID"]).or_else(|| from_links("by-uuid")).unwrap_or_default(),
        capacity: fs::read_to_string(node.join("size"))
            .ok()
            .and_then(|sectors| sectors.trim().parse::<u64>().ok())
            .map(|sectors| sectors.saturating_mul(SECTOR_BYTES)),
        port: home.as_deref().and_then(port_chain),
    }
}

fn numbers((major, minor): (u32, u32)) -> String {
    format!("{major}:{minor}")
}

/// Returns the record of udev's database, empty where udev does not run.
fn udev_record(device: (u32, u32), system: &SystemPaths) -> Vec<u8> {
    let path = system.udev.join("data").join(format!("b{}", numbers(device)));
    let mut record = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(UDEV_RECORD_BYTES_MAX).read_to_end(&mut record)) {
        Ok(_) => record,
        Err(_) => Vec::new(),
    }
}

/// Returns the value of an `E:KEY=value` line, decoded and escaped for display; `None` where it is empty.
fn property(record: &[u8], key: &str) -> Option<String> {
    record
        .split(|&b| b == b'\n')
        .find_map(|line| line.strip_prefix(b"E:")?.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
        .map(|value| escape_bytes(&unescape(value)))
        .filter(|value| !value.is_empty())
}

/// Returns the name of the link in a `by-*` folder that leads to the device.
fn link_to(folder: &Path, device_name: &OsStr) -> Option<String> {
    let mut names: Vec<Vec<u8>> = fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter(|link| fs::read_link(link.path()).is_ok_and(|target: PathBuf| target.file_name() == Some(device_name)))
        .map(|link| unescape(link.file_name().as_bytes()))
        .collect();
    // Directory order is chance; the answer must not be.
    names.sort_unstable();
    names.first().map(|name| escape_bytes(name))
}

/// Undoes udev's `\x20` for bytes outside its plain set.
fn unescape(value: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'\\', b'x', high, low, after @ ..] => {
                digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4 | low, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        out.push(byte);
        rest = after;
    }
    out
}

/// Returns the USB port chain of a device's place in sysfs: the deepest component that names a port, such as
/// `1-2.3` in `…/usb1/1-2/1-2.3/1-2.3:1.0/host6/…/sdb1`.
fn port_chain(home: &Path) -> Option<String> {
    home.components().filter_map(|part| part.as_os_str().to_str()).rfind(|part| is_port(part)).map(str::to_owned)
}

/// `bus-port[.port…]`, digits only: neither an interface (`1-2:1.0`) nor a SCSI address (`6:0:0:0`).
fn is_port(part: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    part.split_once('-').is_some_and(|(bus, ports)| is_number(bus) && ports.split('.').all(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_chain_is_read_from_the_place_in_sysfs() {
        let rows = [
            (
                "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3/1-2.3:1.0/host6/target6:0:0/6:0:0:0/block/sdb/sdb1",
                Some("1-2.3"),
            ),
            ("/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host7/target7:0:0/7:0:0:0/block/sdc", Some("2-1")),
            ("/sys/devices/platform/soc/xhci-hcd.0/usb3/3-1/3-1.4/3-1.4.2/3-1.4.2:1.0/block/sdd/sdd1", Some("3-1.4.2")),
            ("/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda1", None),
            ("/sys/devices/virtual/block/loop0", None),
        ];
        for (home, expected) in rows {
            assert_eq!(port_chain(Path::new(home)).as_deref(), expected, "port of {home}");
        }
    }

    #[test]
    fn properties_are_decoded_and_made_safe_to_show() {
        let record = "S:disk/by-uuid/A1B2-C3D4\nE:ID_FS_LABEL=执法_3号\nE:ID_FS_LABEL_ENC=执法\\x203号\n\
                      E:ID_FS_UUID=\nE:RTL_ENC=a\\xe2\\x80\\xaeb\nE:ODD=a\\xzz\n";
        let rows = [
            ("ID_FS_LABEL_ENC", Some("执法 3号")),
            ("ID_FS_LABEL", Some("执法_3号")),
            ("ID_FS_UUID", None),
            ("ID_FS", None),
            ("RTL_ENC", Some(r"a\u{202e}b")),
            ("ODD", Some(r"a\\xzz")),
        ];
        for (key, expected) in rows {
            assert_eq!(property(record.as_bytes(), key).as_deref(), expected, "property {key}");
        }
    }
}
