//! Recorders' clocks: measured at the docking, read off by a person.

use crate::bench::{Asked, Bench, clerk, refusal};
use fixtures::{Drive, Layout};
use model::ErrorCode;
use std::process::Command;

/// Sets a file's modification time.
fn touch(drive: &Drive, at: &str) {
    let done =
        Command::new("find").arg(drive.root()).args(["-type", "f", "-exec", "touch", "-d", at, "{}", "+"]).status();
    assert!(done.unwrap().success(), "times are set");
}

#[test]
fn a_recorders_clock_is_measured_by_its_newest_file() {
    // The station's clock says 18:00.
    let rows = [
        ("a fast clock", "2026-11-21 18:02:00", "2026-11-21T18:03:12+08:00", Some((192_000, None))),
        ("just docked", "2026-11-21 17:50:00", "2026-11-21T17:56:00+08:00", Some((-240_000, Some(240_000)))),
        ("it lay still for hours", "2026-11-21 09:02:05", "2026-11-21T09:05:00+08:00", None),
        (
            "a time that some computer wrote",
            "2026-11-21 17:58:00",
            "2027-01-01T00:00:00Z",
            Some((-120_000, Some(120_000))),
        ),
    ];
    for (what, name, written, expected) in rows {
        let bench = Bench::mute();
        let station = bench.create();
        let mut drive = bench.drive("CARD", Layout::DsjA);
        drive.noise_clip("2026-11-21 08:00:00", 1, 2_000).unwrap();
        drive.noise_clip(name, 1, 3_000).unwrap();
        touch(&drive, written);
        let job = station.take_in(&drive).job;
        let clock = station.clock_of(&job).unwrap();
        assert_eq!(clock.as_ref().map(|c| (c.error_ms, c.bound_ms)), expected, "{what}: {clock:?}");
        if let Some(clock) = clock {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            assert!(clock.newest_path.contains(&digits), "{what}: {}", clock.newest_path);
            assert_eq!(clock.method, "newest_file", "{what}");
        }
    }
}

#[test]
fn what_a_person_read_off_outranks_what_was_measured() {
    let bench = Bench::mute();
    let station = bench.create();
    let mut drive = bench.drive("CARD", Layout::DsjA);
    drive.noise_clip("2026-11-21 17:58:00", 1, 3_000).unwrap();
    let job = station.take_in(&drive).job;
    for (shown, error_ms, bound_ms) in [
        ("2026-11-21 18:03:12", 192_000, 2_000),
        ("2026-11-21 17:59", -60_000, 60_000),
        ("18:00:07", 7_000, 2_000),
        ("17:58", -120_000, 60_000),
    ] {
        let clock = station.enter_recorder_clock(&clerk(), &job, shown, None).unwrap();
        assert_eq!((clock.error_ms, clock.bound_ms), (error_ms, Some(bound_ms)), "{shown}");
        assert_eq!(station.clock_of(&job).unwrap(), Some(clock), "{shown}: the newest reading stands");
    }
    // Midnight lies between them.
    let at = model::parse_instant("2026-11-20T16:00:30Z");
    let clock = station.enter_recorder_clock(&clerk(), &job, "23:59:50", at).unwrap();
    assert_eq!(clock.error_ms, -40_000, "the day is the one that brings it nearest");
    for shown in ["", "soon", "25:00", "2026-13-01 00:00", "1700-01-01 00:00"] {
        let refused = station.enter_recorder_clock(&clerk(), &job, shown, None);
        assert_eq!(refusal(refused), ErrorCode::InvalidInput, "{shown:?}");
    }
    let nobody = model::JobId::parse("01K00000000000000000009999").unwrap();
    assert_eq!(refusal(station.enter_recorder_clock(&clerk(), &nobody, "18:00", None)), ErrorCode::NotFound);
    assert_eq!(station.checked(true).findings, [], "the register gives the same from the ledger");
}
