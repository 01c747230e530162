//! What a crash leaves between two steps, made by hand; station's tests kill a real process.

use crate::bench::Bench;
use intake::{SIDECAR_FILE, adopt, clip_folders, complete, settle};
use model::{Actor, ProblemCode};
use register::{Places, Register};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Returns a vault with a drive taken in, and the same folders under a register that knows nothing of them: the state
/// after a crash between publishing and registering.
fn forgotten(count: u32) -> (Bench, Vec<PathBuf>) {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", count, 3_000);
    bench.intake(&drive);
    let folders = clip_folders(&bench.vault.join("originals")).unwrap();
    assert_eq!(folders.len() as u32, count, "a folder a clip");
    fs::remove_dir_all(bench.vault.join("register")).unwrap();
    fs::remove_dir_all(bench.vault.join("ledger")).unwrap();
    let Bench { ref vault, .. } = bench;
    drop(Register::create(&Places::below(vault)).unwrap());
    (bench.reopened(), folders)
}

fn writable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn published_originals_without_a_row_are_taken_over() {
    let (bench, _) = forgotten(3);
    let settled = bench.at_desk(adopt).unwrap();
    assert_eq!((settled.adopted, settled.problems.as_slice()), (3, &[][..]), "all of them");
    bench.at_desk(|desk| complete(desk, &Actor::Station)).unwrap();
    bench.check_custody();
    bench.check_holds(&bench.place().join("dock/CARD"));
    assert_eq!(bench.at_desk(adopt).unwrap(), intake::Settled::default(), "a second look finds nothing new");
}

#[test]
fn an_original_is_taken_over_only_if_its_bytes_are_what_its_sidecar_says() {
    type Spoil = fn(&Path, &Path);
    let rows: &[(&str, Spoil, ProblemCode)] = &[
        (
            "a flipped bit",
            |_, original| {
                let mut bytes = fs::read(original).unwrap();
                bytes[100] ^= 1;
                fs::write(original, bytes).unwrap();
            },
            ProblemCode::OriginalChanged,
        ),
        ("a cut file", |_, original| fs::write(original, "short").unwrap(), ProblemCode::OriginalChanged),
        ("no original", |_, original| fs::remove_file(original).unwrap(), ProblemCode::OriginalUnreadable),
        ("no sidecar", |folder, _| fs::remove_file(folder.join(SIDECAR_FILE)).unwrap(), ProblemCode::SidecarMissing),
        (
            "a torn sidecar",
            |folder, _| fs::write(folder.join(SIDECAR_FILE), "{\"evi").unwrap(),
            ProblemCode::SidecarMissing,
        ),
        (
            "a sidecar with another SM3",
            |folder, _| {
                let path = folder.join(SIDECAR_FILE);
                let mut sidecar = intake::Sidecar::read(folder).unwrap();
                sidecar.clip.sm3 = sidecar.clip.sha256.clone();
                fs::write(path, serde_json::to_vec(&sidecar).unwrap()).unwrap();
            },
            ProblemCode::OriginalChanged,
        ),
        (
            "a sidecar that points elsewhere",
            |folder, _| {
                let path = folder.join(SIDECAR_FILE);
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.replace("originals/2026", "originals/../../2026")).unwrap();
            },
            ProblemCode::SidecarDiffers,
        ),
        (
            "a folder under another's id",
            |folder, _| fs::rename(folder, folder.with_file_name(format!("01KZZ{:021}", 7))).unwrap(),
            ProblemCode::SidecarDiffers,
        ),
    ];
    for (what, spoil, code) in rows {
        let (bench, folders) = forgotten(2);
        let original = fs::read_dir(&folders[0])
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| !path.ends_with(SIDECAR_FILE))
            .unwrap();
        writable(&original);
        writable(&folders[0].join(SIDECAR_FILE));
        spoil(&folders[0], &original);
        let settled = bench.at_desk(adopt).unwrap();
        assert_eq!(settled.adopted, 1, "{what}: the other one is taken over: {settled:?}");
        let codes: Vec<ProblemCode> = settled.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [*code], "{what}: {:?}", settled.problems);
        assert!(settled.problems[0].path.starts_with("originals/2026/11/21/CARD/"), "{what}: {:?}", settled.problems);
        assert!(bench.stored_files().len() >= 3, "{what}: nothing is thrown away");
        assert_eq!(bench.clips().len(), 1, "{what}: no row for bytes that are not right");
    }
}

#[test]
fn staged_copies_that_nobody_verified_are_cleared() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    bench.intake(&drive);
    let left = bench.vault.join("staging").join(format!("01KZZ{:021}", 1));
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("half.MP4"), "half").unwrap();
    let settled = bench.at_desk(settle).unwrap();
    assert_eq!((settled.discarded, settled.adopted, settled.interrupted), (1, 0, 0), "the source still has it");
    bench.check_custody();
}

#[test]
fn a_copy_that_reads_back_differently_is_put_aside_and_made_again() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    // The run asks once a file is copied and before it is read back: the disk then turns a byte.
    let spoil = |ask| {
        if ask == 1 {
            let staged = crate::bench::files_below(&bench.vault.join("staging"));
            let mut bytes = fs::read(&staged[0]).unwrap();
            bytes[1000] ^= 0x10;
            fs::write(&staged[0], bytes).unwrap();
        }
    };
    let outcome = bench.dock(drive.root()).run_beside(&intake::Meter::default(), &spoil).unwrap();
    assert!(matches!(outcome.end, intake::End::Done), "{:?}", outcome.end);
    assert_eq!((outcome.stored, outcome.refused), (2, 0), "the second copy is right: {:?}", outcome.problems);
    let codes: Vec<ProblemCode> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::ReadBackMismatch], "but the disk is not, and that is said");
    assert_eq!(bench.job(&outcome.job).refused, 0, "everything came in");
    let said = bench.read(|view| view.job_problems(&outcome.job, 9));
    assert!(bench.vault.join(&said[0].detail).is_dir(), "the register knows where the bad copy is: {said:?}");
    let aside = crate::bench::files_below(&bench.vault.join("quarantine"));
    assert_eq!(aside.len(), 1, "the bad copy is kept for whoever looks into the disk");
    bench.check_custody();
    bench.check_holds(drive.root());
}

#[test]
fn a_disk_that_always_turns_a_byte_gives_a_problem_and_no_clip() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 1, 3_000);
    let spoil = |_| {
        for staged in crate::bench::files_below(&bench.vault.join("staging")) {
            fs::write(&staged, "other bytes").unwrap();
        }
    };
    let outcome = bench.dock(drive.root()).run_beside(&intake::Meter::default(), &spoil).unwrap();
    let codes: Vec<ProblemCode> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::ReadBackMismatch; 3], "said of each of three tries");
    for problem in &outcome.problems {
        assert!(problem.detail.starts_with("quarantine/"), "and where it is: {problem:?}");
        assert!(bench.vault.join(&problem.detail).is_dir(), "each in its own place: {problem:?}");
    }
    assert_eq!((outcome.refused, bench.job(&outcome.job).refused), (1, 1), "one file was not taken in");
    assert_eq!((outcome.stored, bench.clips().len()), (0, 0), "never a clip");
    bench.check_custody();
}

#[test]
fn the_store_is_walked_after_a_job_that_failed() {
    for (state, adopted) in [("failed", 2), ("cancelled", 0)] {
        let (bench, _) = forgotten(2);
        let docking = bench.dock(&bench.place().join("dock/CARD"));
        let (opening, officer) = (docking.opening(), crate::bench::officer());
        bench.at_desk(|desk| intake::open(desk, &opening, &officer)).unwrap();
        bench.at_desk(|desk| intake::abandon(desk, &opening, &officer, state, None)).unwrap();
        assert_eq!(bench.at_desk(settle).unwrap().adopted, adopted, "the newest job was {state}");
    }
}
