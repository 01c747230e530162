//! Text of cells: what may stand in one, how it is decoded, and what a spreadsheet would take for a formula.

use crate::{TableError, TableFault};
use encoding_rs::GB18030;
use std::borrow::Cow;

/// The mark before UTF-8 by which office programs know it.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";
/// What begins a formula, in the wide forms too, which some input methods write and some programs read alike.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\n', '＝', '＋', '－', '＠'];
/// Stands before a cell that is text and no formula.
const PLAIN: char = '\'';

/// Returns text with every kind of line break as `\n`.
pub(crate) fn clean(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// Checks that every program can hold this text.
pub(crate) fn check(text: &str) -> Result<(), TableFault> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(TableFault::ControlCharacter);
    }
    Ok(())
}

/// Returns the text of a file: UTF-8, with its mark or without, or else GB18030.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, TableError> {
    let marked = bytes.strip_prefix(MARK);
    if let Ok(text) = std::str::from_utf8(marked.unwrap_or(bytes)) {
        return Ok(text.into());
    }
    let text = if marked.is_some() { None } else { from_gb18030(bytes) };
    text.ok_or_else(|| {
        // No character of either holds a byte of a line break inside.
        let readable = |line: &[u8]| match marked {
            Some(_) => std::str::from_utf8(line).is_ok(),
            None => from_gb18030(line).is_some(),
        };
        let line = bytes.split(|byte| *byte == b'\n').position(|line| !readable(line));
        TableFault::Encoding.at(line.unwrap_or(0) as u64 + 1)
    })
}

fn from_gb18030(bytes: &[u8]) -> Option<Cow<'_, str>> {
    GB18030.decode_without_bom_handling_and_without_replacement(bytes)
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches(PLAIN).starts_with(FORMULA)
}

/// Returns a cell so that no spreadsheet calculates it: one apostrophe more. [`revealed`] takes it away again.
pub(crate) fn neutral(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { format!("{PLAIN}{cell}").into() } else { cell.into() }
}

/// Returns what a neutral cell stands for.
pub(crate) fn revealed(cell: &str) -> &str {
    cell.strip_prefix(PLAIN).filter(|_| is_formula(cell)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_made_plain_and_comes_back() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-3", "'-3"),
            ("@甲", "'@甲"),
            ("\t=1", "'\t=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''-1", "'''-1"),
            ("'甲'", "'甲'"),
            ("甲=乙", "甲=乙"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), written, "{cell:?} as it is written");
            assert_eq!(revealed(written), cell, "{written:?} as it is read");
        }
        assert_eq!(revealed("=1"), "=1", "what others wrote without an apostrophe stays as it is");
    }

    #[test]
    fn gb18030_is_told_from_utf_8() {
        // The bytes are those of another encoder: python3 -c "print('䶮,㛃,𬱖,𠮷'.encode('gb18030'))".
        let gb = b"\xfe\x9f,\x82\x30\xb7\x31,\x99\x33\xc3\x36,\x95\x34\xb2\x35";
        let rows: [(&[u8], Result<&str, u64>, &str); 5] = [
            ("甲,乙".as_bytes(), Ok("甲,乙"), "UTF-8 without its mark"),
            (b"\xef\xbb\xbf\xe7\x94\xb2", Ok("甲"), "UTF-8 with its mark"),
            (b"\xbc\xd7,\xd2\xd2", Ok("甲,乙"), "GB18030"),
            (b"a\nb\xff\xff\nc", Err(2), "neither"),
            (b"\xef\xbb\xbfa\n\xbc\xd7", Err(2), "said to be UTF-8 and is not"),
        ];
        for (bytes, expected, why) in rows {
            let told = decode(bytes).map_err(|error| error.line.unwrap_or(0));
            assert_eq!(told.as_deref(), expected.as_deref(), "{why}");
        }
        assert_eq!(decode(gb).as_deref(), Ok("䶮,㛃,𬱖,𠮷"), "rare characters, as another encoder writes them");
    }
}
