//! What a session has to answer, and what clips are marked as.

use super::{Answer, clip, open};
use crate::dto::*;
use crate::host::Host;
use crate::{parse, view};
use model::{ClipId, Mark, SessionId};
use rules::Question;
use station::Failure;

pub(super) fn session_inquiry(host: &Host, request: SessionRef) -> Answer<InquiryView> {
    Ok(view::inquiry(&open(host)?.inquiry(&parse::id(&request.session, SessionId::parse)?)?))
}

pub(super) fn answer_session(host: &Host, request: AnswerSession) -> Answer<InquiryView> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let session = parse::id(&request.session, SessionId::parse)?;
    let answer = |new: NewAnswer| {
        let question = Question::from_code(&new.question).ok_or_else(|| Failure::invalid("question"))?;
        let [value, timecode, note] = [new.value, new.timecode, new.note].map(|text| text.trim().to_owned());
        Ok(station::NewAnswer { question, subject: new.subject, answer: rules::Answer { value, timecode, note } })
    };
    let answers = request.answers.into_iter().map(answer).collect::<Answer<Vec<_>>>()?;
    Ok(view::inquiry(&station.answer(&actor, &session, &answers)?))
}

pub(super) fn mark_clip(host: &Host, request: MarkClip) -> Answer<ClipDetail> {
    let station = open(host)?;
    let actor = station.acting_operator()?;
    let id = parse::id(&request.clip, ClipId::parse)?;
    let mark = Mark::from_code(&request.mark).ok_or_else(|| Failure::invalid("mark"))?;
    station.mark_clip(&actor, &id, mark, request.set, &request.note)?;
    clip(host, ClipRef { clip: request.clip })
}
