//! One bureau's regulation as data.

use crate::Limit;
use crate::error::RuleError;
use crate::retention::KeepRule;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One bureau's rules, in one version.
///
/// Each table and each item names the article (条, 款, 项) that sets it; without one it is our own default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    pub id: String,
    pub bureau: String,
    /// Title of the regulation.
    pub title: String,
    pub version: u32,
    /// Who wrote this version down.
    pub author: String,
    /// First day on which it judges; `None` where the text names none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::day")]
    pub valid_from: Option<NaiveDate>,

    /// 不得剪接、删改: originals stay as they are.
    pub untouched: Rule<bool>,
    /// 告知: those present are told that they are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Rule<bool>>,
    /// 不得限制当事人拍摄.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_recording: Option<Rule<bool>>,
    /// 不得选择取舍、事后补录: all of a recorder's footage is taken in, and late clips are flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_selection: Option<Rule<bool>>,
    /// 不得摄录与工作无关的内容.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_only: Option<Rule<bool>>,
    /// 不得用于执法以外的目的.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_only: Option<Rule<bool>>,
    /// Applies to entrusted organisations too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrusted: Option<Rule<bool>>,
    /// Who inspects, read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Rule<String>>,
    /// The platform that the case's records go to as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Rule<String>>,

    /// 执法类别.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<Item>,
    /// 环节.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Item>,
    /// On which occasions the recorder is worn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occasions: Vec<Item>,
    /// 应当全程无间断记录的: no gap is let pass without its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_record: Vec<Item>,
    /// 根据实际情况记录的.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_record: Vec<Item>,
    /// When recording may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<Item>,
    /// What is said aloud at the beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opening: Vec<Item>,
    /// 重点摄录内容.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_content: Vec<Item>,
    /// What the footage has to show of the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reflects: Vec<Item>,
    /// 记录事项: the dictionary of the written record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matters: Vec<Item>,
    /// 送达方式, each with what it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<KeepRule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Heads of the situation report (情形报告).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub situations: Vec<Item>,
    /// The papers that the regulation calls for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<PaperRule>,

    pub dock: DockRules,
    pub store: StoreRules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveRules>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceRules>,
    /// What is asked when footage is found damaged on storing; `None` where the regulation asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<DamageRules>,
    pub continuity: ContinuityRules,
    pub interruption: InterruptionRules,
    /// What is asked when nothing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecorded: Option<UnrecordedRules>,
    pub devices: DeviceRules,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessRules>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browse: Option<BrowseRules>,
    pub secrecy: Kinds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destruction: Option<DestructionRules>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstruction: Option<ObstructionRules>,
    pub consequences: Kinds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist: Option<Checklist>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<StatisticsRules>,
}

/// A value and the article that sets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule<T> {
    pub value: T,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// One entry of a list to choose from, to tick, or to answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable; what records refer to.
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// What else has to be given where it is chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

/// What is asked of docking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockRules {
    /// Ask before each intake whether the drive holds state secrets.
    pub ask_unclassified: Rule<bool>,
}

/// Until when footage has to be stored, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreRules {
    /// From the end of the recording.
    pub within: Limit,
    pub article: String,
    /// Warns so many hours or working days before; the usual ones where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn: Vec<u32>,
    pub to: Vec<String>,
    /// 不得自行保管.
    #[serde(default)]
    pub not_self_kept: bool,
    /// Whom the footage is handed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<AwayRules>,
    /// What the originals are kept on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_on: Option<Rule<String>>,
}

/// The exception for officers who are away (连续工作, 异地, 边远): the clock starts when they return to their unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwayRules {
    /// From the return to the unit.
    pub within: Limit,
    pub reasons: Vec<Item>,
    pub article: String,
}

/// Until when the case file is made up, from the end of the inspection or the closing of the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRules {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Limit>,
    /// 及时: in time, without a number.
    #[serde(default)]
    pub promptly: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn: Vec<u32>,
    pub article: String,
}

/// What footage that serves as evidence needs: a statement (文字说明材料) with 取证人员, 取证时间, 取证地点.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRules {
    pub carrier: Carrier,
    pub article: String,
}

/// What the footage is copied to for the case file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    Disc,
    /// Whatever carrier suits.
    Medium,
}

/// Who has to approve something; empty where the text names nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub act: ApprovedAct,
    pub by: String,
    pub article: String,
}

/// What needs an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovedAct {
    /// 调阅 beyond one's own rights.
    View,
    /// 复制 beyond one's own rights.
    Copy,
    /// 对外提供.
    Release,
    /// 发布.
    Publish,
}

impl ApprovedAct {
    /// Returns the code used in rule files.
    pub fn code(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Copy => "copy",
            Self::Release => "release",
            Self::Publish => "publish",
        }
    }
}

/// A paper that the regulation calls for. `kind` is a paper of the forms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperRule {
    pub kind: String,
    pub article: String,
    /// The unit's own title of the paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What is asked when footage is found damaged on storing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamageRules {
    /// Whom it is reported to.
    pub report_to: Rule<String>,
}

/// 全程无间断: from arriving to leaving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContinuityRules {
    pub unbroken: bool,
    pub article: String,
    /// The longest pause between two clips that is none.
    #[serde(default = "five")]
    pub pause_seconds: Rule<u32>,
    /// How long after the arrival the first clip may begin, and before the departure the last may end.
    #[serde(default = "five")]
    pub late_minutes: Rule<u32>,
}

/// Our own default, which no article sets.
fn five() -> Rule<u32> {
    Rule { value: 5, article: None }
}

/// What is asked when recording stopped on the way (中止).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterruptionRules {
    /// The reason is said aloud when recording goes on.
    pub spoken: bool,
    /// Where it could not go on, a written explanation follows.
    pub written: bool,
    /// Whom it is reported to at once where it could not go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_to: Option<String>,
    pub reasons: Vec<Item>,
    pub article: String,
}

/// What is asked when nothing was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnrecordedRules {
    pub written: bool,
    pub report_to: String,
    pub article: String,
}

/// What is asked of recorders and of those who look after them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRules {
    pub kinds: Rule<Vec<String>>,
    /// Each recorder has one keeper; without one it is not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<Rule<bool>>,
    /// Who looks after footage and archive by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<Rule<String>>,
    /// What is written down of each recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Rule<Vec<String>>>,
    /// What is checked before each use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_before_use: Option<Rule<Vec<String>>>,
}

/// Who may see footage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    /// Who sets the limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<Rule<String>>,
    /// Who may ask for footage from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved_by: Option<Rule<Vec<String>>>,
    /// Such a request is refused only for a reason given by law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_only_by_law: Option<Rule<bool>>,
    /// 相对人 may view what concerns them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_may_view: Option<Rule<bool>>,
    /// 实时调阅.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewed_at_once: Option<Rule<bool>>,
}

/// By what footage is sorted and found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowseRules {
    pub by: Vec<String>,
    pub article: String,
}

/// Kinds that an article lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    pub kinds: Vec<String>,
    pub article: String,
}

/// What is asked of destroying footage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionRules {
    pub not_before_expiry: bool,
    pub article: String,
}

/// To whom obstruction is handed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObstructionRules {
    pub transfer_to: Vec<String>,
    pub article: String,
}

/// 音像记录事项清单: its columns, and the rows it comes with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// It is made public.
    #[serde(default)]
    pub published: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<String>>,
    /// The column that numbers the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbered: Option<String>,
    /// Columns whose cells are chosen from those that stand there already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    pub article: String,
}

/// What statistics are used for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsRules {
    pub uses: Vec<String>,
    pub article: String,
}

impl RulePack {
    /// Reads a rule file.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleError> {
        let pack: Self = toml::from_str(text).map_err(|source| RuleError::unreadable(file, text, &source))?;
        match crate::check::first_fault(&pack) {
            Some(fault) => Err(RuleError::senseless(file, text, fault)),
            None => Ok(pack),
        }
    }

    /// Writes it as a rule file; [`Self::parse`] reads it back.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a rule pack holds only text, numbers, lists and tables")
    }

    /// Returns an article of this regulation with its title, as papers and alarms cite it.
    pub fn cite(&self, article: &str) -> String {
        format!("{} {article}", self.title)
    }

    /// Tells whether it judges what was recorded on a day.
    pub fn judges(&self, recorded: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= recorded)
    }

    /// Returns the article by which a paper is made; `None` where the regulation does not call for it.
    pub fn paper(&self, kind: &str) -> Option<&PaperRule> {
        self.papers.iter().find(|paper| paper.kind == kind)
    }
}
