//! Layouts of other versions, and a station's clock that goes back.
#![allow(clippy::unwrap_used)]

use ledger::{Change, ClipRegistered, JobOpened, SightingRecord, SourceReading, SourceReread};
use model::{Actor, ClipId, ClipState, Instant, Level, PaperSubject, SubjectKind, parse_instant};
use register::{Author, Places, Register, RegisterError};
use rusqlite::Connection;
use tempfile::TempDir;

const JOB: &str = "01ARZ3NDEKTSV4RRFFQ69G5FA0";
const CLIP: &str = "01ARZ3NDEKTSV4RRFFQ69G5FA1";

fn at(time: &str) -> Instant {
    parse_instant(time).unwrap()
}

fn write(register: &Register, time: &str, changes: Vec<Change>) {
    let author = Author::new(at(time), Actor::Station);
    register.write::<_, RegisterError>(&author, |_| Ok((changes, ()))).unwrap();
}

/// Returns a register that holds one damaged clip, closed.
fn filled() -> (TempDir, Places) {
    let folder = TempDir::new().unwrap();
    let places = Places::below(folder.path());
    let register = Register::create(&places).unwrap();
    let clip = ClipRegistered {
        id: CLIP.into(),
        number: "P2026-000001".into(),
        size: 5,
        blake3: "a".repeat(64),
        sha256: "b".repeat(64),
        sm3: "c".repeat(64),
        level: "V2".into(),
        stored_path: "originals/a".into(),
        job: JOB.into(),
        sighting: SightingRecord { local: "2026-11-21T09:02:04".into(), ..Default::default() },
        ..Default::default()
    };
    let opened = JobOpened { id: JOB.into(), ..Default::default() };
    write(&register, "2026-11-21T01:00:00.000Z", vec![opened.into(), clip.into()]);
    drop(register);
    (folder, places)
}

fn alter(places: &Places, sql: &str) {
    Connection::open(places.register.join("register.sqlite")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn row_49_an_earlier_layout_is_made_anew_from_its_own_ledger() {
    let (_folder, places) = filled();
    // As an earlier program left it: fewer tables, a column less, its own mark.
    alter(
        &places,
        "PRAGMA foreign_keys = OFF; DROP TABLE alarm; DROP TABLE copy; DROP TABLE paper;
         DROP TABLE paper_draft; DROP INDEX clip_by_check;
         ALTER TABLE clip DROP COLUMN checked_at; UPDATE migration SET step = 1, checksum = 'of then';
         INSERT INTO draft VALUES ('s', 1, 'unsigned', '', '');",
    );
    let register = Register::open(&places).unwrap();
    assert!(register.audit().unwrap().is_empty(), "every table is as the ledger gives it");
    let clip = register.read::<_, RegisterError>(|view| view.clip(&ClipId::parse(CLIP).unwrap())).unwrap().unwrap();
    assert_eq!((clip.clip.size, clip.checked_at), (5, None), "what the ledger says stands in the new tables");
    let sql = "SELECT body FROM draft";
    let db = Connection::open(places.register.join("register.sqlite")).unwrap();
    let draft: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(draft, "unsigned", "drafts, which no event holds, are left alone");
    let subject = PaperSubject { kind: SubjectKind::Unit, id: "2026".into() };
    let author = Author::new(at("2026-11-21T02:00:00.000Z"), Actor::Station);
    let save = |revision| register.save_paper_draft("statistics", &subject, revision, "half", &author).unwrap();
    assert_eq!((save(0), save(0), save(1)), (Some(1), None, Some(2)), "a table that it did not have keeps drafts");
    drop(register);
    alter(&places, "DELETE FROM migration WHERE step > 1;");
    let register = Register::open(&places).unwrap();
    let kept = register.read::<_, RegisterError>(|view| view.paper_draft("statistics", &subject)).unwrap().unwrap();
    assert_eq!((kept.revision, kept.body.as_str()), (2, "half"), "and a further layout leaves them alone");
}

#[test]
fn row_49_a_layout_of_another_program_is_refused_and_left_alone() {
    let rows = [
        ("a newer one", "INSERT INTO migration VALUES (99, 'of a later program')"),
        ("one of the same number", "UPDATE migration SET checksum = 'of somebody else'"),
    ];
    for (what, sql) in rows {
        let (_folder, places) = filled();
        alter(&places, sql);
        let before = std::fs::read(places.register.join("register.sqlite")).unwrap();
        let refused = Register::open(&places).err();
        assert!(
            matches!(refused, Some(RegisterError::Newer { .. } | RegisterError::ForeignMigration(_))),
            "{what} is refused: {refused:?}"
        );
        let after = std::fs::read(places.register.join("register.sqlite")).unwrap();
        assert!(before == after, "{what} is not written to");
    }
}

#[test]
fn row_23_a_station_clock_that_goes_back_is_noted_once() {
    let (_folder, places) = filled();
    let register = Register::open(&places).unwrap();
    let setting = |value: &str| ledger::SettingChanged { key: "k".into(), value: value.into() }.into();
    for (time, value) in [
        ("2026-11-21T02:00:00.000Z", "a"),
        // Two threads that asked for the time one after the other.
        ("2026-11-21T01:59:59.000Z", "b"),
        ("2026-11-20T00:00:00.000Z", "c"),
        ("2026-11-20T00:00:01.000Z", "d"),
    ] {
        write(&register, time, vec![setting(value)]);
    }
    drop(register);
    let register = Register::open(&places).unwrap();
    // The time of the newest event is known again after opening.
    write(&register, "2026-11-19T00:00:00.000Z", vec![setting("e")]);
    let kinds: Vec<(u64, String)> = register
        .read::<_, RegisterError>(|view| view.event_bytes(2, 100))
        .unwrap()
        .into_iter()
        .map(|(seq, bytes)| (seq, ledger::Event::parse(&bytes).unwrap().change.kind().to_owned()))
        .collect();
    let stepped: Vec<u64> = kinds.iter().filter(|(_, kind)| kind == "clock.stepped").map(|(seq, _)| *seq).collect();
    assert_eq!(stepped, [5, 8], "before the first event of the earlier time, each time it went back: {kinds:?}");
    assert!(register.audit().unwrap().is_empty(), "the order is that of the events, not of their times");
}

#[test]
fn a_second_reading_lifts_the_level_or_puts_the_clip_in_doubt() {
    let (_folder, places) = filled();
    let register = Register::open(&places).unwrap();
    let read = |same: bool, level: &str| {
        let reading = SourceReading {
            clip: CLIP.into(),
            same,
            blake3: "d".repeat(64),
            level: level.into(),
            ..Default::default()
        };
        vec![SourceReread { job: JOB.into(), readings: vec![reading] }.into()]
    };
    let clip = || {
        let row = register.read::<_, RegisterError>(|view| view.clip(&ClipId::parse(CLIP).unwrap())).unwrap();
        row.map(|row| (row.clip.state, row.clip.level)).unwrap()
    };
    write(&register, "2026-11-21T02:00:00.000Z", read(true, "V3"));
    assert_eq!(clip(), (ClipState::Verified, Level::V3), "the same bytes twice");
    write(&register, "2026-11-21T02:00:01.000Z", read(false, "V2"));
    assert_eq!(clip(), (ClipState::Suspect, Level::V3), "a reading that differs is not explained away by the level");
    assert!(register.audit().unwrap().is_empty(), "tables and ledger agree");
}
