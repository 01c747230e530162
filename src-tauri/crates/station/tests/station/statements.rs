//! Statements: drafted, signed, revised; their papers read by a program not ours.

use crate::bench::{Asked, Bench, clerk, clip_ids, complete, files_below, refusal, sessions};
use model::{CaseDraft, ErrorCode, Field, StatementFields};
use station::{DraftFields, SaveCase, Shown};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Returns the text of a paper without white space: lines break where they fit.
fn text_of(pdf: &Path) -> String {
    let output = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output().unwrap();
    assert!(output.status.success(), "pdftotext reads it: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect()
}

#[test]
fn a_draft_saves_itself_and_knows_when_it_is_stale() {
    let bench = Bench::new();
    let station = bench.create();
    station.person("李娜", "53030036012");
    let li = station.ask(|view| view.people())[0].id.clone();
    station.choose_operator(&li).unwrap();
    station.take_in(&bench.usual_drive());
    let id = &sessions(&station)[0];
    let case =
        CaseDraft {
            number: "12号".into(), cause: "未核对身份".into(), party: "某网吧".into(), ..Default::default()
        };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft: case }).unwrap().case.id;
    station.assign_case(&clerk(), std::slice::from_ref(id), Some(&case)).unwrap();

    let proposed = station.draft(id).unwrap();
    let fields = &proposed.content.fields;
    assert_eq!((proposed.revision, proposed.saved_at.clone()), (0, None), "only proposed so far");
    assert_eq!(station.zone().show(fields.taken_from.unwrap()), "2026-11-21 09:02:05", "from the first clip");
    assert_eq!((fields.cause.as_str(), fields.party.as_str()), ("未核对身份", "某网吧"), "from the case");
    assert_eq!((fields.maker.as_str(), fields.officers.len()), ("李娜", 1), "from the operator");
    assert!(fields.carrier.contains("DSJ-03"), "from the card: {}", fields.carrier);
    assert!(proposed.missing().contains(&Field::Place), "nobody can guess the place");

    let content = DraftFields {
        fields: StatementFields { place: "文化路".into(), ..fields.clone() },
        guessed: vec!["cause".into()],
    };
    let saved = station.save_draft(&clerk(), id, 0, &content).unwrap();
    assert_eq!(saved.revision, 1, "each save counts");
    let kept = station.draft(id).unwrap();
    assert_eq!((kept.revision, &kept.content), (1, &content), "kept as it was");
    assert_eq!(
        refusal(station.save_draft(&clerk(), id, 0, &content)),
        ErrorCode::DraftStale,
        "another save came between"
    );
    assert_eq!(refusal(station.save_draft(&clerk(), id, 2, &content)), ErrorCode::DraftStale, "nor from the future");
    let sign = |revision| station.sign_as_is(id, revision, &complete(fields.clone()), "");
    assert_eq!(refusal(sign(0)), ErrorCode::DraftStale, "nobody signs what they have not seen");
    drop(station);
    assert_eq!(bench.open().draft(id).unwrap().content, content, "and outlives the program");
}

#[test]
fn an_incomplete_statement_gives_no_paper_and_names_what_is_missing() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let id = &sessions(&station)[0];
    let whole = complete(station.draft(id).unwrap().content.fields);
    type Spoil = fn(&mut StatementFields);
    let rows: &[(&str, Spoil, &str)] = &[
        (
            "nothing",
            |f| *f = StatementFields::default(),
            "officers,taken_from,taken_to,place,cause,party,method,maker,made_at,purpose,carrier",
        ),
        ("one officer", |f| f.officers.truncate(1), "officers"),
        ("a bent certificate", |f| f.officers[1].certificate_no = "决定".into(), "officer_certificate"),
        ("no place", |f| f.place = "　".into(), "place"),
        ("end before begin", |f| std::mem::swap(&mut f.taken_from, &mut f.taken_to), "taken_order"),
    ];
    for (what, spoil, missing) in rows {
        let mut fields = whole.clone();
        spoil(&mut fields);
        let failure = station.sign_as_is(id, 0, &fields, "").expect_err(what);
        assert_eq!(failure.code, ErrorCode::StatementIncomplete, "{what}");
        assert_eq!(failure.params.get("missing").map(String::as_str), Some(*missing), "{what}: {failure}");
    }
    assert!(!bench.vault().join("papers").exists(), "not one paper was printed");
    assert_eq!(station.ask(|view| view.all_statements()).len(), 0, "nor a number given");
}

#[test]
fn a_signed_statement_is_numbered_printed_and_never_overwritten() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let ids = sessions(&station);
    let fields = complete(station.draft(&ids[0]).unwrap().content.fields);
    let first = station.sign_as_is(&ids[0], 0, &fields, "").unwrap();
    assert_eq!((first.row.number.as_str(), first.row.revision), ("文说〔2026〕1号", 1));
    let paper = fs::read(&first.pdf).unwrap();
    let text = text_of(&first.pdf);
    for word in
        ["取证人员", "李娜", "53030036012", "王强", "取证地点", "麒麟区文化路18号", "文说〔2026〕1号", "2026-11-21"]
    {
        assert!(text.contains(word), "the paper holds {word}: {text}");
    }
    for row in &station.session(&ids[0]).unwrap().clips {
        assert!(text.contains(&row.clip.number), "the paper lists {}", row.clip.number);
    }
    let sum = Command::new("sha256sum").arg(&first.pdf).output().unwrap().stdout;
    assert_eq!(String::from_utf8(sum).unwrap()[..64], first.row.pdf_sha256.to_string(), "the register knows its bytes");
    assert!(station.session(&ids[0]).unwrap().missing.is_empty(), "nothing is missing any more");
    assert_eq!(station.sessions(true).unwrap().len(), 1, "the other session still waits");

    let revised = StatementFields { place: "麒麟区文化路20号".into(), ..fields.clone() };
    let sign = |reason: &str| station.sign_as_is(&ids[0], 0, &revised, reason);
    assert_eq!(sign("  ").err().unwrap().params["field"], "reason", "a revision says why");
    let second = sign("门牌号写错").unwrap();
    assert_eq!((second.row.number.as_str(), second.row.revision), ("文说〔2026〕2号", 2), "a number of its own");
    assert_eq!(second.row.reason, "门牌号写错");
    assert_eq!(fs::read(&first.pdf).unwrap(), paper, "the first paper is untouched");
    assert!(text_of(&second.pdf).contains("麒麟区文化路20号"), "the second says what is right");
    let numbers: Vec<String> = station.statements(&ids[0]).unwrap().into_iter().map(|s| s.row.number).collect();
    assert_eq!(numbers, ["文说〔2026〕2号", "文说〔2026〕1号"], "both stay, the newest first");

    let other = station.signed(&ids[1]);
    assert_eq!(other.row.number, "文说〔2026〕3号", "numbers run over all sessions");
    let proposed = station.draft(&ids[1]).unwrap().content.fields;
    assert_eq!(proposed.place, other.row.fields.place, "a revision begins with what was signed");
    assert_eq!(station.checked(false).findings, [], "papers, register and ledger agree");
}

#[test]
fn footage_that_failed_its_check_is_not_stated() {
    let bench = Bench::new();
    let station = bench.create();
    station.take_in(&bench.usual_drive());
    let id = &sessions(&station)[0];
    let original = bench.vault().join(&station.session(id).unwrap().clips[0].clip.stored_path);
    fs::remove_file(&original).unwrap();
    assert_eq!(station.checked(true).findings.len(), 1, "it is gone");
    let fields = complete(station.draft(id).unwrap().content.fields);
    assert_eq!(refusal(station.sign_as_is(id, 0, &fields, "")), ErrorCode::VerifyFailed);
    assert_eq!(station.ask(|view| view.all_statements()).len(), 0, "no number is spent");
}

#[test]
fn nobody_signs_for_clips_that_were_not_shown() {
    let bench = Bench::new();
    let station = bench.create();
    let mut drive = bench.usual_drive();
    station.take_in(&drive);
    let id = &sessions(&station)[0];
    let fields = complete(station.draft(id).unwrap().content.fields);
    let shown = clip_ids(&station, id);
    // Belongs to the same act; the page that is being read does not show it.
    drive.clip("2026-11-21 09:04:00", &crate::bench::spec(2, 9)).unwrap();
    station.take_in(&drive);
    assert_eq!(clip_ids(&station, id).len(), shown.len() + 1, "one joined");
    let sign = |clips: &[model::ClipId]| {
        station.sign_statement(&clerk(), id, &Shown { revision: 0, fields: &fields, clips }, "")
    };
    assert_eq!(refusal(sign(&shown)), ErrorCode::DraftStale, "it joined after the page was shown");
    let mut now = clip_ids(&station, id);
    now.reverse();
    assert_eq!(refusal(sign(&now)), ErrorCode::DraftStale, "the paper lists them in the order shown");
    assert!(files_below(&bench.vault().join("papers")).is_empty(), "no paper was left");
    now.reverse();
    let signed = sign(&now).unwrap();
    assert_eq!(station.ask(|view| view.statement_clips(&signed.row.number)), now, "these and no others");
}
