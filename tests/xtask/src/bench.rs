//! `cargo xtask bench`: intake with verification against `cp -r`, `sync` and `b3sum` of both sides, in one run.
//!
//! Caches are dropped before each measurement that reads the drive; the peers' checksum pass is measured both ways,
//! because reading back from the page cache proves nothing about the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{cargo, finish};
use crate::{Failure, Outcome, failed, root};

/// Clips of one GiB.
const CLIPS: u64 = 8;
const CLIP_BYTES: u64 = 1 << 30;
/// Time between two looks at a process's memory.
const LOOK: Duration = Duration::from_millis(50);

struct Row {
    what: &'static str,
    seconds: f64,
    /// Peak resident memory in MiB, where it was followed.
    memory_mib: Option<u64>,
}

/// Measures and prints a table.
pub fn bench() -> Outcome {
    cargo(&["build", "--release", "--package", "cli", "--package", "media", "--package", "fixtures", "--bins"])?;
    let place = root().join("target/bench");
    clear(&place)?;
    let drive = place.join("BENCH-CARD");
    let folder = drive.join("DCIM/100BENCH");
    fs::create_dir_all(&folder).map_err(failed("无法新建测量目录"))?;
    eprintln!("生成 {CLIPS} 个 1 GiB 文件 …");
    for n in 1..=CLIPS {
        let clip = folder.join(format!("BNCH{n:04}.MP4"));
        let words = ["noise", "--bytes", &CLIP_BYTES.to_string(), "--seed", &n.to_string()];
        finish(Command::new(released("fixtures")).args(words).arg(clip))?;
    }
    let rows = measure(&place, &drive)?;
    eprintln!("\n| 做法 | 秒 | MB/s | 峰值内存 MiB |\n|---|---|---|---|");
    for row in &rows {
        let speed = (CLIPS * CLIP_BYTES) as f64 / 1e6 / row.seconds;
        let memory = row.memory_mib.map_or("".to_owned(), |mib| mib.to_string());
        eprintln!("| {} | {:.1} | {speed:.0} | {memory} |", row.what, row.seconds);
    }
    clear(&place)
}

fn measure(place: &Path, drive: &Path) -> Outcome<Vec<Row>> {
    let vault = place.join("vault");
    let evidock = || {
        let mut command = Command::new(released("evidock"));
        command.arg("--vault").arg(&vault).stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    finish(evidock().args(["init", "--unit", "测量", "--rules", "qj-qilin"]))?;
    drop_caches()?;
    let ours = timed("evidock intake（三种指纹，离缓存复读，登记）", evidock().arg("intake").arg(drive))?;
    let copy = place.join("copy");
    drop_caches()?;
    let copied = timed("cp -r", Command::new("cp").arg("-r").arg(drive).arg(&copy))?;
    let synced = timed("sync", &mut Command::new("sync"))?;
    let both = |what| timed(what, Command::new("sh").args(["-c", SUMS, "sh"]).args([drive, copy.as_path()]));
    let warm = both("b3sum 两边（读自缓存）")?;
    drop_caches()?;
    let cold = both("b3sum 两边（离缓存）")?;
    let sum = |what, parts: &[&Row]| Row { what, seconds: parts.iter().map(|row| row.seconds).sum(), memory_mib: None };
    let with_warm = sum("cp + sync + b3sum（读自缓存）", &[&copied, &synced, &warm]);
    let with_cold = sum("cp + sync + b3sum（离缓存）", &[&copied, &synced, &cold]);
    Ok(vec![ours, with_cold, with_warm, copied, synced, warm, cold])
}

const SUMS: &str = r#"for side in "$@"; do find "$side" -type f -print0 | xargs -0 b3sum > /dev/null || exit 1; done"#;

fn timed(what: &'static str, command: &mut Command) -> Outcome<Row> {
    eprintln!("{what} …");
    let begin = Instant::now();
    let mut child = command.spawn().map_err(failed(what))?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(child.id()));
        match child.try_wait().map_err(failed(what))? {
            Some(status) => break status,
            None => thread::sleep(LOOK),
        }
    };
    if !status.success() {
        return Err(Failure(format!("{what} 未成功（{status}）")));
    }
    Ok(Row { what, seconds: begin.elapsed().as_secs_f64(), memory_mib: Some(peak).filter(|mib| *mib > 0) })
}

/// Returns a process's highest resident memory in MiB, 0 when it is gone.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn drop_caches() -> Outcome {
    finish(&mut Command::new("sync"))?;
    fs::write("/proc/sys/vm/drop_caches", "3").map_err(failed("无法清空页缓存（需要 root）"))
}

fn released(name: &str) -> PathBuf {
    root().join("target/release").join(name)
}

fn clear(place: &Path) -> Outcome {
    if !place.exists() {
        return Ok(());
    }
    fs::remove_dir_all(place).map_err(failed(format!("无法清空 {}", place.display())))
}
