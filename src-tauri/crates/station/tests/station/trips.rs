//! 外出: from when the footage of officers who were away has to be stored.

use crate::bench::{Asked, Bench, clerk, refusal, spec};
use crate::devices::{entry, person_id};
use fixtures::Layout;
use model::{ErrorCode, Instant, PersonId, RecorderId, parse_instant};
use register::ClipRow;
use rules::Start;
use station::{NewRecorder, OpenTrip, Station};
use std::sync::Arc;

fn at(local: &str) -> Instant {
    parse_instant(&format!("{}+08:00", local.replace(' ', "T"))).unwrap()
}

/// A trip from Monday at eight.
fn trip(people: &[PersonId], recorders: &[RecorderId], reason: &str) -> OpenTrip {
    OpenTrip {
        people: people.to_vec(),
        recorders: recorders.to_vec(),
        reason: reason.into(),
        place: "茨营镇".into(),
        from: at("2026-11-16 08:00:00"),
        proof: "派遣单〔2026〕7号".into(),
        returned: None,
    }
}

/// A station under these rules with a recorder whose card holds a clip of Monday and one of Saturday afternoon.
fn away(bench: &Bench, pack: &str) -> (Arc<Station>, PersonId, RecorderId, Vec<ClipRow>) {
    let station = bench.create_with(pack);
    let mut settings = station.settings().unwrap();
    settings.ask_unclassified = false;
    station.save_settings(&clerk(), &settings).unwrap();
    let person = person_id(&station, "李娜", "53030036012");
    let mut drive = bench.drive("CARD", Layout::DsjA);
    drive.clip("2026-11-16 09:00:00", &spec(3, 1)).unwrap();
    drive.clip("2026-11-21 14:30:00", &spec(2, 2)).unwrap();
    let id = station.drives().unwrap()[0].docked.id.to_string();
    station.register_drive(&clerk(), &id, &NewRecorder { name: "03号".into(), ..NewRecorder::default() }).unwrap();
    station.take_in(&drive);
    let recorder = station.ask(|view| view.recorders())[0].id.clone();
    let mut clips = station.clips();
    clips.sort_by_key(|row| row.clip.recorded_from);
    (station, person, recorder, clips)
}

/// Returns from where a clip's period runs, its end, and whether it was kept.
fn judged(station: &Station, clip: &ClipRow) -> (Start, String, bool) {
    let judging = station.judging().unwrap();
    let stored = station.read(|view| judging.stored(view, clip)).unwrap().unwrap();
    (stored.deadline.from, station.zone().show(stored.deadline.due.at), stored.kept)
}

#[test]
fn the_clock_starts_on_return_only_under_rules_that_say_so() {
    // Stored on Saturday the 21st at 18:00. Returned on the 21st at noon.
    for (pack, reason, moved, before, after) in [
        ("qj-qilin", "elsewhere", true, ("2026-11-25 23:59:59", true), ("2026-12-01 23:59:59", true)),
        ("wenguanglv", "remote", true, ("2026-11-18 23:59:59", false), ("2026-11-24 23:59:59", true)),
        ("gx-liulin", "continuous", true, ("2026-11-17 09:00:03", false), ("2026-11-22 12:00:00", true)),
        ("gs-guangdian", "异地执法", false, ("2026-11-17 09:00:03", false), ("2026-11-17 09:00:03", false)),
        ("pds-minzong", "异地执法", false, ("2026-11-17 09:00:03", false), ("2026-11-17 09:00:03", false)),
    ] {
        let bench = Bench::new();
        let (station, person, recorder, clips) = away(&bench, pack);
        let plain = |clip| (Start::RecordingEnd, judged(&station, clip).1, judged(&station, clip).2);
        assert_eq!(judged(&station, &clips[0]), plain(&clips[0]), "{pack}: no trip yet");
        let told = judged(&station, &clips[0]);
        assert_eq!((told.1.as_str(), told.2), before, "{pack}: from the recording");

        let opened = station
            .open_trip(&clerk(), &trip(std::slice::from_ref(&person), std::slice::from_ref(&recorder), reason))
            .unwrap();
        assert_eq!(station::moves_clock(station.judging().unwrap().pack(), &opened), moved, "{pack}");
        let waiting = station.trip_return_of(&clips[0]).unwrap();
        assert_eq!(waiting.map(|away| away.returned), moved.then_some(None), "{pack}: still away");

        let returned = Some(at("2026-11-21 12:00:00"));
        station.close_trip(&clerk(), &opened.id, returned, "返程车票").unwrap();
        let told = judged(&station, &clips[0]);
        let from = if moved { Start::Return } else { Start::RecordingEnd };
        assert_eq!((told.0, told.1.as_str(), told.2), (from, after.0, after.1), "{pack}: recorded on the trip");
        assert_eq!(judged(&station, &clips[1]).0, Start::RecordingEnd, "{pack}: recorded after it");

        station.withdraw_trip(&clerk(), &opened.id, "登记错了人").unwrap();
        let told = judged(&station, &clips[0]);
        assert_eq!((told.0, told.1.as_str(), told.2), (Start::RecordingEnd, before.0, before.1), "{pack}: withdrawn");
        let held = station.trips().unwrap();
        let why = held[0].withdrawn.as_ref().map(|withdrawn| withdrawn.reason.as_str());
        assert_eq!((held.len(), why), (1, Some("登记错了人")), "{pack}: it stays to be read");
        assert_eq!(station.checked(true).findings, [], "{pack}: the tables are what the ledger says");
    }
}

#[test]
fn footage_of_a_card_registered_later_belongs_to_its_recorder() {
    let bench = Bench::new();
    let station = bench.create();
    let person = person_id(&station, "李娜", "53030036012");
    let mut drive = bench.drive("CARD", Layout::DsjA);
    drive.clip("2026-11-16 09:00:00", &spec(3, 1)).unwrap();
    station.take_in(&drive);
    let id = station.drives().unwrap()[0].docked.id.to_string();
    let clip = &station.clips()[0];
    assert_eq!(station.trip_return_of(clip).unwrap(), None, "nobody knows whose it is");
    station.register_drive(&clerk(), &id, &NewRecorder { name: "03号".into(), ..NewRecorder::default() }).unwrap();
    let recorder = station.ask(|view| view.recorders())[0].id.clone();
    station.open_trip(&clerk(), &trip(&[person], &[recorder], "elsewhere")).unwrap();
    assert!(station.trip_return_of(clip).unwrap().is_some(), "now it is told");
}

#[test]
fn a_trip_is_entered_whole_and_a_recorder_is_on_one_at_a_time() {
    let bench = Bench::mute();
    let station = bench.create();
    let li = person_id(&station, "李娜", "53030036012");
    let recorder = |name: &str| station.save_recorder(&clerk(), &entry(name, None)).unwrap().recorder.id;
    let (a, b) = (recorder("01号"), recorder("02号"));
    let good = || trip(std::slice::from_ref(&li), std::slice::from_ref(&a), "elsewhere");
    let returned = |time: &str| Some((at(time), String::new()));
    for (what, order, field) in [
        ("nobody goes", OpenTrip { people: vec![], ..good() }, "trip_people"),
        ("somebody goes twice", OpenTrip { people: vec![li.clone(), li.clone()], ..good() }, "trip_people"),
        ("nothing goes along", OpenTrip { recorders: vec![], ..good() }, "trip_recorders"),
        ("no reason of the rules", OpenTrip { reason: "旅游".into(), ..good() }, "trip_reason"),
        ("no place", OpenTrip { place: " ".into(), ..good() }, "trip_place"),
        ("no proof", OpenTrip { proof: String::new(), ..good() }, "proof"),
        ("not begun yet", OpenTrip { from: at("2026-11-22 08:00:00"), ..good() }, "from"),
        ("back before", OpenTrip { returned: returned("2026-11-16 08:00:00"), ..good() }, "returned_at"),
        ("back tomorrow", OpenTrip { returned: returned("2026-11-22 08:00:00"), ..good() }, "returned_at"),
    ] {
        let failure = station.open_trip(&clerk(), &order).expect_err(what);
        assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, field), "{what}");
    }
    assert_eq!(station.trips().unwrap(), [], "nothing of these is kept");

    let open = station.open_trip(&clerk(), &good()).unwrap();
    let field =
        |order: &OpenTrip| station.open_trip(&clerk(), order).err().map(|failure| failure.params["field"].clone());
    let later = OpenTrip { from: at("2026-11-18 08:00:00"), ..good() };
    assert_eq!(field(&later).as_deref(), Some("trip_recorders"), "it is away already");
    let past = OpenTrip { from: at("2026-11-10 08:00:00"), returned: returned("2026-11-12 18:00:00"), ..good() };
    assert_eq!(field(&past), None, "one before it is entered afterwards");
    assert_eq!(field(&past).as_deref(), Some("trip_recorders"), "but once");
    assert_eq!(
        field(&OpenTrip { recorders: vec![b], ..later.clone() }),
        None,
        "another recorder goes at the same time"
    );

    let early = station.close_trip(&clerk(), &open.id, Some(at("2026-11-16 07:00:00")), "");
    assert_eq!(refusal(early), ErrorCode::InvalidInput, "not back before they left");
    station.close_trip(&clerk(), &open.id, Some(at("2026-11-17 20:00:00")), "").unwrap();
    assert_eq!(refusal(station.close_trip(&clerk(), &open.id, None, "")), ErrorCode::InvalidInput, "they are back");
    assert_eq!(field(&later), None, "and it may go again");
    assert_eq!(
        refusal(station.withdraw_trip(&clerk(), &open.id, " ")),
        ErrorCode::InvalidInput,
        "not without a reason"
    );
    station.withdraw_trip(&clerk(), &open.id, "重复登记").unwrap();
    assert_eq!(refusal(station.withdraw_trip(&clerk(), &open.id, "再撤")), ErrorCode::InvalidInput, "once");
    let order: Vec<bool> = station.trips().unwrap().iter().map(|trip| trip.returned.is_none()).collect();
    assert_eq!(order, [true, true, false, false], "those that are open stand first");
}
