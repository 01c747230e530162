//! What a drive can do to an intake: it goes away, cannot be read, changes, hangs.

use crate::bench::{Bench, text};
use crate::custody::{ask, below, called_verified, contents, holds_all, ledger, problems};
use crate::dock::{Docked, Serving, end_of, until, written_by};
use crate::strangers::tool;
use faultfs::{After, Content, Fault, Gone, Trouble};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// No whole number of blocks.
const CLIP: u64 = 400_123;
/// A hang that no test waits for.
const LONG_S: u64 = 600;

fn gone() -> Trouble {
    Trouble::Vanish { answer: Gone::Enotconn, back_after_ms: None }
}

/// Fails unless the card, which is there again, is continued by the same job and then held whole.
fn continued(bench: &Bench, docked: &Docked, before: &serde_json::Value, when: &str) {
    docked.suffers(vec![]);
    docked.card.come_back();
    let rest = docked.taken_in(bench, 0, "done", when);
    assert_eq!(rest["job"], before["job"], "{when}: the same job goes on");
    holds_all(bench, &docked.contents(), when);
    let again = docked.taken_in(bench, 0, "done", when);
    assert_eq!(again["summary"]["stored"], 0, "{when}: nothing is taken in twice: {again:#}");
}

#[test]
fn row_01_a_drive_pulled_in_the_middle_of_a_file_is_continued() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP, CLIP]);
    docked.suffers(vec![Fault::new("", After::Bytes(2 * CLIP + 100_000), gone())]);
    let taken = docked.taken_in(&bench, 1, "interrupted", "pulled in the third file");
    let said = called_verified(&taken);
    assert_eq!(said.len(), 2, "two files were read whole: {taken:#}");
    ask(&bench, &said, "pulled in the third file");
    let originals = below(&bench, "originals");
    assert_eq!(originals.len(), 4, "no third file has a final name: {originals:?}");
    assert!(below(&bench, "staging").is_empty(), "nothing is left in staging");
    continued(&bench, &docked, &taken, "docked again");
}

#[test]
fn row_01_a_drive_unmounted_under_the_reader_is_noticed() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    docked.suffers(vec![Fault::new(&docked.name(1), After::Bytes(1000), Trouble::Stall { seconds: LONG_S })]);
    let running = docked.start(&bench);
    docked.hangs();
    docked.mount.pull().unwrap();
    // A lazily unmounted drive reads on without an error.
    docked.card.resume();
    let output = end_of(running, || docked.card.resume()).expect("the intake ends by itself");
    let taken: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), text(&taken["summary"], "state")), (Some(1), "interrupted"), "{taken:#}");
    ask(&bench, &called_verified(&taken), "unmounted");
}

#[test]
fn row_01_a_reader_that_dies_ends_the_intake_in_bounded_time() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP]);
    let dies = Trouble::Vanish { answer: Gone::Eio, back_after_ms: None };
    docked.suffers(vec![Fault::new("", After::Bytes(CLIP + 100_000), dies)]);
    let begun = Instant::now();
    // A drive that stands there and gives nothing is a fault of its own.
    let taken = docked.taken_in(&bench, 4, "interrupted", "the reader died");
    assert_eq!(taken["error"]["code"], "source_failed", "{taken:#}");
    assert!(begun.elapsed() < Duration::from_secs(20), "it gave up after {:?}", begun.elapsed());
    let held = ask(&bench, &called_verified(&taken), "the reader died");
    assert_eq!(held.verified.len(), 1, "one file was read whole: {taken:#}");
    docked.suffers(vec![]);
    docked.card.come_back();
    docked.taken_in(&bench, 0, "done", "in another reader");
    assert!(ask(&bench, &docked.contents(), "in another reader").verified.is_superset(&docked.contents()));
}

#[test]
fn row_02_a_drive_pulled_between_files_keeps_the_rest_of_its_list() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP]);
    docked.suffers(vec![Fault::new("", After::Bytes(2 * CLIP), gone())]);
    let taken = docked.taken_in(&bench, 1, "interrupted", "pulled after the second file");
    ask(&bench, &called_verified(&taken), "pulled after the second file");
    assert_eq!(taken["summary"]["files"], 3, "the list is kept: {taken:#}");
    continued(&bench, &docked, &taken, "docked again");
}

#[test]
fn row_02_a_drive_pulled_while_it_is_listed_is_not_taken_for_an_empty_one() {
    // The folders of the card are listed once to recognise it and once to list its files.
    for listings in 0..6 {
        let bench = Bench::new();
        let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
        docked.suffers(vec![Fault::new("", After::Listings(listings), gone())]);
        let when = format!("pulled after {listings} listings");
        let (status, taken) = docked.take_in(&bench);
        assert_ne!(status, 0, "{when}: not done: {taken:#}");
        assert_ne!(taken["summary"]["state"], "done", "{when}: {taken:#}");
        ask(&bench, &called_verified(&taken), &when);
        docked.suffers(vec![]);
        docked.card.come_back();
        docked.taken_in(&bench, 0, "done", &when);
        holds_all(&bench, &docked.contents(), &when);
    }
}

#[test]
fn row_03_a_drive_pulled_before_its_second_read_stays_at_the_level_reached() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    let serving = Serving::start(&bench);
    serving.set("second_read", json!(true));
    serving.stop(|| ()).expect("the station closes");
    let second_read = After::Bytes(CLIP + 1000);
    docked.suffers(vec![Fault::new("", second_read, gone()).counting(&docked.name(0))]);
    let taken = docked.taken_in(&bench, 1, "interrupted", "pulled before the second read");
    let held = ask(&bench, &docked.contents(), "pulled before the second read");
    let levels: Vec<&str> = held.clips.iter().map(|clip| text(clip, "level")).collect();
    assert!(levels.iter().all(|level| level.starts_with("V2")), "no more is said than was done: {levels:?}");
    docked.suffers(vec![]);
    docked.card.come_back();
    let rest = docked.taken_in(&bench, 0, "done", "docked again");
    assert_eq!(rest["job"], taken["job"], "the same job reads the second time");
    let held = holds_all(&bench, &docked.contents(), "docked again");
    let levels: Vec<&str> = held.clips.iter().map(|clip| text(clip, "level")).collect();
    assert!(levels.iter().all(|level| level.starts_with("V3")), "now they were read twice: {levels:?}");
}

#[test]
fn row_04_a_bad_range_leaves_the_good_ones_with_a_map() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP]);
    let (from, to) = (131_072, 135_168);
    docked.suffers(vec![Fault::new(&docked.name(1), After::Nothing, Trouble::Bad { from, to })]);
    let begun = Instant::now();
    let (status, taken) = docked.take_in(&bench);
    assert_eq!(status, 1, "not everything could be read: {taken:#}");
    assert!(begun.elapsed() < Duration::from_secs(20), "retries are bounded: {:?}", begun.elapsed());
    assert!(docked.card.bytes_read(&docked.name(1)) < 10 * CLIP, "the bad file was not read without end");
    assert!(problems(&taken).contains(&"file_damaged"), "it is said: {taken:#}");
    let held = ask(&bench, &contents(&[docked.files[0].clone(), docked.files[2].clone()]), "a bad range");
    assert_eq!((held.verified.len(), held.clips.len()), (2, 3), "the others are verified, and this one is kept");
    let damaged = held.named(&docked.files[1]);
    assert_eq!(damaged["state"], "damaged", "{damaged:#}");
    let (kept, sound) =
        (fs::read(bench.vault().join(text(damaged, "stored_path"))).unwrap(), fs::read(&docked.files[1]).unwrap());
    assert_eq!(kept.len(), sound.len(), "every byte has its place");
    let (from, to) = (from as usize, to as usize);
    assert!(kept[..from] == sound[..from] && kept[to..] == sound[to..], "whatever could be read was kept");
    let map = format!(r#""unreadable":[{{"from":{from},"to":{to}}}]"#);
    assert!(ledger(&bench).contains(&map), "the ledger has the map: {map}");
}

#[test]
fn row_05_an_error_that_passes_is_tried_again_and_told() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    let bad = Trouble::Bad { from: 200_000, to: 200_512 };
    docked.suffers(vec![Fault::new(&docked.name(0), After::Nothing, bad).times(2)]);
    let taken = docked.taken_in(&bench, 0, "done", "two errors, then good");
    holds_all(&bench, &docked.contents(), "two errors, then good");
    assert!(problems(&taken).contains(&"read_retried"), "the retries are told: {taken:#}");
    assert!(ledger(&bench).contains(r#""attempts":"#), "and stand in the ledger");
}

#[test]
fn row_06_a_second_read_that_differs_is_never_called_verified() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    let serving = Serving::start(&bench);
    serving.set("second_read", json!(true));
    serving.stop(|| ()).expect("the station closes");
    docked.suffers(vec![Fault::new(&docked.name(1), After::Nothing, Trouble::Flip { at: 300_000 })]);
    let (status, taken) = docked.take_in(&bench);
    assert_eq!(status, 1, "something was found: {taken:#}");
    assert!(problems(&taken).contains(&"second_read_differs"), "it is said: {taken:#}");
    let held = ask(&bench, &contents(&docked.files[..1]), "the second read differs");
    let (good, bad) = (held.named(&docked.files[0]), held.named(&docked.files[1]));
    assert_eq!(text(good, "state"), "verified", "{good:#}");
    assert!(text(good, "level").starts_with("V3"), "the other file was read twice: {good:#}");
    assert_eq!(text(bad, "state"), "suspect", "{bad:#}");
    assert!(!text(bad, "level").starts_with("V3"), "and reached no more: {bad:#}");
    let (first, written) = (contents(&docked.files[1..]), ledger(&bench));
    assert!(first.iter().all(|digest| written.contains(digest)), "the ledger has the first digest");
    let reread = written.lines().filter(|line| line.contains(r#""same":false"#));
    assert_eq!(reread.count(), 1, "and what the second read gave");
}

#[test]
fn row_07_short_and_interrupted_reads_change_nothing() {
    let rows = [
        ("one byte at a time", 5_000, vec![(Trouble::Short { max: 1 }, After::Nothing)]),
        ("odd lengths", CLIP, vec![(Trouble::Short { max: 4097 }, After::Nothing)]),
        ("signals", CLIP, vec![(Trouble::Interrupted, After::Bytes(50_000))]),
        (
            "both",
            CLIP,
            vec![(Trouble::Short { max: 999 }, After::Nothing), (Trouble::Interrupted, After::Bytes(7_000))],
        ),
    ];
    let bench = Bench::new();
    let mut wanted = crate::custody::Contents::new();
    for (n, (when, size, faults)) in rows.into_iter().enumerate() {
        // Contents are heads of each other: sizes tell them apart.
        let docked = Docked::with(&bench, &format!("CARD-{n}"), &[size + n as u64]);
        let faults = faults.into_iter().map(|(trouble, after)| Fault { times: None, ..Fault::new("", after, trouble) });
        docked.suffers(faults.collect());
        docked.taken_in(&bench, 0, "done", when);
        wanted.extend(docked.contents());
        holds_all(&bench, &wanted, when);
    }
}

#[test]
fn row_08_a_file_that_changes_while_it_is_copied_is_copied_again() {
    let rows = [
        ("grows", Trouble::Resize { by: 4000 }),
        ("shrinks", Trouble::Resize { by: -1000 }),
        ("its time moves", Trouble::Touch { by: 2 }),
    ];
    for (when, trouble) in rows {
        let bench = Bench::new();
        let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
        docked.suffers(vec![Fault::new(&docked.name(1), After::Bytes(CLIP / 2), trouble)]);
        let taken = docked.taken_in(&bench, 0, "done", when);
        let now = docked.contents_now(&bench);
        holds_all(&bench, &now, &format!("{when}: {taken:#}"));
    }
}

#[test]
fn row_08_a_file_that_never_stops_changing_is_reported() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    let grows = Fault::new(&docked.name(1), After::Bytes(CLIP / 3), Trouble::Resize { by: 100 });
    docked.suffers(vec![Fault { times: None, ..grows }]);
    let (status, taken) = docked.take_in(&bench);
    assert_eq!(status, 1, "not everything was taken in: {taken:#}");
    assert!(problems(&taken).contains(&"changed_while_reading"), "it is said: {taken:#}");
    let held = ask(&bench, &contents(&docked.files[..1]), "it never stops growing");
    assert_eq!(held.clips.len(), 1, "no state of it is vouched for: {:?}", held.clips);
}

#[test]
fn row_09_a_file_replaced_after_it_was_listed_is_never_taken_for_it() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP]);
    let other = Trouble::Replace { seed: 77, size: CLIP };
    docked.suffers(vec![Fault::new(&docked.name(2), After::Bytes(1000), other).counting(&docked.name(0))]);
    let taken = docked.taken_in(&bench, 0, "done", "replaced");
    let now = docked.contents_now(&bench);
    assert_ne!(now, docked.contents(), "another file stands there");
    holds_all(&bench, &now, &format!("replaced: {taken:#}"));
    let said = problems(&taken);
    assert!(
        said.contains(&"appeared_during_intake") || said.contains(&"changed_while_reading"),
        "it is said: {taken:#}"
    );
}

#[test]
fn row_09_a_file_deleted_after_it_was_listed_is_reported() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP, CLIP]);
    docked.suffers(vec![Fault::new(&docked.name(2), After::Bytes(1000), Trouble::Remove).counting(&docked.name(0))]);
    let (status, taken) = docked.take_in(&bench);
    assert_eq!(status, 1, "a listed file is missing: {taken:#}");
    assert!(problems(&taken).contains(&"vanished"), "it is said: {taken:#}");
    holds_all(&bench, &contents(&docked.files[..2]), "deleted");
}

#[test]
fn row_10_a_file_that_appears_during_the_intake_is_taken_in() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    let late = format!("{}/DSJA_036012_20261121110000_0099.MP4", docked.folder());
    docked.card.put(&late, Content::Noise { seed: 5 }, CLIP, SystemTime::now());
    docked.suffers(vec![Fault::new(&late, After::Bytes(CLIP), Trouble::Appear).counting(&docked.name(0))]);
    let taken = docked.taken_in(&bench, 0, "done", "appeared");
    assert!(problems(&taken).contains(&"appeared_during_intake"), "it is said: {taken:#}");
    let now = docked.contents_now(&bench);
    assert_eq!(now.len(), 3, "there are three files by now");
    holds_all(&bench, &now, "appeared");
}

#[test]
fn row_27_a_folder_that_contains_itself_ends_at_its_depth() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, 30_000]);
    docked.suffers(vec![Fault::new(&docked.folder(), After::Nothing, Trouble::Endless)]);
    let begun = Instant::now();
    let (status, taken) = docked.take_in(&bench);
    assert_eq!(status, 1, "the card is not sound: {taken:#}");
    assert!(problems(&taken).contains(&"too_deep"), "it is said: {taken:#}");
    assert!(begun.elapsed() < Duration::from_secs(20), "it ends: {:?}", begun.elapsed());
    holds_all(&bench, &docked.contents(), "a loop of folders");
}

#[test]
fn row_27_a_listing_that_repeats_itself_and_crossed_chains_double_nothing() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, 30_000]);
    // The chains of two files lead to the same clusters: one content under two names.
    let crossed = format!("{}/DSJA_036012_20261121110000_0099.MP4", docked.folder());
    docked.card.put(&crossed, Content::Real(docked.files[0].clone()), CLIP, SystemTime::now());
    docked.suffers(vec![Fault::new(&docked.folder(), After::Nothing, Trouble::Again { rounds: 3 })]);
    let (_, taken) = docked.take_in(&bench);
    holds_all(&bench, &docked.contents(), &format!("listed three times: {taken:#}"));
}

#[test]
fn row_32_an_intake_that_hangs_at_its_drive_can_be_cancelled() {
    let bench = Bench::new();
    let docked = Docked::with(&bench, "CARD", &[CLIP, CLIP]);
    docked.suffers(vec![Fault::new(&docked.name(1), After::Bytes(100_000), Trouble::Stall { seconds: LONG_S })]);
    let mut running = docked.start(&bench);
    let written = written_by(&mut running);
    docked.hangs();
    tool("kill", &["-INT", &running.id().to_string()], Path::new("."));
    // What it says comes while the read still hangs; the kernel keeps the process until the read is answered.
    let mut taken = serde_json::Value::Null;
    let told = until(|| {
        taken = serde_json::from_slice(&written.lock().unwrap()).unwrap_or_default();
        !taken.is_null()
    });
    assert_eq!(docked.card.stalled(), 1, "the drive has not answered by then");
    if !told {
        running.kill().unwrap();
    }
    docked.card.resume();
    let status = running.wait().unwrap();
    assert!(told, "it gives the drive up without its answer");
    assert_eq!((status.code(), &taken["error"]["code"]), (Some(4), &json!("source_stalled")), "not done: {taken:#}");
    ask(&bench, &called_verified(&taken), "cancelled while it hung");
    docked.suffers(vec![]);
    docked.taken_in(&bench, 0, "done", "it answers again");
    holds_all(&bench, &docked.contents(), "it answers again");
}

#[test]
fn row_32_a_drive_that_hangs_is_told_and_stalls_nobody_else() {
    let bench = Bench::new();
    let hanging = Docked::with(&bench, "HANGS", &[CLIP, CLIP]);
    let other = Docked::with(&bench, "GOES-ON", &[CLIP + 1, CLIP + 2]);
    hanging.suffers(vec![Fault::new("", After::Bytes(100_000), Trouble::Stall { seconds: LONG_S })]);
    let serving = Serving::start(&bench);
    serving.begin(&hanging);
    hanging.hangs();
    serving.begin(&other);
    let job = serving.ended(&other);
    assert_eq!((text(&job, "state"), &job["stored"]), ("done", &json!(2)), "the other goes on: {job:#}");
    let told = until(|| !serving.job(&hanging)["stalled_since"].is_null());
    assert!(told, "the station says that it does not answer: {:#}", serving.job(&hanging));
    serving.call("cancel_intake", &json!({ "job": serving.job(&hanging)["id"] }));
    let job = serving.ended(&hanging);
    assert_ne!(text(&job, "state"), "done", "it can be given up: {job:#}");
    // The kernel keeps a process whose read is not answered, whatever the process does.
    hanging.card.resume();
    serving.stop(|| ()).expect("the station closes");
    ask(&bench, &other.contents(), "one hung");
}

#[test]
fn row_33_of_eight_drives_four_are_pulled_and_four_end_verified() {
    let bench = Bench::new();
    let size = |n: u64| CLIP + n;
    let cards: Vec<Docked> =
        (0..8).map(|n| Docked::with(&bench, &format!("CARD-{n}"), &[size(2 * n), size(2 * n + 1)])).collect();
    let (pulled, staying) = cards.split_at(4);
    for docked in pulled {
        docked.suffers(vec![Fault::new("", After::Bytes(CLIP + CLIP / 2), gone())]);
    }
    let serving = Serving::start(&bench);
    let jobs: Vec<String> = cards.iter().map(|docked| serving.begin(docked)).collect();
    for docked in staying {
        let job = serving.ended(docked);
        assert_eq!((text(&job, "state"), &job["stored"]), ("done", &json!(2)), "{job:#}");
    }
    let listed = |n: usize| {
        let all = serving.call("jobs", &json!({ "limit": 100 }));
        all.as_array().unwrap().iter().find(|job| job["id"] == jobs[n].as_str()).cloned().unwrap_or_default()
    };
    for n in 0..pulled.len() {
        assert!(until(|| listed(n)["state"] == "interrupted"), "a pulled drive's job waits: {:#}", listed(n));
    }
    for docked in pulled {
        docked.suffers(vec![]);
        docked.card.come_back();
    }
    for (docked, before) in pulled.iter().zip(&jobs) {
        assert_eq!(serving.begin(docked), *before, "docked again, the same job goes on");
        let job = serving.ended(docked);
        assert_eq!(text(&job, "state"), "done", "{job:#}");
    }
    serving.stop(|| ()).expect("the station closes");
    let all = cards.iter().flat_map(Docked::contents).collect();
    holds_all(&bench, &all, "eight drives");
}
