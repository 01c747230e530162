//! The oracle of these tests: what has to hold of a vault whatever happened to it. Shares no code with the intake.

use crate::bench::{Bench, files_below};
use model::{ClipState, Level, escape_bytes};
use register::ClipRow;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

impl Bench {
    /// Fails unless every row has its bytes, every byte its row, and nothing is left over.
    pub fn check_custody(&self) {
        let rows = self.clips();
        for (n, row) in (1..).zip(&rows) {
            assert_eq!(row.clip.number, format!("P2026-{n:06}"), "clip numbers are unbroken");
            assert_eq!(row.clip.state, ClipState::Verified, "{}: nothing else is registered", row.clip.number);
            self.check_original(row);
            assert!(!self.sightings(row).is_empty(), "{}: it was met somewhere", row.clip.number);
        }
        let contents: BTreeSet<_> = rows.iter().map(|row| row.clip.digests.blake3).collect();
        assert_eq!(contents.len(), rows.len(), "one clip a content");
        assert_eq!(self.stored_files().len(), 2 * rows.len(), "originals hold clips and sidecars and nothing else");
        assert_eq!(self.staged(), Vec::<std::path::PathBuf>::new(), "nothing is left in staging");
        assert_eq!(self.register.audit().unwrap(), vec![], "ledger, its files and the tables agree");
    }

    fn check_original(&self, row: &ClipRow) {
        let (clip, number) = (&row.clip, &row.clip.number);
        let path = self.vault.join(&clip.stored_path);
        let facts = fs::symlink_metadata(&path).unwrap();
        assert!(facts.is_file() && facts.len() == clip.size, "{number}: a file of the registered size");
        assert_eq!(facts.permissions().mode() & 0o777, 0o444, "{number}: nobody writes to an original");
        let rows = [("b3sum", clip.digests.blake3), ("sha256sum", clip.digests.sha256), ("sm3", clip.digests.sm3)];
        for (program, held) in rows {
            assert_eq!(digest_by(program, &path), held.to_string(), "{number}: {program} gives the registered digest");
        }
        assert_eq!(clip.level, level_of(&path), "{number}: the level says how it was read back");
        let folder = path.parent().unwrap();
        assert!(folder.ends_with(clip.id.as_str()), "{number}: a folder of its own, named by its id");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 2, "{number}: original and sidecar, nothing else");
        let sidecar: Value = serde_json::from_slice(&fs::read(folder.join("clip.json")).unwrap()).unwrap();
        let held = &sidecar["clip"];
        for (key, value) in [
            ("id", clip.id.to_string()),
            ("original_name", clip.original_name.clone()),
            ("blake3", clip.digests.blake3.to_string()),
            ("sha256", clip.digests.sha256.to_string()),
            ("sm3", clip.digests.sm3.to_string()),
            ("stored_path", clip.stored_path.clone()),
            ("level", clip.level.code().to_owned()),
            ("job", clip.job.to_string()),
        ] {
            assert_eq!(held[key], value, "{number}: the sidecar's {key}");
        }
        assert_eq!(held["size"], clip.size, "{number}: the sidecar's size");
        assert_eq!(sidecar["taken_in_by"], "系统账户 tester", "{number}: the sidecar's author");
    }

    /// Fails unless each regular file of the drive is in custody with its bytes, and was seen where it lies.
    pub fn check_holds(&self, drive: &Path) {
        let rows = self.clips();
        let volume = format!("label:{}", drive.file_name().unwrap().to_string_lossy());
        for file in files_below(drive) {
            let shown = escape_bytes(file.strip_prefix(drive).unwrap().as_os_str().as_bytes());
            let bytes = fs::read(&file).unwrap();
            let held = rows.iter().find(|row| fs::read(self.vault.join(&row.clip.stored_path)).unwrap() == bytes);
            let row = held.unwrap_or_else(|| panic!("{shown} is in custody, byte for byte"));
            let seen = self.sightings(row);
            assert!(seen.iter().any(|s| s.path == shown && s.volume == volume), "{shown} was seen where it lies");
        }
    }
}

/// Returns the digest that a program not ours gives.
pub fn digest_by(program: &str, path: &Path) -> String {
    let mut command = match program {
        "sm3" => {
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", "-sm3", "-r"]);
            openssl
        }
        other => Command::new(other),
    };
    let output = command.stdin(fs::File::open(path).unwrap()).output().unwrap();
    assert!(output.status.success(), "{program} reads {}", path.display());
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

/// Asks `stat` and `dd` whether the file system has a disk and reads past the cache; where it does not, nobody may
/// claim V2.
fn level_of(path: &Path) -> Level {
    let kind = Command::new("stat").args(["-f", "-c", "%T"]).arg(path).output().unwrap();
    let mut dd = Command::new("dd");
    let direct = dd.arg("of=/dev/null").arg("iflag=direct").arg(format!("if={}", path.display()));
    let direct = direct.stderr(Stdio::null()).status().unwrap().success();
    if direct && kind.stdout != b"tmpfs\n" { Level::V2 } else { Level::V2Cached }
}
