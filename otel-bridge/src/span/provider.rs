//! Starts spans with a tracer provider of any type.

use std::{sync::OnceLock, time::SystemTime};

use anytrace_api::{InstrumentationScope, Operation};
use opentelemetry::{
    Context as OtelContext,
    trace::{SpanContext, Tracer, TracerProvider},
};

use super::detached_span::DetachedSpan;
use crate::convert;

/// A tracer provider, as an object-safe trait.
pub(crate) trait Provider: Send + Sync {
    /// Starts a span whose parent is the active span of `parent`. The result is written to `started`, because a return
    /// value would be copied several times.
    fn start(
        &self,
        operation: &Operation<'_>,
        start: SystemTime,
        parent: &OtelContext,
        started: &mut Option<ProviderSpan>,
    );
}

/// A new span of a provider.
pub(crate) enum ProviderSpan {
    Recorded(DetachedSpan),
    /// The context of a span that is not recorded.
    NotRecorded(SpanContext),
}

/// A provider with one tracer per instrumentation scope. The tracers form a list that only grows, because scopes are
/// statics.
pub(crate) struct ScopedTracers<P: TracerProvider> {
    provider: P,
    first: ScopedTracer<P::Tracer>,
}

struct ScopedTracer<T> {
    /// `None` for operations without a scope.
    scope: Option<&'static InstrumentationScope>,
    tracer: T,
    next: OnceLock<Box<ScopedTracer<T>>>,
}

impl<P: TracerProvider> ScopedTracers<P> {
    pub(crate) fn new(provider: P) -> Self {
        let scope = anytrace_api::instrumentation_scope!();
        let tracer = provider.tracer_with_scope(convert::instrumentation_scope(&scope));
        ScopedTracers { provider, first: ScopedTracer { scope: None, tracer, next: OnceLock::new() } }
    }

    fn tracer(&self, scope: Option<&'static InstrumentationScope>) -> &P::Tracer {
        let mut entry = &self.first;
        loop {
            let is_same = match (entry.scope, scope) {
                (Some(one), Some(other)) => std::ptr::eq(one, other) || one == other,
                (one, other) => one.is_none() && other.is_none(),
            };
            if is_same {
                return &entry.tracer;
            }
            entry = if let Some(next) = entry.next.get() {
                next
            } else {
                let Some(new) = scope else { return &self.first.tracer };
                let tracer = self.provider.tracer_with_scope(convert::instrumentation_scope(new));
                // If another thread was faster, its entry is examined next, and this one is dropped.
                let _ = entry.next.set(Box::new(ScopedTracer { scope, tracer, next: OnceLock::new() }));
                match entry.next.get() {
                    Some(next) => next,
                    None => return &self.first.tracer,
                }
            };
        }
    }
}

impl<P> Provider for ScopedTracers<P>
where
    P: TracerProvider + Send + Sync,
    P::Tracer: Send + Sync,
    <P::Tracer as Tracer>::Span: Send + Sync + 'static,
{
    fn start(
        &self,
        operation: &Operation<'_>,
        start: SystemTime,
        parent: &OtelContext,
        started: &mut Option<ProviderSpan>,
    ) {
        let tracer = self.tracer(operation.instrumentation_scope);
        let detached = DetachedSpan::start(|| {
            tracer.build_with_context(convert::span_builder(operation, start), parent)
        });
        *started = Some(detached.map_or_else(ProviderSpan::NotRecorded, ProviderSpan::Recorded));
    }
}
