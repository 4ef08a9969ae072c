//! Short texts in headers.

use http::{HeaderMap, HeaderName};

/// The maximum length, in bytes, of a text that is taken from a header.
pub(crate) const MAX_TEXT_LENGTH: usize = 128;

/// Returns the first header among `names` whose value `parse` accepts.
pub(crate) fn first_valid<'a, T>(
    headers: &'a HeaderMap,
    names: &[HeaderName],
    parse: impl Fn(&'a str) -> Option<T>,
) -> Option<T> {
    names.iter().filter_map(|name| headers.get(name)?.to_str().ok()).find_map(parse)
}

/// Parses the name of a service or endpoint: 1 to 128 printable ASCII characters.
pub(crate) fn parse_service_name(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_valid =
        (1..=MAX_TEXT_LENGTH).contains(&text.len()) && text.bytes().all(|c| (b' '..=b'~').contains(&c));
    is_valid.then_some(text)
}
