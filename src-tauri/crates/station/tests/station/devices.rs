//! 设备台账: who has which recorder, what is wrong with it, and who answers for it.

use crate::bench::{Asked, Bench, clerk, refusal};
use model::{
    Actor, ErrorCode, PersonId, RecorderId, RecorderState, RecorderStatus, ServiceKind, ServiceResult, UseCheck,
    parse_instant,
};
use register::RecorderRow;
use station::{
    CheckOut, NewRecorder, ReportFault, ReturnRecorder, SavePerson, SaveRecorder, Service, Station, UseChecks,
};
use std::sync::Arc;

pub fn entry(name: &str, keeper_id: Option<PersonId>) -> SaveRecorder {
    SaveRecorder {
        id: None,
        name: name.into(),
        serial: String::new(),
        kind: "执法记录仪".into(),
        maker: "某某".into(),
        model: "A8".into(),
        acquired_on: "2024-03-01".into(),
        cost: "1800元，年度财政预算".into(),
        place: "器材柜2号".into(),
        status: RecorderStatus::InUse,
        keeper_id,
        keeper: String::new(),
    }
}

pub fn person_id(station: &Arc<Station>, name: &str, certificate_no: &str) -> PersonId {
    let Actor::Person { id, .. } = station.person(name, certificate_no) else { panic!("a person") };
    id
}

fn out(recorder: &RecorderId, person: &PersonId, checks: UseChecks) -> CheckOut {
    let (recorder, person) = (recorder.clone(), person.clone());
    CheckOut { recorder, person, at: None, checks, remark: String::new(), despite: false }
}

fn back(recorder: &RecorderId, person: &PersonId, fault: &str) -> ReturnRecorder {
    let (recorder, person) = (recorder.clone(), person.clone());
    ReturnRecorder { recorder, person, at: None, fault: fault.into(), remark: String::new() }
}

fn service(recorder: &RecorderId, result: ServiceResult) -> Service {
    Service {
        recorder: recorder.clone(),
        kind: ServiceKind::Repair,
        at: None,
        what: "更换镜头".into(),
        by: "某某维修站".into(),
        cost: "300元".into(),
        result,
    }
}

fn standing(row: &RecorderRow) -> (RecorderState, RecorderStatus, usize) {
    (row.state, row.recorder.status, row.faults.len())
}

#[test]
fn a_recorder_goes_out_comes_back_breaks_and_is_mended() {
    use RecorderState as S;
    use RecorderStatus as R;
    let bench = Bench::mute();
    let station = bench.create();
    let li = person_id(&station, "李娜", "53030036012");
    let id = station.save_recorder(&clerk(), &entry("03号", Some(li.clone()))).unwrap().recorder.id;
    assert_eq!(
        refusal(station.return_recorder(&clerk(), &back(&id, &li, ""))),
        ErrorCode::InvalidInput,
        "nobody has it"
    );

    let row = station.check_out(&clerk(), &out(&id, &li, UseChecks::default())).unwrap();
    assert_eq!(standing(&row), (S::Out, R::InUse, 0), "these rules ask for no check");
    assert_eq!(row.out.as_ref().map(|out| out.person.name.as_str()), Some("李娜"), "she has it");
    let again = station.check_out(&clerk(), &out(&id, &li, UseChecks::default()));
    assert_eq!(refusal(again), ErrorCode::RecorderOut, "what is out cannot go out");
    assert_eq!(
        refusal(station.service_recorder(&clerk(), &service(&id, ServiceResult::Usable))),
        ErrorCode::RecorderOut
    );
    let retired = SaveRecorder { id: Some(id.clone()), status: R::Retired, ..entry("03号", Some(li.clone())) };
    assert_eq!(refusal(station.save_recorder(&clerk(), &retired)), ErrorCode::RecorderOut, "nor be retired");

    let row = station.return_recorder(&clerk(), &back(&id, &li, "镜头松动")).unwrap();
    assert_eq!(standing(&row), (S::Faulty, R::InUse, 1), "it came back with a fault");
    let refused = station.check_out(&clerk(), &out(&id, &li, UseChecks::default()));
    assert_eq!(refusal(refused), ErrorCode::RecorderNotReady, "nobody takes it now");
    for (result, expected, why) in [
        (ServiceResult::Unusable, (S::Faulty, R::InUse, 1), "the fault stands"),
        (ServiceResult::SentAway, (S::Faulty, R::InRepair, 1), "it is in repair"),
        (ServiceResult::Usable, (S::InStore, R::InUse, 0), "it is mended"),
    ] {
        let row = station.service_recorder(&clerk(), &service(&id, result)).unwrap();
        assert_eq!(standing(&row), expected, "{why}");
    }
    let order = ReportFault { recorder: id.clone(), person: li.clone(), at: None, what: "不开机".into() };
    assert_eq!(standing(&station.report_fault(&clerk(), &order).unwrap()), (S::Faulty, R::InUse, 1), "a new fault");
    let row = station.save_recorder(&clerk(), &retired).unwrap();
    assert_eq!(standing(&row), (S::Retired, R::Retired, 1), "it is given up");

    let known = station.recorder_history(&id).unwrap();
    let had: Vec<_> = known.checkouts.iter().map(|one| (one.person.name.as_str(), one.returned.is_some())).collect();
    assert_eq!(had, [("李娜", true)], "who had it when");
    assert!(!known.checkouts[0].returned.as_ref().unwrap().sound, "and that it came back unsound");
    assert_eq!((known.faults.len(), known.services.len()), (2, 3), "nothing is forgotten");
    let ended: Vec<bool> = known.faults.iter().map(|fault| fault.ended_by.is_some()).collect();
    assert_eq!(ended, [false, true], "the newest first; the old one was mended");
    let kinds: Vec<&str> = known.events.iter().map(|event| event.kind.as_str()).collect();
    let expected = [
        "recorder.recorded",
        "recorder.checked_out",
        "recorder.returned",
        "recorder.faulted",
        "recorder.serviced",
        "recorder.serviced",
        "recorder.serviced",
        "recorder.faulted",
        "recorder.recorded",
    ];
    assert_eq!(kinds, expected, "its history");
    assert_eq!(station.checked(true).findings, [], "the tables are what the ledger says");
}

#[test]
fn without_a_keeper_it_is_not_used_where_the_rules_say_so() {
    for (pack, article) in [("pds-minzong", Some("第六条第一款")), ("qj-qilin", None)] {
        let bench = Bench::mute();
        let station = bench.create_with(pack);
        let li = person_id(&station, "李娜", "53030036012");
        let bare = station.save_recorder(&clerk(), &entry("03号", None)).unwrap().recorder.id;
        let kept = station.save_recorder(&clerk(), &entry("04号", Some(li.clone()))).unwrap().recorder.id;
        let take = |id: &RecorderId| station.check_out(&clerk(), &out(id, &li, UseChecks::default()));
        match article {
            None => assert!(take(&bare).is_ok(), "{pack} does not ask for one"),
            Some(article) => {
                let failure = take(&bare).expect_err("refused");
                assert_eq!(failure.code, ErrorCode::KeeperMissing, "{pack}");
                assert!(failure.params["article"].ends_with(article), "with its article: {:?}", failure.params);
            }
        }
        assert!(take(&kept).is_ok(), "{pack}: one that is kept goes out");
        station.return_recorder(&clerk(), &back(&kept, &li, "")).unwrap();
        let left = SavePerson {
            id: Some(li.clone()),
            name: "李娜".into(),
            certificate_no: "53030036012".into(),
            active: false,
            ..SavePerson::default()
        };
        let wang = person_id(&station, "王强", "53030036015");
        station.save_person(&clerk(), &left).unwrap();
        let taken = station.check_out(&clerk(), &out(&kept, &wang, UseChecks::default()));
        assert_eq!(taken.is_ok(), article.is_none(), "{pack}: whoever has left keeps nothing");
        assert_eq!(station.recorder_rows().unwrap()[1].recorder.keeper, "李娜", "{pack}: the name stays");
    }
}

#[test]
fn what_is_not_checked_before_use_warns_and_is_logged() {
    let bench = Bench::mute();
    let station = bench.create_with("wenguanglv");
    let li = person_id(&station, "李娜", "53030036012");
    let id = station.save_recorder(&clerk(), &entry("03号", Some(li.clone()))).unwrap().recorder.id;
    let whole = UseChecks {
        battery_percent: Some(90),
        free_mb: Some(58_000),
        performance_ok: Some(true),
        ..UseChecks::default()
    };
    for (what, checks, missing) in [
        ("nothing", UseChecks::default(), "设备性能,电量,储存空间"),
        ("no battery", UseChecks { battery_percent: None, ..whole.clone() }, "电量"),
        ("a bad one", UseChecks { performance_ok: Some(false), ..whole.clone() }, "performance"),
        (
            "an empty one, clock wrong",
            UseChecks { free_mb: Some(0), clock_right: Some(false), ..whole.clone() },
            "storage,clock",
        ),
    ] {
        let failure = station.check_out(&clerk(), &out(&id, &li, checks.clone())).expect_err("it warns");
        let told = (failure.code, failure.params["missing"].as_str());
        assert_eq!(told, (ErrorCode::UseCheckIncomplete, missing), "{what}");
        assert!(failure.params["article"].ends_with("第十二条"), "{what}: {:?}", failure.params);
        let despite = CheckOut { despite: true, ..out(&id, &li, checks) };
        let taken = station.check_out(&clerk(), &despite).unwrap().out.expect("it is out");
        let unfit = taken.unfit.iter().map(|check| check.code());
        let logged: Vec<&str> = taken.unchecked.iter().map(String::as_str).chain(unfit).collect();
        assert_eq!(logged.join(","), missing, "{what}: it is logged");
        station.return_recorder(&clerk(), &back(&id, &li, "")).unwrap();
    }
    let taken = station.check_out(&clerk(), &out(&id, &li, whole.clone())).unwrap().out.expect("it is out");
    assert_eq!((taken.unchecked.len(), taken.unfit, taken.free_mb), (0, Vec::<UseCheck>::new(), Some(58_000)));
    station.return_recorder(&clerk(), &back(&id, &li, "")).unwrap();
    let full = UseChecks { battery_percent: Some(101), ..whole };
    assert_eq!(refusal(station.check_out(&clerk(), &out(&id, &li, full))), ErrorCode::InvalidInput, "no such battery");
    let odd = UseChecks { also_checked: vec!["镜头".into()], ..UseChecks::default() };
    let asked = ["镜头".to_owned(), "麦克风".to_owned()];
    assert_eq!(odd.lacking(&asked), ["麦克风"], "what a rule asks beyond the usual is ticked by its word");
}

#[test]
fn the_times_of_having_a_recorder_follow_each_other() {
    let bench = Bench::mute();
    let station = bench.create();
    let li = person_id(&station, "李娜", "53030036012");
    let id = station.save_recorder(&clerk(), &entry("03号", None)).unwrap().recorder.id;
    let at = |time: &str| parse_instant(&format!("2026-11-21T{time}:00Z"));
    let take = |time: &str| {
        let order = CheckOut { at: at(time), ..out(&id, &li, UseChecks::default()) };
        station.check_out(&clerk(), &order).map_err(|failure| failure.params["field"].clone())
    };
    let give = |time: &str| {
        let order = ReturnRecorder { at: at(time), ..back(&id, &li, "") };
        station.return_recorder(&clerk(), &order).map_err(|failure| failure.params["field"].clone())
    };
    assert_eq!(take("10:01").err().as_deref(), Some("at"), "not in the future");
    assert!(take("02:00").is_ok());
    assert_eq!(give("01:59").err().as_deref(), Some("at"), "not back before it went");
    assert!(give("05:00").is_ok());
    assert_eq!(take("04:59").err().as_deref(), Some("at"), "not out while another had it");
    assert!(take("05:00").is_ok());
}

#[test]
fn a_recorder_is_entered_as_the_unit_knows_it() {
    let bench = Bench::mute();
    let station = bench.create();
    let li = person_id(&station, "李娜", "53030036012");
    let first = station.save_recorder(&clerk(), &SaveRecorder { serial: "S1".into(), ..entry("03号", None) }).unwrap();
    assert_eq!(first.recorder.acquired_on, "2024-03-01");
    let base = || entry("04号", Some(li.clone()));
    for (what, save, field) in [
        ("no name", SaveRecorder { name: " ".into(), ..base() }, "name"),
        ("a name twice", SaveRecorder { name: "03号".into(), ..base() }, "name"),
        ("a serial twice", SaveRecorder { serial: "S1".into(), ..base() }, "serial"),
        ("a kind that the rules do not know", SaveRecorder { kind: "无人机".into(), ..base() }, "kind"),
        ("no day", SaveRecorder { acquired_on: "2024-13-01".into(), ..base() }, "acquired_on"),
        ("too long", SaveRecorder { place: "长".repeat(201), ..base() }, "store_place"),
        ("two lines", SaveRecorder { cost: "一\n二".into(), ..base() }, "cost"),
    ] {
        let failure = station.save_recorder(&clerk(), &save).expect_err(what);
        assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, field), "{what}");
    }
    let nobody = PersonId::parse("01KZZZZZZZZZZZZZZZZZZZZZZZ");
    assert_eq!(refusal(station.save_recorder(&clerk(), &entry("05号", nobody))), ErrorCode::NotFound);
    let unknown = SaveRecorder { id: RecorderId::parse("01KZZZZZZZZZZZZZZZZZZZZZZZ"), ..base() };
    assert_eq!(refusal(station.save_recorder(&clerk(), &unknown)), ErrorCode::NotFound, "none to change");
    let saved = station.save_recorder(&clerk(), &base()).unwrap();
    assert_eq!((saved.recorder.keeper.as_str(), saved.recorder.keeper_id.as_ref()), ("李娜", Some(&li)));

    // Docking a card of it later forgets nothing of what was entered.
    bench.noise_drive("CARD", 1, 2_000);
    let drive = station.drives().unwrap()[0].docked.id.to_string();
    let again = NewRecorder { name: "04号".into(), serial: "S4".into(), keeper: "李娜".into() };
    station.register_drive(&clerk(), &drive, &again).unwrap();
    let held = station.recorder_rows().unwrap().into_iter().find(|row| row.recorder.name == "04号").unwrap().recorder;
    let told = (held.serial.as_str(), held.place.as_str(), held.keeper_id.as_ref());
    assert_eq!(told, ("S4", "器材柜2号", Some(&li)), "{held:?}");
}
