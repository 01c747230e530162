//! Identities: ULIDs as text, one type per noun so that a clip's id is never passed for a case's.

use std::fmt;

/// Gives fresh, time-ordered ids. Implemented in `station`; tests give a counter.
pub trait IdSource: Send + Sync {
    /// Returns 26 characters of Crockford base 32 that no earlier call returned.
    fn next(&self) -> String;
}

const ID_CHARS: usize = 26;

fn is_ulid(text: &str) -> bool {
    text.len() == ID_CHARS
        && text.bytes().all(|b| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"ILOU".contains(&b)))
}

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the id, or `None` when the text is not a ULID.
            pub fn parse(text: &str) -> Option<Self> {
                is_ulid(text).then(|| Self(text.to_owned()))
            }

            /// Returns a fresh id.
            pub fn fresh(ids: &dyn IdSource) -> Self {
                Self::parse(&ids.next()).expect("an IdSource returns ULIDs")
            }

            /// Returns the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

id! {
    /// One piece of footage in the register (片段).
    ClipId
    /// One intake of one docked drive (采集任务).
    JobId
    /// Segments of one act of one recorder (场次).
    SessionId
    /// One enforcement case (案件).
    CaseId
    /// One person of the unit (人员).
    PersonId
    /// One recording device (记录仪).
    RecorderId
    /// One archive package of a case (归档包).
    PackageId
    /// One numbered paper beside the statements (文书).
    PaperId
    /// Something that stays until a person has acknowledged it (警报).
    AlarmId
    /// One time that a recorder was handed out (领用).
    CheckoutId
    /// One fault of a recorder (故障).
    FaultId
    /// One repair or maintenance of a recorder (维护).
    ServiceId
    /// One time that officers were away with recorders (外出).
    TripId
}
