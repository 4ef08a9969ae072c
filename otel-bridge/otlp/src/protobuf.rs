//! Protobuf, written straight into a buffer: of the [encoding](https://protobuf.dev/programming-guides/encoding/) what
//! OTLP's spans need.
//!
//! A field that holds what it would hold anyway (zero, nothing) is left out, as proto3 has it.

/// What stands before a field's value: its number, below 16, and how the value is written.
pub(crate) const fn varint_key(field: u8) -> u8 {
    field << 3
}

/// The same, of eight bytes.
pub(crate) const fn fixed64_key(field: u8) -> u8 {
    field << 3 | 1
}

/// The same, of what is as long as it says: text, bytes, messages.
pub(crate) const fn sized_key(field: u8) -> u8 {
    field << 3 | 2
}

/// An integer, in as many bytes as it needs.
#[inline]
pub(crate) fn varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else {
        let (bytes, size) = varint_bytes(value);
        out.extend_from_slice(&bytes[..size]);
    }
}

/// How many bytes [`varint`] writes.
#[inline]
pub(crate) const fn varint_size(value: u64) -> usize {
    // Seven bits a byte, and one byte at the least.
    (70 - (value | 1).leading_zeros() as usize) / 7
}

fn varint_bytes(mut value: u64) -> ([u8; 10], usize) {
    let (mut bytes, mut size) = ([0; 10], 0);
    while value >= 0x80 {
        bytes[size] = value as u8 | 0x80;
        value >>= 7;
        size += 1;
    }
    bytes[size] = value as u8;
    (bytes, size + 1)
}

/// How many bytes a field takes whose content has `len`.
#[inline]
pub(crate) const fn sized_size(len: usize) -> usize {
    1 + varint_size(len as u64) + len
}

/// What stands before `len` bytes of content.
#[inline]
pub(crate) fn sized_head(out: &mut Vec<u8>, field: u8, len: usize) {
    let key = sized_key(field);
    if len < 0x80 {
        out.extend_from_slice(&[key, len as u8]);
    } else {
        out.push(key);
        varint(out, len as u64);
    }
}

/// A field of text or bytes, even if it is empty.
#[inline]
pub(crate) fn sized(out: &mut Vec<u8>, field: u8, content: &[u8]) {
    sized_head(out, field, content.len());
    out.extend_from_slice(content);
}

/// A field of text, unless it is empty.
#[inline]
pub(crate) fn text(out: &mut Vec<u8>, field: u8, text: &str) {
    if !text.is_empty() {
        sized(out, field, text.as_bytes());
    }
}

/// A field that is an integer, unless it is zero.
#[inline]
pub(crate) fn integer(out: &mut Vec<u8>, field: u8, value: u32) {
    if value != 0 {
        out.push(varint_key(field));
        varint(out, value.into());
    }
}

/// A field of eight bytes, unless it is zero.
#[inline]
pub(crate) fn fixed64(out: &mut Vec<u8>, field: u8, value: u64) {
    if value != 0 {
        out.push(fixed64_key(field));
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// A field whose content `write` appends. Its length comes first and is known last: it has room for as many bytes as a
/// length like `guess` takes, and where that was wrong the content is moved.
pub(crate) fn message(out: &mut Vec<u8>, field: u8, guess: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let guessed = varint_size(guess as u64);
    out.push(sized_key(field));
    let start = out.len();
    out.extend_from_slice(&[0; 10][..guessed]);
    write(out);
    let len = out.len() - start - guessed;
    let (bytes, size) = varint_bytes(len as u64);
    if size > guessed {
        out.resize(out.len() + size - guessed, 0);
    }
    if size != guessed {
        out.copy_within(start + guessed..start + guessed + len, start + size);
        out.truncate(start + size + len);
    }
    out[start..start + size].copy_from_slice(&bytes[..size]);
}

#[cfg(test)]
mod tests {
    use prost::encoding::{decode_varint, encode_varint, encoded_len_varint};

    use super::*;

    #[test]
    fn integers_are_written_as_by_others() {
        let powers = (0..64).flat_map(|bits| [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1]);
        for value in powers.chain([u64::MAX]) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            varint(&mut ours, value);
            encode_varint(value, &mut theirs);
            assert_eq!(ours, theirs, "{value}");
            assert_eq!(varint_size(value), encoded_len_varint(value), "{value}");
        }
    }

    #[test]
    fn a_wrong_guess_changes_nothing() {
        for len in [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152] {
            let content: Vec<u8> = (0..len).map(|at| at as u8).collect();
            for guess in [0, 127, 128, 16_384, 2_097_152, usize::MAX] {
                let mut out = b"before".to_vec();
                message(&mut out, 3, guess, |out| out.extend_from_slice(&content));
                let mut rest = out.strip_prefix(b"before\x1a").unwrap();
                assert_eq!(decode_varint(&mut rest), Ok(len as u64));
                assert!(rest == content, "{len} bytes, guessed {guess}");
                assert_eq!(out.len(), 6 + sized_size(len));
            }
        }
    }
}
