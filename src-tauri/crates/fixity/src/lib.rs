//! Fixity: bytes get three digests in one read, reach our disk durably, and are read back cold before anyone
//! calls them verified.
//!
//! The order is the guarantee: [`stage`] (copy, digests, `fdatasync`) → [`reread`] (past the page cache, equal) →
//! [`publish`] (rename without replacing, `fsync` of both folders). Until `publish` returns, no final name exists;
//! after it, content and name survive a power cut.
//!
//! ```
//! let (size, digests) = fixity::digest(&b"abc"[..]).expect("memory does not fail");
//! assert_eq!(size, 3);
//! assert!(digests.sm3.to_string().starts_with("66c7f0f4"));
//! ```

mod aligned;
mod copy;
mod digest;
mod disk;
mod lanes;
mod publish;
mod reread;
mod target;

pub use copy::{Copied, CopyError, copy_verified};
pub use digest::{blake3_of, digest, sha256_of};
pub use disk::{Disk, DiskFile, LocalDisk};
pub use lanes::{StageError, Staged, Unwatched, Watch, stage};
pub use publish::{Published, create_folders, disk_space, is_read_only, publish, seal, sync_folder, write_new};
pub use reread::{Coldness, Reread, RereadError, drop_cached, drop_cached_range, reread, reread_by, reread_file};
pub use target::NewFile;
