//! What the statement says, and that it says it to every tool.

use crate::sample::{FONTS, at, clip, statement};
use crate::tools::{Printed, squeeze, zbar};
use forms::{FormError, Statement};
use model::{ClipState, Field, Level, StationZone};

fn print(values: &Statement) -> Vec<u8> {
    forms::statement(values, &FONTS).unwrap()
}

fn text(values: &Statement) -> String {
    squeeze(&Printed::new(&print(values)).text())
}

#[test]
fn every_field_can_be_searched_and_copied() {
    let values = statement(3);
    let text = text(&values);
    let fields = &values.fields;
    let mut expected = vec![
        values.unit.clone(),
        values.number.clone(),
        values.case_number.clone(),
        fields.place.clone(),
        fields.cause.clone(),
        fields.party.clone(),
        fields.method.clone(),
        fields.maker.clone(),
        fields.purpose.clone(),
        fields.carrier.clone(),
        fields.transcript.clone(),
        values.issued_by.clone(),
        values.root.to_string(),
        "2026-11-21 09:02:00 至 2026-11-21 09:47:00".into(),
        "制作时间2026-11-21 16:00:00".into(),
        "出具时间2026-11-21 16:05:00".into(),
        "摄录重点无".into(),
        "北京时间（UTC+08:00）".into(),
        "共3段，合计3.60GiB（3865470567字节）".into(),
        "盖章处".into(),
        "第1页共2页".into(),
    ];
    for officer in &fields.officers {
        expected.push(format!("{}（执法证号：{}）", officer.name, officer.certificate_no));
        expected.push(format!("取证人员{}（签名）：", officer.name));
    }
    for clip in &values.clips {
        expected.extend([clip.number.clone(), clip.original_name.clone(), clip.size.to_string()]);
        expected.extend([clip.digests.sha256.to_string(), clip.digests.sm3.to_string()]);
        expected.push(values.zone.show(clip.recorded_from.unwrap()));
    }
    for field in expected {
        assert!(text.contains(&squeeze(&field)), "{field:?} must be found in {text}");
    }
    assert_eq!(text.matches("UTC").count(), 1, "the offset is stated once");
    assert!(!text.contains(['{', '}']), "no template is left unfilled: {text}");
}

#[test]
fn the_same_values_give_the_same_bytes() {
    let values = statement(3);
    let first = print(&values);
    assert!(first.len() < 200_000, "fonts are cut down to the glyphs used, not {} bytes", first.len());
    // The ICC library and the PDF library both like to write the present into a file.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert!(first == print(&values), "a paper made again must be the same");
    let again = forms::Fonts::system().unwrap();
    assert!(first == forms::statement(&values, &again).unwrap(), "fonts loaded again give the same paper");
    let other = Statement { issued_at: at("2026-11-21T08:05:01Z"), ..values };
    assert!(first != print(&other), "another time of issue is another paper");
}

#[test]
fn readers_and_checkers_find_nothing_wrong() {
    let printed = Printed::new(&print(&statement(3)));
    let check = printed.qpdf_check();
    assert!(check.contains("No syntax or stream encoding errors found"), "qpdf says: {check}");
    let fonts = printed.fonts();
    assert!(fonts.len() >= 3, "宋, 黑 and the digits' face: {fonts:?}");
    for font in fonts {
        assert_eq!(font, ["yes", "yes", "yes"], "embedded, subset, with a way back to Unicode");
    }
}

#[test]
fn the_code_holds_number_and_root() {
    let values = statement(3);
    let printed = Printed::new(&print(&values));
    let pages = printed.render();
    let said = zbar(pages.last().unwrap());
    assert_eq!(said, format!("EVIDOCK:ST:{}:{}", values.number, values.root), "read back at 300 dpi");
}

#[test]
fn a_character_without_glyph_is_refused() {
    for (what, bad) in [
        ("private use", '\u{E000}'),
        ("private use beyond the basic plane", '\u{F0001}'),
        ("control", '\u{7}'),
        ("right-to-left override", '\u{202E}'),
        ("zero width", '\u{200B}'),
        ("unassigned", '\u{E0FFF}'),
    ] {
        let mut values = statement(1);
        values.fields.place.push(bad);
        match forms::statement(&values, &FONTS) {
            Err(FormError::GlyphMissing { char }) => assert_eq!(char, bad, "{what}: the error names the character"),
            other => panic!("{what}: a paper with a blank in it would lie, got {:?}", other.map(|pdf| pdf.len())),
        }
    }
}

#[test]
fn characters_that_share_a_glyph_stay_themselves() {
    let mut values = statement(1);
    // Radicals and the characters they are, both spaces, both dots: faces draw them alike.
    values.fields.purpose = "⼈人⼀一⽂文　a\u{a0}b c 𮧵㼆𬭎𫖯喆堃䲟𣲗𰻝〇○☑☐".into();
    // An ideographic space is wide enough to look like a gap between columns: take the order of writing.
    let text = squeeze(&Printed::new(&print(&values)).pages().concat());
    assert!(text.contains(&squeeze(&values.fields.purpose)), "copied text is the text that was written: {text}");
}

#[test]
fn a_statement_with_a_hole_is_refused() {
    let mut values = statement(1);
    values.fields.place.clear();
    match forms::statement(&values, &FONTS) {
        Err(FormError::Incomplete { fields }) => assert_eq!(fields, [Field::Place], "the error names the field"),
        other => panic!("取证地点 is required, got {:?}", other.map(|pdf| pdf.len())),
    }
}

#[test]
fn what_is_unknown_is_said() {
    let mut values = statement(1);
    values.case_number.clear();
    values.fields.transcript = "  ".into();
    let clip = &mut values.clips[0];
    (clip.recorded_from, clip.recorded_to, clip.duration_ms, clip.playable) = (None, None, None, false);
    clip.recorder.clear();
    let text = text(&values);
    for expected in ["案号无", "摄录重点无", "声音内容文字记录无", "起——", "止——", "无法解析", "已知时长合计——"]
    {
        assert!(text.contains(&squeeze(expected)), "{expected:?} must be found in {text}");
    }
}

#[test]
fn levels_and_revisions_are_words() {
    for (level, words) in [
        (Level::V1, "仅复制时校验"),
        (Level::V2Cached, "已校验（复读，未能排除系统缓存）"),
        (Level::V2, "已校验（离缓存复读）"),
        (Level::V3Cached, "已校验（离缓存复读；源盘二次读取一致，未能排除缓存）"),
        (Level::V3, "已校验（离缓存复读，源盘二次读取一致）"),
    ] {
        let mut values = statement(0);
        values.clips = vec![forms::ClipLine { level, ..clip(0) }];
        assert!(text(&values).contains(words), "{level:?} is printed as {words}");
    }
    for (state, unreadable, words) in
        [(ClipState::Damaged, 65_536, "残损：65536字节读不出"), (ClipState::Suspect, 0, "存疑：源盘二次读取与首次不同")]
    {
        let mut values = statement(0);
        values.clips = vec![forms::ClipLine { state, unreadable, ..clip(0) }];
        let text = text(&values);
        assert!(text.contains(words), "{state:?} is printed as {words}: {text}");
        assert!(!text.contains("已校验"), "{state:?} is not called verified");
    }
    let without = text(&Statement { clocks: Vec::new(), ..statement(1) });
    assert!(without.contains("设备时钟误差未测定"), "a clock that nobody checked is said to be so: {without}");
    for (revision, expected) in [(1, None), (2, Some("第2版（第1次修订）")), (12, Some("第12版（第11次修订）"))]
    {
        let text = text(&Statement { revision, ..statement(1) });
        assert_eq!(text.contains("次修订"), expected.is_some(), "revision {revision}");
        assert!(text.contains(expected.unwrap_or_default()), "revision {revision} says {expected:?}");
    }
}

#[test]
fn times_follow_the_zone_of_the_unit() {
    let zone = StationZone::from_minutes(345).unwrap();
    let text = text(&Statement { zone, ..statement(1) });
    assert!(text.contains(&squeeze("2026-11-21 06:47:00 至 2026-11-21 07:32:00")), "times move with the zone: {text}");
    assert!(text.contains("UTC+05:45") && !text.contains("北京时间"), "another zone is not called 北京时间");
}
