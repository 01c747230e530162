//! Rules as data: what a bureau's regulation asks, each value with its article. Pure; no bureau's number stands in code.
//!
//! ```
//! let pack = rules::pack("gx-liulin").expect("built in");
//! assert_eq!(pack.dock.ask_unclassified.article.as_deref(), Some("第十七条"));
//! ```

use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::LazyLock;

/// Why a rule file is refused. The text names line and reason.
#[derive(Debug, thiserror::Error)]
#[error("the rule file {file} is refused")]
pub struct RuleError {
    pub file: String,
    #[source]
    pub source: toml::de::Error,
}

/// One bureau's rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    pub id: String,
    pub bureau: String,
    /// Title of the regulation.
    pub title: String,
    /// First day on which it judges; `None` where the text names none.
    #[serde(default, deserialize_with = "day")]
    pub valid_from: Option<NaiveDate>,
    pub dock: DockRules,
    /// What is asked when footage is found damaged on storing; `None` where the regulation asks nothing.
    #[serde(default)]
    pub damage: Option<DamageRules>,
}

/// What is asked of docking.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockRules {
    /// Ask before each intake whether the drive holds state secrets.
    pub ask_unclassified: Rule<bool>,
}

/// What is asked when footage is found damaged on storing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamageRules {
    /// Whom it is reported to.
    pub report_to: Rule<String>,
}

/// A value and the article that sets it; without one it is our own default.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule<T> {
    pub value: T,
    pub article: Option<String>,
}

fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(from)?;
    NaiveDate::parse_from_str(&text, "%Y-%m-%d").map(Some).map_err(serde::de::Error::custom)
}

impl RulePack {
    /// Returns an article of this regulation with its title, as papers and alarms cite it.
    pub fn cite(&self, article: &str) -> String {
        format!("{} {article}", self.title)
    }

    /// Reads a rule file.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleError> {
        toml::from_str(text).map_err(|source| RuleError { file: file.to_owned(), source })
    }
}

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
    use std::error::Error as _;

    #[test]
    fn every_built_in_pack_is_read_and_has_its_own_id() {
        let mut ids: Vec<&str> = packs().iter().map(|pack| pack.id.as_str()).collect();
        assert_eq!(ids.len(), 5, "five regulations");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5, "no id twice");
        let cited = |pack: &RulePack| Some(pack.cite(pack.damage.as_ref()?.report_to.article.as_deref()?));
        let damage: Vec<String> = packs().iter().filter_map(cited).collect();
        assert_eq!(damage, ["柳林镇行政执法全过程记录制度 第十六条"], "one regulation asks for a report of damage");
        assert!(pack("qj-qilin").is_some_and(|p| p.valid_from == NaiveDate::from_ymd_opt(2019, 10, 1)));
    }

    #[test]
    fn a_bad_pack_is_refused_with_line_and_reason() {
        let error = RulePack::parse("x.toml", "id = 'x'\nburo = 'y'\n").expect_err("an unknown key");
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(reason.contains("line 2") && reason.contains("buro"), "{reason}");
    }
}
