use super::{ByteRange, ClockView, wire_type};

wire_type! {
    /// Search and filters of 证据库; empty fields do not filter.
    #[derive(Default)]
    pub struct ClipQuery {
        /// Words of one character or more; all must occur.
        pub text: String,
        pub recorder: Option<String>,
        pub case: Option<String>,
        pub session: Option<String>,
        pub state: Option<String>,
        /// RFC 3339; recorded at or after.
        pub from: Option<String>,
        /// RFC 3339; recorded before.
        pub to: Option<String>,
        /// Continue behind this page.
        pub after: Option<String>,
        /// Rows, at most 500.
        pub limit: u32,
    }

    pub struct ClipPage {
        pub rows: Vec<ClipRow>,
        /// Pass as `after` for the next page; `None` at the end.
        pub next: Option<String>,
        /// All rows that match.
        pub total: u64,
    }

    pub struct ClipRow {
        pub id: String,
        pub number: String,
        pub original_name: String,
        pub size: u64,
        /// `verified`, `mismatch`, `damaged`, `suspect`.
        pub state: String,
        /// `V1`, `V2-cached`, `V2`, `V3-cached`, `V3`.
        pub level: String,
        pub recorder: String,
        pub recorded_from: Option<String>,
        pub duration_ms: Option<u64>,
        /// `None` before the probe has run.
        pub playable: Option<bool>,
        pub session: Option<String>,
        pub case_number: Option<String>,
        pub taken_in_at: String,
    }

    pub struct ClipRef { pub clip: String }

    /// One clip with its whole history.
    pub struct ClipDetail {
        pub row: ClipRow,
        pub blake3: String,
        pub sha256: String,
        pub sm3: String,
        pub stored_path: String,
        pub recorded_to: Option<String>,
        /// `name`, `container`, `file-time`.
        pub time_source: Option<String>,
        pub media: Option<MediaView>,
        /// What could not be read; zeros stand in its place.
        pub unreadable: Vec<ByteRange>,
        /// By when it had to be stored; `None` where no rule judges it, or the end of the recording is not known.
        pub store_clock: Option<super::StoreClock>,
        /// What people say it is.
        pub marks: Vec<super::MarkView>,
        /// 迟存原因; `None` while nobody has said.
        pub late_reason: Option<super::LateReason>,
        /// `None` where no rule judges it.
        pub retention: Option<super::Retention>,
        /// When it was last read back, after it was taken in.
        pub checked_at: Option<String>,
        /// Second readings from the drive, the newest first.
        pub readings: Vec<ReadingView>,
        pub copies: Vec<CopyView>,
        /// How far the clock of the recorder was off at the intake.
        pub clock: Option<ClockView>,
        pub sightings: Vec<SightingView>,
        pub history: Vec<HistoryEntry>,
    }

    pub struct MediaView {
        pub readable: bool,
        /// Why not, in libav's words.
        pub reason: String,
        pub container: String,
        pub duration_ms: Option<u64>,
        pub video_codec: Option<String>,
        pub width: u32,
        pub height: u32,
        pub frame_rate_milli: u32,
        pub audio_codec: Option<String>,
        pub created: Option<String>,
    }

    pub struct SightingView {
        pub path: String,
        pub volume: String,
        pub job: String,
        pub seen_at: String,
        /// Modification time on the drive as the mount gave it, seconds since 1970.
        pub source_mtime: i64,
        /// The same time as the fields that FAT or exFAT stores; empty where the file system stores UTC.
        pub local: String,
    }

    /// A second reading of a clip from its drive.
    pub struct ReadingView {
        pub at: String,
        pub path: String,
        pub same: bool,
        /// What the drive gave.
        pub blake3: String,
        /// `direct`, `evicted` or `not_excluded`.
        pub coldness: String,
    }

    /// 第二份 of a clip.
    pub struct CopyView {
        /// Id of the place.
        pub place: String,
        /// Below the place.
        pub path: String,
        pub good: bool,
        pub made_at: String,
        pub checked_at: Option<String>,
    }

    /// One ledger event as people read it; words in `assets/wording/events.json`.
    pub struct HistoryEntry {
        pub seq: u64,
        pub at: String,
        pub kind: String,
        pub actor: String,
        pub reason: String,
    }

    /// Addresses for the player, valid while the station runs.
    pub struct ClipMedia {
        /// Footage, with Range requests.
        pub url: String,
        /// Key frames for the contact sheet; empty when the file cannot be decoded.
        pub frames: Vec<FrameView>,
    }

    pub struct FrameView { pub url: String, pub position_ms: u64 }
}
