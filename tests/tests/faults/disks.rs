//! What the disk of the vault can do to an intake: it fills up, fails, lies, lacks what others have.

use crate::bench::{Bench, text};
use crate::custody::{Contents, ask, below, called_verified, contents, holds_all, ledger, problems};
use crate::dock::{end_of, until};
use faultfs::{Cut, Disk, DiskFault, DiskScript, DiskTrouble, Mount};
use fixtures::{Drive, Layout};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// No whole number of blocks.
const CLIP: u64 = 400_123;
const CLIPS: usize = 4;
/// More than is written at once: the rest of a file is always written through the cache.
const LARGE: u64 = (5 << 20) + 123;
/// What a vault needs beside footage, and more.
const ROOM: u64 = 1 << 30;

/// A bench whose vault lies on a disk with faults, and a sound card.
pub struct Shelf {
    /// Before the bench: fields are dropped in this order.
    pub mount: Option<Mount>,
    pub bench: Bench,
    pub disk: Disk,
    pub files: Vec<PathBuf>,
}

impl Shelf {
    /// Returns a fresh vault on a sound disk, and a card with these clips.
    pub fn with(sizes: &[u64]) -> Self {
        let bench = Bench::empty();
        fs::create_dir(bench.vault()).unwrap();
        let disk = Disk::new();
        let mount = Some(Mount::start(&bench.vault(), &disk).unwrap());
        bench.clean(&["init", "--unit", "麒麟区文化和旅游局", "--rules", "qj-qilin"]);
        let mut drive = Drive::new(&bench.path("cards/CARD"), Layout::DsjA).unwrap();
        let clip = |(n, size): (usize, &u64)| drive.noise_clip(&format!("2026-11-21 09:{n:02}:00"), 50, *size).unwrap();
        let files = sizes.iter().enumerate().map(clip).collect();
        Self { mount, bench, disk, files }
    }

    fn new() -> Self {
        Self::with(&[CLIP; CLIPS])
    }

    fn suffers(&self, faults: Vec<DiskFault>) {
        self.disk.play(DiskScript { faults, ..DiskScript::default() });
    }

    pub fn contents(&self) -> Contents {
        contents(&self.files)
    }

    pub fn card(&self) -> String {
        self.bench.text("cards/CARD")
    }

    /// Takes the card in, however that ends.
    pub fn take_in(&self) -> (i32, Value) {
        let ran = self.bench.run(&["intake", &self.card(), "--json"]);
        (ran.status, ran.document())
    }

    /// Fails unless the whole card is taken in and everything agrees.
    pub fn takes_all(&self, when: &str) -> Value {
        let (status, taken) = self.take_in();
        assert_eq!((status, taken["summary"]["state"].as_str()), (0, Some("done")), "{when}: {taken:#}");
        holds_all(&self.bench, &self.contents(), when);
        taken
    }

    /// Takes the card in while the disk fails for good, which is told by one of these codes. Nothing of it is lost, and on a sound
    /// disk the rest is taken in.
    fn fails_and_recovers(&self, codes: &[&str], when: &str) {
        let (status, taken) = self.take_in();
        assert!(status != 0, "{when}: not done: {taken:#}");
        let told = taken.to_string();
        assert!(codes.iter().any(|code| told.contains(&format!("\"{code}\""))), "{when}: {codes:?}: {taken:#}");
        self.disk.play(DiskScript::default());
        ask(&self.bench, &called_verified(&taken), when);
        self.takes_all(&format!("{when}, on a sound disk again"));
    }

    /// Returns how often the faults of the script happened.
    fn happened(&self) -> u32 {
        self.disk.happened().iter().sum()
    }

    pub fn power_off_and_on(&mut self, cut: Cut) {
        self.disk.cut_power();
        self.mount = None;
        self.disk.power_on(cut);
        self.mount = Some(Mount::start(&self.bench.vault(), &self.disk).unwrap());
    }
}

#[test]
fn row_34_a_disk_without_room_is_refused_before_a_byte_is_written() {
    let shelf = Shelf::new();
    shelf.disk.play(DiskScript { capacity: 50 << 20, ..DiskScript::default() });
    let (status, taken) = shelf.take_in();
    assert!(status > 1, "refused: {taken:#}");
    assert_eq!(taken["error"]["code"], "target_full", "{taken:#}");
    assert!(below(&shelf.bench, "originals").is_empty(), "nothing was taken in");
    shelf.disk.play(DiskScript::default());
    shelf.takes_all("with room");
}

#[test]
fn row_34_a_disk_that_fills_up_meanwhile_stops_the_intake_aloud() {
    for (quota, when) in [(false, "ENOSPC"), (true, "EDQUOT")] {
        let shelf = Shelf::with(&[CLIP, 8 << 20, CLIP, CLIP]);
        // `statfs` promises room; what is there ends within the second clip.
        shelf.disk.play(DiskScript { capacity: 7 << 20, told_free: Some(ROOM), quota, ..DiskScript::default() });
        let (status, taken) = shelf.take_in();
        assert!(status != 0, "{when}: not done: {taken:#}");
        assert!(taken.to_string().contains("target_full"), "{when}: {taken:#}");
        let staging = below(&shelf.bench, "staging");
        assert!(staging.is_empty(), "{when}: the half copy is removed: {staging:?}");
        shelf.disk.play(DiskScript::default());
        ask(&shelf.bench, &called_verified(&taken), when);
        shelf.takes_all(&format!("{when}, with room again"));
    }
}

#[test]
fn row_35_a_register_that_cannot_be_written_vouches_for_nothing() {
    for part in ["register.sqlite", "ledger/"] {
        for skip in [0, 4, 9] {
            let shelf = Shelf::new();
            let full = DiskFault::always(part, DiskTrouble::Full).skipping(skip);
            shelf.suffers(vec![full]);
            let when = format!("no room for {part} after {skip} writes");
            let (status, taken) = shelf.take_in();
            if shelf.happened() == 0 {
                assert_eq!(status, 0, "{when}: it made fewer writes: {taken:#}");
                continue;
            }
            assert!(status != 0, "{when}: not done: {taken:#}");
            shelf.disk.play(DiskScript::default());
            ask(&shelf.bench, &called_verified(&taken), &when);
            shelf.takes_all(&format!("{when}, with room again"));
        }
    }
}

#[test]
fn row_36_a_write_that_fails_once_costs_one_copy() {
    let shelf = Shelf::new();
    shelf.suffers(vec![DiskFault::once("staging/", DiskTrouble::Write).skipping(1)]);
    let (status, taken) = shelf.take_in();
    assert_eq!(shelf.happened(), 1, "the write failed");
    shelf.disk.play(DiskScript::default());
    ask(&shelf.bench, &called_verified(&taken), "EIO on one write");
    if status != 0 {
        assert!(taken.to_string().contains("target_failed"), "it is told: {taken:#}");
    }
    shelf.takes_all("after EIO on one write");
}

#[test]
fn row_36_a_disk_that_fails_stops_the_intake_and_goes_on_later() {
    let rows = [
        ("EIO on every write", DiskTrouble::Write, "staging/", &["target_failed"][..]),
        ("read-only in the middle", DiskTrouble::ReadOnly, "", &["target_read_only", "register_failed"]),
    ];
    for (when, trouble, part, codes) in rows {
        let shelf = Shelf::new();
        let skip = if part.is_empty() { 60 } else { 2 };
        shelf.suffers(vec![DiskFault::always(part, trouble).skipping(skip)]);
        shelf.fails_and_recovers(codes, when);
    }
}

#[test]
fn row_36_a_disk_that_is_unplugged_loses_nothing_that_was_verified() {
    let mut shelf = Shelf::with(&[CLIP; 12]);
    let running = shelf.bench.start(&["intake", &shelf.card(), "--json"]);
    assert!(until(|| below(&shelf.bench, "originals").len() >= 4), "some are taken in");
    shelf.disk.cut_power();
    let output = end_of(running, || ()).expect("the intake ends by itself");
    assert_ne!(output.status.code(), Some(0), "not done");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    shelf.power_off_and_on(Cut::Torn(3));
    ask(&shelf.bench, &called_verified(&told), "unplugged");
    shelf.takes_all("plugged in again");
}

#[test]
fn row_37_a_failed_sync_is_final() {
    let shelf = Shelf::new();
    shelf.suffers(vec![DiskFault::once("staging/", DiskTrouble::Sync)]);
    let taken = shelf.takes_all("one sync failed");
    assert_eq!(shelf.happened(), 1, "the sync failed, and the next one would have said that all is well");
    assert!(problems(&taken).contains(&"copy_not_durable"), "it is told: {taken:#}");
    let written = ledger(&shelf.bench);
    assert!(written.contains("copy_not_durable"), "and stands in the ledger");
}

#[test]
fn row_37_a_disk_on_which_no_sync_succeeds_is_given_up() {
    let shelf = Shelf::new();
    shelf.suffers(vec![DiskFault::always("staging/", DiskTrouble::Sync)]);
    shelf.fails_and_recovers(&["target_failed"], "no sync succeeds");
}

#[test]
fn row_38_a_name_that_was_not_synced_is_not_committed() {
    for part in ["originals", "staging"] {
        for skip in 0..3 {
            let shelf = Shelf::new();
            shelf.suffers(vec![DiskFault::once(part, DiskTrouble::FolderSync).skipping(skip)]);
            let when = format!("folder sync {skip} below {part} failed");
            let (_, taken) = shelf.take_in();
            assert_eq!(shelf.happened(), 1, "{when}: it did");
            shelf.disk.play(DiskScript::default());
            let mut shelf = shelf;
            shelf.power_off_and_on(Cut::Clean);
            ask(&shelf.bench, &called_verified(&taken), &format!("{when}, then a power cut"));
            shelf.takes_all(&when);
        }
    }
}

/// Fails unless a bit that the disk flips after the first copy's sync is found.
fn flip_is_caught(script: DiskScript, when: &str) {
    let shelf = Shelf::with(&[LARGE, CLIP]);
    let faults = vec![DiskFault::once("staging/", DiskTrouble::Flip { at: 100_000 })];
    shelf.disk.play(DiskScript { faults, ..script });
    let taken = shelf.takes_all(when);
    assert_eq!(shelf.happened(), 1, "{when}: a bit was flipped");
    assert!(problems(&taken).contains(&"read_back_mismatch"), "{when}: it is told: {taken:#}");
    let aside = below(&shelf.bench, "quarantine");
    assert_eq!(aside.len(), 1, "{when}: the wrong copy is kept aside");
    let kept = contents(&aside);
    assert!(kept.is_disjoint(&shelf.contents()), "{when}: it is the wrong one");
}

#[test]
fn row_39_a_bit_flipped_after_the_sync_is_found_and_the_file_copied_again() {
    flip_is_caught(DiskScript::default(), "written directly");
}

#[test]
fn row_40_a_bit_flipped_on_the_disk_is_found_though_the_cache_is_right() {
    // Without direct writes the right bytes stay in the kernel's cache.
    flip_is_caught(DiskScript { refuse_direct: true, ..DiskScript::default() }, "written through the cache");
}

#[test]
fn row_41_what_a_file_system_lacks_is_done_another_way_and_written_down() {
    let rows = [
        (DiskScript { refuse_direct: true, ..DiskScript::default() }, Some("buffered_write"), "no O_DIRECT"),
        (DiskScript { refuse_noreplace: true, ..DiskScript::default() }, Some("plain_publish"), "no RENAME_NOREPLACE"),
        (DiskScript { refuse_fallocate: true, ..DiskScript::default() }, None, "no fallocate"),
    ];
    for (script, means, when) in rows {
        let shelf = Shelf::with(&[LARGE, CLIP]);
        shelf.disk.play(script);
        shelf.takes_all(when);
        let written = ledger(&shelf.bench);
        for known in ["buffered_write", "plain_publish"] {
            assert_eq!(written.contains(known), means == Some(known), "{when}: {known} in the ledger");
        }
        let held = ask(&shelf.bench, &shelf.contents(), when);
        for clip in &held.clips {
            let level = text(clip, "level");
            assert!(level == "V2" || level == "V2-cached", "{when}: the level says what was proven: {level}");
        }
    }
}
