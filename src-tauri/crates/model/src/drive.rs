//! Docked drives.

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
