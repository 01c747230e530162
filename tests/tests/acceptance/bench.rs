//! A vault of its own per test, and the built `evidock` to work on it.

use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Names a folder that holds `evidock` and `evidock-probe` already; without it they are built.
const PROGRAMS: &str = "EVIDOCK_PROGRAMS";

/// Returns the folder of the build that this test belongs to: `target/debug`.
fn build_folder() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.ancestors().nth(2).expect("a test program lies in deps/ of its build").to_owned()
}

/// Returns the root of the build: `target`.
pub fn target_folder() -> PathBuf {
    build_folder().parent().expect("a profile has its folder in the build's").to_owned()
}

/// Returns the program, built on first use: `cargo test -p acceptance` builds nothing else.
fn evidock() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(folder) = std::env::var_os(PROGRAMS) {
            return Path::new(&folder).join("evidock");
        }
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--quiet", "--package", "cli", "--package", "media"]);
        if build_folder().ends_with("release") {
            build.arg("--release");
        }
        let ended = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(ended.success(), "evidock and evidock-probe are built: {ended}");
        build_folder().join("evidock")
    })
}

/// A folder for one test, with a vault in it.
pub struct Bench {
    folder: TempDir,
}

/// How a command ended and what it wrote.
#[derive(Debug)]
pub struct Ran {
    pub line: String,
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    /// Returns a bench without a vault.
    pub fn empty() -> Self {
        // On the disk of the build: a system's temporary folder may be memory, which has no cold pages.
        Self { folder: TempDir::with_prefix_in("evidock-", env!("CARGO_TARGET_TMPDIR")).unwrap() }
    }

    /// Returns a bench with a fresh vault.
    pub fn new() -> Self {
        let bench = Self::empty();
        bench.clean(&["init", "--unit", "麒麟区文化和旅游局", "--rules", "qj-qilin"]);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a path as a command takes it.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// Returns a command on this bench's vault.
    pub fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(evidock());
        command.env_remove("EVIDOCK_VAULT").env("EVIDOCK_VAULT", self.vault()).args(words).stdin(Stdio::null());
        command.current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Ran {
        let line: Vec<_> = words.iter().map(|word| word.as_ref().to_string_lossy()).collect();
        let ended = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Ran {
            line: line.join(" "),
            status: ended.status.code().expect("the command ends by itself"),
            out: text(ended.stdout),
            err: text(ended.stderr),
        }
    }

    /// Runs a command that has to end clean.
    pub fn clean<S: AsRef<OsStr>>(&self, words: &[S]) -> Ran {
        self.run(words).ending(0)
    }

    /// Runs a command with `--json` that has to end with this status, and returns its document.
    pub fn document<S: AsRef<OsStr>>(&self, words: &[S], status: i32) -> Value {
        let mut all: Vec<&OsStr> = words.iter().map(AsRef::as_ref).collect();
        all.push(OsStr::new("--json"));
        self.run(&all).ending(status).document()
    }

    /// Starts a command and returns while it runs.
    pub fn start<S: AsRef<OsStr>>(&self, words: &[S]) -> Child {
        self.command(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }
}

impl Ran {
    /// Returns the same, if it ended with this status.
    pub fn ending(self, status: i32) -> Self {
        assert_eq!(self.status, status, "`evidock {}` ends with {status}\n{}\n{}", self.line, self.out, self.err);
        self
    }

    /// Returns the one document on standard output.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("`evidock {}` writes one document: {error}\n{}", self.line, self.out))
    }
}

/// Returns the texts under a key of a list.
pub fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list of {key}: {list}"));
    list.iter().map(|one| one[key].as_str().unwrap_or_else(|| panic!("{key} is text: {one}")).to_owned()).collect()
}

/// Returns a text of a document.
pub fn text<'a>(document: &'a Value, key: &str) -> &'a str {
    document[key].as_str().unwrap_or_else(|| panic!("{key} is text: {document}"))
}
