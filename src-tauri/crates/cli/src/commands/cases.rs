//! Cases.

use super::sessions::session_table;
use super::{Outcome, due};
use crate::context::Desk;
use crate::output::Answer;
use crate::render::{facts, size, table, time};
use crate::words::words;
use model::CaseDraft;
use station::{Failure, SaveCase};
use wire::dto::{CaseDetail, CaseView, PackageView};

/// `case add`
pub fn add(desk: &Desk, number: String, cause: String, party: String, department: String) -> Outcome {
    let save = SaveCase { id: None, draft: CaseDraft { number, cause, party, department } };
    let view = wire::view::case(&desk.station.save_case(&desk.actor, &save)?);
    let text = case_facts(desk, &view);
    Ok(Answer::new(&view, text))
}

/// `case list`
pub fn list(desk: &Desk) -> Outcome {
    let cases: Vec<CaseView> = desk.station.read(|view| view.cases())?.iter().map(wire::view::case).collect();
    let row = |case: &CaseView| {
        vec![
            case.number.clone(),
            case.cause.clone(),
            case.party.clone(),
            case.sessions.to_string(),
            case.awaiting.to_string(),
            case.clips.to_string(),
            size(case.bytes),
            case.packages.to_string(),
        ]
    };
    let text = table(&words().tables.cases, &cases.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("cases", &cases, text))
}

/// `case show`
pub fn show(desk: &Desk, text: &str) -> Outcome {
    let id = desk.case(text)?;
    let (judging, now) = (desk.station.judging()?, desk.station.now());
    let (row, sessions, packages, conclusion) = desk.station.read(|view| {
        let packages = view.packages()?;
        let conclusion = wire::view::conclusion(view, &judging, &id, &packages, now)?;
        Ok((view.case(&id)?, view.sessions_of_case(&id)?, packages, conclusion))
    })?;
    let row = row.ok_or_else(|| Failure::not_found(&id))?;
    let sessions =
        sessions.iter().map(|row| desk.station.session(&row.session.id)).collect::<Result<Vec<_>, Failure>>()?;
    let detail = CaseDetail {
        case: wire::view::case(&row),
        sessions: sessions.iter().map(wire::view::session).collect(),
        packages: packages.iter().filter(|package| package.case == id).map(wire::view::package).collect(),
        conclusion,
    };
    let zone = desk.station.zone();
    let package = |one: &PackageView| {
        vec![
            one.number.clone(),
            time(zone, Some(&one.made_at)),
            one.made_by.clone(),
            one.files.to_string(),
            size(one.bytes),
            one.image.clone().unwrap_or_else(|| one.folder.clone()),
        ]
    };
    let packages = table(&words().tables.packages, &detail.packages.iter().map(package).collect::<Vec<_>>());
    let head = case_facts(desk, &detail.case) + &due::conclusion_text(zone, &detail.conclusion);
    let text = [head, session_table(zone, &detail.sessions), packages].join("\n");
    Ok(Answer::new(&detail, text))
}

fn case_facts(desk: &Desk, case: &CaseView) -> String {
    facts(&[
        ("case_number", case.number.clone()),
        ("id", case.id.clone()),
        ("cause", case.cause.clone()),
        ("party", case.party.clone()),
        ("department", case.department.clone()),
        ("opened_at", time(desk.station.zone(), Some(&case.opened_at))),
    ])
}
