//! What people said of a session, and of a clip.

use crate::error::RegisterError;
use crate::view::{View, id_at, instant_at};
use ledger::{ClipMarked, SessionAnswered};
use model::{ClipId, Instant, Mark, SessionId};
use rusqlite::{Connection, Row, params};

pub(crate) const DDL: &str = "
CREATE TABLE session_answer (
    session_id TEXT NOT NULL,
    question   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    value      TEXT NOT NULL,
    timecode   TEXT NOT NULL,
    note       TEXT NOT NULL,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    PRIMARY KEY (session_id, question, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE clip_mark (
    clip_id TEXT NOT NULL REFERENCES clip(id),
    mark    TEXT NOT NULL,
    note    TEXT NOT NULL,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    PRIMARY KEY (clip_id, mark)
) STRICT, WITHOUT ROWID;
";

pub(crate) fn answered(db: &Connection, at: &str, actor: &str, s: &SessionAnswered) -> rusqlite::Result<()> {
    for answer in &s.answers {
        if answer.value.is_empty() {
            db.prepare_cached("DELETE FROM session_answer WHERE session_id = ?1 AND question = ?2 AND subject = ?3")?
                .execute((&s.session, &answer.question, &answer.subject))?;
            continue;
        }
        let (question, subject) = (&answer.question, &answer.subject);
        db.prepare_cached("INSERT OR REPLACE INTO session_answer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![s.session, question, subject, answer.value, answer.timecode, answer.note, at, actor])?;
    }
    Ok(())
}

pub(crate) fn forgotten(db: &Connection, session: &str) -> rusqlite::Result<()> {
    db.execute("DELETE FROM session_answer WHERE session_id = ?1", [session]).map(drop)
}

pub(crate) fn marked(db: &Connection, at: &str, actor: &str, m: &ClipMarked) -> rusqlite::Result<()> {
    if m.set {
        let row = params![m.clip, m.mark, m.note, at, actor];
        db.execute("INSERT OR REPLACE INTO clip_mark VALUES (?1, ?2, ?3, ?4, ?5)", row).map(drop)
    } else {
        db.execute("DELETE FROM clip_mark WHERE clip_id = ?1 AND mark = ?2", (&m.clip, &m.mark)).map(drop)
    }
}

/// The answer to one question that was put to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// As the rules name it.
    pub question: String,
    /// Which gap, clip or item; empty where there is one of it.
    pub subject: String,
    pub value: String,
    pub timecode: String,
    pub note: String,
    pub at: Instant,
    pub by: String,
}

/// What a clip was said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkRow {
    pub clip: ClipId,
    pub mark: Mark,
    pub note: String,
    pub at: Instant,
    pub by: String,
}

fn answer(row: &Row<'_>) -> rusqlite::Result<AnswerRow> {
    Ok(AnswerRow {
        question: row.get(0)?,
        subject: row.get(1)?,
        value: row.get(2)?,
        timecode: row.get(3)?,
        note: row.get(4)?,
        at: instant_at(row, 5)?,
        by: row.get(6)?,
    })
}

fn mark(row: &Row<'_>) -> rusqlite::Result<MarkRow> {
    Ok(MarkRow {
        clip: id_at(row, 0, ClipId::parse)?,
        mark: id_at(row, 1, Mark::from_code)?,
        note: row.get(2)?,
        at: instant_at(row, 3)?,
        by: row.get(4)?,
    })
}

impl View<'_> {
    /// Returns what was answered of a session.
    pub fn answers(&self, session: &SessionId) -> Result<Vec<AnswerRow>, RegisterError> {
        self.rows(
            "SELECT question, subject, value, timecode, note, at, actor FROM session_answer WHERE session_id = ?1
             ORDER BY question, subject",
            [session.as_str()],
            answer,
            "read a session's answers",
        )
    }

    /// Returns what a clip was said to be.
    pub fn marks(&self, clip: &ClipId) -> Result<Vec<MarkRow>, RegisterError> {
        self.rows(
            "SELECT clip_id, mark, note, at, actor FROM clip_mark WHERE clip_id = ?1 ORDER BY mark",
            [clip.as_str()],
            mark,
            "read a clip's marks",
        )
    }

    /// Returns what the clips of a session were said to be.
    pub fn marks_of_session(&self, session: &SessionId) -> Result<Vec<MarkRow>, RegisterError> {
        self.rows(
            "SELECT m.clip_id, m.mark, m.note, m.at, m.actor FROM clip_mark m JOIN clip k ON k.id = m.clip_id
             WHERE k.session_id = ?1 ORDER BY m.clip_id, m.mark",
            [session.as_str()],
            mark,
            "read the marks of a session's clips",
        )
    }
}
