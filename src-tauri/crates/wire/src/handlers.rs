//! One function per command. Each turns a request into a use case and its result into a response.

mod checklists;
mod devices;
mod due;
mod inquiry;
mod papers;
mod store;

use crate::account::account;
use crate::dto::*;
use crate::host::{Host, built_in_packs};
use crate::{parse, view};
use checklists::*;
use devices::*;
use due::*;
use inquiry::*;
use model::{CaseId, ClipId, ErrorCode, JobId, PackageId, PersonId, SessionId};
use papers::*;
use serde_json::Value;
use station::{Declared, Destination, Failure, Held, NewRecorder, Shown, Station};
use std::sync::Arc;
use store::*;

type Answer<T> = Result<T, Failure>;

macro_rules! dispatch_commands {
    ($($name:ident($request:ty) -> $response:ty,)*) => {
        /// Answers a command by its name.
        pub(crate) fn dispatch(host: &Host, command: &str, request: Value) -> Result<Value, WireError> {
            match command {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(request)
                        .map_err(|error| view::failure(&Failure::invalid(stringify!($name)).because(error)))?;
                    let response: $response = $name(host, request).map_err(|failure| view::failure(&failure))?;
                    serde_json::to_value(response)
                        .map_err(|error| view::failure(&Failure::new(ErrorCode::Internal).because(error)))
                })*
                unknown => Err(view::failure(&Failure::invalid("command").with("command", unknown))),
            }
        }
    };
}
crate::with_commands!(dispatch_commands);

/// Returns the open station; without one the command cannot be answered.
fn open(host: &Host) -> Answer<Arc<Station>> {
    host.station().map_err(|error| {
        let code = ErrorCode::from_code(&error.code).unwrap_or(ErrorCode::Internal);
        let mut failure = Failure::new(code).because(error.detail);
        failure.params = error.params;
        failure
    })
}

fn host_state(host: &Host, _: Nothing) -> Answer<HostState> {
    Ok(host.host_state())
}

fn create_vault(host: &Host, request: CreateVault) -> Answer<HostState> {
    host.create_vault(&request)
}

fn overview(host: &Host, _: Nothing) -> Answer<Overview> {
    let station = open(host)?;
    let settings = station.settings()?;
    let docked = station.drives()?.len();
    let trouble = station.target_trouble();
    let (disk_free, disk_total) = match station.disk_space() {
        // A disk that is gone has no space to tell of; that it is gone is what the window has to say.
        Err(_) if trouble.is_some() => (0, 0),
        told => told?,
    };
    let operator = station.operator()?;
    let counted = station.read(|view| {
        let cases = view.cases()?;
        let ready = cases.iter().filter(|case| case.sessions > 0 && case.awaiting == 0 && case.packages == 0).count();
        let waiting = (view.sessions_awaiting()?.len(), ready, view.open_alarms()?.len());
        Ok((waiting, view.clip_totals()?, view.ledger_head()?, view.last_store_check()?))
    })?;
    let ((awaiting, ready, alarms), (clips, clip_bytes), (ledger_events, head), last_check) = counted;
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Overview {
        unit: settings.unit,
        rule_pack: view::rule_pack(&*station.rule_pack()?),
        vault: station.vault().display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        operator: operator.as_ref().map(view::person),
        zone_minutes: station.zone().minutes(),
        docked: small(docked),
        awaiting: small(awaiting),
        ready_to_package: small(ready),
        disk_free,
        disk_total,
        clips,
        clip_bytes,
        ledger_events,
        ledger_head: view::digest(head),
        last_check: last_check.as_ref().map(view::check_summary),
        alarms: small(alarms),
        target_trouble: trouble.as_ref().map(view::target_trouble),
    })
}

fn rule_packs(_: &Host, _: Nothing) -> Answer<Vec<RulePack>> {
    Ok(built_in_packs())
}

fn rule_pack(host: &Host, request: RulePackRef) -> Answer<RulePackDetail> {
    Ok(view::rule_pack_detail(&*pack(host, &request.id)?))
}

fn compare_rules(host: &Host, request: RulePackRefs) -> Answer<RuleComparison> {
    let packs = request.ids.iter().map(|id| pack(host, id)).collect::<Answer<Vec<_>>>()?;
    let packs: Vec<&rules::RulePack> = packs.iter().map(|pack| &**pack).collect();
    Ok(view::rule_comparison(&packs))
}

/// Returns a pack by its id; the unit's own by `id@version`. The built-in ones are there without a vault.
fn pack(host: &Host, id: &str) -> Answer<Held<rules::RulePack>> {
    match rules::pack(id) {
        Some(built_in) => Ok(Held::BuiltIn(built_in)),
        None => open(host)?.rules_named(id),
    }
}

fn settings(host: &Host, _: Nothing) -> Answer<Settings> {
    Ok(view::settings(open(host)?.settings()?))
}

fn save_settings(host: &Host, request: Settings) -> Answer<Settings> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::settings(station.save_settings(&actor, &parse::settings(request)?)?))
}

fn drives(host: &Host, _: Nothing) -> Answer<Vec<DriveView>> {
    Ok(open(host)?.drives()?.iter().map(view::drive).collect())
}

fn recorder_profiles(_: &Host, _: Nothing) -> Answer<Vec<RecorderProfile>> {
    let profiles = station::recorder_profiles();
    Ok(profiles.into_iter().map(|(id, maker, model)| RecorderProfile { id, maker, model }).collect())
}

fn recorders(host: &Host, _: Nothing) -> Answer<Vec<RecorderView>> {
    Ok(open(host)?.read(|view| view.recorders())?.iter().map(view::recorder).collect())
}

fn admit_drive_once(host: &Host, request: DriveRef) -> Answer<DriveView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::drive(&station.admit_once(&actor, &request.drive)?))
}

fn register_drive(host: &Host, request: RegisterDrive) -> Answer<DriveView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let new = NewRecorder { name: request.name, serial: request.serial, keeper: request.keeper };
    Ok(view::drive(&station.register_drive(&actor, &request.drive, &new)?))
}

fn start_intake(host: &Host, request: StartIntake) -> Answer<JobView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let declared = if request.declared_unclassified { Declared::Asked } else { Declared::NotAsked };
    Ok(view::job(&station.start_intake(&actor, &request.drive, declared)?))
}

fn cancel_intake(host: &Host, request: JobRef) -> Answer<JobView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::job(&station.cancel_intake(&actor, &parse::id(&request.job, JobId::parse)?)?))
}

fn jobs(host: &Host, request: JobPage) -> Answer<Vec<JobView>> {
    Ok(open(host)?.jobs(request.limit.clamp(1, 200))?.iter().map(view::job).collect())
}

fn clips(host: &Host, request: ClipQuery) -> Answer<ClipPage> {
    let (after, limit) = (request.after.clone(), request.limit);
    let filter = parse::clip_filter(request)?;
    let page = open(host)?.read(|view| view.find_clips(&filter, after.as_deref(), limit))?;
    let next = page.rows.last().filter(|_| page.more).map(|row| row.clip.id.to_string());
    Ok(ClipPage { rows: page.rows.iter().map(view::clip).collect(), next, total: page.total })
}

fn clip(host: &Host, request: ClipRef) -> Answer<ClipDetail> {
    let id = parse::id(&request.clip, ClipId::parse)?;
    let station = open(host)?;
    let judging = station.judging()?;
    let known = station.read(|register| view::clip_detail(register, &id, &judging))?;
    known.ok_or_else(|| Failure::not_found(&id))
}

fn clip_media(host: &Host, request: ClipRef) -> Answer<ClipMedia> {
    let id = parse::id(&request.clip, ClipId::parse)?;
    let frames = open(host)?.frames(&id)?;
    let base = host.media_base();
    let frames = frames
        .into_iter()
        .map(|frame| FrameView { url: format!("{base}frame/{id}/{}", frame.n), position_ms: frame.position_ms })
        .collect();
    Ok(ClipMedia { url: format!("{base}footage/{id}"), frames })
}

fn open_clip(host: &Host, request: ClipRef) -> Answer<Nothing> {
    open(host)?.open_clip(&parse::id(&request.clip, ClipId::parse)?)?;
    Ok(Nothing {})
}

fn sessions(host: &Host, request: SessionQuery) -> Answer<Vec<SessionRow>> {
    let found = open(host)?.sessions(request.filter == SessionFilter::Awaiting)?;
    Ok(found.iter().map(view::session).collect())
}

fn session(host: &Host, request: SessionRef) -> Answer<SessionDetail> {
    let station = open(host)?;
    detail(host, &station, &parse::id(&request.session, SessionId::parse)?)
}

fn detail(host: &Host, station: &Station, id: &SessionId) -> Answer<SessionDetail> {
    let (status, draft, signed) = (station.session(id)?, station.draft(id)?, station.statements(id)?);
    Ok(view::session_detail(&status, &draft, &signed, &host.media_base()))
}

fn assign_case(host: &Host, request: AssignCase) -> Answer<Nothing> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let case = request.case_id.map(|text| parse::id(&text, CaseId::parse)).transpose()?;
    station.assign_case(&actor, &parse::ids(&request.sessions, SessionId::parse)?, case.as_ref())?;
    Ok(Nothing {})
}

fn merge_sessions(host: &Host, request: MergeSessions) -> Answer<SessionDetail> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let merged = station.merge_sessions(&actor, &parse::ids(&request.sessions, SessionId::parse)?, &request.reason)?;
    detail(host, &station, &merged.row.session.id)
}

fn split_session(host: &Host, request: SplitSession) -> Answer<SessionDetail> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let session = parse::id(&request.session, SessionId::parse)?;
    let clip = parse::id(&request.clip, ClipId::parse)?;
    let split = station.split_session(&actor, &session, &clip, &request.reason)?;
    detail(host, &station, &split.row.session.id)
}

fn save_draft(host: &Host, request: SaveDraft) -> Answer<Draft> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let session = parse::id(&request.session, SessionId::parse)?;
    let content = parse::draft_fields(&station, request.fields, request.guessed)?;
    Ok(view::draft(&station.save_draft(&actor, &session, request.revision, &content)?))
}

fn sign_statement(host: &Host, request: SignStatement) -> Answer<StatementView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let session = parse::id(&request.session, SessionId::parse)?;
    let fields = parse::statement_fields(&station, request.fields)?;
    let clips = parse::ids(&request.clips, ClipId::parse)?;
    let shown = Shown { revision: request.revision, fields: &fields, clips: &clips };
    let signed = station.sign_statement(&actor, &session, &shown, &request.reason)?;
    Ok(view::statement(&signed, &host.media_base()))
}

fn open_statement(host: &Host, request: StatementRef) -> Answer<Nothing> {
    open(host)?.open_statement(&request.number)?;
    Ok(Nothing {})
}

fn cases(host: &Host, _: Nothing) -> Answer<Vec<CaseView>> {
    let station = open(host)?;
    let rows = station.read(|view| view.cases())?;
    rows.iter().map(|row| lit_case(&station, row)).collect()
}

/// Returns a case with its light; one that is packaged has none any more.
fn lit_case(station: &Station, row: &register::CaseRow) -> Answer<CaseView> {
    if row.packages > 0 || row.sessions == 0 {
        return Ok(view::case(row));
    }
    let sessions = station.read(|view| view.sessions_of_case(&row.case.id))?;
    let sessions = sessions.iter().map(|row| station.session(&row.session.id)).collect::<Answer<Vec<_>>>()?;
    Ok(CaseView { light: Some(view::light(station::light_of(&sessions))), ..view::case(row) })
}

fn case_detail(host: &Host, request: CaseRef) -> Answer<CaseDetail> {
    let station = open(host)?;
    let id = parse::id(&request.case_id, CaseId::parse)?;
    let (row, sessions, packages) =
        station.read(|view| Ok((view.case(&id)?, view.sessions_of_case(&id)?, view.packages()?)))?;
    let row = row.ok_or_else(|| Failure::not_found(&id))?;
    let sessions = sessions.iter().map(|row| station.session(&row.session.id)).collect::<Result<Vec<_>, Failure>>()?;
    Ok(CaseDetail {
        case: lit_case(&station, &row)?,
        sessions: sessions.iter().map(view::session).collect(),
        packages: packages.iter().filter(|package| package.case == id).map(view::package).collect(),
        conclusion: case_conclusion(&station, &id)?,
    })
}

fn save_case(host: &Host, request: SaveCase) -> Answer<CaseView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::case(&station.save_case(&actor, &parse::case(request)?)?))
}

fn package_plan(host: &Host, request: CaseRef) -> Answer<PackagePlan> {
    let draft = open(host)?.package_draft(&parse::id(&request.case_id, CaseId::parse)?)?;
    Ok(view::package_plan(&draft))
}

fn make_package(host: &Host, request: MakePackage) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let case = parse::id(&request.case_id, CaseId::parse)?;
    Ok(view::task(&station.start_package(&actor, &case, Destination::Vault { image: request.image })?))
}

fn verify_package(host: &Host, request: PackageRef) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::task(&station.start_package_check(&actor, &parse::id(&request.package, PackageId::parse)?)?))
}

fn packages(host: &Host, _: Nothing) -> Answer<Vec<PackageView>> {
    Ok(open(host)?.read(|view| view.packages())?.iter().map(view::package).collect())
}

fn open_package(host: &Host, request: PackageRef) -> Answer<Nothing> {
    open(host)?.open_package(&parse::id(&request.package, PackageId::parse)?)?;
    Ok(Nothing {})
}

fn people(host: &Host, _: Nothing) -> Answer<Vec<PersonView>> {
    Ok(open(host)?.read(|view| view.people())?.iter().map(view::person).collect())
}

fn save_person(host: &Host, request: SavePerson) -> Answer<PersonView> {
    let station = open(host)?;
    let nobody_yet = station.read(|view| view.people())?.iter().all(|person| !person.active);
    // The first person is entered by whoever set the station up.
    let actor = if nobody_yet { account() } else { station.acting_operator()? };
    Ok(view::person(&station.save_person(&actor, &parse::person(request)?)?))
}

fn choose_operator(host: &Host, request: PersonRef) -> Answer<PersonView> {
    Ok(view::person(&open(host)?.choose_operator(&parse::id(&request.person, PersonId::parse)?)?))
}

fn check_store(host: &Host, request: CheckRequest) -> Answer<TaskView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    Ok(view::task(&station.start_check(&actor, request.metadata_only)?))
}

fn tasks(host: &Host, _: Nothing) -> Answer<Vec<TaskView>> {
    Ok(open(host)?.tasks().iter().map(view::task).collect())
}

fn cancel_task(host: &Host, request: TaskRef) -> Answer<TaskView> {
    Ok(view::task(&open(host)?.cancel_task(&request.task)?))
}
