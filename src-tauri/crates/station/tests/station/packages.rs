//! Packages of a case, checked by programs not ours.

use crate::bench::{Asked, Bench, clerk, files_below, refusal, sessions};
use model::{CaseDraft, CaseId, ErrorCode, ProblemCode};
use station::{Blocker, Destination, SaveCase, Station, TaskState};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

fn case_with_all(station: &Arc<Station>) -> CaseId {
    let draft = CaseDraft {
        number: "麒文旅罚〔2026〕12号".into(), cause: "未核对身份".into(), ..CaseDraft::default()
    };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    station.assign_case(&clerk(), &sessions(station), Some(&case)).unwrap();
    case
}

fn sums_hold(folder: &Path) -> bool {
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "--quiet", "manifest-sha256.txt"]).current_dir(folder);
    check.status().unwrap().success()
}

#[test]
fn a_case_is_packaged_once_nothing_stands_in_the_way() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let empty = CaseDraft { number: "空案".into(), ..CaseDraft::default() };
    let empty = station.save_case(&clerk(), &SaveCase { id: None, draft: empty }).unwrap().case.id;
    assert_eq!(station.package_draft(&empty).unwrap().blockers, [Blocker::NoSessions]);
    let case = case_with_all(&station);
    let ids = sessions(&station);
    station.signed(&ids[0]);
    let elsewhere = || Destination::Elsewhere {
        folder: bench.place().join("package"),
        image: Some(bench.place().join("package.iso")),
    };
    assert_eq!(
        station.package_draft(&case).unwrap().blockers,
        [Blocker::StatementsMissing(vec![ids[1].clone()])],
        "it says which session still lacks its statement"
    );
    assert_eq!(refusal(station.package_and_wait(&clerk(), &case, elsewhere())), ErrorCode::PackageIncomplete);
    assert!(!bench.place().join("package").exists(), "nothing was written");

    station.signed(&ids[1]);
    let draft = station.package_draft(&case).unwrap();
    assert_eq!(draft.blockers, [], "nothing stands in the way");
    let package = station.package_and_wait(&clerk(), &case, elsewhere()).unwrap();
    assert_eq!((package.number.as_str(), package.files), ("归〔2026〕1号", draft.files), "as it was laid out");
    let verified = package.verified.as_ref().unwrap();
    assert!(verified.findings.is_empty() && verified.checked > 0, "read back and compared: {verified:?}");
    let folder = bench.place().join("package");
    assert!(sums_hold(&folder), "sha256sum agrees");
    for row in station.clips() {
        let bytes = fs::read(bench.vault().join(&row.clip.stored_path)).unwrap();
        let held = files_below(&folder.join("data")).iter().any(|file| fs::read(file).unwrap() == bytes);
        assert!(held, "{} is in it, byte for byte", row.clip.number);
    }
    let mut xorriso = Command::new("xorriso");
    let listing =
        xorriso.args(["-indev"]).arg(bench.place().join("package.iso")).args(["-find", "/"]).output().unwrap();
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    assert!(listing.contains("bagit.txt") && listing.contains("tagmanifest-sha256.txt"), "{listing}");
    assert_eq!(refusal(station.package_and_wait(&clerk(), &case, elsewhere())), ErrorCode::OutputExists, "not over it");
    let inside = station.package_and_wait(&clerk(), &case, Destination::Vault { image: false }).unwrap();
    assert_eq!(inside.number, "归〔2026〕2号", "a refused package spends no number");
    assert!(sums_hold(&station.package_folder(&inside.id).unwrap()), "sha256sum agrees");
    assert_eq!(station.checked(false).findings, [], "packages are no strangers to the store");
}

#[test]
fn a_package_that_changed_is_found_and_recorded() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let case = case_with_all(&station);
    sessions(&station).iter().for_each(|id| drop(station.signed(id)));
    let package = station.package_and_wait(&clerk(), &case, Destination::Vault { image: false }).unwrap();
    let folder = station.package_folder(&package.id).unwrap();
    let checked = || {
        let task = station.start_package_check(&clerk(), &package.id).unwrap();
        for _ in 0..1000 {
            let now = station.tasks().into_iter().find(|t| t.id == task.id).unwrap();
            if now.state != TaskState::Running {
                assert_eq!(now.state, TaskState::Done, "{:?}", now.error);
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        station.package(&package.id).unwrap().verified.unwrap().findings
    };
    assert_eq!(checked(), [], "as it was made");
    let victim = files_below(&folder.join("data")).into_iter().find(|f| f.to_string_lossy().ends_with(".MP4")).unwrap();
    let mut bytes = fs::read(&victim).unwrap();
    bytes[5] ^= 1;
    fs::remove_file(&victim).unwrap();
    fs::write(&victim, &bytes).unwrap();
    let codes: Vec<ProblemCode> = checked().iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&ProblemCode::Sha256Differs) && codes.contains(&ProblemCode::Blake3Differs), "{codes:?}");
    bytes[5] ^= 1;
    fs::write(&victim, &bytes).unwrap();
    assert_eq!(checked(), [], "and good again");

    fs::remove_file(bench.vault().join(&station.clips()[0].clip.stored_path)).unwrap();
    station.checked(true);
    assert_eq!(
        station.package_draft(&case).unwrap().blockers,
        [Blocker::ClipsMismatch(vec!["P2026-000001".into()])],
        "no further package holds footage that failed"
    );
}

#[test]
fn a_paper_with_the_case_number_of_before_is_not_packaged() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let case = case_with_all(&station);
    let ids = sessions(&station);
    ids.iter().for_each(|id| drop(station.signed(id)));
    assert_eq!(station.package_draft(&case).unwrap().blockers, [], "all bear its number");
    let draft = CaseDraft { number: "麒文旅罚〔2026〕13号".into(), ..CaseDraft::default() };
    station.save_case(&clerk(), &SaveCase { id: Some(case.clone()), draft }).unwrap();
    let numbers = |from: u32| (from..from + 2).map(|n| format!("文说〔2026〕{n}号")).collect::<Vec<_>>();
    let blockers = station.package_draft(&case).unwrap().blockers;
    let [Blocker::CaseNumberDiffers(found)] = &blockers[..] else { panic!("only that: {blockers:?}") };
    let mut found = found.clone();
    found.sort();
    assert_eq!(found, numbers(1), "the case was renamed");
    let destination = Destination::Vault { image: false };
    assert_eq!(refusal(station.package_and_wait(&clerk(), &case, destination)), ErrorCode::PackageIncomplete);
    for id in &ids {
        let fields = station.statements(id).unwrap()[0].row.fields.clone();
        station.sign_as_is(id, 0, &fields, "案号更正").unwrap();
    }
    assert_eq!(station.package_draft(&case).unwrap().blockers, [], "revisions bear the number of now");
}
