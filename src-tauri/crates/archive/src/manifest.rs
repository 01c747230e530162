//! Manifests: which file has which digest (RFC 8493 §2.1.3, §2.2.1).

use std::collections::BTreeMap;

/// Hexadecimal digits of SHA-256 and BLAKE3.
const DIGEST_CHARS: usize = 64;

/// Digests by path. Written sorted by the bytes of the path, one `digest`, two blanks, `path`, line feed each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Lower-case hexadecimal digits by path below the bag.
    pub(crate) entries: BTreeMap<String, String>,
}

/// How exactly a manifest has to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As we write it: every byte is determined by what it says.
    Canonical,
    /// As RFC 8493 allows and other tools write it: capitals, tabs, several blanks, `*` or `./` before the path,
    /// CR or CRLF, blank lines.
    Lenient,
}

impl Manifest {
    /// Returns the one canonical text.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        for (path, digest) in &self.entries {
            text.push_str(digest);
            text.push_str("  ");
            text.push_str(&encode_path(path));
            text.push('\n');
        }
        text
    }

    /// Reads a manifest, or says what is wrong with it. Paths are not judged here, see [`path_fault`].
    pub(crate) fn parse(bytes: &[u8], form: Form) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut manifest = Self::default();
        for (index, line) in split_lines(text, form).enumerate() {
            if line.is_empty() && form == Form::Lenient {
                continue;
            }
            let (digest, path) = split_entry(line, form).ok_or_else(|| format!("line {}", index + 1))?;
            if manifest.entries.insert(path, digest).is_some() {
                return Err(format!("line {}: the path stands there twice", index + 1));
            }
        }
        if form == Form::Canonical && manifest.render().as_bytes() != bytes {
            return Err("not sorted, or not in canonical form".to_owned());
        }
        Ok(manifest)
    }
}

/// Splits into lines; the end of the last line begins no further one.
fn split_lines(text: &str, form: Form) -> impl Iterator<Item = &str> {
    let lenient = form == Form::Lenient;
    text.split(move |c| c == '\n' || (lenient && c == '\r')).enumerate().filter_map(move |(index, line)| {
        let at_end = line.as_ptr() as usize == text.as_ptr() as usize + text.len();
        (!(line.is_empty() && at_end && (index > 0 || text.is_empty()))).then_some(line)
    })
}

fn split_entry(line: &str, form: Form) -> Option<(String, String)> {
    match form {
        Form::Canonical => {
            let (digest, path) = line.split_once("  ")?;
            let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            (digest.len() == DIGEST_CHARS && digest.bytes().all(lower) && !path.is_empty())
                .then(|| (digest.to_owned(), decode_path(path)))
        }
        Form::Lenient => {
            let (digest, path) = line.split_once([' ', '\t'])?;
            let path = path.trim_start_matches([' ', '\t']);
            let path = path.strip_prefix('*').unwrap_or(path);
            let path = path.strip_prefix("./").unwrap_or(path);
            (!digest.is_empty() && digest.bytes().all(|b| b.is_ascii_hexdigit()) && !path.is_empty())
                .then(|| (digest.to_ascii_lowercase(), decode_path(path)))
        }
    }
}

/// Encodes the three characters RFC 8493 §2.1.3 wants encoded, and no other.
fn encode_path(path: &str) -> String {
    path.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}

fn decode_path(path: &str) -> String {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or_default();
        match escape.to_ascii_uppercase().as_str() {
            "%0A" => decoded.push('\n'),
            "%0D" => decoded.push('\r'),
            "%25" => decoded.push('%'),
            _ => {
                decoded.push('%');
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 3..];
    }
    decoded.push_str(rest);
    decoded
}

/// Says why a path from a manifest may lead out of the package on some system, or `None` when it cannot.
///
/// A backslash separates on Windows, where the package is read too; so it is refused everywhere.
pub(crate) fn path_fault(path: &str) -> Option<&'static str> {
    let bytes = path.as_bytes();
    if path.starts_with('/') {
        Some("absolute")
    } else if path.contains('\\') {
        Some("backslash")
    } else if path.starts_with('~') {
        Some("home folder")
    } else if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' {
        Some("drive letter")
    } else if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some("empty part or dots")
    } else if path.contains('\0') {
        Some("NUL")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hex(c: char) -> String {
        String::from(c).repeat(DIGEST_CHARS)
    }

    #[test]
    fn the_canonical_form_has_one_spelling() {
        let (a, b) = (hex('a'), hex('b'));
        let rows = [
            ("two entries", format!("{a}  data/1\n{b}  data/2\n"), true),
            ("empty", String::new(), true),
            ("encoded", format!("{a}  data/50%25%0A.mp4\n"), true),
            ("no line feed at the end", format!("{a}  data/1"), false),
            ("blank line", format!("{a}  data/1\n\n"), false),
            ("only a line feed", "\n".to_owned(), false),
            ("capitals", format!("{}  data/1\n", a.to_uppercase()), false),
            ("one blank", format!("{a} data/1\n"), false),
            ("tab", format!("{a}\tdata/1\n"), false),
            ("not sorted", format!("{b}  data/2\n{a}  data/1\n"), false),
            ("twice", format!("{a}  data/1\n{a}  data/1\n"), false),
            ("CRLF", format!("{a}  data/1\r\n"), false),
            ("small escape", format!("{a}  data/%0a\n"), false),
            ("bare per cent", format!("{a}  data/50%\n"), false),
            ("byte order mark", format!("\u{feff}{a}  data/1\n"), false),
            ("short digest", format!("{}  data/1\n", &a[1..]), false),
            ("no path", format!("{a}  \n"), false),
        ];
        for (what, text, good) in rows {
            let parsed = Manifest::parse(text.as_bytes(), Form::Canonical);
            assert_eq!(parsed.is_ok(), good, "{what}: {parsed:?}");
        }
    }

    #[test]
    fn other_tools_spellings_are_read() {
        let a = hex('a');
        for text in [
            format!("{}  data/1\n", a.to_uppercase()),
            format!("{a} data/1"),
            format!("{a}\t\tdata/1\r\n"),
            format!("{a} *data/1\n\n"),
            format!("{a}  ./data/1\r"),
        ] {
            let parsed = Manifest::parse(text.as_bytes(), Form::Lenient).unwrap();
            assert_eq!(parsed.entries.get("data/1"), Some(&a), "lenient reading of {text:?}");
        }
        for text in [format!("{a}data/1\n"), "zz  data/1\n".to_owned(), format!("{a}  \n")] {
            assert!(Manifest::parse(text.as_bytes(), Form::Lenient).is_err(), "nonsense is refused: {text:?}");
        }
    }

    #[test]
    fn paths_survive_encoding() {
        for path in ["data/a\nb", "data/a\r\nb", "data/100%", "data/%0A", "data/%25", "data/取证%"] {
            assert_eq!(decode_path(&encode_path(path)), path, "there and back: {path:?}");
        }
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in [
            "../x",
            "data/../../x",
            "/etc/passwd",
            "~/x",
            "~root/x",
            r"C:\x",
            "C:/x",
            r"\\host\x",
            r"data\..\x",
            "data//x",
            "./data/x",
            "data/./x",
            "data/",
            "",
            "data/\0",
        ] {
            assert!(path_fault(path).is_some(), "{path:?} must be refused");
        }
        for path in ["data/x", "data/..x", "data/x~", "data/a:b", "bagit.txt"] {
            assert_eq!(path_fault(path), None, "{path:?} stays inside");
        }
    }
}
