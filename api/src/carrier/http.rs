//! The header map of every HTTP library.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{TextMapReader, TextMapWriter};

/// A name or value that is no header, and a map that is full, leave the old header out and add none.
impl TextMapWriter for HeaderMap {
    fn set(&mut self, key: &str, value: &str) {
        let pair = (HeaderName::from_bytes(key.as_bytes()), HeaderValue::from_str(value));
        let fits =
            if let (Ok(name), Ok(value)) = pair { self.try_insert(name, value).is_ok() } else { false };
        if !fits {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: &str) {
        HeaderMap::remove(self, key);
    }
}

impl TextMapReader for HeaderMap {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        for value in self.get_all(key) {
            each(value.as_bytes());
        }
    }

    fn keys<'a>(&'a self, each: &mut dyn FnMut(&'a str)) {
        for name in HeaderMap::keys(self) {
            each(name.as_str());
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
    fn setting_replaces_all_and_what_is_no_header_is_left_out() {
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
    #[cfg_attr(miri, ignore = "thirty thousand headers take minutes")]
    fn a_full_map_is_no_panic() {
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
