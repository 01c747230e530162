//! Runs the child program and does not trust it.

use crate::ProbeError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longest answer; a hundred key frames take a tenth of it.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Between two looks at a child that closed its output but has not ended.
const END_POLL: Duration = Duration::from_millis(2);
/// The status by which the dynamic loader says that it could not start a program.
const LOADER_STATUS: i32 = 127;

pub(crate) const SENSELESS: &str = "the probe's answer makes no sense";

/// How the child ended.
pub(crate) enum Ending {
    /// It ended well; its standard output.
    Document(Vec<u8>),
    /// It crashed, ran late or talked too much; which of them.
    Failed(String),
}

/// Runs the program until it ends or `time` is over. When this returns the child is gone, and so is what it started.
pub(crate) fn run(program: &Path, arguments: &[&OsStr], time: Duration) -> Result<Ending, ProbeError> {
    // A stopwatch, not the time of day.
    let deadline = Instant::now() + time;
    let mut child =
        start(program, arguments).map_err(|source| ProbeError::Start { program: program.into(), source })?;
    let follow = |source| ProbeError::Follow { program: program.into(), source };
    let heard = listen(&mut child, deadline);
    let status = match &heard {
        Ok(Heard::All(_)) => wait(&mut child, deadline),
        _ => Ok(None),
    };
    if !matches!(status, Ok(Some(_))) {
        end(&mut child).map_err(follow)?;
    }
    let late = || Ending::Failed(format!("the probe gave no result within {time:?}"));
    Ok(match (heard.map_err(follow)?, status.map_err(follow)?) {
        (Heard::TooMuch, _) => Ending::Failed(format!("the probe wrote more than {ANSWER_BYTES_MAX} bytes")),
        (Heard::Late, _) | (Heard::All(_), None) => late(),
        (Heard::All(bytes), Some(status)) if status.success() => Ending::Document(bytes),
        (Heard::All(bytes), Some(status)) if status.code() == Some(LOADER_STATUS) && bytes.is_empty() => {
            return Err(ProbeError::Libraries { program: program.into() });
        }
        (Heard::All(_), Some(status)) => Ending::Failed(in_words(status)),
    })
}

/// Starts the child in its own process group, with nothing of ours but its output pipe.
fn start(program: &Path, arguments: &[&OsStr]) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().process_group(0);
    for name in ["PATH", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

enum Heard {
    All(Vec<u8>),
    TooMuch,
    Late,
}

fn listen(child: &mut Child, deadline: Instant) -> io::Result<Heard> {
    let mut output: ChildStdout = child.stdout.take().expect("the output was piped at the start");
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Heard::Late);
        }
        let timeout = Timespec::try_from(left).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        match poll(&mut [PollFd::new(&output, PollFlags::IN)], Some(&timeout)) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let length = output.read(&mut chunk)?;
        if length == 0 {
            return Ok(Heard::All(bytes));
        }
        if bytes.len() + length > ANSWER_BYTES_MAX {
            return Ok(Heard::TooMuch);
        }
        bytes.extend_from_slice(&chunk[..length]);
    }
}

fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(END_POLL);
    }
}

/// Kills the child and everything in its group. The child is not waited for yet, so its id cannot be another's.
fn end(child: &mut Child) -> io::Result<()> {
    match kill_process_group(Pid::from_child(child), Signal::KILL) {
        // It ended by itself in the meantime.
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => return Err(error.into()),
    }
    child.wait().map(drop)
}

fn in_words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("the probe was ended by signal {signal}"),
        (None, code) => format!("the probe ended with status {}", code.unwrap_or_default()),
    }
}
