//! Values of every kind of paper: an ordinary one from `values/<kind>.json`, and how to change one thing in it.

use crate::sample::{at, clip, digest};
use forms::{Answer, Basis, Check, Grid, GridColumn, Key, Mark, PaperValues, Place};
use model::StationZone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Returns an ordinary paper of the kind, such as an office makes.
pub fn ordinary(kind: &str) -> PaperValues {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/papers/values/{kind}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{kind} has no values: {error}"));
    let tree: Value = serde_json::from_str(&text).unwrap();
    let prefix = &forms::kind(kind).unwrap().prefix;
    PaperValues {
        kind: kind.to_owned(),
        title: None,
        unit: "曲靖市麒麟区文化和旅游局".into(),
        mark: Some(Mark { number: format!("{prefix}〔2026〕12号"), record: digest(kind.len() as u64) }),
        made_at: at("2026-11-21T08:05:00Z"),
        made_by: "赵堃".into(),
        zone: StationZone::beijing(),
        basis: map(&tree["basis"], |pair| Basis { title: text_of(&pair[0]), article: text_of(&pair[1]) }),
        fields: named(&tree["fields"], text_of),
        lists: named(&tree["lists"], |rows| map(rows, |row| named(row, text_of))),
        grids: named(&tree["grids"], grid),
        clips: named(&tree["clips"], |count| (0..count.as_u64().unwrap()).map(clip).collect()),
        checks: named(&tree["checks"], |lines| map(lines, check)),
        signers: named(&tree["signers"], |names| map(names, text_of)),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn map<T>(values: &Value, each: impl Fn(&Value) -> T) -> Vec<T> {
    values.as_array().into_iter().flatten().map(each).collect()
}

fn named<T>(values: &Value, each: impl Fn(&Value) -> T) -> BTreeMap<String, T> {
    values.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), each(value))).collect()
}

fn grid(value: &Value) -> Grid {
    let column = |column: &Value| GridColumn {
        name: text_of(&column[0]),
        weight: column[1].as_u64().unwrap().try_into().unwrap(),
        shown: column[2].as_bool().unwrap(),
    };
    Grid { columns: map(&value["columns"], column), rows: map(&value["rows"], |row| map(row, text_of)) }
}

fn check(value: &Value) -> Check {
    let answer = match value[1].as_str().unwrap() {
        "yes" => Answer::Yes,
        "no" => Answer::No,
        "not_applicable" => Answer::NotApplicable,
        "open" => Answer::Open,
        other => panic!("{other} is no answer"),
    };
    Check { item: text_of(&value[0]), answer, timecode: text_of(&value[2]), note: text_of(&value[3]) }
}

/// Puts a text where the key is printed, and says whether there is such a place: a table as a whole, and a choice,
/// take no text.
pub fn put(values: &mut PaperValues, key: &Key<'_>, text: &str) -> bool {
    let (whole, column) = key.key.split_once('.').map_or((key.key.as_str(), None), |(a, b)| (a, Some(b)));
    match (key.place, column) {
        (Place::Fields, _) if key.choices.is_empty() => {
            values.fields.insert(key.key.clone(), text.to_owned());
        }
        (Place::Lists, Some(column)) => {
            let rows = values.lists.get_mut(whole).unwrap();
            rows[0].insert(column.to_owned(), text.to_owned());
        }
        (Place::Grids, _) => values.grids.get_mut(whole).unwrap().rows[0][1] = text.to_owned(),
        (Place::Clips, _) if values.clips.contains_key(whole) => {
            values.clips.get_mut(whole).unwrap()[0].original_name = text.to_owned();
        }
        (Place::Checks, None) => values.checks.get_mut(whole).unwrap()[0].note = text.to_owned(),
        (Place::Signers, _) => {
            values.signers.insert(key.key.clone(), vec![text.to_owned()]);
        }
        (Place::Basis, _) => values.basis = vec![Basis { title: text.to_owned(), article: "第一条".into() }],
        _ => return false,
    }
    true
}

/// Takes away what the key names.
pub fn take(values: &mut PaperValues, key: &Key<'_>) {
    let (whole, column) = key.key.split_once('.').map_or((key.key.as_str(), None), |(a, b)| (a, Some(b)));
    match (key.place, column) {
        (Place::Fields, _) => drop(values.fields.remove(whole)),
        (Place::Lists, None) => drop(values.lists.remove(whole)),
        (Place::Lists, Some(column)) => drop(values.lists.get_mut(whole).unwrap()[0].remove(column)),
        (Place::Grids, _) => drop(values.grids.remove(whole)),
        (Place::Clips, _) => drop(values.clips.remove(whole)),
        (Place::Checks, _) => drop(values.checks.remove(whole)),
        (Place::Signers, _) => drop(values.signers.remove(whole)),
        (Place::Basis, _) => values.basis.clear(),
    }
}
