//! Rule packs in words: `assets/wording/rules.json`.

use super::rule_pack;
use crate::dto;
use ::rules::{Circumstance, Deadline, Entry, EntryValue, Limit, RuleError, RulePack, Term};
use model::format_instant;
use register::{ClipRow, RegisterError, View};
use serde::{Deserialize, Serialize};
use station::Judging;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// By where a value stands; items by their list.
    keys: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    /// By `when` of a retention rule.
    circumstances: BTreeMap<String, String>,
    faults: BTreeMap<String, String>,
    line: String,
    no_line: String,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../assets/wording/rules.json")).expect("a test reads this very file")
});

/// Returns a pack with all its values in words.
pub fn rule_pack_detail(pack: &RulePack) -> dto::RulePackDetail {
    let line = |entry: &Entry| {
        let (label, item) = names(pack, &entry.key);
        let (key, value) = (entry.key.clone(), shown(&entry.key, &entry.value));
        dto::RuleLine { key, label, item, value, article: entry.article.clone() }
    };
    dto::RulePackDetail {
        pack: rule_pack(pack),
        version: pack.version,
        author: pack.author.clone(),
        valid_from: pack.valid_from.map(|day| day.to_string()),
        lines: pack.entries().iter().map(line).collect(),
        text: pack.to_toml(),
    }
}

/// Returns packs side by side.
pub fn rule_comparison(packs: &[&RulePack]) -> dto::RuleComparison {
    let cell =
        |key: &str, entry: &Entry| dto::RuleCell { value: shown(key, &entry.value), article: entry.article.clone() };
    let line = |line: &::rules::Compared| {
        let said = line.values.iter().zip(packs).find(|(entry, _)| entry.is_some());
        let (label, item) = said.map(|(_, pack)| names(pack, &line.key)).unwrap_or_default();
        dto::ComparedRule {
            key: line.key.clone(),
            label,
            item,
            same: line.is_same(),
            cells: line.values.iter().map(|entry| entry.as_ref().map(|entry| cell(&line.key, entry))).collect(),
        }
    };
    dto::RuleComparison {
        packs: packs.iter().map(|pack| rule_pack(pack)).collect(),
        lines: ::rules::compare(packs).iter().map(line).collect(),
    }
}

/// Returns why a rule file is refused, with its line.
pub fn rule_error(error: &RuleError) -> String {
    let words = &*WORDS;
    let reason = words
        .faults
        .get(error.reason.code())
        .map_or_else(String::new, |text| text.replace("{subject}", &error.subject));
    match error.line {
        Some(line) => words.line.replace("{line}", &line.to_string()),
        None => words.no_line.clone(),
    }
    .replace("{reason}", &reason)
}

/// Returns by when a clip had to be stored, from the return where it was recorded on a trip.
pub(crate) fn store_clock(
    register: &View<'_>,
    judging: &Judging,
    row: &ClipRow,
) -> Result<Option<dto::StoreClock>, RegisterError> {
    let pack = row.clip.recorded_to.map_or_else(|| judging.pack(), |at| judging.pack_at(at));
    let away = judging.away(register, row)?;
    let trip = away.as_ref().map(|away| clock_trip(&away.trip));
    if let Some(rules) = pack.store.away.as_ref().filter(|_| away.is_some_and(|away| away.returned.is_none())) {
        let (within, article) = (limit(rules.within), pack.cite(&rules.article));
        let (due, stricter) = (None, None);
        return Ok(Some(dto::StoreClock { due, trip, stricter, kept: true, provisional: false, within, article }));
    }
    let verdict = judging.stored(register, row)?;
    Ok(verdict.map(|stored| dto::StoreClock { trip, ..deadline_clock(pack, &stored.deadline, stored.kept) }))
}

/// Returns a deadline, and whether it was kept.
pub(crate) fn deadline_clock(pack: &RulePack, deadline: &Deadline<'_>, kept: bool) -> dto::StoreClock {
    dto::StoreClock {
        due: Some(format_instant(deadline.due.at)),
        trip: None,
        stricter: Some(deadline.due.stricter).filter(|at| *at < deadline.due.at).map(format_instant),
        kept,
        provisional: deadline.due.provisional,
        within: limit(deadline.limit),
        article: pack.cite(deadline.article),
    }
}

/// Returns when a retention rule applies.
pub(crate) fn circumstance(when: Circumstance) -> String {
    code(&when).and_then(|code| WORDS.circumstances.get(&code).cloned()).unwrap_or_default()
}

/// Returns for how long a retention rule keeps.
pub(crate) fn term(term: Term) -> String {
    match term {
        Term::Years(years) => value("years").replace("{n}", &years.to_string()),
        term => code(&term).map_or_else(String::new, |code| value(&code).to_owned()),
    }
}

/// Returns the code of a plain value as rule files write it.
fn code<T: Serialize>(of: &T) -> Option<String> {
    serde_json::to_value(of).ok()?.as_str().map(str::to_owned)
}

fn clock_trip(trip: &register::TripRow) -> dto::ClockTrip {
    dto::ClockTrip {
        id: trip.id.to_string(),
        reason: trip.reason_name.clone(),
        place: trip.place.clone(),
        from: format_instant(trip.from),
        returned_at: trip.returned.as_ref().map(|returned| format_instant(returned.at)),
        proof: trip.proof.clone(),
    }
}

/// Returns a limit as people say it.
pub fn limit(limit: Limit) -> String {
    let (word, count) = match limit {
        Limit::Hours(count) => ("hours", count),
        Limit::WorkingDays(count) => ("working_days", count),
    };
    value(word).replace("{n}", &count.to_string())
}

fn value(word: &str) -> &'static str {
    WORDS.values.get(word).map_or("", String::as_str)
}

/// Returns what a value is called, and what it is for where its list is sorted by that.
fn names(pack: &RulePack, key: &str) -> (String, String) {
    let (list, id) = key.split_once('/').unwrap_or((key, ""));
    let label = WORDS.keys.get(list).cloned().unwrap_or_default();
    let item = match list {
        "keep" => {
            let rule = pack.keep.iter().find(|rule| rule.id == id);
            rule.map_or_else(String::new, |rule| circumstance(rule.when))
        }
        "approvals" => value(id).to_owned(),
        _ => String::new(),
    };
    (label, item)
}

fn shown(key: &str, said: &EntryValue) -> String {
    let list = key.split_once('/').map_or(key, |(list, _)| list);
    match said {
        EntryValue::Yes(yes) => value(if *yes { "yes" } else { "no" }).to_owned(),
        EntryValue::Number(number) => number.to_string(),
        EntryValue::Text(text) => match list {
            "approvals" if text.is_empty() => value("approver_unnamed").to_owned(),
            "keep" | "evidence.carrier" => value(text).to_owned(),
            _ => text.clone(),
        },
        EntryValue::Texts(texts) => texts.join("、"),
        EntryValue::Limit(period) => limit(*period),
        EntryValue::Years(years) => value("years").replace("{n}", &years.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::rules::RuleFault;

    #[test]
    fn every_value_of_every_pack_has_its_words() {
        for pack in ::rules::packs() {
            for line in rule_pack_detail(pack).lines {
                assert!(!line.label.is_empty(), "{}: {} has a label", pack.id, line.key);
                let said = !line.value.is_empty() || line.key.starts_with("checklist.rows/");
                assert!(said, "{}: {} has a value", pack.id, line.key);
                let sorted = line.key.starts_with("keep/") || line.key.starts_with("approvals/");
                assert_eq!(sorted, !line.item.is_empty(), "{}: {} says what it is for", pack.id, line.key);
            }
        }
        for fault in RuleFault::ALL {
            assert!(WORDS.faults.contains_key(fault.code()), "{} has words", fault.code());
        }
    }

    #[test]
    fn a_refusal_names_line_and_reason() {
        let error = RulePack::parse("x.toml", "id = \"x\"\nburo = 1\n").expect_err("an unknown key");
        let text = rule_error(&error);
        assert!(text.starts_with("第 2 行：格式不对：") && text.contains("buro"), "{text}");
    }

    #[test]
    fn packs_are_compared_in_words() {
        let packs: Vec<&RulePack> = ::rules::packs().iter().collect();
        let compared = rule_comparison(&packs);
        let line = compared.lines.iter().find(|line| line.key == "store.within");
        let cells: Vec<String> = line.map_or_else(Vec::new, |line| {
            line.cells
                .iter()
                .flatten()
                .map(|cell| format!("{} {}", cell.value, cell.article.as_deref().unwrap_or("-")))
                .collect()
        });
        let expected =
            ["7个工作日 第十九条", "24小时 第二十二条", "24小时 第十条", "2个工作日 第十五条", "24小时 第十六条第一款"];
        assert_eq!(cells, expected);
    }
}
