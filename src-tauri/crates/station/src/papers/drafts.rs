//! Drafts of papers: kept beside the ledger, so that a crash loses nothing.

use super::content::{PaperContent, PaperDraft, Suggestions};
use super::{kind, prefilled};
use crate::{Act, Failure, Station, Topic, authorise};
use model::{Actor, ErrorCode, PaperSubject};
use register::PaperDraftRow;

impl Station {
    /// Returns the kept draft of a paper, or one filled from the register; and texts to choose from.
    pub fn paper_draft(&self, code: &str, subject: &PaperSubject) -> Result<(PaperDraft, Suggestions), Failure> {
        self.paper_subject(code, subject)?;
        let (content, suggestions) = prefilled(self, kind(code)?, subject)?;
        let draft = match self.read(|view| view.paper_draft(code, subject))? {
            Some(kept) => drafted(kept)?,
            None => {
                let (kind, subject) = (code.to_owned(), subject.clone());
                PaperDraft { kind, subject, revision: 0, content, saved_at: None }
            }
        };
        Ok((draft, suggestions))
    }

    /// Returns every draft of a paper, the one last saved first.
    pub fn paper_drafts(&self) -> Result<Vec<PaperDraft>, Failure> {
        self.read(|view| view.paper_drafts())?.into_iter().map(drafted).collect()
    }

    /// Keeps a draft. Refused as stale when another save came between.
    pub fn save_paper_draft(
        &self,
        actor: &Actor,
        code: &str,
        subject: &PaperSubject,
        revision: u32,
        content: &PaperContent,
    ) -> Result<PaperDraft, Failure> {
        authorise(self, actor, Act::Paper)?;
        self.paper_subject(code, subject)?;
        let author = self.author(actor, "");
        let saved = self.register.save_paper_draft(code, subject, revision, &content.body()?, &author)?;
        let revision = saved.ok_or_else(|| Failure::new(ErrorCode::DraftStale))?;
        self.tell(&[Topic::Papers]);
        let (kind, subject, content) = (code.to_owned(), subject.clone(), content.clone());
        Ok(PaperDraft { kind, subject, revision, content, saved_at: Some(author.at) })
    }

    /// Throws a draft away: the next one is filled from the register anew.
    pub fn drop_paper_draft(&self, actor: &Actor, code: &str, subject: &PaperSubject) -> Result<(), Failure> {
        authorise(self, actor, Act::Paper)?;
        if self.register.drop_paper_draft(code, subject)? {
            self.tell(&[Topic::Papers]);
        }
        Ok(())
    }
}

fn drafted(row: PaperDraftRow) -> Result<PaperDraft, Failure> {
    Ok(PaperDraft {
        content: PaperContent::from_body(&row.body)?,
        kind: row.kind,
        subject: row.subject,
        revision: row.revision,
        saved_at: Some(row.saved_at),
    })
}
