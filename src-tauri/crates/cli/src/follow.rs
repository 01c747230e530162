//! Long work: a progress line on a terminal, and Ctrl-C that ends it in good order.

use crate::output::tell;
use crate::render::{duration, size};
use crate::words::{say, state};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Time between two looks at the work: 5 Hz.
const PULSE: Duration = Duration::from_millis(200);

/// Set by the first Ctrl-C or SIGTERM; the second one ends the process as if nobody listened.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub fn listen() -> io::Result<Self> {
        let set = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // In this order: the signal that sets the flag does not see it set.
            flag::register_conditional_default(signal, Arc::clone(&set.0))?;
            flag::register(signal, Arc::clone(&set.0))?;
        }
        Ok(set)
    }

    /// Tells whether somebody wants to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The one line on standard error that changes while work goes on. Only on a terminal.
pub struct Line {
    terminal: bool,
    shown: bool,
}

impl Line {
    pub fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), shown: false }
    }

    pub fn show(&mut self, text: &str) {
        if self.terminal {
            let mut to = io::stderr();
            // A terminal that is gone has nobody before it.
            drop(write!(to, "\r\x1b[K{text}").and_then(|()| to.flush()));
            self.shown = true;
        }
    }

    pub fn clear(&mut self) {
        if self.shown {
            self.show("");
            self.shown = false;
        }
    }
}

/// Does work on a thread of its own, shows how far it is, and calls `stop` once somebody wants to stop; it may be
/// called again until the work has ended.
pub fn follow<T: Send>(
    interrupt: &Interrupt,
    look: impl Fn() -> Option<String>,
    stop: impl Fn(),
    work: impl FnOnce() -> T + Send,
) -> T {
    std::thread::scope(|scope| {
        let (end, ended) = channel::<()>();
        let working = scope.spawn(move || {
            let result = work();
            drop(end);
            result
        });
        let (mut line, mut told) = (Line::new(), false);
        while ended.recv_timeout(PULSE) == Err(RecvTimeoutError::Timeout) {
            if interrupt.is_set() {
                if !std::mem::replace(&mut told, true) {
                    line.clear();
                    tell(&say("stopping", &[]));
                }
                stop();
            }
            if let Some(text) = look() {
                line.show(&text);
            }
        }
        line.clear();
        match working.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Words the progress of an intake, from the begin of the command.
pub fn intake_line(job: &wire::dto::JobView, began: Instant) -> String {
    let (stage, passed) = (crate::render::code(&job.stage), began.elapsed().as_secs_f64());
    let files = (job.files_done.to_string(), job.files_total.to_string());
    let mut line = say(
        "progress_files",
        &[
            ("stage", state("job_stage", &stage)),
            ("files_done", &files.0),
            ("files_total", &files.1),
            ("bytes_done", &size(job.bytes_done)),
            ("bytes_total", &size(job.bytes_total)),
        ],
    );
    if job.bytes_done > 0 && passed > 1.0 {
        let speed = (job.bytes_done as f64 / passed) as u64;
        let left = job.bytes_total.saturating_sub(job.bytes_done).checked_div(speed).unwrap_or(0);
        line += &say("progress_speed", &[("speed", &size(speed)), ("left", &duration(left))]);
    }
    line
}

/// Words the progress of a task.
pub fn task_line(task: &wire::dto::TaskView) -> String {
    let stage = crate::render::code(&task.stage);
    stage_line(state("task_stage", &stage), task.done_bytes, task.total_bytes)
}

/// Words how far a stage is, as a share: stages count in bytes, files or per cent.
pub fn stage_line(stage: &str, done: u64, total: u64) -> String {
    let share = done.saturating_mul(100).checked_div(total).unwrap_or(0);
    say("progress_share", &[("stage", stage), ("share", &share.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_asked_to_stop_and_its_result_comes_back() {
        let (interrupt, stopped) = (Interrupt::default(), AtomicBool::new(false));
        interrupt.0.store(true, Ordering::Relaxed);
        let stop = || stopped.store(true, Ordering::Relaxed);
        let result = follow(
            &interrupt,
            || None,
            stop,
            || {
                while !stopped.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                7
            },
        );
        assert_eq!(result, 7, "work that heard the call returns what it has");
        assert_eq!(follow(&Interrupt::default(), || None, || panic!("nobody asked"), || 8), 8, "work in peace");
    }

    #[test]
    fn a_share_is_never_more_than_it_is() {
        for (done, total, share) in [(0, 0, "0%"), (1, 3, "33%"), (3, 3, "100%"), (u64::MAX / 50, u64::MAX, "1%")] {
            assert!(stage_line("校验", done, total).ends_with(share), "{done} of {total}");
        }
    }
}
