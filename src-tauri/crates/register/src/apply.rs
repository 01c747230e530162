//! What an event does to the tables. Live writes and rebuilding take the same way, so that they cannot differ.

use crate::tables::{
    alarms, answers, backups, calendars, cases, checklists, checkouts, clips, clocks, conclusions, copies, exports,
    jobs, late, numbers, packages, papers, people, recorders, rules, scrub, services, sessions, settings, statements,
    trips,
};
use ledger::{Change, Event};
use model::{Digest, NumberKind, format_instant};
use rusqlite::{Connection, params};

/// Appends the event and brings the tables to what it says.
pub(crate) fn apply(db: &Connection, event: &Event, bytes: &[u8], leaf: Digest) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        event.seq,
        format_instant(event.at),
        event.change.kind(),
        event.actor.display(),
        event.reason,
        bytes,
        leaf.to_string()
    ])?;
    project(db, event)
}

/// Brings the tables to what an event of the ledger says.
pub(crate) fn project(db: &Connection, event: &Event) -> rusqlite::Result<()> {
    let (seq, at, actor) = (event.seq, format_instant(event.at), event.actor.display());
    let mut subject = db.prepare_cached("INSERT OR IGNORE INTO event_subject VALUES (?1, ?2)")?;
    for name in subjects(&event.change) {
        subject.execute(params![name, seq])?;
    }
    if let Some((kind, number)) = number_taken(&event.change) {
        numbers::taken(db, kind, number)?;
    }
    match &event.change {
        Change::UnitNamed(unit) => settings::unit_named(db, unit),
        Change::SettingChanged(setting) => settings::changed(db, seq, setting),
        Change::PersonRecorded(person) => people::recorded(db, person),
        Change::RecorderRecorded(recorder) => recorders::recorder_recorded(db, &at, recorder),
        Change::VolumeRecorded(volume) => recorders::volume_recorded(db, volume),
        // Admission ends with the docking; only the ledger remembers it.
        Change::VolumeAdmitted(_) | Change::ClockStepped(_) => Ok(()),
        Change::RegisterRestored(_) | Change::RegisterRebuilt(_) => Ok(()),
        Change::JobOpened(job) => jobs::opened(db, &at, job),
        Change::JobResumed(job) => jobs::resumed(db, job),
        Change::JobPlanned(job) => jobs::planned(db, job),
        Change::JobProblems(problems) => jobs::problems(db, seq, problems),
        Change::JobClosed(job) => jobs::closed(db, &at, job),
        Change::ClipRegistered(clip) => clips::registered(db, seq, &at, clip),
        Change::ClipSighted(clip) => clips::sighted(db, seq, &at, clip),
        Change::ClipRestored(clip) => clips::restored(db, seq, &at, clip),
        Change::ClipProbed(clip) => clips::probed(db, clip),
        Change::ClipChecked(clip) => clips::checked(db, &at, clip),
        Change::SourceReread(source) => clips::reread(db, seq, &at, source),
        Change::SessionFormed(session) => sessions::formed(db, session),
        Change::SessionChanged(session) => sessions::changed(db, session),
        Change::SessionAssigned(session) => sessions::assigned(db, session),
        Change::SessionAnswered(session) => answers::answered(db, &at, &actor, session),
        Change::ClipMarked(clip) => answers::marked(db, &at, &actor, clip),
        Change::CaseRecorded(case) => cases::recorded(db, &at, case),
        Change::StatementSigned(statement) => statements::signed(db, &at, &actor, &event.reason, statement),
        Change::PackageMade(package) => packages::made(db, &at, &actor, package),
        Change::PackageVerified(package) => packages::verified(db, &at, package),
        Change::StoreChecked(check) => packages::store_checked(db, seq, &at, check),
        Change::ScrubAdvanced(scrub) => scrub::advanced(db, &at, scrub),
        Change::CopyMade(copy) => copies::made(db, &at, copy),
        Change::CopiesRead(read) => copies::read(db, &at, read),
        Change::CopyChecked(copy) => copies::checked(db, &at, copy),
        Change::AlarmRaised(alarm) => alarms::raised(db, &at, alarm),
        Change::AlarmAcknowledged(alarm) => alarms::acknowledged(db, &at, &actor, alarm),
        Change::RecorderClocked(clock) => clocks::clocked(db, seq, clock),
        Change::RegisterBackedUp(backup) => backups::made(db, seq, &at, backup),
        Change::PaperIssued(paper) => papers::issued(db, &at, &actor, paper),
        Change::PaperVoided(paper) => papers::voided(db, &at, &actor, paper),
        Change::ChecklistRecorded(checklist) => checklists::recorded(db, seq, &at, &actor, checklist),
        Change::CaseExported(export) => exports::exported(db, seq, &at, &actor, export),
        Change::CaseDelivered(delivery) => exports::delivered(db, seq, &at, &actor, delivery),
        Change::RecorderCheckedOut(checkout) => checkouts::checked_out(db, &actor, checkout),
        Change::RecorderReturned(checkout) => checkouts::returned(db, &actor, checkout),
        Change::RecorderFaulted(fault) => services::faulted(db, &actor, fault),
        Change::RecorderServiced(service) => services::serviced(db, &actor, service),
        Change::TripOpened(trip) => trips::opened(db, &at, &actor, trip),
        Change::TripClosed(trip) => trips::closed(db, &actor, trip),
        Change::TripWithdrawn(trip) => trips::withdrawn(db, &at, &actor, &event.reason, trip),
        Change::CaseConcluded(case) => conclusions::concluded(db, case),
        Change::ClipLateExplained(late) => late::explained(db, &at, &actor, late),
        Change::CalendarRecorded(calendar) => calendars::recorded(db, seq, &at, &actor, calendar),
        // What moved is reckoned again whenever it is asked; only the ledger keeps what it was before.
        Change::DeadlineRecomputed(_) => Ok(()),
        Change::RulesRecorded(rules) => rules::recorded(db, seq, &at, &actor, rules),
        Change::RulesAdopted(rules) => rules::adopted(db, seq, &at, &actor, rules),
    }
}

/// Returns the number that an event uses up, and of which series.
fn number_taken(change: &Change) -> Option<(NumberKind<'_>, &str)> {
    match change {
        Change::ClipRegistered(clip) => Some((NumberKind::Clip, &clip.number)),
        Change::StatementSigned(statement) => Some((NumberKind::Statement, &statement.number)),
        Change::PackageMade(package) => Some((NumberKind::Package, &package.number)),
        Change::PaperIssued(paper) => Some((NumberKind::of_paper(&paper.kind, &paper.number), &paper.number)),
        _ => None,
    }
}

/// Returns the ids and numbers under which the event is found again.
pub(crate) fn subjects(change: &Change) -> Vec<&str> {
    match change {
        Change::UnitNamed(_) | Change::StoreChecked(_) | Change::ScrubAdvanced(_) | Change::ClockStepped(_) => vec![],
        Change::CopiesRead(_) | Change::RegisterBackedUp(_) => vec![],
        Change::RegisterRestored(_) | Change::RegisterRebuilt(_) => vec![],
        Change::SourceReread(c) => {
            std::iter::once(&*c.job).chain(c.readings.iter().map(|reading| &*reading.clip)).collect()
        }
        Change::CopyMade(c) => vec![&c.clip],
        Change::CopyChecked(c) => vec![&c.clip],
        Change::AlarmRaised(c) => vec![&c.id, &c.subject],
        Change::AlarmAcknowledged(c) => vec![&c.id],
        Change::RecorderClocked(c) => {
            [c.recorder.as_ref(), c.job.as_ref()].into_iter().flatten().map(String::as_str).collect()
        }
        Change::VolumeAdmitted(c) => vec![&c.volume.key],
        Change::JobPlanned(c) => vec![&c.job],
        Change::ClipRestored(c) => vec![&c.clip, &c.job],
        Change::SettingChanged(c) => vec![&c.key],
        Change::PersonRecorded(c) => vec![&c.id],
        Change::RecorderRecorded(c) => vec![&c.id],
        Change::VolumeRecorded(c) => vec![&c.volume.key, &c.recorder],
        Change::JobOpened(c) => vec![&c.id, &c.volume.key],
        Change::JobResumed(c) => vec![&c.id],
        Change::JobProblems(c) => vec![&c.job],
        Change::JobClosed(c) => vec![&c.id],
        Change::ClipRegistered(c) => vec![&c.id, &c.job],
        Change::ClipSighted(c) => vec![&c.clip, &c.job],
        Change::ClipProbed(c) => vec![&c.clip],
        Change::ClipChecked(c) => vec![&c.clip],
        Change::SessionFormed(c) => with_all(&c.id, &c.clips),
        Change::SessionChanged(c) => with_all(&c.id, &c.clips),
        Change::SessionAssigned(c) => {
            [Some(&c.session), c.case.as_ref()].into_iter().flatten().map(String::as_str).collect()
        }
        Change::SessionAnswered(c) => vec![&c.session],
        Change::ClipMarked(c) => vec![&c.clip],
        Change::CaseRecorded(c) => vec![&c.id],
        Change::StatementSigned(c) => {
            let mut subjects = with_all(&c.session, &c.clips);
            subjects.push(&c.number);
            subjects
        }
        Change::PackageMade(c) => vec![&c.id, &c.case],
        Change::PackageVerified(c) => vec![&c.package],
        Change::PaperIssued(c) if c.subject.is_empty() => vec![&c.id, &c.number],
        Change::PaperIssued(c) => vec![&c.id, &c.number, &c.subject],
        Change::PaperVoided(c) => vec![&c.id],
        Change::ChecklistRecorded(_) => vec![],
        Change::CaseExported(c) => vec![&c.case],
        Change::CaseDelivered(c) => vec![&c.case],
        Change::RecorderCheckedOut(c) => vec![&c.id, &c.recorder, &c.person.id],
        Change::RecorderReturned(c) => vec![&c.checkout, &c.recorder, &c.person.id],
        Change::RecorderFaulted(c) => vec![&c.id, &c.recorder],
        Change::RecorderServiced(c) => vec![&c.id, &c.recorder],
        Change::TripOpened(c) => {
            let people = c.people.iter().map(|person| &*person.id);
            with_all(&c.id, &c.recorders).into_iter().chain(people).collect()
        }
        Change::TripClosed(c) => vec![&c.id],
        Change::TripWithdrawn(c) => vec![&c.id],
        Change::CaseConcluded(c) => vec![&c.case],
        Change::ClipLateExplained(c) => c.clips.iter().map(String::as_str).collect(),
        Change::CalendarRecorded(c) => vec![&c.edition],
        Change::DeadlineRecomputed(c) => vec![&c.subject],
        Change::RulesRecorded(c) => vec![&c.pack],
        Change::RulesAdopted(c) => vec![&c.pack],
    }
}

fn with_all<'a>(one: &'a str, many: &'a [String]) -> Vec<&'a str> {
    std::iter::once(one).chain(many.iter().map(String::as_str)).collect()
}
