//! Which clips make a session. Grouping is pure: rows in, changes out.

use crate::bench::{Bench, Counter};
use intake::group;
use ledger::Change;
use model::{ClipId, Session, SessionId, SessionRules, StationZone};
use register::{ClipRow, SessionRow};

/// A clip as a test names it: letter, origin, footage, begin, end.
type Row<'a> = (&'a str, &'a str, bool, &'a str, &'a str);

fn id(letter: &str) -> String {
    format!("01K{letter:0>23}")
}

fn clip(like: &ClipRow, (letter, origin, footage, from, to): Row<'_>) -> ClipRow {
    let at = |text| StationZone::beijing().parse(text);
    let mut row = like.clone();
    row.clip.id = ClipId::parse(&id(letter)).unwrap();
    row.clip.recorder = "012345".into();
    (row.clip.recorded_from, row.clip.recorded_to) = (at(from), at(to));
    (row.origin, row.footage) = (origin.into(), footage);
    row
}

fn session(like: &ClipRow, letter: &str, origin: &str, clips: &[Row<'_>]) -> (SessionRow, Vec<ClipRow>) {
    let session =
        Session { id: SessionId::parse(&id(letter)).unwrap(), recorder: "012345".into(), span: None, case: None };
    let row = SessionRow {
        session,
        origin: origin.into(),
        case_number: None,
        clips: 0,
        duration_ms: 0,
        statement_number: None,
        drafted: false,
    };
    (row, clips.iter().map(|row| clip(like, *row)).collect())
}

/// Returns changes as `formed A: abc` and `changed S: abc`, by origin and by session.
fn shown(changes: Vec<Change>) -> Vec<String> {
    let letters = |ids: &[String]| ids.iter().map(|id| id.trim_start_matches("01K").trim_start_matches('0')).collect();
    let mut lines: Vec<String> = changes
        .into_iter()
        .map(|change| match change {
            Change::SessionFormed(formed) => {
                let clips: String = letters(&formed.clips);
                format!("formed {}: {clips}", formed.origin)
            }
            Change::SessionChanged(changed) => {
                let (name, clips): (String, String) = (letters(&[changed.id]), letters(&changed.clips));
                format!("changed {name}: {clips}")
            }
            other => panic!("grouping makes no {}", other.kind()),
        })
        .collect();
    lines.sort();
    lines
}

const NINE: Row<'_> = ("A", "X", true, "2026-11-21 09:00", "2026-11-21 09:10");
const TEN: Row<'_> = ("B", "X", true, "2026-11-21 10:00", "2026-11-21 10:10");

#[test]
fn footage_makes_sessions_and_companions_join_them() {
    let bench = Bench::new();
    bench.intake(&bench.noise_drive("CARD", 1, 100));
    let like = &bench.clips()[0];
    let photo = |letter, origin, at| (letter, origin, false, at, at);
    let bridge = ("C", "X", true, "2026-11-21 09:20", "2026-11-21 09:50");
    type Case<'a> = (&'a str, Vec<Row<'a>>, Vec<(&'a str, &'a str, Vec<Row<'a>>)>, &'a [&'a str]);
    let rows: Vec<Case<'_>> = vec![
        ("nothing", vec![], vec![], &[]),
        ("two acts", vec![NINE, TEN], vec![], &["formed X: A", "formed X: B"]),
        ("a clip between them closes the pauses", vec![NINE, TEN, bridge], vec![], &["formed X: ACB"]),
        (
            "one name, two recorders",
            vec![NINE, ("B", "Y", true, NINE.3, NINE.4)],
            vec![],
            &["formed X: A", "formed Y: B"],
        ),
        ("an open session grows", vec![bridge], vec![("S", "X", vec![NINE])], &["changed S: AC"]),
        ("not another origin's", vec![bridge], vec![("S", "Y", vec![NINE])], &["formed X: C"]),
        (
            "between two open sessions it joins the earlier",
            vec![bridge],
            vec![("T", "X", vec![TEN]), ("S", "X", vec![NINE])],
            &["changed S: AC"],
        ),
        ("a photo of the act", vec![NINE, photo("P", "X", "2026-11-21 09:05")], vec![], &["formed X: AP"]),
        ("half an hour later", vec![NINE, photo("P", "X", "2026-11-21 09:40")], vec![], &["formed X: AP"]),
        ("a minute more", vec![NINE, photo("P", "X", "2026-11-21 09:41")], vec![], &["formed X: A"]),
        ("as long before", vec![NINE, photo("P", "X", "2026-11-21 08:29")], vec![], &["formed X: A"]),
        ("of another origin", vec![NINE, photo("P", "Y", "2026-11-21 09:05")], vec![], &["formed X: A"]),
        ("a photo of 2019", vec![NINE, photo("P", "X", "2019-01-01 00:00")], vec![], &["formed X: A"]),
        ("photos alone", vec![photo("P", "X", "2026-11-21 09:00")], vec![], &[]),
        (
            "a photo of 2019 that a person put there does not stretch its session",
            vec![("D", "X", true, "2023-01-01 09:00", "2023-01-01 09:10")],
            vec![("S", "X", vec![photo("P", "X", "2019-01-01 00:00"), NINE])],
            &["formed X: D"],
        ),
        (
            "a clip without a time that a person put there stays",
            vec![bridge],
            vec![("S", "X", vec![NINE, ("E", "X", true, "", "")])],
            &["changed S: ACE"],
        ),
    ];
    for (what, loose, held, expected) in rows {
        let loose: Vec<ClipRow> = loose.into_iter().map(|row| clip(like, row)).collect();
        let held: Vec<_> = held.iter().map(|(name, origin, clips)| session(like, name, origin, clips)).collect();
        assert_eq!(shown(group(&loose, &held, SessionRules::default(), &Counter::default())), expected, "{what}");
    }
}
