//! File systems that fail on purpose, mounted through FUSE.
//!
//! A [`Card`] is a drive to read from: it grows slow, goes away, has bad ranges, gives other bytes the second time,
//! changes under the reader. A [`Disk`] is a disk to write to: it knows which of its bytes and names would survive a
//! power cut, loses the others when power is cut, fills up, fails syncs and flips bits. Both follow a script, so a
//! fault happens at the same byte or the same sync every time; both keep their state outside the mount, so that they
//! can be told something new while mounted, unmounted, and mounted again.
//!
//! ```no_run
//! use faultfs::{After, Card, Fault, Mount, Script, Trouble};
//! let card = Card::over("drive".as_ref())?;
//! card.play(Script { faults: vec![Fault::new("", After::Bytes(1 << 20), Trouble::vanish())], ..Script::default() });
//! let mount = Mount::start("dock".as_ref(), &card)?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod bucket;
mod card;
mod card_fuse;
mod disk;
mod disk_fuse;
mod disk_script;
mod durable;
mod mount;
mod noise;
mod script;
mod tree;

pub use card::Card;
pub use disk::Disk;
pub use disk_script::{Cut, DiskFault, DiskScript, DiskTrouble, Names, PowerCut, Side};
pub use mount::{Backing, Mount};
pub use noise::noise;
pub use script::{After, Fault, Gone, Script, Trouble};
pub use tree::Content;
