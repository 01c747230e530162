//! `cargo xtask bench intake`: what an intake takes, beside what the disks allow and what other tools take.
//!
//! Floors are measured with `dd` past the page cache in the same run. A drive behind a throttle stands for a card: its
//! files lie in memory, so that reading them costs the target's disk nothing.

mod card;
mod cases;
mod ceiling;
mod json;
mod peers;
mod report;
mod station;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::mounts;
use crate::packages::{self, Need};
use crate::process::{cargo, finish};
use crate::window_tests::ensure_references;
use crate::{Failure, HELP, Outcome, failed, root};

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// One repetition of small amounts.
    quick: bool,
    /// One case alone.
    case: Option<String>,
    /// Put the tables into `tests/BENCH.md`.
    write: bool,
}

impl Wish {
    /// Reads the words behind `bench`.
    pub fn read(words: &[String]) -> Outcome<Self> {
        let mut words = words.iter().map(String::as_str);
        match words.next() {
            Some("intake") => {}
            other => return Err(Failure(format!("bench 后面应是 intake，不是 {}\n\n{HELP}", other.unwrap_or("空")))),
        }
        let mut wish = Self::default();
        while let Some(word) = words.next() {
            match word {
                "--quick" => wish.quick = true,
                "--write" => wish.write = true,
                "--case" => wish.case = Some(words.next().map(str::to_owned).ok_or_else(which_case)?),
                other => return Err(Failure(format!("不认识的参数 {other}\n\n{HELP}"))),
            }
        }
        if wish.case.as_ref().is_some_and(|name| !cases::NAMES.contains(&name.as_str())) {
            return Err(which_case());
        }
        if wish.write && (wish.quick || wish.case.is_some()) {
            return Err(Failure("--write 只写完整测量的结果，不能与 --quick 或 --case 同用".into()));
        }
        Ok(wish)
    }
}

fn which_case() -> Failure {
    Failure(format!("--case 后面应是 {}", cases::NAMES.join("、")))
}

/// Measures, prints the tables, and keeps them as `target/bench/intake.json`.
pub fn bench(wish: &Wish) -> Outcome {
    packages::ensure(Need::Bench)?;
    ensure_references()?;
    let ours = ["cli", "media", "fixtures", "faultfs"].map(|name| ["--package", name]).concat();
    cargo(&[&["build", "--release", "--bins"], &ours[..]].concat())?;
    let kept = root().join("target/bench");
    let place = kept.join("work");
    let memory = PathBuf::from("/dev/shm").join(format!("evidock-bench-{}", std::process::id()));
    mounts::unmount_below(&place)?;
    clear(&place)?;
    for folder in [&place, &memory] {
        fs::create_dir_all(folder).map_err(failed("无法新建测量目录"))?;
    }
    let measured = cases::measure(wish.quick, wish.case.as_deref(), &place, &memory);
    clear(&memory).and_then(|()| clear(&place))?;
    let report = measured?;
    let tables = report.markdown();
    print(&tables)?;
    let json = kept.join("intake.json");
    fs::write(&json, report.json()).map_err(failed(format!("无法写 {}", json.display())))?;
    if wish.write { report::write_between(&root().join("tests/BENCH.md"), &tables) } else { Ok(()) }
}

fn print(text: &str) -> Outcome {
    use std::io::Write as _;
    std::io::stdout().write_all(text.as_bytes()).map_err(failed("无法写标准输出"))
}

fn drop_caches() -> Outcome {
    finish(&mut Command::new("sync"))?;
    fs::write("/proc/sys/vm/drop_caches", "3").map_err(failed("无法清空页缓存（需要 root）"))
}

fn released(name: &str) -> PathBuf {
    root().join("target/release").join(name)
}

/// Removes a file or a folder with all that is in it; one that is not there is fine.
fn clear(place: &Path) -> Outcome {
    let removed = match fs::symlink_metadata(place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
        Ok(facts) if facts.is_dir() => fs::remove_dir_all(place),
        Ok(_) => fs::remove_file(place),
    };
    removed.map_err(failed(format!("无法清空 {}", place.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_read() {
        let wish = |quick, case: Option<&str>, write| Some(Wish { quick, case: case.map(str::to_owned), write });
        for (line, expected) in [
            ("intake", wish(false, None, false)),
            ("intake --quick --case disk", wish(true, Some("disk"), false)),
            ("intake --write", wish(false, None, true)),
            ("intake --write --quick", None),
            ("intake --case nothing", None),
            ("intake --case", None),
            ("intake --fast", None),
            ("", None),
            ("package", None),
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Wish::read(&words).ok(), expected, "bench {line}");
        }
    }
}
