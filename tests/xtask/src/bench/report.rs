//! The figures as a table and as JSON.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::json::quoted;
use crate::process::output;
use crate::{Failure, Outcome, failed};

const BEGIN: &str = "<!-- cargo xtask bench intake --write: begin -->";
const END: &str = "<!-- cargo xtask bench intake --write: end -->";

/// Where a figure has to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    AtLeast(f64),
    AtMost(f64),
}

impl Line {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(line) => figure >= line,
            Self::AtMost(line) => figure <= line,
        }
    }

    fn words(self, unit: &str) -> String {
        match self {
            Self::AtLeast(line) => format!("≥ {}", figure(line, unit)),
            Self::AtMost(line) => format!("≤ {}", figure(line, unit)),
        }
    }
}

/// One measured thing beside its line.
pub struct Row {
    pub case: String,
    pub amount: String,
    /// Seconds until everything was verified, one a repetition; none where the figure is no time.
    pub times: Vec<f64>,
    /// Seconds that it cannot be done below, and why.
    pub floor: Option<(f64, String)>,
    pub figure: f64,
    /// Of figure and line: empty for a score, else `×`, `%`, `MiB`.
    pub unit: &'static str,
    pub line: Line,
    /// What else was seen: speed, processor, memory, time until the job was closed.
    pub notes: String,
}

/// One peer's time for a case.
pub struct PeerRow {
    pub case: String,
    pub name: &'static str,
    pub promises: &'static str,
    pub seconds: f64,
    /// Our median for the same bytes.
    pub ours: f64,
}

/// Everything one run found.
#[derive(Default)]
pub struct Report {
    pub rows: Vec<Row>,
    pub peers: Vec<PeerRow>,
    /// The ceilings, in words.
    pub ceilings: Vec<String>,
    pub repetitions: usize,
    pub quick: bool,
}

/// Returns the middle of some figures; of an even number the mean of the two in the middle.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[half],
        _ => f64::midpoint(sorted[half - 1], sorted[half]),
    }
}

fn spread(figures: &[f64]) -> String {
    let (low, high) = figures.iter().fold((f64::MAX, f64::MIN), |(low, high), f| (low.min(*f), high.max(*f)));
    match figures.len() {
        0 => String::new(),
        1 => format!("{low:.2} s"),
        _ => format!("{:.2} s ({low:.2}–{high:.2})", median(figures)),
    }
}

fn figure(value: f64, unit: &str) -> String {
    match unit {
        "" => format!("{value:.2}"),
        "×" => format!("{value:.2} ×"),
        _ => format!("{value:.0} {unit}"),
    }
}

impl Report {
    /// Returns the tables in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "{}\n\n{}\n\n",
            machine(),
            match (self.quick, self.repetitions) {
                (true, _) =>
                    "Quick run: one repetition of small amounts; the lines are meant for the whole run.".to_owned(),
                (false, count) => format!("Medians of {count}, the range in brackets; caches dropped before each."),
            }
        );
        text += "| case | amount | until verified | floor | figure | line | | seen beside it |\n|---|---|---|---|---|---|---|---|\n";
        for row in &self.rows {
            let floor = row.floor.as_ref().map_or(String::new(), |(seconds, why)| format!("{seconds:.2} s: {why}"));
            let verdict = if row.line.holds(row.figure) { "pass" } else { "**miss**" };
            let (shown, line) = (figure(row.figure, row.unit), row.line.words(row.unit));
            let (case, amount, times) = (&row.case, &row.amount, spread(&row.times));
            text +=
                &format!("| {case} | {amount} | {times} | {floor} | {shown} | {line} | {verdict} | {} |\n", row.notes);
        }
        if !self.peers.is_empty() {
            text += "\n| the same bytes with | promises | time | beside ours |\n|---|---|---|---|\n";
        }
        for PeerRow { case, name, promises, seconds, ours } in &self.peers {
            text += &format!("| {case}: `{name}` | {promises} | {seconds:.2} s | {:.2} × |\n", seconds / ours);
        }
        text += "\nCeilings of this run:\n\n";
        text += &self.ceilings.iter().map(|line| format!("- {line}\n")).collect::<String>();
        text
    }

    /// Returns everything in JSON, unrounded.
    pub fn json(&self) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(", "));
        let rows = self.rows.iter().map(|row| {
            let times = list(row.times.iter().map(f64::to_string).collect());
            let (floor, why) = row.floor.as_ref().map_or(("null".into(), ""), |(s, why)| (s.to_string(), why.as_str()));
            let (way, line) = match row.line {
                Line::AtLeast(line) => ("at_least", line),
                Line::AtMost(line) => ("at_most", line),
            };
            let (case, amount, notes) = (quoted(&row.case), quoted(&row.amount), quoted(&row.notes));
            let (why, unit, pass) = (quoted(why), quoted(row.unit), row.line.holds(row.figure));
            format!(
                r#"{{"case": {case}, "amount": {amount}, "seconds": {times}, "floor_seconds": {floor}, "floor": {why}, "figure": {}, "unit": {unit}, "{way}": {line}, "pass": {pass}, "notes": {notes}}}"#,
                row.figure
            )
        });
        let peers = self.peers.iter().map(|PeerRow { case, name, seconds, ours, .. }| {
            let (case, name) = (quoted(case), quoted(name));
            format!(r#"{{"case": {case}, "peer": {name}, "seconds": {seconds}, "ours_seconds": {ours}}}"#)
        });
        let ceilings = list(self.ceilings.iter().map(|line| quoted(line)).collect());
        let (rows, peers) = (list(rows.collect()), list(peers.collect()));
        let (machine, quick, count) = (quoted(&machine()), self.quick, self.repetitions);
        format!(
            "{{\"machine\": {machine}, \"quick\": {quick}, \"repetitions\": {count},\n\"rows\": {rows},\n\"peers\": {peers},\n\"ceilings\": {ceilings}}}\n"
        )
    }
}

/// Names processor, cores, memory, disk and kernel; nothing that tells whose machine it is.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let processors = read("/proc/cpuinfo");
    let cores = processors.lines().filter(|line| line.starts_with("processor")).count();
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let kib: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
    let version = read("/proc/sys/kernel/osrelease");
    let kernel: Vec<&str> = version.trim().split(['-', '+']).take(1).collect();
    let guest = if processors.contains("hypervisor") { ", virtual machine" } else { "" };
    format!(
        "{} ({cores} cores{guest}), {:.0} GiB of memory, {}, Linux {}.",
        value(&processors, "model name"),
        kib as f64 / f64::from(1 << 20),
        disk().unwrap_or_else(|| "disk of unknown kind".to_owned()),
        kernel.concat()
    )
}

/// Names the disk below the target folder by kind, file system and bus.
fn disk() -> Option<String> {
    let found = output(Command::new("findmnt").args(["-no", "SOURCE,FSTYPE", "--target"]).arg(crate::root())).ok()?;
    let (source, kind) = found.trim().split_once(char::is_whitespace)?;
    let facts = output(Command::new("lsblk").args(["-dnso", "ROTA,TRAN,TYPE", source])).ok()?;
    let last = facts.lines().last().unwrap_or_default().to_owned();
    let turns = last.split_whitespace().next() == Some("1");
    let virtio = source.contains("/vd");
    let sort = match (virtio, turns) {
        (true, _) => "virtio disk",
        (false, true) => "turning disk",
        (false, false) => "solid-state disk",
    };
    Some(format!("{} on one {sort}", kind.trim()))
}

/// Puts the tables between the two marks of a document.
pub fn write_between(document: &Path, tables: &str) -> Outcome {
    let text = fs::read_to_string(document).map_err(failed(format!("无法读 {}", document.display())))?;
    let new = placed(&text, tables).ok_or_else(|| Failure(format!("{} 里没有两行标记", document.display())))?;
    fs::write(document, new).map_err(failed(format!("无法写 {}", document.display())))
}

fn placed(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::json::Json;
    use super::*;

    fn row(figure: f64, line: Line) -> Row {
        Row {
            case: "disk to disk".into(),
            amount: "3 GiB".into(),
            times: vec![4.0, 2.0, 3.0],
            floor: Some((2.5, "disk \"shared\"".into())),
            figure,
            unit: "",
            line,
            notes: String::new(),
        }
    }

    #[test]
    fn the_middle_is_no_mean() {
        for (figures, expected) in [(vec![9.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0], 2.5), (vec![7.0], 7.0)] {
            assert_eq!(median(&figures), expected, "{figures:?}");
        }
        assert!(median(&[]).is_nan(), "nothing measured is no figure");
        assert_eq!(spread(&[4.0, 2.0, 3.0]), "3.00 s (2.00–4.00)", "the range stands beside the median");
    }

    #[test]
    fn a_missed_line_is_said() {
        for (figure, line, verdict) in [
            (0.85, Line::AtLeast(0.85), "| pass |"),
            (0.84, Line::AtLeast(0.85), "| **miss** |"),
            (2.06, Line::AtMost(2.05), "| **miss** |"),
            (f64::NAN, Line::AtMost(2.05), "| **miss** |"),
        ] {
            let report = Report { rows: vec![row(figure, line)], repetitions: 5, ..Report::default() };
            assert!(report.markdown().contains(verdict), "{figure} beside {line:?}:\n{}", report.markdown());
        }
    }

    #[test]
    fn the_json_is_json() {
        let peer = PeerRow { case: "disk".into(), name: "cp", promises: "", seconds: 1.5, ours: 1.0 };
        let report = Report { rows: vec![row(0.9, Line::AtLeast(0.85))], peers: vec![peer], ..Report::default() };
        assert!(Json::read(&report.json()).is_some(), "it reads back:\n{}", report.json());
    }

    #[test]
    fn tables_are_placed_between_the_marks() {
        let before = format!("words\n{BEGIN}\nold\n{END}\nmore\n");
        assert_eq!(placed(&before, "new\n"), Some(format!("words\n{BEGIN}\n\nnew\n\n{END}\nmore\n")), "old ones go");
        assert_eq!(placed("no marks", "new"), None, "a document without marks is left alone");
    }
}
