//! Which fonts are taken, and what is said when they are not there.

use crate::sample::{FONTS, statement};
use crate::tools::{Printed, squeeze};
use forms::{Fonts, FormError};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Finds a font file of the system.
fn installed(folder: &Path, name: &str) -> Option<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    let here = files.into_iter().find(|path| path.file_name().is_some_and(|file| file == name));
    here.or_else(|| folders.iter().find_map(|folder| installed(folder, name)))
}

/// Returns a folder with links to the named fonts.
fn folder(names: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in names {
        let font = installed(Path::new("/usr/share/fonts"), name).expect("fonts-noto-cjk is installed");
        std::os::unix::fs::symlink(font, folder.path().join(name)).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<Fonts, FormError> {
    Fonts::load(&[folder.to_owned()])
}

#[test]
fn what_is_used_can_be_recorded() {
    let used = FONTS.used();
    let song = used.iter().find(|font| font.face == "NotoSerifCJKsc-Regular").unwrap();
    let file = installed(Path::new("/usr/share/fonts"), &song.file).unwrap();
    assert_eq!(song.size, std::fs::metadata(file).unwrap().len(), "the size is the file's");
    let (whole, places) = song.revision.split_once('.').unwrap();
    assert!(whole.parse::<u32>().unwrap() >= 1 && places.len() == 3, "a revision such as 2.001: {}", song.revision);
}

#[test]
fn a_missing_font_is_named() {
    let only_song = folder(&["NotoSerifCJK-Regular.ttc"]);
    match load(only_song.path()) {
        Err(FormError::FaceMissing { face, .. }) => assert_eq!(face, "NotoSansCJKsc-Regular", "黑体 is not there"),
        other => panic!("labels cannot be printed, got {:?}", other.map(|fonts| fonts.used())),
    }
    let nowhere = only_song.path().join("nowhere");
    let error = load(&nowhere).err().expect("a folder that is not there holds no fonts");
    assert!(error.to_string().contains("nowhere"), "the error names the folder: {error}");
    let broken = TempDir::new().unwrap();
    std::fs::write(broken.path().join("NotoSerifCJK-Regular.ttc"), b"no font").unwrap();
    let error = load(broken.path()).err().expect("this is no font");
    assert!(error.to_string().contains("NotoSerifCJK-Regular.ttc"), "the error names the file: {error}");
}

#[test]
fn the_rarest_characters_need_the_last_resort() {
    let noto = folder(&["NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc"]);
    let fonts = load(noto.path()).unwrap();
    let mut values = statement(1);
    let common = forms::statement(&values, &fonts).unwrap();
    assert!(common == forms::statement(&values, &FONTS).unwrap(), "a font that is not used leaves no trace");
    values.fields.place = "𮧵村".into();
    match forms::statement(&values, &fonts) {
        Err(FormError::GlyphMissing { char }) => assert_eq!(char, '𮧵', "Noto does not have it"),
        other => panic!("it cannot be printed without HanaMin, got {:?}", other.map(|pdf| pdf.len())),
    }
    let printed = Printed::new(&forms::statement(&values, &FONTS).unwrap());
    assert!(squeeze(&printed.text()).contains("𮧵村"), "HanaMin has it");
    assert!(printed.fonts().iter().all(|font| font == &["yes", "yes", "yes"]), "and is embedded like the others");
}
