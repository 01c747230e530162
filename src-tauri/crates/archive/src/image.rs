//! The disc image: written by xorriso, then read back from the disk and compared with the package.

use crate::bag::{partial_of, refuse_existing};
use crate::disc_tree::{BLOCK_BYTES, Names, list};
use crate::tags::{INFO, Info, TAGMANIFEST_SHA256};
use crate::watch::{Meter, Stage, Watch};
use crate::xorriso::{self, drive, prelude};
use crate::{ArchiveError, verify};
use fixity::{RereadError, StageError};
use model::{Digest, Problem, ProblemCode, escape_bytes};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Longest volume id that both directory trees hold.
pub(crate) const VOLUME_ID_CHARS_MAX: usize = 16;
/// Where the volume's size in blocks stands (ECMA-119 §8.4.8), least significant byte first.
const VOLUME_SPACE_OFFSET: u64 = 16 * BLOCK_BYTES + 80;

/// An image that was written and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub bytes: u64,
    pub sha256: Digest,
    /// Name and version of the tool that wrote it, such as `xorriso 1.5.4`.
    pub tool: String,
}

/// Writes a package folder as one image: ISO 9660 level 3 with Joliet and Rock Ridge names and an MD5 per file.
///
/// The same package and the same version of xorriso give the same bytes: all dates are the package's. The image is
/// written as `<image>.partial` (one left by a killed run is replaced), synced, verified as a stranger would verify
/// it, and read once more past the page cache; only then it gets its name, which replaces nothing.
pub fn write_image(bag: &Path, image: &Path, volume_id: &str, watch: &dyn Watch) -> Result<Image, ArchiveError> {
    let fits = !volume_id.is_empty() && volume_id.len() <= VOLUME_ID_CHARS_MAX;
    if !fits || !volume_id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
        return Err(ArchiveError::VolumeId { id: volume_id.to_owned() });
    }
    refuse_existing(image)?;
    let partial = partial_of(image);
    clear_leftover(&partial)?;
    let written = write_partial(bag, &partial, volume_id, watch).and_then(|written| {
        fixity::publish(&partial, image).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::OutputExists { path: image.to_owned() },
            _ => ArchiveError::Write { path: image.to_owned(), source },
        })?;
        Ok(written)
    });
    if written.is_err() && partial.exists() {
        // Best effort: the first error is the one to tell, and the next run clears what stays.
        drop(fs::remove_file(&partial));
    }
    written
}

fn clear_leftover(partial: &Path) -> Result<(), ArchiveError> {
    match fs::symlink_metadata(partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(facts) if facts.is_file() => fs::remove_file(partial),
        Ok(_) => return Err(ArchiveError::OutputExists { path: partial.to_owned() }),
        Err(error) => Err(error),
    }
    .map_err(|source| ArchiveError::Write { path: partial.to_owned(), source })
}

fn write_partial(bag: &Path, partial: &Path, volume_id: &str, watch: &dyn Watch) -> Result<Image, ArchiveError> {
    let root = fixity::sha256_of(&read(&bag.join(TAGMANIFEST_SHA256))?);
    let tool = run_writer(bag, partial, volume_id, watch)?;
    File::open(partial)
        .and_then(|file| file.sync_all())
        .map_err(|source| ArchiveError::Write { path: partial.to_owned(), source })?;
    let report = verify(partial, watch)?;
    if !report.findings.is_empty() || report.root != Some(root) || !report.ours {
        let first = report.findings.first().map(|p| format!("{} {} {}", p.code, p.path, p.detail));
        let findings = first.unwrap_or_else(|| format!("root {:?}", report.root));
        return Err(ArchiveError::ImageDiffers { path: partial.to_owned(), findings });
    }
    let (bytes, sha256) = fingerprint(partial, watch)?;
    Ok(Image { bytes, sha256, tool })
}

fn read(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    fs::read(path).map_err(|source| ArchiveError::Read { path: path.to_owned(), source })
}

/// Runs `xorriso -as mkisofs` and returns the tool's version.
fn run_writer(bag: &Path, partial: &Path, volume_id: &str, watch: &dyn Watch) -> Result<String, ArchiveError> {
    let info = read(&bag.join(INFO))?;
    let made_at = Info::parse(&String::from_utf8_lossy(&info))
        .made_at()
        .ok_or_else(|| ArchiveError::Incomplete { what: format!("{INFO} does not say when it was made") })?;
    let date = made_at.format("%Y%m%d%H%M%S00").to_string();
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|source| ArchiveError::Read { path: path.to_owned(), source });
    let mut arguments = prelude();
    arguments.extend(["-as", "mkisofs", "-input-charset", "utf-8", "-output-charset", "utf-8"].map(OsString::from));
    arguments.extend(["-iso-level", "3", "-J", "-joliet-long", "-r", "--md5"].map(OsString::from));
    arguments.push(format!("--modification-date={date}").into());
    arguments.extend(["--set_all_file_dates".into(), date.into(), "-V".into(), volume_id.into()]);
    arguments.extend(["-o".into(), absolute(partial)?.into(), absolute(bag)?.into()]);
    let meter = Progress::begin(watch, Stage::WriteImage, SHARES);
    let outcome = xorriso::run(&arguments, watch, |line| meter.percent(line))?;
    if outcome.done {
        Ok(outcome.version)
    } else {
        Err(ArchiveError::ImageFailed { path: partial.to_owned(), said: outcome.said })
    }
}

/// Reads the whole image twice, the second time past the page cache, and returns its size and SHA-256.
fn fingerprint(image: &Path, watch: &dyn Watch) -> Result<(u64, Digest), ArchiveError> {
    let failed = |source| ArchiveError::Read { path: image.to_owned(), source };
    let file = File::open(image).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let meter = Meter::new(watch, Stage::Fingerprint, size * 2);
    let through_cache = fixity::stage(file, io::sink(), &meter).map_err(|error| match error {
        StageError::Cancelled => ArchiveError::Cancelled,
        StageError::Source(source) | StageError::Target(source) => failed(source),
    })?;
    let cold = fixity::reread(image, &meter).map_err(|error| match error {
        RereadError::Cancelled => ArchiveError::Cancelled,
        RereadError::Read(source) => failed(source),
    })?;
    if (cold.size, cold.blake3) != (through_cache.size, through_cache.digests.blake3) {
        let problem = Problem::new(ProblemCode::ReadBackMismatch, "");
        return Err(ArchiveError::ImageDiffers { path: image.to_owned(), findings: problem.code.to_string() });
    }
    Ok((size, through_cache.digests.sha256))
}

/// Turns the tool's progress lines into bytes or shares.
struct Progress<'a> {
    watch: &'a dyn Watch,
    stage: Stage,
}

/// The writer tells shares of the whole, not bytes: hundredths of a per cent.
const SHARES: u64 = 10_000;

impl<'a> Progress<'a> {
    fn begin(watch: &'a dyn Watch, stage: Stage, total: u64) -> Self {
        watch.progress(stage, 0, total);
        Self { watch, stage }
    }

    /// Reads `UPDATE :  87.82% done, estimate finish …`.
    fn percent(&self, line: &str) {
        let share = line.split_once("UPDATE :").and_then(|(_, said)| said.split_once("% done"));
        if let Some(percent) = share.and_then(|(percent, _)| percent.trim().parse::<f64>().ok()) {
            self.watch.progress(self.stage, (percent.clamp(0.0, 100.0) / 100.0 * SHARES as f64) as u64, SHARES);
        }
    }

    /// Reads `UPDATE : 102688 of 204800 blocks read in 1 s` and tells it in bytes.
    fn blocks(&self, line: &str) {
        let blocks = line.split_once("UPDATE :").and_then(|(_, said)| said.split_once(" blocks read")).and_then(
            |(counts, _)| {
                let (done, total) = counts.split_once(" of ")?;
                Some((done.trim().parse::<u64>().ok()?, total.trim().parse::<u64>().ok()?))
            },
        );
        if let Some((done, total)) = blocks {
            let bytes = |blocks: u64| blocks.saturating_mul(BLOCK_BYTES);
            self.watch.progress(self.stage, bytes(done), bytes(total));
        }
    }
}

/// What the image's own checksums said.
pub(crate) struct BlockCheck {
    pub(crate) problems: Vec<Problem>,
    /// Whether there were any.
    pub(crate) has_checksums: bool,
}

/// Checks every block of an image against the MD5 tags inside it.
///
/// For an image of ours (`strict`) nothing may be left uncovered: one range from the first block to the tag, the
/// tag itself in its one spelling, then nothing but zeros up to the volume's size, which is the file's.
pub(crate) fn check_blocks(image: &Path, strict: bool, watch: &dyn Watch) -> Result<BlockCheck, ArchiveError> {
    let mut arguments = prelude();
    // `-md5 on` must stand before `-indev`, and without `event=SORRY` a mismatch ends with status 0.
    arguments.extend(["-local_charset", "utf-8", "-md5", "on", "-indev"].map(OsString::from));
    arguments.push(drive(image));
    arguments.extend(["-check_media", "use=indev", "what=disc", "event=SORRY", "--"].map(OsString::from));
    let facts = fs::metadata(image).map_err(|source| ArchiveError::Read { path: image.to_owned(), source })?;
    let meter = Progress::begin(watch, Stage::CheckImage, facts.len());
    let outcome = xorriso::run(&arguments, watch, |line| meter.blocks(line))?;
    let ranges = checksum_ranges(&String::from_utf8_lossy(&outcome.listing));
    let mut problems = Vec::new();
    let unreadable = |said: &str| Problem::new(ProblemCode::ImageUnreadable, "").because(said);
    if !outcome.done || ranges.iter().any(|range| !range.matches) {
        problems.push(unreadable(&outcome.said));
    } else if strict {
        match ranges[..] {
            [Range { first: 0, blocks, .. }] => {
                let rest = check_rest(image, blocks)
                    .map_err(|source| ArchiveError::Read { path: image.to_owned(), source })?;
                problems.extend(rest.map(unreadable));
            }
            [] => problems.push(unreadable("the image has no checksums of its own")),
            _ => problems.push(unreadable("the checksums do not begin with the first block")),
        }
    }
    Ok(BlockCheck { problems, has_checksums: !ranges.is_empty() })
}

struct Range {
    first: u64,
    blocks: u64,
    matches: bool,
}

/// Reads the lines `MD5 tag range:          0 ,         58 , + md5_match`.
fn checksum_ranges(listing: &str) -> Vec<Range> {
    let read = |line: &str| {
        let mut parts = line.strip_prefix("MD5 tag range:")?.split(',').map(str::trim);
        let (first, blocks) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Range { first, blocks, matches: parts.next()?.starts_with("+ ") })
    };
    listing.lines().filter_map(read).collect()
}

/// Says what is wrong behind the last block that the checksums cover.
fn check_rest(image: &Path, tag_block: u64) -> io::Result<Option<&'static str>> {
    let mut file = File::open(image)?;
    let facts = file.metadata()?;
    file.seek(SeekFrom::Start(VOLUME_SPACE_OFFSET))?;
    let mut blocks = [0; 4];
    file.read_exact(&mut blocks)?;
    let end = u64::from(u32::from_le_bytes(blocks)) * BLOCK_BYTES;
    // A disc in a drive may be longer than its volume; a file may not.
    if facts.is_file() && facts.len() != end {
        return Ok(Some("the file is not as long as the volume"));
    }
    let Some(length) = end.checked_sub((tag_block + 1) * BLOCK_BYTES) else {
        return Ok(Some("the volume ends before its checksums"));
    };
    let mut tag = [0; BLOCK_BYTES as usize];
    file.seek(SeekFrom::Start(tag_block * BLOCK_BYTES))?;
    file.read_exact(&mut tag)?;
    if !is_session_tag(&tag, tag_block) {
        return Ok(Some("the tag with the checksum of the whole is damaged"));
    }
    let mut rest = io::BufReader::with_capacity(1 << 20, file.take(length)).bytes();
    let all_zero = rest.try_fold(true, |zero, byte| byte.map(|byte| zero && byte == 0))?;
    Ok((!all_zero).then_some("bytes behind the checksums"))
}

/// Tells whether a block is libisofs' tag for the whole session, written as it writes it. The text is protected by
/// its own MD5, which was checked; capitals in the digits would pass there.
fn is_session_tag(block: &[u8], tag_block: u64) -> bool {
    let head = format!("libisofs_checksum_tag_v1 pos={tag_block} range_start=0 range_size={tag_block} md5=");
    let lower = |text: &[u8]| text.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
    let Some(rest) = block.strip_prefix(head.as_bytes()) else { return false };
    let Some((md5, rest)) = rest.split_at_checked(32) else { return false };
    let Some(rest) = rest.strip_prefix(b" self=") else { return false };
    let Some((own, rest)) = rest.split_at_checked(32) else { return false };
    lower(md5) && lower(own) && rest.first() == Some(&b'\n') && rest[1..].iter().all(|b| *b == 0)
}

/// Compares the tree Windows shows with the one Linux shows: same files, same places.
pub(crate) fn check_joliet(
    image: &Path,
    rock_ridge: &crate::disc_tree::DiscTree,
    watch: &dyn Watch,
) -> Result<Vec<Problem>, ArchiveError> {
    let joliet = match list(image, Names::Joliet, watch)? {
        Ok(tree) => tree,
        Err(said) => return Ok(vec![Problem::new(ProblemCode::ImageUnreadable, "").because(said)]),
    };
    let mut problems = Vec::new();
    for (path, extents) in &rock_ridge.files {
        let shown = escape_bytes(path);
        match joliet.files.get(path) {
            None => problems.push(Problem::new(ProblemCode::FileMissing, shown).because("Joliet")),
            Some(other) if other != extents => {
                problems.push(Problem::new(ProblemCode::ImageUnreadable, shown).because("Joliet"));
            }
            Some(_) => {}
        }
    }
    let added = joliet.files.keys().filter(|path| !rock_ridge.files.contains_key(*path));
    problems.extend(added.map(|path| Problem::new(ProblemCode::FileAdded, escape_bytes(path)).because("Joliet")));
    let added = joliet.folders.symmetric_difference(&rock_ridge.folders);
    problems.extend(added.map(|path| Problem::new(ProblemCode::FileAdded, escape_bytes(path)).because("Joliet")));
    Ok(problems)
}
