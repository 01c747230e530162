//! A refused or failed use case: a code for the screen, what fills its wording, and the cause for the log.

use archive::ArchiveError;
use forms::FormError;
use intake::IntakeError;
use model::ErrorCode;
use register::RegisterError;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// Why a use case was refused or failed.
#[derive(Debug)]
pub struct Failure {
    pub code: ErrorCode,
    /// Fills the placeholders of the wording.
    pub params: BTreeMap<String, String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// Returns a failure without cause.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, params: BTreeMap::new(), cause: None }
    }

    /// Returns a refusal of something that was entered.
    pub fn invalid(field: &str) -> Self {
        Self::new(ErrorCode::InvalidInput).with("field", field)
    }

    /// Returns a refusal because there is no such thing.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound).with("what", what)
    }

    /// Adds what fills a placeholder.
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.params.insert(key.to_owned(), value.to_string());
        self
    }

    /// Adds the cause.
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Returns the whole chain of causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.code.to_string();
        let mut next: Option<&dyn Error> = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(cause) = next {
            text += &format!(": {cause}");
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        self.params.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        let code = match &error {
            RegisterError::Newer { found, .. } => {
                return Self::new(ErrorCode::VaultNewer).with("version", found).because(error);
            }
            RegisterError::Missing(_) => ErrorCode::RegisterMissing,
            RegisterError::Exists(_) => ErrorCode::VaultExists,
            RegisterError::ForeignMigration(_)
            | RegisterError::Damaged(_)
            | RegisterError::MirrorDiffers { .. }
            | RegisterError::LedgerBroken { .. }
            | RegisterError::Malformed { .. } => ErrorCode::RegisterDamaged,
            error if error.is_damage() => ErrorCode::RegisterDamaged,
            error if error.is_full() => ErrorCode::TargetFull,
            error if error.is_read_only() => ErrorCode::TargetReadOnly,
            _ => ErrorCode::RegisterFailed,
        };
        Self::new(code).because(error)
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        let mut failure = Self::new(error.code());
        match &error {
            IntakeError::TargetFull { needed, free } => {
                failure = failure.with("needed", needed).with("free", free);
            }
            IntakeError::Target { path, .. } => failure = failure.with("path", path.display()),
            IntakeError::Probe(_) => failure = failure.with("tool", "evidock-probe"),
            IntakeError::TargetReadOnly | IntakeError::Register(_) | IntakeError::Abandoned => {}
        }
        failure.because(error)
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        let failure = match &error {
            FormError::GlyphMissing { char } => Self::new(ErrorCode::GlyphMissing).with("glyph", char),
            FormError::FaceMissing { .. } => Self::new(ErrorCode::FontMissing),
            FormError::Incomplete { .. } => Self::new(ErrorCode::StatementIncomplete),
            FormError::Missing { keys, .. } => Self::new(ErrorCode::PaperIncomplete).with("missing", keys.join(",")),
            FormError::UnknownKind { kind } => Self::not_found(kind),
            FormError::UnknownKey { key, .. }
            | FormError::NoChoice { key, .. }
            | FormError::NotOneLine { key, .. }
            | FormError::Columns { key, .. } => Self::invalid(key),
            _ => Self::new(ErrorCode::FormFailed),
        };
        failure.because(error)
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let mut failure = Self::new(error.code());
        match &error {
            ArchiveError::OutputExists { path }
            | ArchiveError::Write { path, .. }
            | ArchiveError::Read { path, .. } => {
                failure = failure.with("path", path.display());
            }
            ArchiveError::ToolMissing { tool } => failure = failure.with("tool", tool),
            _ => {}
        }
        failure.because(error)
    }
}
