//! `cargo xtask run`: the workstation, on the demo or on a real vault.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::packages::{self, Need};
use crate::screen::{self, Screen};
use crate::{Failure, HELP, Outcome, demo, failed, process, ui};

/// What the shell writes to standard error once the page is drawn and its questions are answered.
const READY: &str = "page ready";
/// Longest wait for [`READY`] before a screenshot.
const READY_WAIT: Duration = Duration::from_secs(60);
/// The last frame may still be on its way to the screen when the page says that it is ready.
const LAST_FRAME: Duration = Duration::from_millis(400);

/// What was asked for on the command line.
#[derive(Debug, PartialEq)]
pub struct Wish {
    vault: Option<PathBuf>,
    docks: Vec<PathBuf>,
    fresh: bool,
    size: String,
    screenshot: Option<PathBuf>,
}

impl Wish {
    /// Reads the words behind `run`.
    pub fn read(words: &[String]) -> Outcome<Self> {
        let mut wish = Self { vault: None, docks: vec![], fresh: false, size: "1366x768".into(), screenshot: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or_else(|| Failure(format!("{word} 后面缺少内容\n\n{HELP}")));
            match word.as_str() {
                "--vault" => wish.vault = Some(value()?.into()),
                "--dock" => wish.docks.push(value()?.into()),
                "--fresh" => wish.fresh = true,
                "--size" => wish.size = checked_size(&value()?)?,
                "--screenshot" => wish.screenshot = Some(value()?.into()),
                other => return Err(Failure(format!("不认识的参数 {other}\n\n{HELP}"))),
            }
        }
        Ok(wish)
    }

    /// Tells whether the demo is meant: neither vault nor dock is named.
    fn is_demo(&self) -> bool {
        self.vault.is_none() && self.docks.is_empty()
    }
}

fn checked_size(text: &str) -> Outcome<String> {
    let parts: Vec<u32> = text.split('x').flat_map(str::parse).collect();
    match parts[..] {
        [width, height] if (640..=7680).contains(&width) && (480..=4320).contains(&height) => Ok(text.to_owned()),
        _ => Err(Failure(format!("屏幕大小应写作 1366x768 这样的形式，而不是 {text}"))),
    }
}

/// Makes everything ready and opens the window; returns when it was closed.
pub fn run(wish: &Wish) -> Outcome {
    packages::ensure(Need::Run)?;
    ui::install()?;
    ui::build()?;
    process::cargo(&["build", "--workspace", "--bins"])?;
    let mut arguments: Vec<PathBuf> = vec![];
    if wish.is_demo() {
        let demo = demo::ready(wish.fresh)?;
        eprintln!("演示库：{}\n演示设备：{}", demo.vault.display(), demo.dock.display());
        arguments.extend(["--vault".into(), demo.vault, "--dock".into(), demo.dock]);
    }
    arguments.extend(wish.vault.iter().flat_map(|vault| ["--vault".into(), vault.clone()]));
    arguments.extend(wish.docks.iter().flat_map(|dock| ["--dock".into(), dock.clone()]));
    open(wish, &arguments)
}

fn open(wish: &Wish, arguments: &[PathBuf]) -> Outcome {
    let screen = Screen::if_needed(&wish.size)?;
    let mut command = process::tied(process::built("evidock-desktop"));
    command.args(arguments).stdin(Stdio::null());
    if let Some(screen) = &screen {
        command.env("DISPLAY", &screen.display);
    }
    let Some(file) = &wish.screenshot else { return process::finish(&mut command) };
    let display = match &screen {
        Some(screen) => screen.display.clone(),
        None => std::env::var("DISPLAY").map_err(failed("截图需要 X 显示器（DISPLAY）"))?,
    };
    let mut window = command.stderr(Stdio::piped()).spawn().map_err(failed("无法打开窗口"))?;
    let shown = wait_until_ready(&mut window).and_then(|()| {
        std::thread::sleep(LAST_FRAME);
        screen::capture(&display, file)
    });
    window.kill().and_then(|()| window.wait()).map_err(failed("无法关闭窗口"))?;
    shown?;
    eprintln!("画面已写入 {}", file.display());
    Ok(())
}

fn wait_until_ready(window: &mut Child) -> Outcome {
    let errors = window.stderr.take().expect("standard error is piped");
    let (sender, ready) = mpsc::channel();
    std::thread::spawn(move || pass_on(errors, &sender));
    ready.recv_timeout(READY_WAIT).map_err(|_| Failure("窗口没有报告页面就绪；见上面的输出".into()))
}

/// Passes the window's messages to the terminal and tells when it reports ready.
fn pass_on(errors: ChildStderr, ready: &mpsc::Sender<()>) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        eprintln!("{line}");
        // Nobody listens any more once the screenshot is taken.
        if line.contains(READY) && ready.send(()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Wish> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Wish::read(&words).ok()
    }

    #[test]
    fn the_command_line_is_read() {
        let real = read("--vault /v --dock /a --dock /b").expect("vault and docks are known words");
        assert_eq!((real.docks.len(), real.is_demo()), (2, false), "every --dock counts, and it is no demo");
        assert!(read("").is_some_and(|wish| wish.is_demo()), "no words mean the demo");
        for wrong in ["--vault", "--size 10x10", "--size wide", "--size 1366x768x24", "--frsh"] {
            assert_eq!(read(wrong), None, "`{wrong}` is refused instead of guessed at");
        }
    }
}
