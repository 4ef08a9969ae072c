//! Parsing of one list member (W3C Baggage, section "Definition") and its properties.

use std::borrow::Cow;

use super::percent;
use crate::model::carrier::field;

/// A member split into its parts. Value and properties are still percent-encoded.
pub(super) struct ParsedMember<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    /// A list of well-formed properties. White space and empty properties have not been removed.
    pub(super) properties: &'a [u8],
}

/// Splits `member` into its parts. Returns `None` if any part violates the grammar.
pub(super) fn parse(member: &[u8]) -> Option<ParsedMember<'_>> {
    let mut parts = member.splitn(2, |byte| *byte == b';');
    let (key, value) = parse_pair(parts.next()?)?;
    let properties = parts.next().unwrap_or_default();
    let well_formed = split_properties(properties).all(|property| parse_property(property).is_some());
    well_formed.then_some(ParsedMember { key, value: value?, properties })
}

/// Splits a list of properties, trims each property and skips empty ones.
pub(super) fn split_properties(properties: &[u8]) -> impl Iterator<Item = &[u8]> {
    properties.split(|byte| *byte == b';').map(field::trim).filter(|property| !property.is_empty())
}

/// Returns the key and the value, if there is one, of a property. The value is still percent-encoded.
pub(super) fn parse_property(property: &[u8]) -> Option<(&str, Option<&str>)> {
    parse_pair(property)
}

fn parse_pair(text: &[u8]) -> Option<(&str, Option<&str>)> {
    let mut parts = text.splitn(2, |byte| *byte == b'=').map(field::trim);
    let key = parts.next().filter(|key| field::is_token(key))?;
    let value = match parts.next() {
        Some(value) if value.iter().all(|byte| percent::is_octet(*byte)) => {
            Some(std::str::from_utf8(value).ok()?)
        }
        Some(_) => return None,
        None => None,
    };
    Some((std::str::from_utf8(key).ok()?, value))
}

/// Appends `key` or `key=value` to a list of properties, with the value percent-encoded.
pub(super) fn push_property(properties: &mut String, key: &str, value: Option<&str>) {
    if !properties.is_empty() {
        properties.push(';');
    }
    properties.push_str(key);
    if let Some(value) = value {
        properties.push('=');
        percent::encode(value, properties);
    }
}

/// An iterator over the properties of one baggage member, in order: a key and an optional, decoded value.
///
/// See [`Baggage::properties`](crate::Baggage::properties).
#[derive(Clone, Debug, Default)]
pub struct BaggageProperties<'a> {
    pub(super) remaining: &'a str,
}

impl<'a> BaggageProperties<'a> {
    /// Returns the properties that the iterator has not returned yet, encoded as in the header: `key=value;key`.
    pub fn as_str(&self) -> &'a str {
        self.remaining
    }
}

impl<'a> Iterator for BaggageProperties<'a> {
    type Item = (&'a str, Option<Cow<'a, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.remaining.is_empty() {
            return None;
        }
        let (property, remaining) = self.remaining.split_once(';').unwrap_or((self.remaining, ""));
        self.remaining = remaining;
        Some(match property.split_once('=') {
            Some((key, value)) => (key, Some(percent::decode(value))),
            None => (property, None),
        })
    }
}
