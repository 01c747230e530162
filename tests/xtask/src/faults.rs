//! `cargo xtask faults`: every row of the fault matrix, pass or fail, then the sweep of every system call.
//!
//! A test stands for a row by its name: `row_37_a_failed_sync_is_final`, `row_24_25_26_…` for several. What only
//! hardware shows stands in `tests/HARDWARE.md` under `### 第 29 行`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, HELP, Outcome, failed, process, root};

/// Rows of the matrix.
const ROWS: std::ops::RangeInclusive<u32> = 1..=60;
/// The rows for a person with a dock.
const CHECKLIST: &str = "tests/HARDWARE.md";
/// The test that strikes system calls.
const SWEEP: &str = "row_43_struck_in_any_system_call";
/// What the sweep strikes; `tests/tests/faults/sweep.rs` reads it.
const STRIKES: &str = "EVIDOCK_SWEEP";

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    Everything,
    /// The rows alone, or the sweep alone.
    Rows,
    Sweep,
    /// One strike, such as `0.2:fsync:7:EIO`.
    Strike(String),
}

impl Wish {
    /// Reads the words behind `faults`.
    pub fn read(words: &[String]) -> Outcome<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            [] => Ok(Self::Everything),
            ["--rows"] => Ok(Self::Rows),
            ["--sweep"] => Ok(Self::Sweep),
            ["--strike", strike] => Ok(Self::Strike(strike.to_owned())),
            _ => Err(Failure(format!("不认识的参数 {}\n\n{HELP}", words.join(" ")))),
        }
    }
}

/// Runs the rows and the sweep; the log of each stays below `target/faults`.
pub fn faults(wish: &Wish) -> Outcome {
    let folder = root().join("target/faults");
    fs::create_dir_all(&folder).map_err(failed("新建日志目录"))?;
    let programs = programs(&folder)?;
    let rows = match wish {
        Wish::Everything | Wish::Rows => rows(&folder, &programs),
        Wish::Sweep | Wish::Strike(_) => Ok(()),
    };
    // A row that fails does not hide what the sweep finds.
    let swept = match wish {
        Wish::Everything | Wish::Sweep => sweep(&folder, &programs, "all"),
        Wish::Strike(strike) => sweep(&folder, &programs, strike),
        Wish::Rows => Ok(()),
    };
    rows.and(swept)
}

/// Builds the programs and puts them where no later build changes them.
fn programs(folder: &Path) -> Outcome<PathBuf> {
    if let Some(folder) = std::env::var_os("EVIDOCK_PROGRAMS") {
        return Ok(folder.into());
    }
    process::cargo(&["build", "--workspace", "--bins", "--locked"])?;
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).map_err(failed("新建程序目录"))?;
    for program in ["evidock", "evidock-probe"] {
        let place = programs.join(program);
        if place.exists() {
            fs::remove_file(&place).map_err(failed(program))?;
        }
        fs::copy(process::built(program), place).map_err(failed(program))?;
    }
    Ok(programs)
}

fn rows(folder: &Path, programs: &Path) -> Outcome {
    let mut test = process::cargo_command(&["test", "--workspace", "--locked", "--no-fail-fast", "row_"]);
    // Those that the quick gate leaves out for their size are run here.
    test.args(["--", "--include-ignored"]).env("EVIDOCK_PROGRAMS", programs);
    let said = told(test, &folder.join("rows.log"), |_| false)?;
    let results: Vec<(&str, bool)> = said.lines().filter_map(result).collect();
    let checklist = fs::read_to_string(root().join(CHECKLIST)).map_err(failed(CHECKLIST))?;
    let by_hand = by_hand(&checklist);
    let table = table(&results);
    eprintln!("\n| 行 | 测试 | 结果 |\n|---|---|---|");
    for row in ROWS {
        for (name, passed) in table.get(&row).into_iter().flatten() {
            eprintln!("| {row} | {name} | {} |", if *passed { "通过" } else { "未通过" });
        }
        if by_hand.contains(&row) {
            eprintln!("| {row} | {CHECKLIST} | 人工 |");
        }
    }
    let failed: Vec<&str> = results.iter().filter(|(_, passed)| !passed).map(|(name, _)| *name).collect();
    let missing: Vec<String> =
        ROWS.filter(|row| !table.contains_key(row) && !by_hand.contains(row)).map(|row| row.to_string()).collect();
    let covered = ROWS.filter(|row| table.contains_key(row)).count();
    eprintln!(
        "rows: {covered} of {} by {} tests, {} failed, {} by hand only, {} missing",
        ROWS.count(),
        results.len(),
        failed.len(),
        by_hand.iter().filter(|row| !table.contains_key(row)).count(),
        missing.len()
    );
    if failed.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(Failure(format!("未通过：{}；没有测试的行：{}", failed.join("、"), missing.join("、"))))
}

/// Reads a line of a test program: `test faults::row_37_a ... ok`. An ignored test has shown nothing.
fn result(line: &str) -> Option<(&str, bool)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.rsplit("::").next()?.trim_end_matches(" - should panic");
    name.starts_with("row_").then_some((name, outcome == "ok"))
}

/// Returns the rows that a test's name says it stands for.
fn numbers(name: &str) -> Vec<u32> {
    let parts = name.strip_prefix("row_").unwrap_or_default().split('_');
    parts.map_while(|part| part.parse().ok()).collect()
}

fn table<'a>(results: &[(&'a str, bool)]) -> BTreeMap<u32, Vec<(&'a str, bool)>> {
    let mut table: BTreeMap<u32, Vec<(&str, bool)>> = BTreeMap::new();
    for (name, passed) in results {
        for row in numbers(name) {
            table.entry(row).or_default().push((name, *passed));
        }
    }
    table
}

/// Returns the rows of the checklist.
fn by_hand(checklist: &str) -> BTreeSet<u32> {
    let number = |line: &str| line.strip_prefix("### 第 ")?.split_once(" 行")?.0.parse().ok();
    checklist.lines().filter_map(number).collect()
}

fn sweep(folder: &Path, programs: &Path, strikes: &str) -> Outcome {
    let mut test = process::cargo_command(&["test", "--workspace", "--locked", "--test", "faults", SWEEP]);
    test.args(["--", "--nocapture"]).env("EVIDOCK_PROGRAMS", programs).env(STRIKES, strikes);
    let log = folder.join("sweep.log");
    let telling =
        |line: &str| line.starts_with("sweep: ") || line.starts_with("VIOLATION ") || line.starts_with("repeat: ");
    let said = told(test, &log, telling)?;
    let summary = said.lines().rev().find(|line| line.starts_with("sweep: ") && line.contains(" violations"));
    let summary = summary.ok_or_else(|| Failure(format!("扫描没有完成，见 {}", log.display())))?;
    if summary.contains(" 0 violations") {
        return Ok(());
    }
    Err(Failure(format!("{summary}\n每一处及其重现命令见 {}", log.display())))
}

/// Runs a command, keeps all that it says in a file, and passes on the lines that are for the terminal.
fn told(mut command: Command, log: &Path, shown: fn(&str) -> bool) -> Outcome<String> {
    let (reader, writer) = std::io::pipe().map_err(failed("新建管道"))?;
    let errors = writer.try_clone().map_err(failed("新建管道"))?;
    let mut file = File::create(log).map_err(failed(log.display()))?;
    eprintln!("{} …", log.display());
    let mut child = command.stdin(Stdio::null()).stdout(writer).stderr(errors).spawn().map_err(failed("启动 cargo"))?;
    // The command holds the other ends of the pipe; the reading ends only when nobody does.
    drop(command);
    let mut said = String::new();
    for line in BufReader::new(reader).lines() {
        let line = line.map_err(failed("读输出"))?;
        writeln!(file, "{line}").map_err(failed(log.display()))?;
        if shown(&line) {
            eprintln!("{line}");
        }
        said.push_str(&line);
        said.push('\n');
    }
    // Failing tests are counted from what they said.
    child.wait().map_err(failed("等待 cargo"))?;
    if said.contains("error: could not compile") {
        return Err(Failure(format!("没有编译成功，见 {}", log.display())));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_rows_it_stands_for() {
        let rows: [(&str, &[u32]); 4] = [
            ("row_37_a_failed_sync_is_final", &[37]),
            ("row_24_25_26_a_hostile_card", &[24, 25, 26]),
            ("row_43_4_clips", &[43, 4]),
            ("rows_are_counted", &[]),
        ];
        for (name, expected) in rows {
            assert_eq!(numbers(name), expected, "{name}");
        }
    }

    #[test]
    fn results_are_read_as_the_test_program_writes_them() {
        let rows = [
            ("test sweep::row_43_struck ... ok", Some(("row_43_struck", true))),
            ("test row_11_an_empty_file ... FAILED", Some(("row_11_an_empty_file", false))),
            ("test row_11_an_empty_file ... ignored", Some(("row_11_an_empty_file", false))),
            ("test a::b ... ok", None),
            ("test result: ok. 1 passed; 0 failed", None),
        ];
        for (line, expected) in rows {
            assert_eq!(result(line), expected, "{line}");
        }
    }

    #[test]
    fn the_checklist_names_rows_by_number() {
        let found = by_hand("# 清单\n### 第 29 行 · 脏卷\n正文第 7 行\n### 第 33 行\n");
        assert_eq!(found, BTreeSet::from([29, 33]), "headings count, text does not");
    }

    #[test]
    fn the_command_line_is_read() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Wish::read(&words).ok()
        };
        assert_eq!(read(""), Some(Wish::Everything), "no words mean all");
        assert_eq!(read("--strike 0.2:fsync:7:EIO"), Some(Wish::Strike("0.2:fsync:7:EIO".into())), "one call");
        assert_eq!(read("--strikes"), None, "what is not known is refused");
    }
}
