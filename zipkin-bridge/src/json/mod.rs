//! Writes JSON directly into a buffer.

mod object;
mod scan;
mod text;

use std::io::Write;

use anytrace_api::Value;
use base64::{Engine, engine::general_purpose::STANDARD};

use self::text::quoted;
pub(crate) use self::{
    object::Object,
    text::{lower_case, string, to_ascii},
};

/// Appends an integer.
pub(crate) fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a value: numbers and lists as JSON, bytes as base64, and NaN and infinities as strings.
pub(crate) fn value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Bool(value) => bool(out, value),
        Value::I64(value) => number(out, value),
        Value::U64(value) => number(out, value),
        Value::F64(value) => float(out, value),
        Value::Static(text) | Value::Copied(text) => string(out, text),
        Value::Bytes(bytes) => string(out, &STANDARD.encode(bytes)),
        Value::Bools(values) => list(out, values, |out, value| bool(out, *value)),
        Value::I64s(values) => list(out, values, |out, value| number(out, *value)),
        Value::F64s(values) => list(out, values, |out, value| float(out, *value)),
        Value::Texts(texts) => list(out, texts.iter(), string),
        // New variants of `Value` are written as text.
        value => string(out, &value.to_string()),
    }
}

/// Appends a value as a string, as tags require. `scratch` is a buffer for lists.
pub(crate) fn as_string(out: &mut Vec<u8>, of: Value<'_>, scratch: &mut Vec<u8>) {
    match of {
        // These values need no escapes.
        Value::Bool(_) | Value::I64(_) | Value::U64(_) => quoted(out, |out| value(out, of)),
        Value::F64(number) if special(number).is_none() => quoted(out, |out| float(out, number)),
        Value::Bools(_) | Value::I64s(_) | Value::F64s(_) | Value::Texts(_) => {
            scratch.clear();
            value(scratch, of);
            string(out, std::str::from_utf8(scratch).unwrap_or_default());
        }
        // The value is already written as a string.
        _ => value(out, of),
    }
}

fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Appends the shortest form that parses to the same number, always with a point or an exponent to distinguish it from an
/// integer.
fn float(out: &mut Vec<u8>, value: f64) {
    match special(value) {
        Some(name) => string(out, name),
        // Writing to a `Vec` does not fail.
        None => _ = write!(out, "{value:?}"),
    }
}

/// Returns OpenTelemetry's name for a value that JSON cannot represent as a number.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(of: Value<'_>) -> String {
        let mut out = Vec::new();
        value(&mut out, of);
        String::from_utf8(out).unwrap()
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
