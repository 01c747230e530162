//! The ledger: every change of state as one event with canonical bytes, each bound to the one before it.
//!
//! # Bytes, version 1
//! An event is one JSON object in canonical form (RFC 8785), so one line of UTF-8 without line breaks:
//!
//! | key | content |
//! |---|---|
//! | `v` | 1 |
//! | `seq` | position, from 1, without gaps |
//! | `at` | station time, `2026-11-21T01:02:05.123Z` |
//! | `actor` | `{"person","name","certificate_no"}`, `{"account"}` or `{"station":true}` |
//! | `reason` | why, where one was asked; else empty |
//! | `kind`, `body` | what changed; see [`Change`]. Numbers are whole and below 2^53; times and digests are text |
//! | `prev` | leaf hash of the event before, 64 zeros for the first |
//!
//! The leaf hash is SHA-256 over a zero byte and the bytes, as RFC 6962 has it for a tree's leaves: a Merkle tree
//! over these events needs no other bytes. A body may gain keys in a later version; it never loses or changes one.
//!
//! The events are the truth and the register's tables are a view of them: replaying all events gives equal tables.

mod change;
mod checklist;
mod devices;
mod event;
mod statement;

pub use change::*;
pub use devices::*;
pub use event::{BrokenAt, Event, LedgerError, ZERO_HASH, leaf_hash, sha256, verify_chain};
