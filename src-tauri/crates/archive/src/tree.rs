//! The files of a package wherever they lie: in a folder, or inside an image without unpacking it.

use crate::disc_tree::{BLOCK_BYTES, DiscTree, Extents};
use crate::{ArchiveError, Watch};
use model::{Problem, ProblemCode, escape_bytes};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Deepest folder that is looked into.
const DEPTH_MAX: usize = 64;

/// What a package consists of, without having read any file of it.
pub(crate) struct Tree {
    place: Place,
    /// Regular files with their sizes; paths below the package, with `/`.
    pub(crate) files: BTreeMap<String, u64>,
    pub(crate) folders: BTreeSet<String>,
    /// Symbolic links; they are told, never followed.
    pub(crate) links: BTreeSet<String>,
    /// What cannot be part of any package.
    pub(crate) problems: Vec<Problem>,
}

enum Place {
    Folder(PathBuf),
    Image { image: PathBuf, extents: BTreeMap<String, Extents> },
}

impl Tree {
    fn new(place: Place) -> Self {
        Self { place, files: BTreeMap::new(), folders: BTreeSet::new(), links: BTreeSet::new(), problems: Vec::new() }
    }

    /// Lists a folder.
    pub(crate) fn of_folder(folder: &Path, watch: &dyn Watch) -> Result<Self, ArchiveError> {
        let mut tree = Self::new(Place::Folder(folder.to_owned()));
        let mut waiting = vec![(folder.to_owned(), String::new(), 0)];
        while let Some((place, below, depth)) = waiting.pop() {
            if watch.cancelled() {
                return Err(ArchiveError::Cancelled);
            }
            let entries = match fs::read_dir(&place).and_then(|entries| entries.collect::<io::Result<Vec<_>>>()) {
                Ok(entries) => entries,
                Err(source) if depth == 0 => return Err(ArchiveError::Read { path: place, source }),
                Err(error) => {
                    tree.problems.push(Problem::new(ProblemCode::FolderUnreadable, below).because(error));
                    continue;
                }
            };
            for entry in entries {
                let name = entry.file_name();
                let Some(path) = tree.known(&join(below.as_bytes(), name.as_bytes())) else { continue };
                match entry.metadata() {
                    Ok(facts) if facts.is_file() => drop(tree.files.insert(path, facts.len())),
                    Ok(facts) if facts.is_symlink() => drop(tree.links.insert(path)),
                    Ok(facts) if facts.is_dir() && depth == DEPTH_MAX => {
                        tree.problems.push(Problem::new(ProblemCode::TooDeep, path));
                    }
                    Ok(facts) if facts.is_dir() => {
                        tree.folders.insert(path.clone());
                        waiting.push((entry.path(), path, depth + 1));
                    }
                    Ok(_) => tree.problems.push(Problem::new(ProblemCode::SpecialFileRefused, path)),
                    Err(error) => tree.problems.push(Problem::new(ProblemCode::Unreadable, path).because(error)),
                }
            }
        }
        Ok(tree)
    }

    /// Takes the listing of an image.
    pub(crate) fn of_image(image: &Path, listing: &DiscTree) -> Self {
        let text = |path: &[u8]| std::str::from_utf8(path).ok().map(str::to_owned);
        let extents = listing.files.iter().filter_map(|(path, file)| Some((text(path)?, file.clone()))).collect();
        let mut tree = Self::new(Place::Image { image: image.to_owned(), extents });
        for (path, file) in &listing.files {
            let known = tree.known(path).map(|path| (path, file.size));
            tree.files.extend(known);
        }
        for path in listing.folders.iter().filter(|path| !path.is_empty()) {
            let known = tree.known(path);
            tree.folders.extend(known);
        }
        for path in &listing.links {
            let known = tree.known(path);
            tree.links.extend(known);
        }
        for path in &listing.specials {
            tree.problems.push(Problem::new(ProblemCode::SpecialFileRefused, escape_bytes(path)));
        }
        tree
    }

    /// Returns the path as text; no list can name one that is not UTF-8, so such a file was added.
    fn known(&mut self, path: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(path).ok().map(str::to_owned);
        if text.is_none() {
            self.problems.push(Problem::new(ProblemCode::FileAdded, escape_bytes(path)));
        }
        text
    }

    /// Opens a file of [`Tree::files`].
    pub(crate) fn open(&self, path: &str) -> io::Result<Box<dyn Read>> {
        match &self.place {
            Place::Folder(folder) => Ok(Box::new(File::open(folder.join(path))?)),
            Place::Image { image, extents } => {
                let extents = extents.get(path).ok_or(io::ErrorKind::NotFound)?;
                Ok(Box::new(ExtentReader::new(File::open(image)?, extents)))
            }
        }
    }

    /// Reads a small file whole; one larger than `limit` is an error.
    pub(crate) fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    /// Returns the folders in which nothing lies.
    pub(crate) fn empty_folders(&self) -> Vec<&str> {
        let mut filled = BTreeSet::new();
        for path in self.files.keys().chain(&self.folders).chain(&self.links) {
            filled.extend(path.rsplit_once('/').map(|(folder, _)| folder));
        }
        self.folders.iter().map(String::as_str).filter(|folder| !filled.contains(folder)).collect()
    }
}

fn join(below: &[u8], name: &[u8]) -> Vec<u8> {
    if below.is_empty() { name.to_vec() } else { [below, b"/", name].concat() }
}

/// Reads a file straight from its blocks in the image.
struct ExtentReader {
    image: File,
    /// Offset and length in bytes of what is still to be read, the next one last.
    parts: Vec<(u64, u64)>,
    placed: bool,
}

impl ExtentReader {
    fn new(image: File, extents: &Extents) -> Self {
        let mut left = extents.size;
        let mut parts: Vec<(u64, u64)> = extents
            .parts
            .iter()
            .map(|&(first, blocks)| {
                let length = left.min(blocks.saturating_mul(BLOCK_BYTES));
                left -= length;
                (first.saturating_mul(BLOCK_BYTES), length)
            })
            .collect();
        parts.reverse();
        Self { image, parts, placed: false }
    }
}

impl Read for ExtentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some((offset, length)) = self.parts.last_mut() {
            if *length == 0 {
                self.parts.pop();
                self.placed = false;
                continue;
            }
            if !self.placed {
                self.image.seek(SeekFrom::Start(*offset))?;
                self.placed = true;
            }
            let wanted = usize::try_from(*length).unwrap_or(usize::MAX).min(buffer.len());
            let count = self.image.read(&mut buffer[..wanted])?;
            // The image ends before the file does: what is missing shows in size and digest.
            *length = if count == 0 { 0 } else { *length - count as u64 };
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
        }
        Ok(0)
    }
}
