//! What calls for a person.

use super::Outcome;
use crate::context::Desk;
use crate::documents::AlarmDocument;
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{facts, table, time};
use crate::status::Status;
use crate::words::{explain_alarm, say, words};
use model::{AlarmId, AlarmKind, ClipId, format_instant};
use register::AlarmRow;
use station::Failure;

/// `alarms`
pub fn list(desk: &Desk) -> Outcome {
    let rows = desk.station.alarms()?;
    let list: Vec<AlarmDocument> = rows.iter().map(|row| document(desk, row)).collect::<Result<_, Failure>>()?;
    let zone = desk.station.zone();
    let line = |(row, alarm): (&AlarmRow, &AlarmDocument)| {
        let what = explain_alarm(row.kind).what.clone();
        let subject = alarm.number.clone().unwrap_or_else(|| alarm.subject.clone());
        vec![alarm.id.clone(), time(zone, Some(&alarm.raised_at)), what, subject, alarm.detail.clone()]
    };
    let text = table(&words().tables.alarms, &rows.iter().zip(&list).map(line).collect::<Vec<_>>());
    let mut kinds: Vec<(AlarmKind, usize)> = Vec::new();
    for row in &rows {
        match kinds.iter_mut().find(|(kind, _)| *kind == row.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((row.kind, 1)),
        }
    }
    let note = |(kind, count): (AlarmKind, usize)| {
        let (said, count) = (explain_alarm(kind), count.to_string());
        let named = [("what", said.what.as_str()), ("effect", &said.effect), ("action", &said.action)];
        say("problem", &[&[("code", kind.code()), ("count", &count)], &named[..]].concat())
    };
    let notes = kinds.into_iter().map(note).collect();
    Ok(Answer::list("alarms", &list, text).noting(notes).ending(Status::clean_unless(!list.is_empty())))
}

/// `alarms acknowledge`
pub fn acknowledge(desk: &Desk, text: &str, note: &str) -> Outcome {
    let id = alarm(desk, text)?;
    let row = desk.station.acknowledge_alarm(&desk.actor, &id, note)?;
    let document = document(desk, &row)?;
    let told = facts(&[
        ("id", document.id.clone()),
        ("acknowledged_by", document.acknowledged_by.clone().unwrap_or_default()),
        ("note", document.note.clone().unwrap_or_default()),
    ]);
    Ok(Answer::new(&document, say("alarm_acknowledged", &[]) + "\n" + &told))
}

/// Returns the alarm of an id, or of the beginning of one that stands.
fn alarm(desk: &Desk, text: &str) -> Result<AlarmId, Refusal> {
    if let Some(id) = AlarmId::parse(text) {
        return Ok(id);
    }
    let wanted = text.to_ascii_uppercase();
    let rows = desk.station.alarms()?;
    let mut found = rows.into_iter().map(|row| row.id).filter(|id| id.as_str().starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(id), None) if !wanted.is_empty() => Ok(id),
        (Some(_), Some(_)) => Err(Refusal::usage("alarm_ambiguous", &[("text", text)])),
        _ => Err(Failure::not_found(text).into()),
    }
}

fn document(desk: &Desk, row: &AlarmRow) -> Result<AlarmDocument, Failure> {
    let number = match ClipId::parse(&row.subject) {
        Some(id) => desk.station.read(|view| view.clip(&id))?.map(|clip| clip.clip.number),
        None => None,
    };
    let acknowledged = row.acknowledged.as_ref();
    Ok(AlarmDocument {
        id: row.id.to_string(),
        kind: row.kind.code().to_owned(),
        subject: row.subject.clone(),
        number,
        detail: row.detail.clone(),
        article: row.article.clone(),
        raised_at: format_instant(row.raised_at),
        acknowledged_at: acknowledged.map(|done| format_instant(done.at)),
        acknowledged_by: acknowledged.map(|done| done.by.clone()),
        note: acknowledged.map(|done| done.note.clone()),
    })
}
