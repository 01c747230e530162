use super::{HistoryEntry, RecorderView, wire_type};

wire_type! {
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum RecorderStatus { InUse, Standby, InRepair, Retired }

    /// Where a recorder stands now.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum RecorderState { InStore, Out, Faulty, Retired }

    /// What is checked before use.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum UseCheck { Performance, Battery, Storage, Clock }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ServiceKind { Repair, Maintenance, Renewal }

    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ServiceResult { Usable, SentAway, Unusable }

    /// A person as they were called when something was written down.
    pub struct NamedPerson {
        pub id: String,
        pub name: String,
        /// 执法证号; empty for staff without one.
        pub certificate_no: String,
    }

    /// A line of the 设备台账.
    pub struct RecorderRow {
        pub id: String,
        pub recorder: RecorderView,
        /// The keeper as a person of the unit; `None` where only a name was entered.
        pub keeper_id: Option<String>,
        /// The keeper works here no more.
        pub keeper_left: bool,
        /// 类别
        pub kind: String,
        pub maker: String,
        pub model: String,
        /// 购置日期, `2026-11-21`; empty when not entered.
        pub acquired_on: String,
        pub cost: String,
        /// 存放地点
        pub place: String,
        pub status: RecorderStatus,
        pub state: RecorderState,
        pub recorded_at: String,
        /// Who has it now.
        pub out: Option<CheckoutRow>,
        /// Faults that stand, the oldest first.
        pub faults: Vec<FaultRow>,
        /// The article by which it may not be used: nobody keeps it. `None` where it may.
        pub keeper_wanted: Option<String>,
    }

    /// What the rules in force ask of recorders.
    pub struct DeviceRules {
        /// 类别 to choose from.
        pub kinds: Vec<String>,
        /// What is checked before use, each in the rules' words.
        pub checks: Vec<AskedCheck>,
        /// The article that asks for these checks; empty where none does.
        pub checks_article: String,
    }

    pub struct AskedCheck {
        pub word: String,
        /// The field that answers it; `None`: it is ticked.
        pub check: Option<UseCheck>,
    }

    /// 设备台账
    pub struct DeviceList {
        /// Those retired at the end.
        pub recorders: Vec<RecorderRow>,
        pub rules: DeviceRules,
    }

    pub struct RecorderRef { pub recorder: String }

    /// Everything that is known of a recorder; lists with the newest first, the history with the oldest.
    pub struct RecorderDetail {
        pub row: RecorderRow,
        pub checkouts: Vec<CheckoutRow>,
        pub faults: Vec<FaultRow>,
        pub services: Vec<ServiceRow>,
        pub trips: Vec<TripRow>,
        pub history: Vec<HistoryEntry>,
    }

    /// A new recorder (`id` none) or a change.
    pub struct SaveRecorder {
        pub id: Option<String>,
        pub name: String,
        pub serial: String,
        pub kind: String,
        pub maker: String,
        pub model: String,
        pub acquired_on: String,
        pub cost: String,
        pub place: String,
        pub status: RecorderStatus,
        /// `None` takes `keeper` as it was entered.
        pub keeper_id: Option<String>,
        pub keeper: String,
    }

    /// A line of the 领用登记.
    pub struct CheckoutRow {
        pub id: String,
        pub recorder: String,
        pub recorder_name: String,
        pub person: NamedPerson,
        pub at: String,
        /// `None`: not looked at.
        pub battery_percent: Option<u32>,
        /// Free storage, in millions of bytes.
        pub free_mb: Option<u64>,
        pub clock_right: Option<bool>,
        pub performance_ok: Option<bool>,
        pub also_checked: Vec<String>,
        /// What the rules ask for and nobody checked.
        pub unchecked: Vec<String>,
        /// What was found wanting.
        pub unfit: Vec<UseCheck>,
        pub article: String,
        pub remark: String,
        pub handed_out_by: String,
        /// `None` while it is out.
        pub returned: Option<ReturnedView>,
    }

    /// 归还
    pub struct ReturnedView {
        pub at: String,
        pub person: NamedPerson,
        pub taken_back_by: String,
        pub sound: bool,
        pub remark: String,
    }

    /// 领用
    pub struct CheckOut {
        pub recorder: String,
        pub person: String,
        /// `None`: now.
        pub at: Option<String>,
        pub battery_percent: Option<u32>,
        pub free_mb: Option<u64>,
        pub clock_right: Option<bool>,
        pub performance_ok: Option<bool>,
        pub also_checked: Vec<String>,
        pub remark: String,
        /// Although the check lacks something or found something.
        pub despite: bool,
    }

    /// 归还
    pub struct ReturnRecorder {
        pub recorder: String,
        pub person: String,
        pub at: Option<String>,
        /// What is wrong with it; empty: nothing.
        pub fault: String,
        pub remark: String,
    }

    /// 故障
    pub struct FaultRow {
        pub id: String,
        pub recorder: String,
        pub recorder_name: String,
        pub at: String,
        pub what: String,
        pub found_by: NamedPerson,
        pub recorded_by: String,
        /// The repair that ended it; `None` while it stands.
        pub ended_by: Option<String>,
    }

    /// 报障
    pub struct ReportFault {
        pub recorder: String,
        pub person: String,
        pub at: Option<String>,
        pub what: String,
    }

    /// 维修, 保养 or 更新
    pub struct ServiceRow {
        pub id: String,
        pub recorder: String,
        pub recorder_name: String,
        pub kind: ServiceKind,
        pub at: String,
        pub what: String,
        pub by: String,
        pub cost: String,
        pub result: ServiceResult,
        pub recorded_by: String,
    }

    pub struct ServiceRecorder {
        pub recorder: String,
        pub kind: ServiceKind,
        pub at: Option<String>,
        pub what: String,
        pub by: String,
        pub cost: String,
        pub result: ServiceResult,
    }

    /// 外出
    pub struct TripRow {
        pub id: String,
        pub people: Vec<NamedPerson>,
        pub recorders: Vec<TripRecorder>,
        pub reason: String,
        /// In words.
        pub reason_name: String,
        pub place: String,
        pub from: String,
        pub proof: String,
        pub opened_at: String,
        pub opened_by: String,
        /// `None` while they are away.
        pub returned: Option<TripReturn>,
        pub withdrawn: Option<WithdrawnView>,
        /// Under the rules in force.
        pub moves_clock: bool,
    }

    pub struct TripRecorder { pub id: String, pub name: String }

    /// 归队
    pub struct TripReturn { pub at: String, pub proof: String, pub closed_by: String }

    pub struct WithdrawnView { pub at: String, pub by: String, pub reason: String }

    /// Trips, and what the rules in force say of them.
    pub struct TripList {
        /// Those that are open first, then the newest.
        pub trips: Vec<TripRow>,
        /// What to choose from; empty where the rules have no such exception, and the reason is entered in words.
        pub reasons: Vec<TripReason>,
        /// The article of the exception; `None`: a trip moves no clock.
        pub article: Option<String>,
        /// In words: 7个工作日; empty where the rules have no such exception.
        pub within: String,
    }

    pub struct TripReason { pub id: String, pub name: String }

    pub struct OpenTrip {
        pub people: Vec<String>,
        pub recorders: Vec<String>,
        pub reason: String,
        pub place: String,
        pub from: String,
        pub proof: String,
        /// Where it is entered afterwards.
        pub returned_at: Option<String>,
        pub return_proof: String,
    }

    /// 归队
    pub struct CloseTrip {
        pub trip: String,
        /// `None`: now.
        pub returned_at: Option<String>,
        pub proof: String,
    }

    /// 撤销
    pub struct WithdrawTrip { pub trip: String, pub reason: String }
}
