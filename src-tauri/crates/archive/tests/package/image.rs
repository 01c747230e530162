//! The disc image: made, read back, tampered with.

use crate::bench::{Bench, Silent, files, finding, findings, noise, refused, verify};
use archive::{ArchiveError, Stage, Watch};
use model::ErrorCode;
use model::ProblemCode::{self, *};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const BLOCK: usize = 2048;

fn image(bench: &Bench) -> (PathBuf, PathBuf, archive::Image) {
    let (folder, _) = bench.bag();
    let path = bench.path("disc.iso");
    let image = archive::write_image(&folder, &path, "EVD_2026_3_01", &Silent).unwrap();
    (folder, path, image)
}

/// Runs xorriso as a stranger would.
fn xorriso(arguments: &[&str]) -> String {
    let output = Command::new("xorriso").args(arguments).env("LC_ALL", "C.UTF-8").output().unwrap();
    assert!(output.status.success(), "xorriso {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_image_holds_the_package_and_verifies() {
    let bench = Bench::new();
    let (folder, path, image) = image(&bench);
    let bytes = fs::read(&path).unwrap();
    assert_eq!((image.bytes, image.sha256), (bytes.len() as u64, fixity::sha256_of(&bytes)), "size and digest");
    assert!(image.bytes <= bench.plan().discs[0].image_bytes, "the prediction is an upper bound");
    assert!(image.tool.starts_with("xorriso 1."), "the tool is recorded: {}", image.tool);
    let (of_folder, of_image) = (verify(&folder), verify(&path));
    assert_eq!(of_image, of_folder, "folder and image say the same");
    assert_eq!(of_image.findings, [], "nothing is found");
    let out = bench.path("out");
    xorriso(&["-osirrox", "on", "-indev", path.to_str().unwrap(), "-extract", "/", out.to_str().unwrap()]);
    assert_eq!(files(&out), files(&folder), "a stranger takes the same files from it, Chinese names included");
    assert!(!bench.path("disc.iso.partial").exists(), "nothing is left beside the image");
}

#[test]
fn the_same_package_gives_the_same_image() {
    let bench = Bench::new();
    let (folder, _, first) = image(&bench);
    for path in files(&folder) {
        let file = fs::File::options().write(true).open(folder.join(path)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(86_400)).unwrap();
    }
    let again = archive::write_image(&folder, &bench.path("again.iso"), "EVD_2026_3_01", &Silent).unwrap();
    assert_eq!(first, again, "file times of our disk do not get into the image");
}

#[test]
fn row_59_every_flipped_file_and_block_is_found() {
    let bench = Bench::new();
    let (folder, path, _) = image(&bench);
    let whole = fs::read(&path).unwrap();
    let blocks = whole.len() / BLOCK;
    let find =
        |needle: &[u8]| (0..blocks).map(|block| block * BLOCK).find(|at| whole[*at..].starts_with(needle)).unwrap();
    let copy = bench.path("flipped.iso");
    let flip = |offset: usize| {
        let mut bytes = whole.clone();
        bytes[offset] ^= 1 << (offset % 8);
        fs::write(&copy, bytes).unwrap();
        verify(&copy).findings
    };
    for name in files(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let found = flip(find(&bytes) + bytes.len() / 2);
        let image_told = found.iter().any(|p| p.code == ImageUnreadable);
        // A changed list is told as malformed, or by the file it now speaks wrongly of.
        let file_told = found.iter().any(|p| p.path == name || p.detail == name);
        assert!(image_told && file_told, "{name} flipped in the image: {found:?}");
    }
    let tag = find(b"libisofs_checksum_tag_v1 ");
    let text = whole[tag..tag + BLOCK].iter().position(|b| *b == b'\n').unwrap();
    let sampled = noise(7, 64 * 8);
    let sampled = sampled.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()) as usize % whole.len());
    let last = whole.len() - 1;
    for offset in (tag..=tag + text + 1).chain([tag + BLOCK - 1, last, 0, 16 * BLOCK + 80]).chain(sampled) {
        assert!(!flip(offset).is_empty(), "byte {offset} (block {}) of the image went unseen", offset / BLOCK);
    }
}

#[test]
fn row_59_damaged_and_foreign_images_are_told() {
    let bench = Bench::new();
    let (folder, path, _) = image(&bench);
    let whole = fs::read(&path).unwrap();
    let spoilt = bench.path("spoilt.iso");
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("no image", noise(3, 100_000)),
        ("cut by a block", whole[..whole.len() - BLOCK].to_vec()),
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("cut in the tree", whole[..20 * BLOCK].to_vec()),
        ("longer", [&whole[..], &[0; BLOCK]].concat()),
    ];
    for (what, bytes) in rows {
        fs::write(&spoilt, bytes).unwrap();
        let found = verify(&spoilt).findings;
        assert!(found.iter().any(|p| p.code == ImageUnreadable), "{what}: {found:?}");
    }
    // The package in an image that somebody else made has no checksums inside.
    let plain = bench.path("plain.iso");
    make(&folder, &plain, &[]);
    assert_eq!(findings(&plain), [finding(ImageUnreadable, "")], "an image of ours has checksums");
}

/// Makes an image of a folder as `mkisofs` would, with other options.
fn make(folder: &Path, image: &Path, options: &[&str]) {
    let (folder, image) = (folder.to_str().unwrap(), image.to_str().unwrap());
    let head = ["-as", "mkisofs", "-quiet", "-input-charset", "utf-8", "-iso-level", "3", "-J", "-joliet-long", "-r"];
    xorriso(&[&head[..], options, &["-o", image, folder]].concat());
}

type Act = fn(&Path, &Path, &Path);

/// Ways to make an image that holds more or less than the package: what it is, how, and the finding.
fn unlike_images() -> Vec<(&'static str, Act, ProblemCode, &'static str)> {
    vec![
        (
            "added in a further session",
            |_, iso, other| {
                let (iso, other) = (iso.to_str().unwrap(), other.to_str().unwrap());
                xorriso(&["-md5", "on", "-dev", &format!("stdio:{iso}"), "-joliet", "on", "-map", other, "/new.txt"]);
            },
            FileAdded,
            "new.txt",
        ),
        (
            "removed in a further session",
            |_, iso, _| {
                let dev = format!("stdio:{}", iso.to_str().unwrap());
                xorriso(&["-md5", "on", "-dev", &dev, "-joliet", "on", "-rm", "/VERIFY.txt", "--"]);
            },
            FileMissing,
            "VERIFY.txt",
        ),
        (
            "made from a folder with one more",
            |folder, iso, other| {
                fs::copy(other, folder.join("data/new.txt")).unwrap();
                make(folder, iso, &["--md5"]);
            },
            FileAdded,
            "data/new.txt",
        ),
        (
            "made from a folder with an empty one",
            |folder, iso, _| {
                fs::create_dir(folder.join("data/new")).unwrap();
                make(folder, iso, &["--md5"]);
            },
            FileAdded,
            "data/new/",
        ),
        (
            "made from a folder with a link",
            |folder, iso, _| {
                std::os::unix::fs::symlink("/etc/hostname", folder.join("data/new")).unwrap();
                make(folder, iso, &["--md5"]);
            },
            SymlinkRefused,
            "data/new",
        ),
        (
            "hidden from Windows",
            |folder, iso, _| {
                make(folder, iso, &["--md5", "-hide-joliet", "index.html"]);
            },
            FileMissing,
            "index.html",
        ),
    ]
}

#[test]
fn files_added_to_or_removed_from_an_image_are_found() {
    for (what, act, code, path) in unlike_images() {
        let bench = Bench::new();
        let (folder, iso, _) = image(&bench);
        let other = bench.path("other.txt");
        fs::write(&other, "other").unwrap();
        let changed = bench.path("changed.iso");
        if what.contains("session") {
            fs::copy(&iso, &changed).unwrap();
        }
        act(&folder, &changed, &other);
        let found = findings(&changed);
        assert!(found.contains(&finding(code, path)), "{what}: {found:?}");
    }
}

#[test]
fn a_package_changed_before_imaging_gives_no_image() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    let path = bench.path("disc.iso");
    let original = folder.join(&bench.plan().originals[0][0]);
    fs::write(&original, noise(5, 5000)).unwrap();
    let error = refused(archive::write_image(&folder, &path, "EVD", &Silent));
    assert!(matches!(&error, ArchiveError::ImageDiffers { findings, .. } if findings.contains("differs")), "{error}");
    assert!(!path.exists() && !bench.path("disc.iso.partial").exists(), "no image is left");
}

#[test]
fn bad_requests_are_refused() {
    let bench = Bench::new();
    let (folder, path, _) = image(&bench);
    for id in ["", "evd", "EVD 1", "光盘", "EVD_2026_00003_01"] {
        let error = refused(archive::write_image(&folder, &bench.path("x.iso"), id, &Silent));
        assert_eq!(error.code(), ErrorCode::InvalidInput, "volume id {id:?}");
    }
    let error = refused(archive::write_image(&folder, &path, "EVD", &Silent));
    assert_eq!(error.code(), ErrorCode::OutputExists, "an image is not replaced");
    fs::write(bench.path("x.iso.partial"), b"left by a killed run").unwrap();
    archive::write_image(&folder, &bench.path("x.iso"), "EVD", &Silent).unwrap();
    let error = refused(archive::write_image(&bench.path("none"), &bench.path("y.iso"), "EVD", &Silent));
    assert_eq!(error.code(), ErrorCode::SourceFailed, "no package, no image");
}

/// Stops as soon as a stage has begun, and remembers the stages.
struct StopAt(Stage, AtomicBool, Mutex<Vec<Stage>>);

impl Watch for StopAt {
    fn progress(&self, stage: Stage, done: u64, total: u64) {
        assert!(done <= total, "never more than all: {done} of {total} in {stage:?}");
        self.2.lock().unwrap().push(stage);
        if stage == self.0 {
            self.1.store(true, Ordering::Relaxed);
        }
    }
    fn cancelled(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

#[test]
fn a_cancelled_image_leaves_nothing() {
    let bench = Bench::new();
    let (folder, _) = bench.bag();
    for stage in [Stage::WriteImage, Stage::Verify] {
        let watch = StopAt(stage, AtomicBool::new(false), Mutex::default());
        let error = refused(archive::write_image(&folder, &bench.path("disc.iso"), "EVD", &watch));
        assert_eq!(error.code(), ErrorCode::Cancelled, "stopped in {stage:?}: {error}");
        assert!(!bench.path("disc.iso").exists() && !bench.path("disc.iso.partial").exists(), "nothing is left");
    }
    let watch = StopAt(Stage::Copy, AtomicBool::new(false), Mutex::default());
    archive::write_image(&folder, &bench.path("disc.iso"), "EVD", &watch).unwrap();
    let mut stages = watch.2.into_inner().unwrap();
    stages.dedup();
    assert_eq!(
        stages,
        [Stage::WriteImage, Stage::Verify, Stage::CheckImage, Stage::Fingerprint],
        "the stages in their order"
    );
}
