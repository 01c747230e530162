use std::io;
use std::path::{Path, PathBuf};

/// Why the register could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("there is no register in {0}")]
    Missing(PathBuf),
    #[error("there is a register in {0} already")]
    Exists(PathBuf),
    #[error("the register has layout {found}, this program knows {known}")]
    Newer { found: u32, known: u32 },
    #[error("the register's layout step {0} is not the one this program wrote")]
    ForeignMigration(u32),
    #[error("the register is damaged: {0}")]
    Damaged(String),
    #[error("the ledger file {path} disagrees with the register: {why}")]
    MirrorDiffers { path: PathBuf, why: String },
    /// A file that is not taken for a backup of this register.
    #[error("the backup {path} cannot be used: {why}")]
    Unfit { path: PathBuf, why: String },
    #[error("the ledger breaks at event {seq}: {why}")]
    LedgerBroken { seq: u64, why: String },
    /// A value from outside that the ledger's form does not hold.
    #[error("the event {kind} would not be read back as it is")]
    Unwritable { kind: &'static str },
    /// An earlier write failed in the disk; what is on it is not known until the register is opened again.
    #[error("the register is closed for writing after a disk error")]
    Poisoned,
    #[error("cannot {doing} in the register")]
    Sqlite {
        doing: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    #[error("cannot {doing} {path}")]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the register holds an unreadable {what}: {value}")]
    Malformed { what: &'static str, value: String },
}

impl RegisterError {
    pub(crate) fn sqlite(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing, source }
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.into(), source }
    }

    /// Names the file that was meant where a copy of it was looked at.
    pub(crate) fn naming(self, meant: &Path) -> Self {
        match self {
            Self::Unfit { why, .. } => Self::Unfit { path: meant.to_owned(), why },
            other => other,
        }
    }

    /// Tells whether the disk or its space is the cause.
    pub fn is_disk(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Poisoned => true,
            Self::Sqlite { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(
                    rusqlite::ErrorCode::DiskFull
                        | rusqlite::ErrorCode::SystemIoFailure
                        | rusqlite::ErrorCode::ReadOnly
                        | rusqlite::ErrorCode::CannotOpen
                )
            ),
            _ => false,
        }
    }

    /// Tells whether the file itself is the cause: no database, or one that contradicts itself.
    pub fn is_damage(&self) -> bool {
        let code = match self {
            Self::Sqlite { source, .. } => source.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt))
    }

    /// Tells whether the disk or the file may not be written.
    pub fn is_read_only(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::ReadOnlyFilesystem,
            Self::Sqlite { source, .. } => source.sqlite_error_code() == Some(rusqlite::ErrorCode::ReadOnly),
            _ => false,
        }
    }

    /// Tells whether the disk was full.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::Sqlite { source, .. } => source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => false,
        }
    }
}

/// Names what was being done when SQLite failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, RegisterError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, RegisterError> {
        self.map_err(RegisterError::sqlite(doing))
    }
}
