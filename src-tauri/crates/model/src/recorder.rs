//! 设备: the unit's recorders, and what is written down of them.

use crate::code::codes;
use crate::{PersonId, RecorderId};

/// A recording device of the unit (记录仪).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    pub id: RecorderId,
    /// The name on the device, such as `DSJ-A8 03号`.
    pub name: String,
    /// Which profile of `assets/recorders` describes its folders.
    pub profile: String,
    /// Serial number by the maker; empty when unknown.
    pub serial: String,
    /// Who keeps it (保管人); empty when nobody is named yet.
    pub keeper: String,
    /// The same as a person of the unit; `None` where only a name was entered.
    pub keeper_id: Option<PersonId>,
    /// 类别, as the rules list them: 执法记录仪, 照相机; empty when not entered.
    pub kind: String,
    pub maker: String,
    pub model: String,
    /// 购置日期, `2026-11-21`; empty when not entered.
    pub acquired_on: String,
    /// 购置金额 and where it came from, in words.
    pub cost: String,
    /// 存放地点
    pub place: String,
    pub status: RecorderStatus,
}

codes! {
    /// What a recorder is entered as.
    RecorderStatus {
        InUse = "in_use",
        StandBy = "standby",
        InRepair = "in_repair",
        Retired = "retired",
    }
}

codes! {
    /// Where a recorder stands now: its status, what is known of faults, and whether somebody has it.
    RecorderState {
        /// 在库
        InStore = "in_store",
        /// 领用中
        Out = "out",
        /// 故障
        Faulty = "faulty",
        /// 停用
        Retired = "retired",
    }
}

impl RecorderState {
    /// Returns the state of a recorder. Whoever has it has to bring it back, faulty or not.
    pub fn of(status: RecorderStatus, faulty: bool, out: bool) -> Self {
        match status {
            _ if out => Self::Out,
            RecorderStatus::Retired => Self::Retired,
            RecorderStatus::InRepair => Self::Faulty,
            _ if faulty => Self::Faulty,
            RecorderStatus::InUse | RecorderStatus::StandBy => Self::InStore,
        }
    }
}

codes! {
    /// Why somebody worked on a recorder.
    ServiceKind {
        /// 维修
        Repair = "repair",
        /// 保养
        Maintenance = "maintenance",
        /// 更新 of its software or of parts.
        Renewal = "renewal",
    }
}

codes! {
    /// What came of it.
    ServiceResult {
        Usable = "usable",
        /// 送修: it is away, and not back.
        SentAway = "sent_away",
        Unusable = "unusable",
    }
}

codes! {
    /// What a recorder is checked for before it is used (使用前检查).
    UseCheck {
        Performance = "performance",
        Battery = "battery",
        Storage = "storage",
        Clock = "clock",
    }
}

impl UseCheck {
    /// Returns the check that a rule's word stands for; `None`: it has no field of its own and is ticked by its word.
    ///
    /// ```
    /// use model::UseCheck;
    /// assert_eq!(UseCheck::named("储存空间"), Some(UseCheck::Storage));
    /// assert_eq!(UseCheck::named("镜头"), None);
    /// ```
    pub fn named(word: &str) -> Option<Self> {
        const WORDS: [(&str, UseCheck); 6] = [
            ("性能", UseCheck::Performance),
            ("电量", UseCheck::Battery),
            ("储存", UseCheck::Storage),
            ("存储", UseCheck::Storage),
            ("时间", UseCheck::Clock),
            ("时钟", UseCheck::Clock),
        ];
        WORDS.iter().find(|(part, _)| word.contains(part)).map(|(_, check)| *check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_follows_from_what_is_known() {
        use RecorderState as S;
        use RecorderStatus as R;
        for (status, faulty, out, state) in [
            (R::InUse, false, false, S::InStore),
            (R::StandBy, false, false, S::InStore),
            (R::InUse, true, false, S::Faulty),
            (R::InRepair, false, false, S::Faulty),
            (R::Retired, false, false, S::Retired),
            (R::Retired, true, false, S::Retired),
            (R::InUse, false, true, S::Out),
            (R::InUse, true, true, S::Out),
            (R::Retired, false, true, S::Out),
        ] {
            assert_eq!(RecorderState::of(status, faulty, out), state, "{status}, faulty {faulty}, out {out}");
        }
    }

    #[test]
    fn a_rules_words_are_known_by_their_meaning() {
        for (word, check) in [
            ("设备性能", Some(UseCheck::Performance)),
            ("电量", Some(UseCheck::Battery)),
            ("储存空间", Some(UseCheck::Storage)),
            ("存储空间", Some(UseCheck::Storage)),
            ("日期时间", Some(UseCheck::Clock)),
            ("镜头", None),
        ] {
            assert_eq!(UseCheck::named(word), check, "{word}");
        }
    }
}
