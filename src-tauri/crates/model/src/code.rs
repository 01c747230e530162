//! Stable codes of what can go wrong. Words for people stand in `assets/wording`, one entry per code.

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every code, for tables and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable text of the code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Returns the code of a text.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|c| c.code() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Why a use case was refused or failed.
    ErrorCode {
        /// Another process has the vault open.
        VaultLocked = "vault_locked",
        VaultMissing = "vault_missing",
        VaultExists = "vault_exists",
        /// Written by a newer version.
        VaultNewer = "vault_newer",
        /// The register does not open or does not agree with the ledger.
        RegisterDamaged = "register_damaged",
        /// The register is gone while ledger or originals remain.
        RegisterMissing = "register_missing",
        RegisterFailed = "register_failed",
        NotFound = "not_found",
        InvalidInput = "invalid_input",
        /// The actor may not do this.
        NotAllowed = "not_allowed",
        /// Nobody is chosen as operator.
        OperatorMissing = "operator_missing",
        DriveGone = "drive_gone",
        /// The custodian has not allowed this volume to be read.
        DriveNotAdmitted = "drive_not_admitted",
        /// Nobody has declared that the drive holds no state secrets (柳林镇 第十七条).
        NotDeclaredUnclassified = "not_declared_unclassified",
        JobRunning = "job_running",
        Cancelled = "cancelled",
        SourceFailed = "source_failed",
        /// The drive has not answered for so long that it was given up.
        SourceStalled = "source_stalled",
        TargetFull = "target_full",
        TargetReadOnly = "target_read_only",
        TargetFailed = "target_failed",
        StatementIncomplete = "statement_incomplete",
        /// The draft was changed elsewhere since it was shown.
        DraftStale = "draft_stale",
        FontMissing = "font_missing",
        GlyphMissing = "glyph_missing",
        FormFailed = "form_failed",
        PackageIncomplete = "package_incomplete",
        OutputExists = "output_exists",
        ToolMissing = "tool_missing",
        ImageFailed = "image_failed",
        VerifyFailed = "verify_failed",
        OpenFailed = "open_failed",
        /// There is no sound second copy to restore from.
        CopyMissing = "copy_missing",
        /// The place for second copies is on the vault's own disk, another vault's, or cannot be written.
        CopyPlaceUnfit = "copy_place_unfit",
        /// A backup of the register that must not be restored as it is.
        BackupUnfit = "backup_unfit",
        /// Whoever acknowledges an alarm says what was done.
        AlarmNoteMissing = "alarm_note_missing",
        /// A rule file that is no good; its line and reason go with it.
        RulesRefused = "rules_refused",
        /// A paper lacks what its template asks for; the keys go with it.
        PaperIncomplete = "paper_incomplete",
        /// Nothing to print on is set up.
        PrinterMissing = "printer_missing",
        PrintFailed = "print_failed",
        /// A table in a file that is no good; its line and reason go with it.
        TableRefused = "table_refused",
        /// The checklist was saved elsewhere since it was shown.
        ChecklistStale = "checklist_stale",
        /// Clips that hold state secrets leave the station in no copy (柳林镇 第十七条).
        StateSecrets = "state_secrets",
        /// The rules ask for a keeper (保管人), and the recorder has none.
        KeeperMissing = "keeper_missing",
        /// Somebody has the recorder already.
        RecorderOut = "recorder_out",
        /// Faulty or retired.
        RecorderNotReady = "recorder_not_ready",
        /// 使用前检查 lacks something, or found something; it can be done all the same, and is logged.
        UseCheckIncomplete = "use_check_incomplete",
        /// A calendar makes no sense, or is in force already.
        CalendarRefused = "calendar_refused",
        Internal = "internal",
    }
}

codes! {
    /// What calls for a person; it stays until somebody has acknowledged it.
    AlarmKind {
        /// Part of a file could not be read.
        ClipDamaged = "clip_damaged",
        ClipSuspect = "clip_suspect",
        /// A check found an original changed or gone.
        OriginalBad = "original_bad",
        /// A check found a second copy changed or gone.
        CopyBad = "copy_bad",
        /// The place of the second copies cannot be reached or written.
        CopyUnreachable = "copy_unreachable",
        BackupFailed = "backup_failed",
        /// Register, ledger and its files do not agree.
        RegisterUnsound = "register_unsound",
        /// The vault's disk refused to be written.
        TargetFailed = "target_failed",
    }
}

codes! {
    /// What is to be said of one file; the others go on.
    ProblemCode {
        SymlinkRefused = "symlink_refused",
        SpecialFileRefused = "special_file_refused",
        Unreadable = "unreadable",
        FolderUnreadable = "folder_unreadable",
        ChangedWhileReading = "changed_while_reading",
        Vanished = "vanished",
        AppearedDuringIntake = "appeared_during_intake",
        TooDeep = "too_deep",
        TooMany = "too_many",
        /// Registered all the same.
        ZeroLength = "zero_length",
        /// Registered all the same.
        NamesDifferOnlyInCase = "names_differ_only_in_case",
        /// Registered all the same.
        NameEscaped = "name_escaped",
        /// Our own disk gave other bytes back than were written.
        ReadBackMismatch = "read_back_mismatch",
        /// A sync failed: the copy was dropped and made again.
        CopyNotDurable = "copy_not_durable",
        /// The drive did not answer any more and was given up.
        SourceStalled = "source_stalled",
        /// Part of the file cannot be read; the readable ranges are kept.
        FileDamaged = "file_damaged",
        /// Registered all the same: it took more than one reading without error.
        ReadRetried = "read_retried",
        /// The drive gave other bytes when it was read a second time.
        SecondReadDiffers = "second_read_differs",
        /// Registered all the same, at the level that was reached.
        SecondReadFailed = "second_read_failed",
        /// Registered all the same.
        ClockImplausible = "clock_implausible",
        /// fsck and verify.
        OriginalMissing = "original_missing",
        OriginalChanged = "original_changed",
        OriginalUnreadable = "original_unreadable",
        NotRegistered = "not_registered",
        SidecarMissing = "sidecar_missing",
        SidecarDiffers = "sidecar_differs",
        LedgerBroken = "ledger_broken",
        LedgerMirrorDiffers = "ledger_mirror_differs",
        RegisterDiffers = "register_differs",
        /// Second copies.
        CopyMissing = "copy_missing",
        CopyChanged = "copy_changed",
        CopyUnreadable = "copy_unreadable",
        PaperMissing = "paper_missing",
        PaperChanged = "paper_changed",
        StagingLeftover = "staging_leftover",
        BagDeclarationWrong = "bag_declaration_wrong",
        ManifestMissing = "manifest_missing",
        ManifestMalformed = "manifest_malformed",
        PathRefused = "path_refused",
        FileMissing = "file_missing",
        FileAdded = "file_added",
        Sha256Differs = "sha256_differs",
        Blake3Differs = "blake3_differs",
        Sm3Differs = "sm3_differs",
        ListDiffers = "list_differs",
        OxumDiffers = "oxum_differs",
        ImageUnreadable = "image_unreadable",
    }
}

impl ProblemCode {
    /// Tells whether the file was taken in all the same.
    pub fn is_note(self) -> bool {
        matches!(
            self,
            Self::AppearedDuringIntake
                | Self::ZeroLength
                | Self::NamesDifferOnlyInCase
                | Self::NameEscaped
                | Self::ReadRetried
                | Self::SecondReadFailed
                | Self::ClockImplausible
        )
    }
}

/// Something to be said of one file: a refusal, a note, or a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// Escaped for display; relative to the drive, the vault or the package.
    pub path: String,
    /// What the system said; empty when the code says it all.
    pub detail: String,
}

impl Problem {
    /// Returns a problem without detail.
    pub fn new(code: ProblemCode, path: impl Into<String>) -> Self {
        Self { code, path: path.into(), detail: String::new() }
    }

    /// Returns the problem with what the system said.
    pub fn because(mut self, detail: impl ToString) -> Self {
        self.detail = detail.to_string();
        self
    }
}

codes! {
    /// What a person says a clip is.
    Mark {
        /// 国家秘密: it does not belong on this machine and leaves it in no package.
        StateSecret = "state_secret",
        /// 商业秘密.
        TradeSecret = "trade_secret",
        /// 个人隐私.
        Privacy = "privacy",
        /// 与工作无关: kept, but not judged with its session.
        Irrelevant = "irrelevant",
        /// 当事人自行拍摄: another source, not judged with its session.
        PartyRecording = "party_recording",
    }
}
