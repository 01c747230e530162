//! After a crash: what was published but not registered is taken over, what was never verified is cleared away.

use crate::copy::discard;
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::year_of;
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use ledger::{Change, ClipRegistered, JobClosed, JobOpened, VolumeRecord};
use model::{Actor, ClipId, Digest, JobId, Level, NumberKind, Problem, ProblemCode};
use register::{JobRow, RegisterError, View};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders between `originals` and a clip's own: year, month, day, recorder.
const CLIP_DEPTH: usize = 4;

/// What settling did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Jobs that a crash left open; they continue when the drive is docked again.
    pub interrupted: u64,
    /// Published originals that the register did not know.
    pub adopted: u64,
    /// Staged copies that nobody had verified; the source still has them.
    pub discarded: u64,
    /// Folders that could not be taken over; they stay as they are.
    pub problems: Vec<Problem>,
}

/// Repairs what a crash left behind. Cheap when there was none: the store is only walked when a job was open.
pub fn settle(desk: &Desk<'_>) -> Result<Settled, IntakeError> {
    let mut settled = Settled::default();
    let open = desk.register.read::<_, IntakeError>(|view| Ok(view.open_jobs()?))?;
    if !open.is_empty() {
        settled = adopt(desk)?;
    }
    for folder in folders(&desk.staging())? {
        discard(&folder)?;
        settled.discarded += 1;
    }
    for job in open {
        let closed = desk.register.read::<_, IntakeError>(|view| Ok(interrupted(view, &job)?))?;
        desk.register.write::<_, IntakeError>(&desk.author(&Actor::Station), |_| Ok((vec![closed.into()], ())))?;
        settled.interrupted += 1;
    }
    Ok(settled)
}

/// Returns how a job that a crash left open ends, counted from what it registered and met.
fn interrupted(view: &View<'_>, job: &JobRow) -> Result<JobClosed, RegisterError> {
    let stored = view.clips_of_job(&job.id)?;
    let mut met = 0;
    for row in view.clips_seen_by_job(&job.id)? {
        met += view.sightings(&row.clip.id)?.iter().filter(|seen| seen.job == job.id).count();
    }
    Ok(JobClosed {
        id: job.id.to_string(),
        state: "interrupted".into(),
        stored: stored.len() as u64,
        stored_bytes: stored.iter().map(|row| row.clip.size).sum(),
        already_held: met.saturating_sub(stored.len()) as u64,
        refused: job.refused,
        ..Default::default()
    })
}

/// Takes over every original that the register does not know, by its sidecar and only if its bytes still match.
pub fn adopt(desk: &Desk<'_>) -> Result<Settled, IntakeError> {
    let mut settled = Settled::default();
    for folder in clip_folders(&desk.vault.join("originals"))? {
        let Some(id) = folder.file_name().and_then(|n| n.to_str()).and_then(ClipId::parse) else { continue };
        if desk.register.read::<_, IntakeError>(|view| Ok(view.holds_clip(&id)?))? {
            continue;
        }
        let shown = folder.strip_prefix(desk.vault).unwrap_or(&folder).display().to_string();
        match acceptable(desk, &folder, &id)? {
            Ok(record) => settled.adopted += u64::from(register(desk, record)?),
            Err(problem) => {
                settled.problems.push(Problem { path: format!("{shown}/{}", problem.path), ..problem });
            }
        }
    }
    Ok(settled)
}

/// Returns the record of a folder whose bytes are what its sidecar says.
fn acceptable(desk: &Desk<'_>, folder: &Path, id: &ClipId) -> Result<Result<ClipRegistered, Problem>, IntakeError> {
    let sidecar = match Sidecar::read(folder) {
        Ok(sidecar) => sidecar,
        Err(error) => return Ok(Err(Problem::new(ProblemCode::SidecarMissing, SIDECAR_FILE).because(error))),
    };
    let record = sidecar.clip;
    let file = desk.vault.join(&record.stored_path);
    if record.id != id.as_str() || file.parent() != Some(folder) || Level::from_code(&record.level).is_none() {
        return Ok(Err(Problem::new(ProblemCode::SidecarDiffers, SIDECAR_FILE)));
    }
    let back = match fixity::reread(&file, &|_| {}) {
        Ok(back) => back,
        Err(error) => {
            return Ok(Err(Problem::new(ProblemCode::OriginalUnreadable, &record.original_name).because(error)));
        }
    };
    let same = back.size == record.size && Digest::from_hex(&record.blake3) == Some(back.blake3);
    Ok(if same { Ok(record) } else { Err(Problem::new(ProblemCode::OriginalChanged, &record.original_name)) })
}

/// Registers a record that was found in the store. `false`: its content is held under another id.
fn register(desk: &Desk<'_>, record: ClipRegistered) -> Result<bool, IntakeError> {
    let year = year_of(desk);
    let content = Digest::from_hex(&record.blake3);
    desk.register.write::<_, IntakeError>(&desk.author(&Actor::Station), |view| {
        let mut changes: Vec<Change> = Vec::new();
        if let Some(content) = content
            && view.clip_by_content(&content)?.is_some()
        {
            return Ok((changes, false));
        }
        let known = JobId::parse(&record.job).map(|job| view.job(&job)).transpose()?.flatten().is_some();
        if !known {
            changes.extend(lost_job(&record));
        }
        let number = view.next_number(NumberKind::Clip, year)?;
        changes.push(ClipRegistered { number, adopted: true, ..record }.into());
        Ok((changes, true))
    })
}

/// Returns a stand-in for a job that only a sidecar still names.
fn lost_job(record: &ClipRegistered) -> [Change; 2] {
    let volume = VolumeRecord { key: record.sighting.volume.clone(), ..Default::default() };
    let opened = JobOpened {
        id: record.job.clone(),
        volume,
        recorder_name: record.recorder.clone(),
        admitted: "rebuild".into(),
        declared: "rebuild".into(),
        ..Default::default()
    };
    [opened.into(), JobClosed { id: record.job.clone(), state: "done".into(), ..Default::default() }.into()]
}

/// Returns the clips' own folders, in order.
pub fn clip_folders(originals: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    let mut level = vec![originals.to_owned()];
    for _ in 0..=CLIP_DEPTH {
        let mut below = Vec::new();
        for folder in level {
            below.extend(folders(&folder)?);
        }
        level = below;
    }
    Ok(level)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    let failed = || IntakeError::target("list", folder);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        if entry.file_type().map_err(failed())?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
