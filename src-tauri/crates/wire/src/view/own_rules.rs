//! The unit's own rule packs and calendar.

use super::rules::{rule_comparison, rule_error, rule_pack_detail};
use super::{at, rule_pack};
use crate::dto;
use ::rules::{Calendar, RulePack};
use model::format_instant;
use register::{AdoptionRow, CalendarRow};
use station::{Moved, OwnRules};

/// Returns a version of a rule pack that the unit wrote down.
pub fn own_rules(own: &OwnRules) -> dto::OwnRules {
    dto::OwnRules {
        reference: own.reference(),
        pack: rule_pack(&own.pack),
        version: own.row.version,
        author: own.pack.author.clone(),
        recorded_at: format_instant(own.row.at),
        recorded_by: own.row.by.clone(),
    }
}

/// Returns the unit's own rules; `today` is `2026-01-01`.
pub fn rule_timeline(own: &[OwnRules], adoptions: &[AdoptionRow], today: &str) -> dto::RuleTimeline {
    let in_force = adoptions.iter().rposition(|row| row.from.as_str() <= today);
    let adoption = |(place, row): (usize, &AdoptionRow)| {
        let text = own.iter().find(|one| one.row.seq == row.text_seq);
        dto::RuleAdoption {
            reference: text.map(OwnRules::reference).unwrap_or_default(),
            bureau: text.map(|one| one.pack.bureau.clone()).unwrap_or_default(),
            version: row.version,
            from: row.from.clone(),
            at: format_instant(row.at),
            by: row.by.clone(),
            in_force: in_force == Some(place),
        }
    };
    dto::RuleTimeline {
        own: own.iter().map(own_rules).collect(),
        adoptions: adoptions.iter().enumerate().map(adoption).collect(),
    }
}

/// Returns what a rule file says, beside another pack where one is given, or why it is refused.
pub fn rule_check(text: &str, beside: Option<&RulePack>) -> dto::RuleCheck {
    match RulePack::parse("rules.toml", text) {
        Ok(pack) => dto::RuleCheck {
            refused: None,
            line: None,
            detail: Some(rule_pack_detail(&pack)),
            comparison: beside.map(|other| rule_comparison(&[other, &pack])),
        },
        Err(error) => dto::RuleCheck {
            refused: Some(rule_error(&error)),
            line: error.line.and_then(|line| u32::try_from(line).ok()),
            detail: None,
            comparison: None,
        },
    }
}

/// Returns a calendar, and who took it over.
pub fn calendar(calendar: &Calendar, row: Option<&CalendarRow>) -> dto::CalendarView {
    dto::CalendarView {
        edition: calendar.edition(),
        name: calendar.name().to_owned(),
        first_year: calendar.years().next().unwrap_or_default(),
        last_year: calendar.years().last().unwrap_or_default(),
        imported_at: at(row.map(|row| row.at)),
        imported_by: row.map(|row| row.by.clone()),
    }
}

/// Returns the days that two calendars judge differently, as the newer has them.
pub fn turned_days(before: &Calendar, after: &Calendar) -> Vec<dto::TurnedDay> {
    let days = before.differences(after).into_iter();
    days.map(|(day, _, worked)| dto::TurnedDay { day: day.to_string(), worked }).collect()
}

/// Returns a deadline that a calendar moved.
pub fn moved(moved: &Moved) -> dto::MovedDeadline {
    dto::MovedDeadline {
        what: moved.what.code().to_owned(),
        subject: moved.subject.clone(),
        before: format_instant(moved.before),
        after: format_instant(moved.after),
    }
}
