//! JSON, written straight into a buffer.

use anytrace_api::Value;
use base64::{Engine, engine::general_purpose::STANDARD};

/// How a text must not end: the Zipkin server takes a body with these bytes before a quote for its old format, and
/// refuses all of it. Within a text a quote is escaped, so only the end matters.
const OLD_FORMAT: &str = "yAnnotations";

mod scan;

/// A string with its quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    match text.strip_suffix(OLD_FORMAT) {
        None => escaped(out, text),
        Some(start) => {
            escaped(out, start);
            out.extend_from_slice(b"\\u0079");
            escaped(out, &OLD_FORMAT[1..]);
        }
    }
    out.push(b'"');
}

/// A string in lower case. Where that takes no more than changing letters, it is done where they stand.
pub(crate) fn lower_case(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        out.push(b'"');
        let start = out.len();
        escaped(out, text);
        // Escapes are in lower case already.
        out[start..].make_ascii_lowercase();
        out.push(b'"');
    } else {
        string(out, &text.to_lowercase());
    }
}

/// The inside of a string: only what JSON does not allow there is escaped.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, other) = rest.split_at(scan::plain(rest));
        out.extend_from_slice(plain);
        let [byte, after @ ..] = other else { return };
        escape(out, *byte);
        rest = after;
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        control => unit(out, control.into()),
    }
}

/// The escape of any unit of UTF-16.
fn unit(out: &mut Vec<u8>, unit: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| DIGITS[usize::from(unit >> shift & 15)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// The same JSON in ASCII: whatever is beyond that is within strings, and is escaped there. For messages that are
/// compressed: the Zipkin server (3.6.1) unpacks 8 KiB at a time, and spoils each longer character at such an edge.
pub(crate) fn to_ascii(json: &mut Vec<u8>) {
    if json.is_ascii() {
        return;
    }
    // It is UTF-8: everything in it was text.
    let text = String::from_utf8(std::mem::take(json)).unwrap_or_default();
    let mut rest = text.as_str();
    while let Some((at, char)) = rest.char_indices().find(|(_, char)| !char.is_ascii()) {
        json.extend_from_slice(&rest.as_bytes()[..at]);
        char.encode_utf16(&mut [0; 2]).iter().for_each(|half| unit(json, *half));
        rest = &rest[at + char.len_utf8()..];
    }
    json.extend_from_slice(rest.as_bytes());
}

/// An integer.
pub(crate) fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// A value of JSON: numbers and lists as such, bytes in base64, what no number of JSON can be as text.
pub(crate) fn value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Bool(value) => bool(out, value),
        Value::I64(value) => number(out, value),
        Value::U64(value) => number(out, value),
        Value::F64(value) => float(out, value),
        Value::Fixed(text) | Value::Text(text) => string(out, text),
        Value::Bytes(bytes) => string(out, &STANDARD.encode(bytes)),
        Value::Bools(values) => list(out, values, |out, value| bool(out, *value)),
        Value::I64s(values) => list(out, values, |out, value| number(out, *value)),
        Value::F64s(values) => list(out, values, |out, value| float(out, *value)),
        Value::Texts(texts) => list(out, texts.iter(), string),
        // `Value` may grow: text is always right.
        value => string(out, &value.to_string()),
    }
}

/// The same as a string: what a tag holds. Lists are put together in `scratch`.
pub(crate) fn as_string(out: &mut Vec<u8>, of: Value<'_>, scratch: &mut Vec<u8>) {
    match of {
        // Nothing in them is escaped.
        Value::Bool(_) | Value::I64(_) | Value::U64(_) => quoted(out, |out| value(out, of)),
        Value::F64(number) if special(number).is_none() => quoted(out, |out| float(out, number)),
        Value::Bools(_) | Value::I64s(_) | Value::F64s(_) | Value::Texts(_) => {
            scratch.clear();
            value(scratch, of);
            string(out, std::str::from_utf8(scratch).unwrap_or_default());
        }
        // It is one already.
        _ => value(out, of),
    }
}

fn quoted(out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    inside(out);
    out.push(b'"');
}

fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Shortest form that reads back as the same number; always with a point or an exponent, to tell it from an integer.
fn float(out: &mut Vec<u8>, value: f64) {
    match special(value) {
        Some(name) => string(out, name),
        None => display(out, format_args!("{value:?}")),
    }
}

/// What JSON has no number for, as OpenTelemetry calls it.
fn special(value: f64) -> Option<&'static str> {
    match value {
        _ if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, item: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, each) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        item(out, each);
    }
    out.push(b']');
}

fn display(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing to a `Vec` does not fail.
    let _ = out.write_fmt(what);
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(of: Value<'_>) -> String {
        let mut out = Vec::new();
        value(&mut out, of);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let all: String = (0..=0x2100).filter_map(char::from_u32).collect();
        for text in [
            all.as_str(),
            "",
            "\\",
            "\"",
            "binaryAnnotations",
            "yAnnotations",
            "yAnnotations\"",
            "Annotations",
        ] {
            let json = written(Value::Text(text));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            assert!(!json.contains("yAnnotations\""), "{json}");
        }
    }

    #[test]
    fn ascii_reads_back_as_the_same_text() {
        let mut json = written(Value::Text("ä€𝄞\u{10ffff}\"and ß, at last")).into_bytes();
        to_ascii(&mut json);
        assert_eq!(json, br#""\u00e4\u20ac\ud834\udd1e\udbff\udfff\"and \u00df, at last""#);
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), "ä€𝄞\u{10ffff}\"and ß, at last");
    }

    #[test]
    fn lower_case_changes_nothing_else() {
        let all: String = (0..=0x2100).filter_map(char::from_u32).collect();
        for text in [
            all.as_str(),
            &all[..128],
            "",
            "GET /Users",
            "binaryAnnotations",
            "yAnnotations",
            "ÄyAnnotations",
        ] {
            let mut json = Vec::new();
            lower_case(&mut json, text);
            assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text.to_lowercase());
        }
    }

    #[test]
    fn numbers_are_the_same_number_after_reading() {
        for number in [0.1, -0.0, 1e300, 5e-324, 1e16, f64::MAX, 123_456_789.125] {
            let json = written(Value::F64(number));
            assert_eq!(serde_json::from_str::<f64>(&json).unwrap().to_bits(), number.to_bits(), "{json}");
        }
        assert_eq!(written(Value::U64(u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(Value::F64(f64::NAN)), "\"NaN\"");
    }
}
