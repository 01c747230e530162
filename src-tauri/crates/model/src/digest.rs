//! Fingerprints of content: 32 bytes each, three algorithms from one read.

use std::fmt;

/// A 256-bit digest; which algorithm made it stands in the field that holds it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Returns the digest written in 64 hexadecimal digits, or `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The three fingerprints of one content, made in one read.
///
/// BLAKE3 is the identity; SHA-256 is what BagIt and strangers' tools check; SM3 (GB/T 32905) is what domestic
/// acceptance asks for (DA/T 97-2023).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    pub blake3: Digest,
    pub sha256: Digest,
    pub sm3: Digest,
}
