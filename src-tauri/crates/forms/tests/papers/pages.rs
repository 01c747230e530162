//! How long papers break over pages.

use crate::sample::{FONTS, statement};
use crate::tools::{Printed, squeeze};
use forms::Statement;

const TABLE_HEADER: &str = "序号片段编号原文件名记录设备、录制起止校验级别时长大小校验值";

fn pages(values: &Statement) -> Vec<String> {
    let printed = Printed::new(&forms::statement(values, &FONTS).unwrap());
    printed.pages().iter().map(|page| squeeze(page)).collect()
}

#[test]
fn two_hundred_clips_keep_their_header_and_their_rows() {
    let values = statement(200);
    let pages = pages(&values);
    let total = pages.len();
    assert!((20..40).contains(&total), "200 clips at six to ten a page, not {total} pages");
    for (at, page) in pages.iter().enumerate() {
        let foot = format!("第{}页共{total}页", at + 1);
        assert_eq!(page.matches("页共").count(), 1, "one foot on page {}", at + 1);
        assert!(page.contains(&foot), "page {} says {foot}", at + 1);
        assert!(page.contains(&squeeze(&values.number)), "page {} names the paper it belongs to", at + 1);
        if page.contains("P2026-") {
            assert_eq!(page.matches(TABLE_HEADER).count(), 1, "page {} has the table's header", at + 1);
        }
    }
    for clip in &values.clips {
        // Number, name and digests on one page: no row is torn.
        let whole = |page: &&String| {
            [&clip.number, &clip.original_name].iter().all(|text| page.contains(text.as_str()))
                && [clip.digests.sha256, clip.digests.sm3].iter().all(|d| page.contains(&d.to_string()))
        };
        assert_eq!(pages.iter().filter(whole).count(), 1, "{} stands on one page", clip.number);
    }
    let last = pages.last().unwrap();
    assert!(last.contains(&values.root.to_string()) && last.contains("盖章处"), "root and signatures stand together");
}

#[test]
fn a_purpose_of_three_thousand_characters_goes_on_over_pages() {
    let mut values = statement(1);
    // A running count makes a lost or doubled line visible.
    values.fields.purpose = (1..=430).map(|n| format!("（{n}）证明事项；")).collect();
    assert!(values.fields.purpose.chars().count() > 3000, "long enough to need pages");
    let pages = pages(&values);
    let carried = pages.iter().filter(|page| page.contains("证明对象（续）")).count();
    assert!(carried >= 1, "the label is repeated where the text goes on");
    // Head and label stand between the pieces; without them the text is whole.
    let head = format!("{}执法音像记录文字说明材料{}", squeeze(&values.unit), squeeze(&values.number));
    let mut text = pages.concat().replace("证明对象（续）", "").replace(&head, "");
    for n in 1..=pages.len() {
        text = text.replace(&format!("第{n}页共{}页", pages.len()), "");
    }
    assert!(text.contains(&values.fields.purpose), "nothing is lost between pages: {text}");
}

#[test]
fn text_breaks_well_at_every_length() {
    for length in (0..1200).step_by(37) {
        let mut values = statement(1);
        values.fields.transcript = "问：看清了吗？答：看清了。".chars().cycle().take(length).collect();
        let pages = pages(&values);
        let last = pages.last().unwrap();
        assert!(last.contains("取证人员李㛃（签名）") && last.contains("盖章处"), "signatures whole at {length}");
        assert!(last.contains("二维码"), "signatures never stand alone at {length}");
        let copied = pages.concat();
        let stamped = copied.matches("序号片段编号").count();
        assert_eq!(stamped, 1, "a table of one clip has one header at {length}, none left behind on a page");
    }
}
