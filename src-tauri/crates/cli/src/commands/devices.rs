//! The 设备台账 and the trips, to be read.

use super::Outcome;
use crate::context::Desk;
use crate::output::Answer;
use crate::render::{code, table, time};
use crate::words::{say, state, words};
use wire::dto::{NamedPerson, RecorderRow, TripRow};

/// `devices`
pub fn devices(desk: &Desk) -> Outcome {
    let pack = desk.station.rule_pack()?;
    let rows = desk.station.recorder_rows()?;
    let list: Vec<RecorderRow> = rows.iter().map(|row| wire::view::recorder_row(&pack, row)).collect();
    let zone = desk.station.zone();
    let row = |one: &RecorderRow| {
        let out = one.out.as_ref();
        let since = time(zone, out.map(|out| out.at.as_str()));
        let keeper = match (&one.keeper_wanted, one.recorder.keeper.as_str()) {
            (None, keeper) => keeper.to_owned(),
            (Some(article), keeper) => say("keeper_wanted", &[("keeper", keeper), ("article", article)]),
        };
        vec![
            one.recorder.name.clone(),
            one.kind.clone(),
            format!("{} {}", one.maker, one.model).trim().to_owned(),
            one.recorder.serial.clone(),
            keeper,
            one.place.clone(),
            state("recorder_state", &code(&one.state)).to_owned(),
            out.map(|out| format!("{} {since}", out.person.name)).unwrap_or_default(),
        ]
    };
    let text = table(&words().tables.devices, &list.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("devices", &list, text))
}

/// `trips`
pub fn trips(desk: &Desk) -> Outcome {
    let list = wire::view::trip_list(&*desk.station.rule_pack()?, &desk.station.trips()?);
    let zone = desk.station.zone();
    let names = |people: &[NamedPerson]| people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、");
    let row = |one: &TripRow| {
        let returned = one.returned.as_ref().map(|returned| time(zone, Some(&returned.at)));
        let standing = match (&one.withdrawn, returned) {
            (Some(withdrawn), _) => say("trip_withdrawn", &[("reason", &withdrawn.reason)]),
            (None, Some(returned)) => returned,
            (None, None) => say("trip_open", &[]),
        };
        vec![
            time(zone, Some(&one.from)),
            standing,
            one.reason_name.clone(),
            one.place.clone(),
            names(&one.people),
            one.recorders.iter().map(|recorder| recorder.name.as_str()).collect::<Vec<_>>().join("、"),
            one.proof.clone(),
        ]
    };
    let text = table(&words().tables.trips, &list.trips.iter().map(row).collect::<Vec<_>>());
    let note = match &list.article {
        Some(article) => say("trips_move", &[("within", &list.within), ("article", article)]),
        None => say("trips_move_nothing", &[]),
    };
    Ok(Answer::new(&list, text).noting(vec![note]))
}
