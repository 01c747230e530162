//! The process is killed or asked to stop while it takes footage in: nothing is lost, nothing is doubled.

use crate::bench::{Bench, texts};
use crate::strangers::{digests, files_below, tool};
use fixtures::{Drive, Layout};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

const CLIPS: u32 = 20;
const CLIP_BYTES: u64 = 10_000_000;
const VAULTS: u32 = 4;
const KILLS: u32 = 5;

/// Builds a card of 200 MB; no two files are alike.
fn card(folder: &Path) -> Vec<PathBuf> {
    let mut drive = Drive::new(folder, Layout::DsjA).unwrap();
    let clip = |n| drive.noise_clip(&format!("2026-11-21 09:{n:02}:00"), 50, CLIP_BYTES).unwrap();
    (0..CLIPS).map(clip).collect()
}

/// Moments that differ from run to run; the seed is told when something is wrong.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        limit.mul_f64((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Fails unless the vault holds each file of the card once, and everything agrees.
fn holds_all_once(bench: &Bench, footage: &[PathBuf], when: &str) {
    let listed = bench.document(&["clips", "--limit", "1000"], 0);
    let wanted: BTreeSet<String> = digests("b3sum", footage).into_values().collect();
    let held = texts(&listed["clips"], "blake3");
    assert_eq!(held.len(), footage.len(), "{when}: nothing is doubled");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), wanted, "{when}: nothing is lost");
    let mut numbers = texts(&listed["clips"], "number");
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), footage.len(), "{when}: every clip has its own number");
    let last = numbers.last().unwrap();
    assert!(last.ends_with(&format!("-{:06}", footage.len())), "{when}: numbers are unbroken up to {last}");
    let originals = files_below(&bench.vault().join("originals"));
    let kept: BTreeSet<String> = digests("b3sum", &originals).into_values().collect();
    assert!(kept.is_superset(&wanted), "{when}: b3sum finds every content among the originals");
    assert_eq!(originals.len(), 2 * footage.len(), "{when}: an original and its sidecar each");
    let checked = bench.document(&["fsck"], 0);
    assert_eq!(checked["clips"], footage.len(), "{when}: {checked}");
}

#[test]
fn row_43_killed_at_any_moment_an_intake_loses_and_doubles_nothing() {
    let source = Bench::empty();
    let (drive, footage) = (source.text("drives/NOISE"), card(&source.path("drives/NOISE")));
    let measured = Bench::new();
    let begun = Instant::now();
    measured.clean(&["intake", &drive]);
    let whole = begun.elapsed();
    let seed: u64 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos().into();
    let (mut chance, mut cut_short) = (Chance(seed | 1), 0);
    for vault in 1..=VAULTS {
        let bench = Bench::new();
        for kill in 1..=KILLS {
            let mut running = bench.start(&["intake", &drive]);
            // What is held already goes faster: the later the kill, the earlier the moment.
            let moment = chance.below(whole / kill);
            sleep(moment);
            running.kill().unwrap();
            cut_short += u32::from(running.wait().unwrap().code().is_none());
            let when = format!("vault {vault}, kill {kill} after {moment:?} of {whole:?}, seed {seed}");
            let checked = bench.run(&["fsck", "--metadata-only"]);
            assert_eq!(checked.status, 0, "{when}: {}{}", checked.out, checked.err);
        }
        let taken = bench.document(&["intake", &drive], 0);
        let when = format!("vault {vault} after {KILLS} kills, seed {seed}");
        assert_eq!(taken["clips"].as_array().map(Vec::len), Some(footage.len()), "{when}: {taken}");
        holds_all_once(&bench, &footage, &when);
    }
    assert!(cut_short >= VAULTS, "kills met running intakes, {cut_short} of {} did; seed {seed}", VAULTS * KILLS);
    eprintln!("{cut_short} of {} kills met a running intake of {whole:?}", VAULTS * KILLS);
}

/// Asks a process to stop as Ctrl-C does.
pub fn interrupt(child: &Child) {
    tool("kill", &["-INT", &child.id().to_string()], Path::new("."));
}

#[test]
fn asked_to_stop_an_intake_keeps_what_is_verified() {
    let bench = Bench::new();
    let footage = card(&bench.path("drives/NOISE"));
    let drive = bench.text("drives/NOISE");
    let running = bench.start(&["intake", &drive, "--json"]);
    // Not before something is verified: then there is something to keep.
    while files_below(&bench.vault()).iter().filter(|file| file.to_str().unwrap().contains("/originals/")).count() < 2 {
        sleep(Duration::from_millis(5));
    }
    interrupt(&running);
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "stopped half-way is done with findings");
    let taken: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(taken["summary"]["state"], "cancelled", "{taken}");
    let kept = taken["summary"]["stored"].as_u64().unwrap();
    assert!((1..u64::from(CLIPS)).contains(&kept), "some are verified, not all: {kept}");
    let rest = bench.document(&["intake", &drive], 0);
    assert_eq!(rest["summary"]["state"], "done", "{rest}");
    holds_all_once(&bench, &footage, "after Ctrl-C and a second intake");
}
