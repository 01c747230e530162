//! Blocks to pages: what stands where, what is kept together, what each page says at head and foot.

use super::paper::{Align, Block, Masthead, Page, Paper, Para, Running, Style};
use super::text::{Line, Run, Typesetter};
use super::{code, running, signatures, table};
use crate::FormError;

const A4_SHORT: f32 = 595.276;
const A4_LONG: f32 = 841.89;
/// The left margin is the wider one: papers are bound there (GB/T 9704-2012: 28 mm).
const MARGIN_LEFT: f32 = 79.0;
const MARGIN_RIGHT: f32 = 62.0;
const MARGIN_TOP: f32 = 79.0;
/// Where a masthead begins that has no head above it.
const MASTHEAD_TOP: f32 = 57.0;
/// At least; a foot of many lines needs more.
pub(super) const MARGIN_BOTTOM: f32 = 71.0;

const UNIT: Style = Style { size: 14.0, leading: 24.0, ..Style::LABEL };
const TITLE: Style = Style { size: 20.0, leading: 34.0, ..Style::LABEL };
const NUMBER: Style = Style { size: 11.0, leading: 18.0, ..Style::BODY.aligned(Align::Center) };
const HEADING: Style = Style { size: 12.0, leading: 20.0, ..Style::LABEL.aligned(Align::Left) };

const HEADING_ABOVE: f32 = 12.0;
pub(super) const BLOCK_BELOW: f32 = 6.0;
/// What must fit below a heading for it to stay on the page.
const BELOW_HEADING: f32 = 200.0;
/// From one ruled line to the next, for handwriting.
const WRITTEN_LEADING: f32 = 26.0;
/// Lines of a paragraph that stay together at either side of a page's end, where there are as many.
const LINES_TOGETHER: usize = 2;

pub(super) const RULE_THIN: f32 = 0.5;
pub(super) const RULE_BOLD: f32 = 0.9;

/// Something drawn. Points from the upper left corner of the page.
pub(super) enum Mark {
    Text {
        x: f32,
        baseline: f32,
        size: f32,
        run: Run,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        weight: f32,
        dashed: bool,
    },
    /// Dark squares, row by row, `width` in a row.
    Code {
        x: f32,
        y: f32,
        side: f32,
        width: usize,
        dark: Vec<bool>,
    },
}

/// Pages under the pen, and where the pen stands.
pub(super) struct Sheet {
    pub page: Page,
    pub pages: Vec<Vec<Mark>>,
    /// Index of the page being drawn.
    at: usize,
    pub y: f32,
    margin_bottom: f32,
}

/// Where the pen stood, to go back to.
struct Pen {
    pages: usize,
    /// Marks on the last of these pages.
    marks: usize,
    y: f32,
}

impl Page {
    pub(super) fn width(self) -> f32 {
        match self {
            Self::Portrait => A4_SHORT,
            Self::Landscape => A4_LONG,
        }
    }

    pub(super) fn height(self) -> f32 {
        match self {
            Self::Portrait => A4_LONG,
            Self::Landscape => A4_SHORT,
        }
    }

    /// Width of the text between the margins.
    pub fn measure(self) -> f32 {
        self.width() - MARGIN_LEFT - MARGIN_RIGHT
    }
}

impl Sheet {
    fn new(page: Page, margin_bottom: f32) -> Self {
        Self { page, pages: vec![Vec::new()], at: 0, y: MARGIN_TOP, margin_bottom }
    }

    pub fn at_top(&self) -> bool {
        self.y <= MARGIN_TOP
    }

    pub fn left(&self) -> f32 {
        MARGIN_LEFT
    }

    pub fn measure(&self) -> f32 {
        self.page.measure()
    }

    /// Height between the margins.
    pub fn body(&self) -> f32 {
        self.page.height() - MARGIN_TOP - self.margin_bottom
    }

    /// Height left on this page.
    pub fn room(&self) -> f32 {
        self.page.height() - self.margin_bottom - self.y
    }

    pub fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.at = self.pages.len() - 1;
        self.y = MARGIN_TOP;
    }

    pub fn turn_unless(&mut self, room: f32) {
        if self.room() < room && !self.at_top() {
            self.turn();
        }
    }

    /// Goes back to a page to add to it; the cursor stays.
    pub fn open(&mut self, at: usize) {
        self.at = at;
    }

    fn pen(&self) -> Pen {
        Pen { pages: self.pages.len(), marks: self.pages.last().map_or(0, Vec::len), y: self.y }
    }

    /// Takes back everything since the pen stood there.
    fn back(&mut self, pen: &Pen) {
        self.pages.truncate(pen.pages);
        self.at = pen.pages - 1;
        self.pages[self.at].truncate(pen.marks);
        self.y = pen.y;
    }

    /// Tells whether the pen's page was left without another mark.
    fn left_at(&self, pen: &Pen) -> bool {
        self.pages.len() > pen.pages && self.pages[pen.pages - 1].len() == pen.marks
    }

    pub fn mark(&mut self, mark: Mark) {
        self.pages[self.at].push(mark);
    }

    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), weight: f32) {
        self.mark(Mark::Rule { from, to, weight, dashed: false });
    }

    /// Places a line with its top at `y`, whatever stands below.
    pub fn line(&mut self, line: &Line, x: f32, y: f32) {
        let baseline = y + line.baseline();
        for run in &line.runs {
            self.mark(Mark::Text { x: x + run.x, baseline, size: line.size, run: run.clone() });
        }
    }

    /// Places lines one below the other at the cursor, turning pages between them.
    fn flow(&mut self, lines: &[Line]) {
        for line in lines {
            self.turn_unless(line.leading);
            self.line(line, MARGIN_LEFT, self.y);
            self.y += line.leading;
        }
    }
}

/// Returns the pages of a paper.
pub(super) fn lay_out(paper: &Paper, typesetter: &mut Typesetter<'_>) -> Result<Sheet, FormError> {
    let margin_bottom = running::margin_bottom(&paper.running, paper.page.measure(), typesetter)?;
    let mut sheet = Sheet::new(paper.page, margin_bottom);
    if matches!(paper.running, Running::Foot { .. }) {
        sheet.y = MASTHEAD_TOP;
    }
    masthead(&paper.masthead, &mut sheet, typesetter)?;
    for block in &paper.blocks {
        place(block, &mut sheet, typesetter)?;
    }
    running::place(paper, &mut sheet, typesetter)?;
    Ok(sheet)
}

fn masthead(masthead: &Masthead, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let paras = [UNIT.para(&masthead.unit), TITLE.para(&masthead.title), NUMBER.para(&masthead.number)];
    let lines = typesetter.set(&paras, sheet.measure())?;
    sheet.flow(&lines);
    sheet.y += BLOCK_BELOW;
    Ok(())
}

/// Places lines one below the other from `y` on.
pub(super) fn stack(lines: &[Line], x: f32, y: f32, sheet: &mut Sheet) {
    let mut y = y;
    for line in lines {
        sheet.line(line, x, y);
        y += line.leading;
    }
}

fn place(block: &Block, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    match block {
        Block::Heading(text) => {
            sheet.turn_unless(HEADING_ABOVE + BELOW_HEADING);
            place_heading(text, sheet, typesetter)?;
        }
        Block::Section(text, first) => place_section(text, first, sheet, typesetter)?,
        Block::Paragraph(para) => {
            let lines = typesetter.set(std::slice::from_ref(para), sheet.measure())?;
            sheet.flow(&lines);
            sheet.y += BLOCK_BELOW;
        }
        Block::Prose(para) => place_prose(para, sheet, typesetter)?,
        Block::Lines(count) => place_lines(*count, sheet),
        Block::Table(table) => {
            table::place(table, sheet, typesetter)?;
            sheet.y += BLOCK_BELOW;
        }
        Block::Code(code) => code::place(code, sheet, typesetter)?,
        Block::Signatures(signatures) => signatures::place(signatures, sheet, typesetter)?,
        Block::Together(blocks) => {
            let mut trial = Sheet::new(sheet.page, sheet.margin_bottom);
            for block in blocks {
                place(block, &mut trial, typesetter)?;
            }
            // Taller than a page: nothing can keep it together.
            if trial.pages.len() == 1 {
                sheet.turn_unless(trial.y - MARGIN_TOP + HEADING_ABOVE);
            }
            for block in blocks {
                place(block, sheet, typesetter)?;
            }
        }
    }
    Ok(())
}

fn place_heading(text: &str, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let lines = typesetter.set(&[HEADING.para(text)], sheet.measure())?;
    if !sheet.at_top() {
        sheet.y += HEADING_ABOVE;
    }
    sheet.flow(&lines);
    sheet.y += BLOCK_BELOW / 2.0;
    Ok(())
}

/// Places a heading and its block, both on the next page where the block would not begin on this one.
fn place_section(
    text: &str,
    first: &Block,
    sheet: &mut Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<(), FormError> {
    let begin = sheet.pen();
    place_heading(text, sheet, typesetter)?;
    let below = sheet.pen();
    place(first, sheet, typesetter)?;
    if sheet.left_at(&below) {
        sheet.back(&begin);
        if !sheet.at_top() {
            sheet.turn();
        }
        place_heading(text, sheet, typesetter)?;
        place(first, sheet, typesetter)?;
    }
    Ok(())
}

fn place_prose(para: &Para, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let lines = typesetter.set(std::slice::from_ref(para), sheet.measure())?;
    let mut rest = &lines[..];
    while !rest.is_empty() {
        let fit = table::cut(rest, sheet.room());
        let torn = fit < rest.len();
        let alone = fit < LINES_TOGETHER || rest.len() - fit < LINES_TOGETHER;
        if torn && alone && !sheet.at_top() {
            sheet.turn();
            continue;
        }
        let (now, later) = rest.split_at(fit.max(1));
        stack(now, sheet.left(), sheet.y, sheet);
        sheet.y += now.iter().map(|line| line.leading).sum::<f32>();
        if !later.is_empty() {
            sheet.turn();
        }
        rest = later;
    }
    sheet.y += BLOCK_BELOW;
    Ok(())
}

fn place_lines(count: usize, sheet: &mut Sheet) {
    for _ in 0..count {
        sheet.turn_unless(WRITTEN_LEADING);
        sheet.y += WRITTEN_LEADING;
        let (left, y) = (sheet.left(), sheet.y);
        sheet.rule((left, y), (left + sheet.measure(), y), RULE_THIN);
    }
    sheet.y += 2.0 * BLOCK_BELOW;
}
