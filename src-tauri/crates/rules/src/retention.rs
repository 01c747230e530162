//! How long a clip is kept: the longest rule wins, and says why. Nothing is ever deleted by it.

use crate::pack::RulePack;
use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long footage is kept, and when that rule applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepRule {
    pub id: String,
    pub when: Circumstance,
    pub term: Term,
    pub article: String,
}

/// What a clip is, as far as retention depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circumstance {
    Always,
    /// 作为证据.
    Evidence,
    /// 采取强制执行措施.
    Enforcement,
    /// 当事人有异议.
    Objection,
    /// 拒绝、阻碍执法，或者谩骂、侮辱、殴打执法人员.
    Obstruction,
    /// 其他需要长期保存.
    Important,
}

impl Circumstance {
    /// Every circumstance.
    pub const ALL: [Self; 6] =
        [Self::Always, Self::Evidence, Self::Enforcement, Self::Objection, Self::Obstruction, Self::Important];

    /// Returns the code used in rule files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Evidence => "evidence",
            Self::Enforcement => "enforcement",
            Self::Objection => "objection",
            Self::Obstruction => "obstruction",
            Self::Important => "important",
        }
    }
}

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// As long as the case file (卷宗).
    CaseFile,
    /// As long as the written record of the case.
    TextRecord,
    /// 长期.
    Permanent,
    /// As the unit sets it.
    Unit,
    Years(u32),
}

/// What retention depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepFacts {
    /// Day of the recording; `None` where it is not known.
    pub recorded: Option<NaiveDate>,
    /// [`Circumstance::Always`] need not be named.
    pub circumstances: BTreeSet<Circumstance>,
    /// The term of the case file, once it is fixed.
    pub case_file: Option<FileTerm>,
    /// What the unit set where the regulation leaves it to the unit.
    pub unit: Option<FileTerm>,
}

/// A term that a person fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileTerm {
    /// The first day after it.
    Until(NaiveDate),
    Permanent,
}

/// Until when a clip is kept; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// The first day on which its destruction may be proposed.
    Day(NaiveDate),
    /// Hangs on something not fixed yet: the term of the case file, the unit's own rule, or the day of the recording.
    Open,
    /// 长期.
    Permanent,
}

/// A rule that applies to a clip, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied<'a> {
    pub rule: &'a KeepRule,
    pub until: Until,
}

/// What a clip's retention comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention<'a> {
    /// [`Until::Open`] where no rule applies: what nobody has classed is not destroyed.
    pub until: Until,
    pub won: Option<Applied<'a>>,
    /// The others that apply, the longest first.
    pub lost: Vec<Applied<'a>>,
}

/// Returns how long a clip is kept and by which rule.
///
/// Of rules that come to the same, the one for the special circumstance is named before the general one.
pub fn retention<'a>(pack: &'a RulePack, facts: &KeepFacts) -> Retention<'a> {
    let applies = |rule: &&KeepRule| rule.when == Circumstance::Always || facts.circumstances.contains(&rule.when);
    let mut applied: Vec<Applied<'a>> =
        pack.keep.iter().filter(applies).map(|rule| Applied { rule, until: until(rule.term, facts) }).collect();
    applied.sort_by_key(|one| (std::cmp::Reverse(one.until), one.rule.when == Circumstance::Always));
    let mut applied = applied.into_iter();
    let won = applied.next();
    Retention { until: won.as_ref().map_or(Until::Open, |one| one.until), won, lost: applied.collect() }
}

fn until(term: Term, facts: &KeepFacts) -> Until {
    let fixed = |term: Option<FileTerm>| match term {
        Some(FileTerm::Until(day)) => Until::Day(day),
        Some(FileTerm::Permanent) => Until::Permanent,
        None => Until::Open,
    };
    match term {
        Term::Permanent => Until::Permanent,
        Term::CaseFile | Term::TextRecord => fixed(facts.case_file),
        Term::Unit => fixed(facts.unit),
        Term::Years(years) => facts.recorded.and_then(|day| years_later(day, years)).map_or(Until::Open, Until::Day),
    }
}

/// Returns the first day after so many years, the day of the recording not counted (民法典 第二百零一条、第二百零二条: the
/// period ends with the same day of the month, or its last); `None` beyond the calendar.
fn years_later(day: NaiveDate, years: u32) -> Option<NaiveDate> {
    let year = day.year().checked_add_unsigned(years)?;
    let last = day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, day.month(), 28))?;
    last.succ_opt()
}
