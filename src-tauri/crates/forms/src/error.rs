//! Why a paper was not made.

use model::Field;
use std::path::PathBuf;
use thiserror::Error;

/// Why a paper was not made. Nothing is returned in part: a paper is whole or refused.
#[derive(Debug, Error)]
pub enum FormError {
    /// No installed face can print the character. A blank in its place would change what the paper says.
    #[error("no font has the character {char:?} (U+{:04X})", u32::from(*.char))]
    GlyphMissing { char: char },
    /// The statement lacks what the law asks for.
    #[error("the statement lacks {}", .fields.iter().map(|f| f.code()).collect::<Vec<_>>().join(", "))]
    Incomplete { fields: Vec<Field> },
    #[error("there is no paper of the kind {kind:?}")]
    UnknownKind { kind: String },
    /// What a caller means to say must not be dropped in silence.
    #[error("the paper {paper} has no place for {key}")]
    UnknownKey { paper: String, key: String },
    /// What the paper cannot do without; every key at once.
    #[error("the paper {paper} lacks {}", .keys.join(", "))]
    Missing { paper: String, keys: Vec<String> },
    #[error("{value:?} is no choice for {key} of the paper {paper}")]
    NoChoice { paper: String, key: String, value: String },
    #[error("{key} of the paper {paper} is not one line of at most {max} characters")]
    NotOneLine { paper: String, key: String, max: usize },
    /// Rows and columns that do not match, or columns too many or too narrow to print in.
    #[error("the columns of {key} of the paper {paper} cannot be printed: {reason}")]
    Columns { paper: String, key: String, reason: String },
    #[error("the font face {face} was found in none of {}", list(.folders))]
    FaceMissing { face: &'static str, folders: Vec<PathBuf> },
    #[error("cannot list the font folder {}", .folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("cannot read the font file {}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file was replaced while the program ran; which font a paper used would no longer be known.
    #[error("the font file {} changed since it was loaded", .path.display())]
    Changed { path: PathBuf },
    #[error("cannot make sense of face {face} in the font file {}", .path.display())]
    Parse { face: &'static str, path: PathBuf, source: ttf_parser::FaceParsingError },
    /// The font library's words; its error type is not `Send`.
    #[error("cannot subset the face {face}: {reason}")]
    Subset { face: &'static str, reason: String },
    /// The PDF library dropped or altered something it was told to draw.
    #[error("cannot write the PDF: {reason}")]
    Write { reason: String },
    #[error("cannot save the PDF")]
    Save { source: std::io::Error },
    #[error("{bytes} bytes do not fit into a QR code")]
    CodeTooLong { bytes: usize },
}

fn list(folders: &[PathBuf]) -> String {
    folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ")
}
