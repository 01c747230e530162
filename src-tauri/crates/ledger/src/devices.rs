//! What is written of recorders, of who had them, and of trips.

use crate::change::records;
use model::Recorder;
use serde::{Deserialize, Serialize};

records! {
    /// A recorder as it is now entered; what is not given here is empty from now on.
    RecorderRecorded {
        id: String,
        name: String,
        profile: String,
        serial: String,
        /// The keeper's name.
        keeper: String,
        /// The keeper as a person of the unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keeper_id: Option<String>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        kind: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        maker: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        model: String,
        /// `2026-11-21`
        #[serde(default, skip_serializing_if = "String::is_empty")]
        acquired_on: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        cost: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
        /// A [`model::RecorderStatus`]; empty: in use.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        status: String,
    }
    /// A person as they were called at the time.
    PersonRecord { id: String, name: String, certificate_no: String, }
    RecorderCheckedOut {
        id: String,
        recorder: String,
        person: PersonRecord,
        at: String,
        /// What was seen on checking it; absent: not looked at.
        battery_percent: Option<u32>,
        free_mb: Option<u64>,
        clock_right: Option<bool>,
        performance_ok: Option<bool>,
        /// Further things that the rules ask for and that were found in order, in the rules' words.
        also_checked: Vec<String>,
        /// What the rules ask for and was not checked, in their words.
        unchecked: Vec<String>,
        /// What was checked and found wanting, in words.
        unfit: Vec<String>,
        /// The rule that asks for the check; empty where none does.
        article: String,
        remark: String,
    }
    /// `sound`: nothing was found wrong with it.
    RecorderReturned { checkout: String, recorder: String, person: PersonRecord, at: String, sound: bool, remark: String, }
    RecorderFaulted { id: String, recorder: String, at: String, what: String, found_by: PersonRecord, }
    /// `kind` is a [`model::ServiceKind`], `result` a [`model::ServiceResult`]; `usable` ends the faults that stand.
    RecorderServiced {
        id: String,
        recorder: String,
        kind: String,
        at: String,
        what: String,
        /// The person or the workshop.
        by: String,
        cost: String,
        result: String,
    }
    /// `reason` is the id of a reason in the rules, `reason_name` what it is called, or what was entered instead.
    TripOpened {
        id: String,
        people: Vec<PersonRecord>,
        recorders: Vec<String>,
        reason: String,
        reason_name: String,
        place: String,
        from: String,
        /// What shows it: 派遣单号, 出差审批.
        proof: String,
    }
    TripClosed { id: String, returned_at: String, proof: String, }
    /// Why stands in the event's reason.
    TripWithdrawn { id: String, }
}

impl From<&Recorder> for RecorderRecorded {
    fn from(recorder: &Recorder) -> Self {
        let status = match recorder.status {
            model::RecorderStatus::InUse => "",
            other => other.code(),
        };
        Self {
            id: recorder.id.to_string(),
            name: recorder.name.clone(),
            profile: recorder.profile.clone(),
            serial: recorder.serial.clone(),
            keeper: recorder.keeper.clone(),
            keeper_id: recorder.keeper_id.as_ref().map(ToString::to_string),
            kind: recorder.kind.clone(),
            maker: recorder.maker.clone(),
            model: recorder.model.clone(),
            acquired_on: recorder.acquired_on.clone(),
            cost: recorder.cost.clone(),
            place: recorder.place.clone(),
            status: status.to_owned(),
        }
    }
}
