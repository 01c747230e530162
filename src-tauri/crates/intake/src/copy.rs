//! One file: from the drive into `staging/`, or recognised as held.

use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::is_held;
use crate::meter::Meter;
use crate::plan::{Expected, Step};
use crate::salvage::Salvage;
use crate::source::{Following, Gone, Reading, Source, is_of_medium};
use dock::{Entry, SourceFacts};
use fixity::{DiskFile, StageError, Staged, stage};
use ledger::RangeRecord;
use model::{ClipId, JobId, Problem, ProblemCode};
use register::ClipRow;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// A copy that is not yet verified. Its folder holds it under its final name.
pub(crate) struct StagedClip<'d> {
    pub id: ClipId,
    pub folder: PathBuf,
    pub name: String,
    pub file: Box<dyn DiskFile + 'd>,
    pub entry: Entry,
    pub staged: Staged,
    /// What the drive did not give; zeros stand in its place.
    pub unreadable: Vec<RangeRecord>,
    /// What the drive said of it.
    pub why: String,
}

/// What became of a file on the drive's side.
pub(crate) enum Taken<'d> {
    /// The register holds this content, and its original is there.
    Held(Box<ClipRow>),
    Staged(Box<StagedClip<'d>>),
    /// Not taken in now; worth another try when the drive still stands.
    Refused(Problem),
    /// As `Refused`: the drive gave an error instead of bytes.
    Unreadable(Problem),
    /// The drive is gone; with what is to be said of the file when it stands there and is silent.
    Lost(Option<Problem>),
    Cancelled,
}

/// One try at one file.
pub(crate) struct Try<'a, 'd> {
    pub desk: &'d Desk<'d>,
    pub source: &'a Source<'a>,
    pub meter: &'a Meter,
    pub job: &'a JobId,
    pub step: &'a Step,
    /// Whether what can be read of a damaged file is good enough by now.
    pub salvage: bool,
    /// Files that show whether the drive still answers; asked only when this one gives an error.
    pub witnesses: &'a dyn Fn() -> Vec<Entry>,
}

impl<'a, 'd> Try<'a, 'd> {
    /// Takes the file. An error is our own disk's or register's.
    pub fn take(&self) -> Result<Taken<'d>, IntakeError> {
        if self.step.expected == Expected::AlreadyHeld
            && let Some(taken) = self.compare()?
        {
            return Ok(taken);
        }
        self.copy()
    }

    fn entry(&self) -> &'a Entry {
        &self.step.entry
    }

    fn following(&self) -> Following<'a> {
        Following { meter: self.meter, pulse: self.source.pulse }
    }

    /// Reads a file that is expected to be held. `None`: its content is not, or not soundly, and it has to be copied.
    fn compare(&self) -> Result<Option<Taken<'d>>, IntakeError> {
        let file = match self.open() {
            Ok(file) => file,
            Err(taken) => return Ok(Some(taken)),
        };
        let mut bounded = file.take(self.entry().size.saturating_add(1));
        let staged = match stage(&mut bounded, io::sink(), &self.following()) {
            Ok(staged) => staged,
            Err(error) => return self.failed(error).map(Some),
        };
        if let Some(taken) = self.unsteady(&bounded.into_inner(), staged.size) {
            return Ok(Some(taken));
        }
        let content = staged.digests.blake3;
        let held = self.desk.register.read::<_, IntakeError>(|view| Ok(view.clip_by_content(&content)?))?;
        let held = held.filter(|row| is_held(self.desk, row));
        if held.is_none() {
            // It is read a second time.
            self.meter.expect(0, self.entry().size);
        }
        Ok(held.map(|row| Taken::Held(Box::new(row))))
    }

    fn copy(&self) -> Result<Taken<'d>, IntakeError> {
        let from = match self.open() {
            Ok(file) => file,
            Err(taken) => return Ok(taken),
        };
        let id = ClipId::fresh(self.desk.ids);
        let folder = self.desk.staging_of(self.job).join(id.as_str());
        let name = self.entry().name.stored();
        let path = folder.join(&name);
        let copied = self.create(&folder, &path).and_then(|mut file| {
            let copied = self.fill(from, &mut *file)?;
            Ok(copied.map(|(staged, unreadable, why)| StagedClip {
                id,
                folder: folder.clone(),
                name,
                file,
                entry: self.entry().clone(),
                staged,
                unreadable,
                why,
            }))
        });
        match copied {
            Ok(Ok(clip)) => Ok(Taken::Staged(Box::new(clip))),
            Ok(Err(taken)) => {
                discard(self.desk, self.meter, &folder);
                Ok(taken)
            }
            Err(error) => {
                discard(self.desk, self.meter, &folder);
                Err(error)
            }
        }
    }

    fn create(&self, folder: &Path, path: &Path) -> Result<Box<dyn DiskFile + 'd>, IntakeError> {
        let _permit = self.meter.permit().ok_or(IntakeError::Abandoned)?;
        let disk = self.desk.disk;
        self.meter
            .at_target(|| disk.create_folder(folder))
            .map_err(IntakeError::target("create the staging folder", folder))?;
        self.meter
            .at_target(|| disk.create(path, self.entry().size))
            .map_err(IntakeError::target("create the staged copy", path))
    }

    /// Copies everything, and takes only what held still. One byte more than was listed shows that a file grew; a
    /// recorder that never stops writing must not fill our disk.
    #[expect(clippy::type_complexity, reason = "digests, ranges and their reason, or what became of the file instead")]
    fn fill(
        &self,
        from: Reading<'a>,
        file: &mut dyn DiskFile,
    ) -> Result<Result<(Staged, Vec<RangeRecord>, String), Taken<'d>>, IntakeError> {
        let size = self.entry().size;
        let to = Permitted { file, meter: self.meter };
        let (staged, from, unreadable, why) = if self.salvage {
            let mut salvage = Salvage::new(from, size, self.meter, self.source.pulse);
            let staged = stage(&mut salvage, to, &self.following());
            let (from, unreadable, why) = salvage.finish();
            (staged, from, unreadable, why)
        } else {
            let mut bounded = from.take(size.saturating_add(1));
            let staged = stage(&mut bounded, to, &self.following());
            (staged, bounded.into_inner(), Vec::new(), None)
        };
        let staged = match staged {
            Ok(staged) => staged,
            Err(error) => return self.failed(error).map(Err),
        };
        if let Some(taken) = self.unsteady(&from, staged.size) {
            return Ok(Err(taken));
        }
        let lost: u64 = unreadable.iter().map(|range| range.to - range.from).sum();
        if let Some(error) = why.as_ref().filter(|_| lost == size) {
            // Nothing of it is there to be kept; the drive itself answers, or there would have been no end.
            return Ok(Err(self.unreadable(error)));
        }
        Ok(Ok((staged, unreadable, why.map(|error| error.to_string()).unwrap_or_default())))
    }

    fn open(&self) -> Result<Reading<'a>, Taken<'d>> {
        self.source.open(self.entry()).map_err(|refusal| {
            if self.meter.is_cancelled() {
                return Taken::Cancelled;
            }
            let problem = Problem::new(refusal.code(), &self.entry().shown).because(detail(&refusal));
            match &refusal {
                dock::SourceError::Open { source: error, .. } if is_of_medium(error) => self.unreadable(error),
                _ if self.source.is_docked() => Taken::Refused(problem),
                _ => Taken::Lost(None),
            }
        })
    }

    /// A recorder may still be writing: the file must be what was listed, whole, and the drive still there.
    fn unsteady(&self, file: &Reading<'_>, read: u64) -> Option<Taken<'d>> {
        if self.source.pulse.is_lost() {
            return Some(Taken::Lost(None));
        }
        let entry = self.entry();
        match file.facts() {
            Err(error) if is_of_medium(&error) => Some(self.unreadable(&error)),
            Ok(now) if now == SourceFacts::from(entry) && read == entry.size => None,
            _ if self.source.is_docked() => {
                Some(Taken::Refused(Problem::new(ProblemCode::ChangedWhileReading, &entry.shown)))
            }
            _ => Some(Taken::Lost(None)),
        }
    }

    fn failed(&self, error: StageError) -> Result<Taken<'d>, IntakeError> {
        if self.meter.is_abandoned() {
            return Err(IntakeError::Abandoned);
        }
        match error {
            StageError::Target(error) => {
                Err(IntakeError::target("write the staged copy of", self.entry().path.clone())(error))
            }
            StageError::Cancelled | StageError::Source(_) if self.meter.is_cancelled() => Ok(Taken::Cancelled),
            StageError::Cancelled => Ok(Taken::Lost(None)),
            StageError::Source(error) => Ok(self.unreadable(&error)),
        }
    }

    /// Tells a bad place from a drive that is gone.
    fn unreadable(&self, error: &io::Error) -> Taken<'d> {
        let problem = Problem::new(ProblemCode::Unreadable, &self.entry().shown).because(error);
        match self.source.gone(error, self.entry(), &(self.witnesses)()) {
            Some(Gone::Undocked) => Taken::Lost(None),
            Some(Gone::Silent) => Taken::Lost(Some(problem)),
            None => Taken::Unreadable(problem),
        }
    }
}

/// Removes a staged copy that nobody verified; the source still has the bytes. What cannot be removed now is tried again
/// when the run ends and when the program starts; nothing of an abandoned run is touched.
pub(crate) fn discard(desk: &Desk<'_>, meter: &Meter, folder: &Path) {
    if let Some(_permit) = meter.permit() {
        drop(meter.at_target(|| desk.disk.remove(folder)));
    }
}

/// A staged file that may be written as long as the run is not given up.
struct Permitted<'a> {
    file: &'a mut dyn DiskFile,
    meter: &'a Meter,
}

impl Permitted<'_> {
    fn act<T>(&mut self, act: impl FnOnce(&mut dyn DiskFile) -> io::Result<T>) -> io::Result<T> {
        let _permit = self.meter.permit().ok_or_else(|| io::Error::other("the run was given up"))?;
        self.meter.at_target(|| act(&mut *self.file))
    }
}

impl Write for Permitted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.act(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.act(|file| file.flush())
    }
}

/// Returns what the system said, without repeating the path that stands beside it.
fn detail(refusal: &dock::SourceError) -> String {
    std::error::Error::source(refusal).map(ToString::to_string).unwrap_or_default()
}
