//! Has the embedded UI follow what vite built: file names carry digests, so new files are new names.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Without optimisation the UI is read from its folder while the program runs; nothing to follow. A folder that is
    // missing counts as changed each time, which a release build without UI may cost.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", Path::new("../../../ui/dist").display());
    }
}
