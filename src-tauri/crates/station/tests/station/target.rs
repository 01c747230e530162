//! The vault's disk fails: everything pauses, and goes on by itself when it is back.

use crate::bench::{Asked, Bench, check_holds, clerk, refusal};
use crate::stalled::{FuseCard, until, watching};
use faultfs::{Disk, DiskFault, DiskScript, DiskTrouble, Mount, Script};
use model::{AlarmKind, ErrorCode, JobId};
use station::{Declared, JobState, Patience, Station};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

/// A vault on a disk that fails, two slow cards that are being taken in, and a third that stands there.
struct Trouble {
    disk: Disk,
    station: Arc<Station>,
    cards: Vec<FuseCard>,
    jobs: Vec<JobId>,
    _mount: Mount,
    _bench: Bench,
}

impl Trouble {
    fn under_way() -> Self {
        let bench = Bench::mute();
        fs::create_dir(bench.vault()).unwrap();
        let disk = Disk::new();
        let mount = Mount::start(&bench.vault(), &disk).unwrap();
        let patience = Patience { probe: Duration::from_millis(100), ..Patience::default() };
        let station = watching(&bench, patience);
        let cards: Vec<FuseCard> = ["A", "B", "C"].iter().map(|name| FuseCard::dock(&bench, name, 6)).collect();
        for card in &cards[..2] {
            card.card.play(Script { throttle: Some(1_500_000), ..Script::default() });
        }
        let jobs: Vec<JobId> = cards[..2].iter().map(|card| card.begin(&station)).collect();
        for job in &jobs {
            until("something is in custody", || (station.job_status(job).unwrap().stored > 0).then_some(()));
        }
        Self { disk, station, cards, jobs, _mount: mount, _bench: bench }
    }

    fn suffers(&self, script: DiskScript) {
        self.disk.play(script);
    }

    /// Fails unless both jobs pause, for one of these reasons.
    fn pauses(&self, codes: &[ErrorCode]) {
        for job in &self.jobs {
            let ended = self.station.ended(job);
            assert!(matches!(ended.state, JobState::Interrupted | JobState::Failed), "it stops: {:?}", ended.state);
            let why = ended.error.as_ref().map(|error| error.code).filter(|code| codes.contains(code));
            assert!(why.is_some(), "and says why: {:?}", ended.error);
            assert!(ended.awaits_target, "and waits for the disk");
        }
        let told = self.station.target_trouble().map(|trouble| trouble.code);
        assert!(told.is_some_and(|code| codes.contains(&code)), "the station says so: {told:?}");
    }

    /// Fails unless both jobs go on by themselves to their end, with nothing lost and nothing twice.
    fn goes_on(&self) {
        self.suffers(DiskScript::default());
        for job in &self.jobs {
            until("it goes on by itself to its end", || {
                self.station.job_status(job).is_ok_and(|status| status.state == JobState::Done).then_some(())
            });
        }
        assert_eq!(self.station.target_trouble(), None, "the trouble is over");
        self.cards[..2].iter().for_each(|card| check_holds(&self.station, &card.files));
        assert_eq!(self.station.clips().len(), 12, "nothing twice");
        assert_eq!(self.station.checked(false).findings, [], "and the store is sound");
        let alarms = self.station.alarms().unwrap();
        let raised = alarms.iter().filter(|alarm| alarm.kind == AlarmKind::TargetFailed).count();
        assert_eq!(raised, 1, "the alarm stands until somebody deals with it: {alarms:?}");
        self.station.close();
    }
}

#[test]
fn row_36_a_disk_that_fails_pauses_all_and_they_go_on_by_themselves() {
    let trouble = Trouble::under_way();
    let faults = vec![DiskFault::always("", DiskTrouble::ReadOnly)];
    trouble.suffers(DiskScript { faults, ..DiskScript::default() });
    // Whichever of copy and register meets it first says what it met.
    trouble.pauses(&[ErrorCode::TargetReadOnly, ErrorCode::TargetFailed, ErrorCode::RegisterFailed]);
    trouble.goes_on();
}

#[test]
fn row_34_a_disk_that_fills_up_pauses_all_and_they_go_on_by_themselves() {
    let trouble = Trouble::under_way();
    let faults = vec![DiskFault::always("staging", DiskTrouble::Full)];
    trouble.suffers(DiskScript { faults, ..DiskScript::default() });
    trouble.pauses(&[ErrorCode::TargetFull]);
    let alarms = trouble.station.alarms().unwrap();
    assert_eq!(alarms.len(), 1, "the register can be written, so the alarm stands at once");
    let third = trouble.cards[2].seen(&trouble.station).docked.id.to_string();
    trouble.station.admit_once(&clerk(), &third).unwrap();
    let refused = trouble.station.start_intake(&clerk(), &third, Declared::Asked);
    assert_eq!(refusal(refused), ErrorCode::TargetFull, "nothing is begun meanwhile");
    trouble.goes_on();
}
