//! fsck finds what is wrong, says which, and takes it back once it is right again.

use crate::bench::{Asked, Bench, clerk, sessions};
use model::{ClipState, ProblemCode};
use station::{Destination, Station, TaskState};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The vault of a small unit, and what lies where.
struct Store {
    bench: Bench,
    station: Arc<Station>,
}

impl Store {
    fn new() -> Self {
        let bench = Bench::new();
        let station = bench.create();
        station.take_in(&bench.usual_drive());
        station.signed(&sessions(&station)[0]);
        Self { bench, station }
    }

    fn original(&self) -> PathBuf {
        self.bench.vault().join(&self.station.clips()[1].clip.stored_path)
    }

    fn sidecar(&self) -> PathBuf {
        self.original().with_file_name("clip.json")
    }

    fn paper(&self) -> PathBuf {
        self.bench.vault().join(&self.station.ask(|view| view.all_statements())[0].pdf_path)
    }

    fn ledger(&self) -> PathBuf {
        self.bench.vault().join("ledger/events-000000000001.jsonl")
    }

    fn codes(&self, metadata_only: bool) -> Vec<ProblemCode> {
        self.station.checked(metadata_only).findings.iter().map(|finding| finding.code).collect()
    }

    fn states(&self) -> Vec<ClipState> {
        self.station.clips().iter().map(|row| row.clip.state).collect()
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Damages one file, and fails unless a full check, and a look at sizes alone, find what they should, and the file
/// put back is good again.
fn check(what: &str, place: fn(&Store) -> PathBuf, damage: fn(&Path), code: ProblemCode, by_size: bool) {
    let store = Store::new();
    assert_eq!(store.codes(false), [], "{what}: clean before");
    let path = place(&store);
    let kept = fs::read(&path).unwrap();
    damage(&path);
    let expected: &[ProblemCode] = if by_size { &[code] } else { &[] };
    assert_eq!(store.codes(true), expected, "{what}: by size and name");
    assert_eq!(store.codes(false), [code], "{what}: by content");
    let original = [ProblemCode::OriginalChanged, ProblemCode::OriginalMissing].contains(&code);
    let state = if original { ClipState::Mismatch } else { ClipState::Verified };
    assert_eq!(store.states(), [ClipState::Verified, state, ClipState::Verified, ClipState::Verified], "{what}: 状态");
    assert_eq!(store.codes(false), [code], "{what}: found as often as it is looked for");

    if path.exists() {
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, kept).unwrap();
    assert_eq!(store.codes(true), [], "{what}: put back");
    assert_eq!(store.states()[1], state, "{what}: sizes alone do not clear it");
    assert_eq!(store.codes(false), [], "{what}: its content does");
    assert_eq!(store.states(), [ClipState::Verified; 4], "{what}: good again");
}

#[test]
fn row_55_a_flipped_bit_in_an_original_is_found() {
    check("flip", Store::original, |path| edit(path, |b| b[9] ^= 1), ProblemCode::OriginalChanged, false);
}

#[test]
fn row_55_a_cut_original_is_found() {
    check("cut", Store::original, |path| edit(path, |b| b.truncate(9)), ProblemCode::OriginalChanged, true);
}

#[test]
fn row_55_a_lost_original_is_found() {
    check("lost", Store::original, |path| fs::remove_file(path).unwrap(), ProblemCode::OriginalMissing, true);
}

#[test]
fn a_link_in_place_of_an_original_is_found() {
    let relink: fn(&Path) = |path| {
        let aside = path.parent().unwrap().parent().unwrap().parent().unwrap().parent().unwrap();
        let aside = aside.parent().unwrap().parent().unwrap().parent().unwrap().join("aside.MP4");
        fs::rename(path, &aside).unwrap();
        std::os::unix::fs::symlink(&aside, path).unwrap();
    };
    check("link", Store::original, relink, ProblemCode::OriginalChanged, true);
}

#[test]
fn an_edited_sidecar_is_found() {
    let edited: fn(&Path) = |path| {
        edit(path, |bytes| {
            let at = bytes.windows(6).position(|w| w == b"\"sm3\":").unwrap() + 9;
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        });
    };
    check("sidecar edited", Store::sidecar, edited, ProblemCode::SidecarDiffers, true);
    check("sidecar lost", Store::sidecar, |path| fs::remove_file(path).unwrap(), ProblemCode::SidecarMissing, true);
    check("sidecar torn", Store::sidecar, |path| edit(path, |b| b.truncate(40)), ProblemCode::SidecarMissing, true);
}

#[test]
fn an_edited_paper_is_found() {
    check("paper edited", Store::paper, |path| edit(path, |b| b[200] ^= 1), ProblemCode::PaperChanged, true);
    check("paper lost", Store::paper, |path| fs::remove_file(path).unwrap(), ProblemCode::PaperMissing, true);
}

#[test]
fn edited_ledger_files_are_found() {
    let store = Store::new();
    let path = store.ledger();
    let kept = fs::read(&path).unwrap();
    edit(&path, |bytes| {
        let at = bytes.windows(6).position(|w| w == "麒麟".as_bytes()).unwrap();
        bytes[at + 2] ^= 1;
    });
    assert_eq!(store.codes(true), [ProblemCode::LedgerMirrorDiffers], "the files tell another story");
    // What was appended meanwhile stays: only the edited line is put right.
    let mut now = fs::read(&path).unwrap();
    now[..kept.len()].copy_from_slice(&kept);
    fs::write(&path, now).unwrap();
    assert_eq!(store.codes(true), [], "and the same one again");
}

#[test]
fn what_nobody_registered_is_found_wherever_it_lies() {
    let store = Store::new();
    let vault = store.bench.vault();
    let folder = store.original().parent().unwrap().to_owned();
    let day = folder.parent().unwrap().parent().unwrap().to_owned();
    let write = |path: PathBuf| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "stranger").unwrap();
        path
    };
    let id = folder.file_name().unwrap();
    let rows = [
        ("a folder among the clips", write(day.join("DSJ-03/01KZZZZZZZZZZZZZZZZZZZZZZZ/x.MP4"))),
        ("a folder that is no clip's", write(day.join("DSJ-03/notes/x.txt"))),
        ("a file beside an original", write(folder.join("second.MP4"))),
        ("a file among the days", write(day.join("x.MP4"))),
        ("a file at the top", write(vault.join("originals/x.MP4"))),
        ("a clip that nobody registered", write(day.join("DSJ-03/01KZZZZZZZZZZZZZZZZZZZZZZY/clip.json"))),
        ("a clip's copy under another recorder", write(day.join("OTHER").join(id).join("clip.json"))),
        ("a clip in a folder too deep", write(day.join("OTHER/more/still").join(id).join("clip.json"))),
    ];
    // A clip's folder is named as one; what lies elsewhere, file by file.
    let rows = rows.map(|(what, path)| {
        let whole = path.ends_with("clip.json");
        (what, if whole { path.parent().unwrap().to_owned() } else { path })
    });
    for (what, found) in &rows {
        let found = found.strip_prefix(&vault).unwrap().display().to_string();
        let findings = store.station.checked(true).findings;
        assert!(
            findings.iter().any(|f| f.code == ProblemCode::NotRegistered && f.path == found),
            "{what}: {found} in {findings:?}"
        );
    }
    assert_eq!(store.station.checked(true).findings.len(), rows.len(), "each once, and nothing of ours");
    assert_eq!(store.states(), [ClipState::Verified; 4], "strangers do no harm to clips");
    for (_, found) in rows {
        if found.is_dir() { fs::remove_dir_all(found).unwrap() } else { fs::remove_file(found).unwrap() }
    }
    assert_eq!(store.codes(true), [], "gone again");
}

#[test]
fn what_is_left_in_staging_is_found() {
    let store = Store::new();
    let left = store.bench.vault().join("staging/01KZZZZZZZZZZZZZZZZZZZZZZZ");
    fs::create_dir_all(&left).unwrap();
    assert_eq!(store.codes(true), [ProblemCode::StagingLeftover]);
    let Store { bench, station } = store;
    drop(station);
    let station = bench.open();
    assert!(!left.exists(), "the next start clears it");
    assert_eq!(station.checked(true).findings, []);
}

#[test]
fn a_check_says_what_it_looked_at_and_is_remembered() {
    let store = Store::new();
    let bytes: u64 = store.station.clips().iter().map(|row| row.clip.size).sum();
    let full = store.station.checked(false);
    assert_eq!((full.checked, full.bytes, full.metadata_only), (4, bytes, false), "every byte");
    let quick = store.station.checked(true);
    assert_eq!((quick.checked, quick.bytes, quick.metadata_only), (4, 0, true), "no byte");
    let last = store.station.ask(|view| view.last_store_check()).unwrap();
    assert!(last.metadata_only && last.checked == 4, "the newest: {last:?}");
    edit(&store.original(), |bytes| bytes[3] ^= 8);
    store.station.check_and_wait(&clerk(), false).unwrap();
    let id = store.station.clips()[1].clip.id.to_string();
    let kinds: Vec<String> = store.station.ask(|view| view.history(&[&id])).into_iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "clip.checked").count(),
        1,
        "the clip's history tells it: {kinds:?}"
    );
}

#[test]
fn a_paper_that_no_statement_names_is_found() {
    let store = Store::new();
    let stranger = store.paper().with_file_name("文说-9.pdf");
    fs::write(&stranger, "not signed").unwrap();
    let findings = store.station.checked(true).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    let path = stranger.strip_prefix(store.bench.vault()).unwrap().display().to_string();
    assert_eq!((findings[0].code, &findings[0].path), (ProblemCode::NotRegistered, &path));
}

#[test]
fn a_package_that_is_gone_is_found() {
    let store = Store::new();
    let station = &store.station;
    let ids = sessions(station);
    let draft = model::CaseDraft { number: "12号".into(), ..Default::default() };
    let case = station.save_case(&clerk(), &station::SaveCase { id: None, draft }).unwrap().case.id;
    station.assign_case(&clerk(), &ids[1..], Some(&case)).unwrap();
    station.signed(&ids[1]);
    let made = station.package_and_wait(&clerk(), &case, Destination::Vault { image: true }).unwrap();
    assert_eq!(store.codes(true), [], "as it was made");
    let image = store.bench.vault().join(made.image.unwrap());
    fs::remove_file(&image).unwrap();
    assert_eq!(store.codes(true), [ProblemCode::FileMissing], "its image");
    fs::remove_dir_all(store.bench.vault().join(&made.folder)).unwrap();
    assert_eq!(store.codes(true), [ProblemCode::FileMissing; 2], "and its folder");
}

#[test]
fn a_folder_that_cannot_be_listed_is_a_finding_and_the_check_goes_on() {
    let store = Store::new();
    let staging = store.bench.vault().join("staging");
    fs::remove_dir_all(&staging).unwrap();
    fs::write(&staging, "no folder").unwrap();
    fs::remove_file(store.paper()).unwrap();
    assert_eq!(store.codes(true), [ProblemCode::FolderUnreadable, ProblemCode::PaperMissing], "both are said");
}

#[test]
fn a_check_that_is_stopped_keeps_what_it_found() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 12, 24 << 20));
    let first = station.ask(|view| view.clips_after(None, 1)).remove(0).clip;
    edit(&bench.vault().join(&first.stored_path), |bytes| bytes[9] ^= 1);
    let task = station.start_check(&clerk(), false).unwrap();
    // Cancelled while the rest is being read.
    let now = || station.tasks().into_iter().find(|one| one.id == task.id).unwrap();
    while now().state == TaskState::Running && now().done <= first.size {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    station.cancel_task(&task.id).unwrap();
    while now().state == TaskState::Running {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(now().state, TaskState::Cancelled, "it was stopped in time");
    assert_eq!(station.ask(|view| view.clip(&first.id)).unwrap().clip.state, ClipState::Mismatch, "the clip says so");
    let events = station.ask(|view| view.event_bytes(0, u32::MAX));
    let last = events.into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap()).next_back().unwrap();
    assert!(last.contains(r#""store.checked""#) && last.contains(r#""complete":false"#), "and the check: {last}");
    assert!(last.contains("original_changed"), "with what it saw: {last}");
}
