//! Writes the TypeScript bindings; `git diff` on `ui/src/host/generated` then says whether they were current.
#![allow(clippy::unwrap_used)]

use std::path::Path;

#[test]
fn the_command_map_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/host/generated");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("commands.ts"), wire::typescript()).unwrap();
    let map = std::fs::read_to_string(folder.join("commands.ts")).unwrap();
    for name in wire::COMMANDS {
        assert!(map.contains(&format!("  {name}: {{")), "command {name} is in the map");
    }
}
