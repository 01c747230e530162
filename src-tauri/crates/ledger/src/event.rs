//! One event and its bytes.

use crate::Change;
use model::{Actor, Digest, Instant, PersonId, format_instant, parse_instant};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the bytes.
const VERSION: u32 = 1;
/// What the first event names as the one before it.
pub const ZERO_HASH: Digest = Digest([0; 32]);

/// One change of state, as it stands in the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub seq: u64,
    pub at: Instant,
    pub actor: Actor,
    /// Empty where none was asked.
    pub reason: String,
    pub change: Change,
    /// Leaf hash of the event before.
    pub previous: Digest,
}

/// Why bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("cannot read the ledger event as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the ledger event has version {0}, this program knows {VERSION}")]
    Version(u32),
    #[error("the ledger event's {0} is malformed")]
    Field(&'static str),
    #[error("the ledger event's bytes are not in canonical form")]
    NotCanonical,
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u32,
    seq: u64,
    at: String,
    actor: ActorRecord,
    reason: String,
    #[serde(flatten)]
    change: Change,
    prev: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ActorRecord {
    Person { person: String, name: String, certificate_no: String },
    Account { account: String },
    Station { station: bool },
}

impl Event {
    /// Returns the canonical bytes. A number of 2^53 or more would not come back as it was: whoever keeps these bytes
    /// parses them first.
    pub fn bytes(&self) -> Vec<u8> {
        let record = Record {
            v: VERSION,
            seq: self.seq,
            at: format_instant(self.at),
            actor: match &self.actor {
                Actor::Person { id, name, certificate_no } => ActorRecord::Person {
                    person: id.to_string(),
                    name: name.clone(),
                    certificate_no: certificate_no.clone(),
                },
                Actor::Account { name } => ActorRecord::Account { account: name.clone() },
                Actor::Station => ActorRecord::Station { station: true },
            },
            reason: self.reason.clone(),
            change: self.change.clone(),
            prev: self.previous.to_string(),
        };
        serde_json_canonicalizer::to_vec(&record).expect("an event holds only text, whole numbers, lists and objects")
    }

    /// Returns the event whose canonical bytes these are.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let value: serde_json::Value = serde_json::from_slice(bytes)?;
        if serde_json_canonicalizer::to_vec(&value)? != bytes {
            return Err(LedgerError::NotCanonical);
        }
        let record: Record = serde_json::from_value(value)?;
        if record.v != VERSION {
            return Err(LedgerError::Version(record.v));
        }
        Ok(Self {
            seq: record.seq,
            at: parse_instant(&record.at).ok_or(LedgerError::Field("time"))?,
            actor: match record.actor {
                ActorRecord::Person { person, name, certificate_no } => Actor::Person {
                    id: PersonId::parse(&person).ok_or(LedgerError::Field("actor"))?,
                    name,
                    certificate_no,
                },
                ActorRecord::Account { account } => Actor::Account { name: account },
                ActorRecord::Station { .. } => Actor::Station,
            },
            reason: record.reason,
            change: record.change,
            previous: Digest::from_hex(&record.prev).ok_or(LedgerError::Field("previous hash"))?,
        })
    }
}

/// Returns the hash by which an event's bytes are bound: RFC 6962 leaf hash.
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// Returns the plain SHA-256 of bytes: for checksums of what the register itself is made of.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Where and how a chain of events breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct BrokenAt {
    pub seq: u64,
    pub why: String,
}

/// Checks numbering, form and binding of events in order, and hands each to `each`.
///
/// Stops at the first break: what follows a break proves nothing.
pub fn verify_chain<B: AsRef<[u8]>>(
    events: impl IntoIterator<Item = B>,
    mut each: impl FnMut(&Event, &[u8], Digest),
) -> Result<(u64, Digest), BrokenAt> {
    let (mut seq, mut head) = (0, ZERO_HASH);
    for bytes in events {
        let bytes = bytes.as_ref();
        let broken = |why: String| BrokenAt { seq: seq + 1, why };
        let event = Event::parse(bytes).map_err(|error| broken(error.to_string()))?;
        if event.seq != seq + 1 {
            return Err(broken(format!("event {} stands in its place", event.seq)));
        }
        if event.previous != head {
            return Err(broken("it is not bound to the event before it".into()));
        }
        seq = event.seq;
        head = leaf_hash(bytes);
        each(&event, bytes, head);
    }
    Ok((seq, head))
}
