//! Verification without a vault: of a package folder, or of an image of one.

use crate::ArchiveError;
use crate::disc_tree::{Names, list};
use crate::image::{check_blocks, check_joliet};
use crate::list::{TABLE, TableRow, clip_list, parse_table, statement_list};
use crate::lists::{Algorithm, List, Lists};
use crate::tags::{INFO, Oxum, TAG_FILES, TAGMANIFEST_BLAKE3, TAGMANIFEST_SHA256};
use crate::tree::Tree;
use crate::watch::{Meter, Stage, Watch};
use fixity::StageError;
use model::{Digest, Digests, Problem, ProblemCode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// Largest file list that is read; 100 000 originals need about 40 MB.
const TABLE_BYTES_MAX: u64 = 256 << 20;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether a station of ours made the package, so that the stricter rules were applied.
    pub ours: bool,
    /// Files whose bytes were read and compared.
    pub checked: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Root hash: SHA-256 of `tagmanifest-sha256.txt`, to be compared with the paper.
    pub root: Option<Digest>,
    /// Manifests whose digests are of a kind we do not compute, and `image` for an image without checksums of its
    /// own; empty for a package of ours.
    pub unchecked: Vec<String>,
    /// In the order of their paths; empty means that everything agrees.
    pub findings: Vec<Problem>,
}

/// Verifies a package folder or an image of one.
///
/// A package of ours (`Bag-Software-Agent: EviDock …`) must be exactly what [`crate::write()`] writes: canonical
/// manifests, no other file or empty folder anywhere, all three digests of every original, size and lists in
/// agreement; an image of it must be covered to the last byte and show Windows and Linux the same files. A bag of
/// another maker is held to RFC 8493: its SHA-256 manifest, what other lists it has, nothing unlisted in `data/`.
/// Whoever rewrites the whole package including its lists is found by the root hash only.
///
/// Whatever is wrong inside is a finding. Errors are: no such path, the tool for images missing, cancellation.
/// Nothing is unpacked: files in an image are read where they lie.
pub fn verify(path: &Path, watch: &dyn Watch) -> Result<Report, ArchiveError> {
    let facts = fs::metadata(path).map_err(|source| ArchiveError::Read { path: path.to_owned(), source })?;
    let mut report = if facts.is_dir() {
        Check::new(&Tree::of_folder(path, watch)?, watch).run()?
    } else {
        verify_image(path, watch)?
    };
    let key = |p: &Problem| (p.path.clone(), p.code, p.detail.clone());
    report.findings.sort_by_key(key);
    // Two manifests miss the same file: that is one finding.
    report.findings.dedup_by(|a, b| (a.code, &a.path) == (b.code, &b.path));
    Ok(report)
}

fn verify_image(image: &Path, watch: &dyn Watch) -> Result<Report, ArchiveError> {
    let listing = match list(image, Names::RockRidge, watch)? {
        Ok(listing) => listing,
        Err(said) => {
            let finding = Problem::new(ProblemCode::ImageUnreadable, "").because(said);
            let findings = vec![finding];
            return Ok(Report { ours: false, checked: 0, bytes: 0, root: None, unchecked: Vec::new(), findings });
        }
    };
    let mut report = Check::new(&Tree::of_image(image, &listing), watch).run()?;
    let blocks = check_blocks(image, report.ours, watch)?;
    report.findings.extend(blocks.problems);
    if report.ours {
        report.findings.extend(check_joliet(image, &listing, watch)?);
    } else if !blocks.has_checksums {
        report.unchecked.push("image".to_owned());
    }
    Ok(report)
}

struct Check<'a> {
    tree: &'a Tree,
    watch: &'a dyn Watch,
    lists: Lists,
    digests: BTreeMap<String, (u64, Digests)>,
    findings: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn new(tree: &'a Tree, watch: &'a dyn Watch) -> Self {
        Self { tree, watch, lists: Lists::read(tree), digests: BTreeMap::new(), findings: tree.problems.clone() }
    }

    fn run(mut self) -> Result<Report, ArchiveError> {
        self.findings.append(&mut self.lists.problems);
        self.findings.extend(self.tree.links.iter().map(|path| Problem::new(ProblemCode::SymlinkRefused, path)));
        let refusals = self.lists.refusals(self.tree);
        // A list that points outside is not followed one step further.
        if refusals.is_empty() {
            self.completeness();
            self.read_files()?;
            self.compare();
            self.oxum();
            if self.lists.ours {
                self.own_files();
                self.own_lists();
            }
        }
        self.findings.extend(refusals);
        let unchecked = |list: &&List| list.algorithm == Algorithm::Other;
        Ok(Report {
            ours: self.lists.ours,
            checked: self.digests.len() as u64,
            bytes: self.digests.values().map(|(size, _)| size).sum(),
            root: self.lists.root,
            unchecked: self.lists.lists.iter().filter(unchecked).map(|list| list.name.clone()).collect(),
            findings: self.findings,
        })
    }

    fn find(&mut self, code: ProblemCode, path: &str) {
        self.findings.push(Problem::new(code, path));
    }

    /// Every listed file is there, every payload file is listed.
    fn completeness(&mut self) {
        let payload_lists = || self.lists.lists.iter().filter(|list| !list.is_tag_list);
        let mut found = Vec::new();
        for list in &self.lists.lists {
            let missing = list.manifest.entries.keys().filter(|path| !self.tree.files.contains_key(*path));
            found.extend(missing.map(|path| Problem::new(ProblemCode::FileMissing, path).because(&list.name)));
        }
        for path in self.payload() {
            let mut lists = payload_lists().map(|list| list.manifest.entries.contains_key(path));
            let listed =
                if self.lists.every_list_is_complete { lists.all(|held| held) } else { lists.any(|held| held) };
            if !listed {
                found.push(Problem::new(ProblemCode::FileAdded, path));
            }
        }
        self.findings.append(&mut found);
    }

    fn payload(&self) -> impl Iterator<Item = &'a String> + use<'a> {
        self.tree.files.keys().filter(|path| path.starts_with("data/"))
    }

    /// Reads every listed file once and keeps its three digests.
    fn read_files(&mut self) -> Result<(), ArchiveError> {
        let listed: BTreeSet<&String> = self.lists.lists.iter().flat_map(|list| list.manifest.entries.keys()).collect();
        let files: Vec<(&String, u64)> =
            self.tree.files.iter().filter(|(path, _)| listed.contains(path)).map(|(p, size)| (p, *size)).collect();
        let meter = Meter::new(self.watch, Stage::Verify, files.iter().map(|(_, size)| size).sum());
        for (path, _) in files {
            if self.watch.cancelled() {
                return Err(ArchiveError::Cancelled);
            }
            let read = self.tree.open(path).map_err(StageError::Source);
            match read.and_then(|file| fixity::stage(file, io::sink(), &meter)) {
                Ok(staged) => drop(self.digests.insert(path.clone(), (staged.size, staged.digests))),
                Err(StageError::Cancelled) => return Err(ArchiveError::Cancelled),
                Err(StageError::Source(error) | StageError::Target(error)) => {
                    self.findings.push(Problem::new(ProblemCode::Unreadable, path).because(error));
                }
            }
        }
        Ok(())
    }

    fn compare(&mut self) {
        for list in &self.lists.lists {
            for (path, expected) in &list.manifest.entries {
                let Some((_, digests)) = self.digests.get(path) else { continue };
                let (actual, code) = match list.algorithm {
                    Algorithm::Sha256 => (digests.sha256, ProblemCode::Sha256Differs),
                    Algorithm::Blake3 => (digests.blake3, ProblemCode::Blake3Differs),
                    Algorithm::Other => continue,
                };
                if actual.to_string() != *expected {
                    self.findings.push(Problem::new(code, path).because(&list.name));
                }
            }
        }
    }

    fn oxum(&mut self) {
        let sizes: Vec<u64> = self.payload().map(|path| self.tree.files[path]).collect();
        let actual = Oxum { bytes: sizes.iter().sum(), files: sizes.len() as u64 };
        let wrong = match self.lists.info.oxum() {
            Some(written) => written != Some(actual),
            None => self.lists.ours,
        };
        if wrong {
            self.find(ProblemCode::OxumDiffers, INFO);
        }
    }

    /// Nothing but what we write: our tag files, all in both tag manifests, and no empty folder.
    fn own_files(&mut self) {
        for path in self.tree.files.keys().filter(|path| !path.starts_with("data/")) {
            if !TAG_FILES.contains(&path.as_str()) {
                self.find(ProblemCode::FileAdded, path);
            }
        }
        for folder in self.tree.empty_folders() {
            self.find(ProblemCode::FileAdded, &format!("{folder}/"));
        }
        let listed = TAG_FILES.iter().filter(|path| ![TAGMANIFEST_SHA256, TAGMANIFEST_BLAKE3].contains(path));
        let listed: BTreeSet<&str> = listed.copied().collect();
        let tag_lists = self.lists.lists.iter().filter(|list| list.is_tag_list);
        let differing: Vec<String> = tag_lists
            .filter(|list| list.manifest.entries.keys().map(String::as_str).collect::<BTreeSet<_>>() != listed)
            .map(|list| list.name.clone())
            .collect();
        differing.iter().for_each(|name| self.find(ProblemCode::ManifestMalformed, name));
    }

    /// The table of originals and the statements' lists agree with the originals.
    fn own_lists(&mut self) {
        if !self.tree.files.contains_key(TABLE) {
            return self.find(ProblemCode::ListDiffers, TABLE);
        }
        let rows = self.tree.read(TABLE, TABLE_BYTES_MAX).map_err(|error| error.to_string());
        let rows = match rows.and_then(|bytes| parse_table(&bytes)) {
            Ok(rows) => rows,
            Err(why) => return self.findings.push(Problem::new(ProblemCode::ListDiffers, TABLE).because(why)),
        };
        let named: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
        let unnamed =
            self.payload().filter(|path| path.starts_with("data/originals/") && !named.contains(path.as_str()));
        self.findings.extend(unnamed.map(|path| Problem::new(ProblemCode::ListDiffers, path).because(TABLE)));
        if named.len() < rows.len() {
            self.find(ProblemCode::ListDiffers, TABLE);
        }
        let changed = |p: &&Problem| matches!(p.code, ProblemCode::Sha256Differs | ProblemCode::Blake3Differs);
        let told: BTreeSet<String> = self.findings.iter().filter(changed).map(|p| p.path.clone()).collect();
        rows.iter().for_each(|row| self.own_row(row, told.contains(&row.path)));
        self.statement_lists(&rows);
    }

    /// `told` says that a manifest differs already, so that one changed file is not told once more.
    fn own_row(&mut self, row: &TableRow, told: bool) {
        let Some((size, digests)) = self.digests.get(&row.path).copied() else {
            // Missing or unreadable is told already; a row for a file that never was is not.
            if !self.tree.files.contains_key(&row.path) {
                self.find(ProblemCode::ListDiffers, &row.path);
            }
            return;
        };
        if digests.sm3 != row.sm3 {
            self.find(ProblemCode::Sm3Differs, &row.path);
        }
        if !told && (size, digests.sha256, digests.blake3) != (row.size, row.sha256, row.blake3) {
            self.findings.push(Problem::new(ProblemCode::ListDiffers, &row.path).because(TABLE));
        }
    }

    /// Per session, the list under the statement's root hash is what the table gives, and its paper is there.
    fn statement_lists(&mut self, rows: &[TableRow]) {
        let mut sessions: BTreeMap<&str, Vec<(Digest, &str)>> = BTreeMap::new();
        for row in rows {
            let folder = row.path.strip_prefix("data/originals/").and_then(|below| below.split_once('/'));
            if let Some((folder, _)) = folder {
                sessions.entry(folder).or_default().push((row.sha256, &row.clip));
            }
        }
        let mut papers = BTreeSet::new();
        for (folder, clips) in sessions {
            let list = statement_list(folder);
            // A list that cannot be read does not agree either.
            let held = self.tree.read(&list, TABLE_BYTES_MAX).ok();
            if held.as_deref() != Some(clip_list(clips).as_bytes()) {
                self.find(ProblemCode::ListDiffers, &list);
            }
            papers.insert(format!("data/statements/{folder}.pdf"));
            papers.insert(list);
        }
        let held: BTreeSet<String> =
            self.payload().filter(|path| path.starts_with("data/statements/")).cloned().collect();
        for path in papers.symmetric_difference(&held) {
            self.find(ProblemCode::ListDiffers, path);
        }
    }
}
