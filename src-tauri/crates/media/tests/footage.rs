//! Real files through the real child program.
#![allow(clippy::unwrap_used)]

use fixtures::{ClipSpec, Codec};
use media::{FrameError, Limits, ProbeError, Prober};
use model::{MediaFacts, MediaOutcome, parse_instant};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn prober() -> Prober {
    Prober::at(env!("CARGO_BIN_EXE_evidock-probe").into())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn made(folder: &Path, name: &str, spec: &ClipSpec) -> PathBuf {
    let path = folder.join(name);
    fixtures::video(&path, spec).unwrap();
    path
}

fn facts(file: &Path) -> MediaFacts {
    match prober().probe(file).unwrap() {
        MediaOutcome::Readable(facts) => facts,
        MediaOutcome::Unreadable { reason } => panic!("{} is good footage, yet: {reason}", file.display()),
    }
}

fn reason(prober: &Prober, file: &Path) -> String {
    match prober.probe(file).unwrap() {
        MediaOutcome::Unreadable { reason } => reason,
        MediaOutcome::Readable(facts) => panic!("{} cannot be read, yet: {facts:?}", file.display()),
    }
}

fn position_of(file: &Path, wanted: &[u8]) -> u64 {
    let bytes = fs::read(file).unwrap();
    bytes.windows(wanted.len()).position(|window| window == wanted).unwrap() as u64
}

#[test]
fn facts_are_those_of_the_clip() {
    let folder = folder();
    let base = ClipSpec { seconds: 2, ..ClipSpec::default() };
    let created = Some("2026-11-21T01:02:05Z".to_owned());
    let rows = [
        (
            "a.MP4",
            ClipSpec { created: created.clone(), ..base.clone() },
            "mov,mp4,m4a,3gp,3g2,mj2",
            "h264",
            Some("aac"),
        ),
        (
            "b.mp4",
            ClipSpec { codec: Codec::Hevc, fps: 30, ..base.clone() },
            "mov,mp4,m4a,3gp,3g2,mj2",
            "hevc",
            Some("aac"),
        ),
        (
            "c.AVI",
            ClipSpec { codec: Codec::Mjpeg, width: 320, height: 240, ..base.clone() },
            "avi",
            "mjpeg",
            Some("pcm_s16le"),
        ),
        ("d.avi", ClipSpec { codec: Codec::Mpeg4, audio: false, ..base.clone() }, "avi", "mpeg4", None),
        ("e.ts", ClipSpec { ..base.clone() }, "mpegts", "h264", Some("aac")),
        ("f.mkv", ClipSpec { created: created.clone(), ..base.clone() }, "matroska,webm", "h264", Some("aac")),
    ];
    for (name, spec, container, video, audio) in rows {
        let found = facts(&made(folder.path(), name, &spec));
        let length = found.duration_ms.unwrap();
        assert!(length.abs_diff(2000) <= 150, "{name} runs two seconds, found {length} ms");
        let expected = MediaFacts {
            container: container.to_owned(),
            duration_ms: found.duration_ms,
            video_codec: Some(video.to_owned()),
            width: spec.width,
            height: spec.height,
            frame_rate_milli: spec.fps * 1000,
            audio_codec: audio.map(str::to_owned),
            created: spec.created.as_deref().and_then(parse_instant),
        };
        assert_eq!(found, expected, "facts of {name}");
    }
}

#[test]
fn one_look_at_many_files_says_the_same_as_one_at_each() {
    let folder = folder();
    let short = made(folder.path(), "short.MP4", &ClipSpec { seconds: 1, ..ClipSpec::default() });
    let long = made(folder.path(), "long.MP4", &ClipSpec { seconds: 3, ..ClipSpec::default() });
    let noise = folder.path().join("noise.MP4");
    fs::write(&noise, [7; 5000]).unwrap();
    let files = [short, noise, folder.path().join("missing.MP4"), long];
    let together = prober().probe_all(&files).unwrap();
    let alone: Vec<MediaOutcome> = files.iter().map(|file| prober().probe(file).unwrap()).collect();
    assert_eq!(together, alone);
    assert!(matches!(together[3], MediaOutcome::Readable(_)), "what cannot be read is not the end of the others");
}

#[test]
fn sound_and_photos_are_readable_too() {
    let folder = folder();
    for (name, codec) in [("note.wav", "pcm_s16le"), ("note.m4a", "aac")] {
        let path = folder.path().join(name);
        fixtures::sound(&path, 3, 5).unwrap();
        let found = facts(&path);
        assert_eq!((found.video_codec, found.width), (None, 0), "{name} has no picture");
        assert_eq!(found.audio_codec.as_deref(), Some(codec), "sound codec of {name}");
        assert!(found.duration_ms.unwrap().abs_diff(3000) <= 100, "{name} runs three seconds");
        let error = prober().frames(&path, folder.path(), 3).unwrap_err();
        assert!(error.to_string().contains("sound without picture"), "{name} has no contact sheet: {error}");
    }
    let photo = folder.path().join("photo.jpg");
    fixtures::photo(&photo, 9).unwrap();
    let found = facts(&photo);
    assert_eq!(
        (found.video_codec.as_deref(), found.width, found.height),
        (Some("mjpeg"), 640, 360),
        "a JPEG is one picture"
    );
    assert_eq!(prober().frames(&photo, folder.path(), 9).unwrap().len(), 1, "a photo gives one key frame");
}

#[test]
fn row_14_15_damaged_and_foreign_files_are_unreadable_in_libavs_words() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let whole = made(folder.path(), "whole.mp4", &ClipSpec::default());
    let length = fs::metadata(&whole).unwrap().len();
    fixtures::truncated(&whole, &at("no-index.mp4"), length / 2).unwrap();
    let fast = made(folder.path(), "fast.mp4", &ClipSpec { faststart: true, ..ClipSpec::default() });
    let index_end = position_of(&fast, b"mdat") + 4;
    fixtures::truncated(&fast, &at("index-only.mp4"), index_end).unwrap();
    fs::copy(&fast, at("zeroed.mp4")).unwrap();
    fixtures::zero_run(&at("zeroed.mp4"), index_end..fs::metadata(&fast).unwrap().len()).unwrap();
    fixtures::noise(&at("noise.mp4"), 300_000, 3).unwrap();
    fixtures::zero(&at("zero.mp4")).unwrap();
    fixtures::text(&at("text.mp4")).unwrap();
    fs::create_dir(at("folder.mp4")).unwrap();
    // Says of its first box that it is 10 GB long.
    let huge_box = [1_u32.to_be_bytes().as_slice(), b"moov", &10_000_000_000_u64.to_be_bytes(), b"mvhd"].concat();
    fs::write(at("huge-box.mp4"), [b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".as_slice(), &huge_box].concat()).unwrap();
    for (name, words) in [
        ("no-index.mp4", "cannot read the container: Invalid data"),
        ("index-only.mp4", "decode"),
        ("zeroed.mp4", "decode"),
        ("noise.mp4", "cannot read the container: Invalid data"),
        ("zero.mp4", "the file is empty"),
        ("text.mp4", "cannot read the container: Invalid data"),
        ("huge-box.mp4", "neither picture nor sound"),
        ("folder.mp4", "not a regular file"),
        ("missing.mp4", "cannot open the file: No such file"),
    ] {
        let reason = reason(&prober(), &at(name));
        assert!(reason.contains(words), "{name}: expected {words:?}, found {reason:?}");
    }
    // Half of a recording whose index is whole does show pictures; that it is cut is not the probe's to say.
    fixtures::truncated(&fast, &at("half.mp4"), fs::metadata(&fast).unwrap().len() / 2).unwrap();
    assert_eq!(facts(&at("half.mp4")).video_codec.as_deref(), Some("h264"), "the first half still decodes");
}

#[test]
fn documents_that_name_other_sources_are_no_footage() {
    let folder = folder();
    let clip = made(folder.path(), "target.mp4", &ClipSpec::default());
    let named = clip.display();
    let dash = format!(
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" \
         profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" type=\"static\"><Period><AdaptationSet>\
         <Representation id=\"0\" mimeType=\"video/mp4\"><BaseURL>{named}</BaseURL></Representation>\
         </AdaptationSet></Period></MPD>\n"
    );
    // Would make libav listen on the network.
    let session = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 49170 RTP/AVP 0\n";
    for (name, document) in [
        ("dash.mp4", dash),
        ("session.mp4", session.to_owned()),
        ("concat.mp4", format!("ffconcat version 1.0\nfile '{named}'\n")),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, document).unwrap();
        let reason = reason(&prober(), &path);
        assert!(reason.starts_with("no container that footage comes in"), "{name} is refused unparsed: {reason}");
    }
}

#[test]
fn names_are_any_bytes() {
    let folder = folder();
    let clip = made(folder.path(), "plain.mp4", &ClipSpec::default());
    for name in
        [b"\xff\xfe.mp4".as_slice(), b"line\nbreak.mp4", b"-v.mp4", b"http:x.mp4", b"pipe:0", "取证.mp4".as_bytes()]
    {
        let path = folder.path().join(OsStr::from_bytes(name));
        fs::copy(&clip, &path).unwrap();
        assert_eq!(facts(&path).width, 640, "the name {} is no obstacle", name.escape_ascii());
    }
}

#[test]
fn a_pipe_does_not_hold_the_probe() {
    let folder = folder();
    let made = fixtures::hostile(folder.path()).unwrap();
    let pipe = made.refused.iter().find(|path| path.ends_with("pipe.MP4")).unwrap();
    let begin = Instant::now();
    assert_eq!(reason(&prober(), pipe), "not a regular file", "a pipe is no footage");
    assert!(begin.elapsed() < Duration::from_secs(10), "opening it did not wait for a writer");
}

#[test]
fn want_of_memory_is_a_reason_and_no_harm() {
    let folder = folder();
    let clip =
        made(folder.path(), "large.mp4", &ClipSpec { width: 3840, height: 2160, seconds: 1, ..ClipSpec::default() });
    assert_eq!(facts(&clip).width, 3840, "the usual limit is enough for 4K");
    let narrow = prober().with_limits(Limits { memory_bytes: 12 << 20, ..Limits::default() });
    let reason = reason(&narrow, &clip);
    assert!(
        reason.contains("Cannot allocate memory") || reason.contains("ended by signal 6"),
        "12 MiB cannot hold a 4K picture: {reason}"
    );
}

#[test]
fn key_frames_are_spread_over_the_clip() {
    let folder = folder();
    let clip = made(folder.path(), "long.mp4", &ClipSpec { seconds: 9, ..ClipSpec::default() });
    let frames = prober().frames(&clip, folder.path(), 9).unwrap();
    let positions: Vec<u64> = frames.iter().map(|frame| frame.position_ms).collect();
    assert_eq!(
        positions,
        (0..9).map(|second| second * 1000).collect::<Vec<_>>(),
        "the clip has a key frame each second"
    );
    for (frame, number) in frames.iter().zip(1..) {
        assert_eq!(frame.path, folder.path().join(format!("frame-{number:02}.jpg")), "names count up");
        assert_eq!((frame.width, frame.height), (320, 180), "320 px wide, proportions kept");
        let bytes = fs::read(&frame.path).unwrap();
        assert!(bytes.starts_with(b"\xff\xd8\xff") && bytes.ends_with(b"\xff\xd9"), "a whole JPEG");
        let found = facts(&frame.path);
        assert_eq!((found.width, found.height), (320, 180), "the JPEG has the size it claims");
    }
    let contents: std::collections::BTreeSet<Vec<u8>> = frames.iter().map(|f| fs::read(&f.path).unwrap()).collect();
    assert_eq!(contents.len(), 9, "nine different pictures");
    let leftovers = fs::read_dir(folder.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(leftovers.count(), 0, "nothing unfinished stays");
}

#[test]
fn short_and_small_clips_give_what_they_have() {
    let folder = folder();
    // One key frame only: the others are found by decoding on.
    let short =
        made(folder.path(), "short.mp4", &ClipSpec { seconds: 1, width: 160, height: 120, ..ClipSpec::default() });
    let frames = prober().frames(&short, folder.path(), 9).unwrap();
    assert_eq!(frames.len(), 9, "25 pictures are enough for nine");
    assert!(frames.is_sorted_by(|a, b| a.position_ms < b.position_ms), "each later than the one before");
    assert_eq!((frames[0].width, frames[0].height), (160, 120), "small pictures are not enlarged");
    let few =
        made(folder.path(), "few.avi", &ClipSpec { seconds: 1, fps: 4, codec: Codec::Mjpeg, ..ClipSpec::default() });
    assert_eq!(prober().frames(&few, folder.path(), 9).unwrap().len(), 4, "a clip of four pictures gives four");
    // Without an index, seeking lands where it can.
    let stream = made(folder.path(), "stream.ts", &ClipSpec { seconds: 4, ..ClipSpec::default() });
    let frames = prober().frames(&stream, folder.path(), 4).unwrap();
    let positions: Vec<u64> = frames.iter().map(|frame| frame.position_ms).collect();
    assert_eq!(positions.len(), 4, "each part of the stream is shown: {positions:?}");
    for (position, middle) in positions.iter().zip([500_u64, 1500, 2500, 3500]) {
        assert!(position.abs_diff(middle) <= 600, "times count from the begin of the clip: {positions:?}");
    }
}

#[test]
fn damage_anywhere_is_an_outcome() {
    let folder = folder();
    let clip = made(folder.path(), "clip.mp4", &ClipSpec { seconds: 1, faststart: true, ..ClipSpec::default() });
    let whole = fs::read(&clip).unwrap();
    let head = position_of(&clip, b"mdat") as usize;
    let noise = folder.path().join("noise");
    fixtures::noise(&noise, 64 * 8, 11).unwrap();
    let noise = fs::read(noise).unwrap();
    let mut unreadable = 0;
    for round in noise.chunks(8) {
        // Four wild bytes somewhere in the index.
        let at = u32::from_le_bytes(round[..4].try_into().unwrap()) as usize % (head - 4);
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&round[4..]);
        fs::write(&clip, bytes).unwrap();
        let begin = Instant::now();
        let outcome = prober().probe(&clip).unwrap_or_else(|error| panic!("damage at {at} stops the station: {error}"));
        assert!(begin.elapsed() < Limits::default().time + Duration::from_secs(2), "damage at {at} holds the station");
        unreadable += u32::from(matches!(outcome, MediaOutcome::Unreadable { .. }));
    }
    assert!(unreadable > 0, "some of the damage must have mattered");
}

#[test]
fn a_failed_contact_sheet_leaves_nothing() {
    let folder = folder();
    let noise = folder.path().join("noise.mp4");
    fixtures::noise(&noise, 100_000, 1).unwrap();
    fs::write(folder.path().join("frame-01.jpg"), "from an earlier run").unwrap();
    fs::write(folder.path().join(".frame-02.jpg.part"), "from a killed run").unwrap();
    let error = prober().frames(&noise, folder.path(), 3).unwrap_err();
    assert!(matches!(&error, FrameError::Undrawn { .. }), "noise has no pictures: {error}");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["noise.mp4"], "only the file itself is left");
    for count in [0, media::FRAMES_MAX + 1] {
        let error = prober().frames(&noise, folder.path(), count).unwrap_err();
        assert!(matches!(error, FrameError::Count { .. }), "{count} is no number of key frames");
    }
    let clip = made(folder.path(), "clip.mp4", &ClipSpec::default());
    let error = prober().frames(&clip, &folder.path().join("missing"), 3).unwrap_err();
    assert!(error.to_string().contains("cannot write a key frame: No such file"), "says what was missing: {error}");
}

#[test]
fn probing_changes_nothing_of_the_file() {
    let folder = folder();
    let clip = made(folder.path(), "clip.mp4", &ClipSpec::default());
    let mut rights = fs::metadata(&clip).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(&clip, rights).unwrap();
    let before = (fs::read(&clip).unwrap(), fs::metadata(&clip).unwrap().modified().unwrap());
    facts(&clip);
    prober().frames(&clip, folder.path(), 3).unwrap();
    let after = (fs::read(&clip).unwrap(), fs::metadata(&clip).unwrap().modified().unwrap());
    assert!(before == after, "evidence is read, never written");
}

#[test]
fn the_program_lies_beside_the_tests() {
    assert_eq!(Prober::beside_this_program(), Some(prober()), "found one folder above target/debug/deps");
    let missing = Prober::at("/nonexistent/evidock-probe".into());
    let error = missing.probe("a.mp4".as_ref()).unwrap_err();
    assert!(matches!(error, ProbeError::Start { .. }), "no program is an error of the station, not of the file");
}
