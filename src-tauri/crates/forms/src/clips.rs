//! How a clip, a size, a span of time are written on any paper.

use crate::engine::{Align, Cell, Code, Para, Row, SignatureLine, Signatures, Style, Table};
use crate::wording::{fill, wording};
use model::{ClipState, Digest, Digests, Instant, Level, StationZone};

/// What a paper says of one clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipLine {
    /// 片段编号
    pub number: String,
    /// Name on the recorder, escaped for display.
    pub original_name: String,
    /// Name of the recorder, or of the volume.
    pub recorder: String,
    /// By the recorder's own clock.
    pub recorded_from: Option<Instant>,
    pub recorded_to: Option<Instant>,
    pub duration_ms: Option<u64>,
    /// Bytes.
    pub size: u64,
    pub digests: Digests,
    pub level: Level,
    pub state: ClipState,
    /// Bytes that could not be read; 0 unless damaged.
    pub unreadable: u64,
    /// Whether the station could decode it.
    pub playable: bool,
}

/// Digests are broken after 32 digits: half a digest a line, read and copied without anything between.
const DIGEST_LINE: usize = 32;

impl ClipLine {
    /// Returns the cells after the running number, as both papers have them.
    pub(crate) fn cells(&self, zone: StationZone) -> Vec<Cell> {
        let words = &wording().common;
        let time = |template: &str, at: Option<Instant>| {
            fill(template, &[("time", &at.map_or(words.unknown.clone(), |at| zone.show(at)))])
        };
        let small = |text: &str| Style::SMALL.para(or_none(text));
        let playable = if self.playable { &words.playable } else { &words.unplayable };
        let duration = self.duration_ms.map_or(words.unknown.clone(), duration);
        vec![
            Cell::stack(vec![small(&self.number), small(&self.original_name)]),
            Cell::stack(vec![
                small(&self.recorder),
                small(&time(&words.recorded_from, self.recorded_from)),
                small(&time(&words.recorded_to, self.recorded_to)),
                small(&standing(self.state, self.level, self.unreadable)),
            ]),
            Cell::stack(vec![
                small(&duration),
                small(&size(self.size)),
                small(&fill(&words.bytes, &[("bytes", &self.size.to_string())])),
                small(playable),
            ]),
            Cell::stack(vec![
                Style::DIGEST.para(&words.sha256),
                digest(self.digests.sha256),
                Style::DIGEST.para(&words.sm3),
                digest(self.digests.sm3),
            ]),
        ]
    }
}

/// Returns the words for what a clip's bytes are worth: how far they were checked, or what is wrong with them.
pub fn standing(state: ClipState, level: Level, unreadable: u64) -> String {
    let words = &wording().common;
    match state {
        ClipState::Verified => words.levels.of(level).to_owned(),
        ClipState::Damaged => fill(&words.standing.damaged, &[("bytes", &unreadable.to_string())]),
        ClipState::Suspect => words.standing.suspect.clone(),
        ClipState::Mismatch => words.standing.mismatch.clone(),
    }
}

/// How far a recorder's clock was off when it was docked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockLine {
    pub recorder: String,
    /// The recorder's time minus the station's, in milliseconds.
    pub error_ms: i64,
    /// The true error lies within this of it; `None`: it is no less than `error_ms`.
    pub bound_ms: Option<u64>,
    /// Read off by a person, rather than measured by the newest file.
    pub entered: bool,
    pub checked_at: Instant,
}

impl ClockLine {
    /// Returns `DSJ-A8 03号：快 3分12秒（误差不超过 2秒），2026-11-21 09:02:05 人工校核`.
    pub(crate) fn text(&self, zone: StationZone) -> String {
        let words = &wording().common.clock;
        let error = self.error_ms.unsigned_abs();
        let template = match self.error_ms {
            _ if error < 1000 => &words.exact,
            0.. => &words.fast,
            _ => &words.slow,
        };
        let how = if self.entered { &words.entered } else { &words.newest_file };
        let bound = match self.bound_ms {
            Some(0) => String::new(),
            Some(bound) => fill(&words.bound, &[("bound", &duration(bound))]),
            None => words.at_least.clone(),
        };
        let values = [("recorder", self.recorder.as_str()), ("error", &duration(error))];
        fill(template, &values) + &bound + &fill(how, &[("time", &zone.show(self.checked_at))])
    }
}

/// Columns of a table of clips: running number, what the clip is called, when and how it was made, its extent, its
/// digests.
const CLIP_COLUMNS: [f32; 5] = [26.0, 96.0, 108.0, 78.0, 146.0];

/// Returns the table of clips as every paper has it.
pub(crate) fn clip_table(clips: &[ClipLine], zone: StationZone) -> Table {
    let row = |(at, clip): (usize, &ClipLine)| {
        let cells = std::iter::once(ordinal(at + 1)).chain(clip.cells(zone)).collect();
        Row { cells, continued: None }
    };
    Table {
        columns: CLIP_COLUMNS.to_vec(),
        header: Some(header(&wording().statement.clip_columns)),
        rows: clips.iter().enumerate().map(row).collect(),
    }
}

/// Returns the QR code that ties a paper to the register, with its caption and the digest beside it.
pub(crate) fn mark_code(kind: &str, number: &str, digest_of: Digest, caption: &str, label: &str) -> Code {
    Code {
        data: format!("EVIDOCK:{kind}:{number}:{digest_of}"),
        caption: vec![Style::BODY.indented().para(caption), Style::SMALL.para(label), digest(digest_of)],
    }
}

/// Returns a digest in lines of 32 digits.
pub(crate) fn digest(digest: Digest) -> Para {
    let digits = digest.to_string();
    let (first, second) = digits.split_at(DIGEST_LINE);
    Style::DIGEST.para(format!("{first}\n{second}"))
}

/// Returns the header of a table of clips.
pub(crate) fn header(columns: &[String]) -> Row {
    let cells = columns.iter().map(|column| Cell::new(Style::SMALL_LABEL.para(column))).collect();
    Row { cells, continued: None }
}

/// Returns a labelled row of a form: pairs of label and value side by side, an empty value as 无. The last value
/// takes the rest of the `columns`.
pub(crate) fn field_row(columns: usize, pairs: &[(&str, &str)]) -> Row {
    let pairs = pairs.iter().map(|(label, value)| (*label, vec![Style::BODY.para(or_none(value))]));
    form_row(columns, pairs.collect())
}

/// Returns a labelled row of a form with the values as they are.
pub(crate) fn form_row(columns: usize, pairs: Vec<(&str, Vec<Para>)>) -> Row {
    let continued = pairs.first().map(|(label, _)| Style::LABEL.para(format!("{label}{}", wording().common.continued)));
    let count = pairs.len();
    let mut cells = Vec::new();
    for (at, (label, value)) in pairs.into_iter().enumerate() {
        let span = if at + 1 == count { columns - 2 * at - 1 } else { 1 };
        cells.push(Cell::new(Style::LABEL.para(label)));
        cells.push(Cell::stack(value).wide(span));
    }
    Row { cells, continued }
}

/// Returns the text, or 无: what is not known is said, not left out.
pub(crate) fn or_none(text: &str) -> &str {
    if text.trim().is_empty() { &wording().common.none } else { text }
}

/// Returns `2026-11-21 09:02:00 至 2026-11-21 09:47:00`, with —— for an end that is not known.
pub fn span(from: Option<Instant>, to: Option<Instant>, zone: StationZone) -> String {
    let time = |at: Option<Instant>| at.map_or(wording().common.unknown.clone(), |at| zone.show(at));
    fill(&wording().statement.taken_span, &[("from", &time(from)), ("to", &time(to))])
}

/// Returns `45分03秒`, cut to whole seconds.
pub fn duration(ms: u64) -> String {
    let words = &wording().common;
    let total = ms / 1000;
    let (h, m, s) = (total / 3600, total / 60 % 60, total % 60);
    if h > 0 {
        let (h, m, s) = (h.to_string(), format!("{m:02}"), format!("{s:02}"));
        fill(&words.duration_hours, &[("h", &h), ("m", &m), ("s", &s)])
    } else if m > 0 {
        fill(&words.duration_minutes, &[("m", &m.to_string()), ("s", &format!("{s:02}"))])
    } else if s > 0 {
        fill(&words.duration_seconds, &[("s", &s.to_string())])
    } else {
        words.duration_below_second.clone()
    }
}

/// Returns a size for reading, in binary units with three digits or more; the exact bytes stand beside it.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        // Beyond this the two places below would round up to 1024.00.
        if value < 1023.995 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.2} {unit}")
}

/// Returns how the paper names the zone of its times, such as `北京时间（UTC+08:00）`.
pub(crate) fn zone_words(zone: StationZone) -> String {
    let minutes = zone.minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    let (h, m) = (minutes.abs() / 60, minutes.abs() % 60);
    let offset = format!("UTC{sign}{h:02}:{m:02}");
    if zone == StationZone::beijing() { fill(&wording().common.beijing_time, &[("offset", &offset)]) } else { offset }
}

/// Returns the lines to sign on; a signer without a name gets room to write it, a unit its place for the seal.
pub(crate) fn signatures(unit: Option<&str>, signers: &[(&str, &str)]) -> Signatures {
    let words = &wording().common;
    let line = |(role, name): &(&str, &str)| {
        let template = if name.trim().is_empty() { &words.signature_unnamed } else { &words.signature };
        SignatureLine { label: fill(template, &[("role", role), ("name", name)]) }
    };
    Signatures {
        lines: signers.iter().map(line).collect(),
        date: words.signature_date.clone(),
        seal: unit.map(|unit| fill(&words.seal, &[("unit", unit)])),
        code: None,
    }
}

/// Returns a centred running number.
pub(crate) fn ordinal(number: usize) -> Cell {
    Cell::new(Style::SMALL.aligned(Align::Center).para(number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (ms, expected) in [
            (0, "不足1秒"),
            (999, "不足1秒"),
            (1_000, "1秒"),
            (63_500, "1分03秒"),
            (3_600_000, "1小时00分00秒"),
            (90_061_000, "25小时01分01秒"),
        ] {
            assert_eq!(duration(ms), expected, "{ms} ms");
        }
    }

    #[test]
    fn a_clocks_error_is_said_with_its_bound() {
        let checked_at = model::parse_instant("2026-11-21T01:02:05Z").expect("an instant");
        for (error_ms, bound_ms, entered, expected) in [
            (192_000, Some(2_000), true, "甲：快 3分12秒（误差不超过 2秒），2026-11-21 09:02:05 人工校核"),
            (-61_000, Some(60_000), true, "甲：慢 1分01秒（误差不超过 1分00秒），2026-11-21 09:02:05 人工校核"),
            (999, Some(0), true, "甲：相差不足1秒，2026-11-21 09:02:05 人工校核"),
            (3_600_000, None, false, "甲：快 1小时00分00秒（至少），2026-11-21 09:02:05 接入时按最新文件时间测定"),
        ] {
            let line = ClockLine { recorder: "甲".into(), error_ms, bound_ms, entered, checked_at };
            assert_eq!(line.text(StationZone::beijing()), expected, "{error_ms} ms");
        }
    }

    #[test]
    fn sizes_never_round_up_to_the_next_unit() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1_048_575, "1.00 MiB"),
            (1_288_490_189, "1.20 GiB"),
            (u64::MAX, "16777216.00 TiB"),
        ] {
            assert_eq!(size(bytes), expected, "{bytes} bytes");
        }
    }

    #[test]
    fn zones_are_named_with_their_offset() {
        for (minutes, expected) in [(480, "北京时间（UTC+08:00）"), (-210, "UTC-03:30"), (0, "UTC+00:00")] {
            let zone = StationZone::from_minutes(minutes).expect("within the range");
            assert_eq!(zone_words(zone), expected, "{minutes} minutes");
        }
    }
}
