use super::wire_type;

wire_type! {
    /// One line of 到期.
    pub struct DueView {
        /// `store`, `late_reason`, `archive`, `appraisal`; words in `assets/wording/states.json`.
        pub what: String,
        /// Id of the clip, job or case.
        pub subject: String,
        /// 片段编号, 案号, or the recorder of an intake.
        pub title: String,
        /// Original name, party, or label of the volume.
        pub detail: String,
        /// The intake that it belongs to: one reason may hold for all late clips of one.
        pub job: Option<String>,
        pub due: String,
        /// The earlier of the two ends of the last day, where the other one judges.
        pub stricter: Option<String>,
        /// `upcoming`, `warned`, `last`, `overdue`.
        pub level: String,
        /// A year without a calendar was looked at.
        pub provisional: bool,
        /// The regulation and its article.
        pub article: String,
    }

    /// 迟存原因, for one clip or several.
    pub struct ExplainLate {
        pub clips: Vec<String>,
        pub reason: String,
    }

    pub struct LateReason {
        pub reason: String,
        pub at: String,
        pub by: String,
    }

    /// 保存期限 of a clip, and why.
    pub struct Retention {
        pub until: KeptUntil,
        /// The rule that won; `None` where none applies.
        pub won: Option<KeptBy>,
        /// The others that apply, the longest first.
        pub lost: Vec<KeptBy>,
    }

    /// Until when a clip is kept.
    #[serde(rename_all = "snake_case")]
    pub enum KeptUntil {
        /// The first day on which its destruction may be proposed: `2031-11-22`.
        Day(String),
        /// Hangs on something not fixed yet.
        Open,
        /// 长期.
        Permanent,
    }

    pub struct KeptBy {
        /// In words: 一般, 作为证据.
        pub when: String,
        /// In words: 与卷宗相同, 长期.
        pub term: String,
        pub until: KeptUntil,
        /// The regulation and its article.
        pub article: String,
    }

    /// 检查结束、结案 of a case; RFC 3339, `None` takes back what was entered.
    pub struct ConcludeCase {
        pub case_id: String,
        pub inspected_at: Option<String>,
        pub closed_at: Option<String>,
    }

    /// When a case came to its end, and by when it is filed.
    pub struct Conclusion {
        pub inspected_at: Option<String>,
        pub closed_at: Option<String>,
        /// 归档期限; `None` before the case came to its end, and where the rules set no number.
        pub archive_clock: Option<super::StoreClock>,
        /// Whether a package was made since.
        pub packaged: bool,
    }
}
