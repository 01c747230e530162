use model::ProblemCode;
use std::io;
use std::path::PathBuf;

/// Why the dock could not be looked at, watched, or a drive not recognised.
#[derive(Debug, thiserror::Error)]
pub enum DockError {
    #[error("cannot read the mount table {}", path.display())]
    MountTable { path: PathBuf, source: io::Error },
    /// The kernel writes this table; a line we cannot read means that we would miss a drive.
    #[error("cannot understand line {line} of the mount table: {text}")]
    MountLine { line: usize, text: String },
    #[error("cannot list the dock folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot watch the mount table")]
    WatchMounts { source: io::Error },
    #[error("cannot watch the dock folder {}", path.display())]
    WatchFolder { path: PathBuf, source: notify::Error },
    #[error("cannot accept the recorder profile {file}, line {line}: {reason}")]
    Profile { file: String, line: usize, reason: String },
    #[error("cannot read the drive at {}", path.display())]
    Drive { path: PathBuf, source: io::Error },
}

/// Why one file on a drive was not opened. Paths are relative to the drive and escaped.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path} leads through a link")]
    Link { path: String },
    #[error("{path} is no regular file")]
    Special { path: String },
    /// Another file stands under the name than the inventory listed.
    #[error("{path} is not the file that was listed")]
    Replaced { path: String },
    #[error("{path} is gone")]
    Gone { path: String },
    #[error("cannot open {path}")]
    Open { path: String, source: io::Error },
}

impl SourceError {
    /// Returns the code under which the refusal is listed.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Link { .. } => ProblemCode::SymlinkRefused,
            Self::Special { .. } => ProblemCode::SpecialFileRefused,
            Self::Replaced { .. } => ProblemCode::ChangedWhileReading,
            Self::Gone { .. } => ProblemCode::Vanished,
            Self::Open { .. } => ProblemCode::Unreadable,
        }
    }
}

impl From<SourceError> for io::Error {
    fn from(refusal: SourceError) -> Self {
        match refusal {
            SourceError::Open { source, .. } => source,
            SourceError::Gone { .. } => io::Error::new(io::ErrorKind::NotFound, refusal),
            _ => io::Error::other(refusal),
        }
    }
}
