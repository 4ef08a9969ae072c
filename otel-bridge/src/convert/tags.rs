//! Names, values and tags, as OpenTelemetry's attributes.

use std::borrow::Cow;

use anytrace_api::{Name, Tag, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value as OtelValue};

use super::key_filter::KeyFilter;

pub(crate) fn name(name: Name<'_>) -> Cow<'static, str> {
    match name {
        Name::Static(text) => Cow::Borrowed(text),
        Name::Copied(text) => Cow::Owned(text.to_owned()),
    }
}

/// Converts a value; `None` for [`Value::Absent`], which sets nothing. Integers beyond `i64` become text and bytes
/// become base64, as OpenTelemetry's specification requires for formats that lack these types.
#[inline]
pub(crate) fn value(value: Value<'_>) -> Option<OtelValue> {
    Some(match value {
        Value::Absent => return None,
        Value::Bool(value) => OtelValue::Bool(value),
        Value::I64(value) => OtelValue::I64(value),
        Value::F64(value) => OtelValue::F64(value),
        Value::Static(text) => OtelValue::String(StringValue::from(text)),
        other => converted(other),
    })
}

/// Converts the values that need an allocation or a check.
fn converted(value: Value<'_>) -> OtelValue {
    match value {
        Value::U64(value) => match i64::try_from(value) {
            Ok(value) => OtelValue::I64(value),
            Err(_) => OtelValue::String(value.to_string().into()),
        },
        Value::Copied(text) => OtelValue::String(text.to_owned().into()),
        Value::Bytes(bytes) => OtelValue::String(STANDARD.encode(bytes).into()),
        Value::Bools(list) => OtelValue::Array(Array::Bool(list.to_vec())),
        Value::I64s(list) => OtelValue::Array(Array::I64(list.to_vec())),
        Value::F64s(list) => OtelValue::Array(Array::F64(list.to_vec())),
        Value::Texts(list) => {
            let texts = list.iter().map(|text| StringValue::from(text.to_owned()));
            OtelValue::Array(Array::String(texts.collect()))
        }
        other => OtelValue::String(other.to_string().into()),
    }
}

/// Converts the description of a status.
pub(crate) fn text(value: Value<'_>) -> Cow<'static, str> {
    match value {
        Value::Static(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

/// Converts tags so that each key occurs once, with its last value at its first position.
pub(crate) fn attributes(tags: &[Tag<'_>]) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(tags.len());
    let mut filter = KeyFilter::default();
    for tag in tags {
        if filter.may_contain(tag.key.as_str()) {
            set(&mut attributes, tag.key, tag.value);
        } else {
            push(&mut attributes, tag.key, tag.value);
        }
        filter.insert(tag.key.as_str());
    }
    attributes
}

/// Sets an attribute, and replaces an existing one with the same key.
#[inline]
pub(crate) fn set(attributes: &mut Vec<KeyValue>, name: Name<'_>, new: Value<'_>) {
    match attributes.iter_mut().find(|known| known.key.as_str() == name.as_str()) {
        Some(known) => {
            if let Some(new) = value(new) {
                known.value = new;
            }
        }
        None => push(attributes, name, new),
    }
}

/// Appends an attribute whose key is not in the list yet.
#[inline]
fn push(attributes: &mut Vec<KeyValue>, name: Name<'_>, new: Value<'_>) {
    if let Name::Static(name) = name {
        if attributes.len() < attributes.capacity() && push_scalar(attributes, name, new) {
            return;
        }
    }
    attributes.extend(value(new).map(|value| KeyValue::new(key(name), value)));
}

/// Appends an attribute whose key is not in the list yet, if its value is static text or a scalar; returns false for
/// other values.
///
/// Each attribute is constructed in the vector: on the stack, a `KeyValue` would be written in parts and then read as a
/// whole, which stalls store forwarding.
#[allow(
    clippy::inline_always,
    reason = "a call costs as much as the tag, since its key and value are passed in memory"
)]
#[inline(always)]
pub(crate) fn push_scalar(attributes: &mut Vec<KeyValue>, key: &'static str, new: Value<'_>) -> bool {
    match new {
        Value::Static(text) => attributes.push(KeyValue::new(key, text)),
        Value::I64(value) => attributes.push(KeyValue::new(key, value)),
        Value::Bool(value) => attributes.push(KeyValue::new(key, value)),
        Value::F64(value) => attributes.push(KeyValue::new(key, value)),
        _ => return false,
    }
    true
}

#[inline]
fn key(name: Name<'_>) -> Key {
    match name {
        Name::Static(text) => Key::from_static_str(text),
        Name::Copied(text) => Key::from(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use anytrace_api::tags;

    use super::*;

    #[test]
    fn every_value_type_is_converted() {
        let texts = ["a", "b"];
        let tags = tags! {
            "bool" => true, "int" => -1, "big" => u64::MAX, "float" => 0.5, "text" => "t", "bytes" => b"\xff\x00",
            "list" => &[1_i64, 2], "texts" => &texts, "absent" => None::<i64>
        };
        let formatted: Vec<_> =
            attributes(&tags).into_iter().map(|kv| format!("{}={:?}", kv.key, kv.value)).collect();
        assert_eq!(
            formatted,
            [
                "bool=Bool(true)",
                "int=I64(-1)",
                r#"big=String(Owned("18446744073709551615"))"#,
                "float=F64(0.5)",
                r#"text=String(Static("t"))"#,
                r#"bytes=String(Owned("/wA="))"#,
                "list=Array(I64([1, 2]))",
                r#"texts=Array(String([Owned("a"), Owned("b")]))"#,
            ]
        );
    }

    #[test]
    fn the_last_of_equal_keys_wins() {
        let tags = tags! { "a" => 1, "b" => 2, "a" => 3 };
        assert_eq!(attributes(&tags), [KeyValue::new("a", 3), KeyValue::new("b", 2)]);
    }
}
