//! The papers as strangers' tools see them: poppler, qpdf, zbar, PDFBox.
#![allow(clippy::unwrap_used)]

mod file_list;
mod fonts;
mod golden;
mod kinds;
mod pages;
mod preflight;
mod sample;
mod statement;
mod tools;
mod values;
