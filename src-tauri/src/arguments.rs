//! The shell's command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::wording::wording;

/// Names the vault when the command line does not.
const VAULT: &str = "EVIDOCK_VAULT";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Asked {
    Open(Arguments),
    Help,
}

/// Where the evidence lies and where drives appear.
#[derive(Debug, PartialEq)]
pub struct Arguments {
    vault: PathBuf,
    dock_folders: Vec<PathBuf>,
}

impl Arguments {
    /// Reads the words behind the program's name; the refusal is Chinese, for the terminal.
    pub fn read(words: impl Iterator<Item = OsString>) -> Result<Asked, String> {
        let mut words = words;
        let mut vault = None;
        let mut dock_folders = vec![];
        while let Some(word) = words.next() {
            let mut folder = || words.next().map(PathBuf::from).ok_or_else(|| refuse(&wording().argument_empty, &word));
            match word.to_str() {
                Some("--vault") => vault = Some(folder()?),
                Some("--dock") => dock_folders.push(folder()?),
                Some("--help" | "-h") => return Ok(Asked::Help),
                _ => return Err(refuse(&wording().argument_unknown, &word)),
            }
        }
        let vault = vault.unwrap_or_else(|| default_vault(|name| std::env::var_os(name)));
        Ok(Asked::Open(Self { vault, dock_folders }))
    }

    pub fn into_options(self) -> wire::HostOptions {
        wire::HostOptions { vault: self.vault, dock_folders: self.dock_folders }
    }
}

fn refuse(words: &str, word: &OsString) -> String {
    words.replace("{word}", &word.to_string_lossy())
}

/// Returns `EVIDOCK_VAULT`, or a folder where the desktop keeps a user's data.
fn default_vault(env: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let set = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(VAULT).unwrap_or_else(|| {
        let home = || set("HOME").unwrap_or_default().join(".local/share");
        set("XDG_DATA_HOME").unwrap_or_else(home).join("evidock/vault")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Asked, String> {
        Arguments::read(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_command_line_is_read() {
        let asked = read("--dock /a --vault /v --dock /b");
        let wanted = Arguments { vault: "/v".into(), dock_folders: vec!["/a".into(), "/b".into()] };
        assert_eq!(asked, Ok(Asked::Open(wanted)), "docks keep their order; the place of --vault does not matter");
        assert_eq!(read("--vault /v --help"), Ok(Asked::Help), "help wins");
        for (line, named) in [("--vault", "--vault"), ("--dock", "--dock"), ("--valt /v", "--valt"), ("/v", "/v")] {
            let refusal = read(line).expect_err("a word that is not understood is not passed over");
            assert!(refusal.contains(named), "the refusal of `{line}` names {named}: {refusal}");
        }
    }

    #[test]
    fn the_vault_has_a_default_place() {
        let rows: &[(&[(&str, &str)], &str)] = &[
            (&[("EVIDOCK_VAULT", "/e"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")], "/e"),
            (&[("EVIDOCK_VAULT", ""), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")], "/x/evidock/vault"),
            (&[("HOME", "/h")], "/h/.local/share/evidock/vault"),
        ];
        for (env, wanted) in rows {
            let named = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
            assert_eq!(default_vault(named), PathBuf::from(wanted), "the first that is set counts: {env:?}");
        }
    }
}
