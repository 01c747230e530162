//! Recorders, who has them, and trips: from the domain to the wire.

use super::{clips::entry, recorder, rules::limit};
use crate::dto;
use ::rules::RulePack;
use model::{UseCheck, format_instant};
use register::{CheckoutRow, FaultRow, NamedPerson, RecorderRow, ServiceRow, TripRow, Withdrawn};
use station::RecorderHistory;

/// Returns a line of the 设备台账, as the rules in force see it.
pub fn recorder_row(pack: &RulePack, row: &RecorderRow) -> dto::RecorderRow {
    let held = &row.recorder;
    dto::RecorderRow {
        id: held.id.to_string(),
        recorder: recorder(held),
        keeper_id: held.keeper_id.as_ref().map(ToString::to_string),
        keeper_left: row.keeper_left,
        kind: held.kind.clone(),
        maker: held.maker.clone(),
        model: held.model.clone(),
        acquired_on: held.acquired_on.clone(),
        cost: held.cost.clone(),
        place: held.place.clone(),
        status: match held.status {
            model::RecorderStatus::InUse => dto::RecorderStatus::InUse,
            model::RecorderStatus::StandBy => dto::RecorderStatus::Standby,
            model::RecorderStatus::InRepair => dto::RecorderStatus::InRepair,
            model::RecorderStatus::Retired => dto::RecorderStatus::Retired,
        },
        state: match row.state {
            model::RecorderState::InStore => dto::RecorderState::InStore,
            model::RecorderState::Out => dto::RecorderState::Out,
            model::RecorderState::Faulty => dto::RecorderState::Faulty,
            model::RecorderState::Retired => dto::RecorderState::Retired,
        },
        recorded_at: format_instant(row.recorded_at),
        out: row.out.as_ref().map(checkout),
        faults: row.faults.iter().map(fault).collect(),
        keeper_wanted: station::keeper_wanted(pack, row),
    }
}

pub(crate) fn recorder_detail(pack: &RulePack, known: &RecorderHistory) -> dto::RecorderDetail {
    dto::RecorderDetail {
        row: recorder_row(pack, &known.row),
        checkouts: known.checkouts.iter().map(checkout).collect(),
        faults: known.faults.iter().map(fault).collect(),
        services: known.services.iter().map(service).collect(),
        trips: known.trips.iter().map(|row| trip(pack, row)).collect(),
        history: known.events.iter().map(entry).collect(),
    }
}

/// Returns what a pack asks of recorders.
pub(crate) fn device_rules(pack: &RulePack) -> dto::DeviceRules {
    let asked = pack.devices.check_before_use.as_ref();
    let checks = asked.map(|rule| rule.value.as_slice()).unwrap_or_default();
    let article = asked.and_then(|rule| rule.article.as_deref()).map(|article| pack.cite(article));
    let check = |word: &String| dto::AskedCheck { word: word.clone(), check: UseCheck::named(word).map(use_check) };
    dto::DeviceRules {
        kinds: pack.devices.kinds.value.clone(),
        checks: checks.iter().map(check).collect(),
        checks_article: article.unwrap_or_default(),
    }
}

fn use_check(check: UseCheck) -> dto::UseCheck {
    match check {
        UseCheck::Performance => dto::UseCheck::Performance,
        UseCheck::Battery => dto::UseCheck::Battery,
        UseCheck::Storage => dto::UseCheck::Storage,
        UseCheck::Clock => dto::UseCheck::Clock,
    }
}

fn person(person: &NamedPerson) -> dto::NamedPerson {
    dto::NamedPerson {
        id: person.id.to_string(),
        name: person.name.clone(),
        certificate_no: person.certificate_no.clone(),
    }
}

fn checkout(row: &CheckoutRow) -> dto::CheckoutRow {
    dto::CheckoutRow {
        id: row.id.to_string(),
        recorder: row.recorder.to_string(),
        recorder_name: row.recorder_name.clone(),
        person: person(&row.person),
        at: format_instant(row.at),
        battery_percent: row.battery_percent,
        free_mb: row.free_mb,
        clock_right: row.clock_right,
        performance_ok: row.performance_ok,
        also_checked: row.also_checked.clone(),
        unchecked: row.unchecked.clone(),
        unfit: row.unfit.iter().copied().map(use_check).collect(),
        article: row.article.clone(),
        remark: row.remark.clone(),
        handed_out_by: row.handed_out_by.clone(),
        returned: row.returned.as_ref().map(|returned| dto::ReturnedView {
            at: format_instant(returned.at),
            person: person(&returned.person),
            taken_back_by: returned.taken_back_by.clone(),
            sound: returned.sound,
            remark: returned.remark.clone(),
        }),
    }
}

fn fault(row: &FaultRow) -> dto::FaultRow {
    dto::FaultRow {
        id: row.id.to_string(),
        recorder: row.recorder.to_string(),
        recorder_name: row.recorder_name.clone(),
        at: format_instant(row.at),
        what: row.what.clone(),
        found_by: person(&row.found_by),
        recorded_by: row.recorded_by.clone(),
        ended_by: row.ended_by.as_ref().map(ToString::to_string),
    }
}

fn service(row: &ServiceRow) -> dto::ServiceRow {
    dto::ServiceRow {
        id: row.id.to_string(),
        recorder: row.recorder.to_string(),
        recorder_name: row.recorder_name.clone(),
        kind: match row.kind {
            model::ServiceKind::Repair => dto::ServiceKind::Repair,
            model::ServiceKind::Maintenance => dto::ServiceKind::Maintenance,
            model::ServiceKind::Renewal => dto::ServiceKind::Renewal,
        },
        at: format_instant(row.at),
        what: row.what.clone(),
        by: row.by.clone(),
        cost: row.cost.clone(),
        result: match row.result {
            model::ServiceResult::Usable => dto::ServiceResult::Usable,
            model::ServiceResult::SentAway => dto::ServiceResult::SentAway,
            model::ServiceResult::Unusable => dto::ServiceResult::Unusable,
        },
        recorded_by: row.recorded_by.clone(),
    }
}

/// Returns a trip, as the rules in force see it.
pub fn trip(pack: &RulePack, row: &TripRow) -> dto::TripRow {
    let recorder = |one: &register::TripRecorder| dto::TripRecorder { id: one.id.to_string(), name: one.name.clone() };
    let withdrawn = |held: &Withdrawn| dto::WithdrawnView {
        at: format_instant(held.at),
        by: held.by.clone(),
        reason: held.reason.clone(),
    };
    dto::TripRow {
        id: row.id.to_string(),
        people: row.people.iter().map(person).collect(),
        recorders: row.recorders.iter().map(recorder).collect(),
        reason: row.reason.clone(),
        reason_name: row.reason_name.clone(),
        place: row.place.clone(),
        from: format_instant(row.from),
        proof: row.proof.clone(),
        opened_at: format_instant(row.opened_at),
        opened_by: row.opened_by.clone(),
        returned: row.returned.as_ref().map(|returned| dto::TripReturn {
            at: format_instant(returned.at),
            proof: returned.proof.clone(),
            closed_by: returned.closed_by.clone(),
        }),
        withdrawn: row.withdrawn.as_ref().map(withdrawn),
        moves_clock: station::moves_clock(pack, row),
    }
}

/// Returns the trips with what a pack says of them.
pub fn trip_list(pack: &RulePack, rows: &[TripRow]) -> dto::TripList {
    let away = pack.store.away.as_ref();
    let reason = |item: &::rules::Item| dto::TripReason { id: item.id.clone(), name: item.name.clone() };
    dto::TripList {
        trips: rows.iter().map(|row| trip(pack, row)).collect(),
        reasons: away.map(|rules| rules.reasons.iter().map(reason).collect()).unwrap_or_default(),
        article: away.map(|rules| pack.cite(&rules.article)),
        within: away.map(|rules| limit(rules.within)).unwrap_or_default(),
    }
}
