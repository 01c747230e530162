//! Docked drives and the recorders they belong to.

use crate::RecorderId;

/// What is known of a volume without reading one byte of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeFacts {
    /// Volume label, empty when there is none.
    pub label: String,
    /// Volume serial or UUID, empty when the system does not tell.
    pub serial: String,
    /// File system as the mount table names it.
    pub fstype: String,
    /// Size in bytes, 0 when the system does not tell.
    pub capacity: u64,
    /// Whether the system mounted it read-only.
    pub read_only: bool,
}

/// What a volume is remembered by: serial where there is one, else label.
///
/// A reformatted card gets a new serial and so is a new volume.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeKey(String);

impl VolumeKey {
    /// Returns the key of a volume, or `None` when it has neither serial nor label.
    pub fn of(facts: &VolumeFacts) -> Option<Self> {
        if !facts.serial.is_empty() {
            Some(Self(format!("serial:{}", facts.serial)))
        } else if !facts.label.is_empty() {
            Some(Self(format!("label:{}", facts.label)))
        } else {
            None
        }
    }

    /// Returns the key as the register stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A recording device of the unit (记录仪).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    pub id: RecorderId,
    /// The name on the device, such as `DSJ-A8 03号`.
    pub name: String,
    /// Which profile of `assets/recorders` describes its folders.
    pub profile: String,
    /// Serial number by the maker; empty when unknown.
    pub serial: String,
    /// Who keeps it (保管人); empty when nobody is named yet.
    pub keeper: String,
}
