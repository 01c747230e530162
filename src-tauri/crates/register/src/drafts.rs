//! Drafts of papers. Not ledger events: what is not issued is no change of the record yet.

use crate::error::{Doing, RegisterError};
use crate::{Author, Register, lock};
use model::{PaperSubject, format_instant};
use rusqlite::Params;

impl Register {
    /// Keeps the draft of a paper. Returns the new revision, or `None` when `revision` is not the one that is kept.
    pub fn save_paper_draft(
        &self,
        kind: &str,
        subject: &PaperSubject,
        revision: u32,
        body: &str,
        author: &Author,
    ) -> Result<Option<u32>, RegisterError> {
        let of = "kind = ?1 AND subject_kind = ?2 AND subject = ?3";
        let saved = self.change_drafts(
            &format!(
                "INSERT INTO paper_draft SELECT ?1, ?2, ?3, ?4 + 1, ?5, ?6, ?7
                     WHERE ?4 = coalesce((SELECT revision FROM paper_draft WHERE {of}), 0)
                 ON CONFLICT (kind, subject_kind, subject) DO UPDATE SET revision = excluded.revision,
                     body = excluded.body, saved_at = excluded.saved_at, saved_by = excluded.saved_by"
            ),
            (kind, subject.kind.code(), &subject.id, revision, body, format_instant(author.at), author.actor.display()),
        )?;
        Ok((saved == 1).then_some(revision + 1))
    }

    /// Throws the draft of a paper away; tells whether there was one.
    pub fn drop_paper_draft(&self, kind: &str, subject: &PaperSubject) -> Result<bool, RegisterError> {
        let dropped = self.change_drafts(
            "DELETE FROM paper_draft WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3",
            (kind, subject.kind.code(), &subject.id),
        )?;
        Ok(dropped == 1)
    }

    fn change_drafts(&self, sql: &str, params: impl Params) -> Result<usize, RegisterError> {
        let mut writer = lock(&self.writer);
        if writer.poisoned {
            return Err(RegisterError::Poisoned);
        }
        let changed = writer.db.execute(sql, params).doing("change a paper's draft");
        changed.inspect_err(|error| writer.poisoned |= error.is_disk())
    }
}
