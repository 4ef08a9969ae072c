//! Reads OpenTelemetry's current context, and compares contexts.

use std::ptr;

use opentelemetry::{
    Context as OtelContext,
    baggage::BaggageExt,
    trace::{SpanContext, TraceContextExt},
};

use crate::panics::catch_panic;

/// Calls `read` with the current context, which it must not replace. Returns `None` while the thread ends, and where
/// OpenTelemetry does not lend its context.
pub(super) fn with_current<R>(read: impl FnOnce(&OtelContext) -> R) -> Option<R> {
    catch_panic(|| OtelContext::map_current(read))
}

/// The addresses of the span and the baggage of a context, to tell whether another context is current. They are
/// unambiguous while the context is attached, which keeps both objects alive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct ContextMark {
    span: usize,
    baggage: usize,
}

impl ContextMark {
    pub(super) fn of(native: &OtelContext) -> Self {
        let span = if native.has_active_span() { span_address(native) } else { 0 };
        ContextMark { span, baggage: ptr::from_ref(native.baggage()).addr() }
    }
}

/// Returns the address of the active span: all contexts with the same span share one object.
fn span_address(native: &OtelContext) -> usize {
    ptr::from_ref::<SpanContext>(native.span().span_context()).addr()
}

pub(super) fn is_same_span(one: &OtelContext, other: &OtelContext) -> bool {
    one.has_active_span() && other.has_active_span() && span_address(one) == span_address(other)
}

/// Returns true if `native` has neither a valid span nor baggage.
pub(super) fn is_empty(native: &OtelContext) -> bool {
    !native.span().span_context().is_valid() && native.baggage().is_empty()
}
