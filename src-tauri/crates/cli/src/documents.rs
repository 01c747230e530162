//! Documents of `--json` where the wire has no shape of its own. Keys are part of the contract with scripts.

use register::ClipRow;
use serde::Serialize;
use wire::dto::{self, ProblemView, WireError};

/// A clip in a list, with its digests.
#[derive(Debug, Serialize)]
pub struct ClipDocument {
    #[serde(flatten)]
    pub row: dto::ClipRow,
    pub blake3: String,
    pub sha256: String,
    pub sm3: String,
    /// Below the vault.
    pub stored_path: String,
}

impl From<&ClipRow> for ClipDocument {
    fn from(row: &ClipRow) -> Self {
        let digests = row.clip.digests;
        Self {
            row: wire::view::clip(row),
            blake3: digests.blake3.to_string(),
            sha256: digests.sha256.to_string(),
            sm3: digests.sm3.to_string(),
            stored_path: row.clip.stored_path.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ClipsDocument {
    /// All that match.
    pub total: u64,
    pub clips: Vec<ClipDocument>,
}

/// A docked drive, with the path that `intake` takes.
#[derive(Debug, Serialize)]
pub struct DriveDocument {
    #[serde(flatten)]
    pub drive: dto::DriveView,
    pub path: String,
}

/// A clip that an intake met.
#[derive(Debug, Serialize)]
pub struct MetClip {
    #[serde(flatten)]
    pub clip: ClipDocument,
    /// Another intake had stored it before.
    pub already_held: bool,
}

#[derive(Debug, Serialize)]
pub struct IntakeDocument {
    pub job: String,
    pub clips: Vec<MetClip>,
    pub problems: Vec<ProblemView>,
    pub summary: IntakeSummary,
    /// Sessions formed from what was stored and that await a statement.
    pub awaiting_sessions: Vec<String>,
    /// Only when our own disk or register failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
}

#[derive(Debug, Serialize)]
pub struct IntakeSummary {
    pub state: dto::JobState,
    pub source: String,
    pub recorder: String,
    /// Regular files that the inventory listed.
    pub files: u64,
    pub stored: u64,
    pub stored_bytes: u64,
    pub already_held: u64,
    /// Stored, but libav could not read it.
    pub unreadable_media: u64,
    /// Not taken in.
    pub refused: u64,
}

#[derive(Debug, Serialize)]
pub struct PackDocument {
    pub id: String,
    pub bureau: String,
    pub title: String,
    /// `2019-10-01`; `None` where the text names no day.
    pub valid_from: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct VaultDocument {
    pub vault: String,
    pub id: String,
    pub unit: String,
    pub rule_pack: dto::RulePack,
    pub zone_minutes: i32,
}

#[derive(Debug, Serialize)]
pub struct FsckDocument {
    pub at: String,
    pub metadata_only: bool,
    pub clips: u64,
    /// Bytes read.
    pub bytes: u64,
    pub findings: Vec<ProblemView>,
    pub clean: bool,
}

/// A round of the scrub.
#[derive(Debug, Serialize)]
pub struct ScrubDocument {
    pub round: u64,
    pub began: String,
    pub ended: String,
    pub clips: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Clips that a cache may have answered for.
    pub not_cold: u64,
    /// Of the whole round, also of a part that was read before.
    pub findings_total: u64,
    /// Of the part that was read now.
    pub findings: Vec<ProblemView>,
    pub clean: bool,
}

#[derive(Debug, Serialize)]
pub struct AlarmDocument {
    pub id: String,
    pub kind: String,
    /// An id, a number or a place.
    pub subject: String,
    /// 片段编号 of the clip that it is about.
    pub number: Option<String>,
    pub detail: String,
    /// The rule that calls for it; empty where none does.
    pub article: String,
    pub raised_at: String,
    /// `None` while it stands.
    pub acknowledged_at: Option<String>,
    pub acknowledged_by: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct RebuildDocument {
    /// From the ledger files.
    pub events: u64,
    /// From originals that the ledger files do not know.
    pub adopted: u64,
    pub problems: Vec<ProblemView>,
    /// Where the register that was still there lies now.
    pub set_aside: Option<String>,
    /// Drafts taken over from it.
    pub drafts: usize,
    /// Why drafts could not be taken over.
    pub drafts_lost: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct VerifyDocument {
    pub path: String,
    /// Whether a station of ours made it.
    pub ours: bool,
    /// SHA-256 of `tagmanifest-sha256.txt`, to be compared with the paper.
    pub root: Option<String>,
    pub checked: u64,
    pub bytes: u64,
    /// What nobody could check here.
    pub unchecked: Vec<String>,
    pub findings: Vec<ProblemView>,
    pub clean: bool,
}

/// A signed statement, with the place of its paper.
#[derive(Debug, Serialize)]
pub struct StatementDocument {
    pub number: String,
    pub session: String,
    pub revision: u32,
    pub fields: dto::StatementFields,
    pub signed_at: String,
    pub signed_by: String,
    pub reason: String,
    pub root: String,
    pub pdf: String,
    pub pdf_sha256: String,
}

impl From<&station::SignedStatement> for StatementDocument {
    fn from(signed: &station::SignedStatement) -> Self {
        let view = wire::view::statement(signed, "");
        Self {
            number: view.number,
            session: signed.row.session.to_string(),
            revision: view.revision,
            fields: view.fields,
            signed_at: view.signed_at,
            signed_by: view.signed_by,
            reason: view.reason,
            root: view.root,
            pdf: signed.pdf.display().to_string(),
            pdf_sha256: view.pdf_sha256,
        }
    }
}

#[derive(Debug, Serialize)]
pub struct DraftDocument {
    pub session: String,
    #[serde(flatten)]
    pub draft: dto::Draft,
}

#[derive(Debug, Serialize)]
pub struct SessionDocument {
    pub row: dto::SessionRow,
    pub clips: Vec<dto::ClipRow>,
    pub gaps: Vec<dto::GapView>,
    /// What it is asked, what was answered, and what it lacks.
    pub inquiry: dto::InquiryView,
    pub draft: dto::Draft,
    pub statements: Vec<StatementDocument>,
}

#[derive(Debug, Serialize)]
pub struct PaperDocument {
    pub number: String,
    pub out: String,
    pub sha256: String,
}

/// An issued paper, with the place of its PDF.
#[derive(Debug, Serialize)]
pub struct IssuedPaperDocument {
    pub number: String,
    pub kind: String,
    pub title: String,
    pub subject_kind: String,
    pub subject: String,
    /// What the subject is called.
    pub about: String,
    pub basis: String,
    pub record: String,
    pub sheets: u32,
    pub issued_at: String,
    pub issued_by: String,
    pub pdf: String,
    pub pdf_sha256: String,
    /// `None` while it holds.
    pub voided_at: Option<String>,
    pub voided_by: Option<String>,
    pub void_reason: Option<String>,
}

impl IssuedPaperDocument {
    pub fn new(paper: &station::IssuedPaper, about: String) -> Self {
        let row = &paper.row;
        let voided = row.voided.as_ref();
        Self {
            number: row.number.clone(),
            kind: row.kind.clone(),
            title: row.title.clone(),
            subject_kind: row.subject.kind.code().to_owned(),
            subject: row.subject.id.clone(),
            about,
            basis: row.basis.clone(),
            record: row.record.to_string(),
            sheets: row.sheets,
            issued_at: model::format_instant(row.issued_at),
            issued_by: row.issued_by.clone(),
            pdf: paper.pdf.display().to_string(),
            pdf_sha256: row.pdf_sha256.to_string(),
            voided_at: voided.map(|done| model::format_instant(done.at)),
            voided_by: voided.map(|done| done.by.clone()),
            void_reason: voided.map(|done| done.reason.clone()),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ChecklistImportDocument {
    #[serde(flatten)]
    pub plan: dto::ChecklistImport,
    /// The version that was saved; `None`: only the plan was asked for.
    pub written: Option<u32>,
}

#[derive(Debug, Serialize)]
pub struct ServeDocument {
    pub address: String,
}
