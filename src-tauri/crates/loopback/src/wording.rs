//! The few Chinese words of the server itself, from `assets/wording/serve.json`.

use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    pub title: String,
    pub unbuilt_what: String,
    pub unbuilt_effect: String,
    pub unbuilt_action: String,
    pub refused: String,
    pub not_found: String,
    pub failed: String,
}

/// Returns the words; they are part of the program.
pub(crate) fn wording() -> &'static Wording {
    static WORDING: OnceLock<Wording> = OnceLock::new();
    WORDING.get_or_init(|| {
        serde_json::from_str(include_str!("../../../../assets/wording/serve.json"))
            .expect("every test of this room reads this very file")
    })
}
