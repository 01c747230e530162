//! Rules as data: what a bureau's regulation asks, each value with its article. Pure; no bureau's number stands in code.
//!
//! ```
//! let pack = rules::pack("gx-liulin").expect("built in");
//! assert_eq!(pack.dock.ask_unclassified.article.as_deref(), Some("第十七条第二款"));
//! ```

mod calendar;
mod check;
mod checklist;
mod clock;
mod day;
mod deadline;
mod due_list;
mod entries;
mod error;
mod inquiry;
mod law;
mod limit;
mod pack;
mod readiness;
mod retention;

pub use calendar::{Calendar, CalendarError, Day};
pub use checklist::{ChecklistStart, checklist_start};
pub use clock::{DayEnd, Due, Ending, Left, default_warnings, due, left, warnings};
pub use deadline::{Deadline, Reckoning, Start, Stored, archive_deadline, store_deadline, stored};
pub use due_list::{DueItem, DueKind, Fact, Matter, WarnLevel, due_list};
pub use entries::{Compared, Entry, EntryValue, compare};
pub use error::{RuleError, RuleFault};
pub use inquiry::{
    Answer, AnswerForm, Answers, Asked, Course, Question, SessionClip, asked, circumstances, facts, gap_id,
    unexplained_pauses,
};
pub use law::{Law, Officers, law};
pub use limit::Limit;
pub use pack::{
    AccessRules, Approval, ApprovedAct, ArchiveRules, AwayRules, BrowseRules, Carrier, Checklist, ContinuityRules,
    DamageRules, DestructionRules, DeviceRules, DockRules, EvidenceRules, InterruptionRules, Item, Kinds,
    ObstructionRules, PaperRule, Rule, RulePack, StatisticsRules, StoreRules, UnrecordedRules,
};
pub use readiness::{ClipFacts, GapFacts, Light, Missing, SessionFacts, Want, light, readiness};
pub use retention::{Applied, Circumstance, FileTerm, KeepFacts, KeepRule, Retention, Term, Until, retention};

use std::sync::LazyLock;

static BUILT_IN: LazyLock<Vec<RulePack>> = LazyLock::new(|| {
    macro_rules! pack {
        ($id:literal) => {
            RulePack::parse(concat!($id, ".toml"), include_str!(concat!("../../../../assets/rules/", $id, ".toml")))
                .expect("the built-in packs are read by a test")
        };
    }
    vec![pack!("qj-qilin"), pack!("gs-guangdian"), pack!("pds-minzong"), pack!("wenguanglv"), pack!("gx-liulin")]
});

/// Returns the built-in packs.
pub fn packs() -> &'static [RulePack] {
    &BUILT_IN
}

/// Returns a built-in pack.
pub fn pack(id: &str) -> Option<&'static RulePack> {
    packs().iter().find(|pack| pack.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn every_built_in_pack_is_read_and_has_its_own_id() {
        let mut ids: Vec<&str> = packs().iter().map(|pack| pack.id.as_str()).collect();
        assert_eq!(ids.len(), 5, "five regulations");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5, "no id twice");
        let cited = |pack: &RulePack| Some(pack.cite(pack.damage.as_ref()?.report_to.article.as_deref()?));
        let damage: Vec<String> = packs().iter().filter_map(cited).collect();
        assert_eq!(
            damage,
            ["柳林镇行政执法全过程记录制度 第十六条第三款"],
            "one regulation asks for a report of damage"
        );
        assert!(pack("qj-qilin").is_some_and(|p| p.valid_from == NaiveDate::from_ymd_opt(2019, 10, 1)));
    }
}
