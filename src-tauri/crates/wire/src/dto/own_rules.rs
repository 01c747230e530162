use super::{RuleComparison, RulePack, RulePackDetail, wire_type};

wire_type! {
    /// A version of a rule pack that the unit wrote down.
    pub struct OwnRules {
        /// How it is named: `qj-qilin@2`.
        pub reference: String,
        pub pack: RulePack,
        pub version: u32,
        pub author: String,
        pub recorded_at: String,
        pub recorded_by: String,
    }

    /// From which day a version judges.
    pub struct RuleAdoption {
        pub reference: String,
        pub bureau: String,
        pub version: u32,
        /// `2026-01-01`.
        pub from: String,
        pub at: String,
        pub by: String,
        /// Judges what is recorded today.
        pub in_force: bool,
    }

    /// The unit's own rules, and which judge from when.
    pub struct RuleTimeline {
        pub own: Vec<OwnRules>,
        /// In the order of their first days.
        pub adoptions: Vec<RuleAdoption>,
    }

    /// A rule file to be looked at. `beside` names a pack to lay beside it.
    pub struct CheckRules {
        pub text: String,
        pub beside: Option<String>,
    }

    /// What a rule file says, or why it is refused.
    pub struct RuleCheck {
        /// Line and reason in words; `None` where it is accepted.
        pub refused: Option<String>,
        /// Counted from 1.
        pub line: Option<u32>,
        pub detail: Option<RulePackDetail>,
        pub comparison: Option<RuleComparison>,
    }

    pub struct AdoptRules {
        pub text: String,
        /// `2026-01-01`.
        pub from: String,
    }

    /// The working-day calendar in force.
    pub struct CalendarView {
        /// Id and version: `cn 2026-1`.
        pub edition: String,
        pub name: String,
        /// First and last year with an entry.
        pub first_year: i32,
        pub last_year: i32,
        /// `None`: the built-in one.
        pub imported_at: Option<String>,
        pub imported_by: Option<String>,
    }

    pub struct ImportCalendar {
        /// The whole file.
        pub text: String,
    }

    pub struct CalendarImported {
        pub calendar: CalendarView,
        /// Days that the calendar before judged differently.
        pub days: Vec<TurnedDay>,
        /// Deadlines that it moved.
        pub moved: Vec<MovedDeadline>,
    }

    pub struct TurnedDay {
        pub day: String,
        pub worked: bool,
    }

    pub struct MovedDeadline {
        /// As in `DueView`.
        pub what: String,
        pub subject: String,
        pub before: String,
        pub after: String,
    }
}
