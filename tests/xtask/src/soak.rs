//! `cargo xtask soak`: an hour of docks, pulls, kills, clock steps and full disks, chosen by a seed.
//!
//! After every round the three questions: nothing lost that was called verified, nothing doubled, ledger and store
//! agree. The same seed gives the same rounds; how far an intake is when its plug is pulled is up to the machine.

use std::fmt::{Display, Formatter};
use std::time::{Duration, Instant, SystemTime};

use crate::soak_cards::Card;
use crate::soak_judge::Judge;
use crate::soak_world::World;
use crate::{Failure, HELP, Outcome, failed};

const CARDS: usize = 6;
/// Rounds between two readings of every stored byte.
const WHOLE_EVERY: u32 = 25;
/// An intake of these cards takes seconds; stalls last one.
pub const INTAKE_LIMIT: Duration = Duration::from_secs(120);
/// Within this time of its start an intake meets what happens to it.
const MOMENTS: Duration = Duration::from_millis(700);

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Wish {
    minutes: u64,
    seed: Option<u64>,
}

impl Wish {
    /// Reads the words behind `soak`.
    pub fn read(words: &[String]) -> Outcome<Self> {
        let mut wish = Self { minutes: 60, seed: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let number = words.next().and_then(|text| text.parse().ok());
            let number = number.ok_or_else(|| Failure(format!("{word} 后面应是一个数\n\n{HELP}")))?;
            match word.as_str() {
                "--minutes" => wish.minutes = number,
                "--seed" => wish.seed = Some(number),
                other => return Err(Failure(format!("不认识的参数 {other}\n\n{HELP}"))),
            }
        }
        Ok(wish)
    }
}

/// Numbers that a seed decides.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }

    /// Returns true so many times in a hundred.
    fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    fn moment(&mut self) -> Duration {
        MOMENTS.mul_f64(self.below(1000) as f64 / 1000.0)
    }

    fn sometimes<T>(&mut self, share: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(share).then(|| make(self))
    }
}

/// What happens to the card's own reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// As the FUSE card takes it.
    pub script: String,
    /// Whether the card shows other bytes than it holds.
    pub changes_bytes: bool,
}

/// What happens in one round.
pub struct Round {
    pub card: usize,
    pub trouble: Option<Trouble>,
    /// The card's process is killed: the mount is there and answers nothing.
    pub pull: Option<Duration>,
    /// The intake is killed.
    pub kill: Option<Duration>,
    /// The vault's disk fills up.
    pub fill: Option<Duration>,
    /// The station's clock steps to so many seconds from the true time.
    pub clock: Option<(Duration, i64)>,
}

impl Round {
    fn plan(chance: &mut Chance, cards: &[Card]) -> Self {
        let card = chance.below(cards.len() as u64) as usize;
        let mut round = Self { card, trouble: None, pull: None, kill: None, fill: None, clock: None };
        if chance.percent(15) {
            return round;
        }
        round.trouble = chance.sometimes(45, |chance| trouble(chance, &cards[card]));
        round.pull = chance.sometimes(25, Chance::moment);
        round.kill = chance.sometimes(35, Chance::moment);
        round.fill = chance.sometimes(15, Chance::moment);
        round.clock = chance.sometimes(25, |chance| {
            let steps = [-172_800, -3600, -61, 0, 0, 59, 3600, 172_800];
            (chance.moment(), steps[chance.below(steps.len() as u64) as usize])
        });
        round
    }

    /// Tells whether nothing goes wrong: then everything must come in.
    pub fn is_quiet(&self) -> bool {
        self.trouble.is_none() && self.pull.is_none() && self.kill.is_none() && self.fill.is_none()
    }
}

impl Display for Round {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "CARD-{}", self.card + 1)?;
        for (what, moment) in [("pull", self.pull), ("kill", self.kill), ("fill", self.fill)] {
            moment.map_or(Ok(()), |moment| write!(f, ", {what} at {} ms", moment.as_millis()))?;
        }
        if let Some((moment, seconds)) = self.clock {
            write!(f, ", clock {seconds:+} s at {} ms", moment.as_millis())?;
        }
        match &self.trouble {
            Some(trouble) => write!(f, ", {}", trouble.script),
            None => Ok(()),
        }
    }
}

/// Returns a script for a card.
fn trouble(chance: &mut Chance, card: &Card) -> Trouble {
    let (file, size) = card.any(chance);
    let at = chance.below(size);
    let end = (at + 1 + chance.below(100_000)).min(size.max(1));
    let answer = ["eio", "enodev", "enotconn"][chance.below(3) as usize];
    let after = chance.below(card.bytes() + 1);
    let rows = [
        (
            false,
            format!(
                r#""path":"","after":{{"bytes":{after}}},"trouble":{{"vanish":{{"answer":"{answer}"}}}},"times":1"#
            ),
        ),
        (
            false,
            format!(
                r#""path":"","after":{{"bytes":{after}}},"trouble":{{"vanish":{{"answer":"{answer}","back_after_ms":200}}}},"times":1"#
            ),
        ),
        (
            false,
            format!(r#""path":"","after":{{"listings":1}},"trouble":{{"vanish":{{"answer":"{answer}"}}}},"times":1"#),
        ),
        (false, format!(r#""path":"{file}","trouble":{{"bad":{{"from":{at},"to":{end}}}}},"times":1"#)),
        (false, format!(r#""path":"{file}","trouble":{{"bad":{{"from":{at},"to":{end}}}}}"#)),
        (false, format!(r#""path":"{file}","after":{{"bytes":{at}}},"trouble":{{"stall":{{"seconds":1}}}},"times":1"#)),
        (false, format!(r#""path":"","trouble":{{"short":{{"max":{}}}}}"#, 1000 + chance.below(60_000))),
        (false, r#""path":"","trouble":"interrupted","times":5"#.to_owned()),
        (false, format!(r#""path":"{file}","after":{{"bytes":{at}}},"trouble":{{"touch":{{"by":2}}}},"times":1"#)),
        (false, format!(r#""path":"{file}","after":{{"listings":1}},"trouble":"remove","times":1"#)),
        (false, format!(r#""path":"{file}","after":{{"listings":1}},"trouble":"appear","times":1"#)),
        (true, format!(r#""path":"{file}","trouble":{{"flip":{{"at":{at}}}}}"#)),
        (true, format!(r#""path":"{file}","after":{{"bytes":{at}}},"trouble":{{"resize":{{"by":-1}}}},"times":1"#)),
        (true, format!(r#""path":"{file}","after":{{"bytes":{at}}},"trouble":{{"resize":{{"by":512}}}},"times":1"#)),
        (
            true,
            format!(
                r#""path":"{file}","after":{{"listings":1}},"trouble":{{"replace":{{"seed":{at},"size":70000}}}},"times":1"#
            ),
        ),
    ];
    let (changes_bytes, fault) = rows[chance.below(rows.len() as u64) as usize].clone();
    let throttle = 2_000_000 + chance.below(40_000_000);
    Trouble { script: format!(r#"{{"throttle":{throttle},"faults":[{{{fault}}}]}}"#), changes_bytes }
}

/// What happened so far.
#[derive(Default)]
pub struct Counts {
    rounds: u32,
    quiet: u32,
    troubles: u32,
    pulls: u32,
    kills: u32,
    fills: u32,
    clocks: u32,
    whole: u32,
}

impl Counts {
    fn add(&mut self, round: &Round, met: &Met) {
        self.rounds += 1;
        self.quiet += u32::from(round.is_quiet());
        self.troubles += u32::from(round.trouble.is_some());
        self.pulls += u32::from(met.pulled);
        self.kills += u32::from(met.killed);
        self.fills += u32::from(met.filled);
        self.clocks += u32::from(round.clock.is_some());
    }
}

/// What met a running intake, and how that ended.
#[derive(Default)]
pub struct Met {
    pub pulled: bool,
    pub killed: bool,
    pub filled: bool,
    /// The exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    pub said: String,
}

/// Soaks, and prints the seed first and last.
pub fn soak(wish: &Wish) -> Outcome {
    let seed = wish.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_secs() % 1_000_000)
    });
    eprintln!("种子 {seed}，{} 分钟", wish.minutes);
    let mut world = World::make()?;
    let mut counts = Counts::default();
    let outcome = rounds(&mut world, wish, seed, &mut counts);
    eprintln!(
        "soak: seed {seed}, {} rounds ({} quiet): {} card troubles, {} pulls, {} kills, {} full disks, {} clock steps, {} whole checks, {}",
        counts.rounds,
        counts.quiet,
        counts.troubles,
        counts.pulls,
        counts.kills,
        counts.fills,
        counts.clocks,
        counts.whole,
        if outcome.is_ok() { "fsck clean at the end" } else { "VIOLATION" },
    );
    match outcome {
        Ok(()) => world.clear(),
        Err(Failure(why)) => {
            Err(Failure(format!("{why}\n现场留在 {}\n重来：cargo xtask soak --seed {seed}", world.folder().display())))
        }
    }
}

fn rounds(world: &mut World, wish: &Wish, seed: u64, counts: &mut Counts) -> Outcome {
    let mut chance = Chance::new(seed);
    let mut cards = (0..CARDS).map(|n| Card::make(&world.cards(), n, &mut chance)).collect::<Outcome<Vec<_>>>()?;
    let mut judge = Judge::default();
    let (begun, whole) = (Instant::now(), Duration::from_secs(wish.minutes * 60));
    while begun.elapsed() < whole {
        let next = chance.below(cards.len() as u64) as usize;
        cards[next].live_on(&mut chance)?;
        let round = Round::plan(&mut chance, &cards);
        let number = counts.rounds + 1;
        world.log(&format!("round {number}: {round}"))?;
        let met = world.play(&round, &cards[round.card])?;
        counts.add(&round, &met);
        world.log(&format!("round {number}: ended with {:?}", met.status))?;
        let asked = judge.ask(world, &round, &cards, &met);
        let checked = asked.and_then(|()| {
            if number.is_multiple_of(WHOLE_EVERY) {
                counts.whole += 1;
                eprintln!("第 {number} 轮，{} 分钟，{} 个片段", begun.elapsed().as_secs() / 60, judge.clips());
                return judge.whole(world);
            }
            Ok(())
        });
        checked.map_err(|Failure(why)| Failure(format!("第 {number} 轮（{round}）：{why}\n{}", met.said)))?;
    }
    world.clock(0)?;
    for card in &cards {
        let round = Round { card: card.index(), trouble: None, pull: None, kill: None, fill: None, clock: None };
        let met = world.play(&round, card)?;
        judge
            .ask(world, &round, &cards, &met)
            .map_err(|Failure(why)| Failure(format!("最后一遍 {round}：{why}\n{}", met.said)))?;
    }
    counts.whole += 1;
    judge.whole(world)?;
    judge.second_copies(world)
}

/// Says what went wrong with a program that had to end well.
pub fn unexpected(what: &str, status: Option<i32>, said: &str) -> Failure {
    failed::<String>(what)(format!("退出状态 {status:?}\n{said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_rounds_again() {
        let folder = std::env::temp_dir().join(format!("evidock-soak-{}", std::process::id()));
        let plans = || {
            let mut chance = Chance::new(7);
            let cards: Vec<Card> = (0..2).flat_map(|n| Card::make(&folder, n, &mut chance)).collect();
            assert_eq!(cards.len(), 2, "a temporary folder takes cards");
            (0..50).map(|_| Round::plan(&mut chance, &cards).to_string()).collect::<Vec<_>>()
        };
        let (first, second) = (plans(), plans());
        assert_eq!(first, second, "a failure can be run again");
        assert!(first.iter().any(|round| round.contains("pull")), "plugs are pulled: {first:?}");
        assert!(std::fs::remove_dir_all(&folder).is_ok(), "the cards were below {}", folder.display());
    }

    #[test]
    fn the_command_line_is_read() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Wish::read(&words).ok()
        };
        assert_eq!(read(""), Some(Wish { minutes: 60, seed: None }), "an hour is the usual");
        assert_eq!(read("--minutes 3 --seed 9"), Some(Wish { minutes: 3, seed: Some(9) }), "both are taken");
        for wrong in ["--minutes", "--seed nine", "--hours 3"] {
            assert_eq!(read(wrong), None, "`{wrong}` is refused instead of guessed at");
        }
    }
}
