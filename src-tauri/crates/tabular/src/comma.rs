//! CSV by RFC 4180.

use crate::{Table, TableError, TableFault, text};
use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};

/// Reads a CSV file.
pub(crate) fn read(bytes: &[u8]) -> Result<Table, TableError> {
    let text = text::decode(bytes)?;
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut last = 1;
    let rows = reader.records().map(|record| {
        let record = record.map_err(|_| TableFault::Encoding.whole())?;
        let line = record.position().map_or(0, csv::Position::line);
        last = line;
        Ok((line, cells(&record)))
    });
    let rows: Vec<Result<(u64, Vec<String>), TableError>> = rows.collect();
    // A quote that nobody closes swallows the rest of the file without a word.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(TableFault::QuoteOpen.at(last));
    }
    crate::assemble(rows.into_iter())
}

fn cells(record: &StringRecord) -> Vec<String> {
    record.iter().map(|cell| text::revealed(cell).to_owned()).collect()
}

/// Writes a table as CSV: UTF-8 with its mark, lines ended as RFC 4180 has it, no cell that would be calculated.
pub fn write_csv(table: &Table) -> Result<Vec<u8>, TableError> {
    crate::check(table)?;
    let failed = |_| TableFault::NotWritten.whole();
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .from_writer(text::MARK.to_vec());
    for row in std::iter::once(&table.columns).chain(&table.rows) {
        writer.write_record(row.iter().map(|cell| text::neutral(cell).into_owned())).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| TableFault::NotWritten.whole())
}
