//! Faults: what breaks, and that nothing that was called verified is lost by it.
#![allow(clippy::unwrap_used)]

#[path = "../acceptance/bench.rs"]
mod bench;
#[cfg(target_arch = "x86_64")]
mod calls;
mod cards;
mod custody;
mod data;
mod disks;
mod dock;
mod power;
#[allow(dead_code, reason = "shared with the acceptance tests, which use all of it")]
#[path = "../acceptance/strangers.rs"]
mod strangers;
#[cfg(target_arch = "x86_64")]
mod sweep;
#[cfg(target_arch = "x86_64")]
mod tracer;
