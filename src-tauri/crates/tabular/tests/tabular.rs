//! Tables go out and come back, and bad files are refused with line and reason.
#![allow(clippy::unwrap_used)]

use model::parse_instant;
use tabular::{Format, ROWS_MAX, Table, TableError, TableFault, read, write_csv, write_xlsx};

fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
    let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    Table { columns: texts(columns), rows: rows.iter().map(|row| texts(row)).collect() }
}

fn written(format: Format, table: &Table) -> Vec<u8> {
    let made_at = parse_instant("2026-11-21T01:02:05.123Z").unwrap();
    match format {
        Format::Csv => write_csv(table),
        Format::Xlsx => write_xlsx(table, "事项清单", &[], made_at),
    }
    .unwrap()
}

#[test]
fn tables_come_back_as_they_were() {
    let many = |n: usize| -> Vec<Vec<String>> {
        (0..n).map(|at| vec![at.to_string(), format!("第{at}行，“{at}”\n𠮷"), "=SUM(A1:A9)".to_owned()]).collect()
    };
    let rows = [
        ("plain", table(&["甲", "乙"], &[&["a", "b"], &["", ""], &["c", ""]])),
        ("rare characters", table(&["䶮", "㛃"], &[&["𬱖", "𠮷"], &["䶮㛃𬱖𠮷", "a"]])),
        ("line breaks", table(&["甲", "乙"], &[&["一\n二\n\n三", "\n前"], &["后\n", "a"]])),
        ("quotes and commas", table(&["甲\"乙\"", "丙,丁"], &[&["\"", "\"\"a\",b"], &["，“”", "'a'"]])),
        ("formulas", table(&["甲", "乙"], &[&["=1+1", "@SUM(A1)"], &["+86", "-1"], &["'=1", "''@"], &["＝1", "\t=1"]])),
        ("what looks like a number", table(&["甲", "乙"], &[&["0012", "1e5"], &["53030036012345678", "3.10"]])),
        ("spaces", table(&["甲", "乙"], &[&[" a ", "　b"], &["  ", "x"]])),
        ("what a workbook escapes", table(&["甲", "乙"], &[&["<a & b>", "_x0041_"], &["]]>", "&lt;"]])),
        ("one column", table(&["甲"], &[&["a"], &["b"]])),
        ("no rows", table(&["甲", "乙"], &[])),
        ("5000 rows", Table { columns: ["n", "t", "f"].map(str::to_owned).to_vec(), rows: many(5000) }),
    ];
    for format in Format::ALL {
        for (what, table) in &rows {
            let bytes = written(format, table);
            assert_eq!(&read(format, &bytes).unwrap(), table, "{what} as {}", format.code());
            assert_eq!(bytes, written(format, table), "{what} as {}: the same table, the same bytes", format.code());
        }
    }
}

#[test]
fn a_csv_file_is_what_office_programs_expect() {
    let bytes = write_csv(&table(&["甲", "乙"], &[&["=1", "a\nb"], &["c\"", ""]])).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text, "\u{feff}甲,乙\r\n'=1,\"a\nb\"\r\n\"c\"\"\",\r\n", "mark, line ends, quotes, no formula");
}

#[test]
fn other_peoples_files_are_read() {
    let rows: [(&str, &[u8], Table); 6] = [
        ("without a mark, ended by line feeds", "甲,乙\n1,2\n".as_bytes(), table(&["甲", "乙"], &[&["1", "2"]])),
        ("GB18030", b"\xbc\xd7,\xd2\xd2\r\n1,\xfe\x9f\r\n", table(&["甲", "乙"], &[&["1", "䶮"]])),
        ("rows of fewer cells", "甲,乙\n1\n".as_bytes(), table(&["甲", "乙"], &[&["1", ""]])),
        ("empty cells behind the last title", "甲,乙,,\n1,2,,\n".as_bytes(), table(&["甲", "乙"], &[&["1", "2"]])),
        ("line breaks of every kind", b"a,b\r\n\"1\r\n2\",\"3\r4\"\r\n", table(&["a", "b"], &[&["1\n2", "3\n4"]])),
        ("spaces around titles", " 甲 ,乙\n1,2".as_bytes(), table(&["甲", "乙"], &[&["1", "2"]])),
    ];
    for (what, bytes, expected) in rows {
        assert_eq!(read(Format::Csv, bytes).unwrap(), expected, "{what}");
    }
}

#[test]
fn bad_files_are_refused_with_line_and_reason() {
    use TableFault as F;
    let wide = vec!["a"; tabular::COLUMNS_MAX + 1].join(",");
    let tall = format!("甲\n{}", "x\n".repeat(ROWS_MAX + 1));
    let rows: [(&[u8], F, Option<u64>); 11] = [
        (b"", F::Empty, None),
        (b"\xef\xbb\xbf", F::Empty, None),
        (b",,\n1,2,3\n", F::Empty, Some(1)),
        ("甲,,乙\n".as_bytes(), F::ColumnUnnamed, Some(1)),
        ("甲,乙,甲\n".as_bytes(), F::ColumnTwice, Some(1)),
        ("甲,乙\n1,2\n1,2,3\n".as_bytes(), F::RowTooLong, Some(3)),
        (b"a,b\n1,\xff\xff\n", F::Encoding, Some(2)),
        ("甲,乙\n1,2\n\"3,4\n5,6\n".as_bytes(), F::QuoteOpen, Some(3)),
        ("甲\na\u{7}b\n".as_bytes(), F::ControlCharacter, Some(2)),
        (wide.as_bytes(), F::TooManyColumns, Some(1)),
        (tall.as_bytes(), F::TooManyRows, Some(ROWS_MAX as u64 + 2)),
    ];
    for (bytes, fault, line) in rows {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert_eq!(read(Format::Csv, bytes), Err(TableError { line, fault }), "{shown:?}");
    }
    let large = vec![b'a'; tabular::FILE_BYTES_MAX + 1];
    for format in Format::ALL {
        assert_eq!(read(format, &large).unwrap_err().fault, F::FileTooLarge, "{}", format.code());
    }
}

#[test]
fn a_spoilt_workbook_is_refused() {
    let good = written(Format::Xlsx, &table(&["甲"], &[&["a"], &["b"]]));
    assert!(read(Format::Xlsx, b"PK\x03\x04 no workbook").is_err(), "no workbook at all");
    assert_eq!(read(Format::Xlsx, b"").unwrap_err().fault, TableFault::NotXlsx, "nothing");
    for at in (0..good.len()).step_by(97) {
        assert!(read(Format::Xlsx, &good[..at]).is_err(), "cut off after {at} bytes of {}", good.len());
    }
    let mut flipped = 0;
    for at in (0..good.len()).step_by(13) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        flipped += u32::from(read(Format::Xlsx, &bytes).is_err());
    }
    assert!(flipped > 0, "flipped bytes are noticed, and none of them is a panic");
}

#[test]
fn a_small_workbook_that_unpacks_to_much_is_refused() {
    // One long text, kept once in the file and shown by every cell.
    let text = "长".repeat(tabular::CELL_UNITS_MAX);
    let rows = vec![vec![text.clone(); 32]; 32];
    let titles = (0..32).map(|n| n.to_string()).collect();
    let bytes = written(Format::Xlsx, &Table { columns: titles, rows });
    assert!(bytes.len() < 200_000, "{} bytes on disk, {} of text", bytes.len(), text.len() * 32 * 32);
    assert_eq!(read(Format::Xlsx, &bytes).unwrap_err().fault, TableFault::FileTooLarge);
}

#[test]
fn what_cannot_come_back_is_not_written() {
    for (table, fault) in [
        (table(&["甲", "甲"], &[]), TableFault::ColumnTwice),
        (table(&["甲"], &[&["a\u{0}"]]), TableFault::ControlCharacter),
        (table(&["甲"], &[&["a", "b"]]), TableFault::RowTooLong),
        (table(&[], &[]), TableFault::Empty),
    ] {
        let made_at = parse_instant("2026-11-21T01:02:05.123Z").unwrap();
        assert_eq!(write_csv(&table).unwrap_err().fault, fault, "as CSV");
        assert_eq!(write_xlsx(&table, "a", &[], made_at).unwrap_err().fault, fault, "as XLSX");
    }
    let made_at = parse_instant("2026-11-21T01:02:05.123Z").unwrap();
    let long = "字".repeat(tabular::CELL_UNITS_MAX + 1);
    let long = table(&["甲"], &[&["a"], &[long.as_str()]]);
    let refused = write_xlsx(&long, "a", &[], made_at).unwrap_err();
    assert_eq!(refused, TableError { line: Some(3), fault: TableFault::CellTooLong }, "a workbook takes no more");
    assert_eq!(read(Format::Csv, &write_csv(&long).unwrap()).unwrap(), long, "CSV does");
}
