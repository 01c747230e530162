//! What a pack must make sense of beyond its shape.

use crate::error::{Fault, RuleFault};
use crate::pack::{Item, RulePack};
use crate::retention::Term;
use std::collections::HashSet;
use toml::Value;

/// Longest id in bytes.
const ID_BYTES_MAX: usize = 40;
/// Longest name, title or article in characters: it has to fit on papers.
const TEXT_CHARS_MAX: usize = 200;
/// Longest retention by number; beyond it `permanent` is meant.
const YEARS_MAX: u32 = 100;

/// Returns the first thing that makes no sense.
pub(crate) fn first_fault(pack: &RulePack) -> Option<Fault> {
    head(pack).or_else(|| lists(pack)).or_else(|| tables(pack)).or_else(|| checklist(pack)).or_else(|| texts(pack))
}

fn fault(reason: RuleFault, subject: impl Into<String>, mark: impl Into<String>) -> Option<Fault> {
    Some(Fault { reason, subject: subject.into(), mark: mark.into() })
}

fn head(pack: &RulePack) -> Option<Fault> {
    if !is_id(&pack.id) {
        return fault(RuleFault::IdUnfit, &pack.id, "id =");
    }
    if pack.version == 0 {
        return fault(RuleFault::VersionZero, "version", "version");
    }
    let texts = [("bureau", &pack.bureau), ("title", &pack.title), ("author", &pack.author)];
    let (key, _) = texts.into_iter().find(|(_, text)| text.trim().is_empty())?;
    fault(RuleFault::Empty, key, key)
}

fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= ID_BYTES_MAX && text.bytes().all(allowed)
}

fn item_lists(pack: &RulePack) -> [(&'static str, &[Item]); 14] {
    let away = pack.store.away.as_ref().map_or(&[][..], |away| &away.reasons);
    [
        ("acts", &pack.acts),
        ("stages", &pack.stages),
        ("occasions", &pack.occasions),
        ("must_record", &pack.must_record),
        ("may_record", &pack.may_record),
        ("exemptions", &pack.exemptions),
        ("opening", &pack.opening),
        ("key_content", &pack.key_content),
        ("reflects", &pack.reflects),
        ("matters", &pack.matters),
        ("services", &pack.services),
        ("situations", &pack.situations),
        ("interruption.reasons", &pack.interruption.reasons),
        ("store.away.reasons", away),
    ]
}

fn lists(pack: &RulePack) -> Option<Fault> {
    for (list, items) in item_lists(pack) {
        if let Some(fault) = unlike(list, items.iter().map(|item| item.id.as_str())) {
            return Some(fault);
        }
        if let Some(item) = items.iter().find(|item| item.name.trim().is_empty()) {
            return fault(RuleFault::Empty, format!("{list}/{} name", item.id), quoted(&item.id));
        }
    }
    unlike("keep", pack.keep.iter().map(|rule| rule.id.as_str()))
        .or_else(|| unlike("approvals", pack.approvals.iter().map(|approval| approval.act.code())))
        .or_else(|| unlike("papers", pack.papers.iter().map(|paper| paper.kind.as_str())))
}

/// Returns the first id that is none, or that stands there twice.
fn unlike<'a>(list: &str, ids: impl Iterator<Item = &'a str>) -> Option<Fault> {
    let mut seen = HashSet::new();
    for id in ids {
        if !is_id(id) {
            return fault(RuleFault::IdUnfit, format!("{list}/{id}"), quoted(id));
        }
        if !seen.insert(id) {
            return fault(RuleFault::Twice, format!("{list}/{id}"), quoted(id));
        }
    }
    None
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn tables(pack: &RulePack) -> Option<Fault> {
    if pack.archive.as_ref().is_some_and(|archive| archive.within.is_some() == archive.promptly) {
        return fault(RuleFault::ArchiveEither, "archive", "[archive]");
    }
    if pack.interruption.reasons.is_empty() {
        return fault(RuleFault::NoReasons, "interruption", "[interruption]");
    }
    if pack.store.away.as_ref().is_some_and(|away| away.reasons.is_empty()) {
        return fault(RuleFault::NoReasons, "store.away", "[store.away]");
    }
    let senseless = |term: &Term| matches!(term, Term::Years(years) if *years == 0 || *years > YEARS_MAX);
    let rule = pack.keep.iter().find(|rule| senseless(&rule.term))?;
    fault(RuleFault::YearsSenseless, format!("keep/{}", rule.id), quoted(&rule.id))
}

fn checklist(pack: &RulePack) -> Option<Fault> {
    let checklist = pack.checklist.as_ref()?;
    let mut seen = HashSet::new();
    if let Some(twice) = checklist.columns.iter().find(|column| !seen.insert(column.as_str())) {
        return fault(RuleFault::Twice, format!("checklist/{twice}"), "[checklist]");
    }
    let named = checklist.numbered.iter().chain(&checklist.choices);
    if let Some(unknown) = named.into_iter().find(|title| !checklist.columns.contains(title)) {
        return fault(RuleFault::ColumnUnknown, format!("checklist/{unknown}"), quoted(unknown));
    }
    let row = checklist.rows.iter().find(|row| row.len() != checklist.columns.len())?;
    let mark = row.iter().find(|cell| !cell.is_empty()).map_or_else(|| "rows".to_owned(), |cell| quoted(cell));
    fault(RuleFault::RowLength, format!("{} ≠ {}", row.len(), checklist.columns.len()), mark)
}

/// Texts are printed: of one line, and not longer than a line can be; no article may be empty.
fn texts(pack: &RulePack) -> Option<Fault> {
    let value = Value::try_from(pack).expect("a rule pack holds only text, numbers, lists and tables");
    let mut open = vec![&value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if text.chars().count() > TEXT_CHARS_MAX => {
                let begin: String = text.chars().take(20).collect();
                return fault(RuleFault::TextLong, &begin, begin.clone());
            }
            Value::String(text) if text.chars().any(char::is_control) => {
                let begin = text.split(char::is_control).next().unwrap_or_default();
                // As an escape it is, in most files.
                return fault(RuleFault::TextControl, begin, format!("{begin}\\"));
            }
            Value::Array(items) => open.extend(items),
            Value::Table(table) => {
                if table.get("article").and_then(Value::as_str).is_some_and(|article| article.trim().is_empty()) {
                    return fault(RuleFault::Empty, "article", "article = \"\"");
                }
                open.extend(table.values());
            }
            _ => {}
        }
    }
    None
}
