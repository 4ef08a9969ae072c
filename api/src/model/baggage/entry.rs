//! Positions of the members in the text of a baggage, and iteration over them.

use std::{fmt, slice};

use super::percent;

/// The lengths of a member's parts in bytes. A `u16` holds them all: unencoded parts are no longer than encoded ones,
/// which are limited to [`Baggage::BYTES`](super::Baggage::BYTES).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct MemberLengths {
    key: u16,
    value: u16,
    properties: u16,
}

/// A member, and the index in the text at which the member begins.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) start: usize,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    pub(super) properties: &'a str,
}

impl Entry<'_> {
    /// Returns the length of the member in the header, without a comma.
    pub(super) fn encoded_len(&self) -> usize {
        let properties = if self.properties.is_empty() { 0 } else { 1 + self.properties.len() };
        self.key.len() + 1 + percent::encoded_len(self.value) + properties
    }

    pub(super) fn lengths(&self) -> MemberLengths {
        MemberLengths {
            key: self.key.len() as u16,
            value: self.value.len() as u16,
            properties: self.properties.len() as u16,
        }
    }
}

/// An iterator over the members, in order.
#[derive(Clone)]
pub(super) struct Entries<'a> {
    text: &'a str,
    start: usize,
    members: slice::Iter<'a, MemberLengths>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(text: &'a str, members: &'a [MemberLengths]) -> Self {
        Entries { text, start: 0, members: members.iter() }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let lengths = self.members.next()?;
        let start = self.start;
        let value = start + usize::from(lengths.key);
        let properties = value + usize::from(lengths.value);
        self.start = properties + usize::from(lengths.properties);
        Some(Entry {
            start,
            key: &self.text[start..value],
            value: &self.text[value..properties],
            properties: &self.text[properties..self.start],
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.members.size_hint()
    }
}

/// An iterator over the key/value pairs of a baggage, in order. See [`Baggage::iter`](super::Baggage::iter).
#[derive(Clone)]
pub struct BaggageIter<'a>(pub(super) Entries<'a>);

impl<'a> Iterator for BaggageIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key, entry.value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for BaggageIter<'_> {}

impl fmt::Debug for BaggageIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}
