//! Reading all manifests of a package before any file they name is touched.

use crate::manifest::{Form, Manifest, path_fault};
use crate::tags::{
    DECLARATION, DECLARATION_TEXT, INFO, Info, MANIFEST_BLAKE3, MANIFEST_SHA256, TAGMANIFEST_BLAKE3,
    TAGMANIFEST_SHA256, declared_version,
};
use crate::tree::Tree;
use model::{Digest, Problem, ProblemCode};
use std::io;

/// Largest tag file that is read; 100 000 files with long names need about 30 MB.
const TAG_BYTES_MAX: u64 = 256 << 20;

/// What a manifest's digests are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha256,
    Blake3,
    /// One we do not compute; its paths count, its digests are told as unchecked.
    Other,
}

/// One manifest of a package.
pub(crate) struct List {
    /// Name of the manifest, such as `manifest-sha256.txt`.
    pub(crate) name: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) is_tag_list: bool,
    pub(crate) manifest: Manifest,
}

/// Everything a package says of itself.
pub(crate) struct Lists {
    /// Whether a station of ours made it, by `Bag-Software-Agent`.
    pub(crate) ours: bool,
    pub(crate) info: Info,
    /// Since BagIt 1.0 every payload file stands in every payload manifest.
    pub(crate) every_list_is_complete: bool,
    pub(crate) lists: Vec<List>,
    /// SHA-256 of `tagmanifest-sha256.txt`.
    pub(crate) root: Option<Digest>,
    pub(crate) problems: Vec<Problem>,
}

impl Lists {
    /// Reads declaration, info and all manifests of a package.
    pub(crate) fn read(tree: &Tree) -> Self {
        let mut problems = Vec::new();
        let info = match tag_text(tree, INFO) {
            Some(Ok(text)) => Info::parse(&text),
            Some(Err(error)) => {
                problems.push(Problem::new(ProblemCode::Unreadable, INFO).because(error));
                Info::default()
            }
            None => Info::default(),
        };
        let ours = info.is_ours();
        let version = declaration(tree, ours).unwrap_or_else(|problem| {
            problems.push(problem);
            "1.0"
        });
        let mut all =
            Self { ours, info, every_list_is_complete: version == "1.0", lists: Vec::new(), root: None, problems };
        for path in tree.files.keys() {
            all.read_list(tree, path);
        }
        all.demand();
        all
    }

    fn read_list(&mut self, tree: &Tree, name: &str) {
        let Some((is_tag_list, algorithm)) = list_kind(name) else { return };
        let bytes = match tree.read(name, TAG_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => return self.problems.push(Problem::new(ProblemCode::Unreadable, name).because(error)),
        };
        if name == TAGMANIFEST_SHA256 {
            self.root = Some(fixity::sha256_of(&bytes));
        }
        let form = if self.ours { Form::Canonical } else { Form::Lenient };
        match Manifest::parse(&bytes, form) {
            Ok(manifest) => self.lists.push(List { name: name.to_owned(), algorithm, is_tag_list, manifest }),
            Err(why) => self.problems.push(Problem::new(ProblemCode::ManifestMalformed, name).because(why)),
        }
    }

    /// Tells of manifests that have to be there: ours has four, another maker's bag at least SHA-256.
    fn demand(&mut self) {
        let all = [MANIFEST_SHA256, MANIFEST_BLAKE3, TAGMANIFEST_SHA256, TAGMANIFEST_BLAKE3];
        let demanded = if self.ours { &all[..] } else { &all[..1] };
        for name in demanded {
            let told = |p: &Problem| p.path == **name;
            if !self.lists.iter().any(|list| list.name == **name) && !self.problems.iter().any(told) {
                self.problems.push(Problem::new(ProblemCode::ManifestMissing, *name));
            }
        }
    }

    /// Returns a refusal for every listed path that may lead out of the package, also through a link.
    pub(crate) fn refusals(&self, tree: &Tree) -> Vec<Problem> {
        let refuse = |path: &str, list: &str, why: &str| {
            let shown = model::escape_bytes(path.as_bytes());
            Problem::new(ProblemCode::PathRefused, shown).because(format!("{list}: {why}"))
        };
        let mut refused = Vec::new();
        for list in &self.lists {
            for path in list.manifest.entries.keys() {
                let outside = !list.is_tag_list && !path.starts_with("data/");
                let through_link = || folders_and_itself(path).any(|part| tree.links.contains(part));
                if let Some(why) = path_fault(path) {
                    refused.push(refuse(path, &list.name, why));
                } else if outside {
                    refused.push(refuse(path, &list.name, "not below data/"));
                } else if through_link() {
                    refused.push(refuse(path, &list.name, "symbolic link"));
                }
            }
        }
        refused.extend(fetch_refusals(tree).into_iter().map(|path| refuse(&path, FETCH, "leads out")));
        refused
    }
}

const FETCH: &str = "fetch.txt";

/// Returns the paths of `fetch.txt` that may lead out; lines are `url length path` (RFC 8493 §2.2.3). We fetch
/// nothing: a file that has not been fetched is missing.
fn fetch_refusals(tree: &Tree) -> Vec<String> {
    let Some(Ok(text)) = tag_text(tree, FETCH) else { return Vec::new() };
    text.lines()
        .filter_map(|line| line.splitn(3, [' ', '\t']).nth(2))
        .map(|path| path.trim_start().to_owned())
        .filter(|path| path_fault(path).is_some() || !path.starts_with("data/"))
        .collect()
}

fn folders_and_itself(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).chain(std::iter::once(path))
}

/// Returns what a top-level file lists, or `None` when it is no manifest.
fn list_kind(name: &str) -> Option<(bool, Algorithm)> {
    let stem = name.strip_suffix(".txt")?;
    let (is_tag_list, algorithm) = match stem.strip_prefix("tagmanifest-") {
        Some(algorithm) => (true, algorithm),
        None => (false, stem.strip_prefix("manifest-")?),
    };
    match algorithm {
        _ if algorithm.contains('/') => None,
        "sha256" => Some((is_tag_list, Algorithm::Sha256)),
        "blake3" => Some((is_tag_list, Algorithm::Blake3)),
        _ => Some((is_tag_list, Algorithm::Other)),
    }
}

fn declaration(tree: &Tree, ours: bool) -> Result<&'static str, Problem> {
    let wrong = |why: &str| Problem::new(ProblemCode::BagDeclarationWrong, DECLARATION).because(why);
    let text = tag_text(tree, DECLARATION).ok_or_else(|| wrong(""))?.map_err(|error| wrong(&error.to_string()))?;
    if ours && text != DECLARATION_TEXT {
        return Err(wrong("not as we write it"));
    }
    declared_version(&text).map_err(|why| wrong(&why))
}

fn tag_text(tree: &Tree, path: &str) -> Option<io::Result<String>> {
    tree.files.contains_key(path).then(|| {
        let bytes = tree.read(path, TAG_BYTES_MAX)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    })
}
