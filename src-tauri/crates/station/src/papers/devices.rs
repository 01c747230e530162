//! 设备台账, 领用归还, 维护.

use super::content::{PaperContent, row};
use super::filling::Filling;
use super::words::{fill, words};
use crate::{Failure, recorder_profiles};
use forms::ListRow;
use model::{Recorder, SubjectKind};

/// 设备台账: every recorder of the register.
pub(super) fn ledger(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let recorders = filling.station.read(|view| view.recorders())?;
    let rules = &filling.pack().devices;
    let kind = rules.kinds.value.first().map_or("", String::as_str);
    let must_be_kept = rules.keeper.as_ref().is_some_and(|rule| rule.value);
    let profiles = recorder_profiles();
    let rows = recorders.iter().map(|recorder| {
        let profile = profiles.iter().find(|(id, _, _)| *id == recorder.profile);
        let model = profile.map(|(_, maker, model)| format!("{maker} {model}")).unwrap_or_default();
        let idle = must_be_kept && recorder.keeper.is_empty();
        row(&[
            ("number", &recorder.name),
            ("kind", kind),
            ("model", model.trim()),
            ("serial", &recorder.serial),
            ("keeper", &recorder.keeper),
            ("state", if idle { &words().device_unkept } else { &words().device_in_use }),
            ("note", if idle { &words().device_unkept_note } else { "" }),
        ])
    });
    let rows: Vec<ListRow> = rows.collect();
    content.set("as_of", filling.zone.show(filling.station.now()));
    content.set("count", fill(&words().device_count, &[("count", &rows.len().to_string())]));
    content.lists.insert("devices".to_owned(), rows);
    kept_by(filling, content)
}

/// 领用归还登记表 of the period, of one recorder or of all.
pub(super) fn checkout(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let recorder = recorder(filling)?;
    let rows = checkouts(filling, recorder.as_ref());
    entries(filling, content, rows)
}

/// 维护保养记录 of the period, of one recorder or of all.
pub(super) fn maintenance(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let recorder = recorder(filling)?;
    let rows = services(filling, recorder.as_ref());
    entries(filling, content, rows)
}

/// Returns the lines of 领用归还 within the period. The register records none.
fn checkouts(_filling: &Filling<'_>, _recorder: Option<&Recorder>) -> Vec<ListRow> {
    Vec::new()
}

/// Returns the lines of 维护保养 within the period. The register records none.
fn services(_filling: &Filling<'_>, _recorder: Option<&Recorder>) -> Vec<ListRow> {
    Vec::new()
}

fn entries(filling: &Filling<'_>, content: &mut PaperContent, rows: Vec<ListRow>) -> Result<(), Failure> {
    content.set("period", filling.period()?.show());
    content.set("count", rows.len().to_string());
    content.lists.insert("entries".to_owned(), rows);
    kept_by(filling, content)
}

fn kept_by(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    content.set("department", filling.department()?);
    content.set("custodian", filling.operator_name());
    content.sign("custodian", [filling.operator_name()]);
    Ok(())
}

/// Returns the recorder that the paper is about; `None` where it is about all of the unit's.
fn recorder(filling: &Filling<'_>) -> Result<Option<Recorder>, Failure> {
    if filling.subject.kind != SubjectKind::Recorder {
        return Ok(None);
    }
    let all = filling.station.read(|view| view.recorders())?;
    let found = all.into_iter().find(|recorder| recorder.id.as_str() == filling.subject.id);
    found.map(Some).ok_or_else(|| Failure::not_found(&filling.subject.id))
}
