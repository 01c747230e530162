//! Looks into footage: what a container says of itself, and key frames for a contact sheet.
//!
//! Footage comes from outside and libav is a large parser, so the parser works outdoors: `evidock-probe` is a child
//! process with limits on time, memory, processor and file size, and the only program here that links libav. What
//! the child refuses, or dies of, is a fact about the file ([`model::MediaOutcome::Unreadable`]) and never an error of
//! the intake.
//!
//! ```
//! use media::{Limits, Prober};
//! let prober = Prober::at("/nonexistent/evidock-probe".into()).with_limits(Limits::default());
//! let error = prober.probe("DCIM/0001.MP4".as_ref()).expect_err("there is no such program");
//! assert_eq!(error.to_string(), "cannot start /nonexistent/evidock-probe");
//! ```

mod child;
mod error;
mod prober;
mod reply;

pub use error::{FrameError, ProbeError};
pub use prober::{FRAMES_MAX, Frame, Limits, Prober};
