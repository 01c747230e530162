//! Child programs that misbehave. One test only: a script that is still open for writing in one thread while
//! another thread starts a process cannot be run.
#![allow(clippy::unwrap_used)]

use media::{FrameError, Limits, ProbeError, Prober};
use model::MediaOutcome;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Makes a shell script and returns a prober that takes it for the child program.
fn stranger(folder: &Path, name: &str, script: &str) -> Prober {
    let program = folder.join(name);
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Prober::at(program).with_limits(Limits { time: Duration::from_millis(400), ..Limits::default() })
}

#[test]
fn row_15_whatever_the_child_does_the_station_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, script, words) in [
        ("hangs", "sleep 60", "no result within 400ms"),
        ("hangs-silent", "exec >&-; sleep 60", "no result within 400ms"),
        ("drips", "while :; do echo; sleep 0.01; done", "no result within 400ms"),
        ("floods", "exec yes", "more than 65536 bytes"),
        ("crashes", "kill -SEGV $$", "ended by signal 11"),
        ("fails", "echo '{\"readable\":1}'; exit 3", "ended with status 3"),
        ("mutters", "echo hello", "makes no sense"),
        ("says-nothing", "exit 0", "makes no sense"),
        ("answers-another", "echo '{\"drawn\":[]}'", "makes no sense"),
        ("reads-input", "cat; exit 4", "ended with status 4"),
    ] {
        let prober = stranger(folder, name, script);
        let begin = Instant::now();
        let outcome = prober.probe("clip.mp4".as_ref()).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(5), "{name}: the limit holds");
        let MediaOutcome::Unreadable { reason } = outcome else { panic!("{name} read nothing") };
        assert!(reason.contains(words), "{name}: expected {words:?}, found {reason:?}");
    }

    let facts = r#"{"container":"mov","width":1,"height":1,"frame_rate_milli":1}"#;
    // Looks into everything up to a file that is its end, or that it never comes back from.
    let script = format!(
        "shift 3; for file; do case $file in bad) kill -SEGV $$;; slow) sleep 60;; *) echo '{{\"readable\":{facts}}}';; \
         esac; done"
    );
    let files = ["a", "bad", "b", "c", "slow", "d"].map(PathBuf::from);
    let outcomes = stranger(folder, "falls-over", &script).probe_all(&files).unwrap();
    let said = |outcome: &MediaOutcome| match outcome {
        MediaOutcome::Readable(_) => "readable".to_owned(),
        MediaOutcome::Unreadable { reason } => reason.clone(),
    };
    let words: Vec<String> = outcomes.iter().map(said).collect();
    let (crashed, late) = ("the probe was ended by signal 11", "the probe gave no result within 400ms");
    assert_eq!(words, ["readable", crashed, "readable", "readable", late, "readable"], "each file has its own outcome");
    assert_eq!(stranger(folder, "idle", "exit 1").probe_all(&[]).unwrap(), [], "nothing is asked of nobody");

    let mark = folder.join("survivor");
    let script = format!("(sleep 1; echo alive > '{}') & sleep 60", mark.display());
    stranger(folder, "has-children", &script).probe("clip.mp4".as_ref()).unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    assert!(!mark.exists(), "what the child started is ended with it");

    let seen = folder.join("environment");
    let script = format!("env > '{}'; exit 5", seen.display());
    stranger(folder, "looks-around", &script).probe("clip.mp4".as_ref()).unwrap();
    let seen = fs::read_to_string(seen).unwrap();
    assert!(!seen.contains("CARGO"), "the station's environment stays with the station: {seen}");

    let error = stranger(folder, "not-loaded", "exit 127").probe("clip.mp4".as_ref()).unwrap_err();
    assert!(matches!(error, ProbeError::Libraries { .. }), "missing libraries are no fault of the file: {error}");

    let still = r#"{"position_ms":0,"width":1,"height":1}"#;
    let liar = stranger(folder, "lies", &format!("echo '{{\"drawn\":[{still}]}}'"));
    let error = liar.frames("clip.mp4".as_ref(), folder, 1).unwrap_err();
    assert!(matches!(error, FrameError::Undrawn { .. }), "a key frame that does not exist is none: {error}");
}
