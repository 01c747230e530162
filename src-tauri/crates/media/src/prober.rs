use crate::child::{self, Said};
use crate::reply::{Facts, Reply, frame_name, unfinished_name};
use crate::{FrameError, ProbeError};
use model::{MediaFacts, MediaOutcome, parse_instant};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Most key frames of one contact sheet; their names carry two digits.
pub const FRAMES_MAX: u32 = 99;

/// The program that alone may touch libav.
const PROGRAM: &str = "evidock-probe";

/// What one look into a file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start of the child to its end; then it is killed.
    pub time: Duration,
    /// Writable memory of the child (`RLIMIT_DATA`).
    pub memory_bytes: u64,
    /// Widest key frame; narrower pictures keep their size.
    pub frame_width_px: u32,
}

impl Default for Limits {
    /// Returns 20 s, 1 GiB and 320 px: 4K HEVC decodes within them, a runaway parser does not harm the station.
    fn default() -> Self {
        Self { time: Duration::from_secs(20), memory_bytes: 1 << 30, frame_width_px: 320 }
    }
}

/// A key frame on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub path: PathBuf,
    /// From the begin of the clip.
    pub position_ms: u64,
    pub width: u32,
    pub height: u32,
}

/// Looks into files through the child program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prober {
    program: PathBuf,
    limits: Limits,
}

impl Prober {
    /// Takes the child program at a path; whether it runs is seen at the first probe.
    pub fn at(program: PathBuf) -> Self {
        Self { program, limits: Limits::default() }
    }

    /// Returns the prober whose program lies beside the running one or, as for tests below `target`, one folder up.
    pub fn beside_this_program() -> Option<Self> {
        let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
        let this = std::env::current_exe().ok()?;
        let places = this.ancestors().skip(1).take(2);
        places.map(|folder| folder.join(&name)).find(|program| program.is_file()).map(Self::at)
    }

    /// Sets other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Returns what the file is, as [`Self::probe_all`] does.
    pub fn probe(&self, file: &Path) -> Result<MediaOutcome, ProbeError> {
        let said = self.ask(&[OsStr::new("probe"), file.as_os_str()], 1)?;
        Ok(match sole(said) {
            Ok(document) => facts_in(&document),
            Err(reason) => MediaOutcome::Unreadable { reason },
        })
    }

    /// Returns what each of the files is, in their order. Readable means that a frame was really decoded (a piece of
    /// sound where there is no picture), not that the whole file plays.
    ///
    /// One child looks into them one after the other, and a new one into those behind a file that was its end. Errors
    /// only when no child can be run; a refusal, crash, timeout or senseless answer is an outcome.
    pub fn probe_all(&self, files: &[PathBuf]) -> Result<Vec<MediaOutcome>, ProbeError> {
        let mut outcomes = Vec::with_capacity(files.len());
        while let Some(rest) = files.get(outcomes.len()..).filter(|rest| !rest.is_empty()) {
            let mut order = vec![OsStr::new("probe")];
            order.extend(rest.iter().map(|file| file.as_os_str()));
            let Said { documents, failed } = self.ask(&order, rest.len())?;
            outcomes.extend(documents.iter().map(|document| facts_in(document)));
            if outcomes.len() < files.len() {
                let reason = failed.unwrap_or_else(|| child::SENSELESS.to_owned());
                outcomes.push(MediaOutcome::Unreadable { reason });
            }
        }
        Ok(outcomes)
    }

    /// Draws up to `count` key frames, evenly spread, as `frame-01.jpg` … in a folder that exists.
    ///
    /// Each file appears whole under its name or not at all and replaces one of an earlier run; they are not synced,
    /// being a cache. A clip that holds fewer frames gives fewer. After an error none of the names is left.
    pub fn frames(&self, file: &Path, folder: &Path, count: u32) -> Result<Vec<Frame>, FrameError> {
        if count == 0 || count > FRAMES_MAX {
            return Err(FrameError::Count { count });
        }
        let (count_text, width_text) = (count.to_string(), self.limits.frame_width_px.to_string());
        let order =
            [OsStr::new("frames"), file.as_os_str(), folder.as_os_str(), count_text.as_ref(), width_text.as_ref()];
        let reason = match sole(self.ask(&order, 1)?).and_then(|document| parse(&document)) {
            Ok(Reply::Drawn(stills)) => {
                let frames: Vec<Frame> = stills
                    .into_iter()
                    .zip(1..)
                    .map(|(still, number)| Frame {
                        path: folder.join(frame_name(number)),
                        position_ms: still.position_ms,
                        width: still.width,
                        height: still.height,
                    })
                    .collect();
                // The child is not believed: a frame is one that lies there.
                if !frames.is_empty() && frames.len() <= count as usize && frames.iter().all(|f| f.path.is_file()) {
                    return Ok(frames);
                }
                child::SENSELESS.to_owned()
            }
            Ok(Reply::Readable(_)) => child::SENSELESS.to_owned(),
            Ok(Reply::Unreadable { reason }) | Err(reason) => reason,
        };
        clear(folder, count).map_err(|source| FrameError::Clear { folder: folder.to_owned(), source })?;
        Err(FrameError::Undrawn { file: file.to_owned(), reason })
    }

    /// Runs the child for an order of so many parts.
    fn ask(&self, order: &[&OsStr], parts: usize) -> Result<Said, ProbeError> {
        let (memory, seconds) = (self.limits.memory_bytes.to_string(), processor_seconds(self.limits.time).to_string());
        let mut arguments = vec![OsStr::new(&memory), OsStr::new(&seconds)];
        arguments.extend(order);
        child::run(&self.program, &arguments, self.limits.time, parts)
    }
}

/// Returns the one document that was asked for, or why there is none.
fn sole(said: Said) -> Result<Vec<u8>, String> {
    let Said { mut documents, failed } = said;
    failed.map_or(Ok(()), Err)?;
    documents.pop().ok_or_else(|| child::SENSELESS.to_owned())
}

fn parse(document: &[u8]) -> Result<Reply, String> {
    serde_json::from_slice(document).map_err(|_| child::SENSELESS.to_owned())
}

fn facts_in(document: &[u8]) -> MediaOutcome {
    match parse(document) {
        Ok(Reply::Readable(facts)) => MediaOutcome::Readable(facts.into()),
        Ok(Reply::Drawn(_)) => MediaOutcome::Unreadable { reason: child::SENSELESS.to_owned() },
        Ok(Reply::Unreadable { reason }) | Err(reason) => MediaOutcome::Unreadable { reason },
    }
}

/// Whole seconds, a little beyond the time limit: the child ends by itself even if this process was killed.
fn processor_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(2)
}

fn clear(folder: &Path, count: u32) -> io::Result<()> {
    for number in 1..=count as usize {
        for name in [frame_name(number), unfinished_name(number)] {
            match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

impl From<Facts> for MediaFacts {
    fn from(facts: Facts) -> Self {
        Self {
            container: facts.container,
            duration_ms: facts.duration_ms,
            video_codec: facts.video_codec,
            width: facts.width,
            height: facts.height,
            frame_rate_milli: facts.frame_rate_milli,
            audio_codec: facts.audio_codec,
            created: facts.created.as_deref().and_then(parse_instant),
        }
    }
}
