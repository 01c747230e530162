//! Papers from plain values, as PDF/A-2b: the statement (文字说明材料), the file list of a package, and every paper
//! that is a template in `assets/forms/` with its values.
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
//!
//! /// What a paper of a kind asks for is data, too.
//! fn asked(code: &str) -> Vec<String> {
//!     let keys = forms::kind(code).map(forms::Kind::keys).unwrap_or_default();
//!     keys.into_iter().filter(|key| key.required).map(|key| key.key).collect()
//! }
//! assert!(asked("interruption").contains(&"reason".to_owned()));
//! # fn shared<T: Send + Sync>() {}
//! # shared::<forms::Fonts>();
//! ```

mod clips;
mod engine;
mod error;
mod faults;
mod file_list;
mod filling;
mod fonts;
mod papers;
mod picture;
mod statement;
mod template;
mod values;
mod wording;

pub use clips::{ClipLine, ClockLine, duration, size, span, standing};
pub use error::FormError;
pub use file_list::{FileLine, FileList, file_list};
pub use fonts::{FontUsed, Fonts};
pub use papers::{check, paper, sheets};
pub use picture::{Picture, picture};
pub use statement::{Statement, statement};
pub use template::{Key, Kind, Place, kind, kinds};
pub use values::{Answer, Basis, Check, Grid, GridColumn, ListRow, Mark, PaperValues};
