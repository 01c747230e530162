//! 场次须答事项: what a session is asked by the rules in force, what was answered, and what it still lacks.

use crate::sessions::SessionStatus;
use crate::{Act, Failure, Judging, Station, Topic, authorise};
use ledger::{AnswerRecord, ClipMarked, SessionAnswered};
use model::{Actor, ClipId, ClipState, ErrorCode, Mark, PaperSubject, SessionId, SubjectKind};
use register::{AnswerRow, ClipRow, PaperFilter, SessionRow, View};
use rules::{Answer, Answers, Asked, Course, Light, Missing, Question, SessionClip};
use std::collections::BTreeSet;

/// Longest note to a mark, in characters.
const NOTE_CHARS_MAX: usize = 200;

/// What a session is asked, what was answered, and what it lacks.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// Each question with its answer, in the order of asking.
    pub questions: Vec<(Asked, Option<AnswerRow>)>,
    /// The worst first.
    pub missing: Vec<Missing>,
    /// What it was made of.
    pub course: Course,
}

impl Inquiry {
    /// Returns 归档就绪灯.
    pub fn light(&self) -> Light {
        rules::light(&self.missing)
    }
}

/// An answer to be recorded; an empty value takes one back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnswer {
    pub question: Question,
    /// Which gap, clip or item; empty where there is one of it.
    pub subject: String,
    pub answer: Answer,
}

impl Station {
    /// Returns what a session is asked and what it lacks.
    pub fn inquiry(&self, session: &SessionId) -> Result<Inquiry, Failure> {
        let status = self.session(session)?;
        let rows = self.read(|view| view.answers(session))?;
        let answers = answers(&rows);
        let judging = self.judging()?;
        let pack = judging.pack_of(&status.row.session);
        let answered = |asked: &Asked| {
            let own = |row: &&AnswerRow| row.question == asked.question.code() && row.subject == asked.subject;
            rows.iter().find(own).cloned()
        };
        let asked = rules::asked(pack, &status.course, &answers);
        let questions = asked.into_iter().map(|asked| (answered(&asked), asked)).map(|(row, asked)| (asked, row));
        Ok(Inquiry { questions: questions.collect(), missing: status.lacking, course: status.course })
    }

    /// Records answers; all of them, or none.
    ///
    /// Each must be asked of the session, counting the answers given with it. What is answered as it was is no change.
    pub fn answer(&self, actor: &Actor, session: &SessionId, given: &[NewAnswer]) -> Result<Inquiry, Failure> {
        authorise(self, actor, Act::Statement)?;
        let SessionStatus { row, course, .. } = self.session(session)?;
        let judging = self.judging()?;
        let pack = judging.pack_of(&row.session);
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            view.session(session)?.ok_or_else(|| Failure::not_found(session))?;
            let held = answers(&view.answers(session)?);
            let mut then = held.clone();
            for new in given {
                then.insert((new.question, new.subject.clone()), new.answer.clone());
            }
            let asked = rules::asked(pack, &course, &then);
            let mut records = Vec::new();
            for new in given {
                let own = |one: &&Asked| one.question == new.question && one.subject == new.subject;
                let refused = |part: &str| Failure::invalid(part).with("question", new.question.code());
                // What is no longer asked can still be taken back.
                match asked.iter().find(own) {
                    Some(asked) => asked.fault(&new.answer).map_or(Ok(()), |part| Err(refused(part)))?,
                    None if new.answer.value.is_empty() => {}
                    None => return Err(refused("question")),
                }
                let before = held.get(&(new.question, new.subject.clone()));
                if before.cloned().unwrap_or_default() != new.answer {
                    records.push(record(new));
                }
            }
            let changed =
                (!records.is_empty()).then(|| SessionAnswered { session: session.to_string(), answers: records });
            Ok((changed.into_iter().map(Into::into).collect(), ()))
        })?;
        self.tell(&[Topic::Sessions, Topic::Cases]);
        self.inquiry(session)
    }

    /// Says that a clip is, or is not, what a mark says.
    pub fn mark_clip(&self, actor: &Actor, clip: &ClipId, mark: Mark, set: bool, note: &str) -> Result<(), Failure> {
        authorise(self, actor, Act::Statement)?;
        let note = note.trim();
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(Failure::invalid("note"));
        }
        self.register.write::<_, Failure>(&self.author(actor, ""), |view| {
            let row = view.clip(clip)?.ok_or_else(|| Failure::not_found(clip))?;
            let held = view.marks(clip)?.into_iter().find(|held| held.mark == mark);
            if held.as_ref().map(|held| held.note.as_str()) == set.then_some(note) {
                return Ok((Vec::new(), ()));
            }
            // A signed statement speaks of this clip as part of its session.
            if is_outside(mark) && set && is_signed(view, &row)? {
                return Err(Failure::new(ErrorCode::NotAllowed).with("act", "signed"));
            }
            let marked =
                ClipMarked { clip: clip.to_string(), mark: mark.code().to_owned(), set, note: note.to_owned() };
            Ok((vec![marked.into()], ()))
        })?;
        self.tell(&[Topic::Clips, Topic::Sessions, Topic::Cases]);
        Ok(())
    }

    /// Returns what the register knows of a session without asking, under the rules in force.
    pub(crate) fn course(&self, judging: &Judging, row: &SessionRow, clips: &[ClipRow]) -> Result<Course, Failure> {
        let marks = self.read(|view| view.marks_of_session(&row.session.id))?;
        let outside: BTreeSet<&ClipId> =
            marks.iter().filter(|mark| is_outside(mark.mark)).map(|mark| &mark.clip).collect();
        let fields = self.draft_of(row, clips)?.content.fields;
        let certified = fields.officers.iter().filter(|officer| !officer.certificate_no.trim().is_empty()).count();
        let footage = clips.iter().filter(|clip| clip.footage && !outside.contains(&clip.clip.id));
        let written = |kind: &str, subject: PaperSubject| {
            let filter = PaperFilter { kind: Some(kind.to_owned()), subject: Some(subject), year: None };
            Ok::<_, Failure>(self.read(|view| view.papers(&filter))?.iter().any(|paper| paper.voided.is_none()))
        };
        let session = PaperSubject { kind: SubjectKind::Session, id: row.session.id.to_string() };
        let session_clip = |clip: &ClipRow| {
            let subject = PaperSubject { kind: SubjectKind::Clip, id: clip.clip.id.to_string() };
            let damaged = clip.clip.state == ClipState::Damaged;
            let damage_written = damaged && written("damage", subject)?;
            let late = self.kept(judging, clip)? == Some(false);
            let late_explained = late && self.read(|view| view.late_reason(&clip.clip.id))?.is_some();
            Ok::<_, Failure>(SessionClip { damage_written, late, late_explained, ..session_clip(clip) })
        };
        Ok(Course {
            officers: u32::try_from(certified).unwrap_or(u32::MAX),
            place: !fields.place.trim().is_empty(),
            statement_signed: row.statement_number.is_some(),
            interruption_written: written("interruption", session)?,
            clips: footage.map(session_clip).collect::<Result<_, _>>()?,
        })
    }
}

fn session_clip(row: &ClipRow) -> SessionClip {
    let clip = &row.clip;
    SessionClip {
        id: clip.id.to_string(),
        number: clip.number.clone(),
        from: clip.recorded_from,
        to: clip.recorded_to,
        late: false,
        late_explained: false,
        damaged: clip.state == ClipState::Damaged,
        damage_written: false,
    }
}

/// Tells whether footage with this mark is no recording of the officers at work.
fn is_outside(mark: Mark) -> bool {
    matches!(mark, Mark::Irrelevant | Mark::PartyRecording)
}

fn is_signed(view: &View<'_>, row: &ClipRow) -> Result<bool, register::RegisterError> {
    match &row.clip.session {
        Some(session) => Ok(view.session(session)?.is_some_and(|row| row.statement_number.is_some())),
        None => Ok(false),
    }
}

/// Returns what was answered, leaving out what a later program asked.
pub(crate) fn answers(rows: &[AnswerRow]) -> Answers {
    let known = |row: &AnswerRow| {
        let question = Question::from_code(&row.question)?;
        let answer = Answer { value: row.value.clone(), timecode: row.timecode.clone(), note: row.note.clone() };
        Some(((question, row.subject.clone()), answer))
    };
    rows.iter().filter_map(known).collect()
}

fn record(new: &NewAnswer) -> AnswerRecord {
    let Answer { value, timecode, note } = new.answer.clone();
    AnswerRecord { question: new.question.code().to_owned(), subject: new.subject.clone(), value, timecode, note }
}

/// Returns the answers of sessions that are merged into another, where that one has none of its own.
pub(crate) fn carried_over(
    view: &View<'_>,
    into: &SessionId,
    from: &[SessionId],
) -> Result<Vec<AnswerRecord>, register::RegisterError> {
    let mut held: BTreeSet<(String, String)> =
        view.answers(into)?.into_iter().map(|row| (row.question, row.subject)).collect();
    let mut records = Vec::new();
    for session in from {
        for row in view.answers(session)? {
            if held.insert((row.question.clone(), row.subject.clone())) {
                let AnswerRow { question, subject, value, timecode, note, .. } = row;
                records.push(AnswerRecord { question, subject, value, timecode, note });
            }
        }
    }
    Ok(records)
}

/// Returns the worst light of several sessions.
pub fn light_of(sessions: &[SessionStatus]) -> Light {
    sessions.iter().map(|session| rules::light(&session.lacking)).max().unwrap_or(Light::Green)
}

/// Returns the clips of a case that carry a mark, by number.
pub(crate) fn marked_clips(
    view: &View<'_>,
    sessions: &[SessionRow],
    mark: Mark,
) -> Result<Vec<String>, register::RegisterError> {
    let mut numbers = Vec::new();
    for row in sessions {
        for held in view.marks_of_session(&row.session.id)? {
            if held.mark == mark
                && let Some(clip) = view.clip(&held.clip)?
            {
                numbers.push(clip.clip.number);
            }
        }
    }
    Ok(numbers)
}
