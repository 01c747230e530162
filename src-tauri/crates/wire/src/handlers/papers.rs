//! 文书: kinds, drafts, preview, issue, voiding, printing.

use super::{Answer, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use model::ErrorCode;
use register::PaperFilter;
use station::{Failure, IssuedPaper, Station};

pub(super) fn paper_kinds(host: &Host, _: Nothing) -> Answer<Vec<PaperKind>> {
    let pack = open(host)?.rule_pack()?;
    Ok(forms::kinds().iter().map(|kind| view::paper_kind(kind, &pack)).collect())
}

pub(super) fn paper_draft(host: &Host, request: PaperRef) -> Answer<PaperForm> {
    let station = open(host)?;
    let subject = parse::paper_subject(&request.subject);
    let about = station.paper_subject(&request.kind, &subject)?;
    let (draft, suggestions) = station.paper_draft(&request.kind, &subject)?;
    let kind = forms::kind(&request.kind).ok_or_else(|| Failure::not_found(&request.kind))?;
    let missing = missing(&station, &request.kind, &draft.content)?;
    Ok(view::paper_form(kind, &*station.rule_pack()?, &draft, &suggestions, about, missing))
}

/// Returns what is still to be filled in. What cannot be printed for another reason is said on previewing.
fn missing(station: &Station, kind: &str, content: &station::PaperContent) -> Answer<Vec<String>> {
    let actor = station.acting_operator().unwrap_or(model::Actor::Station);
    match station.paper_missing(&actor, kind, content) {
        Err(refused) if refused.code == ErrorCode::InvalidInput => Ok(Vec::new()),
        told => told,
    }
}

pub(super) fn save_paper_draft(host: &Host, request: SavePaperDraft) -> Answer<PaperSaved> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let (subject, content) = (parse::paper_subject(&request.subject), parse::paper_content(request.content));
    let saved = station.save_paper_draft(&actor, &request.kind, &subject, request.revision, &content)?;
    Ok(PaperSaved {
        revision: saved.revision,
        saved_at: saved.saved_at.map(model::format_instant),
        missing: missing(&station, &request.kind, &saved.content)?,
    })
}

pub(super) fn drop_paper_draft(host: &Host, request: PaperRef) -> Answer<Nothing> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    station.drop_paper_draft(&actor, &request.kind, &parse::paper_subject(&request.subject))?;
    Ok(Nothing {})
}

pub(super) fn paper_drafts(host: &Host, _: Nothing) -> Answer<Vec<PaperDraftView>> {
    let station = open(host)?;
    let pack = station.rule_pack()?;
    let mut drafts = Vec::new();
    for draft in station.paper_drafts()? {
        let kind = forms::kind(&draft.kind).ok_or_else(|| Failure::not_found(&draft.kind))?;
        drafts.push(PaperDraftView {
            kind: draft.kind.clone(),
            title: view::paper_kind(kind, &pack).title,
            about: station.subject_words(&draft.subject)?.unwrap_or_default(),
            subject: view::paper_subject(&draft.subject),
            saved_at: draft.saved_at.map(model::format_instant),
        });
    }
    Ok(drafts)
}

pub(super) fn preview_paper(host: &Host, request: PreviewPaper) -> Answer<PaperPage> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let pdf = station.preview_paper(&actor, &request.kind, &parse::paper_content(request.content))?;
    page(pdf, request.page)
}

fn page(pdf: Vec<u8>, number: u32) -> Answer<PaperPage> {
    let picture = forms::picture(pdf, number)?.ok_or_else(|| Failure::not_found(number))?;
    Ok(view::paper_page(&picture, number))
}

pub(super) fn issue_paper(host: &Host, request: IssuePaper) -> Answer<PaperView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let (subject, content) = (parse::paper_subject(&request.subject), parse::paper_content(request.content));
    let issued = station.issue_paper(&actor, &request.kind, &subject, request.revision, &content)?;
    shown(host, &station, &issued)
}

fn shown(host: &Host, station: &Station, issued: &IssuedPaper) -> Answer<PaperView> {
    let about = station.subject_words(&issued.row.subject)?.unwrap_or_default();
    Ok(view::paper(issued, about, &host.media_base()))
}

pub(super) fn void_paper(host: &Host, request: VoidPaper) -> Answer<PaperView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let voided = station.void_paper(&actor, &request.number, &request.reason)?;
    shown(host, &station, &voided)
}

pub(super) fn papers(host: &Host, request: PaperQuery) -> Answer<Vec<PaperView>> {
    let station = open(host)?;
    let subject = request.subject.as_ref().map(parse::paper_subject);
    let filter = PaperFilter { kind: request.kind, subject, year: request.year };
    station.papers(&filter)?.iter().map(|issued| shown(host, &station, issued)).collect()
}

pub(super) fn paper_page(host: &Host, request: PaperPageRef) -> Answer<PaperPage> {
    let (_, pdf) = open(host)?.paper_pdf(&request.number)?;
    page(pdf, request.page)
}

pub(super) fn open_paper(host: &Host, request: PaperNumber) -> Answer<Nothing> {
    open(host)?.open_paper(&request.number)?;
    Ok(Nothing {})
}

pub(super) fn printers(host: &Host, _: Nothing) -> Answer<Vec<PrinterView>> {
    let printers = open(host)?.printers()?;
    Ok(printers.into_iter().map(|printer| PrinterView { name: printer.name, usual: printer.usual }).collect())
}

pub(super) fn print_paper(host: &Host, request: PrintPaper) -> Answer<PrintJob> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let job = station.print_paper(&actor, &request.number, request.printer.as_deref())?;
    Ok(PrintJob { printer: job.printer, id: job.id })
}
