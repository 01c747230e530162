//! A case's records in open form: tables, papers and copies of the originals in one plain folder, with a list of
//! digests that `sha256sum -c` reads. No bag and no paper of its own: what other systems take in.

use crate::bag::{clear_leftover, partial_of, refuse_existing};
use crate::manifest::Manifest;
use crate::plan::package_name;
use crate::tags::MANIFEST_SHA256;
use crate::watch::Meter;
use crate::{ArchiveError, Stage, Watch};
use fixity::{CopyError, StageError};
use model::{Digest, Digests};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where the papers lie.
const PAPERS: &str = "statements";
/// Where the originals lie.
const ORIGINALS: &str = "originals";

/// What goes into the folder.
#[derive(Clone, Debug, Default)]
pub struct CaseFolder {
    /// File name and bytes.
    pub tables: Vec<(String, Vec<u8>)>,
    pub papers: Vec<FolderPaper>,
    /// Empty where the footage stays behind.
    pub clips: Vec<FolderClip>,
}

/// A signed paper.
#[derive(Clone, Debug)]
pub struct FolderPaper {
    pub number: String,
    pub source: PathBuf,
    pub sha256: Digest,
}

/// An original.
#[derive(Clone, Debug)]
pub struct FolderClip {
    pub number: String,
    pub source: PathBuf,
    pub size: u64,
    pub digests: Digests,
}

impl FolderPaper {
    /// Returns its path below the folder.
    pub fn path(&self) -> String {
        format!("{PAPERS}/{}.pdf", package_name(&self.number))
    }
}

impl FolderClip {
    /// Returns its path below the folder: by number, so that no two meet.
    pub fn path(&self) -> String {
        let stored = self.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        format!("{ORIGINALS}/{}", package_name(&format!("{}_{stored}", self.number)))
    }
}

/// A folder that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenFolder {
    /// Files beside the list of digests.
    pub files: u64,
    pub bytes: u64,
    /// SHA-256 of the list of digests.
    pub root: Digest,
}

/// Writes a case's folder.
///
/// Everything is written and synced in `<folder>.partial` beside it; the final name appears last and never replaces
/// anything. Each original is compared with its registered digests while it is copied, and read back. On error or
/// cancellation the partial folder is removed; one left by a killed run is cleared by the next.
pub fn write_case_folder(
    content: &CaseFolder,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<WrittenFolder, ArchiveError> {
    refuse_existing(folder)?;
    let partial = partial_of(folder);
    let own: BTreeSet<&str> =
        content.tables.iter().map(|(name, _)| name.as_str()).chain([PAPERS, ORIGINALS, MANIFEST_SHA256]).collect();
    clear_leftover(&partial, |name| name.to_str().is_some_and(|name| own.contains(name)))?;
    let mut writing = Writing { folder: &partial, digests: Manifest::default(), bytes: 0 };
    let written = writing.run(content, watch).and_then(|root| {
        if watch.cancelled() {
            return Err(ArchiveError::Cancelled);
        }
        fixity::publish(&partial, folder).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::OutputExists { path: folder.to_owned() },
            _ => ArchiveError::Write { path: folder.to_owned(), source },
        })?;
        Ok(WrittenFolder { files: writing.digests.entries.len() as u64, bytes: writing.bytes, root })
    });
    if written.is_err() && partial.exists() {
        // Best effort: the first error is the one to tell, and the next run clears what stays.
        drop(fs::remove_dir_all(&partial));
    }
    written
}

struct Writing<'a> {
    folder: &'a Path,
    digests: Manifest,
    bytes: u64,
}

impl Writing<'_> {
    fn run(&mut self, content: &CaseFolder, watch: &dyn Watch) -> Result<Digest, ArchiveError> {
        self.create("")?;
        for (name, bytes) in &content.tables {
            self.file(name, bytes)?;
        }
        if !content.papers.is_empty() {
            self.create(PAPERS)?;
        }
        for paper in &content.papers {
            self.paper(paper)?;
        }
        let meter = Meter::new(watch, Stage::Copy, content.clips.iter().map(|clip| clip.size).sum());
        if !content.clips.is_empty() {
            self.create(ORIGINALS)?;
        }
        for clip in &content.clips {
            self.clip(clip, &meter)?;
        }
        if !content.clips.is_empty() {
            let folder = self.folder.join(ORIGINALS);
            fixity::sync_folder(&folder).map_err(|source| ArchiveError::Write { path: folder, source })?;
        }
        let list = self.digests.render();
        self.write(MANIFEST_SHA256, list.as_bytes())?;
        Ok(fixity::sha256_of(list.as_bytes()))
    }

    fn paper(&mut self, paper: &FolderPaper) -> Result<(), ArchiveError> {
        let statement = || paper.number.clone();
        let bytes = fs::read(&paper.source)
            .map_err(|source| ArchiveError::PaperUnreadable { statement: statement(), source })?;
        if fixity::sha256_of(&bytes) != paper.sha256 {
            return Err(ArchiveError::PaperDiffers { statement: statement() });
        }
        self.file(&paper.path(), &bytes)
    }

    fn clip(&mut self, clip: &FolderClip, meter: &Meter) -> Result<(), ArchiveError> {
        let number = || clip.number.clone();
        let source =
            File::open(&clip.source).map_err(|source| ArchiveError::OriginalUnreadable { clip: number(), source })?;
        let path = clip.path();
        let copied = fixity::copy_verified(source, &self.folder.join(&path), meter).map_err(|error| match error {
            CopyError::Stage(StageError::Cancelled) => ArchiveError::Cancelled,
            CopyError::Stage(StageError::Source(source)) => ArchiveError::OriginalUnreadable { clip: number(), source },
            source => ArchiveError::Copy { clip: number(), source },
        })?;
        if (copied.size, copied.digests) != (clip.size, clip.digests) {
            return Err(ArchiveError::OriginalDiffers { clip: number() });
        }
        self.add(path, copied.size, copied.digests.sha256);
        Ok(())
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.write(path, bytes)?;
        self.add(path.to_owned(), bytes.len() as u64, fixity::sha256_of(bytes));
        Ok(())
    }

    fn add(&mut self, path: String, size: u64, sha256: Digest) {
        self.digests.entries.insert(path, sha256.to_string());
        self.bytes += size;
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let path = self.folder.join(path);
        fixity::write_new(&path, bytes).map_err(|source| ArchiveError::Write { path, source })
    }

    fn create(&self, folder: &str) -> Result<(), ArchiveError> {
        let path = self.folder.join(folder);
        fixity::create_folders(&path).map_err(|source| ArchiveError::Write { path, source })
    }
}
