//! An original that was changed or lost, and a card that still has it.

use crate::bench::{Bench, FixedClock, files_below, officer};
use ledger::ClipChecked;
use model::{ClipId, ClipState, Clock as _, IdSource as _};
use register::{Author, Places, Register, RegisterError};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn mismatch(bench: &Bench, clip: &ClipId) {
    let checked = ClipChecked {
        clip: clip.to_string(),
        state: ClipState::Mismatch.code().into(),
        code: "original_changed".into(),
        ..Default::default()
    };
    let author = Author::new(FixedClock.now(), officer());
    bench.register.write::<_, RegisterError>(&author, |_| Ok((vec![checked.into()], ()))).unwrap();
}

fn turn_a_byte(original: &Path) {
    let mut bytes = fs::read(original).unwrap();
    bytes[100] ^= 1;
    fs::set_permissions(original, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(original, bytes).unwrap();
}

type Damage = fn(&Bench, &ClipId, &Path);
/// What happens to an original, each noticed in another way.
const DAMAGES: &[(&str, Damage)] = &[
    ("a byte turned, found by a check", |bench, id, original| {
        turn_a_byte(original);
        mismatch(bench, id);
    }),
    ("cut short", |_, _, original| fs::write(original, "short").unwrap()),
    ("gone", |_, _, original| fs::remove_file(original).unwrap()),
];

#[test]
fn a_damaged_original_is_restored_from_the_card() {
    for (what, damage) in DAMAGES {
        for second in ["CARD", "OTHER"] {
            let bench = Bench::new();
            let drive = bench.noise_drive("CARD", 2, 3_000);
            bench.intake(&drive);
            let before = bench.clips()[0].clip.clone();
            let damaged = bench.vault.join(&before.stored_path);
            let folder = damaged.parent().unwrap().to_owned();
            damage(&bench, &before.id, &damaged);
            let ruin: Vec<_> = files_below(&folder).iter().map(|file| fs::read(file).unwrap()).collect();
            // The same recordings, on the card that is known and on one that is not.
            let card = if second == "CARD" { drive } else { bench.noise_drive(second, 2, 3_000) };
            let outcome = bench.intake(&card);
            let what = format!("{what}, on {second}");
            assert_eq!((outcome.stored, outcome.already_held, outcome.refused), (1, 1, 0), "{what}: {outcome:?}");
            let rows = bench.clips();
            let after = &rows[0].clip;
            assert_eq!((&after.id, &after.number), (&before.id, &before.number), "{what}: the clip stays the same");
            assert_eq!(after.state, ClipState::Verified, "{what}");
            assert_ne!(after.stored_path, before.stored_path, "{what}: it lies elsewhere");
            let fresh = bench.vault.join(&after.stored_path);
            assert_eq!(fixity::digest(fs::File::open(&fresh).unwrap()).unwrap().1, before.digests, "{what}: its bytes");
            let sidecar = intake::Sidecar::read(fresh.parent().unwrap()).unwrap().clip;
            assert_eq!(sidecar.id, before.id.as_str(), "{what}: the sidecar names the clip");
            assert_eq!(
                (sidecar.stored_path, sidecar.job),
                (after.stored_path.clone(), outcome.job.to_string()),
                "{what}"
            );
            let still: Vec<_> = files_below(&folder).iter().map(|file| fs::read(file).unwrap()).collect();
            assert_eq!(still, ruin, "{what}: what was damaged stays as it is");
            let history = bench.read(|view| view.history(&[before.id.as_str()]));
            assert_eq!(history.iter().filter(|e| e.kind == "clip.restored").count(), 1, "{what}: {history:?}");
            bench.check_holds(card.root());
            assert_eq!(bench.register.audit().unwrap(), vec![], "{what}: ledger and tables agree");
            assert_eq!(bench.at_desk(intake::adopt).unwrap(), intake::Settled::default(), "{what}: nothing to adopt");
            let again = bench.intake(&card);
            assert_eq!((again.stored, again.already_held), (0, 2), "{what}: now it is held again");
        }
    }
}

#[test]
fn a_restored_clip_survives_the_loss_of_the_register() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    bench.intake(&drive);
    let before = bench.clips()[0].clip.clone();
    turn_a_byte(&bench.vault.join(&before.stored_path));
    mismatch(&bench, &before.id);
    bench.intake(&drive);
    let after = bench.clips()[0].clip.clone();
    fs::remove_dir_all(bench.vault.join("register")).unwrap();
    fs::remove_dir_all(bench.vault.join("ledger")).unwrap();
    drop(Register::create(&Places::below(&bench.vault)).unwrap());
    let bench = bench.reopened();
    let settled = bench.at_desk(intake::adopt).unwrap();
    assert_eq!(settled.adopted, 2, "both clips: {settled:?}");
    let row = bench.read(|view| view.clip(&before.id)).unwrap();
    assert_eq!((row.clip.stored_path, row.clip.digests), (after.stored_path, after.digests), "at its new place");
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");
}

#[test]
fn a_copy_published_before_a_crash_restores_its_clip() {
    let bench = Bench::new();
    let drive = bench.noise_drive("CARD", 2, 3_000);
    bench.intake(&drive);
    let clip = bench.clips()[0].clip.clone();
    let original = bench.vault.join(&clip.stored_path);
    let folder = original.parent().unwrap();
    // What a run leaves that is cut off between publishing a fresh copy and registering it.
    let fresh = ClipId::fresh(&bench.ids).to_string();
    assert!(!bench.ids.next().is_empty(), "ids go on");
    let beside = folder.with_file_name(&fresh);
    fs::create_dir(&beside).unwrap();
    fs::copy(&original, beside.join(original.file_name().unwrap())).unwrap();
    let sidecar = fs::read_to_string(folder.join("clip.json")).unwrap();
    let place = clip.stored_path.replace(clip.id.as_str(), &fresh);
    fs::write(beside.join("clip.json"), sidecar.replace(&clip.stored_path, &place)).unwrap();
    // While the original is sound, the copy is left alone.
    assert_eq!(bench.at_desk(intake::adopt).unwrap(), intake::Settled::default(), "held soundly elsewhere");
    turn_a_byte(&original);
    mismatch(&bench, &clip.id);
    assert_eq!(bench.at_desk(intake::adopt).unwrap().adopted, 1, "it takes the damaged one's place");
    let row = bench.read(|view| view.clip(&clip.id)).unwrap();
    assert_eq!((row.clip.state, row.clip.stored_path), (ClipState::Verified, place), "the clip lies there now");
    assert_eq!(bench.clips().len(), 2, "and no further clip came of it");
    assert_eq!(bench.register.audit().unwrap(), vec![], "ledger and tables agree");
}
