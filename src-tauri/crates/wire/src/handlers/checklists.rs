//! The checklist, and cases in open form.

use super::{Answer, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{CaseId, Checklist, ErrorCode};
use station::{CaseDelivery, Failure, Station, checklist_file_name, plan_import};
use std::path::{Path, PathBuf};
use tabular::Format;

pub(super) fn checklist(host: &Host, request: ChecklistRef) -> Answer<ChecklistView> {
    let station = open(host)?;
    shown(&station, request.version)
}

fn shown(station: &Station, version: Option<u32>) -> Answer<ChecklistView> {
    let standing = station.checklist()?;
    let versions = station.read(|view| view.checklist_versions())?;
    Ok(match version {
        None => view::checklist_view(&standing, &versions, &standing.checklist, standing.version.as_ref()),
        Some(version) => {
            let row = station.checklist_version(version)?;
            view::checklist_view(&standing, &versions, &row.checklist, Some(&row.version))
        }
    })
}

fn table(table: ChecklistTable) -> Answer<Checklist> {
    view::checklist(table).ok_or_else(|| Failure::invalid("columns"))
}

pub(super) fn save_checklist(host: &Host, request: SaveChecklist) -> Answer<ChecklistView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let published_on = request.published_on.map(|day| day.trim().to_owned()).filter(|day| !day.is_empty());
    let save = station::SaveChecklist { base: request.base, published_on, checklist: table(request.table)? };
    station.save_checklist(&actor, &save)?;
    shown(&station, None)
}

pub(super) fn plan_checklist_import(_: &Host, request: PlanChecklistImport) -> Answer<ChecklistImport> {
    let format = Format::named(&request.file).ok_or_else(|| Failure::invalid("file").with("file", &request.file))?;
    let bytes = STANDARD.decode(request.content).map_err(|error| Failure::invalid("content").because(error))?;
    let read = tabular::read(format, &bytes).map_err(|error| table_refused(&error))?;
    Ok(view::checklist_import(&plan_import(&table(request.current)?, &read)))
}

fn table_refused(error: &tabular::TableError) -> Failure {
    let failure = Failure::new(ErrorCode::TableRefused).with("reason", view::table_error(error));
    match error.line {
        Some(line) => failure.with("line", line),
        None => failure,
    }
}

pub(super) fn export_checklist(host: &Host, request: ExportChecklist) -> Answer<ExportedFile> {
    let station = open(host)?;
    let format = match request.format {
        TableFormat::Csv => Format::Csv,
        TableFormat::Xlsx => Format::Xlsx,
    };
    let version = match request.version {
        Some(version) => version,
        None => station.checklist()?.version.map_or(0, |version| version.version),
    };
    let file = whole(&request.folder)?.join(checklist_file_name(version, format));
    station.write_checklist(request.version, format, &file)?;
    Ok(ExportedFile { path: file.display().to_string() })
}

/// Returns a folder that was named whole.
fn whole(folder: &str) -> Answer<PathBuf> {
    let folder = Path::new(folder.trim());
    if folder.is_absolute() && folder.is_dir() {
        return Ok(folder.to_owned());
    }
    Err(Failure::invalid("folder").with("path", folder.display()))
}

pub(super) fn case_export(host: &Host, request: CaseRef) -> Answer<CaseExport> {
    let draft = open(host)?.export_draft(&parse::id(&request.case_id, CaseId::parse)?)?;
    Ok(view::case_export(&draft))
}

pub(super) fn export_case(host: &Host, request: ExportCase) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let case = parse::id(&request.case_id, CaseId::parse)?;
    let folder = whole(&request.folder)?.join(station.export_draft(&case)?.name);
    Ok(view::task(&station.start_case_export(&actor, &case, &folder, request.with_footage)?))
}

pub(super) fn deliver_case(host: &Host, request: DeliverCase) -> Answer<DeliveryView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let case = parse::id(&request.case_id, CaseId::parse)?;
    let delivery = CaseDelivery { platform: request.platform, day: request.day, note: request.note };
    Ok(view::delivery(&station.deliver_case(&actor, &case, &delivery)?))
}
