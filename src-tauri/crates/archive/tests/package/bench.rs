//! A small vault with clips, and packages made from it.

use archive::{
    ArchiveError, Bag, PackageContent, PackagePlan, PackagedClip, PackagedSession, PackagedStatement, Report, Stage,
    Watch,
};
use model::{Case, CaseDraft, CaseId, Digest, Instant, Level, Problem, ProblemCode, StationZone, parse_instant};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Follows nothing and never stops.
pub struct Silent;

impl Watch for Silent {
    fn progress(&self, _stage: Stage, _done: u64, _total: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

pub struct Bench {
    pub folder: TempDir,
    pub content: PackageContent,
}

/// Name on the recorder as shown, name in the vault, bytes. Among them: beyond the basic plane, too long for Joliet,
/// differing only in case, a line feed, a per cent sign, a formula, markup, nothing inside.
pub const CLIPS: [(&str, &str, usize); 9] = [
    ("𠮷.mp4", "𠮷.mp4", 5000),
    (LONG, LONG, 4100),
    ("VID_01.MP4", "VID_01.MP4", 2048),
    ("vid_01.mp4", "vid_01.mp4", 2049),
    (r"a\nb.mp4", "a_b.mp4", 1),
    ("50%.mp4", "50%.mp4", 333),
    ("=1+1 \"x\", y.mp4", "=1+1 _x_, y.mp4", 77),
    ("<script>&'.avi", "_script_&'.avi", 10_000),
    ("empty.mp4", "empty.mp4", 0),
];
const LONG: &str = "2026-11-21 执法记录仪现场摄录 文化路十八号某某网吧未核对身份证件一案 检查全过程音像记录 第一段 补充说明很长很长很长很长很长.MP4";

impl Bench {
    /// Two sessions: the first seven clips, and the last two.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clips: Vec<PackagedClip> =
            CLIPS.iter().enumerate().map(|(index, spec)| clip(folder.path(), index, *spec)).collect();
        let (first, second) = clips.split_at(7);
        let sessions = vec![session(folder.path(), 1, first.to_vec()), session(folder.path(), 2, second.to_vec())];
        Self { content: content(sessions), folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn plan(&self) -> PackagePlan {
        archive::plan(self.content.clone()).unwrap()
    }

    /// Writes the package into the folder `bag`.
    pub fn bag(&self) -> (PathBuf, Bag) {
        let path = self.path("bag");
        let bag = archive::write(&self.plan(), &path, fonts(), &Silent).unwrap();
        (path, bag)
    }
}

pub fn fonts() -> &'static forms::Fonts {
    static FONTS: OnceLock<forms::Fonts> = OnceLock::new();
    FONTS.get_or_init(|| forms::Fonts::system().unwrap())
}

fn at(text: &str) -> Instant {
    parse_instant(text).unwrap()
}

fn content(sessions: Vec<PackagedSession>) -> PackageContent {
    let draft = CaseDraft {
        number: "麒文旅罚〔2026〕12号".into(),
        cause: "未核对身份证件\nBag-Software-Agent: x".into(),
        party: "某某网吧 <b>&</b>".into(),
        department: "执法一科".into(),
    };
    let id = CaseId::parse("01JD0000000000000000000000").unwrap();
    PackageContent {
        number: "归〔2026〕3号".into(),
        unit: "麒麟区文化和旅游局".into(),
        case: Case { id, draft, opened_at: at("2026-11-20T01:00:00Z") },
        made_at: at("2026-11-21T16:30:00Z"),
        made_by: "李娜（53030036012）".into(),
        zone: StationZone::beijing(),
        sessions,
        ledger_head: (42, fixity::sha256_of(b"head")),
        software: "EviDock 0.1.0".into(),
    }
}

pub fn session(folder: &Path, number: u32, clips: Vec<PackagedClip>) -> PackagedSession {
    let pdf = folder.join(format!("statement-{number}.pdf"));
    let paper = noise(1000 + u64::from(number), 3000);
    fs::write(&pdf, &paper).unwrap();
    let root = root_of(&clips);
    PackagedSession {
        title: format!("场次 {number}"),
        recorder: "DSJ-A8 03号".into(),
        from: clips.first().and_then(|clip| clip.recorded_from),
        to: clips.last().and_then(|clip| clip.recorded_to),
        statement: PackagedStatement {
            number: format!("文说〔2026〕{number}号"),
            revision: 1,
            officers: "李娜（53030036012）、王强（53030036015）".into(),
            taken_from: "2026-11-21 09:02:00".into(),
            taken_to: "2026-11-21 09:47:00".into(),
            place: "文化路18号".into(),
            root,
            pdf,
            pdf_sha256: fixity::sha256_of(&paper),
        },
        clips,
    }
}

pub fn root_of(clips: &[PackagedClip]) -> Digest {
    let list: String = clips.iter().map(|clip| format!("{}  {}\n", clip.digests.sha256, clip.number)).collect();
    fixity::sha256_of(list.as_bytes())
}

fn clip(folder: &Path, index: usize, (shown, stored, size): (&str, &str, usize)) -> PackagedClip {
    let bytes = noise(index as u64, size);
    let own = folder.join("originals").join(index.to_string());
    fs::create_dir_all(&own).unwrap();
    let source = own.join(stored);
    fs::write(&source, &bytes).unwrap();
    let (size, digests) = fixity::digest(&bytes[..]).unwrap();
    PackagedClip {
        number: format!("P2026-{:06}", index + 1),
        original_name: shown.into(),
        source,
        size,
        digests,
        level: Level::V2,
        state: model::ClipState::Verified,
        unreadable: 0,
        recorded_from: Some(at("2026-11-21T01:02:05Z")),
        recorded_to: Some(at("2026-11-21T01:12:05Z")),
        duration_ms: (index != 8).then_some(600_000),
        playable: index != 8,
    }
}

/// Bytes that look random and are the same every time (splitmix64).
pub fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

pub fn verify(path: &Path) -> Report {
    archive::verify(path, &Silent).unwrap()
}

/// Returns the findings as `code path`.
pub fn findings(path: &Path) -> Vec<String> {
    verify(path).findings.iter().map(told).collect()
}

pub fn told(problem: &Problem) -> String {
    format!("{} {}", problem.code, problem.path)
}

/// Returns `code path` of the finding that is expected.
pub fn finding(code: ProblemCode, path: &str) -> String {
    told(&Problem::new(code, path))
}

/// Returns all regular files below a folder, by path below it.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

/// Returns the error of an act that must not succeed.
pub fn refused<T: std::fmt::Debug>(result: Result<T, ArchiveError>) -> ArchiveError {
    result.expect_err("the act must be refused")
}
