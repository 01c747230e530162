use super::{ClipRow, WireError, wire_type};

wire_type! {
    /// 警报: what calls for a person; it stays until somebody has acknowledged it.
    pub struct AlarmView {
        pub id: String,
        /// An `AlarmKind`; words in `assets/wording/alarms.json`.
        pub kind: String,
        /// What it is about, for people: a clip's number, a place.
        pub subject: String,
        pub detail: String,
        /// The rule that calls for it; empty where none does.
        pub article: String,
        pub raised_at: String,
        /// The clip it is about.
        pub clip: Option<ClipRow>,
        /// Who has dealt with it; `None` while it stands.
        pub acknowledged: Option<AcknowledgedView>,
    }

    pub struct AcknowledgedView { pub at: String, pub by: String, pub note: String }

    /// The alarms that stand, or the newest of all.
    pub struct AlarmQuery { pub open: bool, pub limit: u32 }

    pub struct AcknowledgeAlarm {
        pub alarm: String,
        /// What was done.
        pub note: String,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ScrubState {
        /// Switched off in the settings.
        Off,
        /// Everything was read back in time.
        Idle,
        Running,
        /// Something else goes first.
        Yielding,
        Paused,
        /// The store or the register is out of reach; looked for again every minute.
        Failed,
    }

    /// 巡检: the rolling check of the store.
    pub struct ScrubView {
        pub state: ScrubState,
        /// Days within which every original is read back.
        pub days: u32,
        /// Of the round that is under way, or of the last.
        pub clips_done: u64,
        pub clips_total: u64,
        pub bytes_done: u64,
        pub bytes_total: u64,
        pub findings: u64,
        /// Clips that a cache may have answered for.
        pub not_cold: u64,
        pub last_complete: Option<String>,
        pub next_due: Option<String>,
        /// Name of the file that is being read; empty while none is.
        pub reading: String,
        /// Why it failed.
        pub error: Option<WireError>,
    }

    pub struct PauseScrub { pub paused: bool }

    /// The place for second copies.
    pub struct CopyStatus {
        /// As set; empty: none.
        pub folder: String,
        /// Id in its marker; empty when it was never reached.
        pub place: String,
        pub reachable: bool,
        /// Why it cannot be reached or written.
        pub error: Option<WireError>,
        /// Clips with a good copy there.
        pub copied: u64,
        /// Clips without one yet.
        pub missing: u64,
        /// Of the catching up that is under way; both 0 while none is.
        pub bytes_done: u64,
        pub bytes_total: u64,
        /// When everything was last there.
        pub caught_up_at: Option<String>,
        pub disk_free: u64,
        pub disk_total: u64,
    }

    /// 从第二份恢复, before anything is written.
    pub struct RestorePlan {
        pub clip: ClipRow,
        /// A `ProblemCode` of what is wrong with the original; empty when nothing is.
        pub problem: String,
        pub detail: String,
        /// Where the copy lies.
        pub from: String,
        /// Folder below the vault in which it gets one of its own; the damaged original stays as it is.
        pub into: String,
        pub bytes: u64,
        pub copy_made_at: String,
        pub copy_checked_at: Option<String>,
    }

    /// A backup of the register.
    pub struct BackupView {
        pub at: String,
        /// At the place for second copies, not in the vault itself.
        pub elsewhere: bool,
        pub file: String,
        /// Where it lies; empty where its place is not there now.
        pub path: String,
        /// Ledger events that it holds.
        pub events: u64,
        pub bytes: u64,
        pub sha256: String,
        /// Whether the file is there now.
        pub present: bool,
    }

    /// A folder to choose from; empty: the places where disks are mounted.
    pub struct FolderQuery { pub folder: String }

    pub struct FolderList {
        pub folder: String,
        /// The folder above; `None` at the top.
        pub parent: Option<String>,
        pub folders: Vec<FolderView>,
        pub disk_free: u64,
        pub disk_total: u64,
    }

    pub struct FolderView { pub name: String, pub path: String }
}
