//! JSON objects.

use super::{number, string, text::quoted};

/// A writer for the members of an object. Adds commas and braces; writes nothing for an object without members, unless
/// required.
pub(crate) struct Object<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    start: usize,
    name: &'static str,
}

impl<'a> Object<'a> {
    /// Starts an object. With a `name`, it becomes a member of another object when its first member is written.
    pub(crate) fn new(out: &'a mut Vec<u8>, name: &'static str) -> Self {
        let start = out.len();
        Object { out, start, name }
    }

    /// Appends the key of the next member, escaped.
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        self.begin();
        string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// Appends a key that needs no escapes.
    #[inline]
    pub(crate) fn plain_key(&mut self, key: &'static str) -> &mut Vec<u8> {
        self.begin();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    #[inline]
    fn begin(&mut self) {
        if self.out.len() == self.start {
            self.out.extend_from_slice(self.name.as_bytes());
            self.out.push(b'{');
        } else {
            self.out.push(b',');
        }
    }

    /// Appends a string member.
    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        string(self.plain_key(key), text);
    }

    /// Appends an id member.
    #[inline]
    pub(crate) fn id(&mut self, key: &'static str, digits: &[u8]) {
        quoted(self.plain_key(key), |out| out.extend_from_slice(digits));
    }

    /// Appends an integer member.
    pub(crate) fn number(&mut self, key: &'static str, value: u64) {
        number(self.plain_key(key), value);
    }

    /// Appends an object member, or nothing if it has no members.
    pub(crate) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut Object<'_>)) {
        let mut object = Object::new(self.out, name);
        members(&mut object);
        object.close();
    }

    pub(crate) fn close(self) {
        if self.out.len() > self.start {
            self.out.push(b'}');
        }
    }
}
