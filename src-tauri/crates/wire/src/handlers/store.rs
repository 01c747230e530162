//! What keeps the store sound: alarms, the scrub, second copies, backups, recorders' clocks.

use super::{Answer, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use model::{AlarmId, ClipId, ClipState, JobId, Level};
use register::{AlarmRow, ClipRow};
use station::{Failure, JobState, Station};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Alarms told at once.
const ALARMS_MAX: u32 = 200;
/// Where systems mount disks: the folders that choosing one begins with.
const DISK_FOLDERS: [&str; 4] = ["/media", "/run/media", "/mnt", "/srv"];

pub(super) fn job_outcome(host: &Host, request: JobRef) -> Answer<JobOutcome> {
    let station = open(host)?;
    let job = parse::id(&request.job, JobId::parse)?;
    let running = station.job_status(&job)?.state == JobState::Running;
    let clips = if running { Vec::new() } else { station.read(|view| view.clips_of_job(&job))? };
    let mut levels: BTreeMap<Level, u64> = BTreeMap::new();
    for row in clips.iter().filter(|row| row.clip.state == ClipState::Verified) {
        *levels.entry(row.clip.level).or_default() += 1;
    }
    let (copied, to_copy) = copies_among(&station, &clips)?;
    let damaged = clips.iter().filter(|row| row.clip.state == ClipState::Damaged);
    let suspect = clips.iter().filter(|row| row.clip.state == ClipState::Suspect);
    Ok(JobOutcome {
        levels: levels.into_iter().map(|(level, clips)| LevelCount { level: level.code().to_owned(), clips }).collect(),
        damaged: damaged.map(view::damaged).collect(),
        suspect: suspect.map(view::clip).collect(),
        copied,
        to_copy,
        clock: station.clock_of(&job)?.as_ref().map(view::clock),
    })
}

/// Returns how many of the clips have a good second copy, and how many are to have one.
fn copies_among(station: &Station, clips: &[ClipRow]) -> Answer<(u64, u64)> {
    let status = station.copy_status()?;
    if status.place.is_none() {
        return Ok((0, 0));
    }
    let wanted = clips.iter().filter(|row| row.clip.state != ClipState::Mismatch);
    let mut counts = (0, 0);
    for row in wanted {
        let copies = station.read(|view| view.copies_of(&row.clip.id))?;
        counts.0 += u64::from(copies.iter().any(|copy| copy.good && copy.place == status.id));
        counts.1 += 1;
    }
    Ok(counts)
}

pub(super) fn enter_clock(host: &Host, request: EnterClock) -> Answer<ClockView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let job = parse::id(&request.job, JobId::parse)?;
    Ok(view::clock(&station.enter_recorder_clock(&actor, &job, &request.recorder_shows, None)?))
}

pub(super) fn alarms(host: &Host, request: AlarmQuery) -> Answer<Vec<AlarmView>> {
    let station = open(host)?;
    let limit = request.limit.clamp(1, ALARMS_MAX);
    let mut rows = if request.open { station.alarms()? } else { station.recent_alarms(limit)? };
    rows.truncate(limit as usize);
    rows.iter().map(|row| alarm(&station, row)).collect()
}

/// Adds the clip that an alarm is about: its subject is then the clip's id.
fn alarm(station: &Station, row: &AlarmRow) -> Answer<AlarmView> {
    let clip = match ClipId::parse(&row.subject) {
        Some(id) => station.read(|view| view.clip(&id))?,
        None => None,
    };
    Ok(view::alarm(row, clip.as_ref()))
}

pub(super) fn acknowledge_alarm(host: &Host, request: AcknowledgeAlarm) -> Answer<AlarmView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let id = parse::id(&request.alarm, AlarmId::parse)?;
    alarm(&station, &station.acknowledge_alarm(&actor, &id, &request.note)?)
}

pub(super) fn scrub(host: &Host, _: Nothing) -> Answer<ScrubView> {
    Ok(view::scrub(&open(host)?.scrub_status()?))
}

pub(super) fn pause_scrub(host: &Host, request: PauseScrub) -> Answer<ScrubView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::scrub(&station.pause_scrub(&actor, request.paused)?))
}

pub(super) fn scrub_now(host: &Host, _: Nothing) -> Answer<ScrubView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::scrub(&station.scrub_now(&actor)?))
}

pub(super) fn copy_status(host: &Host, _: Nothing) -> Answer<CopyStatus> {
    Ok(view::copy_status(&open(host)?.copy_status()?))
}

pub(super) fn restore_plan(host: &Host, request: ClipRef) -> Answer<RestorePlan> {
    Ok(view::restore_plan(&open(host)?.restore_plan(&parse::id(&request.clip, ClipId::parse)?)?))
}

pub(super) fn restore_clip(host: &Host, request: ClipRef) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::task(&station.start_restore(&actor, &parse::id(&request.clip, ClipId::parse)?)?))
}

pub(super) fn backups(host: &Host, _: Nothing) -> Answer<Vec<BackupView>> {
    Ok(open(host)?.backups()?.iter().map(view::backup).collect())
}

pub(super) fn back_up(host: &Host, _: Nothing) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::task(&station.start_backup(&actor)?))
}

/// Lists the folders of this machine, for choosing one where no system dialog can be had.
pub(super) fn folders(_: &Host, request: FolderQuery) -> Answer<FolderList> {
    let folder = match request.folder.trim() {
        "" => DISK_FOLDERS.iter().map(Path::new).find(|place| place.is_dir()).unwrap_or(Path::new("/")).to_owned(),
        typed => PathBuf::from(typed),
    };
    let unusable = |error: std::io::Error| Failure::invalid("folder").with("path", folder.display()).because(error);
    if !folder.is_absolute() {
        return Err(Failure::invalid("folder").with("path", folder.display()));
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unusable)? {
        let entry = entry.map_err(unusable)?;
        // A name that is no text could not be handed back.
        let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'));
        if let (Some(name), true) = (name, entry.path().is_dir()) {
            found.push(FolderView { path: entry.path().display().to_string(), name });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (disk_free, disk_total) = fixity::disk_space(&folder).map_err(unusable)?;
    Ok(FolderList {
        parent: folder.parent().map(|above| above.display().to_string()),
        folder: folder.display().to_string(),
        folders: found,
        disk_free,
        disk_total,
    })
}
