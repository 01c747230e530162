//! What a session is asked, what is answered, and how its light turns.

use crate::bench::{Asked, Bench, clerk, clip_ids, complete, refusal, sessions};
use model::{CaseDraft, ErrorCode, Mark, PaperSubject, SessionId, StatementFields, SubjectKind};
use rules::{Answer, Light, Question, Want};
use station::{Blocker, DraftFields, Inquiry, NewAnswer, SaveCase, Station};

/// A regulation that asks for a reason, a report and a paper.
const PACK: &str = "gx-liulin";

fn new(question: Question, subject: &str, value: &str) -> NewAnswer {
    NewAnswer { question, subject: subject.into(), answer: Answer { value: value.into(), ..Answer::default() } }
}

/// Answers what is asked until nothing is left, as an officer does who has all at hand.
fn answer_all(station: &Station, session: &SessionId) -> Inquiry {
    let span = station.session(session).unwrap().row.session.span.unwrap();
    loop {
        let inquiry = station.inquiry(session).unwrap();
        let open: Vec<NewAnswer> = inquiry
            .questions
            .iter()
            .filter(|(_, answer)| answer.is_none())
            .map(|(asked, _)| match asked.question {
                Question::Arrived => new(asked.question, "", &model::format_instant(span.from)),
                Question::Left => new(asked.question, "", &model::format_instant(span.to)),
                Question::GapUnable | Question::Obstruction => new(asked.question, &asked.subject, "no"),
                _ if !asked.options.is_empty() => new(asked.question, &asked.subject, &asked.options[0].0),
                _ => new(asked.question, &asked.subject, "yes"),
            })
            .collect();
        if open.is_empty() {
            return inquiry;
        }
        station.answer(&clerk(), session, &open).unwrap();
    }
}

fn wants(inquiry: &Inquiry) -> Vec<Want> {
    inquiry.missing.iter().map(|one| one.want).collect()
}

#[test]
fn a_session_with_a_gap_and_one_officer_is_red_until_all_is_answered() {
    let bench = Bench::new();
    let station = bench.create_with(PACK);
    station.take_in(&bench.usual_drive());
    let id = &sessions(&station)[0];
    let alone = complete(station.draft(id).unwrap().content.fields);
    let alone = StatementFields { officers: alone.officers[..1].to_vec(), ..alone };
    let content = DraftFields { fields: alone, guessed: Vec::new() };
    station.save_draft(&clerk(), id, 0, &content).unwrap();

    let inquiry = station.inquiry(id).unwrap();
    assert_eq!(inquiry.light(), Light::Red, "{:?}", inquiry.missing);
    let article = |want: Want| {
        inquiry.missing.iter().find(|one| one.want == want).and_then(|one| one.article.clone()).unwrap_or_default()
    };
    assert!(article(Want::Officers).contains("第四十二条"), "{:?}", inquiry.missing);
    assert_eq!(article(Want::GapReason), "第十四条第二款", "the pause of 90 s is not explained");
    assert_eq!(station.session(id).unwrap().lacking, inquiry.missing, "lists say the same");

    let answered = answer_all(&station, id);
    assert_eq!(
        wants(&answered),
        [Want::Officers, Want::Statement],
        "what the statement has to say is said there: {:?}",
        answered.missing
    );
    station.signed(id);
    let whole = station.inquiry(id).unwrap();
    assert_eq!((whole.light(), whole.missing.as_slice()), (Light::Green, &[][..]));
    assert_eq!(station.checked(true).findings, [], "the register follows from the ledger");
    let history = station.ask(|view| view.history(&[id.as_str()]));
    assert!(history.iter().any(|event| event.kind == "session.answered"), "answers are events: {history:?}");
}

#[test]
fn answers_are_kept_changed_and_taken_back() {
    let bench = Bench::new();
    let station = bench.create_with(PACK);
    station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    let gap = rules::gap_id(&station.session(&ids[0]).unwrap().gaps[0]);
    let events = || station.ask(|view| view.ledger_head()).0;
    let held = |question: Question| {
        let inquiry = station.inquiry(&ids[0]).unwrap();
        let found = inquiry.questions.into_iter().find(|(asked, _)| asked.question == question);
        found.and_then(|(_, answer)| answer).map(|answer| answer.value)
    };
    let give = |list: &[NewAnswer]| station.answer(&clerk(), &ids[0], list);

    let before = events();
    give(&[new(Question::GapReason, &gap, "battery"), new(Question::GapUnable, &gap, "yes")]).unwrap();
    assert_eq!(events(), before + 1, "answers given together are one event");
    give(&[new(Question::GapReason, &gap, "battery")]).unwrap();
    assert_eq!(events(), before + 1, "what says nothing new is none");
    give(&[new(Question::GapReason, &gap, "storage")]).unwrap();
    assert_eq!(held(Question::GapReason).as_deref(), Some("storage"), "the last word counts");
    give(&[new(Question::GapReason, &gap, "")]).unwrap();
    assert_eq!(held(Question::GapReason), None, "and can be taken back");

    let before = events();
    for (what, wrong) in [
        ("no such reason", new(Question::GapReason, &gap, "boredom")),
        ("no such gap", new(Question::GapReason, "2026-11-21T00:00:00.000Z", "battery")),
        ("not asked", new(Question::Supplement, "x", "y")),
        ("a report to nobody", new(Question::GapReport, &gap, "2026-11-21T01:40:00Z")),
    ] {
        let both = [new(Question::GapUnable, &gap, "no"), wrong];
        assert_eq!(refusal(give(&both)), ErrorCode::InvalidInput, "{what}");
        assert_eq!(events(), before, "{what}: all or nothing");
    }
    assert_eq!(
        refusal(station.answer(&clerk(), &ids[1], &[new(Question::GapReason, &gap, "battery")])),
        ErrorCode::InvalidInput,
        "another session's gap"
    );

    // Merged sessions keep what was said of either; where both speak, the first does.
    let left = station.session(&ids[1]).unwrap().row.session.span.unwrap().to;
    let at = model::format_instant(left);
    station.answer(&clerk(), &ids[1], &[new(Question::Left, "", &at), new(Question::Evidence, "", "no")]).unwrap();
    give(&[new(Question::Evidence, "", "yes")]).unwrap();
    station.merge_sessions(&clerk(), &ids, "同一次检查").unwrap();
    assert_eq!(held(Question::Left).as_deref(), Some(at.as_str()), "carried over");
    assert_eq!(held(Question::Evidence).as_deref(), Some("yes"), "the first one's word");
    assert_eq!(station.checked(true).findings, [], "the register follows from the ledger");
}

#[test]
fn marks_change_what_becomes_of_a_clip() {
    let bench = Bench::new();
    let station = bench.create_with(PACK);
    station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    let clips = clip_ids(&station, &ids[0]);
    let mark = |clip: usize, mark: Mark, set: bool| station.mark_clip(&clerk(), &clips[clip], mark, set, "");
    let gaps = || station.session(&ids[0]).unwrap().gaps.len();

    assert_eq!(gaps(), 1);
    mark(2, Mark::Irrelevant, true).unwrap();
    assert_eq!(gaps(), 0, "what has nothing to do with the work leaves no gap before it");
    mark(2, Mark::Irrelevant, false).unwrap();
    assert_eq!(gaps(), 1, "and can be taken back");
    mark(2, Mark::PartyRecording, true).unwrap();
    assert_eq!(gaps(), 0, "what the party filmed is another source");
    mark(2, Mark::PartyRecording, false).unwrap();

    let case = SaveCase { draft: CaseDraft { number: "12号".into(), ..Default::default() }, id: None };
    let case = station.save_case(&clerk(), &case).unwrap().case.id;
    station.assign_case(&clerk(), &ids[..1], Some(&case)).unwrap();
    station.signed(&ids[0]);
    assert_eq!(refusal(mark(2, Mark::Irrelevant, true)), ErrorCode::NotAllowed, "a paper speaks of it");
    mark(0, Mark::StateSecret, true).unwrap();
    let number = station.clips()[0].clip.number.clone();
    assert_eq!(
        station.package_draft(&case).unwrap().blockers,
        [Blocker::StateSecrets(vec![number])],
        "a state secret goes into no package"
    );
    mark(0, Mark::StateSecret, false).unwrap();
    mark(0, Mark::Privacy, true).unwrap();
    assert_eq!(station.package_draft(&case).unwrap().blockers, [], "privacy is handled with care, not left out");
    let marks = station.ask(|view| view.marks(&clips[0]));
    assert_eq!(marks.iter().map(|row| row.mark).collect::<Vec<_>>(), [Mark::Privacy]);
    assert_eq!(station.checked(true).findings, [], "the register follows from the ledger");
}

#[test]
fn a_pause_that_could_not_end_calls_for_its_paper_and_fills_it() {
    let bench = Bench::new();
    let station = bench.create_with(PACK);
    station.take_in(&bench.usual_drive());
    let id = &sessions(&station)[0];
    let gap = rules::gap_id(&station.session(id).unwrap().gaps[0]);
    let reported =
        Answer { value: "2026-11-21T01:10:00.000Z".into(), note: "王主任".into(), timecode: String::new() };
    let answers = [
        NewAnswer {
            question: Question::GapReason,
            subject: gap.clone(),
            answer: Answer { value: "battery".into(), note: "换上备用电池后无效".into(), ..Answer::default() },
        },
        new(Question::GapUnable, &gap, "yes"),
        NewAnswer { question: Question::GapReport, subject: gap.clone(), answer: reported },
    ];
    let asked = station.answer(&clerk(), id, &answers).unwrap();
    assert!(wants(&asked).contains(&Want::GapWritten), "the regulation asks for a written explanation");

    let subject = PaperSubject { kind: SubjectKind::Session, id: id.to_string() };
    let (draft, _) = station.paper_draft("interruption", &subject).unwrap();
    let said = |key: &str| draft.content.fields.get(key).cloned().unwrap_or_default();
    assert_eq!((said("outcome").as_str(), said("reported_to").as_str()), ("abandoned", "王主任"), "as answered");
    assert_eq!(said("reported_at"), "2026-11-21 09:10:00", "in the station's zone");
    assert!(draft.content.lists["gaps"][0]["reason"].ends_with("换上备用电池后无效"), "{:?}", draft.content.lists);

    let officers = complete(station.draft(id).unwrap().content.fields).officers;
    let named: Vec<String> = officers.iter().map(|one| format!("{}（{}）", one.name, one.certificate_no)).collect();
    let mut content = draft.content;
    for (key, text) in
        [("act", "现场检查"), ("officers", &named.join("、")), ("place", "某网吧"), ("reason", "电池耗尽")]
    {
        content.fields.insert(key.into(), text.into());
    }
    let issued = station.issue_paper(&clerk(), "interruption", &subject, draft.revision, &content).unwrap();
    assert!(!wants(&station.inquiry(id).unwrap()).contains(&Want::GapWritten), "the paper is there");
    station.void_paper(&clerk(), &issued.row.number, "写错").unwrap();
    assert!(wants(&station.inquiry(id).unwrap()).contains(&Want::GapWritten), "a void one is none");
}
