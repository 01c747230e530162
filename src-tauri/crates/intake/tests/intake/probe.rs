//! What the new clips are, and which session they belong to. The probe is the real one.

use crate::bench::{Bench, real_probe};
use fixtures::{ClipSpec, Layout, sample_drive};
use intake::{End, complete};
use media::Prober;
use model::{Actor, ErrorCode, TimeSource, format_instant};

fn spec(seconds: u32, seed: u32) -> ClipSpec {
    ClipSpec { seconds, seed, width: 160, height: 120, ..ClipSpec::default() }
}

#[test]
fn the_extent_of_a_recording_comes_from_the_best_source() {
    let rows = [
        (Layout::DsjA, TimeSource::Name, "by the name"),
        (Layout::HbCam, TimeSource::Name, "by the name"),
        (Layout::Dcim, TimeSource::Container, "by the container"),
    ];
    for (layout, source, what) in rows {
        let bench = Bench::new().probing(real_probe());
        let mut drive = bench.drive(layout.id(), layout);
        drive.clip("2026-11-21 09:02:05", &spec(3, 1)).unwrap();
        bench.intake(&drive);
        let clip = &bench.clips()[0].clip;
        assert_eq!(clip.time_source, Some(source), "{}: {what}", layout.id());
        assert_eq!(
            clip.recorded_from.map(format_instant).as_deref(),
            Some("2026-11-21T01:02:05.000Z"),
            "{}",
            layout.id()
        );
        let length = (clip.recorded_to.unwrap() - clip.recorded_from.unwrap()).num_milliseconds();
        assert!((2_900..=3_100).contains(&length), "{}: the probe's duration, {length} ms", layout.id());
    }
}

#[test]
fn segments_of_one_act_and_what_lies_beside_them_are_one_session() {
    let bench = Bench::new().probing(real_probe());
    let root = bench.place().join("dock/YZX");
    let mut drive = sample_drive(&root, Layout::YzxV).unwrap();
    drive.clip("2026-11-21 14:30:00", &spec(2, 9)).unwrap();
    bench.intake(&drive);
    let sessions = bench.read(|view| view.sessions());
    assert_eq!(sessions.len(), 2, "morning and afternoon");
    let held: Vec<u32> = sessions.iter().map(|row| row.clips).collect();
    // Two videos, photo and sound in the morning; the log of 17:40 is hours away from either act.
    assert_eq!(held, [1, 4], "the newest first");
    let beside: Vec<String> =
        bench.clips().into_iter().filter(|row| row.clip.session.is_none()).map(|row| row.clip.original_name).collect();
    assert!(matches!(beside.as_slice(), [log] if !log.ends_with("MP4")), "only the log is left beside: {beside:?}");
    bench.check_custody();
}

#[test]
fn a_second_card_of_the_same_act_joins_its_open_session() {
    let bench = Bench::new().probing(real_probe());
    let mut drive = bench.drive("CARD", Layout::DsjA);
    drive.clip("2026-11-21 09:00:00", &spec(2, 1)).unwrap();
    bench.intake(&drive);
    drive.clip("2026-11-21 09:01:30", &spec(2, 2)).unwrap();
    drive.clip("2026-11-21 11:00:00", &spec(2, 3)).unwrap();
    bench.intake(&drive);
    let held: Vec<u32> = bench.read(|view| view.sessions()).iter().map(|row| row.clips).collect();
    assert_eq!(held, [1, 2], "90 s later is the same act, two hours later is another");
    let other = bench.drive("OTHER", Layout::YzxV);
    let mut other = other;
    other.clip("2026-11-21 09:00:30", &spec(2, 4)).unwrap();
    bench.intake(&other);
    assert_eq!(bench.read(|view| view.sessions()).len(), 3, "another recorder's act is another session");
}

#[test]
fn a_missing_probe_is_said_and_completed_later() {
    let bench = Bench::new().probing(Prober::at("/nonexistent/evidock-probe".into()));
    let mut drive = bench.drive("CARD", Layout::DsjA);
    drive.clip("2026-11-21 09:00:00", &spec(1, 1)).unwrap();
    let outcome = bench.intake(&drive);
    let End::Failed(failure) = &outcome.end else { panic!("{:?}", outcome.end) };
    assert_eq!(failure.code(), ErrorCode::ToolMissing, "loud, and it says what is missing");
    assert_eq!(outcome.stored, 1, "the bytes are safe all the same");
    bench.check_custody();
    assert_eq!(bench.clips()[0].media, None, "nothing is claimed of what nobody looked at");

    let bench = bench.probing(real_probe());
    bench.at_desk(|desk| complete(desk, &Actor::Station)).unwrap();
    let row = &bench.clips()[0];
    assert!(row.media.is_some() && row.clip.session.is_some(), "the next start makes up for it");
    bench.check_custody();
}

#[test]
fn two_runs_at_once_probe_a_clip_once() {
    let bench = Bench::new();
    let drives = ["LEFT", "MIDDLE", "RIGHT"].map(|name| bench.noise_drive(name, 1, 3_000));
    for (n, drive) in (1..).zip(&drives) {
        for k in 0..8 {
            let name = format!("DCIM/20261121/EXTRA_{k}.MP4");
            drive.file(&name, format!("{n} {k}").as_bytes(), "2026-11-21 09:00:00").unwrap();
        }
    }
    std::thread::scope(|scope| drives.iter().for_each(|drive| drop(scope.spawn(|| bench.intake(drive)))));
    for row in bench.clips() {
        let events = bench.read(|view| view.history(&[row.clip.id.as_str()]));
        let probed = events.iter().filter(|event| event.kind == "clip.probed").count();
        assert_eq!(probed, 1, "{}: one look, one event", row.clip.number);
    }
    bench.check_custody();
}
