use crate::pattern::Reading;
use crate::profile::{ProfileId, Profiles};
use crate::source::open_below;
use crate::{DockError, SourceError};
use model::escape_bytes;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use walkdir::WalkDir;

/// Name of the optional file at a drive's root by which a unit binds the drive to one of its recorders:
///
/// ```toml
/// serial = "DSJA000123"   # 1 to 64 letters, digits, hyphens: the recorder's serial number
/// name = "DSJ-A 03号"      # 1 to 64 characters: what the recorder is called
/// ```
pub const BINDING_FILE: &str = "evidock-recorder.toml";
/// Larger files under that name are no binding; the inventory takes them in like any other.
pub(crate) const BINDING_BYTES_MAX: u64 = 4096;
const BINDING_TEXT_MAX: usize = 64;

/// How much of a drive is looked at to recognise the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecogniseLimits {
    /// Files looked at in one folder.
    pub folder_files_max: usize,
    /// Files and folders looked at in all.
    pub entries_max: usize,
}

impl Default for RecogniseLimits {
    fn default() -> Self {
        Self { folder_files_max: 256, entries_max: 20_000 }
    }
}

/// Whose drive it is, as far as the drive itself tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// The layout; `other` for one that nobody knows, which is taken in all the same.
    pub profile: ProfileId,
    pub binding: Binding,
    /// Recorder serials that file names carry, escaped by nature. More than one: the card was in several recorders.
    pub serials: BTreeSet<String>,
}

/// What the binding file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// There is none.
    None,
    /// It names a recorder. Whether the unit has that recorder is for the station to say.
    Bound { serial: String, name: String },
    /// There is one, and it is not as it was written.
    Malformed { reason: String },
}

/// Returns which recorder a drive comes from. Reads the drive: only for one the custodian has allowed.
///
/// The deepest evidence wins: a file whose whole path fits beats any folder, and more of the maker's own letters
/// beat fewer. A maker's first folder alone (`FILE`, `VIDEO`) could be anyone's and proves nothing. Only folders
/// that a profile speaks of are entered, and no links are followed. Fails when the drive itself cannot be listed;
/// a folder that cannot be is left to the inventory to report.
pub fn recognise(root: &Path, profiles: &Profiles, limits: &RecogniseLimits) -> Result<Recognition, DockError> {
    let binding = read_binding(root);
    let (found, serials) = gather(root, profiles, limits)?;
    let best = profiles
        .iter()
        .zip(found)
        .filter(|(profile, evidence)| evidence.full || evidence.depth >= if profile.generic { 1 } else { 2 })
        // Of equals, `max_by` would return the last; the first listed is meant.
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    let profile = best.map_or_else(|| profiles.other(), |(profile, _)| profile).id.clone();
    Ok(Recognition { profile, binding, serials })
}

/// Evidence for one profile, compared field by field in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Evidence {
    full: bool,
    depth: usize,
    literals: usize,
}

/// Walks the drive within the limits and returns the best evidence for each profile, in their order.
fn gather(
    root: &Path,
    profiles: &Profiles,
    limits: &RecogniseLimits,
) -> Result<(Vec<Evidence>, BTreeSet<String>), DockError> {
    let mut found = vec![Evidence::default(); profiles.iter().count()];
    let mut serials = BTreeSet::new();
    let fault = |source| DockError::Drive { path: root.to_owned(), source };
    if !std::fs::symlink_metadata(root).map_err(fault)?.is_dir() {
        return Err(fault(std::io::ErrorKind::NotADirectory.into()));
    }
    let depth_max = profiles.iter().map(|profile| profile.depth()).max().unwrap_or(0);
    let mut walk = WalkDir::new(root)
        .follow_root_links(false)
        .same_file_system(true)
        .min_depth(1)
        .max_depth(depth_max)
        .into_iter();
    let (mut seen, mut files_in_folder) = (0, (root.to_owned(), 0));
    while let Some(step) = walk.next() {
        seen += 1;
        if seen > limits.entries_max {
            break;
        }
        let entry = match step {
            Ok(entry) => entry,
            Err(e) if e.depth() == 0 => return Err(fault(e.into())),
            Err(_) => continue,
        };
        let (is_folder, is_file) = (entry.file_type().is_dir(), entry.file_type().is_file());
        let path = entry.path().strip_prefix(root).expect("walkdir gives paths below its root");
        let mut spoken_of = false;
        for (profile, evidence) in profiles.iter().zip(&mut found) {
            let fits = |reading: &Reading| if reading.full { is_file } else { is_folder };
            let Some(reading) = profile.read(path.as_os_str().as_bytes()).filter(fits) else { continue };
            spoken_of = true;
            let here = Evidence { full: reading.full, depth: reading.depth, literals: reading.literals };
            *evidence = here.max(*evidence);
            serials.extend(reading.serial.filter(|_| reading.full));
        }
        if is_folder && !spoken_of {
            walk.skip_current_dir();
        } else if !is_folder {
            let folder = entry.path().parent().unwrap_or(root);
            if files_in_folder.0 != folder {
                files_in_folder = (folder.to_owned(), 0);
            }
            files_in_folder.1 += 1;
            // The root's own folders must all be met, however many files lie between them.
            if files_in_folder.1 >= limits.folder_files_max && entry.depth() == depth_max {
                walk.skip_current_dir();
            }
        }
    }
    Ok((found, serials))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBinding {
    serial: String,
    name: String,
}

fn read_binding(root: &Path) -> Binding {
    let malformed = |reason: String| Binding::Malformed { reason };
    let file = match open_below(root, Path::new(BINDING_FILE)) {
        Ok((file, _)) => file,
        Err(SourceError::Gone { .. }) => return Binding::None,
        Err(SourceError::Open { path, source }) => return malformed(format!("cannot open {path}: {source}")),
        Err(refusal) => return malformed(refusal.to_string()),
    };
    let mut text = String::new();
    match file.take(BINDING_BYTES_MAX + 1).read_to_string(&mut text) {
        Err(e) => malformed(format!("cannot read {BINDING_FILE}: {e}")),
        Ok(length) if length as u64 > BINDING_BYTES_MAX => {
            malformed(format!("{BINDING_FILE} is longer than {BINDING_BYTES_MAX} bytes"))
        }
        Ok(_) => match toml::from_str::<WrittenBinding>(&text) {
            Err(e) => malformed(format!("{BINDING_FILE}: {}", e.message())),
            Ok(written) => check_binding(written).unwrap_or_else(malformed),
        },
    }
}

fn check_binding(WrittenBinding { serial, name }: WrittenBinding) -> Result<Binding, String> {
    let fits = |text: &str| (1..=BINDING_TEXT_MAX).contains(&text.chars().count());
    if !fits(&serial) || !serial.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Err(format!("{BINDING_FILE}: the serial is not 1 to {BINDING_TEXT_MAX} letters, digits and hyphens"))
    } else if !fits(&name) || escape_bytes(name.as_bytes()) != name {
        Err(format!("{BINDING_FILE}: the name is not 1 to {BINDING_TEXT_MAX} plain characters"))
    } else {
        Ok(Binding::Bound { serial, name })
    }
}
