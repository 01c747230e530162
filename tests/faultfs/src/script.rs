//! What goes wrong with a card, and when.

use fuser::Errno;
use serde::Deserialize;

/// The course of a card.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// Bytes per second of all reads together; none: no limit.
    pub throttle: Option<u64>,
    pub faults: Vec<Fault>,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A file or folder below the root; empty: the whole card.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub after: After,
    /// What `after` counts over instead of `path`.
    #[serde(default)]
    pub counting: Option<String>,
    pub trouble: Trouble,
    /// How often it happens; none: without end.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// Returns a fault that happens without end, or once where twice makes no sense.
    pub fn new(path: &str, after: After, trouble: Trouble) -> Self {
        let lasting = matches!(
            trouble,
            Trouble::Bad { .. }
                | Trouble::Short { .. }
                | Trouble::Flip { .. }
                | Trouble::Endless
                | Trouble::Again { .. }
        );
        Self { path: path.to_owned(), after, counting: None, trouble, times: (!lasting).then_some(1) }
    }

    /// Returns the same, begun by what happens to another path.
    pub fn counting(self, path: &str) -> Self {
        Self { counting: Some(path.to_owned()), ..self }
    }

    /// Returns the same, happening so many times.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

/// When a fault begins; counted over what the fault names, from when the script began or the fault last
/// happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    #[default]
    Nothing,
    /// Bytes read. A read that would go beyond is cut short there.
    Bytes(u64),
    /// Files opened: before the next one.
    Opens(u64),
    /// Listings read to their end; of a file, those of its folder.
    Listings(u64),
}

/// How a card that went away answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// As a dying reader does.
    Eio,
    /// As a pulled device does.
    Enodev,
    /// As a FUSE mount without its process does.
    Enotconn,
}

impl Gone {
    pub(crate) fn errno(self) -> Errno {
        match self {
            Self::Eio => Errno::EIO,
            Self::Enodev => Errno::ENODEV,
            Self::Enotconn => Errno::ENOTCONN,
        }
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trouble {
    /// Everything fails, until [`Card::come_back`](crate::Card::come_back) or the time given.
    Vanish { answer: Gone, back_after_ms: Option<u64> },
    /// Bytes from `from` up to `to` cannot be read. With `times`: so many reads fail, then they are good.
    Bad { from: u64, to: u64 },
    /// A read waits; [`Card::resume`](crate::Card::resume) ends it early.
    Stall { seconds: u64 },
    /// A read gives at most so many bytes.
    Short { max: u32 },
    /// A read is interrupted by a signal.
    Interrupted,
    /// The byte at this place has another value from the second time on that it is read.
    Flip { at: u64 },
    /// The file becomes longer by so many bytes, or shorter.
    Resize { by: i64 },
    /// The modification time moves by so many seconds.
    Touch { by: i64 },
    /// The file is not there before this.
    Appear,
    /// The file is not there any more.
    Remove,
    /// Another file stands under this name: generated content of another size, age and inode.
    Replace { seed: u64, size: u64 },
    /// The folder contains itself, without end. Begins with the script.
    Endless,
    /// A listing gives everything so many times over.
    Again { rounds: u32 },
}

impl Trouble {
    /// Returns the trouble of a pulled device, for good.
    pub fn vanish() -> Self {
        Self::Vanish { answer: Gone::Enodev, back_after_ms: None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_script_is_read_as_it_is_written_by_hand() {
        let text = r#"{"throttle": 40000000, "faults": [
            {"after": {"bytes": 1000}, "trouble": {"vanish": {"answer": "enodev"}}, "times": 1},
            {"path": "A.MP4", "trouble": {"bad": {"from": 10, "to": 20}}},
            {"path": "B.MP4", "after": {"listings": 1}, "counting": "A.MP4", "trouble": "remove", "times": 1}
        ]}"#;
        let wanted = Script {
            throttle: Some(40_000_000),
            faults: vec![
                Fault::new("", After::Bytes(1000), Trouble::vanish()),
                Fault::new("A.MP4", After::Nothing, Trouble::Bad { from: 10, to: 20 }),
                Fault::new("B.MP4", After::Listings(1), Trouble::Remove).counting("A.MP4"),
            ],
        };
        assert_eq!(serde_json::from_str::<Script>(text).unwrap(), wanted, "file and code say the same");
        for wrong in [r#"{"fault": []}"#, r#"{"faults": [{"trouble": "explode"}]}"#] {
            assert!(serde_json::from_str::<Script>(wrong).is_err(), "{wrong} is no script");
        }
    }
}
