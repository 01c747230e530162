//! What every paper is filled from: the rules in force, the subject, the people, the clock.

use super::content::Suggestions;
use super::period::Period;
use super::words::{fill, words};
use crate::{Failure, Judging, Station};
use chrono::NaiveDate;
use forms::{Basis, Kind};
use model::{
    CaseId, ClipId, Instant, JobId, PaperSubject, Person, SessionId, StatementFields, StationZone, SubjectKind,
};
use register::{CaseRow, ClipRow, SessionRow};
use rules::RulePack;

pub(super) struct Filling<'a> {
    pub station: &'a Station,
    pub kind: &'a Kind,
    pub subject: &'a PaperSubject,
    pub judging: Judging,
    pub operator: Option<Person>,
    pub zone: StationZone,
    pub today: NaiveDate,
}

impl<'a> Filling<'a> {
    pub fn new(station: &'a Station, kind: &'a Kind, subject: &'a PaperSubject) -> Result<Self, Failure> {
        let zone = station.zone();
        Ok(Self {
            station,
            kind,
            subject,
            judging: station.judging()?,
            operator: station.operator()?,
            zone,
            today: zone.local(station.now()).date_naive(),
        })
    }

    pub fn pack(&self) -> &RulePack {
        self.judging.pack()
    }

    /// Returns the article of the rules in force that calls for the paper; none where none does.
    pub fn basis(&self) -> Vec<Basis> {
        let rule = self.pack().paper(&self.kind.code);
        rule.map(|rule| self.cited(&rule.article)).into_iter().collect()
    }

    /// Returns an article of the rules in force.
    pub fn cited(&self, article: &str) -> Basis {
        Basis { title: self.pack().title.clone(), article: article.to_owned() }
    }

    /// Returns who may be named: people of the unit under every key that takes a person.
    pub fn suggestions(&self) -> Result<Suggestions, Failure> {
        let people = self.station.read(|view| view.people())?;
        let active: Vec<&Person> = people.iter().filter(|person| person.active).collect();
        let names: Vec<String> = active.iter().map(|person| person.name.clone()).collect();
        let certified: Vec<String> = active.iter().map(|person| named(&person.name, &person.certificate_no)).collect();
        let mut suggestions = Suggestions::new();
        for key in self.kind.keys() {
            match key.key.as_str() {
                "officers" | "persons" if key.place == forms::Place::Fields => {
                    suggestions.insert(key.key, certified.clone());
                }
                "custodian" | "found_by" | "received_by" | "handed_by" | "keeper" | "approver" => {
                    suggestions.insert(key.key, names.clone());
                }
                _ if key.place == forms::Place::Signers => {
                    suggestions.insert(key.key, names.clone());
                }
                _ => {}
            }
        }
        Ok(suggestions)
    }

    /// Returns the day of a moment, as people write it.
    pub fn day(&self, at: Instant) -> String {
        self.zone.local(at).date_naive().to_string()
    }

    pub fn operator_name(&self) -> String {
        self.operator.as_ref().map(|person| person.name.clone()).unwrap_or_default()
    }

    /// Returns the department of who sits at the station, or the unit.
    pub fn department(&self) -> Result<String, Failure> {
        let own = self.operator.as_ref().map(|person| person.department.clone()).unwrap_or_default();
        if own.is_empty() { Ok(self.station.settings()?.unit) } else { Ok(own) }
    }

    /// Returns the period that a paper of the unit speaks of; of any other subject the present year.
    pub fn period(&self) -> Result<Period, Failure> {
        let text = if self.subject.kind == SubjectKind::Unit { self.subject.id.as_str() } else { "" };
        Period::parse(text, self.today).ok_or_else(|| Failure::invalid("subject"))
    }

    pub fn session(&self) -> Result<Option<SessionRow>, Failure> {
        match self.subject.kind {
            SubjectKind::Session => {
                let id = self.id(SessionId::parse)?;
                self.known(self.station.read(|view| view.session(&id))?).map(Some)
            }
            SubjectKind::Clip => match self.clip()?.and_then(|row| row.clip.session) {
                Some(id) => self.station.read(|view| view.session(&id)),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Returns the case that the subject is or belongs to.
    pub fn case(&self) -> Result<Option<CaseRow>, Failure> {
        let id = match self.subject.kind {
            SubjectKind::Case => Some(self.id(CaseId::parse)?),
            _ => self.session()?.and_then(|row| row.session.case),
        };
        let Some(id) = id else { return Ok(None) };
        self.known(self.station.read(|view| view.case(&id))?).map(Some)
    }

    pub fn clip(&self) -> Result<Option<ClipRow>, Failure> {
        if self.subject.kind != SubjectKind::Clip {
            return Ok(None);
        }
        let id = self.id(ClipId::parse)?;
        self.known(self.station.read(|view| view.clip(&id))?).map(Some)
    }

    pub fn job(&self) -> Result<JobId, Failure> {
        self.id(JobId::parse)
    }

    /// Returns the clips of the subject, in the order of recording.
    pub fn clips(&self) -> Result<Vec<ClipRow>, Failure> {
        match self.subject.kind {
            SubjectKind::Clip => Ok(self.clip()?.into_iter().collect()),
            SubjectKind::Session => {
                let id = self.id(SessionId::parse)?;
                self.station.read(|view| view.clips_of_session(&id))
            }
            SubjectKind::Case => {
                let id = self.id(CaseId::parse)?;
                self.station.read(|view| {
                    let sessions = view.sessions_of_case(&id)?;
                    let clips: Result<Vec<_>, _> =
                        sessions.iter().map(|row| view.clips_of_session(&row.session.id)).collect();
                    Ok(clips?.concat())
                })
            }
            SubjectKind::Job => {
                let id = self.job()?;
                self.station.read(|view| view.clips_of_job(&id))
            }
            SubjectKind::Recorder | SubjectKind::Trip | SubjectKind::Unit => Ok(Vec::new()),
        }
    }

    /// Returns what the newest signed statement of a session says, or its draft.
    pub fn statement(&self, row: &SessionRow) -> Result<StatementFields, Failure> {
        let signed = self.station.read(|view| view.statements(&row.session.id))?.into_iter().next();
        if let Some(signed) = signed {
            return Ok(signed.fields);
        }
        let clips = self.station.read(|view| view.clips_of_session(&row.session.id))?;
        Ok(self.station.draft_of(row, &clips)?.content.fields)
    }

    fn id<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        self.known(parse(&self.subject.id))
    }

    fn known<T>(&self, found: Option<T>) -> Result<T, Failure> {
        found.ok_or_else(|| Failure::not_found(&self.subject.id))
    }
}

/// Returns `李娜（53030036012）`, or the name alone.
pub(super) fn named(name: &str, certificate_no: &str) -> String {
    if certificate_no.is_empty() {
        return name.to_owned();
    }
    fill(&words().person, &[("name", name), ("certificate_no", certificate_no)])
}

/// Returns the officers of a statement in one line.
pub(super) fn officers(fields: &StatementFields) -> String {
    let named: Vec<String> =
        fields.officers.iter().map(|officer| named(&officer.name, &officer.certificate_no)).collect();
    named.join("、")
}

pub(super) fn officer_names(fields: &StatementFields) -> Vec<String> {
    fields.officers.iter().map(|officer| officer.name.clone()).collect()
}

/// Returns the clips' numbers, in their order.
pub(super) fn numbers(clips: &[ClipRow]) -> Vec<String> {
    clips.iter().map(|row| row.clip.number.clone()).collect()
}
