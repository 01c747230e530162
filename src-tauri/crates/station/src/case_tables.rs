//! A case as tables that other systems take in: plain values to CSV. Times are those of the station's zone.

use crate::statements::duration_and_playable;
use model::{Case, Instant, StationZone};
use register::{ClipRow, EventRow, SessionRow, StatementRow};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tabular::{Table, TableError};

/// Headings; their number is the number of columns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    case: [String; 14],
    sessions: [String; 8],
    clips: [String; 16],
    statements: [String; 22],
    ledger: [String; 6],
    folder: String,
}

#[derive(Deserialize)]
struct State {
    word: String,
}

macro_rules! wording {
    ($file:literal) => {
        serde_json::from_str(include_str!(concat!("../../../../assets/wording/", $file)))
            .expect("a test reads this very file")
    };
}

static WORDS: LazyLock<Words> = LazyLock::new(|| wording!("export.json"));
static EVENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| wording!("events.json"));
static STATES: LazyLock<BTreeMap<String, BTreeMap<String, State>>> = LazyLock::new(|| wording!("states.json"));

/// A file name, its headings and its rows.
type Sheet<'a> = (&'a str, &'a [String], Vec<Vec<String>>);

/// Everything that is written of a case.
pub(crate) struct CaseRecords {
    pub unit: String,
    /// Title of the regulation.
    pub rules: String,
    pub case: Case,
    pub made_at: Instant,
    pub made_by: String,
    pub zone: StationZone,
    pub sessions: Vec<SessionRecords>,
    pub events: Vec<EventRow>,
}

/// A session with its gaps counted; each clip and statement with the path of its file, empty where none goes along.
pub(crate) struct SessionRecords {
    pub row: SessionRow,
    pub gaps: usize,
    pub clips: Vec<(ClipRow, String)>,
    pub statements: Vec<(StatementRow, String)>,
}

/// Returns what the folder of a case is called where nobody names it: 案号 and day, as a file name.
pub(crate) fn folder_name(case: &Case, zone: StationZone, now: Instant) -> String {
    let number = model::ClipName::from_bytes(case.draft.number.clone().into_bytes()).stored();
    let day = zone.local(now).format("%Y%m%d").to_string();
    WORDS.folder.replace("{case}", &number).replace("{day}", &day)
}

impl CaseRecords {
    /// Returns the tables, each with its file name.
    pub fn tables(&self) -> Result<Vec<(String, Vec<u8>)>, TableError> {
        let words = &*WORDS;
        let sessions: Vec<(String, &SessionRecords)> =
            (1..).map(|n: usize| n.to_string()).zip(&self.sessions).collect();
        let clips = sessions.iter().flat_map(|(n, s)| s.clips.iter().map(move |clip| self.clip(n, clip)));
        let statements =
            sessions.iter().flat_map(|(n, s)| s.statements.iter().map(move |signed| self.statement(n, signed)));
        let tables: [Sheet<'_>; 5] = [
            ("case.csv", &words.case, vec![self.case()]),
            ("sessions.csv", &words.sessions, sessions.iter().map(|(n, s)| self.session(n, s)).collect()),
            ("clips.csv", &words.clips, clips.collect()),
            ("statements.csv", &words.statements, statements.collect()),
            ("ledger.csv", &words.ledger, self.events.iter().map(|event| self.event(event)).collect()),
        ];
        let written = |(name, columns, rows): Sheet<'_>| {
            let rows = rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
            Ok((name.to_owned(), tabular::write_csv(&Table { columns: columns.to_vec(), rows })?))
        };
        tables.into_iter().map(written).collect()
    }

    fn time(&self, at: Option<Instant>) -> String {
        at.map(|at| self.zone.show(at)).unwrap_or_default()
    }

    fn case(&self) -> Vec<String> {
        let draft = &self.case.draft;
        let clips = || self.sessions.iter().flat_map(|session| &session.clips);
        let minutes = self.zone.minutes();
        let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
        vec![
            self.unit.clone(),
            draft.number.clone(),
            draft.cause.clone(),
            draft.party.clone(),
            draft.department.clone(),
            self.time(Some(self.case.opened_at)),
            self.sessions.len().to_string(),
            clips().count().to_string(),
            clips().map(|(row, _)| row.clip.size).sum::<u64>().to_string(),
            self.rules.clone(),
            self.time(Some(self.made_at)),
            self.made_by.clone(),
            format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60),
            crate::software(),
        ]
    }

    fn session(&self, n: &str, records: &SessionRecords) -> Vec<String> {
        let row = &records.row;
        vec![
            n.to_owned(),
            row.session.recorder.clone(),
            self.time(row.session.span.map(|span| span.from)),
            self.time(row.session.span.map(|span| span.to)),
            row.clips.to_string(),
            seconds(row.duration_ms),
            records.gaps.to_string(),
            row.statement_number.clone().unwrap_or_default(),
        ]
    }

    fn clip(&self, session: &str, (row, path): &(ClipRow, String)) -> Vec<String> {
        let clip = &row.clip;
        vec![
            clip.number.clone(),
            session.to_owned(),
            clip.original_name.clone(),
            path.clone(),
            clip.recorder.clone(),
            self.time(clip.recorded_from),
            self.time(clip.recorded_to),
            clip.time_source.map(|source| state("time_source", source.code())).unwrap_or_default(),
            self.time(Some(clip.taken_in_at)),
            duration_and_playable(row).0.map(seconds).unwrap_or_default(),
            clip.size.to_string(),
            clip.digests.sha256.to_string(),
            clip.digests.sm3.to_string(),
            clip.digests.blake3.to_string(),
            clip.level.code().to_owned(),
            state("clip_state", clip.state.code()),
        ]
    }

    fn statement(&self, session: &str, (row, path): &(StatementRow, String)) -> Vec<String> {
        let fields = &row.fields;
        let officers: Vec<String> =
            fields.officers.iter().map(|officer| format!("{}（{}）", officer.name, officer.certificate_no)).collect();
        vec![
            row.number.clone(),
            row.revision.to_string(),
            session.to_owned(),
            path.clone(),
            officers.join("、"),
            self.time(fields.taken_from),
            self.time(fields.taken_to),
            fields.place.clone(),
            fields.cause.clone(),
            fields.party.clone(),
            fields.method.clone(),
            fields.maker.clone(),
            self.time(fields.made_at),
            fields.purpose.clone(),
            fields.carrier.clone(),
            fields.emphasis.clone(),
            fields.transcript.clone(),
            row.root.to_string(),
            row.pdf_sha256.to_string(),
            self.time(Some(row.signed_at)),
            row.signed_by.clone(),
            row.reason.clone(),
        ]
    }

    fn event(&self, event: &EventRow) -> Vec<String> {
        vec![
            event.seq.to_string(),
            self.time(Some(event.at)),
            EVENTS.get(&event.kind).unwrap_or(&event.kind).clone(),
            event.kind.clone(),
            event.actor.clone(),
            event.reason.clone(),
        ]
    }
}

/// Returns text without what no table takes: a control character stands as its escape.
fn plain(cell: &str) -> String {
    let text = tabular::clean(cell);
    if !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return text;
    }
    let shown = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(shown).collect()
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn state(group: &str, code: &str) -> String {
    STATES.get(group).and_then(|states| states.get(code)).map_or(code, |state| &state.word).to_owned()
}
