//! Names, values and tags.

use std::borrow::Cow;

use anytrace_api::{Name, Tag, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value as OtelValue};

use super::looks::Looks;

pub(crate) fn name(name: Name<'_>) -> Cow<'static, str> {
    match name {
        Name::Static(text) => Cow::Borrowed(text),
        Name::Copied(text) => Cow::Owned(text.to_owned()),
    }
}

/// None where nothing is to be set. Integers beyond `i64` become text, bytes become base64, as OpenTelemetry's
/// specification has it for formats that lack them.
#[inline]
pub(crate) fn value(value: Value<'_>) -> Option<OtelValue> {
    Some(match value {
        Value::Absent => return None,
        Value::Bool(value) => OtelValue::Bool(value),
        Value::I64(value) => OtelValue::I64(value),
        Value::F64(value) => OtelValue::F64(value),
        Value::Static(text) => OtelValue::String(StringValue::from(text)),
        other => copied(other),
    })
}

/// What is not there as it is to be.
fn copied(value: Value<'_>) -> OtelValue {
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

/// The description of a status.
pub(crate) fn text(value: Value<'_>) -> Cow<'static, str> {
    match value {
        Value::Static(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

/// Each key once: the last value, in the place of the first.
pub(crate) fn attributes(tags: &[Tag<'_>]) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(tags.len());
    let mut looks = Looks::default();
    for tag in tags {
        if looks.is_new(tag.key.as_str()) {
            push(&mut attributes, tag.key, tag.value);
        } else {
            set(&mut attributes, tag.key, tag.value);
        }
        looks.add(tag.key.as_str());
    }
    attributes
}

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

/// For a key that is not there yet.
#[inline]
fn push(attributes: &mut Vec<KeyValue>, name: Name<'_>, new: Value<'_>) {
    if let Name::Static(name) = name {
        if attributes.len() < attributes.capacity() && push_plain(attributes, name, new) {
            return;
        }
    }
    attributes.extend(value(new).map(|value| KeyValue::new(key(name), value)));
}

/// The usual ones, for a key that is not there yet; whether it was one. They are written where they stay: made elsewhere
/// they would be read back before they are written.
#[inline]
pub(crate) fn push_plain(attributes: &mut Vec<KeyValue>, key: &'static str, new: Value<'_>) -> bool {
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
    fn every_type_arrives() {
        let texts = ["a", "b"];
        let tags = tags! {
            "bool" => true, "int" => -1, "big" => u64::MAX, "float" => 0.5, "text" => "t", "bytes" => b"\xff\x00",
            "list" => &[1_i64, 2], "texts" => &texts, "absent" => None::<i64>
        };
        let shown: Vec<_> =
            attributes(&tags).into_iter().map(|kv| format!("{}={:?}", kv.key, kv.value)).collect();
        assert_eq!(
            shown,
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
    fn of_equal_keys_the_last_value_is_kept() {
        let tags = tags! { "a" => 1, "b" => 2, "a" => 3 };
        assert_eq!(attributes(&tags), [KeyValue::new("a", 3), KeyValue::new("b", 2)]);
    }
}
