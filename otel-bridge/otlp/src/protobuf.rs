//! Writes protobuf directly into a buffer: the part of the
//! [encoding](https://protobuf.dev/programming-guides/encoding/) that OTLP's spans need.
//!
//! A field with its default value (zero or empty) is omitted, as in proto3.

/// Returns the key of a varint field. Field numbers are below 16.
pub(crate) const fn varint_key(field: u8) -> u8 {
    field << 3
}

/// Returns the key of a field of eight bytes.
pub(crate) const fn fixed64_key(field: u8) -> u8 {
    field << 3 | 1
}

/// Returns the key of a length-delimited field: text, bytes or a message.
pub(crate) const fn sized_key(field: u8) -> u8 {
    field << 3 | 2
}

/// Appends an integer as a varint.
#[inline]
pub(crate) fn varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else {
        let (bytes, size) = varint_bytes(value);
        out.extend_from_slice(&bytes[..size]);
    }
}

/// Returns the number of bytes that [`varint`] writes.
#[inline]
pub(crate) const fn varint_size(value: u64) -> usize {
    // Seven bits per byte, and at least one byte.
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

/// Returns the size of a length-delimited field with `len` bytes of content.
#[inline]
pub(crate) const fn sized_size(len: usize) -> usize {
    1 + varint_size(len as u64) + len
}

/// Appends the key and the length of a length-delimited field.
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

/// Appends a field of text or bytes, even if it is empty.
#[inline]
pub(crate) fn sized(out: &mut Vec<u8>, field: u8, content: &[u8]) {
    sized_head(out, field, content.len());
    out.extend_from_slice(content);
}

/// Appends a text field unless it is empty.
#[inline]
pub(crate) fn text(out: &mut Vec<u8>, field: u8, text: &str) {
    if !text.is_empty() {
        sized(out, field, text.as_bytes());
    }
}

/// Appends an integer field unless it is zero.
#[inline]
pub(crate) fn integer(out: &mut Vec<u8>, field: u8, value: u32) {
    if value != 0 {
        out.push(varint_key(field));
        varint(out, value.into());
    }
}

/// Appends a field of eight bytes unless it is zero.
#[inline]
pub(crate) fn fixed64(out: &mut Vec<u8>, field: u8, value: u64) {
    if value != 0 {
        out.push(fixed64_key(field));
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// Appends a field whose content `write` appends. The length precedes the content but is known only afterwards, so the
/// function reserves the bytes for a length of `guess`, and moves the content if the actual length needs another number.
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
    fn varints_are_those_of_prost() {
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
    fn a_wrong_guess_does_not_change_the_output() {
        for len in [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152] {
            let content: Vec<u8> = (0..len).map(|at| at as u8).collect();
            for guess in [0, 127, 128, 16_384, 2_097_152, usize::MAX] {
                let mut out = b"before".to_vec();
                message(&mut out, 3, guess, |out| out.extend_from_slice(&content));
                let mut field = out.strip_prefix(b"before\x1a").unwrap();
                assert_eq!(decode_varint(&mut field), Ok(len as u64));
                assert!(field == content, "{len} bytes, guessed {guess}");
                assert_eq!(out.len(), 6 + sized_size(len));
            }
        }
    }
}
