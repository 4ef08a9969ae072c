//! Headers that carry a short text.

use http::{HeaderMap, HeaderName};

/// As long as a text from a header may be.
pub(crate) const LONGEST: usize = 128;

/// The first of `names` that is there with a text that may be kept: what `accept` makes of it.
pub(crate) fn first_text<'a, T>(
    headers: &'a HeaderMap,
    names: &[HeaderName],
    accept: impl Fn(&'a str) -> Option<T>,
) -> Option<T> {
    names.iter().filter_map(|name| headers.get(name)?.to_str().ok()).find_map(accept)
}

/// A name of another service: whatever is visible and short.
pub(crate) fn service_name(text: &str) -> Option<&str> {
    let text = text.trim();
    let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|c| (b' '..=b'~').contains(&c));
    fits.then_some(text)
}
