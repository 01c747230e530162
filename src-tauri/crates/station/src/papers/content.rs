//! What a person fills in of a paper, and what the register fills in before.

use crate::Failure;
use forms::{Basis, Check, Grid, ListRow};
use model::{ErrorCode, PaperSubject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person fills in of a paper: all but number, unit, time and author. The stored form of drafts, and the file
/// that a paper is issued from at a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaperContent {
    pub basis: Vec<Basis>,
    /// Single texts by key; a field with choices holds the code of one.
    pub fields: BTreeMap<String, String>,
    pub lists: BTreeMap<String, Vec<ListRow>>,
    pub grids: BTreeMap<String, Grid>,
    /// Clips by 片段编号, in the order of printing.
    pub clips: BTreeMap<String, Vec<String>>,
    pub checks: BTreeMap<String, Vec<Check>>,
    /// Names by role.
    pub signers: BTreeMap<String, Vec<String>>,
}

impl PaperContent {
    /// Sets a single text; an empty one is left unset.
    pub(super) fn set(&mut self, key: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.fields.insert(key.to_owned(), text);
        }
    }

    /// Sets who signs; empty names are left out.
    pub(super) fn sign(&mut self, role: &str, names: impl IntoIterator<Item = String>) {
        let names: Vec<String> = names.into_iter().filter(|name| !name.trim().is_empty()).collect();
        if !names.is_empty() {
            self.signers.insert(role.to_owned(), names);
        }
    }

    /// Returns this with everything in its place that `over` gives.
    pub fn overlaid(mut self, over: Self) -> Self {
        if !over.basis.is_empty() {
            self.basis = over.basis;
        }
        self.fields.extend(over.fields);
        self.lists.extend(over.lists);
        self.grids.extend(over.grids);
        self.clips.extend(over.clips);
        self.checks.extend(over.checks);
        self.signers.extend(over.signers);
        self
    }

    /// Returns the stored form.
    pub(super) fn body(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::new(ErrorCode::Internal).because(error))
    }

    /// Reads the stored form.
    pub(super) fn from_body(body: &str) -> Result<Self, Failure> {
        serde_json::from_str(body).map_err(|error| Failure::new(ErrorCode::RegisterDamaged).because(error))
    }
}

/// A paper as it is being filled in.
#[derive(Clone, Debug)]
pub struct PaperDraft {
    /// Code of the kind.
    pub kind: String,
    pub subject: PaperSubject,
    /// Grows with every save; 0 while it is only proposed.
    pub revision: u32,
    pub content: PaperContent,
    /// `None` while it is only proposed.
    pub saved_at: Option<model::Instant>,
}

/// Texts to choose from where any text will do, by key: reasons, officers, approvers.
pub type Suggestions = BTreeMap<String, Vec<String>>;

/// Returns a row of a list from pairs of column and text.
pub(super) fn row(cells: &[(&str, &str)]) -> ListRow {
    cells.iter().map(|(column, text)| ((*column).to_owned(), (*text).to_owned())).collect()
}
