//! Trouble with our own disk. Needs root for a file system of its own; without, each test says that it was skipped.

use crate::bench::{Bench, Mounted};
use intake::{End, IntakeError, Meter, settle};
use model::ErrorCode;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

/// Builds a bench whose vault lies on a file system of its own.
fn small(mebibytes: u32) -> Option<(Bench, Mounted)> {
    let place = tempfile::tempdir().unwrap();
    let point = place.path().join("disk");
    let disk = Mounted::tmpfs(&point, mebibytes)?;
    Some((Bench::over(place, point.join("vault")), disk))
}

/// Writes until nothing more goes onto the disk, save `spare` bytes.
fn fill(folder: &Path, spare: u64) {
    let path = folder.join("filler");
    let mut file = File::create(&path).unwrap();
    while file.write_all(&[0; 1 << 16]).is_ok() {}
    let full = fs::metadata(&path).unwrap().len();
    file.set_len(full.saturating_sub(spare)).unwrap();
}

#[test]
fn a_disk_that_cannot_hold_the_drive_is_refused_before_anything_is_written() {
    let Some((bench, _disk)) = small(260) else { return };
    let drive = bench.noise_drive("CARD", 2, 4 << 20);
    let docking = bench.dock(drive.root());
    let job = docking.job.clone();
    let failure = docking.run().unwrap_err();
    assert!(matches!(failure, IntakeError::TargetFull { needed, free } if needed > free), "{failure:?}");
    assert_eq!(failure.code(), ErrorCode::TargetFull, "the code the window words");
    assert_eq!((bench.stored_files().len(), bench.staged().len()), (0, 0), "no file was made");
    let row = bench.job(&job);
    assert_eq!((row.state.as_str(), row.error), ("failed", Some(ErrorCode::TargetFull)), "the job says why");
    assert_eq!((row.files, row.stored, row.refused), (2, 0, 0), "and what it would have been");
    bench.check_custody();
}

#[test]
fn what_other_runs_may_still_write_is_not_free() {
    let Some((bench, _disk)) = small(300) else { return };
    let drive = bench.noise_drive("CARD", 2, 4 << 20);
    bench.promised.store(u64::MAX, std::sync::atomic::Ordering::Relaxed);
    let failure = bench.dock(drive.root()).run().unwrap_err();
    assert!(matches!(failure, IntakeError::TargetFull { free: 0, .. }), "{failure:?}");
    bench.promised.store(1 << 20, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(bench.intake(&drive).stored, 2, "there is room for both");
    bench.check_custody();
}

#[test]
fn a_read_only_disk_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    let docking = bench.dock(drive.root());
    let Some(_sealed) = Mounted::seal(&bench.vault) else { return };
    let failure = docking.run().unwrap_err();
    assert_eq!(failure.code(), ErrorCode::TargetReadOnly, "{failure:?}");
    assert_eq!(bench.read(|view| view.jobs(9)).len(), 0, "no job was opened");
}

#[test]
fn a_disk_that_fills_up_meanwhile_stops_the_run_and_registers_no_half() {
    // Bytes left when the disk fills: nothing; room for the register, not for a clip; room for a clip and little more.
    for spare in [0, 1 << 20, 5 << 20] {
        let Some((bench, _disk)) = small(320) else { return };
        let drive = bench.noise_drive("CARD", 5, 4 << 20);
        let filled = |ask| {
            if ask == 2 {
                fill(bench.vault.parent().unwrap(), spare);
            }
        };
        let outcome = bench.dock(drive.root()).run_beside(&Meter::default(), &filled).unwrap();
        let End::Failed(failure) = &outcome.end else { panic!("{spare} bytes spare: {:?}", outcome.end) };
        assert_eq!(failure.code(), ErrorCode::TargetFull, "{spare} bytes spare: {failure:?}");
        assert!(outcome.stored < 5, "{spare} bytes spare: not everything went in");

        // Somebody makes room and starts the program again.
        fs::remove_file(bench.vault.parent().unwrap().join("filler")).unwrap();
        let bench = bench.reopened();
        bench.at_desk(settle).unwrap();
        bench.check_custody();
        let outcome = bench.intake(&drive);
        assert!(matches!(outcome.end, End::Done), "{spare} bytes spare: {:?}", outcome.end);
        bench.check_custody();
        bench.check_holds(drive.root());
        assert_eq!(bench.clips().len(), 5, "{spare} bytes spare: nothing lost, nothing twice");
    }
}

#[test]
fn a_disk_that_turns_read_only_meanwhile_stops_the_run_and_registers_no_half() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 4, 2 << 20);
    let sealed = Mutex::new(None);
    let turn = |ask| {
        if ask == 2 {
            *sealed.lock().unwrap() = Some(Mounted::seal(&bench.vault));
        }
    };
    let outcome = bench.dock(drive.root()).run_beside(&Meter::default(), &turn).unwrap();
    // Some(None): the test may not mount here.
    let Some(Some(sealed)) = sealed.into_inner().unwrap() else { return };
    let End::Failed(failure) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(failure.code(), ErrorCode::TargetReadOnly, "{failure:?}");
    assert!(outcome.stored <= 1, "nothing is stored on a disk that takes nothing");
    drop(sealed);
    let bench = bench.reopened();
    bench.at_desk(settle).unwrap();
    bench.check_custody();
    bench.intake(&drive);
    bench.check_custody();
    bench.check_holds(drive.root());
}
