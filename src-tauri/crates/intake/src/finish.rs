//! One staged copy: made durable, read back cold, published with its sidecar, registered.

use crate::copy::{StagedClip, discard};
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::job::{Opening, Recognised, recorded_signed};
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use fixity::Coldness;
use ledger::{Change, ClipRegistered, ClipRestored, ClipSighted, SightingRecord};
use model::{Actor, ClipName, ClipState, Level, NumberKind, TimeSource, format_instant};
use register::ClipRow;
use std::fs;
use std::path::PathBuf;
use std::sync::PoisonError;

/// What a run is about: whose footage it takes in, and who does.
pub(crate) struct Errand<'a> {
    pub desk: &'a Desk<'a>,
    pub opening: &'a Opening,
    pub recognised: &'a Recognised,
    pub actor: &'a Actor,
}

/// What became of a staged copy.
pub(crate) enum Finished {
    Registered,
    /// Somebody brought the same content first.
    Held(Box<ClipRow>),
    /// Our disk gave other bytes back than were written. The copy is kept aside; the source is copied again.
    ReadBackDiffers {
        kept: PathBuf,
    },
}

/// Brings one copy into custody.
///
/// Durability, in this order: content (`fdatasync`), read back and equal, sidecar, name (`fsync` of both folders),
/// register row with its ledger event (`synchronous=FULL`). A power cut before the last leaves a folder that
/// [`crate::settle`] takes over; never a row without bytes. A failed sync is not tried again: the kernel has
/// forgotten the lost pages and would report success.
pub(crate) fn finish(errand: &Errand<'_>, clip: StagedClip) -> Result<Finished, IntakeError> {
    let desk = errand.desk;
    let path = clip.folder.join(&clip.name);
    fixity::seal(&clip.file, clip.entry.mtime, clip.entry.mtime_nanos)
        .map_err(IntakeError::target("seal the copy", &path))?;
    clip.file.sync_data().map_err(IntakeError::target("sync the copy", &path))?;
    let back = fixity::reread(&path, &|_| {}).map_err(IntakeError::target("read back the copy", &path))?;
    if (back.size, back.blake3) != (clip.staged.size, clip.staged.digests.blake3) {
        let kept = desk.vault.join("quarantine").join(clip.id.as_str());
        let quarantine = desk.vault.join("quarantine");
        fixity::create_folders(&quarantine).map_err(IntakeError::target("create the folder", &quarantine))?;
        fixity::publish(&clip.folder, &kept).map_err(IntakeError::target("put aside the copy", &path))?;
        return Ok(Finished::ReadBackDiffers { kept });
    }
    publish(errand, &clip, record(errand, &clip, back.coldness))
}

fn record(errand: &Errand<'_>, clip: &StagedClip, coldness: Coldness) -> ClipRegistered {
    let Errand { desk, opening, recognised, .. } = errand;
    let folder = ClipName::from_bytes(recognised.recorder_name.clone().into_bytes()).stored();
    let day = desk.zone.day_folder(desk.clock.now());
    let digests = clip.staged.digests;
    let level = match coldness {
        Coldness::Direct | Coldness::Evicted => Level::V2,
        Coldness::NotExcluded => Level::V2Cached,
    };
    ClipRegistered {
        id: clip.id.to_string(),
        number: String::new(),
        original_name: clip.entry.name.display(),
        size: clip.staged.size,
        blake3: digests.blake3.to_string(),
        sha256: digests.sha256.to_string(),
        sm3: digests.sm3.to_string(),
        level: level.code().to_owned(),
        coldness: coldness.code().to_owned(),
        stored_path: format!("originals/{day}/{folder}/{}/{}", clip.id, clip.name),
        job: opening.job.to_string(),
        recorder: recognised.recorder_name.clone(),
        origin: opening.origin(),
        footage: clip.entry.kind == dock::EntryKind::Footage,
        recorded_from: clip.entry.recorded_from.map(format_instant),
        time_source: clip.entry.recorded_from.map(|_| TimeSource::Name.code().to_owned()),
        adopted: false,
        sighting: sighting(opening, &clip.entry),
    }
}

fn sighting(opening: &Opening, entry: &dock::Entry) -> SightingRecord {
    SightingRecord {
        path: entry.shown.clone(),
        volume: opening.volume.key.clone(),
        mtime: recorded_signed(entry.mtime),
        mtime_nanos: entry.mtime_nanos,
    }
}

/// Gives the copy its place, unless a sound original of this content has one.
fn publish(errand: &Errand<'_>, clip: &StagedClip, record: ClipRegistered) -> Result<Finished, IntakeError> {
    let desk = errand.desk;
    let content = clip.staged.digests.blake3;
    let _alone = desk.publishing.lock().unwrap_or_else(PoisonError::into_inner);
    let held = desk.register.read::<_, IntakeError>(|view| Ok(view.clip_by_content(&content)?))?;
    match held {
        Some(row) if is_sound(desk, &row) => {
            discard(&clip.folder)?;
            return Ok(Finished::Held(Box::new(row)));
        }
        // The original was changed or lost: this copy takes its place, and the clip stays the same.
        Some(row) => {
            let record = replacing(&row, record);
            place(errand, clip, &record)?;
            let change = restored(record);
            desk.register.write::<_, IntakeError>(&desk.author(errand.actor), |_| Ok((vec![change], ())))?;
        }
        None => {
            place(errand, clip, &record)?;
            let year = year_of(desk);
            desk.register.write::<_, IntakeError>(&desk.author(errand.actor), |view| {
                let number = view.next_number(NumberKind::Clip, year)?;
                Ok((vec![ClipRegistered { number, ..record }.into()], ()))
            })?;
        }
    }
    Ok(Finished::Registered)
}

/// Tells whether the register's word stands: no check found the original changed, and a file of its size is there.
pub(crate) fn is_sound(desk: &Desk<'_>, row: &ClipRow) -> bool {
    let clip = &row.clip;
    let there = fs::symlink_metadata(desk.vault.join(&clip.stored_path));
    clip.state == ClipState::Verified && there.is_ok_and(|facts| facts.is_file() && facts.len() == clip.size)
}

/// Returns the record of a fresh copy of a clip that the register knows: what the clip is stays as it was, where it
/// lies and how it was read back is new. The sidecar beside the copy holds it, with the job that brought the copy.
fn replacing(row: &ClipRow, fresh: ClipRegistered) -> ClipRegistered {
    let clip = &row.clip;
    ClipRegistered {
        id: clip.id.to_string(),
        number: clip.number.clone(),
        original_name: clip.original_name.clone(),
        recorder: clip.recorder.clone(),
        origin: row.origin.clone(),
        footage: row.footage,
        recorded_from: clip.recorded_from.map(format_instant),
        time_source: clip.time_source.map(|source| source.code().to_owned()),
        ..fresh
    }
}

/// Returns the change that lets a known clip lie where this record says.
pub(crate) fn restored(record: ClipRegistered) -> Change {
    let ClipRegistered { id: clip, job, stored_path, level, coldness, sighting, .. } = record;
    ClipRestored { clip, job, stored_path, level, coldness, sighting }.into()
}

/// Moves a copy with its sidecar to where its record says; both survive a power cut then.
fn place(errand: &Errand<'_>, clip: &StagedClip, record: &ClipRegistered) -> Result<(), IntakeError> {
    let author = errand.desk.author(errand.actor);
    let sidecar = Sidecar {
        evidock_clip: 1,
        taken_in_at: format_instant(author.at),
        taken_in_by: errand.actor.display(),
        clip: record.clone(),
    };
    let beside = clip.folder.join(SIDECAR_FILE);
    fixity::write_new(&beside, &sidecar.to_bytes()).map_err(IntakeError::target("write the sidecar", &beside))?;
    let file = errand.desk.vault.join(&record.stored_path);
    let folder = file.parent().expect("a stored path has a folder");
    let day = folder.parent().expect("a clip's folder lies in a recorder's");
    fixity::create_folders(day).map_err(IntakeError::target("create the folder", day))?;
    fixity::publish(&clip.folder, folder).map_err(IntakeError::target("publish the copy as", folder))
}

/// Notes that a known content was met on this drive. `false`: this job has noted it of this very file before.
pub(crate) fn sight(errand: &Errand<'_>, held: &ClipRow, entry: &dock::Entry) -> Result<bool, IntakeError> {
    let job = &errand.opening.job;
    let sighting = sighting(errand.opening, entry);
    errand.desk.register.write::<_, IntakeError>(&errand.desk.author(errand.actor), |view| {
        let known = view
            .sightings(&held.clip.id)?
            .iter()
            .any(|seen| seen.job == *job && seen.path == sighting.path && seen.source_mtime == sighting.mtime);
        let sighted = ClipSighted { clip: held.clip.id.to_string(), job: job.to_string(), sighting };
        Ok(if known { (Vec::new(), false) } else { (vec![sighted.into()], true) })
    })
}

pub(crate) fn year_of(desk: &Desk<'_>) -> i32 {
    desk.zone.year(desk.clock.now())
}
