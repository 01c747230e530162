//! Intake over real drives, real files and a real register.
#![allow(clippy::unwrap_used)]

mod again;
mod bench;
mod changing;
mod crash;
mod custody;
mod disk;
mod faults;
mod hostile;
mod interrupted;
mod layouts;
mod plan;
mod probe;
mod restored;
mod script;
mod scripted;
mod sessions;
mod times;
