//! A span of OpenTelemetry as a span of this API.

use std::{
    mem,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use anytrace_api::{
    Context, Name, Operation, StartedSpan, Status, Tag, Value,
    backend::{End, NativeContext, Span, Unsupported, Update},
    propagation::{Propagator, TextMapWriter},
};
use opentelemetry::{
    Context as OtelContext,
    trace::{Status as OtelStatus, TraceContextExt},
};

use super::{
    current_context,
    local_span::LocalSpan,
    span_writer::SpanWriter,
    start,
    tracer_state::{TracerState, increment},
};
use crate::{convert, panics::catch_panic};

pub(crate) struct OtelSpan {
    pub(super) state: Arc<TracerState>,
    pub(super) role: Role,
    /// The native context of the span, once it has been requested.
    pub(super) native: OnceLock<OtelContext>,
}

/// The roles that the module documentation of [`span`](super) explains.
pub(super) enum Role {
    Local(LocalSpan),
    /// With the context in which the span was started.
    NotRecorded(OtelContext),
    /// With the context that is continued.
    Propagated(OtelContext),
    /// With the context in which the span was found.
    Foreign(OtelContext),
}

impl OtelSpan {
    #[inline]
    pub(super) fn local(state: Arc<TracerState>, span: LocalSpan) -> Arc<Self> {
        Arc::new(OtelSpan { state, role: Role::Local(span), native: OnceLock::new() })
    }

    pub(super) fn not_recorded(state: &Arc<TracerState>, base: OtelContext) -> Arc<Self> {
        Self::new(state, Role::NotRecorded(base))
    }

    pub(super) fn propagated(state: &Arc<TracerState>, native: OtelContext) -> Arc<Self> {
        Self::new(state, Role::Propagated(native))
    }

    pub(super) fn foreign(state: &Arc<TracerState>, native: OtelContext) -> Arc<Self> {
        Self::new(state, Role::Foreign(native))
    }

    fn new(state: &Arc<TracerState>, role: Role) -> Arc<Self> {
        Arc::new(OtelSpan { state: state.clone(), role, native: OnceLock::new() })
    }

    /// Calls `write` with OpenTelemetry's span, for data that is not buffered. A write after the end is counted as
    /// late.
    fn write(&self, write: impl FnOnce(SpanWriter<'_>)) {
        match &self.role {
            Role::NotRecorded(_) | Role::Propagated(_) => {}
            Role::Local(span) => {
                if let Some(None) = catch_panic(|| span.with_writer(write)) {
                    increment(&self.state.late);
                }
            }
            Role::Foreign(native) => drop(catch_panic(|| write(SpanWriter::Attached(native.span())))),
        }
    }

    /// Sets tags that may exceed the buffer.
    #[cold]
    fn set_many(&self, span: &LocalSpan, tags: &[Tag<'_>]) {
        match span.with_attributes(|attributes| attributes.set_or_return_excess(tags)) {
            None => increment(&self.state.late),
            Some(excess) if excess.is_empty() => {}
            Some(mut excess) => self.write(|mut span| span.set_attributes(&mut excess)),
        }
    }
}

impl Span for OtelSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if let Role::Local(span) = &self.role {
            if span.try_set_detached(key, value) {
                return;
            }
        }
        self.set_tags(&[Tag::new(key, value)]);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let Role::Local(span) = &self.role else {
            return self.write(|mut span| span.set_attributes(&mut convert::attributes(tags)));
        };
        match span.with_attributes(|attributes| attributes.try_set_all(tags)) {
            Some(true) => {}
            // All tags are set again, which replaces those that were set before the buffer was full.
            Some(false) => self.set_many(span, tags),
            None => increment(&self.state.late),
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        match update {
            Update::Name(name) => self.write(|mut span| span.update_name(convert::name(name))),
            Update::Event(event) => {
                let at = event.at.unwrap_or_else(SystemTime::now);
                self.write(|mut span| {
                    span.add_event(convert::name(event.name), at, convert::attributes(event.tags));
                });
            }
            Update::Link(link) => {
                if let Some(to) = convert::span_context(link.to.context(), false) {
                    self.write(|mut span| span.add_link(to, convert::attributes(link.tags)));
                }
            }
            Update::Status(status) => {
                let status = match status {
                    Status::Ok => OtelStatus::Ok,
                    Status::Error(message) => OtelStatus::Error { description: convert::text(message) },
                    _ => return Err(Unsupported),
                };
                let Role::Local(span) = &self.role else {
                    self.write(|mut span| span.set_status(status));
                    return Ok(());
                };
                if span.with_attributes(|attributes| attributes.set_status(status)).is_none() {
                    increment(&self.state.late);
                }
            }
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        let native = match &self.role {
            Role::Local(span) => &span.attached().native,
            // The sampling decision applies to the children, too.
            Role::NotRecorded(base) => {
                return start::not_recorded(&self.state, context.clone(), base.clone());
            }
            Role::Propagated(native) => {
                return start::propagate(&self.state, context.clone(), native.clone());
            }
            Role::Foreign(native) if is_not_sampled(native) => {
                return start::propagate(&self.state, context.clone(), native.clone());
            }
            Role::Foreign(native) => native,
        };
        // If this span is current in OpenTelemetry, the child starts in the current context, so that values of other
        // code are inherited.
        let current = current_context::with_current(|current| {
            current_context::is_same_span(current, native).then(|| current.clone())
        });
        let base = current.flatten().unwrap_or_else(|| native.clone());
        start::start_in(&self.state, operation, context, base)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.state.propagator.inject(context, carrier);
    }

    fn finish(mut self: Arc<Self>, end: End) {
        let is_first = match Arc::get_mut(&mut self) {
            Some(OtelSpan { state, role: Role::Local(span), .. }) => {
                span.end_exclusive(end, &state.deferred_ends)
            }
            Some(_) => false,
            None => match &self.role {
                Role::Local(span) => span.end_shared(end, &self.state.deferred_ends),
                _ => false,
            },
        };
        if is_first {
            increment(&self.state.finished);
        }
    }

    fn is_recording(&self) -> bool {
        match &self.role {
            Role::Local(span) => span.is_live(),
            Role::NotRecorded(_) | Role::Propagated(_) => false,
            Role::Foreign(native) => catch_panic(|| native.span().is_recording()).unwrap_or(false),
        }
    }

    fn native_context(&self) -> Option<&dyn NativeContext> {
        Some(self)
    }
}

/// Returns true if the sampler has decided against the active span of `native`, and this process started it.
fn is_not_sampled(native: &OtelContext) -> bool {
    let span = native.span();
    let span = span.span_context();
    !span.is_sampled() && !span.is_remote()
}

/// Drops OpenTelemetry's values where a panic is caught: the last reference to a foreign span can end it, and then the
/// processors run.
impl Drop for OtelSpan {
    fn drop(&mut self) {
        if let Role::Local(span) = &mut self.role {
            if span.is_released() {
                return;
            }
        }
        catch_panic(|| {
            drop(self.native.take());
            match &mut self.role {
                Role::Local(span) => span.release(),
                Role::NotRecorded(native) | Role::Propagated(native) | Role::Foreign(native) => {
                    drop(mem::take(native));
                }
            }
        });
    }
}
