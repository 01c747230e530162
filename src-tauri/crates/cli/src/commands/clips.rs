//! Finding clips, and one clip's whole history.

use super::{Outcome, due};
use crate::context::Desk;
use crate::documents::{ClipDocument, ClipsDocument};
use crate::output::Answer;
use crate::render::{facts, size, table, time};
use crate::words::{event, label, say, state, words};
use model::StationZone;
use register::ClipFilter;
use wire::dto::{ClipDetail, ClipRow};

/// `clips`
pub fn list(desk: &Desk, query: &str, limit: u32) -> Outcome {
    let filter = ClipFilter { text: query.to_owned(), ..ClipFilter::default() };
    let (mut rows, mut total, mut left) = (Vec::new(), 0, limit);
    loop {
        let after = rows.last().map(|row: &register::ClipRow| row.clip.id.to_string());
        // The register gives pages; what was asked for may be longer than one.
        let page = desk.station.read(|view| view.find_clips(&filter, after.as_deref(), left))?;
        total = page.total.max(total);
        left = left.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        rows.extend(page.rows);
        if !page.more || left == 0 {
            break;
        }
    }
    rows.truncate(limit as usize);
    let document = ClipsDocument { total, clips: rows.iter().map(ClipDocument::from).collect() };
    let shown: Vec<&ClipRow> = document.clips.iter().map(|clip| &clip.row).collect();
    let count = [("total", document.total.to_string()), ("shown", shown.len().to_string())];
    let count: Vec<(&str, &str)> = count.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let text = clip_table(desk.station.zone(), &shown) + &say("shown_of", &count);
    Ok(Answer::new(&document, text))
}

/// Returns clips as a table.
pub fn clip_table(zone: StationZone, clips: &[&ClipRow]) -> String {
    let row = |clip: &&ClipRow| {
        vec![
            clip.number.clone(),
            clip.original_name.clone(),
            size(clip.size),
            state("clip_state", &clip.state).to_owned(),
            state("level", &clip.level).to_owned(),
            clip.recorder.clone(),
            time(zone, clip.recorded_from.as_deref()),
            clip.case_number.clone().unwrap_or_default(),
        ]
    };
    table(&words().tables.clips, &clips.iter().map(row).collect::<Vec<_>>())
}

/// `clip`
pub fn show(desk: &Desk, text: &str) -> Outcome {
    let row = desk.clip(text)?;
    let id = &row.clip.id;
    let judging = desk.station.judging()?;
    let known = desk.station.read(|view| wire::view::clip_detail(view, id, &judging))?;
    let detail = known.ok_or_else(|| station::Failure::not_found(id))?;
    let text = detail_text(desk.station.zone(), &detail);
    Ok(Answer::new(&detail, text))
}

fn detail_text(zone: StationZone, detail: &ClipDetail) -> String {
    let row = &detail.row;
    let media = match &detail.media {
        Some(media) if media.readable => {
            let codecs = [&media.video_codec, &media.audio_codec].map(|codec| codec.clone().unwrap_or_default());
            format!("{}×{} {} {}", media.width, media.height, codecs[0], codecs[1]).trim().to_owned()
        }
        Some(media) => format!("{}：{}", label("unreadable"), media.reason),
        None => String::new(),
    };
    let span = [row.recorded_from.as_deref(), detail.recorded_to.as_deref()].map(|at| time(zone, at));
    let source = detail.time_source.as_deref().map(|code| state("time_source", code)).unwrap_or_default();
    let mut text = facts(&[
        ("number", row.number.clone()),
        ("id", row.id.clone()),
        ("original_name", row.original_name.clone()),
        ("size", format!("{}（{} B）", size(row.size), row.size)),
        ("state", state("clip_state", &row.state).to_owned()),
        ("level", state("level", &row.level).to_owned()),
        ("recorder", row.recorder.clone()),
        ("recorded", if span[0].is_empty() { String::new() } else { format!("{} – {}　{source}", span[0], span[1]) }),
        ("media", media),
        ("session", row.session.clone().unwrap_or_default()),
        ("case_number", row.case_number.clone().unwrap_or_default()),
        ("stored_path", detail.stored_path.clone()),
        ("taken_in_at", time(zone, Some(&row.taken_in_at))),
        ("store_clock", detail.store_clock.as_ref().map(|clock| due::kept(zone, clock)).unwrap_or_default()),
        (
            "late_reason",
            detail.late_reason.as_ref().map(|late| format!("{}（{}）", late.reason, late.by)).unwrap_or_default(),
        ),
        ("retention", detail.retention.as_ref().map(due::retention).unwrap_or_default()),
        ("blake3", detail.blake3.clone()),
        ("sha256", detail.sha256.clone()),
        ("sm3", detail.sm3.clone()),
    ]);
    let seen = detail.sightings.iter();
    let seen = seen.map(|one| vec![time(zone, Some(&one.seen_at)), one.volume.clone(), one.path.clone()]);
    text += "\n";
    text += &table(&words().tables.sightings, &seen.collect::<Vec<_>>());
    let history = detail.history.iter().map(|one| {
        let kind = event(&one.kind).to_owned();
        vec![one.seq.to_string(), time(zone, Some(&one.at)), kind, one.actor.clone(), one.reason.clone()]
    });
    text += "\n";
    text + &table(&words().tables.history, &history.collect::<Vec<_>>())
}
