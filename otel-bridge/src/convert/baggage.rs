//! Baggage.

use anytrace_api::{Baggage, errors::LimitError};
use opentelemetry::{
    Context as OtelContext,
    baggage::{Baggage as OtelBaggage, BaggageExt, BaggageMetadata},
};

/// Returns `native` with `baggage`.
pub(crate) fn with_baggage(native: OtelContext, baggage: &Baggage) -> OtelContext {
    with_changed_baggage(&native, baggage).unwrap_or(native)
}

/// Returns `native` with `baggage`; `None` if it has the same baggage already.
pub(crate) fn with_changed_baggage(native: &OtelContext, baggage: &Baggage) -> Option<OtelContext> {
    let is_same = is_same(baggage, native.baggage());
    (!is_same).then(|| native.with_baggage(to_otel(baggage)))
}

fn to_otel(baggage: &Baggage) -> OtelBaggage {
    let mut converted = OtelBaggage::new();
    for (key, value) in baggage {
        let properties = baggage.properties(key).as_str();
        converted.insert_with_metadata(key.to_owned(), value.to_owned(), properties);
    }
    converted
}

/// Converts baggage, sorted by key, since OpenTelemetry keeps no order. Entries that could not be sent are left out.
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
    let properties = properties.iter().map(|(key, value)| (*key, value.as_deref()));
    into.insert_with_properties(key, value, properties).or_else(|_| into.insert(key, value))
}

/// Decodes a property: OpenTelemetry keeps properties percent-encoded, and [`Baggage`] encodes them itself.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut remaining = text.as_bytes();
    while let [first, after @ ..] = remaining {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        if let Some(byte) = code {
            bytes.push(byte);
            remaining = &after[2..];
        } else {
            bytes.push(*first);
            remaining = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns true if `other` equals the conversion of `baggage`.
pub(crate) fn is_same(baggage: &Baggage, other: &OtelBaggage) -> bool {
    if baggage.is_empty() || other.is_empty() {
        return baggage.is_empty() && other.is_empty();
    }
    let is_same_entry = |key: &str| {
        let entry = other.get_with_metadata(key);
        entry.is_some_and(|(value, metadata)| {
            baggage.get(key) == Some(value.as_str()) && baggage.properties(key).as_str() == metadata.as_str()
        })
    };
    // Baggage from a header can hold a key more than once.
    other.len() <= baggage.len() && baggage.iter().all(|(key, _)| is_same_entry(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baggage_survives_a_round_trip() {
        let mut baggage = Baggage::new();
        baggage
            .insert_with_properties("tenant", "acme & sons", [("ttl", Some("3 hops")), ("x", None)])
            .unwrap();
        baggage.insert("user", "ä").unwrap();
        let converted = to_otel(&baggage);
        assert!(is_same(&baggage, &converted));
        assert_eq!(from_otel(&converted), baggage);
        baggage.insert("user", "b").unwrap();
        assert!(!is_same(&baggage, &converted) && !is_same(&Baggage::new(), &converted));
        assert!(is_same(&Baggage::new(), &OtelBaggage::new()));
    }
}
