//! Baggage: key/value pairs that travel with the trace.

mod entry;
mod error;
mod member;
pub(crate) mod percent;

use std::fmt;

pub use self::{entry::BaggageIter, error::BaggageError, member::BaggageProperties};
use self::{
    entry::{Entries, Entry, MemberLengths},
    member::ParsedMember,
};
use crate::model::{LimitError, LimitKind, carrier::field};

/// Key/value pairs that travel in-band to all later spans of a trace, in this process and in others: [W3C Baggage].
///
/// | limit | value |
/// |---|---|
/// | key | a token of RFC 9110, section 5.6.2, because keys cannot be encoded; case-sensitive |
/// | value | any text |
/// | members | at most [64](Self::MEMBERS) |
/// | size | at most [8,192 bytes](Self::BYTES) in the header, with commas and percent-encoding |
///
/// A member that would exceed a limit is refused with an error, so that every accepted member can be sent unchanged.
///
/// Every called service receives the baggage: never put confidential data into it.
///
/// ```
/// use anytrace_api::Baggage;
///
/// let mut baggage = Baggage::new();
/// baggage.insert("tenant", "acme & sons")?;
/// baggage.insert("region", "eu-1")?;
/// assert_eq!(baggage.get("tenant"), Some("acme & sons"));
/// assert!(baggage.remove("region"));
/// assert_eq!(baggage.iter().collect::<Vec<_>>(), [("tenant", "acme & sons")]);
/// # Ok::<(), anytrace_api::errors::LimitError>(())
/// ```
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    /// Key, value and encoded properties of all members, concatenated, so that a clone needs only two allocations.
    text: String,
    members: Vec<MemberLengths>,
    /// The length of the encoded members, without the commas between them.
    bytes: usize,
}

impl Baggage {
    /// The maximum number of members: 64.
    pub const MEMBERS: usize = 64;
    /// The maximum length of the encoded baggage, in bytes: 8,192.
    pub const BYTES: usize = 8192;

    /// Creates an empty baggage.
    pub const fn new() -> Self {
        Baggage { text: String::new(), members: Vec::new(), bytes: 0 }
    }

    /// Returns the value of `key`, or else of the first key that differs in ASCII case only.
    ///
    /// Case is ignored because the keys of the first `OpenTracing` API ignored case. A received header can contain a
    /// key several times: the last value is returned, as in OpenTelemetry's baggage API.
    ///
    /// ```
    /// # use anytrace_api::Baggage;
    /// let mut baggage = Baggage::new();
    /// baggage.insert("User", "1")?;
    /// assert_eq!(baggage.get("user"), Some("1"));
    /// baggage.insert("user", "2")?;
    /// assert_eq!((baggage.get("user"), baggage.get("User")), (Some("2"), Some("1")));
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    pub fn get(&self, key: &str) -> Option<&str> {
        self.find(key).map(|entry| entry.value)
    }

    /// Returns an iterator over the properties of the member that [`get`](Self::get) finds. The iterator is empty if
    /// there is no such member.
    ///
    /// ```
    /// # use anytrace_api::Baggage;
    /// let mut baggage = Baggage::new();
    /// baggage.insert_with_properties("tenant", "acme", [("ttl", Some("3 hops")), ("signed", None)])?;
    /// let mut properties = baggage.properties("tenant");
    /// assert_eq!(properties.as_str(), "ttl=3%20hops;signed");
    /// assert_eq!(properties.next(), Some(("ttl", Some("3 hops".into()))));
    /// assert_eq!(properties.next(), Some(("signed", None)));
    /// # Ok::<(), anytrace_api::errors::LimitError>(())
    /// ```
    pub fn properties(&self, key: &str) -> BaggageProperties<'_> {
        BaggageProperties { remaining: self.find(key).map_or("", |entry| entry.properties) }
    }

    /// Sets `key` to `value`, without properties. Replaces the members with an equal key, or else appends a member.
    ///
    /// # Errors
    ///
    /// Fails if the key is not a token or if the change would exceed a limit. The baggage is unchanged then.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        self.insert_encoded(key, value, "")
    }

    /// Sets `key` to `value`, with properties: metadata about the value. Each property has a key, which is a token, and
    /// optionally a value. Otherwise this method is like [`insert`](Self::insert).
    ///
    /// # Errors
    ///
    /// Fails like [`insert`](Self::insert), and if the key of a property is not a token.
    pub fn insert_with_properties<'p>(
        &mut self,
        key: &str,
        value: &str,
        properties: impl IntoIterator<Item = (&'p str, Option<&'p str>)>,
    ) -> Result<(), LimitError> {
        let mut encoded = String::new();
        for (key, value) in properties {
            if !field::is_token(key.as_bytes()) {
                return Err(LimitError::new("baggage", LimitKind::Key, key));
            }
            member::push_property(&mut encoded, key, value);
        }
        self.insert_encoded(key, value, &encoded)
    }

    /// Removes all members with exactly this `key`. Returns true if there was such a member.
    pub fn remove(&mut self, key: &str) -> bool {
        let previous_len = self.members.len();
        while let Some(index) = self.entries().position(|entry| entry.key == key) {
            self.remove_at(index);
        }
        previous_len != self.members.len()
    }

    /// Returns an iterator over the key/value pairs, in order.
    pub fn iter(&self) -> BaggageIter<'_> {
        BaggageIter(self.entries())
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns true if there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the value of the `baggage` header.
    pub(crate) fn header(&self) -> String {
        let mut header = String::with_capacity(self.encoded_len());
        for entry in self.entries() {
            if !header.is_empty() {
                header.push(',');
            }
            header.push_str(entry.key);
            header.push('=');
            percent::encode(entry.value, &mut header);
            if !entry.properties.is_empty() {
                header.push(';');
                header.push_str(entry.properties);
            }
        }
        header
    }

    /// Adds a member from a received header. A member with an equal key stays.
    pub(crate) fn receive(&mut self, member: &[u8]) -> Received {
        let member = field::trim(member);
        if member.is_empty() {
            return Received::Nothing;
        }
        let Some(ParsedMember { key, value, properties }) = member::parse(member) else {
            return Received::Malformed;
        };
        // Bounds the work below: decoding and encoding again shortens a value to a third at best, so a longer value
        // cannot fit.
        if self.members.len() == Self::MEMBERS || key.len() > Self::BYTES || value.len() > 3 * Self::BYTES {
            return Received::OverLimit;
        }
        let mut encoded = String::new();
        for (key, value) in member::split_properties(properties).filter_map(member::parse_property) {
            member::push_property(&mut encoded, key, value.map(percent::decode).as_deref());
        }
        let value = percent::decode(value);
        match self.push(key, &value, &encoded) {
            Ok(()) => Received::Member,
            Err(_) => Received::OverLimit,
        }
    }

    /// Adds a pair from a received header of a format without properties. A member with an equal key stays.
    pub(crate) fn receive_pair(&mut self, key: &str, value: &[u8]) -> Received {
        let Ok(value) = std::str::from_utf8(value) else { return Received::Malformed };
        if !field::is_token(key.as_bytes()) || !field::is_value(value) {
            return Received::Malformed;
        }
        if self.members.len() == Self::MEMBERS || key.len() > Self::BYTES || value.len() > 3 * Self::BYTES {
            return Received::OverLimit;
        }
        match self.push(key, &percent::decode(value), "") {
            Ok(()) => Received::Member,
            Err(_) => Received::OverLimit,
        }
    }

    /// Adds the members of `other` with keys that this baggage does not have yet. Returns false if a member did not fit
    /// into the limits and was left out.
    pub(crate) fn extend(&mut self, other: &Baggage) -> bool {
        let own_len = self.members.len();
        let mut all_fit = true;
        for entry in other.entries() {
            if !self.entries().take(own_len).any(|own| own.key == entry.key) {
                all_fit &= self.push(entry.key, entry.value, entry.properties).is_ok();
            }
        }
        all_fit
    }

    fn insert_encoded(&mut self, key: &str, value: &str, properties: &str) -> Result<(), LimitError> {
        if !field::is_token(key.as_bytes()) {
            return Err(LimitError::new("baggage", LimitKind::Key, key));
        }
        let mut equal = self.entries().enumerate().filter(|(_, entry)| entry.key == key);
        let Some((index, old)) = equal.next() else {
            return self.push(key, value, properties).map_err(|kind| LimitError::new("baggage", kind, key));
        };
        let start = old.start + key.len();
        let end = start + old.value.len() + old.properties.len();
        // A received header may contain the key several times. Only the first member stays, so the bytes of the
        // duplicates are free.
        let (duplicates, freed) = equal.fold((0, old.encoded_len()), |(count, freed), (_, duplicate)| {
            (count + 1, freed + duplicate.encoded_len())
        });
        let new = Entry { start: 0, key, value, properties };
        let bytes = self.bytes - freed + new.encoded_len();
        if bytes + self.members.len() - duplicates - 1 > Self::BYTES {
            return Err(LimitError::new("baggage", LimitKind::Bytes, key));
        }
        for _ in 0..duplicates {
            if let Some(last) = self.entries().enumerate().filter(|(_, entry)| entry.key == key).last() {
                let duplicate = last.0;
                self.remove_at(duplicate);
            }
        }
        self.text.replace_range(start..end, value);
        self.text.insert_str(start + value.len(), properties);
        self.members[index] = new.lengths();
        self.bytes = bytes;
        Ok(())
    }

    fn push(&mut self, key: &str, value: &str, properties: &str) -> Result<(), LimitKind> {
        let new = Entry { start: 0, key, value, properties };
        if self.members.len() >= Self::MEMBERS {
            return Err(LimitKind::Entries);
        }
        let bytes = self.bytes + new.encoded_len();
        if bytes + self.members.len() > Self::BYTES {
            return Err(LimitKind::Bytes);
        }
        self.bytes = bytes;
        self.members.push(new.lengths());
        self.text.reserve(key.len() + value.len() + properties.len());
        for part in [key, value, properties] {
            self.text.push_str(part);
        }
        Ok(())
    }

    fn remove_at(&mut self, index: usize) {
        if let Some(entry) = self.entries().nth(index) {
            let (start, encoded) = (entry.start, entry.encoded_len());
            let end = start + entry.key.len() + entry.value.len() + entry.properties.len();
            self.bytes -= encoded;
            self.text.replace_range(start..end, "");
            self.members.remove(index);
        }
    }

    fn find(&self, key: &str) -> Option<Entry<'_>> {
        let exact = self.entries().filter(|entry| entry.key == key).last();
        exact.or_else(|| self.entries().find(|entry| entry.key.eq_ignore_ascii_case(key)))
    }

    fn entries(&self) -> Entries<'_> {
        Entries::new(&self.text, &self.members)
    }

    fn encoded_len(&self) -> usize {
        self.bytes + self.members.len().saturating_sub(1)
    }
}

/// The outcome of adding a received member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The text was empty or white space, which is not a member.
    Nothing,
    /// The member was added.
    Member,
    /// The text violates the grammar.
    Malformed,
    /// The member would exceed a limit.
    OverLimit,
}

impl<'a> IntoIterator for &'a Baggage {
    type Item = (&'a str, &'a str);
    type IntoIter = BaggageIter<'a>;

    fn into_iter(self) -> BaggageIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str) -> Baggage {
        let mut baggage = Baggage::new();
        header.as_bytes().split(|byte| *byte == b',').for_each(|member| {
            baggage.receive(member);
        });
        baggage
    }

    fn assert_len_is_exact(baggage: &Baggage) {
        assert_eq!(baggage.encoded_len(), baggage.header().len(), "{baggage:?}");
    }

    #[test]
    fn removed_and_replaced_members_are_not_counted() {
        let mut baggage = Baggage::new();
        let big = "v".repeat(8000);
        for _ in 0..3 {
            baggage.insert("big", &big).unwrap();
            baggage.insert("", "").unwrap_err();
            assert!(baggage.remove("big"));
            baggage.insert("big", "é").unwrap();
            assert_len_is_exact(&baggage);
        }
        assert!(baggage.remove("big") && !baggage.remove("big"));
        assert_eq!((baggage.encoded_len(), baggage.len()), (0, 0));
    }

    #[test]
    fn byte_limit_is_exact() {
        let mut baggage = Baggage::new();
        baggage.insert("a", &"v".repeat(4093)).unwrap();
        baggage.insert("b", &"v".repeat(8192 - 4095 - 1 - 2)).unwrap();
        assert_eq!(baggage.encoded_len(), Baggage::BYTES);
        let unchanged = baggage.clone();
        for (key, value) in [("c", ""), ("b", " ".repeat(4094).as_str()), ("a", "v".repeat(4094).as_str())] {
            assert_eq!(baggage.insert(key, value).unwrap_err().kind(), LimitKind::Bytes);
        }
        assert_eq!(baggage, unchanged);
    }

    #[test]
    fn member_limit_is_exact() {
        let mut baggage = Baggage::new();
        for n in 0..Baggage::MEMBERS {
            baggage.insert(&format!("k{n}"), "").unwrap();
        }
        assert_eq!(baggage.insert("k64", "").unwrap_err().kind(), LimitKind::Entries);
        baggage.insert("k63", "replaced").unwrap();
        assert_eq!((baggage.len(), baggage.get("k63")), (64, Some("replaced")));
    }

    #[test]
    fn replacing_keeps_the_order_and_drops_properties_and_duplicates() {
        let mut baggage = parse("a=1,b=2;p=x,c=3,b=4;q");
        assert_eq!((baggage.get("b"), baggage.properties("b").as_str()), (Some("4"), "q"));
        baggage.insert("b", "five").unwrap();
        assert_eq!(baggage.header(), "a=1,b=five,c=3");
        assert_len_is_exact(&baggage);
    }

    #[test]
    fn removing_removes_all_equal_keys() {
        let mut baggage = parse("a=1,b=2,A=3,a=4;p");
        assert!(baggage.remove("a"));
        assert_eq!(baggage.header(), "b=2,A=3");
        assert_len_is_exact(&baggage);
    }

    #[test]
    fn property_key_must_be_a_token() {
        let mut baggage = Baggage::new();
        let error = baggage.insert_with_properties("k", "v", [("p\r\nx", None)]).unwrap_err();
        assert_eq!((error.kind(), baggage.is_empty()), (LimitKind::Key, true));
    }

    #[test]
    fn extending_keeps_existing_keys_and_adds_members_that_fit() {
        let mut baggage = parse("a=1");
        assert!(baggage.extend(&parse("a=2,b=3;p,b=4")));
        assert_eq!(baggage.header(), "a=1,b=3;p,b=4");
        assert!(!baggage.extend(&parse(&format!("c={}", "v".repeat(8190)))));
        assert_len_is_exact(&baggage);
    }
}
