//! What a package is made from: plain values, gathered by the caller.

use model::{Case, ClipState, Digest, Digests, Instant, Level, StationZone};
use std::path::PathBuf;

/// The first word of [`PackageContent::software`]; by it [`crate::verify`] knows a package of ours and applies
/// the stricter rules.
pub const SOFTWARE: &str = "EviDock";

/// Everything a package holds and says.
#[derive(Clone, Debug)]
pub struct PackageContent {
    /// 归档包编号, such as `归〔2026〕3号`.
    pub number: String,
    /// 单位
    pub unit: String,
    pub case: Case,
    pub made_at: Instant,
    /// As [`model::Actor::display`] gives it.
    pub made_by: String,
    /// All times on paper and page are read in this zone.
    pub zone: StationZone,
    pub sessions: Vec<PackagedSession>,
    /// Number and digest of the last ledger event before the package.
    pub ledger_head: (u64, Digest),
    /// [`SOFTWARE`] and the version, such as `EviDock 0.1.0`.
    pub software: String,
}

/// One session with its statement and its clips in recording order.
#[derive(Clone, Debug)]
pub struct PackagedSession {
    /// Such as `场次 1`.
    pub title: String,
    pub recorder: String,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    pub statement: PackagedStatement,
    pub clips: Vec<PackagedClip>,
}

/// A signed statement; the texts are those of its paper.
#[derive(Clone, Debug)]
pub struct PackagedStatement {
    pub number: String,
    pub revision: u32,
    /// 取证人员, with their certificate numbers.
    pub officers: String,
    /// 取证时间 起
    pub taken_from: String,
    /// 取证时间 止
    pub taken_to: String,
    /// 取证地点
    pub place: String,
    /// The root hash in the paper's QR code: SHA-256 of [`crate::clip_list`].
    pub root: Digest,
    pub pdf: PathBuf,
    pub pdf_sha256: Digest,
}

/// One original.
#[derive(Clone, Debug)]
pub struct PackagedClip {
    /// 片段编号, such as `P2026-000012`.
    pub number: String,
    /// Name on the recorder, escaped for display.
    pub original_name: String,
    /// The original in the vault; its file name is the one made safe at intake.
    pub source: PathBuf,
    pub size: u64,
    pub digests: Digests,
    pub level: Level,
    pub state: ClipState,
    /// Bytes that could not be read; 0 unless damaged.
    pub unreadable: u64,
    pub recorded_from: Option<Instant>,
    pub recorded_to: Option<Instant>,
    pub duration_ms: Option<u64>,
    /// Whether libav decoded a frame of it.
    pub playable: bool,
}
