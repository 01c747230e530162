//! Every system call of an intake is struck once: it fails, or the process dies in it.
//!
//! The quick part strikes an even sample; `EVIDOCK_SWEEP=all` strikes every call of every thread, and
//! `EVIDOCK_SWEEP=0.2:fsync:7:EIO` one.

use crate::bench::{Bench, Ran, texts};
use crate::calls;
use crate::strangers::{files_below, tool};
use crate::tracer::{self, Blow, Call, Descent, Strike, Traced};
use fixtures::{Drive, Layout};
use nix::errno::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Names what to strike: `all`, or one call as [`Strike`] writes it.
const WISH: &str = "EVIDOCK_SWEEP";
/// Strikes of the quick part.
const SAMPLE: usize = 60;
/// Runs at once.
const WORKERS: usize = 2;
/// Undisturbed runs that are counted; threads race, so one run may not make the calls of the next.
const RECORDINGS: usize = 3;
/// An intake takes less than a second; a minute is one that waits for ever.
const LIMIT: Duration = Duration::from_secs(60);
/// One MiB and a bit: more than a reading block, and no whole number of disk blocks.
const LARGE: u64 = (1 << 20) + 4321;
const SMALL: u64 = 30_000;

/// What every run starts from: a vault that holds a clip, and a card.
struct Stage {
    bench: Bench,
    /// Digest of each file of the card, by b3sum.
    wanted: BTreeSet<String>,
    /// Digests of what the vault holds already.
    held: BTreeSet<String>,
}

impl Stage {
    /// Takes in a first card; the second repeats one of its contents, with two small files and a larger one beside.
    fn set() -> Self {
        let bench = Bench::new();
        let mut first = Drive::new(&bench.path("drives/FIRST"), Layout::DsjA).unwrap();
        first.noise_clip("2026-11-20 08:00:00", 10, SMALL).unwrap();
        bench.clean(&["intake", &bench.text("drives/FIRST")]);
        let held = b3sums(&files_below(&bench.path("drives/FIRST")));
        let mut card = Drive::new(&bench.path("drives/CARD"), Layout::DsjA).unwrap();
        for (n, bytes) in [SMALL, SMALL + 1, LARGE, SMALL + 2].into_iter().enumerate() {
            card.noise_clip(&format!("2026-11-21 09:0{n}:00"), 50, bytes).unwrap();
        }
        let wanted = b3sums(&files_below(&bench.path("drives/CARD")));
        assert_eq!((wanted.len(), wanted.is_superset(&held)), (4, true), "one of four contents is held already");
        Self { bench, wanted, held }
    }

    /// Returns a bench beside this one with a vault as it was prepared.
    fn fresh(&self, name: &str) -> Trial<'_> {
        let vault = self.bench.path(name);
        if vault.exists() {
            fs::remove_dir_all(&vault).unwrap();
        }
        let (from, to) = (self.bench.text("vault"), self.bench.text(name));
        tool("cp", &["-r", "--reflink=auto", &from, &to], Path::new("."));
        Trial { stage: self, vault }
    }
}

/// One vault that goes through a strike.
struct Trial<'a> {
    stage: &'a Stage,
    vault: PathBuf,
}

impl Trial<'_> {
    fn command(&self, words: &[&str]) -> std::process::Command {
        let mut command = self.stage.bench.command(words);
        command.env("EVIDOCK_VAULT", &self.vault).env("RUST_BACKTRACE", "0");
        command
    }

    fn run(&self, words: &[&str]) -> Result<Ran, String> {
        let ended = self.command(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (out, err) = (text(ended.stdout), text(ended.stderr));
        match ended.status.code() {
            Some(0) => Ok(Ran { line: words.join(" "), status: 0, out, err }),
            status => Err(format!("`evidock {}` ends with {status:?}\n{out}\n{err}", words.join(" "))),
        }
    }

    fn struck(&self, strike: Option<Strike>) -> Traced {
        tracer::run(&self.command(&["intake", &self.stage.bench.text("drives/CARD")]), strike, LIMIT)
    }

    /// Asks the three questions, lets a further intake run, and asks them again.
    fn judge(&self, struck: &Traced) -> Result<(), String> {
        if struck.hung {
            return Err(format!("it did not end within {LIMIT:?}"));
        }
        if struck.said.contains("panicked at") || struck.status.is_some_and(|status| !(0..=4).contains(&status)) {
            return Err(format!("it ended with {:?}:\n{}", struck.status, struck.said));
        }
        self.run(&["fsck"])?;
        let held = self.contents()?;
        let least = if struck.status == Some(0) { &self.stage.wanted } else { &self.stage.held };
        if !held.is_superset(least) {
            return Err(format!("what was taken in is lost: {held:?} of {least:?}"));
        }
        self.run(&["intake", &self.stage.bench.text("drives/CARD")])?;
        let held = self.contents()?;
        if held != self.stage.wanted {
            return Err(format!("after a further intake: {held:?} instead of {:?}", self.stage.wanted));
        }
        self.run(&["fsck"]).map(drop)
    }

    /// Returns the contents that the register calls verified, after comparing them with the store.
    fn contents(&self) -> Result<BTreeSet<String>, String> {
        let listed = self.run(&["clips", "--limit", "1000", "--json"])?.document();
        let clips = &listed["clips"];
        let verified = texts(clips, "state").iter().all(|state| state == "verified");
        let digests = texts(clips, "blake3");
        let stored: Vec<PathBuf> = texts(clips, "stored_path").iter().map(|path| self.vault.join(path)).collect();
        let mut numbers = texts(clips, "number");
        numbers.sort();
        let unbroken = numbers.iter().zip(1..).all(|(number, n)| number.ends_with(&format!("-{n:06}")));
        let contents: BTreeSet<String> = digests.iter().cloned().collect();
        let files = files_below(&self.vault.join("originals")).len();
        if !verified || !unbroken || contents.len() != digests.len() || files != 2 * digests.len() {
            return Err(format!("{files} files of originals, and the register lists {listed}"));
        }
        let found = b3sums(&stored);
        if found == contents { Ok(contents) } else { Err(format!("b3sum finds {found:?} for {contents:?}")) }
    }
}

fn b3sums(files: &[PathBuf]) -> BTreeSet<String> {
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let lines = tool("b3sum", &[["--"].as_slice(), &names].concat(), Path::new("."));
    lines.lines().map(|line| line[..64].to_owned()).collect()
}

/// The calls of undisturbed runs.
#[derive(Default)]
struct Recorded {
    /// How many calls each thread makes of each number, and how many of these before it has opened the vault.
    counts: BTreeMap<(Descent, u64), (u32, u32)>,
}

impl Recorded {
    fn of(stage: &Stage) -> Self {
        let mut recorded = Self::default();
        for n in 0..RECORDINGS {
            let trial = stage.fresh(&format!("recording-{n}"));
            let traced = trial.struck(None);
            assert_eq!(traced.status, Some(0), "an undisturbed intake is done: {}", traced.said);
            trial.judge(&traced).unwrap();
            recorded.add(&traced.calls);
        }
        recorded
    }

    fn add(&mut self, made: &[Call]) {
        let lock = calls::number("flock").expect("a listed call");
        // The vault's lock is taken before anything of the vault is touched.
        let opened = made.iter().position(|call| call.number == lock).expect("a vault is locked");
        let mut counts: BTreeMap<(Descent, u64), (u32, u32)> = BTreeMap::new();
        for (at, call) in made.iter().enumerate() {
            let (all, before) = counts.entry((call.thread.clone(), call.number)).or_default();
            *all = call.nth;
            *before = if at <= opened { call.nth } else { *before };
        }
        for (key, (all, before)) in counts {
            let known = self.counts.entry(key).or_insert((0, before));
            *known = (known.0.max(all), known.1.max(before));
        }
    }

    fn calls(&self) -> usize {
        self.counts.values().map(|(all, _)| *all as usize).sum()
    }

    /// Returns every strike: death at each call, an error at each that touches files once the vault is open.
    fn strikes(&self) -> Vec<Strike> {
        let mut strikes = vec![];
        for ((thread, number), &(all, before)) in &self.counts {
            let number = *number;
            for nth in 1..=all {
                let call = || Call { thread: thread.clone(), number, nth };
                strikes.push(Strike { call: call(), blow: Blow::Kill });
                let errors = nth > before && calls::touches_files(number);
                strikes.extend(errors.then_some(Strike { call: call(), blow: Blow::Fail(Errno::EIO) }));
                let full = errors && calls::takes_room(number);
                strikes.extend(full.then_some(Strike { call: call(), blow: Blow::Fail(Errno::ENOSPC) }));
            }
        }
        strikes
    }
}

/// What came of many strikes.
#[derive(Default)]
struct Tally {
    done: AtomicUsize,
    missed: AtomicUsize,
    violations: Mutex<Vec<String>>,
}

impl Tally {
    fn strike(&self, stage: &Stage, name: &str, strike: &Strike) {
        let trial = stage.fresh(name);
        let struck = trial.struck(Some(strike.clone()));
        self.missed.fetch_add(usize::from(!struck.struck), Relaxed);
        if let Err(why) = trial.judge(&struck) {
            let line = format!("{strike}: {why}\nrepeat: cargo xtask faults --strike {strike}");
            eprintln!("VIOLATION {line}");
            self.violations.lock().unwrap().push(line);
        }
        self.done.fetch_add(1, Relaxed);
    }

    fn all(&self, stage: &Stage, strikes: &[Strike]) {
        let (next, begun) = (AtomicUsize::new(0), Instant::now());
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let next = &next;
                scope.spawn(move || {
                    while let Some(strike) = strikes.get(next.fetch_add(1, Relaxed)) {
                        self.strike(stage, &format!("trial-{worker}"), strike);
                        let done = self.done.load(Relaxed);
                        if done.is_multiple_of(100) {
                            let rate = done as f64 / begun.elapsed().as_secs_f64();
                            let left = (strikes.len() - done) as f64 / rate / 60.0;
                            eprintln!("sweep: {done} of {}, {rate:.1} a second, {left:.0} minutes left", strikes.len());
                        }
                    }
                });
            }
        });
    }
}

fn count(strikes: &[Strike], blow: Blow) -> usize {
    strikes.iter().filter(|strike| strike.blow == blow).count()
}

#[test]
fn row_43_struck_in_any_system_call_an_intake_loses_and_doubles_nothing() {
    let stage = Stage::set();
    let wish = std::env::var(WISH).unwrap_or_default();
    let recorded = Recorded::of(&stage);
    let all = recorded.strikes();
    assert!(recorded.calls() > 1000, "an intake of four files makes more than {} calls", recorded.calls());
    let chosen: Vec<Strike> = match wish.as_str() {
        "all" => all,
        "" => all.iter().cloned().step_by(all.len().div_ceil(SAMPLE)).collect(),
        one => vec![one.parse().unwrap()],
    };
    let tally = Tally::default();
    tally.all(&stage, &chosen);
    let violations = tally.violations.into_inner().unwrap();
    eprintln!(
        "sweep: {} system calls × 3 injections (SIGKILL {}, EIO {}, ENOSPC {}) = {} runs, {} violations ({} calls not met)",
        recorded.calls(),
        count(&chosen, Blow::Kill),
        count(&chosen, Blow::Fail(Errno::EIO)),
        count(&chosen, Blow::Fail(Errno::ENOSPC)),
        chosen.len(),
        violations.len(),
        tally.missed.into_inner(),
    );
    assert!(violations.is_empty(), "{}", violations.join("\n\n"));
}
