//! Percent-encoding of values (W3C Baggage, section "value"; RFC 3986, section 2.1): as little as must be.

use std::borrow::Cow;

/// A byte that a value may have as it is: `baggage-octet`.
pub(super) fn is_octet(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

fn is_plain(byte: u8) -> bool {
    is_octet(byte) && byte != b'%'
}

/// How long `value` is when encoded.
pub(super) fn encoded_len(value: &str) -> usize {
    value.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum()
}

/// Appends `value`, encoded.
pub(super) fn encode(value: &str, out: &mut String) {
    encode_all_but(is_plain, value, out);
}

/// Appends `value` with all encoded that is not unreserved (RFC 3986, section 2.3).
pub(crate) fn encode_component(value: &str, out: &mut String) {
    encode_all_but(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), value, out);
}

fn encode_all_but(is_plain: impl Fn(u8) -> bool, value: &str, out: &mut String) {
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

/// What `value` stands for. A `%` without two digits behind it stands for itself, and bytes that are not UTF-8
/// become U+FFFD, one per longest well-formed prefix.
pub(crate) fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = if let [high, low, ..] = behind { digit(*high).zip(digit(*low)) } else { None };
        if let (b'%', Some((high, low))) = (first, digits) {
            bytes.push(high << 4 | low);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    Cow::Owned(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// Either case is read here: the format says so.
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
