//! People of the unit, and who may act.

use crate::bench::{Asked, Bench, clerk, refusal};
use model::{Actor, CaseDraft, ErrorCode, PersonId};
use station::{Declared, SaveCase, SavePerson};

fn new(name: &str, certificate_no: &str) -> SavePerson {
    SavePerson {
        name: name.into(),
        certificate_no: certificate_no.into(),
        duty: "科员".into(),
        active: true,
        ..SavePerson::default()
    }
}

#[test]
fn a_person_is_entered_as_the_unit_knows_them() {
    let bench = Bench::mute();
    let station = bench.create();
    let rows = [
        ("  ", "53030036012", Some("name"), "a person has a name"),
        ("李娜", "36", Some("certificate_no"), "too short"),
        ("李娜", "决定23456", Some("certificate_no"), "bent by an input method"),
        ("李娜", "5303 0036", Some("certificate_no"), "no spaces inside"),
        ("李娜", &"5".repeat(33), Some("certificate_no"), "too long"),
        ("李娜", " 53030036012 ", None, "spaces around are cut"),
        ("王强", "53030036012", Some("certificate_no"), "another active person has it"),
        ("王强", "53030036015", None, "one of his own"),
        ("赵云", "", None, "staff without a certificate"),
        ("钱多", "", None, "and a second one"),
    ];
    for (name, certificate_no, refused, why) in rows {
        let saved = station.save_person(&clerk(), &new(name, certificate_no));
        match (saved, refused) {
            (Ok(person), None) => assert_eq!(person.certificate_no, certificate_no.trim(), "{why}"),
            (Err(failure), Some(field)) => {
                assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, field), "{why}");
            }
            (saved, _) => panic!("{why}: {saved:?}"),
        }
    }
    let people = station.ask(|view| view.people());
    assert_eq!(people.len(), 4, "what was refused is not kept: {people:?}");
    let unknown = SavePerson { id: PersonId::parse("01KZZZZZZZZZZZZZZZZZZZZZZZ"), ..new("某人", "53030036099") };
    assert_eq!(refusal(station.save_person(&clerk(), &unknown)), ErrorCode::NotFound, "nobody to change");
}

#[test]
fn who_has_left_stays_on_paper_and_does_nothing_more() {
    let bench = Bench::mute();
    let station = bench.create();
    let drive = bench.noise_drive("CARD", 1, 2_000);
    let li = station.save_person(&clerk(), &new("李娜", "53030036012")).unwrap();
    station.choose_operator(&li.id).unwrap();
    let actor = station.acting_operator().unwrap();
    assert_eq!(actor.display(), "李娜（53030036012）", "the operator is the author");

    let left = SavePerson { id: Some(li.id.clone()), active: false, ..new("李娜", "53030036012") };
    station.save_person(&clerk(), &left).unwrap();
    let case = SaveCase { draft: CaseDraft { number: "一号".into(), ..CaseDraft::default() }, ..SaveCase::default() };
    assert_eq!(refusal(station.save_case(&actor, &case)), ErrorCode::NotAllowed, "opens no case");
    assert_eq!(refusal(station.start_check(&actor, true)), ErrorCode::NotAllowed, "checks nothing");
    assert_eq!(
        refusal(station.intake_path(&actor, drive.root(), Declared::Command)),
        ErrorCode::NotAllowed,
        "takes nothing in"
    );
    assert_eq!(refusal(station.save_person(&actor, &new("新人", ""))), ErrorCode::NotAllowed, "enters nobody");
    assert_eq!(station.clips().len(), 0, "and nothing came in");
    assert_eq!(refusal(station.acting_operator()), ErrorCode::OperatorMissing, "nobody sits at the station any more");
    assert_eq!(refusal(station.choose_operator(&li.id)), ErrorCode::NotFound, "nor can they be chosen");
    assert_eq!(refusal(station.actor_named("李娜")), ErrorCode::NotFound, "nor named");
    let stranger = Actor::Person {
        id: PersonId::parse("01KZZZZZZZZZZZZZZZZZZZZZZZ").unwrap(),
        name: "某人".into(),
        certificate_no: String::new(),
    };
    assert_eq!(refusal(station.start_check(&stranger, true)), ErrorCode::NotAllowed, "whom nobody entered");

    station.save_person(&clerk(), &new("孙丽", "53030036012")).unwrap();
    let back = SavePerson { active: true, ..left };
    assert_eq!(
        refusal(station.save_person(&clerk(), &back)),
        ErrorCode::InvalidInput,
        "the number is another's by now"
    );
    assert_eq!(station.ask(|view| view.people()).len(), 2, "nobody is ever removed");
}
