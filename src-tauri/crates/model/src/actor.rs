//! Who does an act. Every write to the register names one.

use crate::PersonId;

/// The author of a write.
///
/// Sign-in comes with a later issue; until then `Person` is the operator chosen in the window and `Account` is
/// the operating-system account that ran `evidock`. Neither is proof of identity, and the ledger says which it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A registered person, with the name and certificate number held at the time of the act.
    Person { id: PersonId, name: String, certificate_no: String },
    /// An account of the operating system.
    Account { name: String },
    /// The station itself: recovery after a crash, idle checks.
    Station,
}

impl Actor {
    /// Returns the words under which the actor is listed.
    pub fn display(&self) -> String {
        match self {
            Self::Person { name, certificate_no, .. } if certificate_no.is_empty() => name.clone(),
            Self::Person { name, certificate_no, .. } => format!("{name}（{certificate_no}）"),
            Self::Account { name } => format!("系统账户 {name}"),
            Self::Station => "本站".to_owned(),
        }
    }
}
