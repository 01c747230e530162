//! After a crash: what was published but not registered is taken over, what was never verified is cleared away.

use crate::copy::discard;
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::{is_sound, restored, year_of};
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use ledger::{Change, ClipRegistered, JobClosed, JobOpened, VolumeRecord};
use model::{Actor, ClipId, Digest, JobId, Level, NumberKind, Problem, ProblemCode};
use register::{ClipRow, JobRow, RegisterError, View};
use std::fs::{self, File};
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

/// Repairs what a crash left behind. Cheap when there was none: the store is only walked when a job was open, or the
/// newest one failed: our disk or register may have stopped it between publishing and registering.
pub fn settle(desk: &Desk<'_>) -> Result<Settled, IntakeError> {
    let mut settled = Settled::default();
    let (open, failed) = desk.register.read::<_, IntakeError>(|view| {
        let failed = view.jobs(1)?.first().is_some_and(|job| job.state == "failed");
        Ok((view.open_jobs()?, failed))
    })?;
    if failed || !open.is_empty() {
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
///
/// Left alone are folders of a registered clip's id, also where a restored copy elsewhere took the original's place,
/// and copies of a content that the register holds soundly.
pub fn adopt(desk: &Desk<'_>) -> Result<Settled, IntakeError> {
    let mut settled = Settled::default();
    for folder in clip_folders(&desk.vault.join("originals"))? {
        let Some(id) = folder.file_name().and_then(|n| n.to_str()).and_then(ClipId::parse) else { continue };
        if desk.register.read::<_, IntakeError>(|view| Ok(view.holds_clip(&id)?))? {
            continue;
        }
        let shown = folder.strip_prefix(desk.vault).unwrap_or(&folder).display().to_string();
        let taken = match claimed(desk, &folder) {
            Ok(record) => take_over(desk, record)?,
            Err(problem) => Err(problem),
        };
        match taken {
            Ok(adopted) => settled.adopted += u64::from(adopted),
            Err(problem) => settled.problems.push(Problem { path: format!("{shown}/{}", problem.path), ..problem }),
        }
    }
    Ok(settled)
}

/// Returns what a folder's sidecar says of it, if it speaks of this folder. Its clip may have another id than the
/// folder: then the copy was made to replace a damaged original.
fn claimed(desk: &Desk<'_>, folder: &Path) -> Result<ClipRegistered, Problem> {
    let sidecar = Sidecar::read(folder)
        .map_err(|error| Problem::new(ProblemCode::SidecarMissing, SIDECAR_FILE).because(error))?;
    let record = sidecar.clip;
    let here = desk.vault.join(&record.stored_path).parent() == Some(folder);
    let speaks = here && ClipId::parse(&record.id).is_some() && Level::from_code(&record.level).is_some();
    if speaks { Ok(record) } else { Err(Problem::new(ProblemCode::SidecarDiffers, SIDECAR_FILE)) }
}

/// Registers a record that was found in the store, or lets the clip that the register knows lie where it says.
/// `false`: the register has the clip here, or holds its content soundly elsewhere.
fn take_over(desk: &Desk<'_>, record: ClipRegistered) -> Result<Result<bool, Problem>, IntakeError> {
    let differs = || Problem::new(ProblemCode::SidecarDiffers, SIDECAR_FILE);
    let (Some(content), Some(id)) = (Digest::from_hex(&record.blake3), ClipId::parse(&record.id)) else {
        return Ok(Err(differs()));
    };
    let (held, namesake) =
        desk.register.read::<_, IntakeError>(|view| Ok((view.clip_by_content(&content)?, view.clip(&id)?)))?;
    let here = |row: &ClipRow| row.clip.stored_path == record.stored_path;
    if held.as_ref().is_some_and(|row| here(row) || is_sound(desk, row)) {
        return Ok(Ok(false));
    }
    if held.is_none() && namesake.is_some() {
        return Ok(Err(differs()));
    }
    if let Err(problem) = verify(&desk.vault.join(&record.stored_path), &record) {
        return Ok(Err(problem));
    }
    let year = year_of(desk);
    desk.register.write::<_, IntakeError>(&desk.author(&Actor::Station), |view| {
        let mut changes: Vec<Change> = Vec::new();
        let known = JobId::parse(&record.job).map(|job| view.job(&job)).transpose()?.flatten().is_some();
        if !known {
            changes.extend(lost_job(&record));
        }
        changes.push(match held {
            Some(row) => restored(ClipRegistered { id: row.clip.id.to_string(), ..record }),
            None => {
                let number = view.next_number(NumberKind::Clip, year)?;
                ClipRegistered { number, adopted: true, ..record }.into()
            }
        });
        Ok((changes, Ok(true)))
    })
}

/// Reads an original twice, cold and for all three digests: a sidecar is only text, and a wrong SHA-256 or SM3 in it
/// would be registered for good.
fn verify(file: &Path, record: &ClipRegistered) -> Result<(), Problem> {
    let unreadable =
        |error: std::io::Error| Problem::new(ProblemCode::OriginalUnreadable, &record.original_name).because(error);
    let back = fixity::reread(file, &|_| {}).map_err(unreadable)?;
    let (size, digests) = File::open(file).and_then(fixity::digest).map_err(unreadable)?;
    let said = [&record.blake3, &record.sha256, &record.sm3].map(|text| Digest::from_hex(text));
    let same = (back.size, back.blake3) == (size, digests.blake3)
        && size == record.size
        && said == [digests.blake3, digests.sha256, digests.sm3].map(Some);
    if same { Ok(()) } else { Err(Problem::new(ProblemCode::OriginalChanged, &record.original_name)) }
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
