//! The intakes of this run of the program, running and lately ended.

use crate::Failure;
use dock::Docked;
use intake::{Meter, Progress};
use model::{Instant, JobId, Problem, SessionId};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Pulses over which the speed is measured: five seconds.
const SPEED_PULSES: usize = 25;
/// Pulses in a second.
const PULSES_PER_SECOND: u64 = 5;

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
}

#[derive(Default)]
pub(crate) struct Intakes(Mutex<Vec<Track>>);

/// One intake of this run of the program.
pub(crate) struct Track {
    pub drive: String,
    pub meter: Arc<Meter>,
    /// Bytes read at the last pulses, the newest at the end.
    pub samples: VecDeque<u64>,
    pub status: IntakeStatus,
    pub thread: Option<JoinHandle<()>>,
}

impl Intakes {
    pub fn tracks(&self) -> MutexGuard<'_, Vec<Track>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a sample of every running intake; tells whether there is any.
    pub fn sample(&self) -> bool {
        let mut any = false;
        for track in self.tracks().iter_mut().filter(|track| track.status.state == JobState::Running) {
            any = true;
            track.samples.push_back(track.meter.progress().bytes_done);
            if track.samples.len() > SPEED_PULSES {
                track.samples.pop_front();
            }
        }
        any
    }

    /// Tells whether a job is running in this program.
    pub fn runs(&self, job: &JobId) -> bool {
        self.tracks().iter().any(|track| track.status.state == JobState::Running && track.status.job == *job)
    }

    pub fn forget_undocked(&self, docked: &[Docked]) {
        self.tracks().retain(|track| {
            track.status.state == JobState::Running || docked.iter().any(|d| d.id.as_str() == track.drive)
        });
    }

    /// Returns the bytes that running intakes other than this one's may still write.
    pub fn promised_beside(&self, job: &JobId) -> u64 {
        let others = |track: &&Track| track.status.state == JobState::Running && track.status.job != *job;
        self.tracks().iter().filter(others).map(|track| left(&track.meter.progress())).fold(0, u64::saturating_add)
    }

    /// Forgets an intake whose thread never began.
    pub fn forget(&self, job: &JobId) {
        self.tracks().retain(|track| track.status.job != *job);
    }

    /// Interrupts all of them, because the station closes, and waits: docking the drives again goes on with them.
    pub fn stop_all(&self) {
        let threads: Vec<JoinHandle<()>> = {
            let mut tracks = self.tracks();
            tracks.iter().for_each(|track| track.meter.close_down());
            tracks.iter_mut().filter_map(|track| track.thread.take()).collect()
        };
        for thread in threads {
            if thread.join().is_err() {
                eprintln!("an intake thread panicked");
            }
        }
    }
}

impl Track {
    pub fn view(&self) -> IntakeStatus {
        let mut status = self.status.clone();
        if status.state == JobState::Running {
            status.progress = self.meter.progress();
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

fn left(progress: &Progress) -> u64 {
    progress.bytes_total.saturating_sub(progress.bytes_done)
}
