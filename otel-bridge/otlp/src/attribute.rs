//! Encodes tags as attributes: messages `KeyValue`, each with an `AnyValue` (`common/v1/common.proto`).

use anytrace_api::Value;

use crate::protobuf::{fixed64_key, sized, sized_head, sized_size, text, varint, varint_key, varint_size};

/// The fields of `KeyValue`.
const KEY: u8 = 1;
const VALUE: u8 = 2;

/// The variants of `AnyValue`. A variant is written even if its value is zero or empty.
const STRING: u8 = 1;
const BOOL: u8 = 2;
const INT: u8 = 3;
const DOUBLE: u8 = 4;
const ARRAY: u8 = 5;
const BYTES: u8 = 7;

/// The field of `ArrayValue`.
const ITEM: u8 = 1;

const BOOL_SIZE: usize = 2;
const DOUBLE_SIZE: usize = 9;

/// Appends each tag as a `field` of the message at the end of `out`. Absent values are omitted.
pub(crate) fn attributes<'a>(out: &mut Vec<u8>, field: u8, tags: impl Iterator<Item = (&'a str, Value<'a>)>) {
    for (key, value) in tags {
        attribute(out, field, key, value);
    }
}

/// Appends one tag. A `u64` above `i64::MAX`, which OTLP cannot represent, becomes a string.
pub(crate) fn attribute(out: &mut Vec<u8>, field: u8, key: &str, value: Value<'_>) {
    match value {
        Value::Absent => {}
        Value::Bool(value) => {
            head(out, field, key, BOOL_SIZE);
            bool(out, value);
        }
        Value::I64(value) => {
            head(out, field, key, int_size(value));
            int(out, value);
        }
        Value::U64(value) => match i64::try_from(value) {
            Ok(value) => attribute(out, field, key, Value::I64(value)),
            Err(_) => attribute(out, field, key, Value::Copied(&value.to_string())),
        },
        Value::F64(value) => {
            head(out, field, key, DOUBLE_SIZE);
            double(out, value);
        }
        Value::Static(text) | Value::Copied(text) => {
            head(out, field, key, sized_size(text.len()));
            string(out, text);
        }
        Value::Bytes(bytes) => {
            head(out, field, key, sized_size(bytes.len()));
            sized(out, BYTES, bytes);
        }
        Value::Bools(list) => array(out, field, key, || list.iter().copied(), |_| BOOL_SIZE, bool),
        Value::I64s(list) => array(out, field, key, || list.iter().copied(), int_size, int),
        Value::F64s(list) => array(out, field, key, || list.iter().copied(), |_| DOUBLE_SIZE, double),
        Value::Texts(list) => array(out, field, key, || list.iter(), |text| sized_size(text.len()), string),
        // New variants of `Value` are encoded as text.
        other => attribute(out, field, key, Value::Copied(&other.to_string())),
    }
}

/// Appends a `KeyValue` up to its `AnyValue`, which has `size` bytes.
#[inline]
fn head(out: &mut Vec<u8>, field: u8, key: &str, size: usize) {
    let of_key = if key.is_empty() { 0 } else { sized_size(key.len()) };
    sized_head(out, field, of_key + sized_size(size));
    text(out, KEY, key);
    sized_head(out, VALUE, size);
}

/// Appends a list. `items` is called twice, first to add up the sizes.
fn array<I: Iterator<Item: Copy>>(
    out: &mut Vec<u8>,
    field: u8,
    key: &str,
    items: impl Fn() -> I,
    size: impl Fn(I::Item) -> usize,
    write: impl Fn(&mut Vec<u8>, I::Item),
) {
    let all = items().map(|item| sized_size(size(item))).sum();
    head(out, field, key, sized_size(all));
    sized_head(out, ARRAY, all);
    for item in items() {
        sized_head(out, ITEM, size(item));
        write(out, item);
    }
}

#[inline]
fn string(out: &mut Vec<u8>, text: &str) {
    sized(out, STRING, text.as_bytes());
}

#[inline]
fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(&[varint_key(BOOL), value.into()]);
}

/// Returns the size of an integer. Negative integers are encoded as the `u64` with the same bits.
#[inline]
fn int_size(value: i64) -> usize {
    1 + varint_size(bits(value))
}

#[inline]
fn int(out: &mut Vec<u8>, value: i64) {
    out.push(varint_key(INT));
    varint(out, bits(value));
}

#[inline]
fn bits(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

#[inline]
fn double(out: &mut Vec<u8>, value: f64) {
    out.push(fixed64_key(DOUBLE));
    out.extend_from_slice(&value.to_le_bytes());
}
