//! Clips and their whole history: from the domain to the wire.

use super::{at, clock, copy, ranges};
use crate::dto;
use ledger::{Change, Event};
use model::{ClipId, MediaOutcome, Sighting, format_instant};
use register::{ClipRow, EventRow, RegisterError, View};
use station::Judging;

/// Returns a clip as lists show it.
pub fn clip(row: &ClipRow) -> dto::ClipRow {
    let clip = &row.clip;
    dto::ClipRow {
        id: clip.id.to_string(),
        number: clip.number.clone(),
        original_name: clip.original_name.clone(),
        size: clip.size,
        state: clip.state.code().to_owned(),
        level: clip.level.code().to_owned(),
        recorder: clip.recorder.clone(),
        recorded_from: at(clip.recorded_from),
        duration_ms: match &row.media {
            Some(MediaOutcome::Readable(facts)) => facts.duration_ms,
            _ => None,
        },
        playable: row.media.as_ref().map(|media| matches!(media, MediaOutcome::Readable(_))),
        session: clip.session.as_ref().map(ToString::to_string),
        case_number: row.case_number.clone(),
        taken_in_at: format_instant(clip.taken_in_at),
    }
}

/// Kind of the events that tell of second readings.
const SECOND_READING: &str = "source.reread";

/// Returns everything that the register knows of a clip; `None` when there is no such clip.
pub fn clip_detail(
    register: &View<'_>,
    id: &ClipId,
    judging: &Judging,
) -> Result<Option<dto::ClipDetail>, RegisterError> {
    let Some(row) = register.clip(id)? else { return Ok(None) };
    let history = register.history(&[id.as_str()])?;
    let mut read_again = Vec::new();
    for event in history.iter().rev().filter(|event| event.kind == SECOND_READING) {
        for (_, bytes) in register.event_bytes(event.seq - 1, 1)? {
            read_again.extend(readings(&bytes, id.as_str()));
        }
    }
    let digests = row.clip.digests;
    Ok(Some(dto::ClipDetail {
        row: clip(&row),
        blake3: digests.blake3.to_string(),
        sha256: digests.sha256.to_string(),
        sm3: digests.sm3.to_string(),
        stored_path: row.clip.stored_path.clone(),
        recorded_to: at(row.clip.recorded_to),
        time_source: row.clip.time_source.map(|source| source.code().to_owned()),
        media: row.media.as_ref().map(media),
        unreadable: ranges(&row.unreadable),
        marks: register.marks(id)?.iter().map(super::inquiry::mark).collect(),
        store_clock: super::rules::store_clock(register, judging, &row)?,
        late_reason: register.late_reason(id)?.as_ref().map(super::late_reason),
        retention: super::due::kept(register, judging, &row)?,
        checked_at: at(row.checked_at),
        readings: read_again,
        copies: register.copies_of(id)?.iter().map(copy).collect(),
        clock: register.clock_of_job(&row.clip.job)?.as_ref().map(clock),
        sightings: register.sightings(id)?.iter().map(sighting).collect(),
        history: history.iter().map(entry).collect(),
    }))
}

fn sighting(seen: &Sighting) -> dto::SightingView {
    dto::SightingView {
        path: seen.path.clone(),
        volume: seen.volume.clone(),
        job: seen.job.to_string(),
        seen_at: format_instant(seen.seen_at),
        source_mtime: seen.source_mtime,
        local: seen.local.clone(),
    }
}

pub(super) fn entry(event: &EventRow) -> dto::HistoryEntry {
    dto::HistoryEntry {
        seq: event.seq,
        at: format_instant(event.at),
        kind: event.kind.clone(),
        actor: event.actor.clone(),
        reason: event.reason.clone(),
    }
}

/// Returns what one event of the ledger tells of a clip's second readings; one that a newer program wrote tells nothing.
fn readings(bytes: &[u8], clip: &str) -> Vec<dto::ReadingView> {
    let Ok(event) = Event::parse(bytes) else { return Vec::new() };
    let at = format_instant(event.at);
    let Change::SourceReread(reread) = event.change else { return Vec::new() };
    let own = reread.readings.into_iter().filter(|reading| reading.clip == clip);
    own.map(|reading| dto::ReadingView {
        at: at.clone(),
        path: reading.path,
        same: reading.same,
        blake3: reading.blake3,
        coldness: reading.coldness,
    })
    .collect()
}

fn media(outcome: &MediaOutcome) -> dto::MediaView {
    let (facts, reason) = match outcome {
        MediaOutcome::Readable(facts) => (facts.clone(), String::new()),
        MediaOutcome::Unreadable { reason } => (Default::default(), reason.clone()),
    };
    dto::MediaView {
        readable: matches!(outcome, MediaOutcome::Readable(_)),
        reason,
        container: facts.container,
        duration_ms: facts.duration_ms,
        video_codec: facts.video_codec,
        width: facts.width,
        height: facts.height,
        frame_rate_milli: facts.frame_rate_milli,
        audio_codec: facts.audio_codec,
        created: at(facts.created),
    }
}
