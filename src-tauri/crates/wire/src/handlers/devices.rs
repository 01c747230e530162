//! Recorders, who has them, and trips.

use super::{Answer, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use model::{Instant, PersonId, RecorderId, TripId};
use station::{Failure, Station};

pub(super) fn devices(host: &Host, _: Nothing) -> Answer<DeviceList> {
    let station = open(host)?;
    let pack = station.rule_pack()?;
    let recorders = station.recorder_rows()?.iter().map(|row| view::recorder_row(&pack, row)).collect();
    Ok(DeviceList { recorders, rules: view::device_rules(&pack) })
}

pub(super) fn device(host: &Host, request: RecorderRef) -> Answer<RecorderDetail> {
    let station = open(host)?;
    let known = station.recorder_history(&parse::id(&request.recorder, RecorderId::parse)?)?;
    Ok(view::recorder_detail(&*station.rule_pack()?, &known))
}

pub(super) fn save_recorder(host: &Host, request: SaveRecorder) -> Answer<RecorderRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    shown(&station, &station.save_recorder(&actor, &parse::recorder(request)?)?)
}

pub(super) fn check_out(host: &Host, request: CheckOut) -> Answer<RecorderRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let order = station::CheckOut {
        recorder: parse::id(&request.recorder, RecorderId::parse)?,
        person: parse::id(&request.person, PersonId::parse)?,
        at: time(&station, "at", request.at)?,
        checks: station::UseChecks {
            battery_percent: request.battery_percent,
            free_mb: request.free_mb,
            clock_right: request.clock_right,
            performance_ok: request.performance_ok,
            also_checked: request.also_checked,
        },
        remark: request.remark,
        despite: request.despite,
    };
    shown(&station, &station.check_out(&actor, &order)?)
}

pub(super) fn return_recorder(host: &Host, request: ReturnRecorder) -> Answer<RecorderRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let order = station::ReturnRecorder {
        recorder: parse::id(&request.recorder, RecorderId::parse)?,
        person: parse::id(&request.person, PersonId::parse)?,
        at: time(&station, "at", request.at)?,
        fault: request.fault,
        remark: request.remark,
    };
    shown(&station, &station.return_recorder(&actor, &order)?)
}

pub(super) fn report_fault(host: &Host, request: ReportFault) -> Answer<RecorderRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let order = station::ReportFault {
        recorder: parse::id(&request.recorder, RecorderId::parse)?,
        person: parse::id(&request.person, PersonId::parse)?,
        at: time(&station, "at", request.at)?,
        what: request.what,
    };
    shown(&station, &station.report_fault(&actor, &order)?)
}

pub(super) fn service_recorder(host: &Host, request: ServiceRecorder) -> Answer<RecorderRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let order = station::Service {
        recorder: parse::id(&request.recorder, RecorderId::parse)?,
        kind: parse::service_kind(request.kind),
        at: time(&station, "at", request.at)?,
        what: request.what,
        by: request.by,
        cost: request.cost,
        result: parse::service_result(request.result),
    };
    shown(&station, &station.service_recorder(&actor, &order)?)
}

pub(super) fn trips(host: &Host, _: Nothing) -> Answer<TripList> {
    let station = open(host)?;
    Ok(view::trip_list(&*station.rule_pack()?, &station.trips()?))
}

pub(super) fn open_trip(host: &Host, request: OpenTrip) -> Answer<TripRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let returned = time(&station, "returned_at", request.returned_at)?;
    let order = station::OpenTrip {
        people: parse::ids(&request.people, PersonId::parse)?,
        recorders: parse::ids(&request.recorders, RecorderId::parse)?,
        reason: request.reason,
        place: request.place,
        from: time(&station, "from", Some(request.from))?.ok_or_else(|| Failure::invalid("from"))?,
        proof: request.proof,
        returned: returned.map(|at| (at, request.return_proof)),
    };
    Ok(view::trip(&*station.rule_pack()?, &station.open_trip(&actor, &order)?))
}

pub(super) fn close_trip(host: &Host, request: CloseTrip) -> Answer<TripRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let id = parse::id(&request.trip, TripId::parse)?;
    let returned_at = time(&station, "returned_at", request.returned_at)?;
    Ok(view::trip(&*station.rule_pack()?, &station.close_trip(&actor, &id, returned_at, &request.proof)?))
}

pub(super) fn withdraw_trip(host: &Host, request: WithdrawTrip) -> Answer<TripRow> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let id = parse::id(&request.trip, TripId::parse)?;
    Ok(view::trip(&*station.rule_pack()?, &station.withdraw_trip(&actor, &id, &request.reason)?))
}

/// Returns a moment that was entered; none or nothing but spaces is none.
fn time(station: &Station, field: &str, text: Option<String>) -> Answer<Option<Instant>> {
    match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => station.parse_time(text).map(Some).ok_or_else(|| Failure::invalid(field)),
    }
}

fn shown(station: &Station, row: &register::RecorderRow) -> Answer<RecorderRow> {
    Ok(view::recorder_row(&*station.rule_pack()?, row))
}
