//! The lists inside a package: every original in one table, and per statement the clips its root hash covers.

use crate::plan::{PackagePlan, session_folder};
use crate::words::words;
use model::{Digest, Instant};

/// Where the table lies below the package.
pub(crate) const TABLE: &str = "data/file-list.csv";
/// Where its paper lies.
pub(crate) const TABLE_PAPER: &str = "data/file-list.pdf";

/// Columns of the table. Their places are the format; their titles are words and may change.
const COLUMNS: usize = 14;
/// Columns of packages made before clips could be damaged or in doubt.
const COLUMNS_BEFORE: usize = 13;
const COLUMN_CLIP: usize = 1;
const COLUMN_PATH: usize = 3;
const COLUMN_SIZE: usize = 8;
const COLUMN_SHA256: usize = 9;
const COLUMN_SM3: usize = 10;
const COLUMN_BLAKE3: usize = 11;
/// Makes Excel read the table as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns the list whose SHA-256 is a statement's root hash: per clip, in order, its SHA-256, two blanks, its
/// number and a line feed. It lies beside the statement's paper, so `sha256sum` of that file gives the hash that
/// the paper's QR code shows.
pub fn clip_list<'a>(clips: impl IntoIterator<Item = (Digest, &'a str)>) -> String {
    clips.into_iter().map(|(sha256, number)| format!("{sha256}  {number}\n")).collect()
}

/// Returns where a statement's paper lies.
pub(crate) fn statement_paper(session: usize) -> String {
    format!("data/statements/{}.pdf", session_folder(session))
}

/// Returns where the list of a statement's clips lies.
pub(crate) fn statement_list(session_folder: &str) -> String {
    format!("data/statements/{session_folder}.sha256")
}

/// Returns the table of all originals: RFC 4180 with byte order mark and CRLF, as Excel opens it.
pub(crate) fn table(plan: &PackagePlan) -> String {
    let zone = plan.content.zone;
    let time = |at: Option<Instant>| at.map(|at| zone.show(at)).unwrap_or_default();
    let mut text = BYTE_ORDER_MARK.to_owned();
    push_row(&mut text, words().table.columns.each_ref().map(String::as_str));
    let mut index = 0_usize;
    for (session, paths) in plan.content.sessions.iter().zip(&plan.originals) {
        for (clip, path) in session.clips.iter().zip(paths) {
            index += 1;
            let row = [
                index.to_string(),
                clip.number.clone(),
                clip.original_name.clone(),
                path.clone(),
                session.recorder.clone(),
                time(clip.recorded_from),
                time(clip.recorded_to),
                clip.duration_ms.map(clock).unwrap_or_default(),
                clip.size.to_string(),
                clip.digests.sha256.to_string(),
                clip.digests.sm3.to_string(),
                clip.digests.blake3.to_string(),
                clip.level.code().to_owned(),
                forms::standing(clip.state, clip.level, clip.unreadable),
            ];
            push_row(&mut text, row.each_ref().map(String::as_str));
        }
    }
    text
}

/// Returns a duration as `0:45:03.120`.
pub(crate) fn clock(ms: u64) -> String {
    let s = ms / 1000;
    format!("{}:{:02}:{:02}.{:03}", s / 3600, s / 60 % 60, s % 60, ms % 1000)
}

fn push_row(text: &mut String, cells: [&str; COLUMNS]) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        // A cell that begins like a formula would be run by the spreadsheet; the apostrophe keeps it text.
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
        let cell = format!("{guard}{cell}");
        if cell.contains([',', '"', '\r', '\n']) || cell.starts_with(' ') || cell.ends_with(' ') {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

/// What the table says of one original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableRow {
    pub(crate) clip: String,
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
    pub(crate) sm3: Digest,
    pub(crate) blake3: Digest,
}

/// Reads the table back, or says in which line it is not ours.
pub(crate) fn parse_table(bytes: &[u8]) -> Result<Vec<TableRow>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).ok_or("no byte order mark")?;
    let mut rows = Vec::new();
    for (index, cells) in parse_cells(text).ok_or("an open quotation mark")?.into_iter().enumerate() {
        let fault = || format!("line {}", index + 1);
        if ![COLUMNS_BEFORE, COLUMNS].contains(&cells.len()) {
            return Err(fault());
        }
        if index > 0 {
            rows.push(parse_row(&cells).ok_or_else(fault)?);
        }
    }
    Ok(rows)
}

fn parse_row(cells: &[String]) -> Option<TableRow> {
    Some(TableRow {
        clip: cells[COLUMN_CLIP].clone(),
        path: cells[COLUMN_PATH].clone(),
        size: cells[COLUMN_SIZE].parse().ok()?,
        sha256: Digest::from_hex(&cells[COLUMN_SHA256])?,
        sm3: Digest::from_hex(&cells[COLUMN_SM3])?,
        blake3: Digest::from_hex(&cells[COLUMN_BLAKE3])?,
    })
}

/// Splits RFC 4180 text into lines of cells; `None` when a quotation mark stays open.
fn parse_cells(text: &str) -> Option<Vec<Vec<String>>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let mut cell = String::new();
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if quoted => cell.push(c),
            ',' => line.push(std::mem::take(&mut cell)),
            '\r' => {}
            '\n' => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            c => cell.push(c),
        }
    }
    (!quoted && cell.is_empty() && line.is_empty()).then_some(lines)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hostile_cells_survive_a_spreadsheet() {
        for (cell, written) in [
            ("VID.MP4", "VID.MP4"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            (" x", "\" x\""),
        ] {
            let mut text = String::new();
            let mut cells = [""; COLUMNS];
            cells[0] = cell;
            push_row(&mut text, cells);
            assert_eq!(text, format!("{written}{}\r\n", ",".repeat(COLUMNS - 1)), "cell {cell:?}");
            let read = parse_cells(&text).unwrap();
            assert_eq!(read[0][0].trim_start_matches('\''), cell, "the cell is read back");
        }
    }

    #[test]
    fn a_damaged_table_is_refused() {
        assert!(parse_cells("a,b\r\n\"c").is_none(), "an open quotation mark");
        assert!(parse_cells("a,b\r\nc").is_none(), "a line without end");
        assert!(parse_table(b"a\r\n").is_err(), "no byte order mark");
    }

    #[test]
    fn durations_read_as_clocks() {
        for (ms, shown) in [(0, "0:00:00.000"), (2_703_120, "0:45:03.120"), (36_000_000, "10:00:00.000")] {
            assert_eq!(clock(ms), shown, "{ms} ms");
        }
    }
}
