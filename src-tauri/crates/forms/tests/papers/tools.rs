//! Other people's PDF tools. A tool that is missing fails the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A paper on disk.
pub struct Printed {
    folder: TempDir,
    path: PathBuf,
}

impl Printed {
    pub fn new(pdf: &[u8]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("paper.pdf");
        std::fs::write(&path, pdf).unwrap();
        Self { folder, path }
    }

    /// Returns the text as a reader's search sees it.
    pub fn text(&self) -> String {
        self.pdftotext(&[])
    }

    /// Returns the pages' text in the order it was written.
    pub fn pages(&self) -> Vec<String> {
        let text = self.pdftotext(&["-raw"]);
        text.split_terminator('\u{c}').map(str::to_owned).collect()
    }

    fn pdftotext(&self, options: &[&str]) -> String {
        let out = run(Command::new("pdftotext").args(options).arg(&self.path).arg("-"));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Returns the columns emb, sub, uni of every font.
    pub fn fonts(&self) -> Vec<[String; 3]> {
        let out = run(Command::new("pdffonts").arg(&self.path));
        let text = String::from_utf8(out.stdout).unwrap();
        let columns = |line: &str| {
            // From the right: object id, generation, uni, sub, emb.
            let words: Vec<&str> = line.split_whitespace().rev().collect();
            [words[4], words[3], words[2]].map(str::to_owned)
        };
        text.lines().skip(2).map(columns).collect()
    }

    /// Runs qpdf's check of structure and streams.
    pub fn qpdf_check(&self) -> String {
        let out = run(Command::new("qpdf").arg("--check").arg(&self.path));
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
    }

    /// Prints every page at 300 dpi.
    pub fn render(&self) -> Vec<PathBuf> {
        let root = self.folder.path().join("page");
        run(Command::new("pdftoppm").args(["-r", "300", "-gray", "-png"]).arg(&self.path).arg(root));
        let mut pages: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
            .collect();
        pages.sort();
        pages
    }
}

/// Returns what the QR code in the picture says.
pub fn zbar(picture: &Path) -> String {
    let out = run(Command::new("zbarimg").args(["--quiet", "--raw"]).arg(picture));
    String::from_utf8(out.stdout).unwrap().trim_end().to_owned()
}

/// Removes white space: where a reader's tool breaks lines is its own affair.
pub fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn run(command: &mut Command) -> Output {
    let out = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{command:?} ended with {}: {words}", out.status);
    out
}
