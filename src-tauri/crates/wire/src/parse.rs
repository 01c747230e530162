//! From the wire to the domain: ids, times and fields are checked once, here.

use crate::dto;
use forms::{Answer, Basis, Check, Grid, GridColumn};
use model::{
    CaseDraft, Officer, PaperSubject, RecorderStatus, ServiceKind, ServiceResult, StatementFields, SubjectKind,
};
use register::ClipFilter;
use station::{DraftFields, Failure, PaperContent, SaveCase, SavePerson, SaveRecorder, Settings, Station};

/// Returns an id, or the refusal that names what was asked for.
pub(crate) fn id<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
    parse(text).ok_or_else(|| Failure::not_found(text))
}

/// Returns ids, or the refusal of the first that is none.
pub(crate) fn ids<T>(texts: &[String], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Failure> {
    texts.iter().map(|text| id(text, &parse)).collect()
}

pub(crate) fn clip_filter(query: dto::ClipQuery) -> Result<ClipFilter, Failure> {
    let time = |text: Option<String>, field: &str| match text {
        None => Ok(None),
        Some(text) => model::parse_instant(&text).map(Some).ok_or_else(|| Failure::invalid(field)),
    };
    Ok(ClipFilter {
        text: query.text,
        recorder: query.recorder,
        case: query.case.map(|text| id(&text, model::CaseId::parse)).transpose()?,
        session: query.session.map(|text| id(&text, model::SessionId::parse)).transpose()?,
        state: query.state,
        recorded_from: time(query.from, "from")?,
        recorded_before: time(query.to, "to")?,
    })
}

pub(crate) fn settings(dto: dto::Settings) -> Result<Settings, Failure> {
    let day_end = rules::DayEnd::parse(dto.day_ends_at_close, &dto.office_close);
    Ok(Settings {
        unit: dto.unit,
        rule_pack: dto.rule_pack,
        ask_unclassified: dto.ask_unclassified,
        intake_at_once: dto.intake_at_once,
        session_rules: model::SessionRules { pause_max_s: dto.session_pause_max_s },
        dock_folders: dto.dock_folders.into_iter().map(Into::into).collect(),
        mount_roots: dto.mount_roots.into_iter().map(Into::into).collect(),
        second_read: dto.second_read,
        second_copy: Some(dto.second_copy.trim()).filter(|place| !place.is_empty()).map(Into::into),
        scrub_days: dto.scrub_days,
        day_end: day_end.ok_or_else(|| Failure::invalid("office_close"))?,
    })
}

pub(crate) fn person(dto: dto::SavePerson) -> Result<SavePerson, Failure> {
    Ok(SavePerson {
        id: dto.id.map(|text| id(&text, model::PersonId::parse)).transpose()?,
        name: dto.name,
        certificate_no: dto.certificate_no,
        duty: dto.duty,
        department: dto.department,
        active: dto.active,
    })
}

pub(crate) fn case(dto: dto::SaveCase) -> Result<SaveCase, Failure> {
    Ok(SaveCase {
        id: dto.id.map(|text| id(&text, model::CaseId::parse)).transpose()?,
        draft: CaseDraft { number: dto.number, cause: dto.cause, party: dto.party, department: dto.department },
    })
}

/// Returns the fields of a statement. Empty text is an unset time; text that is no time is refused by field.
pub fn statement_fields(station: &Station, dto: dto::StatementFields) -> Result<StatementFields, Failure> {
    let time = |text: &str, field: &str| match text.trim() {
        "" => Ok(None),
        text => station.parse_time(text).map(Some).ok_or_else(|| Failure::invalid(field)),
    };
    Ok(StatementFields {
        taken_from: time(&dto.taken_from, "taken_from")?,
        taken_to: time(&dto.taken_to, "taken_to")?,
        made_at: time(&dto.made_at, "made_at")?,
        officers: dto
            .officers
            .into_iter()
            .map(|o| Officer { name: o.name.trim().to_owned(), certificate_no: o.certificate_no.trim().to_owned() })
            .collect(),
        place: dto.place,
        cause: dto.cause,
        party: dto.party,
        method: dto.method,
        maker: dto.maker,
        purpose: dto.purpose,
        carrier: dto.carrier,
        emphasis: dto.emphasis,
        transcript: dto.transcript,
    })
}

pub(crate) fn draft_fields(
    station: &Station,
    fields: dto::StatementFields,
    guessed: Vec<String>,
) -> Result<DraftFields, Failure> {
    Ok(DraftFields { fields: statement_fields(station, fields)?, guessed })
}

pub(crate) fn paper_subject(dto: &dto::PaperSubject) -> PaperSubject {
    let kind = match dto.kind {
        dto::SubjectKind::Session => SubjectKind::Session,
        dto::SubjectKind::Case => SubjectKind::Case,
        dto::SubjectKind::Clip => SubjectKind::Clip,
        dto::SubjectKind::Recorder => SubjectKind::Recorder,
        dto::SubjectKind::Job => SubjectKind::Job,
        dto::SubjectKind::Trip => SubjectKind::Trip,
        dto::SubjectKind::Unit => SubjectKind::Unit,
    };
    PaperSubject { kind, id: dto.id.clone() }
}

pub(crate) fn paper_content(dto: dto::PaperContent) -> PaperContent {
    let column = |dto: dto::PaperColumn| GridColumn { name: dto.name, weight: dto.weight, shown: dto.shown };
    let grid = |dto: dto::PaperGrid| Grid { columns: dto.columns.into_iter().map(column).collect(), rows: dto.rows };
    let check = |dto: dto::PaperCheck| Check {
        item: dto.item,
        answer: match dto.answer {
            dto::PaperAnswer::Yes => Answer::Yes,
            dto::PaperAnswer::No => Answer::No,
            dto::PaperAnswer::NotApplicable => Answer::NotApplicable,
            dto::PaperAnswer::Open => Answer::Open,
        },
        timecode: dto.timecode,
        note: dto.note,
    };
    PaperContent {
        basis: dto.basis.into_iter().map(|dto| Basis { title: dto.title, article: dto.article }).collect(),
        fields: dto.fields,
        lists: dto.lists,
        grids: dto.grids.into_iter().map(|(key, one)| (key, grid(one))).collect(),
        clips: dto.clips,
        checks: dto.checks.into_iter().map(|(key, all)| (key, all.into_iter().map(check).collect())).collect(),
        signers: dto.signers,
    }
}

pub(crate) fn recorder(dto: dto::SaveRecorder) -> Result<SaveRecorder, Failure> {
    Ok(SaveRecorder {
        id: dto.id.map(|text| id(&text, model::RecorderId::parse)).transpose()?,
        name: dto.name,
        serial: dto.serial,
        kind: dto.kind,
        maker: dto.maker,
        model: dto.model,
        acquired_on: dto.acquired_on,
        cost: dto.cost,
        place: dto.place,
        status: match dto.status {
            dto::RecorderStatus::InUse => RecorderStatus::InUse,
            dto::RecorderStatus::Standby => RecorderStatus::StandBy,
            dto::RecorderStatus::InRepair => RecorderStatus::InRepair,
            dto::RecorderStatus::Retired => RecorderStatus::Retired,
        },
        keeper_id: dto.keeper_id.map(|text| id(&text, model::PersonId::parse)).transpose()?,
        keeper: dto.keeper,
    })
}

pub(crate) fn service_kind(kind: dto::ServiceKind) -> ServiceKind {
    match kind {
        dto::ServiceKind::Repair => ServiceKind::Repair,
        dto::ServiceKind::Maintenance => ServiceKind::Maintenance,
        dto::ServiceKind::Renewal => ServiceKind::Renewal,
    }
}

pub(crate) fn service_result(result: dto::ServiceResult) -> ServiceResult {
    match result {
        dto::ServiceResult::Usable => ServiceResult::Usable,
        dto::ServiceResult::SentAway => ServiceResult::SentAway,
        dto::ServiceResult::Unusable => ServiceResult::Unusable,
    }
}
