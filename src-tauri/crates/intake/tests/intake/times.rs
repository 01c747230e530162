//! Times and lengths that no recording has. Needs a file system that keeps any time: /dev/shm.

use crate::bench::Bench;
use fixtures::Layout;
use intake::{End, complete};
use media::Prober;
use model::{Actor, MediaOutcome, TimeSource, format_instant, parse_instant, utc_year};
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

/// Milliseconds of 292 000 years.
const AEON_MS: u64 = 292_000 * 31_556_952_000;

/// Makes a program that gives this answer of any file. Written by a child, so that no thread of ours forks while the
/// file is open for writing.
fn probe_saying(bench: &Bench, reply: &str) -> Prober {
    let program = bench.place().join("probe");
    let script = format!("#!/bin/sh\nshift 3\nfor file; do cat <<'END'\n{reply}\nEND\ndone\n");
    let made = Command::new("sh")
        .args(["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", &script])
        .arg(&program)
        .status();
    assert!(made.unwrap().success(), "the program is written");
    Prober::at(program)
}

fn facts(duration_ms: u64, created: Option<&str>) -> String {
    let created = created.map_or("null".to_owned(), |text| format!("\"{text}\""));
    format!(
        "{{\"readable\": {{\"container\": \"mov\", \"duration_ms\": {duration_ms}, \"video_codec\": \"h264\", \
         \"width\": 1, \"height\": 1, \"frame_rate_milli\": 25000, \"audio_codec\": null, \"created\": {created}}}}}"
    )
}

#[test]
fn row_21_no_time_on_a_drive_stops_the_intake() {
    let Ok(shm) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("SKIPPED: no /dev/shm here");
        return;
    };
    let mtimes = [i64::MAX, i64::MIN, 1 << 53, -(1 << 53), 253_402_300_800, -1, 0, 1_795_222_801];
    let last = "9999-12-31T23:59:59Z";
    for (duration, created) in
        [(0, None), (AEON_MS, None), (u64::MAX, None), (AEON_MS, Some(last)), (5_000, Some(last)), (1, Some("soon"))]
    {
        let what = format!("{duration} ms, created {created:?}");
        let bench = Bench::new();
        let prober = probe_saying(&bench, &facts(duration, created));
        let bench = bench.probing(prober);
        let root = shm.path().join("CARD");
        let mut drive = fixtures::Drive::new(&root, Layout::DsjA).unwrap();
        // One whose name tells the time, and one of each time that does not.
        drive.noise_clip("2026-11-21 09:00:00", 1, 500).unwrap();
        for (n, mtime) in mtimes.iter().enumerate() {
            let name = format!("DCIM/20261121/NAMELESS_{n}.MP4");
            let file = drive.file(&name, name.as_bytes(), "2026-11-21 09:00:00").unwrap();
            fixity::seal(&File::open(&file).unwrap(), *mtime, 999_999_999).unwrap();
            assert_eq!(std::fs::metadata(&file).unwrap().mtime(), *mtime, "the drive keeps the time {mtime}");
        }
        let outcome = bench.intake(&drive);
        assert!(matches!(outcome.end, End::Done), "{what}: {:?}", outcome.end);
        assert_eq!((outcome.stored, outcome.refused), (9, 0), "{what}: {:?}", outcome.problems);
        bench.at_desk(|desk| complete(desk, &Actor::Station)).unwrap();
        for row in bench.clips() {
            let name = &row.clip.original_name;
            let Some(MediaOutcome::Readable(kept)) = &row.media else { panic!("{what}: {name}: {:?}", row.media) };
            assert_eq!(kept.duration_ms, Some(duration.min((1 << 53) - 1)), "{what}: {name}: the fact is kept");
            for at in [row.clip.recorded_from, row.clip.recorded_to].into_iter().flatten() {
                assert!((1970..=9999).contains(&utc_year(at)), "{what}: {name}: {}", format_instant(at));
            }
            if row.clip.time_source == Some(TimeSource::Name) {
                assert_eq!(row.clip.recorded_from, parse_instant("2026-11-21T01:00:00Z"), "{what}: its name holds");
            }
        }
        let named = bench.clips().iter().filter(|row| row.clip.time_source == Some(TimeSource::Name)).count();
        assert_eq!(named, 1, "{what}: and it is the only one");
        bench.check_custody();
        bench.check_holds(drive.root());
        assert_eq!(bench.intake(&drive).stored, 0, "{what}: and it is held");
        std::fs::remove_dir_all(&root).unwrap();
    }
}
