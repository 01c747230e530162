//! Papers about footage: 中止说明, 损坏说明, 移交清单, 销毁清单.

use super::content::{PaperContent, Suggestions, row};
use super::filling::{Filling, numbers, officer_names, officers};
use super::words::{fill, limit, words};
use crate::statements::unreadable_bytes;
use crate::{Failure, Inquiry, Station, keep_facts};
use chrono::NaiveDate;
use forms::ListRow;
use model::{ClipState, Gap, Instant, parse_instant};
use register::ClipRow;
use rules::{KeepFacts, Question, Retention, Term, Until, retention};
use std::collections::BTreeSet;

/// What an officer answered about a gap.
#[derive(Default)]
struct GapAnswer {
    reason: String,
    /// Whether and where in the footage the reason is said aloud.
    spoken: String,
    unable: bool,
    reported_to: String,
    reported_at: Option<Instant>,
}

/// Returns what was answered about a gap.
fn gap_answer(inquiry: &Inquiry, gap: &Gap) -> GapAnswer {
    let of = |question: Question| {
        let own = inquiry.questions.iter().find(|(asked, _)| asked.question == question && asked.gap == Some(*gap));
        own.and_then(|(asked, answer)| Some((asked, answer.as_ref()?)))
    };
    let reason = of(Question::GapReason).map(|(asked, answer)| {
        let name = asked.options.iter().find(|(id, _)| *id == answer.value).map_or("", |(_, name)| name);
        let told = [name, answer.note.as_str()].into_iter().filter(|text| !text.is_empty());
        told.collect::<Vec<_>>().join("，")
    });
    let spoken = of(Question::GapSpoken).map(|(_, answer)| match (answer.value.as_str(), answer.timecode.as_str()) {
        ("yes", "") => words().spoken.clone(),
        ("yes", timecode) => fill(&words().spoken_at, &[("timecode", timecode)]),
        _ => words().not_spoken.clone(),
    });
    let report = of(Question::GapReport).map(|(_, answer)| answer);
    GapAnswer {
        reason: reason.unwrap_or_default(),
        spoken: spoken.unwrap_or_default(),
        unable: of(Question::GapUnable).is_some_and(|(_, answer)| answer.value == "yes"),
        reported_to: report.map(|answer| answer.note.clone()).unwrap_or_default(),
        reported_at: report.and_then(|answer| parse_instant(&answer.value)),
    }
}

/// 中止说明 of a session: where recording stopped, by whose words, and whom it is reported to.
pub(super) fn interruption(
    filling: &Filling<'_>,
    content: &mut PaperContent,
    suggestions: &mut Suggestions,
) -> Result<(), Failure> {
    let Some(session) = filling.session()? else { return Ok(()) };
    let status = filling.station.session_status(session.clone())?;
    let statement = filling.statement(&session)?;
    let inquiry = filling.station.inquiry(&session.session.id)?;
    let answers: Vec<GapAnswer> = status.gaps.iter().map(|gap| gap_answer(&inquiry, gap)).collect();
    let zone = filling.zone;
    content.set("case_number", session.case_number.clone().unwrap_or_default());
    content.set("act", statement.cause.clone());
    content.set("party", statement.party.clone());
    content.set("officers", officers(&statement));
    content.set("place", statement.place.clone());
    content.set("recorder", session.session.recorder.clone());
    if let Some(span) = session.session.span {
        content.set("recorded", forms::span(Some(span.from), Some(span.to), zone));
    }
    let gaps = status.gaps.iter().zip(&answers).map(|(gap, answer)| {
        let length = u64::try_from((gap.to - gap.from).num_milliseconds()).unwrap_or_default();
        row(&[
            ("from", &zone.show(gap.from)),
            ("to", &zone.show(gap.to)),
            ("length", &forms::duration(length)),
            ("reason", &answer.reason),
            ("spoken", &answer.spoken),
        ])
    });
    let gaps: Vec<ListRow> = gaps.collect();
    let rules = &filling.pack().interruption;
    if gaps.is_empty() {
        // The footage ends where recording could not go on.
        content.set("reported_to", rules.report_to.clone().unwrap_or_default());
    } else {
        let unable = answers.iter().find(|answer| answer.unable);
        content.set("outcome", if unable.is_some() { "abandoned" } else { "resumed" });
        if let Some(unable) = unable {
            content.set("reported_to", unable.reported_to.clone());
            content.set("reported_at", unable.reported_at.map(|at| zone.show(at)).unwrap_or_default());
        }
        content.lists.insert("gaps".to_owned(), gaps);
    }
    suggestions.insert("gaps.reason".to_owned(), rules.reasons.iter().map(|reason| reason.name.clone()).collect());
    suggestions.insert("reported_to".to_owned(), rules.report_to.iter().cloned().collect());
    content.sign("officers", officer_names(&statement));
    Ok(())
}

/// 损坏说明 of a clip: what is wrong with it, and what was done.
pub(super) fn damage(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let Some(clip) = filling.clip()? else { return Ok(()) };
    let zone = filling.zone;
    if let Some(session) = filling.session()? {
        let statement = filling.statement(&session)?;
        content.set("act", statement.cause.clone());
        content.set("officers", officers(&statement));
    }
    content.set("case_number", clip.case_number.clone().unwrap_or_default());
    content.set("recorder", clip.clip.recorder.clone());
    let mut volumes = filling.station.read(|view| view.sightings(&clip.clip.id))?;
    content.set("medium", if volumes.is_empty() { String::new() } else { volumes.remove(0).volume });
    content.set("found_by", filling.operator_name());
    let found = match clip.clip.state {
        ClipState::Damaged => Some((words().found_while_storing.as_str(), Some(clip.clip.taken_in_at))),
        ClipState::Suspect => Some((words().found_while_rereading.as_str(), Some(clip.clip.taken_in_at))),
        ClipState::Mismatch => Some((words().found_while_checking.as_str(), clip.checked_at)),
        ClipState::Verified => None,
    };
    if let Some((found_while, found_at)) = found {
        content.set("found_while", found_while);
        content.set("found_at", found_at.map(|at| zone.show(at)).unwrap_or_default());
    }
    let report_to = filling.pack().damage.as_ref().map(|rules| rules.report_to.value.clone());
    content.set("reported_to", report_to.unwrap_or_default());
    let (symptom, handling) = damage_words(&clip);
    content.set("symptom", symptom);
    content.set("handling", handling);
    content.clips.insert("clips".to_owned(), vec![clip.clip.number.clone()]);
    content.sign("found_by", [filling.operator_name()]);
    Ok(())
}

/// Returns what is wrong with a clip, and what the station did about it.
fn damage_words(clip: &ClipRow) -> (String, String) {
    let values = [("number", clip.clip.number.as_str()), ("name", clip.clip.original_name.as_str())];
    let named = fill(&words().clip_named, &values);
    let symptom = match clip.clip.state {
        ClipState::Verified => return (String::new(), String::new()),
        ClipState::Damaged => {
            let ranges: Vec<String> = clip.unreadable.iter().map(|(from, to)| format!("{from}–{to}")).collect();
            let (bytes, size) = (unreadable_bytes(&clip.unreadable).to_string(), clip.clip.size.to_string());
            let values = [("clip", named.as_str()), ("size", &size), ("bytes", &bytes), ("ranges", &ranges.join("、"))];
            fill(&words().symptom_damaged, &values)
        }
        ClipState::Suspect => fill(&words().symptom_suspect, &[("clip", &named)]),
        ClipState::Mismatch => fill(&words().symptom_mismatch, &[("clip", &named)]),
    };
    let damaged = clip.clip.state == ClipState::Damaged;
    let handling = if damaged { &words().handling_damaged } else { &words().handling_kept };
    (symptom, handling.clone())
}

/// 移交清单 of an intake: what was handed in, by whom, and whether in time.
pub(super) fn handover(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let id = filling.job()?;
    let job = filling.station.read(|view| view.job(&id))?.ok_or_else(|| Failure::not_found(&id))?;
    let clips = filling.clips()?;
    let zone = filling.zone;
    let recorders = filling.station.read(|view| view.recorders())?;
    let keeper = recorders.iter().find(|recorder| job.recorder.as_deref() == Some(recorder.id.as_str()));
    let handed_by = keeper.map(|recorder| recorder.keeper.clone()).unwrap_or_default();
    content.set("handed_by", handed_by.clone());
    content.set("received_by", filling.operator_name());
    let twice = filling.station.settings()?.second_copy.is_some();
    content.set("store", if twice { &words().store_twice } else { &words().store }.clone());
    content.set("recorder", job.recorder_name.clone());
    content.set("method", words().handover_method.clone());
    let (numbered, causes) = cases_of(filling.station, &clips)?;
    content.set("case_number", numbered);
    content.set("cause", causes);
    let from = clips.iter().filter_map(|row| row.clip.recorded_from).min();
    let to = clips.iter().filter_map(|row| row.clip.recorded_to.or(row.clip.recorded_from)).max();
    content.set("recorded", from.map(|from| forms::span(Some(from), to, zone)).unwrap_or_default());
    in_time(filling, &clips, content)?;
    content.set("handed_at", zone.show(job.closed_at.unwrap_or(job.opened_at)));
    content.set("file_count", clips.len().to_string());
    content.set("total_size", forms::size(clips.iter().map(|row| row.clip.size).sum()));
    let (files, refused) = (job.files.to_string(), job.refused.to_string());
    let left = if job.refused == 0 { &words().left_nothing } else { &words().left_refused };
    content.set("left_on_recorder", fill(left, &[("files", &files), ("refused", &refused)]));
    content.clips.insert("clips".to_owned(), numbers(&clips));
    content.sign("handed_by", [handed_by]);
    content.sign("received_by", [filling.operator_name()]);
    Ok(())
}

/// Says by when the first of the clips had to be stored, and whether all of them were.
fn in_time(filling: &Filling<'_>, clips: &[ClipRow], content: &mut PaperContent) -> Result<(), Failure> {
    let judged = filling.station.read(|view| {
        let verdict = |row: &ClipRow| filling.judging.stored(view, row).transpose();
        clips.iter().filter_map(verdict).collect::<Result<Vec<_>, _>>()
    })?;
    let Some(first) = judged.iter().map(|one| &one.deadline).min_by_key(|deadline| deadline.due.at) else {
        return Ok(());
    };
    let due = [("time", filling.zone.show(first.due.at)), ("limit", limit(first.limit))];
    content.set("due_at", fill(&words().due, &[(due[0].0, &due[0].1), (due[1].0, &due[1].1)]));
    let late = judged.iter().any(|one| !one.kept);
    let open = judged.len() < clips.len() || judged.iter().any(|one| one.deadline.due.provisional);
    content.set(
        "on_time",
        if late {
            "no"
        } else if open {
            "open"
        } else {
            "yes"
        },
    );
    Ok(())
}

/// Returns numbers and causes of the cases that clips belong to.
fn cases_of(station: &Station, clips: &[ClipRow]) -> Result<(String, String), Failure> {
    let numbers: BTreeSet<&String> = clips.iter().filter_map(|row| row.case_number.as_ref()).collect();
    let mut causes = Vec::new();
    for number in &numbers {
        let case = station.read(|view| view.case_by_number(number))?;
        causes.extend(case.map(|row| row.case.draft.cause).filter(|cause| !cause.is_empty()));
    }
    let numbers: Vec<&str> = numbers.into_iter().map(String::as_str).collect();
    Ok((numbers.join("、"), causes.join("、")))
}

/// 销毁清单: clips that no rule asks to keep any longer. Carrying it out is not the station's.
pub(super) fn destruction(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let zone = filling.zone;
    let clips = filling.station.read(|view| view.clips_after(None, u32::MAX))?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    for clip in &clips {
        let pack = clip.clip.recorded_to.map_or_else(|| filling.pack(), |at| filling.judging.pack_at(at));
        // What is special about a clip only keeps it longer: most clips need no further look.
        let plain = KeepFacts { recorded: day_of(clip, zone), ..KeepFacts::default() };
        if expired(filling, clip, &retention(pack, &plain)).is_none() {
            continue;
        }
        let facts = filling.station.read(|view| keep_facts(view, zone, clip))?;
        if let Some(line) = expired(filling, clip, &retention(pack, &facts)) {
            rows.push(line);
            bytes += clip.clip.size;
        }
    }
    content.set("count", rows.len().to_string());
    content.set("total_size", forms::size(bytes));
    content.set("appraised_at", filling.today.to_string());
    content.set("place", words().store.clone());
    content.lists.insert("items".to_owned(), rows);
    Ok(())
}

/// Returns the day on which a clip was recorded.
fn day_of(clip: &ClipRow, zone: model::StationZone) -> Option<NaiveDate> {
    clip.clip.recorded_from.map(|at| zone.local(at).date_naive())
}

/// Returns the line of a clip whose time is over; what hangs on something open is kept.
fn expired(filling: &Filling<'_>, clip: &ClipRow, kept: &Retention<'_>) -> Option<ListRow> {
    let (Until::Day(day), Some(won)) = (kept.until, &kept.won) else { return None };
    if day > filling.today {
        return None;
    }
    let Term::Years(years) = won.rule.term else { return None };
    let shown = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let cited = filling.cited(&won.rule.article);
    Some(row(&[
        ("number", &clip.clip.number),
        ("name", &clip.clip.original_name),
        ("case_number", clip.case_number.as_deref().unwrap_or_default()),
        ("recorded", &shown(day_of(clip, filling.zone))),
        ("size", &forms::size(clip.clip.size)),
        ("digest", &clip.clip.digests.sha256.to_string()),
        ("period", &fill(&words().years, &[("n", &years.to_string())])),
        // The last day of the term.
        ("expired_at", &shown(day.pred_opt())),
        ("reason", &fill(&words().destruction_reason, &[("title", &cited.title), ("article", &cited.article)])),
    ]))
}
