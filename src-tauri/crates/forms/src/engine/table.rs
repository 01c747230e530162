//! Ruled tables: cells wrap, rows break between pages, a row that must is torn between lines.

use super::flow::{RULE_BOLD, RULE_THIN, Sheet};
use super::paper::{Row, Style, Table};
use super::text::{Line, Typesetter};
use crate::FormError;

const PAD_X: f32 = 4.0;
const PAD_Y: f32 = 4.0;
const BOX_SIDE: f32 = 11.0;
/// Two characters of small print beside each other.
pub(crate) const CELL_WIDTH_MIN: f32 = 2.0 * PAD_X + 2.0 * Style::SMALL.size;
/// A row up to this share of the page moves to the next page whole; a taller one is torn.
const KEEP_WHOLE_SHARE: f32 = 0.3;
/// Lines that stay together at either side of a tear, where there are as many.
const TEAR_LINES_MIN: usize = 2;

struct SetCell {
    x: f32,
    width: f32,
    lines: Vec<Line>,
    boxed: bool,
}

impl SetCell {
    fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.leading).sum()
    }
}

struct SetRow {
    cells: Vec<SetCell>,
    /// Lines of the first cell where the row goes on.
    continued: Vec<Line>,
}

impl SetRow {
    fn height(&self) -> f32 {
        self.cells.iter().map(SetCell::height).fold(0.0, f32::max) + 2.0 * PAD_Y
    }

    /// Tears the row so that its upper part is at most `room` high, and returns the lower part.
    ///
    /// Returns `None`, and leaves the row whole, where the upper part would hold too little.
    fn tear(&mut self, room: f32) -> Option<Self> {
        let inner = room - 2.0 * PAD_Y;
        let cuts: Vec<usize> = self.cells.iter().map(|cell| cut(&cell.lines, inner)).collect();
        let too_little = self.cells.iter().zip(&cuts).any(|(cell, &cut)| cut < TEAR_LINES_MIN.min(cell.lines.len()));
        if too_little {
            return None;
        }
        let tear = |(cell, cut): (&mut SetCell, usize)| SetCell {
            x: cell.x,
            width: cell.width,
            lines: cell.lines.split_off(cut),
            boxed: false,
        };
        let mut cells: Vec<SetCell> = self.cells.iter_mut().zip(cuts).map(tear).collect();
        if let Some(first) = cells.first_mut().filter(|first| first.lines.is_empty()) {
            first.lines.clone_from(&self.continued);
        }
        Some(Self { cells, continued: self.continued.clone() })
    }
}

/// Returns how many lines fit, leaving no single line behind where that can be helped.
pub(super) fn cut(lines: &[Line], room: f32) -> usize {
    let mut height = 0.0;
    let fit = lines.iter().take_while(|line| {
        height += line.leading;
        height <= room
    });
    let fit = fit.count();
    let left = lines.len() - fit;
    if left > 0 && left < TEAR_LINES_MIN && fit > TEAR_LINES_MIN { lines.len() - TEAR_LINES_MIN } else { fit }
}

/// Places the table at the cursor, turning pages as needed.
pub(super) fn place(table: &Table, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let total: f32 = table.columns.iter().sum();
    let widths: Vec<f32> = table.columns.iter().map(|share| share / total * sheet.measure()).collect();
    let header = table.header.as_ref().map(|row| set(row, &widths, sheet, typesetter)).transpose()?;
    let mut course = Course { header, begun: false, sheet };
    for row in &table.rows {
        let row = set(row, &widths, course.sheet, typesetter)?;
        course.place(row);
    }
    course.close();
    Ok(())
}

/// A table on its way over the pages.
struct Course<'a> {
    header: Option<SetRow>,
    /// Whether the table stands on this page already, with its upper edge and header.
    begun: bool,
    sheet: &'a mut Sheet,
}

impl Course<'_> {
    fn place(&mut self, mut row: SetRow) {
        let whole_max = KEEP_WHOLE_SHARE * self.sheet.body();
        loop {
            if row.height() <= self.room() {
                return self.draw(&row);
            }
            let at_top = self.sheet.at_top();
            let rest = if at_top || row.height() > whole_max { row.tear(self.room()) } else { None };
            match rest {
                Some(rest) => {
                    self.draw(&row);
                    self.turn();
                    row = rest;
                }
                // A further page would offer no more room.
                None if at_top => return self.draw(&row),
                None => self.turn(),
            }
        }
    }

    /// Returns the height left for rows on this page.
    fn room(&self) -> f32 {
        let header = self.header.as_ref().filter(|_| !self.begun).map_or(0.0, SetRow::height);
        self.sheet.room() - header
    }

    fn draw(&mut self, row: &SetRow) {
        if !self.begun {
            self.edge();
            if let Some(header) = &self.header {
                draw(header, self.sheet);
            }
            self.begun = true;
        }
        draw(row, self.sheet);
    }

    fn turn(&mut self) {
        self.close();
        self.sheet.turn();
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.edge();
        }
    }

    fn edge(&mut self) {
        let (left, y) = (self.sheet.left(), self.sheet.y);
        self.sheet.rule((left, y), (left + self.sheet.measure(), y), RULE_BOLD);
    }
}

fn set(row: &Row, widths: &[f32], sheet: &Sheet, typesetter: &mut Typesetter<'_>) -> Result<SetRow, FormError> {
    let mut cells = Vec::new();
    let mut column = 0;
    let mut x = sheet.left();
    for cell in &row.cells {
        let width: f32 = widths.iter().skip(column).take(cell.span).sum();
        let lines = typesetter.set(&cell.paras, width - 2.0 * PAD_X)?;
        cells.push(SetCell { x, width, lines, boxed: cell.boxed });
        column += cell.span;
        x += width;
    }
    let inner = cells.first().map_or(0.0, |cell| cell.width) - 2.0 * PAD_X;
    let continued = match &row.continued {
        Some(para) => typesetter.set(std::slice::from_ref(para), inner)?,
        None => Vec::new(),
    };
    Ok(SetRow { cells, continued })
}

fn draw(row: &SetRow, sheet: &mut Sheet) {
    let (top, height) = (sheet.y, row.height());
    let bottom = top + height;
    let (left, right) = (sheet.left(), sheet.left() + sheet.measure());
    for (at, cell) in row.cells.iter().enumerate() {
        // From the top, not centred: readers that copy text go line by line and would put a centred label into
        // the middle of its value.
        let mut y = top + PAD_Y;
        for line in &cell.lines {
            sheet.line(line, cell.x + PAD_X, y);
            y += line.leading;
        }
        if let Some(first) = cell.lines.first().filter(|_| cell.boxed) {
            draw_box(cell.x + cell.width / 2.0, top + PAD_Y + first.leading / 2.0, sheet);
        }
        if at > 0 {
            sheet.rule((cell.x, top), (cell.x, bottom), RULE_THIN);
        }
    }
    sheet.rule((left, top), (left, bottom), RULE_BOLD);
    sheet.rule((right, top), (right, bottom), RULE_BOLD);
    sheet.rule((left, bottom), (right, bottom), RULE_THIN);
    sheet.y = bottom;
}

/// Draws a box to be ticked around a point.
fn draw_box(x: f32, y: f32, sheet: &mut Sheet) {
    let half = BOX_SIDE / 2.0;
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)];
    for pair in corners.windows(2) {
        let [from, to] = [pair[0], pair[1]].map(|(dx, dy)| (x + dx, y + dy));
        sheet.rule(from, to, RULE_THIN);
    }
}
