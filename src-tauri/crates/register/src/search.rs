//! 证据库's search: finds words of one character or more, Chinese or not.
//!
//! SQLite's trigram index cannot see one- and two-character words, which most Chinese names are. So every text is cut
//! into single characters and neighbouring pairs; runs of letters and digits into all their endings, so that a prefix
//! query finds any part of them. The index only narrows down: each hit is confirmed in the text itself.
//!
//! The index is derived data in a file of its own. It is written after the evidence transaction, catches up from the
//! ledger on opening, and may be deleted at any time.

use crate::error::{Doing, RegisterError};
use crate::tables::clips::{self, ClipRow};
use crate::view::View;
use model::{CaseId, Instant, SessionId, format_instant};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;

/// Words of a query that are looked at.
const WORDS_MAX: usize = 8;
/// Characters of a token of letters and digits: a long run must not index all of its endings whole.
const LATIN_CHARS_MAX: usize = 24;
/// Rows of a page.
const PAGE_ROWS_MAX: u32 = 500;
/// Events read at a time when catching up.
const CATCH_UP_EVENTS: u32 = 500;

const DDL: &str = "
CREATE TABLE IF NOT EXISTS doc (n INTEGER PRIMARY KEY, clip_id TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS doc_index
    USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE TABLE IF NOT EXISTS mark (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO mark VALUES (1, 0);
";

/// Filters of 证据库; `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct ClipFilter {
    pub text: String,
    pub recorder: Option<String>,
    pub case: Option<CaseId>,
    pub session: Option<SessionId>,
    /// `verified` or `mismatch`.
    pub state: Option<String>,
    pub recorded_from: Option<Instant>,
    pub recorded_before: Option<Instant>,
}

/// One page of clips, the newest intake first.
#[derive(Clone, Debug)]
pub struct ClipPage {
    pub rows: Vec<ClipRow>,
    /// All rows that match.
    pub total: u64,
    /// Whether rows follow.
    pub more: bool,
}

/// Opens the index and brings it up to the register. One that cannot be used is thrown away and made anew.
pub(crate) fn open_or_renew(register: &Path, view: &View<'_>) -> Result<Connection, RegisterError> {
    let path = register.join("search.sqlite");
    open(&path, view).or_else(|error| {
        eprintln!("search index: {error}; it is made anew");
        for name in ["search.sqlite", "search.sqlite-wal", "search.sqlite-shm"] {
            let file = register.join(name);
            if file.exists() {
                std::fs::remove_file(&file).map_err(RegisterError::io("remove the search index", &file))?;
            }
        }
        open(&path, view)
    })
}

fn open(path: &Path, view: &View<'_>) -> Result<Connection, RegisterError> {
    let mut db = Connection::open(path).doing("open the search index")?;
    // Losing the last moments of the index costs nothing: it catches up.
    db.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        .doing("configure the search index")?;
    db.execute_batch(DDL).doing("prepare the search index")?;
    catch_up(&mut db, view)?;
    Ok(db)
}

/// Indexes everything that changed behind the index's mark.
pub(crate) fn catch_up(index: &mut Connection, view: &View<'_>) -> Result<(), RegisterError> {
    loop {
        let mark: u64 = index.query_row("SELECT seq FROM mark", [], |row| row.get(0)).doing("read the index's mark")?;
        let events = view.event_bytes(mark, CATCH_UP_EVENTS)?;
        let Some((last, _)) = events.last() else { return Ok(()) };
        let tx = index.transaction().doing("begin indexing")?;
        for clip in touched_clips(view, mark, *last)? {
            index_clip(&tx, view, &clip)?;
        }
        tx.execute("UPDATE mark SET seq = ?1", [last]).doing("move the index's mark")?;
        tx.commit().doing("commit the index")?;
    }
}

/// Returns the clips whose text an event of this range may have changed: named themselves, or through their session
/// or case.
fn touched_clips(view: &View<'_>, after: u64, last: u64) -> Result<Vec<String>, RegisterError> {
    view.rows(
        "WITH touched AS (SELECT DISTINCT subject FROM event_subject WHERE seq > ?1 AND seq <= ?2)
         SELECT id FROM clip WHERE id IN touched
         UNION SELECT k.id FROM clip k WHERE k.session_id IN touched
         UNION SELECT k.id FROM clip k JOIN session s ON s.id = k.session_id WHERE s.case_id IN touched",
        (after, last),
        |row| row.get(0),
        "find what changed since the last indexing",
    )
}

fn index_clip(index: &Connection, view: &View<'_>, clip: &str) -> Result<(), RegisterError> {
    let text = normal(&clip_text(view, clip)?);
    let known: Option<i64> = index
        .query_row("SELECT n FROM doc WHERE clip_id = ?1", [clip], |row| row.get(0))
        .optional()
        .doing("look up an indexed clip")?;
    if let Some(n) = known {
        index.execute("DELETE FROM doc_index WHERE rowid = ?1", [n]).doing("replace an indexed clip")?;
    }
    index
        .execute(
            "INSERT INTO doc (n, clip_id, text) VALUES (?1, ?2, ?3)
             ON CONFLICT (clip_id) DO UPDATE SET text = excluded.text",
            params![known, clip, text],
        )
        .doing("keep a clip's text")?;
    index
        .execute(
            "INSERT INTO doc_index (rowid, tokens) SELECT n, ?2 FROM doc WHERE clip_id = ?1",
            params![clip, document_tokens(&text)],
        )
        .doing("index a clip")
        .map(drop)
}

/// Returns everything by which people look for a clip.
fn clip_text(view: &View<'_>, clip: &str) -> Result<String, RegisterError> {
    let parts: Vec<String> = view.rows(
        "SELECT k.number || ' ' || k.original_name || ' ' || k.recorder || ' ' ||
             coalesce(c.number || ' ' || c.cause || ' ' || c.party || ' ' || c.department, '') || ' ' ||
             coalesce((SELECT group_concat(t.number || ' ' || (SELECT group_concat(v.atom, ' ')
                 FROM json_tree(t.fields) v WHERE v.atom IS NOT NULL), ' ')
                 FROM statement t WHERE t.session_id = k.session_id), '') || ' ' ||
             coalesce((SELECT group_concat(g.path || ' ' || g.volume, ' ') FROM sighting g WHERE g.clip_id = k.id), '')
         FROM clip k LEFT JOIN session s ON s.id = k.session_id LEFT JOIN \"case\" c ON c.id = s.case_id
         WHERE k.id = ?1",
        [clip],
        |row| row.get(0),
        "gather a clip's text",
    )?;
    Ok(parts.concat())
}

/// Folds case, and the full-width forms that an input method types.
fn normal(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        0x3000 => ' ',
        _ => c,
    };
    text.chars().map(narrow).collect::<String>().to_lowercase()
}

/// A run of letters and digits, or of other characters that carry meaning.
enum Run<'a> {
    Latin(&'a str),
    Other(Vec<char>),
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let latin = first.is_ascii_alphanumeric();
        let end = rest
            .find(|c: char| if latin { !c.is_ascii_alphanumeric() } else { c.is_ascii() || c.is_whitespace() })
            .unwrap_or(rest.len());
        if end == 0 {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(end);
        found.push(if latin { Run::Latin(run) } else { Run::Other(run.chars().collect()) });
        rest = after;
    }
    found
}

/// Writes a character so that SQLite's ASCII tokenizer keeps it, whatever plane it lies on.
fn coded(characters: &[char]) -> String {
    characters.iter().map(|c| format!("u{:x}", u32::from(*c))).collect()
}

fn document_tokens(text: &str) -> String {
    let mut tokens = Vec::new();
    for run in runs(text) {
        match run {
            Run::Latin(run) => {
                tokens.extend((0..run.len()).map(|from| run[from..run.len().min(from + LATIN_CHARS_MAX)].to_owned()));
            }
            Run::Other(run) => {
                tokens.extend(run.chunks(1).map(coded));
                tokens.extend(run.windows(2).map(coded));
            }
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens.join(" ")
}

/// Returns the index query that every text holding `word` satisfies.
fn query_tokens(word: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for run in runs(word) {
        match run {
            Run::Latin(run) => tokens.push(format!("{}*", &run[..run.len().min(LATIN_CHARS_MAX)])),
            Run::Other(run) if run.len() == 1 => tokens.push(coded(&run)),
            Run::Other(run) => tokens.extend(run.windows(2).map(coded)),
        }
    }
    tokens
}

impl View<'_> {
    /// Returns clips that match every filter, the newest intake first.
    ///
    /// A word that looks like the beginning of a digest (8 hexadecimal digits or more) also finds by digest.
    pub fn find_clips(&self, filter: &ClipFilter, after: Option<&str>, limit: u32) -> Result<ClipPage, RegisterError> {
        let (mut clauses, mut values) = (Vec::new(), Vec::new());
        let mut add = |clause: &str, bound: Vec<Value>| {
            clauses.push(clause.to_owned());
            values.extend(bound);
        };
        for word in normal(&filter.text).split_whitespace().take(WORDS_MAX) {
            let (clause, bound) = word_clause(word);
            add(&clause, bound);
        }
        let text = |value: &str| vec![Value::Text(value.to_owned())];
        if let Some(recorder) = &filter.recorder {
            add("k.recorder = ?", text(recorder));
        }
        if let Some(case) = &filter.case {
            add("s.case_id = ?", text(case.as_str()));
        }
        if let Some(session) = &filter.session {
            add("k.session_id = ?", text(session.as_str()));
        }
        if let Some(state) = &filter.state {
            add("k.state = ?", text(state));
        }
        if let Some(from) = filter.recorded_from {
            add("k.recorded_from >= ?", text(&format_instant(from)));
        }
        if let Some(before) = filter.recorded_before {
            add("k.recorded_from < ?", text(&format_instant(before)));
        }
        self.page(&clauses, values, after, limit.clamp(1, PAGE_ROWS_MAX))
    }

    fn page(
        &self,
        clauses: &[String],
        mut values: Vec<Value>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ClipPage, RegisterError> {
        let matching = if clauses.is_empty() { "1".to_owned() } else { clauses.join(" AND ") };
        let count = format!("SELECT count(*) FROM clip k LEFT JOIN session s ON s.id = k.session_id WHERE {matching}");
        let total = self
            .db
            .query_row(&count, rusqlite::params_from_iter(&values), |row| row.get(0))
            .doing("count the clips found")?;
        let sql = format!("{} WHERE {matching} AND (? IS NULL OR k.id < ?) ORDER BY k.id DESC LIMIT ?", clips::SELECT);
        let position = after.map_or(Value::Null, |id| Value::Text(id.to_owned()));
        values.extend([position.clone(), position, Value::Integer(i64::from(limit) + 1)]);
        let mut rows = self.rows(&sql, rusqlite::params_from_iter(&values), clips::clip, "find clips")?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        Ok(ClipPage { rows, total, more })
    }
}

fn word_clause(word: &str) -> (String, Vec<Value>) {
    let tokens = query_tokens(word);
    let mut clause = "(k.id IN (SELECT d.clip_id FROM found.doc d WHERE instr(d.text, ?) > 0".to_owned();
    let mut bound = vec![Value::Text(word.to_owned())];
    if !tokens.is_empty() {
        clause += " AND d.n IN (SELECT rowid FROM found.doc_index WHERE doc_index MATCH ?)";
        bound.push(Value::Text(tokens.join(" AND ")));
    }
    clause += ")";
    if word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
        clause += " OR k.blake3 GLOB ? OR k.sha256 GLOB ? OR k.sm3 GLOB ?";
        bound.extend(std::iter::repeat_n(Value::Text(format!("{word}*")), 3));
    }
    (clause + ")", bound)
}
