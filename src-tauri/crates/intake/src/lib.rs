//! Intake: from a docked drive to the register, as a plan that can be shown and a run that can be cut off anywhere.
//!
//! [`open`] writes down that a drive is about to be read. [`plan`] is pure: it lays an inventory beside what the
//! register remembers. [`run`] copies each file into `staging/`, reads the copy back cold, gives it its final name
//! together with its sidecar, and registers it; small files in groups of one transaction. Only then is it 已校验. Where
//! the unit wants it, everything is then read a second time from the drive. [`settle`] repairs what a crash left between
//! two of these steps.
//!
//! A bad file is a [`model::Problem`] and the next file goes on; of one that cannot be read whole, what can be read is
//! kept as 残损, with a map of the rest. A drive that goes away interrupts the job, and the next docking continues it.
//! A copy that our own disk spoils is dropped and made again, three times at most; a disk that is full or takes nothing
//! more stops the run: [`IntakeError`]. A run whose drive never answers is given up from outside: [`Meter::abandon`],
//! then [`give_up`].

mod commit;
mod copy;
mod desk;
mod error;
mod finish;
mod job;
mod meter;
mod passes;
mod plan;
mod probe;
mod pulse;
mod room;
mod run;
mod salvage;
mod second;
mod sessions;
mod settle;
mod sidecar;
mod source;

pub use desk::Desk;
pub use error::IntakeError;
pub use job::{Opening, Recognised, abandon, give_up, open};
pub use meter::{Meter, Progress, Stage, Waiting};
pub use plan::{Expected, IntakePlan, Memory, Step, plan};
pub use probe::complete;
pub use run::{End, Outcome, run};
pub use sessions::group;
pub use settle::{Settled, adopt, clip_folders, settle};
pub use sidecar::{SIDECAR_FILE, Sidecar};
