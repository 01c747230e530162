//! The three digests.

use blake3::Hasher as Blake3;
use model::{Digest, Digests};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use std::io::{self, Read};

use crate::lanes::{self, StageError, Watch};

/// Returns length and digests of everything `source` gives.
pub fn digest(source: impl Read) -> io::Result<(u64, Digests)> {
    struct Silent;
    impl Watch for Silent {
        fn copied(&self, _bytes: u64) {}
        fn cancelled(&self) -> bool {
            false
        }
    }
    match lanes::stage(source, io::sink(), &Silent) {
        Ok(staged) => Ok((staged.size, staged.digests)),
        Err(StageError::Source(error) | StageError::Target(error)) => Err(error),
        Err(StageError::Cancelled) => Err(io::Error::other("nobody can cancel this read")),
    }
}

/// Returns the SHA-256 of bytes in memory.
pub fn sha256_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Returns the BLAKE3 of bytes in memory.
pub fn blake3_of(bytes: &[u8]) -> Digest {
    Digest(*blake3::hash(bytes).as_bytes())
}

/// The two quick digests, which share a lane.
pub(crate) struct Quick {
    blake3: Blake3,
    sha256: Sha256,
}

impl Quick {
    pub(crate) fn new() -> Self {
        Self { blake3: Blake3::new(), sha256: Sha256::new() }
    }

    pub(crate) fn update(&mut self, block: &[u8]) {
        self.blake3.update(block);
        self.sha256.update(block);
    }

    pub(crate) fn finish(self) -> (Digest, Digest) {
        (Digest(*self.blake3.finalize().as_bytes()), Digest(self.sha256.finalize().into()))
    }
}

/// SM3, the slow one, which has a lane of its own: each round waits for the one before it, so no implementation gets much
/// beyond half a GiB per second and core. `tests/BENCH.md` compares them.
pub(crate) struct Slow(Sm3);

impl Slow {
    pub(crate) fn new() -> Self {
        Self(Sm3::new())
    }

    pub(crate) fn update(&mut self, block: &[u8]) {
        self.0.update(block);
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// BLAKE3 alone, for comparing bytes with a digest already held.
pub(crate) struct Identity(Blake3);

impl Identity {
    pub(crate) fn new() -> Self {
        Self(Blake3::new())
    }

    pub(crate) fn update(&mut self, block: &[u8]) {
        self.0.update(block);
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}
