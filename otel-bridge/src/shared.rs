//! What a tracer and its spans share.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use anytrace_api::{InstrumentationScope, Operation, propagation::Composite};
use opentelemetry::{
    Context as OtelContext, InstrumentationScope as OtelScope,
    trace::{SpanContext, Tracer, TracerProvider},
};

use crate::{control::Controller, ended::Aside, room::Room, start};

pub(crate) struct Shared {
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) propagator: Composite,
    pub(crate) controller: Controller,
    pub(crate) closed: AtomicBool,
    pub(crate) started: AtomicU64,
    pub(crate) finished: AtomicU64,
    pub(crate) late: AtomicU64,
    pub(crate) aside: Aside,
}

impl Shared {
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

static PANICS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Runs code of OpenTelemetry's side: samplers, processors, exporters and destructors are anybody's.
pub(crate) fn foreign<R>(work: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(work));
    if result.is_err() {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }
    result.ok()
}

/// A provider of any type.
pub(crate) trait Provider: Send + Sync {
    /// Starts a span beneath `parent`. It is put where it is to be: returned it would be moved several times.
    fn start(
        &self,
        operation: &Operation<'_>,
        start: SystemTime,
        parent: &OtelContext,
        built: &mut Option<Built>,
    );
}

pub(crate) enum Built {
    Recorded(Room),
    /// All that is left of a span that is not recorded.
    Unrecorded(SpanContext),
}

/// A tracer for each scope, in a list that only grows: origins are statics.
pub(crate) struct Tracers<P: TracerProvider> {
    provider: P,
    first: Known<P::Tracer>,
}

struct Known<T> {
    scope: Option<&'static InstrumentationScope>,
    tracer: T,
    next: OnceLock<Box<Known<T>>>,
}

impl<P: TracerProvider> Tracers<P> {
    pub(crate) fn new(provider: P) -> Self {
        let tracer = tracer(&provider, &anytrace_api::instrumentation_scope!());
        Tracers { provider, first: Known { scope: None, tracer, next: OnceLock::new() } }
    }

    fn of(&self, scope: Option<&'static InstrumentationScope>) -> &P::Tracer {
        let mut known = &self.first;
        loop {
            let is_it = match (known.scope, scope) {
                (Some(one), Some(other)) => std::ptr::eq(one, other) || one == other,
                (one, other) => one.is_none() && other.is_none(),
            };
            if is_it {
                return &known.tracer;
            }
            known = if let Some(next) = known.next.get() {
                next
            } else {
                let Some(new) = scope else { return &self.first.tracer };
                let tracer = tracer(&self.provider, new);
                // Somebody else may be quicker: theirs is looked at next, and ours goes.
                let _ = known.next.set(Box::new(Known { scope, tracer, next: OnceLock::new() }));
                match known.next.get() {
                    Some(next) => next,
                    None => return &self.first.tracer,
                }
            };
        }
    }
}

fn tracer<P: TracerProvider>(provider: &P, scope: &InstrumentationScope) -> P::Tracer {
    let otel = OtelScope::builder(scope.name);
    let otel = if scope.version.is_empty() { otel } else { otel.with_version(scope.version) };
    provider.tracer_with_scope(otel.build())
}

impl<P> Provider for Tracers<P>
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
        built: &mut Option<Built>,
    ) {
        let tracer = self.of(operation.instrumentation_scope);
        let room = Room::with(|| tracer.build_with_context(start::builder(operation, start), parent));
        *built = Some(room.map_or_else(Built::Unrecorded, Built::Recorded));
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

pub(crate) type Handle = Arc<Shared>;
