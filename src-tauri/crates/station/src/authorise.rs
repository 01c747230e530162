//! The one point that every act passes.

use crate::{Failure, Station};
use model::{Actor, ErrorCode};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Take footage in, admit and register drives.
    Intake,
    /// Arrange sessions, write and sign statements.
    Statement,
    /// Open and change cases, make and check packages.
    Archive,
    /// Issue, print and void papers.
    Paper,
    /// Check the store.
    Check,
    /// Change people, recorders, settings.
    Administer,
    /// Hand recorders out and take them back, note faults, repairs and trips.
    Equip,
}

/// Decides whether the actor may do this.
///
/// Roles and approvals come with a later issue and are decided here. Until then everybody may do everything, save
/// those who have left.
pub fn authorise(station: &Station, actor: &Actor, act: Act) -> Result<(), Failure> {
    let Actor::Person { id, name, .. } = actor else { return Ok(()) };
    match station.read(|view| view.person(id))? {
        Some(person) if person.active => Ok(()),
        _ => Err(Failure::new(ErrorCode::NotAllowed).with("name", name).with("act", format!("{act:?}"))),
    }
}
