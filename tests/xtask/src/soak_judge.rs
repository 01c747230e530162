//! The three questions: nothing lost that was called verified, nothing doubled, ledger and store agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::soak::{Met, Round};
use crate::soak_cards::{Card, b3sums};
use crate::soak_world::World;
use crate::{Failure, Outcome, failed};

/// What the register said so far.
#[derive(Default)]
pub struct Judge {
    /// Digest and state of each clip by its id.
    held: BTreeMap<String, (String, String)>,
    /// Everything a card ever held.
    known: BTreeSet<String>,
    /// Cards that once showed other bytes than they hold.
    lied: BTreeSet<usize>,
}

/// A clip as `evidock clips --json` lists it.
struct Clip {
    id: String,
    number: String,
    state: String,
    blake3: String,
    path: PathBuf,
}

impl Judge {
    pub fn clips(&self) -> usize {
        self.held.len()
    }

    /// Asks after a round; bytes are compared of the clips that are new.
    pub fn ask(&mut self, world: &World, round: &Round, cards: &[Card], met: &Met) -> Outcome {
        if met.said.contains("panicked at") {
            return Err(Failure("采集崩溃".into()));
        }
        if met.status.is_none() && !met.killed {
            return Err(Failure("采集被一个信号结束，而没有人杀它".into()));
        }
        self.known.extend(cards.iter().flat_map(Card::contents).map(str::to_owned));
        world.clean(&["fsck", "--metadata-only"])?;
        let clips = listed(world)?;
        self.nothing_lost(&clips)?;
        nothing_doubled(&clips)?;
        let new: Vec<&Clip> = clips.iter().filter(|clip| !self.held.contains_key(&clip.id)).collect();
        bytes_agree(&new)?;
        let honest = round.trouble.as_ref().is_none_or(|trouble| !trouble.changes_bytes);
        let made_up = new.iter().find(|clip| honest && clip.state == "verified" && !self.known.contains(&clip.blake3));
        if let Some(clip) = made_up {
            return Err(Failure(format!("{} 已校验，但没有一张卡有过这样的内容", clip.number)));
        }
        let suspect = clips.iter().find(|clip| {
            clip.state == "suspect" && self.held.get(&clip.id).is_none_or(|(_, state)| state != "suspect")
        });
        if !honest {
            self.lied.insert(round.card);
        }
        if let Some(clip) = suspect.filter(|_| !self.lied.contains(&round.card)) {
            return Err(Failure(format!("{} 存疑，而这张卡每次给出的都相同", clip.number)));
        }
        if round.is_quiet() {
            all_of_it(&cards[round.card], &clips, met)?;
        }
        self.held.extend(clips.into_iter().map(|clip| (clip.id, (clip.blake3, clip.state))));
        Ok(())
    }

    /// Compares the second copy of every verified clip with what the register holds.
    pub fn second_copies(&self, world: &World) -> Outcome {
        let vault = world.vault();
        let mut clips = listed(world)?;
        clips.retain(|clip| clip.state == "verified");
        for clip in &mut clips {
            let below = clip.path.strip_prefix(&vault).map_err(failed("第二份"))?;
            clip.path = world.second().join(below);
        }
        bytes_agree(&clips.iter().collect::<Vec<_>>())
    }

    /// Reads every stored byte: by `fsck`, and by `b3sum`.
    pub fn whole(&self, world: &World) -> Outcome {
        world.clean(&["fsck"])?;
        let clips = listed(world)?;
        self.nothing_lost(&clips)?;
        bytes_agree(&clips.iter().collect::<Vec<_>>())
    }

    fn nothing_lost(&self, clips: &[Clip]) -> Outcome {
        let now: BTreeMap<&str, (&str, &str)> =
            clips.iter().map(|clip| (clip.id.as_str(), (clip.blake3.as_str(), clip.state.as_str()))).collect();
        for (id, (digest, state)) in &self.held {
            match now.get(id.as_str()) {
                Some((digest_now, state_now)) if digest == digest_now && still(state, state_now) => {}
                other => return Err(Failure(format!("{id} 曾是 {state} {digest}，现在是 {other:?}"))),
            }
        }
        Ok(())
    }
}

/// Tells whether a state may follow another: a second reading of the card makes suspect what was verified; nothing
/// else may take that away.
fn still(state: &str, now: &str) -> bool {
    state != "verified" || now == "verified" || now == "suspect"
}

fn nothing_doubled(clips: &[Clip]) -> Outcome {
    let contents: BTreeSet<&str> = clips.iter().map(|clip| clip.blake3.as_str()).collect();
    if contents.len() != clips.len() {
        return Err(Failure(format!("{} 个片段，只有 {} 种内容", clips.len(), contents.len())));
    }
    let mut numbers: Vec<&str> = clips.iter().map(|clip| clip.number.as_str()).collect();
    numbers.sort_unstable();
    let broken = numbers.iter().zip(1..).find(|(number, n)| !number.ends_with(&format!("-{n:06}")));
    broken.map_or(Ok(()), |(number, n)| Err(Failure(format!("第 {n} 个编号是 {number}"))))
}

fn bytes_agree(clips: &[&Clip]) -> Outcome {
    if clips.is_empty() {
        return Ok(());
    }
    let found = b3sums(clips.iter().map(|clip| clip.path.as_path()))?;
    let differing = clips.iter().zip(&found).find(|(clip, found)| clip.blake3 != **found);
    if let Some((clip, found)) = differing {
        return Err(Failure(format!("{} 登记为 {}，b3sum 得 {found}", clip.number, clip.blake3)));
    }
    if found.len() == clips.len() { Ok(()) } else { Err(Failure("有原始文件 b3sum 读不到".into())) }
}

/// Without any fault the intake is done, and all of the card is held. What once read differently stays suspect.
fn all_of_it(card: &Card, clips: &[Clip], met: &Met) -> Outcome {
    if met.status != Some(0) {
        return Err(Failure(format!("没有故障的采集以 {:?} 结束", met.status)));
    }
    let whole = clips.iter().filter(|clip| clip.state == "verified" || clip.state == "suspect");
    let held: BTreeSet<&str> = whole.map(|clip| clip.blake3.as_str()).collect();
    match card.contents().find(|digest| !held.contains(digest)) {
        None => Ok(()),
        Some(digest) => Err(Failure(format!("卡上的 {digest} 没有入库"))),
    }
}

fn listed(world: &World) -> Outcome<Vec<Clip>> {
    let text = world.clean(&["clips", "--limit", "1000000", "--json"])?;
    let fields = |name| values(&text, name);
    let (ids, numbers, states) = (fields("id"), fields("number"), fields("state"));
    let (digests, paths) = (fields("blake3"), fields("stored_path"));
    let mut clips = vec![];
    for ((((id, number), state), blake3), path) in ids.into_iter().zip(numbers).zip(states).zip(digests).zip(paths) {
        clips.push(Clip { id, number, state, blake3, path: world.vault().join(path) });
    }
    let total = text.split_once("\"total\": ").and_then(|(_, rest)| rest.split(',').next()).unwrap_or_default();
    if total == clips.len().to_string() {
        return Ok(clips);
    }
    Err(Failure(format!("登记簿有 {total} 个片段，列出了 {}", clips.len())))
}

/// Returns the texts under a key of printed JSON, one line each. The soak's names need no escapes.
fn values(json: &str, key: &str) -> Vec<String> {
    let begin = format!("\"{key}\": \"");
    let value =
        |line: &str| line.trim().strip_prefix(&begin)?.trim_end_matches(',').strip_suffix('"').map(str::to_owned);
    json.lines().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(n: u32, blake3: &str) -> Clip {
        let number = format!("P2026-{n:06}");
        Clip { id: n.to_string(), number, state: "verified".into(), blake3: blake3.into(), path: PathBuf::new() }
    }

    #[test]
    fn what_is_lost_or_doubled_is_found() {
        let mut judge = Judge::default();
        judge.held.insert("1".into(), ("aa".into(), "verified".into()));
        assert!(judge.nothing_lost(&[clip(1, "aa"), clip(2, "bb")]).is_ok(), "all is there");
        assert!(judge.nothing_lost(&[clip(2, "bb")]).is_err(), "a clip is gone");
        assert!(judge.nothing_lost(&[clip(1, "bb")]).is_err(), "a clip has another content");
        assert!(judge.nothing_lost(&[Clip { state: "mismatch".into(), ..clip(1, "aa") }]).is_err(), "a clip went bad");
        assert!(
            judge.nothing_lost(&[Clip { state: "suspect".into(), ..clip(1, "aa") }]).is_ok(),
            "the card read differently"
        );
        assert!(nothing_doubled(&[clip(1, "aa"), clip(2, "bb")]).is_ok(), "two contents, two numbers");
        assert!(nothing_doubled(&[clip(1, "aa"), clip(2, "aa")]).is_err(), "one content twice");
        assert!(nothing_doubled(&[clip(1, "aa"), clip(3, "bb")]).is_err(), "a number is missing");
    }

    #[test]
    fn printed_json_is_read() {
        let json = "{\n  \"id\": \"01\",\n  \"job_id\": \"02\",\n  \"size\": 3,\n  \"id\": \"03\"\n}";
        assert_eq!(values(json, "id"), ["01", "03"], "this key and no other");
    }
}
