//! Long work other than intake: one thread each, with progress and cancel.

use crate::checks::CheckReport;
use crate::{Failure, Station, Topic};
use model::{ErrorCode, Instant};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Ended tasks that are still shown.
const ENDED_KEPT: usize = 20;
/// Progress is told when it moved by this share of the whole.
const TOLD_SHARE: u64 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    Package,
    VerifyPackage,
    Check,
    /// A clip from its second copy.
    Restore,
    /// Of the register.
    Backup,
    /// A case's records in open form.
    ExportCase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStage {
    Preparing,
    Copying,
    Imaging,
    ReadingBack,
    Checking,
    Finished,
}

/// A task with everything its line shows.
#[derive(Clone, Debug)]
pub struct TaskStatus {
    pub id: String,
    pub kind: TaskKind,
    pub subject: String,
    pub state: TaskState,
    pub stage: TaskStage,
    pub done: u64,
    pub total: u64,
    pub started_at: Instant,
    pub error: Option<Arc<Failure>>,
    pub report: Option<CheckReport>,
}

#[derive(Default)]
pub(crate) struct Tasks(Mutex<Vec<Task>>);

struct Task {
    status: TaskStatus,
    cancel: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tasks {
    fn held(&self) -> MutexGuard<'_, Vec<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether any is running.
    pub fn are_running(&self) -> bool {
        self.held().iter().any(|task| task.status.state == TaskState::Running)
    }

    pub fn stop_all(&self) {
        let threads: Vec<JoinHandle<()>> = {
            let mut held = self.held();
            held.iter().for_each(|task| task.cancel.store(true, Ordering::Relaxed));
            held.iter_mut().filter_map(|task| task.thread.take()).collect()
        };
        for thread in threads {
            if thread.join().is_err() {
                eprintln!("a task's thread panicked");
            }
        }
    }
}

/// What the work itself holds of its task.
pub(crate) struct Watch<'a> {
    station: &'a Station,
    id: &'a str,
    cancel: &'a AtomicBool,
}

impl Watch<'_> {
    pub fn tell(&self, stage: TaskStage, done: u64, total: u64) {
        let moved = {
            let mut held = self.station.tasks.held();
            let Some(task) = held.iter_mut().find(|task| task.status.id == self.id) else { return };
            let status = &mut task.status;
            let share = (total / TOLD_SHARE).max(1);
            let moved = stage != status.stage || done / share != status.done / share;
            (status.stage, status.done, status.total) = (stage, done, total);
            moved
        };
        if moved {
            self.station.tell(&[Topic::Tasks]);
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl archive::Watch for Watch<'_> {
    fn progress(&self, stage: archive::Stage, done: u64, total: u64) {
        let stage = match stage {
            archive::Stage::Copy => TaskStage::Copying,
            archive::Stage::WriteImage => TaskStage::Imaging,
            archive::Stage::CheckImage | archive::Stage::Verify | archive::Stage::Fingerprint => TaskStage::ReadingBack,
        };
        self.tell(stage, done, total);
    }

    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }
}

impl Station {
    /// Runs work on a thread of its own and returns how it begins.
    pub(crate) fn spawn_task(
        self: &Arc<Self>,
        kind: TaskKind,
        subject: &str,
        work: impl FnOnce(&Self, &Watch<'_>) -> Result<Option<CheckReport>, Failure> + Send + 'static,
    ) -> Result<TaskStatus, Failure> {
        let status = TaskStatus {
            id: self.around.ids.next(),
            kind,
            subject: subject.to_owned(),
            state: TaskState::Running,
            stage: TaskStage::Preparing,
            done: 0,
            total: 0,
            started_at: self.now(),
            error: None,
            report: None,
        };
        let (id, cancel) = (status.id.clone(), Arc::new(AtomicBool::new(false)));
        {
            let mut held = self.tasks.held();
            let running = |task: &Task| task.status.state == TaskState::Running;
            if held.iter().any(|task| running(task) && task.status.kind == kind && task.status.subject == subject) {
                return Err(Failure::new(ErrorCode::JobRunning));
            }
            let ended = held.iter().filter(|task| !running(task)).count();
            if ended >= ENDED_KEPT
                && let Some(oldest) = held.iter().position(|task| !running(task))
            {
                held.remove(oldest);
            }
            held.push(Task { status: status.clone(), cancel: Arc::clone(&cancel), thread: None });
        }
        let (station, own_id) = (Arc::clone(self), id.clone());
        let thread = std::thread::Builder::new()
            .name("task".into())
            .spawn(move || {
                let watch = Watch { station: &station, id: &own_id, cancel: &cancel };
                let ended = catch_unwind(AssertUnwindSafe(|| work(&station, &watch)))
                    .unwrap_or_else(|_| Err(Failure::new(ErrorCode::Internal)));
                station.end_task(&own_id, ended);
            })
            .map_err(|error| {
                self.tasks.held().retain(|task| task.status.id != id);
                Failure::new(ErrorCode::Internal).because(error)
            })?;
        if let Some(task) = self.tasks.held().iter_mut().find(|task| task.status.id == id) {
            task.thread = Some(thread);
        }
        self.tell(&[Topic::Tasks]);
        Ok(status)
    }

    fn end_task(&self, id: &str, ended: Result<Option<CheckReport>, Failure>) {
        if let Some(task) = self.tasks.held().iter_mut().find(|task| task.status.id == id) {
            let status = &mut task.status;
            match ended {
                Ok(report) => (status.state, status.report) = (TaskState::Done, report),
                Err(failure) if failure.code == ErrorCode::Cancelled => status.state = TaskState::Cancelled,
                Err(failure) => {
                    eprintln!("task {id}: {}", failure.chain());
                    (status.state, status.error) = (TaskState::Failed, Some(Arc::new(failure)));
                }
            }
            status.stage = TaskStage::Finished;
        }
        self.tell(&[Topic::Tasks, Topic::Packages, Topic::Cases, Topic::Clips]);
    }

    /// Waits until a task's thread has ended.
    pub(crate) fn join_task(&self, id: &str) {
        let thread = self.tasks.held().iter_mut().find(|task| task.status.id == id).and_then(|task| task.thread.take());
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            eprintln!("the thread of task {id} panicked");
        }
    }

    /// Returns running and lately ended tasks, the newest first.
    pub fn tasks(&self) -> Vec<TaskStatus> {
        self.tasks.held().iter().rev().map(|task| task.status.clone()).collect()
    }

    /// Asks a task to stop.
    pub fn cancel_task(&self, id: &str) -> Result<TaskStatus, Failure> {
        let held = self.tasks.held();
        let task = held.iter().find(|task| task.status.id == id).ok_or_else(|| Failure::not_found(id))?;
        task.cancel.store(true, Ordering::Relaxed);
        Ok(task.status.clone())
    }
}
