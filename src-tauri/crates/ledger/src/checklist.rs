//! A checklist between the domain and the ledger.

use crate::{ChecklistColumnRecord, ChecklistRecorded};
use model::{Checklist, ChecklistColumn, ColumnKind};

impl From<&ChecklistColumn> for ChecklistColumnRecord {
    fn from(column: &ChecklistColumn) -> Self {
        Self {
            id: column.id.clone(),
            title: column.title.clone(),
            kind: column.kind.code().to_owned(),
            hidden: column.hidden,
        }
    }
}

impl From<ChecklistRecorded> for Checklist {
    /// A kind that a later version wrote is plain text to this one.
    fn from(record: ChecklistRecorded) -> Self {
        let column = |record: ChecklistColumnRecord| ChecklistColumn {
            id: record.id,
            title: record.title,
            kind: ColumnKind::from_code(&record.kind).unwrap_or_default(),
            hidden: record.hidden,
        };
        Self { columns: record.columns.into_iter().map(column).collect(), rows: record.rows }
    }
}
