//! Tags as attributes.

use anytrace_api::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value as Proto};

/// None where nothing is set.
pub(super) fn attribute(key: &str, value: Value<'_>) -> Option<KeyValue> {
    let value = Some(AnyValue { value: Some(proto(value)?) });
    Some(KeyValue { key: key.to_owned(), value, ..KeyValue::default() })
}

pub(super) fn attributes<'a>(tags: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<KeyValue> {
    tags.filter_map(|(key, value)| attribute(key, value)).collect()
}

/// OTLP has a type for each but integers beyond `i64`, which become text.
fn proto(value: Value<'_>) -> Option<Proto> {
    Some(match value {
        Value::Absent => return None,
        Value::Bool(value) => Proto::BoolValue(value),
        Value::I64(value) => Proto::IntValue(value),
        Value::U64(value) => {
            i64::try_from(value).map_or_else(|_| Proto::StringValue(value.to_string()), Proto::IntValue)
        }
        Value::F64(value) => Proto::DoubleValue(value),
        Value::Fixed(text) | Value::Text(text) => Proto::StringValue(text.to_owned()),
        Value::Bytes(bytes) => Proto::BytesValue(bytes.to_vec()),
        Value::Bools(list) => array(list.iter().copied().map(Proto::BoolValue)),
        Value::I64s(list) => array(list.iter().copied().map(Proto::IntValue)),
        Value::F64s(list) => array(list.iter().copied().map(Proto::DoubleValue)),
        Value::Texts(list) => array(list.iter().map(|text| Proto::StringValue(text.to_owned()))),
        other => Proto::StringValue(other.to_string()),
    })
}

fn array(values: impl Iterator<Item = Proto>) -> Proto {
    let values = values.map(|value| AnyValue { value: Some(value) }).collect();
    Proto::ArrayValue(ArrayValue { values })
}
