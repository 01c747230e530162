//! Showing footage: paths for the player, key frames for the contact sheet, the system's own player.

use crate::{Failure, Station};
use model::{ClipId, ErrorCode, MediaOutcome};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Key frames of a contact sheet.
const FRAMES: u32 = 9;

/// One key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FootageFrame {
    /// From 1.
    pub n: u32,
    pub position_ms: u64,
}

impl Station {
    /// Returns a clip's original.
    pub fn footage(&self, clip: &ClipId) -> Result<PathBuf, Failure> {
        let row = self.read(|view| view.clip(clip))?.ok_or_else(|| Failure::not_found(clip))?;
        Ok(self.vault.join(&row.clip.stored_path))
    }

    /// Returns the key frames of a clip, drawn on first use. They are derived and may be deleted at any time.
    pub fn frames(&self, clip: &ClipId) -> Result<Vec<FootageFrame>, Failure> {
        let row = self.read(|view| view.clip(clip))?.ok_or_else(|| Failure::not_found(clip))?;
        if !matches!(row.media, Some(MediaOutcome::Readable(_))) {
            return Ok(Vec::new());
        }
        let folder = self.frames_folder(clip);
        let index = folder.join("frames.txt");
        if let Some(known) = read_index(&index) {
            return Ok(known);
        }
        let failed =
            |error: std::io::Error| Failure::new(ErrorCode::TargetFailed).with("path", folder.display()).because(error);
        fs::create_dir_all(&folder).map_err(failed)?;
        let drawn = match self.around.prober.frames(&self.vault.join(&row.clip.stored_path), &folder, FRAMES) {
            Ok(frames) => frames,
            // What cannot be drawn has no contact sheet; the clip is evidence all the same.
            Err(media::FrameError::Undrawn { .. }) => Vec::new(),
            Err(error) => {
                return Err(Failure::new(ErrorCode::ToolMissing).with("tool", "evidock-probe").because(error));
            }
        };
        let lines: String = drawn.iter().map(|frame| format!("{}\n", frame.position_ms)).collect();
        fs::write(&index, &lines).map_err(failed)?;
        Ok(read_index(&index).unwrap_or_default())
    }

    fn frames_folder(&self, clip: &ClipId) -> PathBuf {
        self.vault.join("derived/frames").join(clip.as_str())
    }

    /// Returns one key frame.
    pub fn frame(&self, clip: &ClipId, n: u32) -> PathBuf {
        self.frames_folder(clip).join(format!("frame-{n:02}.jpg"))
    }

    /// 用系统播放器打开: hands a clip to the desktop's own program. The original is read-only on disk.
    pub fn open_clip(&self, clip: &ClipId) -> Result<(), Failure> {
        open_with_desktop(&self.footage(clip)?)
    }

    /// Hands a statement's paper to the desktop's own program.
    pub fn open_statement(&self, number: &str) -> Result<(), Failure> {
        open_with_desktop(&self.statement(number)?.pdf)
    }

    /// Hands a paper to the desktop's own program.
    pub fn open_paper(&self, number: &str) -> Result<(), Failure> {
        open_with_desktop(&self.paper(number)?.pdf)
    }

    /// Shows a package's folder.
    pub fn open_package(&self, id: &model::PackageId) -> Result<(), Failure> {
        open_with_desktop(&self.package_folder(id)?)
    }
}

fn open_with_desktop(path: &Path) -> Result<(), Failure> {
    let failed = || Failure::new(ErrorCode::OpenFailed).with("path", path.display());
    let ended = Command::new("xdg-open")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| failed().because(error))?;
    if ended.success() { Ok(()) } else { Err(failed().because(format!("xdg-open: {ended}"))) }
}

/// Reads positions, one a line; frames are numbered from 1.
fn read_index(index: &Path) -> Option<Vec<FootageFrame>> {
    let text = fs::read_to_string(index).ok()?;
    (1..).zip(text.lines()).map(|(n, line)| Some(FootageFrame { n, position_ms: line.parse().ok()? })).collect()
}
