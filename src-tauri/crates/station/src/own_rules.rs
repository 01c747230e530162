//! The unit's own rule packs and calendar: written down whole, and in force from then on or from a day on.

use crate::judging::{Held, Judging};
use crate::{Act, Failure, Station, Topic, authorise, due};
use chrono::NaiveDate;
use ledger::{CalendarRecorded, Change, DeadlineRecomputed, RulesAdopted, RulesRecorded};
use model::{Actor, ErrorCode, Instant, format_instant};
use register::{AdoptionRow, CalendarRow, RuleTextRow, View};
use rules::{Calendar, DueItem, DueKind, RulePack, due_list};

/// Largest rule file or calendar, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Stands between a pack and its version where one version is named.
const VERSION_MARK: char = '@';

/// A version of a rule pack that the unit wrote down.
#[derive(Clone, Debug)]
pub struct OwnRules {
    pub row: RuleTextRow,
    pub pack: Held<RulePack>,
}

impl OwnRules {
    /// Returns how this version is named: `qj-qilin@2`.
    pub fn reference(&self) -> String {
        format!("{}{VERSION_MARK}{}", self.row.pack, self.row.version)
    }
}

/// A deadline that a further calendar moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub what: DueKind,
    /// Id of what it is about.
    pub subject: String,
    pub before: Instant,
    pub after: Instant,
}

impl Station {
    /// Returns the versions of rule packs that the unit wrote down, the oldest first.
    pub fn own_rules(&self) -> Result<Vec<OwnRules>, Failure> {
        self.register.read::<_, Failure>(|view| {
            let rows = view.rule_texts()?.into_iter();
            rows.map(|row| Ok(OwnRules { pack: self.recorded_pack(view, row.seq)?, row })).collect()
        })
    }

    /// Returns which version judges from which day, in the order of the days.
    pub fn rule_adoptions(&self) -> Result<Vec<AdoptionRow>, Failure> {
        self.read(|view| view.rule_adoptions())
    }

    /// Returns a rule pack by its id, or one version of the unit's own as `id@version`.
    pub fn rules_named(&self, name: &str) -> Result<Held<RulePack>, Failure> {
        if let Some(built_in) = rules::pack(name) {
            return Ok(Held::BuiltIn(built_in));
        }
        let own = self.own_rules()?.into_iter().find(|own| own.reference() == name);
        own.map(|own| own.pack).ok_or_else(|| Failure::not_found(name))
    }

    /// 启用: writes a rule file down, where it is not yet, and lets it judge what is recorded from a day on.
    ///
    /// The day is none before the one from which the file says that it holds. A version is never written down twice
    /// with different words: whoever changes a pack gives it the next version.
    pub fn adopt_rules(&self, actor: &Actor, text: &str, from: NaiveDate) -> Result<RulePack, Failure> {
        authorise(self, actor, Act::Administer)?;
        let refused = |why: &str| Failure::new(ErrorCode::RulesRefused).with("reason", why);
        if text.len() > TEXT_BYTES_MAX {
            return Err(Failure::invalid("rule_text"));
        }
        let pack = RulePack::parse("rules.toml", text).map_err(|error| refused(&error.to_string()).because(error))?;
        if !pack.judges(from) {
            return Err(Failure::invalid("from"));
        }
        let (id, version) = (pack.id.clone(), pack.version);
        if rules::pack(&id).is_some_and(|built_in| built_in.version == version && *built_in != pack) {
            return Err(Failure::invalid("version"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let mut changes: Vec<Change> = Vec::new();
            match view.rule_texts()?.into_iter().find(|row| row.pack == id && row.version == version) {
                None => {
                    let recorded = RulesRecorded { pack: id.clone(), version, text: text.to_owned() };
                    changes.push(recorded.into());
                }
                Some(row) if *self.recorded_pack(view, row.seq)? == pack => {}
                Some(_) => return Err(Failure::invalid("version")),
            }
            changes.push(RulesAdopted { pack: id.clone(), version, from: from.to_string() }.into());
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Settings, Topic::Due, Topic::Clips, Topic::Sessions]);
        Ok(pack)
    }

    /// Returns the calendar in force and, unless it is the built-in one, who took it over and when.
    pub fn calendar(&self) -> Result<(Calendar, Option<CalendarRow>), Failure> {
        self.register.read::<_, Failure>(|view| {
            let calendar = self.judging_of(view)?.reckoning().calendar.clone();
            Ok((calendar, view.calendars()?.pop()))
        })
    }

    /// 导入日历: a further calendar is in force from now on. What runs is reckoned again, and what moved is written down
    /// with it; what was stored was judged then, and stays so.
    pub fn import_calendar(&self, actor: &Actor, text: &str) -> Result<Vec<Moved>, Failure> {
        authorise(self, actor, Act::Administer)?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(Failure::invalid("calendar"));
        }
        let calendar = Calendar::parse("calendar.json", text)
            .map_err(|error| Failure::new(ErrorCode::CalendarRefused).with("reason", &error.source).because(error))?;
        let now = self.now();
        let moved = self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let before = self.judging_of(view)?;
            if *before.reckoning().calendar == calendar {
                return Err(Failure::new(ErrorCode::CalendarRefused).with("reason", calendar.edition()));
            }
            let (seq, _) = view.ledger_head()?;
            let after = before.clone().with_calendar(seq + 1, calendar.clone());
            let moved = moved(&running(view, &before, now)?, &running(view, &after, now)?);
            let recorded = CalendarRecorded { edition: calendar.edition(), text: text.to_owned() };
            let mut changes: Vec<Change> = vec![recorded.into()];
            changes.extend(moved.iter().map(|one| Change::from(DeadlineRecomputed::from(one))));
            Ok((changes, moved))
        })?;
        self.tell(&[Topic::Settings, Topic::Due, Topic::Clips]);
        Ok(moved)
    }
}

fn running(view: &View<'_>, judging: &Judging, now: Instant) -> Result<Vec<DueItem>, Failure> {
    let (matters, _) = due::running(view, judging)?;
    Ok(due_list(&matters, now))
}

fn moved(before: &[DueItem], after: &[DueItem]) -> Vec<Moved> {
    let same = |a: &DueItem, b: &DueItem| a.what == b.what && a.subject == b.subject;
    let pairs = before.iter().filter_map(|old| Some((old, after.iter().find(|new| same(old, new))?)));
    pairs
        .filter(|(old, new)| old.due != new.due)
        .map(|(old, new)| Moved { what: old.what, subject: old.subject.clone(), before: old.due, after: new.due })
        .collect()
}

impl From<&Moved> for DeadlineRecomputed {
    fn from(moved: &Moved) -> Self {
        Self {
            subject: moved.subject.clone(),
            what: moved.what.code().to_owned(),
            before: format_instant(moved.before),
            after: format_instant(moved.after),
        }
    }
}
