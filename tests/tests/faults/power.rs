//! Power is cut: at the end of an intake, at each of its syncs, with torn and reordered writes, with names that are
//! durable earlier or later than what they name.
//!
//! The quick part cuts at an even sample of syncs; `EVIDOCK_POWER=all` cuts at every one, on both sides.

use crate::custody::{Contents, ask, called_verified};
use crate::disks::Shelf;
use faultfs::{Cut, Disk, DiskScript, Mount, Names, PowerCut, Side};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// Asks for every cut there is.
const WISH: &str = "EVIDOCK_POWER";
const SIZES: [u64; 2] = [30_001, 70_003];
/// Cuts of a quick test.
const SAMPLE: u64 = 6;
const WORKERS: usize = 2;

/// A vault that holds a clip already, a card with two more, and how many syncs taking them in takes.
struct Stage {
    shelf: Shelf,
    before: Contents,
    syncs: Vec<String>,
    /// Whether every cut is wanted.
    all: bool,
}

/// A cut that is tried.
#[derive(Clone, Copy, Debug)]
struct Trial {
    names: Names,
    power_cut: PowerCut,
    cut: Cut,
}

impl Stage {
    fn set() -> Self {
        let shelf = Shelf::with(&SIZES);
        let mut first = fixtures::Drive::new(&shelf.bench.path("cards/FIRST"), fixtures::Layout::DsjA).unwrap();
        first.noise_clip("2026-11-20 08:00:00", 10, 20_000).unwrap();
        shelf.bench.clean(&["intake", &shelf.bench.text("cards/FIRST")]);
        let before = ask(&shelf.bench, &Contents::new(), "before").verified;
        let disk = shelf.disk.duplicate();
        shelf.disk.play(DiskScript::default());
        let (status, taken) = shelf.take_in();
        assert_eq!(status, 0, "undisturbed: {taken:#}");
        let syncs = shelf.disk.synced();
        let shelf = Shelf { disk, mount: None, ..shelf };
        let all = std::env::var(WISH).is_ok_and(|wish| wish == "all");
        Self { shelf, before, syncs, all }
    }

    /// Returns a shelf with this vault and card, from before the intake.
    fn fresh(&self) -> Shelf {
        let bench = crate::bench::Bench::empty();
        std::fs::create_dir(bench.vault()).unwrap();
        let disk = self.shelf.disk.duplicate();
        let mount = Some(Mount::start(&bench.vault(), &disk).unwrap());
        let name = |file: &std::path::PathBuf| file.strip_prefix(self.shelf.card()).unwrap().to_owned();
        let files = self.shelf.files.iter().map(|file| {
            let copy = bench.path("cards/CARD").join(name(file));
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(file, &copy).unwrap();
            copy
        });
        Shelf { files: files.collect(), mount, bench, disk }
    }

    fn everything(&self) -> Contents {
        self.before.union(&self.shelf.contents()).cloned().collect()
    }

    /// Cuts the power once and looks at what is left; returns what was called verified by then.
    fn try_once(&self, trial: Trial) {
        let mut shelf = self.fresh();
        let at = self.syncs.get(trial.power_cut.sync as usize - 1).map_or("", String::as_str);
        let when = format!("{trial:?}, usually {at}");
        let Trial { names, power_cut, cut } = trial;
        shelf.disk.play(DiskScript { names, power_cut: Some(power_cut), ..DiskScript::default() });
        let mut running = shelf.bench.start(&["intake", &shelf.card(), "--json"]);
        // A computer without power does nothing more; what it said before counts.
        while running.try_wait().unwrap().is_none() {
            if shelf.disk.is_off() {
                running.kill().unwrap();
            }
            thread::sleep(std::time::Duration::from_millis(2));
        }
        let output = running.wait_with_output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let said: Contents = called_verified(&said).union(&self.before).cloned().collect();
        shelf.power_off_and_on(cut);
        let held = ask(&shelf.bench, &said, &when);
        assert!(held.verified.is_subset(&self.everything()), "{when}: nothing is made up: {held:?}");
        let (status, taken) = shelf.take_in();
        assert_eq!(status, 0, "{when}: the intake goes on: {taken:#}");
        let held = ask(&shelf.bench, &self.everything(), &format!("{when}, taken in again"));
        assert_eq!(held.clips.len(), self.everything().len(), "{when}: and nothing is doubled");
    }

    /// Tries cuts, two at a time.
    fn try_all(&self, trials: &[Trial]) {
        eprintln!("{} cuts at {} syncs", trials.len(), self.syncs.len());
        let next = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(trial) = trials.get(next.fetch_add(1, Relaxed) as usize) {
                        self.try_once(*trial);
                    }
                });
            }
        });
    }

    /// Returns the syncs to cut at, counted from 1: a sample that begins at `first`, or all.
    fn numbers(&self, first: u64) -> Vec<u64> {
        let count = self.syncs.len() as u64;
        if self.all {
            return (1..=count).collect();
        }
        let step = (count / SAMPLE).max(1) as usize;
        (1 + first % step as u64..=count).step_by(step).collect()
    }

    /// Returns a trial on either side of each sync to cut at.
    fn trials(&self, first: u64, names: Names, cut: impl Fn(u64) -> Cut) -> Vec<Trial> {
        let both = self.all;
        let trial = |sync: u64| {
            [Side::Before, Side::After]
                .into_iter()
                // In the sample each sync has one side.
                .filter(move |side| both || (*side == Side::After) == (sync / 2).is_multiple_of(2))
                .map(move |side| (sync, side))
        };
        let cuts = self.numbers(first).into_iter().flat_map(trial);
        cuts.map(|(sync, side)| Trial { names, power_cut: PowerCut { sync, side }, cut: cut(sync) }).collect()
    }
}

#[test]
fn row_44_what_was_called_verified_survives_a_power_cut_right_after() {
    for names in [Names::OnFolderSync, Names::Journalled] {
        for cut in [Cut::Clean, Cut::Torn(1), Cut::Reordered(2)] {
            let mut shelf = Shelf::with(&SIZES);
            shelf.power_off_and_on(Cut::Clean);
            shelf.disk.play(DiskScript { names, ..DiskScript::default() });
            let (status, taken) = shelf.take_in();
            assert_eq!(status, 0, "{taken:#}");
            let said = called_verified(&taken);
            assert_eq!(said.len(), SIZES.len(), "both are called verified: {taken:#}");
            shelf.power_off_and_on(cut);
            let when = format!("{names:?}, {cut:?}");
            let held = ask(&shelf.bench, &said, &when);
            assert_eq!(held.clips.len(), SIZES.len(), "{when}: file, row and ledger are there");
            let (_, again) = shelf.take_in();
            assert_eq!(again["summary"]["stored"], 0, "{when}: nothing has to be taken in again: {again:#}");
        }
    }
}

#[test]
fn row_45_power_cut_at_a_sync_leaves_the_old_state_or_the_new() {
    let stage = Stage::set();
    stage.try_all(&stage.trials(0, Names::OnFolderSync, |_| Cut::Clean));
    stage.try_all(&stage.trials(3, Names::Journalled, |_| Cut::Clean));
}

#[test]
fn row_46_torn_and_reordered_writes_are_recovered_or_found() {
    let stage = Stage::set();
    stage.try_all(&stage.trials(1, Names::OnFolderSync, Cut::Torn));
    // An append is longer than a sector: its end may survive without its begin.
    let ledger: Vec<u64> =
        (1..).zip(&stage.syncs).filter(|(_, path)| path.starts_with("ledger/e")).map(|(sync, _)| sync).collect();
    assert!(ledger.len() > 2, "an intake appends to the ledger: {:?}", stage.syncs);
    let reordered = |sync: &u64| Trial {
        names: Names::Journalled,
        power_cut: PowerCut { sync: *sync, side: Side::Before },
        cut: Cut::Reordered(*sync),
    };
    stage.try_all(&ledger.iter().map(reordered).collect::<Vec<_>>());
}

#[test]
fn row_47_names_that_are_durable_before_or_after_their_folder_are_reconciled() {
    let stage = Stage::set();
    stage.try_all(&stage.trials(2, Names::AtOnce, Cut::Torn));
    // The other way round: content durable, its name not.
    let folders: Vec<u64> =
        (1..=stage.syncs.len() as u64).filter(|n| stage.syncs[*n as usize - 1].ends_with('/')).collect();
    assert!(folders.len() > 4, "an intake syncs folders: {:?}", stage.syncs);
    let step = if stage.all { 1 } else { (folders.len() / 4).max(1) };
    let before = |sync: &u64| Trial {
        names: Names::OnFolderSync,
        power_cut: PowerCut { sync: *sync, side: Side::Before },
        cut: Cut::Clean,
    };
    stage.try_all(&folders.iter().step_by(step).map(before).collect::<Vec<_>>());
}

#[test]
fn a_cut_disk_is_told_from_a_sound_one() {
    // What the rows above rest on: without the syncs of an intake its clips would be gone.
    let disk = Disk::new();
    let bench = crate::bench::Bench::empty();
    std::fs::create_dir(bench.vault()).unwrap();
    let mount = Mount::start(&bench.vault(), &disk).unwrap();
    std::fs::write(bench.vault().join("vault.toml"), "written, not synced").unwrap();
    drop(mount);
    disk.cut_power();
    disk.power_on(Cut::Clean);
    let _mount = Mount::start(&bench.vault(), &disk).unwrap();
    assert!(!bench.vault().join("vault.toml").exists(), "what nobody synced is lost");
}
