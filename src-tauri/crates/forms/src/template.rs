//! What kinds of papers there are: one file each in `assets/forms/`, built in.
//!
//! A file says title, number prefix, page, and the parts of the paper in reading order, with every word and which
//! key fills what. A field that does not say otherwise must be filled.

use crate::engine::Page;
use crate::faults;
use serde::Deserialize;
use std::sync::LazyLock;

macro_rules! built_in {
    ($($code:literal),* $(,)?) => {
        &[$(include_str!(concat!("../../../../assets/forms/", $code, ".json"))),*]
    };
}

/// In the order of requirements: the record of footage first, the registers of devices and reviews behind.
const BUILT_IN: &[&str] = built_in![
    "handover",
    "interruption",
    "unrecorded",
    "damage",
    "trip",
    "access_request",
    "access_register",
    "checklist",
    "device_ledger",
    "device_checkout",
    "device_maintenance",
    "incident_report",
    "case_review",
    "statistics",
    "destruction",
];

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let read = |text: &&str| Kind::read(text).expect("templates are part of the build, and a test reads each");
    BUILT_IN.iter().map(read).collect()
});

/// Returns all kinds of papers that are made from templates.
pub fn kinds() -> &'static [Kind] {
    &KINDS
}

/// Returns the kind with this code.
pub fn kind(code: &str) -> Option<&'static Kind> {
    kinds().iter().find(|kind| kind.code == code)
}

/// A kind of paper.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Stable, such as `handover`.
    pub code: String,
    pub title: String,
    /// What its numbers begin with, such as `移交` in `移交〔2026〕1号`.
    pub prefix: String,
    pub(crate) page: PageName,
    pub(crate) parts: Vec<Part>,
    pub(crate) signatures: SignaturePart,
}

/// A key of [`crate::PaperValues`] that a kind knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    pub place: Place,
    /// Such as `reason`, or `gaps.from` for a column of a list.
    pub key: String,
    pub label: &'a str,
    /// Whether the paper is refused without it. Some others are asked for where a choice calls for them.
    pub required: bool,
    /// Codes and words to choose from; empty where any text will do.
    pub choices: &'a [(String, String)],
    /// Text of any length, rather than one line of a form.
    pub long: bool,
    /// A field and the codes in it that call for this one.
    pub needed_when: Option<(&'a str, &'a [String])>,
    /// Whether each line of a check list says where in the footage it is seen.
    pub timecode: bool,
}

/// Which map of [`crate::PaperValues`] a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Fields,
    Lists,
    Grids,
    Clips,
    Checks,
    Signers,
    /// No map: `PaperValues::basis`.
    Basis,
}

/// The key under which a paper's basis is asked for.
pub(crate) const BASIS: &str = "basis";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageName {
    Portrait,
    Landscape,
}

impl PageName {
    pub fn page(self) -> Page {
        match self {
            Self::Portrait => Page::Portrait,
            Self::Landscape => Page::Landscape,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Part {
    Heading(String),
    /// Rows of a form, each of one or two fields.
    Fields(Vec<Vec<Entry>>),
    /// Text of any length under its label.
    Text(Entry),
    /// Words of the paper itself, with `{key}` for fields that must be filled.
    Say(String),
    /// Small print.
    Note(String),
    List(List),
    Grid(Table),
    Clips(Table),
    Checks(Checks),
    /// The regulations that call for the paper, as a row of the form.
    Basis {
        label: String,
        empty: Empty,
    },
}

/// What an empty value means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Empty {
    /// The paper is refused.
    #[default]
    Refused,
    /// Room to fill in by hand.
    Blank,
    /// 无: there is none, and the paper says so.
    None,
    /// Left out with its label.
    Omitted,
}

/// A single text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub empty: Empty,
    /// Height of a blank.
    #[serde(default = "one")]
    pub lines: usize,
    /// Codes and their words.
    #[serde(default)]
    pub choices: Vec<(String, String)>,
    /// Where an otherwise optional field must be filled.
    pub needed_when: Option<Condition>,
    /// Who signs the text in its own cell.
    pub signer: Option<String>,
}

fn one() -> usize {
    1
}

/// A field that holds one of these codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    pub field: String,
    pub is: Vec<String>,
}

/// A table whose columns are known here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub empty: Empty,
    /// Label of a first column that counts.
    pub numbered: Option<String>,
    pub columns: Vec<Column>,
    /// Says below how many rows there are, so that none can be added.
    #[serde(default)]
    pub closed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub key: String,
    pub label: String,
    pub weight: u32,
    #[serde(default)]
    pub set: Set,
    #[serde(default)]
    pub empty: Empty,
}

/// How the text of a column stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Set {
    #[default]
    Left,
    Center,
    Right,
    Digest,
}

/// A table whose columns are given with its rows, or are those of all clips.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub empty: Empty,
    #[serde(default)]
    pub closed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub empty: Empty,
    /// Whether each line says where in the footage it is seen.
    #[serde(default)]
    pub timecode: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignaturePart {
    pub roles: Vec<SigningRole>,
    pub seal: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SigningRole {
    pub key: String,
    pub label: String,
    /// At least so many lines to sign on.
    #[serde(default = "one")]
    pub lines: usize,
}

impl Kind {
    /// Returns the kind a template describes, or what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let kind: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        faults::check(&kind).map_err(|fault| format!("{}: {fault}", kind.code))?;
        Ok(kind)
    }

    /// Returns every key the kind knows, in reading order.
    pub fn keys(&self) -> Vec<Key<'_>> {
        let mut keys = Vec::new();
        for part in &self.parts {
            keys.extend(part.keys());
        }
        let roles = self.signatures.roles.iter();
        keys.extend(roles.map(|role| Key::new(Place::Signers, role.key.clone(), &role.label, Empty::Blank)));
        keys
    }

    /// Returns all single texts.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.parts.iter().flat_map(Part::entries)
    }
}

impl Part {
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let (rows, text): (&[Vec<Entry>], Option<&Entry>) = match self {
            Self::Fields(rows) => (rows, None),
            Self::Text(entry) => (&[], Some(entry)),
            _ => (&[], None),
        };
        rows.iter().flatten().chain(text)
    }

    fn keys(&self) -> Vec<Key<'_>> {
        match self {
            Self::Heading(_) | Self::Say(_) | Self::Note(_) => Vec::new(),
            Self::Fields(_) => self.entries().map(Entry::named).collect(),
            Self::Text(entry) => vec![Key { long: true, ..entry.named() }],
            Self::List(list) => {
                let columns = list.columns.iter().map(|column| {
                    Key::new(Place::Lists, format!("{}.{}", list.key, column.key), &column.label, column.empty)
                });
                let whole = Key::new(Place::Lists, list.key.clone(), &list.label, list.empty);
                std::iter::once(whole).chain(columns).collect()
            }
            Self::Grid(grid) => vec![Key::new(Place::Grids, grid.key.clone(), &grid.label, grid.empty)],
            Self::Clips(clips) => vec![Key::new(Place::Clips, clips.key.clone(), &clips.label, clips.empty)],
            Self::Checks(checks) => {
                let key = Key::new(Place::Checks, checks.key.clone(), &checks.label, checks.empty);
                vec![Key { timecode: checks.timecode, ..key }]
            }
            Self::Basis { label, empty } => vec![Key::new(Place::Basis, BASIS.to_owned(), label, *empty)],
        }
    }
}

impl Entry {
    fn named(&self) -> Key<'_> {
        let needed_when = self.needed_when.as_ref().map(|when| (when.field.as_str(), when.is.as_slice()));
        let key = Key::new(Place::Fields, self.key.clone(), &self.label, self.empty);
        Key { choices: &self.choices, needed_when, long: self.lines > 1, ..key }
    }
}

impl<'a> Key<'a> {
    fn new(place: Place, key: String, label: &'a str, empty: Empty) -> Self {
        let required = empty == Empty::Refused;
        Self { place, key, label, required, choices: &[], long: false, needed_when: None, timecode: false }
    }
}
