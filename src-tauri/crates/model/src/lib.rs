//! The nouns of an evidence station: what a drive, a clip, a session, a statement and a case are.
//!
//! Nothing here reads a file, asks the time or knows a format. Values are checked when they are made
//! (`ClipId::parse`, `Digest::from_hex`, `StatementFields::missing`) so that the rooms above can rely on them.
//!
//! ```
//! use model::{ClipName, Digest};
//! let name = ClipName::from_bytes(b"2026\n1121.MP4".to_vec());
//! assert_eq!(name.display(), r"2026\n1121.MP4");
//! assert!(Digest::from_hex("00").is_none());
//! ```

mod actor;
mod case;
mod checklist;
mod clip;
mod code;
mod digest;
mod drive;
mod id;
mod media;
mod name;
mod number;
mod paper;
mod person;
mod recorder;
mod session;
mod statement;
mod time;

pub use actor::Actor;
pub use case::{Case, CaseDraft};
pub use checklist::{Checklist, ChecklistColumn, ColumnKind};
pub use clip::{Clip, ClipState, Level, Sighting, TimeSource};
pub use code::{AlarmKind, ErrorCode, Mark, Problem, ProblemCode};
pub use digest::{Digest, Digests};
pub use drive::{VolumeFacts, VolumeKey};
pub use id::{
    AlarmId, CaseId, CheckoutId, ClipId, FaultId, IdSource, JobId, PackageId, PaperId, PersonId, RecorderId, ServiceId,
    SessionId, TripId,
};
pub use media::{MediaFacts, MediaOutcome};
pub use name::{ClipName, disc_name, escape_bytes};
pub use number::NumberKind;
pub use paper::{PaperSubject, SubjectKind};
pub use person::{Person, is_certificate_no};
pub use recorder::{Recorder, RecorderState, RecorderStatus, ServiceKind, ServiceResult, UseCheck};
pub use session::{Gap, Session, SessionRules, Span, gaps, stitch};
pub use statement::{Field, Officer, StatementFields};
pub use time::{Clock, Instant, StationZone, format_instant, is_written, parse_instant, shifted, utc_year};
