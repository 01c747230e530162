//! What a mount makes of the times that a recorder wrote.

use crate::Docked;
use model::{Instant, StationZone, is_written, shifted};

/// FAT: local fields and nothing else.
const LOCAL_FIELDS: [&str; 2] = ["vfat", "msdos"];
/// exFAT: local fields, and for some entries the offset that they were written with. `fuseblk` is exFAT or NTFS.
const SOME_OFFSETS: [&str; 4] = ["exfat", "fuse.exfat", "fuse.exfat-fuse", "fuseblk"];

/// How the times of a drive's files, as the mount gives them, came about.
///
/// FAT stores local fields without a zone. The kernel takes them for UTC (`tz=UTC`), for local time of a given offset
/// (`time_offset=480`), or else of the machine's own zone as it was when the machine started. What the mount gives
/// differs then from station to station, and from one docking to the next; the fields do not.
///
/// exFAT stores the same fields, and an entry may carry the offset that its recorder was set to: the kernel then gives
/// true UTC, and shifts only the entries without one. Which of the two a file is cannot be seen through the mount, so
/// the fields of exFAT are not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeBasis {
    /// File system as the mount table names it.
    pub fstype: String,
    /// Mount options that shift times; empty when none.
    pub options: String,
    /// Minutes east of UTC that the mount takes fields without an offset of their own to be in; `None` where the file
    /// system stores UTC, or where nobody can say.
    pub offset_minutes: Option<i32>,
}

/// Returns how a drive's times are to be read. `machine_minutes`: the offset of this machine's own zone, which FAT is
/// read in unless the mount says otherwise; the kernel does not tell its own, so this is an assumption.
pub fn time_basis(docked: &Docked, machine_minutes: i32) -> TimeBasis {
    let (fstype, options) = (&docked.facts.fstype, &docked.time_options);
    let given = options.split(',').find_map(|option| match option.split_once('=') {
        Some(("time_offset", minutes)) => minutes.parse().ok(),
        Some(("tz", "UTC")) => Some(0),
        _ => (option == "sys_tz").then_some(machine_minutes),
    });
    let offset_minutes = match fstype.as_str() {
        fat if LOCAL_FIELDS.contains(&fat) => Some(given.unwrap_or(machine_minutes)),
        // The kernel's default is UTC; what a FUSE program does is its own affair.
        "exfat" => Some(given.unwrap_or(0)),
        _ => None,
    };
    TimeBasis { fstype: fstype.clone(), options: options.clone(), offset_minutes }
}

impl TimeBasis {
    /// Returns the fields that FAT stores for a time, such as `2026-11-21T09:02:04`; empty where the file system stores
    /// UTC or the fields cannot be told.
    pub fn local(&self, mtime: i64) -> String {
        let Some(fields) = self.fields(mtime, 0) else { return String::new() };
        let utc = StationZone::from_minutes(0).expect("UTC is a zone");
        utc.show(fields).replace(' ', "T")
    }

    /// Returns a file's time as the recorder's clock had it, the recorder taken to be set to the unit's zone; `None`
    /// where the mount may have shifted it by whole hours and nobody can say.
    pub fn recorder_time(&self, mtime: i64, mtime_nanos: u32, zone: StationZone) -> Option<Instant> {
        if SOME_OFFSETS.contains(&self.fstype.as_str()) {
            return None;
        }
        let time = match self.offset_minutes {
            Some(_) => shifted(self.fields(mtime, mtime_nanos)?, -millis(zone.minutes())),
            None => Instant::from_timestamp(mtime, mtime_nanos),
        };
        time.filter(|at| is_written(*at))
    }

    /// Returns FAT's fields as if they were UTC.
    fn fields(&self, mtime: i64, mtime_nanos: u32) -> Option<Instant> {
        let offset = self.offset_minutes.filter(|_| LOCAL_FIELDS.contains(&self.fstype.as_str()))?;
        shifted(Instant::from_timestamp(mtime, mtime_nanos)?, millis(offset)).filter(|at| is_written(*at))
    }
}

fn millis(minutes: i32) -> i64 {
    i64::from(minutes) * 60_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::parse_instant;

    fn basis(fstype: &str, options: &str, machine_minutes: i32) -> TimeBasis {
        let docked = Docked::example(fstype, options);
        time_basis(&docked, machine_minutes)
    }

    #[test]
    fn row_22_fat_fields_are_the_same_however_they_are_mounted() {
        // 09:02:04 on the recorder, as each mount gives it.
        let rows = [
            ("machine in Beijing", "vfat", "", 480, "2026-11-21T01:02:04Z", Some(480)),
            ("machine in Berlin", "vfat", "", 60, "2026-11-21T08:02:04Z", Some(60)),
            ("machine set back by summer time", "msdos", "", 120, "2026-11-21T07:02:04Z", Some(120)),
            ("mounted as UTC", "vfat", "tz=UTC", 480, "2026-11-21T09:02:04Z", Some(0)),
            ("mounted with an offset", "vfat", "time_offset=-330", 480, "2026-11-21T14:32:04Z", Some(-330)),
        ];
        for (what, fstype, options, machine, mounted, offset) in rows {
            let basis = basis(fstype, options, machine);
            let mtime = parse_instant(mounted).map_or(0, |at| at.timestamp());
            assert_eq!((basis.offset_minutes, basis.options.as_str()), (offset, options), "{what}: is written down");
            assert_eq!(basis.local(mtime), "2026-11-21T09:02:04", "{what}: the raw fields are equal");
            let on_the_recorder = basis.recorder_time(mtime, 0, StationZone::beijing());
            assert_eq!(on_the_recorder, parse_instant("2026-11-21T09:02:04+08:00"), "{what}: and so is its clock");
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let mtime = 1_795_222_924;
        let zone = StationZone::beijing();
        for (fstype, options, offset) in [
            ("exfat", "", Some(0)),
            ("exfat", "time_offset=480", Some(480)),
            ("exfat", "sys_tz", Some(60)),
            ("fuseblk", "", None),
        ] {
            let basis = basis(fstype, options, 60);
            assert_eq!(basis.offset_minutes, offset, "{fstype} {options}");
            assert_eq!(basis.local(mtime), "", "{fstype} {options}: an entry may carry its own offset");
            assert_eq!(basis.recorder_time(mtime, 0, zone), None, "{fstype} {options}: eight hours either way");
        }
        for fstype in ["ext4", "folder", "fuse.card", "tmpfs"] {
            let basis = basis(fstype, "", 60);
            assert_eq!((basis.offset_minutes, basis.local(mtime)), (None, String::new()), "{fstype} stores UTC");
            assert_eq!(basis.recorder_time(mtime, 5, zone), Instant::from_timestamp(mtime, 5), "{fstype}: as it is");
        }
        let fat = basis("vfat", "", 480);
        for mtime in [i64::MIN, i64::MAX, 253_402_300_799] {
            assert_eq!(
                (fat.local(mtime).as_str(), fat.recorder_time(mtime, 0, zone).is_some()),
                ("", false),
                "{mtime}"
            );
        }
    }
}
