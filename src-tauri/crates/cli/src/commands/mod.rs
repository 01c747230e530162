//! One function per command: from what was typed to an answer or a refusal.

mod alarms;
mod archive;
mod cases;
mod checklist;
mod clips;
mod clock;
mod copies;
mod devices;
mod docking;
mod due;
mod exports;
mod own_rules;
mod papers;
mod people;
mod rules;
mod scrub;
mod serve;
mod sessions;
mod statements;
mod vault;

use crate::arguments::{
    AlarmsOrder, Arguments, CalendarOrder, CaseOrder, Common, Order, PaperOrder, PeopleOrder, RecordersOrder,
    RulesOrder, SessionOrder, StatementOrder,
};
use crate::output::Answer;
use crate::refusal::Refusal;

type Outcome = Result<Answer, Refusal>;

/// Carries a command out.
pub fn carry_out(arguments: Arguments) -> Outcome {
    let common = &arguments.common;
    match arguments.order {
        Order::Rules(order) => rules(common, &order),
        Order::Init(new) => vault::init(common, &new),
        Order::Fsck { metadata_only } => vault::fsck(&common.open()?, metadata_only),
        Order::Scrub => scrub::scrub(&common.open()?),
        Order::Alarms { order: None } => alarms::list(&common.open()?),
        Order::Alarms { order: Some(AlarmsOrder::Acknowledge { alarm, note }) } => {
            alarms::acknowledge(&common.open()?, &alarm, &note)
        }
        Order::Papers { kind } => papers::list(&common.open()?, kind),
        Order::Paper(PaperOrder::Issue { kind, subject, values }) => {
            papers::issue(&common.open()?, &kind, &subject, values.as_deref())
        }
        Order::Paper(PaperOrder::Show { paper }) => papers::show(&common.open()?, &paper),
        Order::Due => due::list(&common.open()?),
        Order::Late { clips, reason } => due::explain(&common.open()?, &clips, &reason),
        Order::Rebuild { unit, rules, copies } => {
            vault::rebuild(common, &unit.unwrap_or_default(), &rules.unwrap_or_default(), copies.as_deref())
        }
        Order::Copies(order) => copies::copies(&common.open()?, &order),
        Order::Restore { clip, yes } => copies::restore(&common.open()?, &clip, yes),
        Order::Backup { list } => copies::backup(&common.open()?, list),
        Order::RestoreRegister { file } => copies::restore_register(common, &file),
        Order::Dock => docking::dock(&common.open()?),
        Order::Recorders(RecordersOrder::List) => docking::recorders(&common.open()?),
        Order::Devices => devices::devices(&common.open()?),
        Order::Trips => devices::trips(&common.open()?),
        Order::Intake { path } => docking::intake(common, &path),
        Order::Clock { job, recorder_shows } => clock::clock(&common.open()?, &job, recorder_shows.as_deref()),
        Order::Clips { query, limit } => clips::list(&common.open()?, &query, limit),
        Order::Clip { clip } => clips::show(&common.open()?, &clip),
        Order::Case(order) => case(order, &common.open()?),
        Order::Session(order) => session(order, &common.open()?),
        Order::Checklist(order) => checklist::checklist(order, &common.open()?),
        Order::Statement(order) => statement(order, &common.open()?),
        Order::People(PeopleOrder::List) => people::list(&common.open()?),
        Order::People(PeopleOrder::Add { name, certificate, duty, department }) => {
            people::add(&common.open()?, name, certificate, duty, department)
        }
        Order::Package { case, out, iso } => archive::package(&common.open()?, &case, &out, iso.as_deref()),
        Order::Verify { path } => archive::verify(&path),
        Order::Serve { port } => serve::serve(common, port),
    }
}

fn rules(common: &Common, order: &RulesOrder) -> Outcome {
    // Without a vault the built-in packs and calendar are there; where one is named, the unit's own are as well.
    let named = || common.vault.as_ref().map(|_| common.open()).transpose();
    match order {
        RulesOrder::List => rules::list(named()?.as_ref()),
        RulesOrder::Show { pack } => rules::show(named()?.as_ref(), pack),
        RulesOrder::Compare { packs } => rules::compare(named()?.as_ref(), packs),
        RulesOrder::Check { file } => rules::check(file),
        RulesOrder::Clock(order) => rules::clock(named()?.as_ref(), order),
        RulesOrder::Adopt { file, from } => own_rules::adopt(&common.open()?, file, from),
        RulesOrder::Calendar(CalendarOrder::Show) => own_rules::calendar(named()?.as_ref()),
        RulesOrder::Calendar(CalendarOrder::Import { file }) => own_rules::import(&common.open()?, file),
    }
}

fn case(order: CaseOrder, desk: &crate::context::Desk) -> Outcome {
    match order {
        CaseOrder::Add { number, cause, party, department } => cases::add(desk, number, cause, party, department),
        CaseOrder::List => cases::list(desk),
        CaseOrder::Show { case } => cases::show(desk, &case),
        CaseOrder::Export { case, out, without_footage } => exports::export(desk, &case, &out, without_footage),
        CaseOrder::Deliver { case, day, platform, note } => {
            exports::deliver(desk, &case, &station::CaseDelivery { platform, day, note })
        }
        CaseOrder::Conclude { case, inspected, closed } => {
            due::conclude(desk, &case, inspected.as_deref(), closed.as_deref())
        }
    }
}

fn session(order: SessionOrder, desk: &crate::context::Desk) -> Outcome {
    match order {
        SessionOrder::List { awaiting } => sessions::list(desk, awaiting),
        SessionOrder::Show { session } => sessions::show(desk, &desk.session(&session)?),
        SessionOrder::Assign { sessions, case, none } => sessions::assign(desk, &sessions, case.as_deref(), none),
        SessionOrder::Merge { sessions, reason } => sessions::merge(desk, &sessions, &reason),
        SessionOrder::Split { session, at, reason } => sessions::split(desk, &session, &at, &reason),
    }
}

fn statement(order: StatementOrder, desk: &crate::context::Desk) -> Outcome {
    match order {
        StatementOrder::Draft { session, fields } => statements::draft(desk, &session, &fields),
        StatementOrder::Show { statement } => statements::show(desk, &statement),
        StatementOrder::Sign { session, fields, reason } => statements::sign(desk, &session, &fields, &reason),
        StatementOrder::Pdf { statement, out } => statements::pdf(desk, &statement, &out),
    }
}
