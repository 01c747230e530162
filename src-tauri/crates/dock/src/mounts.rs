//! The mount table, `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

use crate::DockError;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// On a machine that mounts all the time the last reading has to do.
const READINGS_MAX: u32 = 5;

/// One line of the mount table, as far as the dock needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Reused by the kernel once the mount is gone.
    pub id: u32,
    /// `st_dev` of its files as `(major, minor)`.
    pub device: (u32, u32),
    pub point: PathBuf,
    pub fstype: String,
    pub read_only: bool,
    /// Options that shift times, such as `tz=UTC`; empty when none.
    pub time_options: String,
}

/// Options of FAT and exFAT mounts that say how local fields become UTC.
const TIME_OPTIONS: [&[u8]; 3] = [b"tz=", b"time_offset=", b"sys_tz"];

/// Reads the table and returns what is visible, in the order of mounting: of several mounts on one point only
/// the last.
pub(crate) fn read(proc_root: &Path) -> Result<Vec<Mount>, DockError> {
    let table = read_settled(&proc_root.join("self/mountinfo"))?;
    let mut mounts: Vec<Mount> = Vec::new();
    for (index, line) in table.split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let mount =
            parse(line).ok_or_else(|| DockError::MountLine { line: index + 1, text: model::escape_bytes(line) })?;
        mounts.retain(|earlier| earlier.point != mount.point);
        mounts.push(mount);
    }
    Ok(mounts)
}

/// Reads the table until two readings agree: before Linux 5.8 a mount elsewhere in the middle of a reading could
/// hide a line, and a drive would seem pulled.
fn read_settled(path: &Path) -> Result<Vec<u8>, DockError> {
    let read = || std::fs::read(path).map_err(|source| DockError::MountTable { path: path.to_owned(), source });
    let mut table = read()?;
    for _ in 0..READINGS_MAX {
        let again = read()?;
        if again == table {
            break;
        }
        table = again;
    }
    Ok(table)
}

/// `36 35 98:0 /root /point rw,noatime shared:1 … - ext4 /dev/sdb1 rw,errors=continue`
fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|&b| b == b' ');
    let id = number(fields.next()?)?;
    let _parent = fields.next()?;
    let mut device = fields.next()?.splitn(2, |&b| b == b':');
    let device = (number(device.next()?)?, number(device.next()?)?);
    let _root = fields.next()?;
    let point = PathBuf::from(OsString::from_vec(unescape(fields.next()?)));
    let mount_options = fields.next()?;
    // Optional fields, any number of them, end with a single hyphen.
    fields.find(|field| *field == b"-")?;
    let fstype = String::from_utf8(unescape(fields.next()?)).ok()?;
    let _source = fields.next()?;
    let super_options = fields.next()?;
    let read_only = [mount_options, super_options].iter().any(|o| o.split(|&b| b == b',').any(|o| o == b"ro"));
    let shifts = |option: &&[u8]| TIME_OPTIONS.iter().any(|shifting| option.starts_with(shifting));
    let shifting: Vec<&[u8]> = super_options.split(|&b| b == b',').filter(shifts).collect();
    let time_options = model::escape_bytes(&shifting.join(&b','));
    Some(Mount { id, device, point, fstype, read_only, time_options })
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Undoes the kernel's `\040` for space, tab, newline, backslash and `#`; all other bytes stand for themselves.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn lines_are_read_as_the_kernel_writes_them() {
        type Row = (&'static str, &'static [u8], Option<(u32, (u32, u32), &'static [u8], &'static str, bool)>);
        let rows: &[Row] = &[
            ("plain", b"36 35 8:17 / /media/a rw - vfat /dev/sdb1 rw", Some((36, (8, 17), b"/media/a", "vfat", false))),
            (
                "space, tab, newline, backslash, hash",
                br"36 35 8:17 / /media/a\040b\011c\012d\134040\043 rw - vfat /dev/sdb1 rw",
                Some((36, (8, 17), b"/media/a b\tc\nd\\040#", "vfat", false)),
            ),
            (
                "UTF-8",
                "36 35 8:17 / /media/执法\\0403号 rw shared:1 master:2 - exfat /dev/sdb1 rw".as_bytes(),
                Some((36, (8, 17), "/media/执法 3号".as_bytes(), "exfat", false)),
            ),
            (
                "no UTF-8",
                b"36 35 8:17 / /media/\xff rw - vfat x rw",
                Some((36, (8, 17), b"/media/\xff", "vfat", false)),
            ),
            ("mount is ro", b"36 35 8:17 / /m ro,noatime - vfat x rw", Some((36, (8, 17), b"/m", "vfat", true))),
            ("super block is ro", b"36 35 8:17 / /m rw - vfat x ro,uid=0", Some((36, (8, 17), b"/m", "vfat", true))),
            (
                "options that only begin with ro",
                b"36 35 8:17 / /m rw - vfat x rw,errors=remount-ro,rootcontext=x",
                Some((36, (8, 17), b"/m", "vfat", false)),
            ),
            ("FUSE", b"36 35 0:39 / /m rw - fuse.fusefat x rw", Some((36, (0, 39), b"/m", "fuse.fusefat", false))),
            ("cut off", b"36 35 8:17 / /m rw", None),
            ("no number", b"x 35 8:17 / /m rw - vfat x rw", None),
            ("no hyphen", b"36 35 8:17 / /m rw shared:1 vfat x rw", None),
        ];
        for (what, line, expected) in rows {
            let got = parse(line);
            let got =
                got.as_ref().map(|m| (m.id, m.device, m.point.as_os_str().as_bytes(), m.fstype.as_str(), m.read_only));
            assert_eq!(got, *expected, "{what}");
        }
    }

    #[test]
    fn options_that_shift_times_are_kept() {
        for (options, expected) in [
            ("rw,uid=0,tz=UTC,codepage=437", "tz=UTC"),
            ("rw,time_offset=-330", "time_offset=-330"),
            ("rw,iocharset=utf8,sys_tz,errors=remount-ro", "sys_tz"),
            ("rw,uid=0,codepage=437", ""),
        ] {
            let mount = parse(format!("36 35 8:17 / /m rw,relatime - vfat /dev/sdb1 {options}").as_bytes());
            assert_eq!(mount.map(|m| m.time_options).as_deref(), Some(expected), "{options}");
        }
    }
}
