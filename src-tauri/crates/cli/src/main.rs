//! `evidock`: the whole station without a window.
//!
//! Standard output holds one result, as a document with `--json`, else as text; everything said beside it goes to
//! standard error. The exit status says how it ended: see [`status::Status`].

mod arguments;
mod commands;
mod context;
mod documents;
mod follow;
mod help;
mod output;
mod refusal;
mod render;
mod status;
mod words;

use arguments::Arguments;
use clap::FromArgMatches as _;
use clap::error::ErrorKind;
use output::Answer;
use status::Status;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A defect of ours is a fault like others to a script; the panic's own words stand on standard error.
    std::panic::catch_unwind(run).unwrap_or(Status::Fault).into()
}

fn run() -> Status {
    let parsed = help::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => {
            let json = arguments.common.json;
            output::finish(json, commands::carry_out(arguments))
        }
        Err(told) if matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            output::print(false, &Answer::new(&(), told.render().to_string()))
        }
        Err(error) => {
            let typed: Vec<String> =
                std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
            let json = typed.iter().any(|word| word == "--json");
            output::finish(json, Err(help::refusal(&error, &typed)))
        }
    }
}
