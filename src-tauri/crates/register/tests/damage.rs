//! A register that was damaged, rolled back, mixed with another's files, or whose disk refused: found out, and brought
//! back.
#![allow(clippy::unwrap_used)]

use ledger::{Change, ClipRegistered, JobOpened, SettingChanged, SightingRecord, UnitNamed};
use model::{Actor, ClipId, parse_instant};
use register::{Author, Places, Register, RegisterError, rebuild, restore};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const VAULT: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn author() -> Author {
    Author::new(parse_instant("2026-11-21T01:02:05.123Z").unwrap(), Actor::Account { name: "tester".into() })
}

fn id(n: u32) -> String {
    format!("01ARZ3NDEKTSV4RRFFQ6{n:06}")
}

fn clip(n: u32) -> Change {
    ClipRegistered {
        id: id(n),
        number: format!("P2026-{n:06}"),
        original_name: format!("朝阳路{n}.MP4"),
        size: u64::from(n),
        blake3: format!("{n:064x}"),
        sha256: format!("{n:064x}"),
        sm3: format!("{n:064x}"),
        level: "V2".into(),
        stored_path: format!("originals/{n}"),
        job: id(9000),
        recorder: "03号".into(),
        footage: true,
        sighting: SightingRecord { path: format!("DCIM/{n}.MP4"), volume: "serial:1".into(), ..Default::default() },
        ..Default::default()
    }
    .into()
}

fn setting(value: &str) -> Change {
    SettingChanged { key: "x".into(), value: value.into() }.into()
}

fn write(register: &Register, changes: Vec<Change>) {
    register.write::<_, RegisterError>(&author(), |_| Ok((changes, ()))).unwrap();
}

fn head(register: &Register) -> u64 {
    register.read::<_, RegisterError>(|view| view.ledger_head()).unwrap().0
}

/// A register of `clips` clips, open, and its vault.
fn filled(vault_id: &str, clips: u32) -> (TempDir, Places, Register) {
    let folder = tempfile::tempdir().unwrap();
    let places = Places::below(folder.path());
    let register = Register::create(&places).unwrap();
    let named = UnitNamed { vault: vault_id.into(), unit: "示例局".into(), ..Default::default() };
    write(&register, vec![named.into(), JobOpened { id: id(9000), ..Default::default() }.into()]);
    for n in 1..=clips {
        write(&register, vec![clip(n)]);
    }
    (folder, places, register)
}

fn database(places: &Places) -> PathBuf {
    places.register.join("register.sqlite")
}

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("sqlite-wal")
}

/// Copies a register as it lies on the disk of a running program: with its log, as a crash would leave it.
fn crashed(places: &Places) -> (TempDir, Places) {
    let folder = tempfile::tempdir().unwrap();
    let copy = Places::below(folder.path());
    for (from, to) in [(&places.register, &copy.register), (&places.ledger, &copy.ledger)] {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "register.sqlite-shm" {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    assert!(fs::metadata(log_of(&database(&copy))).unwrap().len() > 32, "the newest commits are in the log alone");
    (folder, copy)
}

fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Fails unless the register is refused as damaged.
#[track_caller]
fn refused(places: &Places, what: &str) {
    let Err(error) = Register::open(places) else { panic!("{what}: it opened") };
    let damaged = error.is_damage()
        || matches!(
            error,
            RegisterError::Damaged(_) | RegisterError::MirrorDiffers { .. } | RegisterError::Malformed { .. }
        );
    assert!(damaged, "{what}: said to be damaged, not {error}");
}

#[test]
fn row_48_a_crash_leaves_a_log_that_is_taken_up() {
    let (_folder, places, register) = filled(VAULT, 300);
    let (_copy, copy) = crashed(&places);
    let again = Register::open(&copy).unwrap();
    assert_eq!(head(&again), head(&register), "every commit is there");
    assert_eq!(again.audit().unwrap(), vec![], "and agrees with the ledger");
}

#[test]
fn row_48_a_log_that_is_missing_is_found_out() {
    let (_folder, places, _register) = filled(VAULT, 300);
    let (_copy, copy) = crashed(&places);
    fs::remove_file(log_of(&database(&copy))).unwrap();
    refused(&copy, "the commits of the log are missing");
}

#[test]
fn row_48_a_foreign_log_is_found_out() {
    let (_folder, places, register) = filled(VAULT, 300);
    let (_stranger, strangers, _open) = filled("01ARZ3NDEKTSV4RRFFQ69G5FAW", 200);
    let (_early, early) = crashed(&places);
    for n in 301..=600 {
        write(&register, vec![clip(n)]);
    }
    drop(register);
    let ours = fs::read(database(&places)).unwrap();
    let rows =
        [("another vault's", log_of(&database(&strangers))), ("an older one of its own", log_of(&database(&early)))];
    for (what, log) in rows {
        fs::write(database(&places), &ours).unwrap();
        fs::copy(&log, log_of(&database(&places))).unwrap();
        refused(&places, what);
        for beside in ["sqlite-wal", "sqlite-shm"] {
            let path = database(&places).with_extension(beside);
            if path.exists() {
                fs::remove_file(path).unwrap();
            }
        }
    }
    fs::write(database(&places), &ours).unwrap();
    fs::write(database(&places).with_extension("sqlite-journal"), [0xd9; 4096]).unwrap();
    refused(&places, "a rollback journal, which this register never has");
}

#[test]
fn row_48_damage_is_found_on_opening_or_by_the_audit() {
    let (_folder, places, register) = filled(VAULT, 100);
    drop(register);
    let whole = fs::read(database(&places)).unwrap();
    let pages = whole.len() / 4096;
    let (mut at_once, mut later) = (0, Vec::new());
    for page in 0..pages {
        fs::write(database(&places), &whole).unwrap();
        spoil(&database(&places), |bytes| {
            bytes[page * 4096..(page + 1) * 4096].iter_mut().for_each(|byte| *byte ^= 0xff)
        });
        match Register::open(&places) {
            Err(_) => at_once += 1,
            Ok(register) => later.push((page, register.audit())),
        }
    }
    assert!(at_once * 100 >= pages * 95, "nearly every flipped page is found on opening: {at_once} of {pages}");
    for (page, audit) in later {
        // A page that nothing uses any more holds nothing.
        if let Ok(found) = audit {
            fs::write(database(&places), &whole).unwrap();
            let free: i64 = Connection::open(database(&places))
                .unwrap()
                .query_row("PRAGMA freelist_count", [], |row| row.get(0))
                .unwrap();
            assert!(!found.is_empty() || free > 0, "page {page} is flipped and nobody noticed");
        }
    }
    fs::write(database(&places), &whole).unwrap();
    spoil(&database(&places), |bytes| bytes[..100].fill(0));
    refused(&places, "the header is zeroed");
    let text = "朝阳路77.MP4".as_bytes();
    let places_of = |bytes: &[u8]| -> Vec<usize> {
        (0..bytes.len() - text.len()).filter(|at| bytes[*at..].starts_with(text)).collect()
    };
    let found = places_of(&whole);
    assert!(found.len() >= 2, "the name stands in the event and in the table");
    for at in found {
        fs::write(database(&places), &whole).unwrap();
        spoil(&database(&places), |bytes| bytes[at + text.len() - 5] ^= 1);
        let noticed = match Register::open(&places) {
            Err(_) => true,
            Ok(register) => register.audit().map_or(true, |found| !found.is_empty()),
        };
        assert!(noticed, "one bit of text at {at}");
    }
}

#[test]
fn row_52_an_event_edited_or_gone_is_named() {
    let (_folder, places, register) = filled(VAULT, 50);
    drop(register);
    let whole = fs::read(database(&places)).unwrap();
    let rows = [
        (
            "edited",
            "UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), '朝阳', '朝日') AS BLOB) WHERE seq = 20",
            "21",
        ),
        ("gone", "DELETE FROM event WHERE seq = 20", "20"),
        ("its row edited", "UPDATE event SET actor = 'somebody else' WHERE seq = 20", "event"),
        ("a clip edited", "UPDATE clip SET original_name = 'x' WHERE number = 'P2026-000020'", "clip"),
    ];
    for (what, sql, named) in rows {
        fs::write(database(&places), &whole).unwrap();
        let db = Connection::open(database(&places)).unwrap();
        db.execute_batch(&format!(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER event_stays; DROP TRIGGER event_remains; {sql};
             CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
             CREATE TRIGGER event_remains BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END;"
        ))
        .unwrap();
        drop(db);
        let found = Register::open(&places).unwrap().audit().unwrap();
        assert!(found.iter().any(|(_, said)| said.contains(named)), "{what}: {named} is named in {found:?}");
    }
}

#[test]
fn row_53_a_register_rolled_back_or_cut_is_refused() {
    let (_folder, places, register) = filled(VAULT, 50);
    let backup = places.register.with_file_name("early.sqlite");
    register.back_up(&backup, &|| true).unwrap();
    write(&register, vec![setting("newer")]);
    drop(register);
    let whole = fs::read(database(&places)).unwrap();
    fs::copy(&backup, database(&places)).unwrap();
    refused(&places, "rolled back to a backup by hand");
    fs::write(database(&places), &whole).unwrap();
    let db = Connection::open(database(&places)).unwrap();
    db.execute_batch("PRAGMA foreign_keys = OFF; DROP TRIGGER event_remains; DELETE FROM event WHERE seq > 40;")
        .unwrap();
    drop(db);
    refused(&places, "the last events removed");
    // With the ledger files cut to the same end nothing here knows better; only a head written elsewhere does.
    let rebuilt = rebuild(&places).unwrap();
    assert_eq!(rebuilt.events, 53, "the ledger files still have all of it");
}

#[test]
fn a_backup_is_whole_while_writers_go_on() {
    let (folder, places, register) = filled(VAULT, 500);
    let backup = folder.path().join("b.sqlite");
    let before = head(&register);
    let backed = std::thread::scope(|scope| {
        let writing = scope.spawn(|| (1000..1200).for_each(|n| write(&register, vec![clip(n)])));
        let backed = register.back_up(&backup, &|| true).unwrap().unwrap();
        writing.join().unwrap();
        backed
    });
    assert!(backed.events >= before && backed.events <= before + 200, "of one moment: {backed:?}");
    assert_eq!(fs::metadata(&backup).unwrap().len(), backed.bytes);
    for beside in ["-wal", "-shm", "-journal"] {
        assert!(!folder.path().join(format!("b.sqlite{beside}")).exists(), "one file, nothing beside it: {beside}");
    }
    let db = Connection::open(&backup).unwrap();
    let events: u64 = db.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    assert_eq!(events, backed.events, "and it holds what it says");
    assert_eq!(register.back_up(&folder.path().join("c.sqlite"), &|| false).unwrap(), None, "it can be called off");
    assert_eq!(register.audit().unwrap(), vec![], "the register itself is untouched");
    drop(places);
}

#[test]
fn a_backup_comes_back_and_is_brought_up_to_the_ledger_files() {
    let (folder, places, register) = filled(VAULT, 40);
    let backup = folder.path().join("b.sqlite");
    register.back_up(&backup, &|| true).unwrap();
    for n in 41..=60 {
        write(&register, vec![clip(n)]);
    }
    let (events, before) = (head(&register), register.content().unwrap());
    drop(register);
    let aside = folder.path().join("aside");
    let rebuilt = restore(&places, &backup, VAULT).unwrap();
    assert_eq!((rebuilt.events, rebuilt.replayed), (events, 20), "the newer events come from the ledger files");
    assert!(database(&places).exists(), "nothing was touched so far");
    fs::rename(&places.register, &aside).unwrap();
    assert_eq!(rebuilt.install(Some(&aside)).unwrap(), Ok(0), "there were no drafts");
    let register = Register::open(&places).unwrap();
    assert_eq!(register.content().unwrap(), before, "table by table the same");
    assert_eq!(register.audit().unwrap(), vec![]);
    let clip = ClipId::parse(&id(55)).unwrap();
    assert!(register.read::<_, RegisterError>(|view| view.clip(&clip)).unwrap().is_some(), "also the newest");
}

#[test]
fn row_48_a_backup_that_is_not_fit_is_refused_and_nothing_is_touched() {
    let (folder, places, register) = filled(VAULT, 40);
    let backup = folder.path().join("b.sqlite");
    register.back_up(&backup, &|| true).unwrap();
    write(&register, vec![setting("newer")]);
    drop(register);
    let (whole, present) = (fs::read(&backup).unwrap(), fs::read(database(&places)).unwrap());
    let beside = |kind: &str| folder.path().join(format!("b.sqlite{kind}"));
    type Spoil<'a> = Box<dyn Fn() + 'a>;
    let sql = |text: &'static str| -> Spoil<'_> {
        let backup = backup.clone();
        Box::new(move || Connection::open(&backup).unwrap().execute_batch(text).unwrap())
    };
    let rows: Vec<(&str, Spoil<'_>)> = vec![
        ("a log beside it", Box::new(|| fs::write(beside("-wal"), [1; 64]).unwrap())),
        ("a shared memory beside it", Box::new(|| fs::write(beside("-shm"), [1; 64]).unwrap())),
        ("a journal beside it", Box::new(|| fs::write(beside("-journal"), [1; 64]).unwrap())),
        ("no database", Box::new(|| fs::write(&backup, [7; 9000]).unwrap())),
        ("cut off", Box::new(|| fs::write(&backup, &whole[..whole.len() / 2]).unwrap())),
        ("a page flipped", Box::new(|| spoil(&backup, |bytes| bytes[8192..12288].iter_mut().for_each(|b| *b ^= 0xff)))),
        ("a later layout", sql("INSERT INTO migration VALUES (99, 'later')")),
        ("a row that the ledger does not give", sql("UPDATE clip SET size = 7 WHERE number = 'P2026-000003'")),
        ("gone", Box::new(|| fs::remove_file(&backup).unwrap())),
    ];
    for (what, spoil) in rows {
        fs::write(&backup, &whole).unwrap();
        spoil();
        let refused = restore(&places, &backup, VAULT).err().unwrap_or_else(|| panic!("{what}: it was taken"));
        assert!(matches!(refused, RegisterError::Unfit { .. }), "{what}: {refused}");
        for kind in ["-wal", "-shm", "-journal"] {
            if beside(kind).exists() {
                fs::remove_file(beside(kind)).unwrap();
            }
        }
    }
    fs::write(&backup, &whole).unwrap();
    let other = restore(&places, &backup, "01ARZ3NDEKTSV4RRFFQ69G5FAW").err().unwrap();
    assert!(matches!(other, RegisterError::Unfit { .. }), "of another vault: {other}");
    assert!(fs::read(database(&places)).unwrap() == present, "the register that is there was not touched");
}

#[test]
fn a_backup_that_the_ledger_files_contradict_is_refused() {
    let (folder, places, register) = filled(VAULT, 10);
    let (_other, _, twin) = filled(VAULT, 0);
    for n in [1, 2, 30] {
        write(&twin, vec![clip(n)]);
    }
    let backup = folder.path().join("b.sqlite");
    twin.back_up(&backup, &|| true).unwrap();
    drop(register);
    let refused = restore(&places, &backup, VAULT).err().unwrap();
    assert!(matches!(&refused, RegisterError::MirrorDiffers { why, .. } if why.contains('5')), "named: {refused}");
    fs::remove_dir_all(&places.ledger).unwrap();
    let rebuilt = restore(&places, &backup, VAULT).unwrap();
    assert_eq!((rebuilt.events, rebuilt.replayed), (5, 0), "without ledger files the backup is all there is");
}

#[test]
fn row_48_a_log_without_its_database_is_not_taken_up() {
    let (folder, places, register) = filled(VAULT, 10);
    let backup = folder.path().join("b.sqlite");
    register.back_up(&backup, &|| true).unwrap();
    let log = fs::read(log_of(&database(&places))).unwrap();
    drop(register);
    fs::remove_file(database(&places)).unwrap();
    fs::write(log_of(&database(&places)), log).unwrap();
    let refused = restore(&places, &backup, VAULT).err().unwrap();
    assert!(matches!(refused, RegisterError::Damaged(_)), "{refused}");
    let installed = rebuild(&places).unwrap().install(None);
    assert!(installed.is_err(), "nor is it mixed with a new register");
    assert!(!database(&places).exists(), "which is not put beside it");
}
