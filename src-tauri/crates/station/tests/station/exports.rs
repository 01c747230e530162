//! A case in open form, checked by programs not ours, and that it was handed in.

use crate::bench::{Asked, Bench, clerk, files_below, refusal, sessions};
use model::{CaseDraft, CaseId, ErrorCode};
use station::{CaseDelivery, SaveCase, Station, TaskState};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tabular::{Format, Table};

const NUMBER: &str = "麒文旅罚〔2026〕12号";

/// Takes the usual card in under one case; the first of its two sessions is signed, twice.
fn case_of(bench: &Bench, station: &Arc<Station>) -> CaseId {
    station.take_in(&bench.usual_drive());
    let draft = CaseDraft { number: NUMBER.into(), cause: "=未核对身份".into(), ..CaseDraft::default() };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    let ids = sessions(station);
    station.assign_case(&clerk(), &ids, Some(&case)).unwrap();
    let first = station.signed(&ids[0]);
    let revised = first.row.fields.clone();
    let revision = station.draft(&ids[0]).unwrap().revision;
    station.sign_as_is(&ids[0], revision, &revised, "补一处").unwrap();
    case
}

fn sums_hold(folder: &Path) -> bool {
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "--quiet", "manifest-sha256.txt"]).current_dir(folder);
    check.status().unwrap().success()
}

fn table(folder: &Path, name: &str) -> Table {
    tabular::read(Format::Csv, &fs::read(folder.join(name)).unwrap()).unwrap()
}

fn column(table: &Table, title: &str) -> Vec<String> {
    let at = table.columns.iter().position(|known| known == title).unwrap_or_else(|| panic!("{title} is a column"));
    table.rows.iter().map(|row| row[at].clone()).collect()
}

#[test]
fn a_case_goes_out_in_open_form() {
    let bench = Bench::new();
    let station = bench.create();
    let case = case_of(&bench, &station);
    let draft = station.export_draft(&case).unwrap();
    assert_eq!((draft.clips, draft.statements, draft.name.as_str()), (4, 2, "案件资料-麒文旅罚〔2026〕12号-20261121"));
    assert_eq!(draft.platform.unwrap().0, "全省行政执法信息平台", "麒麟区 第八条 names it");

    let folder = bench.place().join(draft.name);
    let made = station.export_case_and_wait(&clerk(), &case, &folder, true).unwrap();
    assert!(sums_hold(&folder), "sha256sum agrees");
    assert_eq!(files_below(&folder).len() as u64, made.files + 1, "all files, and the list of their digests");
    let clips = table(&folder, "clips.csv");
    for (row, path) in station.clips().iter().zip(column(&clips, "文件")) {
        let stored = fs::read(bench.vault().join(&row.clip.stored_path)).unwrap();
        assert_eq!(fs::read(folder.join(&path)).unwrap(), stored, "{path}: byte for byte");
    }
    let digests: Vec<String> = station.clips().iter().map(|row| row.clip.digests.sm3.to_string()).collect();
    assert_eq!(column(&clips, "SM3"), digests);
    assert_eq!(column(&clips, "录制起")[0], "2026-11-21 09:02:05", "in the station's zone");
    assert_eq!(column(&table(&folder, "case.csv"), "案由"), ["=未核对身份"], "neutral in the file, and back");
    assert!(fs::read_to_string(folder.join("case.csv")).unwrap().contains(",'=未核对身份,"), "no formula in it");
    let sessions = table(&folder, "sessions.csv");
    assert_eq!(
        (column(&sessions, "中断"), column(&sessions, "片段")),
        (vec!["1".into(), "0".into()], vec!["3".into(), "1".into()])
    );
    let statements = table(&folder, "statements.csv");
    assert_eq!(column(&statements, "版次"), ["1", "2"], "every revision");
    for (path, sha256) in column(&statements, "文件").iter().zip(column(&statements, "PDF 的 SHA-256")) {
        assert_eq!(fixity::sha256_of(&fs::read(folder.join(path)).unwrap()).to_string(), sha256, "{path}");
    }
    let kinds = column(&table(&folder, "ledger.csv"), "事项代码");
    for kind in ["case.recorded", "clip.registered", "session.formed", "session.assigned", "statement.signed"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind} is in the case's ledger: {kinds:?}");
    }
    let event = station.ask(|view| view.history(&[case.as_str()])).pop().unwrap();
    assert_eq!(event.kind, "case.exported", "and that it went out is in the ledger");

    let again = station.export_case_and_wait(&clerk(), &case, &folder, true);
    assert_eq!(refusal(again), ErrorCode::OutputExists, "never over a folder");
    let bare = bench.place().join("bare");
    let made = station.export_case_and_wait(&clerk(), &case, &bare, false).unwrap();
    assert!(!made.with_footage && sums_hold(&bare) && !bare.join("originals").exists(), "without footage");
    assert!(column(&table(&bare, "clips.csv"), "文件").iter().all(String::is_empty), "no file is named");
    assert_eq!(station.ask(|view| view.exports_of_case(&case)).len(), 2);
    assert_eq!(station.checked(false).findings, [], "the tables are what the ledger says");
}

#[test]
fn a_changed_original_or_a_stop_leaves_no_folder() {
    let bench = Bench::new();
    let station = bench.create();
    let case = case_of(&bench, &station);
    let row = &station.clips()[0];
    let secret = |set| station.mark_clip(&clerk(), &row.clip.id, model::Mark::StateSecret, set, "").unwrap();
    secret(true);
    let refused = station.export_case_and_wait(&clerk(), &case, &bench.place().join("secret"), true);
    assert_eq!(refusal(refused), ErrorCode::StateSecrets, "a state secret goes out in no copy");
    secret(false);
    let stored = bench.vault().join(&row.clip.stored_path);
    let mut bytes = fs::read(&stored).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let mut opened = fs::metadata(&stored).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut opened, 0o644);
    fs::set_permissions(&stored, opened).unwrap();
    fs::write(&stored, &bytes).unwrap();
    let folder = bench.place().join("out");
    let refused = station.export_case_and_wait(&clerk(), &case, &folder, true);
    assert_eq!(refusal(refused), ErrorCode::VerifyFailed, "other bytes than were registered");
    assert!(!folder.exists() && !bench.place().join("out.partial").exists(), "nothing is left");

    fs::create_dir(bench.place().join("out.partial")).unwrap();
    fs::write(bench.place().join("out.partial/mine.txt"), "a").unwrap();
    let refused = station.export_case_and_wait(&clerk(), &case, &folder, false);
    assert_eq!(refusal(refused), ErrorCode::OutputExists, "somebody else's folder is not cleared away");
    fs::remove_file(bench.place().join("out.partial/mine.txt")).unwrap();
    fs::write(bench.place().join("out.partial/case.csv"), "a").unwrap();
    station.export_case_and_wait(&clerk(), &case, &folder, false).unwrap();
    assert!(sums_hold(&folder), "what a killed run left is cleared");
    assert_eq!(station.ask(|view| view.exports_of_case(&case)).len(), 1, "only what was done is written down");
}

#[test]
fn an_export_can_be_stopped() {
    let bench = Bench::mute();
    let station = bench.create();
    station.take_in(&bench.noise_drive("DSJ-03", 4, 24_000_000));
    let draft = CaseDraft { number: NUMBER.into(), ..CaseDraft::default() };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    station.assign_case(&clerk(), &sessions(&station), Some(&case)).unwrap();
    let folder = bench.place().join("out");
    let task = station.start_case_export(&clerk(), &case, &folder, true).unwrap();
    station.cancel_task(&task.id).unwrap();
    let ended = (0..3000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        station.tasks().into_iter().find(|one| one.id == task.id && one.state != TaskState::Running)
    });
    assert_eq!(ended.unwrap().state, TaskState::Cancelled);
    assert!(!folder.exists() && !bench.place().join("out.partial").exists(), "nothing is left");
    assert_eq!(station.ask(|view| view.exports_of_case(&case)), [], "and nothing is said to be done");
}

#[test]
fn handing_in_is_written_down_with_day_and_person() {
    let bench = Bench::mute();
    let station = bench.create();
    let draft = CaseDraft { number: NUMBER.into(), ..CaseDraft::default() };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    let person = station.person("李娜", "53030036012");
    let on = |day: &str| CaseDelivery { day: day.into(), note: "全部材料".into(), ..CaseDelivery::default() };
    assert_eq!(refusal(station.deliver_case(&clerk(), &case, &on("2026-11-21"))), ErrorCode::OperatorMissing);
    for day in ["2026-11-22", "2026-11-31", ""] {
        let failure = station.deliver_case(&person, &case, &on(day)).unwrap_err();
        assert_eq!(failure.params["field"], "day", "{day:?} is no day on which it was handed in");
    }
    let row = station.deliver_case(&person, &case, &on("2026-11-20")).unwrap();
    assert_eq!((row.platform.as_str(), row.day.as_str()), ("全省行政执法信息平台", "2026-11-20"));
    assert!(row.by.contains("李娜"), "{}", row.by);
    assert_eq!(station.export_draft(&case).unwrap().deliveries, [row]);

    let other = Bench::mute();
    let station = other.create_with("gx-liulin");
    let draft = CaseDraft { number: NUMBER.into(), ..CaseDraft::default() };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    let person = station.person("李娜", "53030036012");
    let failure = station.deliver_case(&person, &case, &on("2026-11-21")).unwrap_err();
    assert_eq!(failure.params["field"], "platform", "its rules name no platform; somebody has to");
}
