//! Objects of JSON.

use super::{number, string, text::quoted};

/// The members of an object, with the commas and braces they need: without a member there are no braces either,
/// unless the object is asked for.
pub(crate) struct Object<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    start: usize,
    name: &'static str,
}

impl<'a> Object<'a> {
    /// The object itself is a member `name` of another, once it has a member of its own; on its own without a name.
    pub(crate) fn new(out: &'a mut Vec<u8>, name: &'static str) -> Self {
        let start = out.len();
        Object { out, start, name }
    }

    /// Its next member is `key`.
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        self.begin();
        string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// The same for a key of ours, in which there is nothing to escape.
    #[inline]
    pub(crate) fn own_key(&mut self, key: &'static str) -> &mut Vec<u8> {
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

    /// A member that is a text.
    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        string(self.own_key(key), text);
    }

    /// A member that is an id.
    #[inline]
    pub(crate) fn id(&mut self, key: &'static str, digits: &[u8]) {
        quoted(self.own_key(key), |out| out.extend_from_slice(digits));
    }

    /// A member that is an integer.
    pub(crate) fn number(&mut self, key: &'static str, value: u64) {
        number(self.own_key(key), value);
    }

    /// A member that is an object, of which nothing is left where it has no members.
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
