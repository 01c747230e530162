//! The checklist and exported cases.

use crate::dto;
use model::{Checklist, ChecklistColumn, ColumnKind, format_instant};
use register::{DeliveryRow, ExportRow};
use serde::Deserialize;
use station::{ChecklistStanding, ExportDraft, ImportPlan, RowStanding};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tabular::TableError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    faults: BTreeMap<String, String>,
    line: String,
    no_line: String,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/tables.json"))
        .expect("a test reads this very file")
});

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Returns why a table in a file is refused, with its line.
pub fn table_error(error: &TableError) -> String {
    let words = &*WORDS;
    let reason = words.faults.get(error.fault.code()).map_or("", String::as_str);
    match error.line {
        Some(line) => words.line.replace("{line}", &line.to_string()),
        None => words.no_line.clone(),
    }
    .replace("{reason}", reason)
}

/// Returns a checklist's columns and rows.
pub fn checklist_table(checklist: &Checklist) -> dto::ChecklistTable {
    let column = |column: &ChecklistColumn| dto::ChecklistColumn {
        id: column.id.clone(),
        title: column.title.clone(),
        kind: column.kind.code().to_owned(),
        hidden: column.hidden,
    };
    dto::ChecklistTable { columns: checklist.columns.iter().map(column).collect(), rows: checklist.rows.clone() }
}

/// Returns a checklist that came over the wire; a kind that is none is refused by the caller.
pub fn checklist(table: dto::ChecklistTable) -> Option<Checklist> {
    let column = |column: dto::ChecklistColumn| {
        let kind = ColumnKind::from_code(&column.kind)?;
        Some(ChecklistColumn { id: column.id, title: column.title, kind, hidden: column.hidden })
    };
    let columns = table.columns.into_iter().map(column).collect::<Option<_>>()?;
    Some(Checklist { columns, rows: table.rows })
}

/// Returns a checklist, in force or of a version, with where it comes from.
pub fn checklist_view(
    standing: &ChecklistStanding,
    versions: &[register::ChecklistVersion],
    shown: &Checklist,
    version: Option<&register::ChecklistVersion>,
) -> dto::ChecklistView {
    dto::ChecklistView {
        table: checklist_table(shown),
        version: version.map(checklist_version),
        versions: versions.iter().map(checklist_version).collect(),
        origin: standing.origin.clone(),
        borrowed: standing.borrowed,
        article: standing.article.clone(),
        to_publish: standing.to_publish,
    }
}

/// Returns one version of the checklist without its content.
pub fn checklist_version(version: &register::ChecklistVersion) -> dto::ChecklistVersion {
    dto::ChecklistVersion {
        version: version.version,
        recorded_at: format_instant(version.recorded_at),
        recorded_by: version.recorded_by.clone(),
        published_on: version.published_on.clone(),
        columns: u32::try_from(version.columns).unwrap_or(u32::MAX),
        rows: u32::try_from(version.rows).unwrap_or(u32::MAX),
    }
}

/// Returns what an import would do.
pub fn checklist_import(plan: &ImportPlan) -> dto::ChecklistImport {
    let title = |at: &usize| plan.checklist.columns.get(*at).map(|column| column.title.clone()).unwrap_or_default();
    let row = |standing: &RowStanding| match standing {
        RowStanding::Same => dto::RowStanding::Same,
        RowStanding::New => dto::RowStanding::New,
        RowStanding::Changed { was, columns } => {
            dto::RowStanding::Changed { was: small(was + 1), columns: columns.iter().map(title).collect() }
        }
    };
    let column = |column: &station::PlannedColumn| dto::PlannedColumn { title: column.title.clone(), new: column.new };
    dto::ChecklistImport {
        columns: plan.columns.iter().map(column).collect(),
        kept: plan.kept.clone(),
        rows: plan.rows.iter().map(row).collect(),
        gone: plan.gone.iter().map(|at| small(at + 1)).collect(),
        same: plan.is_same(),
        table: checklist_table(&plan.checklist),
    }
}

/// Returns an export that was made.
pub fn export_row(row: &ExportRow) -> dto::ExportRow {
    dto::ExportRow {
        at: format_instant(row.at),
        by: row.by.clone(),
        folder: row.folder.clone(),
        files: row.files,
        bytes: row.bytes,
        with_footage: row.with_footage,
        root: row.root.to_string(),
    }
}

/// Returns that a case was handed in.
pub fn delivery(row: &DeliveryRow) -> dto::DeliveryView {
    dto::DeliveryView {
        recorded_at: format_instant(row.recorded_at),
        by: row.by.clone(),
        platform: row.platform.clone(),
        day: row.day.clone(),
        note: row.note.clone(),
    }
}

/// Returns what an export would hold.
pub fn case_export(draft: &ExportDraft) -> dto::CaseExport {
    let (platform, article) = draft.platform.clone().unzip();
    dto::CaseExport {
        name: draft.name.clone(),
        clips: draft.clips,
        bytes: draft.bytes,
        statements: draft.statements,
        platform,
        article,
        exports: draft.exports.iter().map(export_row).collect(),
        deliveries: draft.deliveries.iter().map(delivery).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabular::{Format, TableFault};

    #[test]
    fn every_fault_has_its_words_and_no_words_are_left_over() {
        let mut known: Vec<&str> = TableFault::ALL.iter().map(|fault| fault.code()).collect();
        known.sort_unstable();
        assert_eq!(WORDS.faults.keys().collect::<Vec<_>>(), known, "tables.json");
        let refused = tabular::read(Format::Csv, "甲,乙\n1,2\n1,2,3\n".as_bytes()).expect_err("a row too long");
        assert_eq!(table_error(&refused), "第 3 行：有内容没有对应的栏目");
    }

    #[test]
    fn a_table_comes_back_from_the_wire() {
        let table = dto::ChecklistTable {
            columns: vec![dto::ChecklistColumn {
                id: "c1".into(),
                title: "事项".into(),
                kind: "choice".into(),
                hidden: true,
            }],
            rows: vec![vec!["听证".into()]],
        };
        let read = checklist(table.clone()).expect("a known kind");
        assert_eq!(checklist_table(&read), table);
        let mut foreign = table;
        foreign.columns[0].kind = "colour".into();
        assert_eq!(checklist(foreign), None, "an unknown kind is refused");
    }
}
