//! The words of the papers, read once from `assets/wording/forms.json`.

use model::Level;
use serde::Deserialize;
use std::sync::LazyLock;

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../assets/wording/forms.json"))
        .expect("the wording is part of the build, and a test reads it")
});

/// Returns the words of all papers.
pub(crate) fn wording() -> &'static Wording {
    &WORDING
}

/// Returns the template with every `{name}` replaced by its value. Values are not searched again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let named = after.split_once('}').and_then(|(name, after)| {
            let value = values.iter().find(|(known, _)| *known == name)?.1;
            Some((value, after))
        });
        match named {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    pub common: Common,
    pub statement: StatementWords,
    pub file_list: FileListWords,
    pub paper: PaperWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Common {
    pub foot: String,
    pub none: String,
    pub unknown: String,
    pub continued: String,
    pub beijing_time: String,
    pub duration_hours: String,
    pub duration_minutes: String,
    pub duration_seconds: String,
    pub duration_below_second: String,
    pub bytes: String,
    pub recorded_from: String,
    pub recorded_to: String,
    pub sha256: String,
    pub sm3: String,
    pub playable: String,
    pub unplayable: String,
    pub signature: String,
    pub signature_unnamed: String,
    pub signature_date: String,
    pub seal: String,
    pub levels: Levels,
    pub standing: StandingWords,
    pub clock: ClockWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Levels {
    #[serde(rename = "V1")]
    v1: String,
    #[serde(rename = "V2-cached")]
    v2_cached: String,
    #[serde(rename = "V2")]
    v2: String,
    #[serde(rename = "V3-cached")]
    v3_cached: String,
    #[serde(rename = "V3")]
    v3: String,
}

/// What is said of a clip that is not simply verified.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingWords {
    pub damaged: String,
    pub suspect: String,
    pub mismatch: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockWords {
    pub fast: String,
    pub slow: String,
    pub exact: String,
    pub bound: String,
    pub at_least: String,
    pub entered: String,
    pub newest_file: String,
    pub unknown: String,
}

impl Levels {
    /// Returns the words for how far a clip was checked.
    pub fn of(&self, level: Level) -> &str {
        match level {
            Level::V1 => &self.v1,
            Level::V2Cached => &self.v2_cached,
            Level::V2 => &self.v2,
            Level::V3Cached => &self.v3_cached,
            Level::V3 => &self.v3,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementWords {
    pub title: String,
    pub number: String,
    pub number_revised: String,
    pub section_evidence: String,
    pub section_clips: String,
    pub section_check: String,
    pub case_number: String,
    pub cause: String,
    pub party: String,
    pub officers: String,
    pub officer: String,
    pub taken: String,
    pub taken_span: String,
    pub place: String,
    pub method: String,
    pub maker: String,
    pub clock: String,
    pub made_at: String,
    pub purpose: String,
    pub carrier: String,
    pub emphasis: String,
    pub transcript: String,
    pub issued_by: String,
    pub issued_at: String,
    pub clips_summary: String,
    pub clip_columns: [String; 5],
    pub check: String,
    pub root: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileListWords {
    pub title: String,
    pub number: String,
    pub case_number: String,
    pub cause: String,
    pub party: String,
    pub department: String,
    pub package_number: String,
    pub total: String,
    pub total_value: String,
    pub made_by: String,
    pub made_at: String,
    pub note: String,
    pub columns: [String; 6],
    pub closing: String,
    pub signer_maker: String,
    pub signer_checker: String,
    pub signer_receiver: String,
}

/// Words that all papers from templates share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaperWords {
    pub foot_left: String,
    pub foot_right: String,
    pub preview: String,
    pub basis: String,
    pub entry_signature: String,
    pub choice_open: String,
    pub choice_between: String,
    pub rows_closed: String,
    pub check_columns: CheckColumns,
    pub answers: Answers,
    pub answers_legend: String,
    pub code: String,
    pub record: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckColumns {
    pub answer: String,
    pub timecode: String,
    pub note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    pub yes: String,
    pub no: String,
    pub not_applicable: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_word_is_there_and_none_is_empty() {
        let text = include_str!("../../../../assets/wording/forms.json");
        serde_json::from_str::<Wording>(text).expect("missing and unknown keys are both refused");
        let tree: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut left = vec![&tree];
        while let Some(value) = left.pop() {
            match value {
                serde_json::Value::String(word) => {
                    assert!(!word.trim_matches(' ').is_empty(), "an empty word prints nothing")
                }
                serde_json::Value::Array(values) => left.extend(values),
                serde_json::Value::Object(values) => left.extend(values.values()),
                other => panic!("{other} is no word"),
            }
        }
    }

    #[test]
    fn templates_take_values_as_they_are() {
        for (template, expected) in [("{name}（{no}）", "李娜{no}（36）"), ("{n} {other} {", "{n} {other} {"), ("", "")]
        {
            let filled = fill(template, &[("name", "李娜{no}"), ("no", "36")]);
            assert_eq!(filled, expected, "{template:?}; a value with braces is not filled in turn");
        }
    }
}
