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
        let paper = self.paper(number)?;
        let printers = self.printers()?;
        let chosen = match printer {
            Some(name) => printers.iter().find(|printer| printer.name == name),
            None => printers.iter().find(|printer| printer.usual).or(printers.first()),
        };
        let chosen = chosen.ok_or_else(|| Failure::new(ErrorCode::PrinterMissing))?;
        send(&chosen.name, &paper.pdf, number)
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

fn send(printer: &str, pdf: &Path, title: &str) -> Result<PrintJob, Failure> {
    let failed = || Failure::new(ErrorCode::PrintFailed).with("printer", printer);
    let output = run("lp", &["-d", printer, "-t", title, "-o", MEDIA, "--"], Some(pdf))
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
