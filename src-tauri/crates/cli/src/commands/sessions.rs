//! Sessions: the segments of one act.

use super::Outcome;
use super::clips::clip_table;
use super::statements::field_table;
use crate::context::Desk;
use crate::documents::{SessionDocument, StatementDocument};
use crate::output::Answer;
use crate::refusal::Refusal;
use crate::render::{duration, facts, table, time};
use crate::words::{light, want, words};
use model::{SessionId, StationZone};
use rules::Missing;
use station::{Inquiry, SessionStatus};
use wire::dto::{GapView, MissingView, SessionRow};

/// `session list`
pub fn list(desk: &Desk, awaiting: bool) -> Outcome {
    rows(desk, &desk.station.sessions(awaiting)?)
}

fn rows(desk: &Desk, sessions: &[SessionStatus]) -> Outcome {
    let list: Vec<SessionRow> = sessions.iter().map(wire::view::session).collect();
    let text = session_table(desk.station.zone(), &list);
    Ok(Answer::list("sessions", &list, text))
}

/// Returns sessions as a table.
pub fn session_table(zone: StationZone, sessions: &[SessionRow]) -> String {
    let row = |session: &SessionRow| {
        vec![
            session.id.clone(),
            session.recorder.clone(),
            time(zone, session.from.as_deref()),
            time(zone, session.to.as_deref()),
            session.clips.to_string(),
            session.gaps.to_string(),
            session.case_number.clone().unwrap_or_default(),
            session.statement_number.clone().unwrap_or_default(),
        ]
    };
    table(&words().tables.sessions, &sessions.iter().map(row).collect::<Vec<_>>())
}

/// `session show`
pub fn show(desk: &Desk, id: &SessionId) -> Outcome {
    let station = &desk.station;
    let (status, draft, signed) = (station.session(id)?, station.draft(id)?, station.statements(id)?);
    let detail = wire::view::session_detail(&status, &draft, &signed, "");
    let inquiry = station.inquiry(id)?;
    let document = SessionDocument {
        row: detail.row,
        clips: detail.clips,
        gaps: detail.gaps,
        inquiry: wire::view::inquiry(&inquiry),
        draft: detail.draft,
        statements: signed.iter().map(StatementDocument::from).collect(),
    };
    let text = text(desk, &document, &inquiry);
    Ok(Answer::new(&document, text))
}

fn text(desk: &Desk, document: &SessionDocument, inquiry: &Inquiry) -> String {
    let zone = desk.station.zone();
    let span = [&document.row.from, &document.row.to].map(|at| time(zone, at.as_deref()));
    let mut parts = vec![
        facts(&[
            ("session", document.row.id.clone()),
            ("recorder", document.row.recorder.clone()),
            ("recorded", if span[0].is_empty() { String::new() } else { format!("{} – {}", span[0], span[1]) }),
            ("case_number", document.row.case_number.clone().unwrap_or_default()),
            ("light", light(inquiry.light()).to_owned()),
        ]),
        clip_table(zone, &document.clips.iter().collect::<Vec<_>>()),
    ];
    if !document.gaps.is_empty() {
        let gap = |gap: &GapView| vec![time(zone, Some(&gap.from)), time(zone, Some(&gap.to)), duration(gap.seconds)];
        parts.push(table(&words().tables.gaps, &document.gaps.iter().map(gap).collect::<Vec<_>>()));
    }
    if !inquiry.missing.is_empty() {
        let row = |(missing, shown): (&Missing, &MissingView)| {
            let word = want(missing.want).to_owned();
            vec![word, shown.name.clone(), missing.article.clone().unwrap_or_default()]
        };
        let rows: Vec<_> = inquiry.missing.iter().zip(&document.inquiry.missing).map(row).collect();
        parts.push(table(&words().tables.missing, &rows));
    }
    if document.statements.is_empty() {
        parts.push(field_table(zone, &document.draft));
    } else {
        let row = |one: &StatementDocument| {
            let at = time(zone, Some(&one.signed_at));
            vec![one.number.clone(), one.revision.to_string(), at, one.signed_by.clone(), one.reason.clone()]
        };
        parts.push(table(&words().tables.statements, &document.statements.iter().map(row).collect::<Vec<_>>()));
    }
    parts.join("\n")
}

/// `session assign`
pub fn assign(desk: &Desk, sessions: &[String], case: Option<&str>, none: bool) -> Outcome {
    let case = match case {
        Some(text) => Some(desk.case(text)?),
        None if none => None,
        None => return Err(Refusal::usage("assign_target", &[])),
    };
    let ids = desk.sessions(sessions)?;
    desk.station.assign_case(&desk.actor, &ids, case.as_ref())?;
    let changed = ids.iter().map(|id| desk.station.session(id)).collect::<Result<Vec<_>, _>>()?;
    rows(desk, &changed)
}

/// `session merge`
pub fn merge(desk: &Desk, sessions: &[String], reason: &str) -> Outcome {
    let ids = desk.sessions(sessions)?;
    if ids.len() < 2 {
        return Err(Refusal::usage("merge_few", &[]));
    }
    let merged = desk.station.merge_sessions(&desk.actor, &ids, reason)?;
    show(desk, &merged.row.session.id)
}

/// `session split`
pub fn split(desk: &Desk, session: &str, at: &str, reason: &str) -> Outcome {
    let (session, clip) = (desk.session(session)?, desk.clip(at)?.clip.id);
    let fresh = desk.station.split_session(&desk.actor, &session, &clip, reason)?;
    show(desk, &fresh.row.session.id)
}
