//! One staged copy: made durable, read back cold, published with its sidecar, registered.

use crate::copy::{StagedClip, discard};
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::run::Opening;
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use fixity::Coldness;
use ledger::{Change, ClipRegistered, ClipSighted, SightingRecord};
use model::{Actor, ClipName, Level, NumberKind, TimeSource, format_instant};
use register::ClipRow;
use std::path::PathBuf;
use std::sync::PoisonError;

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
pub(crate) fn finish(
    desk: &Desk<'_>,
    opening: &Opening,
    actor: &Actor,
    clip: StagedClip,
) -> Result<Finished, IntakeError> {
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
    let level = match back.coldness {
        Coldness::Direct | Coldness::Evicted => Level::V2,
        Coldness::NotExcluded => Level::V2Cached,
    };
    let record = record(desk, opening, &clip, level);
    publish(desk, actor, clip, record)
}

fn record(desk: &Desk<'_>, opening: &Opening, clip: &StagedClip, level: Level) -> ClipRegistered {
    let recorder = ClipName::from_bytes(opening.recorder_name.clone().into_bytes()).stored();
    let day = desk.zone.day_folder(desk.clock.now());
    let digests = clip.staged.digests;
    ClipRegistered {
        id: clip.id.to_string(),
        number: String::new(),
        original_name: clip.entry.name.display(),
        size: clip.staged.size,
        blake3: digests.blake3.to_string(),
        sha256: digests.sha256.to_string(),
        sm3: digests.sm3.to_string(),
        level: level.code().to_owned(),
        stored_path: format!("originals/{day}/{recorder}/{}/{}", clip.id, clip.name),
        job: opening.job.to_string(),
        recorder: opening.recorder_name.clone(),
        footage: clip.entry.kind == dock::EntryKind::Footage,
        recorded_from: clip.entry.recorded_from.map(format_instant),
        time_source: clip.entry.recorded_from.map(|_| TimeSource::Name.code().to_owned()),
        adopted: false,
        sighting: sighting(opening, &clip.entry),
    }
}

pub(crate) fn sighting(opening: &Opening, entry: &dock::Entry) -> SightingRecord {
    SightingRecord { path: entry.shown.clone(), volume: opening.volume.key.clone(), mtime: entry.mtime }
}

fn publish(desk: &Desk<'_>, actor: &Actor, clip: StagedClip, record: ClipRegistered) -> Result<Finished, IntakeError> {
    let author = desk.author(actor);
    let sidecar = Sidecar {
        evidock_clip: 1,
        taken_in_at: format_instant(author.at),
        taken_in_by: actor.display(),
        clip: record.clone(),
    };
    let beside = clip.folder.join(SIDECAR_FILE);
    fixity::write_new(&beside, &sidecar.to_bytes()).map_err(IntakeError::target("write the sidecar", &beside))?;
    let content = clip.staged.digests.blake3;
    let _alone = desk.publishing.lock().unwrap_or_else(PoisonError::into_inner);
    let held = desk.register.read::<_, IntakeError>(|view| Ok(view.clip_by_content(&content)?))?;
    if let Some(row) = held {
        discard(&clip.folder)?;
        return Ok(Finished::Held(Box::new(row)));
    }
    let file = desk.vault.join(&record.stored_path);
    let folder = file.parent().expect("a stored path has a folder");
    let day = folder.parent().expect("a clip's folder lies in a recorder's");
    fixity::create_folders(day).map_err(IntakeError::target("create the folder", day))?;
    fixity::publish(&clip.folder, folder).map_err(IntakeError::target("publish the copy as", folder))?;
    let year = year_of(desk);
    desk.register.write::<_, IntakeError>(&author, |view| {
        let number = view.next_number(NumberKind::Clip, year)?;
        Ok((vec![ClipRegistered { number, ..record }.into()], ()))
    })?;
    Ok(Finished::Registered)
}

/// Notes that a known content was met on this drive.
pub(crate) fn sight(
    desk: &Desk<'_>,
    opening: &Opening,
    actor: &Actor,
    held: &ClipRow,
    entry: &dock::Entry,
) -> Result<(), IntakeError> {
    let sighted = ClipSighted {
        clip: held.clip.id.to_string(),
        job: opening.job.to_string(),
        sighting: sighting(opening, entry),
    };
    desk.register.write::<_, IntakeError>(&desk.author(actor), |_| Ok((vec![Change::from(sighted)], ())))
}

pub(crate) fn year_of(desk: &Desk<'_>) -> i32 {
    desk.zone.year(desk.clock.now())
}
