//! What a session is asked, what an answer may be, and how answers turn the light.
#![allow(clippy::unwrap_used)]

use model::{Instant, StationZone, format_instant};
use rules::{
    Answer, Answers, Circumstance, Course, Light, Question, RulePack, SessionClip, Want, asked, circumstances, facts,
    gap_id, light, pack, readiness, unexplained_pauses,
};

fn at(time: &str) -> Instant {
    StationZone::beijing().parse(&format!("2026-11-20 {time}")).unwrap()
}

fn clip(id: &str, from: &str, to: &str) -> SessionClip {
    SessionClip {
        id: id.to_owned(),
        number: format!("P-{id}"),
        from: Some(at(from)),
        to: Some(at(to)),
        late: false,
        late_explained: false,
        damaged: false,
        damage_written: false,
    }
}

/// A session whose recording stopped for 90 seconds.
fn course() -> Course {
    Course {
        officers: 2,
        place: true,
        statement_signed: true,
        clips: vec![clip("a", "09:00:00", "09:10:00"), clip("b", "09:11:30", "09:30:00")],
        ..Course::default()
    }
}

fn answer(value: &str) -> Answer {
    Answer { value: value.to_owned(), ..Answer::default() }
}

/// Answers whatever is asked until nothing new is, always the first option, yes, or the hour itself.
fn answer_all(pack: &RulePack, course: &Course) -> Answers {
    let mut answers = Answers::new();
    loop {
        let open: Vec<_> = asked(pack, course, &answers)
            .into_iter()
            .filter(|one| !answers.contains_key(&(one.question, one.subject.clone())))
            .collect();
        if open.is_empty() {
            return answers;
        }
        for one in open {
            let said = match one.question {
                Question::Arrived => answer(&format_instant(at("08:58:00"))),
                Question::Left => answer(&format_instant(at("09:31:00"))),
                Question::GapReport | Question::DamageReport | Question::Transfer => {
                    Answer { note: "负责人".into(), ..answer(&format_instant(at("09:40:00"))) }
                }
                _ if !one.options.is_empty() => answer(&one.options[0].0),
                Question::GapWritten | Question::DamageWritten | Question::Supplement => answer("见书面说明"),
                _ => answer("yes"),
            };
            assert_eq!(one.fault(&said), None, "{}: {one:?} takes {said:?}", pack.id);
            answers.insert((one.question, one.subject), said);
        }
    }
}

#[test]
fn whoever_answers_everything_turns_every_pack_green() {
    for pack in rules::packs() {
        let course = course();
        let before = readiness(pack, &facts(pack, &course, &Answers::new()));
        assert_eq!(light(&before), Light::Red, "{}: a gap of 90 s is not explained: {before:?}", pack.id);
        let answers = answer_all(pack, &course);
        let missing = readiness(pack, &facts(pack, &course, &answers));
        assert_eq!((light(&missing), missing.as_slice()), (Light::Green, &[][..]), "{}", pack.id);
    }
}

#[test]
fn whatever_is_missing_can_be_entered_somewhere() {
    let elsewhere = [Want::Officers, Want::Place, Want::Statement, Want::LateReason];
    for want in Want::ALL.iter().filter(|want| !elsewhere.contains(want)) {
        assert!(Question::from_code(want.code()).is_some(), "{} is a question", want.code());
    }
    for pack in rules::packs() {
        let mut course = Course { officers: 0, place: false, statement_signed: false, ..course() };
        course.clips[0].damaged = true;
        let missing = readiness(pack, &facts(pack, &course, &Answers::new()));
        let questions = asked(pack, &course, &Answers::new());
        for one in missing.iter().filter(|one| !elsewhere.contains(&one.want)) {
            let found = questions.iter().any(|q| q.question.code() == one.want.code() && q.subject == one.subject);
            assert!(found, "{}: {one:?} has its question", pack.id);
        }
    }
}

#[test]
fn what_is_asked_follows_from_what_was_answered() {
    let count = |pack: &RulePack, course: &Course, answers: &Answers, question: Question| {
        asked(pack, course, answers).iter().filter(|one| one.question == question).count()
    };
    let liulin = pack("gx-liulin").unwrap();
    let gap = gap_id(&unexplained_pauses(liulin, &course())[0]);
    let unable = Answers::from([((Question::GapUnable, gap), answer("yes"))]);
    let left = Answers::from([((Question::Left, String::new()), answer(&format_instant(at("09:05:00"))))]);
    let pds = pack("pds-minzong").unwrap();
    let mut damaged = course();
    damaged.clips[0].damaged = true;
    let none = Answers::new();
    let late = Answers::from([((Question::Arrived, String::new()), answer(&format_instant(at("08:30:00"))))]);
    let obstructed = Answers::from([((Question::Obstruction, String::new()), answer("yes"))]);
    let left_behind = Answers::from([((Question::Service, String::new()), answer("lien"))]);
    for (what, pack, course, answers, question, expected) in [
        ("a gap has one reason", liulin, course(), &none, Question::GapReason, 1),
        ("nobody is told who need not be", liulin, course(), &none, Question::GapReport, 0),
        ("what could not go on is reported", liulin, course(), &unable, Question::GapReport, 1),
        ("and written down", liulin, course(), &unable, Question::GapWritten, 1),
        ("damage is reported", liulin, damaged.clone(), &none, Question::DamageReport, 1),
        ("where the regulation asks for it", pds, damaged, &none, Question::DamageReport, 0),
        ("a clip from after leaving", pds, course(), &left, Question::Supplement, 1),
        ("a late beginning", pds, course(), &late, Question::LateBegin, 1),
        ("none where the arrival is not known", pds, course(), &none, Question::LateBegin, 0),
        ("obstruction is handed over", liulin, course(), &obstructed, Question::Transfer, 1),
        ("each matter of the written record", pack("qj-qilin").unwrap(), course(), &none, Question::Matter, 22),
        ("how something was served", liulin, course(), &none, Question::Service, 1),
        ("nothing more while nobody says", liulin, course(), &none, Question::ServiceDetail, 0),
        ("what leaving it behind asks for", liulin, course(), &left_behind, Question::ServiceDetail, 5),
        ("only where there was any", liulin, course(), &none, Question::Transfer, 0),
    ] {
        assert_eq!(count(pack, &course, answers, question), expected, "{what}");
    }
}

#[test]
fn answers_that_say_nothing_are_refused() {
    let pack = pack("gx-liulin").unwrap();
    let gap = gap_id(&unexplained_pauses(pack, &course())[0]);
    let answers = Answers::from([((Question::GapUnable, gap), answer("yes"))]);
    let list = asked(pack, &course(), &answers);
    let check = |question: Question, said: Answer, fault: Option<&str>| {
        let one = list.iter().find(|one| one.question == question).unwrap();
        assert_eq!(one.fault(&said), fault, "{question:?} {said:?}");
    };
    check(Question::GapReason, answer("battery"), None);
    check(Question::GapReason, answer("boredom"), Some("value"));
    check(Question::Arrived, answer("昨天"), Some("value"));
    check(Question::GapUnable, answer("maybe"), Some("value"));
    check(Question::KeyContent, answer("not_applicable"), None);
    check(Question::KeyContent, Answer { timecode: "00:03:12".into(), ..answer("yes") }, None);
    for timecode in ["3:12", "00:61:00", "00:00:0x", "1:2:3:4"] {
        check(Question::KeyContent, Answer { timecode: timecode.into(), ..answer("yes") }, Some("timecode"));
    }
    let reported = answer("2026-11-20T01:40:00Z");
    check(Question::GapReport, reported.clone(), Some("note"));
    check(Question::GapReport, Answer { note: "主任".into(), ..reported }, None);
    check(Question::GapWritten, answer(" "), Some("value"));
    check(Question::GapWritten, answer(&"长".repeat(1001)), Some("value"));
    check(Question::GapWritten, answer(""), None);
}

#[test]
fn what_is_kept_longer_follows_from_answers() {
    let none = Answers::new();
    let no = Answers::from([((Question::Evidence, String::new()), answer("no"))]);
    let objection = Answers::from([
        ((Question::Circumstance, "objection".to_owned()), answer("yes")),
        ((Question::Circumstance, "important".to_owned()), answer("no")),
        ((Question::Obstruction, String::new()), answer("yes")),
    ]);
    let rows: [(&str, bool, &Answers, &[Circumstance]); 4] = [
        ("a signed statement makes it evidence", true, &none, &[Circumstance::Evidence]),
        ("unless somebody says it is none", true, &no, &[]),
        ("nothing is known", false, &none, &[]),
        ("what was answered", false, &objection, &[Circumstance::Objection, Circumstance::Obstruction]),
    ];
    for (what, signed, answers, expected) in rows {
        assert_eq!(circumstances(signed, answers).into_iter().collect::<Vec<_>>(), expected, "{what}");
    }
}
