//! Papers, to the wire and back.

use super::{at, percent};
use crate::dto;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forms::{Answer, Basis, Check, Grid, GridColumn, Key, Kind, Picture, Place};
use model::{PaperSubject, SubjectKind, format_instant};
use rules::RulePack;
use station::{IssuedPaper, PaperContent, PaperDraft, Suggestions, subject_kinds};

pub(crate) fn paper_kind(kind: &Kind, pack: &RulePack) -> dto::PaperKind {
    let rule = pack.paper(&kind.code);
    dto::PaperKind {
        code: kind.code.clone(),
        title: rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| kind.title.clone()),
        prefix: kind.prefix.clone(),
        subjects: subject_kinds(&kind.code).iter().map(|kind| subject_kind(*kind)).collect(),
        article: rule.map(|rule| pack.cite(&rule.article)),
    }
}

fn subject_kind(kind: SubjectKind) -> dto::SubjectKind {
    match kind {
        SubjectKind::Session => dto::SubjectKind::Session,
        SubjectKind::Case => dto::SubjectKind::Case,
        SubjectKind::Clip => dto::SubjectKind::Clip,
        SubjectKind::Recorder => dto::SubjectKind::Recorder,
        SubjectKind::Job => dto::SubjectKind::Job,
        SubjectKind::Trip => dto::SubjectKind::Trip,
        SubjectKind::Unit => dto::SubjectKind::Unit,
    }
}

pub(crate) fn paper_subject(subject: &PaperSubject) -> dto::PaperSubject {
    dto::PaperSubject { kind: subject_kind(subject.kind), id: subject.id.clone() }
}

pub(crate) fn paper_form(
    kind: &Kind,
    pack: &RulePack,
    draft: &PaperDraft,
    suggestions: &Suggestions,
    about: String,
    missing: Vec<String>,
) -> dto::PaperForm {
    dto::PaperForm {
        kind: paper_kind(kind, pack),
        subject: paper_subject(&draft.subject),
        about,
        keys: kind.keys().iter().map(|key| paper_key(key, suggestions)).collect(),
        revision: draft.revision,
        content: paper_content(&draft.content),
        missing,
        saved_at: at(draft.saved_at),
    }
}

fn paper_key(key: &Key<'_>, suggestions: &Suggestions) -> dto::PaperKey {
    let choice = |(code, label): &(String, String)| dto::PaperChoice { code: code.clone(), label: label.clone() };
    let needed = key.needed_when.map(|(field, is)| dto::PaperCondition { field: field.to_owned(), is: is.to_vec() });
    dto::PaperKey {
        place: match key.place {
            Place::Fields => dto::PaperPlace::Fields,
            Place::Lists => dto::PaperPlace::Lists,
            Place::Grids => dto::PaperPlace::Grids,
            Place::Clips => dto::PaperPlace::Clips,
            Place::Checks => dto::PaperPlace::Checks,
            Place::Signers => dto::PaperPlace::Signers,
            Place::Basis => dto::PaperPlace::Basis,
        },
        key: key.key.clone(),
        label: key.label.replace('\n', ""),
        required: key.required,
        long: key.long,
        choices: key.choices.iter().map(choice).collect(),
        needed_when: needed,
        timecode: key.timecode,
        suggestions: suggestions.get(&key.key).cloned().unwrap_or_default(),
    }
}

pub(crate) fn paper_content(content: &PaperContent) -> dto::PaperContent {
    let basis = |basis: &Basis| dto::PaperBasis { title: basis.title.clone(), article: basis.article.clone() };
    let column = |column: &GridColumn| dto::PaperColumn {
        name: column.name.clone(),
        weight: column.weight,
        shown: column.shown,
    };
    let grid =
        |grid: &Grid| dto::PaperGrid { columns: grid.columns.iter().map(column).collect(), rows: grid.rows.clone() };
    let check = |check: &Check| dto::PaperCheck {
        item: check.item.clone(),
        answer: match check.answer {
            Answer::Yes => dto::PaperAnswer::Yes,
            Answer::No => dto::PaperAnswer::No,
            Answer::NotApplicable => dto::PaperAnswer::NotApplicable,
            Answer::Open => dto::PaperAnswer::Open,
        },
        timecode: check.timecode.clone(),
        note: check.note.clone(),
    };
    dto::PaperContent {
        basis: content.basis.iter().map(basis).collect(),
        fields: content.fields.clone(),
        lists: content.lists.clone(),
        grids: content.grids.iter().map(|(key, one)| (key.clone(), grid(one))).collect(),
        clips: content.clips.clone(),
        checks: content.checks.iter().map(|(key, all)| (key.clone(), all.iter().map(check).collect())).collect(),
        signers: content.signers.clone(),
    }
}

pub(crate) fn paper(issued: &IssuedPaper, about: String, media_base: &str) -> dto::PaperView {
    let row = &issued.row;
    dto::PaperView {
        number: row.number.clone(),
        kind: row.kind.clone(),
        title: row.title.clone(),
        subject: paper_subject(&row.subject),
        about,
        basis: row.basis.clone(),
        record: row.record.to_string(),
        sheets: row.sheets,
        issued_at: format_instant(row.issued_at),
        issued_by: row.issued_by.clone(),
        pdf_url: format!("{media_base}paper/{}", percent(&row.number)),
        pdf_sha256: row.pdf_sha256.to_string(),
        voided: row.voided.as_ref().map(|voided| dto::PaperVoid {
            at: format_instant(voided.at),
            by: voided.by.clone(),
            reason: voided.reason.clone(),
        }),
    }
}

pub(crate) fn paper_page(picture: &Picture, page: u32) -> dto::PaperPage {
    let image = format!("data:image/png;base64,{}", STANDARD.encode(&picture.png));
    dto::PaperPage { image, page, pages: picture.pages }
}
