//! A command that was not carried out: why, in a document and in words.

use crate::status::Status;
use crate::words::{explain_error, field, refusal, usage, words};
use model::{ErrorCode, Field};
use station::Failure;
use std::collections::BTreeMap;
use wire::dto::WireError;

/// Why a command was not carried out.
#[derive(Debug)]
pub struct Refusal {
    pub status: Status,
    pub error: WireError,
    /// For the terminal, one line each.
    pub lines: Vec<String>,
}

impl Refusal {
    /// Returns the refusal of a command that is wrong itself: a sentence of `usage`.
    pub fn usage(name: &str, values: &[(&str, &str)]) -> Self {
        Self::wrong(usage(name, values))
    }

    /// Returns the refusal of a command that is wrong itself.
    pub fn wrong(what: String) -> Self {
        let error = WireError {
            code: ErrorCode::InvalidInput.code().to_owned(),
            params: Default::default(),
            detail: what.clone(),
        };
        Self { status: Status::Usage, error, lines: vec![what] }
    }

    /// Adds lines that say more.
    pub fn saying(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Returns the one document of a command that was not carried out.
    pub fn document(&self) -> BTreeMap<&'static str, &WireError> {
        BTreeMap::from([("error", &self.error)])
    }
}

/// Returns one line for every field that a statement still lacks, with the article that asks for it.
pub fn missing_lines(missing: &[Field]) -> Vec<String> {
    let line = |one: &Field| {
        let told = field(*one);
        refusal("missing_field", &[("name", &told.name), ("rule", &told.rule), ("article", &told.article)])
    };
    missing.iter().map(line).collect()
}

/// Returns what is to be said of a failure: what happened, what it affects, what to do, and the cause for the phone.
pub fn lines(failure: &Failure) -> Vec<String> {
    let said = explain_error(failure.code, &failure.params);
    let told = |name: &str, text: &str| format!("  {}：{text}", words().refusal[name]);
    vec![
        said.what,
        told("effect", &said.effect),
        told("action", &said.action),
        told("code", failure.code.code()),
        told("detail", &failure.chain()),
    ]
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let (status, error) = (Status::of(failure.code), wire::view::failure(&failure));
        Self { status, error, lines: lines(&failure) }
    }
}
