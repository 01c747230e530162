//! Recorders' clocks: how far one was off at a docking, measured by the newest file or read off its display.

use crate::{Act, Failure, Station, Topic, authorise};
use dock::{Entry, EntryKind, Inventory, TimeBasis};
use intake::{IntakeError, Opening};
use ledger::RecorderClocked;
use model::{Actor, Instant, JobId, StationZone, format_instant};
use register::ClockRow;

/// No recorder on the market makes longer segments. A file's time lies at most so far behind the begin that its name
/// tells; farther off the mount has shifted it, or somebody has written to the card.
const SEGMENT_MAX_MS: i64 = 3600 * 1000;
/// A recorder that is docked is switched off within this of its last recording, or the newest file says nothing of a
/// clock that may be slow.
const DOCKED_WITHIN_MS: i64 = 600 * 1000;
/// What reading off a display is good for: with seconds, and without.
const SECONDS_BOUND_MS: u64 = 2_000;
const MINUTES_BOUND_MS: u64 = 60_000;
/// A display that is farther off than this was misread or mistyped.
const ERROR_MAX_MS: u64 = 100 * 366 * 86_400_000;

/// What the newest file of a drive says of its recorder's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Recorder minus station, in milliseconds.
    pub error_ms: i64,
    pub bound_ms: Option<u64>,
    pub newest_path: String,
    pub newest_at: Instant,
    pub station_at: Instant,
}

/// Compares a drive's newest recording with the station's clock.
///
/// A recording ended before the drive was docked, so the recorder's clock showed no less than the newest file's time:
/// the error is at least newest minus station. Ahead of the station that proves a fast clock, and by how much at
/// least (`bound_ms` is `None`). Behind the station it proves nothing, for nobody knows how long the recorder lay
/// still: only a recording that ended within ten minutes gives an estimate, whose bound is that gap. A slow clock
/// hides in a longer gap, and then this returns `None`.
pub(crate) fn measure(
    inventory: &Inventory,
    basis: &TimeBasis,
    zone: StationZone,
    station_at: Instant,
) -> Option<Measured> {
    let footage = inventory.entries.iter().filter(|entry| entry.kind == EntryKind::Footage);
    let (newest_at, entry) = footage
        .filter_map(|entry| Some((written_at(entry, basis, zone)?, entry)))
        .max_by(|a, b| (a.0, &b.1.path).cmp(&(b.0, &a.1.path)))?;
    let error_ms = newest_at.signed_duration_since(station_at).num_milliseconds();
    let gap = error_ms.unsigned_abs();
    let bound_ms = match error_ms {
        1.. => None,
        _ if error_ms >= -DOCKED_WITHIN_MS => Some(gap),
        _ => return None,
    };
    (gap <= ERROR_MAX_MS).then(|| Measured {
        error_ms,
        bound_ms,
        newest_path: entry.shown.clone(),
        newest_at,
        station_at,
    })
}

/// Returns when a file was last written by the recorder's clock: the begin in its name, or the file's own time where
/// that is told and lies shortly behind it.
fn written_at(entry: &Entry, basis: &TimeBasis, zone: StationZone) -> Option<Instant> {
    let written = basis.recorder_time(entry.mtime, entry.mtime_nanos, zone);
    let Some(begun) = entry.recorded_from else { return written };
    let lapse = |written: &Instant| written.signed_duration_since(begun).num_milliseconds();
    Some(written.filter(|written| (0..=SEGMENT_MAX_MS).contains(&lapse(written))).unwrap_or(begun))
}

/// Returns the offset of this machine's own zone in minutes, at a time.
pub(crate) fn machine_minutes(at: Instant) -> i32 {
    use chrono::{Offset as _, TimeZone as _};
    chrono::Local.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc() / 60
}

/// Reads what somebody saw on a recorder: `2026-11-21 09:05:17`, without seconds, or the time of day alone, which is
/// then that of the day that brings it nearest to the station's clock. Returns it with what it is good for.
fn read_display(text: &str, zone: StationZone, station_at: Instant) -> Option<(Instant, u64)> {
    let text = text.trim();
    let bound_ms = if text.matches(':').count() >= 2 { SECONDS_BOUND_MS } else { MINUTES_BOUND_MS };
    if let Some(at) = zone.parse(text) {
        return Some((at, bound_ms));
    }
    let distance = |at: &Instant| at.signed_duration_since(station_at).num_milliseconds().unsigned_abs();
    let nearest = [-1, 0, 1].into_iter().filter_map(|days| {
        let day = model::shifted(station_at, days * 86_400_000)?;
        zone.parse(&format!("{} {text}", zone.local(day).date_naive()))
    });
    nearest.min_by_key(distance).map(|at| (at, bound_ms))
}

impl Station {
    /// 人工校核: notes what a recorder's display showed and when. It outranks what the newest file says.
    ///
    /// `recorder_shows`: `2026-11-21 09:05:17`, without seconds, or only the time of day. `station_at`: when it was
    /// read off; `None`: just now. The bound is ±2 s, or ±1 min where no seconds are given. Returns the clock as it now
    /// stands.
    pub fn enter_recorder_clock(
        &self,
        actor: &Actor,
        job: &JobId,
        recorder_shows: &str,
        station_at: Option<Instant>,
    ) -> Result<ClockRow, Failure> {
        authorise(self, actor, Act::Intake)?;
        let station_at = station_at.unwrap_or_else(|| self.now());
        let (shown, bound_ms) =
            read_display(recorder_shows, self.zone(), station_at).ok_or_else(|| Failure::invalid("recorder_shows"))?;
        let error_ms = shown.signed_duration_since(station_at).num_milliseconds();
        if error_ms.unsigned_abs() > ERROR_MAX_MS {
            return Err(Failure::invalid("recorder_shows"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let row = view.job(job)?.ok_or_else(|| Failure::not_found(job))?;
            let clocked = RecorderClocked {
                recorder: row.recorder,
                volume: row.volume_key,
                job: Some(job.to_string()),
                method: "entered".into(),
                error_ms,
                bound_ms: Some(bound_ms),
                newest_path: String::new(),
                newest_at: None,
                station_at: format_instant(station_at),
            };
            Ok((vec![clocked.into()], ()))
        })?;
        self.tell(&[Topic::Jobs, Topic::Dock]);
        self.clock_of(job)?.ok_or_else(|| Failure::not_found(job))
    }

    /// Returns how far the recorder's clock was off at an intake: what was entered by hand, else what the newest file
    /// says; `None` where nothing is known.
    pub fn clock_of(&self, job: &JobId) -> Result<Option<ClockRow>, Failure> {
        self.read(|view| view.clock_of_job(job))
    }

    /// Notes what the newest file of a drive says of its recorder's clock.
    pub(crate) fn note_clock(&self, actor: &Actor, opening: &Opening, measured: Measured) -> Result<(), IntakeError> {
        let clocked = RecorderClocked {
            recorder: opening.recorder.clone(),
            volume: opening.volume.key.clone(),
            job: Some(opening.job.to_string()),
            method: "newest_file".into(),
            error_ms: measured.error_ms,
            bound_ms: measured.bound_ms,
            newest_path: measured.newest_path,
            newest_at: Some(format_instant(measured.newest_at)),
            station_at: format_instant(measured.station_at),
        };
        self.register.write(&self.author(actor, ""), |_| Ok((vec![clocked.into()], ())))
    }
}
