//! Whether values fill a paper: nothing it asks for is missing, and nothing is given that it has no place for.

use crate::FormError;
use crate::engine::CELL_WIDTH_MIN;
use crate::template::{BASIS, Checks, Empty, Entry, Kind, Part, Place};
use crate::values::{Grid, PaperValues};
use std::collections::BTreeSet;

/// The unit stands in every foot, five lines of it at most.
const UNIT_CHARS_MAX: usize = 100;
const NUMBER_CHARS_MAX: usize = 60;
/// Two lines of the head.
const TITLE_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 60;
/// A header must leave room for rows below it.
const COLUMN_NAME_CHARS_MAX: usize = 24;

/// Refuses values that do not fill the paper.
pub(crate) fn check(kind: &Kind, values: &PaperValues) -> Result<(), FormError> {
    let paper = kind.code.clone();
    if let Some(key) = unknown(kind, values) {
        return Err(FormError::UnknownKey { paper, key });
    }
    let mut keys = missing_of_all(values);
    for part in &kind.parts {
        keys.extend(missing(part, values));
    }
    if !keys.is_empty() {
        return Err(FormError::Missing { paper, keys });
    }
    for entry in kind.entries().filter(|entry| !entry.choices.is_empty()) {
        let value = text(values, &entry.key);
        if !value.is_empty() && entry.choices.iter().all(|(code, _)| code != value) {
            return Err(FormError::NoChoice { paper, key: entry.key.clone(), value: value.to_owned() });
        }
    }
    check_lengths(kind, values)?;
    values.grids.iter().try_for_each(|(key, grid)| check_grid(kind, key, grid))
}

/// Returns a field's text, empty where nothing is given.
pub(crate) fn text<'a>(values: &'a PaperValues, key: &str) -> &'a str {
    values.fields.get(key).map_or("", |text| text.trim())
}

/// Tells whether an otherwise optional field is asked for.
fn is_needed(entry: &Entry, values: &PaperValues) -> bool {
    let asked = entry.needed_when.as_ref();
    asked.is_some_and(|condition| condition.is.iter().any(|code| code == text(values, &condition.field)))
}

/// Returns the first key that the kind does not know.
fn unknown(kind: &Kind, values: &PaperValues) -> Option<String> {
    let known: BTreeSet<(Place, String)> = kind.keys().into_iter().map(|key| (key.place, key.key)).collect();
    let mut given: Vec<(Place, String)> = Vec::new();
    given.extend(values.fields.keys().map(|key| (Place::Fields, key.clone())));
    for (list, rows) in &values.lists {
        given.push((Place::Lists, list.clone()));
        given.extend(rows.iter().flat_map(|row| row.keys()).map(|key| (Place::Lists, format!("{list}.{key}"))));
    }
    given.extend(values.grids.keys().map(|key| (Place::Grids, key.clone())));
    given.extend(values.clips.keys().map(|key| (Place::Clips, key.clone())));
    given.extend(values.checks.keys().map(|key| (Place::Checks, key.clone())));
    given.extend(values.signers.keys().map(|key| (Place::Signers, key.clone())));
    given.extend((!values.basis.is_empty()).then(|| (Place::Basis, BASIS.to_owned())));
    let stray = given.into_iter().find(|key| !known.contains(key)).map(|(_, key)| key);
    let checks = kind.parts.iter().filter_map(|part| match part {
        Part::Checks(checks) => Some(checks),
        _ => None,
    });
    stray.or_else(|| checks.into_iter().find_map(|checks| unknown_time(checks, values)))
}

/// Returns a time where there is no column for it.
fn unknown_time(checks: &Checks, values: &PaperValues) -> Option<String> {
    let given = values.checks.get(&checks.key).filter(|_| !checks.timecode)?;
    let at = given.iter().position(|check| !is_blank(&check.timecode))?;
    Some(format!("{}[{}].timecode", checks.key, at + 1))
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Returns what every paper needs and this one lacks.
fn missing_of_all(values: &PaperValues) -> Vec<String> {
    let number = values.mark.as_ref().map(|mark| &mark.number);
    let all = [("unit", Some(&values.unit)), ("made_by", Some(&values.made_by)), ("number", number)];
    let blank = all.iter().filter(|(_, text)| text.is_some_and(|text| is_blank(text)));
    blank.map(|(key, _)| (*key).to_owned()).collect()
}

fn missing(part: &Part, values: &PaperValues) -> Vec<String> {
    let when = |missing: bool, key: &str| if missing { vec![key.to_owned()] } else { Vec::new() };
    match part {
        Part::Heading(_) | Part::Say(_) | Part::Note(_) => Vec::new(),
        Part::Fields(rows) => rows.iter().flatten().filter_map(|entry| missing_entry(entry, values)).collect(),
        Part::Text(entry) => missing_entry(entry, values).into_iter().collect(),
        Part::List(list) => {
            let rows = values.lists.get(&list.key).map_or(&[][..], Vec::as_slice);
            let mut keys = when(rows.is_empty() && list.empty == Empty::Refused, &list.key);
            for (at, row) in rows.iter().enumerate() {
                let asked = list.columns.iter().filter(|column| column.empty == Empty::Refused);
                let blank = asked.filter(|column| row.get(&column.key).is_none_or(|text| is_blank(text)));
                keys.extend(blank.map(|column| format!("{}[{}].{}", list.key, at + 1, column.key)));
            }
            keys
        }
        Part::Grid(grid) => when(values.grids.get(&grid.key).is_none_or(|grid| grid.rows.is_empty()), &grid.key),
        Part::Clips(clips) => {
            let none = values.clips.get(&clips.key).is_none_or(Vec::is_empty);
            when(none && clips.empty == Empty::Refused, &clips.key)
        }
        Part::Checks(checks) => {
            let given = values.checks.get(&checks.key).map_or(&[][..], Vec::as_slice);
            let nameless = given.iter().enumerate().filter(|(_, check)| is_blank(&check.item));
            let mut keys = when(given.is_empty() && checks.empty == Empty::Refused, &checks.key);
            keys.extend(nameless.map(|(at, _)| format!("{}[{}].item", checks.key, at + 1)));
            keys
        }
        Part::Basis { empty, .. } => {
            let none = values.basis.is_empty() && *empty == Empty::Refused;
            let blank = values.basis.iter().any(|basis| is_blank(&basis.title) || is_blank(&basis.article));
            when(none || blank, BASIS)
        }
    }
}

fn missing_entry(entry: &Entry, values: &PaperValues) -> Option<String> {
    let asked = entry.empty == Empty::Refused || is_needed(entry, values);
    (asked && text(values, &entry.key).is_empty()).then(|| entry.key.clone())
}

/// Tells whether a text can stand in a head, a foot or beside a line to sign on.
fn is_line(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.contains(['\n', '\u{2028}', '\u{2029}'])
}

fn check_lengths(kind: &Kind, values: &PaperValues) -> Result<(), FormError> {
    let number = values.mark.as_ref().map_or("", |mark| mark.number.as_str());
    let single = [
        ("unit", values.unit.as_str(), UNIT_CHARS_MAX),
        ("title", values.title.as_deref().unwrap_or_default(), TITLE_CHARS_MAX),
        ("number", number, NUMBER_CHARS_MAX),
        ("made_by", values.made_by.as_str(), NAME_CHARS_MAX),
    ];
    for (key, text, max) in single {
        if !is_line(text, max) {
            return Err(FormError::NotOneLine { paper: kind.code.clone(), key: key.to_owned(), max });
        }
    }
    for (role, names) in &values.signers {
        if names.iter().any(|name| !is_line(name, NAME_CHARS_MAX)) {
            return Err(FormError::NotOneLine { paper: kind.code.clone(), key: role.clone(), max: NAME_CHARS_MAX });
        }
    }
    Ok(())
}

fn check_grid(kind: &Kind, key: &str, grid: &Grid) -> Result<(), FormError> {
    let refused = |reason: String| Err(FormError::Columns { paper: kind.code.clone(), key: key.to_owned(), reason });
    if let Some(column) = grid.columns.iter().find(|column| column.name.chars().count() > COLUMN_NAME_CHARS_MAX) {
        return refused(format!("the name {:?} has more than {COLUMN_NAME_CHARS_MAX} characters", column.name));
    }
    let count = grid.columns.len();
    if let Some(at) = grid.rows.iter().position(|row| row.len() != count) {
        return refused(format!("row {} has {} cells for {count} columns", at + 1, grid.rows[at].len()));
    }
    let shown = grid.columns.iter().filter(|column| column.shown);
    let total: f32 = shown.clone().map(|column| column.weight as f32).sum();
    let least = shown.map(|column| column.weight as f32 / total).fold(f32::INFINITY, f32::min);
    // No column at all, and weights of nothing, end here too.
    if !(least * kind.page.page().measure() >= CELL_WIDTH_MIN && least.is_finite()) {
        return refused(format!("a column is narrower than {CELL_WIDTH_MIN} points"));
    }
    Ok(())
}
