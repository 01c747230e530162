//! Names and files that no recorder should write.

use crate::bench::{Bench, files_below};
use fixtures::Layout;
use intake::End;
use model::{MediaOutcome, ProblemCode, escape_bytes};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path};

#[test]
fn row_24_25_hostile_names_are_taken_in_and_harm_nothing() {
    let bench = Bench::new();
    let drive = bench.drive("HOSTILE", Layout::DsjA);
    let made = drive.hostile_names().unwrap();
    // What a name could reach if it were taken for a path.
    let bait = bench.place().join("windows.MP4");
    fs::write(&bait, "untouched").unwrap();
    let outcome = bench.intake(&drive);

    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!(outcome.stored, made.files.len() as u64, "every regular file is evidence: {:?}", outcome.problems);
    bench.check_custody();
    bench.check_holds(drive.root());
    for row in bench.clips() {
        let parts: Vec<Component<'_>> = Path::new(&row.clip.stored_path).components().collect();
        assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))), "{} stays inside", row.clip.stored_path);
        assert_eq!(parts.len(), 7, "{} lies at its depth", row.clip.stored_path);
        assert!(!row.clip.stored_path.chars().any(char::is_control), "{} is plain", row.clip.stored_path);
    }
    assert_eq!(fs::read(&bait).unwrap(), b"untouched", "nothing beside drive and vault is touched");
    let outside: Vec<_> = files_below(bench.place())
        .into_iter()
        .filter(|file| !file.starts_with(&bench.vault) && !file.starts_with(drive.root()) && *file != bait)
        .collect();
    assert_eq!(outside, Vec::<std::path::PathBuf>::new(), "nothing appeared outside");

    let mut codes: BTreeMap<String, Vec<ProblemCode>> = BTreeMap::new();
    for problem in &outcome.problems {
        codes.entry(problem.path.clone()).or_default().push(problem.code);
    }
    let shown = |path: &Path| escape_bytes(path.strip_prefix(drive.root()).unwrap().as_os_str().as_bytes());
    for refused in &made.refused {
        let expected =
            if refused.ends_with("pipe.MP4") { ProblemCode::SpecialFileRefused } else { ProblemCode::SymlinkRefused };
        assert_eq!(codes.get(&shown(refused)), Some(&vec![expected]), "{} is listed as refused, once", shown(refused));
    }
    for (name, code) in [
        ("line\\nbreak.MP4", ProblemCode::NameEscaped),
        ("\\xff\\xfe-not-utf8.MP4", ProblemCode::NameEscaped),
        ("gpj\\u{202e}4PM.exe", ProblemCode::NameEscaped),
        ("empty.MP4", ProblemCode::ZeroLength),
        ("case.mp4", ProblemCode::NamesDifferOnlyInCase),
    ] {
        let path = format!("DCIM/HOSTILE/{name}");
        assert!(codes.get(&path).is_some_and(|found| found.contains(&code)), "{path} is noted as {code}: {codes:?}");
    }
    let job = bench.job(&outcome.job);
    assert_eq!(job.refused, made.refused.len() as u64, "only what was not taken in counts as refused");
    let kept = bench.read(|view| view.job_problems(&outcome.job, u32::MAX));
    assert_eq!(kept, outcome.problems, "the register keeps every one of them");
}

#[test]
fn hostile_names_come_back_as_held() {
    let bench = Bench::new();
    let drive = bench.drive("HOSTILE", Layout::DsjA);
    let made = drive.hostile_names().unwrap();
    bench.intake(&drive);
    let again = bench.intake(&drive);
    assert_eq!((again.stored, again.already_held), (0, made.files.len() as u64), "names are remembered as shown");
    bench.check_custody();
}

#[test]
fn row_11_14_what_is_no_footage_is_evidence_all_the_same() {
    let bench = Bench::new().probing(crate::bench::real_probe());
    let mut drive = bench.drive("CARD", Layout::DsjA);
    let good = drive.clip("2026-11-21 09:00:00", &fixtures::ClipSpec { seconds: 1, ..Default::default() }).unwrap();
    let folder = good.parent().unwrap().to_owned();
    fixtures::zero(&folder.join("DSJA_036012_20261121090100_0002.MP4")).unwrap();
    let half = fs::metadata(&good).unwrap().len() / 2;
    fixtures::truncated(&good, &folder.join("DSJA_036012_20261121090200_0003.MP4"), half).unwrap();
    fixtures::text(&folder.join("DSJA_036012_20261121090300_0004.MP4")).unwrap();
    let outcome = bench.intake(&drive);
    assert!(matches!(outcome.end, End::Done), "{:?}", outcome.end);
    assert_eq!(outcome.stored, 4, "all of them");
    for row in bench.clips() {
        let name = &row.clip.original_name;
        match row.media.as_ref().unwrap() {
            MediaOutcome::Readable(facts) => {
                assert!(name.ends_with("0001.MP4"), "{name} is no footage");
                assert_eq!(facts.video_codec.as_deref(), Some("h264"), "{name}");
            }
            MediaOutcome::Unreadable { reason } => {
                assert!(!name.ends_with("0001.MP4") && !reason.is_empty(), "{name} is 无法解析: {reason}");
            }
        }
        // The recorder's name for it still tells when it was recorded.
        assert!(row.clip.recorded_from.is_some() && row.clip.session.is_some(), "{name} belongs to its session");
    }
    bench.check_custody();
    bench.check_holds(drive.root());
}
