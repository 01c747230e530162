//! The station by its command line alone: the whole journey on real files, judged by tools that are not ours, and
//! what happens when the input is bad, the process is killed or the register is lost.
#![allow(clippy::unwrap_used)]

mod bench;
mod devices;
mod documents;
mod due;
mod help;
mod hostile;
mod interrupted;
mod journey;
mod packages;
mod rules;
mod serve;
mod statuses;
mod strangers;
mod tables;
mod vaults;
