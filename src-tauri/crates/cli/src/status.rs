//! How a command ended, as the shell sees it.

use model::ErrorCode;
use std::process::ExitCode;

/// Exit status. Part of the contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Done and clean.
    Clean = 0,
    /// Done with findings: damaged, refused, mismatch; or stopped half-way by request.
    Findings = 1,
    /// The command is wrong, or names something that is not there.
    Usage = 2,
    /// Refused by a rule, by what is held, or for a missing right.
    Refused = 3,
    /// A fault of machine, disk or program.
    Fault = 4,
}

impl Status {
    /// Returns the status of an error. Exhaustive: a new code has to be judged here.
    pub fn of(code: ErrorCode) -> Self {
        use ErrorCode as E;
        match code {
            E::Cancelled | E::VerifyFailed => Self::Findings,
            E::InvalidInput
            | E::NotFound
            | E::VaultMissing
            | E::RulesRefused
            | E::TableRefused
            | E::CalendarRefused => Self::Usage,
            E::VaultLocked
            | E::VaultExists
            | E::VaultNewer
            | E::NotAllowed
            | E::OperatorMissing
            | E::DriveNotAdmitted
            | E::NotDeclaredUnclassified
            | E::JobRunning
            | E::StatementIncomplete
            | E::DraftStale
            | E::GlyphMissing
            | E::PackageIncomplete
            | E::OutputExists
            | E::CopyMissing
            | E::CopyPlaceUnfit
            | E::BackupUnfit
            | E::AlarmNoteMissing
            | E::PaperIncomplete
            | E::ChecklistStale
            | E::StateSecrets
            | E::KeeperMissing
            | E::RecorderOut
            | E::RecorderNotReady
            | E::UseCheckIncomplete => Self::Refused,
            E::RegisterDamaged
            | E::RegisterMissing
            | E::RegisterFailed
            | E::DriveGone
            | E::SourceFailed
            | E::SourceStalled
            | E::TargetFull
            | E::TargetReadOnly
            | E::TargetFailed
            | E::FontMissing
            | E::FormFailed
            | E::ToolMissing
            | E::ImageFailed
            | E::OpenFailed
            | E::PrinterMissing
            | E::PrintFailed
            | E::Internal => Self::Fault,
        }
    }

    /// Returns `Findings` where there are any.
    pub fn clean_unless(findings: bool) -> Self {
        if findings { Self::Findings } else { Self::Clean }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_status() {
        let of = |wanted: Status| -> Vec<&str> {
            ErrorCode::ALL.iter().filter(|code| Status::of(**code) == wanted).map(|code| code.code()).collect()
        };
        assert!(of(Status::Clean).is_empty(), "an error is never clean");
        assert_eq!(of(Status::Findings), ["cancelled", "verify_failed"]);
        assert_eq!(
            of(Status::Usage),
            ["vault_missing", "not_found", "invalid_input", "rules_refused", "table_refused", "calendar_refused"]
        );
        let refused = [
            "vault_locked",
            "vault_exists",
            "vault_newer",
            "not_allowed",
            "operator_missing",
            "drive_not_admitted",
            "not_declared_unclassified",
            "job_running",
            "statement_incomplete",
            "draft_stale",
            "glyph_missing",
            "package_incomplete",
            "output_exists",
            "copy_missing",
            "copy_place_unfit",
            "backup_unfit",
            "alarm_note_missing",
            "paper_incomplete",
            "checklist_stale",
            "state_secrets",
            "keeper_missing",
            "recorder_out",
            "recorder_not_ready",
            "use_check_incomplete",
        ];
        assert_eq!(of(Status::Refused), refused, "what a rule or the present state forbids");
        let numbers = [Status::Clean, Status::Findings, Status::Usage, Status::Refused, Status::Fault].map(|s| s as u8);
        assert_eq!(numbers, [0, 1, 2, 3, 4], "scripts know the numbers");
    }
}
