//! The vault's folder: made, opened, locked, set up.

use crate::bench::{Asked, Bench, clerk, refusal};
use model::{ErrorCode, SessionRules};
use register::Register;
use station::{Settings, Station};
use std::fs;
use std::path::Path;

#[test]
fn a_vault_is_made_once_and_never_over_somebodys_folder() {
    let bench = Bench::mute();
    let create = |unit: &str, pack: &str| Station::create(&bench.vault(), unit, pack, &clerk(), bench.around());
    assert_eq!(refusal(create("  ", "qj-qilin")), ErrorCode::InvalidInput, "a unit has a name");
    assert_eq!(refusal(create("某局", "no-such-pack")), ErrorCode::InvalidInput, "a rule pack is one of ours");
    assert!(!bench.vault().exists(), "a refused vault leaves nothing");
    assert_eq!(refusal(Station::open(&bench.vault(), bench.around())), ErrorCode::VaultMissing, "there is none yet");

    fs::create_dir(bench.vault()).unwrap();
    fs::write(bench.vault().join("holiday.jpg"), "private").unwrap();
    assert_eq!(refusal(create("某局", "qj-qilin")), ErrorCode::VaultExists, "evidence is not mixed with it");
    assert_eq!(fs::read_dir(bench.vault()).unwrap().count(), 1, "and nothing is added to it");
    fs::remove_file(bench.vault().join("holiday.jpg")).unwrap();

    let station = create("  麒麟区文化和旅游局 ", "qj-qilin").unwrap();
    let settings = station.settings().unwrap();
    assert_eq!((settings.unit.as_str(), settings.rule_pack.as_str()), ("麒麟区文化和旅游局", "qj-qilin"));
    assert!(!settings.ask_unclassified, "this bureau's rules do not ask");
    drop(station);
    assert_eq!(refusal(create("某局", "qj-qilin")), ErrorCode::VaultExists, "a vault is not made anew");
    assert_eq!(bench.open().settings().unwrap(), settings, "what was set is still set");
}

#[test]
fn row_50_a_second_opening_is_refused_until_the_first_is_closed() {
    for watching in [false, true] {
        let bench = if watching { Bench::mute().watching() } else { Bench::mute() };
        let station = bench.create();
        let second = || Station::open(&bench.vault(), bench.around());
        assert_eq!(refusal(second()), ErrorCode::VaultLocked, "watching {watching}: one at a time");
        assert_eq!(refusal(second()), ErrorCode::VaultLocked, "watching {watching}: a refusal loosens nothing");
        let by_stranger = std::process::Command::new("flock")
            .args(["--nonblock", "--exclusive"])
            .arg(bench.vault().join(".lock"))
            .arg("true")
            .status();
        assert_eq!(by_stranger.unwrap().code(), Some(1), "watching {watching}: the system's own lock, not a flag");
        station.close();
        drop(station);
        // Closing gives it free.
        bench.open().close();
    }
}

#[test]
fn row_48_49_a_vault_that_cannot_be_opened_says_why() {
    type Spoil = fn(&Path);
    let rows: &[(&str, Spoil, ErrorCode)] = &[
        ("no vault.toml", |vault| fs::remove_file(vault.join("vault.toml")).unwrap(), ErrorCode::VaultMissing),
        (
            "a torn vault.toml",
            |vault| fs::write(vault.join("vault.toml"), "layout = ").unwrap(),
            ErrorCode::RegisterDamaged,
        ),
        (
            "a later layout",
            |vault| {
                let path = vault.join("vault.toml");
                let text = fs::read_to_string(&path).unwrap().replace("layout = 1", "layout = 2");
                fs::write(path, text).unwrap();
            },
            ErrorCode::VaultNewer,
        ),
        (
            "a zone that is none",
            |vault| {
                let path = vault.join("vault.toml");
                let text = fs::read_to_string(&path).unwrap().replace("zone_minutes = 480", "zone_minutes = 4800");
                fs::write(path, text).unwrap();
            },
            ErrorCode::RegisterDamaged,
        ),
        ("no register", |vault| fs::remove_dir_all(vault.join("register")).unwrap(), ErrorCode::RegisterMissing),
        (
            "a register that is none",
            |vault| {
                // What the last writes left beside the file would stand in for it.
                fs::remove_dir_all(vault.join("register")).unwrap();
                fs::create_dir(vault.join("register")).unwrap();
                fs::write(vault.join("register/register.sqlite"), [7; 9000]).unwrap();
            },
            ErrorCode::RegisterFailed,
        ),
        (
            "a register rolled back behind its ledger",
            |vault| {
                fs::remove_dir_all(vault.join("register")).unwrap();
                let elsewhere = register::Places { register: vault.join("register"), ledger: vault.join("none") };
                drop(Register::create(&elsewhere).unwrap());
            },
            ErrorCode::RegisterDamaged,
        ),
    ];
    for (what, spoil, code) in rows {
        let bench = Bench::mute();
        drop(bench.create());
        spoil(&bench.vault());
        let found = loop {
            let found = Station::open(&bench.vault(), bench.around()).err().expect(what).code;
            if found != ErrorCode::VaultLocked {
                break found;
            }
        };
        // SQLite says "not a database" for some damage and "malformed" for other.
        let alike = [ErrorCode::RegisterFailed, ErrorCode::RegisterDamaged];
        assert!(found == *code || alike.contains(&found) && alike.contains(code), "{what}: {found}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused_and_nothing_changes() {
    let bench = Bench::mute();
    let station = bench.create();
    let held = station.settings().unwrap();
    type Spoil = fn(&mut Settings);
    let rows: &[(&str, Spoil, &str)] = &[
        ("no unit", |s| s.unit = " ".into(), "unit"),
        ("a unit of 61 characters", |s| s.unit = "局".repeat(61), "unit"),
        ("a pack that is none", |s| s.rule_pack = "x".into(), "rule_pack"),
        (
            "at once and asking",
            |s| {
                s.ask_unclassified = true;
                s.intake_at_once = true;
            },
            "intake_at_once",
        ),
        ("a pause beyond a day", |s| s.session_rules.pause_max_s = 86_401, "session_pause_max_s"),
        ("a dock folder that is not absolute", |s| s.dock_folders = vec!["dock".into()], "dock_folders"),
        ("a mount root that is not absolute", |s| s.mount_roots = vec!["mnt".into()], "dock_folders"),
    ];
    for (what, spoil, field) in rows {
        let mut settings = held.clone();
        spoil(&mut settings);
        let failure = station.save_settings(&clerk(), &settings).expect_err(what);
        assert_eq!((failure.code, failure.params["field"].as_str()), (ErrorCode::InvalidInput, *field), "{what}");
        assert_eq!(station.settings().unwrap(), held, "{what}: nothing changed");
    }
    let events = station.ask(|view| view.ledger_head()).0;
    let changed = Settings {
        unit: "冠县柳林镇人民政府".into(),
        rule_pack: "gx-liulin".into(),
        ask_unclassified: true,
        session_rules: SessionRules { pause_max_s: 600 },
        dock_folders: vec!["/srv/dock 一".into(), "/srv/dock 二".into()],
        mount_roots: vec!["/media".into()],
        ..held
    };
    assert_eq!(station.save_settings(&clerk(), &changed).unwrap(), changed, "all of it is kept");
    assert_eq!(station.ask(|view| view.ledger_head()).0, events + 5, "each that differs is an event");
    station.save_settings(&clerk(), &changed).unwrap();
    assert_eq!(station.ask(|view| view.ledger_head()).0, events + 5, "what does not differ is none");
    drop(station);
    assert_eq!(bench.open().settings().unwrap(), changed, "and outlives the program");
}

#[test]
fn a_dock_folder_that_is_gone_does_not_lock_the_vault() {
    let bench = Bench::mute().watching();
    let station = bench.create();
    let gone = bench.place().join("gone");
    fs::create_dir(&gone).unwrap();
    let settings = Settings { dock_folders: vec![gone.clone()], ..station.settings().unwrap() };
    station.save_settings(&clerk(), &settings).unwrap();
    station.close();
    drop(station);
    fs::remove_dir(&gone).unwrap();
    // Evidence and settings are within reach.
    let station = bench.open();
    assert_eq!(station.settings().unwrap().dock_folders, [gone], "and the setting can be put right");
    station.close();
}

#[test]
fn what_an_unfinished_making_left_is_made_anew() {
    let bench = Bench::mute();
    drop(bench.create());
    let create = || Station::create(&bench.vault(), "某局", "qj-qilin", &clerk(), bench.around());
    let facts = bench.vault().join("vault.toml");
    let kept = fs::read(&facts).unwrap();
    fs::remove_file(&facts).unwrap();
    assert_eq!(refusal(create()), ErrorCode::VaultExists, "its ledger tells of more than a name: it was in use");
    fs::write(&facts, kept).unwrap();
    assert_eq!(bench.open().settings().unwrap().unit, "麒麟区文化和旅游局", "and nothing of it was touched");

    fs::remove_dir_all(bench.vault()).unwrap();
    drop(create().unwrap());
    fs::remove_file(&facts).unwrap();
    let station = create().unwrap();
    assert_eq!(station.settings().unwrap().unit, "某局", "named before vault.toml is written");
    assert_eq!(station.ask(|view| view.ledger_head()).0, 2, "and begun anew");
}
