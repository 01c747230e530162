//! Papers about what happened: 未录工作记录, 情形报告, 外出记录.

use super::content::{PaperContent, Suggestions};
use super::filling::{Filling, numbers};
use crate::{Failure, Station};
use forms::{Answer, Check};
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
    for (key, text) in recorded_trip(filling) {
        content.set(key, text);
    }
    let recorders = filling.station.read(|view| view.recorders())?;
    suggestions.insert("recorder".to_owned(), recorders.into_iter().map(|recorder| recorder.name).collect());
    content.sign("officers", [filling.operator_name()]);
    Ok(())
}

/// Returns what is known of the trip that the paper is about, by the paper's keys. The register records none.
fn recorded_trip(_filling: &Filling<'_>) -> Vec<(&'static str, String)> {
    Vec::new()
}

/// Returns what a trip is called. The register records none.
pub(super) fn trip_named(_station: &Station, _id: &str) -> Result<Option<String>, Failure> {
    Ok(None)
}
