use std::io;
use std::path::PathBuf;

/// The child program cannot be used at all. Says nothing about any file; the same for every file until mended.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("cannot start {program}", program = program.display())]
    Start { program: PathBuf, source: io::Error },
    /// The dynamic loader gave up: a package of libav is missing or of another version.
    #[error("cannot load the libraries of {program}", program = program.display())]
    Libraries { program: PathBuf },
    #[error("cannot follow {program}", program = program.display())]
    Follow { program: PathBuf, source: io::Error },
}

/// No contact sheet came about.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error(transparent)]
    Probe(#[from] ProbeError),
    #[error("cannot draw {count} key frames: 1 to {max} are possible", max = crate::FRAMES_MAX)]
    Count { count: u32 },
    /// The file gave no frame, or the child ran past its limits; the reason in its words.
    #[error("cannot draw key frames of {file}: {reason}", file = file.display())]
    Undrawn { file: PathBuf, reason: String },
    #[error("cannot clear unfinished key frames in {folder}", folder = folder.display())]
    Clear { folder: PathBuf, source: io::Error },
}
