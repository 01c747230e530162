use std::path::{Path, PathBuf};

use serde_json::Value;
use wire::dto::{Notice, WireError};

/// Hears every notice until its [`Subscription`] is dropped. Called on threads of the station; it never blocks.
pub type Listener = Box<dyn Fn(Notice) + Send + Sync>;

/// Ends the listening when dropped.
pub type Subscription = Box<dyn Send + Sync>;

/// What the server stands for: the station, or a stand-in under test. Calls may block; they run on threads of their
/// own.
pub trait Served: Send + Sync + 'static {
    /// Answers one command of [`wire::COMMANDS`].
    fn call(&self, command: &str, request: Value) -> Result<Value, WireError>;

    fn listen(&self, each: Listener) -> Subscription;

    /// Finds a file by id. An id that is unknown, whatever it looks like, has none.
    fn file(&self, kind: FileKind, id: &str) -> Option<ServedFile>;
}

/// Which file of an id is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The original of a clip, by clip id.
    Footage,
    /// The n-th key frame of a clip, from 0, by clip id.
    Frame(u32),
    /// The PDF of a signed statement, by statement number.
    Statement,
}

/// A file that may be shown, opened for reading only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedFile {
    pub path: PathBuf,
    pub content_type: &'static str,
}

impl ServedFile {
    /// Returns the file with the content type of its extension.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let content_type = content_type(&path);
        Self { path, content_type }
    }
}

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
fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let known = CONTENT_TYPES.iter().find(|(_, extensions)| extensions.contains(&extension.as_str()));
    known.map_or("application/octet-stream", |(content_type, _)| content_type)
}

#[cfg(test)]
mod tests {
    use super::ServedFile;

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
            assert_eq!(ServedFile::new(path).content_type, expected, "{path:?} would play or run wrongly");
        }
    }
}
