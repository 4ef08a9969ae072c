//! A writer that validates field names and values.

use std::fmt;

use super::{TextMapWriter, field};

/// A [`TextMapWriter`] that passes on only field names that are tokens and values of printable ASCII.
///
/// For propagators of other crates. Maps of strings do not validate their content, so a value with a line break could
/// become a separate header when the map is sent. A refused value removes the field, so that no stale value remains. A
/// refused name is ignored. [`Composite`](crate::model::Composite) uses a `CheckedWriter` for its propagators.
///
/// ```
/// use anytrace_api::propagation::{CheckedWriter, TextMapWriter};
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
    /// Wraps `carrier`.
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
    fn refused_value_removes_the_stale_value() {
        let mut carrier = vec![("a".to_owned(), "old".to_owned()), ("b".to_owned(), "unchanged".to_owned())];
        let mut writer = CheckedWriter::new(&mut carrier);
        for invalid in ["\r", "\n", "\0", "ü", "\x7f"] {
            writer.set("a", invalid);
        }
        writer.set("b\n", "x");
        writer.set("", "x");
        assert_eq!(carrier, [("b".to_owned(), "unchanged".to_owned())]);
    }
}
