//! Drives to measure with: folders of seeded bytes, bare or behind a FUSE mount that reads no faster than it is told.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::released;
use crate::process::{finish, output, tied};
use crate::{Failure, Outcome, failed};

/// Where a recorder without a profile of its own keeps its clips.
const FOLDER: &str = "DCIM/100BENCH";
/// Seconds after which a mount that is not there will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Files of a drive: how many, and of how many bytes each.
#[derive(Clone, Copy)]
pub struct Load {
    pub files: u64,
    pub bytes: u64,
}

impl Load {
    pub fn total(self) -> u64 {
        self.files * self.bytes
    }
}

/// Fills a drive with files of which no two are equal; `seed` keeps drives apart.
pub fn fill(drive: &Path, load: Load, seed: u64) -> Outcome {
    let folder = drive.join(FOLDER);
    fs::create_dir_all(&folder).map_err(failed("无法新建测量目录"))?;
    let noise = drive.with_extension("noise");
    let words = ["noise", "--bytes", &load.total().to_string(), "--seed", &seed.to_string()];
    finish(Command::new(released("fixtures")).args(words).arg(&noise))?;
    let mut whole = File::open(&noise).map_err(failed("无法读测量数据"))?;
    for n in 1..=load.files {
        let clip = folder.join(format!("BNCH{n:05}.MP4"));
        let mut part = (&mut whole).take(load.bytes);
        let copied = File::create(&clip).and_then(|mut to| std::io::copy(&mut part, &mut to));
        if copied.map_err(failed("无法写测量数据"))? != load.bytes {
            return Err(Failure(format!("{} 写短了", clip.display())));
        }
    }
    fs::remove_file(&noise).map_err(failed("无法删除测量数据"))
}

/// Makes a drive of one file that takes no room: a hole as long as `bytes`.
pub fn hollow(drive: &Path, bytes: u64) -> Outcome {
    let folder = drive.join(FOLDER);
    fs::create_dir_all(&folder).map_err(failed("无法新建测量目录"))?;
    let file = File::create(folder.join("BNCH00001.MP4")).map_err(failed("无法写测量数据"))?;
    file.set_len(bytes).map_err(failed("无法写测量数据"))
}

/// Returns the folder with the clips of a drive.
pub fn folder(drive: &Path) -> PathBuf {
    drive.join(FOLDER)
}

/// Returns the clips of a drive, in order.
pub fn clips(drive: &Path) -> Outcome<Vec<PathBuf>> {
    let listing = fs::read_dir(folder(drive)).map_err(failed("无法列出测量数据"))?;
    let mut found: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

/// A folder seen through a mount that gives so many megabytes (10^6 bytes) a second and keeps nothing in the cache.
pub struct Throttled {
    child: Child,
    mount: PathBuf,
}

impl Throttled {
    pub fn mount(source: &Path, mount: &Path, megabytes: u64) -> Outcome<Self> {
        fs::create_dir_all(mount).map_err(failed("无法新建挂载点"))?;
        let mut command = tied(released("faultfs"));
        command.arg("--source").arg(source).arg("--mount").arg(mount).args(["--throttle", &megabytes.to_string()]);
        let child = command.stderr(Stdio::null()).spawn().map_err(failed("无法启动 faultfs"))?;
        let throttled = Self { child, mount: mount.to_owned() };
        let begin = Instant::now();
        while !folder(mount).is_dir() {
            if begin.elapsed() > PATIENCE {
                return Err(Failure(format!("{} 没有挂载上", mount.display())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(throttled)
    }
}

impl Drop for Throttled {
    /// A mount that is still in use stays, and says so: the folder below it must not be cleared then.
    fn drop(&mut self) {
        let ended = output(Command::new("kill").args(["-TERM", &self.child.id().to_string()])).is_ok()
            && self.child.wait().is_ok()
            && fs::remove_dir(&self.mount).is_ok();
        if !ended {
            eprintln!("{} 没有卸载", self.mount.display());
        }
    }
}
