//! The intakes of this run of the program, running and lately ended.

use crate::Failure;
use crate::watchdog::{Patience, Running, Vigil, stalled};
use dock::Docked;
use intake::{Meter, Progress, Stage};
use model::{ErrorCode, Instant, JobId, Problem, SessionId};
use register::JobRow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

/// Pulses over which the speed is measured: five seconds.
const SPEED_PULSES: usize = 25;
/// Pulses in a second.
const PULSES_PER_SECOND: u64 = 5;
/// Time between two looks at threads that are to end.
const ENDING: Duration = Duration::from_millis(5);

/// Where an intake stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Running,
    Done,
    Interrupted,
    Cancelled,
    Failed,
}

/// An intake with everything its card shows.
#[derive(Clone, Debug)]
pub struct IntakeStatus {
    pub job: JobId,
    pub drive_label: String,
    pub recorder: String,
    pub source: String,
    pub state: JobState,
    pub progress: Progress,
    /// Bytes per second.
    pub speed: u64,
    pub seconds_left: Option<u64>,
    pub opened_at: Instant,
    pub closed_at: Option<Instant>,
    pub stored: u64,
    pub stored_bytes: u64,
    pub already_held: u64,
    pub unreadable_media: u64,
    pub refused: u64,
    pub problems: Vec<Problem>,
    pub error: Option<Arc<Failure>>,
    pub awaiting_sessions: Vec<SessionId>,
    /// 无响应: since when the drive has not answered a reading; `None` while it does, and once the intake ended.
    pub stalled_since: Option<Instant>,
    /// It was interrupted because the vault's disk failed, and goes on by itself when the disk is back and the drive
    /// still stands in the dock.
    pub awaits_target: bool,
}

/// What the register says of a job and its clips.
pub(crate) struct Gathered {
    pub row: Option<JobRow>,
    /// Clips that libav cannot read.
    pub unreadable_media: u64,
    pub awaiting_sessions: Vec<SessionId>,
}

impl Gathered {
    /// Brings a picture up to what the register says.
    pub fn shown_in(self, status: &mut IntakeStatus) {
        status.unreadable_media = self.unreadable_media;
        status.awaiting_sessions = self.awaiting_sessions;
        let Some(row) = self.row else { return };
        status.recorder = row.recorder_name;
        // All dockings of the job together. One that stays open after a failure has not been counted yet.
        if row.state != "open" {
            status.stored = row.stored;
            status.stored_bytes = row.stored_bytes;
            status.already_held = row.already_held;
            status.refused = row.refused;
        }
    }
}

/// The intakes of this run of the program.
#[derive(Default)]
pub(crate) struct Intakes {
    tracks: Mutex<Vec<Track>>,
    /// Threads that hang at a drive that was given up.
    left: Mutex<Vec<JoinHandle<()>>>,
}

/// One intake of this run of the program.
pub(crate) struct Track {
    pub running: Running,
    /// Bytes read at the last pulses, the newest at the end.
    pub samples: VecDeque<u64>,
    pub vigil: Vigil,
    pub status: IntakeStatus,
    /// It is being given up: its own thread settles it no more.
    pub given_up: bool,
    /// Its drive was seen to be gone while it ran: what docks there next, under whatever id, is another docking.
    pub undocked: bool,
    pub thread: Option<JoinHandle<()>>,
}

impl Intakes {
    pub fn tracks(&self) -> MutexGuard<'_, Vec<Track>> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a sample of every running intake; tells whether there is any, and which are to be given up.
    pub fn sample(&self, now: Instant, patience: &Patience) -> (bool, Vec<Running>) {
        let (mut any, mut hopeless) = (false, Vec::new());
        for track in self.tracks().iter_mut().filter(|track| track.status.state == JobState::Running) {
            any = true;
            track.samples.push_back(track.running.meter.progress().bytes_done);
            if track.samples.len() > SPEED_PULSES {
                track.samples.pop_front();
            }
            let still = track.vigil.look(&track.running, now);
            track.status.stalled_since = (still >= patience.stalled).then_some(track.vigil.since_at);
            // Whoever asked it to stop need not ask again once it is seen to hang.
            let unwanted = track.status.stalled_since.is_some() && track.running.meter.is_cancelled();
            if unwanted || still >= patience.given_up {
                hopeless.extend(self.mark_given_up(track));
            }
        }
        (any, hopeless)
    }

    /// Marks an intake as given up and lets go of its thread; `None` when it was before.
    fn mark_given_up(&self, track: &mut Track) -> Option<Running> {
        if std::mem::replace(&mut track.given_up, true) {
            return None;
        }
        self.left().extend(track.thread.take());
        Some(track.running.clone())
    }

    /// Asks a running intake to stop, as somebody wishes; one that hangs is returned, to be given up at once.
    pub fn cancel(&self, job: &JobId) -> Option<(IntakeStatus, Option<Running>)> {
        let mut tracks = self.tracks();
        let track = tracks.iter_mut().find(|track| track.status.job == *job)?;
        track.running.meter.cancel();
        let hangs = track.status.state == JobState::Running && track.status.stalled_since.is_some();
        let hopeless = if hangs { self.mark_given_up(track) } else { None };
        Some((track.view(), hopeless))
    }

    /// Brings the track of an intake that was given up to its end.
    pub fn end_given_up(&self, running: &Running, now: Instant, problems: Vec<Problem>) {
        if let Some(track) = self.tracks().iter_mut().find(|track| track.is(&running.meter)) {
            let failure = stalled(&running.order);
            track.end(JobState::Interrupted, Some(failure), now);
            track.status.problems = problems;
        }
    }

    /// Asks every running intake to stop because the vault's disk failed.
    pub fn pause_all(&self, why: ErrorCode) {
        for track in self.tracks().iter_mut().filter(|track| track.status.state == JobState::Running) {
            track.running.meter.close_down_for(why);
        }
    }

    /// Tells whether a job is running in this program.
    pub fn runs(&self, job: &JobId) -> bool {
        self.tracks().iter().any(|track| track.status.state == JobState::Running && track.status.job == *job)
    }

    pub fn forget_undocked(&self, docked: &[Docked]) {
        let stands = |track: &Track| docked.iter().any(|docked| docked.id == track.running.order.docked.id);
        self.tracks().retain_mut(|track| {
            if track.status.state == JobState::Running {
                track.undocked = !stands(track);
                return true;
            }
            stands(track) && !track.undocked
        });
    }

    /// Returns the bytes that running intakes other than this one's may still write.
    pub fn promised_beside(&self, job: &JobId) -> u64 {
        let others = |track: &&Track| track.status.state == JobState::Running && track.status.job != *job;
        let promised = |track: &Track| left_to_write(&track.running.meter.progress());
        self.tracks().iter().filter(others).map(promised).fold(0, u64::saturating_add)
    }

    /// Forgets an intake whose thread never began.
    pub fn forget(&self, job: &JobId) {
        self.tracks().retain(|track| track.status.job != *job);
    }

    /// Interrupts all of them, because the station closes, and waits: docking the drives again goes on with them. One
    /// that hangs at its drive is waited for no longer than `patience`. Tells whether every thread has ended.
    pub fn stop_all(&self, now: Instant, patience: Duration) -> bool {
        let mut ending: Vec<(JoinHandle<()>, Running, Vigil)> = Vec::new();
        for track in self.tracks().iter_mut() {
            track.running.meter.close_down();
            let vigil = Vigil::begin(now);
            ending.extend(track.thread.take().map(|thread| (thread, track.running.clone(), vigil)));
        }
        while !ending.is_empty() {
            for (thread, running, mut vigil) in std::mem::take(&mut ending) {
                if thread.is_finished() {
                    if thread.join().is_err() {
                        eprintln!("an intake thread panicked");
                    }
                } else if vigil.look(&running, now) >= patience {
                    // Nothing that it brings is written any more. Its job is settled when the vault is opened again.
                    running.meter.abandon();
                    eprintln!("intake {}: left behind, its drive does not answer", running.order.job);
                    self.left().push(thread);
                    if let Some(track) = self.tracks().iter_mut().find(|track| track.is(&running.meter)) {
                        track.given_up = true;
                        track.end(JobState::Interrupted, Some(stalled(&running.order)), now);
                    }
                } else {
                    ending.push((thread, running, vigil));
                }
            }
            sleep(if ending.is_empty() { Duration::ZERO } else { ENDING });
        }
        self.left().iter().all(JoinHandle::is_finished)
    }
}

impl Track {
    /// Tells whether this is the track of the run with that meter; a job may have been begun anew since.
    pub fn is(&self, meter: &Arc<Meter>) -> bool {
        Arc::ptr_eq(&self.running.meter, meter)
    }

    /// Shows the intake as ended.
    pub fn end(&mut self, state: JobState, error: Option<Failure>, at: Instant) {
        let progress = self.running.meter.progress();
        let status = &mut self.status;
        status.progress = Progress { stage: Stage::Ended, ..progress };
        (status.stored, status.stored_bytes) = (progress.stored, progress.stored_bytes);
        status.already_held = progress.already_held;
        status.state = state;
        status.stalled_since = None;
        status.error = error.map(Arc::new);
        status.closed_at = Some(at);
    }

    pub fn view(&self) -> IntakeStatus {
        let mut status = self.status.clone();
        if status.state == JobState::Running {
            status.progress = self.running.meter.progress();
            status.stored = status.progress.stored;
            status.stored_bytes = status.progress.stored_bytes;
            status.already_held = status.progress.already_held;
            if let (Some(first), Some(last), true) = (self.samples.front(), self.samples.back(), self.samples.len() > 1)
            {
                let pulses = self.samples.len() as u64 - 1;
                status.speed = last.saturating_sub(*first) * PULSES_PER_SECOND / pulses;
            }
            status.seconds_left = left(&status.progress).checked_div(status.speed);
        }
        status
    }
}

/// Returns the bytes that a run may still write: once the card is copied, it is only read again.
fn left_to_write(progress: &Progress) -> u64 {
    match progress.stage {
        Stage::Listing | Stage::Copying => left(progress),
        Stage::Finishing | Stage::SecondRead | Stage::Probing | Stage::Ended => 0,
    }
}

fn left(progress: &Progress) -> u64 {
    progress.bytes_total.saturating_sub(progress.bytes_done)
}
