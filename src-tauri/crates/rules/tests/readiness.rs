//! The readiness light: a table of sessions and what each lacks.
#![allow(clippy::unwrap_used)]

use model::{Instant, StationZone};
use rules::{ClipFacts, GapFacts, Light, RulePack, SessionFacts, Want, light, pack, readiness};

fn at(time: &str) -> Instant {
    StationZone::beijing().parse(&format!("2026-11-20 {time}")).unwrap()
}

fn clip(id: &str, from: &str, to: &str) -> ClipFacts {
    ClipFacts {
        id: id.to_owned(),
        from: Some(at(from)),
        to: Some(at(to)),
        late: false,
        late_explained: false,
        damaged: false,
        damage_reported: false,
        damage_written: false,
        supplement_explained: false,
    }
}

fn gap() -> GapFacts {
    GapFacts { id: "1".into(), reason: None, spoken: None, unable: false, reported: false, written: false }
}

/// Returns a session under this pack that lacks nothing.
fn whole(pack: &RulePack) -> SessionFacts {
    let answered = |items: &[rules::Item]| items.iter().map(|item| (item.id.clone(), true)).collect();
    SessionFacts {
        officers: 2,
        place: true,
        act: true,
        stage: true,
        must_record: Some(true),
        told: Some(true),
        arrived: Some(at("09:00")),
        left: Some(at("10:00")),
        clips: vec![clip("a", "09:00", "09:30"), clip("b", "09:30", "10:00")],
        opening: answered(&pack.opening),
        key_content: answered(&pack.key_content),
        evidence: true,
        statement_signed: true,
        ..SessionFacts::default()
    }
}

#[test]
fn what_lacks_nothing_is_green_under_every_pack() {
    for pack in rules::packs() {
        let missing = readiness(pack, &whole(pack));
        assert_eq!((light(&missing), missing.as_slice()), (Light::Green, &[][..]), "{}", pack.id);
    }
}

#[test]
fn each_want_has_its_light_and_its_article() {
    type Row = (&'static str, fn(&mut SessionFacts), Light, &'static [(Want, &'static str)]);
    let rows: [Row; 22] = [
        (
            "qj-qilin",
            |s| s.officers = 1,
            Light::Red,
            &[(Want::Officers, "《中华人民共和国行政处罚法》第四十二条第一款")],
        ),
        ("qj-qilin", |s| s.gaps = vec![gap()], Light::Red, &[(Want::GapReason, "第十六条")]),
        ("pds-minzong", |s| s.gaps = vec![gap()], Light::Red, &[(Want::GapReason, "第八条")]),
        (
            "qj-qilin",
            |s| s.gaps = vec![GapFacts { reason: Some("battery".into()), ..gap() }],
            Light::Amber,
            &[(Want::GapSpoken, "第十六条")],
        ),
        (
            "gx-liulin",
            |s| s.gaps = vec![GapFacts { reason: Some("battery".into()), unable: true, ..gap() }],
            Light::Red,
            &[(Want::GapReport, "第十四条第二款"), (Want::GapWritten, "第十四条第二款")],
        ),
        // This regulation asks for the paper, but names nobody to report to.
        (
            "wenguanglv",
            |s| s.gaps = vec![GapFacts { reason: Some("weather".into()), unable: true, ..gap() }],
            Light::Red,
            &[(Want::GapWritten, "第十四条")],
        ),
        ("qj-qilin", |s| s.told = Some(false), Light::Red, &[(Want::Told, "第十四条")]),
        ("qj-qilin", |s| (s.told, s.must_record) = (None, Some(false)), Light::Amber, &[(Want::Told, "第十四条")]),
        ("gx-liulin", |s| s.told = None, Light::Green, &[]),
        ("gs-guangdian", |s| s.arrived = None, Light::Red, &[(Want::Arrived, "第十八条")]),
        ("gs-guangdian", |s| s.arrived = Some(at("08:54")), Light::Red, &[(Want::LateBegin, "第十八条")]),
        ("gs-guangdian", |s| s.arrived = Some(at("08:55")), Light::Green, &[]),
        ("gs-guangdian", |s| s.left = Some(at("10:06")), Light::Red, &[(Want::EarlyEnd, "第十八条")]),
        ("qj-qilin", |s| s.statement_signed = false, Light::Red, &[(Want::Statement, "第二十条")]),
        ("qj-qilin", |s| (s.statement_signed, s.evidence) = (false, false), Light::Green, &[]),
        ("wenguanglv", |s| s.place = false, Light::Red, &[(Want::Place, "第十七条")]),
        ("qj-qilin", |s| s.clips[1].late = true, Light::Red, &[(Want::LateReason, "第十九条")]),
        (
            "gx-liulin",
            |s| s.clips[0].damaged = true,
            Light::Red,
            &[(Want::DamageReport, "第十六条第三款"), (Want::DamageWritten, "第十六条第三款")],
        ),
        ("qj-qilin", |s| s.clips[0].damaged = true, Light::Green, &[]),
        // 疑似补录: only where the regulation forbids it.
        ("pds-minzong", |s| s.clips.push(clip("c", "10:01", "10:02")), Light::Red, &[(Want::Supplement, "第八条")]),
        ("qj-qilin", |s| s.clips.push(clip("c", "10:01", "10:02")), Light::Green, &[]),
        ("gx-liulin", |s| s.obstructed = true, Light::Amber, &[(Want::Transfer, "第二十二条")]),
    ];
    for (n, (id, change, expected, wants)) in rows.into_iter().enumerate() {
        let pack = pack(id).unwrap();
        let mut session = whole(pack);
        change(&mut session);
        let missing = readiness(pack, &session);
        let found: Vec<(Want, &str)> =
            missing.iter().map(|one| (one.want, one.article.as_deref().unwrap_or_default())).collect();
        assert_eq!((light(&missing), found.as_slice()), (expected, wants), "row {n}, {id}");
    }
}

#[test]
fn an_empty_session_lacks_something_of_everything_the_worst_first() {
    let pack = pack("wenguanglv").unwrap();
    let missing = readiness(pack, &SessionFacts { evidence: true, must_record: Some(true), ..SessionFacts::default() });
    let lights: Vec<Light> = missing.iter().map(|one| one.light).collect();
    assert!(lights.is_sorted_by(|a, b| a >= b), "the worst first: {lights:?}");
    let count = |want| missing.iter().filter(|one| one.want == want).count();
    assert_eq!((count(Want::Opening), count(Want::KeyContent)), (6, 7), "one line for each item");
    assert!(missing.iter().all(|one| one.article.is_some()), "each names its article: {missing:#?}");
}
