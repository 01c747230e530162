//! How far a recorder's clock was off: read off its display, or as it stands.

use super::Outcome;
use crate::context::Desk;
use crate::output::Answer;
use crate::render::{duration, facts};
use crate::words::say;
use model::{JobId, format_instant};
use register::ClockRow;
use serde::Serialize;
use station::Failure;

#[derive(Debug, Serialize)]
struct ClockDocument {
    job: String,
    /// `entered` or `newest_file`; `None` where nothing is known, and then so is the rest.
    method: Option<String>,
    /// The recorder's time minus the station's.
    error_ms: Option<i64>,
    /// The true error lies within this of it; `None`: it is no less.
    bound_ms: Option<u64>,
    newest_path: String,
    station_at: Option<String>,
}

/// `clock`
pub fn clock(desk: &Desk, job: &str, recorder_shows: Option<&str>) -> Outcome {
    let id = JobId::parse(&job.to_ascii_uppercase()).ok_or_else(|| Failure::not_found(job))?;
    let row = match recorder_shows {
        Some(shown) => Some(desk.station.enter_recorder_clock(&desk.actor, &id, shown, None)?),
        None => {
            desk.station.job_status(&id)?;
            desk.station.clock_of(&id)?
        }
    };
    let document = ClockDocument {
        job: id.to_string(),
        method: row.as_ref().map(|row| row.method.clone()),
        error_ms: row.as_ref().map(|row| row.error_ms),
        bound_ms: row.as_ref().and_then(|row| row.bound_ms),
        newest_path: row.as_ref().map(|row| row.newest_path.clone()).unwrap_or_default(),
        station_at: row.as_ref().map(|row| format_instant(row.station_at)),
    };
    let text = match &row {
        None => say("clock_unknown", &[]) + "\n",
        Some(row) => facts(&[
            ("clock_error", error(row)),
            ("clock_checked_at", desk.station.zone().show(row.station_at)),
            ("clock_method", say(if row.method == "entered" { "clock_entered" } else { "clock_newest_file" }, &[])),
            ("clock_newest", row.newest_path.clone()),
        ]),
    };
    Ok(Answer::new(&document, text))
}

/// Returns `快 3分12秒，误差不超过 2秒`.
fn error(row: &ClockRow) -> String {
    let seconds = row.error_ms.unsigned_abs() / 1000;
    let direction = match row.error_ms {
        _ if seconds == 0 => "clock_exact",
        0.. => "clock_fast",
        _ => "clock_slow",
    };
    let bound = match row.bound_ms {
        Some(bound) => say("clock_bound", &[("bound", &duration(bound.div_ceil(1000)))]),
        None => say("clock_at_least", &[]),
    };
    say(direction, &[("error", &duration(seconds))]) + &bound
}
