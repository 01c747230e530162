//! What is due, and what is said about it: why clips were stored late, and when a case ended.

use super::Outcome;
use crate::context::Desk;
use crate::output::Answer;
use crate::render::{facts, table, time};
use crate::words::{say, state, words};
use model::{Instant, StationZone};
use register::ConclusionRow;
use serde::Serialize;
use station::Failure;
use wire::dto::{Conclusion, DueView, KeptBy, KeptUntil, Retention, StoreClock};

/// `due`
pub fn list(desk: &Desk) -> Outcome {
    let list: Vec<DueView> = desk.station.due()?.iter().map(wire::view::due).collect();
    let zone = desk.station.zone();
    let row = |due: &DueView| {
        let subject = if due.detail.is_empty() { due.title.clone() } else { format!("{}　{}", due.title, due.detail) };
        vec![
            state("due_level", &due.level).to_owned(),
            state("due_kind", &due.what).to_owned(),
            subject,
            time(zone, Some(&due.due)),
            due.article.clone(),
        ]
    };
    let text = match list.is_empty() {
        true => say("due_none", &[]) + "\n",
        false => table(&words().tables.due, &list.iter().map(row).collect::<Vec<_>>()),
    };
    let notes = if list.iter().any(|due| due.provisional) { vec![say("due_provisional", &[])] } else { Vec::new() };
    Ok(Answer::list("due", &list, text).noting(notes))
}

#[derive(Debug, Serialize)]
struct LateDocument {
    /// 片段编号.
    clips: Vec<String>,
    reason: String,
}

/// `late`
pub fn explain(desk: &Desk, clips: &[String], reason: &str) -> Outcome {
    let rows = clips.iter().map(|clip| desk.clip(clip)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<_> = rows.iter().map(|row| row.clip.id.clone()).collect();
    desk.station.explain_late(&desk.actor, &ids, reason)?;
    let numbers: Vec<String> = rows.iter().map(|row| row.clip.number.clone()).collect();
    let text = say("late_explained", &[("count", &numbers.len().to_string())]);
    Ok(Answer::new(&LateDocument { clips: numbers, reason: reason.trim().to_owned() }, text))
}

/// `case conclude`
pub fn conclude(desk: &Desk, case: &str, inspected: Option<&str>, closed: Option<&str>) -> Outcome {
    let id = desk.case(case)?;
    let moment = |text: Option<&str>| -> Result<Option<Instant>, Failure> {
        text.map(|text| desk.station.parse_time(text).ok_or_else(|| Failure::invalid("time"))).transpose()
    };
    let held = desk.station.read(|view| view.conclusion(&id))?;
    let entered = ConclusionRow {
        inspected_at: moment(inspected)?.or(held.inspected_at),
        closed_at: moment(closed)?.or(held.closed_at),
    };
    desk.station.conclude_case(&desk.actor, &id, entered)?;
    let (judging, now) = (desk.station.judging()?, desk.station.now());
    let conclusion = desk.station.read(|view| wire::view::conclusion(view, &judging, &id, &view.packages()?, now))?;
    Ok(Answer::new(&conclusion, conclusion_text(desk.station.zone(), &conclusion)))
}

/// Returns when a case came to its end and by when it is filed, as facts.
pub fn conclusion_text(zone: StationZone, known: &Conclusion) -> String {
    facts(&[
        ("inspected_at", time(zone, known.inspected_at.as_deref())),
        ("closed_at", time(zone, known.closed_at.as_deref())),
        ("archive_clock", known.archive_clock.as_ref().map(|clock| kept(zone, clock)).unwrap_or_default()),
    ])
}

/// Returns a deadline and whether it was kept.
pub fn kept(zone: StationZone, clock: &StoreClock) -> String {
    let due = time(zone, clock.due.as_deref());
    let name = match (&clock.due, clock.kept) {
        (None, _) => "store_awaits_return",
        (Some(_), true) => "store_kept",
        (Some(_), false) => "store_late",
    };
    let told = say(name, &[("due", &due), ("within", &clock.within), ("article", &clock.article)]);
    let stricter = clock.stricter.as_deref().map(|at| say("due_by_stricter", &[("time", &time(zone, Some(at)))]));
    let trip = clock.trip.as_ref().filter(|_| clock.due.is_some()).map(|trip| {
        let returned = time(zone, trip.returned_at.as_deref());
        say("store_trip", &[("reason", &trip.reason), ("place", &trip.place), ("returned", &returned)])
    });
    [Some(told), trip, stricter].into_iter().flatten().collect()
}

/// Returns how long a clip is kept, and by which rules.
pub fn retention(kept: &Retention) -> String {
    let by =
        |name: &str, one: &KeptBy| say(name, &[("when", &one.when), ("term", &one.term), ("article", &one.article)]);
    let won = kept.won.iter().map(|one| by("kept_by", one));
    let lost = kept.lost.iter().map(|one| by("kept_over", one));
    let until = match &kept.until {
        KeptUntil::Day(day) => say("kept_until", &[("day", day)]),
        KeptUntil::Permanent => say("kept_permanent", &[]),
        KeptUntil::Open => say("kept_open", &[]),
    };
    std::iter::once(until).chain(won).chain(lost).collect::<Vec<_>>().join("；")
}
