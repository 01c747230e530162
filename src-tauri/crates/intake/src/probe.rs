//! What the new clips are: facts from the container, the extent of the recording, the session.

use crate::desk::Desk;
use crate::error::IntakeError;
use crate::job::recorded;
use crate::sessions::group;
use ledger::{Change, ClipProbed};
use model::{
    Actor, Instant, JobId, MediaFacts, MediaOutcome, TimeSource, format_instant, is_written, shifted, utc_year,
};
use register::{ClipRow, RegisterError, View};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Years in which a recording can lie; whatever says otherwise is no time.
const RECORDING_YEARS: RangeInclusive<i32> = 1970..=9999;

/// Clips that one child looks into and one write tells of: a stop waits for no more than these.
const GROUP_CLIPS: usize = 8;

/// Looks into every clip that no probe has seen, then groups footage into sessions.
///
/// Also finishes what a crash cut off. A file that libav cannot read is registered evidence all the same.
pub fn complete(desk: &Desk<'_>, actor: &Actor) -> Result<(), IntakeError> {
    complete_until(desk, actor, None, &|| false)
}

/// As [`complete`], but of clips that came with another job than `job` only those whose job is over, and leaves the
/// rest to the next time once `stops` says so.
pub(crate) fn complete_until(
    desk: &Desk<'_>,
    actor: &Actor,
    job: Option<&JobId>,
    stops: &dyn Fn() -> bool,
) -> Result<(), IntakeError> {
    let unprobed = desk.register.read::<_, IntakeError>(|view| Ok(view.clips_unprobed(job)?))?;
    for group in unprobed.chunks(GROUP_CLIPS) {
        if stops() {
            return Ok(());
        }
        look_into(desk, actor, group)?;
    }
    desk.register.write::<_, IntakeError>(&desk.author(actor), |view| {
        let loose = view.clips_without_session()?;
        let open = view.sessions_awaiting()?;
        let mut held = Vec::new();
        for session in open {
            let clips = view.clips_of_session(&session.session.id)?;
            held.push((session, clips));
        }
        let changes: Vec<Change> = group(&loose, &held, desk.rules, desk.ids);
        Ok((changes, ()))
    })
}

fn look_into(desk: &Desk<'_>, actor: &Actor, group: &[ClipRow]) -> Result<(), IntakeError> {
    // Another run may have come to some in the meantime.
    let left = desk.register.read::<_, IntakeError>(|view| {
        let mut left = Vec::new();
        for row in group {
            if is_unprobed(view, row)? {
                let met = view.sightings(&row.clip.id)?;
                let file_time = met.first().and_then(|seen| Instant::from_timestamp(seen.source_mtime, 0));
                left.push((row, file_time));
            }
        }
        Ok(left)
    })?;
    let paths: Vec<PathBuf> = left.iter().map(|(row, _)| desk.vault.join(&row.clip.stored_path)).collect();
    let outcomes = desk.prober.probe_all(&paths)?;
    desk.register.write::<_, IntakeError>(&desk.author(actor), |view| {
        let mut changes = Vec::new();
        for ((row, file_time), outcome) in left.iter().zip(outcomes) {
            if is_unprobed(view, row)? {
                changes.push(record(row, outcome, *file_time).into());
            }
        }
        Ok((changes, ()))
    })
}

fn is_unprobed(view: &View<'_>, row: &ClipRow) -> Result<bool, RegisterError> {
    Ok(view.clip(&row.clip.id)?.is_some_and(|now| now.media.is_none()))
}

fn record(row: &ClipRow, outcome: MediaOutcome, file_time: Option<Instant>) -> ClipProbed {
    let facts = match &outcome {
        MediaOutcome::Readable(facts) => facts.clone(),
        MediaOutcome::Unreadable { .. } => MediaFacts::default(),
    };
    let extent = extent(row, &facts, file_time);
    ClipProbed {
        clip: row.clip.id.to_string(),
        readable: matches!(outcome, MediaOutcome::Readable(_)),
        reason: match outcome {
            MediaOutcome::Unreadable { reason } => reason,
            MediaOutcome::Readable(_) => String::new(),
        },
        container: facts.container,
        duration_ms: facts.duration_ms.map(recorded),
        video_codec: facts.video_codec,
        width: facts.width,
        height: facts.height,
        frame_rate_milli: facts.frame_rate_milli,
        audio_codec: facts.audio_codec,
        created: facts.created.filter(|at| is_written(*at)).map(format_instant),
        recorded_from: extent.map(|(from, _, _)| format_instant(from)),
        recorded_to: extent.and_then(|(_, to, _)| to).map(format_instant),
        time_source: extent.map(|(_, _, source)| source.code().to_owned()),
    }
}

/// Returns begin and end of the recording on the recorder's clock: by the name, else the container, else the file's
/// time, which is the end.
///
/// Length and times come from the drive and may be anything: a begin outside [`RECORDING_YEARS`] is none, and a begin
/// whose length leads out of them has no end.
fn extent(
    row: &ClipRow,
    facts: &MediaFacts,
    file_time: Option<Instant>,
) -> Option<(Instant, Option<Instant>, TimeSource)> {
    // `None`: longer than the calendar.
    let length = i64::try_from(facts.duration_ms.unwrap_or(0)).ok();
    let starting = |from: Instant, source| {
        let to = length.and_then(|ms| shifted(from, ms)).filter(|at| is_possible(*at));
        (from, to, source)
    };
    if let (Some(from), Some(TimeSource::Name)) = (row.clip.recorded_from, row.clip.time_source)
        && is_possible(from)
    {
        return Some(starting(from, TimeSource::Name));
    }
    if let Some(created) = facts.created.filter(|at| is_possible(*at)) {
        return Some(starting(created, TimeSource::Container));
    }
    let to = file_time.filter(|at| is_possible(*at))?;
    let from = shifted(to, -length?).filter(|at| is_possible(*at))?;
    Some((from, Some(to), TimeSource::FileTime))
}

fn is_possible(at: Instant) -> bool {
    RECORDING_YEARS.contains(&utc_year(at))
}
