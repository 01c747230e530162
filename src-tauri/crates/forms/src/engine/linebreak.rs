//! Where a line may end: 避头尾, whole western tokens, and a way out for tokens wider than the line.

use std::ops::Range;

/// 避头: may not begin a line.
const NEVER_FIRST: &str = "、，。；：？！）」』】〕》〉〗｝］”’％‰℃～·,.;:?!)]}>%";
/// 避尾: may not end a line.
const NEVER_LAST: &str = "（「『【〔《〈〖｛［“‘￥＃№([{<";
/// What paths and file names are put together with.
const SEPARATORS: &str = "/\\_";
/// How many characters an emergency break steps back to keep 避头尾.
const STEP_BACK_MAX: usize = 3;

/// Tells whether a character is set in a full square, so that lines may break beside it.
pub(crate) fn is_square(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
        || "“”‘’—…·".contains(c)
}

fn may_break(before: char, after: char) -> bool {
    if after.is_whitespace() {
        return false;
    }
    if before.is_whitespace() {
        return true;
    }
    let torn = before == after && "—…".contains(before);
    !torn && !NEVER_FIRST.contains(after) && !NEVER_LAST.contains(before) && (is_square(before) || is_square(after))
}

/// Returns the lines of one paragraph as ranges into its characters; white space at line ends belongs to none.
///
/// `advances` are widths in points. The first line has `first` points of room, the others `measure`. A line holds
/// at least one character however narrow the measure.
pub(crate) fn break_lines(chars: &[char], advances: &[f32], first: f32, measure: f32) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        let room = if lines.is_empty() { first } else { measure };
        let end = line_end(chars, advances, start, room);
        let inked = chars[start..end].iter().rposition(|c| !c.is_whitespace()).map_or(start, |at| start + at + 1);
        lines.push(start..inked);
        start = end;
        while chars.get(start).is_some_and(|c| c.is_whitespace()) {
            start += 1;
        }
        if start >= chars.len() {
            return lines;
        }
    }
}

fn line_end(chars: &[char], advances: &[f32], start: usize, room: f32) -> usize {
    let mut width = 0.0;
    let mut last = None;
    for at in start..chars.len() {
        if at > start && may_break(chars[at - 1], chars[at]) {
            last = Some(at);
        }
        width += advances[at];
        // White space may hang over the edge; it is cut off there.
        if width > room && !chars[at].is_whitespace() {
            return last.unwrap_or_else(|| emergency(chars, start, at));
        }
    }
    chars.len()
}

/// Returns where a token wider than the line is cut: behind a separator in the line's second half, else at its end.
fn emergency(chars: &[char], start: usize, full: usize) -> usize {
    let full = full.max(start + 1);
    if full == chars.len() {
        return full;
    }
    let half = start + (full - start).div_ceil(2);
    if let Some(at) = (half..=full).rev().find(|&at| SEPARATORS.contains(chars[at - 1]) && at > start) {
        return at;
    }
    (start + 1..=full)
        .rev()
        .take(STEP_BACK_MAX + 1)
        .find(|&at| !NEVER_FIRST.contains(chars[at]) && !NEVER_LAST.contains(chars[at - 1]))
        .unwrap_or(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaks with squares of width 2 and all else of width 1.
    fn check(text: &str, measure: f32, expected: &[&str]) {
        let chars: Vec<char> = text.chars().collect();
        let advances: Vec<f32> = chars.iter().map(|&c| if is_square(c) { 2.0 } else { 1.0 }).collect();
        let lines: Vec<String> = break_lines(&chars, &advances, measure, measure)
            .into_iter()
            .map(|range| chars[range].iter().collect())
            .collect();
        assert_eq!(lines, expected, "{text:?} in lines of {measure}");
    }

    #[test]
    fn lines_end_where_chinese_readers_expect() {
        let rows: &[(&str, f32, &[&str])] = &[
            ("", 8.0, &[""]),
            ("取证人员", 8.0, &["取证人员"]),
            ("取证人员签名", 8.0, &["取证人员", "签名"]),
            // 避头: the stop takes its neighbour along.
            ("取证人员。", 8.0, &["取证人", "员。"]),
            // 避尾: the bracket goes with what it opens.
            ("取证人（员）", 8.0, &["取证人", "（员）"]),
            ("取证——人", 6.0, &["取证", "——人"]),
            ("编号 P2026-12 的", 10.0, &["编号", "P2026-12", "的"]),
            ("共P2026-12段", 9.0, &["共", "P2026-12", "段"]),
            ("abcdefghij", 4.0, &["abcd", "efgh", "ij"]),
            // An over-wide token keeps 避头尾 too, where a step back is enough.
            ("abcd.efgh", 4.0, &["abc", "d.ef", "gh"]),
            ("ab/cdefgh", 4.0, &["ab/", "cdef", "gh"]),
            ("a/bcdefgh", 4.0, &["a/", "bcde", "fgh"]),
            ("/abcdefgh", 4.0, &["/abc", "defg", "h"]),
            ("........", 4.0, &["....", "...."]),
            ("　取证", 6.0, &["　取证"]),
            ("取证 ", 4.0, &["取证"]),
            ("取", 0.5, &["取"]),
        ];
        for (text, measure, expected) in rows {
            check(text, *measure, expected);
        }
    }
}
