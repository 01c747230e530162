//! QR codes with their caption beside them.

use super::flow::{BLOCK_BELOW, Mark, Sheet, stack};
use super::paper::Code;
use super::text::{Line, Typesetter};
use crate::FormError;
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

/// 28 mm: half a millimetre a module at the usual length.
pub(super) const SIDE: f32 = 79.0;
pub(super) const GAP: f32 = 14.0;

/// A code and its caption, ready to be placed.
pub(super) struct SetCode {
    caption: Vec<Line>,
    /// Of caption and code together.
    width: f32,
    modules: usize,
    dark: Vec<bool>,
}

/// Returns the code with its caption, as wide as told.
pub(super) fn set(code: &Code, width: f32, typesetter: &mut Typesetter<'_>) -> Result<SetCode, FormError> {
    let (modules, dark) = encode(&code.data)?;
    let caption = typesetter.set(&code.caption, width - SIDE - GAP)?;
    Ok(SetCode { caption, width, modules, dark })
}

impl SetCode {
    pub fn height(&self) -> f32 {
        self.caption_height().max(SIDE)
    }

    fn caption_height(&self) -> f32 {
        self.caption.iter().map(|line| line.leading).sum()
    }

    /// Draws it with its upper left corner at the point.
    pub fn draw(self, x: f32, y: f32, sheet: &mut Sheet) {
        stack(&self.caption, x, y + (self.height() - self.caption_height()) / 2.0, sheet);
        let x = x + (self.width - SIDE - GAP) + GAP;
        sheet.mark(Mark::Code { x, y, side: SIDE, width: self.modules, dark: self.dark });
    }
}

/// Places a code as wide as the text.
pub(super) fn place(code: &Code, sheet: &mut Sheet, typesetter: &mut Typesetter<'_>) -> Result<(), FormError> {
    let code = set(code, sheet.measure(), typesetter)?;
    let height = code.height();
    sheet.turn_unless(height);
    let (x, y) = (sheet.left(), sheet.y);
    code.draw(x, y, sheet);
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
