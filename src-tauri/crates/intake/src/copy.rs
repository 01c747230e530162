//! One file: from the drive into `staging/`, or recognised as held.

use crate::desk::{Desk, Meter};
use crate::error::IntakeError;
use crate::finish::is_sound;
use crate::plan::{Expected, Step};
use crate::run::Source;
use dock::Entry;
use fixity::{NewFile, StageError, Staged, stage};
use model::{ClipId, Problem, ProblemCode};
use register::ClipRow;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// A copy that is not yet verified. Its folder holds it under its final name.
pub(crate) struct StagedClip {
    pub id: ClipId,
    pub folder: PathBuf,
    pub name: String,
    pub file: File,
    pub entry: Entry,
    pub staged: Staged,
}

/// What became of a file on the drive's side.
pub(crate) enum Taken {
    /// The register holds this content, and its original is there.
    Held(Box<ClipRow>),
    Staged(Box<StagedClip>),
    /// Not taken in now; worth another try when the drive still stands.
    Refused(Problem),
    /// The drive is gone.
    Lost,
    Cancelled,
}

pub(crate) fn take(desk: &Desk<'_>, source: &Source<'_>, step: &Step, meter: &Meter) -> Result<Taken, IntakeError> {
    if step.expected == Expected::AlreadyHeld
        && let Some(taken) = compare(desk, source, &step.entry, meter)?
    {
        return Ok(taken);
    }
    copy(desk, source, &step.entry, meter)
}

/// Reads a file that is expected to be held. `None`: its content is not, or not soundly, and it has to be copied.
fn compare(desk: &Desk<'_>, source: &Source<'_>, entry: &Entry, meter: &Meter) -> Result<Option<Taken>, IntakeError> {
    let file = match open(source, entry) {
        Ok(file) => file,
        Err(taken) => return Ok(Some(taken)),
    };
    let staged = match stage(bounded(&file, entry), io::sink(), meter) {
        Ok(staged) => staged,
        Err(error) => return Ok(Some(failed(source, entry, error)?)),
    };
    if let Some(taken) = unsteady(source, entry, &file, staged.size) {
        return Ok(Some(taken));
    }
    let held = desk.register.read::<_, IntakeError>(|view| Ok(view.clip_by_content(&staged.digests.blake3)?))?;
    let held = held.filter(|row| is_sound(desk, row));
    if held.is_none() {
        // It is read a second time.
        meter.expect(0, entry.size);
    }
    Ok(held.map(|row| Taken::Held(Box::new(row))))
}

fn copy(desk: &Desk<'_>, source: &Source<'_>, entry: &Entry, meter: &Meter) -> Result<Taken, IntakeError> {
    let from = match open(source, entry) {
        Ok(file) => file,
        Err(taken) => return Ok(taken),
    };
    let id = ClipId::fresh(desk.ids);
    let folder = desk.staging().join(id.as_str());
    fixity::create_folders(&folder).map_err(IntakeError::target("create the staging folder", &folder))?;
    let name = entry.name.stored();
    let path = folder.join(&name);
    let mut file = NewFile::create(&path).map_err(IntakeError::target("create the staged copy", &path))?;
    let taken = match stage(bounded(&from, entry), &mut file, meter) {
        Err(error) => failed(source, entry, error),
        Ok(staged) => match unsteady(source, entry, &from, staged.size) {
            Some(taken) => Ok(taken),
            None => {
                let (folder, file, entry) = (folder.clone(), file.into_file(), entry.clone());
                let clip = StagedClip { id, folder, name, file, entry, staged };
                return Ok(Taken::Staged(Box::new(clip)));
            }
        },
    };
    discard(&folder)?;
    taken
}

/// Removes a staged copy that nobody verified. The source still has the bytes.
pub(crate) fn discard(folder: &std::path::Path) -> Result<(), IntakeError> {
    fs::remove_dir_all(folder).map_err(IntakeError::target("remove the staged copy", folder))
}

fn open(source: &Source<'_>, entry: &Entry) -> Result<File, Taken> {
    dock::open_source(source.root, entry).map_err(|refusal| {
        if (source.is_docked)() {
            Taken::Refused(Problem::new(refusal.code(), &entry.shown).because(detail(&refusal)))
        } else {
            Taken::Lost
        }
    })
}

/// One byte more than was listed shows that a file grew; a recorder that never stops writing must not fill our disk.
fn bounded<'a>(file: &'a File, entry: &Entry) -> io::Take<&'a File> {
    file.take(entry.size.saturating_add(1))
}

/// A lazily unmounted drive reads on without an error, and a recorder may still be writing: the file must be what was
/// listed, whole, and the drive still there.
fn unsteady(source: &Source<'_>, entry: &Entry, file: &File, read: u64) -> Option<Taken> {
    if !(source.is_docked)() {
        return Some(Taken::Lost);
    }
    let now = file.metadata();
    let same = now.is_ok_and(|now| (now.len(), now.mtime(), now.mtime_nsec()) == listed(entry)) && read == entry.size;
    (!same).then(|| Taken::Refused(Problem::new(ProblemCode::ChangedWhileReading, &entry.shown)))
}

/// Returns size and modification time as the inventory had them.
pub(crate) fn listed(entry: &Entry) -> (u64, i64, i64) {
    (entry.size, entry.mtime, entry.mtime_nanos.into())
}

fn failed(source: &Source<'_>, entry: &Entry, error: StageError) -> Result<Taken, IntakeError> {
    match error {
        StageError::Cancelled => Ok(Taken::Cancelled),
        StageError::Target(error) => Err(IntakeError::target("write the staged copy of", entry.path.clone())(error)),
        StageError::Source(_) if !(source.is_docked)() => Ok(Taken::Lost),
        StageError::Source(error) => {
            Ok(Taken::Refused(Problem::new(ProblemCode::Unreadable, &entry.shown).because(error)))
        }
    }
}

/// Returns what the system said, without repeating the path that stands beside it.
fn detail(refusal: &dock::SourceError) -> String {
    std::error::Error::source(refusal).map(ToString::to_string).unwrap_or_default()
}
