//! What can change, as it is written into the ledger. Each record carries everything that the register's tables
//! need, so that replaying events rebuilds them.
//!
//! These shapes are a file format: plain text, whole numbers below 2^53 and lists. A field may be added with
//! `#[serde(default)]`; none is ever renamed, removed or given another meaning. Canonical form is checked on the
//! JSON as it stands, so events with fewer or more keys than this program knows stay whole.

use crate::devices::*;
use model::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};

macro_rules! changes {
    ($($(#[$doc:meta])* $kind:literal $variant:ident($record:ident),)*) => {
        /// One change of state.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "body")]
        pub enum Change { $($(#[$doc])* #[serde(rename = $kind)] $variant($record),)* }

        impl Change {
            /// Every kind, for wording tables and tests.
            pub const KINDS: &'static [&'static str] = &[$($kind,)*];

            /// Returns the kind as the ledger writes it.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }
        }

        $(impl From<$record> for Change {
            fn from(record: $record) -> Self { Self::$variant(record) }
        })*
    };
}

changes! {
    "unit.named" UnitNamed(UnitNamed),
    "setting.changed" SettingChanged(SettingChanged),
    "person.recorded" PersonRecorded(PersonRecorded),
    "recorder.recorded" RecorderRecorded(RecorderRecorded),
    /// A volume is remembered as a recorder's.
    "volume.recorded" VolumeRecorded(VolumeRecorded),
    /// The custodian allowed reading an unknown volume while it stands in the dock.
    "volume.admitted" VolumeAdmitted(VolumeAdmitted),
    "job.opened" JobOpened(JobOpened),
    "job.resumed" JobResumed(JobResumed),
    "job.planned" JobPlanned(JobPlanned),
    "job.problems" JobProblems(JobProblems),
    "job.closed" JobClosed(JobClosed),
    "clip.registered" ClipRegistered(ClipRegistered),
    /// A known content was met again.
    "clip.sighted" ClipSighted(ClipSighted),
    /// A damaged or lost original was replaced by a verified copy of the same content.
    "clip.restored" ClipRestored(ClipRestored),
    "clip.probed" ClipProbed(ClipProbed),
    /// Clips of a job were read a second time from their drive.
    "source.reread" SourceReread(SourceReread),
    /// A check found a clip changed or gone, or good again.
    "clip.checked" ClipChecked(ClipChecked),
    "session.formed" SessionFormed(SessionFormed),
    /// Which clips a session holds; none: it is dissolved.
    "session.changed" SessionChanged(SessionChanged),
    "session.assigned" SessionAssigned(SessionAssigned),
    /// What the people of a session said of it.
    "session.answered" SessionAnswered(SessionAnswered),
    /// What a person says a clip is.
    "clip.marked" ClipMarked(ClipMarked),
    "case.recorded" CaseRecorded(CaseRecorded),
    "statement.signed" StatementSigned(StatementSigned),
    "package.made" PackageMade(PackageMade),
    "package.verified" PackageVerified(PackageVerified),
    "store.checked" StoreChecked(StoreChecked),
    /// The rolling check of the store came further.
    "scrub.advanced" ScrubAdvanced(ScrubAdvanced),
    /// A second copy of a clip was made and read back.
    "copy.made" CopyMade(CopyMade),
    /// Second copies were read back and are as they should be.
    "copies.read" CopiesRead(CopiesRead),
    /// A check found a second copy bad.
    "copy.checked" CopyChecked(CopyChecked),
    "alarm.raised" AlarmRaised(AlarmRaised),
    "alarm.acknowledged" AlarmAcknowledged(AlarmAcknowledged),
    /// How far a recorder's clock was off was measured or read off.
    "recorder.clocked" RecorderClocked(RecorderClocked),
    /// The station's own clock went back.
    "clock.stepped" ClockStepped(ClockStepped),
    "register.backed_up" RegisterBackedUp(RegisterBackedUp),
    /// A backup took the register's place, and the ledger files brought it up to date.
    "register.restored" RegisterRestored(RegisterRestored),
    /// The tables were made anew from the ledger files.
    "register.rebuilt" RegisterRebuilt(RegisterRebuilt),
    "paper.issued" PaperIssued(PaperIssued),
    /// 作废: the paper's number stays used.
    "paper.voided" PaperVoided(PaperVoided),
    /// A further version of the checklist; the newest is in force.
    "checklist.recorded" ChecklistRecorded(ChecklistRecorded),
    /// A case's records were copied out in open form.
    "case.exported" CaseExported(CaseExported),
    /// A case's records were handed in to the platform that the rules name.
    "case.delivered" CaseDelivered(CaseDelivered),
    /// A recorder was handed out.
    "recorder.checked_out" RecorderCheckedOut(RecorderCheckedOut),
    "recorder.returned" RecorderReturned(RecorderReturned),
    "recorder.faulted" RecorderFaulted(RecorderFaulted),
    /// Somebody repaired a recorder or looked after it.
    "recorder.serviced" RecorderServiced(RecorderServiced),
    /// Officers went away with recorders.
    "trip.opened" TripOpened(TripOpened),
    /// They came back to their unit.
    "trip.closed" TripClosed(TripClosed),
    /// A trip was entered wrongly and counts no more.
    "trip.withdrawn" TripWithdrawn(TripWithdrawn),
    /// When the inspection of a case ended, and when the case was closed.
    "case.concluded" CaseConcluded(CaseConcluded),
    /// Why clips were stored late.
    "clip.late_explained" ClipLateExplained(ClipLateExplained),
    /// A working-day calendar took the place of the one before.
    "calendar.recorded" CalendarRecorded(CalendarRecorded),
    /// A further calendar moved a deadline that was open.
    "deadline.recomputed" DeadlineRecomputed(DeadlineRecomputed),
    /// A version of a rule pack was written down.
    "rules.recorded" RulesRecorded(RulesRecorded),
    /// A version of a rule pack judges from a day on.
    "rules.adopted" RulesAdopted(RulesAdopted),
}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}
pub(crate) use records;

records! {
    /// The unit that owns the vault, its rules and its zone.
    /// `vault` is the id in `vault.toml`: it binds the ledger to its vault.
    UnitNamed { vault: String, unit: String, rule_pack: String, zone_minutes: i32, }
    SettingChanged { key: String, value: String, }
    PersonRecorded {
        id: String,
        name: String,
        certificate_no: String,
        duty: String,
        department: String,
        active: bool,
    }
    /// A volume as the system names it; `key` is what it is remembered by.
    VolumeRecord {
        key: String,
        label: String,
        serial: String,
        fstype: String,
        capacity: u64,
        read_only: bool,
        /// USB port chain; empty when unknown.
        port: String,
    }
    VolumeRecorded { volume: VolumeRecord, recorder: String, }
    VolumeAdmitted { volume: VolumeRecord, }
    /// An intake begins, before the first byte is read. `admitted`: `registered`, `once` or `command`; `declared`
    /// (nothing 涉密 on the drive): `asked`, `not_asked` or `command`.
    JobOpened {
        id: String,
        volume: VolumeRecord,
        /// Id of the registered recorder, if any.
        recorder: Option<String>,
        recorder_name: String,
        source: String,
        admitted: String,
        declared: String,
        software: String,
    }
    /// A further docking of an interrupted job's volume.
    JobResumed {
        id: String,
        volume: VolumeRecord,
        recorder: Option<String>,
        recorder_name: String,
        source: String,
        admitted: String,
        declared: String,
        software: String,
    }
    /// What the drive turned out to be and to hold.
    JobPlanned {
        job: String,
        recorder_name: String,
        profile: String,
        /// What the card's binding file says; empty without one.
        bound_serial: String,
        bound_name: String,
        files: u64,
        bytes: u64,
        /// How the drive's times are to be read; absent before this was recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_basis: Option<TimeBasis>,
    }
    /// What the mount made of the times on the drive. FAT stores local fields without a zone; the mount reads them as
    /// if they were `offset_minutes` east of UTC.
    TimeBasis {
        fstype: String,
        /// Mount options that shift times, such as `tz=UTC` or `time_offset=480`; empty when none.
        options: String,
        /// `None` where the file system stores UTC.
        offset_minutes: Option<i32>,
    }
    ProblemRecord { code: String, path: String, detail: String, }
    JobProblems { job: String, problems: Vec<ProblemRecord>, }
    /// An intake ends: `done`, `interrupted`, `cancelled` or `failed` (then with an error code).
    JobClosed {
        id: String,
        state: String,
        error: Option<String>,
        stored: u64,
        stored_bytes: u64,
        already_held: u64,
        refused: u64,
    }
    /// `mtime` in seconds since 1970 with `mtime_nanos`, as the mount gave it.
    SightingRecord {
        path: String,
        volume: String,
        mtime: i64,
        mtime_nanos: u32,
        /// The same time as the fields that FAT or exFAT stores, `2026-11-21T09:02:04`; empty where it stores UTC.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        local: String,
    }
    /// A range of bytes; `to` is the first byte behind it.
    RangeRecord { from: u64, to: u64, }
    ClipRegistered {
        id: String,
        number: String,
        original_name: String,
        size: u64,
        blake3: String,
        sha256: String,
        sm3: String,
        level: String,
        /// How the cache was ruled out on reading back: `direct`, `evicted` or `not_excluded`.
        coldness: String,
        stored_path: String,
        job: String,
        recorder: String,
        /// What clips are grouped by: `recorder:<id>`, or the key of the volume.
        origin: String,
        /// Footage of its own, or a companion file of the recorder.
        footage: bool,
        recorded_from: Option<String>,
        time_source: Option<String>,
        /// Taken over after a crash from the folder and its sidecar.
        adopted: bool,
        sighting: SightingRecord,
        /// Empty: verified. `damaged`: only part could be read, and the digests are those of what is kept.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        state: String,
        /// Ranges that could not be read; zeros stand in their place.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unreadable: Vec<RangeRecord>,
        /// How often it was copied until it was right; 0: the first time.
        #[serde(default, skip_serializing_if = "is_zero")]
        attempts: u32,
        /// What the disk did not offer and was done otherwise: `buffered_write`, `plain_publish`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        means: Vec<String>,
    }
    /// One clip read a second time: what the drive gave, and the level that the clip has now.
    SourceReading { clip: String, path: String, same: bool, blake3: String, coldness: String, level: String, }
    SourceReread { job: String, readings: Vec<SourceReading>, }
    ClipSighted { clip: String, job: String, sighting: SightingRecord, }
    ClipRestored {
        clip: String,
        job: String,
        stored_path: String,
        level: String,
        coldness: String,
        sighting: SightingRecord,
    }
    ClipProbed {
        clip: String,
        readable: bool,
        /// In libav's words, when not readable.
        reason: String,
        container: String,
        duration_ms: Option<u64>,
        video_codec: Option<String>,
        width: u32,
        height: u32,
        frame_rate_milli: u32,
        audio_codec: Option<String>,
        created: Option<String>,
        /// Extent of the recording as known after the probe.
        recorded_from: Option<String>,
        recorded_to: Option<String>,
        time_source: Option<String>,
    }
    ClipChecked { clip: String, state: String, code: String, detail: String, coldness: String, }
    SessionFormed { id: String, recorder: String, origin: String, clips: Vec<String>, }
    SessionChanged { id: String, clips: Vec<String>, }
    SessionAssigned { session: String, case: Option<String>, }
    /// `question` as the rules name it; `subject` is the gap, clip or item, or empty. An empty value takes it back.
    AnswerRecord { question: String, subject: String, value: String, timecode: String, note: String, }
    SessionAnswered { session: String, answers: Vec<AnswerRecord>, }
    /// `mark` is a [`model::Mark`]; `set` is false when it is taken back.
    ClipMarked { clip: String, mark: String, set: bool, note: String, }
    CaseRecorded { id: String, number: String, cause: String, party: String, department: String, }
    OfficerRecord { name: String, certificate_no: String, }
    StatementRecord {
        officers: Vec<OfficerRecord>,
        taken_from: String,
        taken_to: String,
        place: String,
        cause: String,
        party: String,
        method: String,
        maker: String,
        made_at: String,
        purpose: String,
        carrier: String,
        emphasis: String,
        transcript: String,
    }
    StatementSigned {
        number: String,
        session: String,
        revision: u32,
        fields: StatementRecord,
        case_number: String,
        /// The clips it speaks of, in order.
        clips: Vec<String>,
        /// SHA-256 over the list of these clips.
        root: String,
        /// Path below the vault.
        pdf_path: String,
        pdf_sha256: String,
        /// Typefaces the paper was set in.
        fonts: Vec<String>,
    }
    PackageMade {
        id: String,
        number: String,
        case: String,
        /// The time that stands in the package.
        made_at: String,
        /// The ledger's head that stands in the package.
        ledger_events: u64,
        ledger_head: String,
        folder: String,
        image: Option<String>,
        files: u64,
        bytes: u64,
        image_bytes: Option<u64>,
        image_sha256: Option<String>,
        root: String,
        statements: Vec<String>,
    }
    PackageVerified { package: String, checked: u64, bytes: u64, findings: Vec<ProblemRecord>, }
    StoreChecked {
        metadata_only: bool,
        /// Whether it came to the end of the store.
        complete: bool,
        clips: u64,
        bytes: u64,
        findings: Vec<ProblemRecord>,
    }
    /// `clips` were read back in this step of round `round`; for `not_cold` of them a cache may have answered.
    ScrubAdvanced {
        round: u64,
        clips: Vec<String>,
        bytes: u64,
        not_cold: u64,
        findings: Vec<ProblemRecord>,
        /// Whether the round is through.
        complete: bool,
    }
    /// `place` is the id in the marker of the place for second copies, `path` the copy's path below it.
    CopyMade { clip: String, place: String, path: String, coldness: String, }
    /// Those of `clips` at `place`; for `not_cold` of them a cache may have answered.
    CopiesRead { place: String, clips: Vec<String>, not_cold: u64, }
    /// `state`: `good` or `bad`.
    CopyChecked { clip: String, place: String, state: String, code: String, detail: String, coldness: String, }
    /// `kind` is a [`model::AlarmKind`]; `subject` an id, a number or a place; `article` the rule that calls for it.
    AlarmRaised { id: String, kind: String, subject: String, detail: String, article: String, }
    AlarmAcknowledged { id: String, note: String, }
    /// `error_ms` is the recorder's time minus the station's; `method`: `newest_file` (then the newest file's path and
    /// time, and the error is no less than `error_ms`) or `entered`. The true error lies within `bound_ms` of it
    /// where `bound_ms` is given.
    RecorderClocked {
        recorder: Option<String>,
        volume: String,
        job: Option<String>,
        method: String,
        error_ms: i64,
        bound_ms: Option<u64>,
        newest_path: String,
        newest_at: Option<String>,
        station_at: String,
    }
    ClockStepped { before: String, now: String, }
    /// `place` is empty for a backup in the vault itself, else the id of the place for second copies.
    RegisterBackedUp { place: String, file: String, events: u64, bytes: u64, sha256: String, }
    RegisterRestored { from: String, events: u64, replayed: u64, set_aside: String, }
    RegisterRebuilt { events: u64, adopted: u64, set_aside: String, }
    /// A numbered paper of a kind that has a template. `subject_kind` is a [`model::SubjectKind`].
    PaperIssued {
        id: String,
        kind: String,
        number: String,
        title: String,
        subject_kind: String,
        subject: String,
        /// The regulations and articles that call for it, as one text; empty where none does.
        basis: String,
        /// What it says, all but its number: JSON text, kept as it is. The PDF can be made again from it.
        values: String,
        /// SHA-256 of `values`; printed on the paper.
        record: String,
        /// Path below the vault.
        pdf_path: String,
        pdf_sha256: String,
        /// Typefaces the paper was set in.
        fonts: Vec<String>,
        /// Printed pages.
        sheets: u32,
    }
    PaperVoided { id: String, reason: String, }
    /// `kind` is a [`model::ColumnKind`].
    ChecklistColumnRecord { id: String, title: String, kind: String, hidden: bool, }
    /// 音像记录事项清单, whole. `version` counts from 1; `published_on` is a day, `2026-11-21`. Each row has a cell for
    /// each column, empty under an automatic one.
    ChecklistRecorded {
        version: u32,
        published_on: Option<String>,
        columns: Vec<ChecklistColumnRecord>,
        rows: Vec<Vec<String>>,
    }
    /// `files` and `bytes` without the list of digests; `root` is the SHA-256 of that list.
    CaseExported { case: String, folder: String, files: u64, bytes: u64, with_footage: bool, root: String, }
    /// 归集: `platform` as the rules name it, `at` the day in the station's zone, `2026-11-21`.
    CaseDelivered { case: String, platform: String, at: String, note: String, }
    /// What is `None` is not, or no longer, so.
    CaseConcluded { case: String, inspected_at: Option<String>, closed_at: Option<String>, }
    ClipLateExplained { clips: Vec<String>, reason: String, }
    /// `edition` is id and version of the calendar; `text` the whole file.
    CalendarRecorded { edition: String, text: String, }
    /// `what` is a kind of due item, `subject` the id it is about; both times as they are reckoned.
    DeadlineRecomputed { subject: String, what: String, before: String, after: String, }
    /// `text` is the whole rule file; a version is never written down twice with different words.
    RulesRecorded { pack: String, version: u32, text: String, }
    /// `from` is the first day, `2026-01-01`.
    RulesAdopted { pack: String, version: u32, from: String, }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl From<&Problem> for ProblemRecord {
    fn from(problem: &Problem) -> Self {
        Self { code: problem.code.code().to_owned(), path: problem.path.clone(), detail: problem.detail.clone() }
    }
}

impl ProblemRecord {
    /// Returns the problem, or `None` for a code that a later version wrote.
    pub fn problem(self) -> Option<Problem> {
        Some(Problem { code: ProblemCode::from_code(&self.code)?, path: self.path, detail: self.detail })
    }
}
