//! The second reading (V3): every clip of this job once more from its drive, past the cache, while it is docked.

use crate::error::IntakeError;
use crate::meter::Stage;
use crate::passes::Listed;
use crate::pulse::BEATS_PER_SECOND;
use crate::run::{End, Run};
use crate::source::{Following, Gone};
use dock::{Entry, SourceFacts};
use fixity::{Coldness, RereadError};
use ledger::{AlarmRaised, Change, SourceReading, SourceReread};
use model::{AlarmId, AlarmKind, Clip, ClipState, Level, Problem, ProblemCode};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Readings in one ledger event.
const EVENT_READINGS_MAX: usize = 100;
/// Longest time that a reading waits for others to be written down with it: what a pulled drive may cost.
const EVENT_BEATS_MAX: u64 = 10 * BEATS_PER_SECOND;
/// Readings of one file that may fail before it is left at the level it has.
const READS_MAX: u32 = 3;

/// What a second reading of one file gave.
enum Again {
    Read(SourceReading),
    /// It could not be read to its end, or is not the file any more.
    Failed(String),
    Lost(Option<Problem>),
    Stopped,
}

impl Run<'_> {
    /// Reads what this job stored or met a second time from the drive and lays it beside what is in custody.
    ///
    /// Equal: the clip is at V3, or V3-cached where a cache may have answered here or when the copy was read back.
    /// Different: nobody can say which reading was right; the clip is 存疑, both digests are kept, and an alarm stands.
    /// Readings are written down in groups, so that a pulled drive keeps what was reached; what is at V3 is not read
    /// again by a resumed job.
    pub fn second_read(&self, listed: &Listed) -> Result<End, IntakeError> {
        let targets = self.targets(listed)?;
        self.meter.enter(Stage::SecondRead);
        self.meter.expect(0, targets.iter().map(|(entry, _)| entry.size).sum());
        let (mut readings, mut since) = (Vec::new(), self.source.pulse.beats());
        let mut end = End::Done;
        for (entry, clip) in &targets {
            match self.read_again(entry, clip) {
                Again::Read(reading) => {
                    let differs = !reading.same;
                    readings.push(reading);
                    let beats = self.source.pulse.beats();
                    if differs || readings.len() >= EVENT_READINGS_MAX || beats - since >= EVENT_BEATS_MAX {
                        self.write_readings(&mut readings)?;
                        since = beats;
                    }
                    if differs {
                        self.note(Problem::new(ProblemCode::SecondReadDiffers, &entry.shown).because(&clip.number));
                    }
                }
                Again::Failed(why) => {
                    self.note(Problem::new(ProblemCode::SecondReadFailed, &entry.shown).because(why));
                }
                Again::Lost(silent) => {
                    end = self.lost(silent);
                    break;
                }
                Again::Stopped => {
                    end = self.stopped();
                    break;
                }
            }
        }
        self.write_readings(&mut readings)?;
        Ok(end)
    }

    /// Returns the files to be read again with their clips, in the drive's order, each clip once.
    fn targets<'l>(&self, listed: &'l Listed) -> Result<Vec<(&'l Entry, Clip)>, IntakeError> {
        let job = &self.errand.opening.job;
        let mut met: HashMap<(String, i64), Clip> = self.errand.desk.register.read::<_, IntakeError>(|view| {
            let mut met = HashMap::new();
            for row in view.clips_seen_by_job(job)? {
                let wanted = row.clip.state == ClipState::Verified && row.clip.level < Level::V3Cached;
                let seen = if wanted { view.sightings(&row.clip.id)? } else { Vec::new() };
                for seen in seen.into_iter().filter(|seen| seen.job == *job) {
                    met.insert((seen.path, seen.source_mtime), row.clip.clone());
                }
            }
            Ok(met)
        })?;
        let mut once = HashSet::new();
        let in_order: BTreeMap<_, _> = listed.iter().collect();
        let targets = in_order.into_values().filter_map(|entry| {
            let clip = met.remove(&(entry.shown.clone(), entry.mtime)).filter(|clip| clip.size == entry.size)?;
            once.insert(clip.id.clone()).then_some((entry, clip))
        });
        Ok(targets.collect())
    }

    fn read_again(&self, entry: &Entry, clip: &Clip) -> Again {
        let mut failed = 0;
        loop {
            if self.meter.is_cancelled() {
                return Again::Stopped;
            }
            if self.source.pulse.is_lost() {
                return Again::Lost(None);
            }
            let error = match self.read_once(entry, clip) {
                Ok(again) => return again,
                Err(error) => error,
            };
            let witnesses = self.witnesses();
            match self.source.gone(&error, entry, &witnesses) {
                Some(Gone::Undocked) => return Again::Lost(None),
                Some(Gone::Silent) => {
                    let problem = Problem::new(ProblemCode::Unreadable, &entry.shown);
                    return Again::Lost(Some(problem.because(error)));
                }
                None => failed += 1,
            }
            if failed >= READS_MAX {
                return Again::Failed(error.to_string());
            }
        }
    }

    fn read_once(&self, entry: &Entry, clip: &Clip) -> Result<Again, std::io::Error> {
        let file = match self.source.open(entry) {
            Ok(file) => file,
            Err(dock::SourceError::Open { source, .. }) => return Err(source),
            Err(refusal) if self.source.is_docked() => return Ok(Again::Failed(refusal.to_string())),
            Err(_) => return Ok(Again::Lost(None)),
        };
        let following = Following { meter: self.meter, pulse: self.source.pulse };
        let again = match file.reread(entry.size, &following) {
            Ok(again) => again,
            Err(RereadError::Cancelled) if self.meter.is_cancelled() => return Ok(Again::Stopped),
            Err(RereadError::Cancelled) => return Ok(Again::Lost(None)),
            Err(RereadError::Read(error)) => return Err(error),
        };
        if self.source.pulse.is_lost() {
            return Ok(Again::Lost(None));
        }
        if file.facts()? != SourceFacts::from(entry) {
            return Ok(Again::Failed("the file has changed since it was copied".to_owned()));
        }
        let same = (again.size, again.blake3) == (clip.size, clip.digests.blake3);
        let level = match (same, again.coldness, clip.level) {
            (false, ..) => clip.level,
            (true, Coldness::Direct | Coldness::Evicted, Level::V2) => Level::V3,
            (true, ..) => Level::V3Cached,
        };
        Ok(Again::Read(SourceReading {
            clip: clip.id.to_string(),
            path: entry.shown.clone(),
            same,
            blake3: again.blake3.to_string(),
            coldness: again.coldness.code().to_owned(),
            level: level.code().to_owned(),
        }))
    }

    /// Writes readings down, each alarm in the same transaction as the reading that calls for it.
    fn write_readings(&self, readings: &mut Vec<SourceReading>) -> Result<(), IntakeError> {
        if readings.is_empty() {
            return Ok(());
        }
        let desk = self.errand.desk;
        let readings = std::mem::take(readings);
        let _permit = self.meter.permit().ok_or(IntakeError::Abandoned)?;
        let author = desk.author(self.errand.actor);
        let write = || {
            desk.register.write::<_, IntakeError>(&author, |view| {
                let mut changes: Vec<Change> = Vec::new();
                for reading in readings.iter().filter(|reading| !reading.same) {
                    let kind = AlarmKind::ClipSuspect;
                    if !view.alarm_stands(kind, &reading.clip)? {
                        let raised = AlarmRaised {
                            id: AlarmId::fresh(desk.ids).to_string(),
                            kind: kind.code().to_owned(),
                            subject: reading.clip.clone(),
                            detail: reading.path.clone(),
                            article: String::new(),
                        };
                        changes.push(raised.into());
                    }
                }
                let job = self.errand.opening.job.to_string();
                changes.insert(0, SourceReread { job, readings }.into());
                Ok((changes, ()))
            })
        };
        self.meter.at_target(write)
    }
}
