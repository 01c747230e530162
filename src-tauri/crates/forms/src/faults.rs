//! What can be wrong with a template. Templates are part of the build: a fault is found by a test, not by an office.

use crate::template::{Empty, Entry, Kind, Part, Place};
use std::collections::BTreeSet;

type Found = Result<(), String>;

fn must(right: bool, fault: impl FnOnce() -> String) -> Found {
    if right { Ok(()) } else { Err(fault()) }
}

/// Says what is wrong with the template, in English for whoever wrote it.
pub(crate) fn check(kind: &Kind) -> Found {
    must(is_snake(&kind.code), || "the code is not in snake_case".to_owned())?;
    let says = |word: &str| !word.trim().is_empty();
    must(says(&kind.title) && says(&kind.prefix), || "title and prefix must say something".to_owned())?;
    let mut known = BTreeSet::new();
    for key in kind.keys() {
        let well = key.key.split('.').all(is_snake) && says(key.label);
        must(well, || format!("{:?} is no key with a label", key.key))?;
        let signs = key.place == Place::Signers;
        must(known.insert((signs, key.key.clone())), || format!("{} stands there twice", key.key))?;
    }
    for (at, part) in kind.parts.iter().enumerate() {
        if let Part::Heading(words) = part {
            let below = kind.parts.get(at + 1);
            let stands = below.is_some_and(|below| !matches!(below, Part::Heading(_) | Part::Text(_)));
            must(stands, || format!("the heading {words} stands over nothing"))?;
        }
        check_part(kind, part)?;
    }
    must(kind.signatures.roles.iter().any(|role| role.lines > 0), || "nobody signs".to_owned())
}

fn is_snake(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn check_part(kind: &Kind, part: &Part) -> Found {
    match part {
        Part::Heading(_) | Part::Basis { .. } => Ok(()),
        Part::Fields(rows) => rows.iter().try_for_each(|row| {
            let signed = row.iter().any(|entry| entry.signer.is_some());
            let fits = row.len() == 1 || (row.len() == 2 && !signed);
            must(fits, || "a row has one field, or two that nobody signs".to_owned())?;
            row.iter().try_for_each(|entry| check_entry(kind, entry))
        }),
        Part::Text(entry) => {
            let plain = entry.signer.is_none() && entry.choices.is_empty();
            must(plain, || format!("{} is a text: neither signed nor a choice", entry.key))?;
            check_entry(kind, entry)
        }
        Part::Say(words) => check_words(kind, words),
        Part::Note(words) => must(!words.contains(['{', '}']), || "a note has no values".to_owned()),
        Part::List(list) => {
            let columns = &list.columns;
            let set = !columns.is_empty() && columns.iter().all(|c| c.weight > 0 && c.empty != Empty::Omitted);
            must(set && list.empty != Empty::Blank, || format!("the columns of {} cannot be set", list.key))
        }
        Part::Grid(grid) => must(grid.empty == Empty::Refused, || format!("{} has no columns of its own", grid.key)),
        Part::Clips(clips) => must(clips.empty != Empty::Blank, || format!("{} cannot be written by hand", clips.key)),
        Part::Checks(checks) => {
            let whole = matches!(checks.empty, Empty::Refused | Empty::Omitted);
            must(whole, || format!("{} is answered or left out", checks.key))
        }
    }
}

fn check_entry(kind: &Kind, entry: &Entry) -> Found {
    must(entry.lines > 0, || format!("{} has no line", entry.key))?;
    let Some(condition) = &entry.needed_when else { return Ok(()) };
    let asked = kind.entries().find(|other| other.key == condition.field);
    let known = asked.is_some_and(|asked| {
        let has = |code: &String| asked.choices.iter().any(|(known, _)| known == code);
        !condition.is.is_empty() && condition.is.iter().all(has)
    });
    must(known && entry.empty != Empty::Refused, || format!("{} is needed when nothing says so", entry.key))
}

/// Words may name only what is sure to be there.
fn check_words(kind: &Kind, words: &str) -> Found {
    let sure = |name: &str| kind.entries().any(|entry| entry.key == name && entry.empty == Empty::Refused);
    words.split('{').skip(1).try_for_each(|rest| {
        let named = rest.split_once('}').is_some_and(|(name, _)| sure(name));
        must(named, || format!("the words name {{{rest:?}, which may be empty"))
    })
}

#[cfg(test)]
mod tests {
    use crate::template::Kind;

    /// A template with this among its parts.
    fn check(part: &str, fault: Option<&str>) {
        let entries = r#"[{"key": "sure", "label": "甲"}], [{"key": "way", "label": "乙", "choices": [["a", "子"]]}]"#;
        let parts = format!(r#"[{{"fields": [{entries}]}}{part}]"#);
        let signatures = r#"{"roles": [{"key": "signer", "label": "人"}], "seal": false}"#;
        let text = format!(
            r#"{{"code": "k", "title": "题", "prefix": "号", "page": "portrait", "parts": {parts},
                "signatures": {signatures}}}"#
        );
        let found = Kind::read(&text).err();
        match fault {
            None => assert!(found.is_none(), "{part} is sound: {found:?}"),
            Some(fault) => assert!(
                found.as_ref().is_some_and(|found| found.contains(fault)),
                "{part} is refused for {fault:?}: {found:?}"
            ),
        }
    }

    #[test]
    fn a_faulty_template_is_refused() {
        let list = |columns: &str| format!(r#", {{"list": {{"key": "l", "label": "丙", "columns": [{columns}]}}}}"#);
        let column = r#"{"key": "c", "label": "丁", "weight": 1}"#;
        check("", None);
        check(&list(column), None);
        check(&list(""), Some("cannot be set"));
        check(&list(&format!("{column}, {column}")), Some("l.c stands there twice"));
        check(&list(&column.replace(": 1", ": 0")), Some("cannot be set"));
        check(&list(&column.replace("丁", " ")), Some("no key with a label"));
        for (part, fault) in [
            (r#", {"say": "{sure}和{way}"}"#, None),
            (r#", {"say": "{other}"}"#, Some("may be empty")),
            (r#", {"say": "{sure"}"#, Some("may be empty")),
            (r#", {"note": "{sure}"}"#, Some("no values")),
            (r#", {"heading": "一"}"#, Some("over nothing")),
            (r#", {"heading": "一"}, {"note": "注"}"#, None),
            (r#", {"text": {"key": "sure", "label": "丙"}}"#, Some("twice")),
            (r#", {"text": {"key": "No", "label": "丙"}}"#, Some("no key")),
            (r#", {"text": {"key": "t", "label": "丙", "lines": 0}}"#, Some("no line")),
            (r#", {"text": {"key": "t", "label": "丙", "signer": "丁"}}"#, Some("neither signed")),
            (r#", {"text": {"key": "t", "label": "丙", "colour": "红"}}"#, Some("unknown field")),
            (r#", {"fields": [[]]}"#, Some("one field")),
            (
                r#", {"text": {"key": "t", "label": "丙", "empty": "none", "needed_when": {"field": "way", "is": ["a"]}}}"#,
                None,
            ),
            (
                r#", {"text": {"key": "t", "label": "丙", "empty": "none", "needed_when": {"field": "way", "is": ["b"]}}}"#,
                Some("nothing says so"),
            ),
            (r#", {"grid": {"key": "g", "label": "丙", "empty": "blank"}}"#, Some("no columns")),
            (r#", {"clips": {"key": "g", "label": "丙", "empty": "blank"}}"#, Some("by hand")),
            (r#", {"checks": {"key": "g", "label": "丙", "empty": "none"}}"#, Some("answered or left out")),
        ] {
            check(part, fault);
        }
    }
}
