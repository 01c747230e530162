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

/// What the child said, one document a line, and how it ended.
pub(crate) struct Said {
    /// No more than were asked for.
    pub documents: Vec<Vec<u8>>,
    /// It crashed, ran late or talked too much after the last document; which of them.
    pub failed: Option<String>,
}

/// Runs the program until it ends, or until `time` has passed since its last document. When this returns the child is
/// gone, and so is what it started.
///
/// One that fails after all `most` documents is not believed the last of them.
pub(crate) fn run(program: &Path, arguments: &[&OsStr], time: Duration, most: usize) -> Result<Said, ProbeError> {
    let mut child =
        start(program, arguments).map_err(|source| ProbeError::Start { program: program.into(), source })?;
    let follow = |source| ProbeError::Follow { program: program.into(), source };
    let mut documents = Vec::new();
    let heard = listen(&mut child, time, &mut documents, most);
    let status = match &heard {
        Ok(Heard::End { deadline, .. }) => wait(&mut child, *deadline),
        _ => Ok(None),
    };
    if !matches!(status, Ok(Some(_))) {
        end(&mut child).map_err(follow)?;
    }
    let failed = match (heard.map_err(follow)?, status.map_err(follow)?) {
        (Heard::TooMuch, _) => Some(format!("the probe wrote more than {ANSWER_BYTES_MAX} bytes")),
        (Heard::Late, _) | (_, None) => Some(format!("the probe gave no result within {time:?}")),
        (Heard::End { silent: false, .. }, Some(status)) if status.success() => Some(SENSELESS.to_owned()),
        (_, Some(status)) if status.success() => None,
        (Heard::End { silent, .. }, Some(status)) => {
            if status.code() == Some(LOADER_STATUS) && silent && documents.is_empty() {
                return Err(ProbeError::Libraries { program: program.into() });
            }
            Some(in_words(status))
        }
    };
    if failed.is_some() && documents.len() == most {
        documents.pop();
    }
    Ok(Said { documents, failed })
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
    /// It closed its output; `silent`: after its last document it wrote nothing more.
    End {
        silent: bool,
        deadline: Instant,
    },
    TooMuch,
    Late,
}

fn listen(child: &mut Child, time: Duration, documents: &mut Vec<Vec<u8>>, most: usize) -> io::Result<Heard> {
    let mut output: ChildStdout = child.stdout.take().expect("the output was piped at the start");
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    // A stopwatch, not the time of day.
    let mut deadline = Instant::now() + time;
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
            return Ok(Heard::End { silent: bytes.is_empty(), deadline });
        }
        bytes.extend_from_slice(&chunk[..length]);
        while documents.len() < most
            && let Some(end) = bytes.iter().position(|byte| *byte == b'\n')
        {
            let rest = bytes.split_off(end + 1);
            documents.push(std::mem::replace(&mut bytes, rest));
            deadline = Instant::now() + time;
        }
        if bytes.len() > ANSWER_BYTES_MAX {
            return Ok(Heard::TooMuch);
        }
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
