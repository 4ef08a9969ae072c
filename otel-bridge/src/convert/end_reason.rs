//! The end reason of a span, as an attribute.

use anytrace_api::{EndReason, Name, Value};
use opentelemetry::KeyValue;

use super::tags;

/// The key of the attribute that holds the end reason of a span: `dropped`, `panicked`, `cancelled` or `discarded`.
/// Spans that were finished have no such attribute.
///
/// ```
/// assert_eq!(anytrace_otel_bridge::END_REASON, "anytrace.end_reason");
/// ```
pub const END_REASON: &str = EndReason::KEY;

/// Sets [`END_REASON`], unless the span was finished.
#[inline]
pub(crate) fn set_end_reason(attributes: &mut Vec<KeyValue>, reason: EndReason) {
    if reason != EndReason::Finished {
        set_abnormal(attributes, reason);
    }
}

#[cold]
fn set_abnormal(attributes: &mut Vec<KeyValue>, reason: EndReason) {
    tags::set(attributes, Name::Static(END_REASON), Value::Static(reason.as_str()));
}
