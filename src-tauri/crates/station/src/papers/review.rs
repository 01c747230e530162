//! 音像记录事项清单 and 案卷评查表.

use super::content::{PaperContent, row};
use super::filling::{Filling, officers};
use super::occurrences::checks;
use super::words::{fill, words};
use crate::Failure;
use chrono::Datelike as _;
use forms::{Grid, GridColumn};
use model::Checklist;

/// Widths are by the longest cell, in characters, between these.
const COLUMN_CHARS: (usize, usize) = (4, 12);
/// Rows to fill in by hand where there are none.
const BLANK_ROWS: usize = 3;

/// 事项清单: the unit's own in its newest version, else what the rules in force begin with.
pub(super) fn checklist(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let own = filling.station.read(|view| view.checklist_in_force())?;
    let year = filling.today.year().to_string();
    let version = match &own {
        Some(own) => fill(&words().checklist_version, &[("version", &own.version.version.to_string())]),
        None => fill(&words().checklist_first, &[("year", &year)]),
    };
    content.set("version", version);
    content.set("department", filling.department()?);
    let table = own.map_or_else(|| rules::checklist_start(filling.pack()).checklist, |own| own.checklist);
    content.grids.insert("items".to_owned(), grid(&table));
    content.sign("compiler", [filling.operator_name()]);
    Ok(())
}

/// Returns a checklist as a table, without the columns that are hidden.
fn grid(table: &Checklist) -> Grid {
    let shown = table.shown();
    let row = |at: usize| shown.iter().map(|column| table.cell(at, *column).into_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = (0..table.rows.len()).map(row).collect();
    let column = |(at, column): (usize, &usize)| {
        let name = table.columns[*column].title.clone();
        let cells = rows.iter().map(|row| &row[at]).chain([&name]);
        let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
        let weight = u32::try_from(longest.clamp(COLUMN_CHARS.0, COLUMN_CHARS.1)).unwrap_or(u32::MAX);
        GridColumn { name, weight, shown: true }
    };
    let columns = shown.iter().enumerate().map(column).collect();
    let blank = vec![vec![String::new(); shown.len()]; BLANK_ROWS];
    Grid { columns, rows: if rows.is_empty() { blank } else { rows } }
}

/// 评查表 of a case: the key content that the rules in force list, to be looked for in the footage.
pub(super) fn case_review(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let Some(case) = filling.case()? else { return Ok(()) };
    let mut named: Vec<String> = Vec::new();
    for session in filling.station.read(|view| view.sessions_of_case(&case.case.id))? {
        let said = officers(&filling.statement(&session)?);
        if !said.is_empty() && !named.contains(&said) {
            named.push(said);
        }
    }
    let draft = case.case.draft;
    content.set("case_number", draft.number);
    content.set("department", draft.department);
    content.set("cause", draft.cause);
    content.set("party", draft.party);
    content.set("officers", named.join("、"));
    content.set("reviewed_at", filling.today.to_string());
    content.set("sample", words().review_sample.clone());
    content.lists.insert("items".to_owned(), words().review_items.iter().map(|item| row(&[("item", item)])).collect());
    content.checks.insert("key_content".to_owned(), checks(&filling.pack().key_content));
    content.sign("reviewers", [filling.operator_name()]);
    Ok(())
}
