//! Baggage.

use anytrace_api::{Baggage, errors::LimitError};
use opentelemetry::baggage::{Baggage as OtelBaggage, BaggageMetadata};

pub(crate) fn to_otel(baggage: &Baggage) -> OtelBaggage {
    let mut converted = OtelBaggage::new();
    for (key, value) in baggage {
        let properties = baggage.properties(key).as_str();
        converted.insert_with_metadata(key.to_owned(), value.to_owned(), properties);
    }
    converted
}

/// In the order of their keys: the other side keeps none. What could not be sent is left out.
pub(crate) fn from_otel(baggage: &OtelBaggage) -> Baggage {
    let mut pairs: Vec<_> = baggage.iter().collect();
    pairs.sort_by(|one, other| one.0.cmp(other.0));
    let mut converted = Baggage::new();
    for (key, (value, metadata)) in pairs {
        let _ = insert(&mut converted, key.as_str(), value.as_str(), metadata);
    }
    converted
}

fn insert(into: &mut Baggage, key: &str, value: &str, metadata: &BaggageMetadata) -> Result<(), LimitError> {
    if metadata.as_str().is_empty() {
        return into.insert(key, value);
    }
    let properties: Vec<_> = metadata
        .as_str()
        .split(';')
        .map(str::trim)
        .filter(|property| !property.is_empty())
        .map(|property| match property.split_once('=') {
            Some((key, value)) => (key.trim(), Some(percent_decoded(value.trim()))),
            None => (property, None),
        })
        .collect();
    let lent = properties.iter().map(|(key, value)| (*key, value.as_deref()));
    into.insert_with_properties(key, value, lent).or_else(|_| into.insert(key, value))
}

/// The other side keeps properties as they are sent, and ours encodes them anew.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        if let Some(byte) = code {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether `other` is what [`to_otel`] made of `baggage`.
pub(crate) fn is_same(baggage: &Baggage, other: &OtelBaggage) -> bool {
    if baggage.is_empty() || other.is_empty() {
        return baggage.is_empty() && other.is_empty();
    }
    let here = |key: &str| {
        let there = other.get_with_metadata(key);
        there.is_some_and(|(value, metadata)| {
            baggage.get(key) == Some(value.as_str()) && baggage.properties(key).as_str() == metadata.as_str()
        })
    };
    // A wire may have brought a key more than once.
    other.len() <= baggage.len() && baggage.iter().all(|(key, _)| here(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baggage_comes_back_as_it_was() {
        let mut baggage = Baggage::new();
        baggage
            .insert_with_properties("tenant", "acme & sons", [("ttl", Some("3 hops")), ("x", None)])
            .unwrap();
        baggage.insert("user", "ä").unwrap();
        let there = to_otel(&baggage);
        assert!(is_same(&baggage, &there));
        assert_eq!(from_otel(&there), baggage);
        baggage.insert("user", "b").unwrap();
        assert!(!is_same(&baggage, &there) && !is_same(&Baggage::new(), &there));
        assert!(is_same(&Baggage::new(), &OtelBaggage::new()));
    }
}
