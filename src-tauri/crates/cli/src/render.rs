//! Tables, facts, sizes and times for people at a terminal.

use crate::words::{explain_problem, label, say, words};
use model::{ProblemCode, StationZone, parse_instant};
use serde::Serialize;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;
use wire::dto::ProblemView;

/// Spaces between two columns.
const GAP: usize = 2;

/// Returns a table; every row has as many cells as there are headings.
pub fn table(headings: &[String], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return say("none", &[]) + "\n";
    }
    let columns = headings.len();
    let width = |n: usize| {
        let cells = rows.iter().map(|row| row[n].width());
        cells.chain([headings[n].width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in std::iter::once(headings).chain(rows.iter().map(Vec::as_slice)) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width + GAP - cell.width());
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Returns facts of one thing, a line each; the empty ones are left out.
pub fn facts(list: &[(&str, String)]) -> String {
    let told: Vec<(&str, &str)> =
        list.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (label(name), value.as_str())).collect();
    let width = told.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let line = |(name, value): &(&str, &str)| format!("{name}{}{value}\n", " ".repeat(width + GAP - name.width()));
    told.iter().map(line).collect()
}

/// Returns a size as people say it: three digits and a unit of a thousand, a million …
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1000.0, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let places = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.places$} {}", UNITS[unit])
}

/// Returns a duration as people say it.
pub fn duration(seconds: u64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let values = [("h", h.to_string()), ("m", m.to_string()), ("s", s.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    match (h, m) {
        (0, 0) => say("seconds", &values),
        (0, _) => say("minutes", &values),
        _ => say("hours", &values),
    }
}

/// Returns a time of a document as it is read in the vault's zone; none as nothing.
pub fn time(zone: StationZone, text: Option<&str>) -> String {
    text.and_then(parse_instant).map(|at| zone.show(at)).unwrap_or_default()
}

/// Returns the code of a state of the wire.
pub fn code(state: &impl Serialize) -> String {
    let code = serde_json::to_value(state).ok();
    code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Returns refusals, notes and findings as a table.
pub fn problems(list: &[ProblemView]) -> String {
    let what = |code: &str| ProblemCode::from_code(code).map_or("", |code| &explain_problem(code).what).to_owned();
    let row = |one: &ProblemView| vec![one.code.clone(), one.path.clone(), what(&one.code), one.detail.clone()];
    table(&words().tables.problems, &list.iter().map(row).collect::<Vec<_>>())
}

/// Returns one line per code that occurs: what happened, what it affects, what to do.
pub fn explanations(list: &[ProblemView]) -> Vec<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    list.iter().for_each(|one| *counts.entry(&one.code).or_default() += 1);
    let line = |(code, count): (&str, u32)| {
        let told = explain_problem(ProblemCode::from_code(code)?);
        let (what, effect, action) = (&told.what, &told.effect, &told.action);
        let count = count.to_string();
        Some(say(
            "problem",
            &[("code", code), ("count", &count), ("what", what), ("effect", effect), ("action", action)],
        ))
    };
    counts.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_chinese_text_align() {
        let headings = ["编号", "a", "名"].map(str::to_owned);
        let rows = [["1", "中文", "x"], ["12345", "b", ""]].map(|row| row.map(str::to_owned).to_vec());
        let text = table(&headings, &rows);
        assert_eq!(text, "编号   a     名\n1      中文  x\n12345  b\n", "two columns for a Chinese character");
        assert!(!table(&headings, &[]).is_empty(), "an empty table says so");
    }

    #[test]
    fn sizes_and_durations_are_short() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 KB"),
            (12_345, "12.3 KB"),
            (999_499, "999 KB"),
            (999_999, "1.00 MB"),
            (8_589_934_592, "8.59 GB"),
            (u64::MAX, "18447 PB"),
        ] {
            assert_eq!(size(bytes), expected, "{bytes}");
        }
        for (seconds, expected) in [(0, "0 秒"), (61, "1 分 1 秒"), (7_260, "2 小时 1 分")] {
            assert_eq!(duration(seconds), expected, "{seconds}");
        }
    }
}
