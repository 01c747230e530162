//! Packages and images, made and tampered with, on a real disk and with the real xorriso.
#![allow(clippy::unwrap_used)]

mod bench;
mod foreign;
mod image;
mod tamper;
mod write;
