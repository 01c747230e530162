//! What is due: footage stored late without a reason, footage still to be stored, cases to be filed, and footage kept
//! long enough. Pure; nothing is done by it.

use crate::deadline::{Deadline, Reckoning, archive_deadline, store_deadline, stored};
use crate::pack::RulePack;
use crate::retention::{KeepFacts, Until, retention};
use chrono::NaiveTime;
use model::{Instant, shifted};

/// Days before its expiry from which a clip's retention is told.
const EXPIRY_TOLD_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Something that may be due, and by what it is judged.
#[derive(Clone, Debug)]
pub struct Matter<'a> {
    /// Id of the clip, job or case that it is about.
    pub subject: String,
    pub fact: Fact,
    pub pack: &'a RulePack,
    pub reckoning: Reckoning<'a>,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A clip in the store. `returned`: when the officers were back at their unit, where they were away.
    Stored { recorded_end: Instant, returned: Option<Instant>, stored_at: Instant, explained: bool },
    /// An intake that did not come to its end: of what it left on the drive, the earliest recording that is known of.
    Unfinished { earliest_end: Instant },
    /// A case that came to its end. `packaged_at`: when its newest package was made.
    Concluded { ended: Instant, packaged_at: Option<Instant> },
    /// A clip that is kept for a term.
    Kept(KeepFacts),
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKind {
    /// 储存: footage that an intake left on its drive.
    Store,
    /// 迟存原因: say why a clip was stored late.
    LateReason,
    /// 归档: make up the case file.
    Archive,
    /// 鉴定销毁: only ever a proposal.
    Appraisal,
}

impl DueKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Store, Self::LateReason, Self::Archive, Self::Appraisal];

    /// Returns the code used in ledger and documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::LateReason => "late_reason",
            Self::Archive => "archive",
            Self::Appraisal => "appraisal",
        }
    }
}

/// How near the end is; the more urgent is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarnLevel {
    Upcoming,
    /// A warning has passed.
    Warned,
    /// The last warning has passed.
    Last,
    Overdue,
}

impl WarnLevel {
    /// Every level.
    pub const ALL: &[Self] = &[Self::Upcoming, Self::Warned, Self::Last, Self::Overdue];

    /// Returns the code used in documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Warned => "warned",
            Self::Last => "last",
            Self::Overdue => "overdue",
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    pub what: DueKind,
    /// Id of the clip, job or case that it is about.
    pub subject: String,
    /// The regulation and its article.
    pub article: String,
    pub due: Instant,
    /// The earlier of the two ends of the last day.
    pub stricter: Instant,
    pub level: WarnLevel,
    /// A year without a calendar was looked at.
    pub provisional: bool,
}

/// Returns what is due at a moment: proposals last, else the most urgent first.
pub fn due_list(matters: &[Matter<'_>], now: Instant) -> Vec<DueItem> {
    let mut items: Vec<DueItem> = matters.iter().filter_map(|matter| due_item(matter, now)).collect();
    items.sort_by(|a, b| {
        let key = |item: &DueItem| (item.what == DueKind::Appraisal, std::cmp::Reverse(item.level), item.due);
        (key(a), a.what, &a.subject).cmp(&(key(b), b.what, &b.subject))
    });
    items
}

/// Returns what one matter makes due; `None` where it makes nothing, and where the pack did not yet hold on that day.
fn due_item(matter: &Matter<'_>, now: Instant) -> Option<DueItem> {
    let Matter { pack, reckoning, .. } = *matter;
    let judges = |at: Instant| pack.judges(reckoning.zone.local(at).date_naive());
    match &matter.fact {
        Fact::Stored { explained: true, .. } => None,
        Fact::Stored { recorded_end, returned, stored_at, explained: false } => {
            let verdict = stored(pack, *recorded_end, *returned, *stored_at, reckoning)?;
            let late = Some(verdict).filter(|verdict| !verdict.kept)?;
            Some(DueItem { level: WarnLevel::Overdue, ..item(matter, DueKind::LateReason, &late.deadline, now) })
        }
        Fact::Unfinished { earliest_end } => {
            let deadline = store_deadline(pack, *earliest_end, None, reckoning).filter(|_| judges(*earliest_end))?;
            Some(item(matter, DueKind::Store, &deadline, now))
        }
        Fact::Concluded { ended, packaged_at } => {
            let open = packaged_at.is_none_or(|made| made < *ended);
            let deadline = archive_deadline(pack, *ended, reckoning).filter(|_| open && judges(*ended))?;
            Some(item(matter, DueKind::Archive, &deadline, now))
        }
        Fact::Kept(facts) => expiry(matter, facts, now),
    }
}

fn item(matter: &Matter<'_>, what: DueKind, deadline: &Deadline<'_>, now: Instant) -> DueItem {
    DueItem {
        what,
        subject: matter.subject.clone(),
        article: matter.pack.cite(deadline.article),
        due: deadline.due.at,
        stricter: deadline.due.stricter,
        level: level(deadline, now),
        provisional: deadline.due.provisional,
    }
}

/// Returns how near a deadline is.
fn level(deadline: &Deadline<'_>, now: Instant) -> WarnLevel {
    let passed = deadline.warnings.iter().filter(|at| **at <= now).count();
    match passed {
        _ if !deadline.due.is_kept(now) => WarnLevel::Overdue,
        0 => WarnLevel::Upcoming,
        passed if passed == deadline.warnings.len() => WarnLevel::Last,
        _ => WarnLevel::Warned,
    }
}

/// Returns the proposal of a clip whose finite term is over, or soon will be.
fn expiry(matter: &Matter<'_>, facts: &KeepFacts, now: Instant) -> Option<DueItem> {
    if facts.recorded.is_some_and(|day| !matter.pack.judges(day)) {
        return None;
    }
    let kept = retention(matter.pack, facts);
    let (Until::Day(day), Some(won)) = (kept.until, kept.won) else { return None };
    let due = matter.reckoning.zone.instant(day.and_time(NaiveTime::MIN))?;
    let told = shifted(due, -EXPIRY_TOLD_DAYS * DAY_MS)?;
    (told <= now).then(|| DueItem {
        what: DueKind::Appraisal,
        subject: matter.subject.clone(),
        article: matter.pack.cite(&won.rule.article),
        due,
        stricter: due,
        level: if due <= now { WarnLevel::Overdue } else { WarnLevel::Upcoming },
        provisional: false,
    })
}
