//! 文字说明材料: what an officer says of a session so that its footage can stand as evidence.
//!
//! Fields from 麒麟区 第二十条, 甘肃 第二十三条, 文广旅 第十七条 (取证人员、取证时间、取证地点) and from
//! 最高法《关于行政诉讼证据若干问题的规定》第十二条 (原始载体、制作方法、制作时间、制作人、证明对象).

use crate::{Instant, is_certificate_no};

/// An officer who took the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Officer {
    pub name: String,
    pub certificate_no: String,
}

/// The fields of a statement; any may be empty while it is a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementFields {
    /// 取证人员
    pub officers: Vec<Officer>,
    /// 取证时间 起
    pub taken_from: Option<Instant>,
    /// 取证时间 止
    pub taken_to: Option<Instant>,
    /// 取证地点
    pub place: String,
    /// 案由
    pub cause: String,
    /// 当事人
    pub party: String,
    /// 制作方法
    pub method: String,
    /// 制作人
    pub maker: String,
    /// 制作时间
    pub made_at: Option<Instant>,
    /// 证明对象
    pub purpose: String,
    /// 原始载体及存放处
    pub carrier: String,
    /// 摄录重点; may stay empty.
    pub emphasis: String,
    /// 声音内容文字记录; may stay empty where there is no sound that matters.
    pub transcript: String,
}

/// A field of the statement, for saying which one is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Officers,
    OfficerCertificate,
    TakenFrom,
    TakenTo,
    TakenOrder,
    Place,
    Cause,
    Party,
    Method,
    Maker,
    MadeAt,
    Purpose,
    Carrier,
}

impl Field {
    /// Every field that can be missing, in the order of the form.
    pub const ALL: [Self; 13] = [
        Self::Officers,
        Self::OfficerCertificate,
        Self::TakenFrom,
        Self::TakenTo,
        Self::TakenOrder,
        Self::Place,
        Self::Cause,
        Self::Party,
        Self::Method,
        Self::Maker,
        Self::MadeAt,
        Self::Purpose,
        Self::Carrier,
    ];

    /// Returns the code used on the wire; the words for it stand in `assets/wording`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Officers => "officers",
            Self::OfficerCertificate => "officer_certificate",
            Self::TakenFrom => "taken_from",
            Self::TakenTo => "taken_to",
            Self::TakenOrder => "taken_order",
            Self::Place => "place",
            Self::Cause => "cause",
            Self::Party => "party",
            Self::Method => "method",
            Self::Maker => "maker",
            Self::MadeAt => "made_at",
            Self::Purpose => "purpose",
            Self::Carrier => "carrier",
        }
    }
}

/// Fewest officers on a statement (行政处罚法 第四十二条).
const OFFICERS_MIN: usize = 2;

impl StatementFields {
    /// Returns what is still missing, in the order of the form; empty means the statement can be signed.
    pub fn missing(&self) -> Vec<Field> {
        let blank = |text: &str| text.trim().is_empty();
        let distinct = {
            let mut held: Vec<&str> = self.officers.iter().map(|o| o.certificate_no.as_str()).collect();
            held.sort_unstable();
            held.dedup();
            held.len()
        };
        let named = self.officers.iter().filter(|o| !blank(&o.name)).count();
        let certified = self.officers.iter().all(|o| is_certificate_no(&o.certificate_no));
        let in_order = match (self.taken_from, self.taken_to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        let checks = [
            (Field::Officers, named < OFFICERS_MIN || named < self.officers.len()),
            (Field::OfficerCertificate, !certified || distinct < self.officers.len()),
            (Field::TakenFrom, self.taken_from.is_none()),
            (Field::TakenTo, self.taken_to.is_none()),
            (Field::TakenOrder, !in_order),
            (Field::Place, blank(&self.place)),
            (Field::Cause, blank(&self.cause)),
            (Field::Party, blank(&self.party)),
            (Field::Method, blank(&self.method)),
            (Field::Maker, blank(&self.maker)),
            (Field::MadeAt, self.made_at.is_none()),
            (Field::Purpose, blank(&self.purpose)),
            (Field::Carrier, blank(&self.carrier)),
        ];
        checks.into_iter().filter_map(|(field, missing)| missing.then_some(field)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_instant;

    fn complete() -> StatementFields {
        let officer = |name: &str, no: &str| Officer { name: name.into(), certificate_no: no.into() };
        StatementFields {
            officers: vec![officer("李娜", "53030036012"), officer("王强", "53030036015")],
            taken_from: parse_instant("2026-11-21T01:02:00Z"),
            taken_to: parse_instant("2026-11-21T01:47:00Z"),
            place: "文化路18号".into(),
            cause: "未核对身份证件".into(),
            party: "某某网吧".into(),
            method: "执法记录仪现场摄录".into(),
            maker: "李娜".into(),
            made_at: parse_instant("2026-11-21T08:00:00Z"),
            purpose: "证明经营场所现场情况".into(),
            carrier: "执法记录仪存储卡".into(),
            ..StatementFields::default()
        }
    }

    #[test]
    fn a_statement_says_which_field_is_missing() {
        type Row = (&'static str, fn(&mut StatementFields), Vec<Field>);
        let rows: Vec<Row> = vec![
            ("complete", |_| (), vec![]),
            ("one officer", |s| s.officers.truncate(1), vec![Field::Officers]),
            (
                "bent certificate",
                |s| s.officers[0].certificate_no = "决定23456".into(),
                vec![Field::OfficerCertificate],
            ),
            (
                "the same certificate twice",
                |s| s.officers[1].certificate_no = s.officers[0].certificate_no.clone(),
                vec![Field::OfficerCertificate],
            ),
            ("blank place", |s| s.place = "  ".into(), vec![Field::Place]),
            ("end before begin", |s| std::mem::swap(&mut s.taken_from, &mut s.taken_to), vec![Field::TakenOrder]),
        ];
        for (what, spoil, expected) in rows {
            let mut fields = complete();
            spoil(&mut fields);
            assert_eq!(fields.missing(), expected, "{what}");
        }
        let empty = StatementFields::default().missing();
        assert!(
            empty.contains(&Field::Officers) && empty.contains(&Field::Carrier),
            "an empty form misses all: {empty:?}"
        );
    }
}
