//! The bytes of version 1, pinned. If one of these fails, old ledgers can no longer be checked.
#![allow(clippy::unwrap_used)]

use ledger::*;
use model::{Actor, PersonId, parse_instant};
use proptest::prelude::*;

fn event(seq: u64, previous: model::Digest, actor: Actor, change: impl Into<Change>) -> Event {
    let at = parse_instant("2026-11-21T01:02:05.123Z").unwrap();
    Event { seq, at, actor, reason: String::new(), change: change.into(), previous }
}

fn chain() -> Vec<Event> {
    let account = Actor::Account { name: "root".into() };
    let person = Actor::Person {
        id: PersonId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap(),
        name: "李娜".into(),
        certificate_no: "53030036012".into(),
    };
    let unit = UnitNamed {
        vault: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(),
        unit: "示例局".into(),
        rule_pack: "gx-liulin".into(),
        zone_minutes: 480,
    };
    let first = event(1, ZERO_HASH, account, unit);
    let named =
        PersonRecorded {
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".into(), name: "䶮\n\u{1f}\"𠮷".into(), ..Default::default()
        };
    let second = event(2, leaf_hash(&first.bytes()), Actor::Station, named);
    let setting = SettingChanged { key: "ask_unclassified".into(), value: "true".into() };
    let third = event(3, leaf_hash(&second.bytes()), person, setting);
    vec![first, second, third]
}

#[test]
fn the_bytes_are_pinned() {
    let expected = [
        (
            r#"{"actor":{"account":"root"},"at":"2026-11-21T01:02:05.123Z","body":{"rule_pack":"gx-liulin","unit":"示例局","vault":"01ARZ3NDEKTSV4RRFFQ69G5FAV","zone_minutes":480},"kind":"unit.named","prev":"0000000000000000000000000000000000000000000000000000000000000000","reason":"","seq":1,"v":1}"#,
            "94a19d149e1c8c48acb506d4bffb679bb716358e177b87af650df0f9bd6a8719",
        ),
        (
            r#"{"actor":{"station":true},"at":"2026-11-21T01:02:05.123Z","body":{"active":false,"certificate_no":"","department":"","duty":"","id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","name":"䶮\n\u001f\"𠮷"},"kind":"person.recorded","prev":"94a19d149e1c8c48acb506d4bffb679bb716358e177b87af650df0f9bd6a8719","reason":"","seq":2,"v":1}"#,
            "895086f005759c4c21d6609805de3f0aedee99a063c6b8fd1e53a92df9967785",
        ),
        (
            r#"{"actor":{"certificate_no":"53030036012","name":"李娜","person":"01ARZ3NDEKTSV4RRFFQ69G5FAV"},"at":"2026-11-21T01:02:05.123Z","body":{"key":"ask_unclassified","value":"true"},"kind":"setting.changed","prev":"895086f005759c4c21d6609805de3f0aedee99a063c6b8fd1e53a92df9967785","reason":"","seq":3,"v":1}"#,
            "a23be0b7b7cd6d1478cc04dfe11956a24ddd4fdb5052404482e13469aa6a380d",
        ),
    ];
    for (event, (bytes, hash)) in chain().iter().zip(expected) {
        assert_eq!(String::from_utf8(event.bytes()).unwrap(), bytes, "bytes of event {}", event.seq);
        assert_eq!(leaf_hash(&event.bytes()).to_string(), hash, "leaf hash of event {}", event.seq);
        assert_eq!(&Event::parse(bytes.as_bytes()).unwrap(), event, "event {} comes back", event.seq);
    }
}

#[test]
fn a_chain_breaks_where_it_was_touched() {
    let lines: Vec<Vec<u8>> = chain().iter().map(Event::bytes).collect();
    assert_eq!(verify_chain(&lines, |_, _, _| ()).unwrap(), (3, leaf_hash(&lines[2])), "an untouched chain holds");

    type Row = (&'static str, fn(&mut Vec<Vec<u8>>), u64);
    let rows: [Row; 5] = [
        ("edited in place", |l| l[1] = String::from_utf8(l[1].clone()).unwrap().replace("䶮", "龚").into_bytes(), 3),
        ("deleted in the middle", |l| drop(l.remove(1)), 2),
        ("two swapped", |l| l.swap(1, 2), 2),
        ("doubled", |l| l.insert(1, l[0].clone()), 2),
        ("spaces added", |l| l[0].push(b' '), 1),
    ];
    for (what, touch, seq) in rows {
        let mut touched = lines.clone();
        touch(&mut touched);
        let broken = verify_chain(&touched, |_, _, _| ()).expect_err(what);
        assert_eq!(broken.seq, seq, "{what}: {}", broken.why);
    }
}

#[test]
fn one_event_of_each_kind_is_pinned() {
    let samples: Vec<Change> = vec![
        UnitNamed::default().into(),
        SettingChanged::default().into(),
        PersonRecorded::default().into(),
        RecorderRecorded::default().into(),
        VolumeRecorded::default().into(),
        VolumeAdmitted::default().into(),
        JobOpened::default().into(),
        JobResumed::default().into(),
        JobPlanned::default().into(),
        JobProblems::default().into(),
        JobClosed::default().into(),
        ClipRegistered::default().into(),
        ClipSighted::default().into(),
        ClipRestored::default().into(),
        ClipProbed::default().into(),
        SourceReread::default().into(),
        ClipChecked::default().into(),
        SessionFormed::default().into(),
        SessionChanged::default().into(),
        SessionAssigned::default().into(),
        SessionAnswered::default().into(),
        ClipMarked::default().into(),
        CaseRecorded::default().into(),
        StatementSigned::default().into(),
        PackageMade::default().into(),
        PackageVerified::default().into(),
        StoreChecked::default().into(),
        ScrubAdvanced::default().into(),
        CopyMade::default().into(),
        CopiesRead::default().into(),
        CopyChecked::default().into(),
        AlarmRaised::default().into(),
        AlarmAcknowledged::default().into(),
        RecorderClocked::default().into(),
        ClockStepped::default().into(),
        RegisterBackedUp::default().into(),
        RegisterRestored::default().into(),
        RegisterRebuilt::default().into(),
        PaperIssued::default().into(),
        PaperVoided::default().into(),
        ChecklistRecorded::default().into(),
        CaseExported::default().into(),
        CaseDelivered::default().into(),
        RecorderCheckedOut::default().into(),
        RecorderReturned::default().into(),
        RecorderFaulted::default().into(),
        RecorderServiced::default().into(),
        TripOpened::default().into(),
        TripClosed::default().into(),
        TripWithdrawn::default().into(),
        CaseConcluded::default().into(),
        ClipLateExplained::default().into(),
        CalendarRecorded::default().into(),
        DeadlineRecomputed::default().into(),
        RulesRecorded::default().into(),
        RulesAdopted::default().into(),
    ];
    let kinds: Vec<&str> = samples.iter().map(Change::kind).collect();
    assert_eq!(kinds, Change::KINDS, "every kind has a vector");
    let lines: String = samples
        .into_iter()
        .map(|change| String::from_utf8(event(1, ZERO_HASH, Actor::Station, change).bytes()).unwrap() + "\n")
        .collect();
    assert_eq!(lines, include_str!("vectors.jsonl"), "the shapes of version 1 stand in vectors.jsonl");
}

#[test]
fn fields_added_later_are_written_only_when_they_say_something() {
    let plain = ClipRegistered::default();
    let text = String::from_utf8(event(1, ZERO_HASH, Actor::Station, plain.clone()).bytes()).unwrap();
    let damaged = ClipRegistered {
        state: "damaged".into(),
        unreadable: vec![RangeRecord { from: 4096, to: 8192 }],
        attempts: 2,
        means: vec!["buffered_write".into()],
        ..plain
    };
    let body = r#""attempts":2,"blake3":"","coldness":"","footage":false,"id":"","job":"","level":"","means":["buffered_write"]"#;
    let written = event(1, ZERO_HASH, Actor::Station, damaged);
    let bytes = written.bytes();
    assert!(String::from_utf8(bytes.clone()).unwrap().contains(body), "they stand in their canonical place");
    assert_eq!(Event::parse(&bytes).unwrap(), written, "and come back");
    assert!(!text.contains("unreadable") && !text.contains("attempts"), "an event of before has its bytes: {text}");
}

#[test]
fn fewer_and_more_keys_than_known_stay_whole() {
    let whole = String::from_utf8(chain()[2].bytes()).unwrap();
    let more = whole.replace(r#""value":"true""#, r#""value":"true","weight":7"#);
    let event = Event::parse(more.as_bytes()).unwrap();
    assert_eq!(event.change, chain()[2].change, "a key of a later version is passed over");
    let huge = whole.replace(r#""seq":3"#, r#""seq":9007199254740993"#);
    assert!(matches!(Event::parse(huge.as_bytes()), Err(LedgerError::NotCanonical)), "no number beyond 2^53 is kept");
}

#[test]
fn foreign_bytes_are_refused() {
    let newer = String::from_utf8(chain()[0].bytes()).unwrap().replace("\"v\":1", "\"v\":2");
    assert!(matches!(Event::parse(newer.as_bytes()), Err(LedgerError::Version(2))), "a newer version is named");
    assert!(matches!(Event::parse(b"{}"), Err(LedgerError::Json(_))), "no event at all");
}

proptest! {
    #[test]
    fn any_text_survives(name in ".*", seq in 1_u64..1 << 53) {
        let change = SettingChanged { key: name.clone(), value: name };
        let before = event(seq, ZERO_HASH, Actor::Station, change);
        let bytes = before.bytes();
        prop_assert!(!bytes.contains(&b'\n'), "one event is one line");
        prop_assert_eq!(Event::parse(&bytes).unwrap(), before);
    }
}
