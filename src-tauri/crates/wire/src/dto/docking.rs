use super::{ProblemView, WireError, wire_type};

wire_type! {
    /// A drive that stands in the dock.
    pub struct DriveView {
        /// Valid while it is docked.
        pub id: String,
        pub label: String,
        pub serial: String,
        pub fstype: String,
        pub capacity: u64,
        pub read_only: bool,
        /// USB port chain such as `1-2.3`; empty when unknown.
        pub port: String,
        pub standing: DriveStanding,
        /// The registered recorder this volume belongs to.
        pub recorder: Option<RecorderView>,
        /// The newest job of this drive in this docking, running or ended.
        pub job: Option<JobView>,
    }

    /// What may be done with a docked drive.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum DriveStanding {
        /// Never seen: nothing has been read; the custodian decides.
        Unknown,
        /// The custodian allowed reading it this once.
        AdmittedOnce,
        /// A volume of a registered recorder.
        Registered,
    }

    pub struct RecorderView {
        pub id: String,
        pub name: String,
        pub profile: String,
        pub serial: String,
        /// 保管人
        pub keeper: String,
    }

    pub struct RecorderProfile { pub id: String, pub maker: String, pub model: String }

    pub struct DriveRef { pub drive: String }

    /// 登记此设备: the volume is remembered as belonging to this recorder.
    pub struct RegisterDrive {
        pub drive: String,
        pub name: String,
        pub serial: String,
        pub keeper: String,
    }

    /// 开始采集
    pub struct StartIntake {
        pub drive: String,
        /// The custodian declares that the drive holds nothing 涉密. Needed when the setting asks each time.
        pub declared_unclassified: bool,
    }

    pub struct JobRef { pub job: String }

    /// An intake with its progress.
    pub struct JobView {
        pub id: String,
        pub drive_label: String,
        pub recorder: String,
        pub source: String,
        pub state: JobState,
        pub stage: JobStage,
        pub files_done: u64,
        pub files_total: u64,
        pub bytes_done: u64,
        pub bytes_total: u64,
        /// Bytes per second over the last seconds.
        pub speed: u64,
        /// `None` until it can be estimated.
        pub seconds_left: Option<u64>,
        pub opened_at: String,
        pub closed_at: Option<String>,
        /// Newly stored.
        pub stored: u64,
        pub stored_bytes: u64,
        /// 已入库: content that the register already held.
        pub already_held: u64,
        /// Stored, but libav could not read it.
        pub unreadable_media: u64,
        /// Not taken in: refusals and failures.
        pub refused: u64,
        pub problems: Vec<ProblemView>,
        pub error: Option<WireError>,
        /// Sessions formed from what this job stored and that await a statement.
        pub awaiting_sessions: Vec<String>,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum JobState {
        Running,
        /// Everything enumerated is verified or has a listed exception.
        Done,
        /// The drive went away or the station stopped: docking it again continues the job.
        Interrupted,
        Cancelled,
        /// Our own disk or register failed.
        Failed,
    }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum JobStage { Listing, Copying, Finishing, Probing, Ended }

    pub struct JobPage { pub limit: u32 }
}
