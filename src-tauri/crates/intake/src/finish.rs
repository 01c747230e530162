//! One staged copy: made durable, read back cold, and given its sidecar; ready to be published.

use crate::copy::{StagedClip, discard};
use crate::desk::Desk;
use crate::error::IntakeError;
use crate::job::{Opening, Recognised, recorded_signed};
use crate::meter::Meter;
use crate::sidecar::{SIDECAR_FILE, Sidecar};
use fixity::{Coldness, RereadError};
use ledger::{ClipRegistered, RangeRecord, SightingRecord};
use model::{Actor, ClipName, ClipState, Digest, Level, TimeSource, format_instant};
use register::ClipRow;
use std::fs;
use std::path::{Path, PathBuf};

/// What a run is about: whose footage it takes in, and who does.
pub(crate) struct Errand<'d> {
    pub desk: &'d Desk<'d>,
    pub opening: &'d Opening,
    pub recognised: &'d Recognised,
    pub actor: &'d Actor,
    pub meter: &'d Meter,
}

/// A copy that our disk gave back as it was read from the drive, with its sidecar beside it.
pub(crate) struct SoundCopy {
    pub folder: PathBuf,
    pub entry: dock::Entry,
    pub content: Digest,
    /// What the sidecar says; without a number yet.
    pub record: ClipRegistered,
    pub unreadable: Vec<RangeRecord>,
    /// What the drive said of it.
    pub why: String,
}

impl SoundCopy {
    /// Says how much could not be read, and why.
    pub fn damage(&self) -> String {
        let lost: u64 = self.unreadable.iter().map(|range| range.to - range.from).sum();
        format!("{} × {lost}/{} B: {}", self.unreadable.len(), self.record.size, self.why)
    }
}

/// What reading a staged copy back gave.
pub(crate) enum Verified {
    Sound(Box<SoundCopy>),
    /// Our disk gave other bytes back than were written. The copy is kept aside; the source is copied again.
    ReadBackDiffers {
        kept: PathBuf,
    },
}

/// Verifies one copy, at its `attempt`-th try.
///
/// Durability, in this order: content (`fdatasync`), read back cold and equal, sidecar (`fsync`), the names of both
/// in the copy's folder (`fsync`). A failed sync is final and not tried again: the kernel has forgotten the lost pages
/// and would report success; the copy is dropped, and made again through new descriptors.
pub(crate) fn verify(errand: &Errand<'_>, clip: StagedClip<'_>, attempt: u32) -> Result<Verified, IntakeError> {
    let folder = clip.folder.clone();
    let verified = sync_and_reread(errand, clip, attempt);
    if verified.is_err() {
        discard(errand.desk, errand.meter, &folder);
    }
    verified
}

fn sync_and_reread(errand: &Errand<'_>, clip: StagedClip<'_>, attempt: u32) -> Result<Verified, IntakeError> {
    let Errand { desk, meter, .. } = errand;
    let StagedClip { id, folder, name, file, entry, staged, unreadable, why } = clip;
    let path = folder.join(&name);
    {
        let _permit = meter.permit().ok_or(IntakeError::Abandoned)?;
        file.seal(entry.mtime, entry.mtime_nanos).map_err(IntakeError::target("seal the copy", &path))?;
        meter.at_target(|| file.sync_data()).map_err(IntakeError::target("sync the copy", &path))?;
    }
    let mut means = Vec::new();
    if file.went_buffered() {
        means.push("buffered_write".to_owned());
    }
    drop(file);
    let back = meter.at_target(|| desk.disk.reread(&path, &ReadingBack(meter))).map_err(|error| match error {
        RereadError::Cancelled => IntakeError::Abandoned,
        RereadError::Read(error) => IntakeError::target("read back the copy", &path)(error),
    })?;
    if (back.size, back.blake3) != (staged.size, staged.digests.blake3) {
        return put_aside(errand, &folder, id.as_str()).map(|kept| Verified::ReadBackDiffers { kept });
    }
    let content = staged.digests.blake3;
    let fresh = ClipRegistered {
        id: id.to_string(),
        size: staged.size,
        blake3: content.to_string(),
        sha256: staged.digests.sha256.to_string(),
        sm3: staged.digests.sm3.to_string(),
        stored_path: format!("{}/{id}/{name}", errand.shelf()),
        state: if unreadable.is_empty() { String::new() } else { ClipState::Damaged.code().to_owned() },
        unreadable: unreadable.clone(),
        attempts: if attempt > 1 { attempt } else { 0 },
        means,
        ..errand.record(&entry, back.coldness)
    };
    let held = desk.register.read::<_, IntakeError>(|view| Ok(view.clip_by_content(&content)?))?;
    let record = match held {
        // The original was changed or lost: this copy is to take its place.
        Some(row) if !is_held(desk, &row) => replacing(&row, fresh),
        _ => fresh,
    };
    write_sidecar(errand, &folder, &record)?;
    Ok(Verified::Sound(Box::new(SoundCopy { folder, entry, content, record, unreadable, why })))
}

/// Keeps a copy that reads back otherwise than it was written, for whoever looks into the disk.
fn put_aside(errand: &Errand<'_>, folder: &Path, id: &str) -> Result<PathBuf, IntakeError> {
    let (desk, meter) = (errand.desk, errand.meter);
    let quarantine = desk.vault.join("quarantine");
    let kept = quarantine.join(id);
    let _permit = meter.permit().ok_or(IntakeError::Abandoned)?;
    meter
        .at_target(|| desk.disk.create_folders(&quarantine))
        .map_err(IntakeError::target("create the folder", &quarantine))?;
    meter
        .at_target(|| {
            desk.disk.publish(folder, &kept)?;
            desk.disk.sync_folder(&quarantine)
        })
        .map_err(IntakeError::target("put aside the copy", folder))?;
    Ok(kept)
}

fn write_sidecar(errand: &Errand<'_>, folder: &Path, record: &ClipRegistered) -> Result<(), IntakeError> {
    let (desk, meter) = (errand.desk, errand.meter);
    let sidecar = Sidecar {
        evidock_clip: 1,
        taken_in_at: format_instant(desk.clock.now()),
        taken_in_by: errand.actor.display(),
        clip: record.clone(),
    };
    let beside = folder.join(SIDECAR_FILE);
    let _permit = meter.permit().ok_or(IntakeError::Abandoned)?;
    meter
        .at_target(|| desk.disk.write_beside(&beside, &sidecar.to_bytes()))
        .map_err(IntakeError::target("write the sidecar", &beside))?;
    meter.at_target(|| desk.disk.sync_folder(folder)).map_err(IntakeError::target("sync the folder", folder))
}

impl Errand<'_> {
    /// Returns the folder below the vault that today's clips of this recorder go to.
    fn shelf(&self) -> String {
        let recorder = ClipName::from_bytes(self.recognised.recorder_name.clone().into_bytes()).stored();
        let day = self.desk.zone.day_folder(self.desk.clock.now());
        format!("originals/{day}/{recorder}")
    }

    /// Returns what the drive and the reading back say of a file; what it is made of stays empty.
    fn record(&self, entry: &dock::Entry, coldness: Coldness) -> ClipRegistered {
        let level = match coldness {
            Coldness::Direct | Coldness::Evicted => Level::V2,
            Coldness::NotExcluded => Level::V2Cached,
        };
        ClipRegistered {
            original_name: entry.name.display(),
            level: level.code().to_owned(),
            coldness: coldness.code().to_owned(),
            job: self.opening.job.to_string(),
            recorder: self.recognised.recorder_name.clone(),
            origin: self.opening.origin(),
            footage: entry.kind == dock::EntryKind::Footage,
            recorded_from: entry.recorded_from.map(format_instant),
            time_source: entry.recorded_from.map(|_| TimeSource::Name.code().to_owned()),
            sighting: self.sighting(entry),
            ..ClipRegistered::default()
        }
    }

    /// Returns where and with which time a file was met.
    pub fn sighting(&self, entry: &dock::Entry) -> SightingRecord {
        let local = self.recognised.time_basis.as_ref().map(|basis| basis.local(entry.mtime));
        SightingRecord {
            path: entry.shown.clone(),
            volume: self.opening.volume.key.clone(),
            mtime: recorded_signed(entry.mtime),
            mtime_nanos: entry.mtime_nanos,
            local: local.unwrap_or_default(),
        }
    }
}

/// Counts the blocks of a reading back, and lets only giving up stop it: a copy that is whole is still verified.
struct ReadingBack<'a>(&'a Meter);

impl fixity::Watch for ReadingBack<'_> {
    fn copied(&self, _bytes: u64) {
        self.0.moved();
    }

    fn cancelled(&self) -> bool {
        self.0.is_abandoned()
    }
}

/// Tells whether the register's word stands: no check found the original changed, and a file of its size is there.
/// What is damaged or in doubt is held as it is.
pub(crate) fn is_held(desk: &Desk<'_>, row: &ClipRow) -> bool {
    let clip = &row.clip;
    let there = fs::symlink_metadata(desk.vault.join(&clip.stored_path));
    clip.state != ClipState::Mismatch && there.is_ok_and(|facts| facts.is_file() && facts.len() == clip.size)
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
