//! 归档就绪灯: what a session still lacks before it can be filed, each with the article that asks for it.

use crate::law::law;
use crate::pack::RulePack;
use model::{Instant, shifted};
use std::collections::BTreeMap;

const MINUTE_MS: i64 = 60_000;

/// How ready something is; the worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    Green,
    /// Something should be answered; it does not stand in the way.
    Amber,
    /// An article is not met.
    Red,
}

impl Light {
    /// Returns the code used in documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

macro_rules! wants {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What can be missing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Want { $($(#[$doc])* $name,)* }

        impl Want {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the stable code, under which the words and the place of entry stand.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

wants! {
    Officers = "officers",
    Place = "place",
    Act = "act",
    Stage = "stage",
    /// Whether it is of a kind that has to be recorded without a gap.
    Recording = "recording",
    /// 告知录音录像.
    Told = "told",
    Arrived = "arrived",
    Left = "left",
    /// The first clip begins too long after the arrival.
    LateBegin = "late_begin",
    /// The last clip ends before the departure.
    EarlyEnd = "early_end",
    /// Why recording stopped.
    GapReason = "gap_reason",
    /// Whether the reason was said aloud when recording went on.
    GapSpoken = "gap_spoken",
    /// It could not go on: whom that was reported to.
    GapReport = "gap_report",
    /// It could not go on: the written explanation.
    GapWritten = "gap_written",
    Opening = "opening",
    KeyContent = "key_content",
    Statement = "statement",
    /// Stored too late: why.
    LateReason = "late_reason",
    /// 疑似补录: why a clip was recorded after the officers had left.
    Supplement = "supplement",
    DamageReport = "damage_report",
    DamageWritten = "damage_written",
    /// 阻挠: to whom it was handed over.
    Transfer = "transfer",
}

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub want: Want,
    /// Which gap, clip or item, where there can be several; else empty.
    pub subject: String,
    /// The article that asks for it; `None`: nobody does, it helps to find the footage again.
    pub article: Option<String>,
    pub light: Light,
}

/// A span of time with no footage, and what was said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapFacts {
    /// Names it among the others.
    pub id: String,
    pub reason: Option<String>,
    /// `None`: not answered.
    pub spoken: Option<bool>,
    /// 确实无法继续记录.
    pub unable: bool,
    pub reported: bool,
    /// The number of the paper, or anything that shows that it is there.
    pub written: bool,
}

/// A clip, as far as readiness depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipFacts {
    pub id: String,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// Stored after its deadline.
    pub late: bool,
    pub late_explained: bool,
    pub damaged: bool,
    pub damage_reported: bool,
    pub damage_written: bool,
    pub supplement_explained: bool,
}

/// What is known of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// Officers with their certificates.
    pub officers: u32,
    pub place: bool,
    pub act: bool,
    pub stage: bool,
    /// Whether it is of a kind that has to be recorded without a gap; `None`: nobody has said.
    pub must_record: Option<bool>,
    pub told: Option<bool>,
    pub arrived: Option<Instant>,
    pub left: Option<Instant>,
    pub late_begin_explained: bool,
    pub early_end_explained: bool,
    pub clips: Vec<ClipFacts>,
    pub gaps: Vec<GapFacts>,
    /// By the ids of the pack's lists: whether they were answered.
    pub opening: BTreeMap<String, bool>,
    pub key_content: BTreeMap<String, bool>,
    pub evidence: bool,
    pub statement_signed: bool,
    pub obstructed: bool,
    pub transferred: bool,
}

impl SessionFacts {
    /// Tells whether the first clip begins more than so many minutes after the arrival.
    pub fn begins_late(&self, minutes: u32) -> bool {
        let first = self.clips.iter().filter_map(|clip| clip.from).min();
        let latest = self.arrived.and_then(|arrived| shifted(arrived, i64::from(minutes) * MINUTE_MS));
        first.zip(latest).is_some_and(|(first, latest)| first > latest)
    }

    /// Tells whether the last clip ends more than so many minutes before the departure.
    pub fn ends_early(&self, minutes: u32) -> bool {
        let last = self.clips.iter().filter_map(|clip| clip.to).max();
        let earliest = self.left.and_then(|left| shifted(left, -i64::from(minutes) * MINUTE_MS));
        last.zip(earliest).is_some_and(|(last, earliest)| last < earliest)
    }
}

/// Returns everything that a session lacks under a pack, the worst first.
pub fn readiness(pack: &RulePack, session: &SessionFacts) -> Vec<Missing> {
    let mut missing = Vec::new();
    people_and_place(pack, session, &mut missing);
    course(pack, session, &mut missing);
    session.gaps.iter().for_each(|gap| pause(pack, gap, &mut missing));
    session.clips.iter().for_each(|clip| footage(pack, session, clip, &mut missing));
    ticks(pack, session, &mut missing);
    missing.sort_by_key(|one| (std::cmp::Reverse(one.light), one.want));
    missing
}

/// Returns the light of what is missing.
pub fn light(missing: &[Missing]) -> Light {
    missing.iter().map(|one| one.light).max().unwrap_or(Light::Green)
}

fn lack(missing: &mut Vec<Missing>, light: Light, want: Want, subject: &str, article: Option<&str>) {
    let (subject, article) = (subject.to_owned(), article.map(str::to_owned));
    missing.push(Missing { want, subject, article, light });
}

fn people_and_place(pack: &RulePack, session: &SessionFacts, missing: &mut Vec<Missing>) {
    let officers = &law().officers;
    if session.officers < officers.least {
        lack(missing, Light::Red, Want::Officers, "", Some(&officers.article));
    }
    let evidence = pack.evidence.as_ref().filter(|_| session.evidence).map(|rules| rules.article.as_str());
    if !session.place {
        lack(missing, if evidence.is_some() { Light::Red } else { Light::Amber }, Want::Place, "", evidence);
    }
    if session.evidence && !session.statement_signed {
        lack(missing, if evidence.is_some() { Light::Red } else { Light::Amber }, Want::Statement, "", evidence);
    }
    let first = |items: &[crate::Item]| items.first().and_then(|item| item.article.clone());
    if !session.act && !pack.acts.is_empty() {
        lack(missing, Light::Amber, Want::Act, "", first(&pack.acts).as_deref());
    }
    if !session.stage && !pack.stages.is_empty() {
        lack(missing, Light::Amber, Want::Stage, "", first(&pack.stages).as_deref());
    }
    if session.must_record.is_none() && !pack.must_record.is_empty() {
        lack(missing, Light::Amber, Want::Recording, "", first(&pack.must_record).as_deref());
    }
    if session.obstructed && !session.transferred {
        let article = pack.obstruction.as_ref().map(|rules| rules.article.as_str());
        lack(missing, Light::Amber, Want::Transfer, "", article);
    }
}

/// From arriving to leaving: what has to be recorded without a gap is judged more strictly.
fn course(pack: &RulePack, session: &SessionFacts, missing: &mut Vec<Missing>) {
    let light = if session.must_record == Some(true) { Light::Red } else { Light::Amber };
    if let Some(rule) = &pack.told
        && session.told != Some(true)
    {
        lack(missing, light, Want::Told, "", rule.article.as_deref());
    }
    let (article, slack) = (Some(pack.continuity.article.as_str()), pack.continuity.late_minutes.value);
    let wants = [
        (Want::Arrived, session.arrived.is_none()),
        (Want::LateBegin, session.begins_late(slack) && !session.late_begin_explained),
        (Want::Left, session.left.is_none()),
        (Want::EarlyEnd, session.ends_early(slack) && !session.early_end_explained),
    ];
    for (want, _) in wants.into_iter().filter(|(_, lacking)| *lacking) {
        lack(missing, light, want, "", article);
    }
}

fn pause(pack: &RulePack, gap: &GapFacts, missing: &mut Vec<Missing>) {
    let rules = &pack.interruption;
    let article = Some(rules.article.as_str());
    if gap.reason.is_none() {
        return lack(missing, Light::Red, Want::GapReason, &gap.id, article);
    }
    if !gap.unable {
        if rules.spoken && gap.spoken.is_none() {
            lack(missing, Light::Amber, Want::GapSpoken, &gap.id, article);
        }
        return;
    }
    if rules.report_to.is_some() && !gap.reported {
        lack(missing, Light::Red, Want::GapReport, &gap.id, article);
    }
    if rules.written && !gap.written {
        lack(missing, Light::Red, Want::GapWritten, &gap.id, article);
    }
}

fn footage(pack: &RulePack, session: &SessionFacts, clip: &ClipFacts, missing: &mut Vec<Missing>) {
    if clip.late && !clip.late_explained {
        lack(missing, Light::Red, Want::LateReason, &clip.id, Some(&pack.store.article));
    }
    let after = clip.from.zip(session.left).is_some_and(|(from, left)| from > left);
    if let Some(rule) = pack.no_selection.as_ref().filter(|rule| rule.value && after && !clip.supplement_explained) {
        lack(missing, Light::Red, Want::Supplement, &clip.id, rule.article.as_deref());
    }
    if let Some(rules) = pack.damage.as_ref().filter(|_| clip.damaged) {
        let article = rules.report_to.article.as_deref();
        if !clip.damage_reported {
            lack(missing, Light::Red, Want::DamageReport, &clip.id, article);
        }
        if !clip.damage_written {
            lack(missing, Light::Red, Want::DamageWritten, &clip.id, article);
        }
    }
}

fn ticks(pack: &RulePack, session: &SessionFacts, missing: &mut Vec<Missing>) {
    let lists =
        [(Want::Opening, &pack.opening, &session.opening), (Want::KeyContent, &pack.key_content, &session.key_content)];
    for (want, items, answers) in lists {
        for item in items.iter().filter(|item| !answers.get(&item.id).copied().unwrap_or_default()) {
            lack(missing, Light::Amber, want, &item.id, item.article.as_deref());
        }
    }
}
