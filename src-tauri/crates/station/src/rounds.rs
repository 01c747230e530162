//! One round of the scrub: which clips, in which steps, and what is written down of them.

use crate::copying::GoodCopies;
use crate::originals::{Found, GONE_TOGETHER, Look};
use crate::scrub::{Doing, Progress, ScrubFile};
use crate::{Failure, Station, Topic};
use fixity::Coldness;
use ledger::{Change, ScrubAdvanced};
use model::{Actor, AlarmKind, ErrorCode, Problem};
use register::ClipRow;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

/// Clips that one event tells of.
const STEP_CLIPS: u32 = 64;
/// Longest time that a reading waits for being written down.
const STEP_TIME: Duration = Duration::from_secs(30);

/// One go at a round.
pub(crate) struct Run<'a> {
    pub round: u64,
    pub actor: &'a Actor,
    /// The thread's own go: it ends with the last who holds the station, and with the setting.
    pub background: bool,
    pub findings: Vec<Problem>,
}

impl<'a> Run<'a> {
    pub fn new(round: u64, actor: &'a Actor, background: bool) -> Self {
        Self { round, actor, background, findings: Vec::new() }
    }
}

/// How a go at a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Through,
    /// Somebody or something else goes first.
    BrokenOff,
}

/// Clips that were looked at and are not written down yet.
struct Step {
    seen: Vec<(ClipRow, Found)>,
    /// What is wrong with their second copies.
    copies: Vec<Problem>,
    good_copies: GoodCopies,
    since: Moment,
}

impl Step {
    fn new() -> Self {
        Self { seen: Vec::new(), copies: Vec::new(), good_copies: GoodCopies::default(), since: Moment::now() }
    }

    /// A finding is not kept waiting.
    fn is_due(&self) -> bool {
        self.since.elapsed() >= STEP_TIME || self.seen.last().is_some_and(|(_, found)| found.problem.is_some())
    }
}

/// Follows the reading of one original.
struct Reading<'a> {
    station: &'a Arc<Station>,
    background: bool,
}

impl fixity::Watch for Reading<'_> {
    fn copied(&self, bytes: u64) {
        self.station.moved(|progress| progress.bytes_current += bytes);
        self.station.tell_scrub_progress();
    }

    fn cancelled(&self) -> bool {
        self.station.scrub_makes_way(self.background)
    }
}

impl Station {
    /// Returns the round that was broken off, or begins the next, as whoever asked for it.
    pub(crate) fn round_to_read(&self, actor: &Actor) -> Result<u64, Failure> {
        let last = self.read(|view| view.last_scrub())?;
        if let Some(open) = last.filter(|round| round.ended_at.is_none()) {
            return Ok(open.round);
        }
        let round = last.map_or(0, |round| round.round) + 1;
        let begun = ScrubAdvanced { round, ..Default::default() };
        self.register.write::<_, Failure>(&self.author(actor, ""), |_| Ok((vec![begun.into()], ())))?;
        Ok(round)
    }

    /// Reads on in a round until it is through or something else goes first.
    pub(crate) fn read_round(self: &Arc<Self>, run: &mut Run<'_>) -> Result<Ended, Failure> {
        if let Some(why) = self.store_lost(&[])? {
            return Err(self.store_failed(why));
        }
        // Counted anew: clips may have come since.
        let progress = self.count_progress()?;
        self.scrub.desk.held().progress = Some(progress);
        self.scrub_does(Doing::Reading);
        let ended = self.read_pages(run);
        {
            let mut held = self.scrub.desk.held();
            held.current = None;
            if let Some(progress) = &mut held.progress {
                progress.bytes_current = 0;
            }
        }
        match ended {
            Ok(Ended::BrokenOff) => self.scrub_does(Doing::Yielding),
            Ok(Ended::Through) => self.scrub_does(Doing::Resting),
            // Whoever runs it says how it failed.
            Err(_) => {}
        }
        ended
    }

    fn read_pages(self: &Arc<Self>, run: &mut Run<'_>) -> Result<Ended, Failure> {
        loop {
            let switched_off = || Ok::<_, Failure>(self.settings()?.scrub_days == 0);
            if run.background && self.scrub.desk.held().wanted.is_none() && switched_off()? {
                return Ok(Ended::BrokenOff);
            }
            let page = self.read(|view| view.scrub_next(run.round, STEP_CLIPS))?;
            let last = page.len() < STEP_CLIPS as usize;
            if self.read_page(run, page, last)? == Ended::BrokenOff {
                return Ok(Ended::BrokenOff);
            }
            if last {
                return Ok(Ended::Through);
            }
        }
    }

    fn read_page(self: &Arc<Self>, run: &mut Run<'_>, page: Vec<ClipRow>, last: bool) -> Result<Ended, Failure> {
        let mut step = Step::new();
        // Cannot be had. What that says, of them or of the disk, shows once others were tried.
        let mut gone: Vec<(ClipRow, Found)> = Vec::new();
        for row in page {
            let Some(found) = self.read_back(&row, run, &mut step)? else {
                self.keep_step(run, &mut step, false)?;
                return Ok(Ended::BrokenOff);
            };
            if found.is_gone() {
                gone.push((row, found));
                if gone.len() >= GONE_TOGETHER {
                    self.believe_gone(run, &mut step, &mut gone)?;
                }
            } else {
                if found.coldness.is_some() {
                    step.seen.append(&mut gone);
                }
                step.seen.push((row, found));
            }
            if step.is_due() {
                self.keep_step(run, &mut step, false)?;
            }
        }
        self.believe_gone(run, &mut step, &mut gone)?;
        self.keep_step(run, &mut step, last)?;
        Ok(Ended::Through)
    }

    /// Reads one original and its second copy back; `None` when something else goes first.
    fn read_back(self: &Arc<Self>, row: &ClipRow, run: &Run<'_>, step: &mut Step) -> Result<Option<Found>, Failure> {
        if self.scrub_makes_way(run.background) {
            return Ok(None);
        }
        self.scrub.desk.held().current = Some(ScrubFile {
            clip: row.clip.id.clone(),
            number: row.clip.number.clone(),
            original_name: row.clip.original_name.clone(),
        });
        let reading = Reading { station: self, background: run.background };
        // The copy comes first: it is not read again when the original is cut off.
        let read = self.read_copies(row, run, step, &reading).and_then(|()| {
            self.moved(|progress| progress.bytes_current = 0);
            self.look_at(row, Look::Content, &reading)
        });
        let read = match read {
            Ok(read) => Some(read),
            Err(failure) if failure.code == ErrorCode::Cancelled => None,
            Err(failure) => return Err(failure),
        };
        self.moved(|progress| {
            progress.bytes_current = 0;
            if read.is_some() {
                progress.clips_done += 1;
                progress.bytes_done += row.clip.size;
            }
        });
        self.tell_scrub_progress();
        Ok(read)
    }

    /// Reads the good second copies of a clip back, where their place can be reached. One that cannot has an alarm of
    /// its own, and its copies wait for the next round.
    fn read_copies(&self, row: &ClipRow, run: &Run<'_>, step: &mut Step, reading: &Reading<'_>) -> Result<(), Failure> {
        let this = (run.round, row.clip.id.clone());
        let mut copies = self.read(|view| view.copies_of(&row.clip.id))?;
        copies.retain(|copy| copy.good);
        if copies.is_empty() || self.scrub.desk.held().copies_read.as_ref() == Some(&this) {
            return Ok(());
        }
        let Ok(Some(place)) = self.copy_place() else { return Ok(()) };
        for copy in copies.iter().filter(|copy| copy.place == place.id) {
            match self.check_copy(run.actor, copy, reading) {
                Ok(Ok(coldness)) => step.good_copies.add(copy, coldness),
                Ok(Err(problem)) => step.copies.push(problem),
                Err(failure) if failure.code == ErrorCode::Cancelled => return Err(failure),
                // The place went away: whoever looks after it says so.
                Err(failure) => eprintln!("scrub: the copy of {}: {}", row.clip.number, failure.chain()),
            }
        }
        self.scrub.desk.held().copies_read = Some(this);
        Ok(())
    }

    /// Takes originals that cannot be had for bad, unless nothing else can be had either.
    fn believe_gone(
        &self,
        run: &mut Run<'_>,
        step: &mut Step,
        gone: &mut Vec<(ClipRow, Found)>,
    ) -> Result<(), Failure> {
        if gone.is_empty() {
            return Ok(());
        }
        let rows: Vec<&ClipRow> = gone.iter().map(|(row, _)| row).collect();
        if let Some(why) = self.store_lost(&rows)? {
            self.keep_step(run, step, false)?;
            return Err(self.store_failed(why));
        }
        step.seen.append(gone);
        Ok(())
    }

    /// Raises the one alarm for a store that is out of reach, and returns the failure.
    fn store_failed(&self, why: String) -> Failure {
        if let Err(failure) = self.raise_alarm(AlarmKind::TargetFailed, "originals", &why, "") {
            // The register may lie on the same disk; then the status alone says it.
            eprintln!("scrub: {why}: the alarm cannot be written: {}", failure.chain());
        }
        Failure::new(ErrorCode::TargetFailed).with("path", self.vault.join("originals").display()).because(why)
    }

    /// Writes down what was read: which clips, what was found, and the alarms that calls for, in one write.
    fn keep_step(&self, run: &mut Run<'_>, step: &mut Step, complete: bool) -> Result<(), Failure> {
        let Step { seen, copies, good_copies, .. } = std::mem::replace(step, Step::new());
        if seen.is_empty() && good_copies.is_empty() && !complete {
            return Ok(());
        }
        let (findings, not_cold, changes) = self.register.write::<_, Failure>(&self.author(run.actor, ""), |view| {
            let mut advanced = ScrubAdvanced { round: run.round, complete, ..Default::default() };
            let (mut findings, mut changes) = (copies, Vec::from_iter(good_copies.into_changes()));
            for (row, found) in &seen {
                // A clip that was restored elsewhere meanwhile is read there.
                let Some(judged) = self.judge(view, row, found, Look::Content)? else { continue };
                advanced.clips.push(row.clip.id.to_string());
                advanced.bytes += found.coldness.map_or(0, |_| row.clip.size);
                advanced.not_cold += u64::from(found.coldness == Some(Coldness::NotExcluded));
                findings.extend(judged.finding);
                changes.extend(judged.changes);
            }
            advanced.findings = findings.iter().map(Into::into).collect();
            let not_cold = advanced.not_cold;
            changes.insert(0, advanced.into());
            Ok((changes.clone(), (findings, not_cold, changes)))
        })?;
        self.moved(|progress| {
            progress.findings += findings.len() as u64;
            progress.not_cold += not_cold;
        });
        run.findings.extend(findings);
        self.tell_alarms(&changes);
        if changes.iter().any(|change| matches!(change, Change::ClipChecked(_))) {
            self.tell(&[Topic::Clips]);
        }
        self.tell(&[Topic::Scrub]);
        Ok(())
    }

    fn moved(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = &mut self.scrub.desk.held().progress {
            change(progress);
        }
    }

    /// Returns how far the round under way, or the last, is; counted when nobody has yet.
    pub(crate) fn scrub_progress(&self) -> Result<Progress, Failure> {
        let known = self.scrub.desk.held().progress;
        let progress = match known {
            Some(progress) => progress,
            None => self.count_progress()?,
        };
        self.scrub.desk.held().progress.get_or_insert(progress);
        Ok(progress)
    }

    fn count_progress(&self) -> Result<Progress, Failure> {
        self.read(|view| {
            let Some(last) = view.last_scrub()? else { return Ok(Progress::default()) };
            let (clips, bytes) = view.clip_totals()?;
            // Of a round that is through, what has come since is not its own.
            let (clips_left, bytes_left) = view.scrub_left(last.round)?;
            let (clips_done, bytes_done) = (clips - clips_left, bytes - bytes_left);
            let through = last.ended_at.is_some();
            Ok(Progress {
                round: last.round,
                clips_done,
                clips_total: if through { clips_done } else { clips },
                bytes_done,
                bytes_total: if through { bytes_done } else { bytes },
                bytes_current: 0,
                findings: last.findings,
                not_cold: last.not_cold,
            })
        })
    }
}
