use std::path::Path;

/// Content types of what recorders and the station write. GStreamer sniffs anyway; browsers go by the type.
/// `ts` is always a transport stream here, never TypeScript.
const CONTENT_TYPES: &[(&str, &[&str])] = &[
    ("video/mp4", &["mp4", "m4v"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/x-msvideo", &["avi"]),
    ("video/mp2t", &["ts", "mts", "m2ts", "m2t"]),
    ("video/x-matroska", &["mkv"]),
    ("video/webm", &["webm"]),
    ("video/mpeg", &["mpg", "mpeg", "vob"]),
    ("video/3gpp", &["3gp"]),
    ("video/x-ms-wmv", &["wmv"]),
    ("video/x-flv", &["flv"]),
    ("audio/wav", &["wav"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/mp4", &["m4a"]),
    ("audio/aac", &["aac"]),
    ("audio/amr", &["amr"]),
    ("audio/flac", &["flac"]),
    ("audio/ogg", &["ogg", "oga"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/bmp", &["bmp"]),
    ("application/pdf", &["pdf"]),
];

/// Returns the content type of a file name; anything unknown is bytes, which no browser runs.
pub(crate) fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let known = CONTENT_TYPES.iter().find(|(_, extensions)| extensions.contains(&extension.as_str()));
    known.map_or("application/octet-stream", |(content_type, _)| content_type)
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn the_extension_names_the_content_type() {
        for (path, expected) in [
            ("originals/C-1.mp4", "video/mp4"),
            ("originals/C-1.MP4", "video/mp4"),
            ("a.mov", "video/quicktime"),
            ("a.AVI", "video/x-msvideo"),
            ("a.ts", "video/mp2t"),
            ("a.MTS", "video/mp2t"),
            ("a.mkv", "video/x-matroska"),
            ("a.wav", "audio/wav"),
            ("frames/0.jpg", "image/jpeg"),
            ("文〔2026〕3号.pdf", "application/pdf"),
            ("a.html", "application/octet-stream"),
            ("a.svg", "application/octet-stream"),
            ("mp4", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path.as_ref()), expected, "{path:?} would play or run wrongly");
        }
    }
}
