//! Planning: where every file goes and what the package will weigh, before a byte is written.

use crate::ArchiveError;
use crate::content::{PackageContent, PackagedClip, SOFTWARE};
use crate::list::clip_list;
use model::{ClipName, disc_name};
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;

/// Size of one block on a disc.
const BLOCK_BYTES: u64 = 2048;
/// Room kept for a statement's paper, whose size is read only when the package is written.
const PAPER_BYTES: u64 = 1 << 20;
/// Room kept for what is written once: page, lists, tag files, fonts inside the file list, image padding.
const FRAME_BYTES: u64 = 2 << 20;
/// Room kept for what one clip adds to page, lists, manifests and the image's three directory trees.
const CLIP_FRAME_BYTES: u64 = 8 << 10;

/// The smallest medium that holds an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    Cd,
    Dvd,
    DvdDl,
    Bd,
    Larger,
}

impl Medium {
    /// Returns the smallest medium for so many bytes. Capacities are those of blank CD-R 80, DVD+R, DVD+R DL
    /// and BD-R, the smaller of rival formats.
    pub fn for_bytes(bytes: u64) -> Self {
        [(360_000, Self::Cd), (2_295_104, Self::Dvd), (4_173_824, Self::DvdDl), (12_219_392, Self::Bd)]
            .into_iter()
            .find_map(|(blocks, medium)| (bytes <= blocks * BLOCK_BYTES).then_some(medium))
            .unwrap_or(Self::Larger)
    }
}

/// One disc of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscPlan {
    /// 盘号, from 1.
    pub number: u32,
    /// Volume id for [`crate::write_image`]: ASCII, at most 16 characters.
    pub volume_id: String,
    pub medium: Medium,
    /// Predicted size of the image in bytes; the image is not larger.
    pub image_bytes: u64,
}

/// A package before it is written.
#[derive(Clone, Debug)]
pub struct PackagePlan {
    pub content: PackageContent,
    /// Where each original goes: one list per session, one path per clip, below the package.
    pub originals: Vec<Vec<String>>,
    /// Payload files: originals, two per statement, two file lists.
    pub files: u64,
    /// Bytes of the originals.
    pub bytes: u64,
    /// Exactly one for now; a later step splits a package over the discs of a set here.
    pub discs: Vec<DiscPlan>,
}

/// Plans a package. Pure: nothing is read or written.
///
/// Refuses content without sessions, a session without clips, a clip that is named twice, a statement whose root
/// hash its clips do not give, and a `software` that [`crate::verify`] would not know as ours.
pub fn plan(content: PackageContent) -> Result<PackagePlan, ArchiveError> {
    check(&content)?;
    let originals: Vec<Vec<String>> = content
        .sessions
        .iter()
        .enumerate()
        .map(|(index, session)| original_paths(&session_folder(index), &session.clips))
        .collect();
    let sizes = || content.sessions.iter().flat_map(|s| s.clips.iter().map(|c| c.size));
    let clips = sizes().count() as u64;
    let sessions = content.sessions.len() as u64;
    let image_bytes = FRAME_BYTES
        + clips * CLIP_FRAME_BYTES
        + sessions * PAPER_BYTES
        + sizes().map(|size| size.div_ceil(BLOCK_BYTES) * BLOCK_BYTES).sum::<u64>();
    let disc = DiscPlan {
        number: 1,
        volume_id: volume_id(&content.number, 1),
        medium: Medium::for_bytes(image_bytes),
        image_bytes,
    };
    let bytes = sizes().sum();
    Ok(PackagePlan { content, originals, files: clips + 2 * sessions + 2, bytes, discs: vec![disc] })
}

fn check(content: &PackageContent) -> Result<(), ArchiveError> {
    let refuse = |what: String| Err(ArchiveError::Incomplete { what });
    if content.number.trim().is_empty() {
        return refuse("it has no number".to_owned());
    }
    if content.software.split(' ').next() != Some(SOFTWARE) {
        return refuse(format!("the software is called {:?}", content.software));
    }
    if content.sessions.is_empty() {
        return refuse("the case has no sessions".to_owned());
    }
    let mut numbers = BTreeSet::new();
    for session in &content.sessions {
        if session.clips.is_empty() {
            return refuse(format!("{} has no clips", session.title));
        }
        if let Some(twice) = session.clips.iter().find(|clip| !numbers.insert(clip.number.as_str())) {
            return refuse(format!("clip {} stands in it twice", twice.number));
        }
        let list = clip_list(session.clips.iter().map(|clip| (clip.digests.sha256, clip.number.as_str())));
        if fixity::sha256_of(list.as_bytes()) != session.statement.root {
            return Err(ArchiveError::RootDiffers { statement: session.statement.number.clone() });
        }
    }
    Ok(())
}

/// Returns the folder name of a session: its place in the package, `01`, `02` …
pub(crate) fn session_folder(index: usize) -> String {
    format!("{:02}", index + 1)
}

/// Gives every clip of a session a path that differs from its neighbours' also where case does not count
/// (Windows, Joliet). Of two such names the later one gets its clip number in front.
fn original_paths(folder: &str, clips: &[PackagedClip]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    clips
        .iter()
        .map(|clip| {
            let name = clip.source.file_name().map(|n| n.as_bytes().to_vec()).unwrap_or_default();
            let stored = ClipName::from_bytes(name).stored();
            let number = ClipName::from_bytes(clip.number.clone().into_bytes()).stored();
            let chosen = std::iter::once(stored.clone())
                .chain(std::iter::once(format!("{number}_{stored}")))
                .chain((2..).map(|n| format!("{number}_{n}_{stored}")))
                .map(|candidate| package_name(&candidate))
                .find(|candidate| taken.insert(candidate.to_lowercase()))
                .expect("one of endless candidates is free");
            format!("data/originals/{folder}/{chosen}")
        })
        .collect()
}

/// Returns a name for the package: as on a disc, and without `%`, which RFC 8493 wants encoded in a manifest and
/// which therefore neither `sha256sum -c` nor bagit-python would find.
pub(crate) fn package_name(stored: &str) -> String {
    let name = disc_name(&stored.replace('%', "_"));
    // Shortening may leave a full stop or blank at the end, which Windows cannot open.
    let name = name.trim_end_matches(['.', ' ']);
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// Returns a volume id such as `EVD_2026_3_01`: the digits of the package's number and the disc's.
fn volume_id(number: &str, disc: u32) -> String {
    let end = format!("_{disc:02}");
    let mut id = "EVD".to_owned();
    for digits in number.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()) {
        id.push('_');
        id.push_str(digits);
    }
    id.truncate(crate::image::VOLUME_ID_CHARS_MAX - end.len());
    id + &end
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_fit_every_reader() {
        for (stored, expected) in [
            ("VID_0001.MP4", "VID_0001.MP4"),
            ("𠮷.mp4", "_.mp4"),
            ("50%.mp4", "50_.mp4"),
            ("NUL.mp4", "_NUL.mp4"),
            ("", "unnamed"),
        ] {
            assert_eq!(package_name(stored), expected, "name of {stored:?} in the package");
        }
        let cut = package_name(&format!("{} {}", "a".repeat(63), "b".repeat(63)));
        assert_eq!(cut, "a".repeat(63), "no blank is left at the end of a shortened name");
    }

    #[test]
    fn volume_ids_are_short_ascii() {
        for (number, expected) in
            [("归〔2026〕3号", "EVD_2026_3_01"), ("归档", "EVD_01"), ("2026-000000000000000001", "EVD_2026_0000_01")]
        {
            assert_eq!(volume_id(number, 1), expected, "volume id of {number}");
        }
    }

    #[test]
    fn the_smallest_medium_is_chosen() {
        for (bytes, medium) in [
            (0, Medium::Cd),
            (737_280_000, Medium::Cd),
            (737_280_001, Medium::Dvd),
            (4_700_372_992, Medium::Dvd),
            (4_700_372_993, Medium::DvdDl),
            (25_025_314_816, Medium::Bd),
            (25_025_314_817, Medium::Larger),
        ] {
            assert_eq!(Medium::for_bytes(bytes), medium, "medium for {bytes} bytes");
        }
    }
}
