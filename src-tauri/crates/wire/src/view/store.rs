//! Alarms, the scrub, second copies, backups, clocks: from the domain to the wire.

use super::{at, clip, failure};
use crate::dto;
use model::format_instant;
use register::{AlarmRow, ClipRow, ClockRow, CopyRow};
use station::{BackupStatus, CopyStatus, RestorePlan, ScrubState, ScrubStatus};

/// Returns ranges of bytes.
pub(crate) fn ranges(list: &[(u64, u64)]) -> Vec<dto::ByteRange> {
    list.iter().map(|(from, to)| dto::ByteRange { from: *from, to: *to }).collect()
}

pub(crate) fn damaged(row: &ClipRow) -> dto::DamagedClip {
    let lost: u64 = row.unreadable.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
    dto::DamagedClip {
        row: clip(row),
        readable: row.clip.size.saturating_sub(lost),
        unreadable: ranges(&row.unreadable),
    }
}

pub(crate) fn clock(row: &ClockRow) -> dto::ClockView {
    dto::ClockView {
        method: match row.method.as_str() {
            "entered" => dto::ClockMethod::Entered,
            _ => dto::ClockMethod::NewestFile,
        },
        error_ms: row.error_ms,
        bound_ms: row.bound_ms,
        newest_path: row.newest_path.clone(),
        station_at: format_instant(row.station_at),
    }
}

pub(crate) fn copy(row: &CopyRow) -> dto::CopyView {
    dto::CopyView {
        place: row.place.clone(),
        path: row.path.clone(),
        good: row.good,
        made_at: format_instant(row.made_at),
        checked_at: at(row.checked_at),
    }
}

/// Returns an alarm with the clip that it is about.
pub(crate) fn alarm(row: &AlarmRow, about: Option<&ClipRow>) -> dto::AlarmView {
    dto::AlarmView {
        id: row.id.to_string(),
        kind: row.kind.code().to_owned(),
        subject: about.map_or_else(|| row.subject.clone(), |clip| clip.clip.number.clone()),
        detail: row.detail.clone(),
        article: row.article.clone(),
        raised_at: format_instant(row.raised_at),
        clip: about.map(clip),
        acknowledged: row.acknowledged.as_ref().map(|done| dto::AcknowledgedView {
            at: format_instant(done.at),
            by: done.by.clone(),
            note: done.note.clone(),
        }),
    }
}

pub(crate) fn scrub(status: &ScrubStatus) -> dto::ScrubView {
    dto::ScrubView {
        state: match status.state {
            ScrubState::Off => dto::ScrubState::Off,
            ScrubState::Idle => dto::ScrubState::Idle,
            ScrubState::Running => dto::ScrubState::Running,
            ScrubState::Yielding => dto::ScrubState::Yielding,
            ScrubState::Paused => dto::ScrubState::Paused,
            ScrubState::Failed => dto::ScrubState::Failed,
        },
        days: status.days,
        clips_done: status.clips_done,
        clips_total: status.clips_total,
        bytes_done: status.bytes_done,
        bytes_total: status.bytes_total,
        findings: status.findings,
        not_cold: status.not_cold,
        last_complete: at(status.last_complete),
        next_due: at(status.next_due),
        reading: status.current.as_ref().map(|file| file.original_name.clone()).unwrap_or_default(),
        error: status.error.as_deref().map(failure),
    }
}

pub(crate) fn copy_status(status: &CopyStatus) -> dto::CopyStatus {
    dto::CopyStatus {
        folder: status.place.as_ref().map(|place| place.display().to_string()).unwrap_or_default(),
        place: status.id.clone(),
        reachable: status.reachable,
        error: status.last_error.as_deref().map(failure),
        copied: status.copied,
        missing: status.missing,
        bytes_done: status.bytes_done,
        bytes_total: status.bytes_total,
        caught_up_at: at(status.caught_up_at),
        disk_free: status.disk_free,
        disk_total: status.disk_total,
    }
}

pub(crate) fn restore_plan(plan: &RestorePlan) -> dto::RestorePlan {
    let problem = plan.problem.as_ref();
    dto::RestorePlan {
        clip: clip(&plan.clip),
        problem: problem.map(|problem| problem.code.code().to_owned()).unwrap_or_default(),
        detail: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
        from: plan.from.display().to_string(),
        into: plan.into.clone(),
        bytes: plan.bytes,
        copy_made_at: format_instant(plan.copy_made_at),
        copy_checked_at: at(plan.copy_checked_at),
    }
}

pub(crate) fn backup(status: &BackupStatus) -> dto::BackupView {
    let row = &status.row;
    dto::BackupView {
        at: format_instant(row.at),
        elsewhere: !row.place.is_empty(),
        file: row.file.clone(),
        path: status.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        events: row.events,
        bytes: row.bytes,
        sha256: row.sha256.to_string(),
        present: status.present,
    }
}
