//! Why a rule file is refused.

/// Why a rule file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule file {file} is refused{}: {} {subject}", line.map(|line| format!(" in line {line}")).unwrap_or_default(), reason.code())]
pub struct RuleError {
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
    pub reason: RuleFault,
    /// What the reason is about: an id, a key, or the words of the TOML parser.
    pub subject: String,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What is wrong with a rule file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RuleFault { $($(#[$doc])* $name,)* }

        impl RuleFault {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the stable code, under which the words for people stand.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

faults! {
    /// No TOML, an unknown key, or a value of the wrong kind.
    Unreadable = "unreadable",
    /// An id is made of a-z, 0-9, - and _.
    IdUnfit = "id_unfit",
    VersionZero = "version_zero",
    Empty = "empty",
    /// An id stands twice in one list.
    Twice = "twice",
    /// Filing has either a limit or is asked to be prompt.
    ArchiveEither = "archive_either",
    NoReasons = "no_reasons",
    YearsSenseless = "years_senseless",
    /// A row of the checklist has other cells than there are columns.
    RowLength = "row_length",
    /// A column that the checklist does not have.
    ColumnUnknown = "column_unknown",
    /// A text is too long to be printed.
    TextLong = "text_long",
    TextControl = "text_control",
}

/// What makes no sense in a pack that could be read.
pub(crate) struct Fault {
    pub reason: RuleFault,
    pub subject: String,
    /// The last line that has this text is the one.
    pub mark: String,
}

impl RuleError {
    pub(crate) fn unreadable(file: &str, text: &str, source: &toml::de::Error) -> Self {
        Self {
            file: file.to_owned(),
            line: source.span().map(|span| line_of(text, span.start)),
            reason: RuleFault::Unreadable,
            subject: source.message().to_owned(),
        }
    }

    pub(crate) fn senseless(file: &str, text: &str, fault: Fault) -> Self {
        let Fault { reason, subject, mark } = fault;
        Self { file: file.to_owned(), line: text.rfind(&mark).map(|at| line_of(text, at)), reason, subject }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}
