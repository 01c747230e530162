//! 音像记录事项清单: versions, and tables that go out and come back.

use crate::bench::{Asked, Bench, clerk, refusal};
use model::{Checklist, ChecklistColumn, ColumnKind, ErrorCode};
use station::{SaveChecklist, Station, plan_import};
use std::fs;
use std::sync::Arc;
use tabular::Format;

fn save(station: &Arc<Station>, base: u32, checklist: Checklist) -> Result<u32, station::Failure> {
    let save = SaveChecklist { base, published_on: None, checklist };
    station.save_checklist(&clerk(), &save).map(|row| row.version.version)
}

#[test]
fn each_saving_is_a_version_and_the_newest_is_in_force() {
    let bench = Bench::mute();
    let station = bench.create_with("pds-minzong");
    let start = station.checklist().unwrap();
    assert_eq!((start.version, start.borrowed), (None, false), "nobody has saved one; the annex is the unit's own");
    assert_eq!(start.article.as_deref(), Some("平顶山市民族宗教事务局行政执法音像记录管理制度 附件2"));
    assert_eq!((start.checklist.columns.len(), start.checklist.rows.len()), (12, 2), "twelve columns and two rows");

    let mut first = start.checklist.clone();
    first.columns[11].hidden = true;
    first.columns[5].title = " 记录人员 ".into();
    first.rows[0][0] = "9".into();
    first.rows[1][7] = "听证\r\n全过程".into();
    first.rows.push(vec![String::new(); 12]);
    let published = SaveChecklist { base: 0, published_on: Some("2026-11-21".into()), checklist: first.clone() };
    let row = station.save_checklist(&clerk(), &published).unwrap();
    assert_eq!((row.version.version, row.version.published_on.as_deref()), (1, Some("2026-11-21")));
    assert_eq!(row.checklist.columns[5].title, "记录人员", "a title without the spaces around it");
    assert_eq!((row.checklist.rows[0][0].as_str(), row.checklist.rows[1][7].as_str()), ("", "听证\n全过程"));
    assert_eq!(row.checklist.rows.len(), 3, "an empty row is kept");

    let mut second = row.checklist.clone();
    let id = second.fresh_id();
    second.columns.push(ChecklistColumn { id, title: "存储期限".into(), kind: ColumnKind::Choice, hidden: false });
    second.rows.iter_mut().for_each(|cells| cells.push("五年".into()));
    second.columns.swap(1, 2);
    second.rows.iter_mut().for_each(|cells| cells.swap(1, 2));
    assert_eq!(refusal(save(&station, 0, second.clone())), ErrorCode::ChecklistStale, "made from one that is past");
    assert_eq!(save(&station, 1, second.clone()).unwrap(), 2);
    let standing = station.checklist().unwrap();
    assert_eq!((standing.checklist, standing.version.unwrap().version), (second, 2), "the newest is in force");
    assert_eq!(station.checklist_version(1).unwrap(), row, "the earlier one stays readable");
    let versions = station.ask(|view| view.checklist_versions());
    assert_eq!(versions.iter().map(|v| (v.version, v.rows)).collect::<Vec<_>>(), [(2, 3), (1, 3)]);
    assert_eq!(station.checked(true).findings, [], "the tables are what the ledger says");
    let before = station.checklist_version(2).unwrap();
    station.close();
    drop(station);
    assert_eq!(bench.open().checklist_version(2).unwrap(), before, "and after opening again");
}

#[test]
fn a_pack_without_columns_starts_from_the_annex() {
    let station = Bench::mute().create();
    let start = station.checklist().unwrap();
    assert!(start.borrowed && start.to_publish, "麒麟区 第十三条 wants it made public");
    assert!(start.origin.contains("平顶山") && start.article.unwrap().contains("第十三条"), "{}", start.origin);
    assert_eq!((start.checklist.columns.len(), start.checklist.rows.len()), (12, 0));
}

#[test]
fn what_no_checklist_can_be_is_refused() {
    let station = Bench::mute().create_with("pds-minzong");
    let good = station.checklist().unwrap().checklist;
    type Spoil = fn(&mut Checklist);
    let rows: [(&str, &str, Spoil); 8] = [
        ("columns", "no columns", |c| *c = Checklist::default()),
        ("columns", "two of a name", |c| c.columns[1].title = c.columns[2].title.clone()),
        ("columns", "no name", |c| c.columns[3].title = "  ".into()),
        ("columns", "one id twice", |c| c.columns[3].id = c.columns[4].id.clone()),
        ("columns", "an id with other signs", |c| c.columns[3].id = "C 1".into()),
        ("rows", "a row too short", |c| drop(c.rows[0].pop())),
        ("rows", "a control character", |c| c.rows[1][2] = "a\u{7}".into()),
        ("rows", "a cell too long", |c| c.rows[1][2] = "字".repeat(2001)),
    ];
    for (field, what, spoil) in rows {
        let mut spoilt = good.clone();
        spoil(&mut spoilt);
        let failure = save(&station, 0, spoilt).expect_err(what);
        assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, field), "{what}");
    }
    for day in ["2026-02-30", "21.11.2026", "2026-2-3"] {
        let wrong = SaveChecklist { base: 0, published_on: Some(day.into()), checklist: good.clone() };
        assert_eq!(station.save_checklist(&clerk(), &wrong).unwrap_err().params["field"], "published_on", "{day}");
    }
    assert_eq!(station.ask(|view| view.checklist_versions()), [], "nothing of it was written");
}

#[test]
fn a_checklist_goes_out_and_comes_back() {
    let bench = Bench::mute();
    let station = bench.create_with("pds-minzong");
    let mut checklist = station.checklist().unwrap().checklist;
    checklist.columns[11].hidden = true;
    checklist.rows = (0..5000)
        .map(|n| (0..12).map(|at| if at == 0 { String::new() } else { format!("=䶮㛃𬱖𠮷\"{n}\n{at}") }).collect())
        .collect();
    save(&station, 0, checklist.clone()).unwrap();
    for format in Format::ALL {
        let file = bench.place().join(station::checklist_file_name(1, format));
        station.write_checklist(None, format, &file).unwrap();
        let read = tabular::read(format, &fs::read(&file).unwrap()).unwrap();
        assert_eq!((read.columns.len(), read.rows[41][0].as_str()), (12, "42"), "hidden columns too, and numbers");
        let plan = plan_import(&station.checklist().unwrap().checklist, &read);
        assert!(plan.is_same() && plan.kept.is_empty(), "{}: nothing changed on the way", format.code());
        assert_eq!(plan.checklist, checklist, "{}: kinds and hidden columns too", format.code());
        let again = station.write_checklist(None, format, &file);
        assert_eq!(refusal(again), ErrorCode::OutputExists, "a file is never replaced");
    }
}
