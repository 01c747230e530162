//! Numbers people quote: unbroken per kind and year.

/// What is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind<'a> {
    /// 片段, `P2026-000012`
    Clip,
    /// 文字说明材料, `文说〔2026〕12号`
    Statement,
    /// 归档包, `归〔2026〕3号`
    Package,
    /// 文书, `中止〔2026〕1号`: a series of its own for each kind of paper, named by the kind's code.
    Paper { kind: &'a str, prefix: &'a str },
}

impl<'a> NumberKind<'a> {
    /// Returns the series of a kind of paper, as a number that it gave out shows it.
    pub fn of_paper(kind: &'a str, number: &'a str) -> Self {
        Self::Paper { kind, prefix: number.split_once('〔').map_or("", |(prefix, _)| prefix) }
    }

    /// Returns the code used in the register.
    pub fn code(self) -> &'a str {
        match self {
            Self::Clip => "clip",
            Self::Statement => "statement",
            Self::Package => "package",
            Self::Paper { kind, .. } => kind,
        }
    }

    /// Returns the written number.
    pub fn format(self, year: i32, n: u32) -> String {
        match self {
            Self::Clip => format!("P{year}-{n:06}"),
            Self::Statement => format!("文说〔{year}〕{n}号"),
            Self::Package => format!("归〔{year}〕{n}号"),
            Self::Paper { prefix, .. } => format!("{prefix}〔{year}〕{n}号"),
        }
    }

    /// Returns year and position of a written number, or `None` when it is none of this kind.
    pub fn parse(self, text: &str) -> Option<(i32, u32)> {
        let (year, n) = match self {
            Self::Clip => text.strip_prefix('P')?.split_once('-')?,
            Self::Statement => text.strip_prefix("文说〔")?.strip_suffix('号')?.split_once('〕')?,
            Self::Package => text.strip_prefix("归〔")?.strip_suffix('号')?.split_once('〕')?,
            Self::Paper { prefix, .. } => {
                text.strip_prefix(prefix)?.strip_prefix('〔')?.strip_suffix('号')?.split_once('〕')?
            }
        };
        let (year, n) = (year.parse().ok()?, n.parse().ok()?);
        (self.format(year, n) == text).then_some((year, n))
    }
}

#[cfg(test)]
mod tests {
    use super::NumberKind;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (kind, text) in [
            (NumberKind::Clip, "P2026-000012"),
            (NumberKind::Statement, "文说〔2026〕12号"),
            (NumberKind::Package, "归〔2026〕3号"),
            (NumberKind::of_paper("interruption", "中止〔2026〕1号"), "中止〔2026〕1号"),
        ] {
            let (year, n) = kind.parse(text).expect(text);
            assert_eq!(kind.format(year, n), text);
            assert!(kind.parse("P2026-12").is_none(), "a short clip number is no {}", kind.code());
        }
    }
}
