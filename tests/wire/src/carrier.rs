//! Carriers that watch the formats.

use std::cell::Cell;

use anytrace_api::propagation::{TextMapReader, TextMapWriter};

/// The headers of a text such as `name: value`, one a line; a line without a name is left out. Values are any bytes but
/// a line feed.
pub fn headers(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((std::str::from_utf8(&line[..colon]).ok()?.to_owned(), line[colon + 1..].to_vec()))
    };
    text.split(|byte| *byte == b'\n').filter_map(header).collect()
}

/// Holds the formats to what they promise of an outgoing header: a name is a token in lower case, a value is printable
/// ASCII that nobody trims, and no name is set twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clean(
    /// What was written, in order.
    pub Vec<(String, String)>,
);

impl TextMapWriter for Clean {
    fn set(&mut self, key: &str, value: &str) {
        let token = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
        };
        assert!(!key.is_empty() && key.bytes().all(token), "{key:?}");
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{value:?}");
        assert_eq!(value.trim(), value, "would not survive");
        assert!(!self.0.iter().any(|(known, _)| known == key), "{key} twice");
        self.0.push((key.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.0.retain(|(name, _)| !name.starts_with(prefix));
    }
}

/// Counts how often a carrier is asked.
#[derive(Debug)]
pub struct Counting<R> {
    carrier: R,
    questions: Cell<usize>,
}

impl<R> Counting<R> {
    /// Around `carrier`.
    pub fn new(carrier: R) -> Self {
        Counting { carrier, questions: Cell::new(0) }
    }

    /// How often it was asked so far: each time is a walk over the carrier at most.
    pub fn questions(&self) -> usize {
        self.questions.get()
    }

    fn ask(&self) -> &R {
        self.questions.set(self.questions.get() + 1);
        &self.carrier
    }
}

impl<R: TextMapReader> TextMapReader for Counting<R> {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        self.ask().values(key, each);
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.ask().fields_with_prefix(prefix, each);
    }
}
