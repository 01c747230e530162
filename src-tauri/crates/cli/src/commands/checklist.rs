//! 音像记录事项清单.

use super::Outcome;
use crate::arguments::{ChecklistOrder, TableFormat};
use crate::context::{Desk, absolute};
use crate::documents::{ChecklistImportDocument, PaperDocument};
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{facts, table, time};
use crate::words::{say, words};
use model::{Checklist, ErrorCode};
use station::{Failure, SaveChecklist, plan_import};
use std::path::Path;
use tabular::Format;
use wire::dto::{ChecklistImport, RowStanding};

/// `checklist`
pub fn checklist(order: ChecklistOrder, desk: &Desk) -> Outcome {
    match order {
        ChecklistOrder::Show { edition } => show(desk, edition),
        ChecklistOrder::Export { format, out, edition } => export(desk, format, &out, edition),
        ChecklistOrder::Import { file, yes, published } => import(desk, &file, yes, published),
    }
}

fn show(desk: &Desk, edition: Option<u32>) -> Outcome {
    let standing = desk.station.checklist()?;
    let versions = desk.station.read(|view| view.checklist_versions())?;
    let (checklist, version) = match edition {
        None => (standing.checklist.clone(), standing.version.clone()),
        Some(edition) => {
            let row = desk.station.checklist_version(edition)?;
            (row.checklist, Some(row.version))
        }
    };
    let document = wire::view::checklist_view(&standing, &versions, &checklist, version.as_ref());
    let mut text = facts(&[
        ("checklist_version", version.as_ref().map(|version| version.version.to_string()).unwrap_or_default()),
        ("published_on", version.as_ref().and_then(|version| version.published_on.clone()).unwrap_or_default()),
        ("recorded_by", version.as_ref().map(|version| version.recorded_by.clone()).unwrap_or_default()),
        (
            "recorded_at",
            document.version.as_ref().map(|v| time(desk.station.zone(), Some(&v.recorded_at))).unwrap_or_default(),
        ),
        ("asked_by", standing.article.clone().unwrap_or_default()),
    ]);
    if version.is_none() {
        let name = if standing.borrowed { "checklist_borrowed" } else { "checklist_unsaved" };
        text += &(say(name, &[("origin", &standing.origin)]) + "\n");
    }
    text.push('\n');
    Ok(Answer::new(&document, text + &rows(&checklist)))
}

/// Returns the columns that are shown as a table.
fn rows(checklist: &Checklist) -> String {
    let shown = checklist.shown();
    let titles: Vec<String> = shown.iter().map(|at| checklist.columns[*at].title.clone()).collect();
    let cell = |row: usize, at: usize| checklist.cell(row, at).replace(['\n', '\t'], " ");
    let row = |row: usize| shown.iter().map(|at| cell(row, *at)).collect();
    table(&titles, &(0..checklist.rows.len()).map(row).collect::<Vec<_>>())
}

fn export(desk: &Desk, format: TableFormat, out: &Path, edition: Option<u32>) -> Outcome {
    let format = match format {
        TableFormat::Csv => Format::Csv,
        TableFormat::Xlsx => Format::Xlsx,
    };
    let out = absolute(out)?;
    desk.station.write_checklist(edition, format, &out)?;
    let bytes = std::fs::read(&out)
        .map_err(|error| Failure::new(ErrorCode::TargetFailed).with("path", out.display()).because(error))?;
    let newest = desk.station.checklist()?.version.map(|version| version.version);
    let document = PaperDocument {
        number: edition.or(newest).map(|edition| edition.to_string()).unwrap_or_default(),
        out: out.display().to_string(),
        sha256: fixity::sha256_of(&bytes).to_string(),
    };
    let told = facts(&[
        ("checklist_version", document.number.clone()),
        ("out", document.out.clone()),
        ("sha256", document.sha256.clone()),
    ]);
    Ok(Answer::new(&document, told))
}

/// Shows what an import would do, and carries it out with `--yes`.
fn import(desk: &Desk, file: &Path, yes: bool, published: Option<String>) -> Outcome {
    let shown = file.display().to_string();
    let format = Format::named(&shown).ok_or_else(|| Refusal::usage("table_format", &[("path", &shown)]))?;
    let bytes = std::fs::read(file)
        .map_err(|error| Refusal::usage("file_unreadable", &[("path", &shown), ("why", &error.to_string())]))?;
    let read = tabular::read(format, &bytes).map_err(|error| {
        Failure::new(ErrorCode::TableRefused).with("reason", wire::view::table_error(&error)).because(error)
    })?;
    let standing = desk.station.checklist()?;
    let plan = plan_import(&standing.checklist, &read);
    let base = standing.version.map_or(0, |version| version.version);
    let written = match yes {
        false => None,
        true => {
            let save = SaveChecklist { base, published_on: published, checklist: plan.checklist.clone() };
            Some(desk.station.save_checklist(&desk.actor, &save)?.version.version)
        }
    };
    let document = ChecklistImportDocument { plan: wire::view::checklist_import(&plan), written };
    let mut text = plan_text(&document.plan, &standing.checklist, &plan.checklist);
    text += &match written {
        Some(version) => say("checklist_imported", &[("version", &version.to_string())]),
        None => say("checklist_import_plan", &[]),
    };
    Ok(Answer::new(&document, text + "\n"))
}

fn plan_text(plan: &ChecklistImport, before: &Checklist, after: &Checklist) -> String {
    let titles = |new: bool| {
        let of = plan.columns.iter().filter(|column| column.new == new);
        of.map(|column| column.title.as_str()).collect::<Vec<_>>().join("、")
    };
    let mut text = facts(&[
        ("columns_known", titles(false)),
        ("columns_new", titles(true)),
        ("columns_kept", plan.kept.join("、")),
    ]);
    let line = |checklist: &Checklist, row: usize| {
        let cells = checklist.shown().into_iter().map(|at| checklist.cell(row, at).replace(['\n', '\t'], " "));
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · ")
    };
    let mut rows = Vec::new();
    for (at, standing) in plan.rows.iter().enumerate() {
        let (what, columns) = match standing {
            RowStanding::Same => continue,
            RowStanding::New => ("row_new", String::new()),
            RowStanding::Changed { columns, .. } => ("row_changed", columns.join("、")),
        };
        rows.push(vec![(at + 1).to_string(), say(what, &[]), columns, line(after, at)]);
    }
    for gone in &plan.gone {
        rows.push(vec![gone.to_string(), say("row_gone", &[]), String::new(), line(before, *gone as usize - 1)]);
    }
    text.push('\n');
    text + &table(&words().tables.checklist_rows, &rows) + "\n"
}
