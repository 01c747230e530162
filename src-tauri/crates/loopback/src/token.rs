use std::fs::File;
use std::io::{self, Read};

/// Where the kernel hands out randomness.
pub(crate) const SOURCE: &str = "/dev/urandom";
const TOKEN_BYTES: usize = 16;

/// Returns 128 fresh random bits as 32 hexadecimal digits.
pub(crate) fn draw() -> io::Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    File::open(SOURCE)?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns whether two texts are equal, in a time that does not tell where they differ.
pub(crate) fn same(held: &str, shown: &str) -> bool {
    held.len() == shown.len() && held.bytes().zip(shown.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_is_fresh_and_long_enough() {
        let (one, other) = (draw().unwrap(), draw().unwrap());
        assert_eq!(one.len(), 32, "128 bits are 32 digits");
        assert!(one.bytes().all(|b| b.is_ascii_hexdigit()), "a token needs no escaping in a path: {one}");
        assert_ne!(one, other, "two servers never share a token");
    }

    #[test]
    fn only_the_whole_token_is_the_same() {
        for (shown, expected) in [("a1b2", true), ("a1b3", false), ("a1b", false), ("a1b22", false), ("", false)] {
            assert_eq!(same("a1b2", shown), expected, "compared with {shown:?}");
        }
    }
}
