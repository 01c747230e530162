/// Bytes of one generated word.
const WORD_BYTES: u64 = 8;

/// Fills `bytes` with what a generated file of this seed holds at `offset`: any place of a file of any size is made
/// at once, the same every time, and no two places or seeds are alike.
pub fn noise(seed: u64, offset: u64, bytes: &mut [u8]) {
    let mut at = offset;
    let mut rest = bytes;
    while !rest.is_empty() {
        let word = word(seed, at / WORD_BYTES).to_le_bytes();
        let skip = (at % WORD_BYTES) as usize;
        let count = rest.len().min(word.len() - skip);
        let (here, after) = rest.split_at_mut(count);
        here.copy_from_slice(&word[skip..skip + count]);
        at += count as u64;
        rest = after;
    }
}

/// splitmix64, by position.
fn word(seed: u64, index: u64) -> u64 {
    let mut state = seed.wrapping_mul(0xD1B5_4A32_D192_ED03).wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_bytes_however_it_is_reached() {
        let mut whole = vec![0; 100];
        noise(7, 0, &mut whole);
        for (from, to) in [(0, 1), (3, 8), (5, 77), (8, 16), (99, 100)] {
            let mut part = vec![0; to - from];
            noise(7, from as u64, &mut part);
            assert_eq!(part, whole[from..to], "bytes {from} to {to}");
        }
        let mut other = vec![0; 100];
        noise(8, 0, &mut other);
        assert_ne!(other, whole, "another seed is another file");
        let mut far = vec![0; 16];
        noise(7, 1 << 40, &mut far);
        assert_ne!(far, whole[..16], "a terabyte further on nothing repeats");
    }
}
