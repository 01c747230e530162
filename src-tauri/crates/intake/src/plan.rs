//! What is to be done with each file of a drive, before anything is done.

use dock::{Entry, Inventory};
use model::Problem;

/// What the register remembers of a place on a volume.
pub trait Memory {
    type Error;
    /// Tells whether this job has dealt with the file already: a resumed job goes on behind it.
    fn met_by_this_job(&self, entry: &Entry) -> Result<bool, Self::Error>;
    /// Tells whether a file of this place, size and time was met on this volume before.
    fn suggests_held(&self, entry: &Entry) -> Result<bool, Self::Error>;
}

/// What is expected of a file. Place, size and time only suggest; the digest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    New,
    /// Read and compared first; copied only when the content is not held after all.
    AlreadyHeld,
    /// Dealt with before the job was interrupted.
    Done,
}

/// One file and what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub entry: Entry,
    pub expected: Expected,
}

/// A whole drive: all of it or nothing, no picking (平顶山 第八条).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntakePlan {
    pub steps: Vec<Step>,
    /// What the inventory had to say.
    pub problems: Vec<Problem>,
}

impl IntakePlan {
    /// Returns the bytes that may have to be written.
    pub fn new_bytes(&self) -> u64 {
        bytes_of(&self.steps, |step| step.expected == Expected::New)
    }

    /// Returns the bytes that will be read.
    pub fn bytes(&self) -> u64 {
        bytes_of(&self.steps, |step| step.expected != Expected::Done)
    }
}

/// Adds up sizes; a corrupt card may claim more than a number holds, and the sum then stops at the top.
pub(crate) fn bytes_of(steps: &[Step], counts: impl Fn(&Step) -> bool) -> u64 {
    steps.iter().filter(|step| counts(step)).fold(0, |sum, step| sum.saturating_add(step.entry.size))
}

/// Lays an inventory beside what the register remembers.
pub fn plan<M: Memory>(inventory: Inventory, problems: Vec<Problem>, memory: &M) -> Result<IntakePlan, M::Error> {
    let steps = inventory
        .entries
        .into_iter()
        .map(|entry| {
            let expected = if memory.met_by_this_job(&entry)? {
                Expected::Done
            } else if memory.suggests_held(&entry)? {
                Expected::AlreadyHeld
            } else {
                Expected::New
            };
            Ok(Step { entry, expected })
        })
        .collect::<Result<_, M::Error>>()?;
    Ok(IntakePlan { steps, problems })
}
