//! HTTP on 127.0.0.1: footage for the player of the window, and the whole station for a browser.
//!
//! A web view plays footage only from a real HTTP server with Range requests, so the window has a small one beside it
//! ([`media`]). `evidock serve` has the same one with the UI, the commands and the notices added ([`station`]). Both
//! listen on the loopback address alone, behind a fresh random token in the path; what comes without the token, with
//! a foreign `Host` (DNS rebinding) or from a foreign page is answered 403. Files are found by id: no text of a request
//! ever becomes part of a path.
//!
//! ```
//! use std::sync::Arc;
//! use loopback::{FileKind, Listener, Served, Subscription};
//! use wire::dto::WireError;
//!
//! struct Nothing;
//! impl Served for Nothing {
//!     fn call(&self, _: &str, request: serde_json::Value) -> Result<serde_json::Value, WireError> { Ok(request) }
//!     fn listen(&self, _: Listener) -> Subscription { Box::new(()) }
//!     fn file(&self, _: FileKind, _: &str) -> Option<std::path::PathBuf> { None }
//!     fn set_media_base(&self, _: &str) {}
//! }
//!
//! let serving = loopback::station(Arc::new(Nothing), 0)?;
//! assert!(serving.base.starts_with(&format!("http://{}/", serving.address)));
//! drop(serving); // stops listening
//! # Ok::<(), loopback::LoopbackError>(())
//! ```

mod calls;
mod content_type;
mod door;
mod error;
mod events;
mod files;
mod page;
mod served;
mod serving;
mod token;
mod wording;

pub use error::LoopbackError;
pub use served::{Listener, Served, Subscription};
pub use serving::{Serving, media, station};
pub use wire::FileKind;
