//! PDF/A as another program sees it. No free validator of PDF/A-2b is at hand; Preflight knows A-1b, which forbids three
//! things that A-2b allows. Whatever else it finds would be wrong in both.

use crate::sample::{FONTS, file_list, statement};
use crate::tools::Printed;
use crate::values::ordinary;

/// What PDF/A-1b asks and A-2b does not: an ICC profile of version 2, a CIDSet for each subset, and to be called part 1.
const A1_ONLY: [(&str, &str); 3] = [
    ("2.1.6", "Invalid version of the ICCProfile"),
    ("3.1.11", "The CIDSet entry is missing"),
    ("7.11.2", "part must be 1"),
];

fn check(name: &str, pdf: &[u8]) {
    let remarks = Printed::new(pdf).preflight();
    let (known, others): (Vec<_>, Vec<_>) =
        remarks.iter().partition(|(code, words)| A1_ONLY.iter().any(|(c, w)| c == code && words.contains(w)));
    assert!(others.is_empty(), "{name}: nothing but what A-1b alone forbids: {others:?}");
    for (code, _) in A1_ONLY {
        assert!(known.iter().any(|(found, _)| found == code), "{name}: Preflight looked at {code}");
    }
}

#[test]
fn preflight_remarks_on_nothing_that_a_2b_forbids() {
    for kind in forms::kinds() {
        check(&kind.code, &forms::paper(&ordinary(&kind.code), &FONTS).unwrap());
    }
    check("statement", &forms::statement(&statement(3), &FONTS).unwrap());
    check("file_list", &forms::file_list(&file_list(5), &FONTS).unwrap());
}
