//! Statements: proposed, drafted, signed, revised.

use crate::{Act, Failure, Station, Topic, authorise};
use forms::{ClipLine, ClockLine};
use ledger::{StatementRecord, StatementSigned};
use model::{
    Actor, ClipId, ClipState, Digest, ErrorCode, Field, MediaOutcome, NumberKind, Officer, SessionId, StatementFields,
    parse_instant,
};
use register::{Author, ClipRow, SessionRow, StatementRow, View};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{LazyLock, PoisonError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposals {
    method: String,
    carrier: String,
}

static PROPOSALS: LazyLock<Proposals> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../assets/wording/proposals.json"))
        .expect("the wording is read by a test")
});

/// A draft's fields, and which of them are guesses that nobody has touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftFields {
    pub fields: StatementFields,
    pub guessed: Vec<String>,
}

/// A statement as it is being filled in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Grows with every save.
    pub revision: u32,
    pub content: DraftFields,
    /// `None` while it is only proposed.
    pub saved_at: Option<String>,
}

impl Draft {
    /// Returns what is still missing.
    pub fn missing(&self) -> Vec<Field> {
        self.content.fields.missing()
    }
}

/// A signed statement with the place of its paper.
#[derive(Clone, Debug)]
pub struct SignedStatement {
    pub row: StatementRow,
    pub pdf: PathBuf,
}

/// What an officer saw and signs.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Of the draft; 0 while it was only proposed.
    pub revision: u32,
    pub fields: &'a StatementFields,
    /// The session's clips, in the order shown.
    pub clips: &'a [ClipId],
}

/// What a paper says beside what was shown.
#[derive(PartialEq, Eq)]
struct Basis {
    number: String,
    edition: u32,
    case_number: String,
    root: Digest,
}

/// The stored form of a draft.
#[derive(Serialize, Deserialize)]
struct DraftBody {
    fields: StatementRecord,
    guessed: Vec<String>,
}

impl Station {
    /// Returns the kept draft of a session, or a proposal from what is known.
    pub fn draft(&self, session: &SessionId) -> Result<Draft, Failure> {
        let row = self.read(|view| view.session(session))?.ok_or_else(|| Failure::not_found(session))?;
        let clips = self.read(|view| view.clips_of_session(session))?;
        self.draft_of(&row, &clips)
    }

    pub(crate) fn draft_of(&self, row: &SessionRow, clips: &[ClipRow]) -> Result<Draft, Failure> {
        let Some(kept) = self.read(|view| view.draft(&row.session.id))? else {
            return Ok(Draft { revision: 0, content: self.propose(row, clips)?, saved_at: None });
        };
        let body: DraftBody =
            serde_json::from_str(&kept.body).map_err(|e| Failure::new(ErrorCode::RegisterDamaged).because(e))?;
        let content = DraftFields { fields: body.fields.into(), guessed: body.guessed };
        Ok(Draft { revision: kept.revision, content, saved_at: Some(kept.saved_at) })
    }

    /// Proposes what clips, case, recorder, operator and the last statement suggest. Every proposal is a guess until
    /// the officer touches it.
    fn propose(&self, row: &SessionRow, clips: &[ClipRow]) -> Result<DraftFields, Failure> {
        if let Some(signed) = self.read(|view| view.statements(&row.session.id))?.into_iter().next() {
            // A revision begins with what was signed.
            return Ok(DraftFields { fields: signed.fields, guessed: Vec::new() });
        }
        let case = match &row.session.case {
            Some(case) => self.read(|view| view.case(case))?,
            None => None,
        };
        let before = self.read(|view| view.last_statement_of_recorder(&row.session.recorder))?;
        let operator = self.operator()?;
        let mut fields = StatementFields {
            taken_from: row.session.span.map(|span| span.from),
            taken_to: row.session.span.map(|span| span.to),
            method: PROPOSALS.method.clone(),
            carrier: self.carrier(row, clips)?,
            made_at: Some(self.now()),
            ..StatementFields::default()
        };
        if let Some(case) = case {
            fields.cause = case.case.draft.cause;
            fields.party = case.case.draft.party;
        }
        if let Some(operator) = operator {
            fields.maker = operator.name.clone();
            fields.officers.push(Officer { name: operator.name, certificate_no: operator.certificate_no });
        }
        if let Some(before) = before {
            fields.place = before.fields.place;
            if !before.fields.officers.is_empty() {
                fields.officers = before.fields.officers;
            }
        }
        let guessed = guessed(&fields);
        Ok(DraftFields { fields, guessed })
    }

    fn carrier(&self, row: &SessionRow, clips: &[ClipRow]) -> Result<String, Failure> {
        let mut volumes = Vec::new();
        for clip in clips {
            for seen in self.read(|view| view.sightings(&clip.clip.id))? {
                let name = seen.volume.split_once(':').map_or(seen.volume.as_str(), |(_, name)| name).to_owned();
                if !volumes.contains(&name) {
                    volumes.push(name);
                }
            }
        }
        Ok(PROPOSALS.carrier.replace("{recorder}", &row.session.recorder).replace("{volume}", &volumes.join("、")))
    }

    /// Keeps a draft. Refused as stale when another save came between.
    pub fn save_draft(
        &self,
        actor: &Actor,
        session: &SessionId,
        revision: u32,
        content: &DraftFields,
    ) -> Result<Draft, Failure> {
        authorise(self, actor, Act::Statement)?;
        self.read(|view| view.session(session))?.ok_or_else(|| Failure::not_found(session))?;
        let body = DraftBody { fields: (&content.fields).into(), guessed: content.guessed.clone() };
        let body = serde_json::to_string(&body).map_err(|e| Failure::new(ErrorCode::Internal).because(e))?;
        let author = self.author(actor, "");
        let saved = self.register.save_draft(session, revision, &body, &author)?;
        let revision = saved.ok_or_else(|| Failure::new(ErrorCode::DraftStale))?;
        self.tell(&[Topic::Sessions]);
        Ok(Draft { revision, content: content.clone(), saved_at: Some(model::format_instant(author.at)) })
    }

    /// Signs a statement: gives it its number, prints its paper, writes both down. Nothing is ever overwritten; a
    /// further signing is a revision with a reason.
    ///
    /// `shown` is what the officer saw and signs. Refused as stale when the session holds other clips by now, or the
    /// draft was saved again.
    pub fn sign_statement(
        &self,
        actor: &Actor,
        session: &SessionId,
        shown: &Shown<'_>,
        reason: &str,
    ) -> Result<SignedStatement, Failure> {
        authorise(self, actor, Act::Statement)?;
        let missing = shown.fields.missing();
        if !missing.is_empty() {
            let codes: Vec<&str> = missing.iter().map(|field| field.code()).collect();
            return Err(Failure::new(ErrorCode::StatementIncomplete).with("missing", codes.join(",")));
        }
        // One signing at a time: the paper is written before the number is committed.
        let _alone = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        let author = self.author(actor, reason.trim());
        // A second time where number or case changed while the paper was being set.
        for _ in 0..2 {
            let (basis, clips) = self.register.read(|view| self.basis(view, session, shown, &author))?;
            if let Some(number) = self.print_and_record(&author, session, shown, &basis, &clips)? {
                self.tell(&[Topic::Sessions, Topic::Cases, Topic::Clips]);
                return self.statement(&number);
            }
        }
        Err(Failure::new(ErrorCode::DraftStale))
    }

    /// Returns what the paper will say beside the fields, or why it cannot be signed.
    fn basis(
        &self,
        view: &View<'_>,
        session: &SessionId,
        shown: &Shown<'_>,
        author: &Author,
    ) -> Result<(Basis, Vec<ClipRow>), Failure> {
        let row = view.session(session)?.ok_or_else(|| Failure::not_found(session))?;
        let clips = view.clips_of_session(session)?;
        let kept = view.draft(session)?.map_or(0, |draft| draft.revision);
        if kept != shown.revision || !clips.iter().map(|row| &row.clip.id).eq(shown.clips) {
            return Err(Failure::new(ErrorCode::DraftStale));
        }
        // What is damaged or in doubt may be signed for: the paper says so.
        if clips.is_empty() || clips.iter().any(|row| row.clip.state == ClipState::Mismatch) {
            return Err(Failure::new(ErrorCode::VerifyFailed));
        }
        let edition = view.statements(session)?.first().map_or(1, |newest| newest.revision + 1);
        if edition > 1 && author.reason.is_empty() {
            return Err(Failure::invalid("reason"));
        }
        let number = view.next_number(NumberKind::Statement, self.zone().year(author.at))?;
        let case_number = row.case_number.unwrap_or_default();
        Ok((Basis { number, edition, case_number, root: root_of(&clips) }, clips))
    }

    /// Sets the paper, which takes its time and keeps nobody from writing; then writes it down, if all of it still
    /// holds. `None`: it does not.
    fn print_and_record(
        &self,
        author: &Author,
        session: &SessionId,
        shown: &Shown<'_>,
        basis: &Basis,
        clips: &[ClipRow],
    ) -> Result<Option<String>, Failure> {
        let fonts = self.fonts()?;
        let paper = forms::Statement {
            unit: self.settings()?.unit,
            number: basis.number.clone(),
            revision: basis.edition,
            case_number: basis.case_number.clone(),
            fields: shown.fields.clone(),
            clocks: self.read(|view| clocks(view, clips))?,
            clips: clips.iter().map(clip_line).collect(),
            root: basis.root,
            issued_at: author.at,
            issued_by: author.actor.display(),
            zone: self.zone(),
        };
        let pdf = forms::statement(&paper, fonts)?;
        let (pdf_path, pdf_sha256) = self.keep_paper(NumberKind::Statement, &basis.number, &pdf)?;
        let signed = StatementSigned {
            number: basis.number.clone(),
            session: session.to_string(),
            revision: basis.edition,
            fields: shown.fields.into(),
            case_number: basis.case_number.clone(),
            clips: shown.clips.iter().map(ToString::to_string).collect(),
            root: basis.root.to_string(),
            pdf_path: pdf_path.clone(),
            pdf_sha256: pdf_sha256.to_string(),
            fonts: fonts.used().iter().map(|font| format!("{} {}", font.face, font.revision)).collect(),
        };
        let recorded = self.register.write::<_, Failure>(author, |view| {
            Ok(match self.basis(view, session, shown, author) {
                Ok((now, _)) if now == *basis => (vec![signed.into()], Ok(true)),
                Ok(_) => (Vec::new(), Ok(false)),
                Err(refusal) => (Vec::new(), Err(refusal)),
            })
        })?;
        if !matches!(recorded, Ok(true)) {
            // Nothing names this paper, and nothing will.
            let full = self.vault.join(&pdf_path);
            std::fs::remove_file(&full).map_err(|error| {
                Failure::new(crate::vault::target_code(&error)).with("path", full.display()).because(error)
            })?;
        }
        Ok(recorded?.then(|| basis.number.clone()))
    }

    /// Writes a paper into the vault before its event is committed. A crash between the two leaves a paper that
    /// nothing names; its name carries the content, so that the next paper of this number does not meet it.
    pub(crate) fn keep_paper(
        &self,
        kind: NumberKind<'_>,
        number: &str,
        pdf: &[u8],
    ) -> Result<(String, Digest), Failure> {
        let (year, n) = kind.parse(number).ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        let sha256 = fixity::sha256_of(pdf);
        let short = &sha256.to_string()[..8];
        let path = format!("papers/{year}/{}-{n:06}-{short}.pdf", kind.code());
        let full = self.vault.join(&path);
        let failed = |error: std::io::Error| {
            Failure::new(crate::vault::target_code(&error)).with("path", full.display()).because(error)
        };
        fixity::create_folders(full.parent().unwrap_or(&self.vault)).map_err(failed)?;
        match fixity::write_new(&full, pdf) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let same = std::fs::read(&full).map_err(failed)? == pdf;
                if !same {
                    return Err(failed(error));
                }
            }
            written => written.map_err(failed)?,
        }
        Ok((path, sha256))
    }

    /// Returns one signed statement.
    pub fn statement(&self, number: &str) -> Result<SignedStatement, Failure> {
        let row = self.read(|view| view.statement(number))?.ok_or_else(|| Failure::not_found(number))?;
        let pdf = self.vault.join(&row.pdf_path);
        Ok(SignedStatement { row, pdf })
    }

    /// Returns a session's signed statements, the newest first.
    pub fn statements(&self, session: &SessionId) -> Result<Vec<SignedStatement>, Failure> {
        let rows = self.read(|view| view.statements(session))?;
        Ok(rows.into_iter().map(|row| SignedStatement { pdf: self.vault.join(&row.pdf_path), row }).collect())
    }

    /// Returns the instant that a person wrote: RFC 3339, or wall-clock time in the station's zone.
    pub fn parse_time(&self, text: &str) -> Option<model::Instant> {
        parse_instant(text.trim()).or_else(|| self.zone().parse(text))
    }
}

/// Returns the root hash of a session's clips: SHA-256 of the list that `sha256sum` can check, one line a clip.
pub(crate) fn root_of(clips: &[ClipRow]) -> Digest {
    let list = archive::clip_list(clips.iter().map(|row| (row.clip.digests.sha256, row.clip.number.as_str())));
    fixity::sha256_of(list.as_bytes())
}

/// Returns what is known of the clocks of the recorders that these clips came from, each docking once.
fn clocks(view: &View<'_>, clips: &[ClipRow]) -> Result<Vec<ClockLine>, register::RegisterError> {
    let mut jobs: Vec<_> = clips.iter().map(|row| (&row.clip.job, &row.clip.recorder)).collect();
    jobs.sort();
    jobs.dedup();
    let mut lines = Vec::new();
    for (job, recorder) in jobs {
        lines.extend(view.clock_of_job(job)?.map(|clock| ClockLine {
            recorder: recorder.clone(),
            error_ms: clock.error_ms,
            bound_ms: clock.bound_ms,
            entered: clock.method == "entered",
            checked_at: clock.station_at,
        }));
    }
    Ok(lines)
}

pub(crate) fn clip_line(row: &ClipRow) -> ClipLine {
    let (duration_ms, playable) = duration_and_playable(row);
    ClipLine {
        number: row.clip.number.clone(),
        original_name: row.clip.original_name.clone(),
        recorder: row.clip.recorder.clone(),
        recorded_from: row.clip.recorded_from,
        recorded_to: row.clip.recorded_to,
        duration_ms,
        size: row.clip.size,
        digests: row.clip.digests,
        level: row.clip.level,
        state: row.clip.state,
        unreadable: unreadable_bytes(&row.unreadable),
        playable,
    }
}

/// Returns how many bytes the ranges cover.
pub(crate) fn unreadable_bytes(ranges: &[(u64, u64)]) -> u64 {
    ranges.iter().fold(0, |sum, (from, to)| sum.saturating_add(to.saturating_sub(*from)))
}

pub(crate) fn duration_and_playable(row: &ClipRow) -> (Option<u64>, bool) {
    match &row.media {
        Some(MediaOutcome::Readable(facts)) => (facts.duration_ms, true),
        _ => (None, false),
    }
}

/// Returns the codes of fields that hold a proposal.
fn guessed(fields: &StatementFields) -> Vec<String> {
    let empty = fields.missing();
    Field::ALL
        .into_iter()
        .filter(|field| !empty.contains(field))
        .filter(|field| !matches!(field, Field::OfficerCertificate | Field::TakenOrder))
        .filter(|field| *field != Field::Officers || !fields.officers.is_empty())
        .map(|field| field.code().to_owned())
        .collect()
}
