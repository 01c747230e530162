//! Planning and writing a package.

use crate::bench::{Bench, Silent, files, finding, findings, fonts, noise, refused, root_of, verify};
use archive::{ArchiveError, Medium, PackageContent, Stage, Watch};
use model::{ErrorCode, ProblemCode};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

#[test]
fn a_package_is_whole_and_verifies() {
    let bench = Bench::new();
    let plan = bench.plan();
    let (folder, bag) = bench.bag();
    let report = verify(&folder);
    assert_eq!(report.findings, [], "a fresh package has no findings");
    assert!(report.ours && report.unchecked.is_empty(), "all rules were applied");
    assert_eq!(report.root, Some(bag.root), "the root hash is the same when read back");
    assert_eq!((bag.files, plan.files), (15, 15), "9 originals, 2 × 2 for statements, 2 lists");
    assert_eq!(report.checked, bag.files + 6, "payload and listed tag files");
    assert!(plan.bytes < bag.bytes && bag.bytes < plan.discs[0].image_bytes, "prediction is an upper bound");
    assert_eq!(plan.discs.len(), 1, "one disc for now");
    assert_eq!((plan.discs[0].medium, plan.discs[0].volume_id.as_str()), (Medium::Cd, "EVD_2026_3_01"));
    assert!(!bench.path("bag.partial").exists(), "nothing is left beside the package");
    for (session, paths) in plan.content.sessions.iter().zip(&plan.originals) {
        for (clip, path) in session.clips.iter().zip(paths) {
            let same = fs::read(folder.join(path)).unwrap() == fs::read(&clip.source).unwrap();
            assert!(same, "{path} holds the untouched bytes");
        }
    }
}

#[test]
fn row_25_names_in_the_package_fit_every_reader() {
    let bench = Bench::new();
    let plan = bench.plan();
    let paths = plan.originals.concat();
    let folded: BTreeSet<String> = paths.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(folded.len(), paths.len(), "no two names differ only in case: {paths:?}");
    for path in &paths {
        let name = path.rsplit('/').next().unwrap();
        assert!(name.encode_utf16().count() <= 64, "Joliet holds {name}");
        assert!(name.chars().all(|c| u32::from(c) <= 0xFFFF && c != '%'), "no reader stumbles over {name}");
    }
    assert_eq!(paths[2], "data/originals/01/VID_01.MP4", "a name that fits is kept");
    assert_eq!(paths[3], "data/originals/01/P2026-000004_vid_01.mp4", "its double is told apart by the clip number");
    assert!(paths[1].ends_with(".MP4"), "a shortened name keeps its extension");
}

#[test]
fn strangers_tools_agree() {
    let bench = Bench::new();
    let (folder, bag) = bench.bag();
    for (tool, list) in [
        ("sha256sum", "manifest-sha256.txt"),
        ("sha256sum", "tagmanifest-sha256.txt"),
        ("b3sum", "manifest-blake3.txt"),
        ("b3sum", "tagmanifest-blake3.txt"),
    ] {
        let status = Command::new(tool).args(["--check", "--quiet", list]).current_dir(&folder).status().unwrap();
        assert!(status.success(), "{tool} --check {list}");
    }
    let sha256sum = |path: &str| {
        let output = Command::new("sha256sum").arg(path).current_dir(&folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap()[..64].to_owned()
    };
    assert_eq!(sha256sum("tagmanifest-sha256.txt"), bag.root.to_string(), "root hash of the package");
    for (index, session) in bench.content.sessions.iter().enumerate() {
        let list = format!("data/statements/{:02}.sha256", index + 1);
        assert_eq!(sha256sum(&list), session.statement.root.to_string(), "root hash of the statement");
    }
    let info = fs::read_to_string(folder.join("bag-info.txt")).unwrap();
    let labels: Vec<&str> = info.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(
        labels,
        [
            "Source-Organization",
            "External-Identifier",
            "External-Description",
            "Bagging-Date",
            "Payload-Oxum",
            "Bag-Software-Agent",
            "Case-Number",
            "Case-Cause",
            "Case-Party",
            "Case-Department",
            "Packaged-At",
            "Packaged-By",
            "Ledger-Head"
        ],
        "labels in order, and no text of a case becomes one"
    );
    assert!(info.contains("Bagging-Date: 2026-11-22\n"), "the day is the station's, not UTC's");
    assert!(info.contains(&format!("Payload-Oxum: {}.{}\n", bag.bytes, bag.files)), "size of the payload");
}

#[test]
fn the_page_links_to_what_is_there_and_runs_nothing() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    let decode = |link: &str| {
        let mut bytes = Vec::new();
        let mut rest = link.as_bytes();
        while let [first, after @ ..] = rest {
            if *first == b'%' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let mut linked: BTreeSet<String> = BTreeSet::new();
    for part in page.split(" href=\"").chain(page.split(" src=\"")).skip(1) {
        linked.insert(decode(part.split('"').next().unwrap()));
    }
    for path in files(&folder).iter().filter(|path| path.starts_with("data/")) {
        assert!(linked.contains(path), "{path} can be reached from the page");
    }
    for link in linked.iter().filter(|link| !link.starts_with('<')) {
        assert!(folder.join(link).is_file(), "the link {link} leads to a file of the package");
    }
    assert_eq!(page.matches("<video controls preload=\"none\"").count(), 8, "one player for each playable clip");
    for text in ["<script", "<b>&</b>", "http://", "https://"] {
        assert!(!page.contains(text), "{text} stays text or is not there");
    }
    for text in ["麒文旅罚〔2026〕12号", "文说〔2026〕2号", "53030036015", "&lt;script&gt;&amp;&#39;.avi"] {
        assert!(page.contains(text), "the page says {text}");
    }
    let help = fs::read_to_string(folder.join("VERIFY.txt")).unwrap();
    for text in ["certutil -hashfile", "sha256sum -c manifest-sha256.txt", "归〔2026〕3号", "EviDock 0.1.0"] {
        assert!(help.contains(text), "VERIFY.txt says {text}");
    }
    assert!(!help.contains('{'), "every place in the instructions is filled");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let bench = Bench::new();
    let (folder, first) = bench.bag();
    let again = archive::write(&bench.plan(), &bench.path("again"), fonts(), &Silent).unwrap();
    assert_eq!(first, again, "root, files and bytes");
    for path in files(&folder) {
        let same = fs::read(folder.join(&path)).unwrap() == fs::read(bench.path("again").join(&path)).unwrap();
        assert!(same, "{path} is reproducible");
    }
}

#[test]
fn content_that_contradicts_itself_is_not_planned() {
    type Spoil = fn(&mut PackageContent);
    let rows: Vec<(&str, Spoil, ErrorCode)> = vec![
        ("no sessions", |c| c.sessions.clear(), ErrorCode::PackageIncomplete),
        ("no clips", |c| c.sessions[1].clips.clear(), ErrorCode::PackageIncomplete),
        ("no number", |c| c.number = " ".into(), ErrorCode::PackageIncomplete),
        ("foreign software", |c| c.software = "EviDocks 1".into(), ErrorCode::PackageIncomplete),
        ("a clip less", |c| c.sessions[0].clips.truncate(3), ErrorCode::VerifyFailed),
        ("another order", |c| c.sessions[0].clips.swap(0, 1), ErrorCode::VerifyFailed),
        (
            "a clip twice",
            |c| {
                let twice = c.sessions[0].clips[0].clone();
                c.sessions[1].clips.push(twice);
                c.sessions[1].statement.root = root_of(&c.sessions[1].clips);
            },
            ErrorCode::PackageIncomplete,
        ),
    ];
    for (what, spoil, code) in rows {
        let mut content = Bench::new().content;
        spoil(&mut content);
        assert_eq!(refused(archive::plan(content)).code(), code, "{what}");
    }
}

#[test]
fn a_changed_original_or_paper_stops_the_package() {
    let bench = Bench::new();
    let clip = &bench.content.sessions[0].clips[2];
    let write = || archive::write(&bench.plan(), &bench.path("bag"), fonts(), &Silent);
    let untouched = fs::read(&clip.source).unwrap();
    for (what, bytes) in [("changed", noise(99, 2048)), ("cut", untouched[..2000].to_vec())] {
        fs::write(&clip.source, bytes).unwrap();
        match refused(write()) {
            ArchiveError::OriginalDiffers { clip } => {
                assert_eq!(clip, "P2026-000003", "the error names the {what} clip")
            }
            other => panic!("{what}: {other}"),
        }
        assert!(!bench.path("bag").exists() && !bench.path("bag.partial").exists(), "nothing half-made stays");
    }
    fs::remove_file(&clip.source).unwrap();
    assert!(matches!(refused(write()), ArchiveError::OriginalUnreadable { .. }), "a missing original is told");
    fs::write(&clip.source, untouched).unwrap();
    fs::write(&bench.content.sessions[1].statement.pdf, b"other").unwrap();
    assert!(matches!(refused(write()), ArchiveError::PaperDiffers { .. }), "a changed paper is told");
    assert!(!bench.path("bag").exists() && !bench.path("bag.partial").exists(), "nothing half-made stays");
}

#[test]
fn nothing_is_replaced_and_a_killed_run_is_cleared() {
    let bench = Bench::new();
    let write = || archive::write(&bench.plan(), &bench.path("bag"), fonts(), &Silent);
    fs::create_dir(bench.path("bag")).unwrap();
    assert!(matches!(refused(write()), ArchiveError::OutputExists { .. }), "an empty folder is not replaced either");
    fs::remove_dir(bench.path("bag")).unwrap();
    fs::create_dir_all(bench.path("bag.partial/data/originals/01")).unwrap();
    fs::write(bench.path("bag.partial/data/originals/01/x"), b"half").unwrap();
    fs::write(bench.path("bag.partial/mine.txt"), b"not ours").unwrap();
    assert!(matches!(refused(write()), ArchiveError::OutputExists { .. }), "what no run of ours wrote is not removed");
    assert!(bench.path("bag.partial/mine.txt").exists(), "a stranger's file stays");
    fs::remove_file(bench.path("bag.partial/mine.txt")).unwrap();
    write().unwrap();
    assert_eq!(findings(&bench.path("bag")), Vec::<String>::new(), "leftovers do not get into the package");
}

/// Stops once so many bytes of a stage went by.
struct Impatient(AtomicU64);

impl Watch for Impatient {
    fn progress(&self, stage: Stage, done: u64, total: u64) {
        assert_eq!(stage, Stage::Copy, "only originals are counted");
        assert!(done <= total, "never more than all: {done} of {total}");
        self.0.store(done, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 6000
    }
}

#[test]
fn a_cancelled_package_leaves_nothing() {
    let bench = Bench::new();
    let watch = Impatient(AtomicU64::new(0));
    let error = refused(archive::write(&bench.plan(), &bench.path("bag"), fonts(), &watch));
    assert_eq!(error.code(), ErrorCode::Cancelled, "cancellation is no fault");
    assert!(!bench.path("bag").exists() && !bench.path("bag.partial").exists(), "nothing half-made stays");
}

#[test]
fn the_table_stands_for_the_originals() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    let table = fs::read_to_string(folder.join("data/file-list.csv")).unwrap();
    assert!(table.starts_with("\u{feff}序号,片段编号,原文件名,包内路径,"), "Excel reads it as UTF-8");
    assert_eq!(table.matches("\r\n").count(), 10, "a title and nine originals");
    assert!(table.contains(r#","'=1+1 ""x"", y.mp4","#), "a formula stays text");
    let sm3 = bench.content.sessions[0].clips[0].digests.sm3.to_string();
    let paper = Command::new("pdftotext").arg(folder.join("data/file-list.pdf")).arg("-").output().unwrap();
    let paper: String = String::from_utf8(paper.stdout).unwrap().split_whitespace().collect();
    assert!(table.contains(&sm3) && paper.contains(&sm3), "SM3 stands in the table and on the paper");
    // A wrong SM3 that every manifest confirms is still wrong.
    let forged = table.replace(&sm3, &"0".repeat(64));
    crate::tamper::replace_and_relist(&folder, "data/file-list.csv", forged.as_bytes());
    let path = &bench.plan().originals[0][0];
    assert_eq!(findings(&folder), [finding(ProblemCode::Sm3Differs, path)], "SM3 is computed, not believed");
}

#[test]
fn names_that_no_font_has_are_printed_escaped() {
    // U+0378 is not assigned, so no font has it.
    let mut bench = Bench::new();
    let clip = &mut bench.content.sessions[0].clips[2];
    let source = clip.source.with_file_name("\u{378}ཀ.mp4");
    fs::rename(&clip.source, &source).unwrap();
    clip.source = source;
    clip.original_name = "\u{378}ཀ.mp4".into();
    let (folder, _) = bench.bag();
    assert_eq!(findings(&folder), Vec::<String>::new(), "the package is whole");
    assert!(folder.join("data/originals/01/\u{378}ཀ.mp4").is_file(), "the name in the package is not the paper's");
    let paper = Command::new("pdftotext").arg(folder.join("data/file-list.pdf")).arg("-").output().unwrap();
    let paper: String = String::from_utf8(paper.stdout).unwrap().split_whitespace().collect();
    assert!(paper.contains(r"\u{378}"), "the paper says which characters they are");
    let table = fs::read_to_string(folder.join("data/file-list.csv")).unwrap();
    assert!(table.contains(",\u{378}ཀ.mp4,"), "the table has the name as it is");
    bench.content.case.draft.party = "\u{378}".into();
    let error = refused(archive::write(&bench.plan(), &bench.path("other"), fonts(), &Silent));
    assert_eq!(error.code(), ErrorCode::GlyphMissing, "but nothing else on a paper is rewritten");
}
