#![allow(clippy::unwrap_used)]

use ledger::*;
use model::{Actor, ClipId, NumberKind, SessionId, UseCheck, parse_instant};
use register::{Author, ClipFilter, Places, Register, RegisterError, rebuild};
use std::fs;
use tempfile::TempDir;

fn author() -> Author {
    Author::new(parse_instant("2026-11-21T01:02:05.123Z").unwrap(), Actor::Account { name: "tester".into() })
}

fn id(n: u32) -> String {
    format!("01ARZ3NDEKTSV4RRFFQ6{n:06}")
}

fn write(register: &Register, changes: Vec<Change>) {
    register.write::<_, RegisterError>(&author(), |_| Ok((changes, ()))).unwrap();
}

fn clip(n: u32, name: &str, session: &str) -> Vec<Change> {
    let digest = format!("{n:064x}");
    vec![
        ClipRegistered {
            id: id(n),
            number: NumberKind::Clip.format(2026, n),
            original_name: name.into(),
            size: 1000 + u64::from(n),
            blake3: digest.clone(),
            sha256: digest.clone(),
            sm3: digest,
            level: "V2".into(),
            stored_path: format!("originals/{n}"),
            job: id(900),
            recorder: "DSJ-A8 03号".into(),
            footage: true,
            sighting: SightingRecord {
                path: format!("DCIM/{name}"),
                volume: "label:CARD".into(),
                mtime: 7,
                ..Default::default()
            },
            ..Default::default()
        }
        .into(),
        ClipProbed {
            clip: id(n),
            readable: true,
            duration_ms: Some(60_000),
            recorded_from: Some("2026-11-21T01:00:00.000Z".into()),
            recorded_to: Some("2026-11-21T01:01:00.000Z".into()),
            time_source: Some("name".into()),
            ..Default::default()
        }
        .into(),
        SessionFormed { id: session.into(), recorder: "DSJ-A8 03号".into(), clips: vec![id(n)], ..Default::default() }
            .into(),
    ]
}

/// A vault in which every table holds something.
fn filled() -> (TempDir, Register) {
    let vault = tempfile::tempdir().unwrap();
    let register = Register::create(&Places::below(vault.path())).unwrap();
    let volume = VolumeRecord { key: "label:CARD".into(), label: "CARD".into(), ..Default::default() };
    let mut changes: Vec<Change> = vec![
        UnitNamed { unit: "示例局".into(), rule_pack: "gx-liulin".into(), zone_minutes: 480, ..Default::default() }
            .into(),
        PersonRecorded {
            id: id(800),
            name: "张伟".into(),
            certificate_no: "53030036012".into(),
            active: true,
            ..Default::default()
        }
        .into(),
        RecorderRecorded { id: id(700), name: "DSJ-A8 03号".into(), ..Default::default() }.into(),
        VolumeRecorded { volume: volume.clone(), recorder: id(700) }.into(),
        JobOpened { id: id(900), volume, admitted: "registered".into(), ..Default::default() }.into(),
    ];
    changes.extend(clip(1, "DSJA_036012_0001.MP4", &id(601)));
    changes.extend(clip(2, "朝阳𠮷路.mp4", &id(602)));
    changes.extend([
        JobProblems {
            job: id(900),
            problems: vec![ProblemRecord { code: "symlink_refused".into(), path: "x".into(), detail: String::new() }],
        }
        .into(),
        JobClosed { id: id(900), state: "done".into(), stored: 2, stored_bytes: 2003, ..Default::default() }.into(),
        CaseRecorded {
            id: id(500),
            number: "麒文罚〔2026〕12号".into(),
            cause: "未核对身份".into(),
            party: "某某网吧".into(),
            ..Default::default()
        }
        .into(),
        SessionAssigned { session: id(601), case: Some(id(500)) }.into(),
        StatementSigned {
            number: NumberKind::Statement.format(2026, 1),
            session: id(601),
            revision: 1,
            fields: StatementRecord { place: "文化路18号".into(), ..Default::default() },
            clips: vec![id(1)],
            root: "0".repeat(64),
            pdf_path: "papers/1.pdf".into(),
            pdf_sha256: "1".repeat(64),
            ..Default::default()
        }
        .into(),
        PackageMade {
            id: id(400),
            number: NumberKind::Package.format(2026, 1),
            case: id(500),
            folder: "packages/1".into(),
            root: "2".repeat(64),
            ..Default::default()
        }
        .into(),
        PackageVerified { package: id(400), checked: 3, bytes: 9, findings: vec![] }.into(),
        StoreChecked { clips: 2, bytes: 2003, ..Default::default() }.into(),
        SettingChanged { key: "ask_unclassified".into(), value: "true".into() }.into(),
    ]);
    changes.extend(equipped());
    write(&register, changes);
    (vault, register)
}

/// A recorder that went out, came back, broke, was mended, and went on a trip that was entered wrongly.
fn equipped() -> Vec<Change> {
    let (recorder, at) = (id(700), |hour: u32| format!("2026-11-21T{hour:02}:00:00.000Z"));
    let person = PersonRecord { id: id(800), name: "张伟".into(), certificate_no: "53030036012".into() };
    vec![
        RecorderCheckedOut {
            id: id(300),
            recorder: recorder.clone(),
            person: person.clone(),
            at: at(1),
            unchecked: vec!["电量".into(), "储存空间".into()],
            unfit: vec!["clock".into()],
            ..Default::default()
        }
        .into(),
        RecorderReturned {
            checkout: id(300),
            recorder: recorder.clone(),
            person: person.clone(),
            at: at(2),
            ..Default::default()
        }
        .into(),
        RecorderFaulted {
            id: id(301),
            recorder: recorder.clone(),
            at: at(2),
            found_by: person.clone(),
            ..Default::default()
        }
        .into(),
        RecorderServiced {
            id: id(302),
            recorder: recorder.clone(),
            kind: "repair".into(),
            at: at(3),
            result: "usable".into(),
            ..Default::default()
        }
        .into(),
        TripOpened {
            id: id(303),
            people: vec![person],
            recorders: vec![recorder],
            reason: "remote".into(),
            from: at(4),
            ..Default::default()
        }
        .into(),
        TripClosed { id: id(303), returned_at: at(5), proof: String::new() }.into(),
        TripWithdrawn { id: id(303) }.into(),
    ]
}

#[test]
fn what_was_written_of_a_recorder_is_read_back() {
    let (_vault, register) = filled();
    let read = register.read::<_, RegisterError>(|view| {
        let recorder = view.recorder_rows()?.remove(0).recorder.id;
        let (had, faults) = (view.checkouts(Some(&recorder))?, view.faults(None)?);
        Ok((had, faults, view.services(Some(&recorder))?, view.trips_of_recorder(&recorder)?))
    });
    let (had, faults, services, trips) = read.unwrap();
    let out = &had[0];
    assert_eq!((out.person.name.as_str(), out.unchecked.join("、").as_str()), ("张伟", "电量、储存空间"), "{out:?}");
    assert_eq!(out.unfit, [UseCheck::Clock], "what was found wanting");
    assert!(out.returned.as_ref().is_some_and(|returned| !returned.sound), "it came back: {out:?}");
    assert_eq!(faults[0].ended_by.as_ref(), Some(&services[0].id), "the repair ended the fault");
    let trip = &trips[0];
    assert_eq!((trip.people.len(), trip.recorders[0].name.as_str()), (1, "DSJ-A8 03号"), "{trip:?}");
    assert!(trip.returned.is_some() && trip.withdrawn.is_some(), "closed, then withdrawn: {trip:?}");
    assert!(!trip.covers(&trip.recorders[0].id, Some(trip.from), None), "so it covers nothing any more");
}

fn found(register: &Register, text: &str) -> Vec<String> {
    let filter = ClipFilter { text: text.into(), ..Default::default() };
    let page = register.read::<_, RegisterError>(|view| view.find_clips(&filter, None, 50)).unwrap();
    assert_eq!(page.total as usize, page.rows.len(), "the count of {text:?} is the rows'");
    page.rows.into_iter().map(|row| row.clip.number).collect()
}

#[test]
fn short_chinese_words_and_parts_of_numbers_are_found() {
    let (_vault, register) = filled();
    let (first, second) = ("P2026-000001", "P2026-000002");
    let rows: &[(&str, &[&str])] = &[
        ("朝阳", &[second]),
        ("阳", &[second]),
        ("𠮷", &[second]),
        ("网吧", &[first]),
        ("路", &[second, first]),
        ("路18", &[first]),
        ("6012", &[first]),
        ("dsja 网吧", &[first]),
        ("阳朝", &[]),
        ("网 朝阳", &[]),
        ("%", &[]),
        ("\" OR 1", &[]),
        ("", &[second, first]),
        ("00000000", &[second, first]),
    ];
    for (text, expected) in rows {
        assert_eq!(found(&register, text), *expected, "what {text:?} finds");
    }
}

#[test]
fn a_lost_register_comes_back_from_the_ledger_files() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    assert_eq!(register.audit().unwrap(), vec![], "register, ledger and files agree");
    let head = register.read::<_, RegisterError>(|view| view.ledger_head()).unwrap();
    drop(register);
    fs::remove_dir_all(&places.register).unwrap();
    assert!(
        matches!(Register::open(&places), Err(RegisterError::Missing(_))),
        "a lost register is not replaced by an empty one"
    );
    let rebuilt = rebuild(&places).unwrap();
    assert_eq!(rebuilt.events, head.0);
    assert_eq!(rebuilt.install(None).unwrap(), Ok(0), "there was no old register to take drafts from");
    let register = Register::open(&places).unwrap();
    assert_eq!(register.read::<_, RegisterError>(|view| view.ledger_head()).unwrap(), head);
    assert_eq!(register.audit().unwrap(), vec![], "the rebuilt register is what the ledger gives");
    assert_eq!(found(&register, "网吧"), ["P2026-000001"], "the search index came back by itself");
    let over = rebuild(&places).unwrap().install(None);
    assert!(matches!(over, Err(RegisterError::Exists(_))), "a present register is never rebuilt over");
}

#[test]
fn row_53_a_register_rolled_back_to_a_copy_is_refused() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    drop(register);
    let copy = fs::read(places.register.join("register.sqlite")).unwrap();
    let register = Register::open(&places).unwrap();
    write(&register, vec![SettingChanged { key: "x".into(), value: "y".into() }.into()]);
    drop(register);
    fs::write(places.register.join("register.sqlite"), copy).unwrap();
    assert!(matches!(Register::open(&places), Err(RegisterError::MirrorDiffers { .. })));
}

#[test]
fn closing_leaves_one_whole_file() {
    let (vault, register) = filled();
    let file = Places::below(vault.path()).register.join("register.sqlite");
    register.read::<_, RegisterError>(|view| view.people()).unwrap();
    drop(register);
    assert!(!file.with_extension("sqlite-wal").exists(), "nothing of the register lies in the write-ahead log");
    fs::write(&file, "no database").unwrap();
    let error = Register::open(&Places::below(vault.path())).err().unwrap();
    assert!(error.is_damage(), "a file that is no database is damage, not a failed write: {error}");
}

#[test]
fn a_torn_last_line_is_written_anew() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    drop(register);
    let file = places.ledger.join("events-000000000001.jsonl");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 40]).unwrap();
    let register = Register::open(&places).unwrap();
    assert_eq!(fs::read(&file).unwrap(), whole, "the cut event is there again");
    assert_eq!(register.audit().unwrap(), vec![]);
}

#[test]
fn row_52_the_ledger_refuses_change_and_the_audit_sees_what_gets_past() {
    let (vault, register) = filled();
    let db = rusqlite::Connection::open(Places::below(vault.path()).register.join("register.sqlite")).unwrap();
    for sql in ["UPDATE event SET reason = 'x' WHERE seq = 3", "DELETE FROM event WHERE seq = 3"] {
        let error = db.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("the ledger is never"), "{sql}: {error}");
    }
    db.execute("UPDATE clip SET size = size + 1 WHERE id = ?1", [id(1)]).unwrap();
    assert_eq!(register.audit().unwrap().first().map(|f| f.0), Some("register"), "a row edited in place is found");
    db.execute("UPDATE clip SET size = size - 1 WHERE id = ?1", [id(1)]).unwrap();
    db.execute_batch(
        "DROP TRIGGER event_stays; UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), '张伟', '张三') AS BLOB) WHERE seq = 2;",
    )
    .unwrap();
    let found = register.audit().unwrap();
    assert_eq!(found.first().map(|f| f.0), Some("ledger"), "an event edited in place is found");
    assert!(found[0].1.contains('2') || found[0].1.contains('3'), "and its place is named: {}", found[0].1);
}

#[test]
fn a_refused_plan_leaves_nothing_behind() {
    let (_vault, register) = filled();
    let head = || register.read::<_, RegisterError>(|view| view.ledger_head()).unwrap();
    let before = head();
    let twice = clip(1, "again.mp4", &id(603));
    let refused = register.write::<(), RegisterError>(&author(), |_| Ok((twice, ())));
    assert!(refused.is_err(), "one content is one clip");
    assert_eq!(head(), before, "the failed write left no event");
    write(&register, clip(3, "new.mp4", &id(603)));
    assert_eq!(register.audit().unwrap(), vec![], "and the next one goes on");
    let next = register.read::<_, RegisterError>(|view| view.next_number(NumberKind::Clip, 2026)).unwrap();
    assert_eq!(next, "P2026-000004", "numbers have no gap");
}

#[test]
fn a_stale_draft_does_not_overwrite_a_newer_one() {
    let (_vault, register) = filled();
    let session = SessionId::parse(&id(602)).unwrap();
    assert_eq!(register.save_draft(&session, 0, "{\"a\":1}", &author()).unwrap(), Some(1));
    assert_eq!(register.save_draft(&session, 1, "{\"a\":2}", &author()).unwrap(), Some(2));
    assert_eq!(
        register.save_draft(&session, 1, "{\"a\":3}", &author()).unwrap(),
        None,
        "somebody else saved meanwhile"
    );
    let draft = register.read::<_, RegisterError>(|view| view.draft(&session)).unwrap().unwrap();
    assert_eq!((draft.revision, draft.body.as_str()), (2, "{\"a\":2}"));
}

#[test]
fn a_spoilt_search_index_costs_nothing_but_itself() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    drop(register);
    fs::write(places.register.join("search.sqlite"), "no database").unwrap();
    let register = Register::open(&places).unwrap();
    assert_eq!(found(&register, "网吧"), ["P2026-000001"], "the index was made anew");
}

#[test]
fn a_long_run_of_letters_does_not_swell_the_index() {
    let (vault, register) = filled();
    let place = format!("{}ｅｎｄ１２", "0123456789abcdef".repeat(8_000));
    write(
        &register,
        vec![
            StatementSigned {
                number: NumberKind::Statement.format(2026, 2),
                session: id(602),
                revision: 1,
                fields: StatementRecord { place, ..Default::default() },
                clips: vec![id(2)],
                root: "0".repeat(64),
                pdf_sha256: "1".repeat(64),
                ..Default::default()
            }
            .into(),
        ],
    );
    assert_eq!(found(&register, "def0123456789abcdef0123456789abcdef0"), ["P2026-000002"], "a part of it is found");
    assert_eq!(found(&register, "END12"), ["P2026-000002"], "and full-width letters by narrow ones");
    assert!(found(&register, "officers").is_empty(), "names of fields are not text");
    let size = fs::metadata(Places::below(vault.path()).register.join("search.sqlite")).unwrap().len();
    assert!(size < 40 << 20, "the index is {size} bytes");
}

#[test]
fn a_number_beyond_the_ledgers_form_is_refused_and_the_chain_goes_on() {
    let (_vault, register) = filled();
    let lying = VolumeRecorded {
        volume: VolumeRecord { key: "serial:X".into(), capacity: u64::MAX >> 1, ..Default::default() },
        recorder: id(700),
    };
    let refused = register.write::<(), RegisterError>(&author(), |_| Ok((vec![lying.into()], ())));
    assert!(matches!(refused, Err(RegisterError::Unwritable { .. })), "{refused:?}");
    write(&register, vec![SettingChanged { key: "x".into(), value: "y".into() }.into()]);
    assert_eq!(register.audit().unwrap(), vec![], "the next event is bound to the last good one");
}

#[test]
fn drafts_outlive_a_rebuilding() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    let session = SessionId::parse(&id(602)).unwrap();
    register.save_draft(&session, 0, "{}", &author()).unwrap();
    drop(register);
    let aside = vault.path().join("aside");
    let rebuilt = rebuild(&places).unwrap();
    fs::rename(&places.register, &aside).unwrap();
    assert_eq!(rebuilt.install(Some(&aside)).unwrap(), Ok(1), "the draft is taken over");
    let register = Register::open(&places).unwrap();
    assert!(register.read::<_, RegisterError>(|view| view.draft(&session)).unwrap().is_some());
}

#[test]
fn a_broken_ledger_file_leaves_the_old_register_alone() {
    let (vault, register) = filled();
    let places = Places::below(vault.path());
    drop(register);
    let file = places.ledger.join("events-000000000001.jsonl");
    let spoilt = fs::read_to_string(&file).unwrap().replace("张伟", "张三");
    fs::write(&file, spoilt).unwrap();
    assert!(matches!(rebuild(&places), Err(RegisterError::LedgerBroken { .. })), "the break is named");
    assert!(places.register.join("register.sqlite").exists(), "and nothing was touched");
}

#[test]
fn a_clips_history_names_all_that_concerned_it() {
    let (_vault, register) = filled();
    let clip = ClipId::parse(&id(1)).unwrap();
    let history = register.read::<_, RegisterError>(|view| view.history(&[clip.as_str()])).unwrap();
    let kinds: Vec<&str> = history.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["clip.registered", "clip.probed", "session.formed", "statement.signed"]);
}
