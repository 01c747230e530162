//! 文书: what a paper is about.

/// What kind of thing a paper is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    Session,
    Case,
    Clip,
    Recorder,
    Job,
    /// 外出
    Trip,
    /// The unit itself, over a period.
    Unit,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Session, Self::Case, Self::Clip, Self::Recorder, Self::Job, Self::Trip, Self::Unit];

    /// Returns the code used in register, ledger and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Case => "case",
            Self::Clip => "clip",
            Self::Recorder => "recorder",
            Self::Job => "job",
            Self::Trip => "trip",
            Self::Unit => "unit",
        }
    }

    /// Returns the kind of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a paper is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaperSubject {
    pub kind: SubjectKind,
    /// An id; of the unit the period: `2026`, `2026-07-01/2026-09-30`, or empty for the present year.
    pub id: String,
}
