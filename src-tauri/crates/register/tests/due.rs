//! What may be due, as the register tells it.
#![allow(clippy::unwrap_used)]

use ledger::{CaseConcluded, CaseRecorded, Change, ClipRegistered, JobClosed, JobOpened, PackageMade, VolumeRecord};
use model::{Actor, Instant, parse_instant};
use register::{Author, Places, Register, RegisterError};
use tempfile::TempDir;

fn at(time: &str) -> Instant {
    parse_instant(time).unwrap()
}

fn id(n: u32) -> String {
    format!("01ARZ3NDEKTSV4RRFFQ69{n:05}")
}

struct Bench {
    _folder: TempDir,
    register: Register,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let register = Register::create(&Places::below(folder.path())).unwrap();
        Self { _folder: folder, register }
    }

    fn write(&self, time: &str, changes: Vec<Change>) {
        let author = Author::new(at(time), Actor::Station);
        self.register.write::<_, RegisterError>(&author, |_| Ok((changes, ()))).unwrap();
    }

    fn job(&self, n: u32, volume: &str, clip: Option<&str>, state: &str) {
        let volume = VolumeRecord { key: volume.into(), ..Default::default() };
        let mut changes: Vec<Change> = vec![JobOpened { id: id(n), volume, ..Default::default() }.into()];
        if let Some(recorded) = clip {
            let clip = ClipRegistered {
                id: id(100 + n),
                number: format!("P2026-{n:06}"),
                blake3: format!("{n:064}"),
                sha256: "b".repeat(64),
                sm3: "c".repeat(64),
                level: "V2".into(),
                stored_path: format!("originals/{n}"),
                job: id(n),
                footage: true,
                recorded_from: Some(recorded.into()),
                ..Default::default()
            };
            changes.push(clip.into());
        }
        if state != "open" {
            changes.push(JobClosed { id: id(n), state: state.into(), ..Default::default() }.into());
        }
        self.write("2026-11-21T01:00:00.000Z", changes);
    }

    fn unfinished(&self) -> Vec<(String, Option<Instant>)> {
        let jobs = self.register.read::<_, RegisterError>(|view| view.unfinished_jobs()).unwrap();
        jobs.into_iter().map(|(job, earliest)| (job.id.to_string(), earliest)).collect()
    }
}

#[test]
fn an_intake_is_unfinished_until_a_later_one_of_its_volume_is_done() {
    let bench = Bench::new();
    let recorded = "2026-11-20T01:00:00.000Z";
    for (n, volume, clip, state) in [
        (1, "a", Some(recorded), "interrupted"),
        (2, "b", Some("2026-11-19T01:00:00.000Z"), "cancelled"),
        (3, "c", None, "failed"),
        (4, "d", Some("2026-11-18T01:00:00.000Z"), "done"),
        (5, "e", None, "open"),
    ] {
        bench.job(n, volume, clip, state);
    }
    let expected =
        [(id(1), Some(at(recorded))), (id(2), Some(at("2026-11-19T01:00:00.000Z"))), (id(3), None), (id(5), None)];
    assert_eq!(bench.unfinished(), expected, "all but the one that is done, with the earliest recording each met");
    bench.job(6, "a", None, "done");
    assert_eq!(bench.unfinished(), expected[1..], "the later one of the same volume made up for it");
    assert!(bench.register.audit().unwrap().is_empty(), "tables and ledger agree");
}

#[test]
fn a_case_is_to_be_filed_from_its_end_until_a_package_is_made_since() {
    let bench = Bench::new();
    let case = id(1);
    bench.write("2026-11-01T01:00:00.000Z", vec![CaseRecorded { id: case.clone(), ..Default::default() }.into()]);
    let (inspected, closed) = ("2026-11-02T01:00:00.000Z", "2026-11-04T01:00:00.000Z");
    let conclude = |inspected: Option<&str>, closed: Option<&str>| {
        let (inspected_at, closed_at) = (inspected.map(str::to_owned), closed.map(str::to_owned));
        bench.write(
            "2026-11-05T01:00:00.000Z",
            vec![CaseConcluded { case: case.clone(), inspected_at, closed_at }.into()],
        );
    };
    let package = |n: u32, time: &str| {
        let number = format!("归〔2026〕{n}号");
        let made =
            PackageMade { id: id(10 + n), number, case: case.clone(), root: "a".repeat(64), ..Default::default() };
        bench.write(time, vec![made.into()]);
    };
    let to_file = || {
        let cases = bench.register.read::<_, RegisterError>(|view| view.cases_to_file()).unwrap();
        cases.into_iter().map(|case| case.conclusion.ended().unwrap()).collect::<Vec<Instant>>()
    };
    assert!(to_file().is_empty(), "it has not come to its end");
    conclude(Some(inspected), None);
    assert_eq!(to_file(), [at(inspected)], "from the end of the inspection");
    package(1, "2026-11-03T01:00:00.000Z");
    assert!(to_file().is_empty(), "the package ends it");
    conclude(Some(inspected), Some(closed));
    assert_eq!(to_file(), [at(closed)], "a package from before the closing does not");
    package(2, "2026-11-06T01:00:00.000Z");
    assert!(to_file().is_empty(), "one since does");
    assert!(bench.register.audit().unwrap().is_empty(), "tables and ledger agree");
}
