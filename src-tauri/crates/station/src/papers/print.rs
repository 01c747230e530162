//! 打印: through the system's own print service (CUPS), by `lp` and `lpstat`.

use crate::{Act, Failure, Station, authorise};
use model::{Actor, ErrorCode};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Papers are set for A4; a queue's own default may be another size.
const MEDIA: &str = "media=iso_a4_210x297mm";

/// A printer as the system names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printer {
    pub name: String,
    /// The one that is used unless another is chosen.
    pub usual: bool,
}

/// What the print service took over. What came out of the printer it does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintJob {
    pub printer: String,
    /// As the print service counts.
    pub id: String,
}

impl Station {
    /// Returns the printers that are set up; none where there is no print service.
    pub fn printers(&self) -> Result<Vec<Printer>, Failure> {
        let Some(listed) = ask("lpstat", &["-e"])? else { return Ok(Vec::new()) };
        let usual = ask("lpstat", &["-d"])?.map(|said| usual_of(&said)).unwrap_or_default();
        Ok(printers_of(&listed, usual.as_deref()))
    }

    /// Sends a paper to a printer, the system's usual one unless another is named.
    pub fn print_paper(&self, actor: &Actor, number: &str, printer: Option<&str>) -> Result<PrintJob, Failure> {
        authorise(self, actor, Act::Paper)?;
        let (paper, _) = self.paper_pdf(number)?;
        let printers = self.printers()?;
        let chosen = match printer {
            Some(name) => printers.iter().find(|printer| printer.name == name),
            None => printers.iter().find(|printer| printer.usual).or(printers.first()),
        };
        let chosen = chosen.ok_or_else(|| Failure::new(ErrorCode::PrinterMissing))?;
        send("lp", &chosen.name, &paper.pdf, number)
    }
}

/// Asks the print service; `None` where it is not there or has nothing.
fn ask(program: &str, arguments: &[&str]) -> Result<Option<String>, Failure> {
    match run(program, arguments, None) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(ErrorCode::PrintFailed).because(error)),
        Ok(output) if !output.status.success() => Ok(None),
        Ok(output) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
    }
}

/// Runs a program of the print service, in words that can be read back.
fn run(program: &str, arguments: &[&str], file: Option<&Path>) -> std::io::Result<Output> {
    Command::new(program).args(arguments).args(file).env("LC_ALL", "C").stdin(Stdio::null()).output()
}

fn send(program: &str, printer: &str, pdf: &Path, title: &str) -> Result<PrintJob, Failure> {
    let failed = || Failure::new(ErrorCode::PrintFailed).with("printer", printer);
    let output = run(program, &["-d", printer, "-t", title, "-o", MEDIA, "--"], Some(pdf))
        .map_err(|error| failed().because(error))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match job_of(&said).filter(|_| output.status.success()) {
        Some(id) => Ok(PrintJob { printer: printer.to_owned(), id }),
        None => Err(failed().because(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// Reads `request id is Office-12 (1 file(s))`.
fn job_of(said: &str) -> Option<String> {
    let (id, _) = said.trim().strip_prefix("request id is ")?.split_once(' ')?;
    Some(id.to_owned())
}

/// Reads `system default destination: Office`.
fn usual_of(said: &str) -> Option<String> {
    said.trim().strip_prefix("system default destination: ").map(str::to_owned)
}

/// Reads one name a line.
fn printers_of(listed: &str, usual: Option<&str>) -> Vec<Printer> {
    let names = listed.lines().map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| Printer { name: name.to_owned(), usual: usual == Some(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// Writes a stand-in for `lp` that says what it was given.
    fn stand_in(folder: &Path, script: &str) -> String {
        let path = folder.join("lp");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a folder of its own");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its own file");
        path.display().to_string()
    }

    #[test]
    fn a_paper_is_handed_over_on_a4_or_the_refusal_is_told() {
        let folder = tempfile::tempdir().expect("a place for temporary files");
        let told = folder.path().join("told");
        let lp = stand_in(
            folder.path(),
            &format!("echo \"$@\" > {}; echo 'request id is 一楼-7 (1 file(s))'", told.display()),
        );
        let job = send(&lp, "一楼", Path::new("/vault/a.pdf"), "中止〔2026〕1号").expect("it was taken over");
        assert_eq!(job, PrintJob { printer: "一楼".into(), id: "一楼-7".into() });
        let words = std::fs::read_to_string(&told).expect("the stand-in wrote it");
        assert_eq!(
            words.trim(),
            format!("-d 一楼 -t 中止〔2026〕1号 -o {MEDIA} -- /vault/a.pdf"),
            "on A4, by its number"
        );
        for script in ["echo 'lp: stopped' >&2; exit 1", "echo 'request id is x-1 (1 file(s))'; exit 1", "exit 0"] {
            let lp = stand_in(folder.path(), script);
            let refused = send(&lp, "一楼", Path::new("/vault/a.pdf"), "甲").expect_err(script);
            assert_eq!(refused.code, ErrorCode::PrintFailed, "{script}");
        }
        let gone = send("/nowhere/lp", "一楼", Path::new("/vault/a.pdf"), "甲").expect_err("there is no such program");
        assert_eq!(gone.code, ErrorCode::PrintFailed, "a program that is gone is told, too");
        assert!(ask("/nowhere/lpstat", &["-e"]).expect("no failure").is_none(), "without a print service no printer");
    }

    #[test]
    fn what_the_print_service_says_is_read() {
        for (said, id) in [
            ("request id is Office-12 (1 file(s))\n", Some("Office-12")),
            ("request id is 一楼-7 (1 file(s))", Some("一楼-7")),
            ("lp: Error - no default destination available.", None),
            ("", None),
        ] {
            assert_eq!(job_of(said).as_deref(), id, "{said:?}");
        }
        for (said, usual) in
            [("system default destination: Office\n", Some("Office")), ("no system default destination\n", None)]
        {
            assert_eq!(usual_of(said).as_deref(), usual, "{said:?}");
        }
        let listed = printers_of("Office\n\n一楼\n", Some("一楼"));
        let told: Vec<(&str, bool)> = listed.iter().map(|printer| (printer.name.as_str(), printer.usual)).collect();
        assert_eq!(told, [("Office", false), ("一楼", true)], "the usual one is marked");
    }
}
