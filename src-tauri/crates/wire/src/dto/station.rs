use super::wire_type;

wire_type! {
    /// A request without content.
    #[derive(Default)]
    pub struct Nothing {}

    /// Whether a vault is open. Asked first; every other command needs `ready`.
    pub struct HostState {
        pub ready: bool,
        /// Path of the vault that is open, or that would be made.
        pub vault: String,
        /// Why it could not be opened; `vault_missing` means the first start.
        pub error: Option<WireError>,
        pub rule_packs: Vec<RulePack>,
    }

    /// 首次使用: makes the vault.
    pub struct CreateVault {
        pub unit: String,
        pub rule_pack: String,
    }

    /// What the frame of the window shows.
    pub struct Overview {
        pub unit: String,
        /// 规则包
        pub rule_pack: RulePack,
        pub vault: String,
        pub version: String,
        pub operator: Option<super::PersonView>,
        /// Whole minutes east of UTC in which times are shown.
        pub zone_minutes: i32,
        pub docked: u32,
        /// Sessions without a signed statement.
        pub awaiting: u32,
        /// Cases whose sessions all have statements and that have no package yet.
        pub ready_to_package: u32,
        /// Bytes on the disk of the vault.
        pub disk_free: u64,
        pub disk_total: u64,
        pub clips: u64,
        pub clip_bytes: u64,
        pub ledger_events: u64,
        /// SHA-256 of the newest ledger event.
        pub ledger_head: String,
        pub last_check: Option<CheckSummary>,
        /// 警报 that nobody has acknowledged.
        pub alarms: u32,
        /// Why all intakes have stopped: the vault's disk.
        pub target_trouble: Option<TargetTrouble>,
    }

    pub struct TargetTrouble {
        /// `target_full`, `target_read_only` or `target_failed`.
        pub code: String,
        pub since: String,
    }

    /// A built-in set of rules.
    pub struct RulePack {
        pub id: String,
        /// The bureau whose regulation it is.
        pub bureau: String,
        pub title: String,
    }

    /// Result of the newest check of the whole store.
    pub struct CheckSummary {
        pub at: String,
        pub metadata_only: bool,
        pub checked_clips: u64,
        pub findings: u32,
    }

    /// A refusal or note on one file.
    pub struct ProblemView {
        /// A `ProblemCode`; words in `assets/wording/problems.json`.
        pub code: String,
        pub path: String,
        pub detail: String,
    }

    /// Result of a check: of the store, of a package, of an image.
    pub struct CheckReport {
        pub at: String,
        pub metadata_only: bool,
        pub checked: u64,
        pub bytes: u64,
        pub findings: Vec<ProblemView>,
    }

    pub struct CheckRequest {
        pub metadata_only: bool,
    }

    /// Long work other than intake: packaging, checking.
    pub struct TaskView {
        pub id: String,
        pub kind: TaskKind,
        /// What it works on, for people: a case number, 全库.
        pub subject: String,
        pub state: TaskState,
        pub stage: TaskStage,
        pub done_bytes: u64,
        pub total_bytes: u64,
        pub started_at: String,
        pub error: Option<WireError>,
        /// Findings of a check, or of the read-back of a package.
        pub report: Option<CheckReport>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TaskKind { Package, VerifyPackage, Check, Restore, Backup, ExportCase }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TaskState { Running, Done, Failed, Cancelled }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TaskStage { Preparing, Copying, Imaging, ReadingBack, Checking, Finished }

    pub struct TaskRef { pub task: String }

    /// Unit-wide settings.
    pub struct Settings {
        pub unit: String,
        pub rule_pack: String,
        /// Ask before each intake whether the drive holds state secrets (柳林镇 第十七条).
        pub ask_unclassified: bool,
        /// Start by itself when a registered drive is docked. Only without `ask_unclassified`.
        pub intake_at_once: bool,
        /// Longest pause within one session, seconds.
        pub session_pause_max_s: u32,
        /// Pauses up to this many seconds are no gap.
        /// Folders whose subfolders stand for docked drives.
        pub dock_folders: Vec<String>,
        /// Folders below which real mounts count as docked.
        pub mount_roots: Vec<String>,
        /// Read every card a second time while it is docked (V3).
        pub second_read: bool,
        /// Folder on another disk that gets a second copy of everything; empty: none.
        pub second_copy: String,
        /// Days within which every original is read back; 0: no scrub.
        pub scrub_days: u32,
        /// The last working day of a period ends with the office's hour, not at 24:00.
        pub day_ends_at_close: bool,
        /// `17:30`.
        pub office_close: String,
    }

    /// What the officer is told; words in `assets/wording/errors.json`.
    pub struct WireError {
        /// An `ErrorCode`.
        pub code: String,
        /// Fills the placeholders of the wording.
        #[ts(type = "Record<string, string>")]
        pub params: std::collections::BTreeMap<String, String>,
        /// The whole chain of causes, for the log and the phone.
        pub detail: String,
    }

    /// Says what changed; the window asks again.
    pub struct Notice {
        pub topic: Topic,
    }

    #[derive(Copy, Eq, PartialOrd, Ord, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum Topic { Dock, Jobs, Clips, Sessions, Cases, Packages, People, Settings, Tasks, Alarms, Scrub, Copies, Papers, Devices, Due }
}
