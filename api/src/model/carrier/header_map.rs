//! The carrier `http::HeaderMap`.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{TextMapReader, TextMapWriter, field};

/// Returns the header name for `key`, if `key` is one of the W3C headers.
///
/// Parsing a `HeaderName` from text takes longer than the map operation that follows.
fn w3c_header_name(key: &str) -> Option<&'static HeaderName> {
    static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
    static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
    static BAGGAGE: HeaderName = HeaderName::from_static("baggage");
    match key {
        "traceparent" => Some(&TRACEPARENT),
        "tracestate" => Some(&TRACESTATE),
        "baggage" => Some(&BAGGAGE),
        _ => None,
    }
}

/// If the name or value is not a valid header, or if the map is full, [`set`](TextMapWriter::set) removes the header.
impl TextMapWriter for HeaderMap {
    fn set(&mut self, key: &str, value: &str) {
        let Ok(value) = HeaderValue::from_str(value) else { return TextMapWriter::remove(self, key) };
        let inserted = match w3c_header_name(key) {
            Some(name) => self.try_insert(name, value).is_ok(),
            None => {
                HeaderName::from_bytes(key.as_bytes()).is_ok_and(|name| self.try_insert(name, value).is_ok())
            }
        };
        if !inserted {
            TextMapWriter::remove(self, key);
        }
    }

    fn remove(&mut self, key: &str) {
        match w3c_header_name(key) {
            Some(name) => HeaderMap::remove(self, name),
            None => HeaderMap::remove(self, key),
        };
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        // The names are cloned, because the map cannot change while they are borrowed.
        let matching = HeaderMap::keys(self).filter(|name| field::has_prefix(name.as_str(), prefix));
        let names: Vec<HeaderName> = matching.cloned().collect();
        for name in names {
            HeaderMap::remove(self, name);
        }
    }
}

impl TextMapReader for HeaderMap {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        let values = match w3c_header_name(key) {
            Some(name) => self.get_all(name),
            None => self.get_all(key),
        };
        values.into_iter().for_each(|value| each(value.as_bytes()));
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            if field::has_prefix(name.as_str(), prefix) {
                each(name.as_str(), value.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_raw_and_in_order() {
        let mut headers = HeaderMap::new();
        headers.append("a", HeaderValue::from_static("1"));
        headers.append("A", HeaderValue::from_bytes(b"\xff").unwrap());
        let mut values = Vec::new();
        TextMapReader::values(&headers, "A", &mut |value| values.push(value));
        assert_eq!(values, [b"1", b"\xff"]);
        TextMapReader::values(&headers, "no name", &mut |_| panic!());
    }

    #[test]
    fn set_replaces_all_values_and_leaves_out_invalid_headers() {
        let mut headers = HeaderMap::new();
        headers.append("a", HeaderValue::from_static("1"));
        headers.append("a", HeaderValue::from_static("2"));
        headers.set("A", "3");
        assert_eq!(headers.get_all("a").iter().collect::<Vec<_>>(), ["3"]);
        headers.set("a", "x\r\ny: z");
        headers.set("no name", "v");
        assert!(headers.is_empty());
    }

    #[test]
    fn fields_with_a_prefix_are_read_and_removed() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("uberctx-a", "1"), ("uberctx", "2"), ("uberctx-a", "3"), ("uberctx-b", "4")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let mut fields = Vec::new();
        headers.fields_with_prefix("UberCtx-", &mut |name, value| fields.push((name, value)));
        fields.sort_unstable();
        assert_eq!(fields, [("uberctx-a", &b"1"[..]), ("uberctx-a", b"3"), ("uberctx-b", b"4")]);
        headers.remove_with_prefix("UBERCTX-");
        assert_eq!(headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["uberctx"]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "thirty thousand headers take minutes")]
    fn full_map_does_not_panic() {
        let mut headers = HeaderMap::new();
        for n in 0.. {
            let name = HeaderName::from_bytes(format!("h{n}").as_bytes()).unwrap();
            if headers.try_insert(name, HeaderValue::from_static("v")).is_err() {
                break;
            }
        }
        headers.set("traceparent", "v");
        assert!(!headers.contains_key("traceparent"));
    }
}
