//! What a container says of itself, as far as libav could read it.

use crate::Instant;

/// Facts of a playable file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaFacts {
    /// Container format by its FFmpeg name, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    pub duration_ms: Option<u64>,
    /// Video codec by its FFmpeg name; `None` for sound only.
    pub video_codec: Option<String>,
    pub width: u32,
    pub height: u32,
    /// Frames per 1000 seconds.
    pub frame_rate_milli: u32,
    pub audio_codec: Option<String>,
    /// Creation time the recorder wrote into the container.
    pub created: Option<Instant>,
}

/// The result of looking into a file. Never touches custody: an unreadable file is still evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaOutcome {
    /// libav read it and decoded a frame.
    Readable(MediaFacts),
    /// 无法解析: libav refused, crashed or ran past its limits; the reason in its words.
    Unreadable { reason: String },
}
