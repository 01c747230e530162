//! The UI: npm packages and `ui/dist`, each made anew only when its input changed.

use std::process::Command;

use crate::{Outcome, process, root, stamp};

/// Installs the npm packages that `package-lock.json` names.
pub fn install() -> Outcome {
    let ui = root().join("ui");
    let input = stamp::of(&[ui.join("package-lock.json")])?;
    if ui.join("node_modules").is_dir() && stamp::current("npm", &input) {
        return Ok(());
    }
    eprintln!("安装界面所需的 npm 包…");
    npm(&["ci", "--no-audit", "--no-fund"])?;
    stamp::keep("npm", &input)
}

/// Builds `ui/dist`.
pub fn build() -> Outcome {
    let input = stamp::of(&[root().join("ui"), root().join("assets/wording")])?;
    if root().join("ui/dist/index.html").is_file() && stamp::current("ui", &input) {
        return Ok(());
    }
    eprintln!("构建界面…");
    npm(&["run", "build"])?;
    stamp::keep("ui", &input)
}

/// Type check and tests of the UI.
pub fn check() -> Outcome {
    npm(&["run", "check"])?;
    npm(&["test"])
}

fn npm(arguments: &[&str]) -> Outcome {
    process::finish(Command::new("npm").args(arguments).current_dir(root().join("ui")))
}
