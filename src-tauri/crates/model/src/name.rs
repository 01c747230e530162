//! File names as the recorder wrote them: any bytes. Shown escaped, stored safe, never trusted as a path.

/// Longest stored name in bytes: the common limit of ext4, XFS, exFAT and NTFS.
const NAME_BYTES_MAX: usize = 255;
/// Longest Joliet name in UTF-16 units that every reader accepts.
const DISC_NAME_UNITS_MAX: usize = 64;

/// A name as found on the drive.
///
/// [`ClipName::display`] is lossless: a backslash begins every escape, so two different names never look alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClipName(Vec<u8>);

impl ClipName {
    /// Takes the bytes as they are.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the name as it is shown, stored in the register and printed: control characters, direction marks
    /// and bytes that are no UTF-8 appear as escapes.
    pub fn display(&self) -> String {
        escape_bytes(&self.0)
    }

    /// Returns a name for our own disk: no separator, no control character, at most 255 bytes, the extension kept.
    pub fn stored(&self) -> String {
        let safe: String =
            String::from_utf8_lossy(&self.0)
                .chars()
                .map(|c| {
                    if is_plain(c) && !r#"/\:*?"<>|"#.contains(c) && c != char::REPLACEMENT_CHARACTER { c } else { '_' }
                })
                .collect();
        let trimmed = safe.trim_end_matches(['.', ' ']).trim_start_matches('.');
        let kept = if trimmed.is_empty() { "unnamed" } else { trimmed };
        // `clip.json` is the sidecar's own name in the same folder.
        let kept = if kept.eq_ignore_ascii_case("clip.json") { "_clip.json" } else { kept };
        shorten(kept, NAME_BYTES_MAX, str::len)
    }
}

/// Returns a name that ISO 9660 with Joliet can hold: no character beyond the basic plane, at most 64 UTF-16
/// units, no reserved device name of Windows. The true name stays in the file list.
pub fn disc_name(stored: &str) -> String {
    let basic: String = stored.chars().map(|c| if u32::from(c) > 0xFFFF || c == ';' { '_' } else { c }).collect();
    let stem = basic.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    let basic = if reserved { format!("_{basic}") } else { basic };
    shorten(&basic, DISC_NAME_UNITS_MAX, |s| s.encode_utf16().count())
}

/// Escapes bytes for people and for the register: valid plain text stays, the rest becomes `\n`, `\u{202e}`, `\xff`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str(r"\\"),
                c if is_plain(c) => out.push(c),
                c => out.extend(c.escape_default()),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!(r"\x{byte:02x}"));
        }
    }
    out
}

/// Tells whether a character can be shown as it is: no control, no direction mark, no invisible joiner.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(u32::from(c),
            0x00AD | 0x061C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Shortens the stem until the whole name measures at most `max`; an extension of up to 16 characters is kept.
fn shorten(name: &str, max: usize, measure: impl Fn(&str) -> usize) -> String {
    if measure(name) <= max {
        return name.to_owned();
    }
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name[dot..].chars().count() <= 17 => name.split_at(dot),
        _ => (name, ""),
    };
    let mut kept = stem.to_owned();
    while measure(&kept) + measure(extension) > max {
        kept.pop();
    }
    kept + extension
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_shown_and_stored_safely() {
        let rows: &[(&[u8], &str, &str)] = &[
            (b"VID_0001.MP4", "VID_0001.MP4", "VID_0001.MP4"),
            ("取证①.mp4".as_bytes(), "取证①.mp4", "取证①.mp4"),
            (b"a\nb.mp4", r"a\nb.mp4", "a_b.mp4"),
            (b"..", "..", "unnamed"),
            (b".hidden", ".hidden", "hidden"),
            (b"a\\b.mp4", r"a\\b.mp4", "a_b.mp4"),
            ("gpj\u{202e}4pm.exe".as_bytes(), r"gpj\u{202e}4pm.exe", "gpj_4pm.exe"),
            (b"\xff\xfe.avi", r"\xff\xfe.avi", "__.avi"),
            (b"CON.mp4. ", "CON.mp4. ", "CON.mp4"),
            (b"clip.json", "clip.json", "_clip.json"),
        ];
        for (bytes, shown, stored) in rows {
            let name = ClipName::from_bytes(bytes.to_vec());
            assert_eq!(name.display(), *shown, "shown form of {bytes:?}");
            assert_eq!(name.stored(), *stored, "stored form of {bytes:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = ClipName::from_bytes(format!("{}.MP4", "证".repeat(90)).into_bytes());
        let stored = name.stored();
        assert!(stored.len() <= NAME_BYTES_MAX && stored.ends_with(".MP4"), "got {stored}");
        let on_disc = disc_name(&stored);
        assert_eq!(on_disc.encode_utf16().count(), DISC_NAME_UNITS_MAX, "Joliet holds 64 units");
        assert!(on_disc.ends_with(".MP4"));
    }

    #[test]
    fn disc_names_avoid_what_joliet_and_windows_cannot_hold() {
        for (stored, on_disc) in [("𠮷.mp4", "_.mp4"), ("con.mp4", "_con.mp4"), ("COM1", "_COM1"), ("a;b", "a_b")] {
            assert_eq!(disc_name(stored), on_disc, "disc name of {stored}");
        }
    }
}
