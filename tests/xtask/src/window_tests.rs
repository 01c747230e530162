//! The tests that need the real window: node scripts in `tests/e2e`, each on its own virtual screen.

use std::process::Command;

use crate::{Failure, Outcome, failed, process, root};

/// Journeys that `cargo xtask e2e` and `test` run, in this order.
const JOURNEYS: &[&str] = &["journey", "media", "faults", "rules"];
/// The checker of archive packages, and the calendar that the legal clock is compared with.
const REFERENCES: &[&str] = &["bagit==1.9.0", "chinesecalendar==1.11.0"];

/// Runs the named journeys, or all.
pub fn end_to_end(names: &[String]) -> Outcome {
    let unknown = names.iter().find(|name| !JOURNEYS.contains(&name.as_str()));
    if let Some(name) = unknown {
        return Err(Failure(format!("没有名为 {name} 的窗口测试；有 {}", JOURNEYS.join("、"))));
    }
    let chosen = JOURNEYS.iter().filter(|journey| names.is_empty() || names.iter().any(|name| name == *journey));
    chosen.into_iter().try_for_each(|journey| script(&[], journey))
}

/// Types Chinese through a real input method, on a session bus of its own.
pub fn input_method() -> Outcome {
    script(&["dbus-run-session", "--"], "ime")
}

/// Writes pictures of every page to `target/shots`.
pub fn shots() -> Outcome {
    script(&[], "shots")
}

fn script(prefix: &[&str], name: &str) -> Outcome {
    let file = format!("tests/e2e/{name}.mjs");
    let words: Vec<&str> = prefix.iter().copied().chain(["node", &file]).collect();
    let mut command = process::tied(words[0]);
    process::finish(command.args(&words[1..]).current_dir(root()))
}

/// Installs the references, tools that are not ours, in an environment of their own.
pub fn ensure_references() -> Outcome {
    let venv = root().join("target/venv");
    let wanted = REFERENCES.join(" ");
    // An acceptance test that finds no environment makes one with its own tool alone: this file says what is in it.
    let list = venv.join("references");
    if std::fs::read_to_string(&list).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("安装检验工具 {wanted}…");
    // Debian's own Python: another one on the search path may lack the venv module.
    let debian = "/usr/bin/python3";
    let python = if std::path::Path::new(debian).is_file() { debian } else { "python3" };
    process::finish(Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = Command::new(venv.join("bin/pip"));
    process::finish(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(REFERENCES))?;
    std::fs::write(&list, wanted).map_err(failed(format!("无法写入 {}", list.display())))
}
