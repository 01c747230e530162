//! The vault as a whole: making it, checking it, bringing it back.

use super::Outcome;
use crate::arguments::{Common, NewVault};
use crate::context::Desk;
use crate::documents::{FsckDocument, RebuildDocument, VaultDocument};
use crate::follow::{Interrupt, follow, task_line};
use crate::output::Answer;
use crate::render::{explanations, facts, problems, size};
use crate::status::Status;
use crate::words::say;
use model::ErrorCode;
use station::{Failure, Station, TaskState};
use std::path::Path;
use std::sync::Arc;

/// `init`
pub fn init(common: &Common, new: &NewVault) -> Outcome {
    let actor = common.account_only("init")?;
    let vault = crate::context::absolute(&common.vault_path()?)?;
    let station = Station::create(&vault, &new.unit, &new.rules, &actor, common.surroundings()?)?;
    let document = VaultDocument {
        vault: vault.display().to_string(),
        id: station.facts().id.clone(),
        unit: station.settings()?.unit,
        rule_pack: wire::view::rule_pack(&*station.rule_pack()?),
        zone_minutes: station.zone().minutes(),
    };
    let told = [
        ("unit", document.unit.clone()),
        (
            "rule_pack",
            format!("{}　{}《{}》", document.rule_pack.id, document.rule_pack.bureau, document.rule_pack.title),
        ),
    ];
    let text = say("initialised", &[("vault", &document.vault)]) + "\n" + &facts(&told);
    Ok(Answer::new(&document, text))
}

/// `fsck`
pub fn fsck(desk: &Desk, metadata_only: bool) -> Outcome {
    let interrupt = listen()?;
    let report = follow(
        &interrupt,
        || running_task(&desk.station),
        || desk.station.close(),
        || desk.station.check_and_wait(&desk.actor, metadata_only),
    )?;
    let view = wire::view::report(&report);
    let clean = view.findings.is_empty();
    let document = FsckDocument {
        at: view.at,
        metadata_only,
        clips: view.checked,
        bytes: view.bytes,
        findings: view.findings,
        clean,
    };
    let checked = say("checked", &[("clips", &document.clips.to_string()), ("bytes", &size(document.bytes))]);
    let text = checked + "\n" + &verdict(&document.findings);
    let notes = explanations(&document.findings);
    Ok(Answer::new(&document, text).noting(notes).ending(Status::clean_unless(!clean)))
}

/// Returns what a check found, or that all agrees.
pub fn verdict(findings: &[wire::dto::ProblemView]) -> String {
    if findings.is_empty() {
        return say("clean", &[]) + "\n";
    }
    say("findings", &[("count", &findings.len().to_string())]) + "\n" + &problems(findings)
}

/// Words the task that is running.
pub fn running_task(station: &Arc<Station>) -> Option<String> {
    let task = station.tasks().into_iter().find(|task| task.state == TaskState::Running)?;
    Some(task_line(&wire::view::task(&task)))
}

/// Listens for Ctrl-C from now on.
pub fn listen() -> Result<Interrupt, Failure> {
    Interrupt::listen().map_err(|error| Failure::new(ErrorCode::Internal).because(error))
}

/// `rebuild`
pub fn rebuild(common: &Common, unit: &str, rule_pack: &str, copies: Option<&Path>) -> Outcome {
    let actor = common.account_only("rebuild")?;
    let (vault, around) = (common.vault_path()?, common.surroundings()?);
    if let Some(copies) = copies {
        station::fetch_ledger(&vault, copies)?;
    }
    let (_station, rebuilt) = station::rebuild(&vault, unit, rule_pack, &actor, around)?;
    let document = RebuildDocument {
        events: rebuilt.events,
        adopted: rebuilt.adopted,
        problems: rebuilt.problems.iter().map(wire::view::problem).collect(),
        set_aside: rebuilt.set_aside.map(|path| path.display().to_string()),
        drafts: *rebuilt.drafts.as_ref().unwrap_or(&0),
        drafts_lost: rebuilt.drafts.err(),
    };
    let (events, adopted) = (document.events.to_string(), document.adopted.to_string());
    let mut text = say("rebuilt", &[("events", &events), ("adopted", &adopted)]) + "\n";
    if let Some(path) = &document.set_aside {
        text += &say("set_aside", &[("path", path)]);
        text.push('\n');
        text += &match &document.drafts_lost {
            Some(why) => say("drafts_lost", &[("why", why)]),
            None => say("drafts_kept", &[("count", &document.drafts.to_string())]),
        };
        text.push('\n');
    }
    text += &verdict(&document.problems);
    let (notes, status) = (explanations(&document.problems), Status::clean_unless(!document.problems.is_empty()));
    Ok(Answer::new(&document, text).noting(notes).ending(status))
}
