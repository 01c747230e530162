//! The dock: notices drives, recognises the recorder they come from, and takes the inventory. The source is only
//! ever read.
//!
//! - [`Lookout::look`] says what is docked without touching a drive: mount table, udev's database, sysfs. Places that
//!   hang hold up nobody. [`look`] is the same for those who look once.
//! - [`time_basis`] says what a mount made of the times on a drive.
//! - [`Watch`] tells that something changed; the caller looks again at its own pace.
//! - [`recognise`] and [`inventory`] read the drive, and are called only once the custodian has allowed it.
//! - [`open_source`] opens one listed file, refusing links, special files and files put in its place.
//! - [`Drive`] is a drive that was allowed, as intake sees it; [`MountedDrive`] is the one made of the above.
//!
//! Recorders that never become a volume (MTP, or a maker's SDK that asks for a password first) have their place
//! beside the mount table in [`look`]: a further kind of [`Docked`], with its own way to list and open.
//!
//! ```
//! use dock::{DockPlaces, InventoryLimits, Profiles, RecogniseLimits, SystemPaths};
//! let shelf = std::env::temp_dir().join(format!("dock-example-{}", std::process::id()));
//! let clip = "DCIM/20261121/DSJA_000123_20261121090205_0001.MP4";
//! std::fs::create_dir_all(shelf.join("03号/DCIM/20261121"))?;
//! std::fs::write(shelf.join("03号").join(clip), b"footage")?;
//!
//! let places = DockPlaces { mount_roots: vec![], folders: vec![shelf.clone()] };
//! let drives = dock::look(&places, &SystemPaths::default())?;
//! let profiles = Profiles::builtin();
//! let who = dock::recognise(&drives[0].root, &profiles, &RecogniseLimits::default())?;
//! assert_eq!(who.profile.as_str(), "dsj-a");
//!
//! let profile = profiles.get(who.profile.as_str()).expect("recognised from this list");
//! let zone = model::StationZone::beijing();
//! let (inventory, problems) = dock::inventory(&drives[0].root, profile, zone, &InventoryLimits::default());
//! assert_eq!((inventory.entries[0].shown.as_str(), problems.len()), (clip, 0));
//! assert_eq!(zone.show(inventory.entries[0].recorded_from.unwrap()), "2026-11-21 09:02:05");
//! # std::fs::remove_dir_all(shelf)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod device;
mod drive;
mod error;
mod inventory;
mod look;
mod lookout;
mod mounts;
mod pattern;
mod profile;
mod recognise;
mod source;
mod time_basis;
mod watch;

pub use drive::{Drive, MountedDrive, SourceFacts, SourceFile};
pub use error::{DockError, SourceError};
pub use inventory::{Entry, EntryKind, Inventory, InventoryLimits, inventory, inventory_by_steps};
pub use look::{DockPlaces, Docked, DockedId, SystemPaths, docked_at, look, still_docked};
pub use lookout::{Found, Looked, Lookout};
pub use profile::{Profile, ProfileId, Profiles};
pub use recognise::{BINDING_FILE, Binding, RecogniseLimits, Recognition, recognise};
pub use source::open_source;
pub use time_basis::{TimeBasis, time_basis};
pub use watch::Watch;
