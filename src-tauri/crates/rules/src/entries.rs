//! A pack as a list of values with their articles: to be shown, and to be laid beside another.

use crate::Limit;
use crate::pack::RulePack;
use toml::{Table, Value};

/// One value of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands: `store.within`, `must_record/seizure`.
    pub key: String,
    pub value: EntryValue,
    pub article: Option<String>,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryValue {
    Yes(bool),
    Number(i64),
    Text(String),
    Texts(Vec<String>),
    Limit(Limit),
    Years(u32),
}

/// One line of a comparison; `values` in the order of the packs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub key: String,
    pub values: Vec<Option<Entry>>,
}

impl Compared {
    /// Tells whether all packs say the same, the article aside.
    pub fn is_same(&self) -> bool {
        let value = |entry: &Option<Entry>| entry.as_ref().map(|entry| entry.value.clone());
        self.values.windows(2).all(|pair| value(&pair[0]) == value(&pair[1]))
    }
}

impl RulePack {
    /// Returns its values by their keys: those of a table first, then what lies deeper.
    pub fn entries(&self) -> Vec<Entry> {
        let table = Table::try_from(self).expect("a rule pack holds only text, numbers, lists and tables");
        let mut entries = Vec::new();
        walk(&table, "", None, &mut entries);
        entries
    }
}

/// Lays packs side by side. A key stands where the first pack that has it puts it.
pub fn compare(packs: &[&RulePack]) -> Vec<Compared> {
    let mut lines: Vec<Compared> = Vec::new();
    for (column, pack) in packs.iter().enumerate() {
        let mut place = 0;
        for entry in pack.entries() {
            let known = lines.iter().position(|line| line.key == entry.key);
            place = known.unwrap_or_else(|| {
                let place = (place + 1).min(lines.len());
                lines.insert(place, Compared { key: entry.key.clone(), values: vec![None; packs.len()] });
                place
            });
            lines[place].values[column] = Some(entry);
        }
    }
    lines
}

fn walk(table: &Table, under: &str, article: Option<&str>, entries: &mut Vec<Entry>) {
    let own = table.get("article").and_then(Value::as_str);
    if let Some(value) = table.get("value").and_then(plain) {
        // A single rule: one without an article is our own default, whatever stands around it.
        entries.push(Entry { key: under.to_owned(), value, article: own.map(str::to_owned) });
        return;
    }
    let article = own.or(article);
    let mut below = Vec::new();
    for (name, value) in table.iter().filter(|(name, _)| *name != "article") {
        let key = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
        match plain(value) {
            Some(value) => entries.push(Entry { key, value, article: article.map(str::to_owned) }),
            None => below.push((key, value)),
        }
    }
    for (key, value) in below {
        match value {
            Value::Table(table) => walk(table, &key, article, entries),
            Value::Array(items) => walk_items(items, &key, article, entries),
            _ => {}
        }
    }
}

/// Items are named by their id, papers by their kind, approvals by their act, rows by their place.
fn walk_items(items: &[Value], under: &str, article: Option<&str>, entries: &mut Vec<Entry>) {
    for (place, item) in items.iter().enumerate() {
        let (key, value, article) = match item {
            Value::Table(table) => {
                let text = |name: &str| table.get(name).and_then(Value::as_str);
                let id = ["id", "kind", "act"].into_iter().find_map(text).unwrap_or_default();
                let told = ["name", "term", "by", "title"].into_iter().find_map(|name| plain(table.get(name)?));
                let value = told.unwrap_or(EntryValue::Yes(true));
                (format!("{under}/{id}"), value, text("article").or(article))
            }
            row => {
                let Some(value) = plain(row) else { continue };
                (format!("{under}/{}", place + 1), value, article)
            }
        };
        entries.push(Entry { key, value, article: article.map(str::to_owned) });
    }
}

/// Returns a value that needs no line of its own below.
fn plain(value: &Value) -> Option<EntryValue> {
    Some(match value {
        Value::Boolean(yes) => EntryValue::Yes(*yes),
        Value::Integer(number) => EntryValue::Number(*number),
        Value::String(text) => EntryValue::Text(text.clone()),
        Value::Array(items) if items.iter().all(Value::is_str) => {
            EntryValue::Texts(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_integer) => {
            EntryValue::Texts(items.iter().map(Value::to_string).collect())
        }
        Value::Table(table) => match (table.get("years").and_then(Value::as_integer), table.len()) {
            (Some(years), 1) => EntryValue::Years(u32::try_from(years).ok()?),
            _ => EntryValue::Limit(value.clone().try_into().ok()?),
        },
        _ => return None,
    })
}
