//! Each trouble of a card really happens, when and how often its script says.
#![allow(clippy::unwrap_used)]

use faultfs::{After, Card, Content, Fault, Gone, Mount, Script, Trouble, noise};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

const CLIP: &str = "DCIM/CLIP.MP4";
const CLIP_BYTES: u64 = 300_000;
const EIO: i32 = 5;
const EINTR: i32 = 4;

struct Dock {
    card: Card,
    mount: Mount,
    _place: TempDir,
}

impl Dock {
    fn of(card: Card) -> Self {
        let place = TempDir::with_prefix_in("faultfs-", env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mount = Mount::start(place.path(), &card).unwrap();
        Self { card, mount, _place: place }
    }

    /// Returns a card with one clip and these faults.
    fn with(faults: Vec<Fault>) -> Self {
        let card = Card::empty();
        card.put(CLIP, Content::Noise { seed: 1 }, CLIP_BYTES, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000));
        card.play(Script { faults, ..Script::default() });
        Self::of(card)
    }

    fn clip(&self) -> PathBuf {
        self.mount.at().join(CLIP)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let listed = fs::read_dir(self.mount.at().join(folder)).unwrap();
        let mut names: Vec<_> = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn made(seed: u64, size: u64) -> Vec<u8> {
    let mut bytes = vec![0; size as usize];
    noise(seed, 0, &mut bytes);
    bytes
}

fn code<T>(result: io::Result<T>) -> Option<i32> {
    result.err().and_then(|error| error.raw_os_error())
}

#[test]
fn a_real_folder_is_passed_through_and_cannot_be_written() {
    let folder = TempDir::with_prefix_in("faultfs-", env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::create_dir(folder.path().join("DCIM")).unwrap();
    fs::write(folder.path().join(CLIP), made(3, 2_500_000)).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("LINK")).unwrap();
    let dock = Dock::of(Card::over(folder.path()).unwrap());
    assert!(fs::read(dock.clip()).unwrap() == made(3, 2_500_000), "the same bytes, over several requests");
    let (there, here) = (fs::metadata(folder.path().join(CLIP)).unwrap(), fs::metadata(dock.clip()).unwrap());
    assert_eq!((there.mtime(), there.mtime_nsec()), (here.mtime(), here.mtime_nsec()), "the same age");
    assert_eq!(fs::read_link(dock.mount.at().join("LINK")).unwrap(), PathBuf::from("nowhere"), "links stay links");
    assert_eq!(dock.names(""), ["DCIM", "LINK"], "everything is listed");
    assert!(fs::write(dock.clip(), "x").is_err(), "a card is read-only");
}

#[test]
fn a_file_may_be_larger_than_any_disk() {
    let card = Card::empty();
    let size = 9 << 40;
    card.put("BIG.MP4", Content::Noise { seed: 5 }, size, SystemTime::UNIX_EPOCH);
    let dock = Dock::of(card);
    let file = File::open(dock.mount.at().join("BIG.MP4")).unwrap();
    assert_eq!(file.metadata().unwrap().len(), size, "nine terabytes");
    let (mut read, mut wanted) = (vec![0; 1000], vec![0; 1000]);
    file.read_exact_at(&mut read, size - 1000).unwrap();
    noise(5, size - 1000, &mut wanted);
    assert_eq!(read, wanted, "the end is there as well");
}

#[test]
fn the_speed_holds_within_one_per_cent() {
    for megabytes in [40, 90] {
        let dock = Dock::with(vec![]);
        let size = megabytes * 500_000;
        dock.card.put("LONG.MP4", Content::Noise { seed: 2 }, size, SystemTime::UNIX_EPOCH);
        dock.card.play(Script { throttle: Some(megabytes * 1_000_000), faults: vec![] });
        let read_all = || {
            let begun = Instant::now();
            let mut file = File::open(dock.mount.at().join("LONG.MP4")).unwrap();
            let mut block = vec![0; 1 << 20];
            while file.read(&mut block).unwrap() > 0 {}
            begun.elapsed().as_secs_f64()
        };
        let mut took = Vec::new();
        // A busy machine wakes a reader so late that time is lost; never is any gained.
        while took.len() < 8 && !took.last().is_some_and(|took| *took < 0.505) {
            took.push(read_all());
        }
        assert!(took.iter().all(|took| *took > 0.495), "{megabytes} MB/s is never faster: {took:?} of 0.5 s");
        assert!(took.last().is_some_and(|took| *took < 0.505), "{megabytes} MB/s within 1 %: {took:?} of 0.5 s");
        assert_eq!(dock.card.bytes_read("LONG.MP4"), size * took.len() as u64, "every byte was asked for");
    }
}

#[test]
fn it_vanishes_at_its_byte_and_comes_back() {
    let vanish = Trouble::Vanish { answer: Gone::Enodev, back_after_ms: None };
    let dock = Dock::with(vec![Fault::new("", After::Bytes(100_001), vanish)]);
    let mut read = Vec::new();
    let ended = File::open(dock.clip()).unwrap().read_to_end(&mut read);
    assert_eq!(code(ended), Some(19), "ENODEV");
    assert_eq!(read, made(1, 100_001), "exactly so many bytes were read");
    assert_eq!(code(fs::read_dir(dock.mount.at())), Some(19), "everything else fails as well");
    assert_eq!(code(fs::metadata(dock.clip())), Some(19), "everything else fails as well");
    dock.card.come_back();
    assert_eq!(fs::read(dock.clip()).unwrap(), made(1, CLIP_BYTES), "it is there again, and stays");
}

#[test]
fn it_vanishes_before_an_open_and_after_a_listing() {
    let vanish = |after| Fault::new("", after, Trouble::Vanish { answer: Gone::Eio, back_after_ms: Some(300) });
    let dock = Dock::with(vec![vanish(After::Opens(1))]);
    assert_eq!(fs::read(dock.clip()).map(|bytes| bytes.len()).ok(), None, "the read after the first open fails");
    std::thread::sleep(Duration::from_millis(350));
    assert!(fs::read(dock.clip()).is_ok(), "it comes back by itself");
    let dock = Dock::with(vec![vanish(After::Listings(2))]);
    assert_eq!(dock.names(""), ["DCIM"], "the first listing is good");
    assert_eq!(dock.names("DCIM"), ["CLIP.MP4"], "and the second");
    assert_eq!(code(fs::read_dir(dock.mount.at())), Some(EIO), "there is no third");
}

#[test]
fn bad_ranges_stay_bad_and_transient_ones_pass() {
    let bad = Trouble::Bad { from: 100_000, to: 100_512 };
    let dock = Dock::with(vec![Fault::new(CLIP, After::Nothing, bad.clone())]);
    let file = File::open(dock.clip()).unwrap();
    let at = |offset, length: usize| {
        let mut bytes = vec![0; length];
        file.read_at(&mut bytes, offset).map(|count| bytes[..count].to_vec())
    };
    let whole = made(1, CLIP_BYTES);
    assert_eq!(at(0, 200_000).unwrap(), whole[..100_000], "a read ends before the range");
    for offset in [100_000, 100_511] {
        assert_eq!(code(at(offset, 4096)), Some(EIO), "byte {offset}");
        assert_eq!(code(at(offset, 1)), Some(EIO), "byte {offset}, again and alone");
    }
    assert_eq!(at(100_512, 4096).unwrap(), whole[100_512..104_608], "beyond it is good");
    let dock = Dock::with(vec![Fault::new(CLIP, After::Nothing, bad).times(2)]);
    for attempt in 1..=2 {
        assert_eq!(code(fs::read(dock.clip())), Some(EIO), "attempt {attempt}");
    }
    assert_eq!(fs::read(dock.clip()).unwrap(), whole, "the third is good");
}

#[test]
fn a_stalled_read_waits_until_it_is_resumed_while_others_go_on() {
    let dock = Dock::with(vec![Fault::new(CLIP, After::Bytes(1000), Trouble::Stall { seconds: 60 })]);
    dock.card.put("OTHER.MP4", Content::Noise { seed: 4 }, 1000, SystemTime::UNIX_EPOCH);
    let (clip, begun) = (dock.clip(), Instant::now());
    let reader = std::thread::spawn(move || fs::read(clip).unwrap());
    while dock.card.stalled() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!reader.is_finished(), "it waits");
    assert_eq!(fs::read(dock.mount.at().join("OTHER.MP4")).unwrap(), made(4, 1000), "another file is read meanwhile");
    dock.card.resume();
    assert_eq!(reader.join().unwrap(), made(1, CLIP_BYTES), "then it goes on as if nothing had been");
    assert!(begun.elapsed() < Duration::from_secs(10), "long before its minute is over");
}

#[test]
fn reads_are_short_or_interrupted() {
    let dock = Dock::with(vec![
        Fault::new(CLIP, After::Nothing, Trouble::Short { max: 1000 }),
        Fault::new(CLIP, After::Bytes(50_000), Trouble::Interrupted).times(3),
    ]);
    let mut file = File::open(dock.clip()).unwrap();
    let (mut block, mut whole, mut interrupted, mut longest) = (vec![0; 65_536], Vec::new(), 0, 0);
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(count) => {
                longest = longest.max(count);
                whole.extend_from_slice(&block[..count]);
            }
            Err(error) if error.raw_os_error() == Some(EINTR) => interrupted += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((longest, interrupted), (1000, 3), "no read gives more, and each 50 000 bytes one is interrupted");
    assert_eq!(whole, made(1, CLIP_BYTES), "nothing is lost by it");
}

#[test]
fn the_second_reading_differs() {
    let dock = Dock::with(vec![Fault::new(CLIP, After::Nothing, Trouble::Flip { at: 200_000 })]);
    let first = fs::read(dock.clip()).unwrap();
    assert_eq!(first, made(1, CLIP_BYTES), "the first reading is right");
    for reading in 2..=3 {
        let again = fs::read(dock.clip()).unwrap();
        let other: Vec<usize> = (0..first.len()).filter(|at| first[*at] != again[*at]).collect();
        assert_eq!(other, [200_000], "reading {reading} differs in this byte");
    }
}

#[test]
fn a_file_changes_while_it_is_read() {
    let half = || After::Bytes(CLIP_BYTES / 2);
    let rows = [
        ("grows", Trouble::Resize { by: 1000 }, CLIP_BYTES + 1000, 0),
        ("shrinks", Trouble::Resize { by: -100_000 }, CLIP_BYTES - 100_000, 0),
        ("its time moves", Trouble::Touch { by: 2 }, CLIP_BYTES, 2),
    ];
    for (what, trouble, size, later) in rows {
        let dock = Dock::with(vec![Fault::new(CLIP, half(), trouble)]);
        let mut file = File::open(dock.clip()).unwrap();
        let before = file.metadata().unwrap();
        assert_eq!(before.len(), CLIP_BYTES, "{what}: not yet");
        file.read_exact(&mut vec![0; CLIP_BYTES as usize / 2]).unwrap();
        let after = file.metadata().unwrap();
        assert_eq!((after.len(), after.mtime()), (size, before.mtime() + later), "{what}: while it is open");
        let mut rest = Vec::new();
        file.read_to_end(&mut rest).unwrap();
        assert_eq!(rest.len() as u64, size - CLIP_BYTES / 2, "{what}: so much is left to read");
    }
    let dock = Dock::with(vec![Fault::new(CLIP, half(), Trouble::Resize { by: 10 }).times(3)]);
    for _ in 0..4 {
        fs::read(dock.clip()).unwrap();
    }
    assert_eq!(fs::metadata(dock.clip()).unwrap().len(), CLIP_BYTES + 30, "three times, and no more");
}

#[test]
fn files_appear_vanish_and_are_replaced_after_a_listing() {
    let late = "DCIM/LATE.MP4";
    let after = || After::Listings(1);
    let dock = Dock::with(vec![]);
    dock.card.put(late, Content::Bytes(b"late".to_vec()), 4, SystemTime::UNIX_EPOCH);
    dock.card.put("DCIM/GONE.MP4", Content::Bytes(b"gone".to_vec()), 4, SystemTime::UNIX_EPOCH);
    let replace = Trouble::Replace { seed: 9, size: 5000 };
    dock.card.play(Script {
        faults: vec![
            Fault::new(late, after(), Trouble::Appear),
            Fault::new("DCIM/GONE.MP4", after(), Trouble::Remove),
            Fault::new(CLIP, after(), replace),
        ],
        ..Script::default()
    });
    let before = fs::metadata(dock.clip()).unwrap();
    assert!(!dock.mount.at().join(late).exists(), "not there before the first listing");
    assert_eq!(dock.names("DCIM"), ["CLIP.MP4", "GONE.MP4"], "the first listing");
    assert_eq!(dock.names("DCIM"), ["CLIP.MP4", "LATE.MP4"], "the second");
    let now = fs::metadata(dock.clip()).unwrap();
    assert_ne!((before.ino(), before.mtime()), (now.ino(), now.mtime()), "another file stands there");
    assert_eq!(fs::read(dock.clip()).unwrap(), made(9, 5000), "with another content");
}

#[test]
fn folders_contain_themselves_and_listings_repeat() {
    let dock = Dock::with(vec![
        Fault::new("DCIM", After::Nothing, Trouble::Endless),
        Fault::new("", After::Nothing, Trouble::Again { rounds: 3 }),
    ]);
    let mut at = dock.mount.at().join("DCIM");
    for depth in 1..=40 {
        assert_eq!(fs::read(at.join("CLIP.MP4")).unwrap().len() as u64, CLIP_BYTES, "its file at depth {depth}");
        at = at.join("DCIM");
    }
    assert_eq!(dock.names("DCIM/DCIM/DCIM"), ["CLIP.MP4", "DCIM"], "at each depth the same is listed");
    assert_eq!(dock.names(""), ["DCIM", "DCIM", "DCIM"], "the root is listed three times over");
}

#[test]
fn a_pulled_card_is_gone_even_while_it_is_read() {
    let dock = Dock::with(vec![]);
    let file = File::open(dock.clip()).unwrap();
    dock.mount.pull().unwrap();
    assert!(!dock.clip().exists(), "its place is empty");
    drop(dock);
    drop(file);
}
