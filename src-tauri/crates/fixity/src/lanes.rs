//! One read, three digests, one write: the reading thread hands each block to three lanes.
//!
//! A plain `read` loop, never a memory map: a mapped source that goes away kills the process (SIGBUS).

use crate::digest::{Quick, Slow};
use model::{Digest, Digests};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

/// Size of one read.
const BLOCK_BYTES: usize = 1 << 20;
/// Blocks waiting in front of a lane.
const LANE_BLOCKS: usize = 3;
/// Blocks in the ring: a lane holds at most `LANE_BLOCKS + 1`, so the oldest is free again.
const RING_BLOCKS: usize = LANE_BLOCKS + 4;

/// Follows a copy, or a reading again, and may stop it.
pub trait Watch: Sync {
    /// Is told of bytes read since the last call.
    fn copied(&self, bytes: u64);
    /// Says whether to stop; asked once per block.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn copied(&self, _bytes: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// What one read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Bytes read and written.
    pub size: u64,
    pub digests: Digests,
    /// Whether source and target mostly waited for the slow digest: a second file could be copied beside this one.
    pub digest_bound: bool,
}

/// Why a copy stopped. The two sides are told apart: a bad source is one file's trouble, a bad target stops intake.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("cannot read the source")]
    Source(#[source] io::Error),
    #[error("cannot write the copy")]
    Target(#[source] io::Error),
    #[error("the copy was cancelled")]
    Cancelled,
}

/// Copies `source` to `target` and returns length and digests of what was read.
///
/// Durability: none. The caller runs `fdatasync` on the target, and must not retry one that failed: the kernel
/// forgets the lost pages and the next call reports success.
pub fn stage(mut source: impl Read, target: impl Write + Send, watch: &dyn Watch) -> Result<Staged, StageError> {
    let mut first = vec![0; BLOCK_BYTES];
    let filled = fill(&mut source, &mut first).map_err(StageError::Source)?;
    first.truncate(filled);
    watch.copied(filled as u64);
    if filled < BLOCK_BYTES { stage_small(&first, target) } else { stage_large(source, first, target, watch) }
}

/// Files below one block need no threads.
fn stage_small(block: &[u8], mut target: impl Write) -> Result<Staged, StageError> {
    target.write_all(block).and_then(|()| target.flush()).map_err(StageError::Target)?;
    let (mut quick, mut slow) = (Quick::new(), Slow::new());
    quick.update(block);
    slow.update(block);
    Ok(staged((block.len() as u64, false), quick.finish(), slow.finish()))
}

fn staged((size, digest_bound): (u64, bool), (blake3, sha256): (Digest, Digest), sm3: Digest) -> Staged {
    Staged { size, digests: Digests { blake3, sha256, sm3 }, digest_bound }
}

type Block = Arc<Vec<u8>>;

fn stage_large(
    source: impl Read,
    first: Vec<u8>,
    target: impl Write + Send,
    watch: &dyn Watch,
) -> Result<Staged, StageError> {
    thread::scope(|scope| {
        let (to_disk, disk_blocks) = sync_channel(LANE_BLOCKS);
        let (to_quick, quick_blocks) = sync_channel(LANE_BLOCKS);
        let (to_slow, slow_blocks) = sync_channel(LANE_BLOCKS);
        let disk = scope.spawn(move || write_lane(&disk_blocks, target));
        let quick = scope.spawn(move || {
            let mut digests = Quick::new();
            quick_blocks.iter().for_each(|block: Block| digests.update(&block));
            digests.finish()
        });
        let slow = scope.spawn(move || {
            let mut digest = Slow::new();
            slow_blocks.iter().for_each(|block: Block| digest.update(&block));
            digest.finish()
        });
        let read = feed(source, first, watch, [to_disk, to_quick, to_slow]);
        // The senders are gone, so every lane ends; the target's error outranks the reader's "lane closed".
        let wrote = disk.join().expect("the disk lane does not panic");
        let quick = quick.join().expect("the digest lane does not panic");
        let slow = slow.join().expect("the digest lane does not panic");
        wrote.map_err(StageError::Target)?;
        Ok(staged(read?, quick, slow))
    })
}

fn write_lane(blocks: &Receiver<Block>, mut target: impl Write) -> io::Result<()> {
    for block in blocks {
        target.write_all(&block)?;
    }
    target.flush()
}

/// Reads to the end, handing every block to every lane. Returns the bytes read, and whether the slow digest was what
/// the rest waited for at more than half of the blocks.
fn feed(
    mut source: impl Read,
    first: Vec<u8>,
    watch: &dyn Watch,
    [to_disk, to_quick, to_slow]: [SyncSender<Block>; 3],
) -> Result<(u64, bool), StageError> {
    let mut ring: VecDeque<Block> = VecDeque::with_capacity(RING_BLOCKS);
    let mut size = 0;
    let (mut blocks, mut waited) = (0_u64, 0_u64);
    let mut block = first;
    loop {
        let full = block.len() == BLOCK_BYTES;
        size += block.len() as u64;
        let shared = Arc::new(block);
        // A lane only closes early when the disk failed; its own error says so.
        let closed = |_| StageError::Cancelled;
        to_disk.send(Arc::clone(&shared)).map_err(closed)?;
        to_quick.send(Arc::clone(&shared)).map_err(closed)?;
        if let Err(TrySendError::Full(block)) = to_slow.try_send(Arc::clone(&shared)) {
            waited += 1;
            to_slow.send(block).map_err(closed)?;
        }
        blocks += 1;
        if !full {
            return Ok((size, waited > blocks / 2));
        }
        if watch.cancelled() {
            return Err(StageError::Cancelled);
        }
        ring.push_back(shared);
        block = free_block(&mut ring);
        block.resize(BLOCK_BYTES, 0);
        let filled = fill(&mut source, &mut block).map_err(StageError::Source)?;
        block.truncate(filled);
        watch.copied(filled as u64);
    }
}

/// Returns the oldest block of a full ring once every lane has let go of it, else a new one.
fn free_block(ring: &mut VecDeque<Block>) -> Vec<u8> {
    if ring.len() < RING_BLOCKS {
        return Vec::new();
    }
    ring.pop_front().and_then(|oldest| Arc::try_unwrap(oldest).ok()).unwrap_or_default()
}

/// Reads until the block is full or the source ends; short reads and interruptions are normal.
fn fill(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match source.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
