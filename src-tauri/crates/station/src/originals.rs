//! Looking at one original: its bytes and its sidecar. One code for fsck and scrub, so that neither calls good what
//! the other calls bad.

use crate::{Failure, Station};
use fixity::{Coldness, RereadError};
use intake::Sidecar;
use ledger::{Change, ClipChecked};
use model::{AlarmKind, Clip, ClipState, ErrorCode, Problem, ProblemCode};
use register::{ClipRow, RegisterError, View};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// So many originals that cannot be had, and no other that can: it is the disk, not the originals.
pub(crate) const GONE_TOGETHER: usize = 3;
/// Originals that are tried, spread over the store, to tell the two apart.
const OTHERS_TRIED: u32 = 16;

/// How close a look is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Names and sizes. It cannot clear a clip.
    Names,
    /// Every byte.
    Content,
}

/// What a look at a clip gave.
pub(crate) struct Found {
    pub problem: Option<Problem>,
    /// How the cache was ruled out; `None` when the bytes were not read to their end.
    pub coldness: Option<Coldness>,
}

impl Found {
    /// Returns what is wrong with the original itself.
    pub fn bad(&self) -> Option<&Problem> {
        use ProblemCode::{OriginalChanged, OriginalMissing, OriginalUnreadable};
        let codes = [OriginalMissing, OriginalChanged, OriginalUnreadable];
        self.problem.as_ref().filter(|problem| codes.contains(&problem.code))
    }

    /// Tells whether the original cannot be had at all: that may be the disk's fault.
    pub fn is_gone(&self) -> bool {
        self.bad().is_some_and(|problem| problem.code != ProblemCode::OriginalChanged)
    }
}

/// What a look means.
pub(crate) struct Judged {
    pub finding: Option<Problem>,
    /// The clip's state from now on.
    pub state: ClipState,
    /// The state where it changes, and the alarm.
    pub changes: Vec<Change>,
}

impl Station {
    /// Looks at a clip's bytes and sidecar. Stops between two blocks when `watch` says so: [`ErrorCode::Cancelled`].
    pub(crate) fn look_at(&self, row: &ClipRow, look: Look, watch: &dyn fixity::Watch) -> Result<Found, Failure> {
        let path = self.vault.join(&row.clip.stored_path);
        let (wrong, coldness) =
            read_original(&path, &row.clip, look, watch).ok_or_else(|| Failure::new(ErrorCode::Cancelled))?;
        let problem = match wrong {
            Some((code, what)) => Some(Problem::new(code, &row.clip.stored_path).because(self.exhibit(row, &what)?)),
            None => check_sidecar(&path, row),
        };
        Ok(Found { problem, coldness })
    }

    /// Names the exhibit and the event that registered it: `P2026-000012 #14: …`.
    fn exhibit(&self, row: &ClipRow, what: &str) -> Result<String, Failure> {
        let id = row.clip.id.as_str();
        let events = self.read(|view| view.history(&[id]))?;
        let named = match events.iter().find(|event| event.kind == "clip.registered") {
            Some(event) => format!("{} #{}", row.clip.number, event.seq),
            None => row.clip.number.clone(),
        };
        Ok(if what.is_empty() { named } else { format!("{named}: {what}") })
    }

    /// Says what a look at a clip means, inside the write that keeps it. `None` when the clip was restored elsewhere
    /// meanwhile: then the look was at something else.
    pub(crate) fn judge(
        &self,
        view: &View<'_>,
        row: &ClipRow,
        found: &Found,
        look: Look,
    ) -> Result<Option<Judged>, RegisterError> {
        let Some(now) = view.clip(&row.clip.id)?.filter(|now| now.clip.stored_path == row.clip.stored_path) else {
            return Ok(None);
        };
        let state = match (found.bad(), now.clip.state) {
            (Some(_), ClipState::Mismatch) => None,
            (Some(_), _) => Some(ClipState::Mismatch),
            (None, ClipState::Mismatch) if look == Look::Content => Some(state_when_right(view, &now)?),
            _ => None,
        };
        let mut judged = Judged {
            finding: found.problem.clone(),
            state: state.unwrap_or(now.clip.state),
            changes: state.map(|state| checked(row, found, state)).into_iter().collect(),
        };
        if let Some(problem) = &found.problem {
            let kind = if found.bad().is_some() { AlarmKind::OriginalBad } else { AlarmKind::RegisterUnsound };
            let detail = format!("{} {} {}", problem.code, problem.path, problem.detail);
            let ids = self.around.ids.as_ref();
            judged.changes.extend(view.raised(ids, kind, row.clip.id.as_str(), detail.trim_end(), "")?);
        }
        Ok(Some(judged))
    }

    /// Says why the store as a whole seems to be gone, and not just these originals; `None`: it answers.
    ///
    /// A disk that fails or was unmounted makes no original bad: its folders are gone, or nothing else can be read
    /// either.
    pub(crate) fn store_lost(&self, gone: &[&ClipRow]) -> Result<Option<String>, Failure> {
        let others = self.read(|view| view.clips_spread(OTHERS_TRIED))?;
        let others: Vec<&ClipRow> =
            others.iter().filter(|row| gone.iter().all(|gone| gone.clip.id != row.clip.id)).collect();
        if others.is_empty() && gone.is_empty() {
            return Ok(None);
        }
        let first = fs::read_dir(self.vault.join("originals")).and_then(|mut entries| entries.next().transpose());
        match fs::symlink_metadata(self.vault.join("vault.toml")).and(first) {
            Err(error) => return Ok(Some(format!("originals: {error}"))),
            Ok(None) => return Ok(Some("originals: empty".to_owned())),
            Ok(Some(_)) if others.is_empty() && gone.len() < GONE_TOGETHER => return Ok(None),
            Ok(Some(_)) => {}
        }
        if others.iter().any(|row| begins(&self.vault.join(&row.clip.stored_path))) {
            return Ok(None);
        }
        Ok(Some(format!("originals: none of {} can be read", gone.len() + others.len())))
    }
}

/// Returns what is wrong with an original, with what was seen instead, and how the cache was ruled out; `None` when
/// `watch` stopped it.
#[expect(clippy::type_complexity, reason = "two answers of one look")]
fn read_original(
    path: &Path,
    clip: &Clip,
    look: Look,
    watch: &dyn fixity::Watch,
) -> Option<(Option<(ProblemCode, String)>, Option<Coldness>)> {
    let unread = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Some((ProblemCode::OriginalMissing, String::new())),
        _ => Some((ProblemCode::OriginalUnreadable, error.to_string())),
    };
    let changed = |what: String| Some((ProblemCode::OriginalChanged, what));
    Some(match fs::symlink_metadata(path) {
        Err(error) => (unread(error), None),
        Ok(facts) if !facts.is_file() => (changed("no regular file".to_owned()), None),
        Ok(facts) if facts.len() != clip.size => (changed(format!("{} bytes", facts.len())), None),
        Ok(_) if look == Look::Names => (None, None),
        Ok(_) => match fixity::reread(path, watch) {
            Ok(back) if back.blake3 == clip.digests.blake3 => (None, Some(back.coldness)),
            Ok(back) => (changed(format!("BLAKE3 {}", back.blake3)), Some(back.coldness)),
            Err(RereadError::Cancelled) => return None,
            Err(RereadError::Read(error)) => (unread(error), None),
        },
    })
}

/// Stops a reading after its first block.
#[derive(Default)]
struct FirstBlock(AtomicBool);

impl fixity::Watch for FirstBlock {
    fn copied(&self, _bytes: u64) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Tells whether the first block of a file can be read from the disk.
fn begins(path: &Path) -> bool {
    !matches!(fixity::reread(path, &FirstBlock::default()), Err(RereadError::Read(_)))
}

/// Returns the state of a clip whose stored bytes are right.
pub(crate) fn state_when_right(view: &View<'_>, row: &ClipRow) -> Result<ClipState, RegisterError> {
    Ok(if !row.unreadable.is_empty() {
        ClipState::Damaged
    } else if view.is_in_doubt(&row.clip.id)? {
        ClipState::Suspect
    } else {
        ClipState::Verified
    })
}

/// Returns what a look says of a clip for its history.
pub(crate) fn checked(row: &ClipRow, found: &Found, state: ClipState) -> Change {
    let bad = found.bad();
    let checked = ClipChecked {
        clip: row.clip.id.to_string(),
        state: state.code().to_owned(),
        code: bad.map(|problem| problem.code.code().to_owned()).unwrap_or_default(),
        detail: bad.map(|problem| problem.detail.clone()).unwrap_or_default(),
        coldness: found.coldness.map(|coldness| coldness.code().to_owned()).unwrap_or_default(),
    };
    checked.into()
}

fn check_sidecar(original: &Path, row: &ClipRow) -> Option<Problem> {
    let problem = |code| {
        let problem = Problem::new(code, format!("{}/{}", folder_of(&row.clip.stored_path), intake::SIDECAR_FILE));
        problem.because(&row.clip.number)
    };
    let sidecar = match original.parent().map(Sidecar::read) {
        Some(Ok(sidecar)) => sidecar.clip,
        Some(Err(error)) => {
            return Some(problem(ProblemCode::SidecarMissing).because(format!("{}: {error}", row.clip.number)));
        }
        None => return Some(problem(ProblemCode::SidecarMissing)),
    };
    let clip = &row.clip;
    let unreadable: Vec<(u64, u64)> = sidecar.unreadable.iter().map(|range| (range.from, range.to)).collect();
    let same = sidecar.id == clip.id.as_str()
        && sidecar.size == clip.size
        && sidecar.blake3 == clip.digests.blake3.to_string()
        && sidecar.sha256 == clip.digests.sha256.to_string()
        && sidecar.sm3 == clip.digests.sm3.to_string()
        && sidecar.original_name == clip.original_name
        && sidecar.stored_path == clip.stored_path
        && unreadable == row.unreadable;
    (!same).then(|| problem(ProblemCode::SidecarDiffers))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{Ids, Surroundings, SystemClock};
    use ledger::{ClipRegistered, JobOpened, RangeRecord, SightingRecord, SourceReading, SourceReread};
    use model::{Actor, Digests};
    use std::sync::Arc;

    fn station(vault: &Path) -> Arc<Station> {
        let around = Surroundings {
            prober: media::Prober::at("/bin/true".into()),
            clock: Arc::new(SystemClock),
            ids: Arc::new(Ids::default()),
            dock_folders: Vec::new(),
            watch_dock: false,
            system: Default::default(),
            patience: Default::default(),
        };
        Station::create(vault, "某局", "qj-qilin", &Actor::Station, around).unwrap()
    }

    /// Puts a clip into store and register as an intake would, damaged where it says so.
    fn take_in(station: &Station, unreadable: &[(u64, u64)], doubted: bool) -> ClipRow {
        let (id, job) = (station.around.ids.next(), station.around.ids.next());
        let bytes = format!("the bytes of {id}");
        let (size, Digests { blake3, sha256, sm3 }) = fixity::digest(bytes.as_bytes()).unwrap();
        let clip = ClipRegistered {
            id: id.clone(),
            number: station.read(|view| view.next_number(model::NumberKind::Clip, 2026)).unwrap(),
            original_name: "F.MP4".into(),
            size,
            blake3: blake3.to_string(),
            sha256: sha256.to_string(),
            sm3: sm3.to_string(),
            level: "V2".into(),
            coldness: "direct".into(),
            stored_path: format!("originals/2026/11/21/DSJ/{id}/F.MP4"),
            job: job.clone(),
            state: if unreadable.is_empty() { "" } else { "damaged" }.into(),
            unreadable: unreadable.iter().map(|(from, to)| RangeRecord { from: *from, to: *to }).collect(),
            sighting: SightingRecord { path: "F.MP4".into(), ..Default::default() },
            ..Default::default()
        };
        let path = station.vault.join(&clip.stored_path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let sidecar = Sidecar {
            evidock_clip: 1,
            taken_in_at: String::new(),
            taken_in_by: String::new(),
            clip: ClipRegistered { number: String::new(), ..clip.clone() },
        };
        fs::write(path.with_file_name(intake::SIDECAR_FILE), serde_json::to_vec(&sidecar).unwrap()).unwrap();
        let mut changes: Vec<Change> = vec![JobOpened { id: job.clone(), ..Default::default() }.into(), clip.into()];
        if doubted {
            let reading = SourceReading { clip: id.clone(), path: "F.MP4".into(), ..Default::default() };
            changes.push(SourceReread { job, readings: vec![reading] }.into());
        }
        station.register.write::<_, Failure>(&station.author(&Actor::Station, ""), |_| Ok((changes, ()))).unwrap();
        now(station, &model::ClipId::parse(&id).unwrap())
    }

    fn now(station: &Station, id: &model::ClipId) -> ClipRow {
        station.read(|view| view.clip(id)).unwrap().unwrap()
    }

    #[test]
    fn a_clip_comes_back_to_the_state_it_was_taken_in_with() {
        let place = tempfile::tempdir().unwrap();
        let station = station(&place.path().join("vault"));
        for (what, unreadable, doubted, state) in [
            ("a good one", &[][..], false, ClipState::Verified),
            ("one that was only partly readable", &[(3, 5), (9, 11)][..], false, ClipState::Damaged),
            ("one that the recorder gave in two ways", &[][..], true, ClipState::Suspect),
        ] {
            let row = take_in(&station, unreadable, doubted);
            assert_eq!(row.clip.state, state, "{what}: as it was taken in");
            let after = || {
                let report = station.scrub_and_wait(&Actor::Station).unwrap();
                (now(&station, &row.clip.id).clip.state, report.findings.len())
            };
            assert_eq!(after(), (state, 0), "{what}: its own digests are what counts");
            let path = station.vault.join(&row.clip.stored_path);
            let kept = fs::read(&path).unwrap();
            fs::write(&path, kept.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>()).unwrap();
            assert_eq!(after(), (ClipState::Mismatch, 1), "{what}: changed");
            fs::write(&path, kept).unwrap();
            assert_eq!(after(), (state, 0), "{what}: right again, and no better than before");
        }
        let alarms = station.alarms().unwrap();
        assert!(alarms.iter().all(|alarm| alarm.kind == AlarmKind::OriginalBad) && alarms.len() == 3, "{alarms:?}");
        assert_eq!(station.register.audit().unwrap(), [], "the ledger gives the same tables");
    }

    #[test]
    fn a_sidecar_must_tell_the_same_damage() {
        let place = tempfile::tempdir().unwrap();
        let station = station(&place.path().join("vault"));
        let row = take_in(&station, &[(3, 5)], false);
        let sidecar = station.vault.join(&row.clip.stored_path).with_file_name(intake::SIDECAR_FILE);
        let text = fs::read_to_string(&sidecar).unwrap();
        fs::write(&sidecar, text.replace(r#""from":3,"to":5"#, r#""from":3,"to":4"#)).unwrap();
        let found = station.look_at(&row, Look::Content, &fixity::Unwatched).unwrap();
        assert_eq!(
            found.problem.map(|problem| problem.code),
            Some(ProblemCode::SidecarDiffers),
            "one byte less is lost"
        );
    }
}
