//! Why a package or an image was not made, or could not be looked at.

use model::ErrorCode;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why an act of this room stopped. What is wrong *inside* a package is never an error but a finding.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The content breaks a promise of [`crate::PackageContent`].
    #[error("the package cannot be planned: {what}")]
    Incomplete { what: String },
    /// The clips' digests do not give the root hash printed on the statement.
    #[error("the clips do not give the root hash of statement {statement}")]
    RootDiffers { statement: String },
    #[error("cannot read the original of clip {clip}")]
    OriginalUnreadable { clip: String, source: io::Error },
    /// The vault holds other bytes than were registered.
    #[error("the original of clip {clip} is not what was registered")]
    OriginalDiffers { clip: String },
    #[error("cannot copy the original of clip {clip}")]
    Copy { clip: String, source: fixity::CopyError },
    #[error("cannot read the paper of statement {statement}")]
    PaperUnreadable { statement: String, source: io::Error },
    #[error("the paper of statement {statement} is not what was registered")]
    PaperDiffers { statement: String },
    #[error("cannot make the file list")]
    FileList { source: forms::FormError },
    #[error("{} exists already", .path.display())]
    OutputExists { path: PathBuf },
    #[error("cannot write {}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the volume id {id:?} is not 1 to 16 of A-Z, 0-9 and _")]
    VolumeId { id: String },
    #[error("the program {tool} is not installed")]
    ToolMissing { tool: &'static str },
    #[error("cannot run the program {tool}")]
    ToolUnusable { tool: &'static str, source: io::Error },
    /// The tool's own words.
    #[error("cannot write the image {}: {said}", .path.display())]
    ImageFailed { path: PathBuf, said: String },
    /// The image read back is not the package; it was removed.
    #[error("the image {} read back differs from the package: {findings}", .path.display())]
    ImageDiffers { path: PathBuf, findings: String },
    #[error("cancelled")]
    Cancelled,
}

impl ArchiveError {
    /// Returns the code under which the wire and the wording know the error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Incomplete { .. } => ErrorCode::PackageIncomplete,
            Self::RootDiffers { .. } | Self::OriginalDiffers { .. } | Self::PaperDiffers { .. } => {
                ErrorCode::VerifyFailed
            }
            Self::OriginalUnreadable { .. } | Self::PaperUnreadable { .. } | Self::Read { .. } => {
                ErrorCode::SourceFailed
            }
            Self::Copy { source, .. } => copy_code(source),
            Self::FileList { source: forms::FormError::GlyphMissing { .. } } => ErrorCode::GlyphMissing,
            Self::FileList { source: forms::FormError::FaceMissing { .. } } => ErrorCode::FontMissing,
            Self::FileList { .. } => ErrorCode::FormFailed,
            Self::OutputExists { .. } => ErrorCode::OutputExists,
            Self::Write { source, .. } => write_code(source),
            Self::VolumeId { .. } => ErrorCode::InvalidInput,
            Self::ToolMissing { .. } | Self::ToolUnusable { .. } => ErrorCode::ToolMissing,
            Self::ImageFailed { .. } | Self::ImageDiffers { .. } => ErrorCode::ImageFailed,
            Self::Cancelled => ErrorCode::Cancelled,
        }
    }
}

fn copy_code(error: &fixity::CopyError) -> ErrorCode {
    use fixity::{CopyError, StageError};
    match error {
        CopyError::Stage(StageError::Source(_)) => ErrorCode::SourceFailed,
        CopyError::Stage(StageError::Target(error)) | CopyError::Sync(error) => write_code(error),
        CopyError::Stage(StageError::Cancelled) => ErrorCode::Cancelled,
        CopyError::ReadBack(_) | CopyError::Mismatch => ErrorCode::TargetFailed,
    }
}

fn write_code(error: &io::Error) -> ErrorCode {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::TargetFull,
        io::ErrorKind::ReadOnlyFilesystem => ErrorCode::TargetReadOnly,
        _ => ErrorCode::TargetFailed,
    }
}
