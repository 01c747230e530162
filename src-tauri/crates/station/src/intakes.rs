//! Running intakes, one per drive, and the list of all.

use crate::clocks::{Measured, machine_minutes, measure};
use crate::docking::{VolumeKind, volume_of};
use crate::tracks::{Gathered, IntakeStatus, JobState, Track};
use crate::trouble::Stopped;
use crate::watchdog::{Running, Stand, Steps, Vigil};
use crate::{Act, DriveStanding, Failure, Station, Topic, authorise};
use dock::{
    Binding, Docked, Drive as _, Entry, InventoryLimits, MountedDrive, Profiles, RecogniseLimits, Recognition,
    TimeBasis,
};
use intake::{Desk, End, IntakePlan, Memory, Meter, Opening, Outcome, Progress, Recognised, Stage};
use ledger::VolumeRecord;
use model::{Actor, ErrorCode, JobId, MediaOutcome, Recorder};
use register::{ClipRow, JobRow, RegisterError};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Time between two looks of whoever waits for an intake: the watchdog's, where no pulse looks.
const PULSE: Duration = Duration::from_millis(200);
/// Problems that a status carries.
const PROBLEMS_SHOWN_MAX: u32 = 500;

/// How it was declared that nothing on the drive is 涉密 (柳林镇 第十七条).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// The custodian was asked and said so.
    Asked,
    /// The unit's setting does not ask.
    NotAsked,
    /// Whoever ran the command declared it by doing so.
    Command,
}

impl Declared {
    fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NotAsked => "not_asked",
            Self::Command => "command",
        }
    }
}

struct Held<'a> {
    station: &'a Station,
    job: JobId,
    resumes: bool,
    volume: &'a str,
}

impl Memory for Held<'_> {
    type Error = RegisterError;

    fn met_by_this_job(&self, entry: &Entry) -> Result<bool, RegisterError> {
        // A label is no proof of the same card, and a place none of the same drive: those are read again, whole.
        if !self.resumes || VolumeKind::of(self.volume) != VolumeKind::Serial {
            return Ok(false);
        }
        let mtime = (entry.mtime, entry.mtime_nanos);
        self.station.register.read(|view| view.job_has_met(&self.job, &entry.shown, entry.size, mtime))
    }

    fn suggests_held(&self, entry: &Entry) -> Result<bool, RegisterError> {
        let mtime = (entry.mtime, entry.mtime_nanos);
        self.station.register.read(|view| view.suggests_held(self.volume, &entry.shown, entry.size, mtime))
    }
}

/// What is known of an intake before the first byte is read.
pub(crate) struct Order {
    pub docked: Docked,
    recorder: Option<Recorder>,
    volume: VolumeRecord,
    pub job: JobId,
    resumes: bool,
    admitted: &'static str,
    pub declared: Declared,
    actor: Actor,
    time_basis: TimeBasis,
}

impl Order {
    pub fn opening(&self) -> Opening {
        Opening {
            job: self.job.clone(),
            resumes: self.resumes,
            volume: self.volume.clone(),
            recorder: self.recorder.as_ref().map(|recorder| recorder.id.to_string()),
            recorder_name: recorder_name(self, ""),
            source: self.docked.root.display().to_string(),
            admitted: self.admitted.to_owned(),
            declared: self.declared.code().to_owned(),
            software: crate::software(),
        }
    }
}

/// A drive that was looked into.
struct Looked<'a> {
    who: Recognition,
    stand: Stand<'a>,
    plan: IntakePlan,
    clock: Option<Measured>,
}

impl Station {
    /// 开始采集: takes in a docked drive, on a thread of its own. Continues an interrupted job of the same volume.
    pub fn start_intake(
        self: &Arc<Self>,
        actor: &Actor,
        drive: &str,
        declared: Declared,
    ) -> Result<IntakeStatus, Failure> {
        authorise(self, actor, Act::Intake)?;
        let status = self.drive(drive)?;
        let admitted = match status.standing {
            DriveStanding::Unknown => return Err(Failure::new(ErrorCode::DriveNotAdmitted)),
            DriveStanding::AdmittedOnce => "once",
            DriveStanding::Registered => "registered",
        };
        if declared == Declared::NotAsked && self.settings()?.ask_unclassified {
            return Err(Failure::new(ErrorCode::NotDeclaredUnclassified));
        }
        let order = self.order(status.docked, admitted, declared, actor)?;
        self.begin(order).map(|(status, _)| status)
    }

    /// Takes in the drive at a path and returns when it is done. Running the command allows reading it.
    pub fn intake_path(
        self: &Arc<Self>,
        actor: &Actor,
        path: &Path,
        declared: Declared,
    ) -> Result<IntakeStatus, Failure> {
        authorise(self, actor, Act::Intake)?;
        let docked = self.drive_at(path)?;
        let order = self.order(docked, "command", declared, actor)?;
        let (begun, end) = self.begin(order)?;
        // A thread that hangs never says that it ended; its track does.
        while end.recv_timeout(PULSE) == Err(RecvTimeoutError::Timeout) && self.intakes.runs(&begun.job) {
            if !self.around.watch_dock {
                self.watch_over();
            }
        }
        self.job_status(&begun.job)
    }

    /// Begins an intake on a thread of its own. The receiver hears when that thread has ended.
    fn begin(self: &Arc<Self>, order: Order) -> Result<(IntakeStatus, Receiver<()>), Failure> {
        let running = self.track(Arc::new(order))?;
        let (job, meter, station) = (running.order.job.clone(), Arc::clone(&running.meter), Arc::clone(self));
        let (ending, end) = channel();
        let thread = std::thread::Builder::new()
            .name("intake".into())
            .spawn(move || {
                // A panic fails this intake and leaves the others alone; docking the drive again goes on with the job.
                let ended = catch_unwind(AssertUnwindSafe(|| station.carry_out(&running)))
                    .unwrap_or_else(|_| Err(Failure::new(ErrorCode::Internal).into()));
                station.settle_track(&running, ended);
                // Nobody receives where whoever began it does not wait for its end.
                ending.send(()).ok();
            })
            .map_err(|error| {
                self.intakes.forget(&job);
                Failure::new(ErrorCode::Internal).because(error)
            })?;
        let mut tracks = self.intakes.tracks();
        let track = tracks.iter_mut().find(|track| track.is(&meter));
        let status = match track {
            Some(track) => {
                track.thread = Some(thread);
                track.view()
            }
            None => return Err(Failure::new(ErrorCode::Internal)),
        };
        drop(tracks);
        self.tell(&[Topic::Jobs, Topic::Dock]);
        Ok((status, end))
    }

    fn order(
        &self,
        docked: Docked,
        admitted: &'static str,
        declared: Declared,
        actor: &Actor,
    ) -> Result<Order, Failure> {
        let recorder = self.recorder_of(&docked.facts)?;
        let admitted = if recorder.is_some() { "registered" } else { admitted };
        let volume = volume_of(&docked);
        // Two cards without a serial may share a label: the job of one that is being taken in is not the other's.
        let resumable = self.read(|view| view.resumable_job(&volume.key))?.filter(|row| !self.intakes.runs(&row.id));
        let resumes = resumable.is_some();
        let job = resumable.map_or_else(|| JobId::fresh(self.around.ids.as_ref()), |row| row.id);
        let time_basis = dock::time_basis(&docked, machine_minutes(self.now()));
        let actor = actor.clone();
        Ok(Order { docked, recorder, volume, job, resumes, admitted, declared, actor, time_basis })
    }

    fn track(self: &Arc<Self>, order: Arc<Order>) -> Result<Running, Failure> {
        self.refuse_in_trouble()?;
        let meter = Arc::new(Meter::default());
        let mut tracks = self.intakes.tracks();
        let same = |track: &Track| track.running.order.docked.id == order.docked.id || track.status.job == order.job;
        if tracks.iter().any(|track| track.status.state == JobState::Running && same(track)) {
            return Err(Failure::new(ErrorCode::JobRunning));
        }
        tracks.retain(|track| !same(track));
        let status = IntakeStatus {
            job: order.job.clone(),
            drive_label: order.docked.facts.label.clone(),
            recorder: order.recorder.as_ref().map(|r| r.name.clone()).unwrap_or_default(),
            source: order.docked.root.display().to_string(),
            state: JobState::Running,
            progress: meter.progress(),
            speed: 0,
            seconds_left: None,
            opened_at: self.now(),
            closed_at: None,
            stored: 0,
            stored_bytes: 0,
            already_held: 0,
            unreadable_media: 0,
            refused: 0,
            problems: Vec::new(),
            error: None,
            awaiting_sessions: Vec::new(),
            stalled_since: None,
            awaits_target: false,
        };
        let running = Running { order, meter, steps: Arc::new(Steps::default()) };
        tracks.push(Track {
            running: running.clone(),
            samples: VecDeque::new(),
            vigil: Vigil::begin(status.opened_at),
            status,
            given_up: false,
            undocked: false,
            thread: None,
        });
        // Trouble that came up since paused the tracks that it found.
        if let Some(trouble) = self.target_trouble() {
            running.meter.close_down_for(trouble.code);
        }
        Ok(running)
    }

    /// Carries an intake out. It is written down before the first byte is read, and however it ends.
    fn carry_out(&self, running: &Running) -> Result<Outcome, Stopped> {
        let Running { order, meter, steps } = running;
        let promised = || self.intakes.promised_beside(&order.job);
        let desk = Desk { promised: &promised, ..self.desk()? };
        let opening = order.opening();
        intake::open(&desk, &opening, &order.actor)?;
        let profiles = Profiles::builtin();
        let looked = self.look_into(running, &profiles);
        if meter.is_abandoned() {
            // Whoever gave it up has closed the job.
            return Err(Failure::new(ErrorCode::SourceStalled).into());
        }
        let Looked { who, stand, plan, clock } = match looked {
            Ok(looked) => looked,
            Err(failure) => {
                let docked = steps.at_drive(|| dock::still_docked(&order.docked, &self.around.system));
                let state = if docked { "failed" } else { "interrupted" };
                let closed = intake::abandon(&desk, &opening, &order.actor, state, Some(failure.code));
                if let Err(error) = closed {
                    // The job stays open and is settled at the next start.
                    eprintln!("intake {}: {}", order.job, Failure::from(error).chain());
                }
                return Err(failure.into());
            }
        };
        if let Some(measured) = clock {
            self.note_clock(&order.actor, &opening, measured)?;
        }
        let recognised = recognised(order, &who);
        Ok(intake::run(plan, &desk, &stand, &opening, &recognised, &order.actor, meter)?)
    }

    /// Finds out what the drive is and lists it.
    fn look_into<'a>(&'a self, running: &'a Running, profiles: &'a Profiles) -> Result<Looked<'a>, Failure> {
        let Running { order, steps, .. } = running;
        let root = &order.docked.root;
        let who = steps
            .at_drive(|| dock::recognise(root, profiles, &RecogniseLimits::default()))
            .map_err(|error| Failure::new(ErrorCode::SourceFailed).because(error))?;
        let profile = profiles.get(who.profile.as_str()).unwrap_or_else(|| profiles.other());
        let (system, zone, limits) = (&self.around.system, self.zone(), InventoryLimits::default());
        let mounted = MountedDrive { docked: &order.docked, system, profile, zone, limits };
        let stand = Stand { mounted, steps };
        let (inventory, problems) = steps.at_drive(|| stand.list());
        let clock = measure(&inventory, &order.time_basis, zone, self.now());
        let memory = Held { station: self, job: order.job.clone(), resumes: order.resumes, volume: &order.volume.key };
        let plan = intake::plan(inventory, problems, &memory)?;
        Ok(Looked { who, stand, plan, clock })
    }

    /// Brings a track to what its run came to, for as long as the drive stands in the dock.
    fn settle_track(&self, running: &Running, ended: Result<Outcome, Stopped>) {
        if running.meter.is_abandoned() {
            // It was given up, and its job may have been begun anew.
            return;
        }
        let order = &running.order;
        let closed_at = self.now();
        let (state, stopped, outcome) = self.judged(order, ended);
        if let Some(Stopped { failure, .. }) = &stopped {
            eprintln!("intake {}: {}", order.job, failure.chain());
        }
        // Before it is shown as ended: whoever begins it anew is refused then.
        let trouble = stopped.as_ref().and_then(|stopped| Some((stopped.trouble?, &stopped.failure)));
        if let Some((code, failure)) = trouble {
            self.note_trouble(code, failure);
        }
        let awaits_target = trouble.is_some() && self.note_paused(order);
        // What cannot be read now is left as it stood; the picture of an ended job asks again.
        let gathered = self.gathered(&order.job).inspect_err(|failure| {
            eprintln!("intake {}: its summary cannot be read: {}", order.job, failure.chain());
        });
        if let Some(track) = self.intakes.tracks().iter_mut().find(|track| track.is(&running.meter)) {
            track.end(state, stopped.map(|stopped| stopped.failure), closed_at);
            let status = &mut track.status;
            status.awaits_target = awaits_target;
            if let Some(outcome) = outcome {
                status.stored = outcome.stored;
                status.stored_bytes = outcome.stored_bytes;
                status.already_held = outcome.already_held;
                status.refused = outcome.refused;
                status.problems = outcome.problems;
                status.problems.truncate(PROBLEMS_SHOWN_MAX as usize);
            }
            if let Ok(gathered) = gathered {
                gathered.shown_in(status);
            }
        }
        self.tell(&[Topic::Jobs, Topic::Dock, Topic::Clips, Topic::Sessions]);
    }

    /// Returns how a run ended, why, and what it did.
    fn judged(&self, order: &Order, ended: Result<Outcome, Stopped>) -> (JobState, Option<Stopped>, Option<Outcome>) {
        let mut outcome = match ended {
            Ok(outcome) => outcome,
            Err(stopped) => {
                // A drive that went away while it was looked into: the job goes on when it is back.
                let went = |row: JobRow| stopped.failure.code == ErrorCode::SourceFailed && row.state == "interrupted";
                let interrupted = self.read(|view| view.job(&order.job)).is_ok_and(|row| row.is_some_and(went));
                return (if interrupted { JobState::Interrupted } else { JobState::Failed }, Some(stopped), None);
            }
        };
        let (state, stopped) = match std::mem::replace(&mut outcome.end, End::Done) {
            End::Done => (JobState::Done, None),
            End::Interrupted { because } => (JobState::Interrupted, because.map(|code| self.stopped_for(code))),
            End::Cancelled => (JobState::Cancelled, None),
            End::Failed(error) => (JobState::Failed, Some(Stopped::from(error))),
        };
        (state, stopped, Some(outcome))
    }

    fn gathered(&self, job: &JobId) -> Result<Gathered, Failure> {
        self.read(|view| {
            let clips = view.clips_of_job(job)?;
            let unreadable = |row: &&ClipRow| matches!(row.media, Some(MediaOutcome::Unreadable { .. }));
            let unreadable_media = clips.iter().filter(unreadable).count() as u64;
            Ok(Gathered {
                row: view.job(job)?,
                unreadable_media,
                awaiting_sessions: view.sessions_awaiting_of_job(job)?,
            })
        })
    }

    /// Returns a track's picture; statements may have been signed since its intake ended.
    fn picture(&self, find: impl Fn(&Track) -> bool) -> Result<Option<IntakeStatus>, Failure> {
        let Some(mut status) = self.intakes.tracks().iter().find(|track| find(track)).map(Track::view) else {
            return Ok(None);
        };
        if status.state != JobState::Running {
            status.awaiting_sessions = self.read(|view| view.sessions_awaiting_of_job(&status.job))?;
        }
        Ok(Some(status))
    }

    /// Asks a running intake to stop. What is verified by then stays. One whose drive does not answer (无响应) is given
    /// up at once: it is interrupted, and docking the drive again goes on with it.
    pub fn cancel_intake(self: &Arc<Self>, actor: &Actor, job: &JobId) -> Result<IntakeStatus, Failure> {
        authorise(self, actor, Act::Intake)?;
        let (status, hopeless) = self.intakes.cancel(job).ok_or_else(|| Failure::not_found(job))?;
        if let Some(running) = hopeless {
            self.give_up(running, actor);
        }
        Ok(status)
    }

    pub(crate) fn intake_of(&self, drive: &str) -> Result<Option<IntakeStatus>, Failure> {
        self.picture(|track| track.running.order.docked.id.as_str() == drive)
    }

    /// Returns how many intakes are running.
    pub fn running_intakes(&self) -> usize {
        self.intakes.tracks().iter().filter(|track| track.status.state == JobState::Running).count()
    }

    /// Returns the newest intakes, running ones with their progress.
    pub fn jobs(&self, limit: u32) -> Result<Vec<IntakeStatus>, Failure> {
        let rows = self.read(|view| view.jobs(limit))?;
        rows.into_iter().map(|row| self.status_of(row)).collect()
    }

    /// Returns one intake.
    pub fn job_status(&self, job: &JobId) -> Result<IntakeStatus, Failure> {
        if let Some(status) = self.picture(|track| track.status.job == *job)? {
            return Ok(status);
        }
        let row = self.read(|view| view.job(job))?.ok_or_else(|| Failure::not_found(job))?;
        self.status_of(row)
    }

    fn status_of(&self, row: JobRow) -> Result<IntakeStatus, Failure> {
        if let Some(status) = self.picture(|track| track.status.job == row.id)? {
            return Ok(status);
        }
        let problems = self.read(|view| view.job_problems(&row.id, PROBLEMS_SHOWN_MAX))?;
        let Gathered { unreadable_media, awaiting_sessions, .. } = self.gathered(&row.id)?;
        Ok(IntakeStatus {
            state: match row.state.as_str() {
                "done" => JobState::Done,
                "cancelled" => JobState::Cancelled,
                "failed" => JobState::Failed,
                _ => JobState::Interrupted,
            },
            progress: Progress {
                stage: Stage::Ended,
                files_done: row.stored + row.already_held,
                files_total: row.files,
                bytes_done: row.stored_bytes,
                bytes_total: row.bytes,
                stored: row.stored,
                stored_bytes: row.stored_bytes,
                already_held: row.already_held,
            },
            speed: 0,
            seconds_left: None,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            stored: row.stored,
            stored_bytes: row.stored_bytes,
            already_held: row.already_held,
            unreadable_media,
            refused: row.refused,
            problems,
            error: row.error.map(|code| Arc::new(Failure::new(code))),
            awaiting_sessions,
            stalled_since: None,
            awaits_target: false,
            job: row.id,
            drive_label: row.volume_label,
            recorder: row.recorder_name,
            source: row.source,
        })
    }
}

fn recognised(order: &Order, who: &Recognition) -> Recognised {
    let (bound_serial, bound_name) = match &who.binding {
        Binding::Bound { serial, name } => (serial.clone(), name.clone()),
        Binding::None | Binding::Malformed { .. } => Default::default(),
    };
    Recognised {
        recorder_name: recorder_name(order, &bound_name),
        profile: who.profile.as_str().to_owned(),
        bound_serial,
        bound_name,
        time_basis: Some(order.time_basis.clone()),
    }
}

/// Names the recorder: as registered, else as the card's binding file says, else by the volume.
fn recorder_name(order: &Order, bound: &str) -> String {
    let facts = &order.docked.facts;
    let registered = order.recorder.as_ref().map_or("", |recorder| recorder.name.as_str());
    [registered, bound, facts.label.as_str(), facts.serial.as_str()]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("unnamed")
        .to_owned()
}
