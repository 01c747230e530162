//! A group of verified copies: published, and registered in one transaction.

use crate::desk::Desk;
use crate::error::IntakeError;
use crate::finish::{Errand, SoundCopy, is_held};
use fixity::Published;
use ledger::{AlarmRaised, Change, ClipChecked, ClipRegistered, ClipRestored, ClipSighted};
use model::{AlarmId, AlarmKind, ClipId, ClipState, Digest, NumberKind};
use register::{ClipRow, RegisterError, View};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// What is to be committed.
pub(crate) enum Item {
    Copy(Box<SoundCopy>),
    /// A held content that was met.
    Met(Box<ClipRow>, dock::Entry),
}

/// What became of it.
pub(crate) enum Committed {
    /// A clip, new or at its place again.
    Registered,
    /// Somebody has the content. `noted`: this job had not met it in this very place before.
    Held { noted: bool, state: ClipState },
    /// This copy alone failed, and is to be made again.
    Failed(IntakeError),
}

/// How an item is to be dealt with.
enum Way {
    New {
        /// The file system has no rename that refuses to replace.
        plainly: bool,
    },
    /// A sound copy takes the place of a damaged original.
    Restore(Box<ClipRow>),
    Held(Box<ClipRow>),
    /// The same content as an earlier item of this group.
    Twin(usize),
    Failed(IntakeError),
}

/// Publishes and registers a group; answers item by item, in their order.
///
/// Durability, in this order: the copies' folders get their last names (one rename each, never replacing), each
/// recorder's folder is synced once, and the staging folder; then one transaction registers all of them with their
/// ledger events (`synchronous=FULL`). A power cut before the last leaves folders that [`crate::settle`] takes over;
/// never a row without bytes. An error of a folder's sync or of the register is the whole group's, and nothing of it is
/// committed: the run fails.
pub(crate) fn commit(errand: &Errand<'_>, items: &[Item]) -> Result<Vec<Committed>, IntakeError> {
    let Errand { desk, meter, .. } = errand;
    let _permit = meter.permit().ok_or(IntakeError::Abandoned)?;
    let _alone = desk.publishing.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ways = ways(desk, items)?;
    place_all(errand, items, &mut ways)?;
    let committed = register(errand, items, ways)?;
    for (item, done) in items.iter().zip(&committed) {
        if let (Item::Copy(copy), Committed::Held { .. } | Committed::Failed(_)) = (item, done) {
            // What cannot be removed now is tried again when the run ends and when the program starts.
            drop(meter.at_target(|| desk.disk.remove(&copy.folder)));
        }
    }
    Ok(committed)
}

fn ways(desk: &Desk<'_>, items: &[Item]) -> Result<Vec<Way>, IntakeError> {
    desk.register.read(|view| {
        let mut first: HashMap<Digest, usize> = HashMap::new();
        items
            .iter()
            .enumerate()
            .map(|(n, item)| {
                let copy = match item {
                    Item::Met(row, _) => return Ok(Way::Held(row.clone())),
                    Item::Copy(copy) => copy,
                };
                if let Some(twin) = first.get(&copy.content) {
                    return Ok(Way::Twin(*twin));
                }
                Ok(match view.clip_by_content(&copy.content)?.map(Box::new) {
                    Some(row) if is_held(desk, &row) => Way::Held(row),
                    held => {
                        first.insert(copy.content, n);
                        let id = held.as_ref().map(|row| row.clip.id.as_str());
                        match held {
                            // Another run brought or spoiled the content since the sidecar was written.
                            _ if id.is_some_and(|id| id != copy.record.id) => {
                                Way::Failed(changed_meanwhile(&copy.folder))
                            }
                            Some(row) => Way::Restore(row),
                            None => Way::New { plainly: false },
                        }
                    }
                })
            })
            .collect()
    })
}

fn changed_meanwhile(folder: &Path) -> IntakeError {
    let error = io::Error::other("the register has changed what is said of this content");
    IntakeError::target("publish the copy", folder)(error)
}

/// Gives every copy that needs one its place; after it, the places survive a power cut. What fails for one copy is
/// that copy's, what fails for a folder is everybody's.
fn place_all(errand: &Errand<'_>, items: &[Item], ways: &mut [Way]) -> Result<(), IntakeError> {
    let Errand { desk, meter, .. } = errand;
    let mut shelves: BTreeSet<PathBuf> = BTreeSet::new();
    for (item, way) in items.iter().zip(ways) {
        let (Item::Copy(copy), Way::New { .. } | Way::Restore(_)) = (item, &way) else { continue };
        let file = desk.vault.join(&copy.record.stored_path);
        let folder = file.parent().expect("a stored path has a folder");
        let shelf = folder.parent().expect("a clip's folder lies in a recorder's");
        if shelves.insert(shelf.to_owned()) {
            meter
                .at_target(|| desk.disk.create_folders(shelf))
                .map_err(IntakeError::target("create the folder", shelf))?;
        }
        match meter.at_target(|| desk.disk.publish(&copy.folder, folder)) {
            Ok(published) => {
                if let Way::New { plainly } = way {
                    *plainly = published == Published::Plainly;
                }
            }
            Err(error) => *way = Way::Failed(IntakeError::target("publish the copy as", folder)(error)),
        }
    }
    if shelves.is_empty() {
        return Ok(());
    }
    shelves.insert(desk.staging_of(&errand.opening.job));
    for folder in shelves {
        meter.at_target(|| desk.disk.sync_folder(&folder)).map_err(IntakeError::target("sync the folder", &folder))?;
    }
    Ok(())
}

fn register(errand: &Errand<'_>, items: &[Item], ways: Vec<Way>) -> Result<Vec<Committed>, IntakeError> {
    let desk = errand.desk;
    let write = || {
        desk.register.write::<_, IntakeError>(&desk.author(errand.actor), |view| {
            let mut group = Group { errand, view, changes: Vec::new(), given: None, ids: Vec::new() };
            let committed: Result<Vec<_>, IntakeError> =
                items.iter().zip(ways).map(|(item, way)| group.take(item, way)).collect();
            Ok((group.changes, committed?))
        })
    };
    errand.meter.at_target(write)
}

/// The changes of one group as they come together.
struct Group<'a, 'v> {
    errand: &'a Errand<'a>,
    view: &'a View<'v>,
    changes: Vec<Change>,
    /// The last clip number given in this transaction: year and position.
    given: Option<(i32, u32)>,
    /// What each item's content is registered as, for twins.
    ids: Vec<Option<ClipId>>,
}

impl Group<'_, '_> {
    fn take(&mut self, item: &Item, way: Way) -> Result<Committed, IntakeError> {
        let (id, committed) = match (item, way) {
            (Item::Copy(copy), Way::New { plainly }) => (ClipId::parse(&copy.record.id), self.clip(copy, plainly)?),
            (Item::Copy(copy), Way::Restore(row)) => (Some(row.clip.id.clone()), self.restore(copy, &row)),
            (Item::Copy(copy), Way::Held(row)) => {
                (Some(row.clip.id.clone()), self.held(&row, &copy.entry, copy.unreadable.is_empty())?)
            }
            (Item::Met(row, entry), _) => (None, self.held(row, entry, true)?),
            (Item::Copy(copy), Way::Twin(first)) => match self.ids.get(first).cloned().flatten() {
                Some(id) => {
                    let state = if copy.unreadable.is_empty() { ClipState::Verified } else { ClipState::Damaged };
                    (Some(id.clone()), Committed::Held { noted: self.sight(&id, &copy.entry)?, state })
                }
                // The first of them failed: this one is made again with it.
                None => (None, Committed::Failed(changed_meanwhile(&copy.folder))),
            },
            (Item::Copy(_), Way::Failed(error)) => (None, Committed::Failed(error)),
        };
        self.ids.push(id);
        Ok(committed)
    }

    fn clip(&mut self, copy: &SoundCopy, plainly: bool) -> Result<Committed, IntakeError> {
        let mut record = ClipRegistered { number: self.number()?, ..copy.record.clone() };
        if plainly {
            // The sidecar was written before and does not know.
            record.means.push("plain_publish".to_owned());
        }
        self.changes.push(record.into());
        if !copy.unreadable.is_empty() {
            let detail = format!("{}: {}", copy.entry.shown, copy.damage());
            self.changes.push(damage_alarm(self.errand.desk, &copy.record.id, detail));
        }
        Ok(Committed::Registered)
    }

    fn restore(&mut self, copy: &SoundCopy, row: &ClipRow) -> Committed {
        self.changes.push(restored(copy.record.clone()));
        // The same content was damaged before, and is so again: being restored does not make it whole.
        if !copy.unreadable.is_empty() && !row.unreadable.is_empty() {
            self.changes.push(judged(&row.clip.id, ClipState::Damaged));
        }
        Committed::Registered
    }

    fn held(&mut self, row: &ClipRow, entry: &dock::Entry, whole: bool) -> Result<Committed, IntakeError> {
        let mut state = row.clip.state;
        if state == ClipState::Damaged && whole {
            // Read whole, and equal: what could not be read before holds zeros indeed.
            self.changes.push(judged(&row.clip.id, ClipState::Verified));
            state = ClipState::Verified;
        }
        Ok(Committed::Held { noted: self.sight(&row.clip.id, entry)?, state })
    }

    /// Notes that a known content was met on this drive. `false`: this job has noted it of this very file before.
    fn sight(&mut self, clip: &ClipId, entry: &dock::Entry) -> Result<bool, RegisterError> {
        let job = &self.errand.opening.job;
        let sighting = self.errand.sighting(entry);
        let known = self
            .view
            .sightings(clip)?
            .iter()
            .any(|seen| seen.job == *job && seen.path == sighting.path && seen.source_mtime == sighting.mtime);
        if !known {
            let sighted = ClipSighted { clip: clip.to_string(), job: job.to_string(), sighting };
            self.changes.push(sighted.into());
        }
        Ok(!known)
    }

    /// Returns the next number; those given in this transaction are not in the tables yet.
    fn number(&mut self) -> Result<String, RegisterError> {
        let desk = self.errand.desk;
        let kind = NumberKind::Clip;
        let (year, n) = match self.given {
            Some((year, n)) => (year, n + 1),
            None => {
                let next = self.view.next_number(kind, year_of(desk))?;
                kind.parse(&next).expect("the register gives numbers in their form")
            }
        };
        self.given = Some((year, n));
        Ok(kind.format(year, n))
    }
}

/// Returns the alarm that a damaged clip raises; it goes into the register with the clip.
pub(crate) fn damage_alarm(desk: &Desk<'_>, clip: &str, detail: String) -> Change {
    AlarmRaised {
        id: AlarmId::fresh(desk.ids).to_string(),
        kind: AlarmKind::ClipDamaged.code().to_owned(),
        subject: clip.to_owned(),
        detail,
        article: desk.damage_article.clone(),
    }
    .into()
}

fn judged(clip: &ClipId, state: ClipState) -> Change {
    ClipChecked { clip: clip.to_string(), state: state.code().to_owned(), ..ClipChecked::default() }.into()
}

/// Returns the change that lets a known clip lie where this record says.
pub(crate) fn restored(record: ClipRegistered) -> Change {
    let ClipRegistered { id: clip, job, stored_path, level, coldness, sighting, .. } = record;
    ClipRestored { clip, job, stored_path, level, coldness, sighting }.into()
}

pub(crate) fn year_of(desk: &Desk<'_>) -> i32 {
    desk.zone.year(desk.clock.now())
}
