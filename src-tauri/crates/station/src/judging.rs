//! The rules in force, and what days are reckoned with.

use crate::{Failure, Station};
use rules::{Calendar, DayEnd, Reckoning, RulePack};

/// By which rules footage and cases are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judging {
    pub pack: &'static RulePack,
    pub reckoning: Reckoning<'static>,
}

impl Station {
    /// Returns the rules in force.
    pub fn judging(&self) -> Result<Judging, Failure> {
        let reckoning = Reckoning { zone: self.zone(), calendar: Calendar::builtin(), day_end: DayEnd::usual() };
        Ok(Judging { pack: self.rule_pack()?, reckoning })
    }
}
