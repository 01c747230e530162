//! Statements: filling in, signing, and the paper.

use super::Outcome;
use crate::arguments::FieldFlags;
use crate::context::{Desk, absolute};
use crate::documents::{DraftDocument, PaperDocument, StatementDocument};
use crate::output::Answer;
use crate::refusal::{Refusal, missing_lines};
use crate::render::{facts, table, time};
use crate::words::{field_name, say, words};
use model::{ClipId, ErrorCode, Field, SessionId, StationZone};
use serde_json::{Map, Value};
use station::{Draft, DraftFields, Failure, Shown};
use std::io::{self, Read as _};
use std::path::Path;
use wire::dto::{self, OfficerView, StatementFields};

/// Names standard input where a file is asked for.
const STANDARD_INPUT: &str = "-";

/// `statement draft`
pub fn draft(desk: &Desk, session: &str, flags: &FieldFlags) -> Outcome {
    let session = desk.session(session)?;
    let held = desk.station.draft(&session)?;
    let entered = entered(flags)?;
    let draft = if entered.is_empty() { held } else { save(desk, &session, &held, entered)? };
    let document = DraftDocument { session: session.to_string(), draft: wire::view::draft(&draft) };
    let missing = draft.missing();
    let kept = match draft.saved_at {
        Some(_) => say("kept_draft", &[("revision", &draft.revision.to_string())]),
        None => say("proposed_draft", &[]),
    };
    let state = match missing.len() {
        0 => vec![say("nothing_missing", &[])],
        count => {
            [say("missing", &[("count", &count.to_string())])].into_iter().chain(missing_lines(&missing)).collect()
        }
    };
    let table = field_table(desk.station.zone(), &document.draft);
    let text = format!("{kept}\n\n{table}\n{}", state.join("\n"));
    Ok(Answer::new(&document, text))
}

/// Returns the fields that were typed or stand in the file, by their names on the wire.
fn entered(flags: &FieldFlags) -> Result<Map<String, Value>, Refusal> {
    let mut fields = match &flags.file {
        Some(file) => read_file(file)?,
        None => Map::new(),
    };
    let texts = [
        ("taken_from", &flags.from),
        ("taken_to", &flags.to),
        ("place", &flags.place),
        ("cause", &flags.cause),
        ("party", &flags.party),
        ("method", &flags.method),
        ("maker", &flags.maker),
        ("made_at", &flags.made_at),
        ("purpose", &flags.purpose),
        ("carrier", &flags.carrier),
        ("emphasis", &flags.emphasis),
        ("transcript", &flags.transcript),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    if !flags.officers.is_empty() {
        let officers = flags.officers.iter().map(|text| officer(text)).collect::<Result<Vec<_>, Refusal>>()?;
        fields.insert("officers".to_owned(), serde_json::json!(officers));
    }
    Ok(fields)
}

fn officer(text: &str) -> Result<OfficerView, Refusal> {
    let (name, certificate_no) = text.split_once('=').ok_or_else(|| Refusal::usage("officer", &[("text", text)]))?;
    Ok(OfficerView { name: name.trim().to_owned(), certificate_no: certificate_no.trim().to_owned() })
}

fn read_file(path: &Path) -> Result<Map<String, Value>, Refusal> {
    let shown = path.display().to_string();
    let wrong =
        |name: &str, why: &dyn std::fmt::Display| Refusal::usage(name, &[("path", &shown), ("why", &why.to_string())]);
    let text = if path == Path::new(STANDARD_INPUT) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| wrong("file_unreadable", &error))?;
    let fields: Map<String, Value> = serde_json::from_str(&text).map_err(|error| wrong("file_malformed", &error))?;
    // Checked here, where the file can be named: unknown keys, and values of the wrong kind.
    overlay(StatementFields::default(), &fields).map_err(|why| wrong("file_malformed", &why))?;
    Ok(fields)
}

/// Returns the fields with the entered ones in their places.
fn overlay(fields: StatementFields, entered: &Map<String, Value>) -> Result<StatementFields, String> {
    let mut all = serde_json::to_value(fields).map_err(|error| error.to_string())?;
    for (name, value) in entered {
        *all.get_mut(name).ok_or_else(|| name.clone())? = value.clone();
    }
    serde_json::from_value(all).map_err(|error| error.to_string())
}

/// Puts what was entered into the draft and keeps it. What a person entered is no guess any more.
fn save(desk: &Desk, session: &SessionId, held: &Draft, entered: Map<String, Value>) -> Result<Draft, Refusal> {
    let fields = overlay(wire::view::draft(held).fields, &entered)
        .map_err(|why| Failure::new(ErrorCode::Internal).because(why))?;
    let fields = wire::parse::statement_fields(&desk.station, fields)?;
    let guessed = held.content.guessed.iter().filter(|code| !entered.contains_key(code.as_str())).cloned().collect();
    Ok(desk.station.save_draft(&desk.actor, session, held.revision, &DraftFields { fields, guessed })?)
}

/// Returns a draft as a table: every field, with what is missing and what is a guess.
pub fn field_table(zone: StationZone, draft: &dto::Draft) -> String {
    let fields = &draft.fields;
    let officers: Vec<String> =
        fields.officers.iter().map(|officer| format!("{}（{}）", officer.name, officer.certificate_no)).collect();
    let at = |text: &str| time(zone, Some(text));
    let rows = [
        ("officers", officers.join("、")),
        ("taken_from", at(&fields.taken_from)),
        ("taken_to", at(&fields.taken_to)),
        ("place", fields.place.clone()),
        ("cause", fields.cause.clone()),
        ("party", fields.party.clone()),
        ("method", fields.method.clone()),
        ("maker", fields.maker.clone()),
        ("made_at", at(&fields.made_at)),
        ("purpose", fields.purpose.clone()),
        ("carrier", fields.carrier.clone()),
        ("emphasis", fields.emphasis.clone()),
        ("transcript", fields.transcript.clone()),
    ];
    let row = |(code, value): (&str, String)| {
        let guessed = draft.guessed.iter().any(|one| one == code);
        // The station's names, not the command line's: 案由 and 当事人 as on the paper.
        let name = Field::ALL.into_iter().find(|field| field.code() == code);
        let name = name.map_or_else(|| field_name(code), |field| &crate::words::field(field).name);
        vec![name.to_owned(), if guessed { say("guessed", &[]) } else { String::new() }, value]
    };
    table(&words().tables.fields, &rows.into_iter().map(row).collect::<Vec<_>>())
}

/// `statement sign`
pub fn sign(desk: &Desk, session: &str, flags: &FieldFlags, reason: &str) -> Outcome {
    let session = desk.session(session)?;
    let held = desk.station.draft(&session)?;
    let entered = entered(flags)?;
    // Kept first: what was typed is not lost when something is missing. A mere proposal is not kept: it would no longer
    // follow the case.
    let draft = if entered.is_empty() { held } else { save(desk, &session, &held, entered)? };
    let fields = &draft.content.fields;
    // Nothing is shown on the command line: it signs for the clips as they are now.
    let clips: Vec<ClipId> = desk.station.session(&session)?.clips.into_iter().map(|row| row.clip.id).collect();
    let shown = Shown { revision: draft.revision, fields, clips: &clips };
    let signed = desk.station.sign_statement(&desk.actor, &session, &shown, reason);
    let signed = signed.map_err(|failure| {
        let missing = if failure.code == ErrorCode::StatementIncomplete { fields.missing() } else { Vec::new() };
        Refusal::from(failure).saying(missing_lines(&missing))
    })?;
    let document = StatementDocument::from(&signed);
    let text = statement_facts(desk.station.zone(), &document);
    Ok(Answer::new(&document, text))
}

fn statement_facts(zone: StationZone, document: &StatementDocument) -> String {
    facts(&[
        ("number", document.number.clone()),
        ("session", document.session.clone()),
        ("revision", document.revision.to_string()),
        ("signed_at", time(zone, Some(&document.signed_at))),
        ("signed_by", document.signed_by.clone()),
        ("reason", document.reason.clone()),
        ("root", document.root.clone()),
        ("pdf", document.pdf.clone()),
        ("sha256", document.pdf_sha256.clone()),
    ])
}

/// `statement show`
pub fn show(desk: &Desk, number: &str) -> Outcome {
    let document = StatementDocument::from(&desk.station.statement(number)?);
    let fields = dto::Draft {
        revision: document.revision,
        fields: document.fields.clone(),
        guessed: Vec::new(),
        saved_at: None,
        missing: Vec::new(),
    };
    let zone = desk.station.zone();
    let text = statement_facts(zone, &document) + "\n" + &field_table(zone, &fields);
    Ok(Answer::new(&document, text))
}

/// `statement pdf`
pub fn pdf(desk: &Desk, number: &str, out: &Path) -> Outcome {
    let signed = desk.station.statement(number)?;
    let failed =
        |code: ErrorCode, path: &Path, error: io::Error| Failure::new(code).with("path", path.display()).because(error);
    let bytes = std::fs::read(&signed.pdf).map_err(|error| failed(ErrorCode::SourceFailed, &signed.pdf, error))?;
    if fixity::sha256_of(&bytes) != signed.row.pdf_sha256 {
        return Err(Failure::new(ErrorCode::VerifyFailed).with("path", signed.pdf.display()).into());
    }
    let out = absolute(out)?;
    fixity::write_new(&out, &bytes).map_err(|error| {
        let code = match error.kind() {
            io::ErrorKind::AlreadyExists => ErrorCode::OutputExists,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::TargetFull,
            io::ErrorKind::ReadOnlyFilesystem => ErrorCode::TargetReadOnly,
            _ => ErrorCode::TargetFailed,
        };
        failed(code, &out, error)
    })?;
    let document = PaperDocument {
        number: signed.row.number.clone(),
        out: out.display().to_string(),
        sha256: signed.row.pdf_sha256.to_string(),
    };
    let text = facts(&[
        ("number", document.number.clone()),
        ("out", document.out.clone()),
        ("sha256", document.sha256.clone()),
    ]);
    Ok(Answer::new(&document, text))
}
