//! Tools that are not ours: what they say of our files counts.

use crate::bench::target_folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const BAGIT: &str = "bagit==1.9.0";
/// Names a `bagit.py` that is installed already.
const BAGIT_PROGRAM: &str = "EVIDOCK_BAGIT";

/// Runs a tool that has to succeed, and returns its standard output.
pub fn tool(program: impl AsRef<Path>, words: &[&str], folder: &Path) -> String {
    let shown = format!("{} {}", program.as_ref().display(), words.join(" "));
    let ended = Command::new(program.as_ref()).args(words).current_dir(folder).env("LC_ALL", "C.UTF-8").output();
    let ended = ended.unwrap_or_else(|error| panic!("{shown}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{shown}: {}\n{out}\n{err}", ended.status);
    out.into_owned()
}

/// Returns the digests of files by `b3sum` or `sha256sum`, by path.
pub fn digests(program: &str, files: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let digest = |file: &PathBuf| {
        let name = file.to_str().expect("names of these tests are text");
        let line = tool(program, &["--", name], Path::new("."));
        (file.clone(), line.trim_start_matches('\\')[..64].to_owned())
    };
    files.iter().map(digest).collect()
}

/// Returns the SM3 of a file by openssl.
pub fn sm3(file: &Path) -> String {
    let line = tool("openssl", &["dgst", "-sm3", "-r", file.to_str().unwrap()], Path::new("."));
    line[..64].to_owned()
}

/// Fails unless every list of a package holds, and the reference implementation of BagIt accepts it.
pub fn accept_package(folder: &Path) {
    tool("sha256sum", &["--check", "--strict", "--quiet", "manifest-sha256.txt"], folder);
    tool("sha256sum", &["--check", "--strict", "--quiet", "tagmanifest-sha256.txt"], folder);
    tool("b3sum", &["--check", "--quiet", "manifest-blake3.txt"], folder);
    tool("b3sum", &["--check", "--quiet", "tagmanifest-blake3.txt"], folder);
    let (python, bagit) = bagit();
    tool(python, &[bagit.to_str().unwrap(), "--validate", folder.to_str().unwrap()], folder);
}

/// Returns a Python and the `bagit.py` it runs; installed into the build's folder where nobody has.
fn bagit() -> &'static (PathBuf, PathBuf) {
    static FOUND: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(program) = std::env::var_os(BAGIT_PROGRAM) {
            return ("python3".into(), program.into());
        }
        let venv = target_folder().join("venv");
        let (python, program) = (venv.join("bin/python"), venv.join("bin/bagit.py"));
        if !program.is_file() {
            // Debian's own Python: another one on the search path may lack the venv module.
            let system = Path::new("/usr/bin/python3");
            let system = if system.is_file() { system } else { Path::new("python3") };
            tool(system, &["-m", "venv", "--clear", venv.to_str().unwrap()], Path::new("."));
            tool(venv.join("bin/pip"), &["install", "--quiet", BAGIT], Path::new("."));
        }
        (python, program)
    })
}

/// Takes everything out of an image.
pub fn extract(image: &Path, folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let words = ["-osirrox", "on:auto_chmod_on", "-indev", image.to_str().unwrap(), "-extract", "/"];
    tool("xorriso", &[words.as_slice(), &[folder.to_str().unwrap()]].concat(), folder);
}

/// Returns the words of a PDF that qpdf finds sound, without white space: lines break where they like.
pub fn pdf_words(file: &Path) -> String {
    tool("qpdf", &["--check", file.to_str().unwrap()], Path::new("."));
    let text = tool("pdftotext", &["-raw", file.to_str().unwrap(), "-"], Path::new("."));
    text.split_whitespace().collect()
}

/// Returns all files below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
