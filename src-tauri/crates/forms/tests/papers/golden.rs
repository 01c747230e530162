//! Pictures of the papers, looked at once and kept: what changes the look of a paper is seen.
//!
//! Pictures hold only for the fonts they were made with. `golden/fonts.txt` names these; with other fonts the test
//! fails and says so, for a comparison would tell nothing. After a change that is meant, `EVIDOCK_BLESS=1` writes the
//! pictures anew; they are to be looked at before they are committed.

use crate::sample::{FONTS, file_list, statement};
use crate::tools::{Picture, Printed};
use crate::values::ordinary;
use std::path::{Path, PathBuf};

const BLESS: &str = "EVIDOCK_BLESS";
const DPI: u32 = 60;
/// Side of the squares whose mean grey is compared: about one character.
const TILE: usize = 8;
/// Rasterisers differ in how they soften edges, which moves a tile's mean a little; a character that is another or
/// stands elsewhere moves it more.
const GREY_DIFFERENCE_MAX: i32 = 12;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers/golden")
}

/// Returns every paper by name.
fn papers() -> Vec<(String, Vec<u8>)> {
    let kinds =
        forms::kinds().iter().map(|kind| (kind.code.clone(), forms::paper(&ordinary(&kind.code), &FONTS).unwrap()));
    let statement = ("statement".to_owned(), forms::statement(&statement(3), &FONTS).unwrap());
    let list = ("file_list".to_owned(), forms::file_list(&file_list(5), &FONTS).unwrap());
    kinds.chain([statement, list]).collect()
}

/// Returns the faces the papers embed, each with its revision.
fn fonts_used(papers: &[(String, Vec<u8>)]) -> String {
    let names: Vec<String> = papers.iter().flat_map(|(_, pdf)| Printed::new(pdf).font_names()).collect();
    let used = FONTS.used().into_iter().filter(|font| names.iter().any(|name| name.ends_with(&font.face)));
    used.map(|font| format!("{} {}\n", font.face, font.revision)).collect()
}

/// Returns where two pictures differ, in tiles from the upper left corner.
fn difference(now: &Picture, kept: &Picture) -> Option<String> {
    difference_above(GREY_DIFFERENCE_MAX, now, kept)
}

fn difference_above(grey: i32, now: &Picture, kept: &Picture) -> Option<String> {
    if (now.width, now.height) != (kept.width, kept.height) {
        return Some(format!("{}×{} instead of {}×{}", now.width, now.height, kept.width, kept.height));
    }
    let mean = |picture: &Picture, x: usize, y: usize| {
        let (right, bottom) = ((x + TILE).min(picture.width), (y + TILE).min(picture.height));
        let rows = (y..bottom).map(|row| &picture.grey[row * picture.width + x..row * picture.width + right]);
        let sum: i32 = rows.flatten().map(|grey| i32::from(*grey)).sum();
        sum / ((right - x) * (bottom - y)) as i32
    };
    let tiles = (0..now.height).step_by(TILE).flat_map(|y| (0..now.width).step_by(TILE).map(move |x| (x, y)));
    let differs = |(x, y): &(usize, usize)| (mean(now, *x, *y) - mean(kept, *x, *y)).abs() > grey;
    let found: Vec<String> = tiles.filter(differs).map(|(x, y)| format!("({x}, {y})")).collect();
    let first = found.iter().take(8).cloned().collect::<Vec<_>>().join(" ");
    (!found.is_empty()).then(|| format!("{} squares of {TILE} pixels differ, at {first}", found.len()))
}

#[test]
fn every_paper_looks_as_it_did() {
    let papers = papers();
    let fonts = fonts_used(&papers);
    let bless = std::env::var_os(BLESS).is_some();
    if bless {
        if folder().exists() {
            std::fs::remove_dir_all(folder()).unwrap();
        }
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(folder().join("fonts.txt"), &fonts).unwrap();
    }
    let kept = std::fs::read_to_string(folder().join("fonts.txt")).unwrap();
    assert_eq!(
        fonts, kept,
        "the pictures were made with other fonts and cannot be compared: install those on the right, or look at the \
         papers as they are now and write the pictures anew with {BLESS}=1"
    );
    let mut seen: Vec<String> = vec!["fonts.txt".into()];
    let mut differing = Vec::new();
    for (name, pdf) in &papers {
        let printed = Printed::new(pdf);
        for (at, page) in printed.render_at(DPI).iter().enumerate() {
            let file = format!("{name}-{}.png", at + 1);
            if bless {
                std::fs::copy(page, folder().join(&file)).unwrap();
            }
            let path = folder().join(&file);
            match path.is_file().then(|| difference(&Picture::read(page), &Picture::read(&path))) {
                Some(None) => {}
                Some(Some(found)) => differing.push(format!("{file}: {found}")),
                None => differing.push(format!("{file} was not there")),
            }
            seen.push(file);
        }
    }
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    differing.extend(files.filter(|file| !seen.contains(file)).map(|file| format!("{file} is no longer made")));
    assert!(differing.is_empty(), "the papers look different, see with {BLESS}=1:\n  {}", differing.join("\n  "));
}

#[test]
fn a_small_change_is_seen_and_a_soft_edge_is_not() {
    let values = ordinary("trip");
    let page = |pdf: &[u8]| {
        let printed = Printed::new(pdf);
        Picture::read(&printed.render_at(DPI)[0])
    };
    let first = page(&forms::paper(&values, &FONTS).unwrap());
    assert_eq!(difference(&first, &first), None, "a picture is like itself");
    let mut other = values.clone();
    other.fields.insert("destination".into(), "东山镇𠮷水村等 个自然村".into());
    let other = page(&forms::paper(&other, &FONTS).unwrap());
    assert!(difference(&other, &first).is_some(), "a digit that is gone is seen");
    // A fifth of every pixel runs over to its neighbours.
    let mut soft = Picture { grey: first.grey.clone(), ..first };
    for (now, was) in soft.grey.iter_mut().skip(1).zip(first.grey.windows(3)) {
        let [left, middle, right] = [was[0], was[1], was[2]].map(u32::from);
        *now = ((left + 8 * middle + right) / 10) as u8;
    }
    assert!(soft.grey != first.grey, "edges are softer");
    assert_eq!(difference(&soft, &first), None, "other edges are the same paper");
}

/// Returns the upper left part of a picture.
fn cropped(picture: &Picture, width: usize, height: usize) -> Picture {
    let rows = (0..height).flat_map(|y| &picture.grey[y * picture.width..y * picture.width + width]);
    Picture { width, height, grey: rows.copied().collect() }
}

#[test]
fn a_page_as_a_picture_is_what_other_programs_draw() {
    // Two programs soften edges and hint differently; a glyph that is missing or another moves a square much more.
    const OTHER_PROGRAM_MAX: i32 = 60;
    for kind in ["interruption", "device_ledger", "case_review"] {
        let pdf = forms::paper(&ordinary(kind), &FONTS).unwrap();
        let printed = Printed::new(&pdf);
        let theirs = printed.render_at(144);
        for (at, theirs) in theirs.iter().enumerate() {
            let drawn = forms::picture(pdf.clone(), at as u32 + 1).unwrap().unwrap();
            assert_eq!(drawn.pages as usize, printed.pages().len(), "{kind}: every page is counted");
            let path = theirs.with_extension("ours.png");
            std::fs::write(&path, &drawn.png).unwrap();
            let (ours, theirs) = (Picture::read(&path), Picture::read(theirs));
            // A page is no whole number of pixels: one program drops the rest, the other fills it up.
            let (width, height) = (ours.width.min(theirs.width), ours.height.min(theirs.height));
            assert!(theirs.width - width <= 1 && theirs.height - height <= 1, "{kind}: the same page");
            let (ours, theirs) = (cropped(&ours, width, height), cropped(&theirs, width, height));
            let found = difference_above(OTHER_PROGRAM_MAX, &ours, &theirs);
            assert_eq!(found, None, "{kind}, page {}", at + 1);
        }
        assert_eq!(forms::picture(pdf.clone(), 0).unwrap(), None, "{kind}: pages are counted from 1");
        assert_eq!(forms::picture(pdf, 99).unwrap(), None, "{kind}: and end");
    }
    assert!(forms::picture(b"no paper".to_vec(), 1).is_err(), "what is no PDF has no picture");
}
