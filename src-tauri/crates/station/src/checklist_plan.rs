//! What an import would make of the checklist, before anything is taken over. Plain values; nothing is written.

use model::{Checklist, ChecklistColumn, ColumnKind};
use std::collections::{HashMap, VecDeque};
use tabular::Table;

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedColumn {
    pub title: String,
    /// No column had this title.
    pub new: bool,
}

/// What a row of the file is to the rows that are there. Places count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowStanding {
    Same,
    /// Stands at the place of another; `columns` are those of the result that differ.
    Changed {
        was: usize,
        columns: Vec<usize>,
    },
    New,
}

/// What would stand there, and how it differs from what does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPlan {
    pub columns: Vec<PlannedColumn>,
    /// Titles of columns that the file does not have: they stay, with their cells where the row stays.
    pub kept: Vec<String>,
    /// One for each row of the file.
    pub rows: Vec<RowStanding>,
    /// Rows that the file does not have. They go from the table; earlier versions keep them.
    pub gone: Vec<usize>,
    pub checklist: Checklist,
}

impl ImportPlan {
    /// Tells whether the file says what stands there already.
    pub fn is_same(&self) -> bool {
        self.gone.is_empty()
            && self.columns.iter().all(|column| !column.new)
            && self.rows.iter().all(|row| *row == RowStanding::Same)
    }
}

/// Lays a table beside the checklist. Columns are known by their titles; a row is the same where all its cells are, and
/// a changed one where it shares a cell with the row at its place, or fills an empty one, and the file has that nowhere.
pub fn plan_import(current: &Checklist, table: &Table) -> ImportPlan {
    let (columns, planned, kept) = merged_columns(current, table);
    // For every column of the result: where its cells stand in the file, and where in the current rows.
    let place = |title: &String| table.columns.iter().position(|known| known == title);
    let source: Vec<Option<usize>> = columns.iter().map(|column| place(&column.title)).collect();
    let before: Vec<Option<usize>> =
        columns.iter().map(|column| current.columns.iter().position(|known| known.id == column.id)).collect();
    let compared: Vec<usize> =
        (0..columns.len()).filter(|at| source[*at].is_some() && columns[*at].kind != ColumnKind::Auto).collect();
    let cell = |row: &[String], at: Option<usize>| at.and_then(|at| row.get(at)).cloned().unwrap_or_default();

    let mut left: HashMap<Vec<String>, VecDeque<usize>> = HashMap::new();
    for (was, row) in current.rows.iter().enumerate() {
        let key = compared.iter().map(|at| cell(row, before[*at])).collect();
        left.entry(key).or_default().push_back(was);
    }
    let keys = table.rows.iter().map(|row| compared.iter().map(|at| cell(row, source[*at])).collect::<Vec<_>>());
    let same: Vec<Option<usize>> = keys.map(|key| left.get_mut(&key).and_then(VecDeque::pop_front)).collect();
    let mut taken = vec![false; current.rows.len()];
    same.iter().flatten().for_each(|was| taken[*was] = true);

    let (mut rows, mut standings) = (Vec::new(), Vec::new());
    for (at, row) in table.rows.iter().enumerate() {
        let shares = |old: &Vec<String>| {
            let alike = |at: &usize| {
                let before = cell(old, before[*at]);
                !before.is_empty() && before == cell(row, source[*at])
            };
            old.iter().all(String::is_empty) || compared.iter().any(alike)
        };
        let in_place = current.rows.get(at).filter(|old| !taken[at] && shares(old));
        let was = same[at].or_else(|| in_place.map(|_| at));
        if let Some(was) = was {
            taken[was] = true;
        }
        let old = was.map(|was| current.rows[was].as_slice()).unwrap_or_default();
        let cells: Vec<String> = (0..columns.len())
            .map(|at| match (columns[at].kind, source[at]) {
                (ColumnKind::Auto, _) => String::new(),
                (_, None) => cell(old, before[at]),
                (_, found) => cell(row, found),
            })
            .collect();
        standings.push(match (same[at], was) {
            (Some(_), _) => RowStanding::Same,
            (None, Some(was)) => {
                let differs = |at: &usize| cell(old, before[*at]) != cells[*at];
                RowStanding::Changed { was, columns: compared.iter().copied().filter(differs).collect() }
            }
            (None, None) => RowStanding::New,
        });
        rows.push(cells);
    }
    let gone = (0..taken.len()).filter(|was| !taken[*was]).collect();
    ImportPlan { columns: planned, kept, rows: standings, gone, checklist: Checklist { columns, rows } }
}

/// Returns the columns of the result: those of the file in its order, and between them, at their old place, those that
/// it does not have.
fn merged_columns(current: &Checklist, table: &Table) -> (Vec<ChecklistColumn>, Vec<PlannedColumn>, Vec<String>) {
    let mut result = Checklist { columns: current.columns.clone(), rows: Vec::new() };
    let mut columns = Vec::new();
    for title in &table.columns {
        let known = current.columns.iter().find(|column| column.title == *title).cloned();
        let column = known.unwrap_or_else(|| {
            let fresh = ChecklistColumn { id: result.fresh_id(), title: title.clone(), ..Default::default() };
            result.columns.push(fresh.clone());
            fresh
        });
        columns.push(column);
    }
    let is_new = |column: &ChecklistColumn| current.columns.iter().all(|known| known.id != column.id);
    let planned = columns.iter().map(|column| PlannedColumn { title: column.title.clone(), new: is_new(column) });
    let planned = planned.collect();
    let mut kept = Vec::new();
    for (at, column) in current.columns.iter().enumerate() {
        if !table.columns.contains(&column.title) {
            kept.push(column.title.clone());
            columns.insert(at.min(columns.len()), column.clone());
        }
    }
    (columns, planned, kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn current() -> Checklist {
        let column = |(n, (title, kind, hidden)): (usize, (&str, ColumnKind, bool))| ChecklistColumn {
            id: format!("c{}", n + 1),
            title: title.into(),
            kind,
            hidden,
        };
        let columns =
            [("序号", ColumnKind::Auto, false), ("事项", ColumnKind::Choice, false), ("备注", ColumnKind::Text, true)];
        Checklist {
            columns: columns.into_iter().enumerate().map(column).collect(),
            rows: vec![texts(&["", "听证", "一"]), texts(&["", "送达", "二"]), texts(&["", "", ""])],
        }
    }

    #[test]
    fn a_file_is_laid_beside_the_table() {
        use RowStanding as R;
        type Row = (&'static str, &'static [&'static str], Vec<Vec<String>>, Vec<R>, Vec<usize>, Vec<Vec<String>>);
        let rows: Vec<Row> = vec![
            (
                "nothing differs",
                &["序号", "事项", "备注"],
                vec![texts(&["1", "听证", "一"]), texts(&["2", "送达", "二"]), texts(&["3", "", ""])],
                vec![R::Same, R::Same, R::Same],
                vec![],
                current().rows,
            ),
            (
                "rows in another order are the same rows",
                &["序号", "事项", "备注"],
                vec![texts(&["1", "送达", "二"]), texts(&["2", "听证", "一"])],
                vec![R::Same, R::Same],
                vec![2],
                vec![texts(&["", "送达", "二"]), texts(&["", "听证", "一"])],
            ),
            (
                "a hidden column that the file lacks stays, with its cells",
                &["序号", "事项"],
                vec![texts(&["1", "听证"]), texts(&["2", "公告送达"]), texts(&["3", ""]), texts(&["4", "约谈"])],
                vec![R::Same, R::New, R::Same, R::New],
                vec![1],
                vec![
                    texts(&["", "听证", "一"]),
                    texts(&["", "公告送达", ""]),
                    texts(&["", "", ""]),
                    texts(&["", "约谈", ""]),
                ],
            ),
            (
                "a row is changed where it shares a cell with the one at its place, or fills an empty one",
                &["序号", "事项", "备注"],
                vec![texts(&["1", "听证", "一"]), texts(&["2", "公告送达", "二"]), texts(&["3", "约谈", "三"])],
                vec![R::Same, R::Changed { was: 1, columns: vec![1] }, R::Changed { was: 2, columns: vec![1, 2] }],
                vec![],
                vec![texts(&["", "听证", "一"]), texts(&["", "公告送达", "二"]), texts(&["", "约谈", "三"])],
            ),
            (
                "one that shares none is another row, and takes nothing from it",
                &["事项", "备注"],
                vec![texts(&["听证", "一"]), texts(&["查封", "甲"])],
                vec![R::Same, R::New],
                vec![1, 2],
                vec![texts(&["", "听证", "一"]), texts(&["", "查封", "甲"])],
            ),
            ("no row at all", &["事项", "备注"], vec![], vec![], vec![0, 1, 2], vec![]),
        ];
        for (what, titles, file, standings, gone, result) in rows {
            let plan = plan_import(&current(), &Table { columns: texts(titles), rows: file });
            assert_eq!((&plan.rows, &plan.gone), (&standings, &gone), "{what}");
            assert_eq!(plan.checklist.rows, result, "{what}: what would stand there");
            let ids: Vec<&str> = plan.checklist.columns.iter().map(|column| column.id.as_str()).collect();
            assert_eq!(ids, ["c1", "c2", "c3"], "{what}: columns keep place, kind and whether they are hidden");
            assert!(plan.checklist.columns[2].hidden && plan.checklist.columns[0].kind == ColumnKind::Auto, "{what}");
            assert_eq!(plan.is_same(), what == "nothing differs", "{what}");
        }
    }

    #[test]
    fn a_new_column_is_told_and_changes_its_rows() {
        let file = Table {
            columns: texts(&["事项", "存储期限"]),
            rows: vec![texts(&["听证", "五年"]), texts(&["送达", ""])],
        };
        let plan = plan_import(&current(), &file);
        let new = PlannedColumn { title: "存储期限".into(), new: true };
        assert_eq!(plan.columns, [PlannedColumn { title: "事项".into(), new: false }, new]);
        assert_eq!(plan.kept, ["序号", "备注"]);
        let titles: Vec<(&str, &str)> =
            plan.checklist.columns.iter().map(|column| (column.id.as_str(), column.title.as_str())).collect();
        assert_eq!(titles, [("c1", "序号"), ("c2", "事项"), ("c3", "备注"), ("c4", "存储期限")]);
        assert_eq!(plan.rows, [RowStanding::Changed { was: 0, columns: vec![3] }, RowStanding::Same]);
        assert_eq!(plan.checklist.rows[0], texts(&["", "听证", "一", "五年"]), "what the file lacks is kept");
        assert_eq!(plan.gone, [2]);
    }
}
