//! The register: one SQLite database whose tables are a view of the ledger in it.
//!
//! Every write is a list of changes. Within one transaction each becomes a ledger event and is applied to the tables;
//! after the commit (`synchronous=FULL`) the events are appended to plain files beside the register. So the register
//! can be rebuilt from those files, and a register rolled back to an older copy is found out on opening.
//!
//! One writer at a time; readers see the last commit and never wait for it.

mod apply;
mod error;
mod mirror;
mod schema;
mod search;
mod tables;
mod view;

pub use error::RegisterError;
pub use search::{ClipFilter, ClipPage};
pub use tables::cases::CaseRow;
pub use tables::clips::ClipRow;
pub use tables::jobs::JobRow;
pub use tables::packages::{CheckRow, PackageRow};
pub use tables::sessions::{DraftRow, SessionRow};
pub use tables::statements::StatementRow;
pub use view::{EventRow, View};

use error::Doing;
use ledger::{Change, Event, leaf_hash, verify_chain};
use mirror::Mirror;
use model::{Actor, Digest, Instant, SessionId, format_instant};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events copied to the ledger files at a time when they lag behind.
const MIRROR_EVENTS: u32 = 1000;
/// Reading connections kept for reuse.
const READERS_KEPT: usize = 4;

/// Who writes, when, and why.
#[derive(Clone, Debug)]
pub struct Author {
    pub at: Instant,
    pub actor: Actor,
    /// Empty where none was asked.
    pub reason: String,
}

impl Author {
    /// Returns an author who was asked for no reason.
    pub fn new(at: Instant, actor: Actor) -> Self {
        Self { at, actor, reason: String::new() }
    }
}

/// Where a vault keeps register and ledger files.
#[derive(Clone, Debug)]
pub struct Places {
    /// Holds `register.sqlite` and `search.sqlite`.
    pub register: PathBuf,
    /// Holds `events-….jsonl`.
    pub ledger: PathBuf,
}

impl Places {
    /// Returns the usual places below a vault.
    pub fn below(vault: &Path) -> Self {
        Self { register: vault.join("register"), ledger: vault.join("ledger") }
    }

    fn database(&self) -> PathBuf {
        self.register.join("register.sqlite")
    }
}

/// The open register.
pub struct Register {
    places: Places,
    /// Dropped before the writer: the last connection to close folds the write-ahead log into the database.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Writer>,
}

struct Writer {
    db: Connection,
    mirror: Mirror,
    /// `None` while the derived index cannot be used: evidence goes on without it.
    index: Option<Connection>,
    head: (u64, Digest),
    /// Set by a disk error: what was written is not known until the register is opened again. Asked and set while the
    /// writer is held, so that nothing slips in behind a failed sync.
    poisoned: bool,
}

impl Register {
    /// Makes an empty register.
    pub fn create(places: &Places) -> Result<Self, RegisterError> {
        if places.database().exists() {
            return Err(RegisterError::Exists(places.register.clone()));
        }
        fs::create_dir_all(&places.register)
            .map_err(RegisterError::io("create the register folder", &places.register))?;
        Self::start(places)
    }

    /// Opens the register and brings ledger files and search index up to it.
    ///
    /// Refuses a register whose ledger files know events that it does not: it was rolled back or replaced.
    pub fn open(places: &Places) -> Result<Self, RegisterError> {
        if !places.database().exists() {
            return Err(RegisterError::Missing(places.register.clone()));
        }
        Self::start(places)
    }

    fn start(places: &Places) -> Result<Self, RegisterError> {
        let mut db = open_database(&places.database())?;
        let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).doing("check the file")?;
        if sound != "ok" {
            return Err(RegisterError::Damaged(sound));
        }
        schema::migrate(&mut db)?;
        let mirror = Mirror::open(&places.ledger)?;
        let head = View { db: &db }.ledger_head()?;
        check_mirror(places, &View { db: &db }, mirror.last_seq, head.0)?;
        let index = search::open_or_renew(&places.register, &View { db: &db })?;
        let mut writer = Writer { db, mirror, index: Some(index), head, poisoned: false };
        writer.bring_mirror_up()?;
        Ok(Self { places: places.clone(), readers: Mutex::default(), writer: Mutex::new(writer) })
    }

    /// Writes changes: `plan` looks at the register and says what changes; all of it happens, or nothing.
    ///
    /// Once this returns, changes and events survive a power cut. `plan` runs inside the transaction, so numbers that
    /// it asks for are its own.
    pub fn write<T, E: From<RegisterError>>(
        &self,
        author: &Author,
        plan: impl FnOnce(&View<'_>) -> Result<(Vec<Change>, T), E>,
    ) -> Result<T, E> {
        let mut writer = lock(&self.writer);
        if writer.poisoned {
            return Err(RegisterError::Poisoned.into());
        }
        let (changed, result) = writer.commit(author, plan).map_err(|failure| match failure {
            WriteFailure::Plan(error) => error,
            WriteFailure::Register(error) => {
                writer.poisoned |= error.is_disk();
                error.into()
            }
        })?;
        if changed {
            writer.index_changes();
        }
        Ok(result)
    }

    /// Keeps the draft of a statement. Not a ledger event: an unsigned text is no change of the record yet.
    ///
    /// Returns the new revision, or `None` when `revision` is not the one that is kept.
    pub fn save_draft(
        &self,
        session: &SessionId,
        revision: u32,
        body: &str,
        author: &Author,
    ) -> Result<Option<u32>, RegisterError> {
        let mut writer = lock(&self.writer);
        if writer.poisoned {
            return Err(RegisterError::Poisoned);
        }
        let saved = writer
            .db
            .execute(
                "INSERT INTO draft SELECT ?1, ?2 + 1, ?3, ?4, ?5
                     WHERE ?2 = coalesce((SELECT revision FROM draft WHERE session_id = ?1), 0)
                 ON CONFLICT (session_id) DO UPDATE SET revision = excluded.revision, body = excluded.body,
                     saved_at = excluded.saved_at, saved_by = excluded.saved_by",
                (session.as_str(), revision, body, format_instant(author.at), author.actor.display()),
            )
            .doing("keep a draft")
            .inspect_err(|error| writer.poisoned |= error.is_disk());
        Ok((saved? == 1).then_some(revision + 1))
    }

    /// Reads at the last commit.
    pub fn read<T, E: From<RegisterError>>(&self, ask: impl FnOnce(&View<'_>) -> Result<T, E>) -> Result<T, E> {
        let kept = lock(&self.readers).pop();
        let mut db = match kept {
            Some(db) => db,
            None => self.reader()?,
        };
        let answer = {
            // One transaction: all questions of a read see the same state.
            let tx = db.transaction().doing("begin reading")?;
            ask(&View { db: &tx })
        };
        let mut readers = lock(&self.readers);
        if readers.len() < READERS_KEPT {
            readers.push(db);
        }
        answer
    }

    fn reader(&self) -> Result<Connection, RegisterError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(self.places.database(), flags).doing("open for reading")?;
        db.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;").doing("configure reading")?;
        let index = self.places.register.join("search.sqlite");
        db.execute("ATTACH ?1 AS found", [index.to_string_lossy()]).doing("open the search index for reading")?;
        Ok(db)
    }

    /// Checks the whole ledger against itself, its files, and the tables that it must give.
    ///
    /// Returns findings as (place, what is wrong); none means that all three agree.
    pub fn audit(&self) -> Result<Vec<(&'static str, String)>, RegisterError> {
        let mut found = Vec::new();
        let replayed = open_in_memory()?;
        let lines = self.read(|view| -> Result<_, RegisterError> {
            Ok(view.event_bytes(0, u32::MAX)?.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>())
        })?;
        if let Err(error) = replay(&replayed, &lines) {
            found.push(("ledger", error.to_string()));
            return Ok(found);
        }
        if mirror::read_all(&self.places.ledger)? != lines {
            found.push(("mirror", "the ledger files hold other events than the register".into()));
        }
        if self.read(|view| layout(view.db))? != layout(&replayed)? {
            found.push(("register", "tables, indices or triggers are not as this program made them".into()));
        }
        let expected = dump(&replayed)?;
        let held = self.read(|view| dump(view.db))?;
        for ((table, expected), (_, held)) in expected.iter().zip(&held) {
            if expected != held {
                found.push(("register", format!("table {table} differs from what the ledger gives")));
            }
        }
        Ok(found)
    }

    /// Returns the files of the register, for messages.
    pub fn places(&self) -> &Places {
        &self.places
    }
}

enum WriteFailure<E> {
    Plan(E),
    Register(RegisterError),
}

impl Writer {
    fn commit<T, E>(
        &mut self,
        author: &Author,
        plan: impl FnOnce(&View<'_>) -> Result<(Vec<Change>, T), E>,
    ) -> Result<(bool, T), WriteFailure<E>> {
        let failed = WriteFailure::Register;
        let tx =
            self.db.transaction_with_behavior(TransactionBehavior::Immediate).doing("begin writing").map_err(failed)?;
        let (changes, result) = plan(&View { db: &tx }).map_err(WriteFailure::Plan)?;
        if changes.is_empty() {
            return Ok((false, result));
        }
        let mut head = self.head;
        for change in changes {
            let event = Event {
                seq: head.0 + 1,
                at: author.at,
                actor: author.actor.clone(),
                reason: author.reason.clone(),
                change,
                previous: head.1,
            };
            let bytes = event.bytes();
            // Read back before it is kept: what comes back otherwise would end the chain, or lie in it.
            if !Event::parse(&bytes).is_ok_and(|back| back == event) {
                return Err(failed(RegisterError::Unwritable { kind: event.change.kind() }));
            }
            let leaf = leaf_hash(&bytes);
            apply::apply(&tx, &event, &bytes, leaf).doing("apply a change").map_err(failed)?;
            head = (event.seq, leaf);
        }
        tx.commit().doing("commit").map_err(failed)?;
        self.head = head;
        self.bring_mirror_up().map_err(failed)?;
        Ok((true, result))
    }

    /// Brings the search index up to the last commit. Its failure is never the evidence's: the index is put aside and
    /// made anew at the next opening.
    fn index_changes(&mut self) {
        let Some(index) = &mut self.index else { return };
        if let Err(error) = search::catch_up(index, &View { db: &self.db }) {
            eprintln!("search index: {error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
            self.index = None;
        }
    }

    /// Appends to the ledger files what they do not hold yet: after a commit, and after a crash between the two.
    fn bring_mirror_up(&mut self) -> Result<(), RegisterError> {
        while self.mirror.last_seq < self.head.0 {
            let events = View { db: &self.db }.event_bytes(self.mirror.last_seq, MIRROR_EVENTS)?;
            self.mirror.append(&events)?;
        }
        Ok(())
    }
}

/// A register made from the ledger files alone, not yet in its place.
pub struct Rebuilt {
    file: PathBuf,
    places: Places,
    /// Events that were replayed.
    pub events: u64,
}

/// Replays the ledger files into a new register beside the old one. Nothing is touched when they cannot be replayed.
pub fn rebuild(places: &Places) -> Result<Rebuilt, RegisterError> {
    let folder = places.register.with_extension("rebuilding");
    if folder.exists() {
        // The remains of an earlier rebuilding hold nothing that the ledger files do not.
        fs::remove_dir_all(&folder).map_err(RegisterError::io("remove the unfinished register", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(RegisterError::io("create the folder", &folder))?;
    let file = folder.join("register.sqlite");
    let lines = mirror::read_all(&places.ledger)?;
    let mut db = open_database(&file)?;
    schema::migrate(&mut db)?;
    let events = replay(&db, &lines)?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
        .doing("finish the new register")?;
    db.close().map_err(|(_, source)| RegisterError::Sqlite { doing: "close the new register", source })?;
    Ok(Rebuilt { file, places: places.clone(), events })
}

impl Rebuilt {
    /// Puts the new register in its place, which must be empty: the old one was put aside. Drafts, which no ledger
    /// file holds, are taken over from the old one as far as it can be read; returns how many, or why not.
    pub fn install(self, old: Option<&Path>) -> Result<Result<usize, String>, RegisterError> {
        let database = self.places.database();
        if database.exists() {
            return Err(RegisterError::Exists(self.places.register.clone()));
        }
        let drafts = old.map_or(Ok(0), |old| self.copy_drafts(old).map_err(|error| error.to_string()));
        let register = &self.places.register;
        fs::create_dir_all(register).map_err(RegisterError::io("create the register folder", register))?;
        fs::rename(&self.file, &database).map_err(RegisterError::io("put the new register in place", &database))?;
        if let Some(folder) = self.file.parent() {
            fs::remove_dir_all(folder).map_err(RegisterError::io("remove the folder", folder))?;
        }
        Ok(drafts)
    }

    fn copy_drafts(&self, old: &Path) -> rusqlite::Result<usize> {
        let db = Connection::open(&self.file)?;
        db.execute("ATTACH ?1 AS old", [old.join("register.sqlite").to_string_lossy()])?;
        let copied = db.execute("INSERT OR IGNORE INTO main.draft SELECT * FROM old.draft", []);
        db.execute_batch("DETACH old")?;
        copied
    }
}

fn replay(db: &Connection, lines: &[Vec<u8>]) -> Result<u64, RegisterError> {
    db.execute_batch("BEGIN IMMEDIATE").doing("begin replaying")?;
    let mut failure = None;
    let end = verify_chain(lines, |event, bytes, leaf| {
        if failure.is_none() {
            failure = apply::apply(db, event, bytes, leaf).err();
        }
    });
    match (end, failure) {
        (Err(broken), _) => Err(RegisterError::LedgerBroken { seq: broken.seq, why: broken.why }),
        (_, Some(source)) => Err(RegisterError::Sqlite { doing: "replay the ledger", source }),
        (Ok((events, _)), None) => db.execute_batch("COMMIT").doing("commit the replayed ledger").map(|()| events),
    }
}

/// Returns the definition of every table, index and trigger.
fn layout(db: &Connection) -> Result<Vec<String>, RegisterError> {
    View { db }.rows(
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM main.sqlite_master
         WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
        [],
        |row| row.get(0),
        "read the layout",
    )
}

/// Returns every projected table as text, row by row.
fn dump(db: &Connection) -> Result<Vec<(&'static str, Vec<String>)>, RegisterError> {
    tables::PROJECTED
        .iter()
        .map(|(table, order)| {
            let rows = View { db }.rows(
                &format!("SELECT * FROM {table} ORDER BY {order}"),
                [],
                |row| {
                    let columns = row.as_ref().column_count();
                    let values: Result<Vec<rusqlite::types::Value>, _> = (0..columns).map(|i| row.get(i)).collect();
                    Ok(format!("{:?}", values?))
                },
                "compare tables",
            )?;
            Ok((*table, rows))
        })
        .collect()
}

fn check_mirror(places: &Places, view: &View<'_>, mirrored: u64, held: u64) -> Result<(), RegisterError> {
    let differs = |why: String| RegisterError::MirrorDiffers { path: places.ledger.clone(), why };
    if mirrored > held {
        return Err(differs(format!("it knows {mirrored} events, the register {held}: the register was rolled back")));
    }
    let Some(last) = mirror::read_last(&places.ledger)? else { return Ok(()) };
    let same = view.event_bytes(mirrored - 1, 1)?.first().is_some_and(|(_, bytes)| *bytes == last);
    if same { Ok(()) } else { Err(differs(format!("event {mirrored} is another one"))) }
}

fn open_database(path: &Path) -> Result<Connection, RegisterError> {
    let db = Connection::open(path).doing("open the file")?;
    schema::configure(&db)?;
    Ok(db)
}

fn open_in_memory() -> Result<Connection, RegisterError> {
    let mut db = Connection::open_in_memory().doing("open a register in memory")?;
    schema::configure(&db)?;
    schema::migrate(&mut db)?;
    Ok(db)
}

/// A panic while holding the lock leaves a rolled-back transaction behind, which is a sound state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
