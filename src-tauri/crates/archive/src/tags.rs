//! Tag files: `bagit.txt` and `bag-info.txt` (RFC 8493 §2.1.1, §2.2.2).

use crate::content::{PackageContent, SOFTWARE};
use model::{escape_bytes, format_instant};

pub(crate) const DECLARATION: &str = "bagit.txt";
pub(crate) const INFO: &str = "bag-info.txt";
pub(crate) const PAGE: &str = "index.html";
pub(crate) const INSTRUCTIONS: &str = "VERIFY.txt";
pub(crate) const MANIFEST_SHA256: &str = "manifest-sha256.txt";
pub(crate) const MANIFEST_BLAKE3: &str = "manifest-blake3.txt";
pub(crate) const TAGMANIFEST_SHA256: &str = "tagmanifest-sha256.txt";
pub(crate) const TAGMANIFEST_BLAKE3: &str = "tagmanifest-blake3.txt";

/// Every file of a package of ours that is not payload; the tag manifests list the first six.
pub(crate) const TAG_FILES: [&str; 8] =
    [DECLARATION, INFO, PAGE, INSTRUCTIONS, MANIFEST_SHA256, MANIFEST_BLAKE3, TAGMANIFEST_SHA256, TAGMANIFEST_BLAKE3];

/// The whole of our `bagit.txt`.
pub(crate) const DECLARATION_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const AGENT: &str = "Bag-Software-Agent";
const OXUM: &str = "Payload-Oxum";
const MADE_AT: &str = "Packaged-At";

/// Number and bytes of the payload files (RFC 8493: `Payload-Oxum`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oxum {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

/// Returns `bag-info.txt`. Reserved labels first, then our own, always in this order:
/// Source-Organization, External-Identifier, External-Description, Bagging-Date, Payload-Oxum, Bag-Software-Agent,
/// Case-Number, Case-Cause, Case-Party, Case-Department, Packaged-At, Packaged-By, Ledger-Head.
pub(crate) fn info(content: &PackageContent, oxum: Oxum) -> String {
    let case = &content.case.draft;
    let (event, digest) = content.ledger_head;
    let lines = [
        ("Source-Organization", content.unit.clone()),
        ("External-Identifier", content.number.clone()),
        ("External-Description", case.cause.clone()),
        ("Bagging-Date", content.zone.local(content.made_at).format("%Y-%m-%d").to_string()),
        (OXUM, format!("{}.{}", oxum.bytes, oxum.files)),
        (AGENT, content.software.clone()),
        ("Case-Number", case.number.clone()),
        ("Case-Cause", case.cause.clone()),
        ("Case-Party", case.party.clone()),
        ("Case-Department", case.department.clone()),
        (MADE_AT, format_instant(content.made_at)),
        ("Packaged-By", content.made_by.clone()),
        ("Ledger-Head", format!("{event} {digest}")),
    ];
    // Escaping keeps a value on its line, so that no text of a case becomes a label.
    lines.iter().map(|(label, value)| format!("{label}: {}\n", escape_bytes(value.as_bytes()))).collect()
}

/// What a `bag-info.txt` says, of whatever maker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Info(Vec<(String, String)>);

impl Info {
    /// Reads labels and values; a line that begins with a blank continues the one before.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines: Vec<(String, String)> = Vec::new();
        for line in text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
            match (line.strip_prefix([' ', '\t']), lines.last_mut(), line.split_once(':')) {
                (Some(more), Some((_, value)), _) => *value = format!("{value} {}", more.trim()),
                (None, _, Some((label, value))) => lines.push((label.trim().to_owned(), value.trim().to_owned())),
                _ => {}
            }
        }
        Self(lines)
    }

    fn get(&self, label: &str) -> Option<&str> {
        self.0.iter().find(|(held, _)| held.eq_ignore_ascii_case(label)).map(|(_, value)| value.as_str())
    }

    /// Tells whether a station of ours made the package.
    pub(crate) fn is_ours(&self) -> bool {
        self.get(AGENT).and_then(|agent| agent.split(' ').next()) == Some(SOFTWARE)
    }

    /// Returns the payload's size as written; `Some(None)` when what is written cannot be read.
    pub(crate) fn oxum(&self) -> Option<Option<Oxum>> {
        self.get(OXUM).map(|text| {
            let (bytes, files) = text.split_once('.')?;
            Some(Oxum { bytes: bytes.parse().ok()?, files: files.parse().ok()? })
        })
    }

    /// Returns when the package was made, as written.
    pub(crate) fn made_at(&self) -> Option<model::Instant> {
        self.get(MADE_AT).and_then(model::parse_instant)
    }
}

/// Returns the BagIt version of a declaration of whatever maker, or says what is wrong with it.
pub(crate) fn declared_version(text: &str) -> Result<&'static str, String> {
    let mut lines = text.lines();
    let value = |line: Option<&'_ str>, label: &str| match line.and_then(|line| line.split_once(':')) {
        Some((held, value)) if held == label => Ok(value.trim().to_owned()),
        _ => Err(format!("no line {label}")),
    };
    let version = value(lines.next(), "BagIt-Version")?;
    let encoding = value(lines.next(), "Tag-File-Character-Encoding")?;
    if !encoding.eq_ignore_ascii_case("UTF-8") {
        return Err(format!("encoding {encoding}"));
    }
    ["0.93", "0.94", "0.95", "0.96", "0.97", "1.0"]
        .into_iter()
        .find(|known| *known == version)
        .ok_or_else(|| format!("version {version}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn declarations_of_other_makers_are_read() {
        for (text, good) in [
            (DECLARATION_TEXT, true),
            ("BagIt-Version: 0.97\r\nTag-File-Character-Encoding: utf-8\r\n", true),
            ("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n", false),
            ("BagIt-Version: 1.0\n", false),
            ("BagIt-Version: 1.0\nTag-File-Character-Encoding: GBK\n", false),
            ("\u{feff}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", false),
            ("", false),
        ] {
            assert_eq!(declared_version(text).is_ok(), good, "declaration {text:?}");
        }
    }

    #[test]
    fn info_is_read_with_continuations() {
        let info = Info::parse("Bag-Software-Agent: EviDock\n 0.1.0\r\npayload-oxum: 12.3\n");
        assert!(info.is_ours(), "the agent continues on the next line");
        assert_eq!(info.oxum(), Some(Some(Oxum { bytes: 12, files: 3 })), "labels are read without regard to case");
        assert!(!Info::parse("Bag-Software-Agent: EviDockx 1\n").is_ours(), "a name that only begins like ours");
        assert_eq!(Info::parse("Payload-Oxum: 12\n").oxum(), Some(None), "an unreadable size is not no size");
    }
}
