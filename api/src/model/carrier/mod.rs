//! What contexts are written into and read from.

mod checked;
pub(crate) mod field;
mod forward;
#[cfg(feature = "http")]
mod http;
mod map;
mod pairs;

pub use self::checked::CheckedWriter;

/// Takes a context's fields: headers, message properties, a map.
///
/// It is there for `HashMap<String, String>`, `BTreeMap<String, String>`, `Vec<(String, String)>` and, with feature
/// `http`, `http::HeaderMap`. Names are compared without regard to ASCII case.
///
/// Every format of this crate writes field names that are tokens and values that are printable ASCII, so neither CR,
/// LF, NUL nor anything that is not ASCII ever reaches a writer from them. Formats from elsewhere give no such
/// promise: a [`CheckedWriter`] holds them to it, and [`Composite`](crate::Composite) uses one.
///
/// ```
/// use anytrace_api::TextMapWriter;
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::from([("TraceParent".to_owned(), "old".to_owned())]);
/// let writer: &mut dyn TextMapWriter = &mut headers;
/// writer.set("traceparent", "new");
/// assert_eq!(headers, HashMap::from([("traceparent".to_owned(), "new".to_owned())]));
/// ```
pub trait TextMapWriter {
    /// Sets `key` to `value`, in place of every earlier value of `key`, whatever its case.
    ///
    /// It never fails: a carrier that cannot hold the pair leaves it out.
    fn set(&mut self, key: &str, value: &str);

    /// Removes every value of `key`, whatever its case.
    fn remove(&mut self, key: &str);

    /// Removes every field whose name begins with `prefix`, whatever its case: for formats that make names of keys.
    ///
    /// A carrier that cannot tell its names, such as a message that is being written, removes nothing.
    ///
    /// ```
    /// use anytrace_api::TextMapWriter;
    ///
    /// let mut headers = vec![("UberCtx-Tenant".to_owned(), "acme".to_owned()), ("host".to_owned(), "h".to_owned())];
    /// headers.remove_with_prefix("uberctx-");
    /// assert_eq!(headers.len(), 1);
    /// ```
    fn remove_with_prefix(&mut self, prefix: &str);
}

/// Gives a context's fields.
///
/// It is there for what [`TextMapWriter`] is there for, and for slices, arrays and vectors of pairs whose values are
/// text or bytes.
///
/// ```
/// use anytrace_api::TextMapReader;
///
/// let headers = [("baggage", "a=1"), ("host", "api.test"), ("Baggage", "b=2")];
/// let reader: &dyn TextMapReader = &headers;
/// let mut seen = Vec::new();
/// reader.values("baggage", &mut |value| seen.push(value));
/// assert_eq!(seen, [b"a=1", b"b=2"]);
/// ```
pub trait TextMapReader {
    /// Hands every value of `key`, whatever its case, to `each`: in order, raw.
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8]));

    /// Hands the name and the value of every field whose name begins with `prefix`, whatever its case, to `each`: for
    /// formats that make names of keys. All values of a name are in order, and all are read in one pass.
    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8]));
}
