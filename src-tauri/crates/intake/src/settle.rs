//! After a crash: what was published but not registered is taken over, what was never verified is cleared away.

use crate::commit::{damage_alarm, restored, year_of};
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::is_held;
use crate::job::cut_off;
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use fixity::{Disk, RereadError, Unwatched};
use ledger::{Change, ClipChecked, ClipRegistered, JobClosed, JobOpened, RangeRecord, VolumeRecord};
use model::{Actor, ClipId, ClipState, Digest, JobId, Level, NumberKind, Problem, ProblemCode};
use register::ClipRow;
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
        desk.disk.remove(&folder).map_err(IntakeError::target("remove what was staged in", &folder))?;
        settled.discarded += 1;
    }
    for job in open {
        let closed = desk.register.read::<_, IntakeError>(|view| Ok(cut_off(view, &job)?))?;
        desk.register.write::<_, IntakeError>(&desk.author(&Actor::Station), |_| Ok((vec![closed.into()], ())))?;
        settled.interrupted += 1;
    }
    Ok(settled)
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
    let state = match record.state.as_str() {
        // Written by this program for what is damaged, left out for what is verified; nothing else is taken over.
        "" => record.unreadable.is_empty(),
        damaged => damaged == ClipState::Damaged.code() && is_map(&record.unreadable, record.size),
    };
    let speaks = here && state && ClipId::parse(&record.id).is_some() && Level::from_code(&record.level).is_some();
    if speaks { Ok(record) } else { Err(Problem::new(ProblemCode::SidecarDiffers, SIDECAR_FILE)) }
}

/// Tells whether ranges lie in order, apart, and within a file of `size` bytes.
fn is_map(ranges: &[RangeRecord], size: u64) -> bool {
    let in_order = ranges.windows(2).all(|pair| pair[0].to < pair[1].from);
    !ranges.is_empty() && in_order && ranges.iter().all(|range| range.from < range.to && range.to <= size)
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
    if held.as_ref().is_some_and(|row| here(row) || is_held(desk, row)) {
        return Ok(Ok(false));
    }
    if held.is_none() && namesake.is_some() {
        return Ok(Err(differs()));
    }
    if let Err(problem) = verify(desk.disk, &desk.vault.join(&record.stored_path), &record) {
        return Ok(Err(problem));
    }
    let year = year_of(desk);
    desk.register.write::<_, IntakeError>(&desk.author(&Actor::Station), |view| {
        let mut changes: Vec<Change> = Vec::new();
        let known = JobId::parse(&record.job).map(|job| view.job(&job)).transpose()?.flatten().is_some();
        if !known {
            changes.extend(lost_job(&record));
        }
        let damaged = record.state == ClipState::Damaged.code();
        match held {
            Some(row) => {
                let clip = row.clip.id.to_string();
                changes.push(restored(ClipRegistered { id: clip.clone(), ..record }));
                // What was damaged before it was lost is no more than that again.
                if damaged && !row.unreadable.is_empty() {
                    let state = ClipState::Damaged.code().to_owned();
                    changes.push(ClipChecked { clip, state, ..ClipChecked::default() }.into());
                }
            }
            None => {
                let number = view.next_number(NumberKind::Clip, year)?;
                let (clip, shown) = (record.id.clone(), record.sighting.path.clone());
                changes.push(ClipRegistered { number, adopted: true, ..record }.into());
                if damaged {
                    changes.push(damage_alarm(desk, &clip, shown));
                }
            }
        }
        Ok((changes, Ok(true)))
    })
}

/// Reads an original twice, cold and for all three digests: a sidecar is only text, and a wrong SHA-256 or SM3 in it
/// would be registered for good.
fn verify(disk: &dyn Disk, file: &Path, record: &ClipRegistered) -> Result<(), Problem> {
    let unreadable =
        |error: std::io::Error| Problem::new(ProblemCode::OriginalUnreadable, &record.original_name).because(error);
    let back = disk.reread(file, &Unwatched).map_err(|error| match error {
        RereadError::Cancelled => unreadable(std::io::Error::other(error)),
        RereadError::Read(error) => unreadable(error),
    })?;
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
