//! One module per table: definition, what the ledger's events do to it, and how it is read.

pub(crate) mod alarms;
pub(crate) mod answers;
pub(crate) mod backups;
pub(crate) mod calendars;
pub(crate) mod cases;
pub(crate) mod checklists;
pub(crate) mod checkouts;
pub(crate) mod clips;
pub(crate) mod clocks;
pub(crate) mod conclusions;
pub(crate) mod copies;
pub(crate) mod exports;
pub(crate) mod jobs;
pub(crate) mod late;
pub(crate) mod numbers;
pub(crate) mod packages;
pub(crate) mod papers;
pub(crate) mod people;
pub(crate) mod recorders;
pub(crate) mod rules;
pub(crate) mod scrub;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod statements;
pub(crate) mod trips;

/// Tables that are nothing but a view of the ledger, with the columns that order them. Replaying all events must
/// give the same rows; `draft` and `paper_draft` are not among them: an unsigned text is not yet a change of the record.
pub(crate) const PROJECTED: &[(&str, &str)] = &[
    ("event", "seq"),
    ("event_subject", "subject, seq"),
    ("setting", "key"),
    ("person", "id"),
    ("recorder", "id"),
    ("volume", "key"),
    ("job", "id"),
    ("job_problem", "seq, n"),
    ("\"case\"", "id"),
    ("session", "id"),
    ("clip", "id"),
    ("media", "clip_id"),
    ("sighting", "seq"),
    ("source_reading", "seq, n"),
    ("statement", "number"),
    ("statement_clip", "number, position"),
    ("package", "id"),
    ("store_check", "seq"),
    ("scrub_round", "round"),
    ("scrub_clip", "clip_id"),
    ("copy", "clip_id, place"),
    ("alarm", "id"),
    ("backup", "seq"),
    ("recorder_clock", "seq"),
    ("session_answer", "session_id, question, subject"),
    ("clip_mark", "clip_id, mark"),
    ("setting_change", "seq"),
    ("conclusion", "case_id"),
    ("late_reason", "clip_id"),
    ("calendar", "seq"),
    ("rule_text", "seq"),
    ("rule_adoption", "seq"),
    ("number", "kind, year, n"),
    ("paper", "id"),
    ("checklist", "version"),
    ("case_export", "seq"),
    ("case_delivery", "seq"),
    ("checkout", "id"),
    ("recorder_service", "id"),
    ("recorder_fault", "id"),
    ("trip", "id"),
    ("trip_person", "trip_id, position"),
    ("trip_recorder", "trip_id, position"),
];
