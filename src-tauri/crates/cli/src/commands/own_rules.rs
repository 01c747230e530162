//! The unit's own rule packs, and the working-day calendar in force.

use super::Outcome;
use crate::context::Desk;
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{facts, table, time};
use crate::words::{say, state, words};
use model::ErrorCode;
use rules::Calendar;
use station::Failure;
use std::path::Path;
use wire::dto::{CalendarImported, CalendarView, MovedDeadline, RuleAdoption};

/// `rules adopt`
pub fn adopt(desk: &Desk, file: &Path, from: &str) -> Outcome {
    let text = read(file)?;
    if let Some(reason) = wire::view::rule_check(&text, None).refused {
        return Err(Failure::new(ErrorCode::RulesRefused).with("reason", reason).into());
    }
    let day = from.trim().parse().map_err(|error| Failure::invalid("from").because(error))?;
    desk.station.adopt_rules(&desk.actor, &text, day)?;
    let zone = desk.station.zone();
    let today = zone.local(desk.station.now()).date_naive().to_string();
    let timeline = wire::view::rule_timeline(&desk.station.own_rules()?, &desk.station.rule_adoptions()?, &today);
    let row = |one: &RuleAdoption| {
        let in_force = if one.in_force { say("rules_in_force", &[]) } else { String::new() };
        vec![one.from.clone(), one.reference.clone(), one.bureau.clone(), time(zone, Some(&one.at)), in_force]
    };
    let rows: Vec<Vec<String>> = timeline.adoptions.iter().map(row).collect();
    Ok(Answer::new(&timeline, table(&words().tables.adoptions, &rows)))
}

/// `rules calendar show`: the one in force in a vault, else the built-in one.
pub fn calendar(desk: Option<&Desk>) -> Outcome {
    let view = match desk {
        Some(desk) => {
            let (calendar, row) = desk.station.calendar()?;
            wire::view::calendar(&calendar, row.as_ref())
        }
        None => wire::view::calendar(Calendar::builtin(), None),
    };
    let taken = desk.map_or_else(String::new, |desk| time(desk.station.zone(), view.imported_at.as_deref()));
    Ok(Answer::new(&view, calendar_facts(&view, taken)))
}

fn calendar_facts(view: &CalendarView, taken: String) -> String {
    facts(&[
        ("calendar", format!("{}　{}", view.edition, view.name)),
        ("calendar_years", format!("{}–{}", view.first_year, view.last_year)),
        ("calendar_taken", taken),
        ("calendar_by", view.imported_by.clone().unwrap_or_default()),
    ])
}

/// `rules calendar import`
pub fn import(desk: &Desk, file: &Path) -> Outcome {
    let text = read(file)?;
    let (before, _) = desk.station.calendar()?;
    let moved = desk.station.import_calendar(&desk.actor, &text)?;
    let (after, row) = desk.station.calendar()?;
    let document = CalendarImported {
        calendar: wire::view::calendar(&after, row.as_ref()),
        days: wire::view::turned_days(&before, &after),
        moved: moved.iter().map(wire::view::moved).collect(),
    };
    let zone = desk.station.zone();
    let line = |one: &MovedDeadline| {
        let kind = state("due_kind", &one.what).to_owned();
        vec![kind, one.subject.clone(), time(zone, Some(&one.before)), time(zone, Some(&one.after))]
    };
    let rows: Vec<Vec<String>> = document.moved.iter().map(line).collect();
    let told = say(
        "calendar_imported",
        &[("days", &document.days.len().to_string()), ("moved", &document.moved.len().to_string())],
    );
    let mut text = calendar_facts(&document.calendar, time(zone, document.calendar.imported_at.as_deref()));
    text += &(told + "\n");
    if !rows.is_empty() {
        text += &table(&words().tables.moved, &rows);
    }
    Ok(Answer::new(&document, text))
}

fn read(file: &Path) -> Result<String, Refusal> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(ErrorCode::NotFound).with("what", file.display()).because(error).into())
}
