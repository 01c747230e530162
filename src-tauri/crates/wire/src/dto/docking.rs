use super::{ClipRow, ProblemView, WireError, wire_type};

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
        /// Since when the drive has not answered; `None` while it does.
        pub stalled_since: Option<String>,
        /// It stopped because the vault's disk failed, and goes on by itself when the disk is back.
        pub awaits_target: bool,
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
    pub enum JobStage { Listing, Copying, SecondRead, Finishing, Probing, Ended }

    pub struct JobPage { pub limit: u32 }

    /// What an intake came to, clip by clip; the clips are counted when it has ended.
    pub struct JobOutcome {
        /// Levels reached, the lowest first.
        pub levels: Vec<LevelCount>,
        /// 残损: clips of which only part could be read.
        pub damaged: Vec<DamagedClip>,
        /// 存疑: clips that the drive gave differently the second time.
        pub suspect: Vec<ClipRow>,
        /// 第二份: clips of it that have one, and all that are to have one; 0 where there is no place for copies.
        pub copied: u64,
        pub to_copy: u64,
        /// How far the recorder's clock was off; `None` when nothing shows it.
        pub clock: Option<ClockView>,
    }

    pub struct LevelCount { pub level: String, pub clips: u64 }

    pub struct DamagedClip {
        pub row: ClipRow,
        /// Bytes that could be read.
        pub readable: u64,
        pub unreadable: Vec<ByteRange>,
    }

    /// Bytes of a file; `to` is the first behind it.
    #[derive(Copy, Eq)]
    pub struct ByteRange { pub from: u64, pub to: u64 }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ClockMethod {
        /// From the newest file: the error is no less than this.
        NewestFile,
        /// Read off the recorder by a person.
        Entered,
    }

    /// How far a recorder's clock was off.
    pub struct ClockView {
        pub method: ClockMethod,
        /// The recorder's time minus the station's, in milliseconds: above 0 it is fast.
        pub error_ms: i64,
        /// The true error lies within this of it; `None` where only one side is known.
        pub bound_ms: Option<u64>,
        pub newest_path: String,
        /// The station's time when it was found out.
        pub station_at: String,
    }

    /// 人工校核: what the recorder's display shows at this moment.
    pub struct EnterClock {
        pub job: String,
        /// `2026-11-21 09:05:17`, without seconds, or the time of day alone; in the station's zone.
        pub recorder_shows: String,
    }
}
