//! The few Chinese words of the shell itself, from `assets/wording/window.json`.

use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    pub title: String,
    pub close_question: String,
    pub close_consequence: String,
    pub close_stay: String,
    pub close_leave: String,
    pub usage: String,
    pub display_missing: String,
    pub argument_unknown: String,
    pub argument_empty: String,
    pub tray_open: String,
    pub tray_none: String,
    pub tray_due: String,
}

/// Returns the words; they are part of the program.
pub fn wording() -> &'static Wording {
    static WORDING: OnceLock<Wording> = OnceLock::new();
    WORDING.get_or_init(|| {
        serde_json::from_str(include_str!("../../assets/wording/window.json")).expect("a test reads this very file")
    })
}

#[cfg(test)]
mod tests {
    use super::wording;

    #[test]
    fn the_words_have_their_places_to_fill() {
        assert!(wording().close_question.contains("{count}"), "the question names how much is under way");
        assert!(wording().argument_unknown.contains("{word}"), "a refusal names the word");
        assert!(wording().argument_empty.contains("{word}"), "a refusal names the word");
        let config = include_str!("../tauri.conf.json");
        let title = format!("\"title\": \"{}\"", wording().title);
        assert!(config.contains(&title), "the window's first title is the same word");
    }
}
