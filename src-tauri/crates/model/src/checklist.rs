//! 音像记录事项清单: a table whose columns are data. The unit makes it, publishes it, and makes it anew.

use std::borrow::Cow;

/// What stands in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnKind {
    #[default]
    Text,
    /// One of the texts that the column holds already, or a new one.
    Choice,
    /// 序号: the row's place, counted from 1 and never entered.
    Auto,
}

impl ColumnKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Text, Self::Choice, Self::Auto];

    /// Returns the code used in the ledger.
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Choice => "choice",
            Self::Auto => "auto",
        }
    }

    /// Returns the kind of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChecklistColumn {
    /// Stays the same when the title changes.
    pub id: String,
    pub title: String,
    pub kind: ColumnKind,
    /// Kept, but neither shown nor printed.
    pub hidden: bool,
}

/// The table: every row has a cell for each column, in their order. Those of an automatic column are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checklist {
    pub columns: Vec<ChecklistColumn>,
    pub rows: Vec<Vec<String>>,
}

impl Checklist {
    /// Returns what stands in a cell, as people read it; both places count from 0.
    pub fn cell(&self, row: usize, column: usize) -> Cow<'_, str> {
        match self.columns.get(column) {
            Some(told) if told.kind == ColumnKind::Auto => (row + 1).to_string().into(),
            _ => self.rows.get(row).and_then(|cells| cells.get(column)).map_or("", String::as_str).into(),
        }
    }

    /// Returns the places of the columns that are shown and printed.
    pub fn shown(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.columns[*at].hidden).collect()
    }

    /// Returns an id that no column has: `c1`, `c2` …
    pub fn fresh_id(&self) -> String {
        let taken = |id: &String| self.columns.iter().any(|column| column.id == *id);
        let first = (1..).map(|n| format!("c{n}")).find(|id| !taken(id));
        first.expect("there are more numbers than columns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_numbered_by_its_place() {
        let column = |id: &str, kind, hidden| ChecklistColumn { id: id.into(), title: id.into(), kind, hidden };
        let checklist = Checklist {
            columns: vec![
                column("c1", ColumnKind::Auto, false),
                column("c3", ColumnKind::Choice, true),
                column("c4", ColumnKind::Text, false),
            ],
            rows: vec![vec!["9".into(), "听证".into(), "甲".into()], vec![String::new()]],
        };
        assert_eq!(checklist.cell(0, 0), "1", "whatever was kept there");
        assert_eq!(
            (checklist.cell(1, 0), checklist.cell(1, 2)),
            ("2".into(), "".into()),
            "an empty row has its number"
        );
        assert_eq!(checklist.cell(0, 2), "甲");
        assert_eq!(checklist.shown(), [0, 2], "a hidden column is not shown");
        assert_eq!(checklist.fresh_id(), "c2", "the first that is free");
        for kind in ColumnKind::ALL {
            assert_eq!(ColumnKind::from_code(kind.code()), Some(kind));
        }
    }
}
