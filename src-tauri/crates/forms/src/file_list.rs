//! 归档包文件清单: every file of a package, as it lies on the disc.

use crate::clips::{field_row, header, ordinal, signatures, size, zone_words};
use crate::engine::{Block, Cell, Masthead, Page, Paper, Row, Running, Style, Table, print};
use crate::wording::{FileListWords, fill, wording};
use crate::{ClipLine, Fonts, FormError};
use model::{CaseDraft, Instant, StationZone};

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Running number, as in the CSV list.
    pub index: usize,
    /// Path from the root of the package, with `/`.
    pub path: String,
    pub clip: ClipLine,
}

/// The values of one file list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileList {
    pub unit: String,
    pub case: CaseDraft,
    /// 归档包编号
    pub package_number: String,
    pub files: Vec<FileLine>,
    /// Bytes of all files of the package.
    pub total_bytes: u64,
    /// Also the date inside the file.
    pub made_at: Instant,
    pub made_by: String,
    pub zone: StationZone,
}

/// Columns of the form: label, value, label, value.
const FORM_COLUMNS: [f32; 4] = [76.0, 274.0, 76.0, 274.0];
const FILE_COLUMNS: [f32; 6] = [30.0, 190.0, 140.0, 114.0, 80.0, 146.0];

/// Returns the file list as A4 PDF, lying.
pub fn file_list(list: &FileList, fonts: &Fonts) -> Result<Vec<u8>, FormError> {
    let words = &wording().file_list;
    let note = Style::BODY.indented().para(fill(&words.note, &[("zone", &zone_words(list.zone))]));
    // Signatures stand on words, never alone on a page; and no line can be added above them unnoticed.
    let closing = fill(&words.closing, &[("count", &list.files.len().to_string())]);
    let signers = [
        (words.signer_maker.as_str(), list.made_by.as_str()),
        (words.signer_checker.as_str(), ""),
        (words.signer_receiver.as_str(), ""),
    ];
    let paper = Paper {
        page: Page::Landscape,
        masthead: Masthead {
            unit: list.unit.clone(),
            title: words.title.clone(),
            number: fill(&words.number, &[("number", &list.package_number)]),
        },
        running: Running::Head { foot: wording().common.foot.clone() },
        blocks: vec![
            Block::Table(form(list, words)),
            Block::Paragraph(note),
            Block::Table(files(list, words)),
            Block::Together(vec![
                Block::Paragraph(Style::BODY.indented().para(closing)),
                Block::Signatures(signatures(Some(&list.unit), &signers)),
            ]),
        ],
        issued_at: list.made_at,
    };
    print(&paper, fonts)
}

fn form(list: &FileList, words: &FileListWords) -> Table {
    let total = fill(
        &words.total_value,
        &[
            ("count", &list.files.len().to_string()),
            ("size", &size(list.total_bytes)),
            ("bytes", &list.total_bytes.to_string()),
        ],
    );
    let made_at = list.zone.show(list.made_at);
    let rows: [&[(&str, &str)]; 4] = [
        &[(&words.case_number, &list.case.number), (&words.cause, &list.case.cause)],
        &[(&words.party, &list.case.party), (&words.department, &list.case.department)],
        &[(&words.package_number, &list.package_number), (&words.total, &total)],
        &[(&words.made_by, &list.made_by), (&words.made_at, &made_at)],
    ];
    let rows = rows.into_iter().map(|pairs| field_row(FORM_COLUMNS.len(), pairs)).collect();
    Table { columns: FORM_COLUMNS.to_vec(), header: None, rows }
}

fn files(list: &FileList, words: &FileListWords) -> Table {
    let row = |file: &FileLine| {
        let mut cells = vec![ordinal(file.index), Cell::new(Style::SMALL.para(&file.path))];
        cells.extend(file.clip.cells(list.zone));
        Row { cells, continued: None }
    };
    Table {
        columns: FILE_COLUMNS.to_vec(),
        header: Some(header(&words.columns)),
        rows: list.files.iter().map(row).collect(),
    }
}
