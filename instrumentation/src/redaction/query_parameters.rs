//! Redacts the values of sensitive keys, in queries and in fragments with the form of a query.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{REDACTED, Replacements};

pub(super) fn redact<'a>(url: &'a str, keys: &[Box<str>]) -> Cow<'a, str> {
    let mut replacements = Replacements::new(url);
    if keys.is_empty() {
        return replacements.finish();
    }
    // Some servers separate parameters by semicolons, and a common mistake is to append a signature with a second
    // question mark.
    let mut next = url.find(['?', '#']);
    while let Some(start) = next.map(|delimiter| delimiter + 1) {
        let end = url[start..].find(['=', '&', ';', '?', '#']).map(|end| start + end);
        next = end;
        let Some(equals) = end.filter(|end| url.as_bytes()[*end] == b'=') else { continue };
        let value = equals + 1;
        if is_sensitive(&url[start..equals], keys) {
            let end = url[value..].find(['&', '#']).map_or(url.len(), |end| value + end);
            replacements.replace(value, end, REDACTED);
            next = (end < url.len()).then_some(end);
        } else {
            next = url[value..].find(['&', ';', '?', '#']).map(|end| value + end);
        }
    }
    replacements.finish()
}

fn is_sensitive(key: &str, keys: &[Box<str>]) -> bool {
    keys.iter().any(|sensitive| percent_decode_str(key).eq(sensitive.bytes()))
}
