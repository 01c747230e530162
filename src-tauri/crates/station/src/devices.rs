//! 设备台账: the unit's recorders, who has them, what is wrong with them and what was done about it.

use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{
    Change, PersonRecord, RecorderCheckedOut, RecorderFaulted, RecorderRecorded, RecorderReturned, RecorderServiced,
};
use model::{
    Actor, CheckoutId, ErrorCode, FaultId, Instant, Person, PersonId, Recorder, RecorderId, RecorderState,
    RecorderStatus, ServiceId, ServiceKind, ServiceResult, UseCheck, format_instant,
};
use register::{CheckoutRow, EventRow, FaultRow, RecorderRow, ServiceRow, TripRow, View};
use rules::RulePack;

/// Longest line of text that is entered, in characters.
pub(crate) const LINE_CHARS_MAX: usize = 200;

/// A recorder to be added (`id` none) or changed.
#[derive(Clone, Debug)]
pub struct SaveRecorder {
    pub id: Option<RecorderId>,
    pub name: String,
    pub serial: String,
    /// One of the rules' kinds, or empty.
    pub kind: String,
    pub maker: String,
    pub model: String,
    /// `2026-11-21`, or empty.
    pub acquired_on: String,
    pub cost: String,
    pub place: String,
    pub status: RecorderStatus,
    /// Who keeps it; `None` takes `keeper` as it was entered.
    pub keeper_id: Option<PersonId>,
    pub keeper: String,
}

/// 使用前检查: what was seen; `None`: not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseChecks {
    pub battery_percent: Option<u32>,
    /// Free storage, in millions of bytes.
    pub free_mb: Option<u64>,
    pub clock_right: Option<bool>,
    pub performance_ok: Option<bool>,
    /// Further things in order, in the rules' words.
    pub also_checked: Vec<String>,
}

impl UseChecks {
    /// Returns which of the rules' checks were not made.
    pub fn lacking(&self, asked: &[String]) -> Vec<String> {
        let made = |word: &String| match UseCheck::named(word) {
            Some(UseCheck::Battery) => self.battery_percent.is_some(),
            Some(UseCheck::Storage) => self.free_mb.is_some(),
            Some(UseCheck::Clock) => self.clock_right.is_some(),
            Some(UseCheck::Performance) => self.performance_ok.is_some(),
            None => self.also_checked.contains(word),
        };
        asked.iter().filter(|word| !made(word)).cloned().collect()
    }

    /// Returns what was found wanting.
    pub fn unfit(&self) -> Vec<UseCheck> {
        let empty = |left: Option<u64>| left == Some(0);
        let found = [
            (UseCheck::Performance, self.performance_ok == Some(false)),
            (UseCheck::Battery, empty(self.battery_percent.map(u64::from))),
            (UseCheck::Storage, empty(self.free_mb)),
            (UseCheck::Clock, self.clock_right == Some(false)),
        ];
        found.into_iter().filter(|(_, wanting)| *wanting).map(|(check, _)| check).collect()
    }
}

/// 领用
#[derive(Clone, Debug)]
pub struct CheckOut {
    pub recorder: RecorderId,
    pub person: PersonId,
    /// `None`: now.
    pub at: Option<Instant>,
    pub checks: UseChecks,
    pub remark: String,
    /// Hand it out although the check lacks something or found something; that is logged.
    pub despite: bool,
}

/// 归还
#[derive(Clone, Debug)]
pub struct ReturnRecorder {
    pub recorder: RecorderId,
    pub person: PersonId,
    /// `None`: now.
    pub at: Option<Instant>,
    /// What is wrong with it; empty: nothing.
    pub fault: String,
    pub remark: String,
}

/// 报障
#[derive(Clone, Debug)]
pub struct ReportFault {
    pub recorder: RecorderId,
    pub person: PersonId,
    /// `None`: now.
    pub at: Option<Instant>,
    pub what: String,
}

/// 维修保养
#[derive(Clone, Debug)]
pub struct Service {
    pub recorder: RecorderId,
    pub kind: ServiceKind,
    /// `None`: now.
    pub at: Option<Instant>,
    pub what: String,
    pub by: String,
    pub cost: String,
    pub result: ServiceResult,
}

/// Everything that is known of a recorder.
#[derive(Clone, Debug)]
pub struct RecorderHistory {
    pub row: RecorderRow,
    /// Who had it when, the newest first.
    pub checkouts: Vec<CheckoutRow>,
    pub faults: Vec<FaultRow>,
    pub services: Vec<ServiceRow>,
    pub trips: Vec<TripRow>,
    /// The ledger's events, the oldest first.
    pub events: Vec<EventRow>,
}

/// Returns the only active person of a name.
pub(crate) fn keeper_named(people: &[Person], name: &str) -> Option<PersonId> {
    let mut found = people.iter().filter(|person| person.active && person.name == name);
    found.next().filter(|_| found.next().is_none()).map(|person| person.id.clone())
}

/// Returns the article by which a recorder that nobody keeps may not be used; `None` where it may.
pub fn keeper_wanted(pack: &RulePack, row: &RecorderRow) -> Option<String> {
    let rule = pack.devices.keeper.as_ref().filter(|rule| rule.value && !row.is_kept())?;
    Some(rule.article.as_deref().map(|article| pack.cite(article)).unwrap_or_default())
}

/// Returns text without spaces around it, or the refusal of what is too long.
pub(crate) fn line(field: &str, text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.chars().count() > LINE_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Failure::invalid(field));
    }
    Ok(text.to_owned())
}

/// Returns text that may not be empty.
pub(crate) fn said(field: &str, text: &str) -> Result<String, Failure> {
    line(field, text).and_then(|text| if text.is_empty() { Err(Failure::invalid(field)) } else { Ok(text) })
}

/// Returns a person who works here as they are called now.
pub(crate) fn person_record(view: &View<'_>, id: &PersonId) -> Result<PersonRecord, Failure> {
    let person = view.person(id)?.filter(|person| person.active).ok_or_else(|| Failure::not_found(id))?;
    Ok(PersonRecord { id: id.to_string(), name: person.name, certificate_no: person.certificate_no })
}

fn row(view: &View<'_>, id: &RecorderId) -> Result<RecorderRow, Failure> {
    view.recorder_row(id)?.ok_or_else(|| Failure::not_found(id))
}

impl Station {
    /// Returns the 设备台账.
    pub fn recorder_rows(&self) -> Result<Vec<RecorderRow>, Failure> {
        self.read(|view| view.recorder_rows())
    }

    /// Returns everything that is known of a recorder.
    pub fn recorder_history(&self, id: &RecorderId) -> Result<RecorderHistory, Failure> {
        let known = self.read(|view| {
            let Some(row) = view.recorder_row(id)? else { return Ok(None) };
            let trips = view.trips_of_recorder(id)?;
            let subjects: Vec<&str> =
                std::iter::once(id.as_str()).chain(trips.iter().map(|one| one.id.as_str())).collect();
            let (checkouts, faults) = (view.checkouts(Some(id))?, view.faults(Some(id))?);
            let (services, events) = (view.services(Some(id))?, view.history(&subjects)?);
            Ok(Some(RecorderHistory { row, checkouts, faults, services, trips, events }))
        })?;
        known.ok_or_else(|| Failure::not_found(id))
    }

    /// Adds a recorder, or changes what the 设备台账 says of one. None is ever removed: it is retired.
    pub fn save_recorder(&self, actor: &Actor, save: &SaveRecorder) -> Result<RecorderRow, Failure> {
        authorise(self, actor, Act::Administer)?;
        let acquired_on = line("acquired_on", &save.acquired_on)?;
        let is_day = acquired_on.len() == 10 && self.zone().parse(&format!("{acquired_on} 00:00")).is_some();
        if !acquired_on.is_empty() && !is_day {
            return Err(Failure::invalid("acquired_on"));
        }
        let entered = Recorder {
            id: save.id.clone().unwrap_or_else(|| RecorderId::fresh(self.around.ids.as_ref())),
            name: said("name", &save.name)?,
            profile: String::new(),
            serial: line("serial", &save.serial)?,
            keeper: line("keeper", &save.keeper)?,
            keeper_id: save.keeper_id.clone(),
            kind: line("kind", &save.kind)?,
            maker: line("maker", &save.maker)?,
            model: line("model", &save.model)?,
            acquired_on,
            cost: line("cost", &save.cost)?,
            place: line("store_place", &save.place)?,
            status: save.status,
        };
        let kinds = &self.rule_pack()?.devices.kinds.value;
        let id = entered.id.clone();
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let changes = vec![recorded(view, entered, save.id.is_some(), kinds)?.into()];
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Devices, Topic::Dock, Topic::Settings]);
        self.read(|view| view.recorder_row(&id))?.ok_or_else(|| Failure::not_found(&id))
    }

    /// 领用: hands a recorder out. Only one that is in store, and that somebody keeps where the rules ask for that.
    /// What the rules want checked before (使用前检查) and was not, or what was found wanting, is refused unless
    /// `despite` says that it is handed out all the same; then it is logged.
    pub fn check_out(&self, actor: &Actor, order: &CheckOut) -> Result<RecorderRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let pack = self.rule_pack()?;
        let checks = &order.checks;
        if checks.battery_percent.is_some_and(|percent| percent > 100) {
            return Err(Failure::invalid("battery_percent"));
        }
        let asked = pack.devices.check_before_use.as_ref();
        let words = asked.map(|rule| rule.value.as_slice()).unwrap_or_default();
        let article = asked.and_then(|rule| rule.article.as_deref()).map(|article| pack.cite(article));
        let (unchecked, unfit) = (checks.lacking(words), checks.unfit());
        let unfit: Vec<String> = unfit.into_iter().map(|check| check.code().to_owned()).collect();
        let whole = unchecked.is_empty() && unfit.is_empty();
        if !whole && !order.despite {
            let missing = unchecked.iter().chain(&unfit).map(String::as_str).collect::<Vec<_>>().join(",");
            return Err(Failure::new(ErrorCode::UseCheckIncomplete)
                .with("missing", missing)
                .with("article", article.unwrap_or_default()));
        }
        let checked_out = RecorderCheckedOut {
            id: CheckoutId::fresh(self.around.ids.as_ref()).to_string(),
            recorder: order.recorder.to_string(),
            at: format_instant(self.past("at", order.at)?),
            battery_percent: checks.battery_percent,
            free_mb: checks.free_mb,
            clock_right: checks.clock_right,
            performance_ok: checks.performance_ok,
            also_checked: words.iter().filter(|word| checks.also_checked.contains(word)).cloned().collect(),
            unchecked,
            unfit,
            article: article.unwrap_or_default(),
            remark: line("remark", &order.remark)?,
            ..RecorderCheckedOut::default()
        };
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let held = row(view, &order.recorder)?;
            may_go_out(&pack, &held)?;
            let before = view.checkouts(Some(&order.recorder))?;
            let last =
                before.iter().filter_map(|one| one.returned.as_ref()).map(|returned| format_instant(returned.at));
            if last.max().is_some_and(|returned| checked_out.at < returned) {
                return Err(Failure::invalid("at"));
            }
            let person = person_record(view, &order.person)?;
            Ok((vec![RecorderCheckedOut { person, ..checked_out }.into()], ()))
        })?;
        self.equipped(&order.recorder)
    }

    /// 归还: takes a recorder back, and notes its fault where one was found.
    pub fn return_recorder(&self, actor: &Actor, order: &ReturnRecorder) -> Result<RecorderRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let at = self.past("at", order.at)?;
        let (fault, remark) = (line("fault", &order.fault)?, line("remark", &order.remark)?);
        let recorder = order.recorder.to_string();
        let fault_id = FaultId::fresh(self.around.ids.as_ref()).to_string();
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let out = row(view, &order.recorder)?.out.ok_or_else(|| Failure::invalid("checkout"))?;
            if at < out.at {
                return Err(Failure::invalid("at"));
            }
            let (person, at) = (person_record(view, &order.person)?, format_instant(at));
            let found_by = person.clone();
            let (sound, checkout) = (fault.is_empty(), out.id.to_string());
            let returned =
                RecorderReturned { checkout, recorder: recorder.clone(), person, at: at.clone(), sound, remark };
            let mut changes: Vec<Change> = vec![returned.into()];
            if !sound {
                changes.push(RecorderFaulted { id: fault_id, recorder, at, what: fault, found_by }.into());
            }
            Ok((changes, ()))
        })?;
        self.equipped(&order.recorder)
    }

    /// 报障: notes what is wrong with a recorder; it stands until a repair makes it usable.
    pub fn report_fault(&self, actor: &Actor, order: &ReportFault) -> Result<RecorderRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let faulted = RecorderFaulted {
            id: FaultId::fresh(self.around.ids.as_ref()).to_string(),
            recorder: order.recorder.to_string(),
            at: format_instant(self.past("at", order.at)?),
            what: said("what", &order.what)?,
            found_by: PersonRecord::default(),
        };
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            row(view, &order.recorder)?;
            let found_by = person_record(view, &order.person)?;
            Ok((vec![RecorderFaulted { found_by, ..faulted }.into()], ()))
        })?;
        self.equipped(&order.recorder)
    }

    /// 维修保养: notes what was done with a recorder. `Usable` ends its faults; `SentAway` puts it in repair.
    pub fn service_recorder(&self, actor: &Actor, order: &Service) -> Result<RecorderRow, Failure> {
        authorise(self, actor, Act::Equip)?;
        let serviced = RecorderServiced {
            id: ServiceId::fresh(self.around.ids.as_ref()).to_string(),
            recorder: order.recorder.to_string(),
            kind: order.kind.code().to_owned(),
            at: format_instant(self.past("at", order.at)?),
            what: said("what", &order.what)?,
            by: said("by", &order.by)?,
            cost: line("cost", &order.cost)?,
            result: order.result.code().to_owned(),
        };
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            // What somebody has cannot be in a workshop.
            if row(view, &order.recorder)?.out.is_some() {
                return Err(out_already(&row(view, &order.recorder)?));
            }
            Ok((vec![serviced.into()], ()))
        })?;
        self.equipped(&order.recorder)
    }

    /// Returns a moment that was entered, or the present; nothing can have happened in the future.
    pub(crate) fn past(&self, field: &str, at: Option<Instant>) -> Result<Instant, Failure> {
        let now = self.now();
        at.map_or(Ok(now), |at| if at > now { Err(Failure::invalid(field)) } else { Ok(at) })
    }

    fn equipped(&self, id: &RecorderId) -> Result<RecorderRow, Failure> {
        self.tell(&[Topic::Devices]);
        self.read(|view| view.recorder_row(id))?.ok_or_else(|| Failure::not_found(id))
    }
}

/// Returns what is to be written of a recorder as it was entered.
fn recorded(view: &View<'_>, entered: Recorder, known: bool, kinds: &[String]) -> Result<RecorderRecorded, Failure> {
    let rows = view.recorder_rows()?;
    let held = rows.iter().find(|row| row.recorder.id == entered.id);
    if known && held.is_none() {
        return Err(Failure::not_found(&entered.id));
    }
    let before = held.map(|row| &row.recorder);
    let others = || rows.iter().map(|row| &row.recorder).filter(|other| other.id != entered.id);
    if others().any(|other| other.name == entered.name) {
        return Err(Failure::invalid("name"));
    }
    if !entered.serial.is_empty() && others().any(|other| other.serial == entered.serial) {
        return Err(Failure::invalid("serial"));
    }
    if !entered.kind.is_empty()
        && !kinds.contains(&entered.kind)
        && before.is_none_or(|before| before.kind != entered.kind)
    {
        return Err(Failure::invalid("kind"));
    }
    if entered.status == RecorderStatus::Retired
        && let Some(row) = held.filter(|row| row.out.is_some())
    {
        return Err(out_already(row));
    }
    let keeper = match &entered.keeper_id {
        // A keeper who has left stays named until there is another.
        Some(id) if before.is_some_and(|before| before.keeper_id.as_ref() == Some(id)) => {
            before.map(|before| before.keeper.clone()).unwrap_or_default()
        }
        Some(id) => person_record(view, id)?.name,
        None => entered.keeper.clone(),
    };
    let profile = before.map(|before| before.profile.clone()).unwrap_or_default();
    Ok(RecorderRecorded::from(&Recorder { keeper, profile, ..entered }))
}

fn out_already(row: &RecorderRow) -> Failure {
    let who = row.out.as_ref().map(|out| out.person.name.clone()).unwrap_or_default();
    Failure::new(ErrorCode::RecorderOut).with("name", &row.recorder.name).with("who", who)
}

/// Refuses a recorder that nobody may take.
fn may_go_out(pack: &RulePack, row: &RecorderRow) -> Result<(), Failure> {
    if row.out.is_some() {
        return Err(out_already(row));
    }
    if row.state != RecorderState::InStore {
        return Err(Failure::new(ErrorCode::RecorderNotReady).with("name", &row.recorder.name));
    }
    match keeper_wanted(pack, row) {
        Some(article) => {
            Err(Failure::new(ErrorCode::KeeperMissing).with("name", &row.recorder.name).with("article", article))
        }
        None => Ok(()),
    }
}
