//! What `evidock-probe` writes on standard output: one JSON document a line. Shared by both sides, private to this room.

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    Readable(Facts),
    /// Key frames in the order of their files, `frame-01.jpg` first.
    Drawn(Vec<Still>),
    Unreadable {
        reason: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Facts {
    pub container: String,
    pub duration_ms: Option<u64>,
    pub video_codec: Option<String>,
    pub width: u32,
    pub height: u32,
    pub frame_rate_milli: u32,
    pub audio_codec: Option<String>,
    /// As the container has it; read by the parent.
    pub created: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Still {
    pub position_ms: u64,
    pub width: u32,
    pub height: u32,
}

/// Returns the name of the n-th key frame, counted from 1.
pub fn frame_name(number: usize) -> String {
    format!("frame-{number:02}.jpg")
}

/// Returns the name a key frame has while it is being written.
pub fn unfinished_name(number: usize) -> String {
    format!(".{}.part", frame_name(number))
}
