//! Papers about what happened: 未录工作记录, 情形报告, 外出记录.

use super::content::{PaperContent, Suggestions};
use super::filling::{Filling, numbers};
use super::words::{fill, words};
use crate::{Failure, Station};
use forms::{Answer, Check};
use model::{SubjectKind, TripId};
use register::TripRow;
use rules::Item;

/// 未录工作记录 of a case, or of an act that no case knows.
pub(super) fn unrecorded(
    filling: &Filling<'_>,
    content: &mut PaperContent,
    suggestions: &mut Suggestions,
) -> Result<(), Failure> {
    if let Some(case) = filling.case()? {
        let draft = case.case.draft;
        content.set("case_number", draft.number);
        content.set("act", draft.cause);
        content.set("party", draft.party);
    }
    let pack = filling.pack();
    content.set("reported_to", pack.unrecorded.as_ref().map(|rules| rules.report_to.clone()).unwrap_or_default());
    suggestions.insert("ground".to_owned(), pack.exemptions.iter().map(|item| item.name.clone()).collect());
    let grounds = pack.exemptions.iter().filter_map(|item| item.article.as_deref());
    let mut cited: Vec<String> = grounds.map(|article| pack.cite(article)).collect();
    cited.dedup();
    suggestions.insert("legal_ground".to_owned(), cited);
    content.sign("officers", [filling.operator_name()]);
    Ok(())
}

/// 情形报告: the situations that the rules in force list, to be held against what happened.
pub(super) fn incident_report(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    content.set("found_by", filling.operator_name());
    if let Some(case) = filling.case()? {
        content.set("case_number", case.case.draft.number);
        content.set("department", case.case.draft.department);
    }
    content.checks.insert("heads".to_owned(), checks(&filling.pack().situations));
    let clips = filling.clips()?;
    if !clips.is_empty() {
        content.clips.insert("clips".to_owned(), numbers(&clips));
    }
    content.sign("found_by", [filling.operator_name()]);
    Ok(())
}

/// Returns a check list of the rules' items, each still open.
pub(super) fn checks(items: &[Item]) -> Vec<Check> {
    let open = |item: &Item| Check {
        item: item.name.clone(),
        answer: Answer::Open,
        timecode: String::new(),
        note: String::new(),
    };
    items.iter().map(open).collect()
}

/// 外出记录: the exceptions that the rules in force allow.
pub(super) fn trip(
    filling: &Filling<'_>,
    content: &mut PaperContent,
    suggestions: &mut Suggestions,
) -> Result<(), Failure> {
    let away = filling.pack().store.away.as_ref();
    if content.basis.is_empty() {
        content.basis.extend(away.map(|away| filling.cited(&away.article)));
    }
    let recorders = filling.station.read(|view| view.recorders())?;
    suggestions.insert("recorder".to_owned(), recorders.into_iter().map(|recorder| recorder.name).collect());
    let Some(trip) = recorded_trip(filling)? else {
        content.sign("officers", [filling.operator_name()]);
        return Ok(());
    };
    let named: Vec<String> =
        trip.people.iter().map(|one| super::filling::named(&one.name, &one.certificate_no)).collect();
    let recorders: Vec<&str> = trip.recorders.iter().map(|recorder| recorder.name.as_str()).collect();
    content.set("officers", named.join("、"));
    let keys = filling.kind.keys();
    let choices = keys.iter().find(|key| key.key == "reason_kind").map_or(&[][..], |key| key.choices);
    if choices.iter().any(|(code, _)| *code == trip.reason) {
        content.set("reason_kind", trip.reason.clone());
    }
    content.set("state", if trip.returned.is_some() { "closed" } else { "open" });
    content.set("destination", trip.place.clone());
    content.set("recorder", recorders.join("、"));
    content.set("out_at", filling.zone.show(trip.from));
    if let Some(returned) = &trip.returned {
        content.set("returned_at", filling.zone.show(returned.at));
        content.set("proof", returned.proof.clone());
        let due = rules::store_deadline(filling.pack(), trip.from, Some(returned.at), filling.judging.reckoning());
        content.set("due_at", due.map(|due| filling.zone.show(due.due.at)).unwrap_or_default());
    }
    content.sign("officers", trip.people.iter().map(|one| one.name.clone()));
    Ok(())
}

/// Returns the trip that the paper is about; `None` where it is about none that was entered.
fn recorded_trip(filling: &Filling<'_>) -> Result<Option<TripRow>, Failure> {
    if filling.subject.kind != SubjectKind::Trip {
        return Ok(None);
    }
    let known = TripId::parse(&filling.subject.id).ok_or_else(|| Failure::not_found(&filling.subject.id))?;
    filling.station.read(|view| view.trip(&known))
}

/// Returns what a trip is called.
pub(super) fn trip_named(station: &Station, id: &str) -> Result<Option<String>, Failure> {
    let Some(id) = TripId::parse(id) else { return Ok(None) };
    let trip = station.read(|view| view.trip(&id))?;
    Ok(trip.map(|trip| {
        fill(&words().session_named, &[("recorder", &trip.place), ("from", &station.zone().show(trip.from))])
    }))
}
