//! Blocks to pages: what stands where, what is kept together, what each page says at head and foot.

use super::paper::{Align, Block, Code, Masthead, Page, Paper, Para, SignatureLine, Signatures, Style};
use super::table;
use super::text::{Line, Run, Typesetter};
use crate::FormError;
use crate::wording::fill;
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

const A4_SHORT: f32 = 595.276;
const A4_LONG: f32 = 841.89;
/// The left margin is the wider one: papers are bound there (GB/T 9704-2012: 28 mm).
const MARGIN_LEFT: f32 = 79.0;
const MARGIN_RIGHT: f32 = 62.0;
const MARGIN_TOP: f32 = 79.0;
const MARGIN_BOTTOM: f32 = 71.0;
const HEAD_Y: f32 = 42.0;
const HEAD_GAP: f32 = 3.0;
/// From the lower edge of the page.
const FOOT_Y: f32 = 48.0;

const UNIT: Style = Style { size: 14.0, leading: 24.0, ..Style::LABEL };
const TITLE: Style = Style { size: 20.0, leading: 34.0, ..Style::LABEL };
const NUMBER: Style = Style { size: 11.0, leading: 18.0, ..Style::BODY.aligned(Align::Center) };
const HEADING: Style = Style { size: 12.0, leading: 20.0, ..Style::LABEL.aligned(Align::Left) };
const RUNNING: Style = Style { size: 8.5, leading: 12.0, ..Style::BODY };

const HEADING_ABOVE: f32 = 12.0;
const BLOCK_BELOW: f32 = 6.0;
/// What must fit below a heading for it to stay on the page.
const BELOW_HEADING: f32 = 200.0;

pub(super) const RULE_THIN: f32 = 0.5;
pub(super) const RULE_BOLD: f32 = 0.9;

/// 28 mm: half a millimetre a module at the usual length.
const CODE_SIDE: f32 = 79.0;
const CODE_GAP: f32 = 14.0;

const SIGN_ABOVE: f32 = 8.0;
const SIGN_LABEL_WIDTH: f32 = 132.0;
const SIGN_RULE_WIDTH: f32 = 84.0;
const SIGN_LINE_MIN: f32 = 34.0;
const SEAL_WIDTH: f32 = 130.0;
const SEAL_HEIGHT_MIN: f32 = 96.0;
const SEAL_GAP: f32 = 10.0;

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
    fn measure(self) -> f32 {
        self.width() - MARGIN_LEFT - MARGIN_RIGHT
    }
}

impl Sheet {
    fn new(page: Page) -> Self {
        Self { page, pages: vec![Vec::new()], at: 0, y: MARGIN_TOP }
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
        self.page.height() - MARGIN_TOP - MARGIN_BOTTOM
    }

    /// Height left on this page.
    pub fn room(&self) -> f32 {
        self.page.height() - MARGIN_BOTTOM - self.y
    }

    pub fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.at = self.pages.len() - 1;
        self.y = MARGIN_TOP;
    }

    fn turn_unless(&mut self, room: f32) {
        if self.room() < room && !self.at_top() {
            self.turn();
        }
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
    let mut sheet = Sheet::new(paper.page);
    masthead(&paper.masthead, &mut sheet, typesetter)?;
    for block in &paper.blocks {
        place(block, &mut sheet, typesetter)?;
    }
    running(paper, &mut sheet, typesetter)?;
    Ok(sheet)
}

fn masthead(masthead: &Masthead, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let paras = [UNIT.para(&masthead.unit), TITLE.para(&masthead.title), NUMBER.para(&masthead.number)];
    let lines = typesetter.set(&paras, sheet.measure())?;
    sheet.flow(&lines);
    sheet.y += BLOCK_BELOW;
    Ok(())
}

/// Writes head and foot once the number of pages is known.
fn running(paper: &Paper, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let total = sheet.pages.len();
    let measure = sheet.measure();
    let Masthead { unit, title, number } = &paper.masthead;
    let number = RUNNING.aligned(Align::Right).para(number);
    let right = typesetter.set(&[number], measure)?;
    let room = measure - right.first().map_or(0.0, |line| line.width) - RUNNING.size;
    let left = typesetter.set(&[RUNNING.aligned(Align::Left).para(format!("{unit}　{title}"))], room)?;
    let rule_y = HEAD_Y + RUNNING.leading + HEAD_GAP;
    for at in 0..total {
        sheet.at = at;
        for lines in [&left, &right] {
            // A long unit name takes further lines upwards, away from the text.
            let height: f32 = lines.iter().map(|line| line.leading).sum();
            stack(lines, MARGIN_LEFT, rule_y - HEAD_GAP - height, sheet);
        }
        sheet.rule((MARGIN_LEFT, rule_y), (MARGIN_LEFT + measure, rule_y), RULE_THIN);
        let foot = fill(&paper.foot, &[("n", &(at + 1).to_string()), ("total", &total.to_string())]);
        let foot = typesetter.set(&[RUNNING.aligned(Align::Center).para(foot)], measure)?;
        stack(&foot, MARGIN_LEFT, paper.page.height() - FOOT_Y, sheet);
    }
    Ok(())
}

/// Places lines one below the other from `y` on and returns where they end.
fn stack(lines: &[Line], x: f32, y: f32, sheet: &mut Sheet) -> f32 {
    let mut y = y;
    for line in lines {
        sheet.line(line, x, y);
        y += line.leading;
    }
    y
}

fn place(block: &Block, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    match block {
        Block::Heading(text) => {
            let lines = typesetter.set(&[HEADING.para(text)], sheet.measure())?;
            sheet.turn_unless(HEADING_ABOVE + BELOW_HEADING);
            if !sheet.at_top() {
                sheet.y += HEADING_ABOVE;
            }
            sheet.flow(&lines);
            sheet.y += BLOCK_BELOW / 2.0;
        }
        Block::Paragraph(para) => {
            let lines = typesetter.set(std::slice::from_ref(para), sheet.measure())?;
            sheet.flow(&lines);
            sheet.y += BLOCK_BELOW;
        }
        Block::Table(table) => {
            table::place(table, sheet, typesetter)?;
            sheet.y += BLOCK_BELOW;
        }
        Block::Code(code) => place_code(code, sheet, typesetter)?,
        Block::Signatures(signatures) => place_signatures(signatures, sheet, typesetter)?,
        Block::Together(blocks) => {
            let mut trial = Sheet::new(sheet.page);
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

fn place_code(code: &Code, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let (width, dark) = encode(&code.data)?;
    let beside = sheet.measure() - CODE_SIDE - CODE_GAP;
    let lines = typesetter.set(&code.caption, beside)?;
    let caption: f32 = lines.iter().map(|line| line.leading).sum();
    let height = caption.max(CODE_SIDE);
    sheet.turn_unless(height);
    let (x, y) = (sheet.left(), sheet.y);
    stack(&lines, x, y + (height - caption) / 2.0, sheet);
    sheet.mark(Mark::Code { x: x + beside + CODE_GAP, y, side: CODE_SIDE, width, dark });
    sheet.y = y + height + BLOCK_BELOW;
    Ok(())
}

/// Returns a QR code of level M as its width in modules and the dark ones.
///
/// The text is declared as UTF-8 (ECI 26): without that, readers guess the encoding of Chinese.
fn encode(data: &str) -> Result<(usize, Vec<bool>), FormError> {
    const ECI_UTF_8: u32 = 26;
    let level = EcLevel::M;
    let code = (1..=40).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_eci_designator(ECI_UTF_8).ok()?;
        bits.push_byte_data(data.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        QrCode::with_bits(bits, level).ok()
    });
    let code = code.ok_or(FormError::CodeTooLong { bytes: data.len() })?;
    Ok((code.width(), code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect()))
}

fn place_signatures(
    signatures: &Signatures,
    sheet: &mut Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<(), FormError> {
    let mut rows = Vec::new();
    for line in &signatures.lines {
        rows.push(set_signature(line, &signatures.date, sheet, typesetter)?);
    }
    let lines: f32 = rows.iter().map(|row| row.height).sum();
    let height = lines.max(SEAL_HEIGHT_MIN);
    sheet.turn_unless(SIGN_ABOVE + height);
    let (left, top) = (sheet.left(), sheet.y + SIGN_ABOVE);
    let mut y = top;
    for row in &rows {
        let foot = y + row.height - 6.0;
        let label: f32 = row.label.iter().map(|line| line.leading).sum();
        stack(&row.label, left, foot - label, sheet);
        let rule_x = left + SIGN_LABEL_WIDTH;
        sheet.rule((rule_x, foot - 1.0), (rule_x + SIGN_RULE_WIDTH, foot - 1.0), RULE_THIN);
        stack(&row.date, rule_x + SIGN_RULE_WIDTH, foot - Style::BODY.leading, sheet);
        y += row.height;
    }
    let seal_x = left + sheet.measure() - SEAL_WIDTH;
    let seal = [Style::SMALL.aligned(Align::Center).para(&signatures.seal)];
    let seal = typesetter.set(&seal, SEAL_WIDTH - 12.0)?;
    let words: f32 = seal.iter().map(|line| line.leading).sum();
    stack(&seal, seal_x + 6.0, top + height - words - 6.0, sheet);
    frame(seal_x, top, SEAL_WIDTH, height, sheet);
    sheet.y = top + height + BLOCK_BELOW;
    Ok(())
}

struct SignatureRow {
    label: Vec<Line>,
    date: Vec<Line>,
    height: f32,
}

fn set_signature(
    line: &SignatureLine,
    date: &str,
    sheet: &Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<SignatureRow, FormError> {
    let room = sheet.measure() - SIGN_LABEL_WIDTH - SIGN_RULE_WIDTH - SEAL_WIDTH - SEAL_GAP;
    let label: Para = Style::BODY.aligned(Align::Left).para(&line.label);
    let label = typesetter.set(&[label], SIGN_LABEL_WIDTH - 4.0)?;
    let date = typesetter.set(&[Style::BODY.aligned(Align::Left).para(date)], room)?;
    let height = label.iter().map(|line| line.leading).sum::<f32>() + 10.0;
    Ok(SignatureRow { label, date, height: height.max(SIGN_LINE_MIN) })
}

/// Draws the dashed place for the seal.
fn frame(x: f32, y: f32, width: f32, height: f32, sheet: &mut Sheet) {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
    for pair in corners.windows(2) {
        sheet.mark(Mark::Rule { from: pair[0], to: pair[1], weight: RULE_THIN, dashed: true });
    }
}
