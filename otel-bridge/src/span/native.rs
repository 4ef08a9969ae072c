//! OpenTelemetry's context as the native context of this backend: the current span, attach, detach, suppress.

use std::{any::Any, sync::Arc};

use anytrace_api::{
    Context, SpanRef,
    backend::{AttachToken, NativeContext},
};
use opentelemetry::{Context as OtelContext, trace::TraceContextExt};

use super::{
    attach_table,
    context_value::{self, ContextValue, SpanSource},
    current_context::{self, ContextMark},
    local_span::LocalSpan,
    otel_span::{OtelSpan, Role},
    tracer_state::TracerState,
};
use crate::convert;

/// The native context of a tracer.
pub(crate) struct TracerContext(Arc<TracerState>);

impl TracerContext {
    pub(crate) fn new(state: Arc<TracerState>) -> Self {
        TracerContext(state)
    }
}

impl NativeContext for TracerContext {
    fn current(&self) -> Option<SpanRef> {
        current(&self.0)
    }

    fn suppress(&self) -> Option<AttachToken> {
        attach_table::attach(current_context::with_current(OtelContext::with_telemetry_suppressed)?)
    }

    fn changed_since(&self, token: AttachToken) -> bool {
        changed_since(token)
    }

    fn detach(&self, token: AttachToken) {
        attach_table::detach(token);
    }
}

impl NativeContext for OtelSpan {
    fn current(&self) -> Option<SpanRef> {
        current(&self.state)
    }

    /// Attaches the native context of this span with `context`. If OpenTelemetry's instrumentation is suppressed, it
    /// stays suppressed.
    fn attach(&self, context: &Context) -> Option<AttachToken> {
        let native = self.native_value(context);
        let suppressed = current_context::with_current(OtelContext::is_telemetry_suppressed).unwrap_or(false);
        let suppress = suppressed && !native.is_telemetry_suppressed();
        attach_table::attach(if suppress { native.with_telemetry_suppressed() } else { native })
    }

    fn changed_since(&self, token: AttachToken) -> bool {
        changed_since(token)
    }

    fn detach(&self, token: AttachToken) {
        attach_table::detach(token);
    }

    fn value(&self, context: &Context) -> Option<Box<dyn Any>> {
        Some(Box::new(self.native_value(context)))
    }
}

/// Returns a reference to the span that is current in OpenTelemetry, whichever code started it. `None` if
/// OpenTelemetry's current context has neither a span nor baggage.
fn current(state: &Arc<TracerState>) -> Option<SpanRef> {
    let current = current_context::with_current(|current| {
        (!current_context::is_empty(current)).then(|| current.clone())
    });
    Some(reference(state, current.flatten()?))
}

/// Returns true if the current context has another span or other baggage than the context that was attached.
fn changed_since(token: AttachToken) -> bool {
    let Some(mark) = attach_table::mark(token) else { return false };
    current_context::with_current(|current| ContextMark::of(current) != mark).unwrap_or(false)
}

/// Returns a reference to the active span of `native`.
fn reference(state: &Arc<TracerState>, native: OtelContext) -> SpanRef {
    let value = native.get::<ContextValue>();
    let context = context_value::context_of(&native, value);
    if context.span_id().is_none() {
        return SpanRef::from(context);
    }
    let same_span = value.filter(|value| value.context.ids() == context.ids());
    let live = match same_span.map(|value| &value.source) {
        Some(SpanSource::Local(attached)) => {
            OtelSpan::local(state.clone(), LocalSpan::from_attached(attached.clone()))
        }
        Some(SpanSource::NotRecorded) => OtelSpan::propagated(state, native),
        Some(SpanSource::Foreign) | None => OtelSpan::foreign(state, native),
    };
    SpanRef::new(context, Some(live))
}

impl OtelSpan {
    /// Returns the native context of this span with `context`.
    fn native_value(&self, context: &Context) -> OtelContext {
        if let Some(first) = self.native.get() {
            let is_same = ContextValue::is_current_in(first, context);
            return if is_same { first.clone() } else { ContextValue::add_to(first, context, self.source()) };
        }
        let native = match &self.role {
            Role::Local(span) => ContextValue::add_to(&span.attached().native, context, self.source()),
            Role::NotRecorded(base) => {
                let span = convert::span_context(context, convert::SAMPLED_WHEN_DEFERRED);
                let with_span = span.map(|span| base.with_remote_span_context(span));
                ContextValue::add_to(with_span.as_ref().unwrap_or(base), context, self.source())
            }
            Role::Foreign(native) if ContextValue::is_current_in(native, context) => return native.clone(),
            Role::Propagated(native) | Role::Foreign(native) => {
                ContextValue::add_to(native, context, self.source())
            }
        };
        // If another thread was faster, both contexts are valid, and only its context is reused.
        let _ = self.native.set(native.clone());
        native
    }

    fn source(&self) -> SpanSource {
        match &self.role {
            Role::Local(span) => SpanSource::Local(span.attached().clone()),
            Role::NotRecorded(_) | Role::Propagated(_) => SpanSource::NotRecorded,
            Role::Foreign(_) => SpanSource::Foreign,
        }
    }
}
