//! Percent-encoding of values: W3C Baggage, section "value", and RFC 3986, section 2.1.

use std::borrow::Cow;

/// Returns true for a `baggage-octet`: a byte that an encoded value may contain.
pub(super) fn is_octet(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// Returns true for a byte that needs no encoding.
fn is_plain(byte: u8) -> bool {
    is_octet(byte) && byte != b'%'
}

/// Returns the length of `value` after encoding, in bytes.
pub(super) fn encoded_len(value: &str) -> usize {
    value.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum()
}

/// Appends `value` to `out` and encodes only the bytes that must be encoded.
pub(super) fn encode(value: &str, out: &mut String) {
    encode_unless(is_plain, value, out);
}

/// Appends `value` to `out` and encodes every byte that is not unreserved (RFC 3986, section 2.3).
pub(crate) fn encode_component(value: &str, out: &mut String) {
    encode_unless(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), value, out);
}

fn encode_unless(is_plain: impl Fn(u8) -> bool, value: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// Decodes `value`.
///
/// A `%` that is not followed by two hexadecimal digits stays unchanged. Bytes that are not UTF-8 become U+FFFD, as in
/// [`String::from_utf8_lossy`].
pub(crate) fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut remaining = value.as_bytes();
    while let [first, following @ ..] = remaining {
        let digits = if let [high, low, ..] = following { digit(*high).zip(digit(*low)) } else { None };
        if let (b'%', Some((high, low))) = (first, digits) {
            bytes.push(high << 4 | low);
            remaining = &following[2..];
        } else {
            bytes.push(*first);
            remaining = following;
        }
    }
    Cow::Owned(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// Returns the value of a hexadecimal digit. Upper and lower case are equivalent here (RFC 3986, section 2.1).
fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_undoes_encoding() {
        for value in ["", "a b", "100%", "%41", "a\r\n\0\x7f", "ü🚢e\u{301}", "\"\\,;="] {
            let mut encoded = String::new();
            encode(value, &mut encoded);
            assert_eq!(encoded.len(), encoded_len(value));
            assert!(encoded.bytes().all(is_octet), "{encoded}");
            assert_eq!(decode(&encoded), value);
            let mut encoded = String::new();
            encode_component(value, &mut encoded);
            assert_eq!(decode(&encoded), value);
        }
    }
}
