//! What a paper is filled with: plain data, named by the keys of its kind.

use crate::ClipLine;
use model::{Digest, Instant, StationZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The values of one paper. Keys are those [`crate::Kind::keys`] lists; any other is refused, so that nothing a
/// caller means to say is dropped in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperValues {
    /// Code of the kind, such as `handover`.
    pub kind: String,
    /// The unit's own title of the paper; `None`: that of the kind.
    pub title: Option<String>,
    /// The unit that issues it.
    pub unit: String,
    /// What ties the paper to the register; `None` prints a preview that says it is none.
    pub mark: Option<Mark>,
    /// Also the date inside the file.
    pub made_at: Instant,
    pub made_by: String,
    pub zone: StationZone,
    /// Which regulations and articles call for the paper.
    pub basis: Vec<Basis>,
    /// Single texts. `\n` begins a new line; a field with choices takes the code of one.
    pub fields: BTreeMap<String, String>,
    /// Tables whose columns the kind names.
    pub lists: BTreeMap<String, Vec<ListRow>>,
    /// Tables whose columns are data.
    pub grids: BTreeMap<String, Grid>,
    /// Tables of clips, printed as in the statement.
    pub clips: BTreeMap<String, Vec<ClipLine>>,
    pub checks: BTreeMap<String, Vec<Check>>,
    /// Names of those who sign, by role; a role without names gets lines to sign with the name.
    pub signers: BTreeMap<String, Vec<String>>,
}

/// One row of a list: what it says in each column.
pub type ListRow = BTreeMap<String, String>;

/// Number of a paper and what the register holds of it. Printed, and in the QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Such as `移交〔2026〕1号`.
    pub number: String,
    /// SHA-256 of the record the paper was printed from.
    pub record: Digest,
}

/// A regulation and the article that calls for the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Title without 书名号.
    pub title: String,
    /// Such as `第十六条第一款`.
    pub article: String,
}

/// A table whose columns are data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// In the order of printing.
    pub columns: Vec<GridColumn>,
    /// A cell for each column, shown or not; rows of empty cells are printed for filling in by hand.
    pub rows: Vec<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridColumn {
    pub name: String,
    /// Width against the other columns.
    pub weight: u32,
    pub shown: bool,
}

/// One line of a check list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What was checked, in words.
    pub item: String,
    pub answer: Answer,
    /// Where in the footage it is seen; empty where the list has no such column.
    pub timecode: String,
    pub note: String,
}

/// What was found of a thing to be checked. Each has a sign of its own, so that no box can be ticked afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes,
    No,
    NotApplicable,
    /// Left to be ticked by hand.
    Open,
}

impl Answer {
    /// Returns the sign in the box.
    pub fn sign(self) -> &'static str {
        let words = &crate::wording::wording().paper.answers;
        match self {
            Self::Yes => &words.yes,
            Self::No => &words.no,
            Self::NotApplicable => &words.not_applicable,
            Self::Open => "",
        }
    }
}
