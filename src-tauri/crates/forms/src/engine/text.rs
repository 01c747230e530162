//! From characters to lines: which face prints a character, how wide it is, where lines end.

use super::linebreak::{break_lines, is_square};
use super::paper::{Align, Para, Style};
use crate::fonts::Role;
use crate::{Fonts, FormError};
use std::collections::{BTreeMap, HashMap};
use ttf_parser::{Face, GlyphId};

/// Widest gap justification adds, in em. Readers take a tenth of an em for a space between words, and copied
/// text would have spaces nobody wrote.
const GAP_EM_MAX: f32 = 0.09;

/// One embedded font of the paper: a face, and which of the characters that share a glyph it stands for.
///
/// A glyph has one meaning per embedded font. Where a face draws ⼈ (radical) and 人 with one glyph, a single font
/// would give back one of them for both; the second goes into a font of layer 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FontKey {
    /// Index into `Fonts::faces`.
    pub face: usize,
    pub layer: usize,
}

#[derive(Clone, Copy)]
struct Glyph {
    font: FontKey,
    /// Advance in em.
    advance: f32,
}

/// Neighbouring characters of one font.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub font: FontKey,
    pub text: String,
    /// From the begin of the line.
    pub x: f32,
    /// Added after every character.
    pub tracking: f32,
}

/// A line ready to be placed.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub runs: Vec<Run>,
    pub size: f32,
    pub leading: f32,
    /// Natural width, without indent.
    pub width: f32,
}

impl Line {
    /// Returns the distance from the top of the line to its baseline: the 汉字 square centred in the leading.
    pub fn baseline(&self) -> f32 {
        const SQUARE_ABOVE_BASELINE: f32 = 0.88;
        (self.leading - self.size) / 2.0 + SQUARE_ABOVE_BASELINE * self.size
    }
}

/// Sets text and remembers which glyphs were used.
pub(crate) struct Typesetter<'a> {
    pub fonts: &'a Fonts,
    parsed: Vec<Option<Face<'a>>>,
    known: HashMap<(Role, char), Glyph>,
    /// Which characters a glyph was used for; the position is the layer.
    uses: BTreeMap<(usize, u16), Vec<char>>,
}

impl<'a> Typesetter<'a> {
    pub fn new(fonts: &'a Fonts) -> Self {
        let parsed = fonts.faces.iter().map(|_| None).collect();
        Self { fonts, parsed, known: HashMap::new(), uses: BTreeMap::new() }
    }

    /// Returns the glyphs of every font the paper needs, sorted.
    pub fn used(&self) -> BTreeMap<FontKey, Vec<u16>> {
        let mut used: BTreeMap<FontKey, Vec<u16>> = BTreeMap::new();
        for (&(face, glyph), chars) in &self.uses {
            for layer in 0..chars.len() {
                used.entry(FontKey { face, layer }).or_default().push(glyph);
            }
        }
        used
    }

    /// Returns the paragraphs as lines no wider than `measure`.
    pub fn set(&mut self, paras: &[Para], measure: f32) -> Result<Vec<Line>, FormError> {
        let mut lines = Vec::new();
        for para in paras {
            for text in para.text.split(['\n', '\u{2028}', '\u{2029}']) {
                self.set_paragraph(text.trim_end_matches('\r'), para.style, measure, &mut lines)?;
            }
        }
        Ok(lines)
    }

    fn set_paragraph(
        &mut self,
        text: &str,
        style: Style,
        measure: f32,
        lines: &mut Vec<Line>,
    ) -> Result<(), FormError> {
        // A tab has no width of its own in running text.
        let chars: Vec<char> = text.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
        let glyphs = chars.iter().map(|&c| self.glyph(style.role, c)).collect::<Result<Vec<_>, _>>()?;
        let advances: Vec<f32> = glyphs.iter().map(|glyph| glyph.advance * style.size).collect();
        let indent = style.indent * style.size;
        let ranges = break_lines(&chars, &advances, measure - indent, measure);
        let last = ranges.len() - 1;
        for (at, range) in ranges.into_iter().enumerate() {
            let indent = if at == 0 { indent } else { 0.0 };
            let width: f32 = advances[range.clone()].iter().sum();
            let slack = (measure - indent - width).max(0.0);
            let chars = &chars[range.clone()];
            let gap = match style.align {
                Align::Justify if at < last => gap(chars, slack, style.size),
                _ => 0.0,
            };
            let x = match style.align {
                Align::Left | Align::Justify => indent,
                Align::Center => slack / 2.0,
                Align::Right => slack,
            };
            let runs = runs(chars, &glyphs[range.clone()], &advances[range], x, gap);
            lines.push(Line { runs, size: style.size, leading: style.leading, width });
        }
        Ok(())
    }

    fn glyph(&mut self, role: Role, c: char) -> Result<Glyph, FormError> {
        if let Some(glyph) = self.known.get(&(role, c)) {
            return Ok(*glyph);
        }
        let preferred = role as usize;
        let others = (0..self.fonts.faces.len()).filter(|face| *face != preferred);
        for face in std::iter::once(preferred).chain(others) {
            if let Some((id, advance)) = self.look_up(face, c)? {
                let chars = self.uses.entry((face, id.0)).or_default();
                let layer = chars.iter().position(|known| *known == c).unwrap_or_else(|| {
                    chars.push(c);
                    chars.len() - 1
                });
                let glyph = Glyph { font: FontKey { face, layer }, advance };
                self.known.insert((role, c), glyph);
                return Ok(glyph);
            }
        }
        Err(FormError::GlyphMissing { char: c })
    }

    /// Returns the face's glyph for a character and its advance in em, or `None` where it would print nothing.
    fn look_up(&mut self, face: usize, c: char) -> Result<Option<(GlyphId, f32)>, FormError> {
        if !is_printable(c) {
            return Ok(None);
        }
        if self.parsed[face].is_none() {
            self.parsed[face] = Some(self.fonts.faces[face].parse()?);
        }
        let Some(parsed) = &self.parsed[face] else { return Ok(None) };
        // A face may map a character to an empty outline: present in its table, blank on paper.
        let found = parsed
            .glyph_index(c)
            .filter(|&id| id.0 != 0 && (c.is_whitespace() || parsed.glyph_bounding_box(id).is_some()));
        let em = f32::from(parsed.units_per_em());
        Ok(found.and_then(|id| Some((id, f32::from(parsed.glyph_hor_advance(id)?) / em))))
    }
}

/// Tells whether a character means the same thing everywhere: controls say nothing on paper, a private-use character
/// is another one in every font, and letters written from right to left would stand in the wrong order.
fn is_printable(c: char) -> bool {
    let private = matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..=0x10FFFF);
    let leftwards = matches!(u32::from(c),
        0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF);
    !c.is_control() && !private && !leftwards
}

/// Tells whether justification may widen the gap between two characters; words stay as they are.
fn may_stretch(before: char, after: char) -> bool {
    is_square(before) || is_square(after)
}

fn gap(chars: &[char], slack: f32, size: f32) -> f32 {
    let gaps = chars.windows(2).filter(|pair| may_stretch(pair[0], pair[1])).count();
    if gaps == 0 {
        return 0.0;
    }
    let gap = slack / gaps as f32;
    if gap > GAP_EM_MAX * size { 0.0 } else { gap }
}

/// Groups characters of one font and one tracking.
fn runs(chars: &[char], glyphs: &[Glyph], advances: &[f32], x: f32, gap: f32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = x;
    for (at, &c) in chars.iter().enumerate() {
        let font = glyphs[at].font;
        let tracking = match chars.get(at + 1) {
            Some(&next) if may_stretch(c, next) => gap,
            _ => 0.0,
        };
        match runs.last_mut() {
            Some(run) if run.font == font && run.tracking == tracking => run.text.push(c),
            _ => runs.push(Run { font, text: c.to_string(), x, tracking }),
        }
        x += advances[at] + tracking;
    }
    runs
}
