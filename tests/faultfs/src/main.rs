//! `faultfs`: a card on its own, for benchmarks and long runs.

use clap::Parser;
use faultfs::{Card, Mount, Script};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Bytes in a megabyte, as speeds of cards are told.
const MEGABYTE: f64 = 1e6;
const PULSE: Duration = Duration::from_millis(50);

/// Mounts a folder as a read-only card, until SIGINT or SIGTERM.
#[derive(Parser)]
struct Arguments {
    /// The folder whose files the card has.
    #[arg(long)]
    source: PathBuf,
    /// An existing folder to mount at.
    #[arg(long)]
    mount: PathBuf,
    /// Reading speed in megabytes (10^6 bytes) per second.
    #[arg(long)]
    throttle: Option<f64>,
    /// What goes wrong, as JSON.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Let the kernel keep what was read.
    #[arg(long)]
    cached: bool,
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut script: Script = match &arguments.script {
        Some(file) => serde_json::from_slice(&fs::read(file)?)?,
        None => Script::default(),
    };
    if let Some(speed) = arguments.throttle {
        script.throttle = Some((speed * MEGABYTE) as u64);
    }
    let card = Card::over(&arguments.source)?;
    let card = if arguments.cached { card.cached() } else { card };
    card.play(script);
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    let mount = Mount::start(&arguments.mount, &card)?;
    eprintln!("mounted at {}", mount.at().display());
    while !stopped.load(Ordering::Relaxed) {
        thread::sleep(PULSE);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faultfs: {error}");
            ExitCode::FAILURE
        }
    }
}
