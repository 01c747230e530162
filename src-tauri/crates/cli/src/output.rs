//! Standard output holds the result and nothing else; everything said beside it goes to standard error.

use crate::refusal::Refusal;
use crate::status::Status;
use crate::words::say;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write as _};

/// What a command came to.
#[derive(Debug)]
pub struct Answer {
    /// The document of `--json`; keys stand in the order of their shape.
    pub document: String,
    /// The same for people.
    pub text: String,
    /// For standard error, whichever form was asked for.
    pub notes: Vec<String>,
    pub status: Status,
    /// Whether the result stands on standard output already.
    printed: bool,
}

impl Answer {
    /// Returns a clean answer that is a list: a document with one key.
    pub fn list(name: &str, list: &[impl Serialize], text: String) -> Self {
        Self::new(&BTreeMap::from([(name, list)]), text)
    }

    /// Returns a clean answer.
    pub fn new(document: &impl Serialize, text: String) -> Self {
        let document = serde_json::to_string_pretty(document).expect("a document is a tree of text keys");
        Self { document, text, notes: Vec::new(), status: Status::Clean, printed: false }
    }

    /// Returns the answer with another status.
    pub fn ending(self, status: Status) -> Self {
        Self { status, ..self }
    }

    /// Returns the answer as one that needs no printing any more.
    pub fn printed(self) -> Self {
        Self { printed: true, ..self }
    }

    /// Returns the answer with lines for standard error.
    pub fn noting(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }
}

/// Prints what a command came to and returns how it ended.
pub fn finish(json: bool, ended: Result<Answer, Refusal>) -> Status {
    match ended {
        Ok(answer) if answer.printed => answer.status,
        Ok(answer) => {
            answer.notes.iter().for_each(|note| tell(note));
            print(json, &answer)
        }
        Err(refusal) => {
            for (n, line) in refusal.lines.iter().enumerate() {
                tell(&if n == 0 { format!("evidock: {line}") } else { line.clone() });
            }
            if json {
                let answer = Answer::new(&refusal.document(), String::new()).ending(refusal.status);
                return print(true, &answer);
            }
            refusal.status
        }
    }
}

/// Prints the result itself.
pub fn print(json: bool, answer: &Answer) -> Status {
    let mut text = if json { answer.document.clone() } else { answer.text.clone() };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => answer.status,
        // Whoever read it had enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => answer.status,
        Err(error) => {
            tell(&say("not_printed", &[("why", &error.to_string())]));
            Status::Fault
        }
    }
}

/// Says one line on standard error.
pub fn tell(line: &str) {
    // With standard error closed there is nobody left to tell.
    drop(writeln!(io::stderr(), "{line}"));
}
