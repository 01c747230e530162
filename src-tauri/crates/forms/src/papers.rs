//! A kind and its values become a paper: part by part, in the order of the template.

use crate::clips::{clip_table, digest, form_row, header, mark_code, or_none, ordinal, signatures, zone_words};
use crate::engine::{Align, Block, Cell, Masthead, Page, Paper, Para, Row, Running, Signatures, Style, Table, print};
use crate::template::{self, Checks, Column, Empty, Entry, Kind, List, Part, Set};
use crate::values::{Basis, Check, Grid, ListRow, PaperValues};
use crate::wording::{fill, wording};
use crate::{Fonts, FormError, filling};
use model::Digest;

/// Width of a label of seven characters.
const LABEL_WIDTH: f32 = 84.0;
const NUMBER_WIDTH: f32 = 28.0;
/// What a row of the form is divided into: label, value, label, value.
const FORM_COLUMNS: usize = 4;
/// Seven lines in half the width of an upright page.
const BESIDE_CHARS_MAX: usize = 90;
const BESIDE_LINES_MAX: usize = 7;

/// Returns the paper as PDF, upright or lying as its kind says.
///
/// Refused while the values do not fill it: with [`FormError::Missing`] and [`FormError::UnknownKey`], which name
/// paper and keys, with [`FormError::NoChoice`], [`FormError::NotOneLine`] or [`FormError::Columns`]; and, as all
/// papers, with [`FormError::GlyphMissing`].
pub fn paper(values: &PaperValues, fonts: &Fonts) -> Result<Vec<u8>, FormError> {
    let unknown = || FormError::UnknownKind { kind: values.kind.clone() };
    let kind = template::kind(&values.kind).ok_or_else(unknown)?;
    filling::check(kind, values)?;
    print(&compose(kind, values), fonts)
}

/// Refuses values that do not fill the paper, as [`paper`] does, without setting it.
pub fn check(values: &PaperValues) -> Result<(), FormError> {
    let unknown = || FormError::UnknownKind { kind: values.kind.clone() };
    filling::check(template::kind(&values.kind).ok_or_else(unknown)?, values)
}

/// Returns the number of pages of a paper that this program printed.
pub fn sheets(pdf: &[u8]) -> Result<u32, FormError> {
    let read = lopdf::Document::load_mem(pdf).map_err(|error| FormError::Write { reason: error.to_string() })?;
    Ok(u32::try_from(read.get_pages().len()).unwrap_or(u32::MAX))
}

/// Returns what the paper is called: by its unit, or by its kind.
fn title<'a>(kind: &'a Kind, values: &'a PaperValues) -> &'a str {
    values.title.as_deref().unwrap_or(&kind.title)
}

fn compose(kind: &Kind, values: &PaperValues) -> Paper {
    let words = &wording().paper;
    let number = values.mark.as_ref().map_or(&words.preview, |mark| &mark.number);
    let page = kind.page.page();
    let mut draft =
        Draft { kind, values, page, blocks: Vec::new(), form: Vec::new(), form_signed: false, heading: None };
    for part in &kind.parts {
        draft.add(part);
    }
    draft.close();
    let foot = [
        ("unit", values.unit.as_str()),
        ("number", number),
        ("by", &values.made_by),
        ("time", &values.zone.show(values.made_at)),
        ("zone", &zone_words(values.zone)),
    ];
    Paper {
        page,
        masthead: Masthead { unit: values.unit.clone(), title: title(kind, values).to_owned(), number: number.clone() },
        running: Running::Foot {
            left: fill(&words.foot_left, &foot),
            middle: wording().common.foot.clone(),
            right: fill(&words.foot_right, &foot),
        },
        blocks: draft.blocks,
        issued_at: values.made_at,
    }
}

/// Returns the lines to sign on and the code that ties the paper to the register.
fn sign(kind: &Kind, values: &PaperValues) -> Block {
    let words = &wording().paper;
    let part = &kind.signatures;
    let mut signers: Vec<(&str, &str)> = Vec::new();
    for role in &part.roles {
        let names = values.signers.get(&role.key).map_or(&[][..], Vec::as_slice);
        let blanks = role.lines.saturating_sub(names.len());
        let names = names.iter().map(String::as_str).chain(std::iter::repeat_n("", blanks));
        signers.extend(names.map(|name| (role.label.as_str(), name)));
    }
    let mark = values.mark.as_ref();
    Block::Signatures(Signatures {
        code: mark.map(|mark| mark_code(&kind.code, &mark.number, mark.record, &words.code, &words.record)),
        ..signatures(part.seal.then_some(values.unit.as_str()), &signers)
    })
}

/// A paper on its way.
struct Draft<'a> {
    kind: &'a Kind,
    values: &'a PaperValues,
    page: Page,
    blocks: Vec<Block>,
    /// Rows of the form that goes on: fields and basis below each other are one table.
    form: Vec<Row>,
    /// Whether one of its rows is signed.
    form_signed: bool,
    /// Stands over what comes next, whatever is left out in between.
    heading: Option<&'a str>,
}

impl<'a> Draft<'a> {
    fn add(&mut self, part: &'a Part) {
        match part {
            Part::Fields(rows) => {
                self.form.extend(rows.iter().flat_map(|row| fields(row, self.values)));
                self.form_signed |= rows.iter().flatten().any(|entry| entry.signer.is_some());
            }
            Part::Basis { label, empty } => self.form.extend(basis(label, *empty, &self.values.basis)),
            other => {
                self.close_form();
                self.add_block(other);
            }
        }
    }

    fn add_block(&mut self, part: &'a Part) {
        let values = self.values;
        match part {
            Part::Heading(words) => self.heading = Some(words),
            Part::Say(words) => self.push(Block::Prose(Style::BODY.indented().para(say(words, self.kind, values)))),
            Part::Note(words) => self.push(Block::Paragraph(Style::SMALL.para(words))),
            Part::Text(entry) => self.add_text(entry),
            Part::List(list) => {
                let rows = values.lists.get(&list.key).map_or(&[][..], Vec::as_slice);
                let table = listed(list, rows, self.page.measure());
                self.add_table(table, list.empty, list.closed);
            }
            Part::Grid(grid) => {
                let table = values.grids.get(&grid.key).map(gridded);
                table.into_iter().for_each(|table| self.add_table(table, grid.empty, grid.closed));
            }
            Part::Clips(part) => {
                let clips = values.clips.get(&part.key).map_or(&[][..], Vec::as_slice);
                self.add_table(clip_table(clips, values.zone), part.empty, part.closed);
            }
            Part::Checks(checks) => {
                let given = values.checks.get(&checks.key).map_or(&[][..], Vec::as_slice);
                if !given.is_empty() {
                    self.push(Block::Table(checked(checks, given)));
                    self.push(Block::Paragraph(Style::SMALL.para(&wording().paper.answers_legend)));
                }
            }
            Part::Fields(_) | Part::Basis { .. } => {}
        }
    }

    fn add_text(&mut self, entry: &'a Entry) {
        let text = filling::text(self.values, &entry.key);
        let block = match entry.empty {
            _ if !text.is_empty() => Block::Prose(Style::BODY.indented().para(text)),
            Empty::Blank => Block::Lines(entry.lines),
            Empty::Omitted => return,
            Empty::None | Empty::Refused => Block::Prose(Style::BODY.indented().para(or_none(""))),
        };
        self.heading = Some(&entry.label);
        self.push(block);
    }

    fn add_table(&mut self, table: Table, empty: Empty, closed: bool) {
        let count = table.rows.len();
        if count == 0 && empty == Empty::Omitted {
            return;
        }
        self.push(Block::Table(or_none_row(table)));
        if closed {
            let words = fill(&wording().paper.rows_closed, &[("count", &count.to_string())]);
            self.push(Block::Paragraph(Style::SMALL.para(words)));
        }
    }

    fn close_form(&mut self) {
        let rows = std::mem::take(&mut self.form);
        let signed = std::mem::take(&mut self.form_signed);
        if rows.is_empty() {
            return;
        }
        let value = self.page.measure() / 2.0 - LABEL_WIDTH;
        self.push(Block::Table(Table { columns: [LABEL_WIDTH, value].repeat(2), header: None, rows }));
        if signed && let Some(form) = self.blocks.pop() {
            // Who approves sees on the same page what the others wrote.
            self.blocks.push(Block::Together(vec![form]));
        }
    }

    /// Ends the paper with the code and the signatures, and the remarks that stand above them: on one page, so that
    /// what is signed is named, and signatures stand on words.
    fn close(&mut self) {
        self.close_form();
        let mut last = Vec::new();
        while let Some(remark) = self.blocks.pop_if(|block| matches!(block, Block::Paragraph(_))) {
            last.insert(0, remark);
        }
        last.push(sign(self.kind, self.values));
        self.blocks.push(Block::Together(last));
    }

    fn push(&mut self, block: Block) {
        self.blocks.push(match self.heading.take() {
            Some(heading) => Block::Section(heading.to_owned(), Box::new(block)),
            None => block,
        });
    }
}

/// Returns the words with each `{key}` as the field's value, a choice in its words.
fn say(words: &str, kind: &Kind, values: &PaperValues) -> String {
    let named: Vec<(&str, &str)> = kind.entries().map(|entry| (entry.key.as_str(), spoken(entry, values))).collect();
    fill(words, &named)
}

/// Returns what a field says, a choice in its words.
fn spoken<'a>(entry: &'a Entry, values: &'a PaperValues) -> &'a str {
    let text = filling::text(values, &entry.key);
    entry.choices.iter().find(|(code, _)| code == text).map_or(text, |(_, words)| words)
}

/// Returns the rows of the fields: one, or one for each where a value is too long to stand beside another.
fn fields(row: &[Entry], values: &PaperValues) -> Vec<Row> {
    let pairs: Vec<(&str, Vec<Para>)> = row.iter().filter_map(|entry| field(entry, values)).collect();
    let long = row.iter().any(|entry| {
        let text = filling::text(values, &entry.key);
        text.chars().count() > BESIDE_CHARS_MAX || text.lines().count() > BESIDE_LINES_MAX
    });
    let rows = if long || pairs.is_empty() { pairs.chunks(1) } else { pairs.chunks(pairs.len()) };
    rows.map(|pairs| form_row(FORM_COLUMNS, pairs.to_vec())).collect()
}

/// Returns label and value of a field, or `None` where it is left out.
fn field<'a>(entry: &'a Entry, values: &PaperValues) -> Option<(&'a str, Vec<Para>)> {
    let value = match (spoken(entry, values), entry.empty) {
        ("", Empty::Blank) => blank(entry),
        ("", Empty::Omitted) => return None,
        (value, _) => or_none(value).to_owned(),
    };
    let mut paras = vec![Style::BODY.para(value)];
    if let Some(signer) = &entry.signer {
        let date = &wording().common.signature_date;
        let words = fill(&wording().paper.entry_signature, &[("signer", signer), ("date", date)]);
        paras.push(Style::BODY.aligned(Align::Right).para(words));
    }
    Some((&entry.label, paras))
}

/// Returns lines to write on, or what may be ticked.
fn blank(entry: &Entry) -> String {
    let words = &wording().paper;
    let choice = |(_, choice): &(String, String)| fill(&words.choice_open, &[("choice", choice)]);
    let choices: Vec<String> = entry.choices.iter().map(choice).collect();
    choices.join(&words.choice_between) + &"\n".repeat(entry.lines - 1)
}

fn basis(label: &str, empty: Empty, basis: &[Basis]) -> Option<Row> {
    let line = |basis: &Basis| {
        fill(&wording().paper.basis, &[("title", basis.title.trim()), ("article", basis.article.trim())])
    };
    let lines = basis.iter().map(line).collect::<Vec<_>>().join("\n");
    let value = match (lines.as_str(), empty) {
        ("", Empty::Omitted) => return None,
        ("", Empty::Blank) => "",
        (lines, _) => or_none(lines),
    };
    Some(form_row(FORM_COLUMNS, vec![(label, vec![Style::BODY.para(value)])]))
}

fn listed(list: &List, rows: &[ListRow], measure: f32) -> Table {
    let numbered = list.numbered.as_ref();
    let labels: Vec<String> = numbered.into_iter().chain(list.columns.iter().map(|c| &c.label)).cloned().collect();
    // The column that counts is as wide as it must be; the others share what is left.
    let count_width = numbered.map(|_| NUMBER_WIDTH);
    let total: u32 = list.columns.iter().map(|column| column.weight).sum();
    let share = (measure - count_width.unwrap_or(0.0)) / total as f32;
    let widths = list.columns.iter().map(|column| column.weight as f32 * share);
    let row = |(at, row): (usize, &ListRow)| {
        let cells = list.columns.iter().map(|column| cell(column, row.get(&column.key).map_or("", |text| text.trim())));
        let number = (at + 1).to_string();
        let continued = numbered.map(|_| format!("{number}{}", wording().common.continued));
        Row {
            cells: numbered.map(|_| ordinal(at + 1)).into_iter().chain(cells).collect(),
            continued: continued.map(|words| Style::SMALL.aligned(Align::Center).para(words)),
        }
    };
    let rows = rows.iter().enumerate().map(row).collect();
    Table { columns: count_width.into_iter().chain(widths).collect(), header: Some(header(&labels)), rows }
}

/// Returns the table with a row that says 无 where it has none.
fn or_none_row(mut table: Table) -> Table {
    if table.rows.is_empty() {
        let none = Style::SMALL.aligned(Align::Center).para(&wording().common.none);
        table.rows.push(Row { cells: vec![Cell::new(none).wide(table.columns.len())], continued: None });
    }
    table
}

fn gridded(grid: &Grid) -> Table {
    let shown = || grid.columns.iter().filter(|column| column.shown);
    let names: Vec<String> = shown().map(|column| column.name.clone()).collect();
    let row = |row: &Vec<String>| {
        let cells = row.iter().zip(&grid.columns).filter(|(_, column)| column.shown).map(|(text, _)| text.trim());
        let mut cells: Vec<&str> = cells.collect();
        if cells.iter().all(|text| text.is_empty()) {
            // Room to write in.
            cells[0] = "\n";
        }
        Row {
            cells: cells.into_iter().map(|text| Cell::new(Style::SMALL.para(text))).collect(),
            continued: Some(Style::SMALL.para(&wording().common.continued)),
        }
    };
    Table {
        columns: shown().map(|column| column.weight as f32).collect(),
        header: Some(header(&names)),
        rows: grid.rows.iter().map(row).collect(),
    }
}

fn checked(checks: &Checks, given: &[Check]) -> Table {
    let words = &wording().paper.check_columns;
    let time = |label: &String| checks.timecode.then(|| label.clone());
    let labels =
        [Some(words.answer.clone()), Some(checks.label.clone()), time(&words.timecode), Some(words.note.clone())];
    let row = |check: &Check| {
        let sign = Style::SMALL.aligned(Align::Center).para(check.answer.sign());
        let text = |text: &str| Cell::new(Style::SMALL.para(text.trim()));
        let cells = [
            Some(Cell::new(sign).boxed()),
            Some(text(&check.item)),
            checks.timecode.then(|| text(&check.timecode)),
            Some(text(&check.note)),
        ];
        Row { cells: cells.into_iter().flatten().collect(), continued: None }
    };
    let widths = [Some(34.0), Some(210.0), checks.timecode.then_some(62.0), Some(150.0)];
    Table {
        columns: widths.into_iter().flatten().collect(),
        header: Some(header(&labels.into_iter().flatten().collect::<Vec<_>>())),
        rows: given.iter().map(row).collect(),
    }
}

fn cell(column: &Column, text: &str) -> Cell {
    let text = if column.empty == Empty::Blank { text } else { or_none(text) };
    let align = |align| Cell::new(Style::SMALL.aligned(align).para(text));
    match column.set {
        Set::Left => align(Align::Left),
        Set::Center => align(Align::Center),
        Set::Right => align(Align::Right),
        Set::Digest => Cell::new(Digest::from_hex(text).map_or_else(|| Style::DIGEST.para(text), digest)),
    }
}
