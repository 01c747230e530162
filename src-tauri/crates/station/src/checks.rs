//! fsck: store ↔ register ↔ ledger, in both directions.

use crate::originals::{Found, Look, checked};
use crate::tasks::{TaskKind, TaskStage, Watch};
use crate::{Act, Failure, Station, TaskStatus, Topic, authorise};
use fixity::Coldness;
use intake::Sidecar;
use ledger::{Change, StoreChecked};
use model::{Actor, AlarmKind, ClipId, Digest, ErrorCode, Instant, Problem, ProblemCode};
use register::{CheckRow, ClipRow, PaperFilter};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

    /// Checks the store and writes down what came of it. What was found before a cancel or a failure stays found.
    fn check_store(&self, actor: &Actor, metadata_only: bool, watch: &Watch<'_>) -> Result<CheckReport, Failure> {
        let mut report = CheckReport { at: self.now(), metadata_only, checked: 0, bytes: 0, findings: Vec::new() };
        let walked = self.walk_store(actor, &mut report, watch);
        let author = self.author(actor, "");
        let written = self.register.write::<_, Failure>(&author, |view| {
            let mut changes: Vec<Change> = Vec::new();
            if walked.is_ok() {
                // Inside the write, which other writers wait for: ledger, its files and the tables are of one moment.
                let unsound: Vec<Problem> = self.register.audit()?.into_iter().map(unsound).collect();
                if let Some(first) = unsound.first() {
                    let (ids, detail) = (self.around.ids.as_ref(), format!("{} {}", first.code, first.detail));
                    changes.extend(view.raised(ids, AlarmKind::RegisterUnsound, "register", &detail, "")?);
                }
                report.findings.extend(unsound);
            }
            let checked = StoreChecked {
                metadata_only,
                complete: walked.is_ok(),
                clips: report.checked,
                bytes: report.bytes,
                findings: report.findings.iter().map(Into::into).collect(),
            };
            changes.push(checked.into());
            Ok((changes, ()))
        });
        self.tell(&[Topic::Clips, Topic::Alarms]);
        match (walked, written) {
            (Ok(()), Ok(())) => Ok(report),
            (Err(stopped), Err(unwritten)) => {
                eprintln!("check: {}", unwritten.chain());
                Err(stopped)
            }
            (Err(failure), Ok(())) | (Ok(()), Err(failure)) => Err(failure),
        }
    }

    fn walk_store(&self, actor: &Actor, report: &mut CheckReport, watch: &Watch<'_>) -> Result<(), Failure> {
        let look = if report.metadata_only { Look::Names } else { Look::Content };
        let (clips, bytes) = self.read(|view| view.clip_totals())?;
        let total = if report.metadata_only { clips } else { bytes };
        let mut after = None;
        loop {
            let page = self.read(|view| view.clips_after(after.as_ref(), PAGE_CLIPS))?;
            let Some(last) = page.last() else { break };
            after = Some(last.clip.id.clone());
            let mut seen: Vec<(ClipRow, Found)> = Vec::new();
            let walked = page.into_iter().try_for_each(|row| {
                if watch.is_cancelled() {
                    return Err(Failure::new(ErrorCode::Cancelled));
                }
                let reading = Reading { watch, done: AtomicU64::new(report.bytes), total };
                let found = self.look_at(&row, look, &reading);
                report.bytes = reading.done.into_inner();
                seen.push((row, found?));
                report.checked += 1;
                if look == Look::Names {
                    watch.tell(TaskStage::Checking, report.checked, total);
                }
                Ok(())
            });
            // Before anything stops the check: what a page showed is known from here on.
            self.keep_seen(actor, report, look, &seen)?;
            walked?;
        }
        self.check_strangers(report)?;
        self.check_papers(report)?;
        self.check_packages(report)
    }

    /// Writes down what a page of clips showed. Where the whole store is out of reach every original is a finding,
    /// but none is called bad for it: one alarm says so.
    fn keep_seen(
        &self,
        actor: &Actor,
        report: &mut CheckReport,
        look: Look,
        seen: &[(ClipRow, Found)],
    ) -> Result<(), Failure> {
        let gone: Vec<&ClipRow> = seen.iter().filter(|(_, found)| found.is_gone()).map(|(row, _)| row).collect();
        let lost = if gone.is_empty() { None } else { self.store_lost(&gone)? };
        let written = self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let mut changes: Vec<Change> = Vec::new();
            if let Some(why) = &lost {
                changes.extend(view.raised(self.around.ids.as_ref(), AlarmKind::TargetFailed, "originals", why, "")?);
            }
            for (row, found) in seen {
                if lost.is_some() && found.is_gone() {
                    report.findings.extend(found.problem.clone());
                    continue;
                }
                let Some(judged) = self.judge(view, row, found, look)? else { continue };
                // The cache may have answered: that it was read back, and how, is said of this clip.
                let said = judged.changes.iter().any(|change| matches!(change, Change::ClipChecked(_)));
                let cached = !said && found.coldness == Some(Coldness::NotExcluded);
                changes.extend(cached.then(|| checked(row, found, judged.state)));
                changes.extend(judged.changes);
                report.findings.extend(judged.finding);
            }
            Ok((changes.clone(), changes))
        })?;
        self.tell_alarms(&written);
        Ok(())
    }

    /// Looks for what the register does not know: anything among the originals that is no clip with its sidecar at
    /// its own place, and leftovers in `staging`.
    fn check_strangers(&self, report: &mut CheckReport) -> Result<(), Failure> {
        let mut strangers = Vec::new();
        let mut folders = vec![self.vault.join("originals")];
        while let Some(folder) = folders.pop() {
            let entries = self.listed(&folder, report);
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
        self.not_registered(strangers, report);
        if self.running_intakes() == 0 {
            let left = self.listed(&self.vault.join("staging"), report);
            let left = left.iter().map(|(path, _)| Problem::new(ProblemCode::StagingLeftover, self.below(path)));
            report.findings.extend(left);
        }
        Ok(())
    }

    /// Returns the original that the register has, or had before it was replaced, in this very folder.
    fn original_in(&self, folder: &Path) -> Result<Option<PathBuf>, Failure> {
        let Some(id) = folder.file_name().and_then(|name| name.to_str()).and_then(ClipId::parse) else {
            return Ok(None);
        };
        let Some(row) = self.read(|view| view.clip(&id))? else { return self.replaced_in(folder) };
        let path = self.vault.join(row.clip.stored_path);
        if path.parent() == Some(folder) { Ok(Some(path)) } else { self.replaced_in(folder) }
    }

    /// Returns the damaged original that a verified copy of the same content took the place of, elsewhere.
    fn replaced_in(&self, folder: &Path) -> Result<Option<PathBuf>, Failure> {
        // A folder whose sidecar cannot be read is nobody's.
        let Ok(sidecar) = Sidecar::read(folder) else { return Ok(None) };
        let path = self.vault.join(&sidecar.clip.stored_path);
        let replaced = path.parent() == Some(folder)
            && self.read(|view| view.history(&[&sidecar.clip.id]))?.iter().any(|event| event.kind == "clip.restored");
        Ok(replaced.then_some(path))
    }

    /// Returns the PDFs that the register names, of statements and of papers: path, digest, number.
    pub(crate) fn named_papers(&self) -> Result<Vec<(String, Digest, String)>, Failure> {
        self.read(|view| {
            let statements = view.all_statements()?.into_iter();
            let papers = view.papers(&PaperFilter::default())?.into_iter();
            let statements = statements.map(|signed| (signed.pdf_path, signed.pdf_sha256, signed.number));
            Ok(statements.chain(papers.map(|issued| (issued.pdf_path, issued.pdf_sha256, issued.number))).collect())
        })
    }

    /// Looks at every statement's and paper's PDF, and for PDFs that neither names.
    fn check_papers(&self, report: &mut CheckReport) -> Result<(), Failure> {
        for (pdf_path, pdf_sha256, number) in self.named_papers()? {
            let path = self.vault.join(&pdf_path);
            let code = match fs::read(&path) {
                Ok(bytes) if fixity::sha256_of(&bytes) == pdf_sha256 => None,
                Ok(_) => Some(ProblemCode::PaperChanged),
                Err(_) => Some(ProblemCode::PaperMissing),
            };
            report.findings.extend(code.map(|code| Problem::new(code, pdf_path).because(number)));
        }
        let (mut strangers, mut folders) = (Vec::new(), vec![self.vault.join("papers")]);
        while let Some(folder) = folders.pop() {
            for (path, is_folder) in self.listed(&folder, report) {
                if is_folder {
                    folders.push(path);
                } else {
                    strangers.push(path);
                }
            }
        }
        // A paper is written and its statement signed under this lock; after it, the register knows.
        let alone = self.signing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let papers = self.named_papers()?;
        drop(alone);
        let named: HashSet<PathBuf> = papers.iter().map(|(pdf_path, ..)| self.vault.join(pdf_path)).collect();
        strangers.retain(|path| !named.contains(path));
        self.not_registered(strangers, report);
        Ok(())
    }

    /// Looks whether packages in the vault are still there; their content is checked package by package. Those written
    /// elsewhere may have been handed over.
    fn check_packages(&self, report: &mut CheckReport) -> Result<(), Failure> {
        for package in self.read(|view| view.packages())? {
            for place in [Some(package.folder), package.image].into_iter().flatten() {
                let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
                let path = Path::new(&place);
                if path.is_relative() && fs::symlink_metadata(self.vault.join(path)).as_ref().is_err_and(gone) {
                    report.findings.push(Problem::new(ProblemCode::FileMissing, place).because(&package.number));
                }
            }
        }
        Ok(())
    }

    fn not_registered(&self, mut strangers: Vec<PathBuf>, report: &mut CheckReport) {
        strangers.sort();
        let found = strangers.iter().map(|path| Problem::new(ProblemCode::NotRegistered, self.below(path)));
        report.findings.extend(found);
    }

    fn below(&self, path: &Path) -> String {
        path.strip_prefix(&self.vault).unwrap_or(path).display().to_string()
    }

    /// Returns what lies in a folder, and whether it is a folder itself; links are none. Nothing where there is no
    /// folder; one that cannot be listed is a finding.
    fn listed(&self, folder: &Path, report: &mut CheckReport) -> Vec<(PathBuf, bool)> {
        let facts = |entry: fs::DirEntry| Ok((entry.path(), entry.file_type()?.is_dir()));
        let listed = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.and_then(facts)).collect::<std::io::Result<Vec<_>>>());
        listed.unwrap_or_else(|error| {
            if error.kind() != std::io::ErrorKind::NotFound {
                let finding = Problem::new(ProblemCode::FolderUnreadable, self.below(folder));
                report.findings.push(finding.because(error));
            }
            Vec::new()
        })
    }
}

/// Follows the reading of one original.
struct Reading<'a> {
    watch: &'a Watch<'a>,
    /// Bytes read since the check began.
    done: AtomicU64,
    total: u64,
}

impl fixity::Watch for Reading<'_> {
    fn copied(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watch.tell(TaskStage::Checking, done, self.total);
    }

    fn cancelled(&self) -> bool {
        self.watch.is_cancelled()
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
