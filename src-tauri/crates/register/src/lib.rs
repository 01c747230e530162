//! The register: one SQLite database whose tables are a view of the ledger in it.
//!
//! Every write is a list of changes. Within one transaction each becomes a ledger event and is applied to the tables;
//! after the commit (`synchronous=FULL`) the events are appended to plain files beside the register. So the register
//! can be rebuilt from those files, and a register rolled back to an older copy is found out on opening.
//!
//! One writer at a time; readers see the last commit and never wait for it.

mod apply;
mod audit;
mod backup;
mod drafts;
mod error;
mod mirror;
mod readers;
mod rebuild;
mod schema;
mod search;
mod tables;
mod view;

pub use backup::BackedUp;
pub use error::RegisterError;
pub use mirror::LedgerCopy;
pub use rebuild::{Rebuilt, rebuild, restore};
pub use search::{ClipFilter, ClipPage};
pub use tables::alarms::{Acknowledged, AlarmRow};
pub use tables::answers::{AnswerRow, MarkRow};
pub use tables::backups::BackupRow;
pub use tables::calendars::CalendarRow;
pub use tables::cases::CaseRow;
pub use tables::checklists::{ChecklistRow, ChecklistVersion};
pub use tables::checkouts::{CheckoutRow, Returned};
pub use tables::clips::ClipRow;
pub use tables::clocks::ClockRow;
pub use tables::conclusions::{ConclusionRow, OpenCase};
pub use tables::copies::CopyRow;
pub use tables::exports::{DeliveryRow, ExportRow};
pub use tables::jobs::JobRow;
pub use tables::late::LateReason;
pub use tables::packages::{CheckRow, PackageRow};
pub use tables::papers::{PaperDraftRow, PaperFilter, PaperRow, Voided};
pub use tables::people::NamedPerson;
pub use tables::recorders::RecorderRow;
pub use tables::rules::{AdoptionRow, RuleTextRow};
pub use tables::scrub::ScrubRow;
pub use tables::services::{FaultRow, ServiceRow};
pub use tables::sessions::{DraftRow, SessionRow};
pub use tables::statements::StatementRow;
pub use tables::trips::{TripRecorder, TripReturn, TripRow, Withdrawn};
pub use view::{EventRow, View};

use error::Doing;
use ledger::{Change, ClockStepped, Event, leaf_hash};
use mirror::Mirror;
use model::{Actor, Digest, Instant, SessionId, format_instant};
use readers::Readers;
use rusqlite::{Connection, TransactionBehavior};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events copied to the ledger files at a time when they lag behind.
const MIRROR_EVENTS: u32 = 1000;
/// A clock that goes back by more is noted. In milliseconds.
const CLOCK_STEP_MS: i64 = 2000;
/// Length of a write-ahead log that holds nothing but its header.
const LOG_HEADER_BYTES: u64 = 32;

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
    readers: Readers,
    writer: Mutex<Writer>,
}

struct Writer {
    db: Connection,
    mirror: Mirror,
    /// `None` while the derived index cannot be used: evidence goes on without it.
    index: Option<Connection>,
    head: (u64, Digest),
    /// Time of the newest event.
    last_at: Option<Instant>,
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
        let writer = Writer::open(places, None)?;
        Ok(Self { places: places.clone(), readers: Readers::default(), writer: Mutex::new(writer) })
    }

    /// Tells whether a disk error has closed the register for writing.
    pub fn is_poisoned(&self) -> bool {
        lock(&self.writer).poisoned
    }

    /// Opens the register again after a disk error; once this returns, writing goes on.
    ///
    /// Closes every connection, reads again what is really there, and checks it as opening does. What was being written
    /// when the disk failed may be there or not, whole: whoever wrote it asks. While the register cannot be opened it
    /// stays closed for writing, and so it does while a reading under way does not end.
    pub fn recover(&self) -> Result<(), RegisterError> {
        let mut writer = lock(&self.writer);
        writer.poisoned = true;
        let called_in = self.readers.call_in().ok_or(RegisterError::Poisoned)?;
        // The closing of a connection whose disk failed says nothing new; the opening tells what is there.
        drop(std::mem::replace(&mut writer.db, Connection::open_in_memory().doing("let go of the register")?));
        writer.index = None;
        let mut opened = Writer::open(&self.places, Some(writer.mirror.last_seq))?;
        opened.fold_log()?;
        *writer = opened;
        drop(called_in);
        Ok(())
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
        let mut db = self.readers.lend(&self.places)?;
        // One transaction: all questions of a read see the same state.
        let tx = db.transaction().doing("begin reading")?;
        ask(&View { db: &tx })
    }

    /// Checks the whole ledger against itself, its files, and the tables that it must give.
    ///
    /// Returns findings as (place, what is wrong); none means that all three agree.
    pub fn audit(&self) -> Result<Vec<(&'static str, String)>, RegisterError> {
        self.read(|view| audit::audit(view.db, Some(&self.places.ledger)))
    }

    /// Returns every table that the ledger gives as text, row by row: two registers hold the same when these agree.
    pub fn content(&self) -> Result<Vec<(&'static str, Vec<String>)>, RegisterError> {
        self.read(|view| audit::dump(view.db))
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
    /// Opens the register for writing and checks it. `durable`: the last event of the ledger files that is known to be
    /// on disk, where a disk error left that open for what follows.
    fn open(places: &Places, durable: Option<u64>) -> Result<Self, RegisterError> {
        let crashed = refuse_journal(&places.database())?;
        let mut db = open_database(&places.database())?;
        // A log that was left is replayed by now, whosever it was: then all of it is looked at.
        let how = if crashed { "PRAGMA integrity_check(1)" } else { "PRAGMA quick_check(1)" };
        let sound: String = db.query_row(how, [], |row| row.get(0)).doing("check the file")?;
        if sound != "ok" {
            return Err(RegisterError::Damaged(sound));
        }
        schema::migrate(&mut db)?;
        let mirror = Mirror::open(&places.ledger, durable)?;
        let head = View { db: &db }.ledger_head()?;
        check_mirror(places, &View { db: &db }, mirror.last_seq, head.0)?;
        if crashed {
            mirror::compare(&places.ledger, &View { db: &db })?;
        }
        let index = search::open_or_renew(&places.register, &View { db: &db })?;
        let last_at = View { db: &db }.last_event_at()?;
        let mut writer = Self { db, mirror, index: Some(index), head, last_at, poisoned: false };
        writer.bring_mirror_up()?;
        Ok(writer)
    }

    /// Writes what the write-ahead log holds into the database, from memory to disk once more: after a failed sync the
    /// log's pages may be known to the system and to no disk.
    fn fold_log(&mut self) -> Result<(), RegisterError> {
        let busy: bool =
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).doing("fold the log")?;
        if busy { Err(RegisterError::Poisoned) } else { Ok(()) }
    }

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
        for change in stepped(self.last_at, author.at).into_iter().chain(changes) {
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
        self.last_at = Some(author.at);
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

/// Returns what is to be said when the station's clock went back since the last event; threads that ask for the time
/// one after the other may write the other way round.
fn stepped(before: Option<Instant>, now: Instant) -> Option<Change> {
    let before = before.filter(|before| before.timestamp_millis() - now.timestamp_millis() > CLOCK_STEP_MS)?;
    Some(ClockStepped { before: format_instant(before), now: format_instant(now) }.into())
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

/// Refuses a rollback journal, which this register never has; tells whether a write-ahead log was left behind.
fn refuse_journal(database: &Path) -> Result<bool, RegisterError> {
    match stray_log(database) {
        Some(log) if log.extension().is_some_and(|kind| kind == "sqlite-journal") => {
            Err(RegisterError::Damaged(format!("{} is not of this register", log.display())))
        }
        found => Ok(found.is_some_and(|log| fs::metadata(log).is_ok_and(|facts| facts.len() > LOG_HEADER_BYTES))),
    }
}

/// Returns a log or journal that lies beside a database, or in the place of one.
fn stray_log(database: &Path) -> Option<PathBuf> {
    let beside = ["-journal", "-wal", "-shm"].map(|kind| {
        let mut name = database.as_os_str().to_owned();
        name.push(kind);
        PathBuf::from(name)
    });
    beside.into_iter().find(|path| path.symlink_metadata().is_ok())
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
