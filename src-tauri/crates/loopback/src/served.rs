use std::path::PathBuf;

use serde_json::Value;
use wire::FileKind;
use wire::dto::{Notice, WireError};

/// Hears every notice until its [`Subscription`] is dropped. Called on threads of the station; it never blocks.
pub type Listener = Box<dyn Fn(Notice) + Send + Sync>;

/// Ends the listening when dropped.
pub type Subscription = Box<dyn Send + Sync>;

/// What the server stands for: [`wire::Host`], or a stand-in under test. Calls may block; they run on threads of
/// their own.
pub trait Served: Send + Sync + 'static {
    /// Answers one command of [`wire::COMMANDS`].
    fn call(&self, command: &str, request: Value) -> Result<Value, WireError>;

    fn listen(&self, each: Listener) -> Subscription;

    /// Finds a file by id. An id that is unknown, whatever it looks like, has none.
    fn file(&self, kind: FileKind, id: &str) -> Option<PathBuf>;

    /// Learns what to put before `footage/ID` in the addresses it hands out: a whole address for the window, nothing
    /// for a page that is served here itself.
    fn set_media_base(&self, base: &str);
}

impl Served for wire::Host {
    fn call(&self, command: &str, request: Value) -> Result<Value, WireError> {
        wire::Host::call(self, command, request)
    }

    fn listen(&self, each: Listener) -> Subscription {
        Box::new(wire::Host::listen(self, each))
    }

    fn file(&self, kind: FileKind, id: &str) -> Option<PathBuf> {
        wire::Host::file(self, kind, id)
    }

    fn set_media_base(&self, base: &str) {
        wire::Host::set_media_base(self, base);
    }
}
