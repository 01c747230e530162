//! Runs a program under ptrace, lists its system calls, and strikes one of them.
//!
//! A call is addressed by the thread that makes it, its name, and how many calls of that name the thread has made. A
//! thread is named by its descent, so that a race between threads renames none: `0` is the first, `0.2` the second
//! that it starts, `0.2.1` the first that this one starts. `strace -e inject` counts like this too, but applies one count to all threads at
//! once: whichever thread gets there first hides the others. Programs that the traced one starts run untraced.

use crate::calls::name;
use nix::errno::Errno;
use nix::libc::{PTRACE_EVENT_CLONE, PTRACE_EVENT_EXEC, PTRACE_SYSCALL_INFO_EXIT};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::fmt::{Display, Formatter};
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// From whom a thread descends: the how-many-eth child of each, the first thread's zero left out.
pub type Descent = Vec<u32>;

/// A system call of a run: the `nth` call of this number that this thread makes, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    pub thread: Descent,
    pub number: u64,
    pub nth: u32,
}

/// What happens instead of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The whole process is killed; the call is not made.
    Kill,
    /// The call is not made and returns this error.
    Fail(Errno),
}

/// A call and what happens to it. As text: `0.2:fsync:7:EIO`, thread, name, count and blow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    pub call: Call,
    pub blow: Blow,
}

impl Display for Strike {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Call { thread, number, nth } = &self.call;
        let thread: String = thread.iter().map(|child| format!(".{child}")).collect();
        let blow = match self.blow {
            Blow::Kill => "SIGKILL".to_owned(),
            Blow::Fail(errno) => format!("{errno:?}"),
        };
        write!(f, "0{thread}:{}:{nth}:{blow}", name(*number))
    }
}

impl FromStr for Strike {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no strike such as 0.2:fsync:7:EIO");
        let [thread, call, nth, blow] = text.split(':').collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
        let blow = match blow {
            "SIGKILL" => Blow::Kill,
            "EIO" => Blow::Fail(Errno::EIO),
            "ENOSPC" => Blow::Fail(Errno::ENOSPC),
            _ => return Err(wrong()),
        };
        let number = crate::calls::number(call).ok_or_else(wrong)?;
        let nth = nth.parse().map_err(|_| wrong())?;
        let descent = thread.split('.').skip(1).map(str::parse).collect::<Result<_, _>>();
        let thread = descent.map_err(|_| wrong())?;
        Ok(Self { call: Call { thread, number, nth }, blow })
    }
}

/// How a traced run went.
pub struct Traced {
    /// Every call in the order in which it was entered.
    pub calls: Vec<Call>,
    /// Whether the strike met its call.
    pub struck: bool,
    /// The exit status; `None` where a signal ended the run.
    pub status: Option<i32>,
    /// Whether it had to be killed because it did not end in time.
    pub hung: bool,
    /// What it wrote to standard output and standard error.
    pub said: String,
}

/// Runs a command to its end, with at most one call struck.
#[allow(clippy::zombie_processes, reason = "the tracer waits for the child")]
pub fn run(command: &Command, strike: Option<Strike>, limit: Duration) -> Traced {
    let mut child = waiting(command);
    let process = pid(&child);
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(process, options).expect("a child of ours lets itself be traced");
    child.stdin.take().expect("standard input is piped").write_all(b"go\n").expect("the child waits for this line");
    let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let reader = std::thread::spawn(move || {
        let mut said = vec![];
        out.read_to_end(&mut said).expect("standard output of a child is readable");
        said
    });
    let complaints = std::thread::spawn(move || {
        let mut said = vec![];
        err.read_to_end(&mut said).expect("standard error of a child is readable");
        said
    });
    let (ended, still_running) = channel::<()>();
    let watchdog = std::thread::spawn(move || {
        let late = still_running.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        // It may have ended at this very moment.
        late && kill(process, Signal::SIGKILL).is_ok()
    });
    let mut tracer = Tracer {
        process,
        strike,
        threads: HashMap::new(),
        counts: HashMap::new(),
        orphans: vec![],
        calls: vec![],
        struck: false,
    };
    let status = tracer.follow();
    drop(ended);
    let hung = watchdog.join().expect("the watchdog only waits");
    let said = [reader, complaints].map(|one| one.join().expect("readers only read")).concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Traced { calls: tracer.calls, struck: tracer.struck, status, hung, said }
}

/// Starts a shell that becomes the command as soon as it reads a line.
fn waiting(command: &Command) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "read go; exec \"$@\" </dev/null", "sh"]).arg(command.get_program()).args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(key, value),
            None => shell.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell starts")
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().expect("process ids are small"))
}

/// What a thread is doing.
#[derive(Default)]
struct Thread {
    descent: Descent,
    children: u32,
    /// The error that the call it is in will return.
    owed: Option<Errno>,
}

struct Tracer {
    process: Pid,
    strike: Option<Strike>,
    threads: HashMap<Pid, Thread>,
    counts: HashMap<(Descent, u64), u32>,
    /// Threads that stand still because nobody has told yet who started them.
    orphans: Vec<Pid>,
    calls: Vec<Call>,
    struck: bool,
}

impl Tracer {
    /// Follows every thread until the process has ended; returns its exit status.
    fn follow(&mut self) -> Option<i32> {
        loop {
            // Children of this thread only: other tests run beside.
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            match waitpid(Pid::from_raw(-1), Some(flags)).expect("the process is there until it has ended") {
                WaitStatus::Exited(thread, status) if thread == self.process => return Some(status),
                WaitStatus::Signaled(thread, ..) if thread == self.process => return None,
                WaitStatus::PtraceEvent(thread, _, PTRACE_EVENT_EXEC) => {
                    // Calls of the shell do not count.
                    self.threads = HashMap::from([(thread, Thread::default())]);
                    self.go_on(thread, None);
                }
                WaitStatus::PtraceEvent(thread, _, PTRACE_EVENT_CLONE) => self.birth(thread),
                WaitStatus::PtraceEvent(thread, ..) if !self.threads.contains_key(&thread) => self.orphans.push(thread),
                WaitStatus::PtraceEvent(thread, ..) => self.go_on(thread, None),
                WaitStatus::PtraceSyscall(thread) => self.call(thread),
                WaitStatus::Stopped(thread, signal) => self.go_on(thread, Some(signal)),
                _ => {}
            }
        }
    }

    /// Names a thread that another has just started.
    fn birth(&mut self, parent: Pid) {
        let Ok(child) = ptrace::getevent(parent) else { return };
        let child = Pid::from_raw(child.try_into().expect("thread ids are small"));
        let mut descent = vec![];
        if let Some(thread) = self.threads.get_mut(&parent) {
            thread.children += 1;
            descent = [thread.descent.as_slice(), &[thread.children]].concat();
        }
        self.threads.insert(child, Thread { descent, ..Thread::default() });
        if let Some(at) = self.orphans.iter().position(|orphan| *orphan == child) {
            self.orphans.swap_remove(at);
            self.go_on(child, None);
        }
        self.go_on(parent, None);
    }

    fn go_on(&mut self, thread: Pid, signal: Option<Signal>) {
        match ptrace::syscall(thread, signal) {
            // Killed meanwhile.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => panic!("a stopped thread goes on: {error}"),
        }
    }

    /// Notes that a thread enters or leaves a call, and strikes where it is due.
    fn call(&mut self, pid: Pid) {
        // Its parent was killed before it told of it: so was this one.
        let Some(thread) = self.threads.get_mut(&pid) else { return self.go_on(pid, None) };
        let (descent, owed) = (thread.descent.clone(), thread.owed.take());
        let told = ptrace::syscall_info(pid).and_then(|stop| Ok((stop.op, ptrace::getregs(pid)?)));
        let (stop, mut registers) = match told {
            Ok(told) => told,
            // Killed meanwhile.
            Err(Errno::ESRCH) => return,
            Err(error) => panic!("a stopped thread tells what it does: {error}"),
        };
        if stop == PTRACE_SYSCALL_INFO_EXIT && owed.is_none() {
            return self.go_on(pid, None);
        }
        if let Some(errno) = owed {
            registers.rax = -i64::from(errno as i32) as u64;
            self.set(pid, registers);
        } else {
            let count = self.counts.entry((descent.clone(), registers.orig_rax)).or_default();
            *count += 1;
            let call = Call { thread: descent, number: registers.orig_rax, nth: *count };
            let due = self.strike.as_ref().filter(|strike| strike.call == call && !self.struck);
            let blow = due.map(|strike| strike.blow);
            self.calls.push(call);
            match blow {
                None => {}
                Some(Blow::Kill) => {
                    self.struck = true;
                    // The thread stays where it is until death takes it.
                    return kill(self.process, Signal::SIGKILL).expect("the process is there: one of its threads is");
                }
                Some(Blow::Fail(errno)) => {
                    self.struck = true;
                    // No call has this number: the kernel makes none.
                    registers.orig_rax = u64::MAX;
                    self.set(pid, registers);
                    if let Some(thread) = self.threads.get_mut(&pid) {
                        thread.owed = Some(errno);
                    }
                }
            }
        }
        self.go_on(pid, None);
    }

    fn set(&self, thread: Pid, registers: nix::libc::user_regs_struct) {
        match ptrace::setregs(thread, registers) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => panic!("a stopped thread takes its registers: {error}"),
        }
    }
}
