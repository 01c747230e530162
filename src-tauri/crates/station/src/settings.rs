//! How the unit has set things up.

use crate::{Act, Failure, Station, Topic, authorise};
use ledger::{Change, SettingChanged, UnitNamed};
use model::{Actor, SessionRules};
use register::View;
use rules::{DayEnd, RulePack};
use std::path::PathBuf;

/// Places below which real mounts count as docked, unless set otherwise: where desktops mount what is plugged in.
const MOUNT_ROOTS: [&str; 2] = ["/media", "/run/media"];
/// Longest name of a unit, in characters.
const UNIT_CHARS_MAX: usize = 60;
/// Days within which every original is read back, unless set otherwise.
const SCRUB_DAYS: u32 = 30;
/// Longest time that may be set for it.
const SCRUB_DAYS_MAX: u32 = 366;
/// Longest pause within a session that may be set: a day.
const PAUSE_MAX_S: u32 = 24 * 3600;

const DAY_ENDS_AT_CLOSE: &str = "day_ends_at_close";
const OFFICE_CLOSE: &str = "office_close";

/// The unit's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub unit: String,
    pub rule_pack: String,
    /// Ask before each intake whether the drive holds state secrets.
    pub ask_unclassified: bool,
    /// Start by itself when a registered drive is docked.
    pub intake_at_once: bool,
    pub session_rules: SessionRules,
    pub dock_folders: Vec<PathBuf>,
    pub mount_roots: Vec<PathBuf>,
    /// Read every card a second time while it is docked (V3).
    pub second_read: bool,
    /// Folder on another disk that gets a second copy of everything.
    pub second_copy: Option<PathBuf>,
    /// Days within which the scrub reads every original back; 0: it does not run.
    pub scrub_days: u32,
    /// Which moment of the last working day ends a period.
    pub day_end: DayEnd,
}

impl Settings {
    fn check(&self) -> Result<(), Failure> {
        let bad = |field: &str| Err(Failure::invalid(field));
        if self.unit.trim().is_empty() || self.unit.chars().count() > UNIT_CHARS_MAX {
            return bad("unit");
        }
        if rules::pack(&self.rule_pack).is_none() {
            return bad("rule_pack");
        }
        if self.intake_at_once && self.ask_unclassified {
            return bad("intake_at_once");
        }
        let rules = self.session_rules;
        if rules.pause_max_s > PAUSE_MAX_S {
            return bad("session_pause_max_s");
        }
        if self.dock_folders.iter().chain(&self.mount_roots).any(|place| !place.is_absolute()) {
            return bad("dock_folders");
        }
        if self.second_copy.as_ref().is_some_and(|place| !place.is_absolute()) {
            return bad("second_copy");
        }
        if self.scrub_days > SCRUB_DAYS_MAX {
            return bad("scrub_days");
        }
        Ok(())
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let lines =
            |places: &[PathBuf]| places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join("\n");
        vec![
            ("ask_unclassified", self.ask_unclassified.to_string()),
            ("intake_at_once", self.intake_at_once.to_string()),
            ("session_pause_max_s", self.session_rules.pause_max_s.to_string()),
            ("dock_folders", lines(&self.dock_folders)),
            ("mount_roots", lines(&self.mount_roots)),
            ("second_read", self.second_read.to_string()),
            ("second_copy", lines(self.second_copy.as_slice())),
            ("scrub_days", self.scrub_days.to_string()),
            (DAY_ENDS_AT_CLOSE, self.day_end.at_close().to_string()),
            (OFFICE_CLOSE, self.day_end.close()),
        ]
    }
}

pub(crate) fn read(view: &View<'_>) -> Result<Settings, register::RegisterError> {
    let text = |key: &str| view.setting(key);
    let number = |key: &str, otherwise: u32| -> Result<u32, register::RegisterError> {
        Ok(view.setting(key)?.and_then(|value| value.parse().ok()).unwrap_or(otherwise))
    };
    let places = |value: Option<String>, otherwise: &[&str]| -> Vec<PathBuf> {
        match value {
            Some(lines) => lines.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect(),
            None => otherwise.iter().map(PathBuf::from).collect(),
        }
    };
    let usual = SessionRules::default();
    Ok(Settings {
        unit: text("unit")?.unwrap_or_default(),
        rule_pack: text("rule_pack")?.unwrap_or_default(),
        ask_unclassified: text("ask_unclassified")?.as_deref() == Some("true"),
        intake_at_once: text("intake_at_once")?.as_deref() == Some("true"),
        session_rules: SessionRules { pause_max_s: number("session_pause_max_s", usual.pause_max_s)? },
        dock_folders: places(text("dock_folders")?, &[]),
        mount_roots: places(text("mount_roots")?, &MOUNT_ROOTS),
        second_read: text("second_read")?.as_deref() == Some("true"),
        second_copy: places(text("second_copy")?, &[]).into_iter().next(),
        scrub_days: number("scrub_days", SCRUB_DAYS)?,
        day_end: day_ends(view)?.pop().map_or_else(DayEnd::usual, |(_, day_end)| day_end),
    })
}

/// Returns the ends of the day as they were set, each with the event that set it, the oldest first.
pub(crate) fn day_ends(view: &View<'_>) -> Result<Vec<(u64, DayEnd)>, register::RegisterError> {
    let mut changes: Vec<(u64, &str, String)> = Vec::new();
    for key in [DAY_ENDS_AT_CLOSE, OFFICE_CLOSE] {
        changes.extend(view.setting_changes(key)?.into_iter().map(|(seq, value)| (seq, key, value)));
    }
    changes.sort_unstable();
    let (mut at_close, mut close) = (DayEnd::usual().at_close(), DayEnd::usual().close());
    let mut ends = Vec::new();
    for (seq, key, value) in changes {
        match key {
            OFFICE_CLOSE => close = value,
            _ => at_close = value == "true",
        }
        ends.extend(DayEnd::parse(at_close, &close).map(|day_end| (seq, day_end)));
    }
    Ok(ends)
}

impl Station {
    /// Returns the settings.
    pub fn settings(&self) -> Result<Settings, Failure> {
        self.read(read)
    }

    /// Changes the settings; each that differs is an event of its own.
    pub fn save_settings(&self, actor: &Actor, settings: &Settings) -> Result<Settings, Failure> {
        authorise(self, actor, Act::Administer)?;
        settings.check()?;
        if let Some(place) = settings.second_copy.as_ref()
            && self.settings()?.second_copy.as_ref() != Some(place)
        {
            self.fit_copy_place(actor, place)?;
        }
        let zone_minutes = self.zone().minutes();
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let held = read(view)?;
            let mut changes: Vec<Change> = Vec::new();
            if (&held.unit, &held.rule_pack) != (&settings.unit, &settings.rule_pack) {
                let (unit, rule_pack) = (settings.unit.trim().to_owned(), settings.rule_pack.clone());
                let vault = self.facts.id.clone();
                changes.push(UnitNamed { vault, unit, rule_pack, zone_minutes }.into());
            }
            for ((key, value), (_, before)) in settings.pairs().into_iter().zip(held.pairs()) {
                if value != before {
                    changes.push(SettingChanged { key: key.to_owned(), value }.into());
                }
            }
            Ok((changes, ()))
        })?;
        self.tell(&[Topic::Settings, Topic::Dock]);
        self.mark_dock_dirty();
        self.settings()
    }

    pub(crate) fn name_unit(&self, unit: &str, pack: &RulePack, actor: &Actor) -> Result<(), Failure> {
        let named = UnitNamed {
            vault: self.facts.id.clone(),
            unit: unit.to_owned(),
            rule_pack: pack.id.clone(),
            zone_minutes: self.zone().minutes(),
        };
        let asking =
            SettingChanged { key: "ask_unclassified".into(), value: pack.dock.ask_unclassified.value.to_string() };
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((vec![named.into(), asking.into()], ())))
    }
}
