//! Everything a person reads: `assets/wording/cli.json` and the files of codes that window and papers share.

use model::{AlarmKind, ErrorCode, Field, ProblemCode};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Sentences by name; a test asks for every name that the code uses.
pub type Sentences = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub help: HelpWords,
    /// What was wrong with the command itself.
    pub usage: Sentences,
    /// By the words behind `evidock`.
    pub commands: BTreeMap<String, CommandWords>,
    /// By argument, or by `command.argument` where one word has two meanings.
    pub arguments: BTreeMap<String, ArgumentWords>,
    /// What to do, by error code, where the window's advice does not help at a terminal.
    pub actions: Sentences,
    pub refusal: Sentences,
    /// What the station calls a field it refuses.
    pub fields: Sentences,
    pub say: Sentences,
    pub tables: Tables,
    pub labels: Sentences,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpWords {
    pub usage: String,
    pub commands: String,
    pub options: String,
    pub common: String,
    pub arguments: String,
    pub examples: String,
    pub options_place: String,
    pub command_place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandWords {
    pub about: String,
    #[serde(default)]
    pub more: Vec<String>,
    #[serde(default)]
    pub examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentWords {
    pub value: Option<String>,
    pub help: String,
}

/// Headings; their number is the number of columns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    pub packs: [String; 4],
    pub rules: [String; 3],
    pub drives: [String; 8],
    pub clips: [String; 8],
    pub met: [String; 6],
    pub problems: [String; 4],
    pub history: [String; 5],
    pub sightings: [String; 3],
    pub cases: [String; 8],
    pub sessions: [String; 8],
    pub gaps: [String; 3],
    pub missing: [String; 3],
    pub fields: [String; 3],
    pub statements: [String; 5],
    pub packages: [String; 6],
    pub people: [String; 5],
    pub recorders: [String; 4],
    pub backups: [String; 5],
    pub alarms: [String; 5],
    pub papers: [String; 6],
    pub checklist_rows: [String; 4],
    pub devices: [String; 8],
    pub trips: [String; 7],
    pub due: [String; 5],
    pub adoptions: [String; 5],
    pub moved: [String; 4],
}

/// What happened, what it affects, what to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    pub what: String,
    pub effect: String,
    pub action: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldWords {
    pub name: String,
    pub rule: String,
    pub article: String,
}

#[derive(Deserialize)]
struct StateWords {
    word: String,
}

/// The part of `readiness.json` that is said at a terminal.
#[derive(Deserialize)]
struct ReadinessWords {
    lights: BTreeMap<String, StateWords>,
    wants: Sentences,
}

macro_rules! wording {
    ($file:literal) => {
        serde_json::from_str(include_str!(concat!("../../../../assets/wording/", $file)))
            .expect("a test reads this very file")
    };
}

static WORDS: LazyLock<Words> = LazyLock::new(|| wording!("cli.json"));
static ERRORS: LazyLock<BTreeMap<String, Explained>> = LazyLock::new(|| wording!("errors.json"));
static PROBLEMS: LazyLock<BTreeMap<String, Explained>> = LazyLock::new(|| wording!("problems.json"));
static FIELDS: LazyLock<BTreeMap<String, FieldWords>> = LazyLock::new(|| wording!("fields.json"));
static ALARMS: LazyLock<BTreeMap<String, Explained>> = LazyLock::new(|| wording!("alarms.json"));
static EVENTS: LazyLock<Sentences> = LazyLock::new(|| wording!("events.json"));
static READINESS: LazyLock<ReadinessWords> = LazyLock::new(|| wording!("readiness.json"));
static STATES: LazyLock<BTreeMap<String, BTreeMap<String, StateWords>>> = LazyLock::new(|| wording!("states.json"));

/// Returns the words of the command line.
pub fn words() -> &'static Words {
    &WORDS
}

/// Returns a light in words.
pub fn light(light: rules::Light) -> &'static str {
    READINESS.lights.get(light.code()).map_or("", |words| &words.word)
}

/// Returns what is wanted in words.
pub fn want(want: rules::Want) -> &'static str {
    READINESS.wants.get(want.code()).map_or("", String::as_str)
}

/// Returns a sentence with its places filled.
pub fn say(name: &str, values: &[(&str, &str)]) -> String {
    fill(named(&words().say, name), values)
}

/// Returns a line of a refusal with its places filled.
pub fn refusal(name: &str, values: &[(&str, &str)]) -> String {
    fill(named(&words().refusal, name), values)
}

/// Returns what was wrong with a command, its places filled.
pub fn usage(name: &str, values: &[(&str, &str)]) -> String {
    fill(named(&words().usage, name), values)
}

/// Returns the label of a fact.
pub fn label(name: &str) -> &'static str {
    named(&words().labels, name)
}

fn named(sentences: &'static Sentences, name: &str) -> &'static str {
    sentences.get(name).map_or_else(|| panic!("cli.json has no {name:?}; a test asks for every name"), String::as_str)
}

/// Returns what is to be said of an error: its effect as everywhere, its remedy as it is at a terminal.
pub fn explain_error(code: ErrorCode, params: &BTreeMap<String, String>) -> Explained {
    let known = &ERRORS[code.code()];
    let mut values = params.clone();
    for name in ["field", "missing"] {
        if let Some(codes) = values.get_mut(name) {
            *codes = codes.split(',').map(field_name).collect::<Vec<_>>().join("、");
        }
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let action = words().actions.get(code.code()).unwrap_or(&known.action);
    Explained { what: fill(&known.what, &values), effect: fill(&known.effect, &values), action: fill(action, &values) }
}

/// Returns what is to be said of a problem.
pub fn explain_problem(code: ProblemCode) -> &'static Explained {
    &PROBLEMS[code.code()]
}

/// Returns what is to be said of an alarm.
pub fn explain_alarm(kind: AlarmKind) -> &'static Explained {
    &ALARMS[kind.code()]
}

/// Returns name, rule and article of a statement's field.
pub fn field(field: Field) -> &'static FieldWords {
    &FIELDS[field.code()]
}

/// Returns the name of a field; an unknown one stands for itself.
pub fn field_name(code: &str) -> &str {
    let known = FIELDS.get(code).map(|field| field.name.as_str());
    words().fields.get(code).map(String::as_str).or(known).unwrap_or(code)
}

/// Returns the words of a ledger event; an unknown kind stands for itself.
pub fn event(kind: &str) -> &str {
    EVENTS.get(kind).map_or(kind, String::as_str)
}

/// Returns the word of a state such as `job_state` `done`; an unknown one stands for itself.
pub fn state<'a>(group: &str, code: &'a str) -> &'a str {
    STATES.get(group).and_then(|states| states.get(code)).map_or(code, |state| state.word.as_str())
}

/// Fills `{name}`; a place that stays empty goes, with the parentheses around it. Values are not searched again.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            filled.extend([before, "{"]);
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        match (before.strip_suffix('（'), behind.strip_prefix('）')) {
            (Some(before), Some(behind)) if value.is_empty() => {
                filled.push_str(before);
                rest = behind;
            }
            _ => {
                filled.extend([before, value]);
                rest = behind;
            }
        }
    }
    filled + rest
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_or_go() {
        for (template, expected) in [
            ("没有找到（{what}）。", "没有找到（甲）。"),
            ("打不开（{path}）。", "打不开。"),
            ("{path}：{what}", "：甲"),
            ("{\"error\": {what}}", "{\"error\": 甲}"),
            ("{what", "{what"),
        ] {
            assert_eq!(fill(template, &[("what", "甲")]), expected, "of {template:?}");
        }
        assert_eq!(fill("{a}{b}", &[("a", "{b}"), ("b", "乙")]), "{b}乙", "a value is not searched again");
    }

    #[test]
    fn every_code_has_its_words() {
        for code in ErrorCode::ALL {
            let said = explain_error(*code, &BTreeMap::new());
            let lines = [said.what, said.effect, said.action];
            assert!(lines.iter().all(|line| !line.is_empty() && !line.contains('{')), "{code}: {lines:?}");
        }
        for code in ProblemCode::ALL {
            assert!(!explain_problem(*code).what.is_empty(), "{code}");
        }
        for kind in AlarmKind::ALL {
            assert!(!explain_alarm(*kind).action.is_empty(), "{kind} says what to do");
        }
        for one in Field::ALL {
            assert!(!field(one).article.is_empty(), "{} names its article", one.code());
        }
        for one in rules::Want::ALL {
            assert!(!want(*one).is_empty(), "{} has words", one.code());
        }
        for one in [rules::Light::Green, rules::Light::Amber, rules::Light::Red] {
            assert!(!light(one).is_empty(), "{} has words", one.code());
        }
        let unknown = words().actions.keys().find(|code| ErrorCode::from_code(code).is_none());
        assert_eq!(unknown, None, "advice stands under codes that exist");
        assert_eq!((state("job_state", "done"), event("case.recorded")), ("已完成", "登记案件"));
    }

    /// Reads the names out of the sources, so that no name is asked for that is not there, and none is left over.
    #[test]
    fn the_sentences_are_exactly_those_that_the_code_says() {
        let sources = [
            include_str!("arguments.rs"),
            include_str!("context.rs"),
            include_str!("documents.rs"),
            include_str!("follow.rs"),
            include_str!("help.rs"),
            include_str!("main.rs"),
            include_str!("output.rs"),
            include_str!("refusal.rs"),
            include_str!("render.rs"),
            include_str!("commands/alarms.rs"),
            include_str!("commands/archive.rs"),
            include_str!("commands/cases.rs"),
            include_str!("commands/checklist.rs"),
            include_str!("commands/exports.rs"),
            include_str!("commands/clips.rs"),
            include_str!("commands/clock.rs"),
            include_str!("commands/copies.rs"),
            include_str!("commands/devices.rs"),
            include_str!("commands/docking.rs"),
            include_str!("commands/papers.rs"),
            include_str!("commands/due.rs"),
            include_str!("commands/own_rules.rs"),
            include_str!("commands/people.rs"),
            include_str!("commands/rules.rs"),
            include_str!("commands/scrub.rs"),
            include_str!("commands/serve.rs"),
            include_str!("commands/sessions.rs"),
            include_str!("commands/statements.rs"),
            include_str!("commands/vault.rs"),
        ]
        .join("\n");
        let lists = [
            ("say", &words().say),
            ("refusal", &words().refusal),
            ("usage", &words().usage),
            ("label", &words().labels),
        ];
        for (function, sentences) in lists {
            for name in asked(&sources, function) {
                assert!(sentences.contains_key(&name), "{function}({name:?}) has no words in cli.json");
            }
            for name in sentences.keys() {
                assert!(sources.contains(&format!("\"{name}\"")), "nobody says {name:?} of {function}");
            }
        }
    }

    fn asked(sources: &str, function: &str) -> Vec<String> {
        let call = format!("{function}(\"");
        let calls = sources
            .match_indices(&call)
            .filter(|(at, _)| !sources[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        calls.filter_map(|(at, _)| sources[at + call.len()..].split('"').next().map(str::to_owned)).collect()
    }
}
