//! Words that prefilled papers say: `assets/wording/papers.json`, and the limits' names in `rules.json`.

use model::Mark;
use rules::Limit;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub years: String,
    pub due: String,
    pub period: String,
    pub clip_named: String,
    pub clip_run: String,
    pub clip_one: String,
    pub person: String,
    pub session_named: String,
    pub job_named: String,
    pub store: String,
    pub store_twice: String,
    pub handover_method: String,
    pub left_nothing: String,
    pub left_refused: String,
    pub found_while_storing: String,
    pub found_while_rereading: String,
    pub found_while_checking: String,
    pub spoken: String,
    pub spoken_at: String,
    pub not_spoken: String,
    pub marked: String,
    pub symptom_damaged: String,
    pub symptom_suspect: String,
    pub symptom_mismatch: String,
    pub handling_damaged: String,
    pub handling_kept: String,
    pub register_row_approver: String,
    pub register_row_applicant: String,
    pub register_row_scope: String,
    pub checklist_first: String,
    pub checklist_version: String,
    pub device_count: String,
    pub check_fit: String,
    pub check_unfit: String,
    pub check_none: String,
    pub returned_sound: String,
    pub returned_flawed: String,
    pub percent: String,
    pub device_unkept_note: String,
    pub review_items: Vec<String>,
    pub review_sample: String,
    pub statistics_scope: String,
    pub statistics_grouped_by: String,
    pub statistics_officer: String,
    pub statistics_cause: String,
    pub statistics_unsigned: String,
    pub statistics_total: String,
    pub statistics_definitions: String,
    pub destruction_reason: String,
    pub proportion: String,
}

/// What of the rules' wording is needed here.
#[derive(Deserialize)]
struct RuleWords {
    values: BTreeMap<String, String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/papers.json"))
        .expect("the wording is read by a test")
});

static RULE_WORDS: LazyLock<RuleWords> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/rules.json"))
        .expect("the wording is read by a test")
});

#[derive(Deserialize)]
struct StateWord {
    word: String,
}

static STATES: LazyLock<BTreeMap<String, BTreeMap<String, StateWord>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/states.json"))
        .expect("the wording is read by a test")
});

/// Returns a state of a group in words.
pub(super) fn state(group: &str, code: &str) -> &'static str {
    STATES.get(group).and_then(|words| words.get(code)).map_or("", |state| &state.word)
}

/// What of the wording of marks is needed here.
#[derive(Deserialize)]
struct MarkWords {
    marks: BTreeMap<String, StateWord>,
}

static MARK_WORDS: LazyLock<MarkWords> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/readiness.json"))
        .expect("the wording is read by a test")
});

/// Returns what a mark is called.
pub(super) fn mark_word(mark: Mark) -> &'static str {
    MARK_WORDS.marks.get(mark.code()).map_or("", |mark| &mark.word)
}

pub(super) fn words() -> &'static Words {
    &WORDS
}

/// Returns the template with its placeholders filled.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Returns a limit as people say it.
pub(super) fn limit(limit: Limit) -> String {
    let word = match limit {
        Limit::Hours(_) => "hours",
        Limit::WorkingDays(_) => "working_days",
    };
    let template = RULE_WORDS.values.get(word).map_or("", String::as_str);
    fill(template, &[("n", &limit.count().to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wording_is_read_and_limits_have_names() {
        assert_eq!(words().review_items.len(), 5, "papers.json has every word");
        let said = [limit(Limit::Hours(24)), limit(Limit::WorkingDays(7))];
        assert_eq!(said, ["24小时", "7个工作日"], "as the rules page says them");
        assert_eq!(state("recorder_state", "out"), "领用中", "as the window says it");
        assert!(Mark::ALL.iter().all(|mark| !mark_word(*mark).is_empty()), "and marks");
        assert_eq!(fill("{a}和{b}", &[("a", "甲"), ("b", "乙")]), "甲和乙", "placeholders are filled");
    }
}
