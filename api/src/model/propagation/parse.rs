//! Parsing shared by the propagators: single-valued fields and ids.

use crate::model::{SpanId, TextMapReader, TraceId, carrier::field, hex};

/// The first value of a field for which the wire format allows one value.
#[derive(Clone, Copy, Default)]
pub(super) struct SingleValue<'a> {
    /// The value without surrounding white space.
    pub(super) value: Option<&'a [u8]>,
    /// True if the carrier has further values.
    pub(super) repeated: bool,
}

pub(super) fn single_value<'a>(carrier: &'a dyn TextMapReader, name: &str) -> SingleValue<'a> {
    let mut single = SingleValue::default();
    carrier.values(name, &mut |value| {
        if single.value.is_some() {
            single.repeated = true;
        } else {
            single.value = Some(field::trim(value));
        }
    });
    single
}

/// Parses exactly 32 lower-case digits.
pub(super) fn trace_id(digits: &[u8]) -> Option<TraceId> {
    let (high, low) = digits.split_at_checked(16)?;
    TraceId::from_halves(hex::read(high)?, hex::read(low)?)
}

/// Parses exactly 16 lower-case digits.
pub(super) fn span_id(digits: &[u8]) -> Option<SpanId> {
    SpanId::from_u64(hex::read(digits)?)
}
