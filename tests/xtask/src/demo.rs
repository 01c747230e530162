//! The demo: a vault of an invented bureau and three generated recorder drives in a dock folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Outcome, failed, process, root};

/// 姓名、执法证号、职务、科室; invented.
const PEOPLE: &[[&str; 4]] =
    &[["李娜", "GZ36012", "执法队员", "执法一中队"], ["王强", "GZ36015", "中队长", "执法一中队"]];

/// Where the demo's vault and dock lie.
pub struct Demo {
    pub vault: PathBuf,
    pub dock: PathBuf,
}

/// Returns the demo, made once; `fresh` makes it anew.
pub fn ready(fresh: bool) -> Outcome<Demo> {
    let folder = root().join("target/demo");
    let demo = Demo { vault: folder.join("vault"), dock: folder.join("dock") };
    let whole = folder.join("whole");
    if !fresh && whole.is_file() {
        return Ok(demo);
    }
    eprintln!("生成演示库和三台演示记录仪…");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed(format!("无法清除 {}", folder.display())))?;
    }
    fs::create_dir_all(&demo.dock).map_err(failed(format!("无法建立 {}", demo.dock.display())))?;
    process::finish(Command::new(process::built("fixtures")).arg("demo").arg(&demo.dock))?;
    seed(&demo.vault)?;
    fs::write(&whole, "").map_err(failed(format!("无法写入 {}", whole.display())))?;
    Ok(demo)
}

/// Makes the demo's vault through the command line, as a bureau would.
fn seed(vault: &Path) -> Outcome {
    let evidock = |arguments: &[&str]| {
        let mut command = Command::new(process::built("evidock"));
        process::finish(command.arg("--vault").arg(vault).args(arguments).stdout(Stdio::null()))
    };
    evidock(&["init", "--unit", "示例文化和旅游局", "--rules", "gx-liulin"])?;
    PEOPLE.iter().try_for_each(|[name, certificate, duty, department]| {
        evidock(&["people", "add", name, "--certificate", certificate, "--duty", duty, "--department", department])
    })
}
