//! 到期: what is due, and the two things that are said about it: why clips were stored late, and when a case ended.

use crate::judging::Judging;
use crate::{Act, Failure, Station, Topic, authorise, keep_facts};
use ledger::{CaseConcluded, ClipLateExplained};
use model::{Actor, CaseId, ClipId, Instant, format_instant, shifted};
use register::{ClipRow, ConclusionRow, JobRow, OpenCase, RegisterError, View};
use rules::{DueItem, Fact, Limit, Matter, RulePack, Term, due_list};
use std::collections::BTreeMap;

/// Shortest reason, in characters.
const REASON_CHARS_MIN: usize = 2;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;
const HOUR_S: i64 = 3600;
/// Retention is told up to so many days ahead, and leap days may add to a term.
const AHEAD_DAYS: i64 = 60;
const YEAR_DAYS: i64 = 365;

/// What is due, with what it is about.
#[derive(Clone, Debug)]
pub struct Due {
    pub item: DueItem,
    pub about: DueSubject,
}

/// What a due item is about.
#[derive(Clone, Debug)]
pub enum DueSubject {
    Clip(Box<ClipRow>),
    Job(Box<JobRow>),
    Case(Box<OpenCase>),
}

type Matters<'a> = (Vec<Matter<'a>>, BTreeMap<String, DueSubject>);

impl Station {
    /// Returns what is due: the most urgent first, proposals last.
    pub fn due(&self) -> Result<Vec<Due>, Failure> {
        let now = self.now();
        self.register.read::<_, Failure>(|view| {
            let judging = self.judging_of(view)?;
            let (mut matters, mut about) = running(view, &judging)?;
            stored_late(view, &judging, &mut matters, &mut about)?;
            kept(view, &judging, now, &mut matters, &mut about)?;
            let joined = |item: DueItem| Some(Due { about: about.get(&item.subject)?.clone(), item });
            Ok(due_list(&matters, now).into_iter().filter_map(joined).collect())
        })
    }

    /// 迟存原因: says why clips were stored late; the same reason for all of them. The newest reason stands.
    pub fn explain_late(&self, actor: &Actor, clips: &[ClipId], reason: &str) -> Result<(), Failure> {
        authorise(self, actor, Act::Statement)?;
        let reason = reason.trim();
        if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
            return Err(Failure::invalid("late_reason"));
        }
        if clips.is_empty() {
            return Err(Failure::invalid("clip"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let judging = self.judging_of(view)?;
            for id in clips {
                let row = view.clip(id)?.ok_or_else(|| Failure::not_found(id))?;
                if judging.stored(view, &row)?.is_none_or(|verdict| verdict.kept) {
                    return Err(Failure::invalid("not_late").with("what", &row.clip.number));
                }
            }
            let clips = clips.iter().map(ToString::to_string).collect();
            Ok((vec![ClipLateExplained { clips, reason: reason.to_owned() }.into()], ()))
        })?;
        self.tell(&[Topic::Due, Topic::Clips]);
        Ok(())
    }

    /// 检查结束、结案: enters when a case came to its end; `None` takes back what was entered.
    pub fn conclude_case(&self, actor: &Actor, case: &CaseId, conclusion: ConclusionRow) -> Result<(), Failure> {
        authorise(self, actor, Act::Archive)?;
        let ConclusionRow { inspected_at, closed_at } = conclusion;
        let now = self.now();
        for (field, at) in [("inspected_at", inspected_at), ("closed_at", closed_at)] {
            if at.is_some_and(|at| at > now) {
                return Err(Failure::invalid(field));
            }
        }
        if let (Some(inspected), Some(closed)) = (inspected_at, closed_at)
            && closed < inspected
        {
            return Err(Failure::invalid("closed_at"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            view.case(case)?.ok_or_else(|| Failure::not_found(case))?;
            let written = |at: Option<Instant>| at.map(format_instant);
            let concluded = CaseConcluded {
                case: case.to_string(),
                inspected_at: written(inspected_at),
                closed_at: written(closed_at),
            };
            let changes = if view.conclusion(case)? == conclusion { vec![] } else { vec![concluded.into()] };
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Due, Topic::Cases]);
        Ok(())
    }
}

/// Returns the periods that run: what a further calendar may move.
pub(crate) fn running<'a>(view: &View<'_>, judging: &'a Judging) -> Result<Matters<'a>, RegisterError> {
    let (mut matters, mut about) = (Vec::new(), BTreeMap::new());
    let mut add = |subject: String, fact: Fact, began: Instant, known: DueSubject| {
        let (pack, reckoning) = (judging.pack_at(began), judging.reckoning());
        about.insert(subject.clone(), known);
        matters.push(Matter { subject, fact, pack, reckoning });
    };
    for (job, earliest_end) in view.unfinished_jobs()? {
        if let Some(earliest_end) = earliest_end {
            let subject = job.id.to_string();
            add(subject, Fact::Unfinished { earliest_end }, earliest_end, DueSubject::Job(Box::new(job)));
        }
    }
    for case in view.cases_to_file()? {
        if let Some(ended) = case.conclusion.ended() {
            let fact = Fact::Concluded { ended, packaged_at: case.packaged_at };
            add(case.case.to_string(), fact, ended, DueSubject::Case(Box::new(case)));
        }
    }
    Ok((matters, about))
}

fn stored_late<'a>(
    view: &View<'_>,
    judging: &'a Judging,
    matters: &mut Vec<Matter<'a>>,
    about: &mut BTreeMap<String, DueSubject>,
) -> Result<(), RegisterError> {
    let away = |pack: &RulePack| pack.store.away.as_ref().map(|away| away.within);
    let limits = judging.packs().flat_map(|pack| std::iter::once(pack.store.within).chain(away(pack)));
    let Some(least) = limits.map(least_seconds).min() else { return Ok(()) };
    for row in view.clips_stored_after(least)? {
        if let Some(matter) = judging.storing(view, &row, false)? {
            about.insert(matter.subject.clone(), DueSubject::Clip(Box::new(row)));
            matters.push(matter);
        }
    }
    Ok(())
}

/// Returns the seconds that a period has at least. Working days lie behind the day of the beginning, and all but the
/// last are whole.
fn least_seconds(limit: Limit) -> i64 {
    match limit {
        Limit::Hours(hours) => i64::from(hours) * HOUR_S,
        Limit::WorkingDays(days) => (i64::from(days) - 1) * 24 * HOUR_S,
    }
}

fn kept<'a>(
    view: &View<'_>,
    judging: &'a Judging,
    now: Instant,
    matters: &mut Vec<Matter<'a>>,
    about: &mut BTreeMap<String, DueSubject>,
) -> Result<(), RegisterError> {
    let years = |term: Term| match term {
        Term::Years(years) => Some(i64::from(years)),
        _ => None,
    };
    // Only terms in years come to a day today; the shortest of them tells which clips have to be looked at.
    let Some(least) = judging.packs().flat_map(|pack| &pack.keep).filter_map(|rule| years(rule.term)).min() else {
        return Ok(());
    };
    let Some(before) = shifted(now, -(least * YEAR_DAYS - AHEAD_DAYS) * 24 * HOUR_S * 1000) else { return Ok(()) };
    let reckoning = judging.reckoning();
    for row in view.clips_recorded_before(before)? {
        let Some(recorded) = row.clip.recorded_to.or(row.clip.recorded_from) else { continue };
        let fact = Fact::Kept(keep_facts(view, reckoning.zone, &row)?);
        let subject = row.clip.id.to_string();
        about.insert(subject.clone(), DueSubject::Clip(Box::new(row)));
        matters.push(Matter { subject, fact, pack: judging.pack_at(recorded), reckoning });
    }
    Ok(())
}
