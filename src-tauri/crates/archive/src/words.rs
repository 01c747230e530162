//! The words of page, table and instructions, read once from `assets/wording/package.json`.

use serde::Deserialize;
use std::sync::LazyLock;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../assets/wording/package.json"))
        .expect("the wording is part of the build, and a test reads it")
});

/// Returns the words of a package.
pub(crate) fn words() -> &'static Words {
    &WORDS
}

/// Returns the template with every `{name}` replaced by its value. Values are not searched again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part
            .split_once('}')
            .and_then(|(name, rest)| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, rest)));
        match known {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["{", part]),
        }
    }
    filled
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) table: TableWords,
    pub(crate) page: PageWords,
    /// Lines of `VERIFY.txt`.
    pub(crate) instructions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableWords {
    pub(crate) columns: [String; 14],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageWords {
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) section_case: String,
    pub(crate) package_number: String,
    pub(crate) unit: String,
    pub(crate) case_number: String,
    pub(crate) cause: String,
    pub(crate) party: String,
    pub(crate) department: String,
    pub(crate) made_at: String,
    pub(crate) made_by: String,
    pub(crate) contents: String,
    pub(crate) contents_value: String,
    pub(crate) lists: String,
    pub(crate) list_paper: String,
    pub(crate) list_table: String,
    pub(crate) list_instructions: String,
    pub(crate) zone: String,
    pub(crate) recorder: String,
    pub(crate) span: String,
    pub(crate) span_value: String,
    pub(crate) unknown: String,
    pub(crate) none: String,
    pub(crate) statement: String,
    pub(crate) statement_value: String,
    pub(crate) statement_open: String,
    pub(crate) statement_list: String,
    pub(crate) officers: String,
    pub(crate) taken: String,
    pub(crate) place: String,
    pub(crate) root: String,
    pub(crate) clip: String,
    pub(crate) original_name: String,
    pub(crate) open: String,
    pub(crate) duration: String,
    pub(crate) size: String,
    pub(crate) size_value: String,
    pub(crate) level: String,
    pub(crate) unplayable: String,
    pub(crate) play_hint: String,
    pub(crate) section_verify: String,
    pub(crate) verify: Vec<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_wording_is_complete() {
        serde_json::from_str::<Words>(include_str!("../../../../assets/wording/package.json"))
            .expect("missing and unknown keys are both refused");
    }

    #[test]
    fn values_are_not_searched_again() {
        for (template, expected) in [("{a}-{b}", "{b}-2"), ("{c} {a", "{c} {a"), ("", "")] {
            assert_eq!(fill(template, &[("a", "{b}"), ("b", "2")]), expected, "template {template:?}");
        }
    }
}
