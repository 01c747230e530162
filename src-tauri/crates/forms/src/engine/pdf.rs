//! Pages of marks to PDF bytes: fonts cut down to the glyphs used, then every mark in its place.

use super::flow::{Mark, Sheet};
use super::paper::Paper;
use super::pdfa;
use super::text::{FontKey, Run, Typesetter};
use crate::FormError;
use allsorts::binary::read::ReadScope;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile, subset};
use printpdf::{
    FontId, Line, LineDashPattern, LinePoint, Mm, Op, PaintMode, ParsedFont, PdfDocument, PdfFont, PdfFontHandle,
    PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing, Pt, TextItem, WindingOrder,
};

const DASH: [f32; 2] = [3.0, 2.5];

/// Returns the bytes of the paper: PDF 1.7 marked as PDF/A-2b, without a clock's or a die's trace.
pub(super) fn write(paper: &Paper, sheet: &Sheet, typesetter: &Typesetter<'_>) -> Result<Vec<u8>, FormError> {
    let mut document = PdfDocument::new(&paper.masthead.title);
    for (key, glyphs) in typesetter.used() {
        let font = embed(key, &glyphs, typesetter)?;
        document.resources.fonts.map.insert(font_id(key), PdfFont::new(font));
    }
    let (width, height) = (sheet.page.width(), sheet.page.height());
    for marks in &sheet.pages {
        let mut ops = Vec::new();
        for mark in marks {
            draw(mark, height, &mut ops);
        }
        document.pages.push(PdfPage::new(Mm::from(Pt(width)), Mm::from(Pt(height)), ops));
    }
    let mut warnings = Vec::new();
    let mut raw = document.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(FormError::Write { reason: warning.msg.clone() });
    }
    pdfa::mark(&mut raw, paper)?;
    pdfa::save(raw)
}

fn font_id(key: FontKey) -> FontId {
    FontId(format!("Face{}x{}", key.face, key.layer))
}

/// Returns the face with `.notdef` and the given glyphs only.
fn embed(key: FontKey, glyphs: &[u16], typesetter: &Typesetter<'_>) -> Result<ParsedFont, FormError> {
    let face = &typesetter.fonts.faces[key.face];
    let failed = |reason: String| FormError::Subset { face: face.name, reason };
    let data = ReadScope::new(face.bytes()?).read::<FontData<'_>>().map_err(|e| failed(e.to_string()))?;
    let index = face.index as usize;
    let tables = data.table_provider(index).map_err(|e| failed(e.to_string()))?;
    let kept: Vec<u16> = std::iter::once(0).chain(glyphs.iter().copied()).collect();
    let small =
        subset(&tables, &kept, &SubsetProfile::Minimal, CmapTarget::Unicode).map_err(|e| failed(e.to_string()))?;
    let mut warnings = Vec::new();
    let mut font = ParsedFont::from_bytes(&small, 0, &mut warnings)
        .ok_or_else(|| failed("the subset cannot be read back".to_owned()))?;
    if let Some(warning) = warnings.first() {
        return Err(failed(warning.message.clone()));
    }
    font.font_name = Some(format!("{}+{}", tag(&small), face.name));
    Ok(font)
}

/// Returns the six letters that mark a subset (ISO 32000-1, 9.6.4), drawn from its content.
fn tag(bytes: &[u8]) -> String {
    let mut rest = pdfa::fingerprint(bytes);
    let letter = |_| {
        let letter = b'A' + (rest % 26) as u8;
        rest /= 26;
        char::from(letter)
    };
    (0..6).map(letter).collect()
}

fn draw(mark: &Mark, height: f32, ops: &mut Vec<Op>) {
    match mark {
        Mark::Text { x, baseline, size, run } => draw_run(run, point(*x, height - baseline), *size, ops),
        Mark::Rule { from, to, weight, dashed } => {
            let dash: &[f32] = if *dashed { &DASH } else { &[] };
            let corner = |(x, y): (f32, f32)| LinePoint { p: point(x, height - y), bezier: false };
            ops.extend([
                Op::SetOutlineThickness { pt: Pt(*weight) },
                Op::SetLineDashPattern { dash: LineDashPattern::new(0.0, dash) },
                Op::DrawLine { line: Line { points: vec![corner(*from), corner(*to)], is_closed: false } },
            ]);
        }
        Mark::Code { x, y, side, width, dark } => {
            let rings = squares(*x, height - y, side / *width as f32, *width, dark);
            let polygon = Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::NonZero };
            ops.push(Op::DrawPolygon { polygon });
        }
    }
}

/// Draws one run in a text section of its own: the cursor is relative within a section.
fn draw_run(run: &Run, at: Point, size: f32, ops: &mut Vec<Op>) {
    ops.extend([
        Op::StartTextSection,
        Op::SetFont { font: PdfFontHandle::External(font_id(run.font)), size: Pt(size) },
        Op::SetCharacterSpacing { multiplier: run.tracking },
        Op::SetTextCursor { pos: at },
        Op::ShowText { items: vec![TextItem::Text(run.text.clone())] },
        Op::EndTextSection,
    ]);
}

/// Returns the dark modules as rectangles, neighbours of a row in one.
fn squares(x: f32, top: f32, module: f32, width: usize, dark: &[bool]) -> Vec<PolygonRing> {
    let mut rings = Vec::new();
    for (row, modules) in dark.chunks(width).enumerate() {
        let upper = top - row as f32 * module;
        let mut column = 0;
        for group in modules.chunk_by(|a, b| a == b) {
            let (left, right) = (x + column as f32 * module, x + (column + group.len()) as f32 * module);
            if group[0] {
                let corners = [(left, upper), (right, upper), (right, upper - module), (left, upper - module)];
                let points = corners.map(|(x, y)| LinePoint { p: point(x, y), bezier: false });
                rings.push(PolygonRing { points: points.to_vec() });
            }
            column += group.len();
        }
    }
    rings
}

fn point(x: f32, y: f32) -> Point {
    Point { x: Pt(x), y: Pt(y) }
}
