//! Faults that lie in the data: names, sizes, clocks, registers, ledgers, papers.

use crate::bench::{Bench, Ran, text, texts};
use crate::strangers::{accept_package, digests, files_below, pdf_words, tool};
use fixtures::{Drive, Layout};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const CASE: &str = "麒文旅罚〔2026〕12号";
const GIB: u64 = 1 << 30;
const FIELDS: &str = "statement sign --officer 李娜=53030036012 --officer 王强=53030036015 --place 麒麟区文化路18号 \
                      --maker 李娜 --purpose 证明经营场所现场情况 --cause 未核对身份证件 --party 某某网吧 \
                      --to 2026-11-21T10:00:00+08:00";

/// Makes a card with small clips of noise.
fn card(bench: &Bench, name: &str, clips: u32) -> Drive {
    let mut drive = Drive::new(&bench.path(&format!("drives/{name}")), Layout::DsjA).unwrap();
    for n in 0..clips {
        drive.noise_clip(&format!("2026-11-21 09:{n:02}:00"), 50, 30_000 + u64::from(n)).unwrap();
    }
    drive
}

fn intake(bench: &Bench, drive: &Drive) -> Value {
    bench.document(&["intake", drive.root().to_str().unwrap()], 0)
}

/// Returns how many files an intake stored, and how many it knew.
fn counts(taken: &Value) -> (u64, u64) {
    let count = |key: &str| taken["summary"][key].as_u64().unwrap();
    (count("stored"), count("already_held"))
}

fn held(bench: &Bench) -> BTreeSet<String> {
    texts(&bench.document(&["clips", "--limit", "1000"], 0)["clips"], "blake3").into_iter().collect()
}

fn contents(folder: &Path) -> BTreeSet<String> {
    digests("b3sum", &files_below(folder)).into_values().collect()
}

/// Returns all events of the ledger files.
fn events(bench: &Bench) -> Vec<Value> {
    let files = files_below(&bench.vault().join("ledger"));
    let lines: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Makes a recording of this size that takes no room: a few marks in a sea of zeros.
fn sparse(path: &Path, bytes: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create(path).unwrap();
    file.set_len(bytes).unwrap();
    for at in [0, bytes / 3, bytes - 8] {
        file.write_all_at(&at.to_le_bytes(), at).unwrap();
    }
}

#[test]
fn row_12_a_clip_cut_at_four_gib_and_its_continuation_are_both_kept() {
    let bench = Bench::new();
    let folder = bench.path("drives/FAT32/DCIM/20261121");
    sparse(&folder.join("DSJA_036012_20261121090000_0001.MP4"), 4 * GIB - 1);
    sparse(&folder.join("DSJA_036012_20261121091500_0002.MP4"), 3_000_000);
    let taken = bench.document(&["intake", &bench.text("drives/FAT32")], 0);
    assert_eq!(counts(&taken), (2, 0), "two files, two clips: nothing is merged: {taken}");
    let sizes: BTreeSet<u64> = taken["clips"].as_array().unwrap().iter().map(|c| c["size"].as_u64().unwrap()).collect();
    assert_eq!(sizes, BTreeSet::from([4 * GIB - 1, 3_000_000]), "each of its own size");
    assert_eq!(held(&bench), contents(&folder), "b3sum says the same of both");
    let sessions = bench.document(&["session", "list"], 0);
    assert_eq!(sessions["sessions"][0]["clips"], 2, "and they are shown as one act: {sessions}");
}

/// Takes a card in and makes a package of it, with its image.
fn packaged(bench: &Bench, drive: &Path) -> (PathBuf, PathBuf) {
    let taken = bench.document(&["intake", drive.to_str().unwrap()], 0);
    let session = taken["awaiting_sessions"][0].as_str().expect("the clips are one act").to_owned();
    bench.clean(&["people", "add", "李娜", "--certificate", "53030036012"]);
    bench.clean(&["people", "add", "王强", "--certificate", "53030036015"]);
    bench.clean(&["case", "add", CASE, "--cause", "未核对身份证件", "--party", "某某网吧"]);
    bench.clean(&["session", "assign", &session, "--case", CASE]);
    let mut words: Vec<&str> = FIELDS.split_whitespace().collect();
    words.insert(2, &session);
    bench.clean(&words);
    bench.clean(&["package", CASE, "--out", "package", "--iso", "package.iso"]);
    (bench.path("package"), bench.path("package.iso"))
}

#[test]
#[ignore = "writes 35 GB; `cargo xtask faults` runs it"]
fn row_13_a_clip_of_more_than_eight_gib_reaches_the_disc_whole() {
    let bench = Bench::new();
    let clip = bench.path("drives/EXFAT/DCIM/20261121/DSJA_036012_20261121090000_0001.MP4");
    sparse(&clip, 8 * GIB + 12_345);
    let (folder, image) = packaged(&bench, &bench.path("drives/EXFAT"));
    let wanted = contents(&bench.path("drives/EXFAT"));
    assert_eq!(held(&bench), wanted, "b3sum says the same of the clip");
    assert!(contents(&folder.join("data/originals")).is_superset(&wanted), "and of its copy in the package");
    let verified = bench.document(&["verify", image.to_str().unwrap()], 0);
    assert_eq!(verified["clean"], true, "the image is whole: {verified}");
    let inside =
        format!("/{}", files_below(&folder.join("data/originals"))[0].strip_prefix(&folder).unwrap().display());
    let out = bench.text("extracted.MP4");
    tool("xorriso", &["-osirrox", "on", "-indev", image.to_str().unwrap(), "-extract", &inside, &out], Path::new("."));
    tool("cmp", &[clip.to_str().unwrap(), &out], Path::new("."));
}

#[test]
fn row_16_two_cameras_that_count_alike_lose_nothing() {
    let bench = Bench::new();
    let names = ["A", "B"].map(|name| {
        let mut drive = Drive::new(&bench.path(&format!("drives/CAM-{name}")), Layout::Dcim).unwrap();
        let clip = drive.noise_clip("2026-11-21 09:00:00", 1, 40_000).unwrap();
        fs::write(&clip, format!("camera {name}").repeat(5000)).unwrap();
        assert_eq!(counts(&intake(&bench, &drive)), (1, 0), "camera {name}'s own content is new");
        clip.file_name().unwrap().to_owned()
    });
    assert_eq!(names[0], names[1], "both cameras call it the same");
    assert_eq!(held(&bench), contents(&bench.path("drives")), "both are there, neither over the other");
    bench.clean(&["fsck"]);
}

#[test]
fn row_20_a_formatted_card_that_counts_anew_is_taken_in_whole() {
    let bench = Bench::new();
    let root = bench.path("drives/NO NAME");
    let mut wanted = BTreeSet::new();
    for round in 0..2 {
        let mut drive = Drive::new(&root, Layout::Dcim).unwrap();
        for n in 1..=3 {
            let clip = drive.noise_clip("2026-11-21 09:00:00", 1, 40_000).unwrap();
            assert!(clip.ends_with(format!("ABCD{n:04}.MP4")), "the counter begins at one: {}", clip.display());
            let time = fs::metadata(&clip).unwrap().modified().unwrap();
            fs::write(&clip, format!("{round}{n}").repeat(20_000)).unwrap();
            // The recorder's clock was set back as well: name, size and time are those of another recording.
            File::options().write(true).open(&clip).unwrap().set_modified(time).unwrap();
        }
        wanted.extend(contents(&root));
        assert_eq!(counts(&intake(&bench, &drive)), (3, 0), "round {round}: nothing is skipped");
        fs::remove_dir_all(&root).unwrap();
    }
    assert_eq!(held(&bench), wanted, "all six contents are held");
    bench.clean(&["fsck"]);
}

#[test]
fn row_22_times_that_shift_by_an_hour_store_nothing_twice() {
    let bench = Bench::new();
    let drive = card(&bench, "FAT", 3);
    assert_eq!(counts(&intake(&bench, &drive)), (3, 0), "new");
    let before = fs::read_dir(bench.vault().join("originals")).unwrap().count();
    // What a FAT mount shows after the clocks changed, or on a station in another zone.
    for file in files_below(drive.root()) {
        let time = fs::metadata(&file).unwrap().modified().unwrap() + Duration::from_secs(3600);
        File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    }
    for zone in ["Asia/Shanghai", "America/New_York", "Pacific/Apia"] {
        let mut command = bench.command(&["intake", drive.root().to_str().unwrap(), "--json"]);
        let ended = command.env("TZ", zone).output().unwrap();
        let taken: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(counts(&taken), (0, 3), "{zone}: all of it is held already: {taken}");
    }
    assert_eq!(fs::read_dir(bench.vault().join("originals")).unwrap().count(), before, "not one folder is new");
    bench.clean(&["fsck"]);
}

/// Runs a command whose clock is so many seconds off.
fn at_another_time(bench: &Bench, seconds: i64, words: &[&str]) -> Ran {
    let library = Path::new("/usr/lib").join(format!("{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH));
    assert!(library.is_file(), "Debian's libfaketime is installed: {}", library.display());
    let mut command = bench.command(words);
    command.env("LD_PRELOAD", library).env("FAKETIME", format!("{seconds:+}")).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let ended = command.output().unwrap();
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let status = ended.status.code().expect("it ends by itself");
    Ran { line: words.join(" "), status, out: said(ended.stdout), err: said(ended.stderr) }
}

#[test]
fn row_23_a_clock_that_steps_back_is_told_and_the_ledger_keeps_its_order() {
    let bench = Bench::new();
    let (first, second) = (card(&bench, "FIRST", 2), card(&bench, "SECOND", 4));
    at_another_time(&bench, 3600, &["intake", first.root().to_str().unwrap()]).ending(0);
    at_another_time(&bench, 0, &["intake", second.root().to_str().unwrap()]).ending(0);
    let events = events(&bench);
    let order: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(order, (1..=events.len() as u64).collect::<Vec<_>>(), "the index gives the order");
    let fell = events.windows(2).filter(|pair| pair[1]["at"].as_str() < pair[0]["at"].as_str()).count();
    assert_eq!(fell, 1, "the station's time went back once, and is written as it was");
    let told: Vec<&Value> = events.iter().filter(|event| event["kind"] == "clock.stepped").collect();
    assert_eq!(told.len(), 1, "and the ledger says so once");
    assert!(text(&told[0]["body"], "before") > text(&told[0]["body"], "now"), "from when to when: {}", told[0]);
    assert_eq!(bench.document(&["fsck"], 0)["clips"], 4, "two of the second card's four contents are the first's");
}

#[test]
fn row_29_no_program_but_our_own_is_started_on_a_card() {
    let bench = Bench::new();
    let drive = card(&bench, "DIRTY", 2);
    let trace = bench.text("trace");
    let inner = bench.command(&["intake", drive.root().to_str().unwrap()]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=execve,mount,umount2,fsmount,mount_setattr", "-o", &trace]);
    command.arg(inner.get_program()).args(inner.get_args()).env("EVIDOCK_VAULT", bench.vault());
    assert!(command.output().unwrap().status.success(), "an intake under strace is done");
    let calls = fs::read_to_string(&trace).unwrap();
    let started: BTreeSet<&str> = calls
        .lines()
        .filter_map(|line| line.split_once("execve(\"")?.1.split('"').next()?.rsplit('/').next())
        .collect();
    assert_eq!(started, BTreeSet::from(["evidock", "evidock-probe"]), "no fsck, no mount, no repair");
    assert!(!calls.contains("mount"), "nothing is mounted or remounted: {calls}");
    // A volume that nobody could mount is no folder with files; what to do is said in words.
    let refused = bench.run(&["intake", &bench.text("drives/UNMOUNTABLE")]).ending(2);
    assert!(refused.err.contains("UNMOUNTABLE"), "it names what it cannot read: {}", refused.err);
}

/// Changes a file of a closed vault.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Runs a statement on a database by somebody else's program.
fn sqlite(file: &Path, sql: &str) {
    let script = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.executescript(sys.argv[2])\ndb.commit()";
    tool("python3", &["-c", script, file.to_str().unwrap(), sql], Path::new("."));
}

#[test]
fn row_48_a_damaged_register_is_noticed_and_comes_back_from_the_ledger() {
    type Spoil = fn(&Path);
    let rows: [(&str, Spoil); 4] = [
        ("a zeroed header", |file| edit(file, |bytes| bytes[..100].fill(0))),
        ("a page of another file", |file| edit(file, |bytes| bytes[4096..8192].fill(0x5a))),
        ("cut in half", |file| edit(file, |bytes| bytes.truncate(bytes.len() / 2))),
        ("a row that went missing", |file| sqlite(file, "DELETE FROM sighting;")),
    ];
    for (what, spoil) in rows {
        let bench = Bench::new();
        intake(&bench, &card(&bench, "CARD", 3));
        let before = bench.clean(&["clips", "--json"]).out;
        spoil(&bench.vault().join("register/register.sqlite"));
        let found = bench.run(&["fsck", "--json"]);
        assert_ne!(found.status, 0, "{what}: it is noticed: {}", found.out);
        bench.clean(&["rebuild"]);
        assert_eq!(bench.clean(&["clips", "--json"]).out, before, "{what}: the ledger brings everything back");
        bench.clean(&["fsck"]);
    }
}

#[test]
fn row_48_a_foreign_write_ahead_log_does_no_harm() {
    let bench = Bench::new();
    intake(&bench, &card(&bench, "CARD", 2));
    let before = bench.clean(&["clips", "--json"]).out;
    let other = Bench::new();
    intake(&other, &card(&other, "OTHER", 5));
    // A log that a killed process leaves: copied while the other register is open.
    let script = "import sqlite3, sys, shutil\ndb = sqlite3.connect(sys.argv[1])\ndb.execute('pragma journal_mode=wal')\n\
                  db.execute('create table stranger (x)')\ndb.commit()\nshutil.copy(sys.argv[1] + '-wal', sys.argv[2])";
    let log = bench.vault().join("register/register.sqlite-wal");
    let database = other.vault().join("register/register.sqlite");
    tool("python3", &["-c", script, database.to_str().unwrap(), log.to_str().unwrap()], Path::new("."));
    assert!(fs::metadata(&log).unwrap().len() > 4096, "the stranger's log holds pages");
    let opened = bench.run(&["fsck"]);
    if opened.status != 0 {
        bench.clean(&["rebuild"]);
    }
    assert_eq!(bench.clean(&["clips", "--json"]).out, before, "what the vault held is what it holds");
    bench.clean(&["fsck"]);
}

#[test]
fn row_49_a_vault_of_a_later_version_is_refused_and_left_as_it_is() {
    let bench = Bench::new();
    let drive = card(&bench, "CARD", 2);
    intake(&bench, &drive);
    let register = bench.vault().join("register/register.sqlite");
    sqlite(&register, "INSERT INTO migration VALUES (9999, 'of a later version');");
    let before = fs::read(&register).unwrap();
    for words in [["clips", "--limit=5"], ["intake", drive.root().to_str().unwrap()]] {
        let refused = bench.run(&[words.as_slice(), &["--json"]].concat());
        assert!([3, 4].contains(&refused.status), "{words:?} is refused: {}", refused.out);
        assert_eq!(refused.document()["error"]["code"], "vault_newer", "{words:?}: and says why");
    }
    assert!(fs::read(&register).unwrap() == before, "not one byte of it is written");
}

#[test]
fn row_50_a_register_that_another_program_holds_is_neither_forced_nor_harmed() {
    let bench = Bench::new();
    let drive = card(&bench, "CARD", 3);
    let register = bench.vault().join("register/register.sqlite");
    let script = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\ndb.execute('begin exclusive')\n\
                  print('held', flush=True)\nsys.stdin.read()";
    let mut holder = Command::new("python3");
    holder.args(["-c", script, register.to_str().unwrap()]);
    holder.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut holder = holder.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(holder.stdout.as_mut().unwrap()), &mut line).unwrap();
    assert_eq!(line.trim(), "held", "a stranger holds the register");
    let refused = bench.run(&["intake", drive.root().to_str().unwrap(), "--json"]);
    assert!([3, 4].contains(&refused.status), "it is not written past the stranger: {}", refused.out);
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success(), "the stranger lets go");
    assert_eq!(counts(&intake(&bench, &drive)), (3, 0), "then everything is taken in");
    bench.clean(&["fsck"]);
}

#[test]
fn row_52_an_event_taken_out_or_changed_is_named_by_its_index() {
    type Spoil = fn(&mut Vec<&str>);
    let rows: [(&str, Spoil); 2] = [
        ("taken out", |lines| {
            lines.remove(4);
        }),
        ("two that change places", |lines| lines.swap(4, 5)),
    ];
    for (what, spoil) in rows {
        let bench = Bench::new();
        intake(&bench, &card(&bench, "CARD", 3));
        let file = files_below(&bench.vault().join("ledger")).remove(0);
        let whole = fs::read_to_string(&file).unwrap();
        let mut lines: Vec<&str> = whole.lines().collect();
        spoil(&mut lines);
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let found = bench.run(&["fsck", "--json"]);
        assert_ne!(found.status, 0, "{what}: {}", found.out);
        fs::remove_dir_all(bench.vault().join("register")).unwrap();
        let refused = bench.run(&["rebuild", "--json"]);
        assert_ne!(refused.status, 0, "{what}: a broken chain is not believed: {}", refused.out);
        assert!(refused.out.contains("at event 5"), "{what}: and the place of the break is named: {}", refused.out);
    }
}

/// A register put back to an older copy is refused, because the ledger files are newer. Register and ledger put back
/// together agree with each other: only a signed tree head kept elsewhere shows that, and there is none yet.
#[test]
fn row_53_a_register_put_back_to_an_older_copy_is_refused() {
    let bench = Bench::new();
    intake(&bench, &card(&bench, "FIRST", 2));
    let register = bench.vault().join("register/register.sqlite");
    let old = fs::read(&register).unwrap();
    intake(&bench, &card(&bench, "SECOND", 5));
    let before = bench.clean(&["clips", "--json"]).out;
    fs::write(&register, old).unwrap();
    let refused = bench.run(&["clips", "--json"]).ending(4);
    assert_eq!(refused.document()["error"]["code"], "register_damaged", "events that were written are missing");
    bench.clean(&["rebuild"]);
    assert_eq!(bench.clean(&["clips", "--json"]).out, before, "the ledger brings the newer state back");
}

/// A ledger that another vault wrote, or that was written anew, does not fit the register beside it. Who holds both
/// can rewrite both: keys, signed tree heads and two roots of one size come with those.
#[test]
fn row_54_a_ledger_written_anew_does_not_fit_its_register() {
    let (bench, other) = (Bench::new(), Bench::new());
    for one in [&bench, &other] {
        intake(one, &card(one, "CARD", 2));
    }
    fs::remove_dir_all(bench.vault().join("ledger")).unwrap();
    let (from, to) = (other.vault().join("ledger"), bench.text("vault"));
    tool("cp", &["-r", from.to_str().unwrap(), &to], Path::new("."));
    let found = bench.run(&["fsck", "--json"]);
    assert_ne!(found.status, 0, "another chain is noticed: {}", found.out);
}

#[test]
fn row_55_an_original_swapped_for_another_of_its_size_is_found() {
    let bench = Bench::new();
    let mut drive = Drive::new(&bench.path("drives/CARD"), Layout::DsjA).unwrap();
    for n in 0..2 {
        drive.noise_clip(&format!("2026-11-21 09:0{n}:00"), 50, 40_000).unwrap();
    }
    let taken = intake(&bench, &drive);
    let stored: Vec<PathBuf> =
        texts(&taken["clips"], "stored_path").iter().map(|path| bench.vault().join(path)).collect();
    let other = fs::read(&stored[1]).unwrap();
    fs::remove_file(&stored[0]).unwrap();
    fs::write(&stored[0], other).unwrap();
    let found = bench.document(&["fsck"], 1);
    let findings = found["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "one original is bad: {found}");
    assert_eq!(text(&findings[0], "code"), "original_changed", "{found}");
    assert!(stored[0].ends_with(text(&findings[0], "path")), "and it is named: {found}");
}

#[test]
fn row_60_figures_on_paper_are_those_of_the_package() {
    let bench = Bench::new();
    let drive = card(&bench, "CARD", 3);
    let (folder, _) = packaged(&bench, drive.root());
    accept_package(&folder);
    let originals = files_below(&folder.join("data/originals"));
    let papers: Vec<PathBuf> =
        files_below(&folder.join("data")).into_iter().filter(|f| f.extension().is_some_and(|e| e == "pdf")).collect();
    let words: String = papers.iter().map(|paper| pdf_words(paper)).collect();
    for (file, digest) in digests("sha256sum", &originals) {
        assert!(words.contains(&digest), "the papers say what sha256sum says of {}", file.display());
    }
    for paper in papers {
        let whole = fs::read(&paper).unwrap();
        tool("chmod", &["-R", "u+w", folder.to_str().unwrap()], Path::new("."));
        let name = paper.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        // A paper with other figures: sound in itself, and not the one that was packed.
        fs::write(&paper, [whole.as_slice(), b"\n% other figures\n"].concat()).unwrap();
        let found = bench.document(&["verify", folder.to_str().unwrap()], 1);
        assert!(texts(&found["findings"], "path").contains(&name), "{name} is named: {found}");
        fs::write(&paper, whole).unwrap();
    }
    let statement =
        files_below(&bench.vault().join("papers")).into_iter().find(|f| f.extension().is_some_and(|e| e == "pdf"));
    let statement = statement.expect("a signed statement has its paper");
    edit(&statement, |bytes| bytes.extend_from_slice(b"\n% other figures\n"));
    let found = bench.document(&["fsck"], 1);
    assert_eq!(texts(&found["findings"], "code"), ["paper_changed"], "and in the vault: {found}");
}
