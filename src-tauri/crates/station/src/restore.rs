//! 从第二份恢复: a damaged original gets a verified copy beside it, as a plan that is shown first.

use crate::originals::state_when_right;
use crate::tasks::{TaskKind, TaskStage, Watch};
use crate::vault::target_code;
use crate::{Act, Failure, Station, TaskStatus, authorise};
use fixity::{Coldness, CopyError, StageError};
use intake::{SIDECAR_FILE, Sidecar};
use ledger::{Change, ClipChecked, ClipRegistered, ClipRestored, RangeRecord, SightingRecord};
use model::{Actor, ClipId, ClipName, ClipState, ErrorCode, Instant, Level, Problem, ProblemCode, format_instant};
use register::{ClipRow, CopyRow};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

/// What restoring a clip would do, before anything is written.
#[derive(Clone, Debug)]
pub struct RestorePlan {
    pub clip: ClipRow,
    /// What is wrong with the original; `None`: nothing that is known, and restoring is refused.
    pub problem: Option<Problem>,
    /// The copy that it would be restored from.
    pub from: PathBuf,
    pub copy_made_at: Instant,
    pub copy_checked_at: Option<Instant>,
    /// Folder below the vault in which the restored original gets a folder of its own. The damaged one stays.
    pub into: String,
    pub bytes: u64,
}

impl Station {
    /// Returns what restoring a clip from its second copy would do.
    ///
    /// Refused with [`ErrorCode::CopyMissing`] where no good copy can be reached.
    pub fn restore_plan(&self, clip: &ClipId) -> Result<RestorePlan, Failure> {
        let row = self.read(|view| view.clip(clip))?.ok_or_else(|| Failure::not_found(clip))?;
        let (from, copy) = self.good_copy(&row)?;
        Ok(RestorePlan {
            problem: self.damage(&row),
            from,
            copy_made_at: copy.made_at,
            copy_checked_at: copy.checked_at,
            into: self.restored_into(&row),
            bytes: row.clip.size,
            clip: row,
        })
    }

    /// 从第二份恢复, as a task.
    pub fn start_restore(self: &Arc<Self>, actor: &Actor, clip: &ClipId) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Intake)?;
        let plan = self.restore_plan(clip)?;
        if plan.problem.is_none() {
            return Err(Failure::invalid("original").with("what", &plan.clip.clip.number));
        }
        let actor = actor.clone();
        self.spawn_task(TaskKind::Restore, clip.as_str(), move |station, watch| {
            station.restore(&actor, &plan, watch)?;
            station.bring_ledger_up();
            Ok(None)
        })
    }

    /// Restores a clip from its second copy and returns when it is done.
    pub fn restore_clip(self: &Arc<Self>, actor: &Actor, clip: &ClipId) -> Result<ClipRow, Failure> {
        let task = self.start_restore(actor, clip)?;
        self.wait_for(&task.id)?;
        self.read(|view| view.clip(clip))?.ok_or_else(|| Failure::not_found(clip))
    }

    fn good_copy(&self, row: &ClipRow) -> Result<(PathBuf, CopyRow), Failure> {
        let missing = || Failure::new(ErrorCode::CopyMissing).with("clip", &row.clip.number);
        let place = self.copy_place().map_err(|failure| missing().because(failure))?.ok_or_else(missing)?;
        let copies = self.read(|view| view.copies_of(&row.clip.id))?;
        let copy = copies.into_iter().find(|copy| copy.good && copy.place == place.id).ok_or_else(missing)?;
        let path = place.path.join(&copy.path);
        match fs::symlink_metadata(&path) {
            Ok(facts) if facts.is_file() && facts.len() == row.clip.size => Ok((path, copy)),
            Ok(_) => Err(missing().with("path", path.display())),
            Err(error) => Err(missing().with("path", path.display()).because(error)),
        }
    }

    /// Says what is wrong with an original by its state and a look at its size.
    fn damage(&self, row: &ClipRow) -> Option<Problem> {
        let clip = &row.clip;
        let problem = |code| Some(Problem::new(code, &clip.stored_path));
        match fs::symlink_metadata(self.vault.join(&clip.stored_path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => problem(ProblemCode::OriginalMissing),
            Err(error) => problem(ProblemCode::OriginalUnreadable).map(|problem| problem.because(error)),
            Ok(facts) if !facts.is_file() || facts.len() != clip.size => problem(ProblemCode::OriginalChanged),
            Ok(_) if clip.state == ClipState::Mismatch => problem(ProblemCode::OriginalChanged),
            Ok(_) => None,
        }
    }

    fn restored_into(&self, row: &ClipRow) -> String {
        let folder = ClipName::from_bytes(row.clip.recorder.clone().into_bytes()).stored();
        format!("originals/{}/{folder}", self.zone().day_folder(self.now()))
    }

    /// Brings the copy back as an original.
    ///
    /// Durability as in intake: content, read back cold and equal to the register's three digests, sidecar, name,
    /// register. The damaged original stays where it is.
    fn restore(&self, actor: &Actor, plan: &RestorePlan, watch: &Watch<'_>) -> Result<(), Failure> {
        let clip = &plan.clip.clip;
        let failed =
            |error: io::Error| Failure::new(target_code(&error)).with("path", self.vault.display()).because(error);
        let id = self.around.ids.next();
        let name = Path::new(&clip.stored_path).file_name().ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        let staged = self.vault.join("staging").join(&id);
        fixity::create_folders(&staged).map_err(failed)?;
        let restored = self.stage_restored(plan, &staged, name, watch);
        let coldness = match restored {
            Ok(coldness) => coldness,
            Err(failure) => {
                fs::remove_dir_all(&staged).map_err(failed)?;
                return Err(failure);
            }
        };
        let stored_path = format!("{}/{id}/{}", plan.into, name.to_string_lossy());
        let record = self.restored_record(plan, stored_path, coldness)?;
        let sidecar = Sidecar {
            evidock_clip: 1,
            taken_in_at: format_instant(self.now()),
            taken_in_by: actor.display(),
            clip: record.clone(),
        };
        fixity::write_new(&staged.join(SIDECAR_FILE), &sidecar.to_bytes()).map_err(failed)?;
        let into = self.vault.join(&plan.into);
        let _alone = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        fixity::create_folders(&into).and_then(|()| fixity::publish(&staged, &into.join(&id))).map_err(failed)?;
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let state = state_when_right(view, &plan.clip)?;
            Ok((restored_changes(record, state, coldness), ()))
        })
    }

    /// Copies the second copy into staging and compares it with the register.
    fn stage_restored(
        &self,
        plan: &RestorePlan,
        staged: &Path,
        name: &std::ffi::OsStr,
        watch: &Watch<'_>,
    ) -> Result<Coldness, Failure> {
        let clip = &plan.clip.clip;
        let bad = || Failure::new(ErrorCode::CopyMissing).with("clip", &clip.number).with("path", plan.from.display());
        let source = File::open(&plan.from).map_err(|error| bad().because(error))?;
        let following = Following { watch, done: AtomicU64::new(0), total: clip.size };
        let file = staged.join(name);
        let copied = fixity::copy_verified(&source, &file, &following).map_err(|error| match error {
            CopyError::Stage(StageError::Cancelled) => Failure::new(ErrorCode::Cancelled),
            CopyError::Stage(StageError::Source(error)) => bad().because(error),
            error => Failure::new(ErrorCode::TargetFailed).with("path", self.vault.display()).because(error),
        })?;
        if (copied.size, copied.digests) != (clip.size, clip.digests) {
            return Err(bad().because("the copy is not what the register says"));
        }
        let failed =
            |error: io::Error| Failure::new(target_code(&error)).with("path", self.vault.display()).because(error);
        let facts = source.metadata().map_err(failed)?;
        let target = File::open(&file).map_err(failed)?;
        let nanos = u32::try_from(facts.mtime_nsec()).unwrap_or_default();
        fixity::seal(&target, facts.mtime(), nanos).and_then(|()| target.sync_all()).map_err(failed)?;
        Ok(copied.coldness)
    }

    /// Returns the record for the sidecar beside a restored original: what the clip is stays as it was.
    fn restored_record(&self, plan: &RestorePlan, to: String, coldness: Coldness) -> Result<ClipRegistered, Failure> {
        let (row, clip) = (&plan.clip, &plan.clip.clip);
        let place = self.copy_place()?.map(|place| place.id).unwrap_or_default();
        Ok(ClipRegistered {
            id: clip.id.to_string(),
            original_name: clip.original_name.clone(),
            size: clip.size,
            blake3: clip.digests.blake3.to_string(),
            sha256: clip.digests.sha256.to_string(),
            sm3: clip.digests.sm3.to_string(),
            level: level(clip.level, coldness).code().to_owned(),
            coldness: coldness.code().to_owned(),
            stored_path: to,
            job: clip.job.to_string(),
            recorder: clip.recorder.clone(),
            origin: row.origin.clone(),
            footage: row.footage,
            recorded_from: clip.recorded_from.map(format_instant),
            time_source: clip.time_source.map(|source| source.code().to_owned()),
            // Where these bytes were met: not on a card, but at the place for second copies.
            sighting: SightingRecord {
                path: clip.stored_path.clone(),
                volume: format!("copy:{place}"),
                ..Default::default()
            },
            state: if row.unreadable.is_empty() { String::new() } else { ClipState::Damaged.code().to_owned() },
            unreadable: row.unreadable.iter().map(|(from, to)| RangeRecord { from: *from, to: *to }).collect(),
            ..Default::default()
        })
    }
}

/// Returns the level of a restored original. What a second reading of the card showed was of these digests and stays
/// shown; how our own disk was read back is new.
fn level(before: Level, coldness: Coldness) -> Level {
    match (coldness, before) {
        (Coldness::NotExcluded, _) => Level::V2Cached,
        (_, Level::V3 | Level::V3Cached) => before,
        _ => Level::V2,
    }
}

/// Returns what restoring changes. A clip that was damaged or in doubt before its original was lost is so still.
fn restored_changes(record: ClipRegistered, state: ClipState, coldness: Coldness) -> Vec<Change> {
    let ClipRegistered { id, job, stored_path, level, sighting, .. } = record;
    let coldness = coldness.code().to_owned();
    let restored = ClipRestored { clip: id.clone(), job, stored_path, level, coldness: coldness.clone(), sighting };
    let still = ClipChecked { clip: id, state: state.code().to_owned(), coldness, ..Default::default() };
    let still = (state != ClipState::Verified).then(|| still.into());
    std::iter::once(restored.into()).chain(still).collect()
}

/// Follows the copying back.
struct Following<'a> {
    watch: &'a Watch<'a>,
    done: AtomicU64,
    total: u64,
}

impl fixity::Watch for Following<'_> {
    fn copied(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watch.tell(TaskStage::Copying, done, self.total);
    }

    fn cancelled(&self) -> bool {
        self.watch.is_cancelled()
    }
}
