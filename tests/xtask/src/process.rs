//! Child processes: run to the end, or tied to this process so that none outlives it.

use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, Outcome, failed, root};

/// Runs a command to its end; its output goes to the terminal.
pub fn finish(command: &mut Command) -> Outcome {
    let line = line(command);
    let status = command.status().map_err(failed(format!("无法启动 {line}")))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{line} 未成功（{status}）"))) }
}

/// Runs a command to its end and returns its standard output, whatever its status and its complaints.
pub fn output(command: &mut Command) -> Outcome<String> {
    let line = line(command);
    let output = command.output().map_err(failed(format!("无法启动 {line}")))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs cargo in the root of the checkout.
pub fn cargo(arguments: &[&str]) -> Outcome {
    finish(&mut cargo_command(arguments))
}

/// Returns a run of cargo in the root of the checkout.
pub fn cargo_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Returns a command whose process ends when this one does, even when this one is killed.
pub fn tied(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// Returns the path of a binary that `cargo build --workspace --bins` made.
pub fn built(name: &str) -> PathBuf {
    root().join("target/debug").join(name)
}

/// Tells whether a program is on the search path.
pub fn on_path(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
