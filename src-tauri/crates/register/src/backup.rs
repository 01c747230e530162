//! Backups of the register: made page by page beside the running work, and looked at whole before they are used.

use crate::error::{Doing, RegisterError};
use crate::view::View;
use crate::{Register, readers, stray_log};
use ledger::{Change, Event};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Pages copied at a time; other work on the disk goes between.
const STEP_PAGES: i32 = 512;
/// Pause between two steps.
const STEP_PAUSE: Duration = Duration::from_millis(1);

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackedUp {
    pub events: u64,
    pub bytes: u64,
}

impl Register {
    /// Copies the register as it is at the last commit into a new file, checks the copy, and syncs it.
    ///
    /// Writers go on meanwhile and are not waited for: the copy is of one moment, held by a read transaction. One file,
    /// without a log beside it. `None`: `go_on` said no; the unfinished file remains.
    pub fn back_up(&self, file: &Path, go_on: &dyn Fn() -> bool) -> Result<Option<BackedUp>, RegisterError> {
        let mut source = readers::open(self.places())?;
        let held = source.transaction().doing("begin the backup")?;
        let events = View { db: &held }.ledger_head()?.0;
        let mut copy = Connection::open(file).doing("create the backup")?;
        if !run(&held, &mut copy, go_on)? {
            return Ok(None);
        }
        copy.execute_batch("PRAGMA journal_mode = DELETE;").doing("finish the backup")?;
        copy.close().map_err(|(_, source)| RegisterError::Sqlite { doing: "close the backup", source })?;
        let copy = open_alone(file)?;
        let head = View { db: &copy }.ledger_head()?.0;
        check(&copy, "quick_check", file)?;
        if head != events {
            let why = format!("it holds {head} events of {events}");
            return Err(RegisterError::Unfit { path: file.to_owned(), why });
        }
        drop(copy);
        let synced = File::open(file).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
        let bytes = synced.map_err(RegisterError::io("sync the backup", file))?.len();
        Ok(Some(BackedUp { events, bytes }))
    }

    /// Tells whether events of other kinds than backups were written behind `seq`.
    pub fn has_work_since(&self, seq: u64) -> Result<bool, RegisterError> {
        self.read(|view| asks(view, "kind <> 'register.backed_up'", seq))
    }

    /// Tells whether a job was closed behind event `seq`.
    pub fn has_job_closed_since(&self, seq: u64) -> Result<bool, RegisterError> {
        self.read(|view| asks(view, "kind = 'job.closed'", seq))
    }
}

/// Looks for an event behind `seq`, from there on: the events before are not touched.
fn asks(view: &View<'_>, condition: &str, seq: u64) -> Result<bool, RegisterError> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM event WHERE seq > ?1 AND {condition})");
    view.db.query_row(&sql, [seq], |row| row.get(0)).doing("look for newer events")
}

fn run(source: &Connection, copy: &mut Connection, go_on: &dyn Fn() -> bool) -> Result<bool, RegisterError> {
    let backup = Backup::new(source, copy).doing("begin the backup")?;
    while go_on() {
        match backup.step(STEP_PAGES).doing("back up")? {
            StepResult::Done => return Ok(true),
            // Busy or locked: another step comes later.
            _ => thread::sleep(STEP_PAUSE),
        }
    }
    Ok(false)
}

/// Refuses a backup with a log or journal beside it: SQLite would replay it, whosever it is.
pub(crate) fn refuse_beside(backup: &Path) -> Result<(), RegisterError> {
    let unfit = |why: String| RegisterError::Unfit { path: backup.to_owned(), why };
    match stray_log(backup) {
        Some(log) => Err(unfit(format!("{} lies beside it", log.display()))),
        None if !backup.is_file() => Err(unfit("it is no file".into())),
        None => Ok(()),
    }
}

/// Checks that a file is a whole register of the vault with this id.
pub(crate) fn examine(file: &Path, vault: &str) -> Result<(), RegisterError> {
    let unfit = |why: String| RegisterError::Unfit { path: file.to_owned(), why };
    let db = open_alone(file)?;
    check(&db, "integrity_check", file)?;
    match vault_of(&db).map_err(|error| unfit(error.to_string()))? {
        Some(id) if id == vault => Ok(()),
        Some(id) => Err(unfit(format!("it is of the vault {id}"))),
        None => Err(unfit("it names no vault".into())),
    }
}

/// Returns the id of the vault that a register was last named for.
fn vault_of(db: &Connection) -> Result<Option<String>, RegisterError> {
    let named: Option<Vec<u8>> = db
        .query_row("SELECT bytes FROM event WHERE kind = 'unit.named' ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
        .optional()
        .doing("ask for the vault")?;
    Ok(named.and_then(|bytes| match Event::parse(&bytes).ok()?.change {
        Change::UnitNamed(unit) => Some(unit.vault),
        _ => None,
    }))
}

/// Opens a file that nobody writes, without looking for a log beside it or making one.
fn open_alone(file: &Path) -> Result<Connection, RegisterError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let name: String = file.to_string_lossy().bytes().map(escaped).collect();
    let db = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags).doing("open the backup")?;
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;").doing("configure the backup")?;
    Ok(db)
}

/// Writes one byte of a path as a URI has it.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

fn check(db: &Connection, how: &str, file: &Path) -> Result<(), RegisterError> {
    let said = db.query_row(&format!("PRAGMA {how}(1)"), [], |row| row.get::<_, String>(0));
    let why = match said {
        Ok(said) if said == "ok" => return Ok(()),
        Ok(said) => said,
        // Not a database, or malformed: as unfit as one that says so itself.
        Err(error) => error.to_string(),
    };
    Err(RegisterError::Unfit { path: file.to_owned(), why })
}
