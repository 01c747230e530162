//! Papers from plain values: the statement (文字说明材料) and the file list of a package, as PDF/A-2b.
//!
//! Nothing here asks the time, reads the register or draws lots: the same values and the same fonts give the same
//! bytes, so that a paper can be made again and compared. Text can be searched and copied. A character that no
//! font has is refused aloud; a paper with a blank in it would say something else than was written.
//!
//! ```
//! /// `fonts` is loaded once, with `Fonts::system()`, and shared between threads.
//! fn print(values: &forms::Statement, fonts: &forms::Fonts) -> Result<Vec<u8>, forms::FormError> {
//!     forms::statement(values, fonts)
//! }
//! # fn shared<T: Send + Sync>() {}
//! # shared::<forms::Fonts>();
//! ```

mod clips;
mod engine;
mod error;
mod file_list;
mod fonts;
mod statement;
mod wording;

pub use clips::{ClipLine, ClockLine, standing};
pub use error::FormError;
pub use file_list::{FileLine, FileList, file_list};
pub use fonts::{FontUsed, Fonts};
pub use statement::{Statement, statement};
