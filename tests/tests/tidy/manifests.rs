//! Rules on Cargo manifests. Tiers are read from the comments over `members` in the root manifest.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::tree::Tree;

/// The one sideways step: the register keeps ledger events in the transaction of the change.
const SIDEWAYS: &[(&str, &str)] = &[("register", "ledger")];

/// The workshop's drives and disks: any room may be tested on them.
const TESTED_ON: &[&str] = &["fixtures", "faultfs"];

/// Heavy packages and the rooms they live in.
const ROOMS: &[(&str, &[&str])] = &[
    ("tauri", &["evidock-desktop"]),
    ("tauri-build", &["evidock-desktop"]),
    ("tauri-plugin-single-instance", &["evidock-desktop"]),
    ("webkit2gtk", &["evidock-desktop"]),
    ("gtk", &["evidock-desktop"]),
    ("rusqlite", &["register"]),
    ("blake3", &["fixity"]),
    ("sm3", &["fixity"]),
    ("sha2", &["fixity", "ledger"]),
    ("notify", &["dock"]),
    ("walkdir", &["dock"]),
    ("ffmpeg-next", &["media"]),
    ("printpdf", &["forms"]),
    ("lopdf", &["forms"]),
    ("allsorts-azul", &["forms"]),
    ("ttf-parser", &["forms"]),
    ("hayro", &["forms"]),
    ("axum", &["loopback"]),
    ("tokio", &["loopback"]),
    ("tower-http", &["loopback"]),
    ("clap", &["cli"]),
    ("ts-rs", &["wire"]),
    ("csv", &["tabular"]),
    ("calamine", &["tabular"]),
    ("rust_xlsxwriter", &["tabular"]),
    ("encoding_rs", &["tabular"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    Room(u32),
    /// Fixtures and tests: may use anything.
    Workshop,
}

#[derive(Debug)]
pub struct Room {
    pub name: String,
    /// Folder from the root.
    pub folder: String,
    pub tier: Tier,
    /// Normal and build dependencies, then dev-dependencies.
    used: BTreeMap<String, Value>,
    tested_with: BTreeMap<String, Value>,
}

pub struct Workspace {
    pub rooms: Vec<Room>,
    declared: BTreeSet<String>,
}

impl Workspace {
    pub fn read(tree: &Tree) -> Self {
        let text = tree.text("Cargo.toml");
        let root: Table = text.parse().unwrap();
        let rooms = tiers(text).into_iter().map(|(folder, tier)| {
            let manifest: Table = tree.text(&format!("{folder}/Cargo.toml")).parse().unwrap();
            Room::read(folder, tier, &manifest)
        });
        let declared = table(&root, &["workspace", "dependencies"]).into_keys().collect();
        Self { rooms: rooms.collect(), declared }
    }

    /// Returns dependencies that do not lead to a lower tier.
    pub fn directions(&self) -> Vec<String> {
        let mut found = vec![];
        for room in &self.rooms {
            let tests = room.tested_with.keys().filter(|name| !TESTED_ON.contains(&name.as_str()));
            for name in room.used.keys().chain(tests) {
                let Some(other) = self.rooms.iter().find(|other| other.name == *name) else { continue };
                let named = SIDEWAYS.contains(&(room.name.as_str(), name));
                if room.tier != Tier::Workshop && other.tier >= room.tier && !named {
                    found.push(format!("{} ({:?}) uses {name} ({:?})", room.name, room.tier, other.tier));
                }
            }
        }
        found
    }

    /// Returns heavy packages outside their rooms.
    pub fn strays(&self) -> Vec<String> {
        let rooms = self.rooms.iter().filter(|room| room.tier != Tier::Workshop);
        let pairs = rooms.flat_map(|room| room.used.keys().map(move |package| (room, package)));
        let stray = |(room, package): &(&Room, &String)| {
            ROOMS.iter().any(|(heavy, rooms)| heavy == package && !rooms.contains(&room.name.as_str()))
        };
        pairs.filter(stray).map(|(room, package)| format!("{package} in {}", room.name)).collect()
    }

    /// Returns dependencies that carry a version or path of their own.
    pub fn own_versions(&self) -> Vec<String> {
        let inherits = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
        let all = self.rooms.iter().flat_map(|room| {
            let uses = room.used.iter().chain(&room.tested_with);
            uses.map(move |(package, value)| (room, package, value))
        });
        let own = all.filter(|(_, _, value)| !inherits(value));
        own.map(|(room, package, _)| format!("{package} in {} is not `workspace = true`", room.name)).collect()
    }

    /// Returns packages of the root manifest that no room uses.
    pub fn unused(&self) -> Vec<String> {
        let used: BTreeSet<&String> =
            self.rooms.iter().flat_map(|room| room.used.keys().chain(room.tested_with.keys())).collect();
        self.declared.iter().filter(|name| !used.contains(name)).cloned().collect()
    }
}

impl Room {
    fn read(folder: String, tier: Tier, manifest: &Table) -> Self {
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        let mut used = table(manifest, &["dependencies"]);
        used.extend(table(manifest, &["build-dependencies"]));
        let mut tested_with = table(manifest, &["dev-dependencies"]);
        for target in table(manifest, &["target"]).values().filter_map(Value::as_table) {
            used.extend(table(target, &["dependencies"]));
            used.extend(table(target, &["build-dependencies"]));
            tested_with.extend(table(target, &["dev-dependencies"]));
        }
        Self { name, folder, tier, used, tested_with }
    }
}

/// Reads `members` with the tier comments between them.
fn tiers(manifest: &str) -> Vec<(String, Tier)> {
    let members = manifest.split_once("members = [").expect("the root manifest lists members").1;
    let mut tier = None;
    let mut found = vec![];
    for line in members.lines().map(str::trim).take_while(|line| *line != "]") {
        if let Some(rest) = line.strip_prefix("# Tier ") {
            let number = rest.split(':').next().unwrap();
            tier = Some(Tier::Room(number.parse().expect("a tier comment reads `# Tier N: …`")));
        } else if line.starts_with("# Workshop") {
            tier = Some(Tier::Workshop);
        } else if let Some(folder) = line.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
            found.push((folder.to_owned(), tier.expect("every member stands below a tier comment")));
        }
    }
    found
}

/// Returns lines of the root manifest's second dependency list that give no reason.
pub fn without_reason(manifest: &str) -> Vec<String> {
    let Some((_, beyond)) = manifest.split_once("# Beyond the card") else {
        return vec!["the root manifest has no list `# Beyond the card`".into()];
    };
    let lines = beyond.lines().skip(1).map(str::trim).take_while(|line| !line.starts_with('['));
    let silent = |line: &&str| {
        let reason = line.rsplit_once(" # ").map_or("", |(_, reason)| reason.trim());
        !line.is_empty() && !line.starts_with('#') && reason.chars().count() < 8
    };
    lines.filter(silent).map(str::to_owned).collect()
}

fn table(from: &Table, path: &[&str]) -> BTreeMap<String, Value> {
    let mut at = from;
    for key in path {
        let Some(next) = at.get(*key).and_then(Value::as_table) else { return BTreeMap::new() };
        at = next;
    }
    at.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A small workspace; `model` below `fixity` and `dock`, below `station`.
#[cfg(test)]
fn sample(fixity: &str, extra_root: &str) -> Workspace {
    let root = format!(
        "[workspace]\nmembers = [\n# Tier 1: a\n\"m\", # nouns\n# Tier 2: b\n\"f\",\n\"d\",\n# Tier 4: c\n\"s\",\n# Workshop.\n\"x\",\n]\n\
         [workspace.dependencies]\nmodel = {{ path = \"m\" }}\n{extra_root}"
    );
    let manifest = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\n{rest}");
    Workspace::read(&Tree::of(&[
        ("Cargo.toml", &root),
        ("m/Cargo.toml", &manifest("model", "")),
        ("f/Cargo.toml", &manifest("fixity", fixity)),
        ("d/Cargo.toml", &manifest("dock", "[dependencies]\nmodel.workspace = true")),
        ("s/Cargo.toml", &manifest("station", "[dependencies]\ndock.workspace = true")),
        ("x/Cargo.toml", &manifest("fixtures", "[dependencies]\nstation.workspace = true\nrusqlite.workspace = true")),
    ]))
}

#[test]
fn a_wrong_direction_is_found() {
    let rows = [
        ("[dependencies]\nmodel.workspace = true", 0, "downward is the direction"),
        ("[dependencies]\ndock.workspace = true", 1, "sideways"),
        ("[dependencies]\nstation.workspace = true", 1, "upward"),
        ("[build-dependencies]\nstation.workspace = true", 1, "upward in a build script"),
        ("[target.'cfg(unix)'.dependencies]\nstation.workspace = true", 1, "upward on one system only"),
        ("[dev-dependencies]\ndock.workspace = true", 1, "sideways in tests"),
        ("[dev-dependencies]\nfixtures.workspace = true", 0, "tests may use the workshop's drives"),
        ("[dependencies]\nfixtures.workspace = true", 1, "the product may not"),
    ];
    for (manifest, wanted, why) in rows {
        assert_eq!(sample(manifest, "").directions().len(), wanted, "{why}");
    }
}

#[test]
fn a_stray_package_is_found() {
    let rows = [
        ("[dependencies]\nblake3.workspace = true", 0, "fixity owns BLAKE3"),
        ("[dependencies]\nrusqlite.workspace = true", 1, "SQLite lives in register; the workshop may look inside"),
        ("[dependencies]\ntauri.workspace = true", 1, "Tauri lives in the shell"),
        ("[dev-dependencies]\nrusqlite.workspace = true", 0, "a test may look inside"),
    ];
    for (manifest, wanted, why) in rows {
        assert_eq!(sample(manifest, "").strays().len(), wanted, "{why}");
    }
}

#[test]
fn an_own_version_and_an_unused_package_are_found() {
    assert_eq!(sample("[dependencies]\nserde = \"1\"", "").own_versions().len(), 1, "a version outside the root");
    assert_eq!(sample("", "toml = \"1\" # data").unused(), ["toml"], "declared, used by nobody");
}

#[test]
fn a_missing_reason_is_found() {
    let list = |line: &str| format!("# Beyond the card; why.\n\n{line}\n[workspace.lints]\n");
    let rows = [
        ("ulid = \"3\" # time-ordered ids", 0, "a reason"),
        ("ulid = \"3\"", 1, "no reason"),
        ("ulid = \"3\" # ids", 1, "a word is no reason"),
    ];
    for (line, wanted, why) in rows {
        assert_eq!(without_reason(&list(line)).len(), wanted, "{why}");
    }
    assert_eq!(without_reason("[workspace]").len(), 1, "without the list nothing would be checked");
}
