//! Carriers that check or count how a format uses them.

use std::cell::Cell;

use anytrace_api::propagation::{TextMapReader, TextMapWriter};

/// Parses lines of the form `name: value`. Lines without a name are skipped. Values may be any bytes except line feeds.
pub fn headers(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((std::str::from_utf8(&line[..colon]).ok()?.to_owned(), line[colon + 1..].to_vec()))
    };
    text.split(|byte| *byte == b'\n').filter_map(header).collect()
}

/// A writer that checks outgoing headers: names are lower-case tokens, values are printable ASCII without surrounding
/// white space, and no name is set twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrictCarrier(
    /// The written headers, in order.
    pub Vec<(String, String)>,
);

impl TextMapWriter for StrictCarrier {
    fn set(&mut self, key: &str, value: &str) {
        let token = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
        };
        assert!(!key.is_empty() && key.bytes().all(token), "{key:?}");
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{value:?}");
        assert_eq!(value.trim(), value, "surrounding white space would be trimmed");
        assert!(!self.0.iter().any(|(known, _)| known == key), "{key} is set twice");
        self.0.push((key.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.0.retain(|(name, _)| !name.starts_with(prefix));
    }
}

/// A reader that counts the lookups in a carrier.
#[derive(Debug)]
pub struct CountingReader<R> {
    carrier: R,
    lookups: Cell<usize>,
}

impl<R> CountingReader<R> {
    /// Creates a counting reader around `carrier`.
    pub fn new(carrier: R) -> Self {
        CountingReader { carrier, lookups: Cell::new(0) }
    }

    /// Returns the number of lookups so far. Each lookup walks over the carrier at most once.
    pub fn lookups(&self) -> usize {
        self.lookups.get()
    }

    fn counted(&self) -> &R {
        self.lookups.set(self.lookups.get() + 1);
        &self.carrier
    }
}

impl<R: TextMapReader> TextMapReader for CountingReader<R> {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        self.counted().values(key, each);
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.counted().fields_with_prefix(prefix, each);
    }
}
