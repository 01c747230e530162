//! Writing the package folder: a BagIt 1.0 bag (RFC 8493).

use crate::content::{PackagedClip, PackagedSession};
use crate::list::{TABLE, TABLE_PAPER, clip_list, statement_list, statement_paper, table};
use crate::manifest::Manifest;
use crate::plan::{PackagePlan, session_folder};
use crate::tags::{
    DECLARATION, DECLARATION_TEXT, INFO, INSTRUCTIONS, MANIFEST_BLAKE3, MANIFEST_SHA256, Oxum, PAGE, TAG_FILES,
    TAGMANIFEST_BLAKE3, TAGMANIFEST_SHA256, info,
};
use crate::watch::{Meter, Stage, Watch};
use crate::{ArchiveError, page};
use fixity::{CopyError, StageError};
use model::{Digest, Digests};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A package folder that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bag {
    /// Root hash of the package: SHA-256 of `tagmanifest-sha256.txt`.
    pub root: Digest,
    /// Payload files.
    pub files: u64,
    /// Bytes of the payload.
    pub bytes: u64,
}

/// Writes the package folder.
///
/// Everything is written and synced in `<folder>.partial` beside it; the final name appears last, never replaces
/// anything, and survives a power cut once this returns. Each original is compared with all three registered
/// digests while it is copied and is read back from the target. On error or cancellation the partial folder is
/// removed; one left by a killed run is cleared by the next.
pub fn write(plan: &PackagePlan, folder: &Path, fonts: &forms::Fonts, watch: &dyn Watch) -> Result<Bag, ArchiveError> {
    refuse_existing(folder)?;
    let partial = partial_of(folder);
    clear_leftover(&partial, |name| name == "data" || TAG_FILES.iter().any(|tag| name == *tag))?;
    let written = Writing { plan, folder: &partial, payload: Payload::default() }.run(fonts, watch).and_then(|bag| {
        if watch.cancelled() {
            return Err(ArchiveError::Cancelled);
        }
        fixity::publish(&partial, folder).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::OutputExists { path: folder.to_owned() },
            _ => ArchiveError::Write { path: folder.to_owned(), source },
        })?;
        Ok(bag)
    });
    if written.is_err() && partial.exists() {
        // Best effort: the first error is the one to tell, and the next run clears what stays.
        drop(fs::remove_dir_all(&partial));
    }
    written
}

/// Refuses to write where something lies already.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), ArchiveError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(ArchiveError::OutputExists { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(ArchiveError::Read { path: path.to_owned(), source }),
    }
}

/// Returns the name under which something is made before it has its own.
pub(crate) fn partial_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// Removes what a killed run left, but nothing that such a run cannot have written: `own` knows its names.
pub(crate) fn clear_leftover(partial: &Path, own: impl Fn(&OsStr) -> bool) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::Write { path: partial.to_owned(), source };
    match fs::symlink_metadata(partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(failed(source)),
        Ok(kind) if !kind.is_dir() => return Err(ArchiveError::OutputExists { path: partial.to_owned() }),
        Ok(_) => {}
    }
    for entry in fs::read_dir(partial).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !own(&name) {
            return Err(ArchiveError::OutputExists { path: partial.to_owned() });
        }
    }
    fs::remove_dir_all(partial).map_err(failed)
}

/// Digests of what was written so far.
#[derive(Default)]
struct Payload {
    sha256: Manifest,
    blake3: Manifest,
    oxum: Oxum,
}

impl Payload {
    fn add(&mut self, path: &str, size: u64, digests: &Digests) {
        self.sha256.entries.insert(path.to_owned(), digests.sha256.to_string());
        self.blake3.entries.insert(path.to_owned(), digests.blake3.to_string());
        self.oxum.files += 1;
        self.oxum.bytes += size;
    }
}

struct Writing<'a> {
    plan: &'a PackagePlan,
    folder: &'a Path,
    payload: Payload,
}

impl Writing<'_> {
    fn run(mut self, fonts: &forms::Fonts, watch: &dyn Watch) -> Result<Bag, ArchiveError> {
        let plan = self.plan;
        let meter = Meter::new(watch, Stage::Copy, plan.bytes);
        self.create("data/statements")?;
        for (index, session) in plan.content.sessions.iter().enumerate() {
            self.originals(index, session, &meter)?;
            self.statement(index, session)?;
        }
        self.payload_file(TABLE_PAPER, &file_list_paper(plan, fonts)?)?;
        self.payload_file(TABLE, table(plan).as_bytes())?;
        let root = self.tags()?;
        let Oxum { bytes, files } = self.payload.oxum;
        Ok(Bag { root, files, bytes })
    }

    fn originals(&mut self, index: usize, session: &PackagedSession, meter: &Meter) -> Result<(), ArchiveError> {
        let folder = format!("data/originals/{}", session_folder(index));
        self.create(&folder)?;
        for (clip, path) in session.clips.iter().zip(&self.plan.originals[index]) {
            self.original(clip, path, meter)?;
        }
        let folder = self.folder.join(folder);
        fixity::sync_folder(&folder).map_err(|source| ArchiveError::Write { path: folder, source })
    }

    fn original(&mut self, clip: &PackagedClip, path: &str, meter: &Meter) -> Result<(), ArchiveError> {
        let number = || clip.number.clone();
        let source =
            File::open(&clip.source).map_err(|source| ArchiveError::OriginalUnreadable { clip: number(), source })?;
        let copied = fixity::copy_verified(source, &self.folder.join(path), meter).map_err(|error| match error {
            CopyError::Stage(StageError::Cancelled) => ArchiveError::Cancelled,
            CopyError::Stage(StageError::Source(source)) => ArchiveError::OriginalUnreadable { clip: number(), source },
            source => ArchiveError::Copy { clip: number(), source },
        })?;
        if (copied.size, copied.digests) != (clip.size, clip.digests) {
            return Err(ArchiveError::OriginalDiffers { clip: number() });
        }
        self.payload.add(path, copied.size, &copied.digests);
        Ok(())
    }

    fn statement(&mut self, index: usize, session: &PackagedSession) -> Result<(), ArchiveError> {
        let statement = &session.statement;
        let paper = fs::read(&statement.pdf)
            .map_err(|source| ArchiveError::PaperUnreadable { statement: statement.number.clone(), source })?;
        if fixity::sha256_of(&paper) != statement.pdf_sha256 {
            return Err(ArchiveError::PaperDiffers { statement: statement.number.clone() });
        }
        self.payload_file(&statement_paper(index), &paper)?;
        let clips = clip_list(session.clips.iter().map(|clip| (clip.digests.sha256, clip.number.as_str())));
        self.payload_file(&statement_list(&session_folder(index)), clips.as_bytes())
    }

    /// Writes all tag files, the tag manifests last, and returns the root hash.
    fn tags(&self) -> Result<Digest, ArchiveError> {
        let files = [
            (DECLARATION, DECLARATION_TEXT.to_owned()),
            (INFO, info(&self.plan.content, self.payload.oxum)),
            (PAGE, page::index(self.plan)),
            (INSTRUCTIONS, page::instructions(self.plan)),
            (MANIFEST_SHA256, self.payload.sha256.render()),
            (MANIFEST_BLAKE3, self.payload.blake3.render()),
        ];
        let mut tags = Payload::default();
        for (path, text) in &files {
            self.file(path, text.as_bytes())?;
            let (sha256, blake3) = (fixity::sha256_of(text.as_bytes()), fixity::blake3_of(text.as_bytes()));
            tags.sha256.entries.insert((*path).to_owned(), sha256.to_string());
            tags.blake3.entries.insert((*path).to_owned(), blake3.to_string());
        }
        let root = tags.sha256.render();
        self.file(TAGMANIFEST_BLAKE3, tags.blake3.render().as_bytes())?;
        self.file(TAGMANIFEST_SHA256, root.as_bytes())?;
        Ok(fixity::sha256_of(root.as_bytes()))
    }

    fn payload_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.file(path, bytes)?;
        let (size, digests) =
            fixity::digest(bytes).map_err(|source| ArchiveError::Read { path: self.folder.join(path), source })?;
        self.payload.add(path, size, &digests);
        Ok(())
    }

    fn file(&self, path: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let path = self.folder.join(path);
        fixity::write_new(&path, bytes).map_err(|source| ArchiveError::Write { path, source })
    }

    fn create(&self, folder: &str) -> Result<(), ArchiveError> {
        let path = self.folder.join(folder);
        fixity::create_folders(&path).map_err(|source| ArchiveError::Write { path, source })
    }
}

/// Prints the file list. A character of a file name that no font has is printed as its escape, `\u{e01}`: an odd
/// name must not keep footage out of its package, and the table beside the paper has it as it is. Anywhere else on
/// the paper such a character is refused.
fn file_list_paper(plan: &PackagePlan, fonts: &forms::Fonts) -> Result<Vec<u8>, ArchiveError> {
    let mut list = file_list(plan);
    loop {
        let missing = match forms::file_list(&list, fonts) {
            Ok(paper) => return Ok(paper),
            Err(forms::FormError::GlyphMissing { char }) => char,
            Err(source) => return Err(ArchiveError::FileList { source }),
        };
        let mut replaced = false;
        for name in list.files.iter_mut().flat_map(|file| [&mut file.path, &mut file.clip.original_name]) {
            if name.contains(missing) {
                *name = name.replace(missing, &missing.escape_unicode().to_string());
                replaced = true;
            }
        }
        // Every round takes one character out of the names, so this ends.
        if !replaced {
            return Err(ArchiveError::FileList { source: forms::FormError::GlyphMissing { char: missing } });
        }
    }
}

fn file_list(plan: &PackagePlan) -> forms::FileList {
    let content = &plan.content;
    let rows = content.sessions.iter().zip(&plan.originals).flat_map(|(session, paths)| {
        session.clips.iter().zip(paths).map(|(clip, path)| (session.recorder.clone(), clip, path))
    });
    let files = rows.enumerate().map(|(index, (recorder, clip, path))| forms::FileLine {
        index: index + 1,
        path: path.clone(),
        clip: forms::ClipLine {
            number: clip.number.clone(),
            original_name: clip.original_name.clone(),
            recorder,
            recorded_from: clip.recorded_from,
            recorded_to: clip.recorded_to,
            duration_ms: clip.duration_ms,
            size: clip.size,
            digests: clip.digests,
            level: clip.level,
            state: clip.state,
            unreadable: clip.unreadable,
            playable: clip.playable,
        },
    });
    forms::FileList {
        unit: content.unit.clone(),
        case: content.case.draft.clone(),
        package_number: content.number.clone(),
        files: files.collect(),
        total_bytes: plan.bytes,
        made_at: content.made_at,
        made_by: content.made_by.clone(),
        zone: content.zone,
    }
}
