//! XLSX: the first sheet of a workbook.

use crate::{CELL_UNITS_MAX, COLUMNS_MAX, ROWS_MAX, Table, TableError, TableFault};
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx};
use model::Instant;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime as Written, Format as CellFormat, FormatAlign, Workbook, XlsxError,
};
use std::io::{Cursor, Read as _};

/// Most bytes that a workbook may unpack to.
const UNPACKED_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Most bytes of text in all cells: many may show one long text of the workbook.
const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Width of a column in characters.
const COLUMN_CHARS: f64 = 18.0;

/// Reads the first sheet that is shown.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, TableError> {
    measure(bytes)?;
    let foreign = |_| TableFault::NotXlsx.whole();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(foreign)?;
    let shown = book.sheets_metadata().iter().find(|sheet| sheet.visible == SheetVisible::Visible);
    let name = shown.map(|sheet| sheet.name.clone()).ok_or_else(|| TableFault::NoSheet.whole())?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(foreign)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut left = TEXT_BYTES_MAX;
    // Cell by cell: a sheet may claim to reach from the first to the last of a billion cells.
    while let Some(cell) = cells.next_cell().map_err(foreign)? {
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        let text = shown_text(cell.get_value()).map_err(|fault| fault.at(line))?;
        if text.is_empty() {
            continue;
        }
        left = left.checked_sub(text.len()).ok_or_else(|| TableFault::FileTooLarge.at(line))?;
        let (row, column) = (row as usize, column as usize);
        if row > ROWS_MAX {
            return Err(TableFault::TooManyRows.at(line));
        }
        if column >= COLUMNS_MAX {
            return Err(TableFault::TooManyColumns.at(line));
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, String::new());
        }
        rows[row][column] = text;
    }
    crate::assemble((1..).zip(rows).map(Ok))
}

/// Unpacks every part once, to nowhere, within limits: a small file may unpack to more than the machine holds.
fn measure(bytes: &[u8]) -> Result<(), TableError> {
    let foreign = |_| TableFault::NotXlsx.whole();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(foreign)?;
    let mut left = UNPACKED_BYTES_MAX;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(foreign)?;
        let unpacked = std::io::copy(&mut part.take(left), &mut std::io::sink());
        left -= unpacked.map_err(|_| TableFault::NotXlsx.whole())?;
        if left == 0 {
            return Err(TableFault::FileTooLarge.whole());
        }
    }
    Ok(())
}

/// Returns a cell as it is read, where it holds a number or a time too.
fn shown_text(cell: &DataRef<'_>) -> Result<String, TableFault> {
    Ok(match cell {
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTime(time) => time_text(time),
        DataRef::Error(_) => return Err(TableFault::CellError),
        other => Data::from(other.clone()).to_string(),
    })
}

fn time_text(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round() as u64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    match (time.as_f64() < 1.0, (hour, minute, second)) {
        (true, _) => clock,
        (false, (0, 0, 0)) => date,
        _ => format!("{date} {clock}"),
    }
}

/// Writes a table as a workbook with one sheet; every cell is text, so that nothing is calculated. `hidden` columns are
/// folded away. The same table and time give the same bytes.
pub fn write_xlsx(table: &Table, sheet: &str, hidden: &[bool], made_at: Instant) -> Result<Vec<u8>, TableError> {
    crate::check(table)?;
    let long = |cell: &String| cell.encode_utf16().count() > CELL_UNITS_MAX;
    let lines = (1..).zip(std::iter::once(&table.columns).chain(&table.rows));
    if let Some((line, _)) = lines.into_iter().find(|(_, row)| row.iter().any(long)) {
        return Err(TableFault::CellTooLong.at(line));
    }
    laid_out(table, sheet, hidden, made_at).map_err(|_| TableFault::NotWritten.whole())
}

fn laid_out(table: &Table, sheet: &str, hidden: &[bool], made_at: Instant) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made_at = Written::from_timestamp(made_at.timestamp())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
    let page = book.add_worksheet();
    page.set_name(sheet)?;
    let plain = CellFormat::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let head = plain.clone().set_bold();
    for (at, title) in (0_u16..).zip(&table.columns) {
        page.set_column_format(at, &plain)?;
        page.set_column_width(at, COLUMN_CHARS)?;
        page.write_string_with_format(0, at, title, &head)?;
        if hidden.get(usize::from(at)).copied().unwrap_or(false) {
            page.set_column_hidden(at)?;
        }
    }
    page.set_freeze_panes(1, 0)?;
    for (line, row) in (1_u32..).zip(&table.rows) {
        for (at, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                page.write_string_with_format(line, at, cell, &plain)?;
            }
        }
    }
    book.save_to_buffer()
}
