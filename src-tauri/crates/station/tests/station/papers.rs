//! Papers: prefilled from the register, filled in, issued, voided, made again.

use crate::bench::{Asked, Bench, clerk, complete, files_below, refusal, sessions};
use forms::{Answer, Basis, Check, Grid, GridColumn, Place};
use model::{Actor, CaseDraft, CaseId, ErrorCode, PaperSubject, ProblemCode, SubjectKind};
use register::PaperFilter;
use station::{IssuedPaper, PaperContent, SaveCase, Settings, Station, subject_kinds};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

fn about(kind: SubjectKind, id: impl ToString) -> PaperSubject {
    PaperSubject { kind, id: id.to_string() }
}

fn unit(period: &str) -> PaperSubject {
    about(SubjectKind::Unit, period)
}

/// Takes the usual card in and puts its first session under a case.
fn station_with_case(bench: &Bench) -> (Arc<Station>, Actor, CaseId) {
    let station = bench.create();
    let li = station.person("李娜", "53030036012");
    let id = station.ask(|view| view.people())[0].id.clone();
    station.choose_operator(&id).unwrap();
    station.take_in(&bench.usual_drive());
    let draft = CaseDraft {
        number: "麒文旅罚〔2026〕12号".into(),
        cause: "未核对身份".into(),
        party: "某网吧".into(),
        department: "执法大队".into(),
    };
    let case = station.save_case(&clerk(), &SaveCase { id: None, draft }).unwrap().case.id;
    // Of the usual card the session with the gap.
    let first = sessions(&station).into_iter().find(|id| !station.session(id).unwrap().gaps.is_empty()).unwrap();
    station.assign_case(&clerk(), std::slice::from_ref(&first), Some(&case)).unwrap();
    (station, li, case)
}

fn gap_session(station: &Station) -> model::SessionId {
    let all = station.sessions(false).unwrap();
    all.into_iter().find(|status| !status.gaps.is_empty()).unwrap().row.session.id
}

/// Returns a subject of the kind that this station holds.
fn subject_for(station: &Station, kind: SubjectKind, case: &CaseId) -> PaperSubject {
    let clip = station.read(|view| view.clips_after(None, 1)).unwrap().remove(0);
    match kind {
        SubjectKind::Session => about(kind, gap_session(station)),
        SubjectKind::Case => about(kind, case),
        SubjectKind::Clip => about(kind, clip.clip.id),
        SubjectKind::Job => about(kind, clip.clip.job),
        SubjectKind::Recorder | SubjectKind::Trip | SubjectKind::Unit => unit(""),
    }
}

/// Fills in whatever a paper still asks for.
fn filled(station: &Station, code: &str, mut content: PaperContent) -> PaperContent {
    let keys = forms::kind(code).unwrap().keys();
    for _ in 0..4 {
        let missing = station.paper_missing(&clerk(), code, &content).unwrap();
        if missing.is_empty() {
            return content;
        }
        for named in missing {
            let (list, column) = named.split_once("].").map_or((named.as_str(), None), |(l, c)| (l, Some(c)));
            let list = list.split('[').next().unwrap().to_owned();
            let key = keys.iter().find(|key| key.key == list).unwrap();
            match (key.place, column) {
                (Place::Basis, _) => {
                    content.basis.push(Basis { title: "本单位制度".into(), article: "第一条".into() })
                }
                (Place::Fields, _) => {
                    let choice = key.choices.first().map_or("某", |(code, _)| code);
                    content.fields.insert(list, choice.to_owned());
                }
                (Place::Lists, None) => content.lists.entry(list).or_default().push(Default::default()),
                (Place::Lists, Some(column)) => {
                    for row in content.lists.get_mut(&list).unwrap() {
                        row.entry(column.to_owned()).or_insert_with(|| "某".to_owned());
                        let cell = row.get_mut(column).unwrap();
                        if cell.is_empty() {
                            cell.push('某');
                        }
                    }
                }
                (Place::Clips, _) => {
                    let clip = station.read(|view| view.clips_after(None, 1)).unwrap().remove(0);
                    content.clips.insert(list, vec![clip.clip.number]);
                }
                (Place::Grids, _) => {
                    let columns = vec![GridColumn { name: "事项".into(), weight: 1, shown: true }];
                    content.grids.insert(list, Grid { columns, rows: vec![vec!["检查".into()]] });
                }
                (Place::Checks, _) => {
                    let check =
                        Check { item: "甲".into(), answer: Answer::Yes, timecode: String::new(), note: String::new() };
                    content.checks.insert(list, vec![check]);
                }
                (Place::Signers, _) => panic!("{named}: who signs is never asked for"),
            }
        }
    }
    panic!("{code} is never filled: {:?}", station.paper_missing(&clerk(), code, &content));
}

/// Issues an ordinary paper of the kind.
fn issue(station: &Station, code: &str, subject: &PaperSubject) -> IssuedPaper {
    let (draft, _) = station.paper_draft(code, subject).unwrap();
    let content = filled(station, code, draft.content);
    station.issue_paper(&clerk(), code, subject, draft.revision, &content).unwrap()
}

#[test]
fn every_paper_that_a_rule_pack_calls_for_is_prefilled_filled_and_issued() {
    let bench = Bench::new();
    let (station, _, case) = station_with_case(&bench);
    let made_elsewhere = BTreeSet::from(["statement", "file_list"]);
    for pack in rules::packs() {
        let settings = Settings { rule_pack: pack.id.clone(), intake_at_once: false, ..station.settings().unwrap() };
        station.save_settings(&clerk(), &settings).unwrap();
        for rule in pack.papers.iter().filter(|rule| !made_elsewhere.contains(rule.kind.as_str())) {
            let kind = forms::kind(&rule.kind).unwrap_or_else(|| panic!("{}: {} is no paper", pack.id, rule.kind));
            let subject = subject_for(&station, subject_kinds(&kind.code)[0], &case);
            let (draft, _) = station.paper_draft(&kind.code, &subject).unwrap();
            let cited = [Basis { title: pack.title.clone(), article: rule.article.clone() }];
            assert_eq!(draft.content.basis, cited, "{}: {} cites its article", pack.id, rule.kind);
        }
    }
    for kind in forms::kinds() {
        let reserved = ["clip", "statement", "package"].contains(&kind.code.as_str());
        assert!(!reserved, "{}: its numbers are a series of their own", kind.code);
        let subject = subject_for(&station, *subject_kinds(&kind.code).last().unwrap(), &case);
        let issued = issue(&station, &kind.code, &subject);
        assert_eq!(issued.row.number, format!("{}〔2026〕1号", kind.prefix), "{}: the first of the year", kind.code);
        assert_eq!(issued.row.title, kind.title, "{}: called as its template says", kind.code);
        assert!(issued.row.sheets > 0, "{}: its pages are counted", kind.code);
        let bytes = fs::read(&issued.pdf).unwrap();
        assert!(station.remake_paper(&issued.row.number).unwrap() == bytes, "{}: the same from the ledger", kind.code);
    }
    assert_eq!(station.checked(false).findings, [], "papers, register and ledger agree");
}

#[test]
fn an_interruption_says_what_session_statement_and_rules_know() {
    let bench = Bench::new();
    let (station, _, _) = station_with_case(&bench);
    let id = gap_session(&station);
    let fields = complete(station.draft(&id).unwrap().content.fields);
    station.sign_as_is(&id, 0, &fields, "").unwrap();
    let subject = about(SubjectKind::Session, &id);
    let (draft, suggestions) = station.paper_draft("interruption", &subject).unwrap();
    let said = |key: &str| draft.content.fields.get(key).map_or("", String::as_str);
    for (key, expected) in [
        ("case_number", "麒文旅罚〔2026〕12号"),
        ("act", "未核对登记上网人员身份"),
        ("party", "某某网吧"),
        ("officers", "李娜（53030036012）、王强（53030036015）"),
        ("place", "麒麟区文化路18号"),
        ("recorded", "2026-11-21 09:02:05 至 2026-11-21 09:03:42"),
        ("outcome", "resumed"),
    ] {
        assert_eq!(said(key), expected, "{key}");
    }
    let gaps = &draft.content.lists["gaps"];
    assert_eq!(gaps.len(), 1, "one gap over the limit");
    assert_eq!(gaps[0]["from"], "2026-11-21 09:02:10");
    assert_eq!((gaps[0]["to"].as_str(), gaps[0]["length"].as_str()), ("2026-11-21 09:03:40", "1分30秒"));
    assert_eq!(gaps[0]["reason"], "", "why, nobody can guess");
    assert!(suggestions["gaps.reason"].contains(&"电量不足".to_owned()), "the pack's reasons: {suggestions:?}");
    assert_eq!(draft.content.signers["officers"], ["李娜", "王强"], "who was there signs");
    let missing = station.paper_missing(&clerk(), "interruption", &draft.content).unwrap();
    assert_eq!(missing, ["gaps[1].reason", "reason"], "the rest is for the officer to say");
    let refused = station.issue_paper(&clerk(), "interruption", &subject, 0, &draft.content).unwrap_err();
    assert_eq!(refused.code, ErrorCode::PaperIncomplete, "with holes it is not issued");
    assert_eq!(refused.params["missing"], "gaps[1].reason,reason", "every hole is named");
    assert!(station.preview_paper(&clerk(), "interruption", &draft.content).is_err(), "nor shown");
    let mut strange = draft.content.clone();
    strange.clips.insert("clips".into(), vec!["P2026-000001".into(), "P1".into()]);
    let missing = station.paper_missing(&clerk(), "incident_report", &strange).unwrap();
    assert_eq!(missing, ["clips[2]"], "a clip that nobody knows");
    let whole = filled(&station, "interruption", draft.content);
    assert!(station.preview_paper(&clerk(), "interruption", &whole).unwrap().starts_with(b"%PDF"), "whole, it is");
    assert!(station.papers(&PaperFilter::default()).unwrap().is_empty(), "a preview takes no number");
}

#[test]
fn numbers_have_no_gap_and_a_void_one_stays_used() {
    let bench = Bench::new();
    let (station, li, case) = station_with_case(&bench);
    let subject = about(SubjectKind::Case, &case);
    let numbers: Vec<String> = (0..3).map(|_| issue(&station, "unrecorded", &subject).row.number).collect();
    assert_eq!(numbers, ["未录〔2026〕1号", "未录〔2026〕2号", "未录〔2026〕3号"]);
    assert_eq!(issue(&station, "statistics", &unit("")).row.number, "统计〔2026〕1号", "each kind counts for itself");

    let void = |reason: &str| station.void_paper(&li, "未录〔2026〕2号", reason);
    assert_eq!(refusal(void(" ")), ErrorCode::InvalidInput, "voiding says why");
    let voided = void("当事人写错").unwrap();
    let held = voided.row.voided.unwrap();
    assert_eq!((held.by.as_str(), held.reason.as_str()), ("李娜（53030036012）", "当事人写错"));
    assert!(voided.pdf.exists(), "the PDF stays");
    assert_eq!(refusal(void("再来一次")), ErrorCode::InvalidInput, "once is enough");
    assert_eq!(refusal(station.void_paper(&li, "未录〔2026〕9号", "无")), ErrorCode::NotFound);
    assert_eq!(issue(&station, "unrecorded", &subject).row.number, "未录〔2026〕4号", "its number is not given again");

    let of = |filter: PaperFilter| -> Vec<String> {
        station.papers(&filter).unwrap().into_iter().map(|paper| paper.row.number).collect()
    };
    let all = ["未录〔2026〕4号", "统计〔2026〕1号", "未录〔2026〕3号", "未录〔2026〕2号", "未录〔2026〕1号"];
    assert_eq!(of(PaperFilter::default()), all, "the newest first");
    assert_eq!(of(PaperFilter { year: Some(2025), ..Default::default() }), [""; 0], "none of another year");
    assert_eq!(of(PaperFilter { kind: Some("statistics".into()), ..Default::default() }), ["统计〔2026〕1号"]);
    assert_eq!(of(PaperFilter { subject: Some(subject), ..Default::default() }).len(), 4, "of the case");
    let number = "未录〔2026〕2号";
    let kinds: Vec<String> = station.ask(|view| view.history(&[number])).into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["paper.issued"], "found again under its number");
}

#[test]
fn a_papers_draft_outlives_the_program_and_ends_with_the_issue() {
    let bench = Bench::new();
    let (station, _, case) = station_with_case(&bench);
    let subject = about(SubjectKind::Case, &case);
    let (proposed, _) = station.paper_draft("access_request", &subject).unwrap();
    assert_eq!((proposed.revision, proposed.saved_at), (0, None), "only proposed so far");
    let mut content = proposed.content;
    content.fields.insert("purpose".into(), "核对询问过程".into());
    let save = |revision, content: &PaperContent| {
        station.save_paper_draft(&clerk(), "access_request", &subject, revision, content)
    };
    assert_eq!(save(0, &content).unwrap().revision, 1, "each save counts");
    assert_eq!(refusal(save(0, &content)), ErrorCode::DraftStale, "another save came between");
    drop(station);
    let station = bench.open();
    let (kept, _) = station.paper_draft("access_request", &subject).unwrap();
    assert_eq!((kept.revision, &kept.content), (1, &content), "as it was left");
    assert_eq!(station.paper_drafts().unwrap().len(), 1, "and listed");
    let whole = filled(&station, "access_request", kept.content);
    let sign = |revision| station.issue_paper(&clerk(), "access_request", &subject, revision, &whole);
    assert_eq!(refusal(sign(0)), ErrorCode::DraftStale, "nobody issues what was not shown");
    assert!(files_below(&bench.vault().join("papers")).is_empty(), "and no PDF is left");
    sign(1).unwrap();
    assert!(station.paper_drafts().unwrap().is_empty(), "issued, it is no draft any more");
    let again = station.save_paper_draft(&clerk(), "access_request", &subject, 0, &whole).unwrap();
    assert_eq!(again.revision, 1, "the next begins anew");
    station.drop_paper_draft(&clerk(), "access_request", &subject).unwrap();
    assert!(station.paper_drafts().unwrap().is_empty(), "and can be thrown away");
}

#[test]
fn registers_and_statistics_are_reckoned_from_what_is_held() {
    let bench = Bench::new();
    let (station, _, case) = station_with_case(&bench);
    let subject = about(SubjectKind::Case, &case);
    let first = issue(&station, "access_request", &subject);
    issue(&station, "access_request", &subject);
    station.void_paper(&clerk(), &first.row.number, "撤回").unwrap();
    issue(&station, "unrecorded", &subject);
    let list = |code: &str, period: &str, list: &str| {
        station.paper_draft(code, &unit(period)).unwrap().0.content.lists[list].clone()
    };
    let entries = list("access_register", "", "entries");
    assert_eq!(entries.len(), 1, "a void request is not listed");
    assert_eq!(entries[0]["request"], "调用〔2026〕2号");
    assert!(entries[0]["scope"].starts_with("麒文旅罚〔2026〕12号，P2026-000001 至"), "{}", entries[0]["scope"]);
    assert!(list("access_register", "2025", "entries").is_empty(), "of another year");

    station.signed(&gap_session(&station));
    let rows = list("statistics", "2026-11-21/2026-11-21", "rows");
    let row = |item: &str| rows.iter().find(|row| row["item"] == item).unwrap_or_else(|| panic!("{item}: {rows:?}"));
    let total = row("合计");
    for (key, expected) in [
        ("recorded", "2"),
        ("expected", "3"),
        ("unrecorded", "1"),
        ("interrupted", "1"),
        ("clips", "4"),
        ("on_time", "2"),
        ("late", "0"),
        ("rate", "100.0%"),
        ("evidence", "1"),
    ] {
        assert_eq!(total[key], expected, "{key} of all");
    }
    assert_eq!((row("李娜")["recorded"].as_str(), row("王强")["recorded"].as_str()), ("2", "2"), "by officer");
    assert_eq!(row("未签发文字说明材料的场次")["recorded"], "1", "without a statement");
    assert_eq!(list("statistics", "2025", "rows").len(), 1, "a year without footage has its total alone");
    assert_eq!(refusal(station.paper_draft("statistics", &unit("2026-13"))), ErrorCode::NotFound, "no period");

    let job = station.clips()[0].clip.job.clone();
    let handed = station.paper_draft("handover", &about(SubjectKind::Job, &job)).unwrap().0.content;
    assert_eq!(handed.clips["clips"].len(), 4, "what the intake stored");
    let said = |key: &str| handed.fields.get(key).map_or("", String::as_str);
    assert_eq!((said("on_time"), said("file_count")), ("yes", "4"), "stored on the same day");
    assert_eq!(said("due_at"), "2026-12-01 23:59:59（7个工作日）", "by the first article on storing");
    let missing = station.paper_missing(&clerk(), "handover", &handed).unwrap();
    assert_eq!(missing, ["handed_by"], "who brought it, nobody has said");
}

#[test]
fn what_no_rule_keeps_any_longer_is_proposed_for_destruction() {
    let bench = Bench::new();
    let station = bench.create_with("wenguanglv");
    let mut drive = bench.drive("DSJ-03", fixtures::Layout::DsjA);
    for (began, seed) in [("2020-03-01 09:00:00", 1), ("2021-11-21 09:00:00", 2), ("2021-11-20 09:00:00", 3)] {
        drive.clip(began, &crate::bench::spec(1, seed)).unwrap();
    }
    station.take_in(&drive);
    let rows = || station.paper_draft("destruction", &unit("")).unwrap().0.content.lists["items"].clone();
    let expired =
        |rows: &[forms::ListRow]| -> Vec<String> { rows.iter().map(|row| row["expired_at"].clone()).collect() };
    assert_eq!(expired(&rows()), ["2025-03-01", "2026-11-20"], "five years, the day of the recording not counted");
    let old =
        station.clips().into_iter().find(|row| row.clip.recorded_from.is_some_and(|at| model::utc_year(at) == 2020));
    station.signed(&old.unwrap().clip.session.unwrap());
    assert_eq!(expired(&rows()), ["2026-11-20"], "evidence is kept as long as its case file");
}

#[test]
fn papers_that_changed_or_went_are_found() {
    let bench = Bench::new();
    let (station, _, _) = station_with_case(&bench);
    let issued: Vec<_> = (0..2).map(|_| issue(&station, "checklist", &unit(""))).collect();
    assert_eq!(station.checked(true).findings, [], "as they were made");
    fs::write(&issued[0].pdf, b"another").unwrap();
    fs::remove_file(&issued[1].pdf).unwrap();
    let stranger = issued[0].pdf.with_file_name("checklist-000003-00000000.pdf");
    fs::write(&stranger, b"nobody's").unwrap();
    let mut found: Vec<(ProblemCode, String)> =
        station.checked(true).findings.into_iter().map(|problem| (problem.code, problem.detail)).collect();
    found.sort_by_key(|(code, _)| code.code());
    let expected = [
        (ProblemCode::NotRegistered, String::new()),
        (ProblemCode::PaperChanged, "事项〔2026〕1号".to_owned()),
        (ProblemCode::PaperMissing, "事项〔2026〕2号".to_owned()),
    ];
    assert_eq!(found, expected, "each by its number");
    let printed = |number: &str| refusal(station.print_paper(&clerk(), number, None));
    assert_eq!(printed("事项〔2026〕1号"), ErrorCode::VerifyFailed, "what was changed is not printed");
    assert_eq!(printed("事项〔2026〕2号"), ErrorCode::OpenFailed, "nor what is gone");
    let again = station.remake_paper("事项〔2026〕2号").unwrap();
    fs::write(&issued[1].pdf, again).unwrap();
    let left = station.checked(true).findings;
    assert!(left.iter().all(|problem| problem.code != ProblemCode::PaperMissing), "made again, it is the same");
}

#[test]
fn a_paper_is_about_what_its_kind_can_be_about() {
    let bench = Bench::mute();
    let station = bench.create();
    let nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (code, subject, expected) in [
        ("interruption", unit(""), ErrorCode::InvalidInput),
        ("interruption", about(SubjectKind::Session, nobody), ErrorCode::NotFound),
        ("interruption", about(SubjectKind::Session, "x"), ErrorCode::NotFound),
        ("damage", about(SubjectKind::Clip, nobody), ErrorCode::NotFound),
        ("handover", about(SubjectKind::Job, nobody), ErrorCode::NotFound),
        ("trip", about(SubjectKind::Trip, nobody), ErrorCode::NotFound),
        ("device_checkout", about(SubjectKind::Recorder, nobody), ErrorCode::NotFound),
        ("letter", unit(""), ErrorCode::NotFound),
        ("statement", unit(""), ErrorCode::NotFound),
    ] {
        let refused = refusal(station.paper_draft(code, &subject));
        assert_eq!(refused, expected, "{code} about {subject:?}");
    }
}
