//! The register on a disk that refuses one write or one sync, at every place where it can: a second process, with the
//! refusal injected by strace. Where strace is not allowed to trace, the test fails: it is the only proof there is.
#![allow(clippy::unwrap_used)]

use ledger::SettingChanged;
use model::{Actor, parse_instant};
use register::{Author, Places, Register, RegisterError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set for the second process: the folder of its vault.
const FOLDER: &str = "EVIDOCK_TEST_FAILING_VAULT";
/// Writes that the second process makes.
const WRITES: u32 = 12;

fn set(register: &Register, n: u32) -> Result<(), RegisterError> {
    let author = Author::new(parse_instant("2026-11-21T01:02:05Z").unwrap(), Actor::Station);
    let change = SettingChanged { key: format!("k{n}"), value: "x".repeat(3000) };
    register.write::<_, RegisterError>(&author, |_| Ok((vec![change.into()], ())))
}

fn value(register: &Register, n: u32) -> bool {
    register.read::<_, RegisterError>(|view| view.setting(&format!("k{n}"))).unwrap().is_some()
}

/// Writes through a disk that fails once. Says how often it was refused.
fn write_all(folder: &Path) -> u32 {
    let places = Places::below(folder);
    let register = Register::open(&places).unwrap();
    let mut refused = 0;
    for n in 0..WRITES {
        let Err(error) = set(&register, n) else {
            assert!(value(&register, n), "what was said to be written is there");
            continue;
        };
        refused += 1;
        assert!(error.is_disk(), "the disk is named as the cause: {error:?}");
        assert!(register.is_poisoned(), "nothing more is written over what is not known");
        assert!(matches!(set(&register, n), Err(RegisterError::Poisoned)), "and whoever tries is told");
        register.recover().unwrap();
        if !value(&register, n) {
            set(&register, n).unwrap();
        }
        assert!((0..=n).all(|n| value(&register, n)), "after the disk is back everything is there");
    }
    assert_eq!(register.audit().unwrap(), vec![], "register, ledger and files agree");
    drop(register);
    let register = Register::open(&places).unwrap();
    assert!((0..WRITES).all(|n| value(&register, n)), "also for the next program");
    assert_eq!(register.audit().unwrap(), vec![]);
    refused
}

/// Not a test of its own: what the second process does.
#[test]
#[ignore = "run by the tests below"]
fn second_process() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("the test below names the folder"));
    std::fs::write(folder.join("refused"), write_all(&folder).to_string()).unwrap();
}

/// Runs the second process with the `nth` call of a kind failing, of those on one file where it is named. Returns how
/// often it was refused.
fn failing(call: &str, file: Option<&str>, error: &str, nth: u32) -> u32 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let register = Register::create(&Places::below(folder.path())).unwrap();
    set(&register, WRITES).unwrap();
    drop(register);
    let output = Command::new("strace")
        .args(["--follow-forks", "--quiet=all", "--output=/dev/null", "--trace"])
        .arg(call)
        .args(file.map(|file| format!("--trace-path={}", folder.path().join(file).display())))
        .arg(format!("--inject={call}:error={error}:when={nth}"))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "second_process", "--ignored"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error} at {call} {nth}:\n{said}\n{complaint}");
    std::fs::read_to_string(folder.path().join("refused")).unwrap().parse().unwrap()
}

/// Fails one call after the other, from `first` on, until `count` of them were tried.
fn sweep(call: &str, file: Option<&str>, error: &str, first: u32, count: u32) {
    let refused: u32 = (first..first + count).map(|nth| failing(call, file, error, nth)).sum();
    assert!(refused * 2 >= count, "{call}: most of the {count} failures hit a write: {refused}");
}

#[test]
fn row_35_a_full_disk_under_the_register_is_rolled_back_and_recovered_from() {
    sweep("pwrite64", None, "ENOSPC", 12, 10);
}

#[test]
fn row_37_a_failed_sync_of_the_register_is_final_until_it_is_opened_again() {
    sweep("fdatasync", None, "EIO", 4, 10);
}

#[test]
fn row_36_a_refused_append_to_the_ledger_files_is_made_up() {
    sweep("write", Some("ledger/events-000000000001.jsonl"), "EIO", 1, 8);
}
