use crate::DockError;
use crate::inventory::EntryKind;
use crate::pattern::{Pattern, Reading};
use serde::Deserialize;
use std::fmt;
use toml::Spanned;

/// Names a profile: lower-case letters, digits and hyphens, such as `dsj-a`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(String);

impl ProfileId {
    /// Returns the id as text, as `model::Recorder` keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How one kind of recorder lays out its card. Data, from `assets/recorders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub id: ProfileId,
    /// As people read it.
    pub maker: String,
    /// As people read it.
    pub model: String,
    /// Whether it stands for any device with such folders and not for one maker's.
    pub generic: bool,
    /// Extensions of footage (video, photo, sound), lower case.
    pub footage: Vec<String>,
    patterns: Vec<Pattern>,
}

/// A profile as it is written; an unknown key is an error, so that a slip of the pen is heard.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Spanned<String>,
    maker: String,
    model: String,
    #[serde(default)]
    generic: bool,
    patterns: Vec<Spanned<String>>,
    footage: Vec<Spanned<String>>,
}

impl Profile {
    /// Reads a profile; `file` only serves the error, which names the line and the reason.
    pub fn parse(file: &str, text: &str) -> Result<Self, DockError> {
        let refuse = |offset: usize, reason: String| DockError::Profile {
            file: file.to_owned(),
            line: 1 + text.bytes().take(offset).filter(|&b| b == b'\n').count(),
            reason,
        };
        let written: Written =
            toml::from_str(text).map_err(|e| refuse(e.span().map_or(0, |span| span.start), e.message().to_owned()))?;
        let id = written.id.get_ref();
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            let reason = format!("the id {id:?} is not made of lower-case letters, digits and hyphens");
            return Err(refuse(written.id.span().start, reason));
        }
        let mut footage = Vec::with_capacity(written.footage.len());
        for extension in &written.footage {
            let plain = extension.get_ref();
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
                let reason = format!("the extension {plain:?} is not made of lower-case letters and digits");
                return Err(refuse(extension.span().start, reason));
            }
            footage.push(plain.clone());
        }
        let patterns = written
            .patterns
            .iter()
            .map(|p| Pattern::parse(p.get_ref(), &footage).map_err(|reason| refuse(p.span().start, reason)))
            .collect::<Result<Vec<_>, _>>()?;
        let Written { maker, model, generic, .. } = written;
        Ok(Self { id: ProfileId(written.id.into_inner()), maker, model, generic, footage, patterns })
    }

    /// Returns what the profile's patterns read from a path relative to the drive; of several, the first to its end.
    pub(crate) fn read(&self, path: &[u8]) -> Option<Reading> {
        let mut readings = self.patterns.iter().filter_map(|pattern| pattern.read(path));
        let first = readings.next()?;
        if first.full { Some(first) } else { Some(readings.find(|reading| reading.full).unwrap_or(first)) }
    }

    /// Tells footage from its companions (logs, thumbnails, indices) by the name's extension.
    pub(crate) fn kind_of(&self, name: &[u8]) -> EntryKind {
        let extension = name.iter().rposition(|&b| b == b'.').map(|dot| &name[dot + 1..]);
        match extension {
            Some(ext) if self.footage.iter().any(|known| ext.eq_ignore_ascii_case(known.as_bytes())) => {
                EntryKind::Footage
            }
            _ => EntryKind::Companion,
        }
    }

    /// Returns the deepest path any pattern speaks of, in components.
    pub(crate) fn depth(&self) -> usize {
        self.patterns.iter().map(Pattern::depth).max().unwrap_or(0)
    }
}

/// The profiles a station knows.
#[derive(Clone, Debug)]
pub struct Profiles(Vec<Profile>);

/// The last resort comes last.
const BUILTIN: [(&str, &str); 5] = [
    ("dsj-a.toml", include_str!("../../../../assets/recorders/dsj-a.toml")),
    ("yzx-v.toml", include_str!("../../../../assets/recorders/yzx-v.toml")),
    ("hb-cam.toml", include_str!("../../../../assets/recorders/hb-cam.toml")),
    ("dcim.toml", include_str!("../../../../assets/recorders/dcim.toml")),
    (OTHER_FILE, include_str!("../../../../assets/recorders/other.toml")),
];
const OTHER_FILE: &str = "other.toml";
const OTHER: &str = "other";

impl Profiles {
    /// Returns the profiles of `assets/recorders`.
    pub fn builtin() -> Self {
        let read = |(file, text)| Profile::parse(file, text).expect("the built-in profiles are parsed by a test");
        Self(BUILTIN.into_iter().map(read).collect())
    }

    /// Adds a unit's own profile; an id that is taken is refused.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), DockError> {
        let profile = Profile::parse(file, text)?;
        if self.get(profile.id.as_str()).is_some() {
            let reason = format!("there is already a profile {}", profile.id);
            return Err(DockError::Profile { file: file.to_owned(), line: 1, reason });
        }
        self.0.push(profile);
        Ok(())
    }

    /// Returns the profile of an id.
    pub fn get(&self, id: &str) -> Option<&Profile> {
        self.0.iter().find(|profile| profile.id.as_str() == id)
    }

    /// Returns every profile.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter()
    }

    /// Returns the profile for a layout nobody knows.
    pub fn other(&self) -> &Profile {
        self.get(OTHER).expect("built in, and profiles are only ever added")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_profiles_stand() {
        let profiles = Profiles::builtin();
        for (profile, (file, _)) in profiles.iter().zip(BUILTIN) {
            assert_eq!(format!("{}.toml", profile.id), file, "a profile's file bears its id");
            assert!(!profile.maker.is_empty() && !profile.model.is_empty(), "{file} says what people call it");
            assert!(!profile.footage.is_empty(), "{file} knows footage from companions");
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../assets/recorders");
        let on_disk = std::fs::read_dir(folder).expect("assets are part of the tree").count();
        assert_eq!(on_disk, BUILTIN.len(), "every profile of assets/recorders is built in");
        assert_eq!(profiles.other().id.as_str(), OTHER);
    }

    #[test]
    fn a_bad_profile_is_refused_with_line_and_reason() {
        let rows = [
            (
                "id = \"x\"\nmaker = \"m\"\nmodel = \"m\"\npatterns = [\n  \"A/{Q}\",\n]\nfootage = []",
                5,
                "no placeholder {Q}",
            ),
            ("id = \"X 1\"\nmaker = \"m\"\nmodel = \"m\"\npatterns = []\nfootage = []", 1, "lower-case letters"),
            ("id = \"x\"\nmaker = \"m\"\nmodel = \"m\"\npatterns = []\nfootage = [\".MP4\"]", 5, "\".MP4\""),
            ("id = \"x\"\nmaker = \"m\"\nmodel = \"m\"\npattern = []\nfootage = []", 4, "unknown field"),
            ("id = \"x\"\nmaker = 1", 2, "expected a string"),
            ("id = \"x\"\nmaker =", 2, "value"),
            ("id = \"dcim\"\nmaker = \"m\"\nmodel = \"m\"\npatterns = []\nfootage = []", 1, "already a profile dcim"),
        ];
        for (text, expected_line, expected_reason) in rows {
            match Profiles::builtin().add("unit.toml", text) {
                Err(DockError::Profile { file, line, reason }) => {
                    assert_eq!((file.as_str(), line), ("unit.toml", expected_line), "{text} → {reason}");
                    assert!(reason.contains(expected_reason), "{text} was refused for {reason:?}");
                }
                other => panic!("{text} gave {other:?}"),
            }
        }
        let mut profiles = Profiles::builtin();
        let text = "id = \"unit\"\nmaker = \"m\"\nmodel = \"m\"\npatterns = [\"REC/{n:3}.{ext}\"]\nfootage = [\"mp4\"]";
        profiles.add("unit.toml", text).expect("a good profile is taken");
        assert!(profiles.get("unit").is_some(), "and found under its id");
    }
}
