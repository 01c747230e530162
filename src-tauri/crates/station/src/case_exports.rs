//! 案件资料导出 and 归集: a case's records in open form, for the platform that the rules name.

use crate::case_tables::{CaseRecords, SessionRecords, folder_name};
use crate::inquiry::marked_clips;
use crate::tasks::{TaskKind, Watch};
use crate::{Act, Failure, Station, TaskStatus, Topic, authorise};
use archive::{CaseFolder, FolderClip, FolderPaper};
use chrono::NaiveDate;
use ledger::{CaseDelivered, CaseExported};
use model::{Actor, Case, CaseId, ErrorCode, Mark};
use register::{DeliveryRow, EventRow, ExportRow, View};
use std::path::Path;
use std::sync::Arc;

/// Longest note in characters.
const NOTE_CHARS_MAX: usize = 500;
/// Subjects asked for at once.
const SUBJECTS: usize = 500;

/// What an export would hold, and what was exported and handed in before.
#[derive(Clone, Debug)]
pub struct ExportDraft {
    /// What its folder is called where nobody names it.
    pub name: String,
    pub clips: u64,
    /// Bytes of the footage.
    pub bytes: u64,
    pub statements: u64,
    /// The platform that the rules name, and the regulation with its article.
    pub platform: Option<(String, String)>,
    /// The newest first.
    pub exports: Vec<ExportRow>,
    pub deliveries: Vec<DeliveryRow>,
}

/// 归集: that a case's records were handed in.
#[derive(Clone, Debug, Default)]
pub struct CaseDelivery {
    /// Empty: the one that the rules name.
    pub platform: String,
    /// The day, `2026-11-21`.
    pub day: String,
    pub note: String,
}

impl Station {
    /// Returns what an export of a case would hold.
    pub fn export_draft(&self, case: &CaseId) -> Result<ExportDraft, Failure> {
        let row = self.read(|view| view.case(case))?.ok_or_else(|| Failure::not_found(case))?;
        let pack = self.rule_pack()?;
        let cited = |rule: &rules::Rule<String>| {
            (rule.value.clone(), rule.article.as_deref().map(|article| pack.cite(article)).unwrap_or_default())
        };
        let (exports, deliveries, statements) = self.read(|view| {
            let mut statements = 0;
            for session in view.sessions_of_case(case)? {
                statements += view.statements(&session.session.id)?.len() as u64;
            }
            Ok((view.exports_of_case(case)?, view.deliveries_of_case(case)?, statements))
        })?;
        Ok(ExportDraft {
            name: folder_name(&row.case, self.zone(), self.now()),
            clips: row.clips.into(),
            bytes: row.bytes,
            statements,
            platform: pack.platform.as_ref().map(cited),
            exports,
            deliveries,
        })
    }

    /// Writes a case's records to a new folder, as a task: tables, signed papers and, where wanted, the footage.
    pub fn start_case_export(
        self: &Arc<Self>,
        actor: &Actor,
        case: &CaseId,
        folder: &Path,
        with_footage: bool,
    ) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Archive)?;
        let row = self.read(|view| view.case(case))?.ok_or_else(|| Failure::not_found(case))?;
        if folder.file_name().is_none() {
            return Err(Failure::invalid("folder"));
        }
        let (actor, case, folder) = (actor.clone(), row.case, folder.to_owned());
        let number = case.draft.number.clone();
        self.spawn_task(TaskKind::ExportCase, &number, move |station, watch| {
            station.export_case(&actor, &case, &folder, with_footage, watch)?;
            Ok(None)
        })
    }

    /// Exports a case and returns when it is done.
    pub fn export_case_and_wait(
        self: &Arc<Self>,
        actor: &Actor,
        case: &CaseId,
        folder: &Path,
        with_footage: bool,
    ) -> Result<ExportRow, Failure> {
        let task = self.start_case_export(actor, case, folder, with_footage)?;
        self.wait_for(&task.id)?;
        let newest = self.read(|view| view.exports_of_case(case))?.into_iter().next();
        newest.ok_or_else(|| Failure::new(ErrorCode::Internal))
    }

    fn export_case(
        &self,
        actor: &Actor,
        case: &Case,
        folder: &Path,
        with_footage: bool,
        watch: &Watch<'_>,
    ) -> Result<(), Failure> {
        let content = self.case_folder(actor, case, with_footage)?;
        let written = archive::write_case_folder(&content, folder, watch)?;
        let exported = CaseExported {
            case: case.id.to_string(),
            folder: folder.display().to_string(),
            files: written.files,
            bytes: written.bytes,
            with_footage,
            root: written.root.to_string(),
        };
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((vec![exported.into()], ())))?;
        self.tell(&[Topic::Cases]);
        Ok(())
    }

    /// Lays out the folder: what the tables say and which files go along, from one reading of the register.
    fn case_folder(&self, actor: &Actor, case: &Case, with_footage: bool) -> Result<CaseFolder, Failure> {
        let (unit, rules) = (self.settings()?.unit, self.rule_pack()?.title.clone());
        let pause_s = self.rule_pack()?.continuity.pause_seconds.value;
        let mut folder = CaseFolder::default();
        let records = self.register.read::<_, Failure>(|view| {
            let rows = view.sessions_of_case(&case.id)?;
            let secret = marked_clips(view, &rows, Mark::StateSecret)?;
            if with_footage && !secret.is_empty() {
                return Err(Failure::new(ErrorCode::StateSecrets).with("clips", secret.join("、")));
            }
            let mut sessions = Vec::new();
            for row in rows {
                sessions.push(self.session_records(view, row, with_footage, pause_s, &mut folder)?);
            }
            let events = case_events(view, &case.id, &sessions)?;
            let (made_at, made_by, zone) = (self.now(), actor.display(), self.zone());
            Ok(CaseRecords { unit, rules, case: case.clone(), made_at, made_by, zone, sessions, events })
        })?;
        folder.tables = records.tables().map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
        Ok(folder)
    }

    fn session_records(
        &self,
        view: &View<'_>,
        row: register::SessionRow,
        with_footage: bool,
        pause_s: u32,
        folder: &mut CaseFolder,
    ) -> Result<SessionRecords, Failure> {
        let mut clips = Vec::new();
        for clip in view.clips_of_session(&row.session.id)? {
            let file = FolderClip {
                number: clip.clip.number.clone(),
                source: self.vault.join(&clip.clip.stored_path),
                size: clip.clip.size,
                digests: clip.clip.digests,
            };
            clips.push((clip, if with_footage { file.path() } else { String::new() }));
            folder.clips.extend(with_footage.then_some(file));
        }
        let mut statements = Vec::new();
        for signed in view.statements(&row.session.id)?.into_iter().rev() {
            let paper = FolderPaper {
                number: signed.number.clone(),
                source: self.vault.join(&signed.pdf_path),
                sha256: signed.pdf_sha256,
            };
            statements.push((signed, paper.path()));
            folder.papers.push(paper);
        }
        let spans: Vec<model::Span> = clips
            .iter()
            .filter(|(clip, _)| clip.footage)
            .filter_map(|(clip, _)| Some(model::Span { from: clip.clip.recorded_from?, to: clip.clip.recorded_to? }))
            .collect();
        Ok(SessionRecords { gaps: model::gaps(&spans, pause_s).len(), row, clips, statements })
    }

    /// 归集: writes down that a case's records were handed in to the platform.
    pub fn deliver_case(&self, actor: &Actor, case: &CaseId, delivery: &CaseDelivery) -> Result<DeliveryRow, Failure> {
        authorise(self, actor, Act::Archive)?;
        // Who handed it in is part of the record.
        let Actor::Person { .. } = actor else { return Err(Failure::new(ErrorCode::OperatorMissing)) };
        let named = self.rule_pack()?.platform.as_ref().map(|rule| rule.value.clone());
        let platform = Some(delivery.platform.trim().to_owned()).filter(|text| !text.is_empty()).or(named);
        let platform = platform.ok_or_else(|| Failure::invalid("platform"))?;
        let note = delivery.note.trim().to_owned();
        let short = |text: &str| text.chars().count() <= NOTE_CHARS_MAX && !text.chars().any(char::is_control);
        if !short(&platform) || !short(&note) {
            return Err(Failure::invalid(if short(&platform) { "note" } else { "platform" }));
        }
        let day = NaiveDate::parse_from_str(delivery.day.trim(), "%Y-%m-%d").map_err(|_| Failure::invalid("day"))?;
        if day > self.zone().local(self.now()).date_naive() {
            return Err(Failure::invalid("day"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            if view.case(case)?.is_none() {
                return Err(Failure::not_found(case));
            }
            let delivered = CaseDelivered { case: case.to_string(), platform, at: day.to_string(), note };
            Ok((vec![delivered.into()], ()))
        })?;
        self.tell(&[Topic::Cases]);
        let newest = self.read(|view| view.deliveries_of_case(case))?.into_iter().next();
        newest.ok_or_else(|| Failure::new(ErrorCode::Internal))
    }
}

/// Returns every event that concerns the case, its sessions, clips and statements, the oldest first.
fn case_events(
    view: &View<'_>,
    case: &CaseId,
    sessions: &[SessionRecords],
) -> Result<Vec<EventRow>, register::RegisterError> {
    let mut subjects = vec![case.as_str()];
    for session in sessions {
        subjects.push(session.row.session.id.as_str());
        subjects.extend(session.clips.iter().map(|(clip, _)| clip.clip.id.as_str()));
        subjects.extend(session.statements.iter().map(|(signed, _)| signed.number.as_str()));
    }
    let mut events = Vec::new();
    for some in subjects.chunks(SUBJECTS) {
        events.extend(view.history(some)?);
    }
    events.sort_by_key(|event| event.seq);
    events.dedup_by_key(|event| event.seq);
    Ok(events)
}
