//! One list member: its grammar (W3C Baggage, section "Definition") and its properties.

use std::borrow::Cow;

use super::percent;
use crate::model::carrier::field;

/// A member as it was received: key, value and properties, of which the last two are still encoded.
pub(super) struct Received<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    /// Each is well formed; white space and empty ones are still in it.
    pub(super) properties: &'a [u8],
}

/// The parts of `member`; none when any of them is outside the grammar.
pub(super) fn read(member: &[u8]) -> Option<Received<'_>> {
    let mut parts = member.splitn(2, |byte| *byte == b';');
    let (key, value) = pair(parts.next()?)?;
    let properties = parts.next().unwrap_or_default();
    let well_formed = split(properties).all(|property| read_property(property).is_some());
    well_formed.then_some(Received { key, value: value?, properties })
}

/// The properties, without white space around them and without empty ones.
pub(super) fn split(properties: &[u8]) -> impl Iterator<Item = &[u8]> {
    properties.split(|byte| *byte == b';').map(field::trim).filter(|property| !property.is_empty())
}

/// Key and, where there is one, value, still encoded.
pub(super) fn read_property(property: &[u8]) -> Option<(&str, Option<&str>)> {
    pair(property)
}

fn pair(text: &[u8]) -> Option<(&str, Option<&str>)> {
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

/// Appends `key` or `key=value` to a list of properties.
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

/// The properties of one baggage member, in order, decoded: a key and, where there is one, a value.
///
/// See [`Baggage::properties`](crate::Baggage::properties).
#[derive(Clone, Debug, Default)]
pub struct BaggageProperties<'a> {
    pub(super) rest: &'a str,
}

impl<'a> BaggageProperties<'a> {
    /// Those not yet handed out, as they travel: `key=value;key`.
    pub fn as_str(&self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for BaggageProperties<'a> {
    type Item = (&'a str, Option<Cow<'a, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (first, rest) = self.rest.split_once(';').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(match first.split_once('=') {
            Some((key, value)) => (key, Some(percent::decode(value))),
            None => (first, None),
        })
    }
}
