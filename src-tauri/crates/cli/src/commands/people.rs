//! People of the unit.

use super::Outcome;
use crate::context::Desk;
use crate::output::Answer;
use crate::render::{facts, table};
use crate::words::{say, words};
use station::SavePerson;
use wire::dto::PersonView;

/// `people add`
pub fn add(desk: &Desk, name: String, certificate_no: String, duty: String, department: String) -> Outcome {
    let save = SavePerson { id: None, name, certificate_no, duty, department, active: true };
    let view = wire::view::person(&desk.station.save_person(&desk.actor, &save)?);
    let text = facts(&[
        ("name", view.name.clone()),
        ("certificate_no", view.certificate_no.clone()),
        ("duty", view.duty.clone()),
        ("office", view.department.clone()),
        ("id", view.id.clone()),
    ]);
    Ok(Answer::new(&view, text))
}

/// `people list`
pub fn list(desk: &Desk) -> Outcome {
    let people: Vec<PersonView> = desk.station.read(|view| view.people())?.iter().map(wire::view::person).collect();
    let row = |person: &PersonView| {
        let active = if person.active { say("yes", &[]) } else { say("no", &[]) };
        vec![person.name.clone(), person.certificate_no.clone(), person.duty.clone(), person.department.clone(), active]
    };
    let text = table(&words().tables.people, &people.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("people", &people, text))
}
