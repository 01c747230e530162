//! 音像记录事项清单: what the unit records, as a table whose columns are data. Saving makes a further version; the
//! earlier ones stay readable.

use crate::{Act, Failure, Station, Topic, authorise};
use chrono::NaiveDate;
use ledger::ChecklistRecorded;
use model::{Actor, Checklist, ColumnKind, ErrorCode, Instant};
use register::{ChecklistRow, ChecklistVersion};
use rules::checklist_start;
use std::path::Path;
use tabular::{Format, Table, TableError};

/// Most rows: a checklist is read by people, and travels whole.
const ROWS_MAX: usize = 5_000;
/// Longest cell in characters.
const CELL_CHARS_MAX: usize = 2_000;
/// Longest id of a column in bytes.
const ID_BYTES_MAX: usize = 40;
/// Name of the sheet in a workbook.
const SHEET: &str = "音像记录事项清单";
/// What a file of the checklist is called before its version.
const FILE: &str = "音像记录事项清单";

/// The checklist as it stands, saved or not.
#[derive(Clone, Debug)]
pub struct ChecklistStanding {
    pub checklist: Checklist,
    /// `None`: nobody has saved one yet, and this is what it starts from.
    pub version: Option<ChecklistVersion>,
    /// Title and article of the regulation that the columns come from.
    pub origin: String,
    /// The columns are another regulation's, since the unit's own names none.
    pub borrowed: bool,
    /// The article that asks for a checklist; `None` where the unit's regulation does not.
    pub article: Option<String>,
    /// That article asks for it to be made public.
    pub to_publish: bool,
}

/// A version to be saved.
#[derive(Clone, Debug, Default)]
pub struct SaveChecklist {
    /// The version it was made from; 0: none.
    pub base: u32,
    /// A day, `2026-11-21`; `None` while it is not published.
    pub published_on: Option<String>,
    pub checklist: Checklist,
}

impl Station {
    /// Returns the checklist in force, or what it starts from.
    pub fn checklist(&self) -> Result<ChecklistStanding, Failure> {
        let pack = self.rule_pack()?;
        let start = checklist_start(&pack);
        let (checklist, version) = match self.read(|view| view.checklist_in_force())? {
            Some(row) => (row.checklist, Some(row.version)),
            None => (start.checklist, None),
        };
        let asked = pack.checklist.as_ref();
        Ok(ChecklistStanding {
            checklist,
            version,
            origin: start.origin,
            borrowed: start.borrowed,
            article: asked.map(|asked| pack.cite(&asked.article)),
            to_publish: asked.is_some_and(|asked| asked.published),
        })
    }

    /// Returns one version of the checklist.
    pub fn checklist_version(&self, version: u32) -> Result<ChecklistRow, Failure> {
        self.read(|view| view.checklist(version))?.ok_or_else(|| Failure::not_found(version))
    }

    /// Saves a further version of the checklist, which is in force from then on.
    pub fn save_checklist(&self, actor: &Actor, save: &SaveChecklist) -> Result<ChecklistRow, Failure> {
        authorise(self, actor, Act::Administer)?;
        let checklist = tidied(&save.checklist)?;
        let is_day =
            |day: &String| NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok_and(|read| read.to_string() == *day);
        if save.published_on.as_ref().is_some_and(|day| !is_day(day)) {
            return Err(Failure::invalid("published_on"));
        }
        let version = self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let newest = view.checklist_versions()?.first().map_or(0, |newest| newest.version);
            if newest != save.base {
                return Err(Failure::new(ErrorCode::ChecklistStale).with("version", newest));
            }
            let recorded = ChecklistRecorded {
                version: newest + 1,
                published_on: save.published_on.clone(),
                columns: checklist.columns.iter().map(Into::into).collect(),
                rows: checklist.rows,
            };
            Ok((vec![recorded.into()], newest + 1))
        })?;
        self.tell(&[Topic::Settings]);
        self.checklist_version(version)
    }

    /// Writes the checklist in force, or another version, as a new file; one that is there is never replaced.
    pub fn write_checklist(&self, version: Option<u32>, format: Format, file: &Path) -> Result<(), Failure> {
        let (checklist, made_at) = match version {
            Some(version) => {
                let row = self.checklist_version(version)?;
                (row.checklist, row.version.recorded_at)
            }
            None => {
                let standing = self.checklist()?;
                (standing.checklist, standing.version.map_or_else(|| self.now(), |version| version.recorded_at))
            }
        };
        let bytes = checklist_file(&checklist, format, made_at)
            .map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
        fixity::write_new(file, &bytes).map_err(|error| {
            let code = match error.kind() {
                std::io::ErrorKind::AlreadyExists => ErrorCode::OutputExists,
                _ => crate::vault::target_code(&error),
            };
            Failure::new(code).with("path", file.display()).because(error)
        })
    }
}

/// Returns what a file of the checklist is called.
pub fn checklist_file_name(version: u32, format: Format) -> String {
    match version {
        0 => format!("{FILE}.{}", format.code()),
        version => format!("{FILE}-第{version}版.{}", format.code()),
    }
}

/// Returns the checklist as a file: every column, hidden ones too, and the rows' numbers.
pub fn checklist_file(checklist: &Checklist, format: Format, made_at: Instant) -> Result<Vec<u8>, TableError> {
    let row = |row: usize| (0..checklist.columns.len()).map(|at| checklist.cell(row, at).into_owned()).collect();
    let table = Table {
        columns: checklist.columns.iter().map(|column| column.title.clone()).collect(),
        rows: (0..checklist.rows.len()).map(row).collect(),
    };
    let hidden: Vec<bool> = checklist.columns.iter().map(|column| column.hidden).collect();
    match format {
        Format::Csv => tabular::write_csv(&table),
        Format::Xlsx => tabular::write_xlsx(&table, SHEET, &hidden, made_at),
    }
}

/// Returns the table as it is kept: line breaks of one kind, no cell under an automatic column, each row as long as
/// there are columns. What cannot be kept is refused.
fn tidied(checklist: &Checklist) -> Result<Checklist, Failure> {
    let mut tidy = checklist.clone();
    for column in &mut tidy.columns {
        column.title = column.title.trim().to_owned();
    }
    let ids: Vec<&str> = tidy.columns.iter().map(|column| column.id.as_str()).collect();
    let plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let fit = |id: &str| !id.is_empty() && id.len() <= ID_BYTES_MAX && plain(id);
    if ids.iter().enumerate().any(|(at, id)| !fit(id) || ids[..at].contains(id)) {
        return Err(Failure::invalid("columns"));
    }
    if tidy.rows.len() > ROWS_MAX {
        return Err(Failure::invalid("rows"));
    }
    for (at, row) in tidy.rows.iter_mut().enumerate() {
        let refused = || Failure::invalid("rows").with("line", at + 1);
        if row.len() != checklist.columns.len() {
            return Err(refused());
        }
        for (cell, column) in row.iter_mut().zip(&checklist.columns) {
            *cell = if column.kind == ColumnKind::Auto { String::new() } else { tabular::clean(cell) };
            if cell.chars().count() > CELL_CHARS_MAX {
                return Err(refused());
            }
        }
    }
    let table =
        Table { columns: tidy.columns.iter().map(|column| column.title.clone()).collect(), rows: tidy.rows.clone() };
    tabular::check(&table).map_err(|error| {
        let field = if error.line == Some(1) { "columns" } else { "rows" };
        Failure::invalid(field).with("line", error.line.unwrap_or(0).saturating_sub(1)).because(error)
    })?;
    Ok(tidy)
}
