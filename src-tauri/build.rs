//! Declares the one command to Tauri's access list and packs the built UI.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["call"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("tauri.conf.json, capabilities and icons belong together");
}
