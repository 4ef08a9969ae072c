//! Key/value pairs that travel with the trace.

mod entry;
mod error;
mod member;
pub(crate) mod percent;

use std::fmt;

use self::entry::{Entries, Entry, Member};
pub use self::{entry::BaggageIter, error::BaggageError, member::BaggageProperties};
use crate::model::{LimitError, LimitKind, carrier::field};

/// Key/value pairs that travel in-band to whatever starts later, in this process and beyond: [W3C Baggage].
///
/// A key is a token of RFC 9110 (section 5.6.2), since keys cannot be encoded; its case counts. A value is any text.
/// There are at most 64 members, and at most 8192 bytes in the form that is sent, commas and percent-encoding
/// included: what fits is carried whole, what does not is refused whole, so nothing is lost on the way.
///
/// It is sent to everybody who is called. It is not the place for what only some may see.
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
/// # Ok::<(), anytrace_api::LimitError>(())
/// ```
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    /// Key, value and encoded properties of each member, all behind each other: a clone is two allocations.
    text: String,
    members: Vec<Member>,
    /// The encoded members, without the commas between them.
    bytes: usize,
}

impl Baggage {
    /// How many members there may be.
    pub const MEMBERS: usize = 64;
    /// How many bytes all members together may have when they are sent.
    pub const BYTES: usize = 8192;

    /// No member at all.
    pub const fn new() -> Self {
        Baggage { text: String::new(), members: Vec::new(), bytes: 0 }
    }

    /// The value under `key`, or else under the first key that differs in ASCII case only: the keys of the first
    /// `OpenTracing` API ignored case. Of equal keys, which only a wire can bring, the last one counts, as
    /// OpenTelemetry's baggage API has it.
    ///
    /// ```
    /// # use anytrace_api::Baggage;
    /// let mut baggage = Baggage::new();
    /// baggage.insert("User", "1")?;
    /// assert_eq!(baggage.get("user"), Some("1"));
    /// baggage.insert("user", "2")?;
    /// assert_eq!((baggage.get("user"), baggage.get("User")), (Some("2"), Some("1")));
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    pub fn get(&self, key: &str) -> Option<&str> {
        self.find(key).map(|entry| entry.value)
    }

    /// The properties of the member that [`get`](Self::get) would find; none at all is an empty iterator.
    ///
    /// ```
    /// # use anytrace_api::Baggage;
    /// let mut baggage = Baggage::new();
    /// baggage.insert_with_properties("tenant", "acme", [("ttl", Some("3 hops")), ("signed", None)])?;
    /// let mut properties = baggage.properties("tenant");
    /// assert_eq!(properties.as_str(), "ttl=3%20hops;signed");
    /// assert_eq!(properties.next(), Some(("ttl", Some("3 hops".into()))));
    /// assert_eq!(properties.next(), Some(("signed", None)));
    /// # Ok::<(), anytrace_api::LimitError>(())
    /// ```
    pub fn properties(&self, key: &str) -> BaggageProperties<'_> {
        BaggageProperties { rest: self.find(key).map_or("", |entry| entry.properties) }
    }

    /// Sets `key` to `value`: in place of an equal key, whose properties go too, or else at the end.
    ///
    /// # Errors
    ///
    /// When the key is no token, or the limits are met. The baggage is then as it was.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        self.insert_encoded(key, value, "")
    }

    /// As [`insert`](Self::insert), with properties: what is to be known about the value. Their keys are tokens as well.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert), and when the key of a property is no token.
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

    /// Removes `key`, with regard to its case; true if it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.members.len();
        while let Some(index) = self.entries().position(|entry| entry.key == key) {
            self.remove_at(index);
        }
        before != self.members.len()
    }

    /// The pairs, in order.
    pub fn iter(&self) -> BaggageIter<'_> {
        BaggageIter(self.entries())
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// There is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// As it is sent.
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

    /// Takes a member as it was received; what has the same key stays beside it.
    pub(crate) fn receive(&mut self, member: &[u8]) -> Received {
        let member = field::trim(member);
        if member.is_empty() {
            return Received::Nothing;
        }
        let Some(member::Received { key, value, properties }) = member::read(member) else {
            return Received::Malformed;
        };
        // What needed no encoding is a third as long when it is encoded anew, and never less.
        if self.members.len() == Self::MEMBERS || key.len() > Self::BYTES || value.len() > 3 * Self::BYTES {
            return Received::OverLimit;
        }
        let mut encoded = String::new();
        for (key, value) in member::split(properties).filter_map(member::read_property) {
            member::push_property(&mut encoded, key, value.map(percent::decode).as_deref());
        }
        let value = percent::decode(value);
        match self.push(key, &value, &encoded) {
            Ok(()) => Received::Member,
            Err(_) => Received::OverLimit,
        }
    }

    /// Takes a pair as it was received, in a format that knows no properties; what has the same key stays beside it.
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

    /// Adds what has a key that is not here yet, as far as it fits; false if something did not.
    pub(crate) fn extend(&mut self, other: &Baggage) -> bool {
        let mine = self.members.len();
        let mut all = true;
        for entry in other.entries() {
            if !self.entries().take(mine).any(|known| known.key == entry.key) {
                all &= self.push(entry.key, entry.value, entry.properties).is_ok();
            }
        }
        all
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
        // A wire may have brought the key more than once. All but the first go, so what they take is free.
        let (twins, freed) =
            equal.fold((0, old.encoded_len()), |sum, (_, twin)| (sum.0 + 1, sum.1 + twin.encoded_len()));
        let new = Entry { start: 0, key, value, properties };
        let bytes = self.bytes - freed + new.encoded_len();
        if bytes + self.members.len() - twins - 1 > Self::BYTES {
            return Err(LimitError::new("baggage", LimitKind::Bytes, key));
        }
        for _ in 0..twins {
            if let Some(last) = self.entries().enumerate().filter(|(_, entry)| entry.key == key).last() {
                let twin = last.0;
                self.remove_at(twin);
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

/// What became of a member that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Only white space, which is no member.
    Nothing,
    Member,
    Malformed,
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

    fn received(header: &str) -> Baggage {
        let mut baggage = Baggage::new();
        header.as_bytes().split(|byte| *byte == b',').for_each(|member| {
            baggage.receive(member);
        });
        baggage
    }

    fn assert_counted(baggage: &Baggage) {
        assert_eq!(baggage.encoded_len(), baggage.header().len(), "{baggage:?}");
    }

    #[test]
    fn what_is_removed_or_replaced_is_no_longer_counted() {
        let mut baggage = Baggage::new();
        let big = "v".repeat(8000);
        for _ in 0..3 {
            baggage.insert("big", &big).unwrap();
            baggage.insert("", "").unwrap_err();
            assert!(baggage.remove("big"));
            baggage.insert("big", "é").unwrap();
            assert_counted(&baggage);
        }
        assert!(baggage.remove("big") && !baggage.remove("big"));
        assert_eq!((baggage.encoded_len(), baggage.len()), (0, 0));
    }

    #[test]
    fn the_limit_on_bytes_is_exact() {
        let mut baggage = Baggage::new();
        baggage.insert("a", &"v".repeat(4093)).unwrap();
        baggage.insert("b", &"v".repeat(8192 - 4095 - 1 - 2)).unwrap();
        assert_eq!(baggage.encoded_len(), Baggage::BYTES);
        let before = baggage.clone();
        for (key, value) in [("c", ""), ("b", " ".repeat(4094).as_str()), ("a", "v".repeat(4094).as_str())] {
            assert_eq!(baggage.insert(key, value).unwrap_err().kind(), LimitKind::Bytes);
        }
        assert_eq!(baggage, before);
    }

    #[test]
    fn the_limit_on_members_is_exact() {
        let mut baggage = Baggage::new();
        for n in 0..Baggage::MEMBERS {
            baggage.insert(&format!("k{n}"), "").unwrap();
        }
        assert_eq!(baggage.insert("k64", "").unwrap_err().kind(), LimitKind::Entries);
        baggage.insert("k63", "replaced").unwrap();
        assert_eq!((baggage.len(), baggage.get("k63")), (64, Some("replaced")));
    }

    #[test]
    fn replacing_keeps_the_place_and_drops_properties_and_twins() {
        let mut baggage = received("a=1,b=2;p=x,c=3,b=4;q");
        assert_eq!((baggage.get("b"), baggage.properties("b").as_str()), (Some("4"), "q"));
        baggage.insert("b", "five").unwrap();
        assert_eq!(baggage.header(), "a=1,b=five,c=3");
        assert_counted(&baggage);
    }

    #[test]
    fn removing_takes_all_equal_keys() {
        let mut baggage = received("a=1,b=2,A=3,a=4;p");
        assert!(baggage.remove("a"));
        assert_eq!(baggage.header(), "b=2,A=3");
        assert_counted(&baggage);
    }

    #[test]
    fn no_property_that_is_no_token_gets_in() {
        let mut baggage = Baggage::new();
        let error = baggage.insert_with_properties("k", "v", [("p\r\nx", None)]).unwrap_err();
        assert_eq!((error.kind(), baggage.is_empty()), (LimitKind::Key, true));
    }

    #[test]
    fn extending_keeps_what_is_there_and_what_fits() {
        let mut baggage = received("a=1");
        assert!(baggage.extend(&received("a=2,b=3;p,b=4")));
        assert_eq!(baggage.header(), "a=1,b=3;p,b=4");
        assert!(!baggage.extend(&received(&format!("c={}", "v".repeat(8190)))));
        assert_counted(&baggage);
    }
}
