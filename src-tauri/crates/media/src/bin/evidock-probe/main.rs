//! `evidock-probe`: looks into files with libav and writes one JSON document a line for each. Started by `media`, not by people.
//!
//! ```text
//! evidock-probe MEMORY_BYTES CPU_SECONDS probe FILE...
//! evidock-probe MEMORY_BYTES CPU_SECONDS frames FILE FOLDER COUNT WIDTH
//! ```

mod confine;
mod footage;
mod picture;
mod refusal;
#[path = "../../reply.rs"]
mod reply;
mod stills;

use footage::Footage;
use refusal::Refusal;
use reply::Reply;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

struct Order {
    memory_bytes: u64,
    cpu_seconds: u64,
    tasks: Vec<Task>,
}

enum Task {
    Probe { file: PathBuf },
    Frames { file: PathBuf, folder: PathBuf, count: u32, width: u32 },
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let Some(order) = parse(&arguments) else {
        eprintln!("usage: evidock-probe MEMORY_BYTES CPU_SECONDS (probe FILE... | frames FILE FOLDER COUNT WIDTH)");
        return ExitCode::from(2);
    };
    let cpu_seconds = order.cpu_seconds.saturating_mul(order.tasks.len() as u64);
    let confined = confine::confine(order.memory_bytes, cpu_seconds).map_err(io::Error::from);
    match confined.and_then(|()| order.tasks.into_iter().try_for_each(serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evidock-probe: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[OsString]) -> Option<Order> {
    let number = |text: &OsStr| text.to_str()?.parse::<u64>().ok();
    let (limits, task) = arguments.split_at_checked(2)?;
    let tasks = match task {
        [verb, files @ ..] if verb == "probe" && !files.is_empty() => {
            files.iter().map(|file| Task::Probe { file: file.into() }).collect()
        }
        [verb, file, folder, count, width] if verb == "frames" => vec![Task::Frames {
            file: file.into(),
            folder: folder.into(),
            count: number(count)?.try_into().ok()?,
            width: number(width)?.try_into().ok()?,
        }],
        _ => return None,
    };
    Some(Order { memory_bytes: number(&limits[0])?, cpu_seconds: number(&limits[1])?, tasks })
}

fn serve(task: Task) -> io::Result<()> {
    let reply = look(task).unwrap_or_else(|refusal| Reply::Unreadable { reason: refusal.in_words() });
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &reply)?;
    output.write_all(b"\n")?;
    output.flush()
}

fn look(task: Task) -> Result<Reply, Refusal> {
    footage::prepare()?;
    match task {
        Task::Probe { file } => Footage::open(&file)?.facts().map(Reply::Readable),
        Task::Frames { file, folder, count, width } => {
            stills::draw(&mut Footage::open(&file)?, &folder, count, width).map(Reply::Drawn)
        }
    }
}
