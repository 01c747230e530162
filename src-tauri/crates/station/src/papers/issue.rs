//! 签发: a paper gets its number, its PDF and its event together; 作废 leaves the number used.

use super::content::PaperContent;
use super::{kind, record};
use crate::statements::clip_line;
use crate::{Act, Failure, Station, Topic, authorise};
use forms::{ClipLine, Kind, Mark, PaperValues};
use ledger::{PaperIssued, PaperVoided};
use model::{Actor, ErrorCode, NumberKind, PaperId, PaperSubject};
use register::{Author, PaperFilter, PaperRow, View};
use std::path::PathBuf;
use std::sync::PoisonError;

/// Longest reason for voiding, in characters.
const REASON_CHARS_MAX: usize = 500;

/// An issued paper with the place of its PDF.
#[derive(Clone, Debug)]
pub struct IssuedPaper {
    pub row: PaperRow,
    pub pdf: PathBuf,
}

/// What is about to be issued.
struct Issue<'a> {
    kind: &'static Kind,
    subject: &'a PaperSubject,
    /// Of the draft that was shown; 0 without one.
    revision: u32,
    values: PaperValues,
    /// The values as the ledger keeps them.
    text: String,
}

impl Station {
    /// Returns the keys that a paper still lacks; empty when it can be issued. A clip that nobody knows is one:
    /// `clips[2]`.
    pub fn paper_missing(&self, actor: &Actor, code: &str, content: &PaperContent) -> Result<Vec<String>, Failure> {
        let mut unknown = Vec::new();
        for (key, numbers) in &content.clips {
            for (at, number) in numbers.iter().enumerate() {
                if self.read(|view| view.clip_by_number(number))?.is_none() {
                    unknown.push(format!("{key}[{}]", at + 1));
                }
            }
        }
        if !unknown.is_empty() {
            return Ok(unknown);
        }
        let values = self.paper_values(actor, kind(code)?, content)?;
        match forms::check(&values) {
            Ok(()) => Ok(Vec::new()),
            Err(forms::FormError::Missing { keys, .. }) => Ok(keys),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Returns the PDF that a paper would be; it says of itself that it is a preview.
    pub fn preview_paper(&self, actor: &Actor, code: &str, content: &PaperContent) -> Result<Vec<u8>, Failure> {
        let values = self.paper_values(actor, kind(code)?, content)?;
        Ok(forms::paper(&values, self.fonts()?)?)
    }

    /// Returns what a paper says if it is made now.
    fn paper_values(&self, actor: &Actor, kind: &Kind, content: &PaperContent) -> Result<PaperValues, Failure> {
        let line = |number: &String| {
            let found = self.read(|view| view.clip_by_number(number))?;
            found.as_ref().map(clip_line).ok_or_else(|| Failure::not_found(number))
        };
        let mut clips = std::collections::BTreeMap::new();
        for (key, numbers) in &content.clips {
            let lines: Vec<ClipLine> = numbers.iter().map(line).collect::<Result<_, Failure>>()?;
            clips.insert(key.clone(), lines);
        }
        let pack = self.rule_pack()?;
        let rule = pack.paper(&kind.code);
        Ok(PaperValues {
            kind: kind.code.clone(),
            title: rule.and_then(|rule| rule.title.clone()),
            unit: self.settings()?.unit,
            mark: None,
            made_at: self.now(),
            made_by: actor.display(),
            zone: self.zone(),
            basis: content.basis.clone(),
            fields: content.fields.clone(),
            lists: content.lists.clone(),
            grids: content.grids.clone(),
            clips,
            checks: content.checks.clone(),
            signers: content.signers.clone(),
        })
    }

    /// 签发: gives a paper its number, prints its PDF, writes both down.
    ///
    /// `revision` is that of the draft that was shown; refused as stale when it was saved again since. Refused with
    /// `paper_incomplete` and every missing key while the template asks for more.
    pub fn issue_paper(
        &self,
        actor: &Actor,
        code: &str,
        subject: &PaperSubject,
        revision: u32,
        content: &PaperContent,
    ) -> Result<IssuedPaper, Failure> {
        authorise(self, actor, Act::Paper)?;
        self.paper_subject(code, subject)?;
        let kind = kind(code)?;
        // One at a time: the PDF is written before the number is committed.
        let _alone = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        let author = self.author(actor, "");
        let values = PaperValues { made_at: author.at, ..self.paper_values(actor, kind, content)? };
        forms::check(&values)?;
        let text = record::write(&values).map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
        let issue = Issue { kind, subject, revision, values, text };
        let number = self.register.read(|view| self.free_number(view, &issue, &author))?;
        self.print_and_issue(&author, issue, &number)?;
        self.tell(&[Topic::Papers]);
        self.paper(&number)
    }

    /// Returns the number that the paper will have, or the refusal that another draft was saved since.
    fn free_number(&self, view: &View<'_>, issue: &Issue<'_>, author: &Author) -> Result<String, Failure> {
        let kept = view.paper_draft(&issue.kind.code, issue.subject)?.map_or(0, |draft| draft.revision);
        if kept != issue.revision {
            return Err(Failure::new(ErrorCode::DraftStale));
        }
        Ok(view.next_number(series(issue.kind), self.zone().year(author.at))?)
    }

    /// Sets the paper, then writes it down if number and draft still are what they were.
    fn print_and_issue(&self, author: &Author, issue: Issue<'_>, number: &str) -> Result<(), Failure> {
        let fonts = self.fonts()?;
        let record = fixity::sha256_of(issue.text.as_bytes());
        let marked = PaperValues { mark: Some(Mark { number: number.to_owned(), record }), ..issue.values.clone() };
        let pdf = forms::paper(&marked, fonts)?;
        let (pdf_path, pdf_sha256) = self.keep_paper(series(issue.kind), number, &pdf)?;
        let basis = marked.basis.iter().map(|basis| format!("{} {}", basis.title.trim(), basis.article.trim()));
        let issued = PaperIssued {
            id: PaperId::fresh(self.around.ids.as_ref()).to_string(),
            kind: issue.kind.code.clone(),
            number: number.to_owned(),
            title: marked.title.clone().unwrap_or_else(|| issue.kind.title.clone()),
            subject_kind: issue.subject.kind.code().to_owned(),
            subject: issue.subject.id.clone(),
            basis: basis.collect::<Vec<_>>().join("；"),
            values: issue.text.clone(),
            record: record.to_string(),
            pdf_path: pdf_path.clone(),
            pdf_sha256: pdf_sha256.to_string(),
            fonts: fonts.used().iter().map(|font| format!("{} {}", font.face, font.revision)).collect(),
            sheets: forms::sheets(&pdf)?,
        };
        // A refusal is no failed write: after one of those it is not known whether the paper was issued.
        let written = self.register.write::<_, Failure>(author, |view| {
            Ok(match self.free_number(view, &issue, author) {
                Ok(free) if free == number => (vec![issued.into()], Ok(())),
                Ok(_) => (Vec::new(), Err(Failure::new(ErrorCode::DraftStale))),
                Err(refusal) => (Vec::new(), Err(refusal)),
            })
        })?;
        if written.is_err() {
            // Nothing names this paper, and nothing will.
            let full = self.vault.join(&pdf_path);
            std::fs::remove_file(&full).map_err(|error| {
                Failure::new(crate::vault::target_code(&error)).with("path", full.display()).because(error)
            })?;
        }
        written
    }

    /// 作废: takes a paper back, with its reason. Number and PDF stay.
    pub fn void_paper(&self, actor: &Actor, number: &str, reason: &str) -> Result<IssuedPaper, Failure> {
        authorise(self, actor, Act::Paper)?;
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(Failure::invalid("reason"));
        }
        self.register.write::<_, Failure>(&self.author(actor, reason), |view| {
            let row = view.paper_by_number(number)?.ok_or_else(|| Failure::not_found(number))?;
            if row.voided.is_some() {
                return Err(Failure::invalid("number"));
            }
            let voided = PaperVoided { id: row.id.to_string(), reason: reason.to_owned() };
            Ok((vec![voided.into()], ()))
        })?;
        self.tell(&[Topic::Papers]);
        self.paper(number)
    }

    /// Returns one paper by its number.
    pub fn paper(&self, number: &str) -> Result<IssuedPaper, Failure> {
        let row = self.read(|view| view.paper_by_number(number))?.ok_or_else(|| Failure::not_found(number))?;
        Ok(IssuedPaper { pdf: self.vault.join(&row.pdf_path), row })
    }

    /// Returns a paper with its PDF. One that was changed since is refused: it is not the paper that was issued.
    pub fn paper_pdf(&self, number: &str) -> Result<(IssuedPaper, Vec<u8>), Failure> {
        let paper = self.paper(number)?;
        let failed = |code: ErrorCode| Failure::new(code).with("path", paper.pdf.display());
        let pdf = std::fs::read(&paper.pdf).map_err(|error| failed(ErrorCode::OpenFailed).because(error))?;
        if fixity::sha256_of(&pdf) != paper.row.pdf_sha256 {
            return Err(failed(ErrorCode::VerifyFailed));
        }
        Ok((paper, pdf))
    }

    /// Returns the papers asked for, the newest first.
    pub fn papers(&self, filter: &PaperFilter) -> Result<Vec<IssuedPaper>, Failure> {
        let rows = self.read(|view| view.papers(filter))?;
        Ok(rows.into_iter().map(|row| IssuedPaper { pdf: self.vault.join(&row.pdf_path), row }).collect())
    }

    /// Makes the PDF of an issued paper again, from what the ledger holds of it.
    pub fn remake_paper(&self, number: &str) -> Result<Vec<u8>, Failure> {
        let row = self.paper(number)?.row;
        let text = self.read(|view| view.paper_values(&row.id))?.unwrap_or_default();
        let read = record::read(&text).filter(|_| fixity::sha256_of(text.as_bytes()) == row.record);
        let values = read.ok_or_else(|| {
            Failure::new(ErrorCode::RegisterDamaged).because(format!("the record of {number} cannot be read"))
        })?;
        let mark = Mark { number: row.number, record: row.record };
        Ok(forms::paper(&PaperValues { mark: Some(mark), ..values }, self.fonts()?)?)
    }
}

/// Returns the series of a kind's numbers.
fn series(kind: &Kind) -> NumberKind<'_> {
    NumberKind::Paper { kind: &kind.code, prefix: &kind.prefix }
}
