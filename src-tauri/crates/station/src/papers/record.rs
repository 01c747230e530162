//! The record of a paper: what it says, as the ledger keeps it. The paper's digest is that of this text, and the PDF
//! can be made again from it.
//!
//! A file format: fields may be added with a default; none is renamed, removed or given another meaning.

use forms::{Basis, Check, ClipLine, Grid, ListRow, PaperValues};
use model::{ClipState, Digest, Digests, Instant, Level, StationZone, format_instant, parse_instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Record {
    kind: String,
    title: Option<String>,
    unit: String,
    made_at: String,
    made_by: String,
    zone_minutes: i32,
    basis: Vec<Basis>,
    fields: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<ListRow>>,
    grids: BTreeMap<String, Grid>,
    clips: BTreeMap<String, Vec<ClipRecord>>,
    checks: BTreeMap<String, Vec<Check>>,
    signers: BTreeMap<String, Vec<String>>,
}

/// A line of a table of clips.
#[derive(Serialize, Deserialize)]
struct ClipRecord {
    number: String,
    original_name: String,
    recorder: String,
    recorded_from: Option<String>,
    recorded_to: Option<String>,
    duration_ms: Option<u64>,
    size: u64,
    blake3: String,
    sha256: String,
    sm3: String,
    level: String,
    state: String,
    unreadable: u64,
    playable: bool,
}

/// Returns the record of a paper as text. Its number stands beside it, not in it.
pub(super) fn write(values: &PaperValues) -> Result<String, serde_json::Error> {
    let record = Record {
        kind: values.kind.clone(),
        title: values.title.clone(),
        unit: values.unit.clone(),
        made_at: format_instant(values.made_at),
        made_by: values.made_by.clone(),
        zone_minutes: values.zone.minutes(),
        basis: values.basis.clone(),
        fields: values.fields.clone(),
        lists: values.lists.clone(),
        grids: values.grids.clone(),
        clips: values.clips.iter().map(|(key, lines)| (key.clone(), lines.iter().map(clip).collect())).collect(),
        checks: values.checks.clone(),
        signers: values.signers.clone(),
    };
    serde_json::to_string(&record)
}

/// Reads the record of a paper; `None` where it is none. The number is the caller's to add.
pub(super) fn read(text: &str) -> Option<PaperValues> {
    let record: Record = serde_json::from_str(text).ok()?;
    let lines = |records: Vec<ClipRecord>| records.into_iter().map(line).collect::<Option<Vec<ClipLine>>>();
    Some(PaperValues {
        kind: record.kind,
        title: record.title,
        unit: record.unit,
        mark: None,
        made_at: parse_instant(&record.made_at)?,
        made_by: record.made_by,
        zone: StationZone::from_minutes(record.zone_minutes)?,
        basis: record.basis,
        fields: record.fields,
        lists: record.lists,
        grids: record.grids,
        clips: record.clips.into_iter().map(|(key, records)| Some((key, lines(records)?))).collect::<Option<_>>()?,
        checks: record.checks,
        signers: record.signers,
    })
}

fn clip(line: &ClipLine) -> ClipRecord {
    ClipRecord {
        number: line.number.clone(),
        original_name: line.original_name.clone(),
        recorder: line.recorder.clone(),
        recorded_from: line.recorded_from.map(format_instant),
        recorded_to: line.recorded_to.map(format_instant),
        duration_ms: line.duration_ms,
        size: line.size,
        blake3: line.digests.blake3.to_string(),
        sha256: line.digests.sha256.to_string(),
        sm3: line.digests.sm3.to_string(),
        level: line.level.code().to_owned(),
        state: line.state.code().to_owned(),
        unreadable: line.unreadable,
        playable: line.playable,
    }
}

fn line(record: ClipRecord) -> Option<ClipLine> {
    let time = |text: Option<String>| match text {
        None => Some(None),
        Some(text) => parse_instant(&text).map(Some),
    };
    let (from, to): (Option<Instant>, Option<Instant>) = (time(record.recorded_from)?, time(record.recorded_to)?);
    Some(ClipLine {
        number: record.number,
        original_name: record.original_name,
        recorder: record.recorder,
        recorded_from: from,
        recorded_to: to,
        duration_ms: record.duration_ms,
        size: record.size,
        digests: Digests {
            blake3: Digest::from_hex(&record.blake3)?,
            sha256: Digest::from_hex(&record.sha256)?,
            sm3: Digest::from_hex(&record.sm3)?,
        },
        level: Level::from_code(&record.level)?,
        state: ClipState::from_code(&record.state)?,
        unreadable: record.unreadable,
        playable: record.playable,
    })
}
