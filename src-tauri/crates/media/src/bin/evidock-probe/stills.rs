//! The key frames of a contact sheet.

use crate::footage::Footage;
use crate::picture;
use crate::refusal::Refusal;
use crate::reply::{Still, frame_name, unfinished_name};
use ffmpeg_next::frame;
use std::fs;
use std::path::Path;

/// How far before a target the search begins when the first try landed too late, in libav's ticks: three seconds,
/// since recorders write a key frame every one or two. Streams without an index are sought by guess.
const STEP_BACK: i64 = 3_000_000;

/// Writes up to `count` pictures from the middles of equal parts of the clip and returns where they lie.
///
/// A clip of unknown length gives its first picture. A part that cannot be decoded is left out.
pub fn draw(footage: &mut Footage, folder: &Path, count: u32, width_max: u32) -> Result<Vec<Still>, Refusal> {
    if !footage.has_picture() {
        return Err(Refusal::NoPicture);
    }
    let (half_part, parts) = match footage.duration() {
        Some(length) => (length / (2 * i64::from(count)), i64::from(count)),
        None => (0, 1),
    };
    let mut stills = Vec::new();
    let mut last = None;
    for part in 0..parts {
        let wanted = Wanted { target: half_part * (2 * part + 1), slack: half_part, last };
        let Some((picture, position)) = wanted.find(footage)? else { continue };
        last = Some(position);
        stills.push(write(&picture, position, folder, stills.len() + 1, width_max)?);
    }
    if stills.is_empty() { Err(Refusal::NothingDecoded) } else { Ok(stills) }
}

/// The picture that is to stand for one part of the clip. Times in libav's ticks.
struct Wanted {
    target: i64,
    /// How much later than the target a key frame may lie.
    slack: i64,
    /// The picture before; none is drawn twice.
    last: Option<i64>,
}

impl Wanted {
    fn find(&self, footage: &mut Footage) -> Result<Option<(frame::Video, i64)>, Refusal> {
        if let Some(found) = self.find_from(footage, self.target)?
            && found.1 <= self.target.saturating_add(self.slack)
        {
            return Ok(Some(found));
        }
        self.find_from(footage, self.target.saturating_sub(STEP_BACK).max(0))
    }

    /// Returns the key frame at which a seek lands. Where that one was taken already, decodes on to the target.
    fn find_from(&self, footage: &mut Footage, from: i64) -> Result<Option<(frame::Video, i64)>, Refusal> {
        // A container that cannot seek is read on from where the last search ended.
        let mut at_key_frame = footage.seek(from).is_ok();
        while let Some(picture) = footage.next_picture()? {
            let position = footage.position(&picture).unwrap_or(self.target);
            let is_new = self.last.is_none_or(|last| position > last);
            if is_new && (at_key_frame || position >= self.target) {
                return Ok(Some((picture, position)));
            }
            at_key_frame = false;
        }
        Ok(None)
    }
}

fn write(frame: &frame::Video, position: i64, folder: &Path, number: usize, width_max: u32) -> Result<Still, Refusal> {
    let drawn = picture::jpeg(frame, width_max).map_err(Refusal::Draw)?;
    let unfinished = folder.join(unfinished_name(number));
    fs::write(&unfinished, &drawn.bytes)
        .and_then(|()| fs::rename(&unfinished, folder.join(frame_name(number))))
        .map_err(Refusal::Write)?;
    Ok(Still { position_ms: (position / 1000).unsigned_abs(), width: drawn.width, height: drawn.height })
}
