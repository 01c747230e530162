//! The plan is pure: an inventory beside a memory.

use dock::{Entry, EntryKind, Inventory};
use intake::{Expected, Memory, plan};
use model::{ClipName, Problem, ProblemCode};
use std::convert::Infallible;

fn entry(name: &str, size: u64) -> Entry {
    Entry {
        path: name.into(),
        shown: name.to_owned(),
        name: ClipName::from_bytes(name.as_bytes().to_vec()),
        size,
        mtime: 0,
        mtime_nanos: 0,
        device: 1,
        inode: 1,
        kind: EntryKind::Footage,
        recorded_from: None,
    }
}

/// Remembers by the first letter: `d` done by this job, `h` held, `b` both.
struct Letters;

impl Memory for Letters {
    type Error = Infallible;

    fn met_by_this_job(&self, entry: &Entry) -> Result<bool, Infallible> {
        Ok(entry.shown.starts_with(['d', 'b']))
    }

    fn suggests_held(&self, entry: &Entry) -> Result<bool, Infallible> {
        Ok(entry.shown.starts_with(['h', 'b']))
    }
}

#[test]
fn each_file_of_the_drive_gets_its_step() {
    use Expected::{AlreadyHeld, Done, New};
    type Row<'a> = (&'a str, &'a [(&'a str, u64)], &'a [Expected], u64, u64);
    let rows: &[Row<'_>] = &[
        ("an empty drive", &[], &[], 0, 0),
        ("new files", &[("n1", 10), ("n2", 5)], &[New, New], 15, 15),
        ("held files are read, not written", &[("n", 10), ("h", 7)], &[New, AlreadyHeld], 10, 17),
        ("done files are not read again", &[("d", 100), ("n", 1)], &[Done, New], 1, 1),
        ("what this job did outweighs what it remembers", &[("b", 9)], &[Done], 0, 0),
        ("a corrupt card claims more than there is", &[("n", u64::MAX), ("n2", 2)], &[New, New], u64::MAX, u64::MAX),
    ];
    for (what, files, expected, new_bytes, bytes) in rows {
        let entries: Vec<Entry> = files.iter().map(|(name, size)| entry(name, *size)).collect();
        let problem = Problem::new(ProblemCode::SymlinkRefused, "link");
        let planned = plan(Inventory { entries: entries.clone() }, vec![problem.clone()], &Letters).unwrap();
        let found: Vec<Expected> = planned.steps.iter().map(|step| step.expected).collect();
        assert_eq!(found, *expected, "{what}");
        let kept: Vec<Entry> = planned.steps.iter().map(|step| step.entry.clone()).collect();
        assert_eq!(kept, entries, "{what}: every file, in its order: all or none");
        assert_eq!((planned.new_bytes(), planned.bytes()), (*new_bytes, *bytes), "{what}: bytes to write and to read");
        assert_eq!(planned.problems, [problem], "{what}: what the inventory said is kept");
    }
}
