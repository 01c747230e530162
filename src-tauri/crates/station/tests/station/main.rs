//! The station's use cases over a real vault, real drives and a real dock folder.
#![allow(clippy::unwrap_used)]

mod bench;
mod crash;
mod docking;
mod fsck;
mod packages;
mod people;
mod rebuild;
mod running;
mod sessions;
mod statements;
mod vault;
