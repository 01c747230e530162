//! Memory as direct reads and writes want it.

/// What direct input and output ask of address, length and offset on every file system known to us.
pub(crate) const ALIGNMENT: usize = 4096;
/// Size of one direct read or write; long enough to keep a disk busy without read-ahead.
pub(crate) const BLOCK_BYTES: usize = 2 << 20;

/// A block of memory that begins at an aligned address.
pub(crate) struct AlignedBlock {
    memory: Vec<u8>,
    begin: usize,
    length: usize,
}

impl AlignedBlock {
    /// Makes a block for a file of `bytes`: as long as the file and one byte more, to see where it ends, and at most
    /// [`BLOCK_BYTES`].
    pub(crate) fn for_file(bytes: u64) -> Self {
        let wanted = usize::try_from(bytes).unwrap_or(BLOCK_BYTES).saturating_add(1);
        let length = wanted.min(BLOCK_BYTES).next_multiple_of(ALIGNMENT);
        let memory = vec![0; length + ALIGNMENT];
        let begin = memory.as_ptr().align_offset(ALIGNMENT);
        Self { memory, begin, length }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[self.begin..self.begin + self.length]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.begin..self.begin + self.length]
    }
}
