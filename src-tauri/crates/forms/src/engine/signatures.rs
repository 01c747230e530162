//! Where a paper is signed and sealed.

use super::code::{self, SetCode};
use super::flow::{BLOCK_BELOW, Mark, RULE_THIN, Sheet, stack};
use super::paper::{Align, Para, SignatureLine, Signatures, Style};
use super::text::{Line, Typesetter};
use crate::FormError;

const ABOVE: f32 = 8.0;
const LABEL_WIDTH: f32 = 132.0;
const RULE_WIDTH: f32 = 84.0;
const LINE_MIN: f32 = 34.0;
/// 年 月 日 with room to write between.
const DATE_WIDTH: f32 = 98.0;
const LINE_WIDTH: f32 = LABEL_WIDTH + RULE_WIDTH + DATE_WIDTH;
const SEAL_WIDTH: f32 = 130.0;
const SEAL_HEIGHT_MIN: f32 = 96.0;
const SEAL_GAP: f32 = 10.0;
/// Between a code and what stands beside it.
const BESIDE_GAP: f32 = 12.0;
/// Half a digest a line.
const CAPTION_MIN: f32 = 137.0;
/// A form's rule may stand right above the code.
const CODE_ABOVE: f32 = 8.0;

struct SetLine {
    label: Vec<Line>,
    date: Vec<Line>,
    height: f32,
}

fn height(lines: &[SetLine]) -> f32 {
    lines.iter().map(|line| line.height).sum()
}

/// Places the lines to sign on; more than a page holds go on over pages, the seal stands beside the last of them.
pub(super) fn place(
    signatures: &Signatures,
    sheet: &mut Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<(), FormError> {
    let mut lines = Vec::new();
    for line in &signatures.lines {
        lines.push(set(line, signatures, sheet, typesetter)?);
    }
    let seal_width = if signatures.seal.is_some() { SEAL_WIDTH } else { 0.0 };
    let free = sheet.measure() - LINE_WIDTH - seal_width - BESIDE_GAP;
    let room = if signatures.seal.is_some() { free - BESIDE_GAP } else { free };
    let mut beside = None;
    if let Some(code) = &signatures.code {
        if room >= code::SIDE + code::GAP + CAPTION_MIN {
            beside = Some(code::set(code, room, typesetter)?);
        } else {
            sheet.y += CODE_ABOVE;
            code::place(code, sheet, typesetter)?;
        }
    }
    // Without a seal beside them, signatures stand at the right, as at the end of a letter.
    let (x, beside_x) = match signatures.seal {
        Some(_) => (sheet.left(), sheet.left() + LINE_WIDTH + BESIDE_GAP),
        None => (sheet.left() + sheet.measure() - LINE_WIDTH, sheet.left()),
    };
    let lines = place_beyond_page(lines, x, sheet);
    let seal_height = if signatures.seal.is_some() { SEAL_HEIGHT_MIN } else { 0.0 };
    let height = height(&lines).max(seal_height).max(beside.as_ref().map_or(0.0, SetCode::height));
    sheet.turn_unless(ABOVE + height);
    let top = sheet.y + ABOVE;
    if let Some(code) = beside {
        code.draw(beside_x, top, sheet);
    }
    draw(&lines, x, top, sheet);
    if let Some(seal) = &signatures.seal {
        draw_seal(seal, (top, height), sheet, typesetter)?;
    }
    sheet.y = top + height + BLOCK_BELOW;
    Ok(())
}

/// Draws as many lines as fill whole pages, and returns those that are left.
fn place_beyond_page(mut lines: Vec<SetLine>, x: f32, sheet: &mut Sheet) -> Vec<SetLine> {
    while ABOVE + height(&lines) > sheet.body() && lines.len() > 1 {
        if !sheet.at_top() {
            sheet.turn();
        }
        let mut room = sheet.body() - ABOVE;
        let fit = lines.iter().take_while(|line| {
            room -= line.height;
            room >= 0.0
        });
        let rest = lines.split_off(fit.count().clamp(1, lines.len() - 1));
        draw(&lines, x, sheet.y + ABOVE, sheet);
        sheet.turn();
        lines = rest;
    }
    lines
}

fn set(
    line: &SignatureLine,
    signatures: &Signatures,
    sheet: &Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<SetLine, FormError> {
    let room = match signatures.seal {
        Some(_) => sheet.measure() - LABEL_WIDTH - RULE_WIDTH - SEAL_WIDTH - SEAL_GAP,
        None => DATE_WIDTH,
    };
    let label: Para = Style::BODY.aligned(Align::Left).para(&line.label);
    let label = typesetter.set(&[label], LABEL_WIDTH - 4.0)?;
    let date = typesetter.set(&[Style::BODY.aligned(Align::Left).para(&signatures.date)], room)?;
    let height = label.iter().map(|line| line.leading).sum::<f32>() + 10.0;
    Ok(SetLine { label, date, height: height.max(LINE_MIN) })
}

fn draw(lines: &[SetLine], x: f32, top: f32, sheet: &mut Sheet) {
    let mut y = top;
    for line in lines {
        let foot = y + line.height - 6.0;
        let label: f32 = line.label.iter().map(|line| line.leading).sum();
        stack(&line.label, x, foot - label, sheet);
        let rule_x = x + LABEL_WIDTH;
        sheet.rule((rule_x, foot - 1.0), (rule_x + RULE_WIDTH, foot - 1.0), RULE_THIN);
        stack(&line.date, rule_x + RULE_WIDTH, foot - Style::BODY.leading, sheet);
        y += line.height;
    }
}

/// Draws the dashed place for the seal at the right, from `top` on and `height` high, with its words at the bottom.
fn draw_seal(
    seal: &str,
    (top, height): (f32, f32),
    sheet: &mut Sheet,
    typesetter: &mut Typesetter<'_>,
) -> Result<(), FormError> {
    let x = sheet.left() + sheet.measure() - SEAL_WIDTH;
    let words = typesetter.set(&[Style::SMALL.aligned(Align::Center).para(seal)], SEAL_WIDTH - 12.0)?;
    let words_height: f32 = words.iter().map(|line| line.leading).sum();
    stack(&words, x + 6.0, top + height - words_height - 6.0, sheet);
    let corners = [(x, top), (x + SEAL_WIDTH, top), (x + SEAL_WIDTH, top + height), (x, top + height), (x, top)];
    for pair in corners.windows(2) {
        sheet.mark(Mark::Rule { from: pair[0], to: pair[1], weight: RULE_THIN, dashed: true });
    }
    Ok(())
}
