//! Second copies: made from verified originals, read back, and checked again. Intake waits for none of it.

use crate::originals::{Found, Look};
use crate::second::CopyPlace;
use crate::vault::target_code;
use crate::{Act, Failure, Station, Topic, authorise};
use fixity::{Coldness, CopyError, RereadError, StageError};
use intake::Sidecar;
use ledger::{Change, CopiesRead, CopyChecked, CopyMade};
use model::{Actor, AlarmKind, ErrorCode, Problem, ProblemCode};
use register::{ClipRow, CopyRow};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant as Moment};

/// Copies that one write of the register tells of.
const GROUP_CLIPS: u32 = 64;
/// Bytes after which it is written earlier.
const GROUP_BYTES: u64 = 256 << 20;
/// Time between two notices, and between two looks whether an intake still runs: 5 Hz.
const PULSE: Duration = Duration::from_millis(200);

/// How far a catching up is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub bytes_done: u64,
    pub bytes_total: u64,
    told: Option<Moment>,
}

/// What a catching up did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Copies made and read back.
    pub copied: u64,
    pub bytes: u64,
    /// Originals that were found bad on the way: no copy was made of them.
    pub bad_originals: u64,
    /// Statements and papers copied.
    pub papers: u64,
}

/// What became of one clip.
enum Outcome {
    Made(CopyMade),
    /// The original is not what the register says.
    Bad(Found),
    /// It was read twice and gave other bytes than the register has, and between the two the right ones.
    Unsteady,
}

/// Follows the bytes of a catching up, stops it when the station closes, and lets every intake go first.
struct Pace<'a>(&'a Station);

impl fixity::Watch for Pace<'_> {
    fn copied(&self, bytes: u64) {
        self.0.count(bytes);
        while self.0.running_intakes() > 0 && !self.cancelled() {
            thread::sleep(PULSE);
        }
    }

    fn cancelled(&self) -> bool {
        self.0.second.stops()
    }
}

/// Second copies that read back as they should and are not written down yet, by their place.
#[derive(Default)]
pub(crate) struct GoodCopies(BTreeMap<String, CopiesRead>);

impl GoodCopies {
    pub fn add(&mut self, copy: &CopyRow, coldness: Coldness) {
        let fresh = || CopiesRead { place: copy.place.clone(), ..CopiesRead::default() };
        let read = self.0.entry(copy.place.clone()).or_insert_with(fresh);
        read.clips.push(copy.clip.to_string());
        read.not_cold += u64::from(coldness == Coldness::NotExcluded);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_changes(self) -> impl Iterator<Item = Change> {
        self.0.into_values().map(Change::from)
    }
}

impl Station {
    /// Copies whatever has no good copy at `place`. What was made before an error stays known.
    pub(crate) fn copy_all(&self, actor: &Actor, place: &CopyPlace) -> Result<CaughtUp, Failure> {
        let staging = place.path.join("staging");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(|error| at_place(place, error))?;
        }
        let mut done = CaughtUp::default();
        let total = self.bytes_to_copy(place)?;
        self.second.state().progress = Progress { bytes_total: total, ..Progress::default() };
        let copied = self.copy_clips(actor, place, &mut done);
        self.second.state().progress = Progress::default();
        copied?;
        done.papers = self.copy_papers(place)?;
        self.tell(&[Topic::Copies]);
        Ok(done)
    }

    fn bytes_to_copy(&self, place: &CopyPlace) -> Result<u64, Failure> {
        let (mut total, mut after) = (0, None);
        loop {
            let page = self.read(|view| view.clips_without_copy(&place.id, after.as_ref(), 1000))?;
            let Some(last) = page.last() else { return Ok(total) };
            after = Some(last.clip.id.clone());
            total += page.iter().map(|row| row.clip.size).sum::<u64>();
        }
    }

    fn copy_clips(&self, actor: &Actor, place: &CopyPlace, done: &mut CaughtUp) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let page = self.read(|view| view.clips_without_copy(&place.id, after.as_ref(), GROUP_CLIPS))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clip.id.clone());
            let (mut made, mut bytes) = (Vec::new(), 0);
            let walked = page.iter().try_for_each(|row| {
                match self.copy_clip(place, row)? {
                    Outcome::Made(copy) => {
                        made.push(Change::from(copy));
                        bytes += row.clip.size;
                        (done.copied, done.bytes) = (done.copied + 1, done.bytes + row.clip.size);
                    }
                    Outcome::Bad(found) => {
                        done.bad_originals += 1;
                        self.note_original(actor, row, &found)?;
                    }
                    Outcome::Unsteady => eprintln!("copying: {} reads differently each time", row.clip.stored_path),
                }
                if bytes >= GROUP_BYTES {
                    bytes = 0;
                    self.write_changes(actor, std::mem::take(&mut made))?;
                    // Copying may take hours; the backup after a job does not wait for it.
                    self.see_to_backups(actor);
                }
                Ok::<_, Failure>(())
            });
            // Before anything stops the work: what was made is known from here on.
            self.write_changes(actor, made)?;
            walked?;
        }
    }

    fn write_changes(&self, actor: &Actor, changes: Vec<Change>) -> Result<(), Failure> {
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((changes, ())))
    }

    /// Writes down that an original was found bad while it was being copied.
    fn note_original(&self, actor: &Actor, row: &ClipRow, found: &Found) -> Result<(), Failure> {
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let judged = self.judge(view, row, found, Look::Content)?;
            Ok((judged.map(|judged| judged.changes).unwrap_or_default(), ()))
        })?;
        self.tell(&[Topic::Clips, Topic::Alarms]);
        Ok(())
    }

    /// Makes the copy of one clip.
    ///
    /// Durability: content (`fdatasync`), read back cold and equal to the register's three digests, sidecar, name
    /// (`fsync` of both folders). Only then the register is told.
    fn copy_clip(&self, place: &CopyPlace, row: &ClipRow) -> Result<Outcome, Failure> {
        let clip = &row.clip;
        let file = place.path.join(&clip.stored_path);
        let folder = file.parent().ok_or_else(|| Failure::new(ErrorCode::Internal))?.to_owned();
        let made = |coldness: Coldness| {
            Outcome::Made(CopyMade {
                clip: clip.id.to_string(),
                place: place.id.clone(),
                path: clip.stored_path.clone(),
                coldness: coldness.code().to_owned(),
            })
        };
        if folder.symlink_metadata().is_ok() {
            // Made before a crash that the register did not live to hear of, or found bad.
            match self.look_at_copy(row, &file, &Pace(self))? {
                Ok(coldness) => return Ok(made(coldness)),
                Err(_) => self.put_aside(place, &folder, clip.id.as_str())?,
            }
        }
        let staged = place.path.join("staging").join(clip.id.as_str());
        for _ in 0..2 {
            if let Some(coldness) = self.stage_copy(place, row, &staged)? {
                fixity::create_folders(folder.parent().unwrap_or(&place.path))
                    .and_then(|()| fixity::publish(&staged, &folder))
                    .map_err(|error| at_place(place, error))?;
                return Ok(made(coldness));
            }
            let found = self.look_at(row, Look::Content, &Quiet(self))?;
            if found.bad().is_some() {
                return match self.store_lost(&[row]) {
                    Ok(Some(lost)) if found.is_gone() => {
                        Err(Failure::new(ErrorCode::TargetFailed).with("path", self.vault.display()).because(lost))
                    }
                    Ok(_) => Ok(Outcome::Bad(found)),
                    Err(failure) => Err(failure),
                };
            }
        }
        Ok(Outcome::Unsteady)
    }

    /// Copies an original with its sidecar into a folder that is not yet the copy's. `None`: what was read from the
    /// original is not what the register has.
    fn stage_copy(&self, place: &CopyPlace, row: &ClipRow, staged: &Path) -> Result<Option<Coldness>, Failure> {
        let failed = |error: io::Error| at_place(place, error);
        let original = self.vault.join(&row.clip.stored_path);
        let (Some(name), Some(beside)) = (original.file_name(), original.parent()) else {
            return Err(Failure::new(ErrorCode::Internal));
        };
        let Ok(source) = File::open(&original) else { return Ok(None) };
        let Ok(facts) = source.metadata() else { return Ok(None) };
        if staged.exists() {
            fs::remove_dir_all(staged).map_err(failed)?;
        }
        fixity::create_folders(staged).map_err(failed)?;
        let file = staged.join(name);
        let copied = match fixity::copy_verified(&source, &file, &Pace(self)) {
            Ok(copied) => copied,
            Err(CopyError::Stage(StageError::Source(_))) => return Ok(None),
            Err(CopyError::Stage(StageError::Cancelled)) => return Err(Failure::new(ErrorCode::Cancelled)),
            Err(CopyError::Stage(StageError::Target(error)) | CopyError::Sync(error) | CopyError::ReadBack(error)) => {
                return Err(failed(error));
            }
            Err(CopyError::Mismatch) => {
                // Kept, so that the spot on the disk that does this is not written again.
                self.put_aside(place, staged, row.clip.id.as_str())?;
                return Err(failed(io::Error::other("the copy read back differs from what was written")));
            }
        };
        if (copied.size, copied.digests) != (row.clip.size, row.clip.digests) {
            return Ok(None);
        }
        // One that cannot be read is the original's trouble; its check says so.
        if Sidecar::read(beside).is_ok() {
            let bytes = fs::read(beside.join(intake::SIDECAR_FILE))
                .map_err(|error| Failure::new(ErrorCode::TargetFailed).with("path", beside.display()).because(error))?;
            fixity::write_new(&staged.join(intake::SIDECAR_FILE), &bytes).map_err(failed)?;
        }
        seal(&file, &facts).map_err(failed)?;
        Ok(Some(copied.coldness))
    }

    /// Reads a copy back cold. `Err`: what is wrong with it.
    fn look_at_copy(
        &self,
        row: &ClipRow,
        file: &Path,
        watch: &dyn fixity::Watch,
    ) -> Result<Result<Coldness, Problem>, Failure> {
        let problem = |code| Problem::new(code, file.display().to_string());
        let changed = |what: String| Ok(Err(problem(ProblemCode::CopyChanged).because(what)));
        match fs::symlink_metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(problem(ProblemCode::CopyMissing))),
            Err(error) => return Ok(Err(problem(ProblemCode::CopyUnreadable).because(error))),
            Ok(facts) if !facts.is_file() => return changed("no regular file".to_owned()),
            Ok(facts) if facts.len() != row.clip.size => return changed(format!("{} bytes", facts.len())),
            Ok(_) => {}
        }
        match fixity::reread(file, watch) {
            Ok(back) if back.blake3 == row.clip.digests.blake3 => Ok(Ok(back.coldness)),
            Ok(back) => changed(format!("BLAKE3 {}", back.blake3)),
            Err(RereadError::Cancelled) => Err(Failure::new(ErrorCode::Cancelled)),
            Err(RereadError::Read(error)) => Ok(Err(problem(ProblemCode::CopyUnreadable).because(error))),
        }
    }

    /// Reads a second copy back cold. A bad one is written down and raises an alarm; the next catching up puts it
    /// aside and makes it anew from the verified original. A good one is for the caller to write down.
    ///
    /// `Err` inside: what is wrong with it. A place that cannot be reached says nothing of its copies: a failure.
    pub(crate) fn check_copy(
        &self,
        actor: &Actor,
        copy: &CopyRow,
        watch: &dyn fixity::Watch,
    ) -> Result<Result<Coldness, Problem>, Failure> {
        let place = self.copy_place()?.filter(|place| place.id == copy.place);
        let Some(place) = place else { return Err(Failure::new(ErrorCode::CopyMissing)) };
        let row = self.read(|view| view.clip(&copy.clip))?.ok_or_else(|| Failure::not_found(&copy.clip))?;
        let found = self.look_at_copy(&row, &place.path.join(&copy.path), watch)?;
        if let Err(problem) = &found {
            // A disk that went away meanwhile makes no copy bad.
            self.copy_place()?;
            self.note_bad_copy(actor, copy, problem)?;
        }
        Ok(found)
    }

    fn note_bad_copy(&self, actor: &Actor, copy: &CopyRow, problem: &Problem) -> Result<(), Failure> {
        let checked = CopyChecked {
            clip: copy.clip.to_string(),
            place: copy.place.clone(),
            state: "bad".to_owned(),
            code: problem.code.code().to_owned(),
            detail: problem.detail.clone(),
            coldness: String::new(),
        };
        let detail = format!("{} {} {}", problem.code, problem.path, problem.detail);
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let mut changes = vec![checked.into()];
            let (ids, subject) = (self.around.ids.as_ref(), copy.clip.as_str());
            changes.extend(view.raised(ids, AlarmKind::CopyBad, subject, detail.trim_end(), "")?);
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Alarms, Topic::Copies]);
        self.second.ring();
        Ok(())
    }

    /// 检查第二份: reads every good copy back and returns what is wrong. The scrub does the same bit by bit.
    pub fn check_copies(&self, actor: &Actor) -> Result<Vec<Problem>, Failure> {
        authorise(self, actor, Act::Check)?;
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.read(|view| view.clips_after(after.as_ref(), GROUP_CLIPS))?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.clip.id.clone());
            let mut good = GoodCopies::default();
            let walked = page.iter().try_for_each(|row| {
                for copy in self.read(|view| view.copies_of(&row.clip.id))?.iter().filter(|copy| copy.good) {
                    match self.check_copy(actor, copy, &Quiet(self))? {
                        Ok(coldness) => good.add(copy, coldness),
                        Err(problem) => found.push(problem),
                    }
                }
                Ok::<_, Failure>(())
            });
            self.write_changes(actor, good.into_changes().collect())?;
            walked?;
        }
    }

    /// Moves something bad out of the way, within the place. Nothing there is ever deleted.
    fn put_aside(&self, place: &CopyPlace, what: &Path, name: &str) -> Result<(), Failure> {
        let quarantine = place.path.join("quarantine");
        let kept = quarantine.join(format!("{name}-{}", self.around.ids.next()));
        fixity::create_folders(&quarantine)
            .and_then(|()| fixity::publish(what, &kept))
            .map_err(|error| at_place(place, error))
    }

    /// Copies signed statements and issued papers that the place does not hold; returns how many.
    fn copy_papers(&self, place: &CopyPlace) -> Result<u64, Failure> {
        let mut copied = 0;
        for (pdf_path, pdf_sha256, _) in self.named_papers()? {
            let (ours, theirs) = (self.vault.join(&pdf_path), place.path.join(&pdf_path));
            let length = |path: &Path| fs::symlink_metadata(path).ok().map(|facts| facts.len());
            let (held, there) = (length(&ours), length(&theirs));
            if held == there {
                continue;
            }
            // A paper that is gone or changed is for the check of the store to tell.
            let Ok(bytes) = fs::read(&ours) else { continue };
            if fixity::sha256_of(&bytes) != pdf_sha256 {
                continue;
            }
            if there.is_some() {
                self.put_aside(place, &theirs, "paper")?;
            }
            write_paper(place, &theirs, &bytes).map_err(|error| at_place(place, error))?;
            copied += 1;
        }
        Ok(copied)
    }

    /// Counts bytes that were read for copies, and tells it five times a second.
    fn count(&self, bytes: u64) {
        let mut state = self.second.state();
        let progress = &mut state.progress;
        progress.bytes_done += bytes;
        if progress.told.is_none_or(|told| told.elapsed() >= PULSE) {
            progress.told = Some(Moment::now());
            drop(state);
            self.tell(&[Topic::Copies]);
        }
    }
}

/// Stops when the station closes, and counts nothing.
struct Quiet<'a>(&'a Station);

impl fixity::Watch for Quiet<'_> {
    fn copied(&self, _bytes: u64) {}

    fn cancelled(&self) -> bool {
        self.0.second.stops()
    }
}

fn write_paper(place: &CopyPlace, theirs: &Path, bytes: &[u8]) -> io::Result<()> {
    let staging = place.path.join("staging");
    let staged: PathBuf = staging.join("paper.pdf");
    fixity::create_folders(&staging)?;
    if staged.exists() {
        fs::remove_file(&staged)?;
    }
    fixity::write_new(&staged, bytes)?;
    fixity::create_folders(theirs.parent().unwrap_or(&place.path))?;
    fixity::publish(&staged, theirs)
}

/// Marks a copy as read-only, with the original's time. Both are for people who look: FAT has no such owner and no
/// such rights, and refuses.
fn seal(file: &Path, original: &fs::Metadata) -> io::Result<()> {
    let file = File::open(file)?;
    let nanos = u32::try_from(original.mtime_nsec()).unwrap_or_default();
    match fixity::seal(&file, original.mtime(), nanos) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        sealed => sealed.and_then(|()| file.sync_all()),
    }
}

/// Returns the failure of the disk with the second copies.
pub(crate) fn at_place(place: &CopyPlace, error: io::Error) -> Failure {
    Failure::new(target_code(&error)).with("path", place.path.display()).because(error)
}
