//! 外出: officers who were away with recorders, and what that means for the footage they bring back.

use crate::devices::{line, person_record, said};
use crate::{Act, Failure, Judging, Station, Topic, authorise};
use ledger::{Change, TripClosed, TripOpened, TripWithdrawn};
use model::{Actor, Instant, PersonId, RecorderId, TripId, format_instant};
use register::{ClipRow, RegisterError, TripRow, View};
use rules::{AwayRules, RulePack};

/// 外出登记
#[derive(Clone, Debug)]
pub struct OpenTrip {
    pub people: Vec<PersonId>,
    pub recorders: Vec<RecorderId>,
    /// The id of one of the rules' reasons; where the rules have none, the reason in words.
    pub reason: String,
    pub place: String,
    pub from: Instant,
    /// What shows it: 派遣单号.
    pub proof: String,
    /// Where it is entered afterwards: when they came back, and what shows that.
    pub returned: Option<(Instant, String)>,
}

/// A trip that covers a clip under rules that let it move the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    pub trip: TripRow,
    /// 返回单位; `None`: they are still away, and the period has not begun.
    pub returned: Option<Instant>,
}

/// Tells whether a trip moves the clock of what was recorded on it: only where the rules have that exception, and know
/// the reason.
pub fn moves_clock(pack: &RulePack, trip: &TripRow) -> bool {
    away(pack).is_some_and(|away| away.reasons.iter().any(|reason| reason.id == trip.reason))
}

fn away(pack: &RulePack) -> Option<&AwayRules> {
    pack.store.away.as_ref()
}

/// Returns the trip from whose return a clip's period to be stored runs; `None` where it runs from the recording.
///
/// A trip covers a clip when its recorder was taken along and the recording lies within it.
pub fn trip_of(view: &View<'_>, pack: &RulePack, clip: &ClipRow) -> Result<Option<Away>, RegisterError> {
    if away(pack).is_none() {
        return Ok(None);
    }
    let Some(recorder) = view.recorder_of_origin(&clip.origin)? else { return Ok(None) };
    let trips = view.trips_of_recorder(&recorder)?;
    let (begun, ended) = (clip.clip.recorded_from, clip.clip.recorded_to);
    let covering = trips.into_iter().find(|trip| trip.covers(&recorder, begun, ended) && moves_clock(pack, trip));
    Ok(covering.map(|trip| Away { returned: trip.returned.as_ref().map(|returned| returned.at), trip }))
}

impl Station {
    /// Returns every trip: those that are open first, then the newest.
    pub fn trips(&self) -> Result<Vec<TripRow>, Failure> {
        self.read(|view| view.trips())
    }

    /// Returns the trip from whose return a clip's period to be stored runs, under the rules in force.
    pub fn trip_return_of(&self, clip: &ClipRow) -> Result<Option<Away>, Failure> {
        let judging = self.judging()?;
        self.read(|view| judging.away(view, clip))
    }

    /// Tells whether a clip was stored in time; `None` where no rule judges it, or its officers are still away.
    pub(crate) fn kept(&self, judging: &Judging, clip: &ClipRow) -> Result<Option<bool>, Failure> {
        self.read(|view| Ok(judging.stored(view, clip)?.map(|verdict| verdict.kept)))
    }

    /// Opens a trip. Under rules without that exception it is written down all the same and moves nothing.
    pub fn open_trip(&self, actor: &Actor, order: &OpenTrip) -> Result<TripRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let pack = self.rule_pack()?;
        let (reason, reason_name) = reason(&pack, &order.reason)?;
        if order.people.is_empty() {
            return Err(Failure::invalid("trip_people"));
        }
        if order.recorders.is_empty() || has_doubles(&order.recorders) {
            return Err(Failure::invalid("trip_recorders"));
        }
        if has_doubles(&order.people) {
            return Err(Failure::invalid("trip_people"));
        }
        let id = TripId::fresh(self.around.ids.as_ref());
        let closed = order.returned.as_ref().map(|(at, proof)| self.closing(&id, order.from, Some(*at), proof));
        let closed = closed.transpose()?;
        let opened = TripOpened {
            id: id.to_string(),
            recorders: order.recorders.iter().map(ToString::to_string).collect(),
            reason,
            reason_name,
            place: said("trip_place", &order.place)?,
            from: format_instant(self.past("from", Some(order.from))?),
            proof: said("proof", &order.proof)?,
            people: Vec::new(),
        };
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let people = order.people.iter().map(|id| person_record(view, id)).collect::<Result<_, _>>()?;
            let known = view.recorders()?;
            for recorder in &order.recorders {
                if !known.iter().any(|one| one.id == *recorder) {
                    return Err(Failure::not_found(recorder));
                }
            }
            apart(view, &order.recorders, order.from, order.returned.as_ref().map(|(at, _)| *at))?;
            let opened = Change::from(TripOpened { people, ..opened });
            Ok((std::iter::once(opened).chain(closed.map(Change::from)).collect(), ()))
        })?;
        self.travelled(&id)
    }

    /// 归队: closes a trip. From `returned_at` on its footage has to be stored.
    pub fn close_trip(
        &self,
        actor: &Actor,
        id: &TripId,
        returned_at: Option<Instant>,
        proof: &str,
    ) -> Result<TripRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let trip = standing(view, id)?;
            if trip.returned.is_some() {
                return Err(Failure::invalid("trip").with("what", id));
            }
            Ok((vec![self.closing(id, trip.from, returned_at, proof)?.into()], ()))
        })?;
        self.travelled(id)
    }

    /// Returns what is to be written of a return: behind the beginning, and not in the future.
    fn closing(
        &self,
        id: &TripId,
        from: Instant,
        returned_at: Option<Instant>,
        proof: &str,
    ) -> Result<TripClosed, Failure> {
        let at = self.past("returned_at", returned_at)?;
        if at <= from {
            return Err(Failure::invalid("returned_at"));
        }
        Ok(TripClosed { id: id.to_string(), returned_at: format_instant(at), proof: line("proof", proof)? })
    }

    /// 撤销: a trip that was entered wrongly counts no more; it stays to be read, with why.
    pub fn withdraw_trip(&self, actor: &Actor, id: &TripId, reason: &str) -> Result<TripRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let reason = said("reason", reason)?;
        self.register.write::<_, Failure>(&self.author(actor, &reason), |view| {
            standing(view, id)?;
            Ok((vec![TripWithdrawn { id: id.to_string() }.into()], ()))
        })?;
        self.travelled(id)
    }

    fn travelled(&self, id: &TripId) -> Result<TripRow, Failure> {
        self.tell(&[Topic::Devices, Topic::Clips]);
        self.read(|view| view.trip(id))?.ok_or_else(|| Failure::not_found(id))
    }
}

/// Returns the id and the name of a reason; no id where the rules list none.
fn reason(pack: &RulePack, entered: &str) -> Result<(String, String), Failure> {
    match away(pack) {
        Some(away) => {
            let item = away.reasons.iter().find(|item| item.id == entered);
            item.map(|item| (item.id.clone(), item.name.clone())).ok_or_else(|| Failure::invalid("trip_reason"))
        }
        None => Ok((String::new(), said("trip_reason", entered)?)),
    }
}

fn has_doubles<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(at, one)| list[..at].contains(one))
}

fn standing(view: &View<'_>, id: &TripId) -> Result<TripRow, Failure> {
    let trip = view.trip(id)?.ok_or_else(|| Failure::not_found(id))?;
    if trip.withdrawn.is_some() {
        return Err(Failure::invalid("trip").with("what", id));
    }
    Ok(trip)
}

/// Refuses a stretch of time in which one of the recorders is on another trip: it is in one place at a time.
fn apart(view: &View<'_>, recorders: &[RecorderId], from: Instant, until: Option<Instant>) -> Result<(), Failure> {
    for recorder in recorders {
        if view.trips_of_recorder(recorder)?.iter().any(|other| other.overlaps(from, until)) {
            return Err(Failure::invalid("trip_recorders"));
        }
    }
    Ok(())
}
