//! xorriso as a child process: start it, follow it, stop it, and read what it says.
//!
//! `-no_rc` and a fixed locale keep the machine's own settings out: under `LC_ALL=C` without a named character set
//! xorriso turns every Chinese Joliet name into `____` and says nothing.

use crate::{ArchiveError, Watch};
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

pub(crate) const TOOL: &str = "xorriso";
/// How often cancellation is looked at while the tool is silent.
const POLL: Duration = Duration::from_millis(100);
/// Most bytes of a listing that are read; a package of 100 000 files needs about 40 MB.
const LISTING_BYTES_MAX: u64 = 1 << 30;
/// Longest message that is kept; what follows is cut off.
const MESSAGE_BYTES_MAX: usize = 4096;

/// What a run of the tool gave.
pub(crate) struct Outcome {
    /// Whether it ended by itself and content.
    pub(crate) done: bool,
    pub(crate) listing: Vec<u8>,
    /// The gravest message, or the last one.
    pub(crate) said: String,
    /// Name and version, such as `xorriso 1.5.4`.
    pub(crate) version: String,
}

/// Returns arguments that every run begins with: stop at failures, and end with status 32 also after lesser ones.
pub(crate) fn prelude() -> Vec<OsString> {
    ["-no_rc", "-abort_on", "FAILURE", "-return_with", "SORRY", "32"].map(OsString::from).to_vec()
}

/// Returns the address under which the tool opens a file as if it were a drive.
pub(crate) fn drive(image: &Path) -> OsString {
    let mut address = OsString::from("stdio:");
    address.push(image);
    address
}

/// Runs the tool to its end. `heard` gets every line it says while it works.
pub(crate) fn run(
    arguments: &[OsString],
    watch: &dyn Watch,
    mut heard: impl FnMut(&str),
) -> Result<Outcome, ArchiveError> {
    let mut child = start(arguments)?;
    let stdout = child.stdout.take().expect("standard output is piped");
    let stderr = child.stderr.take().expect("standard error is piped");
    let (to_us, messages) = channel();
    let listener = thread::spawn(move || listen(stderr, &to_us));
    let reader = thread::spawn(move || {
        let mut listing = Vec::new();
        stdout.take(LISTING_BYTES_MAX).read_to_end(&mut listing).map(|_| listing)
    });
    let mut talk = Talk::default();
    let cancelled = follow(&messages, watch, |line| {
        talk.note(line);
        heard(line);
    });
    if cancelled {
        // It may have ended by itself in this moment; waiting below tells.
        drop(child.kill());
    }
    let unusable = |source| ArchiveError::ToolUnusable { tool: TOOL, source };
    let status = child.wait().map_err(unusable)?;
    listener.join().expect("the listener does not panic");
    let listing = reader.join().expect("the reader does not panic").map_err(unusable)?;
    if cancelled {
        return Err(ArchiveError::Cancelled);
    }
    if !status.success() && talk.gravest.is_empty() {
        talk.last = format!("{} ({status})", talk.last);
    }
    let said = if talk.gravest.is_empty() { talk.last } else { talk.gravest };
    Ok(Outcome { done: status.success(), listing, said, version: talk.version })
}

fn start(arguments: &[OsString]) -> Result<Child, ArchiveError> {
    Command::new(TOOL)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ArchiveError::ToolMissing { tool: TOOL },
            _ => ArchiveError::ToolUnusable { tool: TOOL, source },
        })
}

/// Hands on every line until the tool has nothing more to say; returns whether it was cancelled before.
fn follow(messages: &Receiver<String>, watch: &dyn Watch, mut heard: impl FnMut(&str)) -> bool {
    loop {
        if watch.cancelled() {
            return true;
        }
        match messages.recv_timeout(POLL) {
            Ok(line) => heard(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Sends every line; progress comes with line feeds or carriage returns.
fn listen(stderr: impl Read, to_us: &Sender<String>) {
    let mut line = Vec::new();
    // An unreadable pipe is a closed one: the exit status tells the rest.
    for byte in BufReader::new(stderr).bytes().map_while(Result::ok) {
        if byte == b'\n' || byte == b'\r' {
            // Nobody listens any more once the run was cancelled.
            drop(to_us.send(String::from_utf8_lossy(&line).trim().to_owned()));
            line.clear();
        } else if line.len() < MESSAGE_BYTES_MAX {
            line.push(byte);
        }
    }
}

/// What is kept of the tool's talk.
#[derive(Default)]
struct Talk {
    version: String,
    gravest: String,
    gravity: usize,
    last: String,
}

impl Talk {
    fn note(&mut self, line: &str) {
        const GRAVITIES: [&str; 5] = [" : SORRY : ", " : MISHAP : ", " : FAILURE : ", " : FATAL : ", " : ABORT : "];
        if line.is_empty() || line.contains(" : UPDATE : ") {
            return;
        }
        if self.version.is_empty() {
            self.version = line.split(" : ").next().unwrap_or_default().to_owned();
        }
        let gravity = GRAVITIES.iter().position(|word| line.contains(word)).map_or(0, |place| place + 1);
        if gravity > self.gravity {
            self.gravity = gravity;
            self.gravest = line.to_owned();
        }
        self.last = line.to_owned();
    }
}
