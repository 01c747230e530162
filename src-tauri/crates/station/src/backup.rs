//! 备份: the register after each job and at closing, in the vault and beside the second copies; and the thread that
//! sees to backups, second copies and a register that a disk error has closed.

use crate::copying::{CaughtUp, at_place};
use crate::second::{CopyPlace, Second, Work};
use crate::tasks::{TaskKind, TaskStage};
use crate::vault::target_code;
use crate::{Act, Failure, Station, TaskStatus, Topic, authorise};
use ledger::RegisterBackedUp;
use model::{Actor, AlarmKind, ErrorCode, Instant};
use register::{BackupRow, LedgerCopy, RegisterError};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as Moment};

/// Backups kept in each place.
const KEPT: usize = 7;
/// Time after which work other than jobs is backed up. In milliseconds: a day.
const DAILY_MS: i64 = 24 * 3600 * 1000;
/// Time between two attempts while the place or the register cannot be used, and between two looks otherwise.
const RETRY: Duration = Duration::from_secs(30);
/// Rest after a change before anything is done about it: more changes follow.
const SETTLE: Duration = Duration::from_millis(500);
/// Longest wait for the thread when the station closes: a share that hangs must not keep the window open.
const CLOSING: Duration = Duration::from_secs(5);
/// Backups that a list shows.
const LISTED: u32 = 100;

/// A backup of the register with everything its line shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupStatus {
    pub row: BackupRow,
    /// `None` for one at a place that is not the present one, or not reachable.
    pub path: Option<PathBuf>,
    /// Whether the file is there now.
    pub present: bool,
}

/// What calls for a backup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    /// A job has ended since the last, or a day has gone by with other work.
    Usual,
    /// Anything was written since.
    Closing,
    /// Somebody asked.
    Now,
}

impl Second {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backing(&self) -> MutexGuard<'_, bool> {
        self.backup_failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rests until something changed or it is time to look again; `false` when the station closes.
    fn rest(&self) -> bool {
        let state = self.state();
        let (mut state, _) = self
            .bell
            .wait_timeout_while(state, RETRY, |state| !state.rung && !state.stop)
            .unwrap_or_else(PoisonError::into_inner);
        if !state.stop {
            let waited = self.bell.wait_timeout_while(state, SETTLE, |state| !state.stop);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.rung = false;
        !state.stop
    }
}

impl Station {
    /// Starts the thread that sees to backups and second copies.
    pub(crate) fn watch_second(self: &Arc<Self>) -> Result<(), Failure> {
        let second = Arc::clone(&self.second);
        let weak: Weak<Self> = Arc::downgrade(self);
        let thread = thread::Builder::new()
            .name("second".into())
            .spawn(move || {
                let bell = Arc::clone(&second);
                let listening = weak.upgrade().map(|station| {
                    station.listen(move |topic| {
                        if matches!(topic, Topic::Sessions | Topic::Clips | Topic::Settings) {
                            bell.ring();
                        }
                    })
                });
                // The first look comes without a change: what the last run left undone.
                second.ring();
                while listening.is_some() && second.rest() {
                    let Some(station) = weak.upgrade() else { return };
                    station.tend();
                }
            })
            .map_err(|error| Failure::new(ErrorCode::Internal).because(error))?;
        self.second.state().thread = Some(thread);
        Ok(())
    }

    /// Ends the thread, and makes the last backup of the day where work was done since the one before.
    pub(crate) fn close_second(&self) {
        let thread: Option<JoinHandle<()>> = {
            let mut state = self.second.state();
            state.stop = true;
            state.thread.take()
        };
        self.second.bell.notify_all();
        let Some(thread) = thread else { return };
        let began = Moment::now();
        while !thread.is_finished() && began.elapsed() < CLOSING {
            thread::sleep(Duration::from_millis(5));
        }
        if !thread.is_finished() {
            eprintln!("the disk with the second copies does not answer; closing without it");
            return;
        }
        if thread.join().is_err() {
            eprintln!("the thread for second copies panicked");
        }
        let mut failed = self.second.backing();
        let backed = self.back_up_if(&Actor::Station, Due::Closing, &|| true);
        self.note_backup(backed.map(drop), &mut failed);
    }

    /// Does what is to be done, and says what failed.
    fn tend(&self) {
        if let Err(failure) = self.recover_register() {
            eprintln!("register: {}", failure.chain());
            return;
        }
        let mut work = self.second.work();
        match self.bring_up(&Actor::Station, &mut work) {
            Err(failure) if failure.code != ErrorCode::Cancelled => eprintln!("second copies: {}", failure.chain()),
            _ => {}
        }
    }

    /// Opens the register again where a disk error has closed it for writing.
    pub fn recover_register(&self) -> Result<(), Failure> {
        if self.register.is_poisoned() {
            self.register.recover()?;
            self.tell(&[Topic::Jobs, Topic::Clips]);
        }
        Ok(())
    }

    /// Backs the register up where a job calls for it, copies whatever has no good copy, and brings the ledger's copy
    /// up. Returns when that is done, or the station closes.
    ///
    /// Fails with what keeps the place from being used; backups in the vault are made all the same.
    pub fn bring_copies_up(&self, actor: &Actor) -> Result<CaughtUp, Failure> {
        authorise(self, actor, Act::Check)?;
        let mut work = self.second.work();
        self.bring_up(actor, &mut work)
    }

    fn bring_up(&self, actor: &Actor, work: &mut Work) -> Result<CaughtUp, Failure> {
        self.see_to_backups(actor);
        let ended = self.copy_place().and_then(|place| match place {
            None => Ok(CaughtUp::default()),
            Some(place) => self.bring_place_up(actor, &place, work),
        });
        match ended {
            Ok(done) => {
                self.note_place(None);
                self.second.state().caught_up_at = Some(self.now());
                self.tell(&[Topic::Copies]);
                Ok(done)
            }
            Err(failure) => {
                self.note_failure(&failure);
                Err(failure)
            }
        }
    }

    fn bring_place_up(&self, actor: &Actor, place: &CopyPlace, work: &mut Work) -> Result<CaughtUp, Failure> {
        let (head, _) = self.read(|view| view.ledger_head())?;
        if work.done_at.as_ref() == Some(&(place.clone(), head)) {
            return Ok(CaughtUp::default());
        }
        work.done_at = None;
        self.copy_ledger(place, work)?;
        let done = self.copy_all(actor, place)?;
        let (head, _) = self.read(|view| view.ledger_head())?;
        self.copy_ledger(place, work)?;
        work.done_at = Some((place.clone(), head));
        Ok(done)
    }

    /// Raises the alarm about a place that cannot be used, once until it can.
    fn note_failure(&self, failure: &Failure) {
        let Ok(Some(place)) = self.settings().map(|settings| settings.second_copy) else { return };
        let shown = place.display().to_string();
        // A register or vault that failed is told where it fails.
        if failure.params.get("path") != Some(&shown) {
            return;
        }
        let mut kept = Failure::new(failure.code).because(failure.chain());
        kept.params.clone_from(&failure.params);
        if self.note_place(Some(kept)) {
            self.alarm(AlarmKind::CopyUnreachable, &shown, &failure.chain());
        }
        self.tell(&[Topic::Copies]);
    }

    fn alarm(&self, kind: AlarmKind, subject: &str, detail: &str) {
        if let Err(failure) = self.raise_alarm(kind, subject, detail, "") {
            eprintln!("alarm {kind} {subject}: {}", failure.chain());
        }
    }

    fn copy_ledger(&self, place: &CopyPlace, work: &mut Work) -> Result<(), Failure> {
        if work.ledger.as_ref().is_none_or(|(id, _)| *id != place.id) {
            let theirs = place.path.join("ledger");
            work.ledger = Some((place.id.clone(), LedgerCopy::new(self.register.places(), &theirs)));
        }
        let Some((_, copy)) = &mut work.ledger else { return Ok(()) };
        match copy.bring_up() {
            Ok(()) => {
                work.ledger_differs = false;
                Ok(())
            }
            Err(error) => {
                work.ledger = None;
                let path = place.path.display();
                if let RegisterError::MirrorDiffers { .. } = &error {
                    if !std::mem::replace(&mut work.ledger_differs, true) {
                        self.alarm(AlarmKind::RegisterUnsound, &path.to_string(), &error.to_string());
                    }
                    // Left alone; the copies of the clips are good for all that.
                    return Ok(());
                }
                Err(Failure::from(error).with("path", path))
            }
        }
    }

    /// Makes a backup where a job or the day calls for one; what keeps it from being made raises an alarm.
    pub(crate) fn see_to_backups(&self, actor: &Actor) {
        let mut failed = self.second.backing();
        let backed = self.back_up_if(actor, Due::Usual, &|| !self.second.stops());
        self.note_backup(backed.map(drop), &mut failed);
    }

    fn note_backup(&self, backed: Result<(), Failure>, failed: &mut bool) {
        match backed {
            Ok(()) => *failed = false,
            Err(failure) if failure.code == ErrorCode::Cancelled => {}
            Err(failure) => {
                eprintln!("backup: {}", failure.chain());
                if !std::mem::replace(failed, true) {
                    let subject = failure.params.get("path").cloned().unwrap_or_default();
                    self.alarm(AlarmKind::BackupFailed, &subject, &failure.chain());
                }
            }
        }
    }

    /// 备份登记簿: makes a backup at once and returns it, and the one at the place for second copies where there is one.
    pub fn back_up(&self, actor: &Actor) -> Result<Vec<BackupRow>, Failure> {
        authorise(self, actor, Act::Check)?;
        self.back_up_now(actor, &|| !self.second.stops())
    }

    /// Makes a backup as a task.
    pub fn start_backup(self: &Arc<Self>, actor: &Actor) -> Result<TaskStatus, Failure> {
        authorise(self, actor, Act::Check)?;
        let actor = actor.clone();
        self.spawn_task(TaskKind::Backup, "", move |station, watch| {
            watch.tell(TaskStage::Copying, 0, 0);
            let go_on = || !watch.is_cancelled() && !station.second.stops();
            station.back_up_now(&actor, &go_on).map(|_| None)
        })
    }

    fn back_up_now(&self, actor: &Actor, go_on: &dyn Fn() -> bool) -> Result<Vec<BackupRow>, Failure> {
        let alone = self.second.backing();
        let made = self.back_up_if(actor, Due::Now, go_on)?;
        drop(alone);
        self.bring_ledger_up();
        Ok(made)
    }

    /// Brings the ledger's copy up, unless copies are being made: that does so too, at its end.
    pub(crate) fn bring_ledger_up(&self) {
        let Ok(mut work) = self.second.at_work.try_lock() else { return };
        // Where the place cannot be reached, that is told by whoever copies the clips.
        let Ok(Some(place)) = self.copy_place() else { return };
        if let Err(failure) = self.copy_ledger(&place, &mut work) {
            eprintln!("the ledger's copy: {}", failure.chain());
        }
    }

    /// Returns the newest backups first.
    pub fn backups(&self) -> Result<Vec<BackupStatus>, Failure> {
        // One that cannot be reached has its own line.
        let place = self.copy_place().unwrap_or_default();
        let rows = self.read(|view| view.backups(LISTED))?;
        let status = |row: BackupRow| {
            let folder = match (&place, row.place.as_str()) {
                (_, "") => Some(self.vault.join("backup")),
                (Some(place), id) if place.id == id => Some(place.path.join("register")),
                _ => None,
            };
            let path = folder.map(|folder| folder.join(&row.file));
            let present = path.as_ref().is_some_and(|path| path.is_file());
            BackupStatus { row, path, present }
        };
        Ok(rows.into_iter().map(status).collect())
    }

    /// Makes a backup where one is due, and sees to it that the place for second copies has the newest.
    fn back_up_if(&self, actor: &Actor, due: Due, go_on: &dyn Fn() -> bool) -> Result<Vec<BackupRow>, Failure> {
        let known = self.read(|view| view.backups(LISTED))?;
        let last = known.iter().find(|row| row.place.is_empty());
        let mut made = Vec::new();
        if self.is_due(due, last)? {
            made.push(self.back_up_here(go_on)?);
            self.write_backups(actor, &made)?;
        }
        let newest = made.first().or(last).cloned();
        // Where it cannot be reached, that is told by whoever copies the clips.
        if let (Some(newest), Ok(Some(place))) = (newest, self.copy_place()) {
            let has = |row: &BackupRow| row.place == place.id && row.file == newest.file;
            if !known.iter().any(has) && self.vault.join("backup").join(&newest.file).is_file() {
                let there = self.back_up_there(&newest, &place)?;
                self.write_backups(actor, std::slice::from_ref(&there))?;
                made.push(there);
            }
        }
        Ok(made)
    }

    fn is_due(&self, due: Due, last: Option<&BackupRow>) -> Result<bool, Failure> {
        let (events, at) = last.map_or((0, None), |last| (last.events, Some(last.at)));
        let a_day_ago = at.is_none_or(|at| self.now().timestamp_millis() - at.timestamp_millis() >= DAILY_MS);
        Ok(match due {
            Due::Now => true,
            Due::Closing => self.register.has_work_since(events)?,
            Due::Usual => {
                self.register.has_job_closed_since(events)?
                    || at.is_some() && a_day_ago && self.register.has_work_since(events)?
            }
        })
    }

    fn write_backups(&self, actor: &Actor, made: &[BackupRow]) -> Result<(), Failure> {
        let record = |row: &BackupRow| {
            let BackupRow { place, file, events, bytes, sha256, .. } = row.clone();
            RegisterBackedUp { place, file, events, bytes, sha256: sha256.to_string() }.into()
        };
        let changes = made.iter().map(record).collect();
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((changes, ())))?;
        self.tell(&[Topic::Copies]);
        Ok(())
    }

    /// Makes a backup in the vault: under another name until it was checked and synced.
    fn back_up_here(&self, go_on: &dyn Fn() -> bool) -> Result<BackupRow, Failure> {
        let folder = self.vault.join("backup");
        let unfinished = folder.join("unfinished");
        let failed = |error: io::Error| Failure::new(target_code(&error)).with("path", folder.display()).because(error);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(failed)?;
        }
        fixity::create_folders(&unfinished).map_err(failed)?;
        let staged = unfinished.join("register.sqlite");
        let at = self.now();
        let backed = self.register.back_up(&staged, go_on).map_err(|error| {
            let failure = Failure::from(error);
            failure.with("path", folder.display())
        })?;
        let Some(backed) = backed else { return Err(Failure::new(ErrorCode::Cancelled)) };
        let (_, digests) = File::open(&staged).and_then(fixity::digest).map_err(failed)?;
        let file = backup_name(at, backed.events);
        fixity::publish(&staged, &folder.join(&file)).map_err(failed)?;
        fs::remove_dir(&unfinished).map_err(failed)?;
        remove_oldest(&folder, &file).map_err(failed)?;
        let (events, bytes, sha256) = (backed.events, backed.bytes, digests.sha256);
        Ok(BackupRow { at, place: String::new(), file, events, bytes, sha256 })
    }

    /// Copies a backup to the place for second copies and reads it back.
    fn back_up_there(&self, ours: &BackupRow, place: &CopyPlace) -> Result<BackupRow, Failure> {
        let failed = |error: io::Error| at_place(place, error);
        let folder = place.path.join("register");
        let unfinished = folder.join("unfinished.sqlite");
        fixity::create_folders(&folder).map_err(failed)?;
        if unfinished.exists() {
            fs::remove_file(&unfinished).map_err(failed)?;
        }
        let source = File::open(self.vault.join("backup").join(&ours.file)).map_err(failed)?;
        let copied = fixity::copy_verified(source, &unfinished, &fixity::Unwatched)
            .map_err(|error| at_place(place, io::Error::other(error)))?;
        if (copied.size, copied.digests.sha256) != (ours.bytes, ours.sha256) {
            return Err(failed(io::Error::other("the backup in the vault is not what was made")));
        }
        let target = folder.join(&ours.file);
        if target.exists() {
            // Copied before a crash that the register did not live to hear of.
            fs::remove_file(&target).map_err(failed)?;
        }
        fixity::publish(&unfinished, &target).map_err(failed)?;
        remove_oldest(&folder, &ours.file).map_err(failed)?;
        Ok(BackupRow { at: self.now(), place: place.id.clone(), ..ours.clone() })
    }
}

/// Names a backup by its time and the number of its events: `register-20261121T100000Z-000000000123.sqlite`.
fn backup_name(at: Instant, events: u64) -> String {
    let time: String = model::format_instant(at).chars().filter(char::is_ascii_alphanumeric).collect();
    // Without the milliseconds.
    format!("register-{}Z-{events:012}.sqlite", &time[..time.len().min("20261121T100000".len())])
}

fn is_backup(name: &str) -> bool {
    let parts =
        name.strip_prefix("register-").and_then(|rest| rest.strip_suffix(".sqlite")).map(|rest| rest.split('-'));
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    parts.is_some_and(|mut parts| match (parts.next(), parts.next(), parts.next()) {
        (Some(time), Some(events), None) => {
            let dated = time.strip_suffix('Z').and_then(|time| time.split_once('T'));
            dated.is_some_and(|(day, time)| digits(day, 8) && digits(time, 6)) && digits(events, 12)
        }
        _ => false,
    })
}

/// Removes all but the newest backups in a folder, and nothing else that lies there.
fn remove_oldest(folder: &Path, made: &str) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && is_backup(&name) && name != made {
            names.push(name);
        }
    }
    names.sort();
    let surplus = (names.len() + 1).saturating_sub(KEPT);
    names[..surplus].iter().try_for_each(|name| fs::remove_file(folder.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backups_name_is_told_from_others() {
        let at = model::parse_instant("2026-11-21T10:00:00.250Z").expect("a time");
        let name = backup_name(at, 123);
        assert_eq!(name, "register-20261121T100000Z-000000000123.sqlite");
        let rows = [
            (&*name, true, "our own"),
            ("register.sqlite", false, "a register"),
            ("register-01KZZZZZZZZZZZZZZZZZZZZZZZ", false, "a folder that was set aside"),
            ("register-20261121T100000Z-000000000123.sqlite.bak", false, "somebody's copy"),
            ("register-20261121T100000Z-12.sqlite", false, "a short number"),
            ("register-2026112TT100000Z-000000000123.sqlite", false, "no time"),
        ];
        for (name, ours, what) in rows {
            assert_eq!(is_backup(name), ours, "{what}: {name}");
        }
    }
}
