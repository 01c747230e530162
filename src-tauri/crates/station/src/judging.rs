//! The rules in force on each day, and what days are reckoned with.

use crate::trips::{Away, trip_of};
use crate::{Failure, Station, settings};
use chrono::NaiveDate;
use model::{Instant, Session, StationZone};
use register::{ClipRow, RegisterError, View};
use rules::{Answers, Calendar, Course, DayEnd, Fact, Matter, Missing, Reckoning, RulePack, Stored};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Something that the program brings along, or that the unit wrote down.
#[derive(Debug)]
pub enum Held<T: 'static> {
    BuiltIn(&'static T),
    Recorded(Arc<T>),
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        match self {
            Self::BuiltIn(held) => Self::BuiltIn(held),
            Self::Recorded(held) => Self::Recorded(Arc::clone(held)),
        }
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::BuiltIn(held) => held,
            Self::Recorded(held) => held,
        }
    }
}

/// By which rules footage and cases are judged.
///
/// A pack judges what was recorded from its first day on. A verdict on what was stored is closed: it stays by the
/// calendar and the end of the day that held then, which the order of the events tells.
#[derive(Clone, Debug)]
pub struct Judging {
    today: NaiveDate,
    zone: StationZone,
    /// Judges before the first adoption.
    base: Held<RulePack>,
    /// First day and pack, in the order of the days.
    adopted: Vec<(NaiveDate, Held<RulePack>)>,
    /// Each with the event from which it holds, the oldest first.
    calendars: Vec<(u64, Held<Calendar>)>,
    day_ends: Vec<(u64, DayEnd)>,
}

impl Judging {
    /// Returns the pack in force today.
    pub fn pack(&self) -> &RulePack {
        self.held_on(self.today)
    }

    /// Returns the pack that judges what happened at a moment.
    pub fn pack_at(&self, at: Instant) -> &RulePack {
        self.held_on(self.zone.local(at).date_naive())
    }

    fn held_on(&self, day: NaiveDate) -> &Held<RulePack> {
        let in_force = self.adopted.iter().rev().find(|(from, _)| *from <= day);
        in_force.map_or(&self.base, |(_, pack)| pack)
    }

    /// Returns every pack that judges some day.
    pub fn packs(&self) -> impl Iterator<Item = &RulePack> {
        std::iter::once(&self.base).chain(self.adopted.iter().map(|(_, pack)| pack)).map(Deref::deref)
    }

    /// Returns what days are reckoned with now.
    pub fn reckoning(&self) -> Reckoning<'_> {
        self.reckoning_before(u64::MAX)
    }

    /// Returns what days were reckoned with before an event of the ledger.
    pub fn reckoning_before(&self, seq: u64) -> Reckoning<'_> {
        let calendar = self.calendars.iter().rev().find(|(since, _)| *since < seq);
        let day_end = self.day_ends.iter().rev().find(|(since, _)| *since < seq);
        Reckoning {
            zone: self.zone,
            calendar: calendar.map_or(Calendar::builtin(), |(_, calendar)| calendar),
            day_end: day_end.map_or_else(DayEnd::usual, |(_, day_end)| *day_end),
        }
    }

    /// Returns the same with a further calendar.
    pub(crate) fn with_calendar(mut self, seq: u64, calendar: Calendar) -> Self {
        self.calendars.push((seq, Held::Recorded(Arc::new(calendar))));
        self
    }

    /// Returns the trip from whose return a clip's period to be stored runs; `None` where it runs from the recording.
    pub fn away(&self, view: &View<'_>, row: &ClipRow) -> Result<Option<Away>, RegisterError> {
        match row.clip.recorded_to {
            Some(recorded_end) => trip_of(view, self.pack_at(recorded_end), row),
            None => Ok(None),
        }
    }

    /// Returns the pack that judges a session.
    pub fn pack_of(&self, session: &Session) -> &RulePack {
        session.span.map_or_else(|| self.pack(), |span| self.pack_at(span.to))
    }

    /// Returns what a session lacks before it can be filed; nothing where its pack did not hold yet on its day.
    pub(crate) fn lacking(&self, session: &Session, course: &Course, answers: &Answers) -> Vec<Missing> {
        let pack = self.pack_of(session);
        let day = session.span.map(|span| self.zone.local(span.to).date_naive());
        match day.is_none_or(|day| pack.judges(day)) {
            true => rules::readiness(pack, &rules::facts(pack, course, answers)),
            false => Vec::new(),
        }
    }

    /// Returns what may be due of a clip in the store; `None` where the end of its recording is not known, or its
    /// officers are still away.
    pub(crate) fn storing(
        &self,
        view: &View<'_>,
        row: &ClipRow,
        explained: bool,
    ) -> Result<Option<Matter<'_>>, RegisterError> {
        let clip = &row.clip;
        let Some(recorded_end) = clip.recorded_to else { return Ok(None) };
        let away = self.away(view, row)?;
        if away.as_ref().is_some_and(|away| away.returned.is_none()) {
            return Ok(None);
        }
        let returned = away.and_then(|away| away.returned);
        let fact = Fact::Stored { recorded_end, returned, stored_at: clip.taken_in_at, explained };
        let reckoning = self.reckoning_before(view.registered_seq(&clip.id)?);
        Ok(Some(Matter { subject: clip.id.to_string(), fact, pack: self.pack_at(recorded_end), reckoning }))
    }

    /// Judges when a clip was stored; `None` where no rule judges it, the end of its recording is not known, or its
    /// officers are still away.
    pub fn stored(&self, view: &View<'_>, row: &ClipRow) -> Result<Option<Stored<'_>>, RegisterError> {
        let Some(Matter { fact, pack, reckoning, .. }) = self.storing(view, row, false)? else { return Ok(None) };
        let Fact::Stored { recorded_end, returned, stored_at, .. } = fact else { return Ok(None) };
        Ok(rules::stored(pack, recorded_end, returned, stored_at, reckoning))
    }
}

/// What was read of the ledger's rule files and calendars, by the event that wrote each down. An event never changes.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    packs: Mutex<BTreeMap<u64, Arc<RulePack>>>,
    calendars: Mutex<BTreeMap<u64, Arc<Calendar>>>,
}

impl Parsed {
    fn pack(&self, view: &View<'_>, seq: u64) -> Result<Arc<RulePack>, Failure> {
        once(&self.packs, seq, || {
            let text = view.rule_text(seq)?;
            RulePack::parse("rules.toml", &text).map_err(|error| damaged("rule pack", &error))
        })
    }

    fn calendar(&self, view: &View<'_>, seq: u64) -> Result<Arc<Calendar>, Failure> {
        once(&self.calendars, seq, || {
            let text = view.calendar_text(seq)?;
            Calendar::parse("calendar.json", &text).map_err(|error| damaged("calendar", &error.source))
        })
    }
}

fn once<T>(
    held: &Mutex<BTreeMap<u64, Arc<T>>>,
    seq: u64,
    read: impl FnOnce() -> Result<T, Failure>,
) -> Result<Arc<T>, Failure> {
    let lock = || held.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&seq) {
        return Ok(Arc::clone(known));
    }
    let read = Arc::new(read()?);
    lock().insert(seq, Arc::clone(&read));
    Ok(read)
}

/// What was accepted when it was written down cannot be read any more.
fn damaged(what: &'static str, error: &dyn std::fmt::Display) -> Failure {
    RegisterError::Malformed { what, value: error.to_string() }.into()
}

impl Station {
    /// Returns the rules in force.
    pub fn judging(&self) -> Result<Judging, Failure> {
        self.register.read(|view| self.judging_of(view))
    }

    /// Returns the rule pack that judges what was recorded at a moment.
    pub fn judging_at(&self, recorded_end: Instant) -> Result<Held<RulePack>, Failure> {
        let judging = self.judging()?;
        Ok(judging.held_on(self.zone().local(recorded_end).date_naive()).clone())
    }

    /// Returns the rule pack in force today.
    pub fn rule_pack(&self) -> Result<Held<RulePack>, Failure> {
        self.judging_at(self.now())
    }

    /// Returns the rule packs that the unit wrote down, each with the event that did.
    pub(crate) fn recorded_pack(&self, view: &View<'_>, seq: u64) -> Result<Held<RulePack>, Failure> {
        self.parsed.pack(view, seq).map(Held::Recorded)
    }

    pub(crate) fn judging_of(&self, view: &View<'_>) -> Result<Judging, Failure> {
        let id = settings::read(view)?.rule_pack;
        let base = rules::pack(&id).map(Held::BuiltIn).ok_or_else(|| Failure::not_found(id))?;
        let mut adopted = Vec::new();
        for row in view.rule_adoptions()? {
            let from = row.from.parse().map_err(|error| damaged("day", &error))?;
            adopted.push((from, self.recorded_pack(view, row.text_seq)?));
        }
        let mut calendars = Vec::new();
        for row in view.calendars()? {
            calendars.push((row.seq, Held::Recorded(self.parsed.calendar(view, row.seq)?)));
        }
        let day_ends = settings::day_ends(view)?;
        let today = self.zone().local(self.now()).date_naive();
        Ok(Judging { today, zone: self.zone(), base, adopted, calendars, day_ends })
    }
}
