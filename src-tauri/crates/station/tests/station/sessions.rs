//! Sessions as they form, and as people put them right.

use crate::bench::{Asked, Bench, clerk, refusal, sessions};
use model::{CaseDraft, ErrorCode};
use station::SaveCase;

#[test]
fn one_act_is_one_session_and_its_gap_is_told() {
    let bench = Bench::new();
    let station = bench.create();
    let status = station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    assert_eq!(ids.len(), 2, "two acts");
    let mut awaiting = status.awaiting_sessions.clone();
    awaiting.sort();
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(awaiting, expected, "the intake says which sessions await their statement");
    let morning = station.session(&ids[0]).unwrap();
    assert_eq!(morning.clips.len(), 3, "three segments");
    assert_eq!(morning.gaps.len(), 1, "one pause beyond the recorder's own cut: {:?}", morning.gaps);
    let gap = (morning.gaps[0].to - morning.gaps[0].from).num_seconds();
    assert!((89..=90).contains(&gap), "of 90 s, not {gap}");
    assert!(!morning.missing.is_empty(), "its statement is still to be written");
    assert_eq!(station.session(&ids[1]).unwrap().clips.len(), 1, "the afternoon stands alone");
    assert_eq!(station.sessions(true).unwrap().len(), 2, "both await a statement");
}

#[test]
fn people_put_right_how_clips_were_grouped() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    let case =
        SaveCase { draft: CaseDraft { number: "麒文旅罚〔2026〕12号".into(), ..Default::default() }, id: None };
    let case = station.save_case(&clerk(), &case).unwrap().case.id;
    station.assign_case(&clerk(), &ids[..1], Some(&case)).unwrap();

    let clips = station.session(&ids[0]).unwrap().clips;
    let first = &clips[0].clip.id;
    assert_eq!(refusal(station.split_session(&clerk(), &ids[0], first, "x")), ErrorCode::InvalidInput, "nothing stays");
    let foreign = station.session(&ids[1]).unwrap().clips[0].clip.id.clone();
    assert_eq!(refusal(station.split_session(&clerk(), &ids[0], &foreign, "x")), ErrorCode::NotFound, "not its clip");
    let split = station.split_session(&clerk(), &ids[0], &clips[2].clip.id, "第三段是另一次检查").unwrap();
    assert_eq!(split.clips.len(), 1, "this clip and all after it");
    assert_eq!(split.row.session.case.as_ref(), Some(&case), "under the same case");
    assert_eq!(station.session(&ids[0]).unwrap().clips.len(), 2, "the rest stays");
    let history = station.ask(|view| view.history(&[split.row.session.id.as_str()]));
    assert_eq!(history[0].reason, "第三段是另一次检查", "and why is written down");

    let fresh = split.row.session.id;
    for wrong in [vec![], vec![ids[0].clone()], vec![ids[0].clone(), ids[0].clone()]] {
        assert_eq!(refusal(station.merge_sessions(&clerk(), &wrong, "x")), ErrorCode::InvalidInput, "{wrong:?}");
    }
    let merged = station.merge_sessions(&clerk(), &[fresh.clone(), ids[0].clone(), ids[1].clone()], "同一次").unwrap();
    assert_eq!(merged.row.session.id, fresh, "the later ones join the first");
    let order: Vec<&str> = merged.clips.iter().map(|row| row.clip.original_name.as_str()).collect();
    assert!(order.is_sorted() && order.len() == 4, "in the order of recording: {order:?}");
    assert_eq!(sessions(&station), std::slice::from_ref(&fresh), "the others are dissolved");
    assert_eq!(refusal(station.session(&ids[0])), ErrorCode::NotFound);

    station.signed(&fresh);
    let second = &merged.clips[1].clip.id;
    assert_eq!(
        refusal(station.split_session(&clerk(), &fresh, second, "x")),
        ErrorCode::NotAllowed,
        "a paper speaks of it"
    );
    assert_eq!(station.checked(true).findings, [], "the register still follows from the ledger");
}

#[test]
fn a_signed_session_takes_no_part_in_merging_and_no_new_clips() {
    let bench = Bench::new();
    let station = bench.create();
    let mut drive = bench.usual_drive();
    station.take_in(&drive);
    let ids = sessions(&station);
    station.signed(&ids[0]);
    for pair in [[ids[0].clone(), ids[1].clone()], [ids[1].clone(), ids[0].clone()]] {
        assert_eq!(refusal(station.merge_sessions(&clerk(), &pair, "x")), ErrorCode::NotAllowed, "{pair:?}");
    }
    drive.clip("2026-11-21 09:04:00", &crate::bench::spec(2, 9)).unwrap();
    station.take_in(&drive);
    assert_eq!(station.session(&ids[0]).unwrap().clips.len(), 3, "the paper speaks of three clips and no more");
    assert_eq!(sessions(&station).len(), 3, "what came later is a session of its own");
}

#[test]
fn a_case_is_named_once() {
    let bench = Bench::mute();
    let station = bench.create();
    let save = |number: &str| {
        let draft = CaseDraft { number: number.into(), cause: "案由".into(), ..CaseDraft::default() };
        station.save_case(&clerk(), &SaveCase { id: None, draft })
    };
    for (number, why) in
        [(" ", "a case has a number"), ("a\nb", "of plain text"), (&*"长".repeat(201), "of some length")]
    {
        assert_eq!(refusal(save(number)), ErrorCode::InvalidInput, "{why}");
    }
    let case = save(" 麒文旅罚〔2026〕12号 ").unwrap().case;
    assert_eq!(refusal(save("麒文旅罚〔2026〕12号")), ErrorCode::InvalidInput, "its own");
    let other = save("麒文旅罚〔2026〕13号").unwrap().case;
    let taken = SaveCase { id: Some(other.id.clone()), draft: case.draft.clone() };
    assert_eq!(refusal(station.save_case(&clerk(), &taken)), ErrorCode::InvalidInput, "also when changed");
    assert_eq!(station.case_named("麒文旅罚〔2026〕12号").unwrap().case.id, case.id, "found by its number");
    assert_eq!(station.case_named(other.id.as_str()).unwrap().case.id, other.id, "and by its id");
    assert_eq!(refusal(station.case_named("99号")), ErrorCode::NotFound);
}

#[test]
fn merging_throws_away_no_draft_and_takes_nothing_out_of_its_case() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    let case = |number: &str| {
        let draft = CaseDraft { number: number.into(), ..CaseDraft::default() };
        station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id
    };
    let (first, second) = (case("12号"), case("13号"));
    let merge = || station.merge_sessions(&clerk(), &ids, "同一次");
    for mine in [Some(&first), None] {
        station.assign_case(&clerk(), &ids[..1], mine).unwrap();
        station.assign_case(&clerk(), &ids[1..], Some(&second)).unwrap();
        assert_eq!(merge().err().unwrap().params["field"], "sessions", "{mine:?}: it belongs to another case");
    }
    station.assign_case(&clerk(), &ids[1..], None).unwrap();
    let content = station.draft(&ids[1]).unwrap().content;
    station.save_draft(&clerk(), &ids[1], 0, &content).unwrap();
    assert_eq!(merge().err().unwrap().params["field"], "sessions", "somebody wrote its statement");
    assert_eq!(sessions(&station), ids, "nothing was merged");
    let drafted_first = [ids[1].clone(), ids[0].clone()];
    assert_eq!(station.merge_sessions(&clerk(), &drafted_first, "同一次").unwrap().clips.len(), 4, "its draft stays");
}
