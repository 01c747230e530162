//! 第二份 and 备份: where copies are kept, bringing them up, and what comes back from them.

use super::Outcome;
use super::vault::{listen, running_task, verdict};
use crate::arguments::{Common, CopiesOrder};
use crate::context::{Desk, absolute};
use crate::follow::{Interrupt, follow, stage_line};
use crate::output::{Answer, tell};
use crate::render::{explanations, facts, size, table, time};
use crate::status::Status;
use crate::words::{say, words};
use model::format_instant;
use serde::Serialize;
use station::{BackupStatus, CaughtUp, CopyStatus, RestorePlan, Station};
use std::path::Path;
use std::sync::Arc;
use wire::dto::ProblemView;

/// `copies`
#[derive(Serialize)]
struct CopiesDocument {
    /// Folder; empty: none is set.
    folder: String,
    /// Clips with a good copy, and without one.
    good: u64,
    missing: u64,
    /// What this command copied.
    copied: u64,
    copied_bytes: u64,
    /// Originals that it found bad.
    bad_originals: u64,
    /// With `--check`: what is wrong with copies.
    findings: Vec<ProblemView>,
}

/// `restore`
#[derive(Serialize)]
struct RestoreDocument {
    clip: String,
    number: String,
    /// Code of what is wrong with the original; empty: nothing that is known.
    problem: String,
    original: String,
    from: String,
    copy_made_at: String,
    copy_checked_at: Option<String>,
    into: String,
    bytes: u64,
    /// Where it lies now; only with `--yes`.
    restored: Option<String>,
}

/// `backup`
#[derive(Serialize)]
struct BackupDocument {
    at: String,
    /// Empty where it cannot be reached.
    path: String,
    file: String,
    events: u64,
    bytes: u64,
    sha256: String,
    present: bool,
}

/// `restore-register`
#[derive(Serialize)]
struct RegisterDocument {
    events: u64,
    replayed: u64,
    set_aside: Option<String>,
    drafts: usize,
    drafts_lost: Option<String>,
}

/// `copies`
pub fn copies(desk: &Desk, order: &CopiesOrder) -> Outcome {
    match (&order.folder, order.off) {
        (Some(folder), _) => desk.station.use_copy_place(&desk.actor, Some(&absolute(folder)?)).map(drop)?,
        (None, true) => desk.station.use_copy_place(&desk.actor, None).map(drop)?,
        (None, false) => {}
    }
    let interrupt = listen()?;
    let done = follow(
        &interrupt,
        || progress(&desk.station),
        || desk.station.close(),
        || desk.station.bring_copies_up(&desk.actor),
    )?;
    let findings = match order.check {
        true => follow(&interrupt, || None, || desk.station.close(), || desk.station.check_copies(&desk.actor))?,
        false => Vec::new(),
    };
    let status = desk.station.copy_status()?;
    let findings: Vec<ProblemView> = findings.iter().map(wire::view::problem).collect();
    let text = copies_text(&status, &done) + &if order.check { verdict(&findings) } else { String::new() };
    let notes = explanations(&findings);
    let ended = Status::clean_unless(!findings.is_empty() || done.bad_originals > 0);
    let document = CopiesDocument {
        folder: status.place.map(|place| place.display().to_string()).unwrap_or_default(),
        good: status.copied,
        missing: status.missing,
        copied: done.copied,
        copied_bytes: done.bytes,
        bad_originals: done.bad_originals,
        findings,
    };
    Ok(Answer::new(&document, text).noting(notes).ending(ended))
}

fn copies_text(status: &CopyStatus, done: &CaughtUp) -> String {
    let Some(place) = &status.place else { return say("copies_none", &[]) + "\n" };
    let number = |n: u64| n.to_string();
    let place = place.display().to_string();
    let mut text = say("copies_place", &[("path", &place), ("free", &size(status.disk_free))]) + "\n";
    let sums = [
        ("copied", number(done.copied)),
        ("bytes", size(done.bytes)),
        ("good", number(status.copied)),
        ("missing", number(status.missing)),
    ];
    text += &say("copies_sum", &sums.each_ref().map(|(name, value)| (*name, value.as_str())));
    text.push('\n');
    if done.bad_originals > 0 {
        text += &say("copies_bad_originals", &[("count", &number(done.bad_originals))]);
        text.push('\n');
    }
    text
}

fn progress(station: &Arc<Station>) -> Option<String> {
    let status = station.copy_status().ok().filter(|status| status.bytes_total > 0)?;
    Some(stage_line(&say("copying", &[]), status.bytes_done, status.bytes_total))
}

/// Makes the backup and the second copies that an intake calls for, before its command returns. What keeps them from
/// being made is said; the intake itself is done. Whoever stopped the intake does not wait for copies either: the next
/// catching up makes them.
pub fn after_intake(desk: &Desk, interrupt: &Interrupt) {
    if interrupt.is_set() {
        return;
    }
    let done = follow(
        interrupt,
        || progress(&desk.station),
        || desk.station.close(),
        || desk.station.bring_copies_up(&desk.actor),
    );
    match done {
        Ok(done) if done.copied > 0 => {
            tell(&say("copied_after", &[("count", &done.copied.to_string()), ("bytes", &size(done.bytes))]));
        }
        Ok(_) => {}
        Err(failure) => crate::refusal::lines(&failure).iter().for_each(|line| tell(line)),
    }
}

/// `restore`: shows the plan, and carries it out with `--yes`.
pub fn restore(desk: &Desk, clip: &str, yes: bool) -> Outcome {
    let id = desk.clip(clip)?.clip.id;
    let plan = desk.station.restore_plan(&id)?;
    let restored = match yes {
        false => None,
        true => {
            let interrupt = listen()?;
            let look = || running_task(&desk.station);
            let row =
                follow(&interrupt, look, || desk.station.close(), || desk.station.restore_clip(&desk.actor, &id))?;
            Some(row.clip.stored_path)
        }
    };
    let document = restore_document(&plan, restored);
    let text = restore_text(desk, &document);
    Ok(Answer::new(&document, text))
}

fn restore_document(plan: &RestorePlan, restored: Option<String>) -> RestoreDocument {
    let clip = &plan.clip.clip;
    RestoreDocument {
        clip: clip.id.to_string(),
        number: clip.number.clone(),
        problem: plan.problem.as_ref().map(|problem| problem.code.code().to_owned()).unwrap_or_default(),
        original: clip.stored_path.clone(),
        from: plan.from.display().to_string(),
        copy_made_at: format_instant(plan.copy_made_at),
        copy_checked_at: plan.copy_checked_at.map(format_instant),
        into: plan.into.clone(),
        bytes: plan.bytes,
        restored,
    }
}

fn restore_text(desk: &Desk, document: &RestoreDocument) -> String {
    let zone = desk.station.zone();
    let checked = document.copy_checked_at.as_ref().unwrap_or(&document.copy_made_at);
    let problem = model::ProblemCode::from_code(&document.problem);
    let told = [
        ("number", document.number.clone()),
        ("original", document.original.clone()),
        ("state", problem.map(|code| crate::words::explain_problem(code).what.clone()).unwrap_or_default()),
        ("copy", document.from.clone()),
        ("copy_checked_at", time(zone, Some(checked))),
        ("size", size(document.bytes)),
        ("restore_into", document.restored.clone().unwrap_or_else(|| format!("{}/…", document.into))),
    ];
    let ended = match (&document.restored, problem) {
        (Some(_), _) => "restored",
        (None, Some(_)) => "restore_plan",
        (None, None) => "restore_needless",
    };
    facts(&told) + "\n" + &say(ended, &[]) + "\n"
}

/// `backup`: makes one, or lists them.
pub fn backup(desk: &Desk, list: bool) -> Outcome {
    let backups = if list { None } else { Some(desk.station.back_up(&desk.actor)?.len()) };
    let all = desk.station.backups()?;
    let shown = &all[..backups.unwrap_or(all.len()).min(all.len())];
    let documents: Vec<BackupDocument> = shown.iter().map(backup_document).collect();
    let zone = desk.station.zone();
    let row = |one: &BackupDocument| {
        vec![
            time(zone, Some(&one.at)),
            one.events.to_string(),
            size(one.bytes),
            if one.present { one.path.clone() } else { one.file.clone() },
            say(if one.present { "yes" } else { "no" }, &[]),
        ]
    };
    let text = table(&words().tables.backups, &documents.iter().map(row).collect::<Vec<_>>());
    Ok(Answer::list("backups", &documents, text))
}

fn backup_document(status: &BackupStatus) -> BackupDocument {
    BackupDocument {
        at: format_instant(status.row.at),
        path: status.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        file: status.row.file.clone(),
        events: status.row.events,
        bytes: status.row.bytes,
        sha256: status.row.sha256.to_string(),
        present: status.present,
    }
}

/// `restore-register`
pub fn restore_register(common: &Common, file: &Path) -> Outcome {
    let actor = common.account_only("restore-register")?;
    let (vault, around) = (common.vault_path()?, common.surroundings()?);
    let (_station, restored) = station::restore_register(&vault, &absolute(file)?, &actor, around)?;
    let document = RegisterDocument {
        events: restored.events,
        replayed: restored.replayed,
        set_aside: restored.set_aside.map(|path| path.display().to_string()),
        drafts: *restored.drafts.as_ref().unwrap_or(&0),
        drafts_lost: restored.drafts.err(),
    };
    let (events, replayed) = (document.events.to_string(), document.replayed.to_string());
    let mut text = say("register_restored", &[("events", &events), ("replayed", &replayed)]) + "\n";
    if let Some(path) = &document.set_aside {
        text += &(say("set_aside", &[("path", path)]) + "\n");
    }
    if let Some(why) = &document.drafts_lost {
        text += &(say("drafts_lost", &[("why", why)]) + "\n");
    }
    Ok(Answer::new(&document, text))
}
