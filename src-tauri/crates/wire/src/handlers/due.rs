//! What is due, and the unit's own rules and calendar.

use super::{Answer, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use model::{CaseId, ClipId, ErrorCode, Instant};
use register::ConclusionRow;
use station::{Failure, Station};

pub(super) fn due(host: &Host, _: Nothing) -> Answer<Vec<DueView>> {
    Ok(open(host)?.due()?.iter().map(view::due).collect())
}

pub(super) fn explain_late(host: &Host, request: ExplainLate) -> Answer<Nothing> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    station.explain_late(&actor, &parse::ids(&request.clips, ClipId::parse)?, &request.reason)?;
    Ok(Nothing {})
}

pub(super) fn conclude_case(host: &Host, request: ConcludeCase) -> Answer<Conclusion> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let case = parse::id(&request.case_id, CaseId::parse)?;
    let entered = ConclusionRow {
        inspected_at: moment(request.inspected_at.as_deref(), "inspected_at")?,
        closed_at: moment(request.closed_at.as_deref(), "closed_at")?,
    };
    station.conclude_case(&actor, &case, entered)?;
    case_conclusion(&station, &case)
}

fn moment(text: Option<&str>, field: &str) -> Answer<Option<Instant>> {
    let read = |text: &str| model::parse_instant(text).ok_or_else(|| Failure::invalid(field));
    text.map(read).transpose()
}

pub(super) fn case_conclusion(station: &Station, case: &CaseId) -> Answer<Conclusion> {
    let (judging, now) = (station.judging()?, station.now());
    station.read(|register| view::conclusion(register, &judging, case, &register.packages()?, now))
}

pub(super) fn rule_timeline(host: &Host, _: Nothing) -> Answer<RuleTimeline> {
    let station = open(host)?;
    timeline(&station)
}

fn timeline(station: &Station) -> Answer<RuleTimeline> {
    let today = station.zone().local(station.now()).date_naive().to_string();
    Ok(view::rule_timeline(&station.own_rules()?, &station.rule_adoptions()?, &today))
}

pub(super) fn check_rules(host: &Host, request: CheckRules) -> Answer<RuleCheck> {
    let beside = match &request.beside {
        Some(name) => Some(open(host)?.rules_named(name)?),
        None => None,
    };
    Ok(view::rule_check(&request.text, beside.as_deref()))
}

pub(super) fn adopt_rules(host: &Host, request: AdoptRules) -> Answer<RuleTimeline> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    if let Some(reason) = view::rule_check(&request.text, None).refused {
        return Err(Failure::new(ErrorCode::RulesRefused).with("reason", reason));
    }
    let from = request.from.trim().parse().map_err(|error| Failure::invalid("from").because(error))?;
    station.adopt_rules(&actor, &request.text, from)?;
    timeline(&station)
}

pub(super) fn calendar(host: &Host, _: Nothing) -> Answer<CalendarView> {
    let (calendar, row) = open(host)?.calendar()?;
    Ok(view::calendar(&calendar, row.as_ref()))
}

pub(super) fn import_calendar(host: &Host, request: ImportCalendar) -> Answer<CalendarImported> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let (before, _) = station.calendar()?;
    let moved = station.import_calendar(&actor, &request.text)?;
    let (after, row) = station.calendar()?;
    Ok(CalendarImported {
        calendar: view::calendar(&after, row.as_ref()),
        days: view::turned_days(&before, &after),
        moved: moved.iter().map(view::moved).collect(),
    })
}
