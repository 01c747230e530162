use super::{RulePack, wire_type};

wire_type! {
    /// 储存期限 of a clip, and whether it was kept.
    pub struct StoreClock {
        /// `None` while the officers are still away and the period has not begun.
        pub due: Option<String>,
        /// The trip that moved the clock: it runs from the return.
        pub trip: Option<ClockTrip>,
        /// The earlier of the two ends of the last day, where the other one judges.
        pub stricter: Option<String>,
        pub kept: bool,
        /// A year without a calendar was looked at.
        pub provisional: bool,
        /// In words: 24小时, 7个工作日.
        pub within: String,
        /// The regulation and its article.
        pub article: String,
    }

    /// 外出 from whose return a period runs.
    pub struct ClockTrip {
        pub id: String,
        /// In words: 异地执法.
        pub reason: String,
        pub place: String,
        pub from: String,
        /// `None` while they are away.
        pub returned_at: Option<String>,
        pub proof: String,
    }

    pub struct RulePackRef {
        pub id: String,
    }

    pub struct RulePackRefs {
        pub ids: Vec<String>,
    }

    /// One value of a rule pack, in words.
    pub struct RuleLine {
        /// Where it stands: `store.within`, `must_record/seizure`.
        pub key: String,
        /// What it is, or what list it stands in.
        pub label: String,
        /// The circumstance or act it is for, where the list is sorted by these.
        pub item: String,
        pub value: String,
        /// `None`: no article sets it, it is our own default.
        pub article: Option<String>,
    }

    /// A rule pack with all it says.
    pub struct RulePackDetail {
        pub pack: RulePack,
        pub version: u32,
        pub author: String,
        /// `2019-10-01`; `None` where the text names no day.
        pub valid_from: Option<String>,
        pub lines: Vec<RuleLine>,
        /// The same as a rule file.
        pub text: String,
    }

    /// What one pack says, in a comparison.
    pub struct RuleCell {
        pub value: String,
        pub article: Option<String>,
    }

    pub struct ComparedRule {
        pub key: String,
        pub label: String,
        pub item: String,
        pub same: bool,
        /// In the order of the packs; `None` where a pack says nothing.
        pub cells: Vec<Option<RuleCell>>,
    }

    /// Packs side by side.
    pub struct RuleComparison {
        pub packs: Vec<RulePack>,
        pub lines: Vec<ComparedRule>,
    }
}
