//! What else copies and checks: other people's tools on the same drive, the same disk, in the same run.

use std::path::Path;
use std::process::{Command, Stdio};

use super::ceiling::timed;
use super::{card, clear, drop_caches};
use crate::process::finish;
use crate::{Outcome, root};

/// A tool, what it promises, and how it is asked: a shell script with the drive as `$1` and a new folder as `$2`.
pub struct Peer {
    pub name: &'static str,
    pub promises: &'static str,
    script: &'static str,
}

/// Empties the page cache: a check that reads back what was just written would else read memory.
macro_rules! cold {
    () => {
        "sync; echo 3 > /proc/sys/vm/drop_caches; "
    };
}

pub const PEERS: &[Peer] = &[
    Peer { name: "cp -r + sync", promises: "nothing is checked", script: r#"cp -r "$1" "$2" && sync"# },
    Peer {
        name: "cp -r + sync + b3sum of both sides, cold",
        promises: "both sides read again, one digest",
        script: concat!(
            r#"cp -r "$1" "$2" && "#,
            cold!(),
            r#"(cd "$1" && find . -type f -print0 | sort -z | xargs -0 b3sum --no-mmap) > "$2.sums" && (cd "$2" && b3sum --no-mmap --quiet --check "$2.sums")"#
        ),
    },
    Peer {
        name: "rsync -a, then rsync -c",
        promises: "both sides read again, one digest",
        script: concat!(r#"rsync -a "$1/" "$2" && "#, cold!(), r#"rsync -ac --itemize-changes "$1/" "$2""#),
    },
    Peer {
        name: "rclone copy + rclone check",
        promises: "both sides read again, one digest",
        script: concat!(
            r#"rclone --config /dev/null copy "$1" "$2" && "#,
            cold!(),
            r#"rclone --config /dev/null check "$1" "$2""#
        ),
    },
    Peer {
        name: "cp -r + bagit.py --sha256, then --validate",
        promises: "target read twice, one digest",
        script: concat!(
            r#"cp -r "$1" "$2" && "$BAGIT" --quiet --sha256 "$2" && "#,
            cold!(),
            r#""$BAGIT" --quiet --validate "$2""#
        ),
    },
];

/// Returns the seconds that a peer takes for the drive, from an empty cache.
pub fn measure(peer: &Peer, drive: &Path, place: &Path) -> Outcome<f64> {
    let target = place.join("peer");
    let sums = place.join("peer.sums");
    clear(&target)?;
    drop_caches()?;
    let seconds = timed(|| finish(shell(peer.script).arg(drive).arg(&target)))?;
    clear(&target)?;
    clear(&sums)?;
    Ok(seconds)
}

/// Returns the seconds for copying every file and syncing every file, thirty-two in a turn as the station does.
pub fn each_synced(drive: &Path, place: &Path) -> Outcome<f64> {
    const SCRIPT: &str = r#"mkdir -p "$2" && cd "$1" && find . -type f -printf '%P\0' | xargs -0 -n 32 sh -c 'cp -- "$@" "$0" && cd "$0" && sync -- "$@"' "$2""#;
    let target = place.join("peer");
    clear(&target)?;
    drop_caches()?;
    let seconds = timed(|| finish(shell(SCRIPT).arg(card::folder(drive)).arg(&target)))?;
    clear(&target)?;
    Ok(seconds)
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-ec", script, "sh"]).env("BAGIT", root().join("target/venv/bin/bagit.py"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
