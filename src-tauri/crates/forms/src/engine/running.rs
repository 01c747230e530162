//! Head and foot of the pages: which paper a loose page belongs to, and which page it is.

use super::flow::{MARGIN_BOTTOM, RULE_THIN, Sheet, stack};
use super::paper::{Align, Masthead, Paper, Running, Style};
use super::text::{Line, Typesetter};
use crate::FormError;
use crate::wording::fill;

const RUNNING: Style = Style { size: 8.5, leading: 12.0, ..Style::BODY };
const HEAD_Y: f32 = 42.0;
const GAP: f32 = 3.0;
/// From the lower edge of the page.
const FOOT_Y: f32 = 48.0;
/// A foot in columns grows upwards from here, and takes room from the text where it must.
const FOOT_END: f32 = 26.0;
const FOOT_ABOVE: f32 = 8.0;
/// Shares of the measure for the outer columns; the page's number stands between them.
const FOOT_SHARE: f32 = 0.4;

/// Returns the margin the foot needs at the lower edge of every page.
pub(super) fn margin_bottom(
    running: &Running,
    measure: f32,
    typesetter: &mut Typesetter<'_>,
) -> Result<f32, FormError> {
    let Running::Foot { left, right, .. } = running else { return Ok(MARGIN_BOTTOM) };
    let foot = Columns::set(left, right, measure, typesetter)?;
    Ok(MARGIN_BOTTOM.max(FOOT_END + foot.height() + GAP + FOOT_ABOVE))
}

/// Writes head and foot once the number of pages is known.
pub(super) fn place(paper: &Paper, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    match &paper.running {
        Running::Head { foot } => {
            let Masthead { unit, title, .. } = &paper.masthead;
            let head = Head::set(&format!("{unit}　{title}"), paper, sheet.measure(), typesetter)?;
            for at in 0..sheet.pages.len() {
                sheet.open(at);
                head.draw(sheet);
                let foot = page_number(foot, at, sheet, typesetter)?;
                stack(&foot, sheet.left(), paper.page.height() - FOOT_Y, sheet);
            }
        }
        Running::Foot { left, middle, right } => {
            let head = Head::set(&paper.masthead.title, paper, sheet.measure(), typesetter)?;
            let columns = Columns::set(left, right, sheet.measure(), typesetter)?;
            for at in 0..sheet.pages.len() {
                sheet.open(at);
                // The masthead says it all on the first page.
                if at > 0 {
                    head.draw(sheet);
                }
                let middle = page_number(middle, at, sheet, typesetter)?;
                let y = paper.page.height() - FOOT_END - columns.height();
                let (left, measure) = (sheet.left(), sheet.measure());
                sheet.rule((left, y - GAP), (left + measure, y - GAP), RULE_THIN);
                for lines in [&columns.left, &middle, &columns.right] {
                    stack(lines, left, y, sheet);
                }
            }
        }
    }
    Ok(())
}

fn page_number(
    template: &str,
    at: usize,
    sheet: &Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<Vec<Line>, FormError> {
    let (n, total) = ((at + 1).to_string(), sheet.pages.len().to_string());
    let text = fill(template, &[("n", &n), ("total", &total)]);
    typesetter.set(&[RUNNING.aligned(Align::Center).para(text)], sheet.measure())
}

fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.leading).sum()
}

/// A line over the text: what the paper is to the left, its number to the right.
struct Head {
    left: Vec<Line>,
    right: Vec<Line>,
}

impl Head {
    fn set(left: &str, paper: &Paper, measure: f32, typesetter: &mut Typesetter<'_>) -> Result<Self, FormError> {
        let number = RUNNING.aligned(Align::Right).para(&paper.masthead.number);
        let right = typesetter.set(&[number], measure)?;
        let room = measure - right.first().map_or(0.0, |line| line.width) - RUNNING.size;
        let left = typesetter.set(&[RUNNING.aligned(Align::Left).para(left)], room)?;
        Ok(Self { left, right })
    }

    fn draw(&self, sheet: &mut Sheet) {
        let rule_y = HEAD_Y + RUNNING.leading + GAP;
        let (left, measure) = (sheet.left(), sheet.measure());
        for lines in [&self.left, &self.right] {
            // A long unit name takes further lines upwards, away from the text.
            stack(lines, left, rule_y - GAP - height(lines), sheet);
        }
        sheet.rule((left, rule_y), (left + measure, rule_y), RULE_THIN);
    }
}

/// The outer columns of a foot.
struct Columns {
    left: Vec<Line>,
    right: Vec<Line>,
}

impl Columns {
    fn set(left: &str, right: &str, measure: f32, typesetter: &mut Typesetter<'_>) -> Result<Self, FormError> {
        let room = FOOT_SHARE * measure;
        let left = typesetter.set(&[RUNNING.aligned(Align::Left).para(left)], room)?;
        let mut right = typesetter.set(&[RUNNING.aligned(Align::Right).para(right)], room)?;
        for run in right.iter_mut().flat_map(|line| &mut line.runs) {
            run.x += measure - room;
        }
        Ok(Self { left, right })
    }

    fn height(&self) -> f32 {
        height(&self.left).max(height(&self.right))
    }
}
