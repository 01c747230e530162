//! Path patterns of recorder profiles, such as `DCIM/{Y}{M}{D}/DSJA_{serial:6}_{Y}{M}{D}{h}{m}{s}_{n:4}.{ext}`.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{Y}` `{y}` | year in four digits; in two, meaning 20yy |
//! | `{M}` `{D}` `{h}` `{m}` `{s}` | month, day, hour, minute, second: two digits within their range |
//! | `{n:4}` | a counter of exactly four digits |
//! | `{serial:6}` | six letters or digits that name the recorder |
//! | `{free:5}` | five letters, digits, `_` or `-` of any meaning |
//! | `{ext}` | one of the profile's footage extensions |
//!
//! Everything else stands for itself, letters in either case. All widths are fixed, so a path either fits or does
//! not and no match is ever searched for.

use model::{Instant, StationZone};

/// A pattern, component by component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Vec<Token>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(Vec<u8>),
    Time { part: TimePart, digits: usize },
    Counter { digits: usize },
    Serial { chars: usize },
    Free { chars: usize },
    Extension(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimePart {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// What a pattern reads from a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Components that fit; all of the path's.
    pub depth: usize,
    /// Whether the pattern fits to its end, which only a file's path does.
    pub full: bool,
    /// Bytes that fit the pattern's own letters: how telling the fit is.
    pub literals: usize,
    pub serial: Option<String>,
    /// Year to second; where a part stands twice, the later one, which is the file's own.
    time: [Option<u16>; 6],
}

impl Reading {
    /// Returns the time in the path, read on a clock set to the zone; `None` unless the path has all of it.
    pub(crate) fn instant(&self, zone: StationZone) -> Option<Instant> {
        let [year, month, day, hour, minute, second] = self.time;
        let (date, clock) = ((year?, month?, day?), (hour?, minute?, second?));
        zone.parse(&format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", date.0, date.1, date.2, clock.0, clock.1, clock.2))
    }
}

impl Pattern {
    /// Parses the text; the error says what is wrong with it.
    pub(crate) fn parse(text: &str, footage: &[String]) -> Result<Self, String> {
        let components = text.split('/').map(|part| component(part, footage)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(components))
    }

    /// Returns the number of components.
    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Returns what the pattern reads from a path relative to the drive, or `None` where any component does not
    /// fit. A path that ends before the pattern does (a folder) fits as far as it goes.
    pub(crate) fn read(&self, path: &[u8]) -> Option<Reading> {
        let mut reading = Reading::default();
        for part in path.split(|&b| b == b'/') {
            let tokens = self.0.get(reading.depth)?;
            let rest = tokens.iter().try_fold(part, |rest, token| token.read(rest, &mut reading))?;
            if !rest.is_empty() {
                return None;
            }
            reading.depth += 1;
        }
        reading.full = reading.depth == self.0.len();
        Some(reading)
    }
}

fn component(part: &str, footage: &[String]) -> Result<Vec<Token>, String> {
    if part.is_empty() || part == "." || part == ".." {
        return Err(format!("a path component may not be {part:?}"));
    }
    let mut tokens = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        let literal_end = rest.find(['{', '}']).unwrap_or(rest.len());
        let (literal, tail) = rest.split_at(literal_end);
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal.as_bytes().to_vec()));
        }
        rest = match tail.strip_prefix('{') {
            None if tail.is_empty() => tail,
            None => return Err(format!("a brace closes in {part:?} that was never opened")),
            Some(tail) => {
                let (name, after) =
                    tail.split_once('}').ok_or_else(|| format!("a brace opens in {part:?} and is not closed"))?;
                tokens.push(placeholder(name, footage)?);
                after
            }
        };
    }
    match tokens.iter().position(|token| matches!(token, Token::Extension(_))) {
        Some(at) if at + 1 < tokens.len() => Err(format!("{{ext}} does not end {part:?}")),
        _ => Ok(tokens),
    }
}

fn placeholder(name: &str, footage: &[String]) -> Result<Token, String> {
    use TimePart::{Day, Hour, Minute, Month, Second, Year};
    let time = |part, digits| Ok(Token::Time { part, digits });
    match name {
        "Y" => return time(Year, 4),
        "y" => return time(Year, 2),
        "M" => return time(Month, 2),
        "D" => return time(Day, 2),
        "h" => return time(Hour, 2),
        "m" => return time(Minute, 2),
        "s" => return time(Second, 2),
        "ext" => return Ok(Token::Extension(footage.to_vec())),
        _ => {}
    }
    let (kind, width) = name.split_once(':').ok_or_else(|| format!("there is no placeholder {{{name}}}"))?;
    let width: usize = width
        .parse()
        .ok()
        .filter(|width| (1..=255).contains(width))
        .ok_or_else(|| format!("the width in {{{name}}} is no number from 1 to 255"))?;
    match kind {
        "n" => Ok(Token::Counter { digits: width }),
        "serial" => Ok(Token::Serial { chars: width }),
        "free" => Ok(Token::Free { chars: width }),
        _ => Err(format!("there is no placeholder {{{name}}}")),
    }
}

impl Token {
    /// Takes what the token stands for off the front of `text` and returns the rest, or `None`.
    fn read<'a>(&self, text: &'a [u8], reading: &mut Reading) -> Option<&'a [u8]> {
        match self {
            Self::Literal(literal) => {
                let (head, rest) = text.split_at_checked(literal.len())?;
                reading.literals += literal.len();
                head.eq_ignore_ascii_case(literal).then_some(rest)
            }
            Self::Time { part, digits } => {
                let (head, rest) = take(text, *digits, |b| b.is_ascii_digit())?;
                let number = head.iter().fold(0u16, |n, digit| n * 10 + u16::from(digit - b'0'));
                reading.time[*part as usize] = Some(part.check(number, *digits)?);
                Some(rest)
            }
            Self::Counter { digits } => take(text, *digits, |b| b.is_ascii_digit()).map(|(_, rest)| rest),
            Self::Serial { chars } => {
                let (head, rest) = take(text, *chars, |b| b.is_ascii_alphanumeric())?;
                reading.serial = Some(head.iter().copied().map(char::from).collect());
                Some(rest)
            }
            Self::Free { chars } => {
                take(text, *chars, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-').map(|(_, rest)| rest)
            }
            Self::Extension(known) => {
                known.iter().any(|ext| text.eq_ignore_ascii_case(ext.as_bytes())).then_some(&text[text.len()..])
            }
        }
    }
}

fn take(text: &[u8], count: usize, fits: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(count).filter(|(head, _)| head.iter().all(|&b| fits(b)))
}

impl TimePart {
    /// Returns the number the digits stand for, or `None` outside the part's range.
    fn check(self, number: u16, digits: usize) -> Option<u16> {
        let range = match self {
            Self::Year if digits == 2 => return Some(2000 + number),
            Self::Year => 1..=9999,
            Self::Month => 1..=12,
            Self::Day => 1..=31,
            Self::Hour => 0..=23,
            Self::Minute | Self::Second => 0..=59,
        };
        range.contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pattern, String> {
        Pattern::parse(text, &["mp4".to_owned(), "jpg".to_owned()])
    }

    #[test]
    fn a_pattern_reads_time_and_serial_from_a_path() {
        let dsj = "DCIM/{Y}{M}{D}/DSJA_{serial:6}_{Y}{M}{D}{h}{m}{s}_{n:4}.{ext}";
        let hb = "FILE/{y}{M}{D}/REC{n:4}_{y}{M}{D}_{h}{m}{s}.AVI";
        let cn = "视频/{free:3}.{ext}";
        type Row = (&'static str, &'static str, Option<(usize, bool, Option<&'static str>, Option<&'static str>)>);
        let full = |time, serial| Some((3, true, time, serial));
        let rows: Vec<Row> = vec![
            (
                dsj,
                "DCIM/20261121/DSJA_000123_20261121090205_0001.MP4",
                full(Some("2026-11-21 09:02:05"), Some("000123")),
            ),
            (
                dsj,
                "dcim/20261121/dsja_0001AB_20261121090205_0001.jpg",
                full(Some("2026-11-21 09:02:05"), Some("0001AB")),
            ),
            // Recorded past midnight into the folder of the day before: the file's own name holds.
            (
                dsj,
                "DCIM/20261121/DSJA_000123_20261122000001_0002.MP4",
                full(Some("2026-11-22 00:00:01"), Some("000123")),
            ),
            (dsj, "DCIM", Some((1, false, None, None))),
            (dsj, "DCIM/20261121", Some((2, false, None, None))),
            (dsj, "DCIM/20261321", None),
            (dsj, "DCIM/202611210", None),
            (dsj, "DCIM/20261121/DSJA_000123_20261121096205_0001.MP4", None),
            (dsj, "DCIM/20261121/DSJA_000123_20261121090205_0001.MP4.tmp", None),
            (dsj, "DCIM/20261121/DSJA_000123_20261121090205_0001.MP4/x", None),
            (dsj, "DCIM/20261121/DSJA_000123_20261121090205_001.MP4", None),
            (dsj, "", None),
            // 31 February fits the ranges; that there is no such day leaves the time open.
            (dsj, "DCIM/20260231/DSJA_000123_20260231090205_0001.MP4", full(None, Some("000123"))),
            (hb, "FILE/261121/REC0007_261121_090205.AVI", full(Some("2026-11-21 09:02:05"), None)),
            (hb, "FILE/261121/REC0007_261121_090205.MP4", None),
            (cn, "视频/a-1.mp4", Some((2, true, None, None))),
            (cn, "视频/a 1.mp4", None),
        ];
        let zone = StationZone::beijing();
        for (pattern, path, expected) in rows {
            let reading = parse(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")).read(path.as_bytes());
            let time = reading.as_ref().and_then(|r| r.instant(zone)).map(|t| zone.show(t));
            let got = reading.as_ref().map(|r| (r.depth, r.full, time.as_deref(), r.serial.as_deref()));
            assert_eq!(got, expected, "{path} read with {pattern}");
        }
        let invalid =
            parse(dsj).unwrap_or_else(|e| panic!("{e}")).read(b"DCIM/20261121/DSJA_\xff00123_20261121090205_0001.MP4");
        assert_eq!(invalid, None, "bytes that are no text fit no serial");
    }

    #[test]
    fn a_wrong_pattern_is_refused_with_its_reason() {
        let rows = [
            ("DCIM//a", "may not be \"\""),
            ("/DCIM/a", "may not be \"\""),
            ("../a", "may not be \"..\""),
            ("DCIM/{Q}", "no placeholder {Q}"),
            ("DCIM/{n}", "no placeholder {n}"),
            ("DCIM/{n:0}", "no number from 1 to 255"),
            ("DCIM/{n:x}", "no number from 1 to 255"),
            ("DCIM/{speed:3}", "no placeholder {speed:3}"),
            ("DCIM/{n:4", "is not closed"),
            ("DCIM/n:4}", "never opened"),
            ("DCIM/{ext}.bak", "does not end"),
        ];
        for (text, reason) in rows {
            let refused = parse(text).expect_err(text);
            assert!(refused.contains(reason), "{text} was refused for {refused:?}");
        }
    }
}
