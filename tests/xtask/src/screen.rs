//! A virtual screen for machines without a display.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Failure, Outcome, failed, process};

/// Time a window manager needs before it takes windows in hand.
const WINDOW_MANAGER_START: Duration = Duration::from_millis(500);

/// An X server with a window manager; both end with it.
pub struct Screen {
    pub display: String,
    children: Vec<Child>,
}

impl Screen {
    /// Starts one when there is no display; `size` is `WIDTHxHEIGHT`.
    pub fn if_needed(size: &str) -> Outcome<Option<Self>> {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if set("DISPLAY") || set("WAYLAND_DISPLAY") {
            return Ok(None);
        }
        eprintln!("没有显示器：启动虚拟屏幕 {size}（Xvfb）。用 --screenshot 文件 可以看到画面。");
        Self::start(size).map(Some)
    }

    /// Starts the X server on a free number and a window manager on it.
    fn start(size: &str) -> Outcome<Self> {
        let mut server = process::tied("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{size}x24")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("无法启动 Xvfb"))?;
        let mut number = String::new();
        let output = server.stdout.take().expect("standard output is piped");
        let told = BufReader::new(output).read_line(&mut number);
        let mut screen = Self { display: format!(":{}", number.trim()), children: vec![server] };
        if told.is_err() || number.trim().is_empty() {
            return Err(Failure(format!("虚拟屏幕没有启动（大小 {size}）")));
        }
        let manager = process::tied("openbox")
            .env("DISPLAY", &screen.display)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("无法启动 openbox"))?;
        screen.children.push(manager);
        std::thread::sleep(WINDOW_MANAGER_START);
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Last started, first ended: a window manager without its server complains.
        for child in self.children.iter_mut().rev() {
            if let Err(error) = child.kill().and_then(|()| child.wait()) {
                eprintln!("虚拟屏幕的进程 {} 没有结束：{error}", child.id());
            }
        }
    }
}

/// Writes the whole screen to an image file.
pub fn capture(display: &str, file: &std::path::Path) -> Outcome {
    process::finish(Command::new("import").args(["-silent", "-window", "root"]).arg(file).env("DISPLAY", display))
}
