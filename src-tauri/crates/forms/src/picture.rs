//! A page of a paper as a picture, for windows that show no PDF.

use crate::FormError;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

/// Pixels for one point: 144 dpi, readable at the width of half a window.
const SCALE: f32 = 2.0;

/// A page as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub png: Vec<u8>,
    /// How many pages the paper has.
    pub pages: u32,
}

/// Returns a page of a PDF that this program printed, counted from 1; `None` where it has no such page.
pub fn picture(pdf: Vec<u8>, page: u32) -> Result<Option<Picture>, FormError> {
    let failed = |reason: String| FormError::Write { reason };
    let read = Pdf::new(pdf).map_err(|error| failed(format!("it cannot be read back: {error:?}")))?;
    let pages = read.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let at = (page as usize).checked_sub(1);
    let Some(shown) = at.and_then(|at| pages.get(at)) else { return Ok(None) };
    let scale = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
    let drawn = render(shown, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &scale);
    let png = drawn.into_png().map_err(|error| failed(format!("no picture of page {page}: {error:?}")))?;
    Ok(Some(Picture { png, pages: count }))
}
