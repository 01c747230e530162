//! 文书: every numbered paper beside the statements. Prefilled from the register, filled in by a person, issued.

mod access;
mod content;
mod devices;
mod drafts;
mod filling;
mod footage;
mod issue;
mod occurrences;
mod period;
mod print;
mod record;
mod review;
mod statistics;
mod subjects;
mod words;

pub use content::{PaperContent, PaperDraft, Suggestions};
pub use issue::IssuedPaper;
pub use print::{PrintJob, Printer};
pub use subjects::subject_kinds;

use crate::{Failure, Station};
use filling::Filling;
use forms::Kind;
use model::{ErrorCode, PaperSubject};

/// Returns a kind of paper, or the refusal that there is none such.
pub(crate) fn kind(code: &str) -> Result<&'static Kind, Failure> {
    forms::kind(code).ok_or_else(|| Failure::not_found(code))
}

/// Returns what the register knows of a paper about this subject. What it cannot know stays empty.
fn prefilled(station: &Station, kind: &Kind, subject: &PaperSubject) -> Result<(PaperContent, Suggestions), Failure> {
    let filling = Filling::new(station, kind, subject)?;
    let mut content = PaperContent { basis: filling.basis(), ..PaperContent::default() };
    let mut suggestions = filling.suggestions()?;
    match kind.code.as_str() {
        "interruption" => footage::interruption(&filling, &mut content, &mut suggestions)?,
        "damage" => footage::damage(&filling, &mut content)?,
        "handover" => footage::handover(&filling, &mut content)?,
        "destruction" => footage::destruction(&filling, &mut content)?,
        "unrecorded" => occurrences::unrecorded(&filling, &mut content, &mut suggestions)?,
        "incident_report" => occurrences::incident_report(&filling, &mut content)?,
        "trip" => occurrences::trip(&filling, &mut content, &mut suggestions)?,
        "access_request" => access::request(&filling, &mut content, &mut suggestions)?,
        "access_register" => access::register(&filling, &mut content)?,
        "device_ledger" => devices::ledger(&filling, &mut content)?,
        "device_checkout" => devices::checkout(&filling, &mut content)?,
        "device_maintenance" => devices::maintenance(&filling, &mut content)?,
        "checklist" => review::checklist(&filling, &mut content)?,
        "case_review" => review::case_review(&filling, &mut content)?,
        "statistics" => statistics::statistics(&filling, &mut content)?,
        other => return Err(Failure::new(ErrorCode::Internal).because(format!("nothing fills the paper {other}"))),
    }
    Ok((content, suggestions))
}
