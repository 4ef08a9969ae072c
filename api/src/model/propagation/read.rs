//! What the formats share when they read.

use crate::model::{SpanId, TextMapReader, TraceId, carrier::field, hex};

/// The first value of a field that has one value only, without white space around it.
#[derive(Clone, Copy, Default)]
pub(super) struct Single<'a> {
    pub(super) value: Option<&'a [u8]>,
    /// There are more.
    pub(super) repeated: bool,
}

pub(super) fn single<'a>(carrier: &'a dyn TextMapReader, name: &str) -> Single<'a> {
    let mut found = Single::default();
    carrier.values(name, &mut |value| {
        if found.value.is_some() {
            found.repeated = true;
        } else {
            found.value = Some(field::trim(value));
        }
    });
    found
}

/// 32 digits.
pub(super) fn trace_id(digits: &[u8]) -> Option<TraceId> {
    let (high, low) = digits.split_at_checked(16)?;
    TraceId::from_halves(hex::read(high)?, hex::read(low)?)
}

/// 16 digits.
pub(super) fn span_id(digits: &[u8]) -> Option<SpanId> {
    SpanId::from_u64(hex::read(digits)?)
}
