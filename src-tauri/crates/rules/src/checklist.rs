//! What the unit's checklist (音像记录事项清单) starts from: its own regulation's, or the columns of the one that has an
//! annex for it.

use crate::pack::RulePack;
use model::{Checklist, ChecklistColumn, ColumnKind};

/// The regulation whose annex 2 lays the table out.
const ANNEX: &str = "pds-minzong";

/// A table to start from, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecklistStart {
    pub checklist: Checklist,
    /// Title of the regulation and its article.
    pub origin: String,
    /// The columns are another regulation's, since this one names none.
    pub borrowed: bool,
}

/// Returns what the checklist starts from under these rules: the pack's own columns and rows, or the columns of
/// 平顶山's annex 2 without its rows.
pub fn checklist_start(pack: &RulePack) -> ChecklistStart {
    let own = pack.checklist.as_ref().filter(|own| !own.columns.is_empty());
    let annexed = crate::pack(ANNEX).expect("the pack with the annex is built in");
    let (from, told, borrowed) = match own {
        Some(own) => (pack, own, false),
        None => (annexed, annexed.checklist.as_ref().expect("a test reads its checklist"), true),
    };
    let kind = |title: &String| match (told.numbered.as_ref() == Some(title), told.choices.contains(title)) {
        (true, _) => ColumnKind::Auto,
        (_, true) => ColumnKind::Choice,
        _ => ColumnKind::Text,
    };
    let column = |(n, title): (usize, &String)| ChecklistColumn {
        id: format!("c{n}"),
        title: title.clone(),
        kind: kind(title),
        hidden: false,
    };
    let columns: Vec<ChecklistColumn> = (1..).zip(&told.columns).map(column).collect();
    let cell = |(column, cell): (&ChecklistColumn, &String)| match column.kind {
        ColumnKind::Auto => String::new(),
        _ => cell.clone(),
    };
    let row = |row: &Vec<String>| columns.iter().zip(row).map(cell).collect();
    let rows = if borrowed { Vec::new() } else { told.rows.iter().map(row).collect() };
    ChecklistStart { checklist: Checklist { columns, rows }, origin: from.cite(&told.article), borrowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_has_a_checklist_to_start_from() {
        for (pack, origin, borrowed, rows) in [
            ("pds-minzong", "平顶山市民族宗教事务局行政执法音像记录管理制度 附件2", false, 2),
            ("qj-qilin", "平顶山市民族宗教事务局行政执法音像记录管理制度 附件2", true, 0),
            ("gs-guangdian", "平顶山市民族宗教事务局行政执法音像记录管理制度 附件2", true, 0),
            ("wenguanglv", "平顶山市民族宗教事务局行政执法音像记录管理制度 附件2", true, 0),
            ("gx-liulin", "平顶山市民族宗教事务局行政执法音像记录管理制度 附件2", true, 0),
        ] {
            let start = checklist_start(crate::pack(pack).expect(pack));
            assert_eq!((start.origin.as_str(), start.borrowed), (origin, borrowed), "{pack}: where it comes from");
            assert_eq!((start.checklist.columns.len(), start.checklist.rows.len()), (12, rows), "{pack}");
        }
        let start = checklist_start(crate::pack(ANNEX).expect("built in"));
        let kinds = |wanted| {
            let of = start.checklist.columns.iter().filter(move |column| column.kind == wanted);
            of.map(|column| column.title.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(ColumnKind::Auto), ["序号"]);
        assert_eq!(kinds(ColumnKind::Choice), ["执法类别", "执法事项", "记录环节", "执法场所", "执法记录类别"]);
        assert_eq!(start.checklist.cell(1, 0), "2", "the number is the row's place");
        assert_eq!(start.checklist.cell(1, 2), "听证");
    }
}
