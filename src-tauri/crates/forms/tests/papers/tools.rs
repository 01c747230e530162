//! Other people's PDF tools. A tool that is missing fails the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Where Debian keeps programs in Java.
const JARS: &str = "/usr/share/java";
const PREFLIGHT_JARS: [&str; 7] =
    ["preflight", "pdfbox2", "xmpbox", "fontbox2", "commons-logging", "javax.activation", "jaxb-api"];

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
        let columns = |line: &String| {
            // From the right: object id, generation, uni, sub, emb.
            let words: Vec<&str> = line.split_whitespace().rev().collect();
            [words[4], words[3], words[2]].map(str::to_owned)
        };
        self.pdffonts().iter().map(columns).collect()
    }

    /// Returns the names of the fonts, such as `ABCDEF+NotoSerifCJKsc-Regular`.
    pub fn font_names(&self) -> Vec<String> {
        let name = |line: &String| line.split_whitespace().next().unwrap().to_owned();
        self.pdffonts().iter().map(name).collect()
    }

    fn pdffonts(&self) -> Vec<String> {
        let out = run(Command::new("pdffonts").arg(&self.path));
        String::from_utf8(out.stdout).unwrap().lines().skip(2).map(str::to_owned).collect()
    }

    /// Runs qpdf's check of structure and streams.
    pub fn qpdf_check(&self) -> String {
        let out = run(Command::new("qpdf").arg("--check").arg(&self.path));
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
    }

    /// Returns the remarks of PDFBox's Preflight, which knows PDF/A-1b only: code and words of each.
    pub fn preflight(&self) -> Vec<(String, String)> {
        let jars = PREFLIGHT_JARS.map(|jar| format!("{JARS}/{jar}.jar"));
        for jar in &jars {
            assert!(Path::new(jar).is_file(), "{jar} is part of Debian's libpdfbox2-java and what it needs");
        }
        let mut java = Command::new("java");
        java.args(["-cp", &jars.join(":"), "org.apache.pdfbox.preflight.Validator_A1b"]).arg(&self.path);
        // It exits with another status where it has remarks.
        let out = java.output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        assert!(said.contains("valid PDF/A-1b file"), "Preflight comes to a verdict: {said}");
        let remark = |line: &str| line.split_once(" : ").map(|(code, words)| (code.to_owned(), words.to_owned()));
        let coded = |(code, _): &(String, String)| code.starts_with(|c: char| c.is_ascii_digit());
        said.lines().filter_map(remark).filter(coded).collect()
    }

    /// Prints every page at 300 dpi.
    pub fn render(&self) -> Vec<PathBuf> {
        self.render_at(300)
    }

    pub fn render_at(&self, dpi: u32) -> Vec<PathBuf> {
        let root = self.folder.path().join("page");
        run(Command::new("pdftoppm").args(["-gray", "-png", "-r", &dpi.to_string()]).arg(&self.path).arg(root));
        let mut pages: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
            .collect();
        pages.sort();
        pages
    }
}

/// A picture in shades of grey, row by row.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

impl Picture {
    pub fn read(path: &Path) -> Self {
        let out = run(Command::new("convert").arg(path).args(["-colorspace", "Gray", "-depth", "8", "pgm:-"])).stdout;
        // P5, width, height and 255, each behind white space; then the bytes.
        let fields: Vec<&[u8]> = out.splitn(4, |byte| byte.is_ascii_whitespace()).collect();
        let number = |field: &[u8]| std::str::from_utf8(field).unwrap().parse::<usize>().unwrap();
        let (width, height) = (number(fields[1]), number(fields[2]));
        let grey = fields[3].strip_prefix(b"255\n").expect("eight bits a pixel").to_vec();
        assert_eq!(grey.len(), width * height, "{} is whole", path.display());
        Self { width, height, grey }
    }
}

/// Returns what the QR code in the picture says; nothing where there is none.
pub fn zbar(picture: &Path) -> String {
    const NOTHING_FOUND: i32 = 4;
    let mut command = Command::new("zbarimg");
    let out = command.args(["--quiet", "--raw"]).arg(picture).output().unwrap();
    if out.status.code() == Some(NOTHING_FOUND) {
        return String::new();
    }
    String::from_utf8(checked(&command, out).stdout).unwrap().trim_end().to_owned()
}

/// Removes white space: where a reader's tool breaks lines is its own affair.
pub fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn run(command: &mut Command) -> Output {
    let out = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    checked(command, out)
}

fn checked(command: &Command, out: Output) -> Output {
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{command:?} ended with {}: {words}", out.status);
    out
}
