//! Cards of the soak: folders that a recorder goes on writing to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::soak::Chance;
use crate::{Outcome, failed, process};

const CLIPS_AT_FIRST: u64 = 4;
const CLIP_BYTES_MAX: u64 = 2_500_000;
/// A card is formatted, and its counter begins again, when it holds so many clips.
const CLIPS_MAX: usize = 14;

/// A card as its recorder left it.
pub struct Card {
    index: usize,
    folder: PathBuf,
    counter: u32,
    /// Size and BLAKE3, as `b3sum` has it, of each file by its path below the root.
    files: BTreeMap<String, (u64, String)>,
}

impl Card {
    /// Makes a card with a few clips.
    pub fn make(cards: &Path, index: usize, chance: &mut Chance) -> Outcome<Self> {
        let folder = cards.join(format!("CARD-{}", index + 1));
        let mut card = Self { index, folder, counter: 0, files: BTreeMap::new() };
        card.record(CLIPS_AT_FIRST, chance)?;
        Ok(card)
    }

    pub fn index(&self) -> usize {
        self.index
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the digests of what it holds now.
    pub fn contents(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(|(_, digest)| digest.as_str())
    }

    pub fn bytes(&self) -> u64 {
        self.files.values().map(|(size, _)| size).sum()
    }

    /// Returns the path and size of one of its files.
    pub fn any(&self, chance: &mut Chance) -> (String, u64) {
        let at = chance.below(self.files.len() as u64) as usize;
        let (path, (size, _)) = self.files.iter().nth(at).expect("a card always holds a clip");
        (path.clone(), *size)
    }

    /// Lets the recorder work for a while: more clips, none, or a card formatted anew.
    pub fn live_on(&mut self, chance: &mut Chance) -> Outcome {
        if self.files.len() >= CLIPS_MAX {
            fs::remove_dir_all(&self.folder).map_err(failed("清空卡"))?;
            self.files.clear();
            self.counter = 0;
            return self.record(CLIPS_AT_FIRST, chance);
        }
        let more = chance.below(4);
        self.record(more, chance)
    }

    fn record(&mut self, clips: u64, chance: &mut Chance) -> Outcome {
        let mut made = vec![];
        for _ in 0..clips {
            self.counter += 1;
            let name = format!(
                "DCIM/20261121/DSJA_0360{:02}_202611210{:05}_{:04}.MP4",
                self.index, self.counter, self.counter
            );
            let path = self.folder.join(&name);
            // Small clips are the most frequent, as photos and short presses are.
            let size = [chance.below(40_000), chance.below(300_000), chance.below(CLIP_BYTES_MAX)]
                [chance.below(3) as usize]
                + 1;
            fs::create_dir_all(path.parent().expect("a clip lies in a folder")).map_err(failed("新建卡"))?;
            fs::write(&path, noise(size, chance)).map_err(failed("写卡"))?;
            made.push((name, size, path));
        }
        if made.is_empty() {
            return Ok(());
        }
        let paths = made.iter().map(|(_, _, path)| path.as_path());
        for ((name, size, _), digest) in made.iter().zip(b3sums(paths)?) {
            self.files.insert(name.clone(), (*size, digest));
        }
        Ok(())
    }
}

fn noise(bytes: u64, chance: &mut Chance) -> Vec<u8> {
    let words = bytes.div_ceil(8);
    let mut noise: Vec<u8> = (0..words).flat_map(|_| chance.below(u64::MAX).to_le_bytes()).collect();
    noise.truncate(bytes as usize);
    noise
}

/// Returns the digests of files, in their order.
pub fn b3sums<'a>(files: impl Iterator<Item = &'a Path>) -> Outcome<Vec<String>> {
    let out = process::output(Command::new("b3sum").arg("--no-names").arg("--").args(files))?;
    Ok(out.lines().map(|line| line.trim_start_matches('\\').to_owned()).collect())
}
