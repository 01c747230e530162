//! Why a table is refused.

use thiserror::Error;

/// A table that is no good: the first thing that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}", .fault.code(), .line.map(|line| format!(" at line {line}")).unwrap_or_default())]
pub struct TableError {
    /// Line of the file, or row of the sheet, from 1; none where it is about the whole.
    pub line: Option<u64>,
    pub fault: TableFault,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// What is wrong with a table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum TableFault { $($(#[$doc])* $variant,)* }

        impl TableFault {
            /// Every fault, for wording tables and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable text of the fault.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

faults! {
    /// There is no row of titles.
    Empty = "empty",
    FileTooLarge = "file_too_large",
    TooManyColumns = "too_many_columns",
    TooManyRows = "too_many_rows",
    ColumnUnnamed = "column_unnamed",
    ColumnTwice = "column_twice",
    /// Something stands where no column has a title.
    RowTooLong = "row_too_long",
    CellTooLong = "cell_too_long",
    ControlCharacter = "control_character",
    /// Neither UTF-8 nor GB18030.
    Encoding = "encoding",
    QuoteOpen = "quote_open",
    /// No workbook, a damaged one, or one with a password.
    NotXlsx = "not_xlsx",
    NoSheet = "no_sheet",
    /// A cell shows an error of its formula.
    CellError = "cell_error",
    /// A table that could not be written down.
    NotWritten = "not_written",
}

impl TableFault {
    pub(crate) fn at(self, line: u64) -> TableError {
        TableError { line: Some(line), fault: self }
    }

    pub(crate) fn whole(self) -> TableError {
        TableError { line: None, fault: self }
    }
}
