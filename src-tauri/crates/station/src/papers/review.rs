//! 音像记录事项清单 and 案卷评查表.

use super::content::{PaperContent, row};
use super::filling::{Filling, officers};
use super::occurrences::checks;
use super::words::{fill, words};
use crate::Failure;
use chrono::Datelike as _;
use forms::{Grid, GridColumn};
use rules::{Checklist, RulePack};

/// Whose columns stand where the rules in force name none: twelve, with two rows (平顶山 附件2).
const USUAL_CHECKLIST: &str = "pds-minzong";
/// Widths are by the longest cell, in characters, between these.
const COLUMN_CHARS: (usize, usize) = (4, 12);
/// Rows to fill in by hand where there are none.
const BLANK_ROWS: usize = 3;

/// 事项清单: the columns and rows of the rules in force.
pub(super) fn checklist(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let year = filling.today.year().to_string();
    content.set("version", fill(&words().checklist_first, &[("year", &year)]));
    content.set("department", filling.department()?);
    content.grids.insert("items".to_owned(), checklist_grid(filling.pack()));
    content.sign("compiler", [filling.operator_name()]);
    Ok(())
}

/// Returns the checklist of the rules in force as a table.
fn checklist_grid(pack: &RulePack) -> Grid {
    let own = pack.checklist.as_ref().filter(|list| !list.columns.is_empty());
    let usual = || rules::pack(USUAL_CHECKLIST).and_then(|pack| pack.checklist.as_ref());
    let Some(Checklist { columns, rows, .. }) = own.or_else(usual) else {
        return Grid { columns: Vec::new(), rows: Vec::new() };
    };
    let weight = |at: usize, name: &String| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain([name]);
        let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
        u32::try_from(longest.clamp(COLUMN_CHARS.0, COLUMN_CHARS.1)).unwrap_or(u32::MAX)
    };
    let column =
        |(at, name): (usize, &String)| GridColumn { name: name.clone(), weight: weight(at, name), shown: true };
    let blank = vec![vec![String::new(); columns.len()]; BLANK_ROWS];
    Grid {
        columns: columns.iter().enumerate().map(column).collect(),
        rows: if rows.is_empty() { blank } else { rows.clone() },
    }
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
