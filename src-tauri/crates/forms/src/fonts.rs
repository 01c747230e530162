//! The faces papers are printed in: found once, shared by all papers, recorded by name and version.

use crate::FormError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use ttf_parser::{Face, Tag, name_id};

/// How deep font folders are searched.
const FOLDER_DEPTH_MAX: usize = 8;
/// Names a folder that is searched before the usual ones.
const FOLDER_VARIABLE: &str = "EVIDOCK_FONTS";

/// The voice a piece of text is set in. Its face is asked first, the others follow character by character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// 宋体, for what is said.
    Song,
    /// 黑体, for titles and labels.
    Hei,
    /// Letters and digits of one width, for digests and paths.
    Mono,
}

struct Wanted {
    /// PostScript name.
    face: &'static str,
    /// File names, without extension, that may hold it: the collection of all regions or the single face.
    stems: &'static [&'static str],
    required: bool,
}

/// In the order of fallback; the first three stand for [`Role`].
const WANTED: [Wanted; 5] = [
    Wanted {
        face: "NotoSerifCJKsc-Regular",
        stems: &["NotoSerifCJK-Regular", "NotoSerifCJKsc-Regular"],
        required: true,
    },
    Wanted { face: "NotoSansCJKsc-Regular", stems: &["NotoSansCJK-Regular", "NotoSansCJKsc-Regular"], required: true },
    Wanted {
        face: "NotoSansMonoCJKsc-Regular",
        stems: &["NotoSansCJK-Regular", "NotoSansMonoCJKsc-Regular"],
        required: true,
    },
    Wanted { face: "HanaMinA", stems: &["HanaMinA"], required: false },
    Wanted { face: "HanaMinB", stems: &["HanaMinB"], required: false },
];

/// A face at hand, as it is recorded with the papers made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontUsed {
    /// PostScript name, such as `NotoSerifCJKsc-Regular`.
    pub face: String,
    /// File name without its folder.
    pub file: String,
    /// Bytes of the file.
    pub size: u64,
    /// `head.fontRevision`, such as `2.001`.
    pub revision: String,
}

/// The faces of this machine. The same faces and the same values give the same bytes of a paper.
pub struct Fonts {
    pub(crate) faces: Vec<FaceFile>,
}

impl Fonts {
    /// Returns the fonts of the operating system, and before them those of the folder `EVIDOCK_FONTS` names.
    ///
    /// Noto Serif CJK SC and Noto Sans CJK SC must be there. HanaMinA and HanaMinB are taken where they are
    /// present; without them the rarest characters are refused with [`FormError::GlyphMissing`].
    pub fn system() -> Result<Self, FormError> {
        let own = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share/fonts"));
        let usual = ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from);
        let usual = usual.into_iter().chain(home).filter(|folder| folder.is_dir());
        Self::load(&own.into_iter().chain(usual).collect::<Vec<_>>())
    }

    /// Returns the fonts found in the folders and below; an earlier folder wins.
    pub fn load(folders: &[PathBuf]) -> Result<Self, FormError> {
        let mut paths = Vec::new();
        for folder in folders {
            list_fonts(folder, FOLDER_DEPTH_MAX, &mut paths)?;
        }
        let mut opened: Vec<Arc<FontFile>> = Vec::new();
        let mut faces = Vec::new();
        for wanted in &WANTED {
            match find(wanted, &paths, &mut opened)? {
                Some(face) => faces.push(face),
                None if wanted.required => {
                    return Err(FormError::FaceMissing { face: wanted.face, folders: folders.to_vec() });
                }
                None => {}
            }
        }
        for face in faces.iter_mut().filter(|face| face.last_resort()) {
            // 54 MB that most papers never need: read again when a character asks for it.
            face.file = Arc::new(face.file.unread());
        }
        Ok(Self { faces })
    }

    /// Returns the faces papers are made from, in the order they are asked for a character.
    pub fn used(&self) -> Vec<FontUsed> {
        self.faces.iter().map(|face| face.used.clone()).collect()
    }
}

/// One face of a font file.
pub(crate) struct FaceFile {
    pub name: &'static str,
    used: FontUsed,
    file: Arc<FontFile>,
    pub index: u32,
}

impl FaceFile {
    fn last_resort(&self) -> bool {
        WANTED.iter().any(|wanted| wanted.face == self.name && !wanted.required)
    }

    /// Returns the file's bytes, reading them at the first call.
    pub fn bytes(&self) -> Result<&[u8], FormError> {
        self.file.bytes()
    }

    /// Returns the face ready for measuring.
    pub fn parse(&self) -> Result<Face<'_>, FormError> {
        parse(self.bytes()?, self.index, self.name, &self.file.path)
    }
}

struct FontFile {
    path: PathBuf,
    size: u64,
    bytes: OnceLock<Vec<u8>>,
}

impl FontFile {
    fn open(path: &Path) -> Result<Self, FormError> {
        let bytes = read(path)?;
        Ok(Self { path: path.to_owned(), size: bytes.len() as u64, bytes: OnceLock::from(bytes) })
    }

    fn unread(&self) -> Self {
        Self { path: self.path.clone(), size: self.size, bytes: OnceLock::new() }
    }

    fn bytes(&self) -> Result<&[u8], FormError> {
        if let Some(bytes) = self.bytes.get() {
            return Ok(bytes);
        }
        let bytes = read(&self.path)?;
        if bytes.len() as u64 != self.size {
            return Err(FormError::Changed { path: self.path.clone() });
        }
        // Two threads may read at once; whichever comes first is kept, both read the same file.
        Ok(self.bytes.get_or_init(|| bytes))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FormError> {
    std::fs::read(path).map_err(|source| FormError::Read { path: path.to_owned(), source })
}

fn parse<'a>(bytes: &'a [u8], index: u32, face: &'static str, path: &Path) -> Result<Face<'a>, FormError> {
    Face::parse(bytes, index).map_err(|source| FormError::Parse { face, path: path.to_owned(), source })
}

/// Gathers font files that may hold a wanted face, in the order of their paths.
fn list_fonts(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), FormError> {
    let failed = |source| FormError::Folder { folder: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.is_dir() && depth > 0 {
            list_fonts(&path, depth - 1, found)?;
        } else if WANTED.iter().any(|wanted| wanted.stems.contains(&stem)) {
            found.push(path);
        }
    }
    Ok(())
}

/// Returns the wanted face from the first file that holds it; files are read once for all faces.
fn find(wanted: &Wanted, paths: &[PathBuf], opened: &mut Vec<Arc<FontFile>>) -> Result<Option<FaceFile>, FormError> {
    let mine = |path: &&PathBuf| {
        path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| wanted.stems.contains(&stem))
    };
    for path in paths.iter().filter(mine) {
        let file = match opened.iter().find(|file| file.path == *path) {
            Some(file) => file.clone(),
            None => {
                let file = Arc::new(FontFile::open(path)?);
                opened.push(file.clone());
                file
            }
        };
        let faces = ttf_parser::fonts_in_collection(file.bytes()?).unwrap_or(1);
        for index in 0..faces {
            let face = parse(file.bytes()?, index, wanted.face, path)?;
            if postscript_name(&face).as_deref() == Some(wanted.face) {
                let used = FontUsed {
                    face: wanted.face.to_owned(),
                    file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    size: file.size,
                    revision: revision(&face),
                };
                return Ok(Some(FaceFile { name: wanted.face, used, file: file.clone(), index }));
            }
        }
    }
    Ok(None)
}

fn postscript_name(face: &Face<'_>) -> Option<String> {
    face.names().into_iter().filter(|name| name.name_id == name_id::POST_SCRIPT_NAME).find_map(|name| name.to_string())
}

/// Returns `head.fontRevision`, a 16.16 fixed-point number, rounded to three places as foundries write it.
fn revision(face: &Face<'_>) -> String {
    let fixed = face
        .raw_face()
        .table(Tag::from_bytes(b"head"))
        .and_then(|head| head.get(4..8))
        .and_then(|bytes| <[u8; 4]>::try_from(bytes).ok())
        .map_or(0, i32::from_be_bytes);
    format!("{:.3}", f64::from(fixed) / 65536.0)
}
