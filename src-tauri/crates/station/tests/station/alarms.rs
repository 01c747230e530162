//! Alarms stay until a person has dealt with them.

use crate::bench::{Asked, Bench, clerk, refusal};
use model::{Actor, AlarmId, AlarmKind, ClipState, ErrorCode};
use station::Station;
use std::fs;
use std::sync::Arc;

/// A vault whose second clip is bad and known to be.
fn alarmed(bench: &Bench) -> Arc<Station> {
    let station = bench.create();
    station.take_in(&bench.noise_drive("CARD", 3, 5_000));
    fs::remove_file(bench.vault().join(&station.clips()[1].clip.stored_path)).unwrap();
    assert_eq!(station.checked(true).findings.len(), 1, "fsck finds it");
    station
}

#[test]
fn an_alarm_stays_over_a_restart_until_a_person_says_what_was_done() {
    let bench = Bench::mute();
    let station = alarmed(&bench);
    let id = station.alarms().unwrap()[0].id.clone();
    drop(station);
    let station = bench.open();
    let standing = station.alarms().unwrap();
    assert_eq!(standing.iter().map(|alarm| &alarm.id).collect::<Vec<_>>(), [&id], "it stands after a restart");
    assert_eq!(standing[0].kind, AlarmKind::OriginalBad);

    let person = station.person("李娜", "53030036012");
    for (what, actor, id, note, code) in [
        ("nobody in person", &clerk(), &id, "已从第二份恢复", ErrorCode::OperatorMissing),
        ("the station itself", &Actor::Station, &id, "已从第二份恢复", ErrorCode::OperatorMissing),
        ("no note", &person, &id, "", ErrorCode::AlarmNoteMissing),
        ("a note that says nothing", &person, &id, " 好 ", ErrorCode::AlarmNoteMissing),
        ("a note without end", &person, &id, &"长".repeat(501), ErrorCode::InvalidInput),
        ("another alarm", &person, &AlarmId::parse(&"0".repeat(26)).unwrap(), "已恢复", ErrorCode::NotFound),
    ] {
        assert_eq!(refusal(station.acknowledge_alarm(actor, id, note)), code, "{what}");
        assert_eq!(station.alarms().unwrap().len(), 1, "{what}: it stands");
    }
    let done = station.acknowledge_alarm(&person, &id, " 已报局长 ").unwrap();
    let how = done.acknowledged.expect("it is acknowledged");
    assert_eq!((how.by.as_str(), how.note.as_str()), ("李娜（53030036012）", "已报局长"), "who, and what was done");
    assert_eq!(station.alarms().unwrap(), [], "it stands no more");
    assert_eq!(station.recent_alarms(9).unwrap().len(), 1, "but is not forgotten");
    assert_eq!(station.clips()[1].clip.state, ClipState::Mismatch, "the clip is as bad as before");
    let twice = refusal(station.acknowledge_alarm(&person, &id, "又一次"));
    assert_eq!(twice, ErrorCode::InvalidInput, "it was dealt with already");
    assert_eq!(station.checked(true).findings.len(), 1, "the next check finds it again");
    assert_eq!(station.alarms().unwrap().len(), 1, "and calls again");
}

#[test]
fn what_stands_is_not_raised_twice() {
    let bench = Bench::mute();
    let station = alarmed(&bench);
    for _ in 0..3 {
        station.checked(false);
    }
    assert_eq!(station.recent_alarms(9).unwrap().len(), 1, "one call is enough");
}

#[test]
fn a_ledger_that_does_not_agree_raises_an_alarm() {
    let bench = Bench::mute();
    let station = bench.create();
    let file = bench.vault().join("ledger/events-000000000001.jsonl");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.windows(6).position(|w| w == "麒麟".as_bytes()).unwrap();
    bytes[at + 2] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(station.checked(true).findings.len(), 1, "fsck finds it");
    let alarms = station.alarms().unwrap();
    assert_eq!((alarms.len(), alarms[0].kind), (1, AlarmKind::RegisterUnsound), "{alarms:?}");
}
