//! Carriers: the text maps that contexts are injected into and extracted from.

mod checked;
pub(crate) mod field;
#[cfg(feature = "http")]
mod header_map;
mod map;
mod pairs;
mod pointers;

pub use self::checked::CheckedWriter;

/// A carrier that [`Propagator::inject`](crate::model::Propagator::inject) writes to, such as HTTP headers or message
/// properties.
///
/// Implemented for `HashMap<String, String>`, `BTreeMap<String, String>`, `Vec<(String, String)>` and, with the feature
/// `http`, `http::HeaderMap`. Implement this trait for carriers of other libraries. Field names are compared ignoring
/// ASCII case.
///
/// The propagators of this crate write only field names that are tokens and values of printable ASCII, never CR, LF or
/// NUL. [`CheckedWriter`] enforces this for propagators of other crates.
///
/// ```
/// use anytrace_api::propagation::TextMapWriter;
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::from([("TraceParent".to_owned(), "old".to_owned())]);
/// let writer: &mut dyn TextMapWriter = &mut headers;
/// writer.set("traceparent", "new");
/// assert_eq!(headers, HashMap::from([("traceparent".to_owned(), "new".to_owned())]));
/// ```
pub trait TextMapWriter {
    /// Sets the field `key` to `value`, and replaces all earlier values of this field, ignoring case.
    ///
    /// This method never fails: a carrier that cannot store the pair leaves the field out.
    fn set(&mut self, key: &str, value: &str);

    /// Removes all values of the field `key`, ignoring case.
    fn remove(&mut self, key: &str);

    /// Removes all fields with names that begin with `prefix`, ignoring case.
    ///
    /// For wire formats with one field for each baggage key. A carrier that cannot list its field names, such as a
    /// write-only message, removes nothing.
    ///
    /// ```
    /// use anytrace_api::propagation::TextMapWriter;
    ///
    /// let mut headers = vec![("UberCtx-Tenant".to_owned(), "acme".to_owned()), ("host".to_owned(), "h".to_owned())];
    /// headers.remove_with_prefix("uberctx-");
    /// assert_eq!(headers.len(), 1);
    /// ```
    fn remove_with_prefix(&mut self, prefix: &str);
}

/// A carrier that [`Propagator::extract`](crate::model::Propagator::extract) reads, such as HTTP headers or message
/// properties.
///
/// Implemented for all types that implement [`TextMapWriter`], and for slices, arrays and vectors of pairs with text or
/// byte values. Field names are compared ignoring ASCII case.
///
/// ```
/// use anytrace_api::propagation::TextMapReader;
///
/// let headers = [("baggage", "a=1"), ("host", "api.test"), ("Baggage", "b=2")];
/// let reader: &dyn TextMapReader = &headers;
/// let mut values = Vec::new();
/// reader.values("baggage", &mut |value| values.push(value));
/// assert_eq!(values, [b"a=1", b"b=2"]);
/// ```
pub trait TextMapReader {
    /// Calls `each` with each value of the field `key`, ignoring case, in order and without decoding.
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8]));

    /// Calls `each` with name and value of each field with a name that begins with `prefix`, ignoring case.
    ///
    /// For wire formats with one field for each baggage key. The values of one name are in order, and the carrier is
    /// traversed once.
    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8]));
}
