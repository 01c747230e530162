//! What papers are about, and how that is called in a list.

use super::words::{fill, words};
use super::{kind, period};
use crate::{Failure, Station};
use model::{CaseId, ClipId, JobId, PaperSubject, RecorderId, SessionId, SubjectKind};

/// Returns what a kind of paper can be about, the usual first.
pub fn subject_kinds(code: &str) -> &'static [SubjectKind] {
    use SubjectKind::{Case, Clip, Job, Recorder, Session, Trip, Unit};
    match code {
        "interruption" => &[Session],
        "damage" => &[Clip],
        "handover" => &[Job],
        "unrecorded" => &[Case, Unit],
        "trip" => &[Trip, Unit],
        "access_request" => &[Case, Clip],
        "incident_report" => &[Case, Session, Clip, Unit],
        "case_review" => &[Case],
        "device_checkout" | "device_maintenance" => &[Unit, Recorder],
        _ => &[Unit],
    }
}

impl Station {
    /// Returns what a subject is called, or the refusal that a paper of this kind is not about it.
    pub fn paper_subject(&self, code: &str, subject: &PaperSubject) -> Result<String, Failure> {
        kind(code)?;
        if !subject_kinds(code).contains(&subject.kind) {
            return Err(Failure::invalid("subject"));
        }
        self.subject_words(subject)?.ok_or_else(|| Failure::not_found(&subject.id))
    }

    /// Returns what a subject is called: 案号, 片段编号, recorder and time, or the unit's period.
    pub fn subject_words(&self, subject: &PaperSubject) -> Result<Option<String>, Failure> {
        let (id, zone) = (subject.id.as_str(), self.zone());
        let said = match subject.kind {
            SubjectKind::Case => self
                .read(|view| CaseId::parse(id).map_or(Ok(None), |id| view.case(&id)))?
                .map(|row| row.case.draft.number),
            SubjectKind::Clip => {
                self.read(|view| ClipId::parse(id).map_or(Ok(None), |id| view.clip(&id)))?.map(|row| row.clip.number)
            }
            SubjectKind::Session => {
                let row = self.read(|view| SessionId::parse(id).map_or(Ok(None), |id| view.session(&id)))?;
                row.map(|row| {
                    let from = row.session.span.map(|span| zone.show(span.from)).unwrap_or_default();
                    fill(&words().session_named, &[("recorder", &row.session.recorder), ("from", &from)])
                })
            }
            SubjectKind::Job => {
                let row = self.read(|view| JobId::parse(id).map_or(Ok(None), |id| view.job(&id)))?;
                row.map(|row| {
                    let opened = zone.show(row.opened_at);
                    fill(&words().job_named, &[("recorder", &row.recorder_name), ("opened", &opened)])
                })
            }
            SubjectKind::Recorder => {
                let id = RecorderId::parse(id);
                let all = self.read(|view| view.recorders())?;
                all.into_iter().find(|recorder| id.as_ref() == Some(&recorder.id)).map(|recorder| recorder.name)
            }
            SubjectKind::Trip => super::occurrences::trip_named(self, id)?,
            SubjectKind::Unit => period::Period::parse(id, zone.local(self.now()).date_naive()).map(|p| p.show()),
        };
        Ok(said.map(|said| said.trim().to_owned()))
    }
}
