//! Tables of plain text, exchanged with other people's programs: CSV and XLSX, read and written.
//!
//! Every cell is text. What is written is read back as it was: rare characters, line breaks, quotes, and cells that a
//! spreadsheet would take for a formula. What cannot be read is refused whole, with its line and the reason.
//!
//! ```
//! use tabular::{Format, Table};
//! let table = Table { columns: vec!["事项".into()], rows: vec![vec!["=1+1\n䶮".into()]] };
//! let bytes = tabular::write_csv(&table).expect("a plain table");
//! assert_eq!(tabular::read(Format::Csv, &bytes).expect("our own bytes"), table);
//! ```

mod comma;
mod error;
mod sheet;
mod text;

pub use comma::write_csv;
pub use error::{TableError, TableFault};
pub use sheet::write_xlsx;

/// Longest text of a cell in a workbook, in UTF-16. CSV knows no such limit.
pub const CELL_UNITS_MAX: usize = 32_767;
/// Most columns of a table.
pub const COLUMNS_MAX: usize = 64;
/// Most rows of a table.
pub const ROWS_MAX: usize = 50_000;
/// Largest file that is read.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A table: titles, and rows that have a cell for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// How a table is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180; UTF-8 with its mark, so that office programs see what it is.
    Csv,
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// Returns the ending of its files, which is its code too.
    pub fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns the format of a code, or of the ending of a file name, in capitals or not.
    pub fn named(text: &str) -> Option<Self> {
        let ending = text.rsplit('.').next().unwrap_or(text);
        Self::ALL.into_iter().find(|format| ending.eq_ignore_ascii_case(format.code()))
    }
}

/// Reads a table: the first row holds the titles. CSV may be UTF-8, with its mark or without, or GB18030.
pub fn read(format: Format, bytes: &[u8]) -> Result<Table, TableError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(TableFault::FileTooLarge.whole());
    }
    match format {
        Format::Csv => comma::read(bytes),
        Format::Xlsx => sheet::read(bytes),
    }
}

/// Puts rows of cells, each with its line, together to a table.
fn assemble(mut rows: impl Iterator<Item = Result<(u64, Vec<String>), TableError>>) -> Result<Table, TableError> {
    let (line, mut columns) = match rows.next() {
        Some(head) => head?,
        None => return Err(TableFault::Empty.whole()),
    };
    while columns.last().is_some_and(|title| title.trim().is_empty()) {
        columns.pop();
    }
    let columns: Vec<String> = columns.iter().map(|title| title.trim().to_owned()).collect();
    check_columns(&columns).map_err(|fault| fault.at(line))?;
    let mut table = Table { columns, rows: Vec::new() };
    for row in rows {
        let (line, mut cells) = row?;
        let width = table.columns.len();
        if cells.iter().skip(width).any(|cell| !cell.is_empty()) {
            return Err(TableFault::RowTooLong.at(line));
        }
        if table.rows.len() == ROWS_MAX {
            return Err(TableFault::TooManyRows.at(line));
        }
        cells.resize(width, String::new());
        for cell in &mut cells {
            *cell = text::clean(cell);
            text::check(cell).map_err(|fault| fault.at(line))?;
        }
        table.rows.push(cells);
    }
    Ok(table)
}

/// Checks titles: each is there, plain, and stands once.
pub fn check_columns(columns: &[String]) -> Result<(), TableFault> {
    if columns.is_empty() {
        return Err(TableFault::Empty);
    }
    if columns.len() > COLUMNS_MAX {
        return Err(TableFault::TooManyColumns);
    }
    for (at, title) in columns.iter().enumerate() {
        if title.trim().is_empty() {
            return Err(TableFault::ColumnUnnamed);
        }
        text::check(title)?;
        if title.contains(['\n', '\t']) {
            return Err(TableFault::ControlCharacter);
        }
        if columns[..at].contains(title) {
            return Err(TableFault::ColumnTwice);
        }
    }
    Ok(())
}

/// Checks a whole table before it is kept or written; line breaks are `\n` alone. The line is that of the row, the
/// titles being the first.
pub fn check(table: &Table) -> Result<(), TableError> {
    check_columns(&table.columns).map_err(|fault| fault.at(1))?;
    if table.rows.len() > ROWS_MAX {
        return Err(TableFault::TooManyRows.whole());
    }
    for (line, row) in (2..).zip(&table.rows) {
        if row.len() != table.columns.len() {
            return Err(TableFault::RowTooLong.at(line));
        }
        row.iter().try_for_each(|cell| text::check(cell)).map_err(|fault| fault.at(line))?;
    }
    Ok(())
}

/// Returns text with every kind of line break as `\n`.
pub fn clean(text: &str) -> String {
    text::clean(text)
}
