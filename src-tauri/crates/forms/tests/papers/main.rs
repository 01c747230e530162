//! The papers as strangers' tools see them: poppler, qpdf, zbar.
#![allow(clippy::unwrap_used)]

mod file_list;
mod fonts;
mod golden;
mod kinds;
mod pages;
mod sample;
mod statement;
mod tools;
mod values;
