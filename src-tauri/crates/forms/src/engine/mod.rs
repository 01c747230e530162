//! The one layout engine: a [`Paper`] of blocks becomes pages of marks, and pages become a PDF.
//!
//! The road is `paper` (what is to be said) → `flow`, `table`, `code`, `signatures`, `running` (where it stands; `text`
//! breaks lines and picks glyphs) → `pdf` (subset fonts, PDF/A-2b marking, bytes). All lengths are points; until
//! `pdf` the y axis runs down from the upper edge of the page.

mod code;
mod flow;
mod linebreak;
mod paper;
mod pdf;
mod pdfa;
mod running;
mod signatures;
mod table;
mod text;

pub(crate) use paper::{
    Align, Block, Cell, Code, Masthead, Page, Paper, Para, Row, Running, SignatureLine, Signatures, Style, Table,
};
pub(crate) use table::CELL_WIDTH_MIN;

use crate::{Fonts, FormError};

/// Returns the paper as PDF bytes; the same paper and fonts give the same bytes.
pub(crate) fn print(paper: &Paper, fonts: &Fonts) -> Result<Vec<u8>, FormError> {
    let mut typesetter = text::Typesetter::new(fonts);
    let pages = flow::lay_out(paper, &mut typesetter)?;
    pdf::write(paper, &pages, &typesetter)
}
