use std::fmt;

use super::{TextMapWriter, field};

/// Lets through only what every carrier can hold: names that are tokens, values of printable ASCII.
///
/// For formats that are not this crate's. A map of strings has no check of its own, and a value with a line break in
/// it becomes a header of its own where the map is written out. What is refused removes the field, so that no stale
/// value stays in its place.
///
/// ```
/// use anytrace_api::{CheckedWriter, TextMapWriter};
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::new();
/// let mut writer = CheckedWriter::new(&mut headers);
/// writer.set("tenant", "acme");
/// writer.set("user", "x\r\nset-cookie: y");
/// assert_eq!(headers, HashMap::from([("tenant".to_owned(), "acme".to_owned())]));
/// ```
pub struct CheckedWriter<'a>(&'a mut dyn TextMapWriter);

impl<'a> CheckedWriter<'a> {
    /// Writes into `carrier`.
    pub fn new(carrier: &'a mut dyn TextMapWriter) -> Self {
        CheckedWriter(carrier)
    }
}

#[deny(clippy::missing_trait_methods)]
impl TextMapWriter for CheckedWriter<'_> {
    fn set(&mut self, key: &str, value: &str) {
        if !field::is_token(key.as_bytes()) {
            return;
        }
        if field::is_value(value) {
            self.0.set(key, value);
        } else {
            self.0.remove(key);
        }
    }

    fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.0.remove_with_prefix(prefix);
    }
}

impl fmt::Debug for CheckedWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_leaves_no_stale_value() {
        let mut carrier = vec![("a".to_owned(), "old".to_owned()), ("b".to_owned(), "kept".to_owned())];
        let mut writer = CheckedWriter::new(&mut carrier);
        for bad in ["\r", "\n", "\0", "ü", "\x7f"] {
            writer.set("a", bad);
        }
        writer.set("b\n", "x");
        writer.set("", "x");
        assert_eq!(carrier, [("b".to_owned(), "kept".to_owned())]);
    }
}
