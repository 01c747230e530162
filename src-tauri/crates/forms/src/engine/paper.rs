//! What a paper says, before anyone asks where on the page it stands.

use crate::fonts::Role;
use model::Instant;

/// A paper: who issues it, what it is called, and its blocks in reading order.
pub(crate) struct Paper {
    pub page: Page,
    pub masthead: Masthead,
    /// Foot of every page; `{n}` and `{total}` stand for page number and page count.
    pub foot: String,
    pub blocks: Vec<Block>,
    /// The date inside the file. Printing asks no clock.
    pub issued_at: Instant,
}

/// Who issues the paper and what it is called. Repeated small at the head of every page.
pub(crate) struct Masthead {
    pub unit: String,
    pub title: String,
    /// Line below the title: the number, and the revision where there is one.
    pub number: String,
}

/// A4, upright or lying.
#[derive(Clone, Copy)]
pub(crate) enum Page {
    Portrait,
    Landscape,
}

pub(crate) enum Block {
    Heading(String),
    Paragraph(Para),
    Table(Table),
    Code(Code),
    Signatures(Signatures),
    /// Blocks that stand on one page; must not hold tables.
    Together(Vec<Block>),
}

/// Text in one style; `\n` begins a new paragraph of the same style.
#[derive(Clone)]
pub(crate) struct Para {
    pub text: String,
    pub style: Style,
}

#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub role: Role,
    pub size: f32,
    /// Distance from line to line.
    pub leading: f32,
    pub align: Align,
    /// Indent of a paragraph's first line, in em.
    pub indent: f32,
}

impl Style {
    pub const BODY: Self = Self { role: Role::Song, size: 10.5, leading: 17.0, align: Align::Justify, indent: 0.0 };
    pub const LABEL: Self = Self { role: Role::Hei, align: Align::Center, ..Self::BODY };
    pub const SMALL: Self = Self { size: 9.0, leading: 13.0, align: Align::Left, ..Self::BODY };
    pub const SMALL_LABEL: Self = Self { role: Role::Hei, align: Align::Center, ..Self::SMALL };
    /// 32 digits are 136 points wide.
    pub const DIGEST: Self = Self { role: Role::Mono, size: 8.5, leading: 11.0, ..Self::SMALL };

    pub const fn indented(self) -> Self {
        Self { indent: 2.0, ..self }
    }

    pub const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    pub fn para(self, text: impl Into<String>) -> Para {
        Para { text: text.into(), style: self }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
    /// Lines fill the measure, except the last of a paragraph.
    Justify,
}

/// A ruled table. The header is repeated on every page; rows break between pages, and within when they must.
pub(crate) struct Table {
    /// Relative widths; the table fills the measure.
    pub columns: Vec<f32>,
    pub header: Option<Row>,
    pub rows: Vec<Row>,
}

pub(crate) struct Row {
    pub cells: Vec<Cell>,
    /// What the first cell says on the next page when the row is continued there.
    pub continued: Option<Para>,
}

pub(crate) struct Cell {
    /// How many columns the cell covers.
    pub span: usize,
    pub paras: Vec<Para>,
}

impl Cell {
    pub fn new(para: Para) -> Self {
        Self { span: 1, paras: vec![para] }
    }

    pub fn wide(span: usize, para: Para) -> Self {
        Self { span, paras: vec![para] }
    }

    pub fn stack(paras: Vec<Para>) -> Self {
        Self { span: 1, paras }
    }
}

/// A QR code with its caption beside it.
pub(crate) struct Code {
    pub data: String,
    pub caption: Vec<Para>,
}

/// Lines to sign on beside the place for the seal; never torn apart.
pub(crate) struct Signatures {
    pub lines: Vec<SignatureLine>,
    /// Space for a date to be written by hand, with the words 年 月 日.
    pub date: String,
    /// Printed inside the place for the seal.
    pub seal: String,
}

pub(crate) struct SignatureLine {
    /// Who signs, with the name where it is known.
    pub label: String,
}
