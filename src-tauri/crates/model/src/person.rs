//! People of the unit.

use crate::PersonId;

/// A person who takes, keeps or archives evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    /// 姓名
    pub name: String,
    /// 执法证号; empty for staff without one.
    pub certificate_no: String,
    /// 职务
    pub duty: String,
    /// 科室
    pub department: String,
    /// Whether the person still works here; those who left keep their name on old papers.
    pub active: bool,
}

/// Tells whether text can be a certificate number: 4 to 32 ASCII letters, digits and hyphens.
///
/// An input method left in Chinese mode turns a scanned `jd0123456` into 决定23456; the pattern refuses that.
pub fn is_certificate_no(text: &str) -> bool {
    (4..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_input_method_cannot_bend_a_certificate_number() {
        for (text, good) in
            [("jd0123456", true), ("决定23456", false), ("36", false), ("53-0302-118", true), ("", false)]
        {
            assert_eq!(super::is_certificate_no(text), good, "certificate number {text:?}");
        }
    }
}
