//! Finds the first byte of a text that needs an escape, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = ONES << 7;

/// Returns the number of bytes before the first one that needs an escape: a control character, a quote or a backslash.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk() {
        match first(u64::from_le_bytes(*eight)) {
            8 => at += 8,
            found => return at + found,
        }
    }
    // The last eight bytes overlap with bytes already known to be plain. A short text is read as two overlapping halves.
    let (before, word) = match (bytes.last_chunk::<8>(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(eight), ..) => (bytes.len() - 8, u64::from_le_bytes(*eight)),
        (_, Some(first), Some(last)) => return of_halves(bytes.len(), *first, *last),
        _ => (0, of_few(bytes)),
    };
    (before + first(word)).min(bytes.len())
}

/// Loads four to seven bytes.
fn of_halves(len: usize, one: [u8; 4], other: [u8; 4]) -> usize {
    let word = u64::from(u32::from_le_bytes(other)) << 32 | u64::from(u32::from_le_bytes(one));
    match first(word) {
        found @ 0..4 => found,
        found => len + found - 8,
    }
}

/// Loads up to three bytes, padded with blanks.
fn of_few(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(ONES * u64::from(b' '), |word, byte| word << 8 | u64::from(*byte))
}

/// Returns the index of the first of eight bytes that needs an escape, or 8.
///
/// The subtraction borrows from the next byte only after a match, so that all results up to the first match are correct.
fn first(word: u64) -> usize {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = zero(word ^ (ONES * u64::from(b'"')));
    let backslash = zero(word ^ (ONES * u64::from(b'\\')));
    ((control | quote | backslash) & HIGHEST).trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, one byte at a time.
    fn slowly(bytes: &[u8]) -> usize {
        let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
        bytes.iter().take_while(|byte| is_plain(byte)).count()
    }

    #[test]
    fn every_byte_in_every_place_is_found_or_plain() {
        for len in 0..40 {
            for fill in [b'a', b' ', 0x7f, 0x80, 0xff] {
                let clean = vec![fill; len];
                assert_eq!(plain(&clean), len);
                for (place, byte) in (0..len).flat_map(|place| (0..=255).map(move |byte| (place, byte))) {
                    let mut text = clean.clone();
                    text[place] = byte;
                    assert_eq!(plain(&text), slowly(&text), "{byte} at {place} of {len}");
                }
            }
        }
    }

    #[test]
    fn the_first_of_several_counts() {
        let odd = [0, 0x1f, b' ', b'!', b'"', b'#', b'[', b'\\', b']', 0x80, 0x9f, 0xa2, 0xdc];
        for (one, other) in (0..20).flat_map(|one| (0..20).map(move |other| (one, other))) {
            for (a, b) in odd.iter().flat_map(|a| odd.iter().map(move |b| (*a, *b))) {
                let mut text = [b'x'; 20];
                (text[one], text[other]) = (a, b);
                assert_eq!(plain(&text), slowly(&text), "{text:?}");
            }
        }
    }
}
