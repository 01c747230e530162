//! What a session is asked and what it lacks.

use crate::dto;
use ::rules::{AnswerForm, Asked, Light, Missing};
use model::{Gap, format_instant};
use register::{AnswerRow, MarkRow};
use station::Inquiry;

/// Returns a light.
pub fn light(light: Light) -> dto::Light {
    match light {
        Light::Green => dto::Light::Green,
        Light::Amber => dto::Light::Amber,
        Light::Red => dto::Light::Red,
    }
}

/// Returns an inquiry.
pub fn inquiry(inquiry: &Inquiry) -> dto::InquiryView {
    dto::InquiryView {
        light: light(inquiry.light()),
        missing: inquiry.missing.iter().map(|one| missing(inquiry, one)).collect(),
        questions: inquiry.questions.iter().map(question).collect(),
    }
}

/// Returns one thing that is missing.
pub fn missing(inquiry: &Inquiry, missing: &Missing) -> dto::MissingView {
    let clip = inquiry.course.clips.iter().find(|clip| clip.id == missing.subject).map(|clip| clip.number.clone());
    let own = |asked: &&Asked| asked.subject == missing.subject;
    let asked = inquiry.questions.iter().map(|(asked, _)| asked).find(own).map(|asked| asked.name.clone());
    dto::MissingView {
        want: missing.want.code().to_owned(),
        subject: missing.subject.clone(),
        name: clip.or(asked).unwrap_or_default(),
        article: missing.article.clone(),
        light: light(missing.light),
    }
}

fn question((asked, answer): &(Asked, Option<AnswerRow>)) -> dto::QuestionView {
    dto::QuestionView {
        question: asked.question.code().to_owned(),
        subject: asked.subject.clone(),
        name: asked.name.clone(),
        gap: asked.gap.as_ref().map(gap),
        article: asked.article.clone(),
        form: match asked.question.form() {
            AnswerForm::Choice => dto::AnswerForm::Choice,
            AnswerForm::Time => dto::AnswerForm::Time,
            AnswerForm::YesNo => dto::AnswerForm::YesNo,
            AnswerForm::Tick => dto::AnswerForm::Tick,
            AnswerForm::Report => dto::AnswerForm::Report,
            AnswerForm::Words => dto::AnswerForm::Words,
        },
        options: asked
            .options
            .iter()
            .map(|(id, name)| dto::OptionView { id: id.clone(), name: name.clone() })
            .collect(),
        answer: answer.as_ref().map(|row| dto::AnswerView {
            value: row.value.clone(),
            timecode: row.timecode.clone(),
            note: row.note.clone(),
            at: format_instant(row.at),
            by: row.by.clone(),
        }),
    }
}

pub(crate) fn gap(gap: &Gap) -> dto::GapView {
    dto::GapView {
        from: format_instant(gap.from),
        to: format_instant(gap.to),
        seconds: u64::try_from((gap.to - gap.from).num_seconds()).unwrap_or(0),
    }
}

pub(crate) fn mark(row: &MarkRow) -> dto::MarkView {
    dto::MarkView {
        mark: row.mark.code().to_owned(),
        note: row.note.clone(),
        at: format_instant(row.at),
        by: row.by.clone(),
    }
}
