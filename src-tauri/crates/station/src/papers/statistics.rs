//! 统计表: sessions of a period by officer and by cause, computed from the register.

use super::content::{PaperContent, row};
use super::filling::{Filling, officer_names};
use super::period::Period;
use super::words::{fill, words};
use crate::{Failure, SessionStatus};
use forms::ListRow;
use register::PaperFilter;
use std::collections::BTreeMap;

/// Code of the papers that say what was not recorded.
const UNRECORDED: &str = "unrecorded";

/// What a group of sessions comes to.
#[derive(Clone, Copy, Default)]
struct Tally {
    sessions: u64,
    interrupted: u64,
    clips: u64,
    duration_ms: u64,
    bytes: u64,
    on_time: u64,
    late: u64,
    signed: u64,
}

pub(super) fn statistics(filling: &Filling<'_>, content: &mut PaperContent) -> Result<(), Failure> {
    let period = filling.period()?;
    let mut total = Tally::default();
    let mut unsigned = Tally::default();
    let (mut by_officer, mut by_cause) = (BTreeMap::<String, Tally>::new(), BTreeMap::<String, Tally>::new());
    for session in filling.station.read(|view| view.sessions())? {
        let began = session.session.span.map(|span| filling.zone.local(span.from).date_naive());
        if !began.is_some_and(|day| period.holds(day)) {
            continue;
        }
        let status = filling.station.session_status(session)?;
        let counted = tally(filling, &status)?;
        total.add(counted);
        if counted.signed == 0 {
            unsigned.add(counted);
        }
        let statement = filling.statement(&status.row)?;
        let mut names = officer_names(&statement);
        names.sort();
        names.dedup();
        names.into_iter().filter(|name| !name.is_empty()).for_each(|n| by_officer.entry(n).or_default().add(counted));
        if !statement.cause.trim().is_empty() {
            by_cause.entry(statement.cause).or_default().add(counted);
        }
    }
    let mut rows: Vec<ListRow> = Vec::new();
    let officers = by_officer.iter().map(|(name, group)| line(&words().statistics_officer, "name", name, group));
    rows.extend(officers);
    rows.extend(by_cause.iter().map(|(cause, group)| line(&words().statistics_cause, "cause", cause, group)));
    if unsigned.sessions > 0 {
        rows.push(line(&words().statistics_unsigned, "", "", &unsigned));
    }
    let unrecorded = count_unrecorded(filling, period)?;
    let mut last = line(&words().statistics_total, "", "", &total);
    last.insert("unrecorded".to_owned(), unrecorded.to_string());
    last.insert("expected".to_owned(), (total.sessions + unrecorded).to_string());
    rows.push(last);
    content.set("period", period.show());
    content.set("as_of", filling.zone.show(filling.station.now()));
    content.set("scope", words().statistics_scope.clone());
    content.set("grouped_by", words().statistics_grouped_by.clone());
    content.set("definitions", words().statistics_definitions.clone());
    content.lists.insert("rows".to_owned(), rows);
    content.sign("compiler", [filling.operator_name()]);
    Ok(())
}

/// Returns how many papers of the period say that nothing was recorded.
fn count_unrecorded(filling: &Filling<'_>, period: Period) -> Result<u64, Failure> {
    let asked = PaperFilter { kind: Some(UNRECORDED.to_owned()), ..PaperFilter::default() };
    let papers = filling.station.read(|view| view.papers(&asked))?;
    let within = papers
        .iter()
        .filter(|paper| paper.voided.is_none() && period.holds(filling.zone.local(paper.issued_at).date_naive()));
    Ok(within.count() as u64)
}

fn tally(filling: &Filling<'_>, status: &SessionStatus) -> Result<Tally, Failure> {
    let mut judged = Vec::new();
    for clip in &status.clips {
        judged.extend(filling.station.kept(&filling.judging, clip)?);
    }
    let late = judged.contains(&false);
    Ok(Tally {
        sessions: 1,
        interrupted: u64::from(!status.gaps.is_empty()),
        clips: status.clips.len() as u64,
        duration_ms: status.row.duration_ms,
        bytes: status.clips.iter().map(|row| row.clip.size).sum(),
        on_time: u64::from(!late && !judged.is_empty()),
        late: u64::from(late),
        signed: u64::from(status.row.statement_number.is_some()),
    })
}

fn line(template: &str, key: &str, item: &str, group: &Tally) -> ListRow {
    row(&[
        ("item", &fill(template, &[(key, item)])),
        ("recorded", &group.sessions.to_string()),
        ("interrupted", &group.interrupted.to_string()),
        ("clips", &group.clips.to_string()),
        ("length", &forms::duration(group.duration_ms)),
        ("size", &forms::size(group.bytes)),
        ("on_time", &group.on_time.to_string()),
        ("late", &group.late.to_string()),
        ("rate", &group.rate()),
        ("evidence", &group.signed.to_string()),
    ])
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.interrupted += other.interrupted;
        self.clips += other.clips;
        self.duration_ms += other.duration_ms;
        self.bytes += other.bytes;
        self.on_time += other.on_time;
        self.late += other.late;
        self.signed += other.signed;
    }

    /// Returns how many of the judged were in time, in tenths of a percent; `——` where none was judged.
    fn rate(self) -> String {
        let judged = self.on_time + self.late;
        if judged == 0 {
            return "——".to_owned();
        }
        let mille = (self.on_time * 1000 + judged / 2) / judged;
        fill(&words().proportion, &[("percent", &format!("{}.{}", mille / 10, mille % 10))])
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn the_rate_is_of_those_that_were_judged() {
        for (on_time, late, rate) in [(0, 0, "——"), (1, 0, "100.0%"), (41, 1, "97.6%"), (2, 1, "66.7%"), (0, 3, "0.0%")]
        {
            assert_eq!(Tally { on_time, late, ..Tally::default() }.rate(), rate, "{on_time} of {}", on_time + late);
        }
    }
}
