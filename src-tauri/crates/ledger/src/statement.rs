//! A statement's fields as the ledger writes them.

use crate::change::{OfficerRecord, StatementRecord};
use model::{Instant, Officer, StatementFields, format_instant, parse_instant};

impl From<&StatementFields> for StatementRecord {
    fn from(fields: &StatementFields) -> Self {
        let time = |at: Option<Instant>| at.map(format_instant).unwrap_or_default();
        let text = |text: &str| text.trim().to_owned();
        Self {
            officers: fields
                .officers
                .iter()
                .map(|o| OfficerRecord { name: text(&o.name), certificate_no: text(&o.certificate_no) })
                .collect(),
            taken_from: time(fields.taken_from),
            taken_to: time(fields.taken_to),
            place: text(&fields.place),
            cause: text(&fields.cause),
            party: text(&fields.party),
            method: text(&fields.method),
            maker: text(&fields.maker),
            made_at: time(fields.made_at),
            purpose: text(&fields.purpose),
            carrier: text(&fields.carrier),
            emphasis: text(&fields.emphasis),
            transcript: text(&fields.transcript),
        }
    }
}

impl From<StatementRecord> for StatementFields {
    fn from(record: StatementRecord) -> Self {
        Self {
            officers: record
                .officers
                .into_iter()
                .map(|o| Officer { name: o.name, certificate_no: o.certificate_no })
                .collect(),
            taken_from: parse_instant(&record.taken_from),
            taken_to: parse_instant(&record.taken_to),
            place: record.place,
            cause: record.cause,
            party: record.party,
            method: record.method,
            maker: record.maker,
            made_at: parse_instant(&record.made_at),
            purpose: record.purpose,
            carrier: record.carrier,
            emphasis: record.emphasis,
            transcript: record.transcript,
        }
    }
}
