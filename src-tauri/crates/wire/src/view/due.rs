//! What is due, how long clips are kept, and when cases came to their end.

use super::at;
use super::rules::{circumstance, deadline_clock, term};
use crate::dto;
use model::{CaseId, Instant, format_instant};
use register::{ClipRow, LateReason, PackageRow, RegisterError, View};
use rules::{Applied, Until, archive_deadline, retention};
use station::{Due, DueSubject, Judging, keep_facts};

/// Returns one line of 到期.
pub fn due(due: &Due) -> dto::DueView {
    let (title, detail, job) = match &due.about {
        DueSubject::Clip(row) => {
            (row.clip.number.clone(), row.clip.original_name.clone(), Some(row.clip.job.to_string()))
        }
        DueSubject::Job(job) => (job.recorder_name.clone(), job.volume_label.clone(), Some(job.id.to_string())),
        DueSubject::Case(case) => (case.number.clone(), case.party.clone(), None),
    };
    dto::DueView {
        what: due.item.what.code().to_owned(),
        subject: due.item.subject.clone(),
        title,
        detail,
        job,
        due: format_instant(due.item.due),
        stricter: Some(due.item.stricter).filter(|at| *at < due.item.due).map(format_instant),
        level: due.item.level.code().to_owned(),
        provisional: due.item.provisional,
        article: due.item.article.clone(),
    }
}

pub(crate) fn late_reason(known: &LateReason) -> dto::LateReason {
    dto::LateReason { reason: known.reason.clone(), at: format_instant(known.at), by: known.by.clone() }
}

/// Returns how long a clip is kept; `None` where the pack did not yet hold on the day of its recording.
pub(crate) fn kept(
    register: &View<'_>,
    judging: &Judging,
    row: &ClipRow,
) -> Result<Option<dto::Retention>, RegisterError> {
    let facts = keep_facts(register, judging.reckoning().zone, row)?;
    let recorded = row.clip.recorded_to.or(row.clip.recorded_from);
    let pack = recorded.map_or_else(|| judging.pack(), |at| judging.pack_at(at));
    if facts.recorded.is_some_and(|day| !pack.judges(day)) {
        return Ok(None);
    }
    let by = |one: &Applied<'_>| dto::KeptBy {
        when: circumstance(one.rule.when),
        term: term(one.rule.term),
        until: until(one.until),
        article: pack.cite(&one.rule.article),
    };
    let kept = retention(pack, &facts);
    Ok(Some(dto::Retention {
        until: until(kept.until),
        won: kept.won.as_ref().map(by),
        lost: kept.lost.iter().map(by).collect(),
    }))
}

fn until(until: Until) -> dto::KeptUntil {
    match until {
        Until::Day(day) => dto::KeptUntil::Day(day.to_string()),
        Until::Open => dto::KeptUntil::Open,
        Until::Permanent => dto::KeptUntil::Permanent,
    }
}

/// Returns when a case came to its end, and whether it was filed in time; one not filed yet is judged at `now`.
pub fn conclusion(
    register: &View<'_>,
    judging: &Judging,
    case: &CaseId,
    packages: &[PackageRow],
    now: Instant,
) -> Result<dto::Conclusion, RegisterError> {
    let known = register.conclusion(case)?;
    let ended = known.ended();
    let made = packages.iter().filter(|package| package.case == *case).map(|package| package.made_at);
    let filed = ended.and_then(|ended| made.filter(|made| *made >= ended).min());
    let clock = ended.and_then(|ended| {
        let pack = judging.pack_at(ended);
        let deadline = archive_deadline(pack, ended, judging.reckoning())?;
        Some(deadline_clock(pack, &deadline, deadline.due.is_kept(filed.unwrap_or(now))))
    });
    Ok(dto::Conclusion {
        inspected_at: at(known.inspected_at),
        closed_at: at(known.closed_at),
        archive_clock: clock,
        packaged: filed.is_some(),
    })
}
