//! What the file list says.

use crate::sample::{FONTS, file_list};
use crate::tools::{Printed, squeeze};

#[test]
fn every_file_is_listed_with_both_digests() {
    let values = file_list(40);
    let pdf = forms::file_list(&values, &FONTS).unwrap();
    let printed = Printed::new(&pdf);
    let text = squeeze(&printed.pages().concat());
    for file in &values.files {
        for field in [
            format!("{}{}", file.index, file.path),
            file.clip.number.clone() + &file.clip.original_name,
            file.clip.digests.sha256.to_string(),
            file.clip.digests.sm3.to_string(),
        ] {
            assert!(text.contains(&squeeze(&field)), "{field:?} of file {} must be found", file.index);
        }
    }
    let total = format!("40个，合计48.00GiB（{}字节）", values.total_bytes);
    for field in [
        total.as_str(),
        "承办机构无",
        "制作人赵堃（签名）：",
        "核对人（签名）：",
        "归档包编号G2026-0007",
        "以上共40个文件",
    ] {
        assert!(text.contains(field), "{field:?} must be found in {text}");
    }
    assert!(!text.contains(['{', '}']), "no template is left unfilled: {text}");
    assert!(pdf == forms::file_list(&values, &FONTS).unwrap(), "a list made again must be the same");
    assert!(printed.qpdf_check().contains("No syntax or stream encoding errors found"), "qpdf finds nothing wrong");
}

#[test]
fn a_package_without_files_still_has_a_list() {
    let text = squeeze(&Printed::new(&forms::file_list(&file_list(0), &FONTS).unwrap()).text());
    assert!(text.contains("0个，合计0B（0字节）"), "an empty package says so: {text}");
}

#[test]
fn a_path_without_a_place_to_break_stays_in_its_cell() {
    let mut values = file_list(1);
    values.files[0].path = format!("data/{}.MP4", "x".repeat(251));
    let text = squeeze(&Printed::new(&forms::file_list(&values, &FONTS).unwrap()).pages().concat());
    assert!(text.contains(&values.files[0].path), "the longest name a disk can hold is printed in full");
}
