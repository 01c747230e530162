//! What a paper says, before anyone asks where on the page it stands.

use crate::fonts::Role;
use model::Instant;

/// A paper: who issues it, what it is called, and its blocks in reading order.
pub(crate) struct Paper {
    pub page: Page,
    pub masthead: Masthead,
    pub running: Running,
    pub blocks: Vec<Block>,
    /// The date inside the file. Printing asks no clock.
    pub issued_at: Instant,
}

/// What stands at head and foot of the pages; `{n}` and `{total}` stand for page number and page count.
pub(crate) enum Running {
    /// Unit, title and number at the head of every page, the page's number at its foot.
    Head { foot: String },
    /// Everything at the foot of every page, in three columns; title and number at the head from the second page on.
    Foot { left: String, middle: String, right: String },
}

/// Who issues the paper and what it is called.
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
    /// A heading with the height of a table's begin below it.
    Heading(String),
    /// A heading on the page where the block below it begins, however little that is.
    Section(String, Box<Block>),
    /// A remark of a few lines.
    Paragraph(Para),
    /// Text of any length; no line of a paragraph is left alone on a page.
    Prose(Para),
    /// Ruled lines to write on by hand.
    Lines(usize),
    Table(Table),
    Code(Code),
    Signatures(Signatures),
    /// Blocks that stand on one page, as long as one page holds them.
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
    /// Draws a box to be ticked around the first line.
    pub boxed: bool,
}

impl Cell {
    pub fn new(para: Para) -> Self {
        Self::stack(vec![para])
    }

    pub fn stack(paras: Vec<Para>) -> Self {
        Self { span: 1, paras, boxed: false }
    }

    pub fn wide(self, span: usize) -> Self {
        Self { span, ..self }
    }

    pub fn boxed(self) -> Self {
        Self { boxed: true, ..self }
    }
}

/// A QR code with its caption beside it.
pub(crate) struct Code {
    pub data: String,
    pub caption: Vec<Para>,
}

/// Lines to sign on, beside the place for the seal where there is one; torn apart only when they outgrow a page.
pub(crate) struct Signatures {
    pub lines: Vec<SignatureLine>,
    /// Space for a date to be written by hand, with the words 年 月 日.
    pub date: String,
    /// Printed inside the place for the seal.
    pub seal: Option<String>,
    /// What names the paper that is signed: beside the lines where the page is wide enough, else above them.
    pub code: Option<Code>,
}

pub(crate) struct SignatureLine {
    /// Who signs, with the name where it is known.
    pub label: String,
}
