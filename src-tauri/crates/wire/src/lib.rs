//! The seam between the station and everything that shows it: DTOs, the one command list, error codes.

mod commands;
pub mod dto;

pub use commands::{COMMANDS, typescript};
