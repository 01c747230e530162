//! Every kind of paper, with values of every length.

use crate::sample::{FONTS, at};
use crate::tools::{Printed, squeeze, zbar};
use crate::values::{ordinary, put, take};
use forms::{Answer, Check, FormError, Key, Kind, PaperValues, Place};
use std::collections::BTreeSet;

type Spoil = fn(&mut PaperValues);

fn print(values: &PaperValues) -> Vec<u8> {
    forms::paper(values, &FONTS).unwrap_or_else(|error| panic!("{}: {error}", values.kind))
}

fn pages(values: &PaperValues) -> Vec<String> {
    Printed::new(&print(values)).pages().iter().map(|page| squeeze(page)).collect()
}

/// Returns the text without what every page says of itself, so that what goes on over pages is whole again.
fn flowing(values: &PaperValues, kind: &Kind) -> String {
    let pages = pages(values);
    let number = squeeze(&values.mark.as_ref().unwrap().number);
    let mut text = String::new();
    for (at, page) in pages.iter().enumerate() {
        let foot = foot(values, at + 1, pages.len());
        assert_eq!(page.matches(&foot).count(), 1, "{}: page {} says {foot}: {page}", kind.code, at + 1);
        let head = if at == 0 { String::new() } else { format!("{}{number}", kind.title) };
        assert!(page.contains(&head), "{}: page {} says which paper it is", kind.code, at + 1);
        text += &page.replace(&foot, "").replace(&head, "");
    }
    text
}

fn foot(values: &PaperValues, page: usize, total: usize) -> String {
    let number = squeeze(&values.mark.as_ref().unwrap().number);
    let time = squeeze(&values.zone.show(values.made_at));
    let (unit, by) = (squeeze(&values.unit), &values.made_by);
    format!("{unit}{number}第{page}页共{total}页{by}{time}制作所列时间为北京时间（UTC+08:00）")
}

/// Returns what a paper of these values must say, place by place, each without white space.
fn sayings(values: &PaperValues, kind: &Kind) -> Vec<String> {
    let mut said = vec![kind.title.clone(), values.mark.as_ref().unwrap().record.to_string()];
    let keys = kind.keys();
    for key in &keys {
        match key.place {
            Place::Fields => {
                let text = values.fields.get(&key.key).map_or("", |text| text.as_str());
                let chosen = key.choices.iter().find(|(code, _)| code == text).map_or(text, |(_, words)| words);
                if !chosen.trim().is_empty() {
                    said.push(format!("{}{chosen}", key.label));
                }
            }
            Place::Lists if !key.key.contains('.') => said.extend(rows(values, key, &keys)),
            Place::Clips => {
                let clips = values.clips.get(&key.key).into_iter().flatten().enumerate();
                said.extend(clips.map(|(at, clip)| format!("{}{}{}", at + 1, clip.number, clip.original_name)));
            }
            Place::Grids => {
                let grid = &values.grids[&key.key];
                let shown = |row: &[String]| -> String {
                    let cells = row.iter().zip(&grid.columns).filter(|(_, column)| column.shown);
                    cells.map(|(text, _)| text.as_str()).collect()
                };
                let names: Vec<String> = grid.columns.iter().map(|column| column.name.clone()).collect();
                said.push(shown(&names));
                said.extend(grid.rows.iter().map(|row| shown(row)));
            }
            Place::Checks => {
                let line =
                    |check: &Check| format!("{}{}{}{}", check.answer.sign(), check.item, check.timecode, check.note);
                said.extend(values.checks.get(&key.key).into_iter().flatten().map(line));
            }
            Place::Signers => {
                let names = values.signers.get(&key.key).into_iter().flatten();
                said.extend(names.map(|name| format!("{}{name}（签名）：", key.label)));
            }
            Place::Basis => {
                let basis = values.basis.iter().map(|basis| format!("《{}》{}", basis.title, basis.article));
                said.push(format!("{}{}", key.label, basis.collect::<String>()));
            }
            Place::Lists => {}
        }
    }
    said.iter().map(|text| squeeze(text)).collect()
}

/// Returns the rows of a list as they stand in the text: the number, then every cell, 无 where nothing is known.
fn rows(values: &PaperValues, list: &Key<'_>, keys: &[Key<'_>]) -> Vec<String> {
    let inside = format!("{}.", list.key);
    let columns: Vec<&str> = keys.iter().filter_map(|key| key.key.strip_prefix(&inside)).collect();
    let given = values.lists.get(&list.key).into_iter().flatten().enumerate();
    // A cell of nothing is 无 or a blank, as its column has it: such rows are searched for piece by piece.
    given
        .flat_map(|(at, row)| {
            let cells: Vec<&str> = columns.iter().map(|column| row.get(*column).map_or("", |t| t.as_str())).collect();
            let mut pieces = vec![(at + 1).to_string()];
            for cell in cells {
                match pieces.last_mut() {
                    Some(piece) if !cell.is_empty() && !piece.is_empty() => *piece += cell,
                    _ => pieces.push(cell.to_owned()),
                }
            }
            pieces
        })
        .collect()
}

fn check_text(values: &PaperValues, kind: &Kind, what: &str) {
    let text = flowing(values, kind);
    for saying in sayings(values, kind) {
        assert!(text.contains(&saying), "{}, {what}: {saying:?} must be found in {text}", kind.code);
    }
    assert!(!text.contains(['{', '}']), "{}, {what}: no template is left unfilled: {text}", kind.code);
}

#[test]
fn every_kind_says_what_it_was_given() {
    for kind in forms::kinds() {
        let values = ordinary(&kind.code);
        check_text(&values, kind, "ordinary");
        let printed = Printed::new(&print(&values));
        let check = printed.qpdf_check();
        assert!(check.contains("No syntax or stream encoding errors found"), "{}: qpdf says {check}", kind.code);
        for font in printed.fonts() {
            assert_eq!(font, ["yes", "yes", "yes"], "{}: embedded, subset, with a way back to Unicode", kind.code);
        }
    }
}

#[test]
fn every_kind_takes_the_shortest_and_the_rarest() {
    for kind in forms::kinds() {
        for text in ["甲", "䶮㛃𬱖𠮷𬭎㼆", "A", "甲\n乙\t丙\r\n丁  戊", "（「甲」），。、；：？！", "{number}"]
        {
            let mut values = ordinary(&kind.code);
            for key in kind.keys() {
                let line = matches!(key.place, Place::Signers | Place::Basis);
                if !(line && text.contains('\n')) {
                    put(&mut values, &key, text);
                }
            }
            let printed = flowing(&values, kind);
            for saying in sayings(&values, kind) {
                assert!(printed.contains(&saying), "{}, {text:?}: {saying:?} must be found in {printed}", kind.code);
            }
        }
    }
}

#[test]
fn every_kind_takes_three_thousand_characters_anywhere() {
    // Letters that no template has: what is left of the text without everything else must be the value, in order.
    let letters = 0xAC00..0xAD2C_u32;
    let foreign = |c: &char| letters.contains(&u32::from(*c));
    let long: String = letters.clone().cycle().take(3000).filter_map(char::from_u32).collect();
    for kind in forms::kinds() {
        for key in kind.keys().iter().filter(|key| !matches!(key.place, Place::Signers | Place::Basis)) {
            let mut values = ordinary(&kind.code);
            if !put(&mut values, key, &long) {
                continue;
            }
            let pages = pages(&values);
            let said: String = pages.concat().chars().filter(foreign).collect();
            // The receipt names who handed over, what, and where it went, a second time.
            let quoted = kind.code == "handover" && said.len() > long.len();
            assert!(said == long.repeat(1 + usize::from(quoted)), "{}.{}: not what was given", kind.code, key.key);
        }
    }
}

#[test]
fn a_register_of_four_hundred_rows_keeps_header_and_rows() {
    for kind in forms::kinds() {
        let mut values = ordinary(&kind.code);
        let Some((list, rows)) = values.lists.iter_mut().next() else { continue };
        let list = list.clone();
        *rows = rows.iter().cloned().cycle().take(400).collect();
        let keys = kind.keys();
        let inside = format!("{list}.");
        let labels: String = keys.iter().filter(|key| key.key.starts_with(&inside)).map(|key| key.label).collect();
        let header = format!("序号{}", squeeze(&labels));
        let pages = pages(&values);
        assert!(pages.len() > 10, "{}: four hundred rows need pages", kind.code);
        let first = keys.iter().find(|key| key.key.starts_with(&inside)).unwrap().key.replace(&inside, "");
        let rows = values.lists[&list].iter().enumerate();
        let begins: Vec<String> = rows.map(|(at, row)| format!("{}{}", at + 1, squeeze(&row[&first]))).collect();
        for begin in &begins {
            assert!(pages.iter().any(|page| page.contains(begin)), "{}: the row {begin} is there", kind.code);
        }
        for (at, page) in pages.iter().enumerate() {
            let rows = begins.iter().any(|begin| page.contains(begin));
            assert_eq!(page.matches(&header).count(), usize::from(rows), "{}: header, page {}", kind.code, at + 1);
        }
        assert!(pages.concat().contains("以上共400行，至此结束。"), "{}: the list says where it ends", kind.code);
    }
}

#[test]
fn what_cannot_be_printed_is_refused_wherever_it_stands() {
    let mut bad = ['\u{200B}', '\u{202E}', '\u{FEFF}', '\u{E000}', '\u{7}', 'א'].into_iter().cycle();
    for kind in forms::kinds() {
        for key in kind.keys() {
            let bad = bad.next().unwrap();
            let mut values = ordinary(&kind.code);
            if !put(&mut values, &key, &format!("甲{bad}")) {
                continue;
            }
            match forms::paper(&values, &FONTS) {
                Err(FormError::GlyphMissing { char }) => assert_eq!(char, bad, "{}.{}", kind.code, key.key),
                other => panic!("{}.{}: {bad:?} is blank: {:?}", kind.code, key.key, other.map(|p| p.len())),
            }
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    for kind in forms::kinds() {
        let keys = kind.keys();
        assert!(keys.iter().any(|key| key.required), "{} needs something", kind.code);
        for key in keys.iter().filter(|key| key.required) {
            let mut values = ordinary(&kind.code);
            take(&mut values, key);
            let named = match key.key.split_once('.') {
                Some((list, column)) => format!("{list}[1].{column}"),
                None => key.key.clone(),
            };
            match forms::paper(&values, &FONTS) {
                Err(FormError::Missing { paper, keys }) => {
                    assert_eq!((paper, keys), (kind.code.clone(), vec![named]), "the error names paper and key");
                }
                other => panic!("{}: without {named} there is no paper: {:?}", kind.code, other.map(|p| p.len())),
            }
        }
    }
    let rows: [(&str, Spoil); 5] = [
        ("unit", |values| values.unit = " ".into()),
        ("made_by", |values| values.made_by.clear()),
        ("number", |values| values.mark.as_mut().unwrap().number.clear()),
        ("basis", |values| values.basis[0].article.clear()),
        ("heads[2].item", |values| values.checks.get_mut("heads").unwrap()[1].item.clear()),
    ];
    for (key, spoil) in rows {
        let mut values = ordinary("incident_report");
        spoil(&mut values);
        let error = forms::paper(&values, &FONTS).map(|pdf| pdf.len()).unwrap_err().to_string();
        assert_eq!(error, format!("the paper incident_report lacks {key}"), "none is made with a hole");
    }
}

#[test]
fn what_may_be_left_out_is_left_out_or_blank() {
    for kind in forms::kinds() {
        let mut values = ordinary(&kind.code);
        let keys = kind.keys();
        let free = keys.iter().filter(|key| !key.required && !key.key.contains('.'));
        let gone: Vec<&Key<'_>> = free.collect();
        for key in &gone {
            take(&mut values, key);
        }
        let required = keys.iter().filter(|key| key.required).filter_map(|key| key.key.split_once('.'));
        let required: BTreeSet<&str> = required.map(|(_, column)| column).collect();
        for row in values.lists.values_mut().flatten() {
            row.retain(|column, _| required.contains(column.as_str()));
        }
        match forms::paper(&values, &FONTS) {
            Ok(pdf) => assert!(!squeeze(&Printed::new(&pdf).text()).contains(['{', '}']), "{}", kind.code),
            Err(FormError::Missing { keys, .. }) => {
                assert!(keys.iter().all(|key| gone.iter().any(|gone| gone.key == *key)), "{}: {keys:?}", kind.code);
            }
            Err(other) => panic!("{}: {other}", kind.code),
        }
    }
}

#[test]
fn a_choice_calls_for_what_it_needs() {
    for (kind, choice, code, needed) in [
        ("interruption", "outcome", "abandoned", &["reported_to", "reported_at"][..]),
        ("interruption", "outcome", "resumed", &[]),
        ("handover", "on_time", "no", &["late_reason"]),
        ("handover", "on_time", "yes", &[]),
        ("trip", "state", "closed", &["returned_at", "proof"]),
        ("trip", "state", "open", &[]),
        ("access_request", "variant", "view", &[]),
        ("access_request", "variant", "copy", &["copies", "medium"]),
        ("access_request", "variant", "provide", &["letter", "copies", "medium", "recipient"]),
        ("access_request", "variant", "publish", &["recipient"]),
        ("access_request", "variant", "party", &["relation"]),
    ] {
        let mut values = ordinary(kind);
        for key in forms::kind(kind).unwrap().keys().iter().filter(|key| !key.required && key.place == Place::Fields) {
            take(&mut values, key);
        }
        values.fields.insert(choice.into(), code.into());
        let lacks = match forms::paper(&values, &FONTS) {
            Ok(_) => Vec::new(),
            Err(FormError::Missing { keys, .. }) => keys,
            Err(other) => panic!("{kind} {code}: {other}"),
        };
        assert_eq!(lacks, needed, "{kind}, {choice} = {code}");
    }
}

#[test]
fn what_has_no_place_is_refused() {
    let rows: [(&str, &str, Spoil); 9] = [
        ("handover", "colour", |v| drop(v.fields.insert("colour".into(), String::new()))),
        ("access_register", "entries.colour", |v| {
            v.lists.get_mut("entries").unwrap()[2].insert("colour".into(), "红".into());
        }),
        ("handover", "entries", |v| drop(v.lists.insert("entries".into(), Vec::new()))),
        ("trip", "clips", |v| drop(v.clips.insert("clips".into(), Vec::new()))),
        ("trip", "heads", |v| drop(v.checks.insert("heads".into(), Vec::new()))),
        ("trip", "witness", |v| drop(v.signers.insert("witness".into(), Vec::new()))),
        ("trip", "items", |v| {
            let grid = ordinary("checklist").grids.remove("items").unwrap();
            v.grids.insert("items".into(), grid);
        }),
        ("incident_report", "heads[2].timecode", |v| {
            v.checks.get_mut("heads").unwrap()[1].timecode = "00:01:02".into();
        }),
        // A field's name is no name of a list, and the other way round.
        ("handover", "handed_by", |v| drop(v.lists.insert("handed_by".into(), Vec::new()))),
    ];
    for (kind, key, add) in rows {
        let mut values = ordinary(kind);
        add(&mut values);
        let error = forms::paper(&values, &FONTS).map(|pdf| pdf.len()).unwrap_err().to_string();
        assert_eq!(error, format!("the paper {kind} has no place for {key}"), "nothing is dropped in silence");
    }
    let mut values = ordinary("trip");
    values.fields.insert("state".into(), "已返回".into());
    let error = forms::paper(&values, &FONTS).unwrap_err().to_string();
    assert_eq!(error, "\"已返回\" is no choice for state of the paper trip", "a choice is a code, not its words");
    values.kind = "letter".into();
    let error = forms::paper(&values, &FONTS).unwrap_err().to_string();
    assert_eq!(error, "there is no paper of the kind \"letter\"", "kinds are those that are built in");
}

#[test]
fn columns_that_cannot_be_printed_are_refused() {
    type SpoilGrid = fn(&mut forms::Grid);
    let rows: [(&str, SpoilGrid); 6] = [
        ("a column without weight", |grid| grid.columns[0].weight = 0),
        ("columns too many for the page", |grid| {
            let columns = grid.columns.clone().into_iter().cycle().take(40).collect::<Vec<_>>();
            grid.rows = vec![vec![String::new(); 40]];
            grid.columns = columns;
        }),
        ("nothing shown", |grid| grid.columns.iter_mut().for_each(|column| column.shown = false)),
        ("no columns", |grid| *grid = forms::Grid { columns: Vec::new(), rows: vec![Vec::new()] }),
        ("a row of another length", |grid| drop(grid.rows[1].pop())),
        ("a name that fills the page", |grid| grid.columns[2].name = "长".repeat(25)),
    ];
    for (what, spoil) in rows {
        let mut values = ordinary("checklist");
        spoil(values.grids.get_mut("items").unwrap());
        let error = forms::paper(&values, &FONTS).map(|pdf| pdf.len()).expect_err(what);
        assert!(matches!(error, FormError::Columns { .. }), "{what}: {error}");
    }
    let rows: [(&str, Spoil); 4] = [
        ("unit", |values| values.unit = "长".repeat(101)),
        ("unit", |values| values.unit = "甲\n乙".into()),
        ("made_by", |values| values.made_by = "长".repeat(61)),
        ("officers", |values| values.signers.get_mut("officers").unwrap()[0] = "长".repeat(61)),
    ];
    for (key, spoil) in rows {
        let mut values = ordinary("trip");
        spoil(&mut values);
        let error = forms::paper(&values, &FONTS).map(|pdf| pdf.len()).unwrap_err();
        assert!(matches!(&error, FormError::NotOneLine { key: named, .. } if named == key), "{error}");
    }
    let mut longest = ordinary("trip");
    longest.unit = "某".repeat(100);
    let kind = forms::kind("trip").unwrap();
    check_text(&longest, kind, "the longest unit has its place in every foot");
}

#[test]
fn the_same_values_give_the_same_bytes() {
    for kind in forms::kinds() {
        let values = ordinary(&kind.code);
        let first = print(&values);
        assert!(first == print(&values), "{}: a paper made again must be the same", kind.code);
        assert!(first.len() < 250_000, "{}: fonts are cut down, not {} bytes", kind.code, first.len());
        let other = PaperValues { made_at: at("2026-11-21T08:05:01Z"), ..values };
        assert!(first != print(&other), "{}: another time is another paper", kind.code);
    }
}

#[test]
fn the_code_names_paper_and_record() {
    for kind in forms::kinds() {
        let values = ordinary(&kind.code);
        let mark = values.mark.as_ref().unwrap();
        let printed = Printed::new(&print(&values));
        let mut said: Vec<String> = printed.render().iter().map(|page| zbar(page)).collect();
        said.retain(|said| !said.is_empty());
        let expected = format!("EVIDOCK:{}:{}:{}", kind.code, mark.number, mark.record);
        assert_eq!(said, [expected], "{}: one code, read back at 300 dpi", kind.code);
    }
}

#[test]
fn a_preview_says_that_it_is_none() {
    for kind in forms::kinds() {
        let values = PaperValues { mark: None, ..ordinary(&kind.code) };
        let printed = Printed::new(&print(&values));
        for page in printed.pages() {
            assert!(squeeze(&page).contains("预览稿，未编号"), "{}: every page says so", kind.code);
        }
        assert!(!squeeze(&printed.text()).contains("登记校验值"), "{}: nothing to look up", kind.code);
    }
}

#[test]
fn signatures_stay_whole_behind_text_of_any_length() {
    for length in (0..1500).step_by(53) {
        let mut values = ordinary("interruption");
        let reason: String = "现场开始下雨，记录仪黑屏。".chars().cycle().take(length).collect();
        values.fields.insert("reason".into(), format!("甲{reason}"));
        let pages = pages(&values);
        let last = pages.last().unwrap();
        for part in ["说明人李㛃（签名）", "说明人王𬱖（签名）", "登记校验值（SHA-256）"] {
            assert!(last.contains(part), "{part} stands on the last page at {length}");
        }
        for page in &pages {
            for heading in ["中止的经过和原因", "采取的替代措施"] {
                let alone = page.split(heading).nth(1).is_some_and(|below| below.starts_with("曲靖市"));
                assert!(!alone, "{heading} does not end a page at {length}: {page}");
            }
        }
    }
}

#[test]
fn more_signers_than_a_page_holds_go_on_over_pages() {
    let mut values = ordinary("trip");
    let names: Vec<String> = (1..=60).map(|n| format!("人员{n:02}")).collect();
    values.signers.insert("officers".into(), names.clone());
    let text = flowing(&values, forms::kind("trip").unwrap());
    for name in names {
        assert_eq!(text.matches(&format!("外出人员{name}（签名）：年月日")).count(), 1, "{name} has a line to sign on");
    }
}

#[test]
fn answers_have_signs_of_their_own() {
    let mut values = ordinary("incident_report");
    let check = |item: &str, answer| Check { item: item.into(), answer, timecode: String::new(), note: "注".into() };
    let heads = vec![
        check("甲", Answer::Yes),
        check("乙", Answer::No),
        check("丙", Answer::NotApplicable),
        check("丁", Answer::Open),
    ];
    values.checks.insert("heads".into(), heads);
    let text = pages(&values).concat();
    assert!(text.contains("√甲注×乙注／丙注丁注"), "in the order given, an open one without a sign: {text}");
}

#[test]
fn codes_titles_and_prefixes_are_one_kinds_own() {
    let kinds = forms::kinds();
    assert_eq!(kinds.len(), 15, "as many as requirements name beside statement, file list and covers");
    for word in [|kind: &Kind| kind.code.clone(), |kind: &Kind| kind.title.clone(), |kind: &Kind| kind.prefix.clone()] {
        let words: BTreeSet<String> = kinds.iter().map(word).collect();
        assert_eq!(words.len(), kinds.len(), "no two kinds share one of {words:?}");
    }
    for kind in kinds {
        let prefix = &kind.prefix;
        assert!(!["文说", "归"].contains(&prefix.as_str()), "{prefix} numbers statements or packages already");
        assert_eq!(forms::kind(&kind.code).map(|found| &found.title), Some(&kind.title), "found by its code");
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/forms");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.collect();
    let codes: BTreeSet<String> = kinds.iter().map(|kind| format!("{}.json", kind.code)).collect();
    assert_eq!(files, codes, "every template is built in, under its own code");
}

#[test]
fn a_unit_calls_a_paper_by_its_own_title() {
    let own = PaperValues { title: Some("中断音像记录报告单".into()), ..ordinary("interruption") };
    let text = pages(&own).concat();
    assert!(text.contains("中断音像记录报告单") && !text.contains("音像记录中止情况书面说明"), "in the head: {text}");
    for (title, what) in [("长".repeat(41), "too long"), ("甲\n乙".into(), "two lines")] {
        let refused = forms::paper(&PaperValues { title: Some(title), ..own.clone() }, &FONTS).unwrap_err();
        assert!(matches!(&refused, FormError::NotOneLine { key, .. } if key == "title"), "{what}: {refused}");
    }
    let pdf = print(&ordinary("trip"));
    assert_eq!(forms::sheets(&pdf).unwrap() as usize, Printed::new(&pdf).pages().len(), "its pages are counted");
    assert!(forms::sheets(b"no paper").is_err(), "what is no PDF has none");
}
