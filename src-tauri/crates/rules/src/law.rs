//! What the law asks of every bureau: `assets/rules/law.toml`.

use serde::Deserialize;
use std::sync::LazyLock;

/// What the law asks, whatever a bureau's own regulation says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    pub officers: Officers,
}

/// How many officers act together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officers {
    pub least: u32,
    pub article: String,
}

static LAW: LazyLock<Law> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../assets/rules/law.toml")).expect("a test reads this very file")
});

/// Returns what the law asks.
pub fn law() -> &'static Law {
    &LAW
}
