//! 设备台账, 领用归还, 维护.

use super::content::{PaperContent, row};
use super::filling::Filling;
use super::words::{fill, state, words};
use crate::devices::keeper_wanted;
use crate::{Failure, recorder_profiles};
use forms::ListRow;
use model::{Instant, Recorder, ServiceKind, SubjectKind};
use register::{CheckoutRow, FaultRow, ServiceRow};

/// 设备台账: every recorder of the register.
pub(super) fn ledger(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let recorders = filling.station.read(|view| view.recorder_rows())?;
    let profiles = recorder_profiles();
    let rows = recorders.iter().map(|held| {
        let recorder = &held.recorder;
        let profile = profiles.iter().find(|(id, _, _)| *id == recorder.profile);
        let known = profile.map(|(_, maker, model)| format!("{maker} {model}")).unwrap_or_default();
        let entered = format!("{} {}", recorder.maker, recorder.model);
        let unkept = keeper_wanted(filling.pack(), held).is_some();
        row(&[
            ("number", &recorder.name),
            ("kind", &recorder.kind),
            ("model", if entered.trim().is_empty() { known.trim() } else { entered.trim() }),
            ("serial", &recorder.serial),
            ("bought_at", &recorder.acquired_on),
            ("keeper", &recorder.keeper),
            ("issued_at", &held.out.as_ref().map(|out| filling.day(out.at)).unwrap_or_default()),
            ("place", &recorder.place),
            ("state", state("recorder_state", held.state.code())),
            ("note", if unkept { &words().device_unkept_note } else { "" }),
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
    let rows = checkouts(filling, recorder.as_ref())?;
    entries(filling, content, rows)
}

/// 维护保养记录 of the period, of one recorder or of all.
pub(super) fn maintenance(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let recorder = recorder(filling)?;
    let rows = services(filling, recorder.as_ref())?;
    entries(filling, content, rows)
}

/// Returns the lines of 领用归还 within the period, the oldest first.
fn checkouts(filling: &Filling<'_>, recorder: Option<&Recorder>) -> Result<Vec<ListRow>, Failure> {
    let period = filling.period()?;
    let found = filling.station.read(|view| view.checkouts(recorder.map(|recorder| &recorder.id)))?;
    let within = found.iter().rev().filter(|one| period.holds(filling.zone.local(one.at).date_naive()));
    Ok(within.map(|one| checkout_row(filling, one)).collect())
}

fn checkout_row(filling: &Filling<'_>, one: &CheckoutRow) -> ListRow {
    let found = |fit: Option<bool>| match fit {
        Some(true) => words().check_fit.as_str(),
        Some(false) => &words().check_unfit,
        None => &words().check_none,
    };
    let number = |text: Option<String>| text.unwrap_or_else(|| words().check_none.clone());
    let battery = one.battery_percent.map(|percent| fill(&words().percent, &[("percent", &percent.to_string())]));
    let back = one.returned.as_ref();
    let condition = back.map(|back| {
        let sound = if back.sound { &words().returned_sound } else { &words().returned_flawed };
        [sound.as_str(), &back.remark].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("，")
    });
    row(&[
        ("device", &one.recorder_name),
        ("taken_by", &one.person.name),
        ("taken_at", &filling.zone.show(one.at)),
        ("purpose", &one.remark),
        ("battery", &number(battery)),
        ("storage", &number(one.free_mb.map(|mb| forms::size(mb * 1_000_000)))),
        ("clock", found(one.clock_right)),
        ("performance", found(one.performance_ok)),
        ("given_by", &one.handed_out_by),
        ("returned_at", &back.map(|back| filling.zone.show(back.at)).unwrap_or_default()),
        ("condition", &condition.unwrap_or_default()),
        ("received_by", back.map_or("", |back| back.taken_back_by.as_str())),
    ])
}

/// Returns the lines of 维护保养 within the period, the oldest first: each service, and each fault that still stands.
fn services(filling: &Filling<'_>, recorder: Option<&Recorder>) -> Result<Vec<ListRow>, Failure> {
    let period = filling.period()?;
    let id = recorder.map(|recorder| &recorder.id);
    let (services, faults) = filling.station.read(|view| Ok((view.services(id)?, view.faults(id)?)))?;
    let mut lines: Vec<(Instant, ListRow)> = Vec::new();
    for one in &services {
        let fault = faults.iter().rfind(|fault| fault.ended_by.as_ref() == Some(&one.id));
        lines.push((one.at, service_row(filling, one, fault)));
    }
    for fault in faults.iter().filter(|fault| fault.ended_by.is_none()) {
        let said = [
            ("device", fault.recorder_name.as_str()),
            ("kind", state("service_kind", ServiceKind::Repair.code())),
            ("reported_at", &filling.zone.show(fault.at)),
            ("reported_by", &fault.found_by.name),
            ("fault", &fault.what),
        ];
        lines.push((fault.at, row(&said)));
    }
    lines.retain(|(at, _)| period.holds(filling.zone.local(*at).date_naive()));
    lines.sort_by_key(|(at, _)| *at);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn service_row(filling: &Filling<'_>, one: &ServiceRow, fault: Option<&FaultRow>) -> ListRow {
    row(&[
        ("device", &one.recorder_name),
        ("kind", state("service_kind", one.kind.code())),
        ("reported_at", &filling.zone.show(fault.map_or(one.at, |fault| fault.at))),
        ("reported_by", fault.map_or(one.recorded_by.as_str(), |fault| &fault.found_by.name)),
        ("fault", fault.map_or(one.what.as_str(), |fault| &fault.what)),
        ("work", &one.what),
        ("done_by", &one.by),
        ("cost", &one.cost),
        ("done_at", &filling.zone.show(one.at)),
        ("result", state("service_result", one.result.code())),
    ])
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
