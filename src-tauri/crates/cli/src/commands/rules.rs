//! Rule packs and the legal clock. None of it needs a vault; where one is named, its own packs and calendar count.

use super::Outcome;
use crate::arguments::{ClockKind, RuleClock};
use crate::context::Desk;
use crate::documents::PackDocument;
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{facts, table};
use crate::status::Status;
use crate::words::{say, words};
use model::{ErrorCode, Instant, StationZone};
use rules::{Calendar, DayEnd, Deadline, Reckoning, RulePack, Start, archive_deadline, store_deadline};
use serde::Serialize;
use station::{Failure, Held};
use std::path::Path;
use std::sync::Arc;
use wire::dto::{ComparedRule, RuleLine};

/// `rules list`
pub fn list(desk: Option<&Desk>) -> Outcome {
    let mut list: Vec<PackDocument> = rules::packs().iter().map(|pack| document(pack, pack.id.clone())).collect();
    if let Some(desk) = desk {
        list.extend(desk.station.own_rules()?.iter().map(|own| document(&own.pack, own.reference())));
    }
    let row = |pack: &PackDocument| {
        vec![pack.id.clone(), pack.bureau.clone(), pack.title.clone(), pack.valid_from.clone().unwrap_or_default()]
    };
    let text = table(&words().tables.packs, &list.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("packs", &list, text))
}

/// `id` is how it is named: the pack's own id, or `id@version` of one that the unit wrote down.
fn document(pack: &RulePack, id: String) -> PackDocument {
    PackDocument {
        id,
        bureau: pack.bureau.clone(),
        title: pack.title.clone(),
        valid_from: pack.valid_from.map(|day| day.to_string()),
    }
}

/// `rules show`
pub fn show(desk: Option<&Desk>, pack: &str) -> Outcome {
    let pack = named(desk, pack)?;
    let detail = wire::view::rule_pack_detail(&pack);
    let row = |line: &RuleLine| {
        vec![
            of(&line.label, &line.item),
            line.value.clone(),
            line.article.clone().unwrap_or_else(|| say("rule_default", &[])),
        ]
    };
    let rows: Vec<Vec<String>> = detail.lines.iter().map(row).collect();
    Ok(Answer::new(&detail, table(&words().tables.rules, &rows)))
}

/// `rules compare`
pub fn compare(desk: Option<&Desk>, names: &[String]) -> Outcome {
    let packs = names.iter().map(|name| named(desk, name)).collect::<Result<Vec<_>, _>>()?;
    let packs: Vec<&RulePack> = packs.iter().map(|pack| &**pack).collect();
    let compared = wire::view::rule_comparison(&packs);
    let mut headings = vec![words().tables.rules[0].clone()];
    headings.extend(packs.iter().zip(names).map(|(pack, name)| {
        // A file is called by the id in it.
        if name.contains('@') { name.clone() } else { pack.id.clone() }
    }));
    let row = |line: &ComparedRule| {
        let cell = |cell: &Option<wire::dto::RuleCell>| match cell {
            Some(cell) => {
                format!("{}{}", cell.value, cell.article.as_ref().map(|a| format!("（{a}）")).unwrap_or_default())
            }
            None => say("rule_none", &[]),
        };
        let mut row = vec![of(&line.label, &line.item)];
        row.extend(line.cells.iter().map(cell));
        row
    };
    let differing: Vec<Vec<String>> = compared.lines.iter().filter(|line| !line.same).map(row).collect();
    Ok(Answer::new(&compared, table(&headings, &differing)))
}

fn of(label: &str, item: &str) -> String {
    if item.is_empty() { label.to_owned() } else { format!("{label} · {item}") }
}

#[derive(Debug, Serialize)]
struct CheckDocument {
    file: String,
    accepted: bool,
    pack: Option<PackDocument>,
    line: Option<usize>,
    /// Why it is refused.
    reason: Option<String>,
}

/// `rules check`
pub fn check(file: &Path) -> Outcome {
    let shown = file.display().to_string();
    let (document, text, status) = match RulePack::parse(&shown, &read(file)?) {
        Ok(pack) => {
            let text = say("rules_accepted", &[("title", &pack.title), ("version", &pack.version.to_string())]);
            let document = CheckDocument {
                file: shown,
                accepted: true,
                pack: Some(document(&pack, pack.id.clone())),
                line: None,
                reason: None,
            };
            (document, text, Status::Clean)
        }
        Err(error) => {
            let reason = wire::view::rule_error(&error);
            let text = say("rules_refused", &[("reason", &reason)]);
            let document =
                CheckDocument { file: shown, accepted: false, pack: None, line: error.line, reason: Some(reason) };
            (document, text, Status::Findings)
        }
    };
    Ok(Answer::new(&document, text).ending(status))
}

#[derive(Debug, Serialize)]
struct RuleDocument {
    pack: String,
    version: u32,
    title: String,
    article: String,
    /// `24h` or `7wd`.
    within: String,
}

#[derive(Debug, Serialize)]
struct DeadlineDocument {
    /// `store` or `archive`.
    kind: &'static str,
    /// `recording_end`, `return` or `closing`.
    from: &'static str,
    start: String,
    /// The end of the period in the zone that it is reckoned in; of working days the last second of the last one.
    due: String,
    /// The earlier of midnight and close of business on the last day.
    stricter: String,
    last_day: Option<String>,
    /// A year without a calendar was looked at.
    provisional: bool,
    calendar: String,
    rule: RuleDocument,
    warnings: Vec<String>,
    /// Whether a return was named that this pack does not count.
    return_not_counted: bool,
}

/// `rules clock`
pub fn clock(desk: Option<&Desk>, order: &RuleClock) -> Outcome {
    let pack = named(desk, &order.pack)?;
    let judging = desk.map(|desk| desk.station.judging()).transpose()?;
    let usual = Reckoning { zone: StationZone::beijing(), calendar: Calendar::builtin(), day_end: DayEnd::usual() };
    let reckoning = judging.as_ref().map_or(usual, |judging| judging.reckoning());
    let zone = reckoning.zone;
    let time = |text: &str| zone.parse(text).ok_or_else(|| Failure::invalid("time"));
    let end = time(&order.recorded_end)?;
    let returned = order.returned.as_deref().map(time).transpose()?;
    let (kind, deadline) = match order.kind {
        ClockKind::Store => ("store", store_deadline(&pack, end, returned, reckoning)),
        ClockKind::Archive => ("archive", archive_deadline(&pack, end, reckoning)),
    };
    let Some(deadline) = deadline else {
        return Err(Failure::new(ErrorCode::NotFound).with("what", format!("{} {kind}", pack.id)).into());
    };
    let start = if deadline.from == Start::Return { returned.unwrap_or(end) } else { end };
    let document = told(kind, &pack, &deadline, start, reckoning, returned.is_some() && deadline.from != Start::Return);
    let began = match deadline.from {
        Start::RecordingEnd => "due_from_recording_end",
        Start::Return => "due_from_return",
        Start::Closing => "due_from_closing",
    };
    let text = facts(&[
        ("due", zone.show(deadline.due.at)),
        ("due_rule", format!("{}　{}", pack.cite(deadline.article), wire::view::limit(deadline.limit))),
        ("due_from", say(began, &[("time", &zone.show(start))])),
        (
            "due_stricter",
            if deadline.due.stricter == deadline.due.at { String::new() } else { zone.show(deadline.due.stricter) },
        ),
        ("due_warnings", deadline.warnings.iter().map(|at| zone.show(*at)).collect::<Vec<_>>().join("、")),
    ]);
    let mut notes = Vec::new();
    if document.provisional {
        notes.push(say("due_provisional", &[]));
    }
    if document.return_not_counted {
        notes.push(say("due_return_not_counted", &[]));
    }
    Ok(Answer::new(&document, text).noting(notes))
}

fn told(
    kind: &'static str,
    pack: &RulePack,
    deadline: &Deadline<'_>,
    start: Instant,
    reckoning: Reckoning<'_>,
    return_not_counted: bool,
) -> DeadlineDocument {
    let written = |at: Instant| reckoning.zone.written(at);
    DeadlineDocument {
        kind,
        from: deadline.from.code(),
        start: written(start),
        due: written(deadline.due.at),
        stricter: written(deadline.due.stricter),
        last_day: deadline.due.last_day.map(|day| day.to_string()),
        provisional: deadline.due.provisional,
        calendar: reckoning.calendar.version().to_owned(),
        rule: RuleDocument {
            pack: pack.id.clone(),
            version: pack.version,
            title: pack.title.clone(),
            article: deadline.article.to_owned(),
            within: deadline.limit.to_string(),
        },
        warnings: deadline.warnings.iter().map(|at| written(*at)).collect(),
        return_not_counted,
    }
}

/// Finds a pack by its id, reads it from a file, or takes one that the unit wrote down.
fn named(desk: Option<&Desk>, pack: &str) -> Result<Held<RulePack>, Refusal> {
    if let Some(built_in) = rules::pack(pack) {
        return Ok(Held::BuiltIn(built_in));
    }
    let file = Path::new(pack);
    if !pack.ends_with(".toml") {
        return match desk {
            Some(desk) => Ok(desk.station.rules_named(pack)?),
            None => Err(Failure::not_found(pack).into()),
        };
    }
    RulePack::parse(pack, &read(file)?)
        .map(|pack| Held::Recorded(Arc::new(pack)))
        .map_err(|error| Failure::new(ErrorCode::RulesRefused).with("reason", wire::view::rule_error(&error)).into())
}

fn read(file: &Path) -> Result<String, Refusal> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(ErrorCode::NotFound).with("what", file.display()).because(error).into())
}
