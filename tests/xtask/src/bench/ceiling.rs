//! What the disks give at best: `dd` past the page cache, in the same run as what is measured against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use super::{card, drop_caches};
use crate::process::finish;
use crate::{Failure, Outcome, failed};

/// One direct request; a disk wants long ones when there is but one at a time.
const DISK_BLOCK: &str = "16M";
/// What a card reader takes in one request.
const CARD_BLOCK: &str = "1M";

/// Seconds that the disk of `place` needs for some bytes, each way alone and all at once.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    pub bytes: u64,
    /// Reading the drive's files one after the other.
    pub source: f64,
    /// Writing as much and syncing it.
    pub write: f64,
    /// Reading that back.
    pub back: f64,
    /// All three at the same time: what one disk needs that is source and target in one.
    pub shared: f64,
}

impl Disk {
    /// Measures with the files of `drive`, which lie on the disk of `place`.
    pub fn measure(drive: &Path, place: &Path) -> Outcome<Self> {
        let clips = card::clips(drive)?;
        let bytes = clips.iter().filter_map(|clip| clip.metadata().ok()).map(|facts| facts.len()).sum();
        let (first, second) = (place.join("ceiling-1"), place.join("ceiling-2"));
        drop_caches()?;
        let source = timed(|| read_each(&clips, DISK_BLOCK))?;
        let write = timed(|| write_new(&first, bytes))?;
        let back = timed(|| read(&first, DISK_BLOCK))?;
        let shared = timed(|| {
            all_at_once(vec![
                Box::new(|| read_each(&clips, DISK_BLOCK)),
                Box::new(|| write_new(&second, bytes)),
                Box::new(|| read(&first, DISK_BLOCK)),
            ])
        })?;
        for file in [first, second] {
            std::fs::remove_file(file).map_err(failed("无法删除测量数据"))?;
        }
        Ok(Self { bytes, source, write, back, shared })
    }

    /// Seconds to write `bytes` and read them back, source elsewhere.
    pub fn target(&self, bytes: u64) -> f64 {
        (self.write + self.back) * bytes as f64 / self.bytes as f64
    }
}

/// Seconds to read all clips of the drives at their own speed, one reader a drive.
pub fn cards(drives: &[PathBuf]) -> Outcome<f64> {
    let listed = drives.iter().map(|drive| card::clips(drive)).collect::<Outcome<Vec<_>>>()?;
    timed(|| {
        let each = listed.iter().map(|clips| -> Work<'_> { Box::new(|| read_each(clips, CARD_BLOCK)) });
        all_at_once(each.collect())
    })
}

type Work<'a> = Box<dyn FnOnce() -> Outcome + Send + 'a>;

fn all_at_once(work: Vec<Work<'_>>) -> Outcome {
    thread::scope(|scope| {
        let running: Vec<_> = work.into_iter().map(|one| scope.spawn(one)).collect();
        let ended: Vec<Outcome> = running.into_iter().map(|one| one.join().expect("dd is waited for")).collect();
        ended.into_iter().collect()
    })
}

fn read_each(files: &[PathBuf], block: &str) -> Outcome {
    files.iter().try_for_each(|file| read(file, block))
}

fn read(file: &Path, block: &str) -> Outcome {
    dd(&[&format!("if={}", file.display()), "of=/dev/null", &format!("bs={block}"), "iflag=direct"])
}

fn write_new(file: &Path, bytes: u64) -> Outcome {
    let (to, count) = (format!("of={}", file.display()), format!("count={bytes}"));
    let block = format!("bs={DISK_BLOCK}");
    dd(&["if=/dev/zero", &to, &block, &count, "iflag=count_bytes,fullblock", "oflag=direct", "conv=fdatasync"])
}

fn dd(arguments: &[&str]) -> Outcome {
    finish(Command::new("dd").args(arguments).arg("status=none").stdin(Stdio::null()))
}

/// Returns the seconds that something took.
pub fn timed(work: impl FnOnce() -> Outcome) -> Outcome<f64> {
    let begin = Instant::now();
    work()?;
    let seconds = begin.elapsed().as_secs_f64();
    if seconds > 0.0 { Ok(seconds) } else { Err(Failure("测量时钟没有前进".into())) }
}
