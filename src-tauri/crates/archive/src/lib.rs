//! The archive: from a case to a package that a stranger can verify, and to one disc image of it.
//!
//! A package is a BagIt 1.0 bag (RFC 8493): untouched originals, the statements' papers, a file list on paper and as
//! table, and a page to browse it offline. [`plan`] says where everything goes, [`write()`] makes the folder,
//! [`write_image`] the image, [`verify`] looks at either and needs no vault. Every file is covered by SHA-256 and
//! BLAKE3 manifests, every original by SM3 too, the manifests by tag manifests, and those by one root hash.
//!
//! Sets of several discs, burning and covers are not here yet; their place is [`PackagePlan::discs`].
//!
//! ```no_run
//! # fn main() -> Result<(), archive::ArchiveError> {
//! # let (content, fonts, watch): (archive::PackageContent, forms::Fonts, &dyn archive::Watch) = unreachable!();
//! let plan = archive::plan(content)?;
//! let disc = &plan.discs[0];
//! let folder = std::path::Path::new("packages/2026-3");
//! let bag = archive::write(&plan, folder, &fonts, watch)?;
//! let image = archive::write_image(folder, "packages/2026-3.iso".as_ref(), &disc.volume_id, watch)?;
//! assert!(image.bytes <= disc.image_bytes);
//! assert_eq!(archive::verify("packages/2026-3.iso".as_ref(), watch)?.root, Some(bag.root));
//! # Ok(()) }
//! ```

mod bag;
mod case_folder;
mod content;
mod disc_tree;
mod error;
mod image;
mod list;
mod lists;
mod manifest;
mod page;
mod plan;
mod tags;
mod tree;
mod verify;
mod watch;
mod words;
mod xorriso;

pub use bag::{Bag, write};
pub use case_folder::{CaseFolder, FolderClip, FolderPaper, WrittenFolder, write_case_folder};
pub use content::{PackageContent, PackagedClip, PackagedSession, PackagedStatement, SOFTWARE};
pub use error::ArchiveError;
pub use image::{Image, write_image};
pub use list::clip_list;
pub use plan::{DiscPlan, Medium, PackagePlan, plan};
pub use verify::{Report, verify};
pub use watch::{Stage, Watch};
