use register::RegisterError;
use std::io;
use std::path::PathBuf;

/// Trouble with our own disk, register or programs: stops the run at once.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("the disk of the vault has {free} bytes free, the drive holds {needed}")]
    TargetFull { needed: u64, free: u64 },
    #[error("the disk of the vault is read-only")]
    TargetReadOnly,
    #[error("cannot {doing} {path}")]
    Target {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Nobody waits for this run any more; its job was closed for it.
    #[error("the run was given up")]
    Abandoned,
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error("cannot look into the footage")]
    Probe(#[from] media::ProbeError),
}

impl IntakeError {
    pub(crate) fn target(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.into();
            Self::Target { doing, path, source }
        }
    }

    /// Tells whether it may be one copy's and not the disk's: then the copy is made again.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Target { .. }) && self.code() == model::ErrorCode::TargetFailed
    }

    /// Returns what was being done and what the system said.
    pub(crate) fn chain(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }

    /// Returns the code under which it is shown.
    pub fn code(&self) -> model::ErrorCode {
        use model::ErrorCode;
        match self {
            Self::TargetFull { .. } => ErrorCode::TargetFull,
            Self::TargetReadOnly => ErrorCode::TargetReadOnly,
            Self::Abandoned => ErrorCode::SourceStalled,
            Self::Target { source, .. } | Self::Register(RegisterError::Io { source, .. }) => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::TargetFull,
                io::ErrorKind::ReadOnlyFilesystem => ErrorCode::TargetReadOnly,
                // The ledger file or the copy: what stopped is another thing, and so is the advice.
                _ if matches!(self, Self::Register(_)) => ErrorCode::RegisterFailed,
                _ => ErrorCode::TargetFailed,
            },
            Self::Register(error) if error.is_full() => ErrorCode::TargetFull,
            Self::Register(error) if error.is_read_only() => ErrorCode::TargetReadOnly,
            Self::Register(_) => ErrorCode::RegisterFailed,
            Self::Probe(_) => ErrorCode::ToolMissing,
        }
    }
}
