//! From the domain to the wire.

mod checklists;
mod clips;
mod devices;
mod due;
mod inquiry;
mod own_rules;
mod papers;
mod rules;
mod store;

pub use checklists::{
    case_export, checklist, checklist_import, checklist_table, checklist_version, checklist_view, delivery, export_row,
    table_error,
};
pub use clips::{clip, clip_detail};
pub(crate) use devices::{device_rules, recorder_detail};
pub use devices::{recorder_row, trip, trip_list};
pub(crate) use due::late_reason;
pub use due::{conclusion, due};
pub use inquiry::{inquiry, light, missing};
pub use own_rules::{calendar, moved, own_rules, rule_check, rule_timeline, turned_days};
pub(crate) use papers::*;
pub use rules::{limit, rule_comparison, rule_error, rule_pack_detail};
pub(crate) use store::*;

use crate::dto::{self, TaskKind, TaskStage, TaskState, WireError};
use intake::Stage;
use model::{Digest, Field, Instant, Problem, format_instant};
use register::{CaseRow, CheckRow, PackageRow, SessionRow};
use station::{
    Blocker, CheckReport, Draft, DriveStatus, Failure, IntakeStatus, PackageDraft, SessionStatus, Settings,
    SignedStatement, TaskStatus,
};

/// Returns a failure as the page shows it.
pub fn failure(failure: &Failure) -> WireError {
    WireError { code: failure.code.code().to_owned(), params: failure.params.clone(), detail: failure.chain() }
}

fn at(instant: Option<Instant>) -> Option<String> {
    instant.map(format_instant)
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Returns the topic of a notice.
pub fn topic(topic: station::Topic) -> dto::Topic {
    use station::Topic as T;
    match topic {
        T::Dock => dto::Topic::Dock,
        T::Jobs => dto::Topic::Jobs,
        T::Clips => dto::Topic::Clips,
        T::Sessions => dto::Topic::Sessions,
        T::Cases => dto::Topic::Cases,
        T::Packages => dto::Topic::Packages,
        T::People => dto::Topic::People,
        T::Settings => dto::Topic::Settings,
        T::Tasks => dto::Topic::Tasks,
        T::Alarms => dto::Topic::Alarms,
        T::Scrub => dto::Topic::Scrub,
        T::Copies => dto::Topic::Copies,
        T::Papers => dto::Topic::Papers,
        T::Devices => dto::Topic::Devices,
        T::Due => dto::Topic::Due,
    }
}

/// Returns a rule pack's heading.
pub fn rule_pack(pack: &::rules::RulePack) -> dto::RulePack {
    dto::RulePack { id: pack.id.clone(), bureau: pack.bureau.clone(), title: pack.title.clone() }
}

/// Returns a refusal, note or finding.
pub fn problem(problem: &Problem) -> dto::ProblemView {
    dto::ProblemView {
        code: problem.code.code().to_owned(),
        path: problem.path.clone(),
        detail: problem.detail.clone(),
    }
}

fn problems(list: &[Problem]) -> Vec<dto::ProblemView> {
    list.iter().map(problem).collect()
}

/// Returns what a check found.
pub fn report(report: &CheckReport) -> dto::CheckReport {
    dto::CheckReport {
        at: format_instant(report.at),
        metadata_only: report.metadata_only,
        checked: report.checked,
        bytes: report.bytes,
        findings: problems(&report.findings),
    }
}

pub(crate) fn check_summary(row: &CheckRow) -> dto::CheckSummary {
    dto::CheckSummary {
        at: format_instant(row.at),
        metadata_only: row.metadata_only,
        checked_clips: row.checked,
        findings: count(row.findings.len() as u64),
    }
}

pub(crate) fn settings(settings: Settings) -> dto::Settings {
    let places = |list: Vec<std::path::PathBuf>| list.iter().map(|place| place.display().to_string()).collect();
    dto::Settings {
        unit: settings.unit,
        rule_pack: settings.rule_pack,
        ask_unclassified: settings.ask_unclassified,
        intake_at_once: settings.intake_at_once,
        session_pause_max_s: settings.session_rules.pause_max_s,
        dock_folders: places(settings.dock_folders),
        mount_roots: places(settings.mount_roots),
        second_read: settings.second_read,
        second_copy: settings.second_copy.map(|place| place.display().to_string()).unwrap_or_default(),
        scrub_days: settings.scrub_days,
        day_ends_at_close: settings.day_end.at_close(),
        office_close: settings.day_end.close(),
    }
}

pub(crate) fn target_trouble(trouble: &station::TargetTrouble) -> dto::TargetTrouble {
    dto::TargetTrouble { code: trouble.code.code().to_owned(), since: format_instant(trouble.since) }
}

/// Returns a person.
pub fn person(person: &model::Person) -> dto::PersonView {
    dto::PersonView {
        id: person.id.to_string(),
        name: person.name.clone(),
        certificate_no: person.certificate_no.clone(),
        duty: person.duty.clone(),
        department: person.department.clone(),
        active: person.active,
    }
}

/// Returns a recorder.
pub fn recorder(recorder: &model::Recorder) -> dto::RecorderView {
    dto::RecorderView {
        id: recorder.id.to_string(),
        name: recorder.name.clone(),
        profile: recorder.profile.clone(),
        serial: recorder.serial.clone(),
        keeper: recorder.keeper.clone(),
    }
}

/// Returns a docked drive.
pub fn drive(status: &DriveStatus) -> dto::DriveView {
    let facts = &status.docked.facts;
    dto::DriveView {
        id: status.docked.id.as_str().to_owned(),
        label: facts.label.clone(),
        serial: facts.serial.clone(),
        fstype: facts.fstype.clone(),
        capacity: facts.capacity,
        read_only: facts.read_only,
        port: status.docked.port.clone().unwrap_or_default(),
        standing: match status.standing {
            station::DriveStanding::Unknown => dto::DriveStanding::Unknown,
            station::DriveStanding::AdmittedOnce => dto::DriveStanding::AdmittedOnce,
            station::DriveStanding::Registered => dto::DriveStanding::Registered,
        },
        recorder: status.recorder.as_ref().map(recorder),
        job: status.job.as_ref().map(job),
    }
}

/// Returns an intake with its progress.
pub fn job(status: &IntakeStatus) -> dto::JobView {
    let progress = status.progress;
    dto::JobView {
        id: status.job.to_string(),
        drive_label: status.drive_label.clone(),
        recorder: status.recorder.clone(),
        source: status.source.clone(),
        state: match status.state {
            station::JobState::Running => dto::JobState::Running,
            station::JobState::Done => dto::JobState::Done,
            station::JobState::Interrupted => dto::JobState::Interrupted,
            station::JobState::Cancelled => dto::JobState::Cancelled,
            station::JobState::Failed => dto::JobState::Failed,
        },
        stage: match progress.stage {
            Stage::Listing => dto::JobStage::Listing,
            Stage::Copying => dto::JobStage::Copying,
            Stage::SecondRead => dto::JobStage::SecondRead,
            Stage::Finishing => dto::JobStage::Finishing,
            Stage::Probing => dto::JobStage::Probing,
            Stage::Ended => dto::JobStage::Ended,
        },
        files_done: progress.files_done,
        files_total: progress.files_total,
        bytes_done: progress.bytes_done,
        bytes_total: progress.bytes_total,
        speed: status.speed,
        seconds_left: status.seconds_left,
        stalled_since: at(status.stalled_since),
        awaits_target: status.awaits_target,
        opened_at: format_instant(status.opened_at),
        closed_at: at(status.closed_at),
        stored: status.stored,
        stored_bytes: status.stored_bytes,
        already_held: status.already_held,
        unreadable_media: status.unreadable_media,
        refused: status.refused,
        problems: problems(&status.problems),
        error: status.error.as_deref().map(failure),
        awaiting_sessions: status.awaiting_sessions.iter().map(ToString::to_string).collect(),
    }
}

fn codes(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.code().to_owned()).collect()
}

/// Returns a session as lists show it.
pub fn session(status: &SessionStatus) -> dto::SessionRow {
    dto::SessionRow {
        gaps: count(status.gaps.len() as u64),
        missing: codes(&status.missing),
        light: Some(light(::rules::light(&status.lacking))),
        lacking: count(status.lacking.len() as u64),
        ..session_row(&status.row)
    }
}

pub(crate) fn session_row(row: &SessionRow) -> dto::SessionRow {
    dto::SessionRow {
        id: row.session.id.to_string(),
        recorder: row.session.recorder.clone(),
        from: at(row.session.span.map(|span| span.from)),
        to: at(row.session.span.map(|span| span.to)),
        clips: row.clips,
        duration_ms: row.duration_ms,
        gaps: 0,
        case_id: row.session.case.as_ref().map(ToString::to_string),
        case_number: row.case_number.clone(),
        statement_number: row.statement_number.clone(),
        drafted: row.drafted,
        missing: Vec::new(),
        light: None,
        lacking: 0,
    }
}

/// Returns a session with its clips, gaps, draft and signed statements.
pub fn session_detail(
    status: &SessionStatus,
    draft: &Draft,
    signed: &[SignedStatement],
    media_base: &str,
) -> dto::SessionDetail {
    dto::SessionDetail {
        row: session(status),
        clips: status.clips.iter().map(clip).collect(),
        gaps: status.gaps.iter().map(inquiry::gap).collect(),
        draft: self::draft(draft),
        statements: signed.iter().map(|statement| self::statement(statement, media_base)).collect(),
    }
}

/// Returns a draft.
pub fn draft(draft: &Draft) -> dto::Draft {
    dto::Draft {
        revision: draft.revision,
        fields: statement_fields(&draft.content.fields),
        guessed: draft.content.guessed.clone(),
        saved_at: draft.saved_at.clone(),
        missing: codes(&draft.missing()),
    }
}

fn statement_fields(fields: &model::StatementFields) -> dto::StatementFields {
    let time = |instant: Option<Instant>| at(instant).unwrap_or_default();
    dto::StatementFields {
        officers: fields
            .officers
            .iter()
            .map(|o| dto::OfficerView { name: o.name.clone(), certificate_no: o.certificate_no.clone() })
            .collect(),
        taken_from: time(fields.taken_from),
        taken_to: time(fields.taken_to),
        place: fields.place.clone(),
        cause: fields.cause.clone(),
        party: fields.party.clone(),
        method: fields.method.clone(),
        maker: fields.maker.clone(),
        made_at: time(fields.made_at),
        purpose: fields.purpose.clone(),
        carrier: fields.carrier.clone(),
        emphasis: fields.emphasis.clone(),
        transcript: fields.transcript.clone(),
    }
}

/// Returns a signed statement.
pub fn statement(signed: &SignedStatement, media_base: &str) -> dto::StatementView {
    let row = &signed.row;
    dto::StatementView {
        number: row.number.clone(),
        revision: row.revision,
        fields: statement_fields(&row.fields),
        signed_at: format_instant(row.signed_at),
        signed_by: row.signed_by.clone(),
        reason: row.reason.clone(),
        root: row.root.to_string(),
        pdf_url: format!("{media_base}statement/{}", percent(&row.number)),
        pdf_sha256: row.pdf_sha256.to_string(),
    }
}

/// Writes text so that it can be one part of an address.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Returns a case.
pub fn case(row: &CaseRow) -> dto::CaseView {
    let draft = &row.case.draft;
    dto::CaseView {
        id: row.case.id.to_string(),
        number: draft.number.clone(),
        cause: draft.cause.clone(),
        party: draft.party.clone(),
        department: draft.department.clone(),
        opened_at: format_instant(row.case.opened_at),
        sessions: row.sessions,
        awaiting: row.awaiting,
        clips: row.clips,
        bytes: row.bytes,
        packages: row.packages,
        light: None,
    }
}

pub(crate) fn package_plan(draft: &PackageDraft) -> dto::PackagePlan {
    dto::PackagePlan {
        case: case(&draft.case),
        sessions: draft.sessions.iter().map(session_row).collect(),
        files: count(draft.files),
        bytes: draft.bytes,
        image_bytes: draft.image_bytes,
        blockers: draft
            .blockers
            .iter()
            .map(|blocker| match blocker {
                Blocker::NoSessions => dto::Blocker::NoSessions,
                Blocker::StatementsMissing(ids) => {
                    dto::Blocker::StatementsMissing { sessions: ids.iter().map(ToString::to_string).collect() }
                }
                Blocker::ClipsMismatch(clips) => dto::Blocker::ClipsMismatch { clips: clips.clone() },
                Blocker::StateSecrets(clips) => dto::Blocker::StateSecrets { clips: clips.clone() },
                Blocker::CaseNumberDiffers(numbers) => dto::Blocker::CaseNumberDiffers { statements: numbers.clone() },
            })
            .collect(),
        medium: match draft.medium {
            archive::Medium::Cd => dto::Medium::Cd,
            archive::Medium::Dvd => dto::Medium::Dvd,
            archive::Medium::DvdDl => dto::Medium::DvdDl,
            archive::Medium::Bd => dto::Medium::Bd,
            archive::Medium::Larger => dto::Medium::Larger,
        },
    }
}

/// Returns a package.
pub fn package(row: &PackageRow) -> dto::PackageView {
    dto::PackageView {
        id: row.id.to_string(),
        number: row.number.clone(),
        case_id: row.case.to_string(),
        case_number: row.case_number.clone(),
        made_at: format_instant(row.made_at),
        made_by: row.made_by.clone(),
        folder: row.folder.clone(),
        image: row.image.clone(),
        files: count(row.files),
        bytes: row.bytes,
        image_bytes: row.image_bytes,
        root: row.root.to_string(),
        verified: row.verified.clone().map(CheckReport::from).as_ref().map(report),
    }
}

/// Returns a task.
pub fn task(status: &TaskStatus) -> dto::TaskView {
    dto::TaskView {
        id: status.id.clone(),
        kind: match status.kind {
            station::TaskKind::Package => TaskKind::Package,
            station::TaskKind::VerifyPackage => TaskKind::VerifyPackage,
            station::TaskKind::Check => TaskKind::Check,
            station::TaskKind::Restore => TaskKind::Restore,
            station::TaskKind::Backup => TaskKind::Backup,
            station::TaskKind::ExportCase => TaskKind::ExportCase,
        },
        subject: status.subject.clone(),
        state: match status.state {
            station::TaskState::Running => TaskState::Running,
            station::TaskState::Done => TaskState::Done,
            station::TaskState::Failed => TaskState::Failed,
            station::TaskState::Cancelled => TaskState::Cancelled,
        },
        stage: match status.stage {
            station::TaskStage::Preparing => TaskStage::Preparing,
            station::TaskStage::Copying => TaskStage::Copying,
            station::TaskStage::Imaging => TaskStage::Imaging,
            station::TaskStage::ReadingBack => TaskStage::ReadingBack,
            station::TaskStage::Checking => TaskStage::Checking,
            station::TaskStage::Finished => TaskStage::Finished,
        },
        done_bytes: status.done,
        total_bytes: status.total,
        started_at: format_instant(status.started_at),
        error: status.error.as_deref().map(failure),
        report: status.report.as_ref().map(report),
    }
}

pub(crate) fn digest(digest: Digest) -> String {
    digest.to_string()
}
