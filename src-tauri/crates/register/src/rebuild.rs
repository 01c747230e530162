//! A register that takes the place of a lost or damaged one: replayed from the ledger files alone, or a backup brought
//! up to them. It is made beside the present one, which is touched only when the new one is whole.

use crate::error::{Doing, RegisterError};
use crate::view::View;
use crate::{Places, apply, audit, backup, mirror, open_database, schema, stray_log};
use ledger::verify_chain;
use rusqlite::Connection;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Takes drafts over from another register; of two of the same session the later revision stays.
const TAKE_DRAFTS: &str = "
INSERT INTO main.draft SELECT * FROM old.draft WHERE true
    ON CONFLICT (session_id) DO UPDATE SET revision = excluded.revision, body = excluded.body,
        saved_at = excluded.saved_at, saved_by = excluded.saved_by
    WHERE excluded.revision > revision";
/// The same of drafts of papers.
const TAKE_PAPER_DRAFTS: &str = "
INSERT INTO main.paper_draft SELECT * FROM old.paper_draft WHERE true
    ON CONFLICT (kind, subject_kind, subject) DO UPDATE SET revision = excluded.revision, body = excluded.body,
        saved_at = excluded.saved_at, saved_by = excluded.saved_by
    WHERE excluded.revision > revision";

/// A register made anew, not yet in its place.
pub struct Rebuilt {
    file: PathBuf,
    places: Places,
    /// Events that it holds.
    pub events: u64,
    /// Events among them that came from the ledger files.
    pub replayed: u64,
}

/// Replays the ledger files into a new register beside the old one. Nothing is touched when they cannot be replayed.
pub fn rebuild(places: &Places) -> Result<Rebuilt, RegisterError> {
    let file = unfinished(places)?;
    let lines = mirror::read_all(&places.ledger)?;
    let mut db = open_database(&file)?;
    schema::migrate(&mut db)?;
    let events = replay(&db, &lines)?;
    finish(db)?;
    Ok(Rebuilt { file, places: places.clone(), events, replayed: events })
}

/// Brings a backup of the register up to the ledger files, beside the present register. Neither is touched.
///
/// Refuses with [`RegisterError::Unfit`] a backup that is not whole, not of the vault with this id, or of a later
/// program, and with [`RegisterError::MirrorDiffers`] one whose events the ledger files contradict: then only
/// [`rebuild`] is left. Refuses a register folder in which a log lies without its database.
pub fn restore(places: &Places, from: &Path, vault: &str) -> Result<Rebuilt, RegisterError> {
    if !places.database().exists()
        && let Some(log) = stray_log(&places.database())
    {
        return Err(RegisterError::Damaged(format!("{} lies there without its database", log.display())));
    }
    backup::refuse_beside(from)?;
    let file = unfinished(places)?;
    fs::copy(from, &file).map_err(RegisterError::io("copy the backup", from))?;
    // The copy is looked at, not the file it was made from: it is what will be used.
    backup::examine(&file, vault).map_err(|error| error.naming(from))?;
    let mut db = open_database(&file)?;
    schema::migrate(&mut db).map_err(|error| match error {
        RegisterError::Newer { .. } | RegisterError::ForeignMigration(_) => {
            RegisterError::Unfit { path: from.to_owned(), why: error.to_string() }
        }
        other => other,
    })?;
    let (events, replayed) = catch_up(&db, places, from)?;
    finish(db)?;
    Ok(Rebuilt { file, places: places.clone(), events, replayed })
}

/// Applies the events of the ledger files that the backup does not hold; returns how many there are then, and how many
/// were applied. A backup ahead of the ledger files is no contradiction: they are written after the register.
fn catch_up(db: &Connection, places: &Places, from: &Path) -> Result<(u64, u64), RegisterError> {
    if let Some((_, what)) = audit::audit(db, None)?.pop() {
        return Err(RegisterError::Unfit { path: from.to_owned(), why: what });
    }
    let held: Vec<Vec<u8>> = View { db }.event_bytes(0, u32::MAX)?.into_iter().map(|(_, bytes)| bytes).collect();
    let lines = mirror::read_all(&places.ledger)?;
    if let Some(seq) = held.iter().zip(&lines).position(|(held, line)| held != line) {
        let why = format!("event {} is another one in the backup {}", seq + 1, from.display());
        return Err(RegisterError::MirrorDiffers { path: places.ledger.clone(), why });
    }
    let newer = lines.get(held.len()..).unwrap_or_default();
    let events = apply_chain(db, &held, newer)?;
    Ok((events, newer.len() as u64))
}

/// Replays all events into an empty register and returns how many there are.
pub(crate) fn replay(db: &Connection, lines: &[Vec<u8>]) -> Result<u64, RegisterError> {
    apply_chain(db, &[], lines)
}

/// Checks the chain over events that a register holds and newer ones, and applies the newer ones: all, or none.
fn apply_chain(db: &Connection, held: &[Vec<u8>], newer: &[Vec<u8>]) -> Result<u64, RegisterError> {
    db.execute_batch("BEGIN IMMEDIATE").doing("begin replaying")?;
    let mut failure = None;
    let end = verify_chain(held.iter().chain(newer), |event, bytes, leaf| {
        if failure.is_none() && event.seq > held.len() as u64 {
            failure = apply::apply(db, event, bytes, leaf).err();
        }
    });
    let applied = match (end, failure) {
        (Err(broken), _) => Err(RegisterError::LedgerBroken { seq: broken.seq, why: broken.why }),
        (_, Some(source)) => Err(RegisterError::Sqlite { doing: "replay the ledger", source }),
        (Ok((events, _)), None) => Ok(events),
    };
    match applied {
        Ok(events) => db.execute_batch("COMMIT").doing("commit the replayed ledger").map(|()| events),
        Err(error) => {
            db.execute_batch("ROLLBACK").doing("take back the replayed ledger")?;
            Err(error)
        }
    }
}

/// Returns the path of a new register in an empty folder of its own, beside the present one.
fn unfinished(places: &Places) -> Result<PathBuf, RegisterError> {
    let folder = places.register.with_extension("rebuilding");
    if folder.exists() {
        // The remains of an earlier attempt hold nothing that the ledger files and backups do not.
        fs::remove_dir_all(&folder).map_err(RegisterError::io("remove the unfinished register", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(RegisterError::io("create the folder", &folder))?;
    Ok(folder.join("register.sqlite"))
}

/// Makes one whole file of a new register.
fn finish(db: Connection) -> Result<(), RegisterError> {
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
        .doing("finish the new register")?;
    db.close().map_err(|(_, source)| RegisterError::Sqlite { doing: "close the new register", source })
}

impl Rebuilt {
    /// Puts the new register in its place, which must be empty: the old one was put aside. Drafts, which no ledger
    /// file holds, are taken over from the old one as far as it can be read; returns how many, or why not.
    ///
    /// Content and name survive a power cut once this returns.
    pub fn install(self, old: Option<&Path>) -> Result<Result<usize, String>, RegisterError> {
        let database = self.places.database();
        if database.exists() {
            return Err(RegisterError::Exists(self.places.register.clone()));
        }
        if let Some(log) = stray_log(&database) {
            return Err(RegisterError::Damaged(format!("{} lies there without its database", log.display())));
        }
        let drafts = old.map_or(Ok(0), |old| self.take_drafts(old).map_err(|error| error.to_string()));
        File::open(&self.file)
            .and_then(|file| file.sync_all())
            .map_err(RegisterError::io("sync the new register", &self.file))?;
        let register = &self.places.register;
        fs::create_dir_all(register).map_err(RegisterError::io("create the register folder", register))?;
        fs::rename(&self.file, &database).map_err(RegisterError::io("put the new register in place", &database))?;
        for folder in [Some(&**register), register.parent()].into_iter().flatten() {
            mirror::sync_folder(folder)?;
        }
        if let Some(folder) = self.file.parent() {
            fs::remove_dir_all(folder).map_err(RegisterError::io("remove the folder", folder))?;
        }
        Ok(drafts)
    }

    fn take_drafts(&self, old: &Path) -> rusqlite::Result<usize> {
        let old = old.join("register.sqlite");
        if !old.exists() {
            return Ok(0);
        }
        let db = Connection::open(&self.file)?;
        db.execute("ATTACH ?1 AS old", [old.to_string_lossy()])?;
        let taken = take_all(&db);
        db.execute_batch("DETACH old")?;
        taken
    }
}

fn take_all(db: &Connection) -> rusqlite::Result<usize> {
    let taken = db.execute(TAKE_DRAFTS, [])?;
    // A register of an earlier layout has none of these.
    let has_papers = "SELECT EXISTS (SELECT 1 FROM old.sqlite_master WHERE name = 'paper_draft')";
    let papers = db.query_row(has_papers, [], |row| row.get::<_, bool>(0))?;
    Ok(taken + if papers { db.execute(TAKE_PAPER_DRAFTS, [])? } else { 0 })
}
