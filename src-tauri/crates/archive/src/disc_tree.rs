//! What lies in a disc image: files with their extents, read from xorriso's listing.

use crate::xorriso::{self, Outcome, drive, prelude};
use crate::{ArchiveError, Watch};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

pub(crate) const BLOCK_BYTES: u64 = 2048;

/// A file's size and where its bytes lie; beyond 4 GiB there are several extents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extents {
    pub(crate) size: u64,
    /// First block and number of blocks.
    pub(crate) parts: Vec<(u64, u64)>,
}

/// One directory tree of an image. Paths are bytes below the root, without a slash in front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DiscTree {
    pub(crate) files: BTreeMap<Vec<u8>, Extents>,
    pub(crate) folders: BTreeSet<Vec<u8>>,
    pub(crate) links: BTreeSet<Vec<u8>>,
    pub(crate) specials: BTreeSet<Vec<u8>>,
}

/// Which of an image's directory trees is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// The tree Linux shows.
    RockRidge,
    /// The tree Windows shows.
    Joliet,
}

/// Lists an image, or says in the tool's words why that cannot be done.
pub(crate) fn list(image: &Path, names: Names, watch: &dyn Watch) -> Result<Result<DiscTree, String>, ArchiveError> {
    let mut arguments = prelude();
    arguments.extend(["-local_charset", "utf-8", "-md5", "off"].map(OsString::from));
    if names == Names::Joliet {
        arguments.extend(["-read_fs", "norock"].map(OsString::from));
    }
    arguments.extend([OsString::from("-indev"), drive(image)]);
    for what in ["lsdl", "report_lba"] {
        arguments.extend(["-find", "/", "-exec", what, "--"].map(OsString::from));
    }
    let Outcome { done, listing, said, .. } = xorriso::run(&arguments, watch, |_| {})?;
    Ok(if done { parse(&listing).ok_or_else(|| format!("listing not understood: {said}")) } else { Err(said) })
}

/// Reads the lines of `lsdl` and `report_lba`. A name in quotation marks may hold anything, also a line feed.
fn parse(listing: &[u8]) -> Option<DiscTree> {
    let mut tree = DiscTree::default();
    let mut rest = listing;
    while let Some(&kind) = rest.first() {
        if rest.starts_with(b"Report layout") {
            rest = after_line(rest)?;
            continue;
        }
        let quote = rest.iter().position(|b| *b == b'\'')?;
        let facts = std::str::from_utf8(&rest[..quote]).ok()?;
        let (path, after) = quoted(&rest[quote..])?;
        let path = path.strip_prefix(b"/").unwrap_or(&path).to_vec();
        rest = after;
        if let Some(numbers) = facts.strip_prefix("File data lba:") {
            let (part, size) = extent(numbers)?;
            let extents = tree.files.entry(path).or_default();
            extents.size = size;
            extents.parts.extend((part.1 > 0).then_some(part));
        } else {
            match kind {
                b'd' => drop(tree.folders.insert(path)),
                b'-' => drop(tree.files.entry(path).or_default()),
                b'l' => {
                    tree.links.insert(path);
                    rest = quoted(rest.strip_prefix(b" -> ")?)?.1;
                }
                _ => drop(tree.specials.insert(path)),
            }
        }
        rest = rest.strip_prefix(b"\n")?;
    }
    Some(tree)
}

fn after_line(text: &[u8]) -> Option<&[u8]> {
    text.iter().position(|b| *b == b'\n').map(|end| &text[end + 1..])
}

/// Returns the text of a shell word in quotation marks and what follows it: `'it'"'"'s'` is `it's`.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"'")?;
    let mut word = Vec::new();
    loop {
        let end = rest.iter().position(|b| *b == b'\'')?;
        word.extend_from_slice(&rest[..end]);
        match rest[end..].strip_prefix(br#"'"'"'"#) {
            Some(after) => {
                word.push(b'\'');
                rest = after;
            }
            None => return Some((word, &rest[end + 1..])),
        }
    }
}

/// Reads ` 0 , 38 , 1 , 6 , `: number of the extent, first block, blocks, bytes of the whole file.
fn extent(numbers: &str) -> Option<((u64, u64), u64)> {
    let mut numbers = numbers.split(',').map(|number| number.trim().parse().ok());
    let (_part, first, blocks, size): (u64, _, _, _) =
        (numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??);
    Some(((first, blocks), size))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn listings_are_read_whatever_the_names() {
        let listing = b"dr-xr-xr-x    1 0        0               0 Nov 21 01:02 '/'\n\
            dr-xr-xr-x    1 0        0               0 Nov 21 01:02 '/data'\n\
            -r--r--r--    1 0        0               6 Nov 21 01:02 '/it'\"'\"'s\nok'\n\
            lr-xr-xr-x    1 0        0               0 Nov 21 01:02 '/l' -> '/etc/x'\n\
            prw-r--r--    1 0        0               0 Nov 21 01:02 '/p'\n\
            Report layout: xt , Startlba ,   Blocks , Filesize , ISO image path\n\
            File data lba:  0 ,       38 ,  2097151 , 4294967300 , '/it'\"'\"'s\nok'\n\
            File data lba:  1 ,  2097189 ,        2 , 4294967300 , '/it'\"'\"'s\nok'\n";
        let tree = parse(listing).unwrap();
        let file = &tree.files[&b"it's\nok".to_vec()];
        assert_eq!(file.size, 4_294_967_300, "the size is the whole file's");
        assert_eq!(file.parts, [(38, 2_097_151), (2_097_189, 2)], "both extents in order");
        assert_eq!(tree.folders.len(), 2, "root and data");
        assert!(tree.links.contains(&b"l"[..]) && tree.specials.contains(&b"p"[..]), "links and pipes are told");
        for cut in [1, 10, 70, listing.len() - 1] {
            assert_eq!(parse(&listing[..cut]), None, "a listing cut at {cut} is not believed");
        }
    }
}
