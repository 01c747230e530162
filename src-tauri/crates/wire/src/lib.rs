//! The seam between the station and everything that shows it: DTOs, the one command list, error codes.
//!
//! [`Host::call`] takes a command's name and its request as JSON and gives back the response as JSON or a
//! [`dto::WireError`]. Window, browser and tests use nothing else. Domain values become DTOs in `view` and come back
//! in `parse`; nothing of the station is serialised itself.

mod account;
mod commands;
pub mod dto;
mod handlers;
mod host;
pub mod parse;
pub mod view;

pub use account::account;
pub use commands::{COMMANDS, typescript};
pub use host::{FileKind, Host, HostOptions, Subscription};
