//! Any script of faults: nothing lost that was called verified, nothing doubled, ledger and store agree, and the next
//! clean run brings the rest.

use crate::bench::{Bench, files_below};
use crate::script::{Act, DiskFault, DriveFault, EIO, ENOSPC, EROFS, FaultyDisk, FaultyDrive};
use intake::{End, Meter, clip_folders, settle};
use model::Digest;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

/// Contents with their sizes, read past the fault layers.
fn contents(bench: &Bench) -> BTreeSet<(Digest, u64)> {
    let rows = bench.clips();
    for row in &rows {
        let (size, digests) = fixity::digest(File::open(bench.vault.join(&row.clip.stored_path)).unwrap()).unwrap();
        assert_eq!((size, digests), (row.clip.size, row.clip.digests), "{}: its bytes are there", row.clip.number);
    }
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger, its files and the tables agree");
    let held: BTreeSet<_> = rows.iter().map(|row| (row.clip.digests.blake3, row.clip.size)).collect();
    assert_eq!(held.len(), rows.len(), "no content twice");
    for row in &rows {
        let seen = bench.sightings(row);
        let places: BTreeSet<_> = seen.iter().map(|seen| (&seen.job, &seen.path, seen.source_mtime)).collect();
        assert_eq!(places.len(), seen.len(), "{}: no meeting twice", row.clip.number);
    }
    held
}

fn check(drive_faults: BTreeMap<u64, DriveFault>, disk_faults: &[DiskFault], second_read: bool) {
    let mut bench = Bench::new();
    bench.second_read = second_read;
    let mut card = bench.noise_drive("CARD", 9, 2_000);
    card.noise_clip("2026-11-21 11:00:00", 1, 1_500_000).unwrap();
    let disk = FaultyDisk::new(disk_faults);
    let docking = bench.dock(card.root());
    let mut drive = FaultyDrive::new(docking.shelf());
    drive.script = drive_faults;
    let ended = bench.at_desk_over(&disk, |desk| docking.run_at(desk, &drive, &Meter::default()));
    let before = contents(&bench);
    if let Ok(outcome) = &ended {
        assert_eq!(outcome.stored, before.len() as u64, "what the screen counts is what is there");
    }
    let bench = bench.reopened();
    bench.at_desk(settle).unwrap();
    let settled = contents(&bench);
    assert!(settled.is_superset(&before), "nothing is lost that was called verified");
    let clips = bench.clips().len();
    assert_eq!(clip_folders(&bench.vault.join("originals")).unwrap().len(), clips, "a folder a clip, none besides");
    assert_eq!(files_below(&bench.vault.join("staging")).len(), 0, "nothing half is left");
    let outcome = bench.intake(&card);
    assert!(matches!(outcome.end, End::Done), "the next run comes to its end: {:?}", outcome.end);
    assert_eq!(outcome.refused, 0, "and brings everything: {:?}", outcome.problems);
    assert!(contents(&bench).is_superset(&settled), "nothing is lost now either");
    bench.check_holds(card.root());
}

fn drive_fault() -> impl Strategy<Value = DriveFault> {
    prop_oneof![
        4 => Just(DriveFault::Eio),
        2 => Just(DriveFault::Short),
        1 => Just(DriveFault::Pulled),
        1 => Just(DriveFault::Silent),
    ]
}

fn disk_fault() -> impl Strategy<Value = DiskFault> {
    let act = prop_oneof![
        Just(None),
        prop::sample::select(vec![
            Act::CreateFolder,
            Act::CreateFolders,
            Act::Create,
            Act::Write,
            Act::Seal,
            Act::SyncData,
            Act::Reread,
            Act::WriteBeside,
            Act::Publish,
            Act::SyncFolder,
            Act::Remove,
        ])
        .prop_map(Some),
    ];
    let number = prop_oneof![4 => Just(EIO), 1 => Just(ENOSPC), 1 => Just(EROFS), 1 => Just(0)];
    (act, 0_u64..90, 1_u64..4, number).prop_map(|(act, after, times, number)| DiskFault { act, after, times, number })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_01_05_36_39_whatever_fails_nothing_verified_is_lost_or_doubled(
        drive in prop::collection::btree_map(0_u64..90, drive_fault(), 0..4),
        disk in prop::collection::vec(disk_fault(), 0..3),
        second_read in any::<bool>(),
    ) {
        check(drive, &disk, second_read);
    }
}
