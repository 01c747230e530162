//! Intake: from a docked drive to the register, as a plan that can be shown and a run that can be cut off anywhere.
//!
//! [`open`] writes down that a drive is about to be read. [`plan`] is pure: it lays an inventory beside what the
//! register remembers. [`run`] copies each file into
//! `staging/`, reads the copy back cold, gives it its final name together with its sidecar, and registers it in one
//! transaction. Only then is it 已校验. [`settle`] repairs what a crash left between two of these steps.
//!
//! A bad file is a [`model::Problem`] and the next file goes on. A drive that goes away interrupts the job, and the
//! next docking continues it. Trouble with our own disk or register stops the run: [`IntakeError`].

mod copy;
mod desk;
mod error;
mod finish;
mod job;
mod plan;
mod probe;
mod run;
mod sessions;
mod settle;
mod sidecar;

pub use desk::{Desk, Meter, Progress, Stage};
pub use error::IntakeError;
pub use job::{Opening, Recognised, abandon, open};
pub use plan::{Expected, IntakePlan, Memory, Step, plan};
pub use probe::complete;
pub use run::{End, Outcome, Source, run};
pub use sessions::group;
pub use settle::{Settled, adopt, clip_folders, settle};
pub use sidecar::{SIDECAR_FILE, Sidecar};
