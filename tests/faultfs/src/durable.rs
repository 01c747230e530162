//! What of a file survives a power cut.

use crate::disk_script::Cut;
use crate::noise::noise;

/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// Content of a file: as it is, as it survives, and what leads from the one to the other.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    pub now: Vec<u8>,
    pub kept: Vec<u8>,
    pub pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
pub enum Pending {
    Write { at: usize, bytes: Vec<u8> },
    Resize(usize),
}

impl Pending {
    pub fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                if to.len() < at + bytes.len() {
                    to.resize(at + bytes.len(), 0);
                }
                to[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Resize(size) => to.resize(*size, 0),
        }
    }

    /// Returns the parts of this that a disk writes at once.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write { at, bytes } = self else { return vec![self.clone()] };
        let mut parts = Vec::new();
        let (mut at, mut rest) = (*at, bytes.as_slice());
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.len().min(SECTOR_BYTES - at % SECTOR_BYTES));
            parts.push(Self::Write { at, bytes: part.to_vec() });
            at += part.len();
            rest = after;
        }
        parts
    }
}

impl Bytes {
    pub fn sync(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            pending.apply(&mut self.kept);
        }
    }

    /// Forgets what was not synced, as the kernel does after a failed write-back: only the size is still told.
    pub fn lose(&mut self) {
        self.pending.clear();
        let size = self.now.len();
        self.now.clone_from(&self.kept);
        self.now.resize(size, 0);
    }

    pub fn cut(&mut self, cut: Cut, inode: u64) {
        let parts: Vec<Pending> = self.pending.drain(..).flat_map(|pending| pending.sectors()).collect();
        // One drawn byte for each part; eight for a place among them.
        let mut survivors = vec![0; parts.len().max(8)];
        match cut {
            Cut::Clean => {}
            Cut::Torn(seed) => {
                noise(seed, inode * 8, &mut survivors[..8]);
                let drawn = survivors[..8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
                let first = drawn % (parts.len() as u64 + 1);
                parts[..first as usize].iter().for_each(|part| part.apply(&mut self.kept));
            }
            Cut::Reordered(seed) => {
                noise(seed ^ inode << 32, 0, &mut survivors);
                let survives = |index: &usize| survivors[*index] & 1 == 1;
                (0..parts.len()).filter(survives).for_each(|index| parts[index].apply(&mut self.kept));
            }
        }
        self.now.clone_from(&self.kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(writes: &[(usize, usize)]) -> Bytes {
        let mut bytes = Bytes::default();
        for (at, length) in writes {
            let pending = Pending::Write { at: *at, bytes: vec![1; *length] };
            pending.apply(&mut bytes.now);
            bytes.pending.push(pending);
        }
        bytes
    }

    #[test]
    fn a_cut_leaves_what_it_says() {
        let sectors = |bytes: &Bytes| -> Vec<bool> { bytes.kept.chunks(SECTOR_BYTES).map(|s| s[0] == 1).collect() };
        let (mut lengths, mut holes) = (std::collections::BTreeSet::new(), 0);
        for seed in 0..50 {
            let mut clean = written(&[(0, 4096)]);
            clean.cut(Cut::Clean, 2);
            assert!(clean.kept.is_empty(), "nothing that was not synced is left");
            let mut torn = written(&[(0, 2048), (2048, 2048)]);
            torn.cut(Cut::Torn(seed), 2);
            assert!(sectors(&torn).iter().all(|written| *written), "seed {seed}: a torn write has no holes");
            assert_eq!(torn.kept.len() % SECTOR_BYTES, 0, "seed {seed}: it ends with a sector");
            lengths.insert(torn.kept.len());
            let mut reordered = written(&[(0, 4096)]);
            reordered.cut(Cut::Reordered(seed), 2);
            holes += u32::from(sectors(&reordered).contains(&false));
            let mut synced = written(&[(0, 4096)]);
            synced.sync();
            synced.cut(Cut::Reordered(seed), 2);
            assert_eq!(synced.kept, [1; 4096], "seed {seed}: what was synced is there");
        }
        assert!(lengths.len() > 4, "seeds differ in where they tear: {lengths:?}");
        assert!(holes > 40, "later sectors survive without earlier ones, {holes} of 50 times");
    }

    #[test]
    fn what_a_failed_sync_lost_stays_lost() {
        let mut bytes = written(&[(0, 1000)]);
        bytes.lose();
        bytes.sync();
        assert_eq!((bytes.now, bytes.kept), (vec![0; 1000], vec![]), "the next sync has nothing to write");
    }
}
