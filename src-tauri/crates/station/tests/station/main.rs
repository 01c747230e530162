//! The station's use cases over a real vault, real drives and a real dock folder.
#![allow(clippy::unwrap_used)]

mod alarms;
mod backups;
mod bench;
mod checklists;
mod clock;
mod crash;
mod devices;
mod docking;
mod due;
mod exports;
mod fsck;
mod inquiry;
mod packages;
mod papers;
mod people;
mod rebuild;
mod running;
mod scrub;
mod second;
mod sessions;
mod stalled;
mod statements;
mod system;
mod target;
mod trips;
mod vault;
