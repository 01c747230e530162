//! fsck: store ↔ register ↔ ledger, in both directions.

use crate::tasks::{TaskKind, TaskStage, Watch};
use crate::{Act, Failure, Station, TaskStatus, Topic, authorise};
use intake::Sidecar;
use ledger::{Change, ClipChecked, StoreChecked};
use model::{Actor, ClipId, ClipState, ErrorCode, Instant, Problem, ProblemCode};
use register::{CheckRow, ClipRow};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Clips read from the register at a time.
const PAGE_CLIPS: u32 = 500;

/// What a check looked at and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    pub at: Instant,
    pub metadata_only: bool,
    /// Clips, or files of a package.
    pub checked: u64,
    /// Bytes read.
    pub bytes: u64,
    pub findings: Vec<Problem>,
}

impl From<CheckRow> for CheckReport {
    fn from(row: CheckRow) -> Self {
        Self {
            at: row.at,
            metadata_only: row.metadata_only,
            checked: row.checked,
            bytes: row.bytes,
            findings: row.findings,
        }
    }
}

impl Station {
    /// Checks the whole store as a task.
    pub fn start_check(self: &Arc<Self>, actor: &Actor, metadata_only: bool) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Check)?;
        let actor = actor.clone();
        self.spawn_task(TaskKind::Check, "", move |station, watch| {
            station.check_store(&actor, metadata_only, watch).map(Some)
        })
    }

    /// Checks the whole store and returns when it is done.
    pub fn check_and_wait(self: &Arc<Self>, actor: &Actor, metadata_only: bool) -> Result<CheckReport, Failure> {
        let task = self.start_check(actor, metadata_only)?;
        self.wait_for(&task.id)?.report.ok_or_else(|| Failure::new(ErrorCode::Internal))
    }

    /// Waits for a task and returns how it ended; a failed or cancelled one is a failure.
    pub(crate) fn wait_for(&self, id: &str) -> Result<TaskStatus, Failure> {
        self.join_task(id);
        let ended = self.tasks().into_iter().find(|task| task.id == id).ok_or_else(|| Failure::not_found(id))?;
        match (&ended.state, &ended.error) {
            (crate::TaskState::Done, _) => Ok(ended),
            (_, Some(error)) => {
                let mut failure = Failure::new(error.code).because(error.chain());
                failure.params.clone_from(&error.params);
                Err(failure)
            }
            _ => Err(Failure::new(ErrorCode::Cancelled)),
        }
    }

    fn check_store(&self, actor: &Actor, metadata_only: bool, watch: &Watch<'_>) -> Result<CheckReport, Failure> {
        let (clips, total) = self.read(|view| view.clip_totals())?;
        let total = if metadata_only { clips } else { total };
        let mut report = CheckReport { at: self.now(), metadata_only, checked: 0, bytes: 0, findings: Vec::new() };
        let mut changes: Vec<Change> = Vec::new();
        let mut after = None;
        loop {
            let page = self.read(|view| view.clips_after(after.as_ref(), PAGE_CLIPS))?;
            let Some(last) = page.last() else { break };
            after = Some(last.clip.id.clone());
            for row in &page {
                let found = self.check_clip(row, metadata_only, &mut report, total, watch)?;
                changes.extend(verdict(row, found.as_ref(), metadata_only));
                report.findings.extend(found);
                report.checked += 1;
            }
        }
        self.check_strangers(&mut report)?;
        self.check_papers(&mut report)?;
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| {
            // Inside the write, which other writers wait for: ledger, its files and the tables are of one moment.
            report.findings.extend(self.register.audit()?.into_iter().map(unsound));
            let checked = StoreChecked {
                metadata_only,
                clips: report.checked,
                bytes: report.bytes,
                findings: report.findings.iter().map(Into::into).collect(),
            };
            changes.push(checked.into());
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Clips]);
        Ok(report)
    }

    /// Looks at one clip's bytes and sidecar.
    fn check_clip(
        &self,
        row: &ClipRow,
        metadata_only: bool,
        report: &mut CheckReport,
        total: u64,
        watch: &Watch<'_>,
    ) -> Result<Option<Problem>, Failure> {
        if watch.is_cancelled() {
            return Err(Failure::new(ErrorCode::Cancelled));
        }
        let clip = &row.clip;
        let path = self.vault.join(&clip.stored_path);
        let problem = |code| Some(Problem::new(code, &clip.stored_path));
        let found = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => problem(ProblemCode::OriginalMissing),
            Err(error) => problem(ProblemCode::OriginalUnreadable).map(|p| p.because(error)),
            Ok(facts) if !facts.is_file() || facts.len() != clip.size => problem(ProblemCode::OriginalChanged),
            Ok(_) if metadata_only => {
                watch.tell(TaskStage::Checking, report.checked + 1, total);
                None
            }
            Ok(_) => {
                let done = Cell::new(report.bytes);
                let progress = |bytes: u64| {
                    done.set(done.get() + bytes);
                    watch.tell(TaskStage::Checking, done.get(), total);
                };
                let back = fixity::reread(&path, &progress);
                report.bytes = done.get();
                match back {
                    Ok(back) if back.blake3 == clip.digests.blake3 => None,
                    Ok(_) => problem(ProblemCode::OriginalChanged),
                    Err(error) => problem(ProblemCode::OriginalUnreadable).map(|p| p.because(error)),
                }
            }
        };
        Ok(found.or_else(|| check_sidecar(&path, row)))
    }

    /// Looks for what the register does not know: anything among the originals that is no clip with its sidecar at
    /// its own place, and leftovers in `staging`.
    fn check_strangers(&self, report: &mut CheckReport) -> Result<(), Failure> {
        let shown = |path: &Path| path.strip_prefix(&self.vault).unwrap_or(path).display().to_string();
        let mut strangers = Vec::new();
        let mut folders = vec![self.vault.join("originals")];
        while let Some(folder) = folders.pop() {
            let entries = listed(&folder)?;
            if let Some(original) = self.original_in(&folder)? {
                let ours = |path: &Path| path == original || path == folder.join(intake::SIDECAR_FILE);
                strangers.extend(entries.into_iter().map(|(path, _)| path).filter(|path| !ours(path)));
            } else if entries.iter().any(|(path, _)| path.ends_with(intake::SIDECAR_FILE)) {
                // A clip is published and registered under this lock; after it, the register knows.
                let _alone = self.publishing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                strangers.extend(self.original_in(&folder)?.is_none().then_some(folder));
            } else {
                let (below, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, is_folder)| *is_folder);
                folders.extend(below.into_iter().map(|(path, _)| path));
                strangers.extend(files.into_iter().map(|(path, _)| path));
            }
        }
        strangers.sort();
        report.findings.extend(strangers.iter().map(|path| Problem::new(ProblemCode::NotRegistered, shown(path))));
        if self.running_intakes() == 0 {
            let left = listed(&self.vault.join("staging"))?;
            report
                .findings
                .extend(left.iter().map(|(path, _)| Problem::new(ProblemCode::StagingLeftover, shown(path))));
        }
        Ok(())
    }

    /// Returns the original that the register has in this very folder.
    fn original_in(&self, folder: &Path) -> Result<Option<PathBuf>, Failure> {
        let Some(id) = folder.file_name().and_then(|name| name.to_str()).and_then(ClipId::parse) else {
            return Ok(None);
        };
        let row = self.read(|view| view.clip(&id))?;
        Ok(row.map(|row| self.vault.join(row.clip.stored_path)).filter(|path| path.parent() == Some(folder)))
    }

    fn check_papers(&self, report: &mut CheckReport) -> Result<(), Failure> {
        for statement in self.read(|view| view.all_statements())? {
            let code = match fs::read(self.vault.join(&statement.pdf_path)) {
                Ok(bytes) if fixity::sha256_of(&bytes) == statement.pdf_sha256 => continue,
                Ok(_) => ProblemCode::PaperChanged,
                Err(_) => ProblemCode::PaperMissing,
            };
            report.findings.push(Problem::new(code, statement.pdf_path).because(statement.number));
        }
        Ok(())
    }
}

fn unsound((place, what): (&'static str, String)) -> Problem {
    let code = match place {
        "ledger" => ProblemCode::LedgerBroken,
        "mirror" => ProblemCode::LedgerMirrorDiffers,
        _ => ProblemCode::RegisterDiffers,
    };
    Problem::new(code, "register").because(what)
}

/// Returns what lies in a folder, and whether it is a folder itself; links are none. Nothing where there is no folder.
fn listed(folder: &Path) -> Result<Vec<(PathBuf, bool)>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(crate::vault::target_code(&error)).with("path", folder.display()).because(error)
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let facts = |entry: fs::DirEntry| Ok((entry.path(), entry.file_type()?.is_dir()));
    entries.map(|entry| entry.and_then(facts).map_err(failed)).collect()
}

fn check_sidecar(original: &Path, row: &ClipRow) -> Option<Problem> {
    let problem = |code| Problem::new(code, format!("{}/{}", folder_of(&row.clip.stored_path), intake::SIDECAR_FILE));
    let sidecar = match original.parent().map(Sidecar::read) {
        Some(Ok(sidecar)) => sidecar.clip,
        Some(Err(error)) => return Some(problem(ProblemCode::SidecarMissing).because(error)),
        None => return Some(problem(ProblemCode::SidecarMissing)),
    };
    let clip = &row.clip;
    let same = sidecar.id == clip.id.as_str()
        && sidecar.size == clip.size
        && sidecar.blake3 == clip.digests.blake3.to_string()
        && sidecar.sha256 == clip.digests.sha256.to_string()
        && sidecar.sm3 == clip.digests.sm3.to_string()
        && sidecar.original_name == clip.original_name
        && sidecar.stored_path == clip.stored_path;
    (!same).then(|| problem(ProblemCode::SidecarDiffers))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns the change of a clip's state that a check calls for. A look at sizes alone cannot clear a clip.
fn verdict(row: &ClipRow, found: Option<&Problem>, metadata_only: bool) -> Option<Change> {
    let bad = found.filter(|problem| {
        matches!(
            problem.code,
            ProblemCode::OriginalMissing | ProblemCode::OriginalChanged | ProblemCode::OriginalUnreadable
        )
    });
    let state = match (bad, row.clip.state) {
        (Some(_), ClipState::Verified) => ClipState::Mismatch,
        (None, ClipState::Mismatch) if !metadata_only => ClipState::Verified,
        _ => return None,
    };
    let checked = ClipChecked {
        clip: row.clip.id.to_string(),
        state: state.code().to_owned(),
        code: bad.map(|problem| problem.code.code().to_owned()).unwrap_or_default(),
        detail: bad.map(|problem| problem.detail.clone()).unwrap_or_default(),
    };
    Some(checked.into())
}
