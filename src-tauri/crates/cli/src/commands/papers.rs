//! 文书: what was issued, and issuing from what the register knows and a file says.

use super::Outcome;
use crate::context::Desk;
use crate::documents::IssuedPaperDocument;
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{facts, table, time};
use crate::words::{refusal, say, words};
use model::{ErrorCode, PaperSubject, RecorderId, SubjectKind};
use register::PaperFilter;
use station::{Failure, IssuedPaper, PaperContent, subject_kinds};
use std::path::Path;

/// `papers`
pub fn list(desk: &Desk, kind: Option<String>) -> Outcome {
    if let Some(code) = kind.as_deref().filter(|code| forms::kind(code).is_none()) {
        return Err(unknown_kind(code));
    }
    let filter = PaperFilter { kind, ..PaperFilter::default() };
    let papers = desk.station.papers(&filter)?;
    let list = papers.iter().map(|paper| document(desk, paper)).collect::<Result<Vec<_>, Failure>>()?;
    let zone = desk.station.zone();
    let line = |paper: &IssuedPaperDocument| {
        let voided = if paper.voided_at.is_some() { say("paper_voided", &[]) } else { String::new() };
        let (number, title) = (paper.number.clone(), paper.title.clone());
        vec![number, title, paper.about.clone(), time(zone, Some(&paper.issued_at)), paper.issued_by.clone(), voided]
    };
    let text = table(&words().tables.papers, &list.iter().map(line).collect::<Vec<_>>());
    Ok(Answer::list("papers", &list, text))
}

/// `paper issue`
pub fn issue(desk: &Desk, code: &str, subject: &str, values: Option<&Path>) -> Outcome {
    let kind = forms::kind(code).ok_or_else(|| unknown_kind(code))?;
    let subject = about(desk, code, subject)?;
    let (draft, _) = desk.station.paper_draft(code, &subject)?;
    let content = match values {
        Some(path) => draft.content.overlaid(read(path)?),
        None => draft.content,
    };
    let issued = desk.station.issue_paper(&desk.actor, code, &subject, draft.revision, &content);
    let issued = issued.map_err(|failure| {
        let missing = failure.params.get("missing").filter(|_| failure.code == ErrorCode::PaperIncomplete);
        let keys = kind.keys();
        let named = |missing: &str| {
            let plain: String = missing.split('[').next().into_iter().chain(missing.split(']').nth(1)).collect();
            let label = keys.iter().find(|key| key.key == plain).map_or("", |key| key.label);
            refusal("missing_key", &[("key", missing), ("label", &label.replace('\n', ""))])
        };
        let lines: Vec<String> = missing.into_iter().flat_map(|missing| missing.split(',')).map(named).collect();
        Refusal::from(failure).saying(lines)
    })?;
    shown(desk, &issued)
}

/// `paper show`
pub fn show(desk: &Desk, number: &str) -> Outcome {
    shown(desk, &desk.station.paper(number)?)
}

fn shown(desk: &Desk, paper: &IssuedPaper) -> Outcome {
    let document = document(desk, paper)?;
    let zone = desk.station.zone();
    let text = facts(&[
        ("number", document.number.clone()),
        ("title", document.title.clone()),
        ("about", document.about.clone()),
        ("basis", document.basis.clone()),
        ("issued_at", time(zone, Some(&document.issued_at))),
        ("issued_by", document.issued_by.clone()),
        ("voided_at", document.voided_at.as_deref().map(|at| time(zone, Some(at))).unwrap_or_default()),
        ("voided_by", document.voided_by.clone().unwrap_or_default()),
        ("reason", document.void_reason.clone().unwrap_or_default()),
        ("sheets", document.sheets.to_string()),
        ("record", document.record.clone()),
        ("pdf", document.pdf.clone()),
        ("sha256", document.pdf_sha256.clone()),
    ]);
    Ok(Answer::new(&document, text))
}

fn document(desk: &Desk, paper: &IssuedPaper) -> Result<IssuedPaperDocument, Failure> {
    let about = desk.station.subject_words(&paper.row.subject)?.unwrap_or_default();
    Ok(IssuedPaperDocument::new(paper, about))
}

fn unknown_kind(code: &str) -> Refusal {
    let known: Vec<String> = forms::kinds().iter().map(|kind| format!("{} {}", kind.code, kind.title)).collect();
    Refusal::usage("paper_kind", &[("kind", code)]).saying(known)
}

/// Reads what a paper is filled with beside what the register knows.
fn read(path: &Path) -> Result<PaperContent, Refusal> {
    let wrong = |name: &str, why: String| Refusal::usage(name, &[("path", &path.display().to_string()), ("why", &why)]);
    let text = std::fs::read_to_string(path).map_err(|error| wrong("file_unreadable", error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong("file_malformed", error.to_string()))
}

/// Returns what a paper is about: 案号, 片段编号, recorder, or an id or its beginning; of the unit a period.
fn about(desk: &Desk, code: &str, text: &str) -> Result<PaperSubject, Refusal> {
    let kinds = subject_kinds(code);
    for kind in kinds {
        if let Some(id) = named(desk, *kind, text)? {
            let subject = PaperSubject { kind: *kind, id };
            if desk.station.subject_words(&subject)?.is_some() {
                return Ok(subject);
            }
        }
    }
    Err(Failure::not_found(text).into())
}

fn named(desk: &Desk, kind: SubjectKind, text: &str) -> Result<Option<String>, Refusal> {
    if text.is_empty() {
        return Ok((kind == SubjectKind::Unit).then(String::new));
    }
    // What no session, case or clip is called may be something else's name.
    let found = |answer: Result<String, Refusal>| match answer {
        Err(refused) if refused.error.code == ErrorCode::NotFound.code() => Ok(None),
        answer => answer.map(Some),
    };
    match kind {
        SubjectKind::Case => found(desk.case(text).map(|id| id.to_string())),
        SubjectKind::Clip => found(desk.clip(text).map(|row| row.clip.id.to_string())),
        SubjectKind::Session => found(desk.session(text).map(|id| id.to_string())),
        SubjectKind::Recorder => {
            let recorders = desk.station.read(|view| view.recorders())?;
            let known =
                recorders.into_iter().find(|one| one.name == text || RecorderId::parse(text) == Some(one.id.clone()));
            Ok(known.map(|recorder| recorder.id.to_string()))
        }
        SubjectKind::Job | SubjectKind::Trip | SubjectKind::Unit => Ok(Some(text.to_owned())),
    }
}
