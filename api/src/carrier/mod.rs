//! What contexts are written into and read from.

/// Takes a context's fields: headers, message properties, a map.
pub trait TextMapWriter {
    /// Sets `key` to `value`, in place of every earlier value of `key`, whatever its case.
    fn set(&mut self, key: &str, value: &str);

    /// Removes every value of `key`, whatever its case.
    fn remove(&mut self, key: &str);
}

/// Gives a context's fields.
pub trait TextMapReader {
    /// Hands every value of `key`, whatever its case, to `each`: in order, raw.
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8]));

    /// Hands every key to `each`, for formats whose keys carry a prefix.
    fn keys<'a>(&'a self, each: &mut dyn FnMut(&'a str));
}
