//! 文字说明材料: what the officers say of a session, with every clip it speaks of.

use crate::clips::{clip_table, duration, field_row, mark_code, signatures, size, span, zone_words};
use crate::engine::{Block, Masthead, Page, Paper, Running, Style, Table, print};
use crate::wording::{StatementWords, fill, wording};
use crate::{ClipLine, ClockLine, Fonts, FormError};
use model::{Digest, Instant, StatementFields, StationZone};

/// The values of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The unit that issues it.
    pub unit: String,
    /// Such as `文说〔2026〕1号`.
    pub number: String,
    /// 1 for the first version; each amendment counts one up.
    pub revision: u32,
    /// 案号; empty when the session belongs to no case yet.
    pub case_number: String,
    pub fields: StatementFields,
    /// What is known of the recorders' clocks; nothing known is printed as such.
    pub clocks: Vec<ClockLine>,
    pub clips: Vec<ClipLine>,
    /// SHA-256 root over the clips of the session.
    pub root: Digest,
    /// Also the date inside the file.
    pub issued_at: Instant,
    pub issued_by: String,
    pub zone: StationZone,
}

/// Columns of the form: label, value, label, value.
const FORM_COLUMNS: [f32; 4] = [92.0, 155.0, 66.0, 141.0];

/// Returns the statement as A4 PDF.
///
/// Refused with [`FormError::Incomplete`] while a required field is missing: a paper with a hole in it must not
/// get a number. Optional fields left empty are printed as 无.
pub fn statement(statement: &Statement, fonts: &Fonts) -> Result<Vec<u8>, FormError> {
    let missing = statement.fields.missing();
    if !missing.is_empty() {
        return Err(FormError::Incomplete { fields: missing });
    }
    let words = &wording().statement;
    let mut blocks = vec![
        Block::Heading(words.section_evidence.clone()),
        Block::Table(form(statement, words)),
        Block::Heading(words.section_clips.clone()),
        Block::Paragraph(Style::BODY.indented().para(summary(statement, words))),
        Block::Table(clip_table(&statement.clips, statement.zone)),
    ];
    blocks.push(Block::Together(check(statement, words)));
    let paper = Paper {
        page: Page::Portrait,
        masthead: Masthead {
            unit: statement.unit.clone(),
            title: words.title.clone(),
            number: number(statement, words),
        },
        running: Running::Head { foot: wording().common.foot.clone() },
        blocks,
        issued_at: statement.issued_at,
    };
    print(&paper, fonts)
}

fn number(statement: &Statement, words: &StatementWords) -> String {
    let revision = statement.revision.to_string();
    let amendment = statement.revision.saturating_sub(1);
    let template = if amendment == 0 { &words.number } else { &words.number_revised };
    let values =
        [("number", statement.number.as_str()), ("revision", &revision), ("amendment", &amendment.to_string())];
    fill(template, &values)
}

fn form(statement: &Statement, words: &StatementWords) -> Table {
    let fields = &statement.fields;
    let officer = |officer: &model::Officer| {
        fill(&words.officer, &[("name", &officer.name), ("certificate", &officer.certificate_no)])
    };
    let officers = fields.officers.iter().map(officer).collect::<Vec<_>>().join("\n");
    let taken = span(fields.taken_from, fields.taken_to, statement.zone);
    let made_at = fields.made_at.map_or(wording().common.unknown.clone(), |at| statement.zone.show(at));
    let issued_at = statement.zone.show(statement.issued_at);
    let clocks = statement.clocks.iter().map(|clock| clock.text(statement.zone)).collect::<Vec<_>>().join("\n");
    let clocks = if clocks.is_empty() { wording().common.clock.unknown.clone() } else { clocks };
    let rows: [&[(&str, &str)]; 14] = [
        &[(&words.case_number, &statement.case_number)],
        &[(&words.cause, &fields.cause)],
        &[(&words.party, &fields.party)],
        &[(&words.officers, &officers)],
        &[(&words.taken, &taken)],
        &[(&words.place, &fields.place)],
        &[(&words.purpose, &fields.purpose)],
        &[(&words.emphasis, &fields.emphasis)],
        &[(&words.transcript, &fields.transcript)],
        &[(&words.carrier, &fields.carrier)],
        &[(&words.method, &fields.method)],
        &[(&words.clock, &clocks)],
        &[(&words.maker, &fields.maker), (&words.made_at, &made_at)],
        &[(&words.issued_by, &statement.issued_by), (&words.issued_at, &issued_at)],
    ];
    let rows = rows.into_iter().map(|pairs| field_row(FORM_COLUMNS.len(), pairs)).collect();
    Table { columns: FORM_COLUMNS.to_vec(), header: None, rows }
}

fn summary(statement: &Statement, words: &StatementWords) -> String {
    // Sums of what recorders claim may overflow; a paper says the largest number then, and each clip its own.
    let bytes = statement.clips.iter().fold(0_u64, |sum, clip| sum.saturating_add(clip.size));
    let known = statement.clips.iter().filter_map(|clip| clip.duration_ms);
    let known = known.reduce(u64::saturating_add);
    fill(
        &words.clips_summary,
        &[
            ("count", &statement.clips.len().to_string()),
            ("size", &size(bytes)),
            ("bytes", &bytes.to_string()),
            ("duration", &known.map_or(wording().common.unknown.clone(), duration)),
            ("zone", &zone_words(statement.zone)),
        ],
    )
}

/// Returns root hash, QR and signatures: they stand on one page, so that what is signed names what it covers.
fn check(statement: &Statement, words: &StatementWords) -> Vec<Block> {
    let code = mark_code("ST", &statement.number, statement.root, &words.check, &words.root);
    let officers = statement.fields.officers.iter().map(|officer| (words.officers.as_str(), officer.name.as_str()));
    let maker = (words.maker.as_str(), statement.fields.maker.as_str());
    let signers: Vec<_> = officers.chain(std::iter::once(maker)).collect();
    vec![
        Block::Heading(words.section_check.clone()),
        Block::Code(code),
        Block::Signatures(signatures(Some(&statement.unit), &signers)),
    ]
}
