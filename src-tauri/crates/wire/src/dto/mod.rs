//! Shapes that cross the seam between Rust and the window. Times are RFC 3339 UTC text, sizes are bytes, ids and
//! digests are text. Nothing else of the station is visible outside.

mod archive;
mod checklists;
mod clips;
mod devices;
mod docking;
mod due;
mod inquiry;
mod own_rules;
mod papers;
mod people;
mod rules;
mod sessions;
mod station;
mod store;

pub use archive::*;
pub use checklists::*;
pub use clips::*;
pub use devices::*;
pub use docking::*;
pub use due::*;
pub use inquiry::*;
pub use own_rules::*;
pub use papers::*;
pub use people::*;
pub use rules::*;
pub use sessions::*;
pub use station::*;
pub use store::*;

/// Derives what every wire shape needs and sends its TypeScript to one file.
macro_rules! wire_type {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident { $($body:tt)* })*) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[ts(export, export_to = "wire.ts")]
        $(#[$meta])*
        pub $kind $name { $($body)* }
    )*};
}
pub(crate) use wire_type;
