//! The register is lost: everything readable comes back.

use crate::bench::{Asked, Bench, check_holds, clerk, refusal, sessions};
use model::{CaseDraft, ErrorCode, ProblemCode};
use register::View;
use station::{Destination, Failure, NewRecorder, Rebuilt, SaveCase, Station, rebuild};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

/// Returns everything that can be read of a station, as text: what differs shows.
pub fn everything(station: &Arc<Station>) -> Vec<String> {
    let mut told = vec![format!("{:?}", station.settings().unwrap())];
    station.ask(|view: &View<'_>| {
        for row in view.clips_after(None, u32::MAX)? {
            told.push(format!("{row:?}"));
            view.sightings(&row.clip.id)?.iter().for_each(|seen| told.push(format!("{seen:?}")));
        }
        view.sessions()?.iter().for_each(|row| told.push(format!("{row:?}")));
        for row in view.all_statements()? {
            told.push(format!("{row:?} {:?}", view.statement_clips(&row.number)?));
        }
        view.cases()?.iter().for_each(|row| told.push(format!("{row:?}")));
        view.people()?.iter().for_each(|row| told.push(format!("{row:?}")));
        view.recorders()?.iter().for_each(|row| told.push(format!("{row:?}")));
        view.packages()?.iter().for_each(|row| told.push(format!("{row:?}")));
        for row in view.jobs(u32::MAX)? {
            told.push(format!("{row:?} {:?}", view.job_problems(&row.id, u32::MAX)?));
        }
        for row in view.clips_after(None, u32::MAX)? {
            told.push(format!("{:?}", view.copies_of(&row.clip.id)?));
        }
        view.alarms(u32::MAX)?.iter().for_each(|row| told.push(format!("{row:?}")));
        view.backups(u32::MAX)?.iter().for_each(|row| told.push(format!("{row:?}")));
        told.push(format!("{:?}", view.last_store_check()?));
        Ok(())
    });
    told
}

/// Rebuilds a vault that was closed just now; see [`crate::bench::reopen`] for the lock.
pub fn brought_back(bench: &Bench, unit: &str, rule_pack: &str) -> Result<(Arc<Station>, Rebuilt), Failure> {
    for _ in 0..200 {
        match rebuild(&bench.vault(), unit, rule_pack, &clerk(), bench.around()) {
            Err(failure) if failure.code == ErrorCode::VaultLocked => thread::sleep(Duration::from_millis(10)),
            ended => return ended,
        }
    }
    panic!("the vault stays locked");
}

/// A station in which something of each kind has happened.
pub fn lived_in(bench: &Bench) -> Arc<Station> {
    let station = bench.create();
    station.person("李娜", "53030036012");
    let drive = bench.usual_drive();
    std::os::unix::fs::symlink("/etc/passwd", drive.root().join("DCIM/link.MP4")).unwrap();
    let id = station.drives().unwrap()[0].docked.id.to_string();
    station.register_drive(&clerk(), &id, &NewRecorder { name: "03号".into(), ..NewRecorder::default() }).unwrap();
    station.take_in(&drive);
    station.take_in(&drive);
    let draft = CaseDraft { number: "12号".into(), cause: "案由".into(), ..CaseDraft::default() };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    let ids = sessions(&station);
    station.assign_case(&clerk(), &ids[..1], Some(&case)).unwrap();
    station.signed(&ids[0]);
    station.package_and_wait(&clerk(), &case, Destination::Vault { image: false }).unwrap();
    assert_eq!(station.checked(false).findings, [], "sound before anything is lost");
    station
}

#[test]
fn a_lost_register_comes_back_from_the_ledger_files() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let before = everything(&station);
    let again = || brought_back(&bench, "不用", "qj-qilin");
    let locked = rebuild(&bench.vault(), "不用", "qj-qilin", &clerk(), bench.around());
    assert_eq!(refusal(locked), ErrorCode::VaultLocked, "not under somebody's hands");
    drop(station);
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    assert_eq!(refusal(Station::open(&bench.vault(), bench.around())), ErrorCode::RegisterMissing, "it says so");
    let (station, rebuilt) = again().unwrap();
    assert_eq!((rebuilt.adopted, rebuilt.problems.len(), &rebuilt.set_aside), (0, 0, &None), "{rebuilt:?}");
    assert_eq!(everything(&station), before, "the same clips, sightings, sessions, statements, cases, packages, jobs");
    let events = station.ask(|view| view.event_bytes(rebuilt.events, u32::MAX));
    let told = String::from_utf8(events[0].1.clone()).unwrap();
    assert!(told.contains(r#""register.rebuilt""#) && told.contains("tester"), "and who brought it back: {told}");
    assert_eq!(station.checked(false).findings, []);
    drop(station);
    let station = bench.open();
    assert_eq!(station.settings().unwrap().unit, "麒麟区文化和旅游局", "it opens like any other, under its own name");
}

#[test]
fn row_48_a_damaged_register_is_set_aside_and_made_anew() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let before = everything(&station);
    drop(station);
    let (folder, bytes) = (bench.vault().join("register"), vec![0_u8; 9000]);
    // What the last writes left beside the file would stand in for it.
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("register.sqlite"), &bytes).unwrap();
    let opened = refusal(Station::open(&bench.vault(), bench.around()));
    assert!([ErrorCode::RegisterDamaged, ErrorCode::RegisterFailed].contains(&opened), "{opened}");
    let (station, rebuilt) = brought_back(&bench, "不用", "qj-qilin").unwrap();
    let kept = rebuilt.set_aside.expect("the damaged one is kept");
    assert!(fs::read(kept.join("register.sqlite")).unwrap() == bytes, "as it was");
    assert_eq!(everything(&station), before, "everything is back");
}

#[test]
fn clips_come_back_from_their_folders_when_the_ledger_is_lost_too() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let facts = |station: &Arc<Station>| {
        let mut rows: Vec<String> = station
            .clips()
            .iter()
            .map(|row| {
                let c = &row.clip;
                let extent = (c.recorded_from, c.recorded_to, c.time_source);
                format!(
                    "{} {} {:?} {:?} {} {} {extent:?}",
                    c.id, c.original_name, c.digests, c.level, c.recorder, c.job
                )
            })
            .collect();
        rows.sort();
        rows
    };
    let before = facts(&station);
    drop(station);
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    fs::remove_dir_all(bench.vault().join("ledger")).unwrap();
    let (station, rebuilt) = brought_back(&bench, "某局", "gx-liulin").unwrap();
    assert_eq!((rebuilt.events, rebuilt.adopted, rebuilt.problems.len()), (0, 4, 0), "{rebuilt:?}");
    assert_eq!(facts(&station), before, "bytes, names, digests, recorder, times and jobs are in the sidecars");
    assert_eq!(station.settings().unwrap().unit, "某局", "the unit's name had to be given");
    assert_eq!(sessions(&station).len(), 2, "and the acts form again");
    let numbers: Vec<String> = station.clips().iter().map(|row| row.clip.number.clone()).collect();
    assert_eq!(numbers, ["P2026-000001", "P2026-000002", "P2026-000003", "P2026-000004"], "numbered anew, unbroken");
    let codes: Vec<ProblemCode> = station.checked(false).findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [ProblemCode::NotRegistered], "the signed paper is still there, and said to be nobody's");
    let drive = bench.dock().join("DSJ-03");
    fs::remove_file(drive.join("DCIM/link.MP4")).unwrap();
    check_holds(&station, &drive);
}

#[test]
fn an_original_whose_bytes_changed_does_not_come_back_as_good() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let path = bench.vault().join(&station.clips()[0].clip.stored_path);
    drop(station);
    let mut bytes = fs::read(&path).unwrap();
    bytes[11] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    fs::remove_dir_all(bench.vault().join("register")).unwrap();
    fs::remove_dir_all(bench.vault().join("ledger")).unwrap();
    let (station, rebuilt) = brought_back(&bench, "某局", "qj-qilin").unwrap();
    assert_eq!((rebuilt.adopted, rebuilt.problems.len()), (3, 1), "{rebuilt:?}");
    assert_eq!(rebuilt.problems[0].code, ProblemCode::OriginalChanged);
    assert_eq!(station.clips().len(), 3, "no row for it");
}

#[test]
fn a_sound_register_gives_its_newest_events_and_its_drafts() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let id = sessions(&station)[1].clone();
    let content = station.draft(&id).unwrap().content;
    station.save_draft(&clerk(), &id, 0, &content).unwrap();
    let before = everything(&station);
    drop(station);
    // The ledger files lag behind, as after a crash between commit and append.
    let ledger = bench.vault().join("ledger/events-000000000001.jsonl");
    let text = fs::read_to_string(&ledger).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&ledger, lines[..lines.len() - 3].join("\n") + "\n").unwrap();
    let (station, rebuilt) = brought_back(&bench, "不用", "qj-qilin").unwrap();
    assert_eq!(rebuilt.events, lines.len() as u64, "not one event is lost");
    assert_eq!(rebuilt.drafts, Ok(1), "nor what was written and not signed");
    assert_eq!(station.draft(&id).unwrap().content, content);
    assert_eq!(everything(&station), before);
}

#[test]
fn a_ledger_that_cannot_be_replayed_costs_nobody_the_register() {
    let bench = Bench::new();
    let station = lived_in(&bench);
    let before = everything(&station);
    drop(station);
    let ledger = bench.vault().join("ledger/events-000000000001.jsonl");
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, text.replacen("麒麟", "麒鳞", 1)).unwrap();
    let rebuilt = brought_back(&bench, "不用", "qj-qilin");
    assert_eq!(refusal(rebuilt), ErrorCode::RegisterDamaged, "it does not follow from itself");
    assert!(!bench.vault().join("backup").exists(), "the register stays where it is");
    assert_eq!(everything(&bench.open()), before, "and opens");
}
