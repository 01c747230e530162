//! `cargo xtask test`: everything that must hold, one stage after the other.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::packages::{self, Need};
use crate::{Failure, Outcome, process, root, ui, window_tests};

/// A stage of the gate.
struct Stage {
    name: &'static str,
    /// Whether the stages behind it are pointless without it.
    needed: bool,
    act: fn() -> Outcome,
}

const fn needed(name: &'static str, act: fn() -> Outcome) -> Stage {
    Stage { name, needed: true, act }
}

const fn checked(name: &'static str, act: fn() -> Outcome) -> Stage {
    Stage { name, needed: false, act }
}

/// Builds come before the tests that start the built programs; the same selection of packages everywhere, so that
/// nothing is built twice.
const STAGES: &[Stage] = &[
    needed("系统软件包", || packages::ensure(Need::Test)),
    needed("npm 包", ui::install),
    needed("检验工具", window_tests::ensure_references),
    needed("构建界面", ui::build),
    checked("格式", || process::cargo(&["fmt", "--check"])),
    checked("clippy", || {
        process::cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
    }),
    needed("构建程序", || process::cargo(&["build", "--workspace", "--bins", "--locked"])),
    checked("Rust 测试", rust_tests),
    checked("接口类型未变", bindings_unchanged),
    checked("界面检查与测试", ui::check),
    checked("真实窗口", || window_tests::end_to_end(&[])),
    checked("真实输入法", window_tests::input_method),
];

/// Runs all stages; a failed check does not hide the others.
pub fn test() -> Outcome {
    let start = Instant::now();
    let mut failures = vec![];
    let mut passed = 0;
    for stage in STAGES {
        eprintln!("\n━━ {}", stage.name);
        let begun = Instant::now();
        let outcome = (stage.act)();
        let took = seconds(begun.elapsed());
        match outcome {
            Ok(()) => {
                passed += 1;
                eprintln!("━━ {} 通过，{took}", stage.name);
            }
            Err(Failure(words)) => {
                eprintln!("━━ {} 未通过，{took}：{words}", stage.name);
                failures.push(stage.name);
                if stage.needed {
                    break;
                }
            }
        }
    }
    let total = seconds(start.elapsed());
    if failures.is_empty() {
        eprintln!("\n✔ 全部 {passed} 项通过，共 {total}");
        return Ok(());
    }
    let left = STAGES.len() - passed - failures.len();
    Err(Failure(format!("{passed} 项通过，未通过：{}，未进行 {left} 项，共 {total}", failures.join("、"))))
}

/// The acceptance tests start the programs that were just built, not others that they would build themselves.
fn rust_tests() -> Outcome {
    let mut test = process::cargo_command(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    process::finish(test.env("EVIDOCK_PROGRAMS", root().join("target/debug")))
}

/// The Rust tests have just written the bindings again: git must see no difference and no new file.
fn bindings_unchanged() -> Outcome {
    let mut status = Command::new("git");
    status.args(["status", "--porcelain", "--untracked-files=all", "--", "ui/src/host/generated"]).current_dir(root());
    let changed = process::output(&mut status)?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(Failure(format!("生成的接口类型与提交的不同，请一并提交：\n{changed}")))
}

fn seconds(took: Duration) -> String {
    format!("{:.1} 秒", took.as_secs_f32())
}
