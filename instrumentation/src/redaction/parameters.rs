//! Values of sensitive keys, in queries and in fragments of the same form.

use std::borrow::Cow;

use super::{REDACTED, Replaced};

pub(super) fn redact<'a>(url: &'a str, keys: &[Box<str>]) -> Cow<'a, str> {
    let mut replaced = Replaced::new(url);
    if keys.is_empty() {
        return replaced.finish();
    }
    // Whatever may stand before a parameter: semicolons separate for some servers, and a second question mark is a
    // frequent slip when a signature is appended.
    let mut next = url.find(['?', '#']);
    while let Some(start) = next.map(|delimiter| delimiter + 1) {
        let rest = &url[start..];
        let end = rest.find(['=', '&', ';', '?', '#']).map(|end| start + end);
        next = end;
        let Some(equals) = end.filter(|end| url.as_bytes()[*end] == b'=') else { continue };
        let value = equals + 1;
        if is_sensitive(&url[start..equals], keys) {
            let end = url[value..].find(['&', '#']).map_or(url.len(), |end| value + end);
            replaced.replace(value, end, REDACTED);
            next = (end < url.len()).then_some(end);
        } else {
            next = url[value..].find(['&', ';', '?', '#']).map(|end| value + end);
        }
    }
    replaced.finish()
}

fn is_sensitive(key: &str, keys: &[Box<str>]) -> bool {
    keys.iter().any(|known| **known == *key || key.contains('%') && decodes_to(key, known))
}

fn decodes_to(encoded: &str, plain: &str) -> bool {
    let mut plain = plain.bytes();
    let mut rest = encoded.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let (byte, after) = match (first, others) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (*first, others),
            },
            _ => (*first, others),
        };
        if plain.next() != Some(byte) {
            return false;
        }
        rest = after;
    }
    plain.next().is_none()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
